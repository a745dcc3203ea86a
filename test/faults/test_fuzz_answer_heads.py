"""Fuzzer for heads of answers: whatever they hold, a call ends in time, inside the family, right.

Heads are made by a grammar, changed at random, or mere bytes. A second reading of them, written
from the RFCs alone, says which must be read, and how, and which must be refused.

It runs for seconds. `WAVEFRONT_FUZZ_SECONDS=3600` makes it an hour, `WAVEFRONT_FUZZ_SEED` begins
with another seed; a failure names the seed and the step.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from typing import Any

import pytest
from fuzzing import FuzzServer, Plan, seeds
from hostile import configuration_for, descriptors, eventually
from reference_head import Judgement, judge

from wavefront_api_client import ApiClient
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    InvalidResponseException,
)

try:
    import resource
except ImportError:  # Not on Windows.
    resource = None  # type: ignore[assignment]

STEPS = 900
SECONDS_OF_A_CALL = 5
FOREIGN = b'HTTP/1.1 200 OK\r\nX-Nonce: f0re1gn\r\nContent-Length: 20\r\n\r\n{"nonce": "f0re1gn"}'
FOREIGN_NONCE = b"f0re1gn"
FAMILY = (InvalidResponseException, ApiConnectionException)


class Violation(AssertionError):
    """A promise that was broken."""


# --- heads ------------------------------------------------------------------------------------

SPACES = ["", " ", " ", " ", "  ", "\t", " \t "]
ODD = [
    "\0",
    "\r",
    "\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x7f",
    "\x85",
    "\xa0",
    "\xff",
    ":",
    ",",
    ";",
    '"',
    "\\",
]
STATUS_LINES = [
    "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 ",
    "HTTP/1.0 200 OK", "HTTP/1.1 201 Created", "HTTP/1.1 404 Not Found", "HTTP/1.1 500 \xe4",
    "HTTP/1.1 299 ?", "HTTP/2 200 OK", "HTTP/1.1 2OO OK", "HTTP/1.1 99 OK", "HTTP/1.1 1000 OK",
    "HTTP/1.1 +200 OK", "HTTP/1.1 2_00 OK", "HTTP/1.1  200 OK", "http/1.1 200 OK", "HTTP/1.9 200 OK",
    "HTTP/0.9 200 OK", "ICY 200 OK", "HTTP/1.1", "", "HTTP/1.1 204 No", "HTTP/1.1 304 No", "HTTP/1.1 103 Hm",
]  # fmt: skip
NAMES = ["X-A", "x-b", "Content-Type", "Content-Encoding-", "Date", "Set-Cookie", "ETag", "Retry-After",
         "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version", "Subject", "Trailer",
         "Keep-Alive", "Warning", "1", "!#$%&'*+-.^_`|~", "X" * 300]  # fmt: skip
NO_NAMES = [
    "",
    " ",
    "X Y",
    "X ",
    "X\t",
    "\xe4",
    "(X)",
    "X,Y",
    "X/Y",
    "From nobody",
    '"X"',
    "X\0",
    "\x0bX",
    "{}",
]
VALUES = ["", "x", "a b", "a\tb", "\xe4\xf6", "a:b", "multipart/mixed; boundary=x", "message/rfc822",
          "multipart/mixed; boundary*=idna''%FF", "multipart/mixed; boundary*" + "9" * 5000 + "=x",
          "text/html; charset*=undefined''%FF", "=?utf-8?q?=FF?=", "base64", "x" * 5000, '"' * 50,
          'multipart/mixed; a="' + ";" * 5000, "Content-Length: 5", "chunked"]  # fmt: skip
LENGTHS = ["{N}", "{N}", "{N}", "{N}", "0{N}", "{N}, {N}", "{M}", "+{N}", "-{N}", "0x{N}", "{N}.0", "{N} {N}",
           "", "{N}, {M}", "{N},", "\xa0{N}", "{N}\x0b", "{N}\r\n ", "\r\n {N}", "\xb2", "9" * 30, "9" * 5000]  # fmt: skip
CODINGS = ["chunked", "chunked", "chunked", "Chunked ", "\tchunked", "CHUNKED", "gzip", "gzip, chunked", "", "identity",
           "chunked, chunked", "chunked;a=b", "xchunked", "\x0bchunked", "chunked\xa0", "\r\n chunked", "chunked\r\n "]  # fmt: skip


class Author:
    """Writes the head of one answer."""

    def __init__(self, chance: random.Random, body: bytes) -> None:
        self.chance = chance
        self.body = body

    def head(self) -> bytes:
        how = self.chance.random()
        if how < 0.03:
            return bytes(
                self.chance.randrange(256) for _ in range(self.chance.choice([1, 20, 200]))
            )
        head = self.written(odd=0.0 if how < 0.55 else 0.15)
        if 0.4 < how < 0.55 or how > 0.85:
            data = bytearray(head)
            for _ in range(self.chance.choice([1, 1, 1, 2, 5])):
                self.change(data)
            return bytes(data)
        return head

    def written(self, odd: float) -> bytes:
        """By the grammar; here and there not quite."""
        chance = self.chance
        first = chance.choice(STATUS_LINES[: None if chance.random() < odd * 2 else 9])
        lines = [self.field(odd) for _ in range(chance.choice([0, 1, 2, 3, 10]))]
        lines += self.framing(odd)
        chance.shuffle(lines)
        text = "\r\n".join([first, *lines, "", ""])
        sizes = {"{N}": str(len(self.body)), "{M}": str(len(self.body) - 1)}
        for mark, size in sizes.items():
            text = text.replace(mark, size)
        if odd and chance.random() < odd / 3:
            text = text.replace(
                "\r\n", chance.choice(["\n", "\r", "\r\r\n"]), chance.choice([1, 2, -1])
            )
        return text.encode("latin-1")

    def field(self, odd: float) -> str:
        chance = self.chance
        name = chance.choice(NO_NAMES) if chance.random() < odd / 4 else chance.choice(NAMES)
        colon = "" if chance.random() < odd / 8 else ":"
        value = chance.choice(VALUES)
        if chance.random() < odd / 2:
            at = chance.randrange(len(value) + 1)
            value = value[:at] + chance.choice(ODD) + value[at:]
        if chance.random() < 0.1:
            value += (
                "\r\n"
                + chance.choice([" ", "\t", "   "])
                + chance.choice(["folded", "X-C: d", "Content-Length: 3"])
            )
        if chance.random() < 0.003:
            value += ("\r\n " + chance.choice([";", '"', "(", "\\"]) * 40_000) * 3
        return name + colon + chance.choice(SPACES) + value + chance.choice(SPACES)

    def framing(self, odd: float) -> list[str]:
        chance = self.chance
        kind = chance.choice(["length", "length", "length", "coding", "coding", "both", "none"])
        lines = []
        if kind in ("length", "both"):
            values = LENGTHS if chance.random() < odd * 2 else LENGTHS[:6]
            for _ in range(chance.choice([1, 1, 1, 1, 2, 3])):
                lines.append(
                    self.cased("Content-Length")
                    + ":"
                    + chance.choice(SPACES)
                    + chance.choice(values)
                )
        if kind in ("coding", "both"):
            values = CODINGS if chance.random() < odd * 2 else CODINGS[:6]
            for _ in range(chance.choice([1, 1, 1, 1, 1, 2])):
                lines.append(
                    self.cased("Transfer-Encoding")
                    + ":"
                    + chance.choice(SPACES)
                    + chance.choice(values)
                )
        if chance.random() < odd / 5:
            lines.append(
                chance.choice(
                    ["Content-Length : 5", "Transfer-Encoding : chunked", "Content-Length"]
                )
            )
        return lines

    def cased(self, name: str) -> str:
        return self.chance.choice([name, name, name.lower(), name.upper()])

    def change(self, data: bytearray) -> None:
        chance = self.chance
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            data[at:at] = bytes([chance.randrange(256)])
        elif kind == 1:
            del data[at : at + chance.choice([1, 1, 2, 10])]
        elif kind == 2:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 3:
            data[at:at] = data[max(at - chance.randrange(30), 0) : at]
        else:
            data[at:at] = chance.choice(ODD + ["\r\n", "\r\n ", " ", "0"]).encode("latin-1")


def smuggling(chance: random.Random) -> tuple[bytes, bytes]:
    """A foreign answer for whoever takes something else than CR LF for the end of a line."""
    json_text = b'{"nonce": "%b"}' % FOREIGN_NONCE
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(json_text), json_text)
    ends = chance.choice([odd for odd in ODD if odd != "\n"]) + chance.choice(["", " ", "\r"])
    value = f"{chance.choice(VALUES[:5])}{ends}Transfer-Encoding: chunked"
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", f"X: {value}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1"), body


# --- the fuzzer -------------------------------------------------------------------------------


class Fuzzer:
    """Calls of one client, from one seed: one with a head at random, one with an answer in order."""

    def __init__(self, seed: int, server: FuzzServer, client: ApiClient) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.server = server
        self.client = client
        self.seen: Counter[str] = Counter()

    def run(self, steps: int) -> None:
        for step in range(steps):
            nonce = f"{self.chance.getrandbits(64):016x}"
            body = json.dumps({"nonce": nonce}).encode()
            head = Author(self.chance, body).head()
            if self.chance.random() < 0.02:
                head, body = smuggling(self.chance)
            judgement = judge(head)
            try:
                self.step(nonce, body, head, judgement)
            except Exception as error:
                shown = head if len(head) < 500 else head[:400] + b"..." + head[-80:]
                what = f"seed {self.seed}, step {step}, {shown!r}: {judgement.outcome} ({judgement.why})"
                raise Violation(f"{what}: {error!r}") from error

    def step(self, nonce: str, body: bytes, head: bytes, judgement: Judgement) -> None:
        is_foreign = FOREIGN_NONCE in body
        payload = body
        if not is_foreign and (judgement.chunked or (judgement.why and b"hunked" in head)):
            payload = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        is_framed = judgement.chunked or judgement.length == len(body)
        in_order = judgement.outcome == "fine" and is_framed and not is_foreign
        if in_order:
            plan = Plan([head + payload])
        else:
            # Behind a head without an end, it would be the end of that head.
            behind = FOREIGN if head.endswith(b"\r\n\r\n") else b""
            plan = Plan([head + payload + behind], "close", with_the_next=FOREIGN)
        self.server.plans[nonce] = [plan]
        method = self.chance.choice(["GET", "POST"])
        begun = time.monotonic()
        try:
            result = self.call(method, nonce)
        except ApiException as error:
            self.check_fault(error, nonce, method, judgement, in_order)
        else:
            self.check_result(result, nonce, judgement, in_order)
        check(time.monotonic() - begun < SECONDS_OF_A_CALL + 2, "it took too long")
        check(self.server.received[nonce] == 1, f"sent {self.server.received[nonce]} times")
        self.server.settle()
        self.check_next_call()

    def call(self, method: str, nonce: str) -> Any:
        return self.client.call_api(
            f"/fuzz/{nonce}",
            method,
            response_type="dict(str, object)",
            _request_timeout=SECONDS_OF_A_CALL,
        )

    def check_result(self, result: Any, nonce: str, judgement: Judgement, in_order: bool) -> None:
        self.seen[f"{judgement.outcome} read"] += 1
        data, status, headers = result
        check(judgement.outcome != "refused", "it was read")
        # Nothing is what an answer without a body holds; of another's it may hold nothing.
        check(data == {"nonce": nonce} or (not data and not in_order), f"not its own data: {data}")
        if in_order:
            check(status == judgement.status, f"status {status}")
            check_headers(headers, judgement)

    def check_fault(
        self, error: ApiException, nonce: str, method: str, judgement: Judgement, in_order: bool
    ) -> None:
        self.seen[f"{judgement.outcome} refused"] += 1
        check(not isinstance(error, ApiTimeoutException), f"{error!r}")
        check(len(str(error)) < 20_000, "a long text")
        if in_order:
            check(judgement.status >= 300 and error.status == judgement.status, f"{error!r}")
            check(not isinstance(error, InvalidResponseException), f"{error!r}")
            check(error.body == json.dumps({"nonce": nonce}), f"not its own body: {error.body}")
            check_headers(error.headers, judgement)
        elif judgement.outcome == "refused":
            check(isinstance(error, FAMILY), f"{error!r}")
        if isinstance(error, FAMILY):
            check(error.outcome_unknown == (method == "POST"), "outcome known?")

    def check_next_call(self) -> None:
        nonce = f"{self.chance.getrandbits(64):016x}"
        body = b'{"nonce": "%b"}' % nonce.encode()
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        self.server.plans[nonce] = [Plan([answer])]
        data, status, _ = self.call("POST", nonce)
        check((data, status) == ({"nonce": nonce}, 200), f"the next call got {data}")


def check(holds: object, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)


def check_headers(headers: Any, judgement: Judgement) -> None:
    """Each header is what the second reading says; those of the framing may have been tidied."""
    expected: dict[str, list[str]] = {}
    for name, value in judgement.fields:
        expected.setdefault(name.lower(), []).append(value)
    for name, values in expected.items():
        if name not in ("content-length", "transfer-encoding"):
            check(headers[name] == ", ".join(values), f"{name}: {headers[name]!r}")


def peak_memory() -> int:
    """Bytes that this process has had at most, 0 where nobody counts them."""
    if resource is None:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def run(seed: int, steps: int = STEPS) -> Fuzzer:
    with FuzzServer() as server:
        with ApiClient(configuration_for(server.url("http"), retries=0)) as client:
            fuzzer = Fuzzer(seed, server, client)
            fuzzer.run(steps)
    return fuzzer


def test_any_head_is_read_rightly_or_refused_in_time():
    before, peak = descriptors(), peak_memory()
    for seed in seeds():
        fuzzer = run(seed)
        assert eventually(lambda: descriptors() <= before), f"seed {seed}: sockets are left"
        kinds = ("fine read", "fine refused", "refused refused", "open read", "open refused")
        assert all(fuzzer.seen[kind] > STEPS / 100 for kind in kinds), fuzzer.seen
    assert peak_memory() < peak + (64 << 20)


@pytest.mark.parametrize(
    ("head", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "fine"),
        (b"HTTP/1.1 200\r\nX: \xe4\r\n b\r\ncontent-length:05 , 05\r\n\r\n", "fine"),
        (b"HTTP/1.1 404 No\r\nTransfer-Encoding: CHUNKED\t\r\n\r\n", "fine"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "fine"),
        (b"HTTP/2 200 OK\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\nX\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \x0bchunked\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\nX: a\rContent-Length: 5\r\n\r\n", "open"),
        (b"HTTP/1.1 200 OK\r\n X: y\r\n\r\n", "open"),
        (b"HTTP/1.1 103 Early\r\n\r\n", "open"),
        (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "open"),
        (b"noise", "open"),
    ],
)  # fmt: skip
def test_the_second_reading(head, outcome):
    assert judge(head).outcome == outcome
