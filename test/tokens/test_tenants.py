"""Many tenants: each with its own host and key, and the failure of one is a value."""

from __future__ import annotations

import contextlib
import os
import pickle
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import pytest
from canary import CANARY, everything_shown, traces

from wavefront_api_client import ApiConnectionException, ApiException, Configuration
from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import (
    Result,
    Secret,
    Tenant,
    TokenEnv,
    TokenFile,
    audit,
    for_tenants,
    handle_of,
)

KEY = "c4n4ry-5ecret-bird-91f7-k3ep-m-hidden"


@pytest.fixture
def servers():
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(TokenServer()) for _ in range(3)]


def tenant_of(server, name="one", key=None, **settings):
    return Tenant(name, server.url, key or server.user.key, {"proxy": None, **settings})


def used_key(api):
    return api.api_client.configuration.api_key["X-AUTH-TOKEN"]


def test_each_tenant_is_called_at_its_own_host_with_its_own_key(servers):
    tenants = [tenant_of(server, f"tenant {n}") for n, server in enumerate(servers)]
    results = for_tenants(reversed(tenants), lambda api: (used_key(api), len(audit(api).rows)))
    assert list(results) == ["tenant 2", "tenant 1", "tenant 0"]
    assert [result.get() for result in results.values()] == [
        (server.user.key, 1) for server in reversed(servers)
    ]
    assert [[r.status for r in server.requests] for server in servers] == [[200]] * 3
    assert for_tenants([], audit) == {}


