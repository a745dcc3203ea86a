"""_redaction: what is secret, and how it is hidden."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3._collections import HTTPHeaderDict

from wavefront_api_client._redaction import (
    MASK,
    Spellings,
    excerpt,
    hide,
    holds_credential,
    mask_target,
    origin_of,
    redact,
    redact_answer_headers,
    secrets_of_call,
)

CANARY = "c4n4ry-<&\"'>-é\\/+"
NO_PROXY = SimpleNamespace(proxy=None, proxy_headers=None)
UUID = "01234567-89ab-cdef-0123-456789abcdef"


def test_the_mask():
    assert MASK == "***"


@pytest.mark.parametrize(
    ("target", "masked"),
    [
        ("/api/v2/apitoken", "/api/v2/apitoken"),
        ("/api/v2/apitoken/secret", "/api/v2/apitoken/***"),
        ("/api/v2/apitoken/customertokens", "/api/v2/apitoken/customertokens"),
        ("/api/v2/apitoken/customertokens/revoke", "/api/v2/apitoken/customertokens/revoke"),
        ("/api/v2/apitoken/customertokens/secret", "/api/v2/apitoken/customertokens/***"),
        ("/api/v2/apitoken/serviceaccount/sa%3A%3Ax", "/api/v2/apitoken/serviceaccount/***"),
        (
            "/api/v2/apitoken/serviceaccount/sa%3A%3Ax/secret",
            "/api/v2/apitoken/serviceaccount/***/***",
        ),
        ("/api/v2/apitoken/secret?key=secret", "/api/v2/apitoken/***"),
        ("/api/v2/apitoken?key=secret", "/api/v2/apitoken"),
        ("/api/v2/apitoken/secret#secret", "/api/v2/apitoken/***"),
        ("/api/v2/apitoken/", "/api/v2/apitoken/"),
        ("/API/v2", "/***/v2"),
        ("/", "/"),
        ("https://h:8443/api/v2/apitoken/secret?x=y", "https://h:8443/api/v2/apitoken/***"),
        ("https://user:secret@h/api/secret", "https://h/api/***"),
        ("http://h", "http://h"),
    ],
)
def test_a_target_shows_only_the_words_of_the_api(target, masked):
    assert mask_target(target) == masked


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://h/x?y", "https://h"),
        ("http://h:80/x", "http://h:80"),
        ("https://user:p@ss@h:1/x", "https://h:1"),
        ("https://user@h", "https://h"),
        ("https://[::1]:8443/x", "https://[::1]:8443"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize("name", ["X-AUTH-TOKEN", "x-auth-token", "Authorization", "AUTHORIZATION"])
def test_the_headers_that_authenticate(name):
    assert holds_credential({name: "x"}) is True
    assert holds_credential(["Accept", name]) is True


@pytest.mark.parametrize("names", [[], ["Accept"], ["X-AUTH-TOKENS", "Cookie", "User-Agent"]])
def test_the_headers_that_do_not(names):
    assert holds_credential(names) is False


def test_the_secrets_in_a_url_are_its_unknown_segments_decoded():
    url = "https://h/api/v2/apitoken/serviceaccount/sa%3A%3Aname/t%2Fk%20n"
    assert secrets_of_call(NO_PROXY, url, {}) == {"sa::name", "t/k n"}
    assert secrets_of_call(NO_PROXY, "https://h/api/v2/apitoken/customertokens/revoke", {}) == set()


def test_the_secrets_in_headers_are_all_values_but_the_plain_ones():
    headers = {
        "Accept": "application/json",
        "ACCEPT-ENCODING": "gzip",
        "content-type": "application/json",
        "User-Agent": "something",
        "X-AUTH-TOKEN": "keykey",
        "Authorization": "Bearer tokentoken",
        "X-Own": "own value",
    }
    expected = {"keykey", "Bearer tokentoken", "Bearer", "tokentoken", "own value", "value"}
    assert secrets_of_call(NO_PROXY, "https://h/api", headers) == expected


@pytest.mark.parametrize("name", ["Cookie", "cookie"])
def test_the_secrets_in_a_cookie_are_its_values_too(name):
    headers = {name: "first=value1; second = value=2 ;third;x=abc"}
    found = secrets_of_call(NO_PROXY, "https://h/api", headers)
    assert {"value1", "value=2", headers[name]} <= found
    assert not {"abc", ""} & found


def test_the_secrets_in_a_body_are_tokens_at_any_depth():
    body = {
        "tokenID": "token-1",
        "id": "token-2",
        "tokenName": "no secret",
        "response": [{"tokenID": "token-3"}, ({"id": "token-4"},), "text", 5],
        "status": {"id": {"tokenID": "token-5"}, "tokenID": 12345, "code": None},
    }
    found = secrets_of_call(NO_PROXY, "https://h/api", {}, body)
    assert found == {"token-1", "token-2", "token-3", "token-4", "token-5"}
    assert secrets_of_call(NO_PROXY, "https://h/api", {}, None) == set()
    assert secrets_of_call(NO_PROXY, "https://h/api", {}, "tokenID") == set()
    assert secrets_of_call(NO_PROXY, "https://h/api", {}, [{"id": "listed"}]) == {"listed"}


def test_what_is_too_short_to_be_a_secret_is_left():
    headers = {"X-AUTH-TOKEN": "abc", "Authorization": "Bea four"}
    url = "https://h/api/abc/abcd"
    assert secrets_of_call(NO_PROXY, url, headers, {"id": "xyz"}) == {"Bea four", "four", "abcd"}


def proxied(proxy=None, headers=None):
    configuration = SimpleNamespace(proxy=proxy, proxy_headers=headers)
    return secrets_of_call(configuration, "https://h/api", {})


def test_the_secrets_of_a_proxy_are_its_user_its_password_and_its_headers():
    encoded = b64encode(b"us/er:pass:word").decode()
    assert proxied("http://us%2Fer:pass%3Aword@p:1") == {
        "us/er:pass:word",
        "us/er",
        "pass:word",
        encoded,
    }
    assert proxied("http://user@p:1") == {"user", b64encode(b"user").decode()}
    assert proxied("http://p.example:1") == set()
    assert proxied("") == set()
    assert proxied(headers={"Proxy-Authorization": "Basic abcd", "X": 12345}) == {
        "Basic abcd",
        "Basic",
        "abcd",
        "12345",
    }
    assert proxied(headers={}) == set()


def escaped(text):
    return json.dumps(text)[1:-1]


SPELLINGS = {
    "plain": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent in lower case": lambda text: quote(text, safe="").lower(),
    "percent but slashes": quote,
    "percent but slashes in lower case": lambda text: quote(text).lower(),
    "percent as in a query": lambda text: quote(text, safe="/+=&?:"),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "json": escaped,
    "json in unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json with slashes escaped": lambda text: escaped(text).replace("/", "\\/"),
    "json in json": lambda text: escaped(escaped(text)),
    "json of percent": lambda text: escaped(quote(text)),
    "repr": lambda text: repr(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "html": html.escape,
    "html outside of attributes": lambda text: html.escape(text, quote=False),
    "html in json": lambda text: escaped(html.escape(text)),
    "latin-1": lambda text: text.encode().decode("latin-1"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("secret", [CANARY, 'päss/word+"x"', "a\\b/c&d=é€"])
def test_a_secret_is_hidden_however_it_is_quoted(spelling, secret):
    text = SPELLINGS[spelling](secret)
    assert hide(f"a {text} b {text}.", [secret]) == "a *** b ***."
    assert redact(f"a {text} b {text}.", [secret]) == "a *** b ***."


def test_a_secret_as_json_escapes_it_is_hidden():
    assert redact(json.dumps({"x": CANARY}), [CANARY]) == '{"x": "***"}'


def test_spellings_are_worked_out_once_and_used_for_many_texts():
    one = Spellings.of(["a/b c"])
    assert Spellings.of(one) is one
    assert {"a/b c", "a%2Fb%20c", "a/b%20c", "a%2fb%20c"} <= set(one)
    both = Spellings.of(one, ["second"], Spellings.of(["third"]))
    assert set(both) == {*one, *Spellings.of(["second"]), *Spellings.of(["third"])}
    assert [len(text) for text in both] == sorted(map(len, both), reverse=True)
    assert len(both) == len(set(both))
    assert hide("a%2Fb%20c second third", both) == "*** *** ***"
    assert set(Spellings.of()) == set(Spellings.of([])) == set()
    assert repr(Spellings.of(["second"])) == f"<{len(Spellings.of(['second']))} spellings>"
    assert "second" not in repr(both)


def test_hiding_hides_the_given_secrets_only():
    assert hide(f'{{"id": "abc"}} {UUID} known', ["known"]) == f'{{"id": "abc"}} {UUID} ***'
    assert hide("text", []) == "text"


def test_a_secret_inside_a_longer_one_does_not_spoil_it():
    assert redact("abcdef abc", ["abc", "abcdef"]) == "*** ***"
    assert redact("abcdef abc", ["abcdef", "abc"]) == "*** ***"


@pytest.mark.parametrize("secret", ["\ud800secret", "secret\udfff", "\udc80"])
def test_a_secret_that_utf_8_cannot_hold_is_hidden_too(secret):
    # A body may hold it: JSON writes it with escapes.
    assert hide(f"a {secret} {escaped(secret)} b", [secret]) == "a *** *** b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"tokenID": "abc"}', '{"tokenID": "***"}'),
        ('{"tokenID":"abc","x":"y"}', '{"tokenID":"***","x":"y"}'),
        ('{"id" : "abc"}', '{"id" : "***"}'),
        ('{"id":12345}', '{"id":"***"}'),
        ('{"id": null}', '{"id": "***"}'),
        ('{"tokenID": "a\\"b", "x": 1}', '{"tokenID": "***", "x": 1}'),
        ('{"tokenID": "cut of', '{"tokenID": "***"'),
        ('{"tokenName": "abc", "idx": "d"}', '{"tokenName": "abc", "idx": "d"}'),
        ('[{"id": "a"}, {"id": "b"}]', '[{"id": "***"}, {"id": "***"}]'),
        (f"token {UUID} is", "token *** is"),
        (f"token {UUID.upper()} is", "token *** is"),
        (f"x{UUID}", f"x{UUID}"),
        (f"{UUID}0", f"{UUID}0"),
        ("01234567-89ab-cdef-0123", "01234567-89ab-cdef-0123"),
        ("plain text", "plain text"),
        ("", ""),
    ],
)
def test_what_looks_like_a_token_is_hidden_without_being_known(text, shown):
    assert redact(text) == shown


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(min_size=4), st.text(), st.text())
def test_a_secret_never_survives(secret, before, after):
    shown = redact(before + secret + after, [secret])
    assert secret not in shown or secret in MASK * 3


def test_a_short_text_is_not_shortened():
    assert excerpt("x" * 2000) == "x" * 2000
    assert excerpt("") == ""
    assert excerpt("a secret-1 b", ["secret-1"]) == "a *** b"
    assert excerpt(f"a {UUID} b") == "a *** b"


def test_a_long_text_is_shortened_and_says_how_long_it_was():
    assert excerpt("x" * 1999 + "yz") == "x" * 1999 + "y" + "... (2001 characters)"
    assert excerpt("x" * 10**6) == "x" * 2000 + "... (1000000 characters)"


def test_a_long_text_keeps_no_secret():
    secret = "secret-one"
    shown = excerpt(f"{secret} " * 1000, iter([secret]))
    assert "secret" not in shown
    assert shown.startswith("*** *** ")
    assert shown.endswith("... (11000 characters)")
    assert len(shown) == 2000 + len("... (11000 characters)")


@pytest.mark.parametrize("cut", [2000, 20_000, 20_010])
@pytest.mark.parametrize("offset", range(-12, 13))
def test_no_part_of_a_secret_is_left_where_a_long_text_is_cut(cut, offset):
    secret = "c4n4ryc4n4ry"
    text = "x" * (cut + offset) + secret + "y" * 30_000
    shown = excerpt(text, [secret])
    assert "c4n" not in shown
    assert "4ry" not in shown
    assert shown.endswith(f"... ({len(text)} characters)")


def test_a_long_text_of_nothing_but_a_secret_shows_nothing_of_it():
    secret = "s" * 30_000
    assert excerpt(secret + "x", [secret]) == "... (30001 characters)"
    secret = "s" * 12_000
    assert excerpt(secret * 3, [secret]) == "... (36000 characters)"


def test_answer_headers_that_can_hold_a_session_or_a_path_are_hidden():
    headers = {
        "Set-Cookie": "session",
        "LOCATION": "https://h/x",
        "Refresh": "0; url=x",
        "Content-Location": "/x",
        "X-Echo": f"key keykey {UUID}",
        "Content-Type": "text/html",
        "Retry-After": 5,
    }
    assert redact_answer_headers(headers, ["keykey"]) == {
        "Set-Cookie": "***",
        "LOCATION": "***",
        "Refresh": "***",
        "Content-Location": "***",
        "X-Echo": "key *** ***",
        "Content-Type": "text/html",
        "Retry-After": "5",
    }


def test_answer_headers_of_urllib3_are_understood():
    headers = HTTPHeaderDict([("A", "1"), ("a", "2"), ("Location", "x")])
    assert redact_answer_headers(headers, iter(["zzzz"])) == {"A": "1, 2", "Location": "***"}


def test_all_headers_are_searched_for_all_secrets():
    headers = {"A": "secret-1", "B": "secret-1 secret-2"}
    shown = redact_answer_headers(headers, (s for s in ["secret-1", "secret-2"]))
    assert shown == {"A": "***", "B": "*** ***"}
