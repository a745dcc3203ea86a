"""Planned faults: the requests they apply to, and what they change."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Optional, Union
from urllib.parse import unquote

from ._bodies import container, to_json
from ._messages import Reply, encode, phrase
from ._routes import EXCHANGES, ROUTES, has_endpoint, masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._messages import Request

Body = Union[str, bytes, "Mapping[str, Any]"]
Drop = Optional[Literal["before", "after"]]
Ending = Literal["keep", "close", "reset"]

_DROPS = (None, "before", "after")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})


class Answer(NamedTuple):
    """What the connection does after a request."""

    data: bytes
    """The bytes to send, perhaps none."""
    ending: Ending = "keep"
    delay: float = 0.0
    """Seconds to wait first."""


@dataclass(frozen=True)
class Fault:
    """A fault of a request; by default nothing goes wrong."""

    instead: Reply | None = None
    """The answer to send instead of carrying the request out."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Fields to add to the answer or to replace in it."""
    delay: float = 0.0
    drop: Drop = None
    truncate: int | None = None

    def answer(self, reply: Reply, request: Request) -> Answer:
        """What the connection does with the reply.

        :param reply: what the service answers.
        :param request: the request it answers.
        """
        if self.drop:
            return Answer(b"", "reset" if self.drop == "before" else "close", self.delay)
        keep_alive = request.keeps_alive and not self._breaks_connection
        if self.headers:
            reply = reply._replace(headers={**reply.headers, **self.headers})
        head, body = encode(reply, request.method, keep_alive)
        return Answer(head + body[: self.truncate], "keep" if keep_alive else "close", self.delay)

    @property
    def _breaks_connection(self) -> bool:
        return self.truncate is not None or any(n.lower() in _FRAMING for n in self.headers)


def plan_fault(
    status: int | None = None,
    body: Body | None = None,
    headers: Mapping[str, str] | None = None,
    delay: float = 0.0,
    drop: Drop = None,
    truncate: int | None = None,
    redirect: str | None = None,
) -> Fault:
    """Make a fault from the arguments of `TokenServer.inject`.

    :raises ValueError: a value is impossible, or contradicts another.
    """
    if drop not in _DROPS:
        raise ValueError(f'drop must be "before" or "after", not {drop!r}')
    if drop and any(x is not None for x in (status, body, headers, truncate, redirect)):
        raise ValueError("drop leaves no answer to change: only delay goes with it")
    if not (math.isfinite(delay) and delay >= 0):
        raise ValueError(f"delay must be 0 or more seconds, not {delay!r}")
    if truncate is not None and not (isinstance(truncate, int) and truncate >= 0):
        raise ValueError(f"truncate must be 0 or more bytes, not {truncate!r}")
    location = {} if redirect is None else {"Location": redirect}
    fields = _checked_fields({**location, **(headers or {})})
    instead = Reply(0) if drop == "before" else _made_up(status, body, redirect)
    return Fault(instead, fields, delay, drop, truncate)


def _made_up(status: int | None, body: Body | None, redirect: str | None) -> Reply | None:
    if status is None and body is None and redirect is None:
        return None
    if status is None:
        status = 200 if redirect is None else 307
    if not 200 <= status <= 999:
        raise ValueError(f"status must be from 200 to 999, not {status!r}")
    if body is None:
        body = b"" if redirect is not None else container(status, phrase(status))
    return _with_body(status, body)


def _with_body(status: int, body: Body) -> Reply:
    if isinstance(body, bytes):
        return Reply(status, body, "application/octet-stream")
    if isinstance(body, str):
        return Reply(status, body.encode(), "text/plain; charset=utf-8")
    return Reply(status, to_json(body))


def _checked_fields(fields: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in fields.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"header {name!r} has a name or a value that HTTP does not allow")
    return fields


NO_FAULT = Fault()


@dataclass(frozen=True, repr=False)
class PlannedFault:
    """A fault that waits for requests. Its `repr` shows no token."""

    count: int
    """How many requests it still applies to."""
    method: str | None
    """The method of these requests, None for any."""
    path: str | None
    """The path or template of these requests, None for any except exchanges."""
    _fault: Fault

    def __repr__(self) -> str:
        facts = {
            "method": self.method,
            "path": self.path and masked(self.path),
            "status": self._fault.instead and (self._fault.instead.status or None),
            "delay": self._fault.delay or None,
            "drop": self._fault.drop,
            "truncate": self._fault.truncate,
        }
        shown = [f", {name}={fact!r}" for name, fact in facts.items() if fact is not None]
        return f"PlannedFault(count={self.count}{''.join(shown)})"

    def _meets(self, request: Request, template: str | None) -> bool:
        if self.method not in (None, request.method):
            return False
        path = request.path
        if self.path is None:
            return path not in EXCHANGES
        return self.path in (template, path, unquote(path))


class FaultPlan:
    """The faults that wait for their requests, in the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[PlannedFault] = []

    @property
    def pending(self) -> list[PlannedFault]:
        """Those that still apply to a request."""
        return list(self._planned)

    def add(self, fault: Fault, count: int, method: str | None, path: str | None) -> None:
        """Plan a fault for the next requests with this method and path or template."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ValueError(f"count must be a whole number from 1, not {count!r}")
        method = method and method.upper()
        if path is not None and not has_endpoint(method, path):
            # The value is not shown: it may hold a token.
            raise ValueError(f"method and path must be those of an endpoint: {_endpoints()}")
        self._planned.append(PlannedFault(count, method, path, fault))

    def take(self, request: Request, template: str | None) -> Fault:
        """The fault for a request: the first one that is planned for it, or one without effect."""
        for index, planned in enumerate(self._planned):
            if planned._meets(request, template):
                self._count_down(index)
                return planned._fault
        return NO_FAULT

    def _count_down(self, index: int) -> None:
        left = replace(self._planned[index], count=self._planned[index].count - 1)
        self._planned[index : index + 1] = [left] if left.count else []


def _endpoints() -> str:
    requests = [*ROUTES, *(("POST", path) for path in EXCHANGES)]
    return ", ".join(f"{method} {path}" for method, path in requests)
