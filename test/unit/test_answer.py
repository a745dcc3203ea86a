"""_core.answer: what is read of an answer, or of whatever stands in for one."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

from cases import for_all
from urllib3.response import HTTPResponse

from wavefront_api_client._core.answer import as_readable, headers_of
from wavefront_api_client.rest import RESTResponse

REAL = HTTPResponse(headers={"A": "b"}, status=200)


@for_all(
    "answer",
    [
        REAL,
        RESTResponse(REAL, b""),
        SimpleNamespace(headers={"A": "b"}),
        SimpleNamespace(getheaders=lambda: {"A": "b"}),
        SimpleNamespace(headers=None, getheaders=lambda: {"A": "b"}),
        Mock(getheaders=lambda: {"A": "b"}),
        Mock(headers={"A": "b"}),
    ],
)
def test_headers_come_from_the_attribute_or_from_the_method(answer):
    assert dict(headers_of(answer)) == {"A": "b"}


def test_the_headers_of_urllib3_are_handed_on_as_they_are():
    assert headers_of(RESTResponse(REAL, b"")) is headers_of(REAL) is REAL.headers


def test_what_has_no_headers_has_none():
    assert headers_of(SimpleNamespace()) == {}


@for_all(("content", "text"), [(b"\xff\xc3\xa4", "�ä"), ("\xff", "\xff"), (b"", ""), ("", "")])
def test_any_body_has_a_text(content, text):
    assert as_readable(content) == text
