"""How a request is handled: fault, route, key, permission, body, action, record."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._bodies import Refusal, read_token, success
from ._csp import Cloud
from ._faults import NO_FAULT, FaultPlan
from ._routes import EXCHANGES, Call, Match, find, masked
from ._store import MAY_HOLD, Clock, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from ._faults import Answer, Fault
    from ._messages import Headers, Reply, Request
    from ._store import Account

logger = logging.getLogger("wavefront_api_client.testing")

CONTROL = "/__testing__/"

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


@dataclass(frozen=True, repr=False)
class RecordedRequest:
    """A request as it arrived, and how it ended.

    As text it is one line, such as "GET /api/v2/apitoken 200 admin@example.com". Neither that nor
    its `repr` shows a token; its attributes do.
    """

    method: str
    path: str
    """The target as sent: percent-encoded, with its query."""
    headers: Headers
    """Case-insensitive."""
    body: bytes
    status: int
    """Status of the answer, 0 if there was none."""
    account: str | None
    """Id of the account whose key came with the request, None without a working key."""

    def __repr__(self) -> str:
        return (
            f"RecordedRequest(method={self.method!r}, path={masked(self.path)!r}, "
            f"body=<{len(self.body)} bytes>, status={self.status}, account={self.account!r})"
        )

    def __str__(self) -> str:
        return f"{self.method} {masked(self.path)} {self.status} {self.account or '-'}"


class TokenService:
    """The service without its sockets.

    :param cloud: makes the `Cloud` of an instance that is onboarded to VMware Cloud services, None
        for another instance.
    :param ahead: how far ahead of that of the machine its clock begins.
    :param keep_requests: how many of the latest requests are kept.
    :param on_request: told of each request, in the thread that serves.
    """

    def __init__(
        self,
        cloud: Callable[[Store], Cloud] | None,
        ahead: timedelta,
        keep_requests: int,
        on_request: Callable[[RecordedRequest], object] | None,
    ) -> None:
        self.lock = threading.RLock()
        self.records: deque[RecordedRequest] = deque(maxlen=keep_requests)
        self.control: Callable[[Request], Reply] | None = None
        """Answers requests below `CONTROL`; None if there are none."""
        self._make_cloud = cloud
        self._ahead = ahead
        self._on_request = on_request
        self.reset()

    def reset(self) -> None:
        """Start again, without accounts."""
        self.clock = Clock(self._ahead)
        self.store = Store(self.clock.now)
        self.cloud = self._make_cloud(self.store) if self._make_cloud else None
        self.faults = FaultPlan()
        self.records.clear()

    def answer(self, request: Request) -> Answer:
        """Carry out one request, or the fault that is planned for it."""
        if self.control and request.path.startswith(CONTROL):
            return NO_FAULT.answer(self.control(request), request)
        found = find(request.method, request.path)
        with self.lock:
            caller = self._caller(request.headers)
            fault = self.faults.take(request, found.template)
            reply = fault.instead or self._act(request, found, caller)
            answer, record = self._end(request, fault, reply, caller)
        log(request.method, found.template, record.status)
        self._tell(record)
        return answer

    def answer_exchange(self, request: Request) -> Answer:
        """Carry out one exchange of an onboarded instance, or the fault that is planned for it."""
        template = request.path if request.path in EXCHANGES else None
        assert self.cloud is not None  # noqa: S101 (nothing else listens)
        with self.lock:
            fault = self.faults.take(request, template)
            account, reply = (
                (None, fault.instead) if fault.instead else self.cloud.exchange(request)
            )
            answer, record = self._end(request, fault, reply, account)
        log(request.method, template, record.status)
        self._tell(record)
        return answer

    def _end(
        self, request: Request, fault: Fault, reply: Reply, caller: Account | None
    ) -> tuple[Answer, RecordedRequest]:
        reply = reply._replace(headers={"Date": self.clock.date(), **reply.headers})
        answer = fault.answer(reply, request)
        record = _record(request, reply.status if answer.data else 0, caller)
        self.records.append(record)
        return answer, record

    def _caller(self, headers: Headers) -> Account | None:
        """The account whose credential came with a request, None without a working one."""
        if self.cloud is not None:
            return self.cloud.caller(headers)
        return self.store.caller(credential(headers))

    def refused(self, status: int) -> None:
        """Record bytes that are not a request."""
        log(None, None, status)

    def _tell(self, record: RecordedRequest) -> None:
        if self._on_request is None:
            return
        try:
            self._on_request(record)
        except Exception as error:
            logger.error("%s in on_request", type(error).__name__)

    def _act(self, request: Request, found: Match, caller: Account | None) -> Reply:
        try:
            return success(self._perform(request, found, caller))
        except Refusal as refusal:
            return refusal.reply()
        except Exception as error:
            # The text of the error stays out of the log: it may hold a token.
            logger.error("%s in %s", type(error).__name__, found.template)
            return Refusal(500, "the embedded service failed").reply()

    def _perform(self, request: Request, found: Match, caller: Account | None) -> Any:
        route, params = found
        if isinstance(route, Refusal):
            raise route
        if caller is None:
            needed = "key" if self.cloud is None else "access token"
            raise Refusal(401, f"a working {needed} is needed", {"WWW-Authenticate": "Bearer"})
        self.store.use(credential(request.headers))
        require(route.permission, caller)
        body = read_token(request) if route.takes_body else {}
        return route.handler(Call(self.store, caller, params, body, self.cloud is not None))


def require(permission: str | None, caller: Account) -> None:
    """Refuse with 403 if the caller lacks the permission."""
    if permission is None or permission in caller.permissions:
        return
    can_be_had = permission in MAY_HOLD[caller.account_type]
    hint = "" if can_be_had else ", which a service account cannot hold"
    raise Refusal(403, f"the permission {permission} is needed{hint}")


def credential(headers: Headers) -> str:
    """Read the key that comes with a request, without its prefix; "" if there is none."""
    key = headers.get("x-auth-token")
    value = headers.get("authorization", "") if key is None else key
    if value[:7].lower() == "bearer ":
        return value[7:].strip()
    return key or ""


def log(method: str | None, template: str | None, status: int) -> None:
    """Log request and answer, without text that a client wrote."""
    logger.debug("%s %s %s", method if method in _METHODS else "?", template or "?", status)


def _record(request: Request, status: int, caller: Account | None) -> RecordedRequest:
    account = caller.id if caller else None
    return RecordedRequest(
        request.method, request.target, request.headers, request.body, status, account
    )
