"""The life of a client: made, shared, closed; and its REST client used alone."""

from __future__ import annotations

import json
import os
import threading
import warnings

import pytest
import urllib3

from wavefront_api_client import (
    ApiClient,
    ApiException,
    ApiTimeoutException,
    ApiTokenApi,
    NotFoundException,
    ServiceException,
    TooManyRequestsException,
)
from wavefront_api_client.rest import MAX_BODY_BYTES, RESTClientObject, RESTResponse
from wavefront_api_client.retry import RetryPolicy

WAIT = 5


def ours():
    return [t for t in threading.enumerate() if t.name.startswith("wavefront_api_client-")]


def test_with_closes_the_client(server):
    with ApiClient(server.configuration()) as client:
        assert isinstance(client, ApiClient)
        api = ApiTokenApi(client)
        api.get_all_tokens()
    with pytest.raises(RuntimeError, match="closed"):
        api.get_all_tokens()
    assert len(server.requests) == 1


def test_with_closes_the_client_when_the_block_raises(server):
    with pytest.raises(KeyError), ApiClient(server.configuration()) as client:
        raise KeyError
    with pytest.raises(RuntimeError, match="closed"):
        ApiTokenApi(client).get_all_tokens()


def test_closing_twice_is_no_error(client):
    client.close()
    client.close()


def test_an_asynchronous_call_after_closing_is_the_same_error(api, client):
    api.get_all_tokens(async_req=True).get(WAIT)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        api.get_all_tokens(async_req=True).get(WAIT)
    client.close()
    assert not ours()


def test_a_closed_client_refuses_before_the_hook_runs(server):
    calls = []
    configuration = server.configuration()
    configuration.refresh_api_key_hook = calls.append
    client = ApiClient(configuration)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.rest_client.GET(server.url + "/x")
    assert calls == []


def test_closing_waits_for_asynchronous_calls(server):
    server.inject(3, delay=0.1)
    with ApiClient(server.configuration()) as client:
        api = ApiTokenApi(client)
        results = [api.get_all_tokens(async_req=True) for _ in range(3)]
    assert all(result.ready() for result in results)
    assert [result.get().status.code for result in results] == [200] * 3
    assert not ours()


def test_a_client_that_makes_no_asynchronous_call_has_no_thread(api):
    before = ours()
    api.get_all_tokens()
    assert ours() == before


def test_threads_share_a_client(api, server):
    for number in range(8):
        server.add_service_account(f"sa::{number}", tokens=[f"token-{number}"])
    wrong = []

    def ask(number):
        for _ in range(10):
            data = api.get_tokens_service_account(f"sa::{number}")
            if [token.token_id for token in data.response] != [f"token-{number}"]:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(server.requests) == 80


def test_two_clients_go_to_two_services(server):
    from wavefront_api_client.testing import TokenServer

    with TokenServer() as other, ApiClient(server.configuration()) as one:
        with ApiClient(other.configuration()) as two:
            ApiTokenApi(one).get_all_tokens()
            ApiTokenApi(two).get_all_tokens()
            ApiTokenApi(two).get_all_tokens()
        assert (len(server.requests), len(other.requests)) == (1, 2)


def test_the_repr_shows_no_key(server):
    with ApiClient(server.configuration(), "Authorization", "Bearer canary", "canary") as client:
        shown = repr(client) + repr(client.rest_client)
    assert server.url in shown
    assert server.user.key not in shown
    assert "canary" not in shown
    assert repr(client.rest_client) == "<RESTClientObject closed>"


def test_verify_ssl_off_warns_once_when_the_client_is_made(server):
    configuration = server.configuration()
    configuration.verify_ssl = False
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning) as caught:
        client = ApiClient(configuration)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ApiTokenApi(client).get_all_tokens()
    client.close()


@pytest.mark.parametrize("name", ["ssl_ca_cert", "cert_file", "key_file"])
def test_a_missing_file_is_an_error_when_the_client_is_made(server, name, tmp_path):
    configuration = server.configuration()
    setattr(configuration, name, str(tmp_path / "nowhere.pem"))
    with pytest.raises(OSError, match="nowhere.pem"):
        ApiClient(configuration)


@pytest.mark.parametrize("name", ["ssl_ca_cert", "cert_file"])
def test_a_file_that_holds_no_certificate_is_an_error_when_the_client_is_made(
    server, name, tmp_path
):
    (tmp_path / "odd.pem").write_text("odd")
    configuration = server.configuration()
    setattr(configuration, name, str(tmp_path / "odd.pem"))
    with pytest.raises(ValueError, match="odd.pem"):
        ApiClient(configuration)


@pytest.mark.parametrize("proxy", ["ftp://p:1", "http://", "://"])
def test_a_proxy_that_is_none_is_an_error_when_the_client_is_made(server, proxy):
    configuration = server.configuration()
    configuration.proxy = proxy
    with pytest.raises(ValueError, match="proxy"):
        ApiClient(configuration)


# the REST client alone


