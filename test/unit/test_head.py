"""_transport.answers: the head of an answer, and where the body behind it ends."""

from __future__ import annotations

import http.client
import io
import time

import pytest
from cases import drawn, for_all
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client._core.limits import parse_timeout
from wavefront_api_client._transport.answers import (
    MAX_LINE,
    MAX_LINES,
    Answer,
    Exchange,
    MalformedHead,
    read_fields,
)


class Socket:
    """What an answer takes of a socket."""

    def __init__(self, data):
        self.data = data

    def makefile(self, *_):
        return io.BytesIO(self.data)

    def gettimeout(self):
        return None


def answer_to(method, data):
    answer = Answer(Exchange(method, parse_timeout(None)), Socket(data), method=method)
    answer.begin()
    return answer


def fields(head):
    return read_fields(io.BytesIO(head))


@for_all(
    "line",
    [b"\r\n", b"HTTP/1.1\r\n", b"HTTP/1.1 99 x\r\n", b"HTTP/1.1 2OO x\r\n", b"SSH-2.0-x\r\n"],
)
def test_another_line_is_no_status_line(line):
    with pytest.raises(http.client.BadStatusLine):
        answer_to("GET", line)


@for_all("version", ["HTTP/2", "HTTP/0.9", "HTTP/11"])
def test_another_version_is_not_read(version):
    with pytest.raises(http.client.UnknownProtocol):
        framed(version=version)


@for_all("reason", ["Not Found", " odd ", "", "x" * 2000])
def test_a_reason_is_kept_without_its_line_end(reason):
    answer = answer_to("GET", f"HTTP/1.1 404 {reason}\r\n\r\n".encode())
    assert (answer.status, answer.reason) == (404, reason.strip()[:1000])


def test_no_line_is_no_answer():
    with pytest.raises(http.client.RemoteDisconnected):
        answer_to("GET", b"")


def framed(*pairs, method="GET", status=200, version="HTTP/1.1"):
    lines = [f"{version} {status} Whatever", *(f"{name}: {value}" for name, value in pairs)]
    return answer_to(method, "\r\n".join([*lines, "", ""]).encode("utf-8"))


@for_all(
    ("head", "expected"),
    [
        (b"\r\n", []),
        (b"A: b\r\n\r\n", [("A", "b")]),
        (b"A: b\n\n", [("A", "b")]),
        (b"A:b\r\nA: c\r\n\r\n", [("A", "b"), ("A", "c")]),
        (b"A: \t b c \t\r\n\r\n", [("A", "b c")]),
        (b"A:\r\n\r\n", [("A", "")]),
        (b"A: b:c\r\n\r\n", [("A", "b:c")]),
        (b"A: \xe4\xff\r\n\r\n", [("A", "\xe4\xff")]),
        (b"A: \x01\x0b\x0c\x1c\x85\r\n\r\n", [("A", "\x01\x0b\x0c\x1c\x85")]),
        (b"!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n", [("!#$%&'*+-.^_`|~09azAZ", "b")]),
        (b"A: b\r\n c\r\n\td \r\n\r\n", [("A", "b c d")]),
        (b"A:\r\n b\r\n\r\n", [("A", "b")]),
        (b"A: b\r\n \r\n\r\n", [("A", "b")]),
    ],
)
def test_fields(head, expected):
    assert fields(head) == expected


@for_all(
    "head",
    [
        b"A\r\n\r\n",
        b": b\r\n\r\n",
        b"A : b\r\n\r\n",
        b"A B: c\r\n\r\n",
        b"A\xe4: c\r\n\r\n",
        b"A(: c\r\n\r\n",
        b" A: b\r\n\r\n",
        b"\tA: b\r\n\r\n",
        b"A: b\0c\r\n\r\n",
        b"A: b\rc\r\n\r\n",
        b"A: b\r\r\n\r\n",
        b"A: b\r\n c\rd\r\n\r\n",
        b"A: " + b"x" * MAX_LINE + b"\r\n\r\n",
        b"A: b\r\n" * (MAX_LINES + 1) + b"\r\n",
        b"A: b\r\n" + b" c\r\n" * MAX_LINES + b"\r\n",
    ],
)
def test_what_two_parsers_could_read_in_two_ways(head):
    with pytest.raises(MalformedHead):
        fields(head)


def test_as_many_lines_as_may_be():
    assert len(fields(b"A: b\r\n" * MAX_LINES + b"\r\n")) == MAX_LINES


