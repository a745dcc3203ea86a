"""Threads for calls with async_req, started when first needed, and the results they deliver."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import Generic, TypeVar

from wavefront_api_client.rest import CLOSED

T = TypeVar("T")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    Task = Optional[Callable[[], None]]


class AsyncResult(Generic[T]):
    """The result of a call that runs in another thread."""

    __slots__ = ("_done", "_error", "_value")

    _value: T
    _error: BaseException | None

    def __init__(self) -> None:
        self._done = threading.Event()
        self._error = None

    def ready(self) -> bool:
        """Whether the call has ended.

        :return: True once it has returned or raised.
        """
        return self._done.is_set()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the call has ended.

        :param timeout: seconds to wait at the most, None for no limit.
        """
        self._done.wait(timeout)

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
        if not self._done.wait(timeout):
            import multiprocessing

            raise multiprocessing.TimeoutError
        if self._error is not None:
            raise self._error
        return self._value

    def _run(self, call: Callable[[], T]) -> None:
        try:
            self._value = call()
        except BaseException as error:
            self._error = error
        self._done.set()


class Workers:
    """Daemon threads, at most `limit` of them; they keep no interpreter from exiting."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._closed = False
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished = 0
        self._pid = os.getpid()

    def submit(self, call: Callable[[], T]) -> AsyncResult[T]:
        """Have a thread make a call.

        :param call: a function without parameters.
        :raises RuntimeError: `close` has been called.
        """
        if self._pid != os.getpid():
            # A fork took the threads away, and may have left the lock taken.
            self._reset()
        result: AsyncResult[T] = AsyncResult()

        def task() -> None:
            result._run(call)
            with self._lock:
                self._unfinished -= 1

        with self._lock:
            if self._closed:
                raise RuntimeError(CLOSED)
            self._unfinished += 1
            if len(self._threads) < min(self._unfinished, self._limit):
                self._start_thread()
            self._tasks.put(task)
        return result

    def _start_thread(self) -> None:
        name = f"wavefront_api_client-{len(self._threads)}"
        thread = threading.Thread(target=_serve, args=(self._tasks,), name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def close(self) -> None:
        """Let the calls under way end, then the threads."""
        if self._pid != os.getpid():
            self._reset()
        with self._lock:
            self._closed = True
            self._dismiss()
            threads, self._threads = self._threads, []
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    def __del__(self) -> None:
        # The threads refer to the queue alone, so that a forgotten client takes them along.
        self._dismiss()

    def _dismiss(self) -> None:
        if self._pid == os.getpid():
            for _ in self._threads:
                self._tasks.put(None)


def _serve(tasks: SimpleQueue[Any]) -> None:
    for task in iter(tasks.get, None):
        task()
        # Without this, an idle thread would keep the last client alive.
        del task
