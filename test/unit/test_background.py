"""_core.background: threads for async_req, started when first needed, and the results they deliver."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest

from wavefront_api_client._core import background
from wavefront_api_client._core.background import AsyncResult, Flag, Workers
from wavefront_api_client._core.limits import NOT_GIVEN, NotGiven

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workers():
    made = Workers(4)
    yield made
    made.close()


def ours():
    return {
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("wavefront_api_client-")
    }


def until(condition):
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


def test_no_thread_before_the_first_call():
    before = ours()
    Workers(4).close()
    assert ours() == before


def test_a_result_is_delivered(workers):
    result = workers.submit(lambda: 5)
    assert isinstance(result, AsyncResult)
    assert result.get() == 5
    assert result.get(timeout=0) == 5
    assert result.ready() is True
    assert result.successful() is True


def test_an_exception_is_delivered(workers):
    error = KeyError("x")

    def call():
        raise error

    result = workers.submit(call)
    with pytest.raises(KeyError) as caught:
        result.get(1)
    assert caught.value is error
    assert result.ready() is True
    assert result.successful() is False


def test_even_an_exit_is_delivered_and_the_thread_lives_on(workers):
    def call():
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        workers.submit(call).get(1)
    assert workers.submit(lambda: 5).get(1) == 5


def test_a_result_that_is_not_there_yet(workers):
    release = threading.Event()
    result = workers.submit(release.wait)
    assert result.ready() is False
    with pytest.raises(ValueError, match="not ended"):
        result.successful()
    with pytest.raises(multiprocessing.TimeoutError):
        result.get(0.01)
    with pytest.raises(multiprocessing.TimeoutError):
        result.get(timeout=0)
    assert result.wait(0.01) is None
    assert result.ready() is False
    release.set()
    assert result.wait() is None
    assert result.ready() is True
    assert result.get() is True


def test_the_call_runs_in_a_daemon_thread(workers):
    thread = workers.submit(threading.current_thread).get(1)
    assert thread is not threading.current_thread()
    assert thread.daemon
    assert thread.name == "wavefront_api_client-0"


def test_calls_run_side_by_side_up_to_the_limit(workers):
    before = ours()
    barrier = threading.Barrier(5)
    results = [workers.submit(lambda: barrier.wait(5)) for _ in range(4)]
    mine = barrier.wait(5)
    assert {mine, *(result.get(1) for result in results)} == {0, 1, 2, 3, 4}
    assert len(ours() - before) == 4


def test_there_are_no_more_threads_than_the_limit(workers):
    release = threading.Event()
    before = ours()
    results = [workers.submit(lambda: release.wait(5)) for _ in range(20)]
    assert len(ours() - before) == 4
    release.set()
    assert all(result.get(5) for result in results)


def test_one_after_the_other_needs_one_thread(workers):
    before = ours()
    for _ in range(10):
        assert workers.submit(lambda: 5).get(1) == 5
    assert len(ours() - before) == 1


def test_closing_waits_for_what_is_under_way():
    workers = Workers(2)
    done = []

    def call():
        time.sleep(0.05)
        done.append(1)

    results = [workers.submit(call) for _ in range(4)]
    workers.close()
    assert len(done) == 4
    assert all(result.ready() for result in results)
    assert not ours()
    workers.close()


def test_closed_workers_take_no_call():
    workers = Workers(2)
    workers.close()
    before = ours()
    with pytest.raises(RuntimeError, match="^this client is closed: make a new one$"):
        workers.submit(lambda: 5)
    assert ours() == before


def test_a_call_may_close_its_own_workers():
    workers = Workers(2)
    assert workers.submit(lambda: (workers.close(), 5)[1]).get(1) == 5
    until(lambda: not ours())


def test_forgotten_workers_take_their_threads_along():
    workers = Workers(2)
    assert workers.submit(lambda: 5).get(1) == 5
    assert ours()
    del workers
    gc.collect()
    until(lambda: not ours())


def test_an_idle_thread_keeps_nothing_of_its_last_call_alive(workers):
    class Thing:
        def __call__(self):
            return 5

    thing = Thing()
    gone = []
    weakref.finalize(thing, gone.append, 1)
    result = workers.submit(thing)
    assert result.get(1) == 5
    del thing, result
    until(lambda: gc.collect() >= 0 and gone)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_after_a_fork_the_child_has_threads_of_its_own(workers):
    assert workers.submit(lambda: 5).get(1) == 5
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if workers.submit(lambda: 6).get(5) == 6 else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert workers.submit(lambda: 7).get(1) == 7


def test_in_a_forked_process_the_threads_of_the_parent_are_not_waited_for(monkeypatch):
    workers = Workers(2)
    begun, release = threading.Event(), threading.Event()
    late = workers.submit(lambda: (begun.set(), release.wait(5))[1])
    begun.wait(5)
    # As in a child: another process id, and no word to the threads, which are not there.
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: -1)
        assert workers.submit(lambda: 6).get(1) == 6
        workers.close()
        assert not late.ready()
    release.set()
    assert late.get(1) is True
    workers.close()
    assert not ours()


def test_a_forked_process_may_close_what_it_never_used(monkeypatch):
    workers = Workers(2)
    begun, release = threading.Event(), threading.Event()
    late = workers.submit(lambda: (begun.set(), release.wait(5))[1])
    begun.wait(5)
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: -1)
        workers.close()
        assert not late.ready()
    release.set()
    assert late.get(1) is True
    workers.close()
    assert not ours()


# Results


def depth(error):
    traceback, frames = error.__traceback__, 0
    while traceback is not None:
        traceback, frames = traceback.tb_next, frames + 1
    return frames


def failed(workers):
    def call():
        raise KeyError("x")

    result = workers.submit(call)
    result.wait(5)
    return result


def test_a_failed_result_raises_with_the_traceback_of_the_call(workers):
    result, depths, names = failed(workers), set(), set()
    for _ in range(500):
        with pytest.raises(KeyError) as caught:
            result.get()
        depths.add(depth(caught.value))
        names.add(tuple(frame.name for frame in caught.traceback))
    here = "test_a_failed_result_raises_with_the_traceback_of_the_call"
    assert names == {(here, "get", "_run", "call")}
    assert depths == {4}


def test_a_result_is_ready_when_its_frame_has_forgotten_the_call(workers, monkeypatch):
    set_flag, seen = Flag.set, []

    def watched(flag):
        frame = sys._getframe(1)
        if frame.f_code.co_name == "_run":
            seen.append({*frame.f_locals})
        set_flag(flag)

    monkeypatch.setattr(Flag, "set", watched)
    assert workers.submit(lambda: 5).get(5) == 5
    assert seen == [{"self"}]


def test_a_failed_result_is_raised_in_many_threads_at_once(workers):
    result = failed(workers)
    depths = []

    def get():
        for _ in range(100):
            try:
                result.get()
            except KeyError as error:
                depths.append(depth(error))

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(depths) == 800
    with pytest.raises(KeyError) as caught:
        result.get()
    assert depth(caught.value) == 4
    # A thread may see the frames of those that raise at the same moment.
    assert max(depths) <= 4 + 2 * 8


# Threads that cannot be started


@pytest.fixture
def starts(monkeypatch):
    """How many more threads can be started."""
    left = [0]
    start = threading.Thread.start

    def start_if_possible(self):
        if self.name.startswith("wavefront_api_client-"):
            if not left[0]:
                raise RuntimeError("can't start new thread")
            left[0] -= 1
        start(self)

    monkeypatch.setattr(threading.Thread, "start", start_if_possible)
    return left


def test_if_no_second_thread_can_start_the_first_serves(workers, starts):
    starts[0] = 1
    release = threading.Event()
    results = [workers.submit(lambda: release.wait(5)) for _ in range(10)]
    assert len(ours()) == 1
    release.set()
    assert [result.get(5) for result in results] == [True] * 10
    starts[0] = 2
    barrier = threading.Barrier(3)
    results = [workers.submit(lambda: barrier.wait(5)) for _ in range(2)]
    barrier.wait(5)
    assert all(result.get(5) in range(3) for result in results)


def test_if_no_thread_can_start_nothing_is_submitted(workers, starts):
    ran = []
    for _ in range(3):
        with pytest.raises(RuntimeError, match="can't start new thread"):
            workers.submit(lambda: ran.append(1))
    starts[0] = 1
    assert workers.submit(lambda: 5).get(5) == 5
    assert ran == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_submit_submits_nothing(workers, monkeypatch, interruption):
    ran = []

    def interrupt(self):
        raise interruption

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupt)
        with pytest.raises(interruption):
            workers.submit(lambda: ran.append(1))
    assert workers.submit(lambda: 5).get(5) == 5
    assert ran == []


def test_an_interrupted_start_that_succeeded_counts(workers, monkeypatch):
    start = threading.Thread.start

    def start_and_interrupt(self):
        start(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            workers.submit(lambda: 5)
    assert workers.submit(lambda: 5).get(5) == 5
    assert len(ours()) == 1


EXHAUSTED = """
import resource, threading
from wavefront_api_client._core.background import Workers

