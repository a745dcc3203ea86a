"""Slow proxies with TLS, bodies that nobody reads, descriptors that run out: in time, and named."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import urllib3
from cases import for_all
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


def connect_answer() -> Trickle:
    return Trickle(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 50 * UNBOUNDED, 0.02)


@contextlib.contextmanager
def https_proxy(server_tls, step: Step) -> Iterator[HostileServer]:
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


# A second more where the limit is for the way to the answer, too.
WHOLE = LIMIT + 1
NUMBERS = {"number": WHOLE, "total": urllib3.Timeout(total=WHOLE)}


@for_all("limit, kind", [("number", "create"), ("total", "get"), ("pair", "create")])
def test_connecting_through_an_https_proxy_is_bounded(behind, server_tls, limit, kind):
    with https_proxy(server_tls, connect_answer()) as proxy:
        with in_time(WHOLE + 3), pytest.raises(ApiTimeoutException) as caught:
            CALLS[kind](behind(proxy), _request_timeout=NUMBERS.get(limit, (LIMIT, 60)))
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, False)


def test_an_answer_that_an_https_proxy_hands_on_is_bounded(behind, server_tls):
    with https_proxy(server_tls, Trickle(OK, 0.02)) as proxy:
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


ROUTES = ["http", "https"]


@pytest.fixture
def deaf(connect, server_tls, ca_file):
    """Make an API whose service does not read: `deaf("https", slowly=True)`."""
    with contextlib.ExitStack() as stack:

        def make(route: str, slowly: bool):
            tls = None if route == "http" else server_tls()
            server = stack.enter_context(HostileServer([Deaf(tls, slowly)]))
            url = f"{route}://127.0.0.1:{server.port}"
            return connect(url, ssl_ca_cert=ca_file, retries=2).api_client

        yield make


@pytest.mark.parametrize(
    ("route", "slowly", "limit"),
    [
        *((route, True, (5, LIMIT)) for route in ROUTES),
        *((route, False, LIMIT + 1) for route in ROUTES),
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
