"""A client certificate that is missing or refused: TLS 1.3 says so only after the request."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from hostile import CALLS, OK_CONTAINER, HostileServer, Peer, Step, http_answer
from tunnels import ESTABLISHED
from urllib3.util.ssl_ import create_urllib3_context

from wavefront_api_client import ApiClient, Configuration
from wavefront_api_client._transport.tls import Tls
from wavefront_api_client.exceptions import ApiConnectionException, ApiTlsException

OK = http_answer(200, OK_CONTAINER)


class Handshake(Step):
    """Shake hands, or refuse to; what was sent meanwhile is taken from the wire, and not acted on.

    A server that closed before it has read that would reset the connection, and could so take
    its own alert back.
    """

    on_accept = True

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.tls = tls
        self.refused: list[str] = []

    def act(self, peer: Peer) -> bool:
        sock = self.tls.wrap_socket(peer.sock.dup(), True, do_handshake_on_connect=False)
        with sock:
            try:
                sock.do_handshake()
            except ssl.SSLError as error:
                self.refused.append(str(error.reason))
                sock.shutdown(socket.SHUT_WR)
                with contextlib.suppress(OSError):
                    while peer.sock.recv(65536):
                        pass
                return False
            sock.recv(65536)
            sock.sendall(OK)
        return False


class HandshakeInTunnel(Handshake):
    on_accept = False

    def act(self, peer: Peer) -> bool:
        peer.send_now(ESTABLISHED)
        return super().act(peer)


@pytest.fixture
def strict(authority, server_tls):
    """Make the TLS side of a server that wants a client certificate of the authority."""

    def make(version: ssl.TLSVersion) -> ssl.SSLContext:
        context = server_tls("127.0.0.1", "home.localhost")
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = context.maximum_version = version
        authority.configure_trust(context)
        return context

    return make


def identity(authority: trustme.CA, path, **options) -> dict[str, str]:
    leaf = authority.issue_cert("client@wavefront.test", **options)
    leaf.private_key_and_cert_chain_pem.write_to_path(str(path / "client.pem"))
    return {"cert_file": str(path / "client.pem")}


def expired() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)


@pytest.fixture(params=["none", "of another authority", "expired"])
def refused_identity(request, authority, tmp_path) -> dict[str, str]:
    if request.param == "none":
        return {}
    if request.param == "expired":
        return identity(authority, tmp_path, not_after=expired())
    return identity(trustme.CA(), tmp_path)


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("kind", ["get", "delete", "create"])
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_a_client_certificate_that_is_refused(
    connect, strict, ca_file, refused_identity, version, kind
):
    step = Handshake(strict(version))
    with HostileServer([step]) as server:
        api = connect(f"https://127.0.0.1:{server.port}", ssl_ca_cert=ca_file, **refused_identity)
        with pytest.raises(ApiConnectionException) as caught:
            CALLS[kind](api)
    error = caught.value
    assert len(step.refused) == server.connections == 1, "it would fare no better again"
    assert (type(error), error.attempts) == (ApiTlsException, 1)
    assert not error.outcome_unknown, "no request was acted on"
    assert "alert" in str(error)


@pytest.mark.parametrize("kind", ["get", "create"])
def test_a_client_certificate_that_is_refused_at_the_end_of_a_tunnel(
    connect, strict, ca_file, kind
):
    step = HandshakeInTunnel(strict(ssl.TLSVersion.TLSv1_3))
    with HostileServer([step]) as proxy:
        api = connect("https://home.localhost", proxy=proxy.url, ssl_ca_cert=ca_file)
        with pytest.raises(ApiTlsException) as caught:
            CALLS[kind](api)
    assert (len(proxy.requests), caught.value.attempts) == (1, 1)
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("kind", ["get", "create"])
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_a_client_certificate_that_is_accepted(
    connect, strict, authority, ca_file, tmp_path, version, kind
):
    with HostileServer([Handshake(strict(version))]) as server:
        settings = {"ssl_ca_cert": ca_file, **identity(authority, tmp_path)}
        api = connect(f"https://127.0.0.1:{server.port}", **settings)
        assert CALLS[kind](api).status.result == "OK"


class ClearText(Step):
    """Fall out of TLS in the place of an answer: the request may have been acted on."""

    on_accept = True

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.tls = tls
        self.requests = 0

    def act(self, peer: Peer) -> bool:
        with self.tls.wrap_socket(peer.sock.dup(), True) as sock:
            sock.recv(65536)
            self.requests += 1
            peer.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
            sock.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while peer.sock.recv(65536):
                    pass
        return False


def test_another_error_of_tls_after_the_request_leaves_the_outcome_open(
    connect, server_tls, ca_file
):
    step = ClearText(server_tls())
    with HostileServer([step]) as server:
        api = connect(f"https://127.0.0.1:{server.port}", ssl_ca_cert=ca_file)
        with pytest.raises(ApiConnectionException) as caught:
            api.create_token()
    assert (step.requests, caught.value.attempts) == (1, 1)
    assert caught.value.outcome_unknown


def test_our_context_is_what_urllib3_would_make():
    ours = Tls(Configuration()).context()
    theirs = create_urllib3_context()
    for name in ("post_handshake_auth", "maximum_version", "verify_mode"):
        assert getattr(ours, name) == getattr(theirs, name), name
    # urllib3 1.26 leaves it to OpenSSL.
    assert ours.minimum_version == max(theirs.minimum_version, ssl.TLSVersion.TLSv1_2)
    assert ours.verify_flags | theirs.verify_flags == ours.verify_flags


def test_a_key_with_a_pass_phrase_is_an_error_that_names_the_file(tmp_path, authority):
    certificate = authority.issue_cert("client@example.com")
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    path = tmp_path / "client.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
        + certificate.cert_chain_pems[0].bytes()
    )
    with pytest.raises(
        ValueError, match=f"cert_file '.*{path.name}' cannot be used: .* pass phrase"
    ):
        ApiClient(Configuration(cert_file=str(path)))
