"""The seams that people patch in their tests: each is passed once per call, or per attempt."""

from __future__ import annotations

import json
from types import SimpleNamespace
from unittest import mock

import pytest
import urllib3

from wavefront_api_client import (
    ApiClient,
    ApiException,
    ApiTokenApi,
    InvalidResponseException,
    NotFoundException,
    ServiceException,
)
from wavefront_api_client.models import ResponseContainerListUserApiToken
from wavefront_api_client.retry import RetryPolicy

WAIT = 5
BODY = json.dumps({"status": {"result": "OK", "code": 200}, "response": [{"tokenID": "t"}]})
ERROR = json.dumps({"status": {"result": "ERROR", "message": "no such thing", "code": 404}})


@pytest.fixture
def client(server):
    configuration = server.configuration()
    configuration.retries = RetryPolicy(2, backoff=0)
    with ApiClient(configuration) as client:
        yield client


def simple(status=200, data=BODY, reason="Reason", headers=None):
    return SimpleNamespace(
        status=status, data=data, reason=reason, getheaders=lambda: headers or {"A": "b"}
    )


def mocked(status=200, data=BODY, reason="Reason", headers=None):
    return mock.Mock(
        status=status, data=data, reason=reason, getheaders=lambda: headers or {"A": "b"}
    )


def specified(status=200, data=BODY, reason="Reason", headers=None):
    stand_in = mock.Mock(spec=["status", "data", "reason", "getheaders"])
    stand_in.configure_mock(status=status, data=data, reason=reason)
    stand_in.getheaders.return_value = headers or {"A": "b"}
    return stand_in


def of_urllib3(status=200, data=BODY, reason="Reason", headers=None):
    data = data.encode() if isinstance(data, str) else data
    return urllib3.HTTPResponse(
        body=data, status=status, reason=reason, headers=headers or {"A": "b"}
    )


stand_ins = pytest.mark.parametrize("make", [simple, mocked, specified, of_urllib3])


# exactly once


@pytest.mark.parametrize("is_async", [False, True], ids=["", "async"])
@pytest.mark.parametrize("twin", ["", "_with_http_info"])
@pytest.mark.parametrize("preload", [True, False], ids=["", "unread"])
def test_a_call_passes_each_seam_once(api, client, server, is_async, twin, preload):
    with (
        mock.patch.object(client, "call_api", wraps=client.call_api) as call_api,
        mock.patch.object(
            client.rest_client, "request", wraps=client.rest_client.request
        ) as request,
        mock.patch.object(
            client.rest_client.pool_manager,
            "request",
            wraps=client.rest_client.pool_manager.request,
        ) as pool_request,
    ):
        method = getattr(api, "get_all_tokens" + twin)
        result = method(async_req=is_async, _preload_content=preload)
        result = result.get(WAIT) if is_async else result
    assert (call_api.call_count, request.call_count, pool_request.call_count) == (1, 1, 1)
    assert len(server.requests) == 1
    if not preload:
        (result[0] if twin else result).release_conn()


def test_each_attempt_passes_the_innermost_seam(api, client, server):
    server.inject(2, status=502)
    rest = client.rest_client
    with (
        mock.patch.object(rest, "request", wraps=rest.request) as request,
        mock.patch.object(
            rest.pool_manager, "request", wraps=rest.pool_manager.request
        ) as pool_request,
    ):
        api.get_all_tokens()
    assert (request.call_count, pool_request.call_count) == (1, 3)


def test_classes_may_be_patched_too(api):
    with mock.patch("wavefront_api_client.rest.RESTClientObject.request") as request:
        request.return_value = simple()
        assert api.get_all_tokens().response[0].token_id == "t"
    assert request.call_count == 1
    with mock.patch("wavefront_api_client.api_client.ApiClient.call_api") as call_api:
        call_api.return_value = "x"
        assert api.get_all_tokens() == "x"
        assert api.get_all_tokens(async_req=True) == "x"
    assert call_api.call_count == 2


def test_a_client_derived_by_the_caller_may_override_call_api(server):
    seen = []

    class Mine(ApiClient):
        def call_api(self, resource_path, method, *args, **kwargs):
            seen.append((resource_path, method))
            return super().call_api(resource_path, method, *args, **kwargs)

    with Mine(server.configuration()) as client:
        api = ApiTokenApi(client)
        assert api.get_all_tokens().status.code == 200
        assert api.get_all_tokens(async_req=True).get(WAIT).status.code == 200
    assert seen == [("/api/v2/apitoken", "GET")] * 2


