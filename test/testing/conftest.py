"""What the tests of the embedded service have in common: a server, and clients without manners."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import pytest

from wavefront_api_client.testing import TokenServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMEOUT = 5


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def response(self) -> Any:
        return self.json["response"]

    @property
    def message(self) -> str:
        status = self.json["status"]
        assert (status["result"], status["code"]) == ("ERROR", self.status)
        assert self.headers["content-type"] == "application/json"
        return str(status["message"])


class Wire:
    """A bare connection, on which any bytes may be sent."""

    def __init__(self, server: TokenServer) -> None:
        host, port = server.url[len("http://") :].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=TIMEOUT)
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes | str) -> Wire:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)
        return self

    def read(self) -> Answer:
        """The next answer."""
        status = int(self.file.readline().split()[1])
        headers = dict(iter(self._field, ("", "")))
        body = self.file.read(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def _field(self) -> tuple[str, str]:
        name, _, value = self.file.readline().decode("latin-1").rstrip("\r\n").partition(": ")
        return name.lower(), value

    def rest(self) -> bytes:
        """All that comes before the server closes."""
        return self.file.read()

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture
def wire(server: TokenServer) -> Iterator[Callable[[], Wire]]:
    """Opens connections, closes them all in the end."""
    opened: list[Wire] = []

    def connect() -> Wire:
        opened.append(Wire(server))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


@pytest.fixture
def all_served(server: TokenServer) -> Callable[[], None]:
    """Waits until the threads of all connections that a test has opened have ended."""
    before = set(threading.enumerate())

    def wait() -> None:
        deadline = time.monotonic() + TIMEOUT
        while set(threading.enumerate()) - before:
            assert time.monotonic() < deadline
            time.sleep(0.001)

    return wait


@pytest.fixture
def head(server: TokenServer) -> Callable[..., str]:
    """Writes the header of a request, with the administrator's key."""

    def write(method: str = "GET", path: str = "/api/v2/apitoken", *fields: str) -> str:
        known = [f"{method} {path} HTTP/1.1", "Host: x", f"X-AUTH-TOKEN: {server.user.key}"]
        return "\r\n".join([*known, *fields, "", ""])

    return write


@pytest.fixture
def exchange() -> Callable[..., Answer]:
    """Makes one exchange of the VMware Cloud services of an onboarded service."""

    def make(
        to: TokenServer,
        path: str = "/csp/gateway/am/api/auth/api-tokens/authorize",
        method: str = "POST",
        headers: dict[str, str] | None = None,
        **form: str,
    ) -> Answer:
        fields = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        connection = http.client.HTTPConnection(to.csp_url[len("http://") :], timeout=TIMEOUT)
        try:
            connection.request(method, path, urlencode(form), fields)
            got = connection.getresponse()
            return Answer(got.status, {name.lower(): v for name, v in got.getheaders()}, got.read())
        finally:
            connection.close()

    return make


@pytest.fixture
def bearer(exchange: Callable[..., Answer]) -> Callable[[TokenServer], dict[str, str]]:
    """Gets the administrator of an onboarded service an access token, as a header."""

    def make(to: TokenServer) -> dict[str, str]:
        answer = exchange(to, api_token=to.user.api_token).json
        return {"Authorization": f"Bearer {answer['access_token']}"}

    return make


@pytest.fixture
def call(server: TokenServer) -> Callable[..., Answer]:
    """Makes one request on a connection of its own, by default with the administrator's key."""

    def make(
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = "",
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
        to: TokenServer = server,
    ) -> Answer:
        fields = {} if key is None else {"X-AUTH-TOKEN": key or to.user.key}
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            fields["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(to.url[len("http://") :], timeout=TIMEOUT)
        try:
            connection.request(method, path, data, {**fields, **(headers or {})})
            got = connection.getresponse()
            return Answer(got.status, {name.lower(): v for name, v in got.getheaders()}, got.read())
        finally:
            connection.close()

    return make
