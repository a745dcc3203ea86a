"""A machine whose clock the tests move, and whose waits take no time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens.errors import DeliveryFailed


class World:
    """Clocks that show what they are told, beside the service's own."""

    def __init__(self, server):
        self.server = server
        self.seconds = 0.0
        self.ahead = timedelta(0)
        self.sleeps = []
        self.on_sleep = lambda: None

    def now(self):
        return datetime.now(timezone.utc) + self.ahead

    def clock(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds
        self.sleeps.append(seconds)
        self.on_sleep()

    def advance(self, **by):
        """Put the clock of the machine and that of the service forward."""
        self.ahead += timedelta(**by)
        self.server.advance(**by)


class MemorySink:
    """A sink that keeps a token here.

    :param can_tell: whether it says what it holds.
    """

    def __init__(self, secret=None, can_tell=True):
        self.held, self.can_tell, self.delivered = secret, can_tell, []
        self.is_full = False

    def check(self):
        if self.is_full:
            raise DeliveryFailed("the sink is full")

    def deliver(self, secret):
        self.check()
        self.held = secret
        self.delivered.append(secret)

    def matches(self, secret):
        return self.held == secret if self.can_tell else None


@pytest.fixture
def world(server, monkeypatch, tmp_path):
    world = World(server)
    for name in ("now", "clock", "sleep"):
        monkeypatch.setattr(_clock, name, getattr(world, name))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return world


@pytest.fixture
def make_sink():
    return MemorySink


@pytest.fixture
def sink():
    return MemorySink()
