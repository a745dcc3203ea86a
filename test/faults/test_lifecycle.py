"""Point 7: threads, fork, exit, close."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from canary import watching
from hostile import (
    CALLS,
    Answer,
    Close,
    Garbage,
    Hang,
    HostileServer,
    Reply,
    Request,
    Reset,
    Truncate,
    configuration_for,
    descriptors,
    eventually,
    http_answer,
    refusing_port,
)

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi

FULL = bool(os.environ.get("WAVEFRONT_CHAOS_OPERATIONS"))
CALLS_PER_THREAD = 500 if FULL else 25


def own_id(request: Request) -> bytes:
    """The last segment of the path as the id of a token."""
    name = request.target.rsplit("/", 1)[-1]
    status = {"result": "OK", "message": "", "code": 200}
    return http_answer(200, {"status": status, "response": {"id": name}})


@pytest.fixture
def mirror() -> Iterator[HostileServer]:
    """A server that answers with the id it was asked for."""
    with HostileServer([Reply(own_id)]) as server:
        yield server


# --- threads ----------------------------------------------------------------------------------


@pytest.mark.parametrize("asynchronous", [False, True], ids=["threads", "async_req"])
def test_one_client_sixteen_threads(mirror, connect, asynchronous):
    api = connect(mirror.url)

    def work(thread: int) -> int:
        right = 0
        for number in range(CALLS_PER_THREAD):
            name = f"{thread}-{number}"
            answer = api.get_customer_token(name, async_req=asynchronous)
            answer = answer.get(10) if asynchronous else answer
            right += answer.response.id == name
        return right

    with watching() as watch, ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(16))) == [CALLS_PER_THREAD] * 16
    assert "pool is full" not in watch.everything()
    assert mirror.connections <= 32 + 16


def test_many_asynchronous_calls_at_once(mirror, connect):
    api = connect(mirror.url)
    results = [api.get_customer_token(f"n{n}", async_req=True) for n in range(200)]
    assert [result.get(10).response.id for result in results] == [f"n{n}" for n in range(200)]
    assert all(result.successful() for result in results)


def test_threads_start_when_first_needed(mirror):
    # One that another test has left may end meanwhile.
    before = set(threading.enumerate())
    client = ApiClient(configuration_for(mirror.url))
    api = ApiTokenApi(client)
    assert set(threading.enumerate()) <= before
    api.get_customer_token("a")
    started = set(threading.enumerate()) - before
    assert {thread.name for thread in started} <= {"hostile"}, "a plain call starts none"
    api.get_customer_token("a", async_req=True).get(5)
    client.close()
    assert eventually(lambda: not any("wavefront" in t.name for t in threading.enumerate()))


def test_result_shared_by_threads(mirror, connect):
    result = connect(mirror.url).get_customer_token("a", async_req=True)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: result.get(5), range(8)))
    assert {answer.response.id for answer in answers} == {"a"}


def test_the_same_exception_may_be_fetched_twice(connect):
    with HostileServer([Answer(404, b"")]) as server:
        result = connect(server.url).delete_token("t1", async_req=True)
        for _ in range(2):
            with pytest.raises(ApiException):
                result.get(5)


# --- close ------------------------------------------------------------------------------------


def test_closing_is_idempotent(mirror):
    with ApiClient(configuration_for(mirror.url)) as client:
        ApiTokenApi(client).get_customer_token("a")
        client.close()
        client.close()


def test_closing_an_unused_client():
    ApiClient(configuration_for("http://127.0.0.1:1")).close()


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("kind", CALLS)
def test_a_call_after_close_is_a_clear_error(mirror, kind, asynchronous):
    client = ApiClient(configuration_for(mirror.url))
    client.close()
    with pytest.raises(RuntimeError, match="(?i)closed"):
        CALLS[kind](ApiTokenApi(client), async_req=asynchronous)
    assert mirror.requests == []


def test_close_waits_for_calls_under_way():
    with HostileServer([Answer(delay=0.1)]) as server:
        client = ApiClient(configuration_for(server.url))
        results = [ApiTokenApi(client).get_all_tokens(async_req=True) for _ in range(4)]
        client.close()
        assert all(result.ready() and result.successful() for result in results)


def test_ctrl_c_while_closing_leaves_no_connection_open():
    def interrupt(*args):
        raise KeyboardInterrupt

    def kill():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        # Two connections, of which one is idle when the client is closed.
        with HostileServer([Answer(delay=0.1), Answer(delay=0.1), Hang(5)]) as server:
            client = ApiClient(configuration_for(server.url, retries=0))
            api = ApiTokenApi(client)
            for result in [api.get_all_tokens(async_req=True) for _ in range(2)]:
                result.get(5)
            pool = client.rest_client.pool_manager.connection_from_url(server.url)
            api.create_token(async_req=True)
            assert eventually(lambda: len(server.requests) == 3)
            with pytest.raises(KeyboardInterrupt):
                threading.Timer(0.1, kill).start()
                client.close()
            assert pool.pool is None
            with pytest.raises(RuntimeError, match="closed"):
                api.get_all_tokens()
    finally:
        signal.signal(signal.SIGALRM, before)


FAULTS = {
    "answer": Answer(),
    "404": Answer(404, b"no"),
    "503": Answer(503, b""),
    "html": Answer(200, b"<html>"),
    "reset": Reset(),
    "close": Close(),
    "garbage": Garbage(b"\x00\r\n\r\n"),
    "truncate": Truncate(),
    "hang": Hang(0.05),
    "raw": Answer(200, b"x" * 100_000),
    "bad gzip": Answer(200, b"x", {"Content-Encoding": "gzip"}),
    "bad gzip, more of it": Answer(200, b"x" * 1_000_000, {"Content-Encoding": "gzip"}),
    "unknown coding": Answer(500, b"x" * 1_000_000, {"Content-Encoding": "br"}),
    "redirect": Answer(302, b"x", {"Location": "http://127.0.0.1:9/"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_left_after_close(fault):
    gc.collect()
    before, threads = descriptors(), set(threading.enumerate())
    with HostileServer([FAULTS[fault]]) as server:
        limit = (5, 0.02 if fault == "hang" else 5)
        with ApiClient(configuration_for(server.url, request_timeout=limit)) as client:
            for asynchronous in (False, False, True):
                with contextlib.suppress(ApiException):
                    result = ApiTokenApi(client).get_all_tokens(
                        async_req=asynchronous, _preload_content=fault != "raw"
                    )
                    result = result.get(5) if asynchronous else result
                    if fault == "raw":
                        assert len(result.read()) == 100_000
                        result.release_conn()
    # What another test has left may go meanwhile.
    assert eventually(lambda: descriptors() <= before and set(threading.enumerate()) <= threads)


@pytest.mark.parametrize("fault", [*FAULTS, "refused"])
def test_faults_do_not_pile_up_descriptors(fault):
    """While the client is open: a failed attempt gives its socket back at once."""
    with contextlib.ExitStack() as stack:
        if fault == "refused":
            url = f"http://127.0.0.1:{stack.enter_context(refusing_port())}"
        else:
            url = stack.enter_context(HostileServer([FAULTS[fault]])).url
        client = ApiClient(configuration_for(url, request_timeout=(5, 0.01), retries=0))
        stack.enter_context(client)
        gc.disable()
        try:
            counts = []
            for _ in range(12):
                with contextlib.suppress(ApiException):
                    ApiTokenApi(client).get_all_tokens()
                counts.append(descriptors())
        finally:
            gc.enable()
        assert eventually(lambda: descriptors() <= counts[0] + 2)


# --- interrupted ------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_leaves_the_client_in_order(connect):
    """The answer to an interrupted call is not taken for the answer to the next."""
    late = {"status": {"result": "OK"}, "response": [{"tokenID": "late"}]}

    interrupted, sent = threading.Event(), threading.Event()

    def interrupt(*args):
        interrupted.set()
        raise KeyboardInterrupt

    class Late(Answer):
        def act(self, peer):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)
            interrupted.wait(5)
            try:
                return super().act(peer)
            finally:
                sent.set()

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with HostileServer([Late(200, late), Answer()]) as server:
            api = connect(server.url)
            with pytest.raises(KeyboardInterrupt):
                api.get_all_tokens()
            assert len(server.requests) == 1, "an interrupted call is not repeated"
            assert sent.wait(5)
            assert api.get_all_tokens().response == []
    finally:
        signal.signal(signal.SIGALRM, before)


# --- in a process of its own ------------------------------------------------------------------

PROLOGUE = """
import gc, os, sys, threading, time
from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
configuration = Configuration()
configuration.host = sys.argv[1]
configuration.api_key["X-AUTH-TOKEN"] = "k"
client = ApiClient(configuration)
api = ApiTokenApi(client)

