"""Threads for calls with async_req, started when first needed, and the results they deliver."""

from __future__ import annotations

import os
import queue
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, TypeVar

from wavefront_api_client._core.secrets import clear_frames

T = TypeVar("T")

CLOSED = "this client is closed: make a new one"

BEGINNING = 5.0
"""Seconds that a thread may take from its start to its first step."""

LEAVING = 0.5
"""Seconds that it may take to end after its last call."""


class Flag:
    """A flag to wait for; unlike a `threading.Event`, a signal handler may set it during a wait."""

    __slots__ = ("_gate", "_is_set")

    def __init__(self) -> None:
        self._is_set = False
        self._gate = threading.Lock()
        self._gate.acquire()

    def is_set(self) -> bool:
        """Whether `set` has been called."""
        return self._is_set

    def set(self) -> None:
        """Wake all waiting threads."""
        self._is_set = True
        # It may be open already.
        with suppress(RuntimeError):
            self._gate.release()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or for that many seconds: whether it is set."""
        if not self._is_set:
            try:
                self._gate.acquire(timeout=-1 if timeout is None else max(timeout, 0))
            finally:
                if self._is_set:
                    # The next one that waits has to get through the gate, too.
                    self.set()
        return self._is_set


class AsyncResult(Generic[T]):
    """The result of a call that runs in another thread."""

    __slots__ = ("__weakref__", "_calls", "_ended", "_error", "_traceback", "_value")

    _value: T
    _traceback: TracebackType | None

    def __init__(self, call: Callable[[], T]) -> None:
        # Only one thread can take it.
        self._calls = [call]
        self._ended = Flag()
        self._error: BaseException | None = None

    def ready(self) -> bool:
        """Whether the call has ended: True once it has returned or raised."""
        return self._ended.is_set()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the call has ended, or for that many seconds."""
        self._ended.wait(timeout)

    def successful(self) -> bool:
        """Whether the call returned; False if it raised.

        :raises ValueError: it has not ended yet.
        """
        if not self.ready():
            raise ValueError("the call has not ended yet")
        return self._error is None

    def get(self, timeout: float | None = None) -> T:
        """Wait for the call, no longer than that many seconds; return its value or raise its error.

        :raises multiprocessing.TimeoutError: the call has not ended in time; it goes on.
        """
        if not self._ended.wait(timeout):
            import multiprocessing

            raise multiprocessing.TimeoutError
        if self._error is None:
            return self._value
        # With the traceback of the call: to raise adds to the one that the exception has.
        raise self._error.with_traceback(self._traceback)

    def _run(self) -> None:
        """Make the call, unless it was taken back."""
        try:
            call = self._calls.pop()
        except IndexError:
            return
        try:
            self._value = call()
        except BaseException as error:
            clear_frames(error)
            self._error, self._traceback = error, error.__traceback__
        finally:
            # The traceback of an error holds this frame, and a call holds its arguments.
            del call
            self._ended.set()
            del self


class Workers:
    """At most `limit` daemon threads; they keep no interpreter from exiting."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.is_closed = False
        # By process: a fork takes the threads away.
        self._pools: dict[int, _Pool] = {}

    def submit(self, call: Callable[[], T]) -> AsyncResult[T]:
        """Have a thread make a call."""
        if self.is_closed:
            raise RuntimeError(CLOSED)
        pool = self._pools.get(os.getpid())
        if pool is None:
            pool = self._pools.setdefault(os.getpid(), _Pool(self._limit))
            # The threads refer to their pool alone: they end with a client that is garbage.
            weakref.finalize(self, pool.dismiss).atexit = False
        result = AsyncResult(call)
        pool.accept(result)
        if self.is_closed:
            # By a signal handler or another thread, meanwhile.
            pool.dismiss()
            with suppress(IndexError):
                result._calls.pop()
                raise RuntimeError(CLOSED)
        return result

    def close(self) -> None:
        """Let the calls and the threads end; a call that closes its own client does not wait."""
        self.is_closed = True
        pool = self._pools.get(os.getpid())
        if pool is not None:
            pool.dismiss()
            pool.wait()


class _Pool:
    """The threads of one process, and their calls; a handler may close it during any step."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.RLock()
        self.threads: dict[threading.Thread, tuple[Flag, Flag]] = {}
        """Each with flags that say whether it has begun, and has made its last call."""
        self._unfinished: set[AsyncResult[Any]] = set()
        # Looked up now, as gevent replaces it. None tells a thread to end.
        self._tasks: queue.SimpleQueue[AsyncResult[Any] | None] = queue.SimpleQueue()

    def accept(self, result: AsyncResult[Any]) -> None:
        """Take a call over, and have a thread for it."""
        with self._lock:
            if len(self.threads) < min(len(self._unfinished) + 1, self._limit):
                self._start_thread()
            self._unfinished.add(result)
            self._tasks.put(result)

    def _start_thread(self) -> None:
        name, flags = f"wavefront_api_client-{len(self.threads)}", (Flag(), Flag())
        thread = threading.Thread(target=self._serve, args=flags, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # Threads that are there serve all calls.
            if not self.threads:
                raise
        finally:
            if thread.is_alive():
                self.threads[thread] = flags

    def _serve(self, begun: Flag, ended: Flag) -> None:
        """Make one call after the other until `dismiss` has been called."""
        begun.set()
        try:
            for result in iter(self._tasks.get, None):
                result._run()
                self._unfinished.discard(result)
                # The frame holds the value of the call.
                del result
            self.dismiss()
        finally:
            ended.set()

    def dismiss(self) -> None:
        """Have the threads leave when they have made the calls so far; each tells the next."""
        self._tasks.put(None)

    def wait(self) -> None:
        """Wait until the threads have ended."""
        if threading.current_thread() in self.threads:
            return
        for thread, (begun, ended) in list(self.threads.items()):
            # With limits for its first and last steps: they need a lock of the `threading` module,
            # which a signal handler may have interrupted.
            if begun.wait(BEGINNING):
                ended.wait()
            thread.join(LEAVING)
