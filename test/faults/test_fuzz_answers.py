"""Fuzzer for answers: no call ever gets bytes that are meant for another.

Clients with and without TLS, with and without a proxy, make random calls; each answer is right, odd, damaged, or
followed by bytes that nobody asked for. Each holds the nonce of the request that it is for.

It runs for seconds. `WAVEFRONT_FUZZ_SECONDS=3600` makes it an hour, `WAVEFRONT_FUZZ_SEED` begins
with another seed; a failure names the seed and the step.
"""

from __future__ import annotations

import contextlib
import gc
import gzip
import json
import random
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3
from fuzzing import FuzzServer, Plan, seeds
from hostile import configuration_for, descriptors, eventually

from wavefront_api_client import ApiClient
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    InvalidResponseException,
)
from wavefront_api_client.retry import RetryPolicy

STEPS = 600
METHODS = ["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD"]
SIZES = [0, 0, 0, 10, 500, 8_000, 8_100, 12_000, 16_200, 20_000, 70_000]
FOREIGN = "f0re1gn"


@dataclass
class Case:
    """A call, what the server does with it, and what must come of it."""

    name: str
    plans: list[Plan]
    outcome: str = "own"
    """"own": the answer with the nonce; "empty": a success without a body; "status": that
    `ApiException` with the nonce; "fault": an `ApiException`; "any": one of these."""
    status: int = 200
    seconds: float = 5.0
    sent: int = 1
    """How often the request may have been sent, whatever its method."""


@dataclass
class Held:
    """An unread answer that the caller has kept."""

    response: Any
    bodies: list[bytes]
    """What may be read of it: as it is, or still compressed."""
    case: Case
    what: str


class Violation(AssertionError):
    """A promise that was broken."""


# --- answers ----------------------------------------------------------------------------------