@for_all("head", [b"", b"A", b"A: b", b"A: b\r", b"A: b\r\n", b"A: b\r\n c"])
def test_a_head_that_breaks_off(head):
    with pytest.raises(http.client.RemoteDisconnected):
        fields(head)


def test_no_head_takes_long():
    line = b"A:" + b" " * (MAX_LINE - 10) + b"b"
    begun = time.process_time()
    fields((line + b" \r\n") * MAX_LINES + b"\r\n")
    assert time.process_time() - begun < 5


@drawn(100)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_any_lines_are_fields_or_malformed(lines):
    try:
        found = fields(b"".join(line + b"\r\n" for line in lines))
    except http.client.HTTPException:
        return
    assert all(name and ":" not in name and value == value.strip(" \t") for name, value in found)


def ends(answer):
    return answer.chunked, answer.length, answer.will_close


LENGTH, CHUNKED = ("Content-Length", "5"), ("Transfer-Encoding", "chunked")


@for_all(
    ("pairs", "expected"),
    [
        ([], (False, None, True)),
        ([LENGTH], (False, 5, False)),
        ([("content-LENGTH", "0")], (False, 0, False)),
        ([LENGTH, LENGTH], (False, 5, False)),
        ([("Content-Length", "5, 5")], (False, 5, False)),
        ([CHUNKED], (True, None, False)),
        ([("Transfer-Encoding", "Chunked")], (True, None, False)),
        ([CHUNKED, LENGTH], (True, None, True)),
    ],
)
def test_where_a_body_ends(pairs, expected):
    assert ends(framed(*pairs)) == expected


@for_all(
    "pairs",
    [
        [("Content-Length", value)]
        for value in ("", "+5", "-5", "5 5", "0x5", "5_0", "٥", "5;", "5,6", "5,", "1" * 19, "5.0")
    ]
    + [
        [LENGTH, ("Content-Length", "6")],
        [LENGTH, ("Content-Length", "05")],
        [CHUNKED, ("Content-Length", "x")],
    ]
    + [
        [("Transfer-Encoding", value)]
        for value in ("", "gzip", "identity", "gzip, chunked", "chunked, chunked", "xchunked", ",")
    ]
    + [[CHUNKED, CHUNKED]],
)
@for_all("method", ["GET", "HEAD"])
def test_two_ends_are_none(pairs, method):
    with pytest.raises(MalformedHead):
        framed(*pairs, method=method)


@for_all(("method", "status"), [("HEAD", 200), ("GET", 204), ("DELETE", 304), ("HEAD", 404)])
@for_all(
    ("pairs", "doubtful"),
    [([], False), ([("Content-Length", "0")], False), ([LENGTH], True), ([CHUNKED], True)],
)
def test_an_answer_without_a_body_may_be_taken_for_one_with(method, status, pairs, doubtful):
    assert ends(framed(*pairs, method=method, status=status)) == (False, 0, doubtful)


def test_chunks_are_none_of_http_1_0():
    alive = ("Connection", "keep-alive")
    assert ends(framed(CHUNKED, alive, version="HTTP/1.0")) == (True, None, True)
    assert ends(framed(LENGTH, alive, version="HTTP/1.0")) == (False, 5, False)


@for_all(
    ("values", "version", "closes"),
    [
        ([], "HTTP/1.1", False),
        ([], "HTTP/1.0", True),
        (["close"], "HTTP/1.1", True),
        (["Keep-Alive, CLOSE"], "HTTP/1.1", True),
        (["keep-alive", "close"], "HTTP/1.1", True),
        (["keep-alive"], "HTTP/1.0", False),
        (["keep-alive", "close"], "HTTP/1.0", True),
        (["closed"], "HTTP/1.1", False),
    ],
)
def test_whether_the_connection_is_closed(values, version, closes):
    options = [("Connection", value) for value in values]
    assert framed(LENGTH, *options, version=version).will_close is closes


def test_the_fields_stay_as_they_came():
    pairs = [("A", "b"), LENGTH, ("a", "c"), ("Content-Length", "5, 5")]
    assert framed(*pairs).headers.items() == pairs
    assert framed(CHUNKED).headers.items() == [("Transfer-Encoding", "chunked")]
    assert framed(CHUNKED, method="HEAD").headers.items() == []


def test_a_head_is_not_interpreted():
    headers = framed(("Content-Type", "multipart/mixed; boundary=x")).headers
    assert (headers.is_multipart(), headers.get_payload()) == (False, None)
