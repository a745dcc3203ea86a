"""A client that is closed while it is busy, one that was forked, and settings that cannot be."""

from __future__ import annotations

import gzip
import os
import threading
import time
import warnings

import pytest

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
from wavefront_api_client._workers import Workers
from wavefront_api_client.exceptions import read_error_body
from wavefront_api_client.retry import RetryPolicy


def test_a_call_that_waits_for_its_next_attempt_ends_when_the_client_is_closed(server):
    configuration = server.configuration()
    configuration.retries = RetryPolicy(retries=3, backoff=0)
    server.inject(count=9, status=429, headers={"Retry-After": "30"}, body="later")
    client = ApiClient(configuration)
    caught = []

    def call():
        try:
            ApiTokenApi(client).get_all_tokens()
        except ApiException as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    while not server.requests:
        time.sleep(0.005)
    client.close()
    thread.join(5)
    assert [error.status for error in caught] == [429]


def test_nothing_is_submitted_after_closing():
    workers = Workers(1)
    workers.close()
    with pytest.raises(RuntimeError, match="closed"):
        workers.submit(lambda: None)


def test_two_threads_that_ask_at_once_share_their_workers(api):
    barrier, results = threading.Barrier(8), []

    def ask():
        barrier.wait()
        results.append(api.get_all_tokens(async_req=True))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    api.api_client.close()
    assert all(result.ready() and result.successful() for result in results)


def test_a_fork_does_not_read_the_settings_again(server, monkeypatch):
    configuration = server.configuration()
    configuration.verify_ssl = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = ApiClient(configuration)
    with client:
        before = client.rest_client.pool_manager
        pid = os.getpid()
        monkeypatch.setattr(os, "getpid", lambda: pid + 1)
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
        assert client.rest_client.pool_manager is not before
        before.clear()


def test_after_a_fork_the_first_thread_opens_pools_for_all(client, api, monkeypatch):
    rest = client.rest_client
    pid = os.getpid()

    make_pools, opened = rest._make_pools, []

    def open_meanwhile():
        monkeypatch.setattr(rest, "_make_pools", make_pools)
        rest._open_pools()
        opened.append(rest.pool_manager)
        return make_pools()

    before = rest.pool_manager
    monkeypatch.setattr(rest, "_make_pools", open_meanwhile)
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert api.get_all_tokens().status.code == 200
    assert opened == [rest.pool_manager]
    before.clear()


def test_a_body_that_json_finds_too_deep_is_an_error_of_the_caller(client, server, monkeypatch):
    def dumps(*_, **__):
        raise RecursionError

    monkeypatch.setattr("wavefront_api_client._request.json.dumps", dumps)
    with pytest.raises(ValueError, match="deep"):
        client.call_api("/api/v2/apitoken", "POST", body={})
    assert server.requests == []


def test_a_connection_made_while_the_client_is_closed_is_closed_too(client, api, monkeypatch):
    rest = client.rest_client
    request = rest.pool_manager.request

    def close_first(*args, **kwargs):
        rest.close()
        return request(*args, **kwargs)

    monkeypatch.setattr(rest.pool_manager, "request", close_first)
    assert api.get_all_tokens().status.code == 200
    assert not rest.pool_manager.pools.keys()


@pytest.mark.parametrize("key", ["S3CRET-KEY", b"S3CRET-KEY", bytearray(b"S3CRET-KEY")])
def test_a_key_alone_may_be_assigned_and_is_not_shown(server, key):
    configuration = Configuration(host=server.url)
    configuration.api_key = key
    assert repr(configuration) == f"<Configuration {server.url} (X-AUTH-TOKEN=***)>"
    assert configuration.get_api_key_with_prefix("X-AUTH-TOKEN") == "S3CRET-KEY"


@pytest.mark.parametrize("value", [None, 5, ["S3CRET-KEY"]])
def test_what_is_no_key_is_refused_unseen(value):
    with pytest.raises(TypeError) as caught:
        Configuration(api_key=value)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("size", "error"), [(0, ValueError), (-1, ValueError), (None, TypeError), (True, TypeError)]
)
def test_a_pool_needs_a_size(size, error):
    with pytest.raises(error, match="connection_pool_maxsize"):
        Configuration().connection_pool_maxsize = size


def test_a_default_configuration_shares_its_hook():
    default = Configuration()
    default.refresh_api_key_hook = hook = lambda configuration: None
    Configuration.set_default(default)
    assert Configuration().refresh_api_key_hook is hook


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e30])
def test_a_policy_waits_for_a_finite_time(value):
    with pytest.raises(ValueError, match="retry_after_max"):
        RetryPolicy(retry_after_max=value)


def test_a_proxy_without_scheme_is_an_http_one():
    assert Configuration(proxy="user:pw@proxy:3128").proxy == "http://user:pw@proxy:3128"


def test_a_long_error_text_is_read_in_passing():
    body = "message='" + "' x" * 300_000
    started = time.monotonic()
    assert read_error_body(body) == (None, None)
    assert time.monotonic() - started < 2


def test_an_unknown_type_is_an_error_before_anything_is_sent(client, server):
    with pytest.raises(ValueError, match="NoSuch"):
        client.call_api("/api/v2/apitoken", "POST", response_type="NoSuch")
    assert server.requests == []


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b'{"response": ') + gzip.compress(b"[]}"),
        gzip.compress(b'{"response": []}') + bytes(3),
        gzip.compress(b'{"response": []}') + bytes(40_000),
    ],
    ids=["two members", "padding", "much padding"],
)
def test_members_of_gzip_are_joined_and_padding_is_left(api, server, content):
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    server.inject(status=200, body=content, headers=headers)
    assert api.get_all_tokens().response == []
    assert api.get_all_tokens().status.code == 200


def sent(request, name):
    return [value for key, value in request.headers.items() if key.lower() == name]


def test_a_header_is_sent_once_however_it_is_written(client, server):
    client.set_default_header("ACCEPT", "application/json")
    client.set_default_header("x-auth-token", "other")
    client.call_api(
        "/api/v2/apitoken",
        "GET",
        header_params={"Accept": "text/html", "accept-encoding": "identity"},
        auth_settings=["api_key"],
    )
    request = server.requests[-1]
    assert sent(request, "accept") == ["application/json"]
    assert sent(request, "accept-encoding") == ["identity"]
    assert sent(request, "x-auth-token") == [server.user.key]


def test_a_cookie_is_no_credential(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    with ApiClient(Configuration(host=server.url), cookie="lb=node1") as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
    assert sent(server.requests[-1], "cookie") == ["lb=node1"]


def test_an_explicit_credential_beats_the_key_of_the_environment(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "for-another-instance")
    bearer = f"Bearer {server.user.key}"
    with ApiClient(Configuration(host=server.url), "Authorization", bearer) as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
    assert sent(server.requests[-1], "x-auth-token") == []
