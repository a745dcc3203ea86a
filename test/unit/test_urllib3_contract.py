"""_transport: each hook of urllib3 and http.client is called, and is missed safely if it is not."""

from __future__ import annotations

import contextlib
import functools
import http.client
import re
import ssl

import pytest
import trustme
import urllib3
from cases import for_all
from hostile import (
    CALLS,
    OK_CONTAINER,
    Answer,
    Close,
    HostileServer,
    Reply,
    configuration_for,
    http_answer,
    refusing_port,
)
from wire import Tunnel

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client._transport import connection as connections
from wavefront_api_client._transport.answers import Answer as OurAnswer
from wavefront_api_client._transport.connection import Connection, TlsConnection
from wavefront_api_client._transport.pools import Pool
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    InvalidResponseException,
    NotFoundException,
)

CLASSES = {"Pool": Pool, "Connection": Connection, "Answer": OurAnswer}
HOOKS = re.findall(r"^`(\w+)\.(\w+)`", connections.__doc__, re.MULTILINE)
TOKEN = "a-token-that-must-not-be-lost"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    authority.path = str(path)
    return authority


@pytest.fixture(scope="module")
def tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@contextlib.contextmanager
def api_for(url, **settings):
    with ApiClient(configuration_for(url, **settings)) as client:
        yield ApiTokenApi(client)


@contextlib.contextmanager
def api_through_a_tls_proxy(authority, tls, **settings):
    with HostileServer([Answer(404)], tls=tls) as server:
        with HostileServer([Tunnel(server.port)], tls=tls) as proxy:
            url = proxy.url.replace("127.0.0.1", "localhost")
            settings = {"proxy": url, "ssl_ca_cert": authority.path, **settings}
            with api_for(server.url, **settings) as api:
                yield api, server


def take_away(monkeypatch, owner, name):
    monkeypatch.delattr(CLASSES[owner], name)


def failure(call, *args, **options):
    with pytest.raises(ApiException) as caught:
        call(*args, **options)
    return caught.value


def test_the_table_names_what_overrides_something_private():
    """What is private or undocumented elsewhere, and has a method of ours in its place."""
    bases = {
        "Pool": urllib3.HTTPConnectionPool,
        "Connection": TlsConnection.__mro__[2],
        "Answer": http.client.HTTPResponse,
    }
    ours = {
        (owner, name)
        for owner, cls in CLASSES.items()
        for name in vars(cls)
        if hasattr(bases[owner], name) and not name.startswith(("__", "_abc"))
    }
    public = {("Connection", name) for name in ("auto_open", "host", "port", "putheader")}
    public |= {("Pool", name) for name in ("QueueCls", "ConnectionCls", "close", "pool")}
    assert ours - public == set(HOOKS)


def test_each_hook_is_called_with_what_it_relies_on(monkeypatch, authority, tls):
    seen = {}

    def spy(owner, name):
        real = getattr(CLASSES[owner], name)

        def called(self, *args, **kwargs):
            seen.setdefault((owner, name), []).append((args, kwargs))
            return real(self, *args, **kwargs)

        monkeypatch.setattr(CLASSES[owner], name, called)

    for hook in HOOKS:
        spy(*hook)
    with api_through_a_tls_proxy(authority, tls) as (api, server):
        with pytest.raises(NotFoundException):
            api.delete_token(TOKEN)
    assert set(seen) == set(HOOKS)
    line = seen["Connection", "_encode_request"][0][0][0]
    assert line == "DELETE /api/v2/apitoken/*** HTTP/1.1"
    assert all(TOKEN not in repr(calls) for calls in seen.values())
    assert server.requests[0].target == f"/api/v2/apitoken/{TOKEN}"


@for_all("hook", HOOKS)
def test_without_it_no_masked_target_is_ever_sent(monkeypatch, hook):
    take_away(monkeypatch, *hook)
    with HostileServer([Answer()]) as server:
        with api_for(server.url) as api, contextlib.suppress(ApiException):
            api.delete_token(TOKEN)
    assert {request.target for request in server.requests} <= {f"/api/v2/apitoken/{TOKEN}"}


@for_all("hook", HOOKS)
def test_without_it_no_removal_is_reported_that_did_not_happen(monkeypatch, hook):
    take_away(monkeypatch, *hook)
    script = [Answer(502), Reply(lambda r: http_answer(404 if TOKEN in r.target else 400))]
    with HostileServer(script) as server, api_for(server.url) as api:
        with contextlib.suppress(ApiException):
            api.delete_token(TOKEN)
            assert all(TOKEN in request.target for request in server.requests)


@for_all("kind", ["create", "generate"])
@for_all("hook", HOOKS)
def test_without_it_no_post_is_sent_twice(monkeypatch, hook, kind):
    take_away(monkeypatch, *hook)
    with HostileServer([Answer(then="close", status=502)]) as server:
        with api_for(server.url) as api:
            error = failure(CALLS[kind], api)
            assert error.outcome_unknown or not server.requests
    assert len(server.requests) <= 1