# what passes through


def test_what_call_api_is_given(api, client):
    with mock.patch.object(client, "call_api", return_value="result") as call_api:
        body = {"tokenName": "n"}
        assert api.update_token_name("t", body=body, _request_timeout=5) == "result"
    ((path, method), kwargs) = call_api.call_args[0][:2], call_api.call_args
    arguments = dict(zip(("path_params", "query_params", "header_params"), kwargs[0][2:]))
    arguments.update(kwargs[1])
    assert (path, method) == ("/api/v2/apitoken/{id}", "PUT")
    assert arguments["path_params"] == {"id": "t"}
    assert arguments["body"] == body
    assert arguments["response_type"] == "ResponseContainerUserApiToken"
    assert arguments["auth_settings"] == ["api_key"]
    assert arguments["_return_http_data_only"] is True
    assert arguments["_request_timeout"] == 5
    headers = arguments["header_params"]
    assert headers == {"Accept": "application/json", "Content-Type": "application/json"}


def test_what_rest_request_is_given(api, client, server):
    with mock.patch.object(client.rest_client, "request", return_value=simple()) as request:
        api.update_token_name("a/b", body={"tokenName": b"n"}, _request_timeout=5)
    args, kwargs = request.call_args
    assert args == ("PUT", f"{server.url}/api/v2/apitoken/a%2Fb")
    assert kwargs["body"] == {"tokenName": "n"}
    assert kwargs["_preload_content"] is True
    assert kwargs["_request_timeout"] == 5
    assert kwargs["headers"]["X-AUTH-TOKEN"] == server.user.key
    assert kwargs["headers"]["Content-Type"] == "application/json"
    assert not kwargs["query_params"]
    assert not kwargs["post_params"]


def test_what_the_pool_is_given(api, client, server):
    pool = client.rest_client.pool_manager
    with mock.patch.object(pool, "request", return_value=simple()) as request:
        api.update_token_name("a/b", body={"tokenName": "n"}, _request_timeout=(3, 5))
    args, kwargs = request.call_args
    assert args == ("PUT", f"{server.url}/api/v2/apitoken/a%2Fb")
    assert json.loads(kwargs["body"]) == {"tokenName": "n"}
    assert kwargs["headers"]["X-AUTH-TOKEN"] == server.user.key
    timeout = kwargs["timeout"]
    assert (timeout.connect_timeout, timeout.read_timeout, timeout.total) == (3, 5, None)
    assert f"{timeout} {timeout!r}" == "<Exchange PUT> <Exchange PUT>"


def test_call_api_is_given_all_that_the_official_client_gives_it(api, client):
    with mock.patch.object(client, "call_api") as call_api:
        api.get_all_tokens()
        api.update_token_name("t", body={"tokenName": "n"}, _request_timeout=5)
    (args, kwargs), (_, with_body) = call_api.call_args_list
    assert args == ("/api/v2/apitoken", "GET", {}, [], {"Accept": "application/json"})
    assert kwargs == {
        "body": None,
        "post_params": [],
        "files": {},
        "response_type": "ResponseContainerListUserApiToken",
        "auth_settings": ["api_key"],
        "collection_formats": {},
        "_return_http_data_only": True,
    }
    assert (with_body["body"], with_body["_request_timeout"]) == ({"tokenName": "n"}, 5)


def test_a_limit_of_urllib3_for_the_pool_limits_the_answer(client, server):
    server.inject(delay=2)
    with pytest.raises(urllib3.exceptions.HTTPError):
        client.rest_client.pool_manager.request(
            "GET", f"{server.url}/api/v2/apitoken", timeout=urllib3.Timeout(total=0.1)
        )


def test_a_pool_manager_of_urllib3_follows_no_redirect_and_sends_once(api, client, server):
    with urllib3.PoolManager() as client.rest_client.pool_manager:
        assert api.get_all_tokens().status.result == "OK"
        server.inject(redirect=f"http://localhost:{server.url.rpartition(':')[2]}/api/v2/apitoken")
        with pytest.raises(ApiException) as caught:
            api.get_all_tokens()
    assert (caught.value.status, len(server.requests)) == (307, 2)


