"""_transport.body: the body of an answer within bounds, with the one compression that is asked for."""

from __future__ import annotations

import gzip
import http.client
import io
import zlib
from types import SimpleNamespace

import pytest
import urllib3
from cases import for_all
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

from wavefront_api_client._core.failures import UnusableBody
from wavefront_api_client._core.limits import LONGEST_PART
from wavefront_api_client._transport.body import (
    read_body,
)

DATA = b'{"a": "' + b"x" * 50_000 + b'"}'


def read(unread, limit):
    body = read_body(unread, limit)
    if isinstance(body, UnusableBody):
        raise body
    return body


def response(body, headers=None, **kwargs):
    """An unread answer, as the pool hands it over."""
    raw = body if hasattr(body, "read") else io.BytesIO(body)
    return HTTPResponse(raw, headers or {}, 200, preload_content=False, **kwargs)


def compress(data, wbits):
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


GZIPPED = gzip.compress(DATA)


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Encoding": "identity"}, {"Content-Length": str(len(DATA))}]
)
def test_a_plain_body(headers):
    assert read(response(DATA, headers), len(DATA)) == DATA


def test_an_empty_body():
    assert read(response(b""), 10) == b""
    assert read(response(b"", {"Content-Length": "0"}), 10) == b""
    assert read(response(b"", {"Content-Encoding": "gzip"}), 10) == b""


@for_all(
    ("encoding", "body"),
    [
        ("gzip", GZIPPED),
        ("GZIP", GZIPPED),
        (" gzip ", GZIPPED),
        ("x-gzip", GZIPPED),
        ("deflate", compress(DATA, zlib.MAX_WBITS)),
        ("deflate", compress(DATA, -zlib.MAX_WBITS)),
        ("deflate", GZIPPED),
        ("gzip", gzip.compress(DATA[:100]) + gzip.compress(DATA[100:])),
    ],
)
def test_a_compressed_body(encoding, body):
    headers = {"Content-Encoding": encoding, "Content-Length": str(len(body))}
    assert read(response(body, headers), len(DATA)) == DATA


@for_all("padding", [b"\x00", b"\x00" * 100, b"padding", b"\x1f"])
def test_padding_behind_a_compressed_body_is_left(padding):
    body = GZIPPED + padding
    unread = response(body, {"Content-Encoding": "gzip", "Content-Length": str(len(body))})
    assert read(unread, len(DATA)) == DATA
    assert unread.closed


@pytest.mark.parametrize("headers", [{}, {"Content-Length": str(len(DATA))}])
def test_a_body_of_the_limit_is_read_and_one_byte_more_is_not(headers):
    assert read(response(DATA, headers), len(DATA)) == DATA
    with pytest.raises(UnusableBody) as caught:
        read(response(DATA, headers), len(DATA) - 1)
    assert caught.value.reason == f"it is larger than {len(DATA) - 1} bytes"
    assert caught.value.interrupted is False
    assert DATA.startswith(caught.value.part)
    assert len(caught.value.part) <= LONGEST_PART


def test_nothing_is_read_of_a_body_that_says_it_is_too_large():
    raw = io.BytesIO(DATA)
    with pytest.raises(UnusableBody, match="it is larger than") as caught:
        read(response(raw, {"Content-Length": str(LONGEST_PART * 2)}), LONGEST_PART + 1)
    assert caught.value.part == b""


def test_the_limit_is_that_of_the_decompressed_body():
    headers = {"Content-Encoding": "gzip"}
    assert read(response(GZIPPED, headers), len(DATA)) == DATA
    with pytest.raises(UnusableBody, match=f"it is larger than {len(DATA) - 1} bytes"):
        read(response(GZIPPED, headers), len(DATA) - 1)


def test_a_body_that_is_too_large_closes_the_connection():
    unread = response(DATA)
    with pytest.raises(UnusableBody):
        read(unread, 10)
    assert unread.closed


