"""Whatever comes as an answer, a call needs bounded memory and ends; what breaks off is told."""

from __future__ import annotations

import functools
import gzip
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from cases import for_all
from hostile import (
    OK_CONTAINER,
    Answer,
    Garbage,
    HostileServer,
    Reply,
    Truncate,
    http_answer,
)

from wavefront_api_client.exceptions import (
    InvalidResponseException,
    ServiceException,
)
from wavefront_api_client.retry import RetryPolicy

MB = 1 << 20


# --- answers that break off -------------------------------------------------------------------

PLAIN = json.dumps(OK_CONTAINER).encode()


def in_chunks(body):
    half = len(body) // 2
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]))


BREAKING = {
    "plain": (PLAIN, {}),
    "gzip": (gzip.compress(PLAIN), {"Content-Encoding": "gzip"}),
    "deflate": (zlib.compress(PLAIN), {"Content-Encoding": "deflate"}),
    "chunks": (in_chunks(PLAIN), {"Transfer-Encoding": "chunked"}),
    "gzip in chunks": (
        in_chunks(gzip.compress(PLAIN)),
        {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
    ),
}


def cut_everywhere(kind, times, step=1):
    body, headers = BREAKING[kind]
    cuts = [Truncate(body, keep, headers=headers) for keep in range(0, len(body), step)]
    return [cut for cut in cuts for _ in range(times)], len(cuts)


@pytest.mark.parametrize("kind", BREAKING)
def test_a_get_whose_answer_breaks_off_anywhere_is_repeated(connect, kind):
    script, cuts = cut_everywhere(kind, 2)
    with HostileServer(script) as server:
        api = connect(server.url, retries=RetryPolicy(retries=1, backoff=0))
        for _ in range(cuts):
            with pytest.raises(InvalidResponseException) as caught:
                api.get_all_tokens()
            assert (caught.value.status, caught.value.attempts) == (200, 2)
            assert PLAIN.startswith(caught.value.body.encode())
            assert caught.value.outcome_unknown is False
    assert len(server.requests) == 2 * cuts


@pytest.mark.parametrize("kind", BREAKING)
def test_a_post_whose_answer_breaks_off_anywhere_is_not_repeated(connect, kind):
    # What becomes of the answer is the same; with a prime, no kind of place is left out.
    script, cuts = cut_everywhere(kind, 1, 5)
    with HostileServer(script) as server:
        api = connect(server.url)
        for _ in range(cuts):
            with pytest.raises(InvalidResponseException) as caught:
                api.create_token()
            assert (caught.value.status, caught.value.attempts) == (200, 1)
            assert caught.value.outcome_unknown is True
    assert len(server.requests) == cuts


@for_all("kind", BREAKING)
def test_the_next_attempt_may_get_the_whole_answer(connect, kind):
    body, headers = BREAKING[kind]
    with HostileServer([Truncate(body, len(body) - 9, headers=headers), Answer()]) as server:
        assert connect(server.url).get_all_tokens().response == []
    assert len(server.requests) == 2


@for_all("kind", BREAKING)
def test_an_error_that_breaks_off_keeps_its_status_and_what_came(connect, kind):
    body, headers = BREAKING[kind]
    with HostileServer([Truncate(body, len(body) - 3, 500, headers)]) as server:
        with pytest.raises(ServiceException) as caught:
            connect(server.url).get_all_tokens()
    assert PLAIN.startswith(caught.value.body.encode())


def test_what_came_of_a_compressed_answer_is_kept(connect):
    whole = gzip.compress(PLAIN[:20]) + gzip.compress(PLAIN[20:])
    headers = {"Content-Encoding": "gzip"}
    with HostileServer([Truncate(whole, len(whole) - 10, headers=headers)]) as server:
        with pytest.raises(InvalidResponseException) as caught:
            connect(server.url, retries=0).get_all_tokens()
    assert caught.value.body.startswith(PLAIN[:20].decode())


def test_the_shortest_chunks_are_read(connect):
    body = json.dumps({**OK_CONTAINER, "pad": "x" * 50_000}).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\nTrailer: x\r\n\r\n"
    answer = http_answer(200, chunks, {"Transfer-Encoding": "chunked"})
    with HostileServer([Reply(lambda _: answer)]) as server:
        api = connect(server.url)
        assert api.get_all_tokens().response == []
        assert api.get_all_tokens().response == []
    assert server.connections == 1


# --- texts that are no JSON, or another type ------------------------------------------------------


def answered(connect, body, response_type, headers=()):
    with HostileServer([Answer(200, body, headers)]) as server:
        client = connect(server.url).api_client
        return client.call_api(
            "/x", "GET", response_type=response_type, _return_http_data_only=True
        )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_json_that_is_not_utf_8_is_not_guessed_at(connect, encoding):
    with pytest.raises(InvalidResponseException):
        answered(
            connect, json.dumps(OK_CONTAINER).encode(encoding), "ResponseContainerUserApiToken"
        )


@pytest.mark.parametrize("response_type", ["str", "object", "ResponseContainerUserApiToken"])
def test_too_much_json_is_refused_whatever_the_type(connect, monkeypatch, response_type):
    monkeypatch.setattr("wavefront_api_client._core.wire.ALWAYS_FITS", 5)
    monkeypatch.setattr("wavefront_api_client._core.wire.MOST_MEMORY", 1000)
    with pytest.raises(InvalidResponseException, match="its values could take more than 0 MB"):
        answered(connect, {"response": [{"id": "x"}] * 10}, response_type)


def test_an_exception_keeps_a_megabyte_of_a_long_answer(connect):
    for size in (MB, MB + 1):
        body = b"x" * size
        with pytest.raises(InvalidResponseException) as caught:
            answered(connect, body, "ResponseContainerUserApiToken")
        headers = {"Content-Length": str(size)}
        for step in (
            Garbage(b"HTTP/1.1 500 Whatever\r\n\r\n" + body),
            Answer(500, body, headers),
        ):
            with HostileServer([step]) as server, pytest.raises(ServiceException) as error:
                connect(server.url, retries=0).get_all_tokens()
            assert len(error.value.body) == MB
        assert len(caught.value.body) == MB
        assert caught.value.attempts == error.value.attempts == 1


@pytest.mark.parametrize("type_name", ["date", "datetime"])
def test_a_date_is_short(connect, type_name):
    assert answered(connect, b'"2024-01-02T03:04:05.678Z"', type_name).year == 2024
    with pytest.raises(InvalidResponseException):
        answered(connect, b'"' + b"1" * 1_000_000 + b'"', type_name)


# --- memory ---------------------------------------------------------------------------------------

CHILD = """
import json, os, resource, sys, time
from hostile import configuration_for
from wavefront_api_client import ApiClient, ApiException

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20

def outcome(client, path, response_type):
    try:
        value = client.call_api(path, "GET", {}, [], {}, response_type=response_type)[0]
    except ApiException as error:
        return f"{type(error).__name__}: {error.reason}"
    if response_type.startswith("Response"):
        assert client.last_response.content.endswith(b"]}")
        value = value.response or [None]
        return f"{len(value)} {type(value[-1]).__name__}"
    return f"{len(value)} {type(value).__name__}"

def measure(url, path, response_type):
    with ApiClient(configuration_for(url)) as client:
        outcome(client, "/small", response_type)
        before, begun = peak(), time.process_time()
        what = outcome(client, path, response_type)
        return {"what": what, "memory": peak() - before, "time": time.process_time() - begun}

url, cases = sys.argv[1], json.loads(sys.argv[2])
for path, response_type in cases.items():
    # Only what has been forked begins to count at its own size.
    child = os.fork()
    if not child:
        print(json.dumps([path, measure(url, path, response_type)]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""

TOKENS = 200_000
SOME = 1_000
"""Tokens that differ; the others repeat them, which saves no memory: no value is kept for the next."""
CUSTOMER = (
    '{"id":"%08x-f7fa-43c4-b6d3-ca671aeb282c","name":"token number %d","account":"someone-%d'
    '@example.com","accountType":"USER_ACCOUNT","customer":"example","createdEpochMillis":%d,'
    '"dateGenerated":1795602354003,"lastUsed":1795602354075}'
)
OWN = (
    '{"tokenID":"%08x-f7fa-43c4-b6d3-ca671aeb282c","tokenName":"token number %d","account":"sa::%d'
    '","accountType":"SERVICE_ACCOUNT","dateGenerated":%d,"lastUsed":1795602354075}'
)


def list_of(pattern, first=""):
    numbers = ((n * 0x1234567 % 2**32, n, n, 1700000000000 + n) for n in range(SOME))
    some = ",".join(pattern % each for each in numbers)
    tokens = ",".join([some.replace("token number 7", first, 1), *[some] * (TOKENS // SOME - 1)])
    return b'{"status":{"result":"OK","message":"","code":200},"response":[%b]}' % tokens.encode()


def filled(piece, size=63 * MB, before=b"[", after=b"0]"):
    return before + piece * ((size - len(before) - len(after)) // len(piece)) + after


def gzipped(body):
    packer = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()


@functools.lru_cache
def small_bomb():
    return gzip.compress(filled(b"{},"))


EMOJI = "\U0001f600".encode()
GZIP = {"Content-Encoding": "gzip"}
CUSTOMERS = "ResponseContainerListApiTokenModel"
OWNS = "ResponseContainerListUserApiToken"
FINE = {
    "/customers": (
        CUSTOMERS,
        f"{TOKENS} ApiTokenModel",
        lambda: list_of(CUSTOMER, "token"),
        {},
    ),
    "/owns": (OWNS, f"{TOKENS} UserApiToken", lambda: gzipped(list_of(OWN, "\u00e9")), GZIP),
}
GREEDY = {
    "/61-kB": (CUSTOMERS, small_bomb, GZIP),
    "/nested-lists": ("object", lambda: filled(b"[" * 900 + b"]" * 900 + b","), {}),
    "/emojis": (CUSTOMERS, lambda: filled(b'"%b",' % EMOJI), {}),
    "/page": (CUSTOMERS, lambda: filled(b" ", 63 * MB, b"<p>", EMOJI), {}),
}
ERRORS = {"/error": (CUSTOMERS, lambda: filled(b" ", 63 * MB, b"<p>", EMOJI), {})}


MOST = 64 + 4 * 64 + 512
"""MB of a body, of its text at four bytes a character, and of its values."""


def costs(status, cases):
    """What each call takes, in a process of its own for each, and what comes of it."""

    def reply(request):
        if request.target == "/small":
            return http_answer(200, b'{"response":[]}')
        *_, make, headers = cases[request.target]
        return http_answer(status, make(), headers)

    types = {path: case[0] for path, case in cases.items()}
    hidden = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
    environment = {**os.environ, **hidden, "PYTHONPATH": str(Path(__file__).parent)}
    with HostileServer([Reply(reply)]) as server:
        command = [sys.executable, "-c", CHILD, server.url, json.dumps(types)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=100)
    return [json.loads(line) for line in done.stdout.splitlines()]


def outcomes(status, cases):
    """What came of each call; none took more memory, or longer, than a careful reader would."""
    measured = costs(status, cases)
    assert [cost for cost in measured if cost[1]["memory"] >= MOST] == []
    # A second of the processor, on a slow one a few.
    assert [cost for cost in measured if cost[1]["time"] >= 5] == []
    return {path: cost["what"] for path, cost in measured}


@pytest.mark.slow
def test_a_legitimate_list_of_200_000_tokens_passes():
    assert outcomes(200, FINE) == {path: case[1] for path, case in FINE.items()}


@pytest.mark.parametrize(
    "paths", [["/61-kB"], pytest.param([*GREEDY][1:], marks=pytest.mark.slow)], ids=["one", "more"]
)
def test_a_greedy_answer_is_refused_within_its_bound(paths):
    found = outcomes(200, {path: GREEDY[path] for path in paths})
    assert [*found] == paths
    refusal = "InvalidResponseException: Whatever, but the "
    assert [what for what in found.values() if not what.startswith(refusal)] == []


def test_a_greedy_error_keeps_within_its_bound():
    assert outcomes(500, ERRORS) == dict.fromkeys(ERRORS, "ServiceException: Whatever")


def test_61_kilobytes_are_no_64_megabytes():
    assert len(small_bomb()) < 70_000
