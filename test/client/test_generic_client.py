"""ApiClient.call_api and its helpers, for any endpoint."""

from __future__ import annotations

import datetime
import email
import json
import tracemalloc
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest
from cases import for_all

from wavefront_api_client import (
    ApiClient,
    ApiException,
    Configuration,
    InvalidResponseException,
    UserApiToken,
)
from wavefront_api_client.models import ResponseStatus
from wavefront_api_client.rest import RESTResponse
from wavefront_api_client.retry import RetryPolicy

PATH = "/api/v2/thing"


def answering(server, body=b"{}", **kwargs):
    server.inject(status=kwargs.pop("status", 200), body=body, **kwargs)


def query_of(request):
    return parse_qsl(request.path.partition("?")[2], keep_blank_values=True)


def call(client, server, method="GET", path=PATH, **kwargs):
    server.inject(status=200, body=b"")
    client.call_api(path, method, **kwargs)
    return server.requests[-1]


# the request


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"])
def test_each_method(client, server, method):
    answering(server, '{"a": 1}')
    result = client.call_api(PATH, method, response_type="object")
    assert result[:2] == ({"a": 1}, 200)
    (request,) = server.requests
    assert (request.method, request.path, request.body) == (method, PATH, b"")
    assert "content-type" not in request.headers


def test_head_has_no_body(client, server):
    answering(server, "{}")
    data, status, headers = client.call_api(PATH, "HEAD", response_type="object")
    assert (data, status) == (None, 200)
    assert headers["content-length"] == "2"
    assert server.requests[0].method == "HEAD"


def test_no_credential_is_sent_unless_asked_for(client, server):
    assert "x-auth-token" not in call(client, server).headers
    assert "x-auth-token" not in call(client, server, auth_settings=[]).headers
    assert "x-auth-token" not in call(client, server, auth_settings=["nix"]).headers
    with_key = call(client, server, auth_settings=["api_key"])
    assert with_key.headers["x-auth-token"] == server.user.key


def test_path_parameters(client, server):
    request = call(client, server, path=f"{PATH}/{{a}}/{{b}}", path_params={"a": "x/y", "b": b"z"})
    assert request.path == f"{PATH}/x%2Fy/z"


def test_path_parameters_as_pairs_and_collections(client, server):
    request = call(
        client,
        server,
        path=f"{PATH}/{{a}}/{{b}}",
        path_params=[("a", ["x", "y"]), ("b", "z")],
        collection_formats={"a": "csv"},
    )
    assert request.path == f"{PATH}/x%2Cy/z"


def test_a_path_parameter_without_value_is_an_error(client, server):
    with pytest.raises(ValueError, match="`a` has no value"):
        client.call_api(f"{PATH}/{{a}}", "GET", path_params={})
    assert server.requests == []


@for_all("method", ["GET", "POST", "DELETE"])
@for_all(
    ("params", "sent"),
    [
        ([("a", "1"), ("b", "x y/é&=")], [("a", "1"), ("b", "x y/é&=")]),
        ({"a": 1, "b": True}, [("a", "1"), ("b", "True")]),
        ([("a", b"bytes")], [("a", "bytes")]),
        ([("d", datetime.date(2024, 2, 3))], [("d", "2024-02-03")]),
        ([("a", "1"), ("a", "2")], [("a", "1"), ("a", "2")]),
        ([], []),
        (None, []),
        ((("a", ""),), [("a", "")]),
    ],
)
def test_query_parameters(client, server, method, params, sent):
    request = call(client, server, method, query_params=params)
    assert query_of(request) == sent
    assert request.path.partition("?")[0] == PATH


@for_all(
    ("collection_format", "sent"),
    [
        ("csv", [("ids", "1,a,x y")]),
        ("ssv", [("ids", "1 a x y")]),
        ("tsv", [("ids", "1\ta\tx y")]),
        ("pipes", [("ids", "1|a|x y")]),
        ("multi", [("ids", "1"), ("ids", "a"), ("ids", "x y")]),
        ("unknown", [("ids", "1,a,x y")]),
    ],
)
def test_collection_formats(client, server, collection_format, sent):
    request = call(
        client,
        server,
        query_params=[("ids", [1, "a", "x y"]), ("other", "z")],
        collection_formats={"ids": collection_format},
    )
    assert query_of(request) == [*sent, ("other", "z")]


