"""How long a call may take, in every way of writing it; and other bounds."""

from __future__ import annotations

from enum import Enum
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any, Final, Optional, Union

if TYPE_CHECKING:
    from urllib3 import Timeout as Urllib3Timeout
else:
    Urllib3Timeout = Any

Seconds = Optional[float]

TIMEOUT = "a timeout is seconds above 0, a (connect, read) pair of them or a urllib3.Timeout"

# Methods without a body, which may be redirected; a change is never redirected.
FETCHING_METHODS = frozenset({"GET", "HEAD"})

# Bytes of a body that an exception keeps.
LONGEST_PART = 1024 * 1024


class NotGiven(Enum):
    """The type of NOT_GIVEN; it has no other instance."""

    NOT_GIVEN = "not given"

    def __repr__(self) -> str:
        return self.name


# The value of a parameter that was not given, if None has a meaning.
NOT_GIVEN: Final = NotGiven.NOT_GIVEN


class Timeouts:
    """Time limits in seconds; None means no limit.

    :param connect: to open the connection, TLS included.
    :param read: from sending the request to the last byte of its answer.
    :param total: for the whole call, retries and waits between them included.
    :param ends: the end of a call that has begun, by the clock of its client.
    """

    __slots__ = ("connect", "ends", "read", "total")

    def __init__(
        self, connect: Seconds, read: Seconds, total: Seconds, ends: Seconds = None
    ) -> None:
        self.connect: Seconds = connect
        self.read: Seconds = read
        self.total: Seconds = total
        self.ends: Seconds = ends

    def deadline(self, now: float) -> Seconds:
        """When a call that begins `now`, if it has not begun yet, has to be over, if ever."""
        if self.ends is not None or self.total is None:
            return self.ends
        return now + self.total

    def __repr__(self) -> str:
        return f"Timeouts(connect={self.connect}, read={self.read}, total={self.total})"


RequestTimeout = Union[Seconds, tuple[Seconds, Seconds], Urllib3Timeout, Timeouts]

DEFAULT = Timeouts(10, None, 60)
"""The limit of a call that names none: 60 seconds for all of it, 10 of them for connecting."""


def parse_timeout(value: RequestTimeout) -> Timeouts:
    """Read a time limit, as `Configuration.request_timeout` takes it."""
    if isinstance(value, Timeouts):
        return value
    if value is None:
        return Timeouts(None, None, None)
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{TIMEOUT}, not {len(value)} values")
        connect, read = (None if part is None else _seconds(part) for part in value)
        return Timeouts(connect, read, None)
    if not isinstance(value, (int, float)) and hasattr(value, "connect_timeout"):
        parts = value.clone()
        # If it has a total, its `read_timeout` is the time left of that once its clock runs.
        parts.total = None
        given = (value.connect_timeout, parts.read_timeout, value.total)
        # Its own marker for "not given" is not a number.
        limits = (_seconds(each) if isinstance(each, (int, float)) else None for each in given)
        return Timeouts(*limits)
    seconds = _seconds(value)
    return Timeouts(seconds, seconds, seconds)


def _seconds(value: object) -> float:
    # The smallest number above 0.
    return check_number(value, 5e-324, TIMEOUT)


def check_number(value: object, lowest: float, rule: str) -> float:
    """A number, or the error that says the rule: it is of another type, too low, or not finite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{rule}, not {type(value).__name__}")
    if not lowest <= value <= TIMEOUT_MAX:
        raise ValueError(f"{rule}, not {value!r}")
    return value
