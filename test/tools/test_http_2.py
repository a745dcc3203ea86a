"""HTTP/2 of urllib3, put into its pools: calls go through urllib3 as it comes."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest
import trustme
import urllib3
from hostile import OK_CONTAINER, Answer, HostileServer, configuration_for

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi
from wavefront_api_client._transport.connection import TlsConnection

h2 = pytest.importorskip("h2.connection", reason="h2 is not installed")
config, events = pytest.importorskip("h2.config"), pytest.importorskip("h2.events")

# With an older urllib3 there is nothing to be tried, so that nothing is skipped either.
HAS_HTTP_2 = tuple(map(int, urllib3.__version__.split(".")[:2])) >= (2, 3)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    authority = trustme.CA()
    authority.path = str(tmp_path_factory.mktemp("tls") / "ca.pem")
    authority.cert_pem.write_to_path(authority.path)
    return authority


def context(authority, *protocols):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    tls.set_alpn_protocols([*protocols])
    return tls


@contextmanager
def http_2():
    from urllib3.http2 import extract_from_urllib3, inject_into_urllib3

    inject_into_urllib3()
    try:
        yield
    finally:
        extract_from_urllib3()


def serve(listener, tls):
    """Answer all requests of one connection."""
    raw, _ = listener.accept()
    with suppress(OSError), tls.wrap_socket(raw, server_side=True) as sock:
        connection = h2.H2Connection(config.H2Configuration(client_side=False))
        connection.initiate_connection()
        while True:
            sock.sendall(connection.data_to_send())
            data = sock.recv(65536)
            if not data:
                return
            for event in connection.receive_data(data):
                if isinstance(event, events.StreamEnded):
                    body = json.dumps(OK_CONTAINER).encode()
                    length = ("content-length", str(len(body)))
                    connection.send_headers(event.stream_id, [(":status", "200"), length])
                    connection.send_data(event.stream_id, body, end_stream=True)


@contextmanager
def api_for(url, authority):
    settings = {"retries": 0, "request_timeout": 1, "ssl_ca_cert": authority.path}
    with http_2(), ApiClient(configuration_for(url, **settings)) as client:
        yield ApiTokenApi(client)


@pytest.mark.parametrize("call", ["create_token", "get_all_tokens"])
def test_a_service_of_http_2_is_called(authority, call):
    if not HAS_HTTP_2:
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener, context(authority, "h2")))
        server.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with api_for(url, authority) as api:
            assert getattr(api, call)().response == []
        server.join(5)


def test_a_call_of_another_service_ends_within_its_limit(authority):
    if not HAS_HTTP_2:
        return
    with HostileServer([Answer()], tls=context(authority, "http/1.1")) as server:
        begun = time.monotonic()
        with api_for(server.url, authority) as api, pytest.raises(ApiException):
            api.get_all_tokens()
        assert time.monotonic() - begun < 3


def test_our_connections_are_made_of_http_1():
    if not HAS_HTTP_2:
        return
    original = urllib3.connection.HTTPSConnection
    with http_2():
        assert urllib3.connection.HTTPSConnection is not original
        assert issubclass(TlsConnection, original)
