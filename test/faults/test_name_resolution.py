"""Looking a name up: once per attempt, within the limit, and whatever it finds is tried."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import urllib3
import wire
from hostile import (
    CALLS,
    OK_CONTAINER,
    Answer,
    Close,
    HostileServer,
    Reply,
    Request,
    eventually,
    http_answer,
    refusing_port,
)
from tunnels import Tunnel
from urllib3.exceptions import InsecureRequestWarning

from wavefront_api_client._transport.connection import under_way
from wavefront_api_client.exceptions import ApiConnectionException, ApiTimeoutException

NAME = "service.localhost"
OTHER = "elsewhere.localhost"
LIMIT = 0.3
OK = http_answer(200, OK_CONTAINER)

ORIGINAL = socket.getaddrinfo


class Resolver:
    """What `socket.getaddrinfo` is for a test: `names` are those that were looked up."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.found: Callable[[str, int], list[tuple]] = at("127.0.0.1")
        self.answers = threading.Event()
        self.answers.set()

    def __call__(self, host, port, family=0, type=0, proto=0, flags=0) -> list[tuple]:
        name = host.decode() if isinstance(host, bytes) else host
        self.names.append(name)
        if name not in (NAME, OTHER):
            return ORIGINAL(host, port, family, type, proto, flags)
        self.answers.wait(3)
        return self.found(name, int(port))


def at(*addresses: str) -> Callable[[str, int], list[tuple]]:
    def found(name: str, port: int) -> list[tuple]:
        return [entry(address, port) for address in addresses]

    return found


def entry(address: str, port: int) -> tuple:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)


def fails(error: Exception) -> Callable[[str, int], list[tuple]]:
    def found(name: str, port: int) -> list[tuple]:
        raise error

    return found


@pytest.fixture(autouse=True)
def resolver(monkeypatch) -> Iterator[Resolver]:
    """It comes before all other fixtures, and goes when no client is left."""
    threads = set(threading.enumerate())
    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    yield resolver
    resolver.answers.set()
    # Nor may a name be looked up any longer: the next test would share what is found.
    assert eventually(lambda: not under_way, 5)
    assert eventually(lambda: threads.issuperset(threading.enumerate()), 5), threading.enumerate()


def url(port: int, scheme: str = "http") -> str:
    return f"{scheme}://{NAME}:{port}"


