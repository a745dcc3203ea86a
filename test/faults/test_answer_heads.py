"""Heads of answers: what two parsers could read in two ways is refused, what is only odd is read.

Nothing of the email package interprets them.
"""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Callable, Iterable, Iterator

import pytest
from cases import for_all
from hostile import CALLS, Flood, HostileServer, Request
from wire import (
    CALLERS,
    FOREIGN,
    Say,
    SayAndWait,
    SayOnce,
    Tunnel,
    alice,
    calls_get_their_own,
    chunks,
    name_of,
    names,
    own,
    token_named,
    within,
)

from wavefront_api_client.exceptions import (
    ApiException,
    ApiTimeoutException,
    InvalidResponseException,
    ServiceException,
)

QUICK = {"retries": 0, "request_timeout": 4}
OK = b"HTTP/1.1 200 OK"

kinds = for_all("kind", CALLERS)


def short(value: object) -> str:
    return repr(value)[:40]


def head(*lines: bytes, first: bytes = OK) -> bytes:
    return b"\r\n".join([first, *lines, b"", b""])


def answer(*lines: bytes, first: bytes = OK, status: int | None = None) -> Callable:
    """The right answer, with these lines in its head; its length comes last."""
    first = b"HTTP/1.1 %d Whatever" % status if status else first

    def make(request: Request) -> bytes:
        body = token_named(name_of(request))
        return head(*lines, b"Content-Length: %d" % len(body), first=first) + body

    return make


def in_chunks(*lines: bytes, first: bytes = OK) -> Callable:
    """The right answer in chunks, with these lines alone in its head."""
    return lambda request: head(*lines, first=first) + chunks(token_named(name_of(request)))


def of_length(*lines: str, first: bytes = OK) -> Callable:
    """The right answer; {N} in a line stands for its length, {M} for one too short."""

    def make(request: Request) -> bytes:
        body = token_named(name_of(request))
        text = "\r\n".join(lines).replace("{N}", str(len(body)))
        return head(text.replace("{M}", str(len(body) - 1)).encode("latin-1"), first=first) + body

    return make


def succeed(connect, makes: Iterable[Callable], keeps: bool = True) -> list:
    """Each of these answers is read, by a GET and by a POST; the headers that came."""
    makes = list(makes)
    script = [Say(make) for make in makes for _ in CALLERS]
    headers = []
    with HostileServer([*script, Say(own)]) as server:
        api = connect(server.url, **QUICK)
        for _ in makes:
            for call, name in CALLERS.values():
                assert names(call(api)) == [name]
                headers.append(api.api_client.last_response.headers)
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == len(script) + 2
    assert server.connections == (1 if keeps else len(script) + 1)
    return headers[::2]


def is_refused(connect, make: Callable | bytes) -> None:
    """The answer is refused at once, for a GET and for a POST, and its connection is not kept."""
    for kind, (call, _) in CALLERS.items():
        with HostileServer([SayOnce(make, FOREIGN), Say(own)]) as server:
            api = connect(server.url, **QUICK)
            with pytest.raises(InvalidResponseException) as caught:
                call(api)
            assert caught.value.outcome_unknown == (kind == "create")
            assert len(server.requests) == 1
            assert calls_get_their_own(api, "get", "create")
        assert (server.connections, len(server.requests)) == (2, 3)


def is_read_or_refused(connect, make: Callable | bytes, then: bytes = b"") -> None:
    """A call gets its own or `InvalidResponseException`, and the next ones get theirs."""
    for call, name in CALLERS.values():
        with HostileServer([SayOnce(make, then, keep=False), Say(own)]) as server:
            api = connect(server.url, **QUICK)
            try:
                assert names(call(api)) == [name]
            except InvalidResponseException as error:
                assert error.outcome_unknown == (name[:4] == "POST")
            server.wait_until_closed()
            assert calls_get_their_own(api, "get", "create")
        assert len(server.requests) == 3


# --- what is only odd ---------------------------------------------------------------------------

