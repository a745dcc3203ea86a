"""Tools that put something of theirs into urllib3 have their way; who only looks on changes nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import ssl
import subprocess
import sys
from unittest import mock

import pytest
import trustme
import urllib3
from hostile import (
    CALLS,
    OK_CONTAINER,
    Answer,
    Close,
    HostileServer,
    configuration_for,
    refusing_port,
)
from urllib3 import connection, connectionpool
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from wavefront_api_client import (
    ApiClient,
    ApiConnectionException,
    ApiTlsException,
    ApiTokenApi,
    InvalidResponseException,
    NotFoundException,
)

TOKEN = "0a1b-the-token"
PATH = f"/api/v2/apitoken/{TOKEN}"
FOUND = {**OK_CONTAINER, "response": [{"tokenID": "made up"}]}


@pytest.fixture
def service():
    with HostileServer([Answer()]) as server:
        yield server


@pytest.fixture
def api(service):
    with ApiClient(configuration_for(service.url)) as client:
        yield ApiTokenApi(client)


def made_up(*_, **__):
    return urllib3.HTTPResponse(json.dumps(FOUND).encode(), status=200, headers={"A": "b"})


class Spy:
    """A tool's own connection class, which tells what it was asked for."""

    seen: list

    def request(self, method, url, *args, **kwargs):
        type(self).seen.append((method, url))
        return super().request(method, url, *args, **kwargs)


@pytest.fixture
def spies():
    class PlainSpy(Spy, connection.HTTPConnection):
        seen = []

    class TlsSpy(Spy, connection.HTTPSConnection):
        seen = PlainSpy.seen

    with (
        mock.patch.object(HTTPConnectionPool, "ConnectionCls", PlainSpy),
        mock.patch.object(HTTPSConnectionPool, "ConnectionCls", TlsSpy),
    ):
        yield PlainSpy.seen


# connection classes


def test_a_connection_class_of_a_tool_is_used_and_sees_what_is_sent(api, service, spies):
    assert api.delete_token(TOKEN).response == []
    assert spies == [("DELETE", PATH)]
    assert [request.target for request in service.requests] == [PATH]


def test_no_connection_of_one_time_is_used_at_another(api, service):
    class PlainSpy(Spy, connection.HTTPConnection):
        seen = []

    def call():
        api.get_all_tokens()
        return service.connections, len(PlainSpy.seen)

    assert [call(), call()] == [(1, 0), (1, 0)]
    with mock.patch.object(HTTPConnectionPool, "ConnectionCls", PlainSpy):
        assert [call(), call()] == [(2, 1), (2, 2)]
    assert call() == (3, 2)
    with mock.patch.object(HTTPConnectionPool, "ConnectionCls", type("Other", (PlainSpy,), {})):
        assert call() == (4, 3)


def test_a_client_that_is_closed_keeps_no_connection_of_a_tool(service, spies):
    client = ApiClient(configuration_for(service.url))
    ApiTokenApi(client).get_all_tokens()
    client.close()
    service.wait_until_closed()
    with pytest.raises(RuntimeError):
        ApiTokenApi(client).get_all_tokens()


@pytest.mark.parametrize("kind", ["create", "generate"])
def test_no_post_is_sent_again_in_company_of_a_tool(spies, kind):
    with HostileServer([Close(), Answer()]) as server:
        with ApiClient(configuration_for(server.url)) as client:
            with pytest.raises(ApiConnectionException) as caught:
                CALLS[kind](ApiTokenApi(client))
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, True)
    assert len(server.requests) == 1


def test_whether_it_was_sent_is_not_known_in_company_of_a_tool(spies):
    with refusing_port() as port:
        with ApiClient(configuration_for(f"http://127.0.0.1:{port}")) as client:
            with pytest.raises(ApiConnectionException) as caught:
                ApiTokenApi(client).create_token()
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, True)