@for_all("hook", HOOKS)
def test_without_it_no_call_gets_the_answer_of_another(monkeypatch, hook):
    take_away(monkeypatch, *hook)
    stray = http_answer(200, {**OK_CONTAINER, "response": [{"tokenID": "stray"}]})
    with HostileServer([Reply(lambda r: http_answer(200, OK_CONTAINER) + stray)]) as server:
        with api_for(server.url, retries=0) as api:
            for _ in range(3):
                with contextlib.suppress(ApiException):
                    assert api.get_all_tokens().response == []


@for_all("hook", HOOKS)
def test_without_it_who_looks_on_is_no_excuse(monkeypatch, hook):
    """A tracer around `urlopen` is no tool in whose company less is promised."""
    wrapper = functools.wraps(urllib3.HTTPConnectionPool.urlopen)(
        lambda *args, real=urllib3.HTTPConnectionPool.urlopen, **kwargs: real(*args, **kwargs)
    )
    monkeypatch.setattr(urllib3.HTTPConnectionPool, "urlopen", wrapper)
    take_away(monkeypatch, *hook)
    with HostileServer([Answer(then="close", status=502)]) as server:
        with api_for(server.url) as api:
            for call in (api.create_token, lambda: api.delete_token(TOKEN)):
                with contextlib.suppress(ApiException):
                    call()
                    pytest.fail("a refused call counts as one that succeeded")
    sent = [(request.method, request.target) for request in server.requests]
    assert sent.count(("POST", "/api/v2/apitoken")) <= 1
    assert {target for _, target in sent} <= {"/api/v2/apitoken", f"/api/v2/apitoken/{TOKEN}"}


@pytest.mark.parametrize("name", ["_get_conn", "QueueCls"])
def test_without_it_an_unread_answer_is_not_left_to_the_next_call(monkeypatch, name):
    take_away(monkeypatch, "Pool", name)
    with HostileServer([Answer(), Answer(body={"status": {"result": "second"}})]) as server:
        with api_for(server.url, retries=0) as api, contextlib.suppress(ApiException):
            api.get_all_tokens(_preload_content=False).release_conn()
            assert api.create_token().status.result == "second"


def test_without_new_conn_all_is_maybe_sent(monkeypatch):
    take_away(monkeypatch, "Connection", "_new_conn")
    with refusing_port() as port, api_for(f"http://127.0.0.1:{port}") as api:
        error = failure(api.create_token)
    assert type(error) is ApiConnectionException
    assert (error.attempts, error.outcome_unknown) == (1, True)


@pytest.mark.parametrize("name", ["_get_conn", "endheaders"])
def test_without_it_nothing_is_sent(monkeypatch, name):
    take_away(monkeypatch, "Pool" if name == "_get_conn" else "Connection", name)
    with HostileServer([Answer()]) as server, api_for(server.url) as api:
        error = failure(api.create_token)
    assert (error.attempts, error.outcome_unknown, server.requests) == (1, True, [])


def test_without_endheaders_a_post_over_tls_is_sent_once(monkeypatch, authority, tls):
    """There, urllib3 opens the connection before the request."""
    take_away(monkeypatch, "Connection", "endheaders")
    with HostileServer([Close(), Answer()], tls=tls) as server:
        with api_for(server.url, ssl_ca_cert=authority.path) as api:
            assert failure(api.create_token).outcome_unknown
    assert len(server.requests) == 1


def test_without_encode_request_a_masked_target_cannot_be_sent(monkeypatch):
    take_away(monkeypatch, "Connection", "_encode_request")
    with HostileServer([Answer()]) as server, api_for(server.url) as api:
        for call in (api.create_token, lambda: api.delete_token(TOKEN)):
            error = failure(call)
            assert (type(error), error.outcome_unknown) == (InvalidResponseException, True)
    assert server.requests == []


@pytest.mark.parametrize("hook", ["Connection.response_class", "Answer.begin"])
def test_without_it_no_answer_is_taken(monkeypatch, hook):
    take_away(monkeypatch, *hook.split("."))
    with HostileServer([Answer()]) as server, api_for(server.url) as api:
        error = failure(api.create_token)
    assert type(error) is InvalidResponseException
    assert (error.attempts, error.outcome_unknown, len(server.requests)) == (1, True, 1)


def test_without_read_status_an_interim_answer_is_none(monkeypatch):
    take_away(monkeypatch, "Answer", "_read_status")
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    with HostileServer([Reply(lambda r: interim + http_answer(200, OK_CONTAINER))]) as server:
        with api_for(server.url) as api:
            error = failure(api.create_token)
            assert (type(error), error.outcome_unknown) == (InvalidResponseException, True)
    assert server.connections == 1
