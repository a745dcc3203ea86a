"""exceptions: the tree, what is read from an answer, and what is shown."""

from __future__ import annotations

import copy
import json
import pickle
import tracemalloc
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import urllib3
from cases import drawn, for_all, pairs, texts
from hypothesis import given
from urllib3._collections import HTTPHeaderDict

from wavefront_api_client import exceptions, rest
from wavefront_api_client._core.failures import hide_secrets
from wavefront_api_client.exceptions import (
    BY_STATUS,
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    BadRequestException,
    ConflictException,
    ForbiddenException,
    InvalidResponseException,
    NotFoundException,
    ServiceException,
    TooManyRequestsException,
    UnauthorizedException,
    read_error_body,
)

PARENTS = {
    ApiException: {Exception},
    BadRequestException: {ApiException},
    UnauthorizedException: {ApiException},
    ForbiddenException: {ApiException},
    NotFoundException: {ApiException},
    ConflictException: {ApiException},
    TooManyRequestsException: {ApiException},
    ServiceException: {ApiException},
    InvalidResponseException: {ApiException},
    ApiConnectionException: {ApiException, urllib3.exceptions.HTTPError},
    ApiTlsException: {ApiConnectionException},
    ApiTimeoutException: {ApiException, urllib3.exceptions.HTTPError},
}
STATUSES = {
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    429: TooManyRequestsException,
}
every_class = for_all("cls", PARENTS)
UUID = "01234567-89ab-cdef-0123-456789abcdef"


def answer(status=404, reason="Not Found", data="", headers=None):
    return SimpleNamespace(
        status=status, reason=reason, data=data, getheaders=lambda: headers or {}
    )


def hide(error, *secrets):
    """As the engine does it."""
    hide_secrets(error, "https://h/", {}, None, secrets)


@every_class
def test_the_tree(cls):
    assert set(cls.__bases__) == PARENTS[cls]
    assert cls.__doc__
    assert cls.__name__ in exceptions.__doc__
    assert getattr(rest, cls.__name__) is cls


def test_only_what_got_no_answer_is_an_error_of_urllib3():
    unanswered = {cls for cls in PARENTS if issubclass(cls, urllib3.exceptions.HTTPError)}
    assert unanswered == {ApiConnectionException, ApiTlsException, ApiTimeoutException}


@for_all("status", [0, 100, *range(300, 310), *range(400, 452), 499, *range(500, 600), 600])
def test_each_status_has_its_class(status):
    if 500 <= status <= 599:
        assert BY_STATUS[status] is ServiceException
    else:
        assert BY_STATUS.get(status) is STATUSES.get(status)


@every_class
def test_without_an_answer(cls):
    error = cls()
    expected = {
        "status": None,
        "reason": None,
        "body": None,
        "headers": None,
        "message": None,
        "tracking_id": None,
        "operation": None,
        "method": None,
        "path_template": None,
        "attempts": 0,
        "retry_after": None,
        "outcome_unknown": False,
        "hint": None,
    }
    assert {name: getattr(error, name) for name in expected} == expected
    assert type(error.attempts) is int
    assert error.outcome_unknown is False
    assert str(error) == "(None)\nReason: None\n"
    assert error.args == (None, None)


@every_class
def test_status_and_reason_by_position_and_keyword(cls):
    for error in (cls(404, "Not Found"), cls(status=404, reason="Not Found")):
        assert (error.status, error.reason) == (404, "Not Found")
        assert error.args == (404, "Not Found")
        assert str(error) == "(404)\nReason: Not Found\n"
        assert repr(error) == f"{cls.__name__}(status=404, reason='Not Found')"


@every_class
def test_an_answer_gives_all_four(cls):
    headers = HTTPHeaderDict({"X-One": "1"})
    error = cls(1, "not used", http_resp=answer(404, "Not Found", "body", headers))
    assert (error.status, error.reason, error.body) == (404, "Not Found", "body")
    assert error.headers is headers
    assert error.headers["x-ONE"] == "1"
    assert error.args == (404, "Not Found")