@pytest.fixture
def rest(server):
    configuration = server.configuration()
    configuration.retries = RetryPolicy(2, backoff=0)
    client = RESTClientObject(configuration)
    yield client
    client.close()


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"])
def test_each_verb(rest, server, method):
    server.inject(2, status=200, body='{"a": 1}')
    url = server.url + "/api/x"
    by_name = getattr(rest, method)(url, headers={"X-A": "b"}, query_params=[("q", "1")])
    by_request = rest.request(method, url, headers={"X-A": "b"}, query_params=[("q", "1")])
    for response in (by_name, by_request):
        assert isinstance(response, RESTResponse)
        assert (response.status, response.reason, response.data) == (200, "OK", '{"a": 1}')
    for request in server.requests:
        assert (request.method, request.path) == (method, "/api/x?q=1")
        assert request.headers["x-a"] == "b"
        assert request.body == b""
        assert "content-type" not in request.headers


def test_head(rest, server):
    server.inject(status=200, body="12345")
    response = rest.HEAD(server.url + "/api/x", query_params={"q": "1"})
    assert (response.status, response.data) == (200, "")
    assert response.getheader("content-length") == "5"
    assert server.requests[0].method == "HEAD"
    assert server.requests[0].path == "/api/x?q=1"


@pytest.mark.parametrize(
    ("rest_of_url", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("?a=1", "/?a=1"),
        ("#f", "/"),
        ("/x?a=1#f", "/x?a=1"),
        ("/x y", "/x%20y"),
        ("//x", "//x"),
    ],
)
def test_odd_urls(rest, server, rest_of_url, path):
    server.inject(2, status=200, body="")
    for _ in range(2):
        rest.GET(server.url + rest_of_url)
    assert [request.path for request in server.requests] == [path, path]


def test_no_part_of_a_password_in_a_url_gets_into_the_path(rest, server):
    server.inject(status=200, body="")
    rest.GET(server.url.replace("//", "//user:a-very-long-password-" + "x" * 50 + "@") + "/x")
    assert [request.path for request in server.requests] == ["/x"]


@pytest.mark.parametrize("location", ["{}?a=1", "?a=1", "{}", "/y#f"])
def test_odd_targets_of_a_redirect(rest, server, location):
    server.inject(redirect=location.format(server.url))
    server.inject(status=200, body="")
    rest.GET(server.url + "/x")
    expected = {"{}?a=1": "/?a=1", "?a=1": "/x?a=1", "{}": "/", "/y#f": "/y"}[location]
    assert [request.path for request in server.requests] == ["/x", expected]


def test_the_verb_may_be_in_lower_case(rest, server):
    server.inject(status=200, body="")
    rest.request("get", server.url + "/api/x")
    assert server.requests[0].method == "GET"


@pytest.mark.parametrize("method", ["TRACE", "", "G ET"])
def test_an_unknown_verb_is_an_error(rest, server, method):
    with pytest.raises((AssertionError, ValueError), match="method"):
        rest.request(method, server.url)
    assert server.requests == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_body_alone_is_json(rest, server, method):
    server.inject(status=200, body="")
    getattr(rest, method)(server.url + "/api/x", body={"a": 1})
    (request,) = server.requests
    assert json.loads(request.body) == {"a": 1}
    assert request.headers["content-type"] == "application/json"


def test_a_given_accept_encoding_is_kept(rest, server):
    server.inject(2, status=200, body="")
    rest.GET(server.url + "/api/x", headers={"accept-encoding": "identity"})
    rest.GET(server.url + "/api/x")
    found = [request.headers["accept-encoding"] for request in server.requests]
    assert found == ["identity", "gzip"]


def test_headers_that_are_given_are_not_changed(rest, server):
    server.inject(status=200, body="")
    headers = {"Content-Type": "multipart/form-data"}
    rest.POST(server.url + "/api/x", headers=headers, post_params=[("a", "b")])
    assert headers == {"Content-Type": "multipart/form-data"}
    assert server.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")


def test_the_rest_client_raises_too(rest, server):
    server.inject(status=404, body='{"error": "no"}')
    with pytest.raises(NotFoundException) as caught:
        rest.GET(server.url + "/api/secret-id?x=secret")
    error = caught.value
    assert (error.operation, error.method, error.path_template) == (
        None,
        "GET",
        f"{server.url}/api/***",
    )
    assert (error.message, error.attempts) == ("no", 1)
    assert "secret" not in str(error)


def test_the_rest_client_leaves_the_answer_unread_if_asked(rest, server):
    server.inject(status=200, body="12345")
    response = rest.GET(server.url + "/api/x", _preload_content=False)
    assert response.read() == b"12345"


def test_the_rest_client_repeats(rest, server):
    server.inject(2, status=502)
    server.inject(status=200, body="x")
    assert rest.GET(server.url + "/api/x").attempts == 3