@dataclass
class Author:
    """Writes answers to one request."""

    chance: random.Random
    nonce: str
    method: str
    body: bytes = field(init=False)
    packed: list[bytes] = field(default_factory=list)
    """The body as it was compressed: not every urllib3 knows all that may be done to it."""

    def __post_init__(self) -> None:
        self.body = json.dumps(
            {"nonce": self.nonce, "pad": "x" * self.chance.choice(SIZES)}
        ).encode()

    def casually(self, name: str) -> str:
        return self.chance.choice([name, name.lower(), name.upper()])

    def head(self, status: int, *headers: str, version: str = "1.1") -> bytes:
        lines = [*headers, f"{self.casually('X-Nonce')}: {self.nonce}"]
        lines += [
            f"X-{n}: {'y' * self.chance.choice([0, 1, 100])}"
            for n in range(self.chance.choice([0, 0, 3]))
        ]
        self.chance.shuffle(lines)
        reason = self.chance.choice([" OK", " ", "", " Odd: \xe4"])
        return "\r\n".join([f"HTTP/{version} {status}{reason}", *lines, "", ""]).encode("latin-1")

    def chunks(self, body: bytes) -> bytes:
        parts, at = [], 0
        while at < len(body):
            size = self.chance.choice([1, 10, 1000, 9000, 30_000])
            part, at = body[at : at + size], at + size
            extension = self.chance.choice([b"", b"", b"", b";a=b"])
            size_line = self.chance.choice([b"%x", b"%X", b"0%x"]) % len(part)
            parts.append(size_line + extension + b"\r\n" + part + b"\r\n")
        trailers = self.chance.choice([b"", b"", b"X-Trailer: z\r\n"])
        return b"".join(parts[:200]) + self._rest(parts[200:]) + b"0\r\n" + trailers + b"\r\n"

    @staticmethod
    def _rest(parts: list[bytes]) -> bytes:
        """Not thousands of tiny chunks: that would only take time."""
        rest = b"".join(part.split(b"\r\n", 1)[1][:-2] for part in parts)
        return b"%x\r\n%b\r\n" % (len(rest), rest) if rest else b""

    def coded(self) -> tuple[bytes, list[str]]:
        coding = self.chance.choice(["", "", "", "gzip", "x-gzip", "deflate", "identity"])
        if coding in ("", "identity"):
            return self.body, [f"Content-Encoding: {coding}"] if coding else []
        deflated = coding == "deflate"
        packed = zlib.compress(self.body, 0) if deflated else gzip.compress(self.body, 0, mtime=0)
        self.packed.append(packed)
        return packed, [f"{self.casually('Content-Encoding')}: {coding}"]

    def answer(self, status: int = 200, keep: bool = True) -> tuple[bytes, bytes]:
        """Head and body of an answer that is right; with `keep`, one that keeps the connection."""
        payload, headers = self.coded()
        framing = self.chance.choice(["length", "length", "chunks"])
        if framing == "length":
            length = f"{self.casually('Content-Length')}: {len(payload)}"
            headers += [length] * self.chance.choice([1, 1, 1, 2])
        else:
            spelled = self.chance.choice(["chunked", "chunked", "Chunked", "chunked ", "\tchunked"])
            headers.append(f"{self.casually('Transfer-Encoding')}: {spelled}")
            payload = self.chunks(payload)
        if not keep:
            headers.append(f"Connection: {self.chance.choice(['close', 'Close', 'x, close'])}")
        return self.head(status, *headers), b"" if self.method == "HEAD" else payload

    def whole(self, status: int = 200, keep: bool = True) -> bytes:
        return b"".join(self.answer(status, keep))

    def plan(self, data: bytes, **options: Any) -> Plan:
        """Say it in a few segments."""
        cuts = sorted(
            self.chance.randrange(len(data) + 1) for _ in range(self.chance.choice([0, 0, 1, 3]))
        )
        bounds = [0, *cuts, len(data)]
        return Plan([data[a:b] for a, b in zip(bounds, bounds[1:])], **options)

    @property
    def good(self) -> str:
        return "empty" if self.method == "HEAD" else "own"

    def extra(self) -> tuple[bytes, bytes]:
        """Bytes that nobody asked for: what comes at once, and what comes with the next request."""
        foreign = foreign_answer(self.chance)
        kind = self.chance.choice(["whole", "cut", "cut", "interim", "line end", "byte", "noise"])
        if kind == "cut":
            cut = self.chance.randrange(1, len(foreign))
            return foreign[:cut], foreign[cut:]
        at_once = {
            "whole": foreign,
            "interim": b"HTTP/1.1 103 Early Hints\r\n\r\n",
            "line end": b"\r\n",
            "byte": self.chance.randbytes(1),
            "noise": b"\x16\x03\x01" * 5,
        }[kind]
        return at_once, foreign


def foreign_answer(chance: random.Random) -> bytes:
    body = json.dumps({"nonce": FOREIGN, "pad": "z" * chance.choice([0, 100])}).encode()
    head = f"HTTP/1.1 200 OK\r\nX-Nonce: {FOREIGN}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


# --- cases ------------------------------------------------------------------------------------


def clean(author: Author) -> Case:
    return Case("clean", [author.plan(author.whole())], author.good)


def clean_and_closed(author: Author) -> Case:
    """Whoever sends a further request on it is answered by nobody who knows it."""
    then = author.chance.choice(["close", "keep"])
    later = foreign_answer(author.chance)
    plan = author.plan(author.whole(keep=False), then=then, with_the_next=later)
    return Case("closing", [plan], author.good)


def closed_unannounced(author: Author) -> Case:
    plan = author.plan(author.whole(), closes_afterwards=True)
    return Case("closed unannounced", [plan], author.good)


def of_http_1_0(author: Author) -> Case:
    connection = author.chance.choice([[], ["Connection: keep-alive"], ["Connection: close"]])
    headers = [*connection, f"Content-Length: {len(author.body)}"]
    data = author.head(200, *headers, version="1.0")
    data += b"" if author.method == "HEAD" else author.body
    later = b"" if connection == ["Connection: keep-alive"] else foreign_answer(author.chance)
    return Case("HTTP/1.0", [author.plan(data, with_the_next=later)], author.good)


def until_closed(author: Author) -> Case:
    body = b"" if author.method == "HEAD" else author.body
    version = author.chance.choice(["1.0", "1.1"])
    data = author.head(200, version=version) + body
    return Case("until closed", [author.plan(data, then="close")], author.good)