def test_header_parameters(client, server):
    request = call(
        client,
        server,
        header_params={
            "X-One": "1",
            "X-Two": 2,
            "X-Bytes": b"b",
            "X-None": None,
            "X-List": ["a", "b"],
        },
        collection_formats={"X-List": "pipes"},
    )
    shown = {name: request.headers.get(name) for name in ("x-one", "x-two", "x-bytes", "x-list")}
    assert shown == {"x-one": "1", "x-two": "2", "x-bytes": "b", "x-list": "a|b"}
    assert "x-none" not in request.headers


def test_default_headers_win_and_the_caller_s_are_not_changed(client, server):
    client.set_default_header("X-One", "default")
    given = {"X-One": "given", "X-Two": "given"}
    request = call(client, server, header_params=given)
    assert (request.headers["x-one"], request.headers["x-two"]) == ("default", "given")
    assert given == {"X-One": "given", "X-Two": "given"}


@for_all(
    ("body", "sent"),
    [
        ({"a": 1}, {"a": 1}),
        ([1, b"x", None], [1, "x", None]),
        ("text", "text"),
        (b"bytes", "bytes"),
        (5, 5),
        (0, 0),
        (False, False),
        ("", ""),
        ([], []),
        ({}, {}),
        (UserApiToken(token_name="n"), {"tokenName": "n"}),
        ([UserApiToken(token_name="n")], [{"tokenName": "n"}]),
        (datetime.datetime(2024, 2, 3, 4, 5), "2024-02-03T04:05:00"),
    ],
)
@for_all("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_body_is_sent_as_json(client, server, method, body, sent):
    request = call(client, server, method, body=body)
    assert json.loads(request.body) == sent
    assert request.headers["content-type"] == "application/json"


def test_an_empty_json_object_is_sent_if_the_content_type_promises_json(client, server):
    for content_type in ("application/json", "application/vnd.x+JSON; charset=utf-8"):
        request = call(client, server, "POST", header_params={"Content-Type": content_type})
        assert (request.body, request.headers["content-type"]) == (b"{}", content_type)


@pytest.mark.parametrize("body", ["täxt", "täxt".encode()], ids=["text", "bytes"])
def test_text_is_sent_as_it_is_for_another_content_type(client, server, body):
    request = call(client, server, "POST", header_params={"Content-Type": "text/plain"}, body=body)
    assert request.body.decode("utf-8") == "täxt"
    assert request.headers["content-type"] == "text/plain"


@pytest.mark.parametrize("body", [{"a": 1}, 5, [1]])
def test_other_bodies_do_not_fit_another_content_type(client, server, body):
    with pytest.raises((ApiException, ValueError)):
        client.call_api(PATH, "POST", header_params={"Content-Type": "text/plain"}, body=body)
    assert server.requests == []


def test_a_body_and_a_form_do_not_go_together(client, server):
    with pytest.raises(ValueError, match="body parameter cannot be used with post_params"):
        client.call_api(PATH, "POST", body={"a": 1}, post_params=[("b", 2)])
    assert server.requests == []


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data"}


@pytest.mark.parametrize("params", [[("a", "1"), ("b", "x y/é")], {"a": 1, "b": "x y/é"}])
def test_a_form(client, server, params):
    request = call(client, server, "POST", header_params=FORM, post_params=params)
    assert parse_qsl(request.body.decode()) == [("a", "1"), ("b", "x y/é")]
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_an_empty_form(client, server):
    assert call(client, server, "POST", header_params=FORM).body == b""


@for_all(
    ("value", "sent"),
    [
        (datetime.date(2024, 2, 3), "2024-02-03"),
        (datetime.datetime(2024, 2, 3, 4, 5), "2024-02-03T04:05:00"),
        (b"bytes", "bytes"),
    ],
)
@for_all("headers", [FORM, MULTIPART])
def test_values_of_a_form_are_serialized(client, server, headers, value, sent):
    request = call(client, server, "POST", header_params=headers, post_params=[("a", value)])
    if headers is FORM:
        assert parse_qsl(request.body.decode()) == [("a", sent)]
    else:
        assert [part.get_payload() for part in parts_of(request)] == [sent]


def test_collections_in_a_form(client, server):
    request = call(
        client,
        server,
        "POST",
        header_params=FORM,
        post_params=[("a", ["1", "2"]), ("b", ["3", "4"])],
        collection_formats={"a": "multi", "b": "csv"},
    )
    assert parse_qsl(request.body.decode()) == [("a", "1"), ("a", "2"), ("b", "3,4")]


def parts_of(request):
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body)
    assert message.is_multipart()
    return message.get_payload()


