"""_transport: the steps of a connection that no server can be made to take at a given moment."""

from __future__ import annotations

import io
import socket

import pytest

from wavefront_api_client import _transport


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


class Socket:
    def __init__(self, timeout):
        self.timeouts = [timeout]

    def gettimeout(self):
        return self.timeouts[-1]

    def settimeout(self, seconds):
        self.timeouts.append(seconds)


def test_a_reader_shortens_the_wait_and_then_gives_up(monkeypatch):
    clock, sock = Clock(), Socket(10)
    monkeypatch.setattr(_transport, "time", clock)
    reader = _transport._DeadlineReader(io.BytesIO(b"abcdef"), sock)
    assert reader.read(2) == b"ab"
    assert sock.timeouts == [10]
    clock.now += 4
    assert reader.read(2) == b"cd"
    assert sock.timeouts == [10, 6]
    clock.now += 6
    with pytest.raises(socket.timeout):
        reader.read(2)


def test_a_proxy_that_never_answers_leaves_nothing_to_close():
    class Base:
        def _tunnel(self):
            raise OSError("reset")

    class Connection(_transport._Connection, Base):
        sock = None

    with pytest.raises(OSError, match="reset"):
        Connection()._tunnel()
