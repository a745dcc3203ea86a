"""Slow proxies with TLS, bodies that nobody reads, descriptors that run out: in time, and named."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import urllib3
from hostile import (
    CALLS,
    OK_CONTAINER,
    Answer,
    HostileServer,
    Peer,
    Step,
    Trickle,
    http_answer,
)
from tunnels import ESTABLISHED

from wavefront_api_client.exceptions import ApiTimeoutException

OK = http_answer(200, OK_CONTAINER)
SERVICE = "home.localhost"
LIMIT = 0.3
UNBOUNDED = 6
"""Seconds that a call takes here whose limit starts anew with each byte."""


@contextlib.contextmanager
def in_time(most: float = LIMIT + 2) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert LIMIT / 2 < time.monotonic() - begun < most


# --- an https proxy ---------------------------------------------------------------------------


class Inner:
    """The service's side of TLS, within a connection that may have TLS of its own."""

    def __init__(self, peer: Peer, tls: ssl.SSLContext) -> None:
        self._peer = peer
        self._from, self._to = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = tls.wrap_bio(self._from, self._to, server_side=True)
        self.send: Callable[[bytes], None] = peer.send

    def do(self, step: Callable[[], object]) -> object:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.flush()
                data = self._peer.sock.recv(65536)
                if not data:
                    raise OSError("the client is gone") from None
                self._from.write(data)
            finally:
                self.flush()

    def flush(self) -> None:
        data = self._to.read()
        if data:
            self.send(data)


class Tunnelled(Step):
    """A tunnel to a service that is slow in one of these ways."""

    def __init__(self, tls: ssl.SSLContext, slow: str) -> None:
        self.tls = tls
        self.slow = slow

    def act(self, peer: Peer) -> bool:
        peer.send_now(ESTABLISHED)
        inner = Inner(peer, self.tls)
        inner.do(inner.tls.do_handshake)
        inner.do(lambda: inner.tls.read(65536))
        if self.slow == "answer in many records":
            for byte in OK:
                inner.do(lambda byte=byte: inner.tls.write(bytes([byte])))
                peer.stopping.wait(0.02)
        else:
            inner.do(lambda: inner.tls.write(OK))
        return False


def connect_answer() -> Trickle:
    return Trickle(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 50 * UNBOUNDED, 0.02)


CONNECTING = ["CONNECT answer"]
ANSWERING = ["answer in many records"]


@contextlib.contextmanager
def https_proxy(server_tls, slow: str) -> Iterator[HostileServer]:
    step = connect_answer() if slow in CONNECTING else Tunnelled(server_tls(SERVICE), slow)
    with HostileServer([step], tls=server_tls("localhost")) as proxy:
        yield proxy


@pytest.fixture
def behind(connect, ca_file):
    """Make an API behind an https proxy."""

    def make(proxy: HostileServer, scheme: str = "https"):
        return connect(
            f"{scheme}://{SERVICE}",
            proxy=f"https://localhost:{proxy.port}",
            ssl_ca_cert=ca_file,
            retries=0,
        )

    return make


@pytest.mark.parametrize("limit", [5, None])
def test_a_call_through_an_https_proxy_that_is_not_slow(behind, server_tls, limit):
    with https_proxy(server_tls, "nothing") as proxy:
        assert behind(proxy).get_all_tokens(_request_timeout=limit).status.result == "OK"


# A second more where the limit is for the way to the answer, too.
WHOLE = LIMIT + 1
NUMBERS = {"number": WHOLE, "total": urllib3.Timeout(total=WHOLE)}
in_every_form = pytest.mark.parametrize(
    ("limit", "kind"), [("number", "create"), ("total", "get"), ("pair", "create")]
)


@in_every_form
@pytest.mark.parametrize("slow", CONNECTING)
def test_connecting_through_an_https_proxy_is_bounded(behind, server_tls, slow, limit, kind):
    with https_proxy(server_tls, slow) as proxy:
        with in_time(WHOLE + 3), pytest.raises(ApiTimeoutException) as caught:
            CALLS[kind](behind(proxy), _request_timeout=NUMBERS.get(limit, (LIMIT, 60)))
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, False)


@in_every_form
@pytest.mark.parametrize("slow", ANSWERING)
def test_an_answer_through_an_https_proxy_is_bounded(behind, server_tls, slow, limit, kind):
    with https_proxy(server_tls, slow) as proxy:
        with in_time(WHOLE + 3), pytest.raises(ApiTimeoutException) as caught:
            CALLS[kind](behind(proxy), _request_timeout=NUMBERS.get(limit, (60, LIMIT)))
    assert caught.value.attempts == 1
    assert caught.value.outcome_unknown == (kind == "create")


