"""What an exception says of a redirect that was not followed."""

from __future__ import annotations

import pytest
from cases import for_all
from hostile import CALLS, Answer, HostileServer, configuration_for

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi

AWAY = (
    "The redirect to {} was not followed: a credential goes to no other origin, and only GET is"
    " redirected, five times at most."
)
NO_URL = AWAY.format("no http or https URL")


def redirect(location, status=307, body=b""):
    return Answer(status, body, [] if location is None else [("Location", location)])


def failure(*script, kind="get"):
    """The exception of a call, and how many requests there were."""
    with HostileServer(script) as server:
        with ApiClient(configuration_for(server.url)) as client:
            with pytest.raises(ApiException) as caught:
                CALLS[kind](ApiTokenApi(client))
    assert type(caught.value) is ApiException
    return caught.value, len(server.requests)


ELSEWHERE = {
    "https://other.example/login?next=/secret#top": "https://other.example",
    "http://other.example:8080/": "http://other.example:8080",
    "//other.example/login": "http://other.example",
    "https://user:s3cret@other.example/x": "https://other.example",
}


@for_all("location", ELSEWHERE)
@for_all("kind", ["get", "rename", "create"])
def test_another_origin_is_named_and_no_more_of_the_target(kind, location):
    error, requests = failure(redirect(location), kind=kind)
    assert error.hint == AWAY.format(ELSEWHERE[location])
    assert error.hint in str(error)
    assert "secret" not in str(error) and "s3cret" not in str(error) and "login" not in str(error)
    assert (requests, error.outcome_unknown) == (1, False)


@for_all("location", ["/api/v2/apitoken/other", "other", "?a=b"])
@for_all("kind", ["rename", "revoke", "delete", "create"])
def test_within_the_origin_only_get_is_redirected(kind, location):
    error, requests = failure(redirect(location), Answer(), kind=kind)
    assert (error.status, requests) == (307, 1)
    assert error.hint.startswith("The redirect to http://127.0.0.1:")


@for_all("status", [301, 302, 303, 307, 308])
@for_all("location", [None, ""])
@for_all("kind", ["get", "rename"])
def test_no_target(kind, location, status):
    error, requests = failure(redirect(location, status), kind=kind)
    assert (error.status, requests) == (status, 1)
    # See Other says that the call was carried out.
    assert error.outcome_unknown is (status == 303 and kind == "rename")
    assert error.hint == NO_URL if not error.outcome_unknown else error.hint.startswith(NO_URL)


@for_all(
    "location",
    [
        "http://[::1",
        "//[",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:port/",
    ],
)
@for_all("kind", ["get", "rename"])
def test_a_target_that_is_no_url(kind, location):
    error, requests = failure(redirect(location), kind=kind)
    assert (error.hint, requests) == (NO_URL, 1)
    assert location not in str(error)


@pytest.mark.parametrize("location", ["javascript:alert(1)", "mailto:someone@example.com"])
def test_a_target_of_another_scheme_is_not_followed(location):
    error, requests = failure(redirect(location))
    assert "was not followed" in error.hint
    assert requests == 1


@for_all("status", [300, 304, 305, 306])
def test_another_3xx_is_no_redirect(status):
    error, requests = failure(redirect("/new", status))
    assert (error.status, error.hint, requests) == (status, None, 1)


def test_of_more_than_five_redirects_the_last_answer_is_kept():
    error, requests = failure(*(redirect(f"/{n}", body=f"body {n}") for n in range(1, 8)))
    assert (error.status, error.body, requests) == (307, "body 6", 6)
    assert error.hint.endswith("five times at most.")
    assert error.attempts == 1
    assert "body 6" in str(error)


def test_the_hint_of_a_long_way_is_about_its_last_step():
    error, requests = failure(redirect("/new"), redirect("https://other.example/"))
    assert (error.hint, requests) == (AWAY.format("https://other.example"), 2)
