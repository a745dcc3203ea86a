"""The rows of docs/differences.md that no other test holds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import wavefront_api_client
from wavefront_api_client import NotFoundException, UserApiToken


def test_calls_without_a_body_send_none(api, server):
    server.add_service_account("sa::ci", tokens=["token-of-ci"])
    own = api.create_token().response[-1].token_id
    api.delete_token(own)
    api.delete_token_service_account("sa::ci", "token-of-ci")
    api.get_all_tokens()
    api.get_customer_token(server.user.key)
    api.get_customer_tokens()
    api.get_tokens_service_account("sa::ci")
    assert len(server.requests) == 7
    for request in server.requests:
        assert request.body == b""
        assert "content-type" not in request.headers


def test_the_user_agent(api, server):
    api.get_all_tokens()
    version = wavefront_api_client.__version__
    python = "{}.{}".format(*sys.version_info[:2])
    agent = server.requests[0].headers["User-Agent"]
    assert agent == f"wavefront-api-client/{version} python/{python}"


def test_answers_may_be_compressed(api, server):
    api.get_all_tokens()
    assert server.requests[0].headers["Accept-Encoding"] == "gzip"


def test_an_id_may_be_bytes(api, server):
    api.get_customer_token(server.user.key.encode())
    assert server.requests[0].path.endswith(f"/customertokens/{server.user.key}")


@pytest.mark.parametrize("encode", [str, str.encode], ids=["text", "bytes"])
def test_the_body_of_an_exception_is_text(api, server, encode):
    sent = '{"status": {"result": "ERROR", "message": "h\u00f6", "code": 404}}'
    server.inject(status=404, body=encode(sent))
    with pytest.raises(NotFoundException) as caught:
        api.get_all_tokens()
    assert caught.value.body == sent
    assert json.loads(caught.value.body)["status"]["message"] == "h\u00f6"


def test_a_model_has_no_dict():
    with pytest.raises(TypeError):
        vars(UserApiToken())


def test_the_result_of_an_asynchronous_call(api):
    result = api.get_all_tokens(async_req=True)
    result.wait(10)
    assert result.ready()
    assert result.successful()
    assert result.get(timeout=10).status.result == "OK"


def test_each_section_begins_with_its_reason():
    page = (Path(__file__).parents[2] / "docs" / "differences.md").read_text(encoding="utf-8")
    sections = page.split("\n## ")[1:]
    assert len(sections) == 6
    for section in sections:
        reason = section.split("\n")[2]
        assert reason.endswith("."), section[:60]
        assert not reason.startswith("|"), section[:60]
