"""_transport.answers, .connection, .pools: the steps that no server can be made to take."""

from __future__ import annotations

import _thread
import io
import socket
import threading
import time

import pytest
from urllib3.connection import HTTPConnection

from wavefront_api_client import ApiClient
from wavefront_api_client._core.limits import Timeouts
from wavefront_api_client._transport import answers
from wavefront_api_client._transport import connection as connections
from wavefront_api_client._transport.answers import Exchange, _Buffer, _Reader
from wavefront_api_client._transport.connection import Connection


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(answers, "time", clock)
    monkeypatch.setattr(connections, "time", clock)
    return clock


class Socket:
    def __init__(self, data, timeout):
        self.data = data
        self.timeouts = [timeout]

    def makefile(self, *_):
        return io.BytesIO(self.data)

    def gettimeout(self):
        return self.timeouts[-1]

    def settimeout(self, seconds):
        self.timeouts.append(seconds)


def reader_of(data, limit):
    sock = Socket(data, limit)
    return _Reader(sock), sock


def test_a_reader_shortens_the_wait_and_then_gives_up(clock):
    reader, sock = reader_of(b"abcdef", 10)
    assert reader.read(2) == b"ab"
    assert sock.timeouts == [10]
    clock.now += 4
    assert reader.read(2) == b"cd"
    assert sock.timeouts == [10, 6]
    clock.now += 6
    with pytest.raises(socket.timeout):
        reader.read(2)


def test_a_reader_that_was_lifted_waits_for_each_byte_as_long_as_it_may(clock):
    reader, sock = reader_of(b"abcdef", 10)
    clock.now += 9
    reader.read(2)
    reader.lift()
    clock.now += 100
    assert reader.read(2) == b"cd"
    assert sock.timeouts == [10, 1, 10]


@pytest.mark.parametrize(("read", "left"), [(3, False), (2, True), (0, True)])
def test_a_buffer_says_whether_bytes_are_left(read, left):
    reader, _ = reader_of(b"abc", None)
    with _Buffer(reader) as buffer:
        buffer.peek(1)
        buffer.read(read)
    assert reader.leftover is left


def test_a_buffer_asks_for_no_more_bytes_when_it_is_closed():
    reader, _ = reader_of(b"abc", None)
    buffer = _Buffer(reader)
    buffer.close()
    buffer.close()
    assert reader.leftover is False


def test_a_reader_that_nobody_closed_may_have_bytes_left():
    assert reader_of(b"", None)[0].leftover


@pytest.mark.parametrize(
    ("connect", "read", "left", "limits"),
    [
        (None, None, None, (None, None)),
        (3, 4, None, (3, 4)),
        (None, None, 2, (2, 2)),
        (3, 1, 2, (2, 1)),
        (3, 4, -1, (0.001, 0.001)),
    ],
)
def test_an_exchange_knows_the_sooner_limit(clock, connect, read, left, limits):
    exchange = Exchange("GET", Timeouts(connect, read, None), left)
    assert (repr(exchange), exchange.start_connect()) == ("<Exchange GET>", clock.now)
    copy = exchange.clone()
    assert (copy.connect_timeout, copy.read_timeout) == limits
    clock.now += 1
    assert copy.read_timeout == (max(left - 1, 0.001) if left == 2 and read is None else limits[1])


# --- names ------------------------------------------------------------------------------------


@pytest.fixture
def lookups(monkeypatch):
    """The threads in which names were looked up."""
    seen = []

    def look_up(host, port, *_):
        seen.append(threading.current_thread())
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return seen


@pytest.mark.parametrize("host", ["::1", "[::1]", "127.0.0.1"])
def test_an_address_is_not_looked_up_in_a_thread(lookups, host):
    connections.addresses(host, 1, time.monotonic() + 5)
    assert lookups == [threading.current_thread()]


@pytest.mark.parametrize("host", ["999.999.999.999", "127.0.0.1.2"])
def test_numbers_that_are_no_address_are_not_looked_up(host):
    with pytest.raises(socket.gaierror):
        connections.addresses(host, 1, time.monotonic() + 5)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.255"])
def test_an_address_of_four_numbers_is_what_the_system_would_make_of_it(host):
    expected = socket.getaddrinfo(host, 1, 0, socket.SOCK_STREAM)
    assert connections.addresses(host, 1, None) == expected


@pytest.mark.parametrize("host", ["a.example", "127.0.0.1.example", "a"])
def test_a_name_is_looked_up_in_a_thread_if_there_is_a_limit(lookups, host):
    connections.addresses(host, 1, time.monotonic() + 5)
    connections.addresses(host, 1, None)
    assert [thread is threading.current_thread() for thread in lookups] == [False, True]


def refuse_to_start(*_):
    raise RuntimeError("can't start new thread")


