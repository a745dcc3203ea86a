"""Signal handlers and finalizers that use the client in the midst of it: nothing waits for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from interrupts import SCENES, STORMS

FULL = bool(os.environ.get("WAVEFRONT_CHAOS_OPERATIONS"))
STRIDES = {
    "submit_and_close": 3,
    "submit_and_submit": 3,
    "submit_twice_and_close": 3,
    "call_later_and_close": 3,
    "toggle_and_toggle": 13,
    "toggle_and_forget": 13,
    "call_and_call": 197,
    "call_and_close": 197,
    "call_after_a_fork_and_call": 197,
}
"""A prime for scenes of many steps, so that it is not always the same place of a loop."""

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="needs POSIX signals")


def run(what: str, amount: float) -> int:
    """How many places, or times, it has been through; it fails where it hangs."""
    # Not measured: coverage has locks of its own, and wants to be the only one who traces.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")}
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-m", "interrupts", what, str(amount)],
        cwd=Path(__file__).parent,
        env={**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stderr == ""
    return int(finished.stdout)


@pytest.mark.parametrize("scene", SCENES)
def test_interrupted_at_any_step(scene):
    stride = 1 if FULL else STRIDES.get(scene, 1)
    assert run(scene, stride) >= 30


@pytest.mark.parametrize("storm", STORMS)
def test_interrupted_at_any_time(storm):
    assert run(storm, 60 if FULL else 1) > 5
