"""When a request is sent again, and after how long; random numbers and clock are parameters."""

from __future__ import annotations

import random
import time
from typing import Any, Callable, NamedTuple

from wavefront_api_client._core.limits import FETCHING_METHODS, check_number

# Those that change nothing at the service.
SAFE_METHODS = FETCHING_METHODS | {"OPTIONS"}
# Those that may be sent again although the service may have acted on them already.
REPEATABLE_METHODS = SAFE_METHODS | {"PUT", "DELETE"}

# The kinds of a failure: whether the request reached the service, and whether it helps to send it
# again. A service that pushes back has not acted, and asks to come back later.
NEVER_SENT = "never sent"
NOT_ACTED_ON = "not acted on"
MAYBE_ACTED_ON = "maybe acted on"
FINAL = "final"

# The statuses of push-back.
PUSH_BACK = frozenset({406, 429})


class _Policy(NamedTuple):
    retries: int
    backoff: float
    backoff_max: float
    retry_after_max: float


class RetryPolicy(_Policy):
    """How often a failed request is sent again, and how long it waits: an immutable value.

    :param retries: attempts after the first one; 0 sends every request once.
    :param backoff: seconds; the wait before retry n is a random time between 0 and
        ``backoff * 2 ** (n - 1)`` (exponential backoff with full jitter).
    :param backoff_max: seconds; the longest wait that backoff alone asks for.
    :param retry_after_max: seconds; a longer Retry-After of the service is not waited for: the
        exception has it instead.
    :raises TypeError: a value is not a number.
    :raises ValueError: a value is negative.
    """

    __slots__ = ()

    def __new__(  # noqa: D102 (documented with the class)
        cls,
        retries: int = 3,
        backoff: float = 0.25,
        backoff_max: float = 10.0,
        retry_after_max: float = 60.0,
    ) -> RetryPolicy:
        if isinstance(retries, bool) or not isinstance(retries, int):
            raise TypeError(f"retries must be a whole number, not {type(retries).__name__}")
        for name, value in zip(cls._fields, (retries, backoff, backoff_max, retry_after_max)):
            check_number(value, 0, f"{name} must be a finite number of 0 or more")
        return super().__new__(cls, retries, backoff, backoff_max, retry_after_max)

    def _replace(self, **changes: Any) -> RetryPolicy:
        """The same policy with some other values, which are checked."""
        return type(self)(**{**self._asdict(), **changes})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RetryPolicy) and tuple(self) == tuple(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self))

    @classmethod
    def of(cls, value: int | RetryPolicy) -> RetryPolicy:
        """Read a policy or a number of retries."""
        return value if isinstance(value, RetryPolicy) else cls(value)

    def wait_before_retry(
        self,
        method: str,
        kind: str,
        attempt: int,
        retry_after: float | None = None,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> float | None:
        """Decide about another attempt.

        :param method: HTTP method, upper case.
        :param kind: of the last failure.
        :param attempt: how many attempts there have been, from 1.
        :param retry_after: seconds the service asked to wait, None if it did not.
        :param uniform: source of random numbers, for tests.
        :return: seconds to wait before the next attempt, None for no further attempt.
        """
        is_repeatable = kind == MAYBE_ACTED_ON and method in REPEATABLE_METHODS
        may_repeat = is_repeatable or kind in (NEVER_SENT, NOT_ACTED_ON)
        if attempt > self.retries or not may_repeat:
            return None
        if retry_after is not None:
            return retry_after if retry_after <= self.retry_after_max else None
        return uniform(0, min(self.backoff_max, self.backoff * 2 ** min(attempt - 1, 64)))


def kind_of_status(status: int, retry_after: float | None) -> str:
    """The kind of a failure with an HTTP status other than 2xx: one of the four above."""
    if status in PUSH_BACK or (status == 503 and retry_after is not None):
        return NOT_ACTED_ON
    if status in (502, 503, 504):
        return MAYBE_ACTED_ON
    return FINAL


def parse_retry_after(
    value: str | None,
    clock: Callable[[], float] = lambda: time.time(),  # noqa: PLW0108 (a test may replace it)
) -> float | None:
    """Seconds to wait by a Retry-After header: a number or an HTTP date; None if it is neither."""
    if value is None or len(value) > 100:
        return None
    text = value.strip(" \t")
    if text.isascii() and text.isdigit():
        return float(text)
    from datetime import timezone
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
        date = date if date.tzinfo else date.replace(tzinfo=timezone.utc)
        return max(0.0, date.timestamp() - clock())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
