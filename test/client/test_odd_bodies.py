"""Bodies that come in pieces, with padding or as a trap for patterns; and bodies that cannot go."""

from __future__ import annotations

import gzip
import io
import json
import sys
import time

import pytest
from cases import for_all
from urllib3.response import HTTPResponse

from wavefront_api_client import ApiException, BadRequestException
from wavefront_api_client._core.failures import UnusableBody
from wavefront_api_client._transport import body as bodies
from wavefront_api_client._transport.body import read_body
from wavefront_api_client.exceptions import read_error_body
from wavefront_api_client.masking import mask_secrets

FIRST, SECOND = b'{"response": ', b"[]}"
MEMBERS = [gzip.compress(FIRST), gzip.compress(SECOND)]
LIMIT = 100_000


def response(body):
    file = io.BytesIO(body) if isinstance(body, bytes) else body
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(file.getvalue()))}
    return HTTPResponse(file, headers, 200, preload_content=False)


# --- compressed -------------------------------------------------------------------------------

PADDINGS = [
    bytes(1),
    bytes(512),
    bytes(40_000),
    b"\r\n",
    b"\x1f",
    b"\x1f\x00",
    b"\x8b\x1f",
    b"x" * 9,
]


@for_all("size", [1, 7, 16 * 1024])
@for_all("padding", PADDINGS)
def test_padding_is_left(monkeypatch, padding, size):
    monkeypatch.setattr(bodies, "CHUNK", size)
    assert read_body(response(MEMBERS[0] + padding), LIMIT) == FIRST


def test_the_padding_is_not_read_to_its_end():
    body = io.BytesIO(MEMBERS[0] + bytes(1_000_000))
    read_body(response(body), LIMIT)
    assert body.closed


SIZES = range(1, len(MEMBERS[0]) + 3)


@for_all("size", SIZES)
def test_members_are_joined_wherever_chunks_end(monkeypatch, size):
    monkeypatch.setattr(bodies, "CHUNK", size)
    assert read_body(response(b"".join(MEMBERS)), LIMIT) == FIRST + SECOND


def test_members_are_joined_where_a_real_chunk_ends():
    first = gzip.compress(b"a" * 50, 0)
    text = b"a" * (50 + bodies.CHUNK - 1 - len(first))
    first = gzip.compress(text, 0)
    assert len(first) == bodies.CHUNK - 1
    assert read_body(response(first + MEMBERS[1]), LIMIT) == text + SECOND


@pytest.mark.parametrize("count", [2, 3, 1000])
def test_many_members_are_joined(count):
    assert read_body(response(gzip.compress(b"abc") * count), LIMIT) == b"abc" * count


def test_an_empty_member_adds_nothing():
    empty = gzip.compress(b"")
    assert read_body(response(empty + MEMBERS[0] + empty + MEMBERS[1]), LIMIT) == FIRST + SECOND


def test_members_and_then_padding():
    assert read_body(response(b"".join(MEMBERS) + bytes(5)), LIMIT) == FIRST + SECOND


def test_a_second_member_that_breaks_off_is_told():
    body = read_body(response(MEMBERS[0] + MEMBERS[1][:-5]), LIMIT)
    assert isinstance(body, UnusableBody)


