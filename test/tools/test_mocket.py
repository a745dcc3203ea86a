"""mocket answers in the place of the service, with and without TLS."""

from __future__ import annotations

import gc
import json

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration, NotFoundException
from wavefront_api_client.testing import TokenServer

mocket = pytest.importorskip("mocket", reason="mocket is not installed")
entry = pytest.importorskip("mocket.mocks.mockhttp", reason="mocket is not installed").Entry

BODY = {"status": {"result": "OK", "code": 200}, "response": [{"tokenID": "made up"}]}
ERROR = {"status": {"result": "ERROR", "message": "no such token", "code": 404}}
# It opens a socket for each that it plays, and leaves that open.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
PLAIN, SECURED = "http://localhost:8765", "https://example.wavefront.com"


@pytest.fixture(autouse=True)
def its_leftovers():
    yield
    gc.collect()


def register(url):
    for method, path in [("GET", ""), ("POST", ""), ("DELETE", "/a-token")]:
        entry.single_register(method, f"{url}/api/v2/apitoken{path}", body=json.dumps(BODY))
    path = "/api/v2/apitoken/customertokens/none"
    entry.single_register("GET", url + path, body=json.dumps(ERROR), status=404)


def client_for(url):
    return ApiClient(Configuration(host=url, api_key="the-key", retries=0))


@pytest.mark.parametrize("when", ["before", "within"])
@pytest.mark.parametrize("url", [PLAIN, SECURED])
def test_it_answers(url, when):
    register(url)
    early = client_for(url)
    with early, mocket.Mocketizer(strict_mode=True):
        with client_for(url) as late:
            api = ApiTokenApi(early if when == "before" else late)
            for call in (api.get_all_tokens, api.create_token, lambda: api.delete_token("a-token")):
                assert [token.token_id for token in call().response] == ["made up"]
            assert mocket.Mocket.last_request().path == "/api/v2/apitoken/a-token"
            assert mocket.Mocket.last_request().headers["x-auth-token"] == "the-key"


@pytest.mark.parametrize("url", [PLAIN, SECURED])
def test_its_errors_are_errors_of_the_service(url):
    register(url)
    with mocket.Mocketizer(strict_mode=True), client_for(url) as client:
        with pytest.raises(NotFoundException) as caught:
            ApiTokenApi(client).get_customer_token("none")
    assert caught.value.message == "no such token"


def test_an_answer_may_be_left_unread():
    register(SECURED)
    with mocket.Mocketizer(strict_mode=True), client_for(SECURED) as client:
        answer = ApiTokenApi(client).get_all_tokens(_preload_content=False)
        assert json.loads(answer.read()) == BODY
        answer.close()


def test_a_client_is_its_own_before_and_afterwards():
    with TokenServer() as server, ApiClient(server.configuration()) as client:
        api = ApiTokenApi(client)
        real = api.get_all_tokens().response[0].token_id
        register(server.url)
        with mocket.Mocketizer(strict_mode=True):
            assert api.get_all_tokens().response[0].token_id == "made up"
        assert api.get_all_tokens().response[0].token_id == real
        assert len(server.requests) == 2


def test_what_it_does_not_know_is_its_own_error():
    register(PLAIN)
    with mocket.Mocketizer(strict_mode=True), client_for(PLAIN) as client:
        with pytest.raises(mocket.exceptions.StrictMocketException):
            ApiTokenApi(client).get_customer_tokens()