HARMLESS = {
    b"X-Empty:": "",
    b"X-Wide: \t x \t ": "x",
    b"X-Latin: \xe4\xf6\xfc": "\xe4\xf6\xfc",
    b"X-Edges: \xa0 a \x85": "\xa0 a \x85",
    b"X-Long: " + b"x" * 8000: "x" * 8000,
    b"!#$%&'*+-.^_`|~09azAZ: x": "x",
    b"Retry-After: never": "never",
    b"Trailer: Content-Length": "Content-Length",
    b"Upgrade: h2c": "h2c",
    b"X-Content-Length: 1": "1",
    b"Location: http://[": "http://[",
}


def test_harmless_headers(connect):
    received = succeed(connect, (answer(line) for line in HARMLESS))
    for headers, (line, value) in zip(received, HARMLESS.items()):
        assert headers[line.partition(b":")[0].decode()] == value


def test_fifty_headers(connect):
    lines = [b"X-%d: %d" % (n, n) for n in range(50)]
    (headers,) = succeed(connect, [answer(*lines)])
    assert [headers[f"x-{n}"] for n in range(50)] == [str(n) for n in range(50)]


def test_a_header_that_is_repeated(connect):
    (headers,) = succeed(connect, [answer(b"X-A: 1", b"x-a: 2", b"X-B: 3", b"X-A: 4")])
    assert headers["X-A"] == "1, 2, 4"


STATUS_LINES = [
    b"HTTP/1.1 200",
    b"HTTP/1.1 200 Content-Length: 1",
    b"HTTP/1.1 200 \xe4\xf6\xfc",
    b"HTTP/1.1 299 404",
]


def test_status_lines(connect):
    succeed(connect, (answer(first=line) for line in STATUS_LINES))


def test_http_1_0_is_closed(connect):
    succeed(connect, [answer(first=b"HTTP/1.0 200 OK")], keeps=False)


def test_until_the_connection_is_closed(connect):
    def make(request: Request) -> bytes:
        return head(b"X-A: b") + token_named(name_of(request))

    with HostileServer([Say(make, keep=False)]) as server:
        assert calls_get_their_own(connect(server.url, **QUICK), "get", "create", "get")
    assert server.connections == 3


CLOSING = {
    "capitals": [b"CONNECTION: CLOSE"],
    "in a list": [b"Connection: keep-alive, close"],
    "on a first line": [b"Connection: close", b"Connection: keep-alive"],
}


@for_all("case", CLOSING)
def test_close_is_obeyed_however_it_is_written(connect, case):
    """RFC 9112, 9.6: the client sends nothing more on it, though the server keeps it open."""
    succeed(connect, [answer(*CLOSING[case])], keeps=False)


# --- what the email package would interpret -----------------------------------------------------

INTERPRETED = ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
VALUES = [
    "multipart/mixed; boundary=x",
    'multipart/mixed; boundary="',
    "multipart/mixed; boundary*=idna''%FF",
    "multipart/mixed; boundary*0*=idna''%FF; boundary*1=x",
    "multipart/mixed; boundary*" + "9" * 5000 + "=x",
    'multipart/mixed; a="' + ";" * 7000,
    "message/rfc822",
    "application/json; charset=zlib_codec",
    "application/json; charset=\xff",
    "=?idna?q?=FF?=",
    "base64",
    "(" * 1000,
]


@for_all("name", INTERPRETED)
def test_a_header_is_delivered_as_it_was_sent(connect, name):
    lines = [f"{name}: {value}".encode("latin-1") for value in VALUES]
    with within(10):
        received = succeed(connect, (answer(line) for line in lines))
    assert [headers[name] for headers in received] == VALUES


def test_and_those_of_an_error(connect):
    name = "Content-Type"
    lines = [f"{name}: {value}".encode("latin-1") for value in VALUES]
    with HostileServer([Say(answer(line, status=500)) for line in lines]) as server:
        api = connect(server.url, **QUICK)
        for value in VALUES:
            with within(3), pytest.raises(ServiceException) as caught:
                api.create_token()
            assert caught.value.headers[name] == value
            assert "GET" not in str(caught.value) and "POST apitoken" in caught.value.body
    assert server.connections == 1


