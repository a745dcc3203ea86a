"""The time as the service has it: that of the machine, until a test moves it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

DAY = 24 * 60 * 60 * 1000
"""Milliseconds."""


class Clock:
    """A clock that runs with that of the machine, ahead of it or behind."""

    def __init__(self) -> None:
        self._ahead = 0

    def now(self) -> int:
        """What it shows: epoch milliseconds."""
        return time.time_ns() // 1_000_000 + self._ahead

    def advance(self, by: timedelta) -> None:
        """Put it forward, or back."""
        self._ahead += round(by.total_seconds() * 1000)
