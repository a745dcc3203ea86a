"""Point 4, connecting: several addresses, slow tunnels and handshakes, a proxy that is another."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
import urllib3
from cases import for_all
from hostile import (
    CALLS,
    OK_CONTAINER,
    Answer,
    Hang,
    HostileServer,
    Step,
    Trickle,
    black_hole,
    refusing_port,
)

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiTimeoutException,
    ApiTlsException,
)
from wavefront_api_client.retry import RetryPolicy

IS_URLLIB3_1 = urllib3.__version__.startswith("1.")
LIMITS = {
    "number": 0.2,
    "pair": (0.2, 60),
    "urllib3 connect": urllib3.Timeout(connect=0.2, read=60),
    "urllib3 total": urllib3.Timeout(total=0.2),
}


@contextlib.contextmanager
def within(least: float) -> Iterator[None]:
    """Neither sooner than the limit nor, with room for a busy machine, much later."""
    begun = time.monotonic()
    yield
    assert least <= time.monotonic() - begun <= least + 1.5


@pytest.fixture
def addresses(monkeypatch):
    """Have the name "many.localhost" lead to these addresses."""

    def set_addresses(*found: str) -> None:
        real = socket.getaddrinfo

        def lookup(name, *args, **kwargs):
            names = found if name == "many.localhost" else [name]
            return [address for each in names for address in real(each, *args, **kwargs)]

        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    return set_addresses


def at_many(port: int, scheme: str = "http") -> str:
    return f"{scheme}://many.localhost:{port}"


# --- several addresses ------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 4, 50])
@pytest.mark.parametrize("limit", LIMITS)
def test_one_limit_holds_for_all_addresses(connect, addresses, limit, count):
    addresses(*["127.0.0.1"] * count)
    with black_hole() as port:
        api = connect(at_many(port), retries=0)
        with within(0.15), pytest.raises(ApiTimeoutException) as caught:
            api.get_all_tokens(_request_timeout=LIMITS[limit])
    assert caught.value.attempts == 1


def test_a_number_holds_for_all_addresses_and_attempts(connect, addresses):
    addresses(*["127.0.0.1"] * 3)
    with black_hole() as port:
        api = connect(at_many(port), retries=RetryPolicy(retries=1000, backoff=0))
        with within(0.15), pytest.raises(ApiTimeoutException):
            api.get_all_tokens(_request_timeout=0.2)


def test_the_limit_of_a_pair_is_for_each_attempt(connect, addresses):
    addresses(*["127.0.0.1"] * 3)
    with black_hole() as port:
        api = connect(at_many(port), retries=RetryPolicy(retries=1, backoff=0))
        with within(0.18), pytest.raises(ApiTimeoutException) as caught:
            api.get_all_tokens(_request_timeout=(0.1, 60))
    assert caught.value.attempts == 2


@for_all("kind", CALLS)
def test_the_second_address_serves_when_the_first_is_dead(connect, addresses, kind):
    with HostileServer([Answer()]) as server, black_hole("127.0.0.3", server.port):
        addresses("127.0.0.3", "127.0.0.1")
        CALLS[kind](connect(at_many(server.port), retries=0), _request_timeout=(0.3, 5))
    assert len(server.requests) == 1


@for_all("kind", CALLS)
def test_the_second_address_serves_when_the_first_refuses(connect, addresses, kind):
    addresses("127.0.0.2", "127.0.0.1")
    with HostileServer([Answer()]) as server:
        CALLS[kind](connect(at_many(server.port), retries=0))
    assert len(server.requests) == 1


def test_the_first_address_serves_when_it_answers(connect, addresses):
    addresses("127.0.0.1", "127.0.0.2")
    with HostileServer([Answer()]) as server:
        assert connect(at_many(server.port), retries=0).get_all_tokens().response == []


def test_the_service_is_still_called_by_its_name(connect, addresses):
    addresses("127.0.0.2", "127.0.0.1")
    with HostileServer([Answer(then="close")]) as server:
        api = connect(at_many(server.port))
        api.get_all_tokens()
        api.get_all_tokens()
    expected = f"many.localhost:{server.port}"
    assert [request.headers["host"] for request in server.requests] == [expected] * 2


@pytest.mark.parametrize("kind", ["get", "create"])
def test_all_addresses_refuse(connect, addresses, kind):
    addresses("127.0.0.2", "127.0.0.1")
    with refusing_port() as port, pytest.raises(ApiConnectionException) as caught:
        CALLS[kind](connect(at_many(port), retries=0))
    assert type(caught.value) is ApiConnectionException
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, False)


def test_the_second_address_of_a_proxy_serves(connect, addresses):
    addresses("127.0.0.2", "127.0.0.1")
    with HostileServer([Answer()]) as proxy:
        api = connect("http://wavefront.localhost", proxy=at_many(proxy.port), retries=0)
        assert api.get_all_tokens().status.result == "OK"


def test_the_certificate_is_for_the_name_and_not_for_the_address(
    connect, addresses, server_tls, ca_file
):
    addresses("127.0.0.2", "127.0.0.1")
    with HostileServer([Answer()], tls=server_tls("many.localhost")) as server:
        api = connect(at_many(server.port, "https"), ssl_ca_cert=ca_file, retries=0)
        assert api.get_all_tokens().status.result == "OK"


def test_a_certificate_for_the_address_is_not_one_for_the_name(
    connect, addresses, server_tls, ca_file
):
    addresses("127.0.0.2", "127.0.0.1")
    with HostileServer([Answer()], tls=server_tls("127.0.0.1")) as server:
        api = connect(at_many(server.port, "https"), ssl_ca_cert=ca_file, retries=0)
        with pytest.raises(ApiTlsException):
            api.get_all_tokens()
    assert server.requests == []


# --- tunnels and handshakes -------------------------------------------------------------------

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
LONG_RECORD = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb"
"""The head of a TLS record with a ServerHello of 16 kB, which is then sent byte by byte."""


class SlowTunnel(Step):
    """A tunnel that takes its time to come about, and then does the next step."""

    def __init__(self, delay: float, then: Step) -> None:
        self.delay = delay
        self.then = then

    def act(self, peer):
        peer.stopping.wait(self.delay)
        peer.send_now(ESTABLISHED)
        return self.then.act(peer)


def trickled_handshake() -> Trickle:
    return Trickle(b"\x00", 0.02, endless=True, head=LONG_RECORD)


TUNNELS = {
    "silent TLS": lambda: SlowTunnel(0.12, Hang()),
    "trickled TLS": lambda: SlowTunnel(0.12, trickled_handshake()),
    "trickled head": lambda: Trickle(ESTABLISHED[:-2], 0.02),
}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("case", TUNNELS)
def test_a_slow_tunnel_and_its_handshake_share_one_limit(connect, case, limit):
    with HostileServer([TUNNELS[case]()]) as proxy:
        api = connect("https://wavefront.invalid", proxy=proxy.url, retries=0)
        with within(0.15), pytest.raises(ApiTimeoutException) as caught:
            api.create_token(_request_timeout=LIMITS[limit])
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("limit", LIMITS)
def test_a_trickled_handshake_is_bounded(connect, limit):
    step = trickled_handshake()
    step.on_accept = True
    with HostileServer([step]) as server:
        api = connect(f"https://127.0.0.1:{server.port}", retries=0)
        with within(0.15), pytest.raises(ApiTimeoutException) as caught:
            api.create_token(_request_timeout=LIMITS[limit])
    assert not caught.value.outcome_unknown


def test_a_slow_connection_leaves_the_answer_its_time(connect, server_tls, ca_file):
    """What is left of the time to connect does not bound the answer."""
    with HostileServer([Answer(delay=1.1)], tls=server_tls()) as server:
        api = connect(server.url, ssl_ca_cert=ca_file, retries=0)
        assert api.get_all_tokens(_request_timeout=(1, 5)).status.result == "OK"


# --- a proxy behind TLS -----------------------------------------------------------------------

TARGETS = ["http://wavefront.localhost", "https://wavefront.localhost"]


@contextlib.contextmanager
def tls_proxy(server_tls, *names: str) -> Iterator[HostileServer]:
    with HostileServer([Answer(200, OK_CONTAINER)], tls=server_tls(*names)) as server:
        yield server


def proxy_at(host: str, server: HostileServer) -> str:
    return f"https://pr0xy-user:pr0xy-pass@{host}:{server.port}"


@for_all("target", TARGETS)
@for_all("kind", ["get", "create"])
def test_a_proxy_with_the_certificate_of_another_is_refused(
    connect, server_tls, ca_file, target, kind
):
    with tls_proxy(server_tls, "other.example") as proxy:
        api = connect(target, proxy=proxy_at("localhost", proxy), ssl_ca_cert=ca_file, retries=0)
        with pytest.raises(ApiTlsException) as caught:
            CALLS[kind](api)
    assert proxy.requests == []
    assert not caught.value.outcome_unknown
    assert "pr0xy-pass" not in str(caught.value)


@pytest.mark.parametrize("target", TARGETS)
def test_a_proxy_of_another_authority_is_refused(connect, server_tls, target):
    with tls_proxy(server_tls, "localhost") as proxy:
        api = connect(target, proxy=proxy_at("localhost", proxy), retries=0)
        with pytest.raises(ApiTlsException):
            api.get_all_tokens()
    assert proxy.requests == []


@for_all("expected", ["other.example", False])
@for_all(
    "target",
    [
        *TARGETS[:2],
    ],
)
def test_the_name_that_the_service_may_have_is_none_for_the_proxy(
    connect, server_tls, ca_file, target, expected
):
    with tls_proxy(server_tls, "other.example") as proxy:
        settings = {"ssl_ca_cert": ca_file, "assert_hostname": expected, "retries": 0}
        api = connect(target, proxy=proxy_at("localhost", proxy), **settings)
        with pytest.raises(ApiTlsException):
            api.get_all_tokens()
    assert proxy.requests == []


def test_a_proxy_with_its_own_certificate_is_used(connect, server_tls, ca_file):
    with tls_proxy(server_tls, "localhost") as proxy:
        api = connect(TARGETS[0], proxy=proxy_at("localhost", proxy), ssl_ca_cert=ca_file)
        assert api.get_all_tokens().status.result == "OK"
    assert proxy.requests[0].target.startswith("http://wavefront.localhost/api/")
    assert "proxy-authorization" in proxy.requests[0].headers


def test_a_proxy_by_its_address_is_checked_or_refused(connect, server_tls, ca_file):
    with tls_proxy(server_tls, "127.0.0.1") as proxy:
        settings = {"proxy": proxy_at("127.0.0.1", proxy), "ssl_ca_cert": ca_file}
        if IS_URLLIB3_1:
            with pytest.raises(ValueError, match="no IP address"):
                ApiClient(Configuration(host=TARGETS[0], **settings))
        else:
            assert connect(TARGETS[0], **settings).get_all_tokens().status.result == "OK"


@pytest.mark.skipif(IS_URLLIB3_1, reason="urllib3 1.26 is given no such proxy")
def test_a_proxy_by_an_address_that_its_certificate_does_not_name(connect, server_tls, ca_file):
    with tls_proxy(server_tls, "localhost") as proxy:
        api = connect(
            TARGETS[0], proxy=proxy_at("127.0.0.1", proxy), ssl_ca_cert=ca_file, retries=0
        )
        with pytest.raises(ApiTlsException):
            api.get_all_tokens()
    assert proxy.requests == []


def test_without_verification_any_proxy_is_used(server_tls):
    with tls_proxy(server_tls, "other.example") as proxy:
        configuration = Configuration(
            host=TARGETS[0], proxy=proxy_at("127.0.0.1", proxy), verify_ssl=False
        )
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            client = ApiClient(configuration)
        with client:
            assert ApiTokenApi(client).get_all_tokens().status.result == "OK"