def test_a_redirect_within_the_origin_is_followed_five_times(rest, server):
    for number in range(5):
        server.inject(redirect=f"/api/{number}")
    server.inject(status=200, body="there")
    response = rest.GET(server.url + "/api/x", headers={"X-A": "b"})
    assert response.data == "there"
    assert [request.path for request in server.requests] == ["/api/x"] + [
        f"/api/{number}" for number in range(5)
    ]
    assert {request.headers["x-a"] for request in server.requests} == {"b"}


def test_a_sixth_redirect_is_not_followed(rest, server):
    for number in range(6):
        server.inject(redirect=f"/api/{number}")
    with pytest.raises(ApiException) as caught:
        rest.GET(server.url + "/api/x")
    assert caught.value.status == 307
    assert len(server.requests) == 6


def test_how_large_an_answer_may_be():
    assert MAX_BODY_BYTES == 64 * 1024 * 1024


def test_an_answer_that_is_too_large(rest, server, monkeypatch):
    monkeypatch.setattr("wavefront_api_client.rest.MAX_BODY_BYTES", 10)
    server.inject(2, status=200, body="x" * 11)
    with pytest.raises(ApiException, match="larger than 10 bytes"):
        rest.GET(server.url + "/api/x")


def test_an_error_whose_body_is_too_large_is_still_that_error(rest, server, monkeypatch):
    monkeypatch.setattr("wavefront_api_client.rest.LONGEST_PART", 10)
    server.inject(status=404, body="x" * 11)
    with pytest.raises(NotFoundException) as caught:
        rest.GET(server.url + "/api/x")
    assert caught.value.body == "x" * 11


def test_no_time_left_before_an_attempt(rest, server):
    seconds = iter(range(0, 1000, 10))
    rest.clock = lambda: next(seconds)
    with pytest.raises(ApiTimeoutException) as caught:
        rest.GET(server.url + "/api/x", _request_timeout=5)
    assert (caught.value.status, caught.value.attempts) == (0, 1)
    assert "within 5 seconds" in str(caught.value)
    assert server.requests == []


def test_the_waits_between_attempts_are_those_of_the_policy(rest, server):
    waits = []
    rest.sleep = waits.append
    rest.configuration.retries = RetryPolicy(3, backoff=0, retry_after_max=7)
    server.inject(status=503, headers={"Retry-After": "7"})
    server.inject(status=502)
    server.inject(status=429, headers={"Retry-After": "2"})
    server.inject(status=200, body="there")
    assert rest.GET(server.url + "/api/x").attempts == 4
    assert waits == [7.0, 0.0, 2.0]


def test_closing_ends_the_wait_between_attempts(rest, server):
    server.inject(3, status=502)
    rest.sleep = lambda _seconds: rest.close()
    with pytest.raises(ServiceException) as caught:
        rest.GET(server.url + "/api/x")
    assert (caught.value.status, caught.value.attempts) == (502, 1)
    assert len(server.requests) == 1


def test_a_wait_that_is_too_long_is_left_to_the_caller(rest, server):
    waits = []
    rest.sleep = waits.append
    rest.configuration.retries = RetryPolicy(3, backoff=0, retry_after_max=7)
    server.inject(status=429, headers={"Retry-After": "8"})
    with pytest.raises(TooManyRequestsException) as caught:
        rest.GET(server.url + "/api/x")
    assert (caught.value.retry_after, caught.value.attempts, waits) == (8.0, 1, [])
    server.inject(status=429, headers={"Retry-After": "6"})
    with pytest.raises(TooManyRequestsException) as caught:
        rest.GET(server.url + "/api/x", _request_timeout=6)
    assert (caught.value.retry_after, caught.value.attempts, waits) == (6.0, 1, [])


def test_in_a_forked_process_the_connections_of_the_parent_are_not_used(rest, server, monkeypatch):
    server.inject(2, status=200, body="")
    rest.GET(server.url + "/api/x")
    before = rest.pool_manager
    monkeypatch.setattr(os, "getpid", lambda: -1)
    rest.GET(server.url + "/api/x")
    assert rest.pool_manager is not before
    assert len(server.requests) == 2
    before.clear()


def test_the_log_shows_what_was_asked_and_what_came_of_it(api, server, caplog):
    caplog.set_level("DEBUG", "wavefront_api_client")
    api.api_client.configuration.retries = RetryPolicy(2, backoff=0)
    server.inject(status=502)
    api.get_customer_token(server.user.key)
    path = f"{server.url}/api/v2/apitoken/customertokens/***"
    assert [record.getMessage() for record in caplog.records if record.name.endswith("rest")] == [
        f"GET {path}, attempt 1: ServiceException",
        f"GET {path}, attempt 2: 200",
    ]
    assert server.user.key not in caplog.text


def test_pools_take_their_sizes(server):
    rest = RESTClientObject(server.configuration(), pools_size=2, maxsize=3)
    assert isinstance(rest.pool_manager, urllib3.PoolManager)
    server.inject(status=200, body="")
    rest.GET(server.url + "/api/x")
    rest.close()
    rest.close()
    with pytest.raises(RuntimeError, match="closed"):
        rest.GET(server.url + "/api/x")
