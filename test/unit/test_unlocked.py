"""_transport.unlocked: containers for urllib3, and that it uses them."""

from __future__ import annotations

import queue
import threading
from collections import deque

import pytest
import urllib3

from wavefront_api_client import ApiClient, Configuration
from wavefront_api_client._transport.unlocked import Pools, Stack


class Pool:
    closed = 0

    def close(self):
        self.closed += 1


def test_a_stack_gives_the_latest_first():
    stack = Stack(3)
    for item in (None, "a", "b"):
        stack.put(item, block=False)
    assert stack.qsize() == 3
    with pytest.raises(queue.Full):
        stack.put("c", block=False)
    assert [stack.get(block=False, timeout=None) for _ in range(3)] == ["b", "a", None]
    with pytest.raises(queue.Empty):
        stack.get(block=False)
    assert stack.qsize() == 0


def test_a_closed_stack_takes_nothing_more():
    stack = Stack(3)
    stack.put("a")
    stack.close()
    with pytest.raises(AttributeError):
        stack.put("b")
    assert stack.get() == "a"
    assert stack.qsize() == 0


def test_what_was_taken_while_it_was_put_is_in_good_hands():
    class Drained(deque):
        def append(self, item):
            stack.close()

    stack = Stack(3)
    stack.items = Drained()
    stack.put("a")
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


def test_the_first_pool_of_a_key_stays():
    pools, first, second = Pools(2), Pool(), Pool()
    pools["a"] = first
    pools["a"] = second
    assert pools["a"] is pools.get("a") is first
    assert (first.closed, second.closed) == (0, 0)


def test_the_oldest_pool_makes_room_and_is_closed():
    pools, made = Pools(2), [Pool() for _ in range(4)]
    for number, pool in enumerate(made):
        pools[number] = pool
    assert list(pools.keys()) == [2, 3]
    assert [pool.closed for pool in made] == [1, 1, 0, 0]
    pools.clear()
    assert len(pools) == 0
    assert [pool.closed for pool in made] == [1, 1, 1, 1]


def test_a_pool_is_closed_once_whoever_is_faster():
    class Raced(Pools):
        def pop(self, key, default=None):
            super().pop(key, None)
            return default

    pools, pool = Raced(1), Pool()
    pools["a"] = pool
    pools["b"] = pool
    pools.clear()
    assert pool.closed == 0


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:1"])
def test_urllib3_uses_them(proxy):
    configuration = Configuration(host="http://127.0.0.1:1", proxy=proxy)
    with ApiClient(configuration) as client:
        manager = client.rest_client.pool_manager
        pool = manager.connection_from_url("http://127.0.0.1:1/x")
        assert isinstance(pool, urllib3.HTTPConnectionPool)
        assert type(pool.pool) is Stack
        assert type(manager.pools) is Pools
        assert manager.connection_from_url("http://127.0.0.1:1/y") is pool
        assert pool.pool.qsize() == configuration.connection_pool_maxsize
    assert not manager.pools
    assert pool.pool is None


def test_threads_that_come_first_at_once_share_a_pool(monkeypatch):
    with ApiClient(Configuration(host="http://127.0.0.1:1")) as client:
        manager = client.rest_client.pool_manager
        barrier, got = threading.Barrier(8), []
        new_pool = manager._new_pool

        def meet(*args, **kwargs):
            barrier.wait(5)
            return new_pool(*args, **kwargs)

        monkeypatch.setattr(manager, "_new_pool", meet)
        ask = lambda: got.append(manager.connection_from_url("http://127.0.0.1:1"))  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert len(got) == 8
        assert len(set(map(id, got))) == 1
