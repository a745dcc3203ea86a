"""Calls to an instance of VMware Cloud services: who exchanges, when, and what goes where."""

from __future__ import annotations

import os
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from cases import SHARE, for_all

from wavefront_api_client import (
    ApiClient,
    ApiException,
    ApiTimeoutException,
    ApiTokenApi,
    Configuration,
    ForbiddenException,
    ServiceException,
    UnauthorizedException,
)
from wavefront_api_client.configuration import KEY_NAME
from wavefront_api_client.credentials import CspApiToken, CspApp
from wavefront_api_client.retry import RetryPolicy
from wavefront_api_client.testing import TokenServer, _store

EXCHANGE = CspApiToken.path
LIFE = 2


@pytest.fixture
def server(monkeypatch):
    """A service whose clock stands still until a test moves it."""
    now = time.time_ns()
    monkeypatch.setattr(_store, "time", SimpleNamespace(time_ns=lambda: now))
    with TokenServer(onboarded=True, access_token_life=LIFE) as server:
        yield server


@pytest.fixture
def client(server):
    with client_of(server) as client:
        yield client


def client_of(server, configuration=None):
    """A client that lives by the clock of the service."""
    client = ApiClient(configuration or server.configuration())
    client.rest_client.clock = lambda: server.now / 1000
    return client


def exchanges(server):
    return [request for request in server.requests if request.path.startswith("/csp/")]


def calls(server):
    return [request for request in server.requests if not request.path.startswith("/csp/")]


def test_a_call_carries_an_access_token_and_nothing_else_of_the_credentials(server, client):
    client.set_default_header("X-Gateway-Key", "of-the-gateway")
    client.cookie = "session=1"
    api = ApiTokenApi(client)
    assert api.get_all_tokens().status.code == 200
    assert api.get_customer_tokens().status.code == 200
    exchange, call, _ = server.requests
    assert exchange.body == f"api_token={server.user.api_token}".encode()
    assert exchange.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert exchange.headers["User-Agent"] == client.user_agent
    assert not {"x-auth-token", "authorization", "x-gateway-key", "cookie"} & {*exchange.headers}
    assert call.headers["Authorization"].startswith("Bearer ")
    assert KEY_NAME not in call.headers
    assert server.user.api_token not in str(dict(call.headers))


def test_an_app_with_an_organization(server):
    app = server.add_app("my-app", organizations=["one", "two"])
    configuration = server.configuration(app)
    configuration.credentials = CspApp(
        app.id, app.app_secret, "two", base_url=configuration.credentials.base_url
    )
    with client_of(server, configuration) as client:
        assert ApiTokenApi(client).get_customer_tokens().status.code == 200
    assert server.requests[0].body == b"grant_type=client_credentials&orgId=two"
    assert app.app_secret not in str(dict(server.requests[1].headers))


def test_without_the_role_a_call_is_forbidden(server):
    app = server.add_app("viewer", permissions=())
    with client_of(server, server.configuration(app)) as client:
        with pytest.raises(ForbiddenException):
            ApiTokenApi(client).get_customer_tokens()
    assert len(server.requests) == 2


def test_it_is_replaced_before_it_expires(server, client):
    api = ApiTokenApi(client)
    for seconds, expected in ((0, 1), (0.9, 1), (1, 2), (0.9, 2), (1, 3)):
        server.advance(seconds=seconds)
        api.get_all_tokens()
        assert len(exchanges(server)) == expected, seconds
    assert {request.status for request in server.requests} == {200}


def test_an_audit_of_many_calls_with_tokens_of_two_seconds(server, client):
    accounts = [server.add_service_account(f"sa::{i}", tokens=1).id for i in range(30)]
    api = ApiTokenApi(client)
    for account in accounts:
        assert len(api.get_tokens_service_account(account).response) == 1
        server.advance(seconds=0.7)
    assert {request.status for request in server.requests} == {200}
    # Each serves for 1.8 seconds: three calls.
    assert len(exchanges(server)) == 10


