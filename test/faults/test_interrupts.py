"""Signal handlers that close the client in the midst of its use: nothing waits for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from interrupts import ROOMS

from wavefront_api_client.testing import TokenServer

FULL = bool(os.environ.get("WAVEFRONT_CHAOS_OPERATIONS"))

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="needs POSIX signals")


def run(what: str, amount: object) -> dict[str, int]:
    """How many places, or times, each scene has been through; it fails where it hangs."""
    # Not measured: coverage has locks of its own, and wants to be the only one who traces.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")}
    with TokenServer() as server, TokenServer(onboarded=True) as onboarded:
        here = {"WAVEFRONT_URL": server.url, "WAVEFRONT_TOKEN": server.user.key}
        here["ONBOARDED"] = f"{onboarded.url} {onboarded.csp_url} {onboarded.user.api_token}"
        finished = subprocess.run(
            [sys.executable, "-W", "error", "-m", "interrupts", what, str(amount)],
            cwd=Path(__file__).parent,
            env={**kept, **here, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            timeout=1200,
        )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stderr == ""
    return {name: int(count) for name, count in map(str.split, finished.stdout.splitlines())}


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_interrupted_at_any_step(room):
    found = run(room, "all" if FULL else "some")
    assert [*found] == [scene.__name__ for scene in ROOMS[room]]
    assert min(found.values()) >= 20


def test_interrupted_at_any_time():
    assert run("closing_signals", 60 if FULL else 0.7)["closing_signals"]
