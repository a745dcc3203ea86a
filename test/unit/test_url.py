"""_core.urls: a URL is taken to pieces as every parser takes it, or refused."""

from __future__ import annotations

import pytest
from cases import for_all

from wavefront_api_client._core.urls import origin, split_url


@for_all(
    ("url", "expected"),
    [
        ("http://h", ("http://h", "/")),
        ("https://h:8443", ("https://h:8443", "/")),
        ("HTTP://H/x?y=1#z", ("http://H", "/x?y=1")),
        ("http://h?y", ("http://h", "/?y")),
        ("http://h#z", ("http://h", "/")),
        ("http://[::1]:80/x", ("http://[::1]:80", "/x")),
        ("http://user:pw@h/x", ("http://h", "/x")),
        ("http://h/a/../b", ("http://h", "/a/../b")),
        ("http://h/ä b", ("http://h", "/%C3%A4%20b")),
        ("http://h/%c3%A4", ("http://h", "/%C3%A4")),
        ("http://h/100%", ("http://h", "/100%")),
        ("http://h/%41%", ("http://h", "/%41%")),
        ("http://h//x", ("http://h", "//x")),
        ("http://h/\\x", ("http://h", "/%5Cx")),
        ("http://h/\n", ("http://h", "/%0A")),
        ("http://h:65535/", ("http://h:65535", "/")),
    ],
)
def test_a_url_has_an_origin_and_a_target(url, expected):
    assert split_url(url) == expected


@for_all(
    "url",
    [
        "",
        "h",
        "/x",
        "//h/x",
        "ftp://h/x",
        "http:/h/x",
        "http:h/x",
        "http:///x",
        "http://:80/x",
        "http://@/x",
        "http://evil\\[h]:1/x",
        "http://h:/x",
        "http://h:+1/x",
        "http://h:1_0/x",
        "http://h:65536/x",
        "http://h:100000/x",
        "http://h:1x/x",
        "http://h x/x",
        "http://h\t/x",
        "\nhttp://h/x",
        "http://ｈ/x",
        "http://h%41/x",
        "http://[::1%25lo]/x",
        "http://[::1/x",
        "http://::1/x",
        "http://pw@\uff0fh/x",
    ],
)
def test_what_is_no_url_of_http_is_refused_and_not_shown(url):
    for read in (split_url, origin):
        with pytest.raises(ValueError) as caught:
            read(url)
        assert "pw" not in str(caught.value)
        assert "\\" not in str(caught.value)


def test_origins_are_compared_by_what_they_mean():
    assert origin("HTTP://H/x") == origin("http://u@h:80/y") == ("http", "h", 80)
    assert origin("https://h") != origin("http://h")