@for_all("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_another_compression_is_refused(encoding):
    with pytest.raises(UnusableBody) as caught:
        read(response(DATA, {"Content-Encoding": encoding}), 10**6)
    expected = f"it is compressed in a way that was not asked for: {encoding}"
    assert caught.value.reason == expected


@pytest.mark.parametrize(
    "body", [b"no gzip at all", b"x", GZIPPED[:20] + b"\xff" * 50, GZIPPED[:-9] + b"\x00" * 9]
)
def test_broken_compression(body):
    with pytest.raises(UnusableBody) as caught:
        read(response(body, {"Content-Encoding": "gzip"}), 10**6)
    assert caught.value.reason.startswith("its compression is broken: ")


def test_compression_that_ends_too_early():
    with pytest.raises(UnusableBody) as caught:
        read(response(GZIPPED[:-5], {"Content-Encoding": "gzip"}), 10**6)
    assert caught.value.reason.startswith("its compression is broken: ")
    assert "too early" in caught.value.reason


class Breaking(io.RawIOBase):
    """A body that fails while it is read."""

    def __init__(self, error):
        self._error = error

    def readable(self):
        return True

    def read(self, *_):
        raise self._error

    read1 = read
    readinto = read


@for_all(
    ("error", "part"),
    [
        (http.client.IncompleteRead(b"some"), b"some"),
        (ProtocolError("broken", http.client.IncompleteRead(b"some", 5)), b"some"),
        (ProtocolError("broken", ConnectionResetError(104, "reset")), b""),
        (ConnectionResetError(104, "reset"), b""),
        (ProtocolError("broken", urllib3.exceptions.IncompleteRead(4, 5)), b""),
    ],
)
def test_a_body_that_breaks_off(error, part):
    with pytest.raises(UnusableBody) as caught:
        read(response(Breaking(error)), 10**6)
    assert caught.value.reason == "it is incomplete"
    assert caught.value.interrupted is True
    assert caught.value.part == part


def test_another_fault_of_urllib3():
    with pytest.raises(UnusableBody) as caught:
        read(response(Breaking(HTTPError("x"))), 10**6)
    assert caught.value.reason == "it is incomplete: HTTPError"
    assert caught.value.interrupted is True
    assert caught.value.part == b""


def test_a_body_that_does_not_come_in_time():
    with pytest.raises(UnusableBody) as caught:
        read(response(Breaking(ReadTimeoutError(None, None, "late"))), 10**6)
    assert caught.value.reason == ""


@pytest.mark.parametrize("fault", [ReadTimeoutError(None, None, "x"), HTTPError("x")])
def test_nothing_is_chained_to_the_fault(fault):
    with pytest.raises(UnusableBody) as caught:
        read(response(Breaking(fault)), 10**6)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@for_all(("data", "body"), [(b"x", b"x"), ("x", "x"), (b"", b""), (None, b"")])
def test_a_stand_in_has_its_data(data, body):
    assert read(SimpleNamespace(data=data), 10) == body


def test_an_answer_that_has_been_read_already_has_its_data():
    done = HTTPResponse(io.BytesIO(b"x"), {}, 200, preload_content=True)
    assert read(done, 10) == b"x"


def test_an_answer_that_a_test_makes_of_bytes_has_its_data():
    assert read(HTTPResponse(body=b"x", status=200, preload_content=True), 10) == b"x"


# --- what came of a body that breaks off ------------------------------------------------------

SMALL = b'{"status": {"result": "OK", "code": 200}, "response": []}'
CODED = {"gzip": gzip.compress(SMALL), "deflate": zlib.compress(SMALL), "": SMALL}


@for_all(
    ("encoding", "has_length"),
    [("gzip", True), ("gzip", False), ("deflate", True), ("deflate", False), ("", False)],
)
def test_a_body_may_break_off_anywhere(encoding, has_length):
    body = CODED[encoding]
    headers = {"Content-Encoding": encoding}
    headers.update({"Content-Length": str(len(body))} if has_length else {})
    for cut in range(has_length, len(body)):
        unread = response(body[:cut], headers, enforce_content_length=True)
        if cut and encoding:
            with pytest.raises(UnusableBody) as caught:
                read(unread, 10**6)
            assert caught.value.interrupted is True
            assert SMALL.startswith(caught.value.part)
        else:
            assert read(unread, 10**6) == body[:cut]


def test_what_had_been_decompressed_is_kept():
    body = gzip.compress(DATA[:100]) + gzip.compress(DATA[100:])[:-20]
    with pytest.raises(UnusableBody) as caught:
        read(response(body, {"Content-Encoding": "gzip"}), 10**6)
    assert DATA[:100] == caught.value.part[:100]
    assert DATA.startswith(caught.value.part)


def test_no_more_is_kept_than_needed():
    error = http.client.IncompleteRead(b"x" * 10 * LONGEST_PART)
    with pytest.raises(UnusableBody) as caught:
        read(response(Breaking(error)), 10**9)
    assert caught.value.part == b"x" * LONGEST_PART


# --- compression --------------------------------------------------------------------------------


@for_all("chunk", [1, 2, 3, 20])
def test_members_may_be_cut_anywhere(monkeypatch, chunk):
    monkeypatch.setattr("wavefront_api_client._transport.body.CHUNK", chunk)
    body = gzip.compress(b"ab") + gzip.compress(b"") + gzip.compress(b"cd")
    for end in (b"", b"\x1f", b"\x1fx", b"padding"):
        assert read(response(body + end, {"Content-Encoding": "gzip"}), 100) == b"abcd"


def test_little_gain_is_gain():
    """A stream that is flushed after each few bytes is longer than what it holds."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    flushed = b"".join(
        packer.compress(b"%03d" % (number % 1000)) + packer.flush(zlib.Z_SYNC_FLUSH)
        for number in range(20_000)
    )
    body = flushed + packer.flush()
    assert len(body) > 160_000
    assert len(read(response(body, {"Content-Encoding": "gzip"}), 10**6)) == 60_000
