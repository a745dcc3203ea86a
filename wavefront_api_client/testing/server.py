"""The token service on a port, with its accounts, faults, clock and recorded requests."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from . import _bodies, _store
from ._csp import Cloud, CloudService
from ._faults import plan_fault
from ._http import Running, listen
from ._service import TokenService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Literal

    from wavefront_api_client import Configuration
    from wavefront_api_client.credentials import CspApiToken, CspApp

    from ._faults import Body, Drop, PlannedFault
    from ._service import RecordedRequest
    from ._store import Account, Token, Tokens

ADMINISTRATOR = "admin@example.com"

_CUSTOMER: dict[str, list[tuple[str, float, float | None]]] = {
    ADMINISTRATOR: [("old laptop", 420, 400)],
    "jane@example.com": [("dashboards", 730, 0.5), ("", 200, None)],
    "sa::ci": [("build", 45, 0.01), ("nightly", 200, 100)],
    "sa::backup": [("weekly", 700, 5), ("trial", 91, None)],
    "sa::deploy": [("production", 20, 0.1), ("staging", 370, 180)],
}
"""The tokens of each account: name, days since it was made, days since it was used or None."""


class TokenServer:
    """The token service of one instance, kept in memory, on a port of this machine.

    Use it as a context manager, or call `start` and `stop`. All of it may be used from any
    thread.

    :param host: name or address to listen on; only the loopback ones stay on this machine.
    :param port: port to listen on, 0 for any that is free.
    :param onboarded: whether the instance is onboarded to VMware Cloud services, which it then has
        at `csp_url`: it takes access tokens, and refuses `create_token`.
    :param key: the key of the administrator, or the API token that is exchanged for access tokens
        where it is onboarded; a new one by default.
    :param days: how many days ahead of that of the machine its clock begins.
    :param keep_requests: how many of the latest requests `requests` holds.
    :param on_request: called with each request, such as `print`, in the thread that serves: while
        it runs, other requests wait.
    :param access_token_life: seconds after which an access token expires, by its clock.
    :param service_account_keys: whether tokens of service accounts are working keys also where it
        is onboarded, as they are for a few integrations.
    :raises ValueError: the port is not from 0 to 65535, the key is empty, or keep_requests is
        negative.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        onboarded: bool = False,
        *,
        key: str | None = None,
        days: float = 0,
        keep_requests: int = 100_000,
        on_request: Callable[[RecordedRequest], object] | None = None,
        access_token_life: float = 1800,
        service_account_keys: bool = False,
    ) -> None:
        if not 0 <= port <= 65535:
            raise ValueError(f"port must be from 0 to 65535, not {port!r}")
        self._address = (host, port)
        cloud = partial(Cloud, life=access_token_life, takes_keys=service_account_keys)
        self._service = TokenService(
            cloud if onboarded else None, timedelta(days), keep_requests, on_request
        )
        # Re-entrant, both this one and that of the service, for signal handlers and finalizers.
        self._lifecycle = threading.RLock()
        self._running: Running | None = None
        self._cloud: Running | None = None
        if onboarded:
            self._user = self.add_user(ADMINISTRATOR, api_token=key)
        else:
            self._user = self.add_user(ADMINISTRATOR, key=key)
        self._key, self._api_token = self._user.key, self._user.api_token

    def start(self) -> TokenServer:
        """Listen and answer until `stop`; do nothing if it runs already.

        :return: the server itself.
        :raises OSError: the address is in use, unknown or not available.
        """
        with self._lifecycle:
            if self._running is None:
                self._running = Running(listen(*self._address), self._service)
                if self._service.cloud is not None:
                    listener = listen(self._address[0], 0)
                    self._cloud = Running(listener, CloudService(self._service))
        return self

    def stop(self) -> None:
        """Cut all connections and free the port; do nothing if it is stopped already.

        Accounts, planned faults and recorded requests stay for the next `start`.
        """
        with self._lifecycle:
            both, self._running, self._cloud = (self._running, self._cloud), None, None
            for running in both:
                if running is not None:
                    running.stop()

    def __enter__(self) -> TokenServer:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        running = self._running
        where = f"at {running.url}" if running else "stopped"
        return f"<TokenServer {where}, {len(self._service.store)} accounts>"

    @property
    def url(self) -> str:
        """Its URL, such as "http://127.0.0.1:54321".

        :raises RuntimeError: it is not running.
        """
        running = self._running
        if running is None:
            raise RuntimeError("the server is not running: use it in a with block, or start() it")
        return running.url

    @property
    def csp_url(self) -> str:
        """The URL of the VMware Cloud services of an onboarded instance.

        :raises RuntimeError: it is not running, or not onboarded.
        """
        running = self._cloud
        if running is None:
            raise RuntimeError("the server is not running, or not TokenServer(onboarded=True)")
        return running.url

    @property
    def user(self) -> Account:
        """The administrator, with both permissions and one token.

        After `reset` it is another object.
        """
        return self._user

    def add_user(
        self,
        id: str,
        permissions: Iterable[str] = ("api_tokens", "accounts"),
        tokens: Tokens = 1,
        *,
        key: str | None = None,
        api_token: str | None = None,
    ) -> Account:
        """Add a user.

        :param id: the name the user logs in with, such as "jane@example.com".
        :param permissions: "api_tokens" (to create own tokens), "accounts" (for the tokens of
            service accounts and of the customer; the service role Admin of an onboarded instance
            has it), both or none: own tokens can be listed, renamed and deleted without.
        :param tokens: how many tokens the user holds at first, or their ids.
        :param key: the one token that the user holds at first, instead of `tokens`.
        :param api_token: the API token that the user of an onboarded instance exchanges for access
            tokens; a new one by default.
        :return: the account, which always shows the present state.
        :raises ValueError: the id, a permission or a token is impossible, or taken.
        """
        if key is not None:
            if tokens != 1:
                raise ValueError("give tokens or key, not both")
            tokens = [key]
        with self._service.lock:
            user = self._service.store.add(id, _store.USER, permissions, tokens)
            if self._service.cloud is not None:
                user.api_token = api_token or f"api-token-{uuid4().hex}"
        return user

    def add_app(
        self,
        id: str,
        permissions: Iterable[str] = ("accounts",),
        *,
        secret: str | None = None,
        organizations: Iterable[str] = ("example",),
    ) -> Account:
        """Add a server-to-server app of VMware Cloud services, for an onboarded instance.

        :param id: its id, which it exchanges for access tokens together with its secret.
        :param permissions: "accounts", which the service role Admin has, or none.
        :param secret: its secret; a new one by default.
        :param organizations: ids of those that it is in; if there are several, an exchange names
            one.
        :return: the account, whose `app_secret` is the secret.
        :raises ValueError: the id or a permission is impossible, or taken.
        """
        with self._service.lock:
            app = self._service.store.add(id, _store.APP, permissions, 0)
            app.app_secret = secret or f"app-secret-{uuid4().hex}"
            app.organizations = tuple(organizations)
        return app

    def add_service_account(
        self,
        id: str,
        tokens: Tokens = 0,
        active: bool = True,
        *,
        permissions: Iterable[str] = (),
    ) -> Account:
        """Add a service account.

        :param id: such as "sa::ci".
        :param tokens: how many tokens it holds at first, or their ids.
        :param active: False for an account whose tokens are refused as keys.
        :param permissions: "accounts" or none; it can never create tokens for itself.
        :return: the account, which always shows the present state.
        :raises ValueError: the id, a permission or a token is impossible, or taken.
        """
        kind = _store.SERVICE if active else _store.INACTIVE_SERVICE
        with self._service.lock:
            return self._service.store.add(id, kind, permissions, tokens)

    def add_token(
        self,
        account: Account | str,
        name: str = "",
        *,
        age_days: float = 0,
        idle_days: float | None = None,
        token_id: str | None = None,
        dates: tuple[int, int] | None = None,
    ) -> Token:
        """Give an account a token of a certain age.

        :param account: the account or its id.
        :param name: name of the token.
        :param age_days: how many days ago it was made.
        :param idle_days: how many days ago it was last used, None if never.
        :param token_id: the token itself; a new one by default.
        :param dates: when it was made and last used (0 for never), in epoch milliseconds, in place
            of `age_days` and `idle_days`.
        :return: the token as it is now.
        :raises LookupError: there is no such account.
        :raises ValueError: the account is full, the token is taken, or the days are impossible.
        """
        owner = account if isinstance(account, str) else account.id
        with self._service.lock:
            return self._service.store.add_token(owner, name, age_days, idle_days, token_id, dates)

    def add_customer(self) -> None:
        """Add a small customer: users and service accounts with tokens of all ages.

        An account that is there already stays unchanged.
        """
        for account, tokens in _CUSTOMER.items():
            if account in self._service.store and account != ADMINISTRATOR:
                continue
            if account != ADMINISTRATOR:
                add = self.add_service_account if account.startswith("sa::") else self.add_user
                add(account, tokens=0, permissions=())
            for name, age, idle in tokens:
                self.add_token(account, name, age_days=age, idle_days=idle)

    def reset(self) -> None:
        """Start again with the administrator alone, with the same key.

        Other accounts and tokens, planned faults, requests and what `advance` did are forgotten.
        """
        with self._service.lock:
            self._service.reset()
            self._user = self.add_user(
                ADMINISTRATOR, key=self._key, api_token=self._api_token or None
            )

    @property
    def now(self) -> int:
        """The time of the clock of the service, in epoch milliseconds."""
        return self._service.clock.now()

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Put the clock of the service forward, or back with negative numbers.

        The clock goes on from there. Dates that are stored already stay as they are.

        :param days: how many days.
        :param hours: how many hours on top.
        :param minutes: how many minutes on top.
        :param seconds: how many seconds on top.
        """
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        with self._service.lock:
            self._service.clock.advance(by)

    def configuration(self, account: Account | None = None) -> Configuration:
        """Make a configuration that reaches this server directly, without a proxy.

        :param account: the account whose key is used, or whose credentials if the instance is
            onboarded; the administrator by default.
        :raises LookupError: the account holds no token.
        :raises RuntimeError: the server is not running.
        """
        from wavefront_api_client import Configuration

        configuration = Configuration()
        configuration.host = self.url
        credentials = self.credentials(account)
        configuration.credentials = credentials
        key = {} if credentials else {"X-AUTH-TOKEN": (account or self.user).key}
        configuration.api_key = key
        configuration.api_key_prefix = {}
        configuration.proxy = None
        return configuration

    def credentials(self, account: Account | None = None) -> CspApiToken | CspApp | None:
        """The credentials of an account, for `Configuration.credentials`.

        :param account: the administrator by default.
        :return: None if it is a service account, or the instance is not onboarded.
        :raises RuntimeError: the server is not running.
        """
        from wavefront_api_client.credentials import CspApiToken, CspApp

        account = account or self.user
        if account.app_secret:
            return CspApp(account.id, account.app_secret, base_url=self.csp_url)
        if account.api_token:
            return CspApiToken(account.api_token, base_url=self.csp_url)
        return None

    def inject(
        self,
        count: int = 1,
        *,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        drop: Drop = None,
        truncate: int | None = None,
        redirect: str | None = None,
    ) -> None:
        """Plan a fault for the next requests. If several match, the first one is used.

        With `status`, `body` or `redirect` the request is not carried out; otherwise it is.

        :param count: how many requests it applies to.
        :param method: only requests with this method.
        :param path: only requests for this path, or for this template such as
            "/api/v2/apitoken/{id}"; there has to be an endpoint. To an exchange at `csp_url` only
            faults for its path apply.
        :param status: status to answer; 200 with `body` alone, 307 with `redirect` alone.
        :param body: what to answer: JSON (a mapping), text or bytes; a container by default.
        :param headers: fields that are added to the answer, or replace its own. The connection
            is closed after an answer whose Connection, Content-Length or Transfer-Encoding
            they set.
        :param delay: seconds before the answer; the request is carried out at once.
        :param drop: "before" resets the connection instead of carrying the request out;
            "after" carries it out and closes without an answer.
        :param truncate: how many bytes of the body are sent before the connection is closed.
        :param redirect: URL for the Location field.
        :raises ValueError: a value is impossible, or contradicts another.
        """
        fault = plan_fault(status, body, headers, delay, drop, truncate, redirect)
        with self._service.lock:
            self._service.faults.add(fault, count, method, path)

    @property
    def pending_faults(self) -> list[PlannedFault]:
        """Planned faults that still apply to a request, in the order of planning."""
        with self._service.lock:
            return self._service.faults.pending

    @staticmethod
    def error_body(
        shape: Literal["container", "gateway", "text"], status: int, message: str = ""
    ) -> str | dict[str, Any]:
        """Write an error as the service does, for the `body` of `inject`.

        :param shape: "container" (the service's JSON), "gateway" (its gateway's JSON) or
            "text" (lines of key='value').
        :param status: HTTP status that is part of the text.
        :param message: what went wrong.
        :raises ValueError: there is no such shape.
        """
        return _bodies.error_body(shape, status, message)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, in the order of arrival."""
        with self._service.lock:
            return list(self._service.records)

    def reset_requests(self) -> None:
        """Forget the requests so far."""
        with self._service.lock:
            self._service.records.clear()