def test_an_answer_that_an_https_proxy_hands_on_is_bounded(behind, server_tls):
    with HostileServer([Trickle(OK, 0.02)], tls=server_tls("localhost")) as proxy:
        with in_time(), pytest.raises(ApiTimeoutException):
            behind(proxy, "http").get_all_tokens(_request_timeout=LIMIT)


# --- a body that nobody reads -----------------------------------------------------------------

MEGABYTES = 10


class Deaf(Step):
    """Do nothing with the request, or read it so slowly that it takes for ever."""

    on_accept = True

    def __init__(self, tls: ssl.SSLContext | None, slowly: bool) -> None:
        self.tls = tls
        self.slowly = slowly

    def act(self, peer: Peer) -> bool:
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        with contextlib.ExitStack() as stack:
            sock = peer.sock.dup()
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
            stack.enter_context(sock)
            while not peer.stopping.wait(0.05):
                if self.slowly and not sock.recv(65536):
                    break
        return False


class DeafTunnel(Deaf):
    """The same at the end of a tunnel."""

    on_accept = False

    def act(self, peer: Peer) -> bool:
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        peer.send_now(ESTABLISHED)
        inner = Inner(peer, self.tls)
        inner.do(inner.tls.do_handshake)
        while not peer.stopping.wait(0.05):
            if self.slowly:
                inner.do(lambda: inner.tls.read(65536))
        return False


ROUTES = ["http", "https", "tunnel", "tunnel through an https proxy"]


@pytest.fixture
def deaf(connect, server_tls, ca_file):
    """Make an API whose service does not read: `deaf("https", slowly=True)`."""
    with contextlib.ExitStack() as stack:

        def make(route: str, slowly: bool):
            tls = None if route == "http" else server_tls("127.0.0.1", SERVICE)
            step = (DeafTunnel if "tunnel" in route else Deaf)(tls, slowly)
            outer = server_tls("localhost") if "https proxy" in route else None
            server = stack.enter_context(HostileServer([step], tls=outer))
            settings = {"ssl_ca_cert": ca_file, "retries": 2}
            if "tunnel" not in route:
                return connect(f"{route}://127.0.0.1:{server.port}", **settings).api_client
            proxy = f"{'https' if outer else 'http'}://localhost:{server.port}"
            return connect(f"https://{SERVICE}", proxy=proxy, **settings).api_client

        yield make


@pytest.mark.parametrize(
    ("route", "slowly", "limit"),
    [
        *((route, True, (5, LIMIT)) for route in ROUTES),
        *((route, False, LIMIT + 1) for route in (ROUTES[0], ROUTES[-1])),
    ],
)
def test_sending_a_body_that_is_not_read_is_bounded(deaf, route, slowly, limit):
    client, body = deaf(route, slowly), {"text": "x" * (MEGABYTES << 20)}
    # Without a limit, who is read slowly would take eight seconds, who is not at all would wait
    # for ever.
    with in_time(5 if slowly else 10), pytest.raises(ApiTimeoutException) as caught:
        client.call_api("/api/v2/other", "POST", body=body, _request_timeout=limit)
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, True)


# --- descriptors ------------------------------------------------------------------------------

HUNGRY = """
import contextlib, json, os, resource, sys

import certifi

certifi.where = lambda: sys.argv[2]

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration


def outcome(api, kind):
    try:
        call = api.create_token if kind == "create" else api.get_all_tokens
        return call(_request_timeout=5).status.result
    except Exception as error:
        return [type(error).__name__, str(error), getattr(error, "outcome_unknown", None)]


client = ApiClient(Configuration(host=sys.argv[1], api_key="k", retries=0))
warm = ApiClient(Configuration(host=sys.argv[3], api_key="k", retries=0))
outcomes = [outcome(ApiTokenApi(warm), "get")]
warm.close()
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
taken = []
with contextlib.suppress(OSError):
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
outcomes += [outcome(ApiTokenApi(client), kind) for kind in ("get", "create", "get")]
for each in taken:
    os.close(each)
outcomes.append(outcome(ApiTokenApi(client), "get"))
client.close()
print(json.dumps(outcomes))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_descriptor_is_left_for_the_first_call(server_tls, ca_file, scheme):
    with HostileServer([Answer()]) as plain:
        with HostileServer([Answer()], tls=server_tls() if scheme == "https" else None) as server:
            command = [sys.executable, "-W", "error", "-c", HUNGRY, server.url, ca_file, plain.url]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    first, *starved, last = json.loads(done.stdout)
    assert (first, last) == ("OK", "OK")
    assert [name for name, _, _ in starved] == ["ApiConnectionException"] * 3, starved
    assert all("Too many open files" in text for _, text, _ in starved)
    assert not any(outcome_unknown for _, _, outcome_unknown in starved)