def test_files_are_uploaded(client, server, tmp_path):
    (tmp_path / "one.txt").write_bytes(b"one")
    (tmp_path / "two.json").write_bytes(b"{}")
    (tmp_path / "three").write_bytes(b"\x00\xff")
    files = {
        "single": str(tmp_path / "one.txt"),
        "several": [str(tmp_path / "two.json"), str(tmp_path / "three")],
        "none": None,
        "empty": [],
    }
    request = call(
        client, server, "POST", header_params=MULTIPART, post_params=[("a", "1")], files=files
    )
    found = [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type() if part.get_filename() else None,
            part.get_payload(decode=True),
        )
        for part in parts_of(request)
    ]
    assert found == [
        ("a", None, None, b"1"),
        ("single", "one.txt", "text/plain", b"one"),
        ("several", "two.json", "application/json", b"{}"),
        ("several", "three", "application/octet-stream", b"\x00\xff"),
    ]


def test_a_file_that_is_not_there_is_an_error(client, server, tmp_path):
    with pytest.raises(FileNotFoundError, match="nix"):
        client.call_api(PATH, "POST", header_params=MULTIPART, files={"a": str(tmp_path / "nix")})
    assert server.requests == []


# the result


def test_the_result_is_the_data_the_status_and_the_headers(client, server):
    answering(server, "5", status=201, headers={"X-A": "b"})
    data, status, headers = client.call_api(PATH, "GET", response_type="int")
    assert (data, status, headers["x-a"]) == (5, 201, "b")
    answering(server, "5")
    assert client.call_api(PATH, "GET", response_type="int", _return_http_data_only=True) == 5


def test_without_a_type_there_are_no_data(client, server):
    answering(server, "<html>")
    data, status, _ = client.call_api(PATH, "GET")
    assert (data, status) == (None, 200)


def test_the_options_by_position(client, server):
    answering(server, "5")
    result = client.call_api(
        PATH, "GET", {}, [], {}, None, [], {}, "int", ["api_key"], None, True, {}, True, 5
    )
    assert result == 5


def test_a_request_by_position(client, server):
    url = server.url + PATH
    answering(server, "5")
    answer = client.request("PUT", url, [("q", "1")], {"X-A": "b"}, None, {"c": 1}, True, 5)
    assert answer.data == "5"
    request = server.requests[-1]
    assert (request.path, request.headers["x-a"], request.body) == (PATH + "?q=1", "b", b'{"c": 1}')


def test_an_asynchronous_generic_call(client, server):
    answering(server, "5")
    result = client.call_api(PATH, "GET", response_type="int", async_req=True)
    data, status, _ = result.get(5)
    assert (data, status) == (5, 200)


@pytest.mark.parametrize(
    "wrong", [{"body": object()}, {"header_params": {"a b": "c"}}, {"files": {"f": "/no/file"}}]
)
def test_an_asynchronous_call_refuses_at_once_what_cannot_be_sent(client, server, wrong):
    with pytest.raises((TypeError, ValueError, OSError)):
        client.call_api(PATH, "POST", async_req=True, **wrong)
    assert server.requests == []


def test_an_exception_of_a_generic_call(client, server):
    answering(server, '{"error": "no"}', status=418)
    with pytest.raises(ApiException) as caught:
        client.call_api(f"{PATH}/{{a}}", "GET", path_params={"a": "secret-id"})
    error = caught.value
    assert type(error) is ApiException
    assert (error.operation, error.method, error.path_template) == (None, "GET", PATH + "/{a}")
    assert (error.status, error.message, error.attempts) == (418, "no", 1)
    assert "secret-id" not in str(error)


def test_a_generic_delete_that_had_got_through_is_done(client, server):
    client.configuration.retries = RetryPolicy(1, backoff=0)
    server.inject(drop="after")
    server.inject(status=404)
    assert client.call_api(PATH, "DELETE", response_type="object")[:2] == (None, 404)