def test_a_get_is_sent_again_and_redirects_are_ours(spies):
    script = [Close(), Answer(302, headers={"Location": "/elsewhere"}), Answer()]
    with HostileServer(script) as server, ApiClient(configuration_for(server.url)) as client:
        assert ApiTokenApi(client).get_all_tokens().response == []
    assert [url for _, url in spies] == ["/api/v2/apitoken", "/api/v2/apitoken", "/elsewhere"]


def test_an_error_and_its_headers_come_through(spies):
    with HostileServer([Answer(404, headers={"X-Why": "gone"})]) as server:
        with ApiClient(configuration_for(server.url)) as client:
            with pytest.raises(NotFoundException) as caught:
                ApiTokenApi(client).get_customer_token(TOKEN)
    assert caught.value.headers["x-why"] == "gone"
    assert TOKEN not in str(caught.value)


def test_an_unread_answer_is_left_unread(api, spies):
    answer = api.get_all_tokens(_preload_content=False)
    assert json.loads(answer.read()) == OK_CONTAINER
    answer.release_conn()


def test_a_body_arrives_and_nothing_is_compressed(api, service, spies):
    api.update_token_name(TOKEN, body={"tokenName": "x"})
    (request,) = service.requests
    assert json.loads(request.body) == {"tokenName": "x"}
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["x-auth-token"] == "the-key-of-the-tests"


def test_a_stand_in_that_has_no_hash_is_used(api, service, monkeypatch):
    @dataclasses.dataclass
    class Answering:
        calls: int = 0

        def __call__(self, *args, **kwargs):
            self.calls += 1
            return made_up()

    answering = Answering()
    monkeypatch.setattr(HTTPConnectionPool, "urlopen", answering)
    for _ in range(2):
        assert api.get_all_tokens().response[0].token_id == "made up"
    assert (answering.calls, service.requests) == (2, [])


def test_an_answer_whose_headers_are_a_list_is_understood(api, service):
    class Answering(connection.HTTPConnection):
        def request(self, *args, **kwargs):
            pass

        def getresponse(self, *args, **kwargs):
            headers = {"Content-Type": "application/json"}
            answer = mock.Mock(status=200, reason="OK", headers=headers, data=json.dumps(FOUND))
            answer.getheaders = lambda: list(headers.items())
            return answer

    with mock.patch.object(HTTPConnectionPool, "ConnectionCls", Answering):
        with mock.patch.object(HTTPConnectionPool, "ResponseCls", mock.Mock(), create=True) as made:
            made.from_httplib = lambda answer, **_: answer
            tokens, status, headers = api.get_all_tokens_with_http_info()
    assert [token.token_id for token in tokens.response] == ["made up"]
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert service.requests == []


# proxies and TLS


def test_the_proxy_is_used_in_company_of_a_tool(service, spies):
    configuration = configuration_for("http://home.localhost", proxy=service.url)
    with ApiClient(configuration) as client:
        ApiTokenApi(client).get_all_tokens()
    (request,) = service.requests
    assert request.target == "http://home.localhost/api/v2/apitoken"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority, tmp_path):
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def call_over_tls(tls, **settings):
    with HostileServer([Answer()], tls=tls) as server:
        with ApiClient(configuration_for(server.url, **{"retries": 0, **settings})) as client:
            ApiTokenApi(client).get_all_tokens()
        return server.requests


def test_certificates_are_checked_in_company_of_a_tool(tls, trusted, spies):
    assert len(call_over_tls(tls, ssl_ca_cert=trusted)) == 1
    with pytest.raises(ApiTlsException, match="(?i)certificate") as caught:
        call_over_tls(tls, retries=2)
    assert caught.value.attempts == 1
    with pytest.raises(ApiTlsException, match="(?i)another.name"):
        call_over_tls(tls, ssl_ca_cert=trusted, assert_hostname="another.name")
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        assert len(call_over_tls(tls, verify_ssl=False)) == 1
    assert len(spies) >= 2


# urlopen