def error(author: Author) -> Case:
    status = author.chance.choice([400, 404, 409, 500])
    return Case("error", [author.plan(author.whole(status))], "status", status)


def interim(author: Author) -> Case:
    one = b"HTTP/1.1 %d Wait\r\nX-Nonce: " + FOREIGN.encode() + b"\r\n\r\n"
    some = b"".join(
        one % author.chance.choice([100, 102, 103, 199])
        for _ in range(author.chance.choice([1, 1, 3]))
    )
    return Case("interim", [author.plan(some + author.whole())], author.good)


def switched(author: Author) -> Case:
    data = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
    data += author.chance.choice([b"", foreign_answer(author.chance)])
    plan = Plan([data], with_the_next=foreign_answer(author.chance))
    return Case("101", [plan], "fault")


def left_behind(author: Author) -> Case:
    at_once, later = author.extra()
    status = author.chance.choice([200, 200, 404])
    plan = Plan([author.whole(status) + at_once], with_the_next=later)
    return Case("left behind", [plan], author.good if status == 200 else "status", status)


def left_where_a_buffer_ends(author: Author) -> Case:
    """The answer fills buffers to the last byte, so that what is left lies below them."""
    at_once, later = author.extra()
    whole = 4096 * author.chance.choice([1, 2, 2, 3, 4])
    empty = author.head(200, "Content-Length: 99999")
    head = empty.replace(b"99999", b"%05d" % (whole - len(empty)))
    text = b'{"nonce": "%b"}' % author.nonce.encode()
    author.body = text.rjust(whole - len(empty))
    plan = Plan([head + (b"" if author.method == "HEAD" else author.body) + at_once])
    plan.with_the_next = later
    return Case("left where a buffer ends", [plan], author.good)


def sent_afterwards(author: Author) -> Case:
    at_once, later = author.extra()
    plan = author.plan(author.whole(), afterwards=at_once, with_the_next=later)
    return Case("sent afterwards", [plan], author.good)