def test_the_last_response(client, server):
    assert client.last_response is None
    answering(server, '{"a": 1}', headers={"X-A": "b"})
    client.call_api(PATH, "GET", response_type="object")
    last = client.last_response
    assert isinstance(last, RESTResponse)
    assert (last.status, last.reason, last.data) == (200, "OK", '{"a": 1}')
    assert last.getheader("x-a") == last.getheaders()["X-A"] == last.headers["x-A"] == "b"
    assert last.getheader("nix") is None
    assert last.getheader("nix", "default") == "default"
    assert client.deserialize(last, "object") == {"a": 1}
    assert last.urllib3_response.status == 200
    assert repr(last) == "<RESTResponse 200, 8 bytes>"
    answering(server, status=404)
    with pytest.raises(ApiException):
        client.call_api(PATH, "GET")
    assert client.last_response is last


def test_the_body_is_let_go_with_the_last_response(client, server):
    answering(server, b"{}" + b" " * 1_000_000)
    tracemalloc.start()
    try:
        client.call_api(PATH, "GET", response_type="object")
        before = tracemalloc.get_traced_memory()[0]
        client.last_response = None
        assert before - tracemalloc.get_traced_memory()[0] > 900_000
    finally:
        tracemalloc.stop()


def test_the_last_response_may_be_unread(client, server):
    answering(server, "5")
    data, _, _ = client.call_api(PATH, "GET", _preload_content=False)
    assert client.last_response is data
    assert data.read() == b"5"


# deserialize


TYPES = [
    ("int", "5", 5),
    ("long", "5", 5),
    ("float", "1.5", 1.5),
    ("float", "1", 1.0),
    ("str", '"text"', "text"),
    ("str", "5", "5"),
    ("bool", "true", True),
    ("bool", "false", False),
    ("date", '"2024-02-03"', datetime.date(2024, 2, 3)),
    ("datetime", '"2024-02-03T04:05:06"', datetime.datetime(2024, 2, 3, 4, 5, 6)),
    ("object", '{"a": [1, null]}', {"a": [1, None]}),
    ("list[int]", "[1, 2]", [1, 2]),
    ("list[str]", "[]", []),
    ("list[list[int]]", "[[1], []]", [[1], []]),
    ("dict(str, int)", '{"a": 1}', {"a": 1}),
    ("dict(str, list[str])", '{"a": ["b"]}', {"a": ["b"]}),
    ("UserApiToken", '{"tokenID": "t"}', UserApiToken(token_id="t")),
    ("list[UserApiToken]", '[{"tokenID": "t"}]', [UserApiToken(token_id="t")]),
    ("dict(str, UserApiToken)", '{"a": {"tokenID": "t"}}', {"a": UserApiToken(token_id="t")}),
    ("object", "null", None),
    ("int", "null", None),
    ("list[int]", "null", None),
]


@for_all(("type_name", "text", "expected"), TYPES)
def test_deserialize(client, server, type_name, text, expected):
    for data in (text, text.encode()):
        result = client.deserialize(SimpleNamespace(data=data), type_name)
        assert result == expected
        assert type(result) is type(expected)
    answering(server, text)
    assert client.call_api(PATH, "GET", response_type=type_name)[0] == expected


@for_all(
    ("cls", "text", "expected"),
    [
        (int, "5", 5),
        (str, '"x"', "x"),
        (float, "1", 1.0),
        (bool, "true", True),
        (object, "[1]", [1]),
        (datetime.date, '"2024-02-03"', datetime.date(2024, 2, 3)),
        (datetime.datetime, '"2024-02-03"', datetime.datetime(2024, 2, 3)),
        (UserApiToken, '{"tokenID": "t"}', UserApiToken(token_id="t")),
        (ResponseStatus, '{"code": 5}', ResponseStatus(code=5)),
    ],
)
def test_deserialize_to_a_class(client, cls, text, expected):
    assert client.deserialize(SimpleNamespace(data=text), cls) == expected


@for_all("type_name", ["int", "object", "UserApiToken", "list[int]", "date"])
@for_all("data", ["", b""])
def test_an_empty_answer_is_none(client, type_name, data):
    assert client.deserialize(SimpleNamespace(data=data), type_name) is None