def at_most(threads):
    threading.stack_size(512 << 20)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (512 << 20) * threads + (256 << 20),) * 2)

workers, release = Workers(4), threading.Event()
at_most({threads})
try:
    results = [workers.submit(lambda: release.wait(5)) for _ in range(3)]
    release.set()
    print([result.get(5) for result in results], threading.active_count() - 1)
except RuntimeError as error:
    print(error)
workers.close()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc and limits")
@pytest.mark.parametrize(
    ("threads", "printed"), [(0, "can't start new thread"), (1, "[True, True, True] 1")]
)
def test_a_machine_that_has_no_room_for_threads(threads, printed):
    code = EXHAUSTED.format(threads=threads)
    command = [sys.executable, "-W", "error", "-c", code]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert (finished.stdout.strip(), finished.stderr) == (printed, "")


def test_closing_does_not_wait_for_a_thread_that_cannot_begin(monkeypatch):
    monkeypatch.setattr(background, "BEGINNING", 0.05)
    monkeypatch.setattr(background, "LEAVING", 0.05)
    workers = Workers(1)
    # As in a signal handler that has interrupted the module.
    with threading._active_limbo_lock:
        result = workers.submit(lambda: 5)
        workers.close()
        assert not result.ready()
    assert result.get(5) == 5


