"""_core.urls: the address of the service in any common spelling."""

from __future__ import annotations

import pytest
from cases import drawn, for_all
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client._core.secrets import url_parts
from wavefront_api_client._core.urls import (
    PLACEHOLDER,
    is_clear_text,
    is_ip_address,
    is_placeholder,
    is_same_address,
    parse_host,
)

WHITE = "host must not hold white space, backslashes or control characters"
SCHEME = "host must be an http or https URL"
USER = "host must not hold a user name or password"
QUERY = "host must not hold a query or fragment"
NAME = "host must name a host in ASCII"
PORT = "host must have a port from 1 to 65535"
PATH = "host must not hold a path other than /api"


@for_all(
    ("value", "expected"),
    [
        ("https://example.wavefront.com", "https://example.wavefront.com"),
        ("https://example.wavefront.com/", "https://example.wavefront.com"),
        ("https://example.wavefront.com///", "https://example.wavefront.com"),
        ("https://example.wavefront.com/api", "https://example.wavefront.com"),
        ("https://example.wavefront.com/api/", "https://example.wavefront.com"),
        ("https://example.wavefront.com/api//", "https://example.wavefront.com"),
        ("example.wavefront.com", "https://example.wavefront.com"),
        ("example.wavefront.com/", "https://example.wavefront.com"),
        ("example.wavefront.com/api/", "https://example.wavefront.com"),
        ("example.wavefront.com:8443", "https://example.wavefront.com:8443"),
        ("http://example.wavefront.com", "http://example.wavefront.com"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://h:1", "https://h:1"),
        ("https://h:65535", "https://h:65535"),
        ("https://[::1]", "https://[::1]"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
        ("https://[fe80::1]", "https://[fe80::1]"),
        ("127.0.0.1", "https://127.0.0.1"),
        ("HTTPS://Example.com", "https://Example.com"),
        ("my_host", "https://my_host"),
        (PLACEHOLDER, "https://YOUR_INSTANCE.wavefront.com"),
    ],
)
def test_common_spellings_mean_the_same(value, expected):
    assert parse_host(value) == expected
    assert parse_host(expected) == expected


def test_the_placeholder_is_that_of_the_reference_page():
    assert PLACEHOLDER == "https://YOUR_INSTANCE.wavefront.com"


@for_all("value", [None, 5, b"https://h", ["h"], object()])
def test_a_host_is_text(value):
    with pytest.raises(TypeError) as caught:
        parse_host(value)
    expected = f"host must be text such as {PLACEHOLDER!r}, not {type(value).__name__}"
    assert str(caught.value) == expected


@for_all(
    ("value", "message"),
    [
        (" https://h", WHITE),
        ("https://h\n", WHITE),
        ("https://h /x", WHITE),
        ("https://h\x00", WHITE),
        ("https://h\x7f", WHITE),
        ("https://h\\x", WHITE),
        ("https://h\u3000", WHITE),
        ("ws://h", SCHEME),
        ("secret://h", SCHEME),
        ("user:secret://h", SCHEME),
        ("ftp://h", SCHEME),
        ("file:///etc/passwd", SCHEME),
        ("://h", SCHEME),
        ("https://user@h", USER),
        ("https://user:secret@h", USER),
        ("user:secret@h", USER),
        ("https://@h", USER),
        ("https://user:secret\uff20@h", USER),
        ("https://user:[secret@h", USER),
        ("https://[user:secret@h]", USER),
        ("https://[secret]", NAME),
        ("https://secret\uff0fh", NAME),
        ("https://\u212a", NAME),
        ("https://[::1", NAME),
        ("https://[]", NAME),
        ("https://h?x=secret", QUERY),
        ("https://h/?", QUERY),
        ("https://h#x", QUERY),
        ("https://h/#", QUERY),
        ("", NAME),
        ("https://", NAME),
        ("https:///x", NAME),
        ("https://:443", NAME),
        ("https://hé", NAME),
        ("https://h,i", NAME),
        ("https://h:80:80", NAME),
        ("::1", NAME),
        ("https://h:", PORT),
        ("https://h:0", PORT),
        ("https://h:65536", PORT),
        ("https://h:http", PORT),
        ("https://h:-1", PORT),
        ("https://h:+1", PORT),
        ("https://h:000443", PORT),
        ("https://h:" + "9" * 5000, PORT),
        ("https://h:٣", PORT),
        ("https://h/../x", PATH),
        ("https://h/proxy", PATH),
        ("https://h/proxy/api/", PATH),
        ("https://h/myapi", PATH),
        ("https://h/api/v2", PATH),
        ("https://h/API", PATH),
        ("https://h/..", PATH),
        ("https://h/./x", PATH),
        ("https://h/a%2fb", PATH),
    ],
)
def test_what_is_no_base_address_is_refused(value, message):
    with pytest.raises(ValueError, match="host") as caught:
        parse_host(value)
    assert str(caught.value) == message
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


@for_all("value", ["https://[", "https://]", "https://[::1", "https://[x]", "["])
def test_broken_brackets_are_a_value_error(value):
    with pytest.raises(ValueError, match=r".+"):
        parse_host(value)


@for_all(
    "url",
    [
        "https://example.com",
        "http://localhost",
        "http://LOCALHOST:8080",
        "http://a.localhost",
        "http://127.0.0.1:1",
        "http://127.1.2.3",
        "http://127.1",
        "http://[::1]:8080",
    ],
)
def test_https_and_loopback_are_safe(url):
    assert is_clear_text(url) is False


@for_all(
    "url",
    [
        "http://example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://128.0.0.1",
        "http://[::2]",
        "http://0.0.0.0",
        "http://",
    ],
)
def test_http_to_another_machine_is_not(url):
    assert is_clear_text(url) is True


@for_all(
    "url",
    [
        PLACEHOLDER,
        PLACEHOLDER.lower(),
        PLACEHOLDER.upper(),
        f"{PLACEHOLDER}/",
        f"{PLACEHOLDER}/api/v2/apitoken",
        f"{PLACEHOLDER}:443",
        f"{PLACEHOLDER}:8443/proxy/api/v2/apitoken?x=y",
        f"{PLACEHOLDER}.",
        f"{PLACEHOLDER}./x",
        f"{PLACEHOLDER}?x",
        f"{PLACEHOLDER}#x",
        "http://your_Instance.Wavefront.com/x",
    ],
)
def test_the_placeholder_is_recognised_in_a_url(url):
    assert is_placeholder(url)


@for_all(
    "url",
    [
        "",
        "/your_instance.wavefront.com",
        "https://example.wavefront.com/your_instance.wavefront.com",
        "https://example.wavefront.com/?x=https://YOUR_INSTANCE.wavefront.com",
        "https://my_your_instance.wavefront.com",
        "https://your_instance.wavefront.co",
        "https://your_instance.wavefront.community/x",
        "https://your-instance.wavefront.com",
        "https://your_instance.wavefront.com2",
    ],
)
def test_other_urls_are_not_taken_for_the_placeholder(url):
    assert not is_placeholder(url)


@for_all(
    ("url", "parts"),
    [
        ("https://h/p/q?x=y#z", ("https", "h", "/p/q", "x=y")),
        ("HTTP://User:Pass@H:1", ("http", "User:Pass@H:1", "", "")),
        ("https://u:p\uff20:[/@h/p", ("https", "u:p\uff20:[", "/@h/p", "")),
        ("https://h?a?b#c?d", ("https", "h", "", "a?b")),
        ("//h/p", ("", "", "//h/p", "")),
        ("h:1/p", ("", "h:1", "/p", "")),
        ("://h", ("", "h", "", "")),
        ("https://h/\n?\n", ("https", "h", "/\n", "\n")),
        ("", ("", "", "", "")),
    ],
)
def test_a_url_is_taken_to_pieces_whatever_it_holds(url, parts):
    assert url_parts(url) == parts


@pytest.mark.parametrize("url", ["http://127.0.0.1", "https://[::1]:1/x", "https://1.2.3.4:1"])
def test_an_ip_address_is_one(url):
    assert is_ip_address(url) is True


@pytest.mark.parametrize("url", ["http://h", "https://1.2.3.4.example", "https://localhost:1"])
def test_a_name_is_no_ip_address(url):
    assert is_ip_address(url) is False


SAME = [
    ("https://h", "https://h"),
    ("https://h", "https://H"),
    ("https://h", "https://h:443"),
    ("https://h:443", "https://h:0443"),
    ("http://h", "http://h:80"),
    ("https://[::1]", "https://[::1]:443"),
    ("https://[FE80::1]", "https://[fe80::1]"),
]
OTHER = [
    ("https://h", "http://h"),
    ("http://h:443", "https://h:443"),
    ("https://h", "https://h:80"),
    ("https://h", "https://h:8443"),
    ("https://h", "https://h.example"),
    ("https://h", "https://h."),
    ("https://localhost", "https://127.0.0.1"),
]


@for_all(("one", "other"), SAME)
def test_an_address_is_the_same_in_another_spelling(one, other):
    assert is_same_address(one, other)
    assert is_same_address(other, one)


@for_all(("one", "other"), OTHER)
def test_another_scheme_host_or_port_is_another_address(one, other):
    assert not is_same_address(one, other)
    assert not is_same_address(other, one)


def test_what_is_no_address_is_not_the_same_as_any():
    assert not is_same_address("", "https://h")


@given(st.from_regex(r"(https?://)?(\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]+)?(/[!-~]*)?"))
@pytest.mark.slow
@drawn(150)
def test_whatever_is_an_address_is_the_same_as_itself(value):
    try:
        address = parse_host(value)
    except ValueError:
        return
    assert is_same_address(address, address)
    assert is_same_address(address, address.lower())
