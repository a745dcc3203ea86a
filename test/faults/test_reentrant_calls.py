"""A call made in the midst of another, on the same thread: each knows what it has sent itself."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import lru_cache

import pytest
from cases import pairs
from hostile import (
    OK_CONTAINER,
    Answer,
    Hang,
    HostileServer,
    Peer,
    Step,
    http_answer,
    refusing_port,
)
from tunnels import Tunnel

from wavefront_api_client import ApiException
from wavefront_api_client.exceptions import ApiTimeoutException

OK = http_answer(200, OK_CONTAINER)
MAIN = threading.main_thread().ident


def lost(call: Callable[[], object]) -> ApiException:
    """How a call ends whose answer never comes."""
    with pytest.raises(ApiException) as caught:
        call()
    return caught.value


def posts(server: HostileServer) -> int:
    return sum(request.method == "POST" for request in server.requests)


# --- what is called in between ----------------------------------------------------------------


@pytest.fixture
def others(connect) -> Iterator[dict[str, Callable[[], object]]]:
    """Calls that end in different states: never sent, sent and answered, sent and lost."""
    with HostileServer([Answer()]) as well, refusing_port() as port:
        with HostileServer([Hang()]) as silent:
            never = connect(f"http://127.0.0.1:{port}", retries=0)
            good, late = connect(well.url), connect(silent.url, retries=0)
            yield {
                "never sent": never.create_token,
                "answered": good.create_token,
                "too late": lambda: late.create_token(_request_timeout=0.1),
            }


OTHERS = ["never sent", "answered", "too late"]


def quietly(call: Callable[[], object]) -> None:
    with contextlib.suppress(ApiException):
        call()


# --- a signal handler -------------------------------------------------------------------------

needs_signals = pytest.mark.skipif(
    not hasattr(signal, "pthread_kill"), reason="a signal cannot be sent to a thread here"
)


class Interrupt(Step):
    """Send a signal to the thread that waits for the answer; go on when it has been handled."""

    def __init__(self, then: Step) -> None:
        self.begun = threading.Event()
        self.handled = threading.Event()
        self.then = then

    def act(self, peer: Peer) -> bool:
        while not self.begun.is_set() and not peer.stopping.is_set():
            # Again: one that comes just before the thread begins to wait does not wake it.
            signal.pthread_kill(MAIN, signal.SIGUSR1)
            self.begun.wait(0.2)
        assert self.handled.wait(5)
        return self.then.act(peer)


class Lose(Step):
    def act(self, peer: Peer) -> bool:
        return False


@contextlib.contextmanager
def handled_by(step: Interrupt, call: Callable[[], object]) -> Iterator[None]:
    def handle(number: int, frame: object) -> None:
        if not step.begun.is_set():
            step.begun.set()
            quietly(call)
            step.handled.set()

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


@needs_signals
@pytest.mark.parametrize("other", OTHERS)
def test_a_post_in_whose_wait_a_signal_handler_calls(connect, others, other):
    step = Interrupt(Lose())
    with HostileServer([step]) as server, handled_by(step, others[other]):
        error = lost(connect(server.url).create_token)
    assert step.handled.is_set()
    assert (posts(server), error.attempts, error.outcome_unknown) == (1, 1, True)


@needs_signals
def test_a_signal_handler_that_calls_with_the_same_client(connect):
    step = Interrupt(Lose())
    with HostileServer([step, Answer()]) as server:
        api = connect(server.url)
        seen = []
        with handled_by(step, lambda: seen.append(api.get_all_tokens().status.result)):
            assert lost(api.create_token).outcome_unknown
    assert seen == ["OK"]
    assert [request.method for request in server.requests] == ["POST", "GET"]


class Trickled(Tunnel):
    """The answer comes byte by byte, in two seconds and more."""

    def answer(self, peer: Peer, inner: ssl.SSLSocket) -> None:
        for byte in OK:
            inner.sendall(bytes([byte]))
            if peer.stopping.wait(0.02):
                break


# In these, the signal comes before the request goes out: while the tunnel is waited for.


@needs_signals
def test_a_signal_handler_does_not_shorten_the_limit(connect, others, server_tls, ca_file):
    """The limit of its call is over long before the answer to the other comes."""
    tunnel = Tunnel(server_tls("home.localhost"), lambda request: OK, delay=0.2)
    step = Interrupt(tunnel)
    with HostileServer([step]) as proxy, handled_by(step, others["too late"]):
        settings = {"proxy": proxy.url, "ssl_ca_cert": ca_file, "retries": 0}
        api = connect("https://home.localhost", **settings)
        assert api.create_token(_request_timeout=5).status.result == "OK"
    assert step.handled.is_set()


@needs_signals
def test_a_signal_handler_does_not_lengthen_the_limit(connect, server_tls, ca_file):
    step = Interrupt(Trickled(server_tls("home.localhost"), lambda request: OK))
    with HostileServer([Answer()]) as well, HostileServer([step]) as proxy:
        settings = {"proxy": proxy.url, "ssl_ca_cert": ca_file, "retries": 0}
        api, other = connect("https://home.localhost", **settings), connect(well.url)
        with handled_by(step, lambda: other.get_all_tokens(_request_timeout=60)):
            begun = time.monotonic()
            with pytest.raises(ApiTimeoutException):
                api.create_token(_request_timeout=0.5)
    assert time.monotonic() - begun < 3


# --- a finaliser ------------------------------------------------------------------------------


class Litter:
    """Garbage that makes a call when it is collected by the thread that is meant to."""

    def __init__(self, thread: int | None, call: Callable[[], object], done: threading.Event):
        self.itself = self
        self.plan = (thread, call, done)

    def __del__(self) -> None:
        thread, call, done = self.plan
        if threading.get_ident() != thread:
            Litter(*self.plan)
        elif not done.is_set():
            done.set()
            quietly(call)


class Collect(Step):
    """Drop garbage, and wake the waiting thread byte by byte until it has collected that."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call
        self.done = threading.Event()

    def act(self, peer: Peer) -> bool:
        if self.done.is_set():
            return False
        Litter(MAIN, self.call, self.done)
        gc.set_threshold(1)
        peer.send(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(2000):
            peer.send(b"x")
            if self.done.wait(0.002):
                return False
        raise AssertionError("nothing was collected")


@pytest.fixture
def ordinary_collection() -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    yield
    gc.set_threshold(*before)
    gc.collect()


@pytest.mark.parametrize("other", OTHERS)
def test_a_post_in_whose_wait_a_finaliser_calls(connect, others, other, ordinary_collection):
    step = Collect(others[other])
    with HostileServer([step]) as server:
        error = lost(connect(server.url).create_token)
    assert step.done.is_set()
    assert (posts(server), error.attempts, error.outcome_unknown) == (1, 1, True)


# --- greenlets --------------------------------------------------------------------------------

CHILD = """
import importlib, json, sys, time, warnings

warnings.simplefilter("ignore")  # Both libraries have a word to say about late patching.
library, when, origin, proxy, plan = sys.argv[1:]


def patch():
    if library == "gevent":
        importlib.import_module("gevent.monkey").patch_all()
    else:
        importlib.import_module("eventlet").monkey_patch()


if when == "first":
    patch()

from wavefront_api_client import ApiClient, ApiException, Configuration
from wavefront_api_client.retry import RetryPolicy

policy = RetryPolicy(retries=2, backoff=0)
clients = {
    "direct": ApiClient(Configuration(host=origin, api_key="k", retries=policy, proxy=None)),
    "proxied": ApiClient(
        Configuration(host="https://home.localhost", api_key="k", retries=0, proxy=proxy)
    ),
}
if when == "late, used":
    clients["direct"].call_api("/warm", "GET")
if when != "first":
    patch()


def call(client, method, path, limit):
    begun = time.monotonic()
    try:
        clients[client].call_api(path, method, _request_timeout=limit)
        outcome = ["OK", False, 0]
    except ApiException as error:
        outcome = [type(error).__name__, error.outcome_unknown, error.attempts]
    return {"outcome": outcome, "seconds": time.monotonic() - begun}


def chain(calls):
    return [call(*each) for each in calls][-1]


def run(plans):
    if library == "gevent":
        import gevent

        greenlets = [gevent.spawn(chain, calls) for calls in plans]
        gevent.joinall(greenlets, raise_error=True)
        return [each.value for each in greenlets]
    import eventlet

    return [each.wait() for each in [eventlet.spawn(chain, calls) for calls in plans]]


print(json.dumps(run(json.loads(plan))))
"""


@lru_cache
def works(library: str) -> bool:
    if importlib.util.find_spec(library) is None:
        return False
    patch = {"gevent": "import gevent.monkey; gevent.monkey.patch_all()"}
    source = patch.get(library, f"import {library}; {library}.monkey_patch()")
    command = [sys.executable, "-W", "ignore", "-c", source]
    return subprocess.run(command, capture_output=True, timeout=30).returncode == 0


def in_greenlets(library: str, when: str, server, proxy, plans: list) -> list[dict]:
    """Make calls at the same time, each (client, method, path, limit), or one after another."""
    if not works(library):
        pytest.skip(f"{library} is not installed, or does not work with this Python")
    arguments = [library, when, server.url, proxy.url, json.dumps(plans)]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "EVENTLET_NO_GREENDNS": "yes"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


PATCHED = [("gevent", "late"), ("gevent", "late, used"), ("gevent", "first"), ("eventlet", "late")]
patched = pytest.mark.parametrize(
    ("library", "when"), PATCHED, ids=[" ".join(each) for each in PATCHED]
)
LOST = ["ApiConnectionException", True, 1]


class WarmUp(Step):
    """Answer what is asked before the patch, whose connection would block all greenlets."""

    def __init__(self, then: Step) -> None:
        self.then = then

    def act(self, peer: Peer) -> bool:
        assert peer.request is not None
        if peer.request.target == "/warm":
            return Answer(headers={"Connection": "close"}, then="close").act(peer)
        return self.then.act(peer)


class HoldPosts(Step):
    """Lose ten POSTs when all are there and another call has begun; a GET waits for all ten."""

    def __init__(self, count: int) -> None:
        self.missing = threading.Semaphore(0)
        self.count = count
        self.all_here = threading.Event()
        self.release = threading.Event()
        self.lock = threading.Lock()

    def act(self, peer: Peer) -> bool:
        assert peer.request is not None
        if peer.request.method == "GET":
            assert self.all_here.wait(10)
            peer.send(OK)
            return True
        with self.lock:
            self.count -= 1
        if self.count <= 0:
            self.all_here.set()
        self.release.wait(10)
        return False


class ReleaseAndHang(Step):
    """A proxy that never makes the tunnel: the call that waits for it has sent nothing."""

    def __init__(self, release: threading.Event) -> None:
        self.release = release

    def act(self, peer: Peer) -> bool:
        self.release.set()
        peer.sock.recv(1)
        return False


@patched
def test_posts_of_greenlets_that_are_lost_while_another_connects(library, when):
    hold = HoldPosts(10)
    with HostileServer([WarmUp(hold)]) as server:
        with HostileServer([ReleaseAndHang(hold.release)]) as proxy:
            lost = [[["direct", "POST", f"/lost/{n}", 10]] for n in range(10)]
            begins = [["direct", "GET", "/wait", 10], ["proxied", "POST", "/never", 1]]
            *results, never = in_greenlets(library, when, server, proxy, [*lost, begins])
    paths = [request.target for request in server.requests if request.method == "POST"]
    assert sorted(paths) == [f"/lost/{n}" for n in range(10)]
    assert [each["outcome"] for each in results] == [LOST] * 10
    assert never["outcome"] == ["ApiTimeoutException", False, 1]


@pytest.mark.parametrize("library", ["gevent", "eventlet"])
def test_posts_of_greenlets_that_are_lost_at_once(library):
    with HostileServer([WarmUp(Lose())]) as server, HostileServer([Hang()]) as proxy:
        plans = [[["direct", "POST", f"/lost/{n}", 5]] for n in range(10)]
        results = in_greenlets(library, "late", server, proxy, plans)
    assert [each["outcome"] for each in results] == [LOST] * 10
    assert posts(server) == 10


class ShortIsGone(Step):
    """Answer all others only when the one in a hurry has hung up."""

    def __init__(self) -> None:
        self.gone = threading.Event()

    def act(self, peer: Peer) -> bool:
        assert peer.request is not None
        if peer.request.target == "/short":
            with contextlib.suppress(OSError):
                peer.sock.recv(1)
            self.gone.set()
            return False
        self.gone.wait(10)
        peer.stopping.wait(0.2)
        peer.send(OK)
        return True


@pytest.mark.parametrize(("library", "when", "place"), pairs(PATCHED, [0, 5], 2))
def test_each_greenlet_has_a_limit_of_its_own(library, when, place):
    with HostileServer([WarmUp(ShortIsGone())]) as server, HostileServer([Hang()]) as proxy:
        plans = [[["direct", "POST", f"/long/{n}", 5]] for n in range(5)]
        plans.insert(place, [["direct", "POST", "/short", 1]])
        results = in_greenlets(library, when, server, proxy, plans)
    short = results.pop(place)
    assert short["outcome"] == ["ApiTimeoutException", True, 1]
    assert short["seconds"] < 4
    assert [each["outcome"][0] for each in results] == ["OK"] * 5