def test_all_members_together_are_within_the_limit():
    member = gzip.compress(bytes(LIMIT // 2 + 1))
    assert len(read_body(response(member), LIMIT)) == LIMIT // 2 + 1
    assert "larger than" in read_body(response(member * 2), LIMIT).reason


@pytest.mark.parametrize("body", [b"".join(MEMBERS), b"".join(MEMBERS) + bytes(100)])
def test_after_an_odd_body_the_next_call_is_right(api, server, body):
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    server.inject(status=200, body=body, headers=headers)
    assert api.get_all_tokens().response == []
    assert api.get_all_tokens().status.code == 200


# --- traps for patterns -----------------------------------------------------------------------

SIZE = 100_000
TRAPS = {
    "messages without end": "message='x\n",
    "quotes": "message='' ",
    "quotes and lines": "message='\n'\n x",
    "one quote and spaces": " ",
    "tracking ids": "trackingId=\n",
    "ids without colon": '"id" ',
    "ids with open text": '"id":"',
    "ids and back slashes": '"id":"\\\\',
    "hexadecimal": "0123abcd-",
    "opened objects": '{"id":',
}


def trap(name, size):
    piece = TRAPS[name]
    return ("message='" + piece * (size // len(piece)))[:size] + "x"


@for_all("name", TRAPS)
@for_all("read", [read_error_body, mask_secrets])
def test_four_times_the_text_takes_no_sixteen_times(read, name):
    begun = time.process_time()
    for size in (SIZE, 4 * SIZE):
        assert isinstance(read(trap(name, size)), (tuple, str))
    assert time.process_time() - begun < 10


@for_all("name", TRAPS)
def test_an_error_with_such_a_body_is_raised_and_shown_in_time(api, server, name):
    body = trap(name, SIZE)
    server.inject(status=400, body=body, headers={"Content-Type": "text/plain"})
    begun = time.process_time()
    with pytest.raises(BadRequestException) as caught:
        api.get_all_tokens()
    assert len(str(caught.value)) < 10_000
    assert time.process_time() - begun < 2
    assert caught.value.body == body


@for_all(
    ("body", "found"),
    [
        ("message='no such token'", ("no such token", None)),
        ("message='it''s gone'\ntrackingId='t-1'", ("it''s gone", "t-1")),
        ("HTTP 400\nmessage='two\nlines' \ntrackingId=t-1", ("two\nlines", "t-1")),
        ("message='open", (None, None)),
        ("a message='x'", (None, None)),
    ],
)
def test_what_a_plain_text_says(body, found):
    assert read_error_body(body) == found


# --- bodies that cannot be sent ---------------------------------------------------------------


CIRCLES = {
    "dictionary": lambda body: body,
    "list": lambda body: [body],
    "longer": lambda body: [{"b": (body,)}],
}


def circle(kind):
    body = {}
    body["account"] = CIRCLES[kind](body)
    return body


@for_all("kind", CIRCLES)
@for_all("is_async", [False, True])
def test_a_body_that_holds_itself_is_an_error(api, server, kind, is_async):
    with pytest.raises(ValueError, match="in itself"):
        result = api.update_token_name("t1", body=circle(kind), async_req=is_async)
        result.get(5)
    assert server.requests == []


@pytest.mark.parametrize("place", ["body", "query_params", "post_params"])
def test_whatever_holds_itself_is_an_error(client, server, place):
    with pytest.raises(ValueError, match="in itself"):
        client.call_api("/api/v2/apitoken", "POST", **{place: circle("dictionary")})
    assert server.requests == []


def test_the_client_goes_on_after_that(api):
    with pytest.raises(ValueError, match="in itself"):
        api.update_token_name("t1", body=circle("list"))
    assert api.get_all_tokens().status.code == 200


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {"a": value}
    return value


def test_a_body_of_any_depth_is_sent_and_answered_or_is_an_error(client, server):
    """Near the limit of Python there is no depth at which the answer would be lost."""
    server.inject(1000, status=400, body="no")
    limit = sys.getrecursionlimit()
    for depth in range(limit - 120, limit + 10):
        sent = len(server.requests)
        try:
            client.call_api("/api/v2/apitoken", "POST", body=nested(depth))
        except ApiException:
            assert len(server.requests) == sent + 1
        except ValueError:
            assert len(server.requests) == sent


# --- types that do not exist ------------------------------------------------------------------

UNKNOWN = [
    "NoSuch",
    "",
    "list[",
    "list[NoSuch]",
    "list[list[NoSuch]]",
    "dict(str, NoSuch)",
    "dict(str)",
    "Configuration",
    "userApiToken",
    json.JSONDecoder,
]


@for_all("method", ["GET", "POST"])
@for_all("response_type", UNKNOWN)
def test_an_unknown_type_is_an_error(client, server, response_type, method):
    with pytest.raises(ValueError, match="there is no type"):
        client.call_api("/api/v2/apitoken", method, response_type=response_type)
    assert server.requests == []


def test_an_unknown_type_of_an_asynchronous_call_is_an_error(client, server):
    with pytest.raises(ValueError, match="there is no type"):
        client.call_api("/api/v2/apitoken", "POST", response_type="NoSuch", async_req=True).get(5)
    assert server.requests == []
