"""Side by side with the official client: the same requests and results, but for what is listed.

The official client (``wavefront-api-client`` 2.202.2 from PyPI) is read from the folder that the
environment variable ``WAVEFRONT_OFFICIAL`` names, without which these tests are not collected::

    pip install --target FOLDER wavefront-api-client==2.202.2 'urllib3<2.6'
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import wavefront_api_client
from wavefront_api_client.testing import TokenServer

OFFICIAL = os.environ.get("WAVEFRONT_OFFICIAL", "")
OURS = str(Path(wavefront_api_client.__file__).parents[1])
RUNNER = str(Path(__file__).with_name("runner.py"))

if not OFFICIAL:
    why = "WAVEFRONT_OFFICIAL does not name a folder with the official client"
    pytest.skip(why, allow_module_level=True)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNLIKE = {"user-agent", "accept-encoding", "content-length", "host"}


class Run(NamedTuple):
    """What a client made of an expression, and what it sent to do so."""

    result: dict[str, Any]
    requests: list[Any]

    @property
    def value(self) -> Any:
        assert "value" in self.result, self.result
        return self.result["value"]

    @property
    def error(self) -> str:
        assert "error" in self.result, self.result
        return self.result["error"]


class Client:
    """A process with one of the two clients in it."""

    def __init__(self, folder: str) -> None:
        environment = {**os.environ, "PYTHONPATH": folder, "NO_PROXY": "*"}
        self._process = subprocess.Popen(
            [sys.executable, RUNNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=os.path.dirname(RUNNER),
        )

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def clients():
    pair = [Client(OURS), Client(OFFICIAL)]
    yield pair
    for client in pair:
        client.close()


@pytest.fixture
def both(clients):
    """Evaluates an expression with both clients, each against a service of its own."""

    def run(expression, setup="", inject=(), key="the-key", **job):
        runs = []
        for client in clients:
            with TokenServer() as server, TokenServer() as other:
                server.add_user("me@example.com", tokens=["the-key", "mine", ODD])
                server.add_service_account("sa::ci", tokens=["theirs", "other"])
                server.add_service_account(ODD, tokens=[ODD + "x"])
                for fault in inject:
                    faults = {
                        name: value.replace("{other}", other.url).replace("{self}", server.url)
                        if isinstance(value, str)
                        else value
                        for name, value in fault.items()
                    }
                    server.inject(**faults)
                result = client.ask(
                    {
                        "host": server.url,
                        "key": key,
                        "expression": expression,
                        "setup": setup,
                        "other": other.url,
                        **job,
                    }
                )
                runs.append(Run(result, [*server.requests, *other.requests]))
        return runs

    return run


ODD = "a/b?c é%2F"


def plain(value):
    """A result without what is different in every run."""
    text = UUID.sub("<uuid>", json.dumps(value))
    text = re.sub(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "<date>", text)
    return json.loads(re.sub(r"\b1\d{12}\b", "0", text))


def without_debug_info(value):
    if isinstance(value, dict):
        assert value.get("debug_info") is None
        return {k: without_debug_info(v) for k, v in value.items() if k != "debug_info"}
    return [without_debug_info(item) for item in value] if isinstance(value, list) else value


def wire(request):
    """A request without what is different between the two clients on purpose."""
    headers = {k: v for k, v in request.headers.items() if k not in UNLIKE}
    body = request.body
    boundary = re.search("boundary=(.*)", headers.get("content-type", ""))
    if boundary:
        body = body.replace(boundary[1].encode(), b"<boundary>")
        headers["content-type"] = headers["content-type"].replace(boundary[1], "<boundary>")
    return request.method, UUID.sub("<uuid>", request.path), headers, body


def bodiless(method, path):
    """Whether the reference page says that an endpoint has no Content-Type."""
    return method in ("GET", "DELETE") or (method, path) == ("POST", "/api/v2/apitoken")


def official_wire(request):
    """A request of the official client as ours is documented to send it."""
    method, path, headers, body = wire(request)
    if bodiless(method, path):
        assert headers.pop("content-type") == "application/json"
        assert body == (b"" if method == "GET" else b"{}")
        body = b""
    return method, path, headers, body


def same_requests(ours, official):
    assert [wire(request) for request in ours.requests] == [
        official_wire(request) for request in official.requests
    ]
    assert [r.status for r in ours.requests] == [r.status for r in official.requests]


def same_values(ours, official):
    assert without_debug_info(plain(ours.value)) == plain(official.value)


def same_errors(ours, official):
    for name in ("status", "reason", "body", "headers"):
        assert plain(ours.result[name]) == plain(official.result[name]), name
    assert official.error == "ApiException", official.result
    assert "ApiException" in ours.result["family"]
    start = f"({official.result['status']})\nReason: {official.result['reason']}\n"
    assert official.result["text"].startswith(start)
    assert ours.result["text"].startswith(start)


# the eleven calls

BODIES = {
    "absent": None,
    "None": "None",
    "empty": "{}",
    "dict": "{'tokenName': 'n', 'account': [1, None, True, {'é': 1.5}]}",
    "model": "UserApiToken(token_id='mine', token_name='né')",
    "full model": (
        "UserApiToken(account='a', account_type='SERVICE_ACCOUNT', date_generated=0,"
        " last_used=5, token_id='mine', token_name='')"
    ),
    "partial model": "UserApiToken(token_name='n', _configuration=lenient)",
    "unset model": "UserApiToken(_configuration=lenient)",
    "model in dict": "{'tokenName': 'n', 'account': [UserApiToken(token_id='mine')]}",
}
WITHOUT_BODY = [
    ("create_token", ""),
    ("delete_token", "'mine'"),
    ("delete_token", "id='mine'"),
    ("delete_token_service_account", "'sa::ci', 'theirs'"),
    ("delete_token_service_account", "id='sa::ci', token='theirs'"),
    ("get_all_tokens", ""),
    ("get_customer_token", "'theirs'"),
    ("get_customer_tokens", ""),
    ("get_tokens_service_account", "'sa::ci'"),
]
WITH_BODY = [
    ("delete_customer_token", ""),
    ("generate_token_service_account", "'sa::ci'"),
    ("update_token_name", "'mine'"),
    ("update_token_name_service_account", "'sa::ci', 'theirs'"),
]
CALLS = WITHOUT_BODY + [
    (name, ", ".join(filter(None, [arguments, body and f"body={body}"])))
    for name, arguments in WITH_BODY
    for body in BODIES.values()
]
OPTIONS = {
    "": "{call}",
    "async": "{call}.get()",
    "data only": "{call}",
    "unread": "{call}",
    "unread async": "{call}.get()",
    "timeout": "{call}",
    "timeout pair": "{call}",
}
OPTION_ARGUMENTS = {
    "": "",
    "async": "async_req=True",
    "data only": "_return_http_data_only=True",
    "unread": "_preload_content=False",
    "unread async": "_preload_content=False, async_req=True",
    "timeout": "_request_timeout=5",
    "timeout pair": "_request_timeout=(5, 5)",
}


@pytest.mark.parametrize(("name", "arguments"), CALLS)
@pytest.mark.parametrize("twin", ["", "_with_http_info"], ids=["plain", "twin"])
def test_every_call_with_every_body(both, name, arguments, twin):
    ours, official = both(f"api.{name}{twin}({arguments})")
    same_requests(ours, official)
    assert len(ours.requests) == 1
    if "value" in official.result:
        same_values(ours, official)
    else:
        same_errors(ours, official)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [*WITHOUT_BODY[:1], *WITHOUT_BODY[3:4], *WITHOUT_BODY[5:], *WITH_BODY[1:]],
)
@pytest.mark.parametrize("twin", ["", "_with_http_info"], ids=["plain", "twin"])
@pytest.mark.parametrize("option", OPTIONS)
def test_every_call_with_every_option(both, name, arguments, twin, option):
    listed = ", ".join(filter(None, [arguments, OPTION_ARGUMENTS[option]]))
    ours, official = both(OPTIONS[option].format(call=f"api.{name}{twin}({listed})"))
    same_requests(ours, official)
    same_values(ours, official)


# odd ids


@pytest.mark.parametrize(
    "value",
    [ODD, "sa::x", "...", "a b", "+", "%", "%zz", "%41", "ü€😀", "customertokens", "{id}", "{token}",
     "a;b=c", "?x=y#z", "~!*'()", "x" * 500, ".a", "a..b"],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_odd_ids(both, value):
    for expression in (
        f"api.get_customer_token({value!r})",
        f"api.delete_token({value!r})",
        f"api.get_tokens_service_account({value!r})",
        f"api.delete_token_service_account({value!r}, {value!r})",
        f"api.update_token_name_service_account({value!r}, 'x', body={{}})",
    ):
        ours, official = both(expression)
        same_requests(ours, official)
        if "value" in official.result:
            same_values(ours, official)
        else:
            same_errors(ours, official)


def test_an_odd_id_reaches_what_it_names(both):
    ours, official = both(f"api.delete_token_service_account({ODD!r}, {ODD + 'x'!r})")
    same_requests(ours, official)
    same_values(ours, official)
    assert ours.value["data"]["response"] == []


# errors


@pytest.mark.parametrize("shape", ["container", "gateway", "text", "html", "empty"])
@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 406, 409, 415, 418, 429, 500, 501, 502, 503, 504, 599]
)
def test_errors(both, status, shape):
    if shape in ("html", "empty"):
        body = "<html><body>no</body></html>" if shape == "html" else b""
    else:
        body = TokenServer.error_body(shape, status, "message\nwith é")
    for expression in (
        "api.get_all_tokens()",
        "api.create_token_with_http_info(async_req=True).get()",
    ):
        ours, official = both(expression, inject=[{"status": status, "body": body}])
        same_requests(ours, official)
        same_errors(ours, official)


@pytest.mark.parametrize("key", ["wrong", None])
def test_a_wrong_key_and_none(both, key):
    ours, official = both("api.get_all_tokens()", key=key)
    same_requests(ours, official)
    same_errors(ours, official)
    assert ours.result["status"] == 401


@pytest.mark.parametrize(
    "expression",
    [
        "api.delete_token(None)",
        "api.delete_token_with_http_info(id=None, async_req=True)",
        "api.delete_token_service_account('x', None)",
        "api.delete_token_service_account(None, 'x')",
        "api.update_token_name(None, body={})",
        "api.get_all_tokens(nix=1)",
        "api.get_all_tokens(body={})",
        "api.get_all_tokens_with_http_info(limit=1)",
        "api.delete_token('x', _nix=1)",
        "UserApiToken(token_id='t', account_type='x')",
        "UserApiToken(token_id=None)",
        "ResponseStatus(code=None, result='OK')",
        "ResponseStatus(code=1, result='x')",
        "setattr(UserApiToken(token_id='t'), 'account_type', None)",
        "setattr(UserApiToken(token_id='t'), 'token_id', None)",
        "setattr(ApiTokenModel(), 'account_type', 'x')",
        "setattr(ResponseStatus(code=1, result='OK'), 'result', 'ok')",
        "models.ResponseContainerUserApiToken(status=None)",
        "client.call_api('/x', 'TRACE')",
        "client.call_api('/x', 'POST', body={'a': 1}, post_params=[('b', 1)])",
    ],
)
def test_errors_before_anything_is_sent(both, expression):
    ours, official = both(expression)
    assert ours.error == official.error
    if "TRACE" not in expression:
        assert ours.result["text"] == official.result["text"]
    assert ours.requests == official.requests == []


# answers

OK = {"result": "OK", "message": "", "code": 200}


@pytest.mark.parametrize(
    "body",
    [
        {"status": OK, "response": []},
        {"status": OK, "response": None},
        {"status": OK},
        {"status": OK, "response": [{"tokenID": "t"}]},
        {"status": OK, "response": [{"tokenID": "t", "lastUsed": None, "dateGenerated": 0}]},
        {"status": OK, "response": [{"tokenID": "t", "unknown": {"x": 1}}], "unknown": 1},
        {"status": {"result": "ERROR", "message": "no\nway", "code": 500, "x": 1}, "response": []},
        {"status": OK, "response": [{"tokenID": "é€😀", "tokenName": "a\nb"}] * 3},
        {"status": OK, "response": [{"tokenID": "t", "accountType": "CSP_USER_ACCOUNT"}]},
        {"status": OK, "response": [{"tokenID": "t", "lastUsed": 12345678901234567890}]},
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_answers(both, body):
    for expression in ("api.get_all_tokens()", "api.get_all_tokens_with_http_info()"):
        ours, official = both(expression, inject=[{"status": 200, "body": body}])
        same_requests(ours, official)
        same_values(ours, official)


@pytest.mark.parametrize(
    ("type_name", "text"),
    [
        ("int", "5"),
        ("float", "1.5"),
        ("str", '"x"'),
        ("str", "plain"),
        ("str", "5"),
        ("str", ""),
        ("bool", "true"),
        ("object", '{"a": [1, null]}'),
        ("object", "plain"),
        ("date", '"2024-02-03"'),
        ("date", "2024-02-03"),
        ("datetime", '"2024-02-03T04:05:06Z"'),
        ("list[int]", "[1, 2]"),
        ("list[str]", "[]"),
        ("dict(str, int)", '{"a": 1}'),
        ("dict(str, list[str])", '{"a": ["b"]}'),
        ("list[UserApiToken]", '[{"tokenID": "t"}]'),
        ("ApiTokenModel", '{"id": "t", "name": "n"}'),
        ("int", "null"),
        ("list[int]", "null"),
        (None, "anything"),
    ],
)
def test_generic_answers(both, type_name, text):
    ours, official = both(
        f"client.call_api('/x', 'GET', response_type={type_name!r})",
        inject=[{"status": 200, "body": text}],
    )
    same_requests(ours, official)
    same_values(ours, official)


# the generic client

GENERIC = [
    "client.call_api('/x', 'GET', query_params=[('a', '1'), ('b', 'x y/é&=')])",
    "client.call_api('/x', 'GET', query_params={'a': 1, 'b': True})",
    "client.call_api('/x', 'DELETE', query_params=[('a', '1'), ('b', 'x y/é&=')])",
    "client.call_api('/x', 'GET', query_params=[('a', [1, 2])], collection_formats={'a': 'csv'})",
    "client.call_api('/x', 'GET', query_params=[('a', [1, 2])], collection_formats={'a': 'ssv'})",
    "client.call_api('/x', 'GET', query_params=[('a', [1, 2])], collection_formats={'a': 'tsv'})",
    "client.call_api('/x', 'GET', query_params=[('a', [1, 2])], collection_formats={'a': 'pipes'})",
    "client.call_api('/x', 'GET', query_params=[('a', [1, 2])], collection_formats={'a': 'multi'})",
    "client.call_api('/x', 'GET', header_params={'X-A': 'b'})",
    "client.call_api('/x', 'GET', auth_settings=['api_key'], query_params=[])",
    "client.call_api('/x', 'GET', auth_settings=['nix'])",
    "client.call_api('/x', 'HEAD')",
    "client.call_api('/{a}/{b}', 'GET', {'a': 'x/y', 'b': 'z'})",
    "client.call_api('/x', 'POST', body={'a': [1, None, datetime.date(2024, 2, 3)]})",
    "client.call_api('/x', 'POST', body=[UserApiToken(token_id='t')])",
    "client.call_api('/x', 'POST', body='text')",
    "client.call_api('/x', 'POST', body=0)",
    "client.call_api('/x', 'PUT', body=datetime.datetime(2024, 2, 3, 4, 5))",
    "client.call_api('/x', 'PATCH', body={'a': (1, 2)})",
    "client.call_api('/x', 'POST', header_params={'Content-Type': 'application/json'})",
    "client.call_api('/x', 'POST', header_params={'Content-Type': 'text/plain'}, body='text')",
    (
        "client.call_api('/x', 'POST', post_params=[('a', '1'), ('b', 'x y/é')],"
        " header_params={'Content-Type': 'application/x-www-form-urlencoded'})"
    ),
    (
        "client.call_api('/x', 'POST', post_params=[('a', datetime.datetime(2024, 2, 3, 4, 5))],"
        " header_params={'Content-Type': 'application/x-www-form-urlencoded'})"
    ),
    (
        "client.call_api('/x', 'POST', post_params=[('a', '1'), ('b', 'é')],"
        " header_params={'Content-Type': 'multipart/form-data'})"
    ),
    (
        "client.call_api('/x', 'POST', post_params=[('a', '1')], files={'f': FILE},"
        " header_params={'Content-Type': 'multipart/form-data'})"
    ),
    "client.rest_client.GET(configuration.host + '/x', query_params={'q': 'é'}).data",
    "client.rest_client.GET(configuration.host).status",
    "client.rest_client.GET(configuration.host + '/').status",
    "client.rest_client.GET(configuration.host, query_params=[('a', '1')]).status",
    "client.rest_client.GET(configuration.host + '?a=1').status",
    "client.rest_client.DELETE(configuration.host + '?a=1', query_params=[('b', '2')]).status",
    "client.rest_client.GET(configuration.host + '#frag').status",
    "client.rest_client.GET(configuration.host.replace('http', 'HTTP') + '/X').status",
    "client.rest_client.GET(configuration.host.replace('//', '//u:a-long-password@') + '/x').status",
    "client.call_api('/x?y', 'GET', query_params=[('a', '1')])",
    "client.call_api('/x#frag', 'GET')",
    "client.call_api('/x y%41é%2f', 'GET')",
    "client.call_api('//x', 'GET')",
    "client.rest_client.POST(configuration.host + '/x', body={'a': 1}).status",
]


@pytest.mark.parametrize("expression", GENERIC)
def test_generic_requests(both, expression, tmp_path):
    path = tmp_path / "upload.txt"
    path.write_bytes(b"content\x00\xff")
    ours, official = both(
        expression, setup=f"FILE = {str(path)!r}", inject=[{"status": 200, "body": b""}]
    )
    found = [wire(request) for request in ours.requests]
    expected = [wire(request) for request in official.requests]
    assert len(found) == len(expected) == 1
    if not any(word in expression for word in ("body", "post_params", "Content-Type")):
        assert expected[0][2].pop("content-type") == "application/json"
        if expected[0][3] == b"{}":
            expected[0] = (*expected[0][:3], b"")
    assert found == expected
    same_values(ours, official)


@pytest.mark.parametrize(
    "setup",
    [
        "client = w.ApiClient(configuration, 'X-A', 'b')",
        "client = w.ApiClient(configuration, 'Authorization', 'Bearer the-key')",
        "client = w.ApiClient(configuration, cookie='a=b')",
        "client = w.ApiClient(configuration); client.set_default_header('X-A', 'b')",
        "client = w.ApiClient(configuration); client.user_agent = 'mine'",
        "configuration.api_key_prefix['X-AUTH-TOKEN'] = 'Bearer'",
        "configuration.refresh_api_key_hook = lambda c: c.api_key.update({'X-AUTH-TOKEN': 'mine'})",
        "configuration.safe_chars_for_path_param = ':'",
        "w.Configuration.set_default(configuration); client = w.ApiClient();"
        " w.Configuration.set_default(None)",
    ],
)
def test_settings(both, setup):
    ours, official = both("api.get_tokens_service_account('sa::ci')", setup=setup)
    same_requests(ours, official)
    same_values(ours, official)
    if "user_agent" in setup:
        assert ours.requests[0].headers["user-agent"] == "mine"
        assert official.requests[0].headers["user-agent"] == "mine"


HELPERS = [
    "client.sanitize_for_serialization({'a': [UserApiToken(token_id='t'), None], 't': (1, 2.5)})",
    "client.select_header_accept([])",
    "client.select_header_accept(['text/plain', 'Application/JSON'])",
    "client.select_header_accept(['text/plain', 'Text/HTML'])",
    "client.select_header_content_type([])",
    "client.select_header_content_type(['Text/Plain', 'text/html'])",
    "client.select_header_content_type(['text/plain', '*/*'])",
    "client.parameters_to_tuples({'a': [1, 2], 'b': 3}, {'a': 'pipes'})",
    "client.parameters_to_tuples([('a', [1, 2])], {'a': 'multi'})",
    "client.prepare_post_parameters([('a', 1)], {})",
    "configuration.get_api_key_with_prefix('X-AUTH-TOKEN')",
    "configuration.get_api_key_with_prefix('nix')",
    "configuration.get_basic_auth_token()",
    "configuration.auth_settings()",
    "[configuration.verify_ssl, configuration.proxy, configuration.debug, configuration.username]",
    "configuration.to_debug_report().splitlines()[:4]",
    "UserApiToken.swagger_types, UserApiToken.attribute_map",
    "ApiTokenModel.swagger_types, ApiTokenModel.attribute_map",
    "ResponseStatus.swagger_types, ResponseStatus.attribute_map",
    "UserApiToken(token_id='t').to_dict()",
    "UserApiToken('a', 'USER_ACCOUNT', 1, 2, 't', 'n').to_str()",
    "repr(ApiTokenModel('a', 'USER_ACCOUNT', 1, 'c', 2, None, 3, 'n'))",
    "ApiTokenModel('a', 'USER_ACCOUNT', 1, 'c', 2, 'i', 3, 'n').to_str()",
    "str(ResponseStatus(200, 'm', 'OK'))",
    "UserApiToken(token_id='t') == UserApiToken(token_id='t')",
    "UserApiToken(token_id='t') != UserApiToken(token_id='u')",
    "UserApiToken(token_id='t') == 5",
    "UserApiToken(token_id='t') == type('T', (UserApiToken,), {})(token_id='t')",
    "UserApiToken(token_id='t').discriminator",
    "UserApiToken.__hash__",
    "str(w.rest.ApiException(404, 'Not Found'))",
    "[w.rest.ApiException(404, 'R').status, w.rest.ApiException(404, 'R').body]",
    "w.models.user_api_token.UserApiToken is UserApiToken",
    "w.api.api_token_api.ApiTokenApi is w.ApiTokenApi",
]


@pytest.mark.parametrize("expression", HELPERS)
def test_helpers_and_models(both, expression):
    ours, official = both(expression)
    same_values(ours, official)


# the differences, each shown


def test_difference_user_agent_and_accept_encoding(both):
    ours, official = both("api.get_all_tokens()")
    mine, theirs = ours.requests[0].headers, official.requests[0].headers
    assert theirs["user-agent"] == "Swagger-Codegen/2.202.2/python"
    assert mine["user-agent"].startswith("wavefront-api-client/")
    assert (mine["accept-encoding"], theirs["accept-encoding"]) == ("gzip", "identity")


@pytest.mark.parametrize(("name", "arguments"), WITHOUT_BODY)
def test_difference_no_body_and_no_content_type(both, name, arguments):
    ours, official = both(f"api.{name}({arguments})")
    assert "content-type" not in ours.requests[0].headers
    assert ours.requests[0].body == b""
    assert official.requests[0].headers["content-type"] == "application/json"
    assert official.requests[0].body == (b"" if name.startswith("get") else b"{}")


def test_difference_debug_info(both):
    body = {"status": OK, "response": [], "debugInfo": ["note"]}
    ours, official = both("api.get_all_tokens()", inject=[{"status": 200, "body": body}])
    assert ours.value["data"]["debug_info"] == ["note"]
    assert "debug_info" not in official.value["data"]


def test_difference_default_host(both):
    ours, official = both("w.Configuration().host")
    assert (ours.value, official.value) == (
        "https://YOUR_INSTANCE.wavefront.com",
        "https://localhost",
    )


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestException"),
        (401, "UnauthorizedException"),
        (403, "ForbiddenException"),
        (404, "NotFoundException"),
        (409, "ConflictException"),
        (429, "TooManyRequestsException"),
        (500, "ServiceException"),
    ],
)
def test_difference_exception_classes(both, status, name):
    ours, official = both("api.get_all_tokens()", inject=[{"status": status}])
    assert (ours.error, official.error) == (name, "ApiException")


def test_difference_text_of_an_exception(both):
    body = {"error": "no", "tokenID": "canary"}
    ours, official = both("api.delete_token('mine')", inject=[{"status": 404, "body": body}])
    assert "canary" in official.result["text"]
    assert "canary" not in ours.result["text"]
    assert (
        "Operation: delete_token (DELETE /api/v2/apitoken/{id}), attempts: 1"
        in (ours.result["text"])
    )
    assert ours.result["body"] == official.result["body"]


def test_difference_no_key_hint(both):
    ours, official = both("api.get_all_tokens()", key=None)
    assert "No API key is configured" in ours.result["text"]
    assert "configured" not in official.result["text"]


def test_difference_a_required_attribute_may_be_left_out(both):
    ours, official = both("UserApiToken(token_name='ci')")
    assert ours.value["data"]["token_name"] == "ci"
    assert official.error == "ValueError"


@pytest.mark.parametrize(
    "body",
    [
        {"status": OK, "response": [{"tokenID": "t", "accountType": "NEW"}]},
        {"status": OK, "response": [{"tokenName": "no id"}]},
        {"status": {"result": "STRANGE", "code": 200}, "response": []},
        {"status": {}, "response": []},
        {"response": []},
    ],
    ids=["unknown enum", "no id", "unknown result", "empty status", "no status"],
)
def test_difference_answers_are_not_validated(both, body):
    ours, official = both("api.get_all_tokens()", inject=[{"status": 200, "body": body}])
    assert len(ours.value["data"]["response"]) == len(body["response"])
    assert official.error == "ValueError"


@pytest.mark.parametrize(
    ("body", "error", "theirs"),
    [
        ("null", "InvalidResponseException", None),
        ("[]", "InvalidResponseException", "ValueError"),
        ("5", "InvalidResponseException", "TypeError"),
        ("<html>", "InvalidResponseException", "ValueError"),
        (b'{"\xff"}', "InvalidResponseException", "UnicodeDecodeError"),
    ],
)
def test_difference_answers_that_cannot_be_used(both, body, error, theirs):
    ours, official = both("api.get_all_tokens()", inject=[{"status": 200, "body": body}])
    assert ours.error == error
    assert official.result.get("error") == theirs


def test_difference_an_empty_answer_is_an_empty_container(both):
    ours, official = both("api.get_all_tokens()", inject=[{"status": 200, "body": b""}])
    assert ours.value["data"]["response"] == []
    assert ours.value["data"]["status"]["result"] == "OK"
    assert official.error == "ValueError"


@pytest.mark.parametrize("drop", ["before", "after"])
def test_difference_a_lost_connection_is_an_api_exception(both, drop):
    ours, official = both("api.create_token()", inject=[{"drop": drop, "count": 20}])
    assert ours.error == "ApiConnectionException"
    assert official.error == "ProtocolError"
    assert "HTTPError" in ours.result["family"]
    assert "HTTPError" in official.result["family"]


def test_difference_a_refused_connection_is_an_api_exception(both):
    ours, official = both("api.get_all_tokens()", host="http://127.0.0.1:1")
    assert (ours.error, ours.result["status"]) == ("ApiConnectionException", 0)
    assert official.error == "MaxRetryError"


def test_difference_a_created_token_is_never_asked_for_twice(both):
    headers = {"Retry-After": "0"}
    for inject in ([{"drop": "after"}], [{"status": 502}]):
        ours, _ = both("api.create_token()", inject=inject, retries=3)
        assert len(ours.requests) == 1
    ours, official = both(
        "api.create_token()", inject=[{"status": 503, "headers": headers}], retries=3
    )
    assert (len(ours.requests), len(official.requests)) == (2, 1)


def test_difference_reading_is_repeated(both):
    ours, official = both("api.get_all_tokens()", inject=[{"status": 502}], retries=3)
    assert ours.value["data"]["status"]["result"] == "OK"
    assert official.result["status"] == 502


@pytest.mark.parametrize("value", ["", ".", "..", "a/../b", " ", "%2e%2e", "a\nb"])
def test_difference_ids_that_lead_elsewhere_are_refused(both, value):
    ours, official = both(f"api.delete_token_service_account({value!r}, 'mine')")
    assert ours.error == "ValueError"
    assert ours.requests == []
    assert len(official.requests) == 1


def test_difference_a_dot_dot_deletes_the_users_own_token_officially(both):
    ours, official = both("api.delete_token_service_account('..', 'mine')")
    assert ours.requests == []
    assert official.requests[0].path == "/api/v2/apitoken/mine"
    assert official.requests[0].status == 200


@pytest.mark.parametrize("value", ["5", "True", "['x']"])
def test_difference_ids_are_text(both, value):
    ours, official = both(f"api.get_customer_token({value})")
    assert ours.error == "TypeError"
    assert ours.requests == []
    assert len(official.requests) == 1


def test_difference_ids_and_bodies_may_be_bytes(both):
    ours, official = both("api.update_token_name(b'mine', body={'tokenName': b'n'})")
    assert ours.value["data"]["response"]["token_name"] == "n"
    assert official.error == "TypeError"
    ours, official = both("api.get_customer_token(b'mine')")
    assert ours.requests[0].path.endswith("/mine")
    assert official.requests[0].path.endswith("/b%27mine%27")


@pytest.mark.parametrize("body", ["'text'", "[]", "5", "False", "[{'tokenName': 'n'}]"])
def test_difference_bodies_are_models_or_dictionaries(both, body):
    ours, official = both(f"api.update_token_name('mine', body={body})")
    assert ours.error == "TypeError"
    assert ours.requests == []
    assert len(official.requests) == 1


def test_difference_a_dictionary_has_attributes_or_json_keys(both):
    ours, official = both(
        "api.update_token_name('mine', body={'token_name': 'n'}).response.token_name"
    )
    assert ours.value == "n"
    assert official.value != "n"
    ours, official = both("api.update_token_name('mine', body={'tokenName': 'n', 'unknown': 1})")
    assert ours.error == "ValueError"
    assert ours.requests == []
    assert len(official.requests) == 1


@pytest.mark.parametrize(
    "expression", ["w.ApiClient('https://h')", "w.ApiTokenApi(configuration).get_all_tokens()"]
)
def test_difference_what_is_no_client_is_refused(both, expression):
    ours, official = both(expression)
    assert ours.error == "TypeError"
    assert official.error == "AttributeError"


def test_a_mistyped_setting_is_kept_by_both(both):
    """Ours warns of it besides."""
    ours, official = both("setattr(configuration, 'request_timout', 3)")
    assert ours.value is official.value is None


def test_difference_a_token_is_not_printed(both):
    ours, official = both("str(UserApiToken(token_id='token-id'))")
    assert "token-id" in official.value
    assert "token-id" not in ours.value


@pytest.mark.parametrize("timeout", ["'1'", "-1", "True", "(1, 2, 3)", "0", "[]"])
def test_difference_timeouts_are_checked(both, timeout):
    ours, official = both(f"api.get_all_tokens(_request_timeout={timeout})")
    assert ours.error in ("TypeError", "ValueError")
    assert ours.requests == []
    if timeout != "-1" and timeout != "True":
        assert official.value["data"]["status"]["code"] == 200


def test_difference_float_timeouts_count(both):
    ours, official = both(
        "api.get_all_tokens(_request_timeout=0.05)", inject=[{"delay": 0.15, "count": 5}]
    )
    assert ours.error == "ApiTimeoutException"
    assert official.value["data"]["status"]["code"] == 200


def test_difference_a_number_bounds_the_whole_call(both):
    begin = time.monotonic()
    ours, _ = both(
        "(lambda t: (api.get_all_tokens(_request_timeout=1), t))(0)",
        inject=[{"delay": 0.01}],
    )
    assert ours.value[0]["data"]["status"]["code"] == 200
    assert time.monotonic() - begin < 5


def test_difference_white_space_around_a_key(both):
    ours, official = both("api.get_all_tokens()", key=" the-key\n")
    assert ours.requests[0].headers["x-auth-token"] == "the-key"
    assert official.error == "ValueError"


def test_difference_a_broken_key_is_not_shown(both):
    ours, official = both("api.get_all_tokens()", key="can\nary")
    assert ours.error == official.error == "ValueError"
    assert "ary" in official.result["text"]
    assert "ary" not in ours.result["text"].replace("binary", "")
    assert ours.requests == official.requests == []


def test_difference_a_redirect_to_another_service_is_not_followed(both):
    inject = [{"redirect": "{other}/api/v2/apitoken"}]
    ours, official = both("api.get_all_tokens()", inject=inject)
    assert ours.result["status"] == 307
    assert len(ours.requests) == 1
    assert len(official.requests) == 2
    assert official.requests[1].headers["x-auth-token"] == "the-key"


def test_difference_what_changes_something_is_not_redirected(both):
    inject = [{"redirect": "{self}/api/v2/apitoken/other"}]
    ours, official = both("api.delete_token('mine')", inject=inject)
    assert (ours.result["status"], len(ours.requests)) == (307, 1)
    assert len(official.requests) == 2


def test_same_a_redirect_within_the_service_is_followed(both):
    inject = [{"redirect": "{self}/api/v2/apitoken"}]
    ours, official = both("api.get_customer_tokens()", inject=inject)
    same_values(ours, official)
    assert [r.path for r in ours.requests] == [r.path for r in official.requests]


@pytest.mark.parametrize(
    ("host", "path"), [("{}/", "//api/v2/apitoken"), ("{}/api/", "/api//api/v2/apitoken")]
)
def test_difference_slashes_at_the_end_of_the_host(both, host, path):
    setup = f"configuration.host = {host!r}.format(configuration.host)"
    ours, official = both("api.get_all_tokens()", setup=setup)
    assert ours.requests[0].path == "/api/v2/apitoken"
    assert official.requests[0].path == path


def test_difference_a_host_without_scheme(both):
    setup = "configuration.host = 'h.example.com'"
    ours, official = both("configuration.host", setup=setup)
    assert (ours.value, official.value) == ("https://h.example.com", "h.example.com")


@pytest.mark.parametrize("host", ["", "ftp://h", "https://u:p@h", "https://h?x", "a b"])
def test_difference_a_host_that_is_none_is_refused(both, host):
    ours, official = both("configuration.host", setup=f"configuration.host = {host!r}")
    assert ours.error == "ValueError"
    assert official.value == host


def test_difference_an_attribute_that_does_not_exist(both):
    ours, official = both("setattr(UserApiToken(token_id='t'), 'tokenName', 'n')")
    assert ours.error == "AttributeError"
    assert official.value is None


def test_difference_models_pickle_and_copy(both):
    setup = "import pickle, copy"
    ours, official = both("pickle.loads(pickle.dumps(UserApiToken(token_id='t')))", setup=setup)
    assert ours.value["data"]["token_id"] == "t"
    assert "error" in official.result
    ours, official = both("UserApiToken.from_dict({'tokenID': 't'}).to_json()")
    assert ours.value == '{"tokenID": "t"}'
    assert official.error == "AttributeError"


def test_difference_exceptions_pickle_without_secrets(both):
    body = {"error": "no", "tokenID": "canary"}
    expression = "pickle.loads(pickle.dumps(caught(lambda: api.delete_token('mine')))).body"
    inject = [{"status": 404, "body": body}]
    ours, official = both(expression, setup="import pickle", inject=inject)
    assert json.loads(official.value) == body
    assert json.loads(ours.value) == {**body, "tokenID": "***"}


def test_difference_configurations_leave_logging_alone(both):
    expression = (
        "[len([h for h in logging.getLogger(name).handlers if type(h) is logging.StreamHandler])"
        " for name in ('wavefront_api_client', 'urllib3')] + [logging.getLogger('urllib3').level]"
    )
    ours, official = both(expression)
    assert ours.value == [0, 0, 0]
    assert official.value[0] > 0
    assert official.value[1] > 0
    assert official.value[2] == 30


def test_difference_debug_shows_no_key_and_leaves_urllib3_alone(both):
    setup = "import io, sys; logs = io.StringIO(); handler = logging.StreamHandler(logs)\n"
    setup += "logging.root.addHandler(handler); configuration.debug = True\n"
    setup += "stdout, sys.stdout = sys.stdout, logs"
    expression = (
        "(api.delete_token('mine'), logging.root.removeHandler(handler),"
        " setattr(configuration, 'debug', False), setattr(sys, 'stdout', stdout),"
        " logs.getvalue())[-1]"
    )
    ours, official = both(expression, setup=setup)
    assert "/mine" in official.value
    assert "the-key" in official.value
    assert "mine" not in ours.value
    assert "the-key" not in ours.value
    assert "DELETE" in ours.value


def test_difference_an_unknown_type_is_a_value_error(both):
    inject = [{"status": 200, "body": "{}"}]
    ours, official = both("client.call_api('/x', 'GET', response_type='Nix')", inject=inject)
    assert (ours.error, official.error) == ("ValueError", "AttributeError")


def test_difference_dots_in_a_path_are_sent_as_they_are(both):
    ours, official = both("client.call_api('/a/../b', 'GET')")
    assert ours.requests[0].path == "/a/../b"
    assert official.requests[0].path == "/b"


def test_difference_an_unknown_verb_of_the_rest_client(both):
    ours, official = both("client.rest_client.request('TRACE', configuration.host)")
    assert (ours.error, official.error) == ("ValueError", "AssertionError")


@pytest.mark.parametrize(
    ("type_name", "text"),
    [("date", '"x"'), ("datetime", '"x"'), ("int", '"x"'), ("list[int]", "5")],
)
def test_difference_values_that_do_not_fit(both, type_name, text):
    expression = f"client.call_api('/x', 'GET', response_type={type_name!r})"
    ours, official = both(expression, inject=[{"status": 200, "body": text}])
    assert (ours.error, ours.result["status"]) == ("InvalidResponseException", 200)
    assert official.error != ours.error


@pytest.mark.parametrize("name", ["x.bin", "../../x.bin", "/x.bin"])
def test_difference_downloads(both, name, tmp_path):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    inject = [
        {
            "status": 200,
            "body": "content",
            "headers": {"Content-Disposition": f'attachment; filename="{name}"'},
        }
    ]
    setup = f"configuration.temp_folder_path = {str(folder)!r}"
    ours, official = both("client.call_api('/x', 'GET', response_type='file')[0]", setup, inject)
    assert os.path.dirname(ours.value) == str(folder)
    if name == "x.bin":
        # Ours came first and the official client wrote over it.
        assert official.value == ours.value == str(folder / "x.bin")
    else:
        assert os.path.dirname(official.result.get("value", "/")) != str(folder)


def test_difference_a_client_can_be_closed(both):
    ours, official = both("client.close()")
    assert ours.value is None
    assert official.error == "AttributeError"


def test_same_arguments_of_an_error(both):
    ours, official = both("w.rest.ApiException(404, 'Not Found').args")
    assert ours.value == [404, "Not Found"]
    assert official.value == [404, "Not Found"]


def test_difference_what_only_the_official_package_holds(both):
    expression = (
        "[hasattr(w, 'AlertApi'), hasattr(models, 'ResponseContainerPagedApiTokenModel'),"
        " hasattr(client, 'pool'), hasattr(client, 'PRIMITIVE_TYPES'),"
        " hasattr(configuration, 'logger_stream_handler')]"
    )
    ours, official = both(expression)
    assert ours.value == [False] * 5
    assert official.value == [True] * 5
