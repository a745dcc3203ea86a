"""_transport.pools: which connections are kept, and that all are closed."""

from __future__ import annotations

import queue
import threading

import pytest
import urllib3

from wavefront_api_client import ApiClient, Configuration
from wavefront_api_client._transport.connection import Connection
from wavefront_api_client._transport.pools import Pool, Stack
from wavefront_api_client.rest import RESTClientObject


def test_a_stack_gives_the_latest_first():
    stack, items = Stack(3), [None, Connection("a"), Connection("b")]
    for item in items:
        stack.put(item, block=False)
    assert stack.qsize() == 3
    assert not stack.empty()
    with pytest.raises(queue.Full):
        stack.put(Connection("c"), block=False)
    assert [stack.get(block=False, timeout=None) for _ in range(3)] == items[::-1]
    with pytest.raises(queue.Empty):
        stack.get(block=False)
    assert stack.qsize() == 0
    assert stack.empty()


def test_a_closed_stack_takes_nothing_more():
    stack, item = Stack(3), Connection("a")
    stack.put(item)
    stack.is_closed = True
    with pytest.raises(AttributeError):
        stack.put(Connection("b"))
    assert stack.get() is item
    assert stack.qsize() == 0


def test_a_connection_that_comes_back_while_its_pool_is_closed_is_closed(api, monkeypatch):
    put, returned = Stack.put, []

    def close_first(stack, item, block=False):
        if item is not None and not returned:
            returned.append(item)
            api.api_client.close()
        put(stack, item, block)

    api.get_all_tokens()
    monkeypatch.setattr(Stack, "put", close_first)
    assert api.get_all_tokens().status.code == 200
    assert [connection.sock for connection in returned] == [None]


def test_a_connection_that_closing_takes_while_it_is_put_is_closed_once():
    class Taken(Stack):
        @property
        def is_closed(self):
            # As another thread that empties the stack at this moment.
            return bool(self.__dict__.setdefault("taken", [self.get()]))

        @is_closed.setter
        def is_closed(self, value):
            pass

    stack = Taken(3)
    stack.put(Connection("a"))
    assert stack.qsize() == 0


def test_a_pool_may_be_closed_twice():
    pool = Pool("h")
    pool.close()
    pool.close()
    assert pool.pool is None


def test_the_oldest_pool_makes_room_and_is_closed():
    client = RESTClientObject(Configuration(host="http://127.0.0.1:1"), pools_size=2)
    manager = client.pool_manager
    made = [manager.connection_from_url(f"http://127.0.0.1:{port}") for port in (1, 2, 3)]
    assert [pool.pool is None for pool in made] == [True, False, False]
    client.close()
    assert all(pool.pool is None for pool in made)


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:1"])
def test_urllib3_uses_them(proxy):
    configuration = Configuration(host="http://127.0.0.1:1", proxy=proxy)
    with ApiClient(configuration) as client:
        manager = client.rest_client.pool_manager
        pool = manager.connection_from_url("http://127.0.0.1:1/x")
        assert isinstance(pool, urllib3.HTTPConnectionPool)
        assert type(pool.pool) is Stack
        assert manager.connection_from_url("http://127.0.0.1:1/y") is pool
        assert pool.pool.qsize() == configuration.connection_pool_maxsize
    assert not manager.pools.keys()
    assert pool.pool is None


def test_threads_that_come_first_at_once_share_a_pool():
    with ApiClient(Configuration(host="http://127.0.0.1:1")) as client:
        manager = client.rest_client.pool_manager
        barrier, got = threading.Barrier(8), []

        def ask():
            barrier.wait(5)
            got.append(manager.connection_from_url("http://127.0.0.1:1"))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert len(got) == 8
        assert len(set(map(id, got))) == 1
