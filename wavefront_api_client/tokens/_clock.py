"""What the operations need of the machine beside files: clocks, sleep and chance.

They are called as attributes of this module, so that a test can put others in their place.
"""

from __future__ import annotations

import secrets
import time
from datetime import datetime, timezone

clock = time.monotonic
"""Seconds, for limits."""

sleep = time.sleep
"""Waits for so many seconds."""


def now() -> datetime:
    """What time it is, in UTC, for deadlines."""
    return datetime.now(timezone.utc)


def word() -> str:
    """Eight random hex digits."""
    return secrets.token_hex(4)