def right(calls, name):
    return sum(api.get_customer_token(f"{name}-{n}").response.id == f"{name}-{n}"
               for n in range(calls))
"""


def run(url: str, script: str, *options: str) -> tuple[str, str, float]:
    """Run a script with a client: its output, its stderr, and the seconds after its last line."""
    source = PROLOGUE + textwrap.dedent(script)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        [sys.executable, *options, "-c", source, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        killer = threading.Timer(30, process.kill)
        killer.start()
        lines, begun = [], time.monotonic()
        for line in process.stdout:
            lines.append(line)
            begun = time.monotonic()
        process.wait()
        seconds = time.monotonic() - begun
        killer.cancel()
        return "".join(lines), process.stderr.read(), seconds


FORK = """
right(1, "warm")
{before}
children = []
for n in range(4):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if right(50, f"child{{n}}") == 50 {and_more} else 2
        finally:
            os._exit(code)
    children.append(pid)
own = right(50, "parent")
codes = [os.waitpid(pid, 0)[1] for pid in children]
{after}
print(own, codes, flush=True)
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@needs_fork
def test_used_then_forked(mirror):
    script = FORK.format(before="", and_more="", after="")
    printed, errors, _ = run(mirror.url, script, "-W", "error")
    assert (printed, errors) == ("50 [0, 0, 0, 0]\n", "")
    assert len(mirror.requests) == 251