def test_text_that_is_not_json_is_text(client):
    assert client.deserialize(SimpleNamespace(data="plain"), "str") == "plain"
    assert client.deserialize(SimpleNamespace(data="plain"), "object") == "plain"
    assert client.deserialize(SimpleNamespace(data="2024-02-03"), "date") == datetime.date(
        2024, 2, 3
    )
    assert client.deserialize(SimpleNamespace(data=""), "str") == ""


@for_all("type_name", ["Nix", "list[Nix]", "dict(str, Nix)", "set[int]", ""])
def test_there_is_no_such_type(client, type_name):
    with pytest.raises(ValueError, match="there is no type"):
        client.deserialize(SimpleNamespace(data="{}"), type_name)


MISFITS = [
    ("int", "x"),
    ("int", '"x"'),
    ("int", "[1]"),
    ("int", "1e999"),
    ("float", "{}"),
    ("date", '"x"'),
    ("date", "5"),
    ("datetime", '"x"'),
    ("list[int]", "{}"),
    ("list[int]", "5"),
    ("list[int]", '["x"]'),
    ("list[int]", "x"),
    ("dict(str, int)", "[]"),
    ("dict(str, int)", "x"),
    ("UserApiToken", "[]"),
    ("UserApiToken", "null"),
    ("UserApiToken", "5"),
    ("UserApiToken", "x"),
    ("list[UserApiToken]", "x"),
]


@for_all(("type_name", "text"), MISFITS)
def test_an_answer_that_does_not_fit(client, server, type_name, text):
    answering(server, text, headers={"Content-Type": "text/x-odd; charset=x"})
    with pytest.raises(InvalidResponseException) as caught:
        client.call_api(PATH, "GET", response_type=type_name)
    error = caught.value
    assert (error.status, error.body, error.attempts) == (200, text, 1)
    assert error.reason.startswith("OK, but the answer cannot be used: ")
    assert error.__context__ is None
    assert error.outcome_unknown is False


@for_all(("type_name", "text"), MISFITS)
def test_a_bare_stand_in_that_does_not_fit(client, type_name, text):
    with pytest.raises(InvalidResponseException):
        client.deserialize(SimpleNamespace(data=text), type_name)


def test_an_answer_that_does_not_fit_says_what_came(client, server):
    answering(server, "<html>", headers={"Content-Type": "text/html; charset=utf-8"})
    with pytest.raises(InvalidResponseException) as caught:
        client.call_api(PATH, "GET", response_type="UserApiToken")
    assert "got text/html, a login page or a proxy?" in str(caught.value)
    answering(server, "[]")
    with pytest.raises(InvalidResponseException, match="it is not a JSON object: got list"):
        client.call_api(PATH, "GET", response_type="UserApiToken")
    answering(server, "null")
    with pytest.raises(InvalidResponseException, match="it is not a JSON object: got null"):
        client.call_api(PATH, "GET", response_type="UserApiToken")
    answering(server, "[" * 100_000)
    with pytest.raises(InvalidResponseException, match="nested too deeply"):
        client.call_api(PATH, "GET", response_type="UserApiToken")


def test_an_unusable_answer_to_a_post_leaves_the_outcome_unknown(client, server):
    answering(server, "<html>")
    with pytest.raises(InvalidResponseException) as caught:
        client.call_api(PATH, "POST", response_type="UserApiToken")
    assert caught.value.outcome_unknown is True


# files


