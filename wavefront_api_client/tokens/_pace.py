"""Works on several accounts at once; if the service asks one call to wait, all calls wait."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from wavefront_api_client.retry import NOT_ACTED_ON, RetryPolicy
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens.errors import RotationPending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wavefront_api_client import Configuration

T = TypeVar("T")


class Gate:
    """A gate for calls, which is closed while the service asks one of them to wait."""

    def __init__(self) -> None:
        self._until = 0.0
        self._is_closed = False

    def wait(self) -> None:
        """Wait until the service may be called.

        :raises RotationPending: the work was interrupted.
        """
        while not self._is_closed and (left := self._until - _clock.clock()) > 0:
            _clock.sleep(min(left, 1))
        if self._is_closed:
            raise RotationPending("it was interrupted: run it again")

    def hold(self, seconds: float) -> None:
        """Make all calls wait that have not begun."""
        self._until = max(self._until, _clock.clock() + seconds)

    @contextmanager
    def of(self, configuration: Configuration) -> Iterator[None]:
        """Hold all calls whenever a retry of this client waits."""
        policy = configuration.retries
        if isinstance(policy, _Holding):
            # Another thread works with the same client: its end must not bring this back.
            policy = policy.policy
        configuration.retries = _Holding.of_gate(policy, self)
        try:
            yield
        finally:
            configuration.retries = policy

    def side_by_side(self, work: Sequence[Callable[[], T]], jobs: int) -> Iterator[T]:
        """The results of some functions, in their order; with one job, this thread calls them.

        An interrupt ends each of them before its next call.
        """
        if jobs < 2 or len(work) < 2:
            yield from (do() for do in work)
            return
        with ThreadPoolExecutor(min(jobs, len(work))) as threads:
            try:
                yield from threads.map(lambda do: do(), work)
            except BaseException:
                self._is_closed = True
                raise


class _Holding(RetryPolicy):
    """A policy that decides as another one does, and holds a gate for as long as it waits."""

    policy: RetryPolicy
    gate: Gate

    @classmethod
    def of_gate(cls, policy: RetryPolicy, gate: Gate) -> _Holding:
        made = cls(*policy)
        made.policy, made.gate = policy, gate
        return made

    def wait_before_retry(
        self,
        method: str,
        kind: str,
        attempt: int,
        retry_after: float | None = None,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> float | None:
        wait = self.policy.wait_before_retry(method, kind, attempt, retry_after, uniform)
        if kind == NOT_ACTED_ON:
            # If this call gives up, the others still wait as the service asked.
            self.gate.hold(min(retry_after or 0, self.retry_after_max) if wait is None else wait)
        return wait
