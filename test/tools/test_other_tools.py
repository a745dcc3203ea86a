"""Tools that put an `urlopen` or connection classes of theirs into urllib3's pools are used."""

from __future__ import annotations

import json

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration, NotFoundException

HOST = "http://localhost:8765"
ID = "a-token"


def answer(path):
    return {"status": {"result": "OK", "code": 200}, "response": [{"tokenID": path}]}


@pytest.fixture
def api():
    with ApiClient(Configuration(host=HOST, api_key="the-key", retries=0)) as client:
        yield ApiTokenApi(client)


def test_pook_answers_and_sees_the_real_path(api):
    pook = pytest.importorskip("pook", reason="pook is not installed")
    pook.on()
    try:
        made_up = {"reply": 200, "response_json": answer("made up")}
        deleted = pook.delete(f"{HOST}/api/v2/apitoken/{ID}", **made_up)
        pook.get(f"{HOST}/api/v2/apitoken/customertokens/{ID}", reply=404)
        assert api.delete_token(ID).response[0].token_id == "made up"
        with pytest.raises(NotFoundException):
            api.get_customer_token(ID)
    finally:
        pook.off()
    assert deleted.calls == 1


def test_wsgi_intercept_answers_and_sees_the_real_path(api):
    wsgi_intercept = pytest.importorskip("wsgi_intercept", reason="wsgi-intercept is not installed")
    intercept = pytest.importorskip("wsgi_intercept.urllib3_intercept")

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(answer(environ["PATH_INFO"])).encode()]

    intercept.install()
    wsgi_intercept.add_wsgi_intercept("localhost", 8765, lambda: application)
    try:
        assert api.get_all_tokens().response[0].token_id == "/api/v2/apitoken"
        assert api.delete_token(ID).response[0].token_id == f"/api/v2/apitoken/{ID}"
    finally:
        wsgi_intercept.remove_wsgi_intercept()
        intercept.uninstall()