def test_one_exchange_for_all_threads_each_time_it_expires(server, client):
    api, threads = ApiTokenApi(client), 16
    times = 60 if SHARE == "all" else 4
    server.inject(times, path=EXCHANGE, delay=0.02)
    barrier = threading.Barrier(threads, action=lambda: server.advance(seconds=LIFE))

    def work():
        for _ in range(times):
            barrier.wait(30)
            assert api.get_all_tokens().status.code == 200

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(work) for _ in range(threads)]:
            future.result()
    assert len(exchanges(server)) == times
    assert len(calls(server)) == threads * times
    assert {request.status for request in server.requests} == {200}


def test_options_and_twins_work_as_ever(server, client):
    api = ApiTokenApi(client)
    assert api.get_all_tokens(async_req=True).get(10).status.code == 200
    _, status, headers = api.get_all_tokens_with_http_info()
    assert (status, headers["content-type"]) == (200, "application/json")
    unread = api.get_all_tokens(_preload_content=False)
    assert b"tokenID" in unread.read()
    assert len(exchanges(server)) == 1


# --- 401 -----------------------------------------------------------------------------------------


def test_a_401_renews_once_and_repeats_once(server, client):
    server.add_service_account("sa::ci")
    api = ApiTokenApi(client)
    api.get_all_tokens()
    server.inject(method="POST", status=401)
    assert len(api.generate_token_service_account("sa::ci").response) == 1
    assert [request.status for request in calls(server)] == [200, 401, 200]
    assert len(exchanges(server)) == 2
    before, _, after = [request.headers["Authorization"] for request in calls(server)]
    assert before != after


def test_a_second_401_is_the_answer(server, client):
    server.inject(2, method="GET", status=401)
    with pytest.raises(UnauthorizedException) as caught:
        ApiTokenApi(client).get_all_tokens()
    assert caught.value.operation == "get_all_tokens"
    assert [request.status for request in calls(server)] == [401, 401]
    assert len(exchanges(server)) == 2


def test_what_may_have_been_done_is_not_repeated(server, client):
    client.configuration.retries = RetryPolicy(1, backoff=0)
    server.inject(method="DELETE", status=502)
    server.inject(method="DELETE", status=401)
    with pytest.raises(UnauthorizedException) as caught:
        ApiTokenApi(client).delete_token(server.user.key)
    assert caught.value.outcome_unknown
    assert [request.status for request in calls(server)] == [502, 401]
    assert len(exchanges(server)) == 1


def test_a_401_of_many_threads_renews_once(server, client):
    api, threads = ApiTokenApi(client), 8
    api.get_all_tokens()
    server.inject(threads, method="GET", status=401)
    request, all_refused = client.request, threading.Barrier(threads)

    def refused_together(*arguments, **options):
        try:
            return request(*arguments, **options)
        except UnauthorizedException:
            all_refused.wait(10)
            raise

    client.request = refused_together
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(api.get_all_tokens) for _ in range(threads)]
        assert {future.result().status.code for future in futures} == {200}
    assert len(exchanges(server)) == 2
    assert [request.status for request in calls(server)].count(401) == threads


def test_who_comes_when_an_exchange_has_just_ended_makes_none(server, client):
    api, clock, calls_of_clock = ApiTokenApi(client), client.rest_client.clock, []

    def clock_of_a_busy_thread():
        now = clock()
        calls_of_clock.append(now)
        if len(calls_of_clock) == 2:
            # It has looked for a token and found none; another thread gets one meanwhile.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(api.get_all_tokens).result()
        return now

    client.rest_client.clock = clock_of_a_busy_thread
    assert api.get_all_tokens().status.code == 200
    assert len(exchanges(server)) == 1


def test_an_exchange_that_fails_after_a_401_is_the_error(server, client):
    ApiTokenApi(client).get_all_tokens()
    server.inject(method="GET", status=401)
    server.inject(path=EXCHANGE, status=400, body={"message": "it was revoked"})
    with pytest.raises(UnauthorizedException) as caught:
        ApiTokenApi(client).get_all_tokens()
    assert (caught.value.operation, caught.value.message) == ("exchange", "it was revoked")
    assert len(calls(server)) == 2


# --- time ----------------------------------------------------------------------------------------


def test_an_exchange_is_within_the_limit_of_its_call(server):
    with ApiClient(server.configuration()) as client:
        server.inject(path=EXCHANGE, delay=5)
        with pytest.raises(ApiTimeoutException) as caught:
            ApiTokenApi(client).get_all_tokens(_request_timeout=0.1)
        assert caught.value.operation == "exchange"
        assert not caught.value.outcome_unknown
    assert calls(server) == []


