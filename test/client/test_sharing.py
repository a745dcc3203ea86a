"""One client for many: threads that race each other, a close that comes in between, a fork."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
import warnings
from functools import partial

import certifi
import pytest
from cases import for_all
from hostile import Answer, HostileServer, Reply, configuration_for, eventually, http_answer

from wavefront_api_client import ApiClient, ApiTokenApi, ServiceException, TooManyRequestsException
from wavefront_api_client._core.background import Workers, _Pool
from wavefront_api_client._transport import PoolFactory
from wavefront_api_client.retry import RetryPolicy

CLOSED = "^this client is closed: make a new one$"


def in_threads(count, call):
    """Call from several threads at the same moment: what each returned or raised."""
    barrier, results = threading.Barrier(count), []

    def run():
        barrier.wait(5)
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    for thread in [started(run) for _ in range(count)]:
        thread.join(10)
    assert len(results) == count
    return results


def started(call):
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


# --- threads that make workers ----------------------------------------------------------------


@pytest.fixture
def pools(monkeypatch):
    """The pools that a test makes, each after long enough for another thread to do the same."""
    made = []
    init = _Pool.__init__

    def slow_init(self, limit):
        time.sleep(0.05)
        made.append(self)
        init(self, limit)

    monkeypatch.setattr(_Pool, "__init__", slow_init)
    return made


def test_a_new_client_starts_no_thread(server, pools):
    before = threading.enumerate()
    with ApiClient(server.configuration()):
        assert pools == []
        assert set(threading.enumerate()) <= set(before)


def test_threads_that_make_the_first_asynchronous_call_share_a_pool(api, pools):
    results = in_threads(2, lambda: api.get_all_tokens(async_req=True))
    assert [result.get(5).status.code for result in results] == [200, 200]
    assert api.get_all_tokens(async_req=True).get(5).status.code == 200
    assert len([pool for pool in pools if pool.threads]) == 1


def test_closing_waits_for_the_calls_of_all_threads(api, client, pools):
    results = in_threads(8, lambda: api.get_all_tokens(async_req=True))
    client.close()
    assert all(result.ready() and result.successful() for result in results)


# --- a call that races with close -------------------------------------------------------------


def test_a_call_submitted_while_close_waits_is_refused():
    workers, begun, release = Workers(4), threading.Event(), threading.Event()
    under_way = workers.submit(lambda: (begun.set(), release.wait(5))[1])
    assert begun.wait(5)
    closing = started(workers.close)
    assert eventually(lambda: workers.is_closed)
    with pytest.raises(RuntimeError, match=CLOSED):
        workers.submit(lambda: 1)
    release.set()
    closing.join(5)
    assert not closing.is_alive()
    assert under_way.get(0) is True


@pytest.mark.parametrize("step", ["accept", "_start_thread"])
def test_a_call_that_another_thread_closes_upon_ends_or_is_refused(monkeypatch, step):
    workers, made = Workers(4), []
    next_step = getattr(_Pool, step)

    def close_first(pool, *args):
        closing = started(workers.close)
        closing.join(5)
        assert not closing.is_alive()
        return next_step(pool, *args)

    monkeypatch.setattr(_Pool, step, close_first)
    try:
        assert workers.submit(lambda: made.append(1)).get(5) is None
    except RuntimeError as error:
        assert str(error) == "this client is closed: make a new one"
        assert made == []
    assert eventually(lambda: not any("wavefront" in t.name for t in threading.enumerate()))


def test_a_client_closed_on_the_way_to_its_workers_sends_nothing(api, client, server, monkeypatch):
    submit = Workers.submit
    monkeypatch.setattr(Workers, "submit", lambda *args: (client.close(), submit(*args))[1])
    with pytest.raises(RuntimeError, match=CLOSED):
        api.get_all_tokens(async_req=True)
    assert server.requests == []


@for_all("attempt", range(5))
def test_a_call_that_races_with_close_ends_or_is_refused(server, attempt):
    client = ApiClient(server.configuration())
    api = ApiTokenApi(client)
    calls = [client.close, *[partial(api.get_all_tokens, async_req=True)] * 7]

    def next_call():
        return calls.pop()()

    results = in_threads(8, next_call)
    client.close()
    for result in results:
        if isinstance(result, RuntimeError):
            assert str(result) == "this client is closed: make a new one"
        elif result is not None:
            assert result.ready()


# --- a call that waits for its next attempt ---------------------------------------------------

FAULTS = {
    "Retry-After": (Answer(429, b"later", {"Retry-After": "30"}), TooManyRequestsException),
    "backoff": (Answer(502, b"later"), ServiceException),
}


def endless_backoff(monkeypatch):
    monkeypatch.setattr(RetryPolicy, "wait_before_retry", lambda *args: 30)
    return RetryPolicy(retries=9)


@pytest.mark.parametrize("case", FAULTS)
def test_a_call_in_backoff_ends_with_its_last_fault_when_the_client_is_closed(monkeypatch, case):
    step, kind = FAULTS[case]
    with HostileServer([step]) as server:
        client = ApiClient(configuration_for(server.url, retries=endless_backoff(monkeypatch)))
        ended = []
        thread = started(lambda: ended.extend(in_threads(1, ApiTokenApi(client).get_all_tokens)))
        assert eventually(lambda: server.requests)
        client.close()
        thread.join(5)
        assert [type(error) for error in ended] == [kind]
        assert (ended[0].attempts, ended[0].body) == (1, "later")
        assert len(server.requests) == 1


@pytest.mark.parametrize("case", FAULTS)
def test_a_call_in_backoff_leaves_no_socket(monkeypatch, case):
    with HostileServer([FAULTS[case][0]]) as server:
        client = ApiClient(configuration_for(server.url, retries=endless_backoff(monkeypatch)))
        caught = []
        thread = started(lambda: caught.extend(in_threads(1, ApiTokenApi(client).get_all_tokens)))
        assert eventually(lambda: server.requests)
        client.close()
        thread.join(5)
        server.wait_until_closed()
        assert not server.open
        assert len(caught) == server.connections == 1


def test_an_asynchronous_call_in_backoff_is_waited_for_and_its_wait_goes_on(server):
    configuration = server.configuration()
    configuration.retries = RetryPolicy(retries=1, backoff=0)
    server.inject(status=502)
    with ApiClient(configuration) as client:
        result = ApiTokenApi(client).get_all_tokens(async_req=True)
    assert result.get(0).status.code == 200


# --- a call under way -------------------------------------------------------------------------


class Gate:
    """An answer that comes when the test says so."""

    def __init__(self, *answer):
        self.event = threading.Event()
        self.step = Reply(lambda request: (self.event.wait(5), http_answer(*answer))[1])


def close_during(server, gate):
    """Close a client while its call waits for an answer: what became of the call."""
    client = ApiClient(configuration_for(server.url, retries=0))
    ended = []
    thread = started(lambda: ended.extend(in_threads(1, ApiTokenApi(client).get_all_tokens)))
    assert eventually(lambda: server.requests)
    client.close()
    gate.event.set()
    thread.join(5)
    return client, ended[0]


def test_a_call_under_way_ends_and_leaves_no_socket():
    gate = Gate(200, {"response": []})
    with HostileServer([gate.step]) as server:
        client, result = close_during(server, gate)
        assert result.response == []
        server.wait_until_closed()
        assert not server.open
    assert repr(client.rest_client) == "<RESTClientObject closed>"


def test_a_redirect_is_not_followed_on_a_connection_that_nobody_closes():
    gate = Gate(302, b"", {"Location": "/elsewhere"})
    with HostileServer([gate.step, Answer()]) as server:
        client, _ = close_during(server, gate)
        try:
            assert eventually(lambda: not server.open, 0.2)
        finally:
            client.close()


# --- a fork -----------------------------------------------------------------------------------

forks = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def fork(check, seconds=10.0):
    """Make a check in a child process: whether it was true in time."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, seconds)
            status = 0 if check() else 2
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


