"""_core.urls: where a redirect may lead."""

from __future__ import annotations

from cases import for_all

from wavefront_api_client._core.urls import REDIRECTS, redirect_hint, redirect_target

URL = "https://h:8443/api/v2/apitoken/x"

HINT = (
    "The redirect to {} was not followed: a credential goes to no other origin, and only GET is"
    " redirected, five times at most."
)
UNREADABLE = "no http or https URL"
WITHIN = "https://h:8443"


@for_all(
    ("location", "there"),
    [
        ("https://other/secret?secret", "https://other"),
        ("//other:1/secret", "https://other:1"),
        ("https://user:secret@other/x", "https://other"),
        ("http://h:8443/x", "http://h:8443"),
        ("https://h/x", "https://h"),
        ("/secret", WITHIN),
        ("secret", WITHIN),
        ("https://h:8443/secret", WITHIN),
        ("", UNREADABLE),
        (None, UNREADABLE),
        ("https://[", UNREADABLE),
        ("https://h:x/", UNREADABLE),
    ],
)
def test_why_a_redirect_was_not_followed(location, there):
    assert redirect_hint(URL, location) == HINT.format(there)


@for_all("method", ["GET", "HEAD"])
@for_all("status", [301, 302, 303, 307, 308])
@for_all(
    ("location", "target"),
    [
        ("/y", "https://h:8443/y"),
        ("y?z=1", "https://h:8443/api/v2/apitoken/y?z=1"),
        ("https://h:8443/y", "https://h:8443/y"),
        ("HTTPS://H:8443/y", "https://h:8443/y"),
    ],
)
def test_a_redirect_within_the_origin_is_followed(method, status, location, target):
    assert redirect_target(method, URL, status, location) == target


@for_all(
    "location",
    [
        "http://h:8443/y",
        "https://h/y",
        "https://h:443/y",
        "https://other:8443/y",
        "//other/y",
        "ftp://h:8443/y",
        "https://h.:8443/y",
        "https://[",
        "https://h:x/y",
        "",
        "https://other\\[h]:8443/y",
        "https://h:8443\\@other/y",
        "//h:8443@other/y",
        "https://h%2eother:8443/y",
        "https://\uff48:8443/y",
        "https://h:08443x/y",
        "https://h:+8443/y",
        "https://h:65536/y",
        "https://h:8443y",
    ],
)
def test_a_redirect_elsewhere_is_not(location):
    assert redirect_target("GET", URL, 307, location) is None


AMBIGUOUS = [
    "https://user@h:8443/y",
    "https://other\\@h:8443/y",
    "/\\other/y",
    "\\\\other/y",
    "/\tother",
    "https:/h:8443/y",
    "https:h:8443/y",
    "https:///h:8443/y",
    "/y z",
    "/\u00fc",
    '/y"',
    "/a/../%2e%2e/y",
    ".;p",
]


@for_all("location", AMBIGUOUS)
def test_what_is_followed_is_the_own_origin_however_others_read_the_target(location):
    target = redirect_target("GET", URL, 307, location)
    assert target is None or target.startswith("https://h:8443/")
    assert target is None or (target.isascii() and target.isprintable() and " " not in target)


@for_all(
    ("url", "location", "followed"),
    [
        ("https://h/x", "https://h:443/y", True),
        ("https://h:443/x", "https://h/y", True),
        ("http://h/x", "http://h:80/y", True),
        ("https://h/x", "https://h:80/y", False),
        ("http://h/x", "http://h:443/y", False),
        ("http://h/x", "https://h:80/y", False),
        ("http://h/x", "https://h/y", False),
    ],
)
def test_the_port_of_a_scheme_goes_without_saying(url, location, followed):
    target = redirect_target("GET", url, 307, location)
    # The origin stays as it was written: a redirect names a path, and no host to connect to.
    assert target == (url.replace("/x", "/y") if followed else None)


@for_all("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_what_changes_something_is_not_redirected(method):
    assert redirect_target(method, URL, 307, "/y") is None


@for_all("status", [200, 201, 300, 304, 305, 306, 404, 500])
def test_other_answers_are_no_redirects(status):
    assert redirect_target("GET", URL, status, "/y") is None


def test_a_redirect_without_a_target_is_none():
    assert redirect_target("GET", URL, 307, None) is None


def test_the_redirects():
    assert {301, 302, 303, 307, 308} == REDIRECTS