def test_calls_that_close_their_own_workers_do_not_wait_for_each_other():
    workers, barrier = Workers(2), threading.Barrier(2)

    def call():
        barrier.wait(5)
        workers.close()

    results = [workers.submit(call) for _ in range(2)]
    for result in results:
        assert result.get(5) is None
    until(lambda: not ours())


@pytest.mark.parametrize("made", [False, True])
def test_a_call_that_is_submitted_while_the_client_is_closed_is_refused(monkeypatch, made):
    workers, start, ran = Workers(1), threading.Thread.start, []
    if made:
        assert workers.submit(lambda: 5).get(5) == 5
        accept = background._Pool.accept
        monkeypatch.setattr(
            background._Pool, "accept", lambda *args: (workers.close(), accept(*args))
        )
    else:
        monkeypatch.setattr(
            threading.Thread, "start", lambda self: (workers.close(), start(self))[1]
        )
    with pytest.raises(RuntimeError, match="closed"):
        workers.submit(lambda: ran.append(1))
    until(lambda: not ours())
    assert ran == []


def test_a_call_that_a_thread_has_begun_when_the_client_is_closed_is_no_error(monkeypatch):
    workers, accept = Workers(1), background._Pool.accept

    def accept_and_close(pool, result):
        accept(pool, result)
        workers.close()

    monkeypatch.setattr(background._Pool, "accept", accept_and_close)
    assert workers.submit(lambda: 5).get(5) == 5


def test_a_result_can_be_referred_to_weakly(workers):
    result = workers.submit(lambda: 5)
    assert weakref.ref(result)() is result


def test_the_sentinel_is_one_of_a_kind():
    assert repr(NOT_GIVEN) == "NOT_GIVEN"
    assert isinstance(NOT_GIVEN, NotGiven)
    assert copy.copy(NOT_GIVEN) is NOT_GIVEN
    assert copy.deepcopy([NOT_GIVEN])[0] is NOT_GIVEN
    assert pickle.loads(pickle.dumps(NOT_GIVEN)) is NOT_GIVEN


# Flags


@pytest.mark.parametrize("count", [1, 8])
def test_setting_a_flag_wakes_all_that_wait(count):
    flag, begun, got = Flag(), threading.Barrier(count + 1), []
    threads = [
        threading.Thread(target=lambda: (begun.wait(5), got.append(flag.wait(5))))
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    begun.wait(5)
    assert got == []
    flag.set()
    for thread in threads:
        thread.join(5)
    assert got == [True] * count


@pytest.mark.parametrize("timeout", [None, 0, -1, 5])
def test_once_a_flag_is_set_nobody_waits(timeout):
    flag = Flag()
    flag.set()
    flag.set()
    assert flag.is_set()
    assert flag.wait(timeout) is True


@pytest.mark.parametrize("timeout", [0, -1, 1e-9, 0.01])
def test_a_flag_is_waited_for_in_vain(timeout):
    flag = Flag()
    for _ in range(3):
        assert flag.wait(timeout) is False
    assert not flag.is_set()


def test_a_handler_may_set_a_flag_and_raise_while_it_is_waited_for(monkeypatch):
    class Gate:
        def acquire(self, timeout=None):
            if timeout is not None:
                flag.set()
                raise KeyboardInterrupt

        def release(self):
            raise RuntimeError("release unlocked lock")

    monkeypatch.setattr(threading, "Lock", Gate)
    flag = Flag()
    with pytest.raises(KeyboardInterrupt):
        flag.wait(5)
    assert flag.wait(5) is True