def test_a_mock_of_an_answer_serves():
    stand_in = Mock(status=404, reason="R", data='{"error": "x"}', getheaders=lambda: {"A": "b"})
    error = ApiException(http_resp=stand_in)
    assert (error.status, error.reason, error.message) == (404, "R", "x")
    assert str(error).startswith("(404)\nReason: R\n")


@for_all(
    ("data", "body"),
    [
        ("text", "text"),
        (b"text", "text"),
        (b"\xff\xc3\xa4", "�ä"),
        ("", ""),
        (b"", ""),
        (None, None),
    ],
)
def test_the_body_is_text(data, body):
    assert ApiException(http_resp=answer(data=data)).body == body


@for_all(
    ("body", "message", "tracking_id"),
    [
        (
            {"status": {"result": "ERROR", "message": "dashboard does not exist", "code": 404}},
            "dashboard does not exist",
            None,
        ),
        ({"status": {"message": "two\nlines"}, "trackingId": "T1"}, "two\nlines", "T1"),
        ({"status": {"message": ""}}, None, None),
        ({"status": {"message": None}, "error": "other"}, "other", None),
        ({"status": {"message": "first"}, "error": "second"}, "first", None),
        ({"status": {"message": 5}}, None, None),
        ({"status": {}}, None, None),
        ({"status": 404, "error": "Not Found"}, "Not Found", None),
        ({"status": "ERROR"}, None, None),
        (
            {"error": "HTTP 415 Unsupported Media Type", "trackingId": "abc-123"},
            "HTTP 415 Unsupported Media Type",
            "abc-123",
        ),
        ({"error": {"code": 5}, "trackingId": 7}, None, None),
        ({"trackingId": "only"}, None, "only"),
        ({"error": "", "trackingId": ""}, None, None),
        ({"message": "no such token", "trackingId": "t"}, "no such token", "t"),
        ({}, None, None),
        ([], None, None),
        ([{"error": "x"}], None, None),
        ("text", None, None),
        (5, None, None),
        (None, None, None),
    ],
)
def test_what_the_service_says_in_json(body, message, tracking_id):
    assert read_error_body(json.dumps(body)) == (message, tracking_id)
    error = ApiException(http_resp=answer(data=json.dumps(body)))
    assert (error.message, error.tracking_id) == (message, tracking_id)