def test_the_key_of_the_environment_goes_to_no_tenant(servers, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", CANARY)
    default = Configuration(host=servers[0].url, api_key=CANARY)
    default.refresh_api_key_hook = lambda configuration: configuration.api_key.update(
        {"X-AUTH-TOKEN": CANARY}
    )
    Configuration.set_default(default)
    for server in servers[:2]:
        (result,) = for_tenants([tenant_of(server)], api_get_all_tokens).values()
        assert result.get() == server.user.key
        assert [request.status for request in server.requests] == [200]


def api_get_all_tokens(api):
    api.get_all_tokens()
    return used_key(api)


@pytest.mark.parametrize(
    "key", [lambda: "", lambda: Secret("").reveal(), TokenEnv("WAVEFRONT_NOT_SET")]
)
def test_a_tenant_without_a_key_is_not_called(servers, key, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", servers[0].user.key)
    (result,) = for_tenants([tenant_of(servers[0], key=key)], audit).values()
    assert isinstance(result.error, ValueError)
    assert servers[0].requests == []
    with pytest.raises(ValueError, match="a token cannot be empty"):
        Tenant("a", servers[0].url, "")


def test_keys_are_read_where_they_are_needed(servers, tmp_path, monkeypatch):
    (tmp_path / "key").write_text(f" {servers[0].user.key}\n")
    monkeypatch.setenv("KEY_OF_ONE", f"{servers[0].user.key}\n")
    readers = [
        TokenFile(str(tmp_path / "key")),
        TokenEnv("KEY_OF_ONE"),
        lambda: Secret(servers[0].user.key),
    ]
    for reader in readers:
        (result,) = for_tenants([tenant_of(servers[0], key=reader)], used_key).values()
        assert result.get() == servers[0].user.key
    (result,) = for_tenants([tenant_of(servers[0], key=TokenFile(str(tmp_path)))], audit).values()
    assert isinstance(result.error, IsADirectoryError)


def test_a_tenant_that_fails_is_a_value_and_costs_no_other(servers):
    servers[1].stop()
    url = "http://127.0.0.1:1"
    tenants = [
        tenant_of(servers[0], "works"),
        Tenant("dead", url, KEY, {"proxy": None, "retries": 0}),
        tenant_of(servers[2], "refused", key=KEY),
        Tenant("odd", "https://user@host", KEY),
    ]
    results = for_tenants(tenants, audit)
    assert [result.error is None for result in results.values()] == [True, False, False, False]
    assert isinstance(results["dead"].error, ApiConnectionException)
    assert results["refused"].error.status == 401
    with pytest.raises(ValueError):
        results["odd"].get()
    for result in results.values():
        shown = repr(result) + (everything_shown(result.error) if result.error else "")
        assert traces(shown, KEY) == []
    for _ in range(2):
        with pytest.raises(ApiException) as caught:
            results["refused"].get()
    assert caught.value is results["refused"].error
    again = pickle.loads(pickle.dumps(results))
    assert again["refused"].error.status == 401
    assert again["works"].get().to_json() == results["works"].get().to_json()


def test_names_are_unique(servers):
    with pytest.raises(ValueError, match="two tenants have the same name"):
        for_tenants([tenant_of(servers[0]), tenant_of(servers[1])], audit)
    assert servers[0].requests == []


def test_a_key_does_not_travel_but_a_reader_does(servers):
    tenant = tenant_of(servers[0], key=KEY)
    assert traces(repr(tenant) + repr(vars(tenant)), KEY) == []
    with pytest.raises(TypeError, match="a secret cannot be pickled"):
        pickle.dumps(tenant)
    again = pickle.loads(pickle.dumps(tenant_of(servers[0], key=TokenEnv("X"), request_timeout=5)))
    assert (again.name, again.url, again.key) == ("one", servers[0].url, TokenEnv("X"))
    assert again.settings == {"proxy": None, "request_timeout": 5}


def test_all_tenants_are_called_at_once(servers):
    """So the slowest of them bounds the time: nobody waits for a thread that another one keeps."""
    together = threading.Barrier(100)
    tenants = [tenant_of(servers[0], str(number)) for number in range(100)]
    results = for_tenants(tenants, lambda api: together.wait(60))
    assert sorted(result.get() for result in results.values()) == list(range(100))


def test_other_processes_read_keys_and_return_reports(servers, tmp_path):
    tenants = []
    for number, server in enumerate(servers):
        path = tmp_path / str(number)
        path.write_text(server.user.key)
        tenants.append(tenant_of(server, str(number), key=TokenFile(str(path))))
    tenants.append(tenant_of(servers[0], "key", key=KEY))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        *results, last = for_tenants(tenants, audit, executor=executor).values()
        assert isinstance(last.error, TypeError)
        handles = [result.get().rows[0].handle for result in results]
        assert handles == [handle_of(server.user.key) for server in servers]
        (result,) = for_tenants(tenants[:1], die, executor=executor).values()
        assert isinstance(result.error, BrokenProcessPool)
        (result,) = for_tenants(tenants[:1], audit, executor=executor).values()
        assert isinstance(result.error, BrokenProcessPool)


def die(api):
    os._exit(1)


def test_who_interrupts_threads_waits_for_no_call_that_is_under_way(servers):
    first, *others = (tenant_of(server, server.url) for server in servers)
    release, outcomes = threading.Event(), []

    def interrupt_or_wait(api):
        if api.api_client.configuration.host == first.url:
            raise KeyboardInterrupt
        outcomes.append(release.wait(60))

    try:
        with pytest.raises(KeyboardInterrupt):
            for_tenants([first, *others], interrupt_or_wait)
        assert outcomes == []
    finally:
        release.set()


class Later(Executor):
    """Runs nothing before it is asked for a result, and notes who was sent off."""

    def __init__(self):
        self.futures = []

    def submit(self, function, *args):
        future = Future()
        self.futures.append(future)
        if len(self.futures) == 1:
            future.set_exception(KeyboardInterrupt())
        return future


def test_what_has_not_begun_is_called_off(servers):
    executor = Later()
    tenants = [tenant_of(servers[0], str(number)) for number in range(3)]
    with pytest.raises(KeyboardInterrupt):
        for_tenants(tenants, audit, executor=executor)
    assert [future.cancelled() for future in executor.futures] == [False, True, True]


def test_a_result_shows_its_value():
    assert repr(Result(5)) == "<Result 5>"
    assert repr(Result(error=KeyError("a"))) == "<Result KeyError('a')>"
    assert Result().get() is None