@pytest.mark.parametrize("autospec", [True, None])
def test_a_patched_urlopen_answers(api, service, autospec):
    patched = mock.patch.object(
        HTTPConnectionPool, "urlopen", autospec=autospec, side_effect=made_up
    )
    with patched as urlopen:
        tokens, status, headers = api.get_all_tokens_with_http_info()
        api.delete_token(TOKEN)
    assert [token.token_id for token in tokens.response] == ["made up"]
    assert (status, headers["A"]) == (200, "b")
    assert urlopen.call_count == 2
    assert urlopen.call_args[0][-1] == PATH
    assert service.requests == []


def test_a_patched_urlopen_of_one_client_answers(api, service):
    manager = api.api_client.rest_client.pool_manager
    with mock.patch.object(manager, "urlopen", side_effect=made_up) as urlopen:
        assert api.delete_token(TOKEN).response[0].token_id == "made up"
    assert urlopen.call_args[0] == ("DELETE", service.url + PATH)
    assert service.requests == []


def test_a_patched_request_of_all_managers_answers(api, service):
    with mock.patch.object(urllib3.PoolManager, "request", side_effect=made_up) as request:
        assert api.delete_token(TOKEN).response[0].token_id == "made up"
    assert request.call_args[0] == ("DELETE", service.url + PATH)
    assert service.requests == []


def test_a_patched_urlopen_may_go_on_to_the_real_one(api, service, monkeypatch):
    real, seen = HTTPConnectionPool.urlopen, []

    def urlopen(self, method, url, *args, **kwargs):
        seen.append(url)
        return real(self, method, url, *args, **kwargs)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    assert api.delete_token(TOKEN).response == []
    assert seen == [PATH]
    assert [request.target for request in service.requests] == [PATH]


# looking on


@pytest.fixture
def looker_on(monkeypatch):
    real, seen = HTTPConnectionPool.urlopen, []

    @functools.wraps(real)
    def urlopen(self, method, url, *args, **kwargs):
        seen.append((type(self).__module__, url))
        return real(self, method, url, *args, **kwargs)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    return seen


def test_who_looks_on_sees_a_mask_and_changes_nothing(looker_on):
    with HostileServer([Close(), Answer()]) as server:
        with ApiClient(configuration_for(server.url)) as client:
            ApiTokenApi(client).delete_token(TOKEN)
    assert {request.target for request in server.requests} == {PATH}
    assert {module for module, _ in looker_on} == {"wavefront_api_client._transport.pools"}
    assert not any(TOKEN in url for _, url in looker_on)


def test_who_looks_on_leaves_it_known_what_was_sent(looker_on):
    with refusing_port() as port:
        with ApiClient(configuration_for(f"http://127.0.0.1:{port}")) as client:
            with pytest.raises(ApiConnectionException) as caught:
                ApiTokenApi(client).create_token()
    assert (caught.value.attempts, caught.value.outcome_unknown) == (3, False)


def test_who_looks_on_may_not_answer_by_itself(api, service, monkeypatch):
    wrapper = functools.wraps(HTTPConnectionPool.urlopen)(made_up)
    monkeypatch.setattr(HTTPConnectionPool, "urlopen", wrapper)
    with pytest.raises(InvalidResponseException, match="went past"):
        api.get_all_tokens()
    assert service.requests == []


@pytest.mark.parametrize("tries", [0, 1])
def test_who_looks_on_may_not_send_a_masked_target_elsewhere(monkeypatch, tries):
    real = HTTPConnectionPool.urlopen

    @functools.wraps(real)
    def urlopen(self, method, url, **kwargs):
        for _ in range(tries):
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                return real(self, method, url, **kwargs)
        with HTTPConnectionPool(self.host, self.port) as elsewhere:
            return real(elsewhere, method, url, **kwargs)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    script = [*[Close()] * tries, Answer(502), Answer(404)]
    with HostileServer(script) as server, ApiClient(configuration_for(server.url)) as client:
        with pytest.raises(InvalidResponseException, match="went past"):
            ApiTokenApi(client).delete_token(TOKEN)
    assert len(server.requests) == tries + 1