def test_what_the_exchange_leaves_is_the_limit_of_the_call(server, client):
    now = [0.0]
    client.rest_client.clock = lambda: now[0]
    request, limits = client.rest_client.request, []

    def slow(*arguments, **options):
        limits.append(options["_request_timeout"])
        now[0] += 2
        return request(*arguments, **options)

    client.rest_client.request = slow
    with pytest.raises(ApiTimeoutException, match="within 3 seconds"):
        ApiTokenApi(client).get_all_tokens(_request_timeout=3)
    assert [limit.ends for limit in limits] == [3, 3]
    assert len(server.requests) == 1


def test_who_waits_for_the_exchange_of_another_thread_waits_within_its_own_limit(server):
    with ApiClient(server.configuration()) as client, ThreadPoolExecutor(1) as pool:
        api, begun = ApiTokenApi(client), threading.Event()
        request = client.rest_client.request

        def tell(*arguments, **options):
            begun.set()
            return request(*arguments, **options)

        client.rest_client.request = tell
        server.inject(path=EXCHANGE, delay=0.2)
        other = pool.submit(api.get_all_tokens)
        assert begun.wait(10)
        with pytest.raises(ApiTimeoutException, match=r"within 0.01 seconds") as caught:
            api.get_all_tokens(_request_timeout=0.01)
        assert caught.value.operation == "exchange"
        assert other.result().status.code == 200
        assert len(exchanges(server)) == 1


def test_who_waits_makes_an_exchange_of_its_own_after_one_that_fails(server):
    with ApiClient(server.configuration()) as client, ThreadPoolExecutor(4) as pool:
        api = ApiTokenApi(client)
        client.configuration.retries = 0
        server.inject(path=EXCHANGE, status=503, delay=0.05)
        results = [pool.submit(api.get_all_tokens) for _ in range(4)]
        failed = [result.exception() for result in results if result.exception()]
    assert [type(error) for error in failed] == [ServiceException]
    assert [request.status for request in exchanges(server)] == [503, 200]


def test_a_pair_of_limits_has_no_deadline(server, client):
    limits = (5, 5)
    assert ApiTokenApi(client).get_all_tokens(_request_timeout=limits).status.code == 200
    assert ApiTokenApi(client).get_all_tokens(_request_timeout=None).status.code == 200


# --- life of a client ------------------------------------------------------------------------------


def test_close_forgets_it_and_a_later_call_is_an_error(server):
    client = client_of(server)
    ApiTokenApi(client).get_all_tokens()
    token = calls(server)[0].headers["Authorization"].split()[1]
    assert token in everything_in(client)
    client.close()
    client.close()
    assert token not in everything_in(client)
    with pytest.raises(RuntimeError, match="closed"):
        ApiTokenApi(client).get_all_tokens()
    assert len(server.requests) == 2


def everything_in(client):
    """What its attributes hold, and those of what they hold."""
    found, left = [], [client]
    seen = set()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        found.append(repr(each))
        if isinstance(each, dict):
            left += [*each, *each.values()]
        elif isinstance(each, (list, tuple, set, frozenset)):
            left += each
        elif type(each).__module__.startswith("wavefront_api_client") and hasattr(each, "__dict__"):
            left += vars(each).values()
    return "\n".join(found)