def folded(value: bytes, width: int = 40_000) -> bytes:
    return b"\r\n ".join(value[i : i + width] for i in range(0, len(value), width))


LARGE = 130_000
SLOW = {
    "semicolons in quotes": folded(b'multipart/mixed; a="' + b";" * LARGE),
    "numbered parameters": folded(
        b"multipart/mixed" + b"".join(b";boundary*%d*=b" % n for n in range(LARGE // 16))
    ),
    "many short folds": b"multipart/mixed" + b"\r\n ;a=b" * 90,
}


def ends_in_time(connect, make: Callable) -> None:
    with HostileServer([Say(make, keep=False), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with within(8):
            try:
                assert names(api.create_token(_request_timeout=4)) == ["POST apitoken"]
            except ApiException as error:
                assert isinstance(error, (InvalidResponseException, ServiceException))
                assert len(str(error)) < 20_000
                assert error.outcome_unknown or isinstance(error, ServiceException)
        server.wait_until_closed()
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


@for_all("status", [200, 500])
@for_all("case", SLOW)
def test_a_large_value_is_read_or_refused_in_time(connect, case, status):
    ends_in_time(connect, answer(b"Content-Type: " + SLOW[case], status=status))


TALKATIVE = {
    "reason": head(b"Content-Length: 2", first=b"HTTP/1.1 200 " + b"x" * 60_000),
    "reason of an error": head(b"Content-Length: 2", first=b"HTTP/1.1 404 " + b"x" * 60_000),
    "media type": head(b"Content-Type: " + folded(b"x" * LARGE), b"Content-Length: 2"),
    "no status line": head(first=b"x" * 60_000),
}


@for_all("case", TALKATIVE)
def test_a_large_head_makes_no_long_text(connect, case):
    with HostileServer([Say(TALKATIVE[case] + b"no", keep=False)]) as server:
        with pytest.raises(ApiException) as caught:
            connect(server.url, **QUICK).create_token()
    assert len(str(caught.value)) < 20_000
    assert len(repr(caught.value)) < 20_000


PROXY_SAYS = {
    "idna": b"Content-Type: multipart/mixed; boundary*=idna''%FF",
    "digits": b"Content-Type: multipart/mixed; boundary*" + b"9" * 5000 + b"=x",
    "large": b"Content-Type: " + SLOW["semicolons in quotes"],
}


@pytest.mark.parametrize("case", PROXY_SAYS)
def test_the_head_of_a_proxy(connect, server_tls, ca_file, case):
    """RFC 9110, 9.3.6: its length counts for nothing, either."""
    says = head(PROXY_SAYS[case], b"Content-Length: 7")
    with HostileServer([Say(own)], tls=server_tls()) as server:
        with HostileServer([Tunnel(server.port, says)]) as proxy:
            api = connect(server.url, proxy=proxy.url, ssl_ca_cert=ca_file, **QUICK)
            with within(5):
                try:
                    assert calls_get_their_own(api, "create", "get")
                except ApiException as error:
                    assert case == "large"
                    assert not error.outcome_unknown


@pytest.mark.parametrize("case", ["many lines", "long lines"])
def test_memory_of_a_large_head(connect, case):
    line = b"X-A: " + b"x" * (60_000 if case == "long lines" else 5_000)
    make = answer(*[line] * (95 if case == "long lines" else 1_000))
    with HostileServer([Say(make, keep=False)]) as server:
        api = connect(server.url, **QUICK)
        tracemalloc.start()
        try:
            with within(5):
                assert names(alice(api)) == ["GET alice"]
        except InvalidResponseException:
            pass
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert peak < 64 << 20


def test_a_megabyte_of_one_line_is_refused(connect):
    is_refused(connect, answer(b"X-A: " + b"x" * (1 << 20)))


def test_ten_thousand_headers_are_refused(connect):
    is_refused(connect, answer(*[b"X-A: b"] * 10_000))


# --- what is refused ----------------------------------------------------------------------------

NO_STATUS_LINES = [
    b"",
    b"HTTP/1.1 OK",
    b"HTTP/1.1 099 OK",
    b"HTTP/1.1 2000 OK",
    b"HTTP/1.1 20\xb2 OK",
    b"HTTP/1.1 200OK",
    b"HTTP/2 200 OK",
    b"ICY 200 OK",
    b'{"status": {"result": "OK"}, "response": []}',
    b"HTTP/1.1 200 " + b"x" * (1 << 20),
]
ODD_STATUS_LINES = [
    b"HTTP/1.1 +200 OK",
    b"HTTP/1.1  200 OK",
    b"\r\nHTTP/1.1 200 OK",
    b"HTTP/1.1 200 O\x00K",
    b"HTTP/1.1 200 O\nK: x",
    b"HTTP/1.10 200 OK",
]


@for_all("line", NO_STATUS_LINES)
def test_a_first_line_that_is_no_status_line(connect, line):
    is_refused(connect, answer(first=line))


@for_all("line", ODD_STATUS_LINES)
def test_an_odd_status_line(connect, line):
    is_read_or_refused(connect, answer(first=line))


def test_an_answer_of_http_0_9(connect):
    is_refused(connect, lambda request: token_named(name_of(request)))


NO_HEADERS = [
    b"no colon",
    b": x",
    b"Content-Length : 5",
    b"Transfer-Encoding\x0b: chunked",
    b"\xa0Transfer-Encoding: chunked",
    b"Two Words: x",
    b"N\xe4me: x",
    b"Na\x00me: x",
    b"HTTP/1.1 200 OK",
]


@for_all("line", NO_HEADERS)
@for_all("place", ["first", "last"])
def test_a_line_that_is_no_header(connect, line, place):
    is_refused(connect, answer(*([line, b"X-A: b"] if place == "first" else [b"X-A: b", line])))


@for_all("line", [b"no colon", b"Name : x"])
def test_of_an_interim_answer(connect, line):
    interim = head(line, first=b"HTTP/1.1 103 Early Hints")
    is_read_or_refused(connect, lambda request: interim + own(request))


@for_all("line", [b"no colon", b"Name : x"])
@for_all("status", [204, 404])
def test_of_an_answer_with_another_status(connect, line, status):
    is_refused(connect, answer(line, status=status))


# --- folded lines -------------------------------------------------------------------------------

FOLDED = {
    b"a\r\n\tb": "a b",
    b"a\r\n b\r\n c\r\n\td": "a b c d",
    b"\r\n a": "a",
    b"a\r\n Transfer-Encoding: chunked": "a Transfer-Encoding: chunked",
    b"a\r\n no colon": "a no colon",
}


@for_all("name", ["X-Folded", "Content-Type"])
def test_a_folded_line_is_one(connect, name):
    received = succeed(connect, (answer(name.encode() + b": " + value) for value in FOLDED))
    assert [headers[name] for headers in received] == list(FOLDED.values())
    assert all("\r" not in headers[name] and "\n" not in headers[name] for headers in received)


ODD_FOLDS = {
    "before the first header": [b" Transfer-Encoding: chunked", b"X-A: b"],
    "an empty one": [b"X-A: b", b" ", b"X-C: d"],
    "with a line feed": [b"X-A: b\n Transfer-Encoding: chunked"],
    "with a carriage return": [b"X-A: b\r Transfer-Encoding: chunked"],
}


@for_all("case", ODD_FOLDS)
def test_an_odd_fold(connect, case):
    is_read_or_refused(connect, answer(*ODD_FOLDS[case]))


@for_all(
    "lines",
    [
        ["Content-Length: 1\r\n 0"],
        ["Content-Length: {N}\r\n {N}"],
        ["content-length: {N}\r\n ;x"],
    ],
)
def test_a_length_that_is_folded_in_two_is_none(connect, lines):
    is_refused(connect, of_length(*lines))


@for_all(
    "line",
    [
        b"Transfer-Encoding: chunked\r\n\t, chunked",
        b"Transfer-Encoding: chun\r\n ked",
        b"transfer-encoding: gzip,\r\n chunked",
    ],
)
def test_a_coding_that_is_folded_in_two_is_none(connect, line):
    is_refused(connect, in_chunks(line))


# --- line breaks within a value -----------------------------------------------------------------

BREAKS = {"CR": b"\r", "LF": b"\n", "NUL": b"\0", "VT": b"\x0b", "NEL": b"\x85"}


@for_all("case", BREAKS)
def test_a_break_within_a_value(connect, case):
    is_read_or_refused(connect, answer(b"X-A: b" + BREAKS[case] + b"X-C: d"))


@for_all("case", [case for case in BREAKS if "LF" not in case])
def test_a_break_within_a_value_is_no_line_end(connect, case):
    """Where it were one, the answer would come in chunks, and be a foreign one."""
    body = chunks(token_named("mallory"))
    smuggled = head(
        b"X-A: b" + BREAKS[case] + b"Transfer-Encoding: chunked",
        b"Content-Length: %d" % len(body),
    )
    with HostileServer([Say(smuggled + body), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with pytest.raises(InvalidResponseException):
            names(api.create_token())
        assert calls_get_their_own(api, "create", "get")


@for_all("case", BREAKS)
def test_a_break_does_not_hide_a_second_length(connect, case):
    lines = [
        "X-A: b" + BREAKS[case].decode("latin-1") + "Content-Length: {M}",
        "Content-Length: {N}",
    ]
    is_read_or_refused(connect, of_length(*lines))


# --- where an answer ends -----------------------------------------------------------------------

LENGTHS = [
    ["Content-Length: \t {N} \t "],
    ["Content-Length: {N}", "content-length: {N}"],
    ["Content-Length: {N},{N} ,\t{N}"],
]
NO_LENGTHS = [
    ["Content-Length:"],
    ["Content-Length: +{N}"],
    ["Content-Length: 1 0"],
    ["Content-Length: \xb2"],
    ["Content-Length: {N}\x0b"],
    ["Content-Length: {N}, {M}"],
    ["Content-Length: {N}", "Content-Length: {M}"],
    ["Content-Length: " + "9" * 5000],
]


def test_lengths(connect):
    succeed(connect, (of_length(*lines) for lines in LENGTHS))


@for_all("lines", NO_LENGTHS)
def test_a_length_that_is_none(connect, lines):
    is_refused(connect, of_length(*lines))


CODINGS = [b"Transfer-Encoding: \t chunked \t ", b"TRANSFER-encoding: cHUNKEd"]
NO_CODINGS = [b"", b"gzip", b"gzip, chunked", b"chunked, chunked", b"chunked;", b"chunked\x0b"]


def test_codings(connect):
    succeed(connect, (in_chunks(line) for line in CODINGS))


@for_all("value", NO_CODINGS)
@for_all("length", [None, b"Content-Length: 5"])
def test_a_coding_that_is_not_chunked(connect, value, length):
    lines = [b"Transfer-Encoding: " + value, *([length] if length else [])]
    is_refused(connect, in_chunks(*lines))


@for_all("second", [b"chunked", b"gzip"])
def test_two_codings(connect, second):
    lines = [b"Transfer-Encoding: chunked", b"Transfer-Encoding: " + second]
    is_refused(connect, in_chunks(*lines))


@for_all("length", [b"0", b"100000"])
@for_all("order", [1, -1])
def test_chunks_with_a_length_are_read_and_the_connection_closed(connect, length, order):
    lines = [b"Transfer-Encoding: chunked", b"Content-Length: " + length][::order]
    succeed(connect, [in_chunks(*lines)], keeps=False)


@for_all("length", ["M, N", "x"])
def test_chunks_with_a_length_that_is_none(connect, length):
    lines = [b"Transfer-Encoding: chunked", b"Content-Length: " + length.encode()]
    is_read_or_refused(connect, in_chunks(*lines), FOREIGN)


def test_chunks_of_http_1_0(connect):
    first = b"HTTP/1.0 200 OK"
    lines = [b"Transfer-Encoding: chunked", b"Connection: keep-alive"]
    is_read_or_refused(connect, in_chunks(*lines, first=first), FOREIGN)


@for_all("line", [b"Content-Length: x", b"Content-Length: 1, 2", b"X y: z"])
@for_all("status", [204, 304])
def test_a_bad_head_where_there_is_no_body(connect, line, status):
    """Refused or not: the connection serves nobody any more."""
    bodiless = head(line, first=b"HTTP/1.1 %d Whatever" % status)
    with HostileServer([Say(bodiless + FOREIGN), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        try:
            api.get_all_tokens()
        except ApiException as error:
            assert error.status in (0, status)
        assert calls_get_their_own(api, "create", "get")
    assert server.connections == 2


# --- the end of a head --------------------------------------------------------------------------


@for_all(
    "said",
    [
        head(b"no colon", b"Content-Length: 2") + b"{}",
        head(b"Content-Length: 2, 3") + b"{}",
        head(b"Transfer-Encoding: gzip", b"Content-Length: 2") + b"{}",
        head(b"Transfer-Encoding: chunked", b"Content-Length: 2") + chunks(b"{}"),
        head(first=b"HTTP/2 200 OK"),
    ],
)
@kinds
def test_the_connection_of_a_bad_head_is_closed(connect, said, kind):
    step = SayAndWait(said)
    with HostileServer([step]) as server:
        api = connect(server.url, **QUICK)
        try:
            CALLERS[kind][0](api)
        except InvalidResponseException:
            pass
        server.wait_until_closed()
        assert step.closed


@for_all("cut", [b"", b"\r", b"\r\n", b"\r\nX-A", b"\r\nX-A: b", b"\r\nX-A: b\r\n"])
@for_all("kind", CALLS)
def test_a_head_that_breaks_off(connect, cut, kind):
    with HostileServer([Say(OK + cut, keep=False), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with pytest.raises(ApiException) as caught:
            CALLS[kind](api)
        assert not isinstance(caught.value, ApiTimeoutException)
        assert caught.value.outcome_unknown == (kind != "get")
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


@pytest.mark.parametrize("end", [b"\n\n", b"\n\r\n", b"\r\n\n"], ids=repr)
def test_a_head_that_ends_with_line_feeds(connect, end):
    """RFC 9112, 2.2: a recipient may take a single LF for a line end."""

    def make(request: Request) -> bytes:
        body = token_named(name_of(request))
        return OK + b"\nX-A: b\nContent-Length: %d" % len(body) + end + body

    is_read_or_refused(connect, make)


# --- trailers -----------------------------------------------------------------------------------

TRAILERS = [
    b"X-A: b",
    b"Content-Length: 3",
    b"no colon",
    b"X-A: \x00\xff",
    b"Content-Type: " + SLOW["semicolons in quotes"],
]


@for_all("trailer", TRAILERS)
def test_trailers_are_read_or_refused_in_time(connect, trailer):
    def make(request: Request) -> bytes:
        coded = chunks(token_named(name_of(request)), trailer)
        return head(b"Transfer-Encoding: chunked") + coded

    with within(8):
        is_read_or_refused(connect, make)


def endless_trailers() -> Iterator[bytes]:
    return itertools.repeat(b"X-A: b\r\n" * 10_000)


def test_endless_trailers_end_in_time(connect):
    flood = Flood(head(b"Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n", endless_trailers)
    with HostileServer([flood, Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with within(5), pytest.raises((InvalidResponseException, ApiTimeoutException)) as caught:
            api.create_token(_request_timeout=0.3)
        assert caught.value.outcome_unknown
        assert calls_get_their_own(api, "create", "get")