@for_all(
    ("body", "message", "tracking_id"),
    [
        (
            "error='not_found'\nmessage='resource cannot be found'\ntrackingId=abc-123",
            "resource cannot be found",
            "abc-123",
        ),
        ("message='it isn't there'\ntrackingId='T 1'\n", "it isn't there", "T"),
        ("error='x'\nmessage='two\nlines'\ntrackingId=T", "two\nlines", "T"),
        ("message='padded'  \n", "padded", None),
        ("message=''\n", "", None),
        ("trackingId=\n", None, None),
        ("xmessage='no'\nxtrackingId=no", None, None),
        ("message='open", None, None),
        ("<html><body>message='no'</body></html>", None, None),
        ("some text", None, None),
        ("{not json", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_what_the_service_says_in_text(body, message, tracking_id):
    assert read_error_body(body) == (message, tracking_id)


def test_the_tracking_id_is_part_of_the_text_and_may_be_a_uuid():
    body = json.dumps({"error": "m", "trackingId": UUID})
    error = ApiException(http_resp=answer(500, "x", body))
    assert f"\nTracking id: {UUID}\n" in str(error)
    assert error.tracking_id == UUID
    hide(error, UUID)
    assert error.tracking_id == "***"
    assert UUID not in str(error)
    assert "Tracking id" not in str(ApiException(500, "x"))


def test_a_tracking_id_with_escapes_is_hidden():
    error = ApiException(http_resp=answer(data='{"trackingId": "a%2Fb"}'))
    assert error.tracking_id == "***"


def test_hiding_reaches_the_hint():
    error = ApiException()
    error.hint = "Go to secret-1."
    hide(error, "secret-1")
    assert error.hint == "Go to ***."
    error = ApiException()
    hide(error, "x")
    assert error.hint is None
    assert error.tracking_id is None


def test_a_stand_in_with_nothing_but_data_serves():
    error = ApiException(500, "x", http_resp=SimpleNamespace(data="body"))
    assert (error.status, error.reason, error.body) == (500, "x", "body")
    assert dict(error.headers) == {}
    assert str(error) == "(500)\nReason: x\nHTTP response body: body\n"


def test_json_that_is_nested_too_deeply_says_nothing():
    assert read_error_body("[" * 200_000) == (None, None)


@drawn(100)
@given(texts())
def test_no_body_breaks_the_reader(body):
    message, tracking_id = read_error_body(body)
    assert message is None or isinstance(message, str)
    assert tracking_id is None or isinstance(tracking_id, str)


def full_error():
    error = NotFoundException(
        http_resp=answer(404, "Not Found", '{"error": "no secret-1"}', {"X-A": "secret-1"})
    )
    hide(error, "secret-1")
    error.operation, error.method = "delete_token", "DELETE"
    error.path_template = "/api/v2/apitoken/{id}"
    error.attempts = 2
    error.hint = "Try this."
    return error


def test_the_text_in_full():
    assert str(full_error()) == (
        "(404)\n"
        "Reason: Not Found\n"
        "HTTP response headers: {'X-A': '***'}\n"
        'HTTP response body: {"error": "no ***"}\n'
        "Operation: delete_token (DELETE /api/v2/apitoken/{id}), attempts: 2\n"
        "Hint: Try this.\n"
    )


def test_the_text_of_a_generic_call():
    error = ApiException(500, "x")
    error.method, error.path_template = "GET", "/api/v2/thing"
    error.attempts = 1
    assert str(error) == "(500)\nReason: x\nOperation: GET /api/v2/thing, attempts: 1\n"
    assert (error.operation, error.method, error.path_template) == (None, "GET", "/api/v2/thing")


def test_the_repr_names_the_operation():
    assert repr(full_error()) == (
        "NotFoundException(status=404, reason='Not Found', operation='delete_token')"
    )


def test_empty_headers_and_body_are_not_shown():
    assert str(ApiException(http_resp=answer(500, "x", "", {}))) == "(500)\nReason: x\n"


def test_long_answers_are_shortened_in_the_text_but_not_in_the_body():
    error = ApiException(http_resp=answer(500, "x", "b" * 5000, {"h": "c" * 5000}))
    text = str(error)
    assert "b" * 2000 + "... (5000 characters)\n" in text
    assert "b" * 2001 not in text
    assert "c" * 2001 not in text
    assert error.body == "b" * 5000
    assert len(text) < 4500


def test_what_looks_like_a_token_is_hidden_in_the_text_only():
    body = json.dumps({"tokenID": "abc", "x": UUID})
    error = ApiException(
        http_resp=answer(500, f"reason {UUID}", body, {"Set-Cookie": "s", "X": UUID})
    )
    assert str(error) == (
        "(500)\nReason: reason ***\n"
        "HTTP response headers: {'Set-Cookie': '***', 'X': '***'}\n"
        'HTTP response body: {"tokenID": "***", "x": "***"}\n'
    )
    assert error.body == body
    assert error.headers == {"Set-Cookie": "s", "X": UUID}


def test_hiding_reaches_reason_message_and_arguments_and_adds_up():
    error = ApiException(http_resp=answer(500, "once twice", '{"error": "once twice"}'))
    hide(error, "once")
    assert (error.reason, error.message, error.args) == (
        "*** twice",
        "*** twice",
        (500, "*** twice"),
    )
    hide(error, "twice")
    assert (error.reason, error.message, error.args) == ("*** ***", "*** ***", (500, "*** ***"))
    assert "once" not in str(error)
    assert "twice" not in str(error)
    assert error.body == '{"error": "once twice"}'


def test_hiding_nothing_leaves_missing_texts_missing():
    error = ApiException()
    hide(error, "x")
    assert error.reason is None
    assert error.message is None


@every_class
def test_what_the_engine_does_to_an_exception_is_not_among_its_names(cls):
    methods = [name for name, value in vars(cls).items() if callable(value)]
    assert [name for name in methods if not name.startswith("_")] == []


@every_class
@for_all(
    "again",
    [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],
)
def test_copies_and_pickles_keep_all_but_the_secrets(cls, again):
    headers = HTTPHeaderDict({"X-A": "secret-1", "Retry-After": "5"})
    error = cls(http_resp=answer(404, "R secret-1", '{"error": "no secret-1"}', headers))
    hide(error, "secret-1")
    error.operation, error.method = "delete_token", "DELETE"
    error.path_template = "/api/v2/apitoken/{id}"
    error.attempts = 3
    error.retry_after = 5.0
    error.outcome_unknown = True
    error.hint = "List the tokens."
    other = again(error)
    assert type(other) is cls
    assert str(other) == str(error)
    assert repr(other) == repr(error)
    assert other.args == error.args
    for name in (
        "status",
        "reason",
        "message",
        "tracking_id",
        "operation",
        "method",
        "path_template",
        "attempts",
        "retry_after",
        "outcome_unknown",
        "hint",
    ):
        assert getattr(other, name) == getattr(error, name)
    assert other.body == '{"error": "no ***"}'
    assert dict(other.headers) == {"X-A": "***", "Retry-After": "5"}
    assert other.headers["retry-AFTER"] == "5"
    assert type(other.headers) is HTTPHeaderDict
    assert b"secret-1" not in pickle.dumps(error)
    assert b"secret-1" not in pickle.dumps(other)
    assert error.body == '{"error": "no secret-1"}'
    assert error.headers["X-A"] == "secret-1"
    hide(other, "tokens")
    assert other.hint == "List the ***."


@every_class
def test_an_exception_without_an_answer_pickles(cls):
    other = pickle.loads(pickle.dumps(cls(0, "x")))
    assert type(other) is cls
    assert (other.status, other.reason, other.body, other.headers) == (0, "x", None, None)
    assert str(other) == "(0)\nReason: x\n"


MEGABYTE = 1_000_000
LARGE = {
    "open text": '{"id": "' + "x" * (10 * MEGABYTE),
    "back slashes": '{"id": "' + "\\" * MEGABYTE,
    "quotation marks": '{"id": "' + '\\"' * (MEGABYTE // 2),
    "tokens": json.dumps([{"tokenID": UUID, "tokenName": "n"}] * (MEGABYTE // 70)),
    "escapes": "\\u0041" * (MEGABYTE // 24),
    "the secret": "c4n4ry\\u002fc4n4ry " * (MEGABYTE // 76),
}


@pytest.mark.parametrize(("kind", "again"), pairs(LARGE, [copy.copy, pickle.dumps, str]))
def test_a_large_body_takes_little_memory(kind, again):
    body = LARGE[kind]
    error = ApiException(http_resp=answer(500, "x", body))
    hide(error, "c4n4ry/c4n4ry")
    tracemalloc.start()
    try:
        again(error)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Twice what is large, and what one window of the text takes.
    assert peak < 3 * len(body) + 10 * MEGABYTE


@pytest.mark.parametrize("body", [LARGE["open text"], LARGE["the secret"]], ids=["open", "secret"])
def test_a_copy_of_a_large_body_is_complete_but_for_the_secrets(body):
    error = ApiException(http_resp=answer(500, "x", body))
    hide(error, "c4n4ry/c4n4ry")
    other = copy.copy(error)
    assert other.body.replace("*** ", "") in ("", '{"id": "***"')
    assert error.body == body


def test_an_exception_can_be_raised_again_after_pickling():
    with pytest.raises(NotFoundException, match="Not Found"):
        raise pickle.loads(pickle.dumps(full_error()))


def test_a_class_derived_by_the_caller_pickles():
    other = pickle.loads(pickle.dumps(Mine(404, "x")))
    assert type(other) is Mine
    assert other.reason == "x"


class Mine(ApiException):
    """A caller's own."""