def test_closed_in_the_midst_of_an_exchange(server):
    client = ApiClient(server.configuration())
    server.inject(path=EXCHANGE, status=503)
    client.configuration.retries = RetryPolicy(5, backoff=50, backoff_max=50)
    waits = client.rest_client.sleep

    def close_and_wait(seconds):
        client.close()
        waits(seconds)

    client.rest_client.sleep = close_and_wait
    with pytest.raises(ServiceException):
        ApiTokenApi(client).get_all_tokens()
    assert len(server.requests) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_a_fork_each_process_has_its_own(server, client):
    api = ApiTokenApi(client)
    api.get_all_tokens()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            status = str(api.get_all_tokens().status.code)
        except BaseException as error:
            status = repr(error)
        os.write(writing, status.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert os.read(reading, 1000) == b"200"
    os.close(reading)
    assert api.get_all_tokens().status.code == 200
    assert len(exchanges(server)) == 2
    tokens = [request.headers["Authorization"] for request in calls(server)]
    assert tokens[0] == tokens[2] != tokens[1]


def test_credentials_that_are_set_anew_count_from_the_next_call(server, client):
    api, app = ApiTokenApi(client), server.add_app("my-app")
    api.get_all_tokens()
    client.configuration.credentials = server.credentials(app)
    api.get_all_tokens()
    assert [request.account for request in calls(server)] == ["admin@example.com", "my-app"]
    client.configuration.credentials = None
    client.configuration.refresh_api_key_hook = lambda c: setattr(
        c, "credentials", server.credentials()
    )
    api.get_all_tokens()
    assert calls(server)[-1].account == "admin@example.com"
    # The first one was still good.
    assert len(exchanges(server)) == 2


def test_each_client_has_its_own(server):
    configuration = pickle.loads(pickle.dumps(server.configuration()))
    for _ in range(2):
        with ApiClient(configuration) as client:
            ApiTokenApi(client).get_all_tokens()
    assert len(exchanges(server)) == 2


# --- what beats what -------------------------------------------------------------------------------


@for_all("name", ["Authorization", "authorization", KEY_NAME])
def test_a_header_of_the_caller_is_sent_as_it_is(name):
    with TokenServer(onboarded=True) as server, ApiClient(server.configuration()) as client:
        client.set_default_header(name, "Bearer mine")
        with pytest.raises(UnauthorizedException):
            ApiTokenApi(client).get_all_tokens()
        assert [request.headers[name] for request in server.requests] == ["Bearer mine"]


def test_a_key_as_well_is_an_error_and_nothing_is_sent(server, client):
    for set_it in (
        lambda c: c.api_key.update({KEY_NAME: "k"}),
        lambda c: setattr(c, "refresh_api_key_hook", lambda c: setattr(c, "api_key", "k")),
    ):
        client.configuration.api_key = {}
        set_it(client.configuration)
        with pytest.raises(ValueError, match="are both set"):
            ApiTokenApi(client).get_all_tokens()
    assert server.requests == []


def test_a_call_that_wants_no_credential_gets_none(server, client):
    with pytest.raises(UnauthorizedException):
        client.call_api("/api/v2/apitoken", "GET")
    assert [request.headers.get("Authorization") for request in server.requests] == [None]


def test_all_of_it_from_the_environment(server, monkeypatch):
    app = server.add_app("my-app")
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("CSP_BASE_URL", server.csp_url)
    monkeypatch.setenv("CSP_APP_ID", app.id)
    monkeypatch.setenv("CSP_APP_SECRET", app.app_secret)
    with ApiClient() as client:
        api = ApiTokenApi(client)
        for _ in range(2):
            assert api.get_customer_tokens().status.code == 200
    assert len(exchanges(server)) == 1
    with TokenServer() as abroad, ApiClient(Configuration(host=abroad.url)) as client:
        with pytest.raises(UnauthorizedException, match="only to the address that it"):
            ApiTokenApi(client).get_customer_tokens()
        assert abroad.requests[0].headers.get("Authorization") is None
    assert len(exchanges(server)) == 1


def test_a_key_of_the_environment_is_not_sent_beside_credentials(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", "of-the-environment")
    with ApiClient(Configuration(credentials=server.credentials())) as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
    assert [request.headers.get(KEY_NAME) for request in server.requests] == [None, None]


def test_nothing_is_exchanged_for_the_placeholder_or_over_plain_http(server):
    for host, told in (
        (None, "still the placeholder"),
        ("http://wavefront.example", "host must be https"),
    ):
        configuration = Configuration(credentials=server.credentials())
        if host:
            with pytest.warns(UserWarning, match="plain http"):
                configuration.host = host
        with ApiClient(configuration) as client, pytest.raises(ValueError, match=told):
            ApiTokenApi(client).get_all_tokens()
    assert server.requests == []


def test_an_error_of_the_exchange_is_no_error_of_the_call(server, client):
    """A 404 of the exchange must not look as if the token were gone."""
    server.inject(path=EXCHANGE, status=404)
    with pytest.raises(ApiException) as caught:
        ApiTokenApi(client).delete_token("some-token")
    assert type(caught.value) is UnauthorizedException
    assert caught.value.status == 401