@contextlib.contextmanager
def within(most: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < most


# --- how often --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_name_is_looked_up_once(connect, resolver, server_tls, ca_file, kind, tls):
    with HostileServer([Answer()], tls=server_tls(NAME) if tls else None) as server:
        scheme = "https" if tls else "http"
        api = connect(url(server.port, scheme), ssl_ca_cert=ca_file if tls else None)
        CALLS[kind](api)
        assert resolver.names == [NAME]
        CALLS[kind](api)
    assert resolver.names == [NAME], "the connection was kept"


def test_a_name_is_looked_up_once_per_attempt(connect, resolver):
    with HostileServer([Close(), Close(), Answer()]) as server:
        assert connect(url(server.port)).get_all_tokens().status.result == "OK"
    assert (resolver.names, len(server.requests)) == ([NAME] * 3, 3)


@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_refused_connection_is_looked_up_once_per_attempt(connect, resolver, kind):
    with refusing_port() as port, pytest.raises(ApiConnectionException) as caught:
        CALLS[kind](connect(url(port)))
    assert len(resolver.names) == caught.value.attempts == 3


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_only_the_name_of_the_proxy_is_looked_up(connect, resolver, server_tls, ca_file, scheme):
    tunnel = Tunnel(server_tls(OTHER), lambda request: OK)
    with HostileServer([Answer() if scheme == "http" else tunnel]) as proxy:
        api = connect(f"{scheme}://{OTHER}", proxy=url(proxy.port), ssl_ca_cert=ca_file)
        assert api.get_all_tokens().status.result == "OK"
    assert resolver.names == [NAME]


def test_a_redirect_is_looked_up_if_it_needs_a_connection(connect, resolver):
    def answer(request: Request) -> bytes:
        return OK if request.target == "/x" else http_answer(302, b"", {"Location": "/x"})

    with HostileServer([Reply(answer)]) as server:
        assert connect(url(server.port)).get_all_tokens().status.result == "OK"
    assert resolver.names == [NAME] * server.connections


# --- how long ---------------------------------------------------------------------------------

LIMITS = {
    "number": LIMIT,
    "pair": (LIMIT, 60),
    "urllib3 connect": urllib3.Timeout(connect=LIMIT, read=60),
    "urllib3 total": urllib3.Timeout(total=LIMIT),
}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_resolver_that_does_not_answer_is_given_up(connect, resolver, kind, limit):
    resolver.answers.clear()
    with HostileServer([Answer()]) as server:
        api = connect(url(server.port), retries=0)
        with within(LIMIT + 2), pytest.raises(ApiTimeoutException) as caught:
            CALLS[kind](api, _request_timeout=LIMITS[limit])
        assert (caught.value.attempts, caught.value.outcome_unknown) == (1, False)
        assert server.connections == 0
        resolver.answers.set()
        assert CALLS[kind](api, _request_timeout=5).status.result == "OK"
    assert server.connections == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_resolver_that_does_not_answer_for_the_proxy_is_given_up(connect, resolver, scheme):
    resolver.answers.clear()
    with HostileServer([Answer()]) as proxy:
        api = connect(f"{scheme}://{OTHER}", proxy=url(proxy.port), retries=0)
        with within(LIMIT + 2), pytest.raises(ApiTimeoutException) as caught:
            api.create_token(_request_timeout=LIMIT)
    assert (caught.value.outcome_unknown, proxy.connections) == (False, 0)


def test_the_limit_holds_for_all_attempts(connect, resolver):
    resolver.answers.clear()
    with within(LIMIT + 2), pytest.raises(ApiTimeoutException):
        connect(url(9), retries=1000).get_all_tokens(_request_timeout=LIMIT)


def test_the_limit_of_a_pair_is_for_each_attempt(connect, resolver):
    resolver.answers.clear()
    with within(3 * LIMIT + 2), pytest.raises(ApiTimeoutException) as caught:
        connect(url(9)).create_token(_request_timeout=(LIMIT, 60))
    assert (caught.value.attempts, caught.value.outcome_unknown) == (3, False)


def test_an_asynchronous_call_gives_up_as_well(connect, resolver):
    resolver.answers.clear()
    with within(LIMIT + 2), pytest.raises(ApiTimeoutException):
        api = connect(url(9), retries=0)
        api.get_all_tokens(_request_timeout=LIMIT, async_req=True).get(10)


def test_another_name_is_found_while_one_is_waited_for(connect, resolver):
    """A service whose name is not found does not stand in the way of another."""
    found = resolver.found

    def slow_or_not(name: str, port: int) -> list[tuple]:
        if name == OTHER:
            hangs.wait(3)
        return found(name, port)

    resolver.found, hangs = slow_or_not, threading.Event()
    with HostileServer([Answer()]) as server:
        lost = connect(f"http://{OTHER}:{server.port}", retries=0)
        waiting = [
            lost.get_all_tokens(_request_timeout=10, async_req=True),
            lost.get_all_tokens(_request_timeout=10, async_req=True),
        ]
        assert eventually(lambda: resolver.names.count(OTHER) >= 1)
        with within(2.5):
            assert connect(url(server.port)).get_all_tokens().status.result == "OK"
        hangs.set()
        assert [each.get(10).status.result for each in waiting] == ["OK", "OK"]


def test_without_a_limit_the_resolver_may_take_its_time(connect, resolver):
    resolver.answers.clear()
    releaser = threading.Timer(0.2, resolver.answers.set)
    releaser.start()
    with HostileServer([Answer()]) as server:
        api = connect(url(server.port), retries=0)
        assert api.get_all_tokens(_request_timeout=None).status.result == "OK"
    releaser.join()


def test_a_name_that_is_found_late_is_still_connected_to(connect, resolver):
    resolver.answers.clear()
    releaser = threading.Timer(0.2, resolver.answers.set)
    releaser.start()
    with HostileServer([Answer()]) as server:
        api = connect(url(server.port), retries=0)
        assert api.create_token(_request_timeout=5).status.result == "OK"
    releaser.join()


# --- what is found ----------------------------------------------------------------------------

FAILURES = {
    "not found": socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    "not found for now": socket.gaierror(socket.EAI_AGAIN, "Temporary failure"),
    "system": OSError(24, "Too many open files"),
    "unicode": UnicodeError("label too long"),
}


@pytest.mark.parametrize("case", [*FAILURES, "nothing"])
@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_name_that_is_not_found(connect, resolver, kind, case):
    resolver.found = fails(FAILURES[case]) if case in FAILURES else at()
    with pytest.raises(ApiConnectionException) as caught:
        CALLS[kind](connect(url(9)))
    error = caught.value
    assert (type(error), error.outcome_unknown) == (ApiConnectionException, False)
    assert len(resolver.names) == error.attempts
    assert error.attempts == 3 or case == "unicode", "there is nothing to hope for that one"


def test_a_name_that_is_found_at_the_next_attempt(connect, resolver):
    with HostileServer([Answer()]) as server:

        def later(name: str, port: int) -> list[tuple]:
            if len(resolver.names) == 1:
                raise FAILURES["not found for now"]
            return [entry("127.0.0.1", port)]

        resolver.found = later
        assert connect(url(server.port)).create_token().status.result == "OK"
    assert len(resolver.names) == 2


@pytest.mark.parametrize("kind", CALLS)
def test_the_second_address_serves_when_the_first_refuses(connect, resolver, kind):
    resolver.found = at("127.0.0.2", "127.0.0.1")
    with HostileServer([Answer()]) as server:
        assert CALLS[kind](connect(url(server.port), retries=0)).status.result == "OK"
    assert (resolver.names, len(server.requests)) == ([NAME], 1)


def test_the_first_address_serves_when_it_answers(connect, resolver):
    resolver.found = at("127.0.0.1", "127.0.0.2")
    with HostileServer([Answer()]) as server:
        assert connect(url(server.port), retries=0).get_all_tokens().status.result == "OK"
    assert server.requests[0].headers["host"] == f"{NAME}:{server.port}"


def test_all_addresses_refuse(connect, resolver):
    resolver.found = at("127.0.0.2", "127.0.0.3", "127.0.0.1")
    with refusing_port() as port, pytest.raises(ApiConnectionException) as caught:
        connect(url(port), retries=0).create_token()
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, False)
    assert resolver.names == [NAME]