def test_a_name_is_not_looked_up_if_no_thread_can_start(lookups, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(_thread, "start_new_thread", refuse_to_start)
        with pytest.raises(OSError, match="can't start new thread"):
            connections.addresses("a.example", 1, time.monotonic() + 5)
    assert lookups == []
    assert connections.addresses("a.example", 1, time.monotonic() + 5)


def test_an_interrupted_start_of_a_look_up_leaves_none_under_way(lookups, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_thread, "start_new_thread", interrupt)
        with pytest.raises(KeyboardInterrupt):
            connections.addresses("a.example", 1, time.monotonic() + 5)
    assert connections.addresses("a.example", 1, time.monotonic() + 5)


def test_a_fault_of_the_look_up_arrives(monkeypatch):
    def fail(*_):
        raise socket.gaierror(socket.EAI_NONAME, "no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(socket.gaierror) as caught:
        connections.addresses("a.example", 1, time.monotonic() + 5)
    assert caught.value.errno == socket.EAI_NONAME


def test_what_the_thread_of_a_look_up_does(monkeypatch, lookups):
    # Here, for coverage does not see threads of `_thread`.
    monkeypatch.setattr(_thread, "start_new_thread", lambda run, arguments: run(*arguments))
    until = time.monotonic() + 5
    assert connections.addresses("a.example", 1, until)[0][4] == ("127.0.0.1", 1)

    def fail(*_):
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(UnicodeError, match="too long"):
        connections.addresses("a.example", 1, until)


def test_a_hundred_calls_share_a_look_up_that_hangs(monkeypatch):
    release, asked = threading.Event(), []

    def hang(host, port, *_):
        asked.append(host)
        release.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        for _ in range(100):
            with pytest.raises(socket.timeout):
                connections.addresses("a.example", 1, time.monotonic())
        assert asked == ["a.example"]
        release.set()
        assert connections.addresses("a.example", 1, time.monotonic() + 5)
    finally:
        release.set()
    assert connections.addresses("b.example", 1, time.monotonic() + 5)
    assert asked[-1] == "b.example"


def test_each_address_has_its_share_of_the_time(clock, monkeypatch):
    waits = []

    class Dead(socket.socket):
        def connect(self, address):
            waits.append(self.gettimeout())
            clock.now += waits[-1]
            raise OSError("dead")

    monkeypatch.setattr(socket, "socket", Dead)
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))
    with pytest.raises(OSError, match="dead"):
        connections.connect([here] * 4, clock.now + 10, None)
    assert waits == pytest.approx([2.5, 2.5, 2.5, 2.5])


def test_a_host_without_an_address_cannot_be_connected():
    with pytest.raises(socket.gaierror):
        connections.connect([], None, None)


def test_an_interrupted_attempt_closes_its_socket(monkeypatch):
    class Interrupted(socket.socket):
        def connect(self, address):
            raise KeyboardInterrupt

    monkeypatch.setattr(socket, "socket", Interrupted)
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))
    with pytest.raises(KeyboardInterrupt):
        connections.connect([here], None, None)


def test_a_connection_has_the_options_asked_for():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = (socket.AF_INET, socket.SOCK_STREAM, 6, "", listener.getsockname())
        option = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connections.connect([there], None, [option]) as sock:
            assert sock.getsockopt(*option[:2])


def test_a_tunnel_that_never_began_leaves_no_answer_to_close(monkeypatch):
    class Broken(Socket):
        def sendall(self, data):
            raise OSError("reset")

        def close(self):
            pass

    monkeypatch.setattr(connections, "connect", lambda *_: Broken(b"", None))
    connection = Connection("127.0.0.1", 1, timeout=None)
    connection.exchange = Exchange("GET", Timeouts(None, None, None))
    connection.set_tunnel("h", 443)
    with pytest.raises(OSError, match="reset"):
        connection.connect()


@pytest.mark.parametrize("limits", [{}, {"timeout": 5}])
def test_pools_may_be_used_without_a_client_around_them(server, limits):
    with ApiClient(server.configuration()) as client:
        headers = {"X-AUTH-TOKEN": server.user.key}
        manager = client.rest_client.pool_manager
        answer = manager.request("GET", f"{server.url}/api/v2/apitoken", headers=headers, **limits)
    assert answer.status == 200


# --- TLS to a proxy ---------------------------------------------------------------------------


def test_a_tunnel_has_what_the_handshake_with_the_proxy_left_of_the_time(clock, monkeypatch):
    def tunnel(_):
        seen.append(connection.sock.gettimeout())
        clock.now += 3

    seen, connection = [], Connection("localhost")
    monkeypatch.setattr(HTTPConnection, "_tunnel", tunnel)
    connection.sock, connection.connects_until = Socket(b"", 10), clock.now + 10
    clock.now += 4
    connection._tunnel()
    assert (seen, connection.sock.gettimeout()) == ([6], 3)