def bodiless(author: Author) -> Case:
    status = 200 if author.method == "HEAD" else author.chance.choice([204, 304])
    foreign = foreign_answer(author.chance)
    says, body = author.chance.choice(
        [
            ("", b""),
            ("Content-Length: 0", b""),
            (f"Content-Length: {len(foreign)}", foreign),
            ("Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(foreign), foreign)),
        ]
    )
    head = author.head(status, *([says] if says else []))
    place = author.chance.randrange(3)
    plan = Plan([head + (body if place == 0 else b"")])
    plan.afterwards = body if place == 1 else b""
    plan.with_the_next = body
    return Case(f"bodiless {status} {says}", [plan], "status" if status == 304 else "empty", status)


def two_framings(author: Author) -> Case:
    """Both are given: the chunks count, and the connection is closed."""
    length = author.chance.choice([0, 1, len(author.body), 10_000])
    headers = ["Transfer-Encoding: chunked", f"Content-Length: {length}"]
    data = author.head(200, *headers) + (
        b"" if author.method == "HEAD" else author.chunks(author.body)
    )
    plan = Plan([data], with_the_next=foreign_answer(author.chance))
    return Case("two framings", [plan], author.good)


DOUBTFUL = [
    "Content-Length: 1\r\nContent-Length: 2", "Content-Length: 10, 11", "Content-Length: +10",
    "Content-Length:", "Content-Length: 10\r\n 0", "Content-Length : 10", "no colon",
    "Transfer-Encoding: gzip", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: \x0bchunked",
]  # fmt: skip


def two_readings(author: Author) -> Case:
    foreign = foreign_answer(author.chance)
    head = author.head(200, author.chance.choice(DOUBTFUL))
    return Case(
        "two readings", [Plan([head + author.body + foreign], "keep", b"", False, foreign)], "fault"
    )


def truncated(author: Author) -> Case:
    head, body = author.answer()
    whole = head + body
    cut = author.chance.randrange(len(whole))
    then = author.chance.choice(["close", "close", "reset"])
    by_length = b"transfer-encoding" not in head.lower()
    outcome = "fault" if by_length or cut < len(head) else "any"
    return Case("truncated", [author.plan(whole[:cut], then=then)], outcome)


def damaged(author: Author) -> Case:
    """Anything but the body itself has been changed."""
    head, body = author.answer()
    data = bytearray(head)
    for _ in range(author.chance.choice([1, 1, 2, 8])):
        change(author.chance, data)
    # Behind a head without an end, it would be the end of that head.
    is_whole = data.endswith(b"\r\n\r\n")
    extra = author.chance.choice([b"", foreign_answer(author.chance)]) if is_whole else b""
    return Case("damaged", [author.plan(bytes(data) + body + extra, then="close")], "any")


def change(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    kind = chance.randrange(5)
    if kind == 0:
        data[at:at] = bytes([chance.randrange(256)])
    elif kind == 1:
        del data[at : at + chance.choice([1, 1, 2, 10])]
    elif kind == 2:
        data[at : at + 1] = bytes([chance.randrange(256)])
    elif kind == 3:
        data[at:at] = data[at - chance.randrange(20) : at]
    else:
        data[at:at] = chance.choice(
            [b"\r\n", b"\n", b"\r", b" ", b":", b"\0", b"0", b",", b"\r\n "]
        )


def broken_chunks(author: Author) -> Case:
    coded = bytearray(author.chunks(author.body[:200]))
    for _ in range(author.chance.choice([1, 2])):
        change(author.chance, coded)
    data = author.head(200, "Transfer-Encoding: chunked") + coded + foreign_answer(author.chance)
    return Case("broken chunks", [author.plan(data, then="close")], "not foreign")


def noise(author: Author) -> Case:
    data = bytes(author.chance.randrange(256) for _ in range(author.chance.choice([1, 10, 300])))
    return Case("noise", [author.plan(data, then="close")], "fault")


def no_answer(author: Author) -> Case:
    return Case("no answer", [Plan([], author.chance.choice(["close", "reset"]))], "fault")


def too_late(author: Author) -> Case:
    whole = author.whole()
    cut = author.chance.randrange(len(whole) - (len(whole) > 1))
    later = foreign_answer(author.chance)
    plan = Plan([whole[:cut]], afterwards=whole[cut:] + later, with_the_next=later)
    return Case("too late", [plan], "fault", seconds=0.05)


def redirected(author: Author) -> Case:
    if author.method != "GET":
        return error(author)
    payload, later = author.chance.choice([(b"", b""), author.extra()])
    head = author.head(
        302, f"Location: /fuzz/{author.nonce}", f"Content-Length: {len(author.body)}"
    )
    first = Plan([head + author.body + payload], with_the_next=later)
    return Case("redirected", [first, author.plan(author.whole())], sent=2)


def busy(author: Author) -> Case:
    payload, later = author.chance.choice([(b"", b""), author.extra()])
    body = b"" if author.method == "HEAD" else b"busy"
    head = author.head(503, "Retry-After: 0", f"Content-Length: {len(body)}")
    first = Plan([head + body + payload], with_the_next=later)
    return Case("busy", [first, author.plan(author.whole())], author.good, sent=2)


WEIGHTS: dict[Callable[[Author], Case], int] = {
    clean: 12, clean_and_closed: 2, closed_unannounced: 1, of_http_1_0: 2, until_closed: 2,
    error: 3, interim: 4, switched: 1, left_behind: 6,
    left_where_a_buffer_ends: 2, sent_afterwards: 1, bodiless: 5,
    two_framings: 2, two_readings: 4, truncated: 4, damaged: 12, broken_chunks: 4, noise: 2,
    no_answer: 2, too_late: 0, redirected: 2, busy: 2,
}  # fmt: skip


# --- what the caller does with an unread answer -------------------------------------------------


def read_all(chance: random.Random, response: Any) -> bytes:
    """Read an unread answer to its end, in one way or another."""
    how = chance.choice(["read", "data", "stream", "pieces", "read and release"])
    if how == "data":
        return response.data
    if how == "stream":
        return b"".join(response.stream(chance.choice([10, 5_000]), decode_content=True))
    if how == "pieces":
        return b"".join(iter(lambda: response.read(3_000), b""))
    data = response.read()
    if how == "read and release":
        response.release_conn()
    return data


def leave(chance: random.Random, response: Any) -> None:
    """Read some or nothing of an unread answer, and leave the rest."""
    amount = chance.choice([1, 10, 5_000])
    how = chance.choice(["read", "stream", "nothing"])
    if how == "read":
        response.read(amount, decode_content=False)
    elif how == "stream":
        next(response.stream(amount, decode_content=False), b"")
    end = chance.choice(["release_conn", "drain_conn", "close", ""])
    if end:
        getattr(response, end)()


# --- the fuzzer -------------------------------------------------------------------------------


class Fuzzer:
    """Random calls of some clients, from one seed."""

    def __init__(self, seed: int, server: FuzzServer, clients: list[ApiClient]) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.server = server
        self.clients = clients
        self.held: list[Held] = []
        self.seen: Counter[str] = Counter()
        self.what = ""

    def run(self, steps: int, makers: dict[Callable[[Author], Case], int] = WEIGHTS) -> None:
        for step in range(steps):
            maker = self.chance.choices(list(makers), list(makers.values()))[0]
            try:
                self.step(maker)
            except Exception as error:
                raise Violation(f"seed {self.seed}, step {step}: {self.what}: {error!r}") from error

    def step(self, maker: Callable[[Author], Case]) -> None:
        author = Author(
            self.chance, f"{self.chance.getrandbits(64):016x}", self.chance.choice(METHODS)
        )
        case = maker(author)
        retries = self.chance.choice([0, 2]) if case.sent == 1 else 2
        if retries and author.method != "POST" and case.outcome == "fault":
            case.plans.append(author.plan(author.whole()))
            case.outcome = "any"
        elif retries:
            case.plans.append(author.plan(author.whole()))
        client = self.chance.choices(self.clients, [6, 3, 2, 1])[0]
        unread = self.chance.random() < 0.25
        self.what = f"{author.method} {author.nonce} ({case.name}, unread: {unread}) over {client.configuration.host}"
        client.configuration.retries = RetryPolicy(retries=retries, backoff=0)
        self.server.plans[author.nonce] = case.plans
        self.call(client, author, case, unread)
        self.server.settle()
        self.check_requests(author, case)
        if self.held and self.chance.random() < 0.3:
            self.leave(self.held.pop(self.chance.randrange(len(self.held))))

    def call(self, client: ApiClient, author: Author, case: Case, unread: bool) -> None:
        # urllib3 leaves Nagle's algorithm on towards a proxy: 40 ms for each body.
        has_body = author.method in ("POST", "PUT") and not client.configuration.proxy
        try:
            data, status, headers = client.call_api(
                f"/fuzz/{author.nonce}",
                author.method,
                body={"nonce": author.nonce} if has_body else None,
                response_type="dict(str, object)",
                _preload_content=not unread,
                _request_timeout=case.seconds,
            )
        except ApiException as error:
            self.check_fault(error, author, case)
            return
        self.seen[f"{case.name.split()[0]} read"] += 1
        # The head of an unread answer may have come; reading it is another matter.
        may_be_unread = unread and case.name in ("truncated", "too late")
        check(case.outcome not in ("fault", "status") or may_be_unread, f"it succeeded: {data}")
        check(FOREIGN not in headers.get("X-Nonce", ""), "foreign headers")
        if case.outcome in ("own", "empty"):
            check(headers["X-Nonce"] == author.nonce, "not its own headers")
            check(status == case.status, f"status {status}")
        if unread:
            self.held.append(Held(data, [author.body, *author.packed], case, self.what))
            if self.chance.random() < 0.7 or len(self.held) > 3:
                self.leave(self.held.pop())
        else:
            check_data(data, author.body, case)

    def check_fault(self, error: ApiException, author: Author, case: Case) -> None:
        self.seen[f"{case.name.split()[0]} refused"] += 1
        check(case.outcome not in ("own", "empty"), f"it failed: {error!r}")
        if case.outcome == "status":
            check(error.status == case.status, f"not its status: {error!r}")
            check(error.headers["X-Nonce"] == author.nonce, "not its own headers")
            own = author.body if author.method != "HEAD" and case.status != 304 else b""
            check((error.body or "").encode() == own, "not its own body")
        elif error.status == 0 or isinstance(error, InvalidResponseException):
            # Nobody but the server knows what came of it, unless it was never sent.
            is_known = author.method in ("GET", "HEAD") or not self.server.received[author.nonce]
            check(error.outcome_unknown or is_known, "outcome known?")
            family = (InvalidResponseException, ApiConnectionException, ApiTimeoutException)
            check(isinstance(error, family), f"{error!r}")
            check(isinstance(error, ApiTimeoutException) == (case.name == "too late"), "timeout")

    def check_requests(self, author: Author, case: Case) -> None:
        sent = self.server.received[author.nonce]
        if case.name == "too late":
            check(sent <= 1, f"sent {sent} times")
        elif author.method == "POST" or case.outcome in ("own", "empty", "status"):
            check(sent == case.sent, f"sent {sent} times")

    def leave(self, held: Held) -> None:
        """Read or leave an unread answer; what is read is its own."""
        self.what = f"{held.what}, read later"
        is_right = held.case.outcome in ("own", "empty")
        try:
            if self.chance.random() < 0.6:
                leave(self.chance, held.response)
                return
            data = read_all(self.chance, held.response)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            check(not is_right, f"reading failed: {error!r}")
            return
        if is_right:
            bodies = held.bodies if held.case.outcome == "own" else [b""]
            check(data in bodies, f"not its own bytes: {data[:50]!r}")
        elif data.startswith(b'{"nonce"') and held.case.outcome != "not foreign":
            check(data[:20] == held.bodies[0][:20], f"not its own bytes: {data[:50]!r}")


def check(holds: object, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)


def check_data(data: Any, body: bytes, case: Case) -> None:
    if case.outcome == "not foreign":
        check(FOREIGN not in str(data), f"foreign data: {data}")
    elif case.outcome == "own":
        check(data == json.loads(body), f"not its own data: {str(data)[:100]}")
    elif case.outcome == "empty":
        check(not data, f"data from nowhere: {str(data)[:100]}")
    else:
        check(not data or data == json.loads(body), f"not its own data: {str(data)[:100]}")


def run(seed: int, tls: Any, ca_file: str, steps: int = STEPS, makers: Any = WEIGHTS) -> Fuzzer:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(FuzzServer(tls))
        clients = [
            stack.enter_context(ApiClient(configuration_for(url, ssl_ca_cert=ca_file, proxy=proxy)))
            for url, proxy in (
                (server.url("http"), None),
                (server.url("https"), None),
                ("http://127.0.0.1:1", server.url("http")),
                ("https://127.0.0.1:1", server.url("http")),
            )
        ]
        fuzzer = Fuzzer(seed, server, clients)
        fuzzer.run(steps, makers)
        for held in fuzzer.held:
            held.response.close()
        for client in clients:
            client.last_response = None  # It may be unread, and hold a connection.
    return fuzzer


def test_no_call_gets_bytes_meant_for_another(server_tls, ca_file):
    before = descriptors()
    for seed in seeds():
        fuzzer = run(seed, server_tls(), ca_file)
        gc.collect()  # What the caller has dropped unread.
        assert eventually(lambda: descriptors() <= before), f"seed {seed}: sockets are left"
        assert len(fuzzer.seen) > 20, "most of it did not happen"


def test_calls_that_end_before_their_answer(server_tls, ca_file):
    """Apart from the others, as each of them has to wait for its limit."""
    for seed in seeds():
        run(seed, server_tls(), ca_file, 60, {too_late: 1, clean: 2})


def test_the_fuzzer_notices():
    """The checks themselves: they find what they must."""
    body = b'{"nonce": "a"}'
    check_data({"nonce": "a"}, body, Case("", []))
    for outcome in ("own", "empty", "any", "not foreign"):
        with pytest.raises(Violation):
            check_data({"nonce": FOREIGN}, body, Case("", [], outcome))