@pytest.fixture
def one_who_tries_again(monkeypatch):
    real, first_failures = HTTPConnectionPool.urlopen, []

    @functools.wraps(real)
    def urlopen(*args, **kwargs):
        try:
            return real(*args, **kwargs)
        except Exception as error:
            first_failures.append(error)
            first_failures.between()
            return real(*args, **kwargs)

    class Failures(list):
        between = staticmethod(lambda: None)

    first_failures = Failures()
    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    return first_failures


@pytest.mark.parametrize("kind", ["create", "generate", "rename"])
def test_who_looks_on_may_repeat_only_what_may_be_repeated(one_who_tries_again, kind):
    with HostileServer([Close(), Answer()]) as server:
        with ApiClient(configuration_for(server.url)) as client:
            if kind == "rename":
                CALLS[kind](ApiTokenApi(client))
            else:
                with pytest.raises(InvalidResponseException, match="twice") as caught:
                    CALLS[kind](ApiTokenApi(client))
                assert (caught.value.attempts, caught.value.outcome_unknown) == (1, True)
    assert len(server.requests) == (2 if kind == "rename" else 1)


NO_CONNECTION = {
    "connect": "wavefront_api_client._transport.connection.connect",
    "the pool": "wavefront_api_client._transport.pools.HTTPConnectionPool._get_conn",
}


@pytest.mark.parametrize("where", NO_CONNECTION)
def test_what_was_sent_stays_sent_when_who_looks_on_tries_again(one_who_tries_again, where):
    with HostileServer([Close(), Answer()]) as server, contextlib.ExitStack() as refusing:
        refused = mock.patch(NO_CONNECTION[where], side_effect=ConnectionRefusedError(111, "no"))

        def between():
            if len(one_who_tries_again) == 1:
                refusing.enter_context(refused)
            else:
                refusing.close()

        one_who_tries_again.between = between
        with ApiClient(configuration_for(server.url)) as client:
            with pytest.raises(ApiConnectionException) as caught:
                ApiTokenApi(client).create_token()
    assert (caught.value.attempts, caught.value.outcome_unknown) == (1, True)
    assert len(server.requests) == 1


# a package that is imported in company

IMPORTED_IN_COMPANY = """
import sys
from unittest import mock
import urllib3.connection as connection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

def spy(base):
    class Spy(base):
        def request(self, method, url, *args, **kwargs):
            print("tool", url)
            return super().request(method, url, *args, **kwargs)
    Spy.__module__ = "a_tool"
    return Spy

Plain, Tls = spy(connection.HTTPConnection), spy(connection.HTTPSConnection)
with (
    mock.patch.object(HTTPConnectionPool, "ConnectionCls", Plain),
    mock.patch.object(HTTPSConnectionPool, "ConnectionCls", Tls),
):
    with (
        mock.patch.object(connection, "HTTPConnection", Plain),
        mock.patch.object(connection, "HTTPSConnection", Tls),
    ):
        import wavefront_api_client.rest
    from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
    client = ApiClient(Configuration(host=sys.argv[1], api_key="k"))
    ApiTokenApi(client).delete_token("a-token")
print("left")
ApiTokenApi(client).delete_token("a-token")
client.close()
"""


def test_a_package_that_is_imported_in_company_is_its_own_afterwards(service):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTED_IN_COMPANY, service.url],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout == "tool /api/v2/apitoken/a-token\nleft\n"
    assert done.stderr == ""
    encodings = [request.headers["accept-encoding"] for request in service.requests]
    assert encodings == ["identity", "gzip"]
    assert service.connections == 2


def test_the_tools_names_are_those_of_this_urllib3():
    """What vcrpy and others replace, by the names that they look for."""
    assert connectionpool.HTTPConnectionPool.ConnectionCls is connection.HTTPConnection
    assert connectionpool.HTTPSConnectionPool.ConnectionCls is connection.HTTPSConnection
    assert callable(connection.ssl_wrap_socket)
