"""_workers: threads for async_req, started when first needed, and the results they deliver."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import os
import pickle
import threading
import time

import pytest

from wavefront_api_client._sentinel import NOT_GIVEN, NotGiven
from wavefront_api_client._workers import AsyncResult, Workers


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
        until(lambda: not workers._unfinished)
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
    import weakref

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
    monkeypatch.setattr(os, "getpid", lambda: -1)
    tasks = workers._tasks
    workers._dismiss()
    assert tasks.qsize() == 0
    assert workers.submit(lambda: 6).get(1) == 6
    assert workers._tasks is not tasks
    workers.close()
    release.set()
    assert late.get(1) is True
    tasks.put(None)
    until(lambda: not ours())


def test_a_forked_process_may_close_what_it_never_used(monkeypatch):
    workers = Workers(2)
    begun, release = threading.Event(), threading.Event()
    late = workers.submit(lambda: (begun.set(), release.wait(5))[1])
    begun.wait(5)
    tasks = workers._tasks
    monkeypatch.setattr(os, "getpid", lambda: -1)
    workers.close()
    assert tasks.qsize() == 0
    assert not late.ready()
    release.set()
    assert late.get(1) is True
    tasks.put(None)
    until(lambda: not ours())


def test_the_sentinel_is_one_of_a_kind():
    assert repr(NOT_GIVEN) == "NOT_GIVEN"
    assert isinstance(NOT_GIVEN, NotGiven)
    assert copy.copy(NOT_GIVEN) is NOT_GIVEN
    assert copy.deepcopy([NOT_GIVEN])[0] is NOT_GIVEN
    assert pickle.loads(pickle.dumps(NOT_GIVEN)) is NOT_GIVEN
