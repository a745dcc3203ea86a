"""Point 9: TLS and proxies for real, a TLS server and proxy.py on loopback."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import warnings
from pathlib import Path
from typing import Any

import pytest
import trustme
import urllib3
from cases import for_all
from cryptography import x509
from hostile import (
    CALLS,
    OK_CONTAINER,
    PROXY_CREDENTIALS,
    Answer,
    Close,
    Garbage,
    HostileServer,
    ResetOnAccept,
    configuration_for,
    refusing_port,
)

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
from wavefront_api_client.exceptions import ApiConnectionException, ApiTlsException


@pytest.fixture
def tls_server(server_tls):
    with HostileServer([Answer()], tls=server_tls()) as server:
        yield server


def works(api: ApiTokenApi, **options: Any) -> bool:
    return api.get_all_tokens(**options).status.result == "OK"


def refused_by_tls(api: ApiTokenApi, kind: str = "get") -> ApiTlsException:
    with pytest.raises(ApiTlsException) as caught:
        CALLS[kind](api)
    assert caught.value.status == 0
    return caught.value


# --- whom to trust ----------------------------------------------------------------------------


def test_own_authority_in_a_file(connect, tls_server, ca_file):
    assert works(connect(tls_server.url, ssl_ca_cert=ca_file))


def test_own_authority_in_a_directory(connect, tls_server, authority, tmp_path):
    pem = authority.cert_pem.bytes()
    (tmp_path / f"{subject_hash(pem)}.0").write_bytes(pem)
    assert works(connect(tls_server.url, ssl_ca_cert=str(tmp_path)))


def subject_hash(pem: bytes) -> str:
    """The name by which OpenSSL looks for an authority in a directory (c_rehash)."""
    canonical = b""
    for part in x509.load_pem_x509_certificate(pem).subject.rdns:
        (attribute,) = part
        oid = x509.Name([attribute]).public_bytes()[6 : 6 + 5]  # the DER of a two-letter OID
        text = " ".join(attribute.value.lower().split()).encode()
        value = oid + b"\x0c" + bytes([len(text)]) + text
        pair = b"\x30" + bytes([len(value)]) + value
        canonical += b"\x31" + bytes([len(pair)]) + pair
    digest = hashlib.sha1(canonical, usedforsecurity=False).digest()
    return digest[3::-1].hex()


def test_an_empty_directory_trusts_nobody(connect, tls_server, tmp_path):
    refused_by_tls(connect(tls_server.url, ssl_ca_cert=str(tmp_path)))


def test_another_authority_is_not_trusted(connect, tls_server, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    refused_by_tls(connect(tls_server.url, ssl_ca_cert=str(other)))
    assert tls_server.requests == []


def test_nobody_is_trusted_by_default(connect, tls_server):
    refused_by_tls(connect(tls_server.url))
    assert tls_server.requests == []


def test_the_reason_is_told(connect, tls_server):
    assert "certificate" in str(refused_by_tls(connect(tls_server.url))).lower()


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("expected", ["wavefront.test", False], ids=["the name", "any name"])
def test_assert_hostname(connect, server_tls, ca_file, expected):
    with HostileServer([Answer()], tls=server_tls("wavefront.test")) as server:
        assert works(connect(server.url, ssl_ca_cert=ca_file, assert_hostname=expected))


@pytest.mark.parametrize("expected", [None, "other.test"])
def test_assert_hostname_that_does_not_fit(connect, server_tls, ca_file, expected):
    with HostileServer([Answer()], tls=server_tls("wavefront.test")) as server:
        refused_by_tls(connect(server.url, ssl_ca_cert=ca_file, assert_hostname=expected))
    assert server.requests == []


def test_any_name_is_not_any_authority(connect, tls_server):
    refused_by_tls(connect(tls_server.url, assert_hostname=False))


# --- client certificates ----------------------------------------------------------------------


@pytest.fixture
def strict_server(authority, server_tls):
    """It wants a client certificate of the authority."""
    context = server_tls()
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with HostileServer([Answer()], tls=context) as server:
        yield server


@pytest.fixture
def identity(authority, tmp_path):
    leaf = authority.issue_cert("client@wavefront.test")
    cert, key, both = (tmp_path / name for name in ("cert.pem", "key.pem", "both.pem"))
    leaf.cert_chain_pems[0].write_to_path(str(cert))
    leaf.private_key_pem.write_to_path(str(key))
    leaf.private_key_and_cert_chain_pem.write_to_path(str(both))
    return cert, key, both


def test_client_certificate(connect, strict_server, ca_file, identity):
    cert, key, _ = identity
    settings = {"ssl_ca_cert": ca_file, "cert_file": str(cert), "key_file": str(key)}
    assert works(connect(strict_server.url, **settings))


def test_client_certificate_in_one_file(connect, strict_server, ca_file, identity):
    assert works(connect(strict_server.url, ssl_ca_cert=ca_file, cert_file=str(identity[2])))


@for_all("kind", ["get", "create"])
@for_all("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_without_a_client_certificate(connect, authority, server_tls, ca_file, version, kind):
    """TLS 1.3 lets the client finish first: the refusal comes when it reads the answer."""
    context = server_tls()
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = version
    authority.configure_trust(context)
    with HostileServer([Answer()], tls=context) as server:
        with pytest.raises(ApiConnectionException) as caught:
            CALLS[kind](connect(server.url, ssl_ca_cert=ca_file))
    assert server.requests == []
    assert kind == "get" or server.connections == 1
    assert caught.value.status == 0


# --- files ------------------------------------------------------------------------------------


def wrong_files(tmp_path: Path, identity):
    cert, key, _ = identity
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("this is no certificate")
    missing = tmp_path / "missing.pem"
    other_key = tmp_path / "other-key.pem"
    trustme.CA().issue_cert("x.test").private_key_pem.write_to_path(str(other_key))
    pair = {"cert_file": str(cert), "key_file": str(key)}
    return {
        "missing authority": ({"ssl_ca_cert": str(missing)}, "missing.pem"),
        "missing certificate": ({**pair, "cert_file": str(missing)}, "missing.pem"),
        "missing key": ({**pair, "key_file": str(missing)}, "missing.pem"),
        "authority of garbage": ({"ssl_ca_cert": str(garbage)}, "garbage.pem"),
        "certificate of garbage": ({**pair, "cert_file": str(garbage)}, "garbage.pem"),
        "key of garbage": ({**pair, "key_file": str(garbage)}, "garbage.pem|cert.pem"),
        "key of another": ({**pair, "key_file": str(other_key)}, "cert.pem|other-key"),
        "certificate without key": ({"cert_file": str(cert)}, "cert.pem"),
        "a directory as certificate": ({"cert_file": str(tmp_path)}, tmp_path.name),
    }  # fmt: skip


@for_all(
    "case",
    ["missing authority", "missing certificate", "missing key", "authority of garbage",
     "certificate of garbage", "key of garbage", "key of another", "certificate without key",
     "a directory as certificate"],
)  # fmt: skip
def test_wrong_file_is_named_at_construction(tmp_path, identity, case):
    settings, named = wrong_files(tmp_path, identity)[case]
    with pytest.raises((OSError, ValueError), match=named):
        ApiClient(configuration_for("https://127.0.0.1:1", **settings))


def test_files_are_read_when_the_client_is_built(connect, tls_server, ca_file):
    api = connect(tls_server.url, ssl_ca_cert=ca_file)
    api.api_client.configuration.ssl_ca_cert = "/nowhere"
    assert works(api)


# --- verify_ssl=False -------------------------------------------------------------------------


def test_verify_ssl_off_warns_once_when_built(tls_server):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client = ApiClient(configuration_for(tls_server.url, verify_ssl=False))
        built = list(caught)
        with client:
            for _ in range(3):
                assert works(ApiTokenApi(client))
    assert [each.category for each in built] == [urllib3.exceptions.InsecureRequestWarning]
    assert caught == built
    assert built[0].filename == __file__, "it points at the line that builds the client"


def test_verify_ssl_off_takes_any_name(server_tls):
    with HostileServer([Answer()], tls=server_tls("other.test")) as server:
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            client = ApiClient(configuration_for(server.url, verify_ssl=False))
        with client:
            assert works(ApiTokenApi(client))


@pytest.mark.parametrize(
    "step",
    [ResetOnAccept(), Garbage(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Close()],
    ids=["reset", "http", "close"],
)
def test_broken_handshake(connect, step):
    step.on_accept = True
    with HostileServer([step]) as server, pytest.raises(ApiConnectionException) as caught:
        connect(server.url.replace("http:", "https:"), retries=0).create_token()
    assert not caught.value.outcome_unknown


# --- proxies ----------------------------------------------------------------------------------


def with_credentials(proxy_url: str, credentials: str = PROXY_CREDENTIALS) -> str:
    return proxy_url.replace("://", f"://{credentials}@")


@pytest.mark.slow
def test_tunnel_with_credentials_in_the_url(connect, proxy_url, tls_server, ca_file):
    proxy = with_credentials(proxy_url)
    api = connect(tls_server.url, ssl_ca_cert=ca_file, proxy=proxy)
    for limit in (5, None):
        assert works(api, _request_timeout=limit)
        api.api_client.rest_client.pool_manager.clear()
    assert "proxy-authorization" not in tls_server.requests[0].headers


@pytest.mark.slow
def test_tunnel_with_credentials_in_a_header(connect, proxy_url, tls_server, ca_file):
    headers = urllib3.util.make_headers(proxy_basic_auth=PROXY_CREDENTIALS)
    api = connect(tls_server.url, ssl_ca_cert=ca_file, proxy=proxy_url, proxy_headers=dict(headers))
    assert works(api)
    assert "proxy-authorization" not in tls_server.requests[0].headers


@pytest.mark.slow
def test_plain_http_through_the_proxy(connect, proxy_url):
    with HostileServer([Answer()]) as server:
        assert works(connect(server.url, proxy=with_credentials(proxy_url)))
    assert len(server.requests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("credentials", ["pr0xy-user:wrong", None])
@pytest.mark.parametrize("kind", ["get", "create"])
def test_tunnel_without_the_right_credentials(connect, proxy_url, tls_server, kind, credentials):
    proxy = with_credentials(proxy_url, credentials) if credentials else proxy_url
    with pytest.raises(ApiConnectionException) as caught:
        CALLS[kind](connect(tls_server.url, proxy=proxy))
    assert "407" in str(caught.value)
    assert not caught.value.outcome_unknown
    assert tls_server.connections == 0


@pytest.mark.slow
def test_tls_behind_the_proxy_is_checked(connect, proxy_url, tls_server):
    refused_by_tls(connect(tls_server.url, proxy=with_credentials(proxy_url)))
    assert tls_server.requests == []


@pytest.mark.slow
def test_the_service_behind_the_proxy_is_not_there(connect, proxy_url):
    with refusing_port() as port:
        api = connect(f"https://127.0.0.1:{port}", proxy=with_credentials(proxy_url))
        with pytest.raises(ApiConnectionException):
            api.create_token()


def test_the_proxy_of_a_tunnel_sees_no_key(connect):
    with HostileServer([Answer(403, b"")]) as proxy:
        api = connect(
            "https://wavefront.invalid", "Authorization", "Bearer b34rer", proxy=proxy.url
        )
        with pytest.raises(ApiConnectionException):
            api.delete_token("t0ken")
    seen = b"".join(request.raw for request in proxy.requests)
    assert seen.startswith(b"CONNECT wavefront.invalid:443 ")
    assert not any(secret in seen for secret in (b"the-key-of-the-tests", b"b34rer", b"t0ken"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_proxy_from_the_environment(connect, monkeypatch, proxy_url, name):
    monkeypatch.setenv(name, with_credentials(proxy_url, "wrong:wrong"))
    with HostileServer([Answer()]) as server, pytest.raises(ApiException) as caught:
        connect(server.url).get_all_tokens()
    assert "407" in str(caught.value)
    assert server.connections == 0


@for_all("no_proxy", ["127.0.0.1", "*", "example.com, 127.0.0.1", "127.0.0.1:{port}"])
@for_all("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy(connect, monkeypatch, name, no_proxy):
    with HostileServer([Answer()]) as server:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv(name, no_proxy.format(port=server.port))
        assert works(connect(server.url))


@for_all("no_proxy", ["", "example.com", "27.0.0.1", "127.0.0.1:1"])
def test_no_proxy_for_others(connect, monkeypatch, no_proxy):
    with HostileServer([Answer()]) as server:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", no_proxy)
        with pytest.raises(ApiConnectionException):
            works(connect(server.url))
    assert server.connections == 0


def test_no_proxy_with_tls(connect, monkeypatch, tls_server, ca_file):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert works(connect(tls_server.url, ssl_ca_cert=ca_file))


@pytest.mark.parametrize("explicit", [None, ""], ids=["None", "empty"])
def test_an_explicit_setting_beats_the_environment(connect, monkeypatch, explicit):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with HostileServer([Answer()]) as server:
        assert works(connect(server.url, proxy=explicit))


def test_an_explicit_proxy_beats_no_proxy(connect, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with HostileServer([Answer(407, b"")]) as proxy, HostileServer([Answer()]) as server:
        with pytest.raises(ApiException):
            connect(server.url, proxy=proxy.url).get_all_tokens()
    assert (len(proxy.requests), server.connections) == (1, 0)


def test_wavefront_proxy_is_something_else(connect, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_PROXY", "http://127.0.0.1:1")
    with HostileServer([Answer()]) as server:
        assert works(connect(server.url))


@for_all(
    "proxy",
    ["ftp://127.0.0.1:1", "socks5://127.0.0.1:1", "http://", "http://127.0.0.1:port", "://x"],
)
def test_an_impossible_proxy_is_refused_at_construction(proxy):
    with pytest.raises(ValueError, match="(?i)proxy"):
        ApiClient(configuration_for("https://127.0.0.1:1", proxy=proxy))


def test_an_answer_through_a_proxy_is_the_service_speaking(connect):
    with HostileServer([Answer(200, OK_CONTAINER)]) as proxy:
        api = connect("http://127.0.0.1:1", proxy=proxy.url)
        assert works(api)
    assert proxy.requests[0].target == "http://127.0.0.1:1/api/v2/apitoken"


def test_the_default_does_not_touch_the_environment_of_others(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")
    assert Configuration().proxy == "http://proxy.invalid:1"
    with contextlib.closing(ApiClient(Configuration())) as client:
        assert client.configuration.proxy == "http://proxy.invalid:1"
