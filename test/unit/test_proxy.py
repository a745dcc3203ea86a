"""_core.proxy: the address of a proxy, what is sent to it, and what of that is secret."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from cases import for_all

from wavefront_api_client._core.request import parse_proxy

SECRET = "p4ssw0rd"


def credentials(proxy):
    word, encoded = proxy[1]["proxy-authorization"].split(" ")
    assert word == "Basic"
    return b64decode(encoded, validate=True)


@for_all(
    ("value", "url"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("https://proxy", "https://proxy"),
        ("http://proxy:3128/", "http://proxy:3128"),
        ("http://proxy:3128/path?query#fragment", "http://proxy:3128"),
        ("http://user:pass@proxy:3128", "http://proxy:3128"),
        ("http://user:p@ss@proxy:3128", "http://proxy:3128"),
        ("HTTP://[::1]:3128", "http://[::1]:3128"),
        ("proxy:3128", "http://proxy:3128"),
        ("user:pass@proxy", "http://proxy"),
    ],
)
def test_the_address_holds_no_credentials(value, url):
    assert parse_proxy(value)[0] == url


def test_a_proxy_without_credentials():
    for headers in ({}, None):
        assert parse_proxy("http://proxy:1", headers) == ("http://proxy:1", {}, frozenset())


@for_all(
    ("user", "raw"),
    [
        ("user:pass", b"user:pass"),
        ("user", b"user"),
        ("us%2Fer:p%3Aa%40ss", b"us/er:p:a@ss"),
        ("user:p@ss", b"user:p@ss"),
        ("user:p\xe4ss", "user:p\xe4ss".encode()),
        ("user:p%C3%A4ss", "user:p\xe4ss".encode()),
        ("user:p\uff20ss\u2192\U0001f600", "user:p\uff20ss\u2192\U0001f600".encode()),
        ("user:p%E4ss", b"user:p\xe4ss"),
        ("user:p%ss", b"user:p%ss"),
        ("user: p\\\nss", b"user: p\\\nss"),
        (":", b":"),
        ("", b""),
    ],
)
def test_user_and_password_are_sent_in_utf_8(user, raw):
    assert credentials(parse_proxy(f"http://{user}@proxy:1")) == raw


def test_secret_are_user_and_password_and_what_is_sent():
    encoded = b64encode(b"us/er:pass:word").decode()
    assert parse_proxy("http://us%2Fer:pass%3Aword@p:1")[2] == {
        "us%2Fer:pass%3Aword",
        "us/er:pass:word",
        "us/er",
        "pass:word",
        f"Basic {encoded}",
        encoded,
    }
    assert parse_proxy("http://u:p@p:1")[2] == {"Basic dTpw", "dTpw"}


def test_further_headers_are_sent_and_secret():
    headers = {"X-One": "one two", "X-Two": 12345, "X-Three": b"three", "x-four": "abc"}
    _, sent, secrets = parse_proxy("http://p:1", headers)
    assert sent == {
        "X-One": "one two",
        "X-Two": "12345",
        "X-Three": "three",
        "x-four": "abc",
    }
    assert secrets == {"one two", "12345", "three"}


@pytest.mark.parametrize("name", ["Proxy-Authorization", "proxy-authorization"])
def test_a_header_wins_over_user_and_password(name):
    _, sent, secrets = parse_proxy("http://user:password@p:1", {name: "Bearer token-1"})
    assert sent == {name: "Bearer token-1"}
    assert {"token-1", "password"} <= secrets


@for_all(
    "value",
    [
        "ftp://user:{}@p:1",
        "{}://p:1",
        "http://user:{}@",
        "http://user:{}@p:99999",
        "http://user:{}@p:{}",
        "http://user:{}@[::1",
        "http://user:{}@[{}]",
        "http://[user:{}@p]",
        "http://user:{}\uff20@[::1",
        "http://user:{}@p\uff20:1",
        "http://user:{}@p:1\n",
        "http://user:{}/@p:1",
    ],
)
def test_what_is_no_proxy_is_refused_unseen(value):
    with pytest.raises(ValueError, match="proxy") as caught:
        parse_proxy(value.replace("{}", SECRET))
    error = caught.value
    assert SECRET not in str(error)
    assert error.__context__ is None
    assert error.__cause__ is None


@for_all("value", [None, 5, b"http://p:1", ["http://p:1"]])
def test_a_proxy_is_text(value):
    with pytest.raises(TypeError, match=f"^proxy must be text, not {type(value).__name__}$"):
        parse_proxy(value)


@for_all("odd", ["\n", "\r", "\0", "\x7f", "\x85", "\u2192"])
def test_a_header_that_cannot_be_sent_is_refused_unseen(odd):
    with pytest.raises(ValueError, match="header X-One of the proxy") as caught:
        parse_proxy("http://p:1", {"X-One": f"{SECRET}{odd}x"})
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None