@pytest.mark.parametrize("double", [mock.Mock(), SimpleNamespace(close=lambda: None)])
def test_a_double_of_the_rest_client(server, double):
    def raise_error(*_, **__):
        raise NotFoundException(404, "no")

    double.GET = raise_error
    with mock.patch("wavefront_api_client.api_client.RESTClientObject", lambda _: double):
        with ApiClient(server.configuration()) as client, pytest.raises(NotFoundException):
            ApiTokenApi(client).get_all_tokens()


# stand-in responses


@stand_ins
@pytest.mark.parametrize("data", [BODY, BODY.encode()], ids=["text", "bytes"])
def test_a_stand_in_of_the_rest_client_serves(api, client, make, data):
    with mock.patch.object(client.rest_client, "request", return_value=make(data=data)):
        assert [token.token_id for token in api.get_all_tokens().response] == ["t"]
        result, status, headers = api.get_all_tokens_with_http_info()
    assert type(result) is ResponseContainerListUserApiToken
    assert status == 200
    assert headers == {"A": "b"}


@stand_ins
@pytest.mark.parametrize("data", [BODY, BODY.encode()], ids=["text", "bytes"])
def test_a_stand_in_of_the_pool_serves(api, client, make, data):
    pool = client.rest_client.pool_manager
    with mock.patch.object(pool, "request", side_effect=lambda *_, **__: make(data=data)):
        assert [token.token_id for token in api.get_all_tokens().response] == ["t"]
        result, status, headers = api.get_all_tokens_with_http_info()
    assert type(result) is ResponseContainerListUserApiToken
    assert status == 200
    assert headers == {"A": "b"}


@stand_ins
@pytest.mark.parametrize("status", [404, 307])
def test_a_stand_in_of_the_pool_may_be_an_error(api, client, make, status):
    stand_in = make(status=status, data=ERROR, headers={"A": "b"})
    with mock.patch.object(client.rest_client.pool_manager, "request", return_value=stand_in):
        with pytest.raises(ApiException) as caught:
            api.get_all_tokens()
    error = caught.value
    assert (error.status, error.reason, error.body) == (status, "Reason", ERROR)
    assert error.message == "no such thing"
    assert dict(error.headers) == {"A": "b"}
    assert str(error).startswith(f"({status})\nReason: Reason\n")
    assert isinstance(error, NotFoundException) is (status == 404)


@stand_ins
def test_a_stand_in_of_the_pool_may_be_unread(api, client, make):
    stand_in = make()
    with mock.patch.object(client.rest_client.pool_manager, "request", return_value=stand_in):
        assert api.get_all_tokens(_preload_content=False) is stand_in
        response, status, headers = api.get_all_tokens_with_http_info(_preload_content=False)
    assert response is stand_in
    assert (status, headers) == (200, {"A": "b"})


@stand_ins
def test_a_stand_in_whose_body_cannot_be_used(api, client, make):
    stand_in = make(data="<html>", headers={"Content-Type": "text/html"})
    with mock.patch.object(client.rest_client, "request", return_value=stand_in):
        with pytest.raises(InvalidResponseException) as caught:
            api.get_all_tokens()
    assert caught.value.status == 200
    assert caught.value.body == "<html>"
    assert "text/html" in str(caught.value)


def test_a_stand_in_with_headers_serves_as_well(api, client):
    stand_in = SimpleNamespace(status=200, data=BODY, reason="OK", headers={"A": "b"})
    for owner in (client.rest_client, client.rest_client.pool_manager):
        with mock.patch.object(owner, "request", return_value=stand_in):
            assert api.get_all_tokens_with_http_info()[2] == {"A": "b"}


def test_an_exception_of_the_seam_reaches_the_caller(api, client):
    error = ServiceException(500, "patched")
    with mock.patch.object(client.rest_client, "request", side_effect=error):
        with pytest.raises(ServiceException) as caught:
            api.get_all_tokens()
    assert caught.value is error
    assert caught.value.operation == "get_all_tokens"


def test_an_error_of_urllib3_in_the_innermost_seam_is_mapped(api, client):
    pool = client.rest_client.pool_manager
    error = urllib3.exceptions.NewConnectionError(None, "refused")
    with mock.patch.object(pool, "request", side_effect=error) as request:
        with pytest.raises(ApiException) as caught:
            api.get_all_tokens()
    assert (caught.value.status, caught.value.attempts) == (0, 3)
    assert request.call_count == 3


def test_a_patched_deserialize_is_used(api, client):
    with mock.patch.object(client, "deserialize", return_value="made") as deserialize:
        assert api.get_all_tokens() == "made"
    assert deserialize.call_args[0][1] == "ResponseContainerListUserApiToken"