class TestFork:
    pytestmark = forks

    def test_no_second_warning(self, server):
        configuration = server.configuration()
        configuration.verify_ssl = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = ApiClient(configuration)
        with client:
            api = ApiTokenApi(client)
            api.get_all_tokens()

            def check():
                with warnings.catch_warnings(record=True) as shown:
                    warnings.simplefilter("always")
                    return api.get_all_tokens().status.code == 200 and not shown

            assert fork(check)

    def test_a_file_that_has_gone_is_not_missed(self, server, tmp_path):
        authorities = tmp_path / "ca.pem"
        shutil.copy(certifi.where(), authorities)
        configuration = server.configuration()
        configuration.ssl_ca_cert = str(authorities)
        with ApiClient(configuration) as client:
            api = ApiTokenApi(client)
            api.get_all_tokens()
            authorities.unlink()
            assert fork(lambda: api.get_all_tokens().status.code == 200)

    def test_settings_that_have_changed_since_are_not_read(self, api, client, server):
        api.get_all_tokens()
        client.configuration.proxy = "http://127.0.0.1:1"
        client.configuration.ssl_ca_cert = "/nowhere"
        assert fork(lambda: api.get_all_tokens().status.code == 200)

    def test_no_thread_of_the_child_uses_the_pool_of_the_parent(
        self, api, client, server, monkeypatch
    ):
        api.get_all_tokens()
        parents = client.rest_client.pool_manager
        used = []

        def check():
            sys.setswitchinterval(1e-6)
            request = parents.request
            parents.request = lambda *args, **kwargs: (used.append(1), request(*args, **kwargs))[1]
            make = PoolFactory.make
            monkeypatch.setattr(PoolFactory, "make", lambda *a: (time.sleep(0.02), make(*a))[1])
            results = in_threads(8, api.get_all_tokens)
            return all(result.status.code == 200 for result in results) and not used

        assert fork(check)

    def test_the_parent_goes_on_over_its_own_connection(self):
        with HostileServer([Answer(200, {"response": []})]) as server:
            with ApiClient(configuration_for(server.url)) as client:
                api = ApiTokenApi(client)
                api.get_all_tokens()
                assert fork(lambda: (api.get_all_tokens(), client.close()))
                assert api.get_all_tokens().response == []
            assert server.connections == 2

    def test_closing_in_the_child_closes_what_its_threads_have_opened(self, monkeypatch):
        with HostileServer([Answer(200, {"response": []})]) as server:
            with ApiClient(configuration_for(server.url)) as client:
                api = ApiTokenApi(client)
                make, made = PoolFactory.make, []

                def slowly(*args):
                    time.sleep(0.1)
                    made.append(make(*args))
                    return made[-1]

                def check():
                    monkeypatch.setattr(PoolFactory, "make", slowly)
                    in_threads(4, api.get_all_tokens)
                    client.close()
                    return not any(pools.pools.keys() for pools in made)

                assert fork(check)

    def test_no_lock_of_a_thread_of_the_parent_holds_up_the_child(self, api, client):
        submitting, release, accept = threading.Event(), threading.Event(), _Pool.accept

        def wait(pool, task):
            submitting.set()
            release.wait(5)
            accept(pool, task)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_Pool, "accept", wait)
            thread = started(lambda: api.get_all_tokens(async_req=True))
            assert submitting.wait(5)
        try:
            assert fork(lambda: api.get_all_tokens(async_req=True).get(4).response, seconds=5)
            assert fork(lambda: client.close() is None, seconds=5)
        finally:
            release.set()
            thread.join(5)


def test_after_a_fork_the_first_thread_opens_pools_for_all(client, api, monkeypatch):
    rest = client.rest_client
    pid, make, opened = os.getpid(), PoolFactory.make, []

    def open_meanwhile(*args):
        monkeypatch.setattr(PoolFactory, "make", make)
        assert api.get_all_tokens().status.code == 200
        opened.append(rest.pool_manager)
        return make(*args)

    before = rest.pool_manager
    monkeypatch.setattr(PoolFactory, "make", open_meanwhile)
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert api.get_all_tokens().status.code == 200
    assert opened == [rest.pool_manager]
    before.clear()


def test_a_connection_made_while_the_client_is_closed_is_closed_too(client, api, monkeypatch):
    rest = client.rest_client
    request = rest.pool_manager.request

    def close_first(*args, **kwargs):
        rest.close()
        return request(*args, **kwargs)

    monkeypatch.setattr(rest.pool_manager, "request", close_first)
    assert api.get_all_tokens().status.code == 200
    assert not rest.pool_manager.pools.keys()
