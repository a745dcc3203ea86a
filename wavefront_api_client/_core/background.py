"""Threads for calls with async_req, started when first needed, and the results they deliver."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar

from wavefront_api_client._core.frames import forget_locals

T = TypeVar("T")

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable

    Task = tuple["AsyncResult[Any]", Callable[[], Any]]

CLOSED = "this client is closed: make a new one"

BEGINNING = 5.0
"""Seconds that a thread may take from its start to its first step."""

LEAVING = 0.5
"""Seconds that it may take after its last one."""


class Flag:
    """A flag to wait for, which a signal handler may set in the midst of a wait.

    `queue.SimpleQueue` allows for that, unlike the lock of a `threading.Event`.
    """

    __slots__ = ("_is_set", "_marks")

    def __init__(self) -> None:
        self._is_set = False
        self._marks: queue.SimpleQueue[None] = queue.SimpleQueue()

    def is_set(self) -> bool:
        """Whether `set` has been called."""
        return self._is_set

    def set(self) -> None:
        """Wake all that wait."""
        self._is_set = True
        self._marks.put(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set.

        :param timeout: seconds to wait at the most, None for no limit.
        :return: whether it is set.
        """
        if not self._is_set:
            try:
                self._marks.get(timeout=None if timeout is None else max(timeout, 0))
            except queue.Empty:
                pass
            finally:
                if self._is_set:
                    # For the next that waits.
                    self._marks.put(None)
        return self._is_set


class AsyncResult(Generic[T]):
    """The result of a call that runs in another thread."""

    __slots__ = ("_ended", "_error", "_traceback", "_value")

    _value: T
    _error: BaseException | None
    _traceback: TracebackType | None

    def __init__(self) -> None:
        self._ended = Flag()
        self._error = None

    def ready(self) -> bool:
        """Whether the call has ended.

        :return: True once it has returned or raised.
        """
        return self._ended.is_set()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the call has ended.

        :param timeout: seconds to wait at the most, None for no limit.
        """
        self._ended.wait(timeout)

    def successful(self) -> bool:
        """Whether the call returned.

        :return: False if it raised.
        :raises ValueError: it has not ended yet.
        """
        if not self.ready():
            raise ValueError("the call has not ended yet")
        return self._error is None

    def get(self, timeout: float | None = None) -> T:
        """Wait for the call, and return or raise what it returned or raised.

        :param timeout: seconds to wait at the most, None for no limit.
        :return: what the call returned.
        :raises multiprocessing.TimeoutError: the call has not ended in time; it goes on.
        """
        if not self._ended.wait(timeout):
            import multiprocessing

            raise multiprocessing.TimeoutError
        if self._error is None:
            return self._value
        try:
            # With the traceback of the call: to raise adds to the one that the exception has.
            raise self._error.with_traceback(self._traceback)
        finally:
            # The traceback holds this frame, and would hold the exception itself through it.
            del self

    def _run(self, call: Callable[[], T]) -> None:
        try:
            self._value = call()
        except BaseException as error:
            forget_locals(error)
            self._traceback = error.__traceback__
            self._error = error
        finally:
            # As above.
            del self, call


class Workers:
    """Daemon threads, at most `limit` of them; they keep no interpreter from exiting.

    A signal handler or finalizer may use it in the midst of any of its steps: it has no lock.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # A flag that only one can be the first to set. Nobody ever waits for it.
        self.closed = threading.Lock()
        self._crews: dict[int, _Crew] = {}

    def crew(self) -> _Crew:
        """The threads of this process: a fork takes them away."""
        pid = os.getpid()
        return self._crews.get(pid) or self._crews.setdefault(pid, _Crew(self._limit))

    def submit(self, call: Callable[[], T]) -> AsyncResult[T]:
        """Have a thread make a call.

        :param call: a function without parameters.
        :raises RuntimeError: `close` has been called, or no thread can be started.
        """
        if self.closed.locked():
            raise RuntimeError(CLOSED)
        crew = self.crew()
        result: AsyncResult[T] = AsyncResult()
        crew.accept((result, call))
        if self.closed.locked():
            # Meanwhile: its threads may have left, or be new.
            crew.dismiss()
            if crew.withdraw((result, call)):
                raise RuntimeError(CLOSED)
        return result

    def close(self) -> None:
        """Let the calls under way end, then the threads."""
        is_first = self.closed.acquire(blocking=False)
        crew = self._crews.get(os.getpid())
        if crew is None:
            return
        crew.dismiss()
        # Of calls that close their own client, one waits for the others: not each for each other.
        if is_first or threading.current_thread() not in crew.threads.values():
            crew.wait()

    def __del__(self) -> None:
        # The threads refer to their crew alone, so that a forgotten client takes them along.
        crew = self._crews.get(os.getpid())
        if crew is not None:
            crew.dismiss()


