"""_core.failures: what an exception is told about its call."""

from __future__ import annotations

import pytest
from cases import for_all

from wavefront_api_client._core.failures import (
    WRONG_KEY,
    add_call,
    add_request,
    had_been_done,
    hide_secrets,
)
from wavefront_api_client._core.request import prepare
from wavefront_api_client.exceptions import (
    ApiException,
    InvalidResponseException,
    NotFoundException,
    UnauthorizedException,
)
from wavefront_api_client.retry import SAFE_METHODS

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH")
PATH = "/api/v2/apitoken/{id}"
URL = "https://h/api/v2/apitoken/the-token"
OUTCOME = (
    "The outcome is unknown: the service may have carried out the call."
    " List the tokens to see whether it did."
)


def request(method="DELETE"):
    return prepare(method, URL, None, {"X-AUTH-TOKEN": "the-key"}, None, None, True)


def test_the_request_says_what_was_sent_and_how_often():
    error = ApiException(500, "x")
    add_request(error, request(), 3, maybe_acted=False)
    assert (error.method, error.path_template) == ("DELETE", "https://h/api/v2/apitoken/***")
    assert (error.attempts, error.outcome_unknown, error.hint) == (3, False, None)


@for_all("method", METHODS)
def test_what_changes_something_may_have_done_so(method):
    error = ApiException(502, "x")
    add_request(error, request(method), 1, maybe_acted=True)
    assert error.outcome_unknown is (method not in SAFE_METHODS)
    assert error.hint == (OUTCOME if error.outcome_unknown else None)


def test_the_call_says_what_it_was_for():
    error = ApiException(500, "x")
    add_request(error, request(), 2, maybe_acted=False)
    add_call(error, "DELETE", PATH, None)
    assert (error.operation, error.method, error.path_template) == ("delete_token", "DELETE", PATH)
    assert (error.attempts, error.hint) == (2, None)


def test_a_call_without_a_name_has_none():
    error = ApiException(500, "x")
    add_call(error, "GET", "/api/v2/thing", None)
    assert (error.operation, error.method, error.path_template) == (None, "GET", "/api/v2/thing")


@for_all(
    ("path", "shown"),
    [
        ("/api/v2/apitoken/{id}", "/api/v2/apitoken/{id}"),
        ("/api/v2/apitoken/serviceaccount/{id}/{token}",) * 2,
        ("/api/v2/apitoken/secret", "/api/v2/apitoken/***"),
        (
            "/api/v2/apitoken/serviceaccount/{id}/secret?x=y",
            "/api/v2/apitoken/serviceaccount/{id}/***",
        ),
        ("/api/v2/thing/{id}", "/api/v2/thing/{id}"),
        ("/api/v2/thing?key=secret", "/api/v2/thing"),
    ],
)
def test_a_template_shows_no_token_that_was_written_out(path, shown):
    error = ApiException(500, "x")
    add_call(error, "GET", path, None)
    assert error.path_template == shown


@pytest.mark.parametrize(
    ("cls", "why_no_key", "hint"),
    [
        (UnauthorizedException, "Set one.", "Set one."),
        (UnauthorizedException, None, WRONG_KEY),
        (NotFoundException, "Set one.", None),
    ],
)
def test_who_sent_no_key_is_told_so(cls, why_no_key, hint):
    error = cls(401, "x")
    add_call(error, "GET", PATH, why_no_key)
    assert error.hint == hint


@for_all("method", METHODS)
@for_all("status", [200, 0])
def test_a_success_that_cannot_be_read_leaves_it_open(method, status):
    error = InvalidResponseException(status, "x")
    add_call(error, method, PATH, None)
    assert error.outcome_unknown is (status == 200 and method not in SAFE_METHODS)


def test_hints_add_up_and_the_outcome_is_told_once():
    error = InvalidResponseException(200, "x")
    error.hint = "One."
    add_request(error, request(), 1, maybe_acted=True)
    add_call(error, "DELETE", PATH, None)
    assert error.hint == f"One. {OUTCOME}"


def test_secrets_of_the_request_and_of_its_way_are_hidden():
    said = "the-token the-key the-body the-proxy the-rest"
    error = ApiException(500, said)
    error.hint = said
    hide_secrets(error, URL, {"X-AUTH-TOKEN": "the-key"}, {"tokenID": "the-body"}, {"the-proxy"})
    assert error.reason == error.hint == "*** *** *** *** the-rest"
    hide_secrets(error, "https://h/api/v2/apitoken/the-rest", {}, None, ())
    assert error.reason == error.hint == "*** *** *** *** ***"


REVOKE = "delete_customer_token"


@for_all(
    ("error", "method", "operation", "unknown", "body", "done"),
    [
        (NotFoundException, "DELETE", "delete_token", True, None, True),
        (NotFoundException, "DELETE", "delete_token", True, "gone", True),
        (NotFoundException, "DELETE", None, True, None, True),
        (NotFoundException, "PUT", REVOKE, True, None, True),
        (NotFoundException, "DELETE", "delete_token", False, None, False),
        (NotFoundException, "DELETE", "delete_token", True, " <html>", False),
        (NotFoundException, "PUT", "update_token_name", True, None, False),
        (ApiException, "DELETE", "delete_token", True, None, False),
    ],
)
def test_what_is_gone_had_been_removed(error, method, operation, unknown, body, done):
    fault = error(404, "x")
    fault.method, fault.operation = method, operation
    fault.outcome_unknown, fault.body = unknown, body
    assert had_been_done(fault) is done
