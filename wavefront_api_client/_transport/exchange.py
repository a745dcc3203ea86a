"""Exchange: one request on its way, and what is known of it, above all whether it was sent.

`maybe_sent` is True until somebody surely knows better: `pools` where there is no connection to be
had, `connection` where one cannot be opened, `errors` where the client's certificate was refused.
"""

from __future__ import annotations

import time

from urllib3.exceptions import HTTPError


class UnsafeTransport(HTTPError):
    """A library underneath does not work as this package relies on, so that nothing can be said."""


class Deadline:
    """When the step under way has to be over, on the clock of `time.monotonic`; None for never."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at: float | None = None

    def left(self) -> float | None:
        """Seconds that are left, None for any number of them."""
        return None if self.at is None else self.at - time.monotonic()


class Exchange:
    """What is known of one request: it goes with the request, never with a thread.

    :param method: HTTP method.
    :param left: seconds until the whole call has to be over, None for any number of them.
    :param read: seconds from sending to the last byte of the answer, None for any number of them.
    :param max_idle: seconds that a connection may have been idle to carry it, None for any number.
    """

    __slots__ = (
        "connection_refused_by_proxy",
        "deadline",
        "max_idle",
        "maybe_sent",
        "method",
        "read",
        "shown",
        "target",
        "was_answered",
        "was_sent",
        "was_written",
    )

    def __init__(
        self,
        method: str,
        left: float | None = None,
        read: float | None = None,
        max_idle: float | None = None,
    ) -> None:
        self.method = method
        self.deadline = None if left is None else time.monotonic() + left
        self.read = read
        self.max_idle = max_idle
        self.target = ""
        """What is asked for: path and query, or the whole URL for a proxy that forwards it."""
        self.shown = ""
        """The target for the eyes of others; where it hides something, it cannot be sent."""
        self.was_written = False
        """Whether the target was put into the request by the connection that knows it."""
        self.was_sent = False
        """Whether a connection that was open began to send it, be it for one that tries again."""
        self.was_answered = False
        """Whether an answer came to a request with that target."""
        self.maybe_sent = True
        """Whether any of it may have reached the service: so, until somebody knows better."""
        self.connection_refused_by_proxy = False
        """Whether a proxy said that the fault is the client's, so that trying again is no use."""

    def soonest(self, limit: float | None) -> float | None:
        """The time of the deadline, or of a limit that begins now, whichever comes first."""
        if limit is None:
            return self.deadline
        at = time.monotonic() + limit
        return at if self.deadline is None else min(at, self.deadline)

    def __repr__(self) -> str:
        return f"<Exchange {self.method} {self.shown}>"