class _Crew:
    """The threads of one process, and the calls that wait for them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.tasks: deque[Task] = deque()
        self.unfinished: set[AsyncResult[Any]] = set()
        self.threads: dict[int, _Thread] = {}
        # Looked up now: gevent replaces it. True means to look for tasks, None to leave.
        self.bell: queue.SimpleQueue[bool | None] = queue.SimpleQueue()

    def accept(self, task: Task) -> None:
        """Take a task over, and have a thread for it."""
        self.unfinished.add(task[0])
        self.tasks.append(task)
        try:
            self.staff()
        except Exception:
            # Threads that are there will do it.
            if not self._is_served() and self.withdraw(task):
                raise
        except BaseException:
            self.withdraw(task)
            raise
        self.bell.put(True)

    def withdraw(self, task: Task) -> bool:
        """Take a task back, unless a thread has it already."""
        try:
            self.tasks.remove(task)
        except ValueError:
            return False
        self.unfinished.discard(task[0])
        return True

    def _is_served(self) -> bool:
        return any(thread.is_alive() for thread in list(self.threads.values()))

    def staff(self) -> None:
        """Start a thread if there are too few, or none that has come to life."""
        wanted = min(len(self.unfinished), self.limit)
        if len(self.threads) >= wanted and self._is_served():
            return
        thread = _Thread(self)
        # The first number that nobody has, taken in one step.
        thread.number = next(n for n in count() if self.threads.setdefault(n, thread) is thread)
        thread.name = f"wavefront_api_client-{thread.number}"
        try:
            thread.start()
        except BaseException:
            if not thread.is_alive():
                del self.threads[thread.number]
            raise

    def dismiss(self) -> None:
        """Have the threads leave when nothing is left to do."""
        self.bell.put(None)

    def wait(self) -> None:
        """Wait until the threads have left.

        The calls may take their time. What the `threading` module does before and after them may
        not: a signal handler finds it locked if that is what it has interrupted.
        """
        for thread in list(self.threads.values()):
            if thread.is_alive() and thread is not threading.current_thread():
                if thread.begun.wait(BEGINNING):
                    thread.ended.wait()
                thread.join(LEAVING)

    def serve(self, number: int) -> None:
        """What a thread does."""
        if number >= self.limit:
            # One too many, started while another could not be relied on yet.
            self.work()
            del self.threads[number]
        else:
            while self.bell.get():
                self.work()
            # For the next one.
            self.bell.put(None)
        # Somebody may have counted on this thread until now.
        self.work()

    def work(self) -> None:
        while True:
            try:
                result, call = self.tasks.popleft()
            except IndexError:
                return
            result._run(call)
            self.unfinished.discard(result)
            result._ended.set()
            # The traceback of an error holds this frame.
            del result, call


class _Thread(threading.Thread):
    number: int

    def __init__(self, crew: _Crew) -> None:
        super().__init__(daemon=True)
        self._crew = crew
        self.begun = Flag()
        self.ended = Flag()

    def run(self) -> None:
        self.begun.set()
        try:
            self._crew.serve(self.number)
        finally:
            self.ended.set()
