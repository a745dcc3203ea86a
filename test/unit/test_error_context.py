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
from wavefront_api_client._core.operations import find
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
    add_call(error, find("DELETE", PATH), "DELETE", PATH, why_no_credential=None)
    assert (error.operation, error.method, error.path_template) == ("delete_token", "DELETE", PATH)
    assert (error.attempts, error.hint) == (2, None)


def test_a_call_without_a_name_has_none():
    error = ApiException(500, "x")
    add_call(error, None, "GET", "/api/v2/thing", why_no_credential=None)
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
    add_call(error, None, "GET", path, why_no_credential=None)
    assert error.path_template == shown


@pytest.mark.parametrize(
    ("cls", "why_no_credential", "hint"),
    [
        (UnauthorizedException, "Set one.", "Set one."),
        (UnauthorizedException, None, WRONG_KEY),
        (NotFoundException, "Set one.", None),
    ],
)
def test_who_sent_no_key_is_told_so(cls, why_no_credential, hint):
    error = cls(401, "x")
    add_call(error, None, "GET", PATH, why_no_credential)
    assert error.hint == hint


@for_all("method", METHODS)
@for_all("status", [200, 0])
def test_a_success_that_cannot_be_read_leaves_it_open(method, status):
    error = InvalidResponseException(status, "x")
    add_call(error, None, method, PATH, why_no_credential=None)
    assert error.outcome_unknown is (status == 200 and method not in SAFE_METHODS)


def test_hints_add_up_and_the_outcome_is_told_once():
    error = InvalidResponseException(200, "x")
    error.hint = "One."
    add_request(error, request(), 1, maybe_acted=True)
    add_call(error, None, "DELETE", PATH, why_no_credential=None)
    assert error.hint == f"One. {OUTCOME}"


def test_secrets_of_the_request_and_of_its_way_are_hidden():
    said = "the-token the-key the-body the-proxy the-rest"
    error = ApiException(500, said)
    error.hint = said
    hide_secrets(error, URL, {"X-AUTH-TOKEN": "the-key"}, {"tokenID": "the-body"}, {"the-proxy"})
    assert error.reason == error.hint == "*** *** *** *** the-rest"
    hide_secrets(error, "https://h/api/v2/apitoken/the-rest", {}, None, ())
    assert error.reason == error.hint == "*** *** *** *** ***"


@for_all(
    ("error", "operation", "method", "unknown", "body", "done"),
    [
        (NotFoundException, find("DELETE", PATH), "DELETE", True, None, True),
        (NotFoundException, find("DELETE", PATH), "DELETE", True, "gone", True),
        (NotFoundException, None, "DELETE", True, None, True),
        (NotFoundException, find("DELETE", PATH), "DELETE", False, None, False),
        (NotFoundException, find("DELETE", PATH), "DELETE", True, " <html>", False),
        (NotFoundException, find("PUT", PATH), "PUT", True, None, False),
        (NotFoundException, None, "PUT", True, None, False),
        (ApiException, find("DELETE", PATH), "DELETE", True, None, False),
    ],
)
def test_what_is_gone_had_been_removed(error, operation, method, unknown, body, done):
    fault = error(404, "x")
    fault.outcome_unknown, fault.body = unknown, body
    assert had_been_done(fault, operation, method) is done