def test_a_file_is_downloaded(client, server, tmp_path):
    client.configuration.temp_folder_path = str(tmp_path)
    content = bytes(range(256))
    answering(server, content, headers={"Content-Disposition": 'attachment; filename="x.bin"'})
    path = client.call_api(PATH, "GET", response_type="file")[0]
    assert path == str(tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == content


def test_a_downloaded_file_stays_in_its_folder(client, server, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    client.configuration.temp_folder_path = str(folder)
    answering(server, "evil", headers={"Content-Disposition": "attachment; filename=../../x"})
    path = client.call_api(PATH, "GET", response_type="file")[0]
    assert path == str(folder / "x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_an_empty_file_is_a_file(client, server, tmp_path):
    client.configuration.temp_folder_path = str(tmp_path)
    answering(server, b"")
    path = client.call_api(PATH, "GET", response_type="file")[0]
    with open(path, "rb") as file:
        assert file.read() == b""


# small helpers


def test_sanitize_for_serialization(client):
    value = {"a": [UserApiToken(token_name="n"), b"x", datetime.date(2024, 2, 3)], "t": (1, None)}
    expected = {"a": [{"tokenName": "n"}, "x", "2024-02-03"], "t": (1, None)}
    assert client.sanitize_for_serialization(value) == expected
    assert client.sanitize_for_serialization(None) is None
    with pytest.raises(TypeError):
        client.sanitize_for_serialization(object())


@for_all(
    ("accepts", "selected"),
    [
        ([], None),
        (None, None),
        (["application/json"], "application/json"),
        (["Application/JSON", "text/plain"], "application/json"),
        (["text/plain", "application/JSON"], "application/json"),
        (["Text/Plain", "text/html"], "text/plain, text/html"),
    ],
)
def test_select_header_accept(client, accepts, selected):
    assert client.select_header_accept(accepts) == selected


@for_all(
    ("types", "selected"),
    [
        ([], "application/json"),
        (None, "application/json"),
        (["application/JSON"], "application/json"),
        (["text/plain", "application/json"], "application/json"),
        (["text/plain", "*/*"], "application/json"),
        (["Text/Plain", "text/html"], "text/plain"),
    ],
)
def test_select_header_content_type(client, types, selected):
    assert client.select_header_content_type(types) == selected


def test_parameters_to_tuples(client):
    assert client.parameters_to_tuples({"a": 1}, None) == [("a", 1)]
    assert client.parameters_to_tuples([("a", [1])], {}) == [("a", [1])]
    assert client.parameters_to_tuples({"a": [1, 2], "b": [3]}, {"a": "multi", "b": "ssv"}) == [
        ("a", 1),
        ("a", 2),
        ("b", "3"),
    ]


def test_prepare_post_parameters(client, tmp_path):
    (tmp_path / "x.txt").write_bytes(b"x")
    path = str(tmp_path / "x.txt")
    assert client.prepare_post_parameters() == []
    assert client.prepare_post_parameters([("a", 1)], None) == [("a", 1)]
    assert client.prepare_post_parameters({"a": 1}, {}) == [("a", 1)]
    expected = [("a", 1), ("f", ("x.txt", b"x", "text/plain"))]
    given = [("a", 1)]
    assert client.prepare_post_parameters(given, {"f": path}) == expected
    assert given == [("a", 1)]
    assert (
        client.prepare_post_parameters(files={"f": [path, path], "g": "", "h": None})
        == [expected[1]] * 2
    )


def test_update_params_for_auth(client, server):
    for settings in (None, [], ["nix"]):
        headers, query = {}, []
        client.update_params_for_auth(headers, query, settings)
        assert (headers, query) == ({}, [])
    client.update_params_for_auth(headers, query, ["nix", "api_key"])
    assert (headers, query) == ({"X-AUTH-TOKEN": server.user.key}, [])


def test_update_params_for_auth_with_settings_of_the_caller(client):
    class Mine(Configuration):
        where = "query"

        def auth_settings(self):
            return {"mine": {"type": "api_key", "in": self.where, "key": "k", "value": "v"}}

    client.configuration = Mine()
    headers, query = {}, []
    client.update_params_for_auth(headers, query, ["mine"])
    assert (headers, query) == ({}, [("k", "v")])
    client.configuration.where = "cookie"
    with pytest.raises(ValueError, match="Authentication token must be in `query` or `header`"):
        client.update_params_for_auth(headers, query, ["mine"])


def test_a_key_in_the_query_is_sent(client, server):
    class Mine(Configuration):
        def auth_settings(self):
            return {"mine": {"type": "api_key", "in": "query", "key": "k", "value": "v"}}

    client.configuration = Mine(host=server.url)
    for method in ("GET", "POST"):
        request = call(client, server, method, auth_settings=["mine"], query_params=[("a", "1")])
        assert query_of(request) == [("a", "1"), ("k", "v")]


def test_a_client_without_configuration_makes_one(monkeypatch, server):
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    with ApiClient() as client:
        assert isinstance(client.configuration, Configuration)
        assert client.configuration.host == server.url


def test_an_unknown_type_is_an_error_before_anything_is_sent(client, server):
    with pytest.raises(ValueError, match="NoSuch"):
        client.call_api("/api/v2/apitoken", "POST", response_type="NoSuch")
    assert server.requests == []
