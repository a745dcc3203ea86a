"""Point 10: answers that are made to hurt cost bounded memory and end in a clear exception."""

from __future__ import annotations

import functools
import gzip
import os
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Callable

import pytest
from cases import for_all
from hostile import (
    OK_CONTAINER,
    Answer,
    Flood,
    Garbage,
    HostileServer,
    gzipped_zeros,
    http_answer,
)

from wavefront_api_client import ApiException, rest
from wavefront_api_client.exceptions import InvalidResponseException, ServiceException

MB = 1 << 20
CHUNKED = b"HTTP/1.1 %d Whatever\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


@pytest.fixture
def limit_of_1_mb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MAX_BODY_BYTES", MB)


def a_gigabyte(framing: bytes = b"100000\r\n%b\r\n") -> Iterator[bytes]:
    block = framing % (b" " * MB) if framing else b" " * MB
    return (block for _ in range(1024))


def peak_memory(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def too_large(api, status=200):
    with pytest.raises(ApiException) as caught:
        api.get_all_tokens()
    assert caught.value.status == status
    assert type(caught.value) in (InvalidResponseException, ServiceException)
    assert status != 200 or type(caught.value) is InvalidResponseException
    assert caught.value.attempts == 1, "another try would cost the same again"
    assert len(str(caught.value)) < 20_000


def test_the_documented_limit():
    assert rest.MAX_BODY_BYTES == 64 * MB


def test_a_gigabyte_is_not_read(connect):
    flood = Flood(CHUNKED % 200, a_gigabyte)
    with HostileServer([flood]) as server:
        too_large(connect(server.url))
    assert 63 * MB < flood.sent < 96 * MB


@for_all("status", [200, 500])
@for_all("form", ["chunks", "until closed", "one huge chunk", "honest length"])
def test_endless_bodies(connect, limit_of_1_mb, form, status):
    head, framing = {
        "chunks": (CHUNKED % status, b"100000\r\n%b\r\n"),
        "until closed": (b"HTTP/1.1 %d Whatever\r\n\r\n" % status, b""),
        "one huge chunk": (CHUNKED % status + b"ffffffffffff\r\n", b""),
        "honest length": (
            b"HTTP/1.1 %d Whatever\r\nContent-Length: 1073741824\r\n\r\n" % status,
            b"",
        ),
    }[form]
    flood = Flood(head, lambda: a_gigabyte(framing))
    with HostileServer([flood]) as server:
        api = connect(server.url)
        peak = peak_memory(lambda: too_large(api, status))
    assert flood.sent < 32 * MB
    assert peak < 16 * MB


@functools.cache
def deflated() -> bytes:
    return zlib.compress(bytes(100 * MB), 1)


BOMBS = {
    "gzip": (lambda: gzipped_zeros(200), "gzip"),
    "x-gzip": (lambda: gzipped_zeros(200), "x-gzip"),
    "deflate": (deflated, "deflate"),
    "raw deflate": (lambda: deflated()[2:-4], "deflate"),
    "twice": (lambda: gzip.compress(gzipped_zeros(500), 9), "gzip, gzip"),
    "three times": (lambda: gzip.compress(gzip.compress(gzipped_zeros(500))), "gzip, gzip, gzip"),
    "mixed": (lambda: zlib.compress(gzipped_zeros(500), 9), "gzip, deflate"),
    "in capitals": (lambda: gzipped_zeros(200), "GZIP"),
}


@for_all("status", [200, 500])
@for_all("bomb", BOMBS)
def test_decompression_bombs(connect, limit_of_1_mb, bomb, status):
    make, coding = BOMBS[bomb]
    with HostileServer([Answer(status, make(), {"Content-Encoding": coding})]) as server:
        api = connect(server.url)
        peak = peak_memory(lambda: too_large(api, status))
    assert peak < 24 * MB


def test_a_thousand_codings(connect):
    headers = {"Content-Encoding": ", ".join(["gzip"] * 1000)}
    with HostileServer([Answer(200, gzip.compress(b"{}"), headers)]) as server:
        too_large(connect(server.url))


def test_just_below_the_limit_is_fine(connect, limit_of_1_mb):
    body = {**OK_CONTAINER, "pad": "x" * (MB - 1000)}
    for answer in (
        http_answer(200, body),
        http_answer(
            200, gzip.compress(http_answer(200, body).split(b"\r\n\r\n", 1)[1]),
            {"Content-Encoding": "gzip"},
        ),
    ):  # fmt: skip
        with HostileServer([Garbage(answer)]) as server:
            assert connect(server.url).get_all_tokens().status.result == "OK"


@for_all("method", ["get_all_tokens", "create_token"])
def test_ten_thousand_headers(connect, method):
    headers = [(f"X-{n}", "x") for n in range(10_000)]
    with HostileServer([Answer(headers=headers)]) as server:
        with pytest.raises(InvalidResponseException):
            getattr(connect(server.url), method)()
    assert len(server.requests) == 1 or method == "get_all_tokens"


def test_endless_headers(connect):
    flood = Flood(b"HTTP/1.1 200 OK\r\n", lambda: (b"X: y\r\n" * 10_000 for _ in range(10_000)))
    with HostileServer([flood]) as server, pytest.raises(InvalidResponseException):
        connect(server.url, retries=0).get_all_tokens()
    assert flood.sent < 16 * MB


# --- JSON -------------------------------------------------------------------------------------

WRAPPED = '{"status": {"result": "OK", "code": 200}, "response": %s}'
DEEP = {
    "lists": "[" * 100_000,
    "closed lists": "[" * 100_000 + "]" * 100_000,
    "objects": '{"a":' * 100_000,
    "in the response": WRAPPED % ("[" * 100_000 + "]" * 100_000),
    "in a token": WRAPPED % ('[{"tokenID":' * 50_000 + "1" + "}]" * 50_000),
    "as the status": '{"status":' * 50_000 + "1" + "}" * 50_000,
    "as a message": '{"status":{"message":' + "[" * 50_000 + "]" * 50_000 + "}}",
    "as an error": '{"error":' + "[" * 50_000 + "]" * 50_000 + "}",
}


@for_all("case", DEEP)
def test_deeply_nested_json(connect, case):
    with HostileServer([Answer(200, DEEP[case])]) as server:
        with pytest.raises(InvalidResponseException) as caught:
            connect(server.url).get_all_tokens()
    assert caught.value.body == DEEP[case]


@for_all("case", DEEP)
def test_deeply_nested_error(connect, case):
    with HostileServer([Answer(500, DEEP[case])]) as server:
        with pytest.raises(ServiceException) as caught:
            connect(server.url).get_all_tokens()
    assert len(str(caught.value)) < 20_000


@for_all("depth", [100, 300, 450, 900, 990, 2_000, 20_000])
@for_all("place", ["response", "debugInfo", "status", "unknown"])
def test_nesting_of_any_depth_is_read_or_refused(connect, place, depth):
    """Just below the parser's own limit the client must not stumble either."""
    nested = "[" * depth + "]" * depth
    body = f'{{"status": {{"result": "OK", "code": 200}}, "{place}": {nested}}}'
    with HostileServer([Answer(200, body)]) as server:
        try:
            connect(server.url).get_all_tokens()
        except InvalidResponseException as error:
            assert error.body == body


ODD_NUMBERS = ["9" * 5000, "-" + "9" * 5000, "1e999", "-1e999", "1e-999", "NaN", "Infinity", "-0"]


@for_all("status", [200, 500])
@for_all("number", ODD_NUMBERS)
def test_odd_numbers(connect, number, status):
    body = '{"status": {"code": %s, "message": %s, "result": "OK"}, "response": [{"lastUsed": %s}]}'
    with HostileServer([Answer(status, body % (number, number, number))]) as server:
        try:
            tokens = connect(server.url).get_all_tokens().response
        except (InvalidResponseException, ServiceException) as error:
            assert error.status == status
        else:
            assert len(tokens) == 1


def test_duplicate_keys(connect):
    body = (
        '{"response": [], "response": [{"tokenID": "a", "tokenID": "b"}], "status": {"code": 200}}'
    )
    with HostileServer([Answer(200, body)]) as server:
        assert connect(server.url).get_all_tokens().response[0].token_id == "b"


PECULIAR = {
    "byte order mark": b"\xef\xbb\xbf" + (WRAPPED % "[]").encode(),
    "utf-16": (WRAPPED % "[]").encode("utf-16"),
    "nul in a text": (WRAPPED % '[{"tokenName": "a\\u0000b"}]').encode(),
    "raw nul": (WRAPPED % "[]\x00").encode(),
    "lone surrogate": (WRAPPED % '[{"tokenName": "\\ud800"}]').encode(),
    "class of python": (WRAPPED % '[{"__class__": "os.system", "_configuration": 2}]').encode(),
    "tokens are numbers": (WRAPPED % "[1, 2]").encode(),
    "tokens are null": (WRAPPED % "[null]").encode(),
    "tokens are lists": (WRAPPED % "[[[]]]").encode(),
    "response is a number": (WRAPPED % "5").encode(),
    "response is a text": (WRAPPED % '"abc"').encode(),
    "response is an object": (WRAPPED % '{"a": 1}').encode(),
    "status is a list": b'{"status": []}',
    "status is a number": b'{"status": 1}',
    "status is null": b'{"status": null, "response": null, "debugInfo": null}',
    "fields of wrong types": (WRAPPED % '[{"tokenID": [1], "lastUsed": "x"}]').encode(),
    "debug info is an object": b'{"status": {}, "debugInfo": {"a": 1}}',
}  # fmt: skip


@for_all("case", PECULIAR)
def test_peculiar_json_is_read_or_refused(connect, case):
    with HostileServer([Answer(200, PECULIAR[case])]) as server:
        try:
            answer = connect(server.url).get_all_tokens()
        except InvalidResponseException as error:
            assert error.status == 200
        else:
            repr(answer)
            answer.to_dict()
            assert answer == answer


# --- downloads --------------------------------------------------------------------------------

NAMES = [
    "../../x", "../x", "..", ".", "", "/", "/etc/x", "/tmp/wavefront-was-here", "a/b", "a/../../b",
    "..\\..\\x", "C:\\x", "\\\\host\\x", "x\x00y", "x" * 5000, "~/x", "$HOME/x",
    "-rf", "CON", "x\ty",
    "\u2024\u2024/x", "%2e%2e%2fx", "outer.txt",
]  # fmt: skip


@pytest.mark.parametrize("form", ['attachment; filename="%s"', "attachment; filename=%s", "%s",
                                  "attachment; filename*=UTF-8''%s"])  # fmt: skip
@for_all("name", NAMES)
def test_downloads_stay_in_their_folder(connect, tmp_path, name, form):
    folder = tmp_path / "inner"
    folder.mkdir(exist_ok=True)
    (tmp_path / "outer.txt").write_text("mine")
    raw = http_answer(200, b"data").replace(
        b"\r\n\r\n", b"\r\nContent-Disposition: " + (form % name).encode() + b"\r\n\r\n", 1
    )
    with HostileServer([Garbage(raw)]) as server:
        client = connect(server.url, temp_folder_path=str(folder)).api_client
        try:
            path = client.call_api(
                "/file", "GET", response_type="file", _return_http_data_only=True
            )
        except ApiException as error:
            assert type(error) is InvalidResponseException
        else:
            inside = os.path.realpath(os.path.dirname(path))
            assert inside == os.path.realpath(folder)
            with open(path, "rb") as file:
                assert file.read() == b"data"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["inner", "outer.txt"]
    assert (tmp_path / "outer.txt").read_text() == "mine"
    assert not os.path.exists("/tmp/wavefront-was-here")


def test_a_download_does_not_follow_a_planted_link(connect, tmp_path):
    folder = tmp_path / "inner"
    folder.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (folder / "x").symlink_to(victim)
    headers = {"Content-Disposition": 'attachment; filename="x"'}
    with HostileServer([Answer(200, b"data", headers)]) as server:
        client = connect(server.url, temp_folder_path=str(folder)).api_client
        client.call_api("/file", "GET", response_type="file", _return_http_data_only=True)
    assert victim.read_text() == "mine"
