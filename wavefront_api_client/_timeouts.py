"""How long a call may take: reads every way of writing a time limit into one value."""

from __future__ import annotations

from threading import TIMEOUT_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Protocol, Union

    class Urllib3Timeout(Protocol):
        """What is read of a `urllib3.Timeout`."""

        total: object

        @property
        def connect_timeout(self) -> object: ...

        @property
        def read_timeout(self) -> object: ...

        def clone(self) -> Urllib3Timeout: ...

    Seconds = Optional[float]
    RequestTimeout = Union[Seconds, tuple[Seconds, Seconds], Urllib3Timeout]


class Timeouts:
    """Time limits in seconds; None is no limit.

    :param connect: to open the connection, TLS included.
    :param read: from sending the request to the last byte of its answer.
    :param total: for the whole call, retries and waits between them included.
    """

    __slots__ = ("connect", "read", "total")

    def __init__(self, connect: Seconds, read: Seconds, total: Seconds) -> None:
        self.connect = connect
        self.read = read
        self.total = total


def parse_timeout(value: RequestTimeout) -> Timeouts:
    """Read a time limit.

    :param value: seconds for the whole call, a pair of seconds (connect, read), a
        `urllib3.Timeout`, or None for no limit.
    :raises TypeError: the value is of another type.
    :raises ValueError: a limit is not above zero, not finite, or there are not two in the pair.
    """
    if value is None:
        return Timeouts(None, None, None)
    if isinstance(value, (tuple, list)):
        return _from_pair(value)
    if not isinstance(value, (int, float)) and hasattr(value, "connect_timeout"):
        return _from_urllib3(value)
    seconds = _seconds(value)
    return Timeouts(seconds, seconds, seconds)


def _from_pair(pair: tuple[object, ...] | list[object]) -> Timeouts:
    if len(pair) != 2:
        raise ValueError(
            f"a timeout is seconds or a (connect, read) pair of seconds, not {len(pair)} values"
        )
    return Timeouts(_limit(pair[0]), _limit(pair[1]), None)


def _from_urllib3(timeout: Urllib3Timeout) -> Timeouts:
    parts = timeout.clone()
    # With a total, it would tell how much of that is left, once its clock runs.
    parts.total = None
    return Timeouts(
        _limit_if_given(timeout.connect_timeout),
        _limit_if_given(parts.read_timeout),
        _limit_if_given(timeout.total),
    )


def _limit_if_given(value: object) -> Seconds:
    """A limit of a `urllib3.Timeout`; its own marker for "none given" is no number."""
    return _seconds(value) if isinstance(value, (int, float)) else None


def _limit(value: object) -> Seconds:
    return None if value is None else _seconds(value)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(
            "a timeout is seconds, a (connect, read) pair of seconds or a urllib3.Timeout,"
            f" not {type(value).__name__}"
        )
    if not 0 < value <= TIMEOUT_MAX:
        raise ValueError(f"a timeout must be a finite number of seconds above 0, not {value!r}")
    return value


def parse_idle(value: float | None) -> float | None:
    """Read how long a connection may be idle.

    :param value: seconds, 0 for not at all, or None for any time.
    :raises TypeError: the value is no number.
    :raises ValueError: the value is negative or not finite.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"max_idle_before_post is seconds or None, not {type(value).__name__}")
    if not 0 <= value <= TIMEOUT_MAX:
        raise ValueError(f"max_idle_before_post must be finite and not negative, not {value!r}")
    return value