@needs_fork
def test_forked_after_async_req(mirror):
    script = FORK.format(
        before='api.get_customer_token("a", async_req=True).get(5)',
        and_more='and api.get_customer_token("c", async_req=True).get(5).response.id == "c"',
        after='assert api.get_customer_token("p", async_req=True).get(5).response.id == "p"',
    )
    printed, errors, _ = run(mirror.url, script, "-W", "ignore")
    assert (printed, errors) == ("50 [0, 0, 0, 0]\n", "")


@needs_fork
def test_forked_while_threads_are_calling(mirror):
    """Whatever lock another thread held at that moment, the child does not wait for it."""
    script = FORK.format(
        before="""
stop = threading.Event()
def hammer():
    while not stop.is_set():
        api.get_customer_token("h")
threads = [threading.Thread(target=hammer) for _ in range(8)]
for thread in threads: thread.start()
""",
        and_more="",
        after="stop.set(); [thread.join() for thread in threads]",
    )
    printed, errors, _ = run(mirror.url, script, "-W", "ignore")
    assert (printed, errors) == ("50 [0, 0, 0, 0]\n", "")


@needs_fork
def test_the_child_may_close_what_the_parent_uses(mirror):
    script = """
    right(3, "warm")
    api.get_customer_token("a", async_req=True).get(5)
    pid = os.fork()
    if pid == 0:
        client.close()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    print(right(20, "parent"), api.get_customer_token("a", async_req=True).get(5).response.id)
    """
    assert run(mirror.url, script, "-W", "ignore")[:2] == ("20 a\n", "")


EXITS = {
    "results never fetched": "",
    "client in a cycle": "client.me = client; del client, api",
    "result in a cycle": "results.append(results); del client, api",
    "nothing kept": "del client, api, results",
    "exit from a function": "sys.exit(0)",
    "with an exception hook": "import atexit; atexit.register(gc.collect)",
    "a thread waits for the result": """
threading.Thread(target=results[0].get, daemon=True).start()""",
}


@pytest.mark.parametrize(
    "case",
    [
        "results never fetched",
        *(pytest.param(case, marks=pytest.mark.slow) for case in [*EXITS][1:]),
    ],
)
def test_exit_waits_for_no_call(case):
    script = (
        "results = [api.get_all_tokens(async_req=True) for _ in range(3)]\n"
        "time.sleep(0.05)\nprint('done', flush=True)\n" + EXITS[case]
    )
    with HostileServer([Hang()]) as server:
        printed, errors, seconds = run(server.url, script, "-W", "error")
    assert (printed, errors) == ("done\n", "")
    # Who waited for the calls would be killed after 30; a busy machine is slow to end a process.
    assert seconds < 10


ENDS = [
    "right(2, 'a'); client.close()",
    "right(2, 'a')",
    "right(2, 'a'); del client, api; gc.collect(); time.sleep(0.05)",
    "right(2, 'a'); client.me = client; del client, api; gc.collect()",
    "api.get_customer_token('a', async_req=True).get(5); client.close()",
    "api.get_customer_token('a', async_req=True).get(5)",
    "api.get_customer_token('a', async_req=True).get(5); del client, api; gc.collect()",
    "api.get_customer_token('a', _preload_content=False)",
    "api.get_customer_token('a', _preload_content=False); client.close()",
    "with client: right(2, 'a')",
]


@needs_fork
def test_no_warning_about_unclosed_sockets(mirror):
    """Each of them goes on to the end of the program, in a process of its own."""
    script = f"""
    print("begun", flush=True)
    for end in {ENDS}:
        pid = os.fork()
        if not pid:
            exec(end)
            print("well", flush=True)
            break
        if os.waitpid(pid, 0)[1]:
            print("not well:", end)
    """
    printed, errors, _ = run(mirror.url, script, "-X", "dev", "-W", "error")
    assert (printed.split(), errors) == (["begun", *["well"] * len(ENDS)], "")


def test_forgotten_clients_take_their_threads_along(mirror):
    before = threading.active_count()
    for _ in range(3):
        client = ApiClient(configuration_for(mirror.url))
        ApiTokenApi(client).get_customer_token("a", async_req=True).get(5)
        client.itself = client
        del client
    gc.collect()
    assert eventually(lambda: not any("wavefront" in t.name for t in threading.enumerate()))
    assert threading.active_count() <= before + 3, "at most the server's own"


def test_logging_is_not_set_up_by_use(mirror, connect):
    connect(mirror.url).get_customer_token("a")
    assert logging.getLogger("wavefront_api_client").handlers == []