def test_the_certificate_is_for_the_name(connect, resolver, server_tls, ca_file):
    resolver.found = at("127.0.0.2", "127.0.0.1")
    with HostileServer([Answer()], tls=server_tls(NAME)) as server:
        api = connect(url(server.port, "https"), ssl_ca_cert=ca_file, retries=0)
        assert api.get_all_tokens().status.result == "OK"


# --- IPv6 -------------------------------------------------------------------------------------


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 on this machine")


@needs_ipv6
@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_name_with_an_ipv6_address(connect, resolver, kind):
    resolver.found = at("::1")
    with HostileServer([Answer()], address="::1") as server:
        assert CALLS[kind](connect(url(server.port), retries=0)).status.result == "OK"
    assert resolver.names == [NAME]


@needs_ipv6
def test_ipv6_refuses_and_ipv4_serves(connect, resolver):
    resolver.found = at("::1", "127.0.0.1")
    with HostileServer([Answer()]) as server:
        assert connect(url(server.port), retries=0).create_token().status.result == "OK"
    assert len(server.requests) == 1


@needs_ipv6
def test_ipv4_refuses_and_ipv6_serves(connect, resolver):
    resolver.found = at("127.0.0.2", "::1")
    with HostileServer([Answer()], address="::1") as server:
        assert connect(url(server.port), retries=0).create_token().status.result == "OK"
    assert len(server.requests) == 1


@needs_ipv6
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_an_ipv6_address_as_the_host(connect, server_tls, ca_file, tls):
    context = server_tls("::1") if tls else None
    with HostileServer([Answer()], address="::1", tls=context) as server:
        where = f"{'https' if tls else 'http'}://[::1]:{server.port}"
        api = connect(where, retries=0, ssl_ca_cert=ca_file if tls else None)
        assert api.create_token().status.result == "OK"
    assert server.requests[0].headers["host"] == f"[::1]:{server.port}"


@pytest.mark.parametrize("port", ["", ":8443"])
def test_an_ipv6_address_as_the_host_behind_a_tunnel(connect, server_tls, port):
    with HostileServer([Answer()], tls=server_tls()) as server:
        with HostileServer([wire.Tunnel(server.port)]) as proxy:
            with pytest.warns(InsecureRequestWarning):
                api = connect(f"https://[::1]{port}", proxy=proxy.url, verify_ssl=False)
            assert api.get_all_tokens().status.result == "OK"
    assert proxy.requests[0].target == f"[::1]{port or ':443'}"
    assert server.requests[0].headers["host"] == f"[::1]{port}"
