"""The server as an object: its life, its accounts, what it remembers and what it tells nobody."""

from __future__ import annotations

import gc
import http.client
import logging
import socket
import subprocess
import sys
import threading
import time
import warnings
from email.utils import parsedate_to_datetime

import pytest

import wavefront_api_client
from wavefront_api_client import ApiTokenApi, testing
from wavefront_api_client.testing import Account, RecordedRequest, Token, TokenServer
from wavefront_api_client.testing._http import listen, url_of
from wavefront_api_client.testing._messages import Headers
from wavefront_api_client.testing._store import Store

OWN = "/api/v2/apitoken"
CANARY = "canary-5d1c7e90-tail"


def refused(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def port_of(server):
    return int(server.url.rsplit(":", 1)[1])


# --- life ---------------------------------------------------------------------------------------


def test_with_starts_and_stops(call):
    before = threading.active_count()
    with TokenServer() as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert call("GET", OWN, to=server).status == 200
        port = port_of(server)
    assert refused(port)
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url


def test_start_and_stop_may_be_repeated():
    server = TokenServer()
    server.stop()
    assert server.start() is server
    url = server.url
    assert server.start().url == url
    server.stop()
    server.stop()


def test_a_stopped_server_goes_on_where_it_was(call):
    server = TokenServer()
    server.inject(status=500)
    with server:
        assert call("GET", OWN, to=server).status == 500
        call("POST", OWN, to=server)
    assert len(server.user.tokens) == 2
    with server:
        assert len(call("GET", OWN, to=server).response) == 2
    assert [request.status for request in server.requests] == [500, 200, 200]


def test_nothing_is_left_open(recwarn, call):
    def run():
        with TokenServer() as server:
            connections = [socket.create_connection(("127.0.0.1", port_of(server))) for _ in "abc"]
            server.inject(delay=60)
            slow = http.client.HTTPConnection("127.0.0.1", port_of(server))
            slow.request("GET", OWN, headers={"X-AUTH-TOKEN": server.user.key})
            deadline = time.monotonic() + 5
            while not server.requests:
                assert time.monotonic() < deadline
            start = time.monotonic()
        assert time.monotonic() - start < 2
        for connection in connections:
            connection.close()
        slow.close()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run()
        gc.collect()
    assert not recwarn.list


def test_stop_right_after_start():
    for _ in range(20):
        server = TokenServer().start()
        port = port_of(server)
        server.stop()
        assert refused(port)


def test_stop_while_clients_are_connecting():
    stopped = threading.Event()

    def knock(port):
        while not stopped.is_set():
            try:
                socket.create_connection(("127.0.0.1", port), timeout=0.1).close()
            except OSError:
                return

    for _ in range(5):
        server = TokenServer().start()
        threads = [threading.Thread(target=knock, args=(port_of(server),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.01)
        start = time.monotonic()
        server.stop()
        assert time.monotonic() - start < 10
        stopped.set()
        for thread in threads:
            thread.join()
        stopped.clear()


def test_many_servers_in_one_process(call):
    servers = [TokenServer().start() for _ in range(10)]
    assert len({server.url for server in servers}) == len({s.user.key for s in servers}) == 10
    for server in servers:
        assert call("GET", OWN, to=server).status == 200
        assert len(server.requests) == 1
        server.stop()


def test_port_may_be_chosen_and_used_again(call):
    with TokenServer() as first:
        port = port_of(first)
        with pytest.raises(OSError, match="use"):
            TokenServer(port=port).start()
        call("GET", OWN, to=first)
    with TokenServer("127.0.0.1", port) as second:
        assert second.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - that is what is tested
def test_port_of_somebody_else_is_refused(host):
    with socket.create_server((host, 0)) as other:
        with pytest.raises(OSError, match="use"):
            TokenServer(port=other.getsockname()[1]).start()


@pytest.mark.parametrize("port", [-1, 65536])
def test_port_that_cannot_be(port):
    with pytest.raises(ValueError, match="port"):
        TokenServer(port=port)


def test_unknown_host():
    with pytest.raises(OSError):  # noqa: PT011 - the text is the operating system's
        TokenServer("").start()


def test_it_listens_on_loopback_only(server):
    with pytest.raises(OSError):  # noqa: PT011 - the text is the operating system's
        socket.create_connection(("127.0.0.2", port_of(server)), timeout=5).close()


def test_url_of_all_addresses_is_one_that_can_be_reached(call):
    with TokenServer("0.0.0.0") as server:  # noqa: S104 - that is what is tested
        assert server.url == f"http://127.0.0.1:{port_of(server)}"
        assert call("GET", OWN, to=server).status == 200


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
@pytest.mark.parametrize("host", ["::1", "::"])
def test_ipv6(host):
    try:
        listener = listen(host, 0)
    except OSError:
        pytest.skip("needs IPv6")
    with listener:
        assert url_of(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_a_reset_server_is_as_it_began(call):
    with TokenServer() as server:
        key, url = server.user.key, server.url
        server.add_service_account("sa::ci", tokens=["token-of-ci"])
        server.add_token(server.user, "old", age_days=30)
        call("DELETE", f"{OWN}/{key}", to=server)
        server.inject(status=500)
        server.advance(days=30)
        server.reset()
        assert (server.url, server.user.key) == (url, key)
        assert (server.requests, server.pending_faults) == ([], [])
        assert abs(server.now - time.time() * 1000) < 60_000
        assert call("GET", OWN, key="token-of-ci", to=server).status == 401
        assert len(call("GET", OWN, key=key, to=server).response) == 1
        assert "1 accounts" in repr(server)


# --- accounts -----------------------------------------------------------------------------------


def test_ready_administrator(server):
    assert isinstance(server.user, Account)
    assert server.user.id == "admin@example.com"
    assert server.user.key == server.user.tokens[0].token_id
    assert server.user.permissions == {"api_tokens", "accounts"}


def test_accounts_show_the_present_state(server, call):
    before = server.user.tokens
    call("POST", OWN)
    assert len(before) == 1
    assert len(server.user.tokens) == 2
    call("DELETE", f"{OWN}/{before[0].token_id}")
    assert server.user.key != before[0].token_id


def test_key_of_an_account_without_tokens(server):
    account = server.add_service_account("sa::ci")
    with pytest.raises(LookupError, match="sa::ci"):
        _ = account.key


def test_tokens_by_number_or_id(server):
    assert len(server.add_user("a", tokens=20).tokens) == 20
    assert server.add_user("b", tokens=0).tokens == []
    assert server.add_user("c", tokens=["x", "y"]).key == "x"
    assert server.add_service_account("d", 2).account_type == "SERVICE_ACCOUNT"


def test_keys_that_are_known(call):
    with TokenServer(key="key-of-admin") as server:
        assert server.add_user("jane", key="key-of-jane").key == "key-of-jane"
        assert len(server.user.tokens) == 1
        for key, account in (("key-of-admin", "admin@example.com"), ("key-of-jane", "jane")):
            assert call("GET", OWN, key=key, to=server).response[0]["account"] == account
        with pytest.raises(ValueError, match="tokens or key"):
            server.add_user("joan", tokens=["key-of-joan"], key="key-of-joan")
        with pytest.raises(ValueError, match="in use"):
            server.add_user("joan", key="key-of-jane")
    with pytest.raises(ValueError, match="empty"):
        TokenServer(key="")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"id": "admin@example.com"}, ValueError),
        ({"id": ""}, ValueError),
        ({"id": 1}, TypeError),
        ({"id": "x", "permissions": ["root"]}, ValueError),
        ({"id": "x", "permissions": "accounts"}, ValueError),
        ({"id": "x", "permissions": ["accounts", "root"]}, ValueError),
        ({"id": "x", "tokens": 21}, ValueError),
        ({"id": "x", "tokens": ["a"] * 2}, ValueError),
        ({"id": "x", "tokens": ["taken"]}, ValueError),
        ({"id": "x", "tokens": [""]}, ValueError),
        ({"id": "x", "tokens": [1]}, TypeError),
    ],
)
def test_accounts_that_cannot_be(server, options, error):
    server.add_user("other", tokens=["taken"])
    for add in (server.add_user, server.add_service_account):
        with pytest.raises(error):
            add(**options)
    assert "2 accounts" in repr(server)


def test_last_used_never_goes_back():
    clock = iter([100, 200, 150, 300])
    store = Store(lambda: next(clock))
    account = store.add("jane", "USER_ACCOUNT", [], ["token"])
    seen = [account.tokens[0]]
    for _ in range(3):
        store.use("token")
        seen.append(account.tokens[0])
    assert seen[0] == Token("token", "", 100, 0)
    assert [token.last_used for token in seen] == [0, 200, 200, 300]
    with pytest.raises(AttributeError):
        seen[0].last_used = 1


def test_configuration(server, monkeypatch):
    class Configuration:
        api_key = api_key_prefix = host = proxy = "to be replaced"

        @staticmethod
        def set_default(_):
            """Something the fixtures of all tests call."""

    monkeypatch.setattr(wavefront_api_client, "Configuration", Configuration, raising=False)
    made = server.configuration()
    assert (made.host, made.api_key) == (server.url, {"X-AUTH-TOKEN": server.user.key})
    assert (made.api_key_prefix, made.proxy) == ({}, None)
    other = server.add_user("jane")
    assert server.configuration(other).api_key == {"X-AUTH-TOKEN": other.key}


# --- requests -----------------------------------------------------------------------------------


def test_requests_are_recorded(server, call):
    call("PUT", f"{OWN}/a%20b?x=1", {"tokenName": "x"}, headers={"X-Test": "y"})
    call("GET", "/nothing", key=None)
    first, second = server.requests
    assert isinstance(first, RecordedRequest)
    assert (first.method, first.path, first.status) == ("PUT", f"{OWN}/a%20b?x=1", 404)
    assert (first.body, first.account) == (b'{"tokenName": "x"}', "admin@example.com")
    assert first.headers["X-AUTH-TOKEN"] == first.headers["x-auth-token"] == server.user.key
    assert first.headers.get("X-TEST") == "y"
    assert "x-nothing" not in first.headers
    assert "Content-Type" in first.headers
    assert dict(second.headers)["accept-encoding"] == "identity"
    assert len(second.headers) == 2
    assert (second.status, second.account, second.body) == (404, None, b"")
    server.reset_requests()
    assert server.requests == []
    assert first.method == "PUT"


def test_a_key_that_deletes_itself_is_recorded_with_its_account(server, call):
    call("DELETE", f"{OWN}/{server.user.key}")
    assert server.requests[0].account == "admin@example.com"


def test_number_of_requests_kept(call):
    with TokenServer(keep_requests=2) as server:
        for number in range(4):
            call("GET", f"/{number}", to=server)
        assert [request.path for request in server.requests] == ["/2", "/3"]
    with pytest.raises(ValueError, match="negative"):
        TokenServer(keep_requests=-1)


def test_requests_of_many_threads_do_not_get_lost(server, call):
    user = server.add_user("many", tokens=1)

    def work(name):
        for number in range(10):
            answer = call("PUT", f"{OWN}/{user.key}", {"tokenName": f"{name}-{number}"})
            assert answer.status == 404
            answer = call("POST", OWN, key=user.key)
            assert answer.status in (200, 400)
            assert server.requests
            assert len(user.tokens) <= 20

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 160
    assert [r.status for r in server.requests if r.method == "POST"].count(200) == 19
    assert len({token.token_id for token in user.tokens}) == 20


def test_requests_can_be_watched(call):
    watched = []
    with TokenServer(on_request=watched.append, keep_requests=1) as server:
        call("GET", OWN, to=server)
        call("DELETE", f"{OWN}/no-such-token?x=secret", to=server)
        call("GET", "/nothing", key=None, to=server)
    assert server.requests == watched[-1:]
    assert [str(request) for request in watched] == [
        "GET /api/v2/apitoken 200 admin@example.com",
        "DELETE /api/v2/apitoken/***oken?*** 404 admin@example.com",
        "GET /*** 404 -",
    ]


def test_paths_are_shown_with_service_accounts_and_without_tokens(call):
    watched = []
    with TokenServer(on_request=watched.append) as server:
        call("PUT", f"{OWN}/serviceaccount/sa%3A%3Aci/{CANARY}", to=server)
        call("GET", f"{OWN}/serviceaccount/sa::ci", to=server)
        call("GET", f"{OWN}/customertokens/{CANARY}", to=server)
    assert [str(request).split()[1] for request in watched] == [
        f"{OWN}/serviceaccount/sa::ci/***tail",
        f"{OWN}/serviceaccount/sa::ci",
        f"{OWN}/customertokens/***tail",
    ]


def test_fault_of_a_watcher_is_logged_and_disturbs_nobody(call, caplog):
    def fail(_):
        raise RuntimeError(CANARY)

    with TokenServer(on_request=fail) as server:
        assert call("GET", OWN, to=server).status == 200
        assert call("GET", OWN, to=server).status == 200
    assert caplog.messages == ["RuntimeError in on_request"] * 2


# --- secrets ------------------------------------------------------------------------------------


def test_repr_shows_no_key(server, call):
    user = server.add_user("jane", tokens=[CANARY])
    call("DELETE", f"{OWN}/{CANARY}?x={CANARY}", {"tokenID": CANARY}, key=CANARY)
    user = server.add_user("joan", tokens=[CANARY])
    call("GET", f"/{CANARY}", key=None, headers={"Authorization": f"Bearer {CANARY}"})
    shown = [*server.requests, server.requests[0].headers, user, user.tokens[0], server]
    for each in shown:
        assert CANARY not in repr(each)
        assert CANARY not in str(each)
    assert repr(server.requests[0]) == (
        "RecordedRequest(method='DELETE', path='/api/v2/apitoken/***tail?***', body=<35 bytes>, "
        "status=200, account='jane')"
    )
    assert repr(user) == "Account(id='joan', account_type='USER_ACCOUNT', tokens=['***tail'])"
    assert repr(user.tokens[0]) == "Token(token_id='***tail', token_name='')"
    assert repr(server) == f"<TokenServer at {server.url}, 3 accounts>"
    assert repr(TokenServer()) == "<TokenServer stopped, 1 accounts>"
    assert repr(Headers([("X", "y"), ("Cookie", "abc")])) == "Headers({'x': 'y', 'cookie': '***'})"


def test_log_shows_method_template_and_status_only(server, call, wire, caplog):
    server.add_user("jane", tokens=[CANARY])
    with caplog.at_level(logging.DEBUG):
        call("PUT", f"{OWN}/{CANARY}?{CANARY}", {"tokenName": CANARY}, key=CANARY)
        call("GET", f"/{CANARY}", headers={CANARY: CANARY})
        call(CANARY, f"{OWN}/serviceaccount/{CANARY}/{CANARY}", key=CANARY)
        wire().send(f"GET {CANARY} {CANARY} {CANARY}\r\n\r\n").read()
        server.inject(drop="after")
        with pytest.raises(http.client.HTTPException):
            call("GET", OWN, key=CANARY)
    assert [record.getMessage() for record in caplog.records] == [
        "PUT /api/v2/apitoken/{id} 200",
        "GET ? 404",
        "? ? 405",
        "? ? 400",
        "GET /api/v2/apitoken 0",
    ]
    assert {record.name for record in caplog.records} == {"wavefront_api_client.testing"}
    assert CANARY not in caplog.text


def test_nothing_is_printed_and_no_logger_is_changed(call, capfd):
    before = {name: logging.getLogger(name).level for name in ("", "wavefront_api_client")}
    handlers = list(logging.getLogger("wavefront_api_client.testing").handlers)
    with TokenServer() as server:
        call("GET", OWN, to=server)
    assert capfd.readouterr() == ("", "")
    assert {name: logging.getLogger(name).level for name in before} == before
    assert logging.getLogger("wavefront_api_client.testing").handlers == handlers == []


def test_fault_of_our_own_is_a_500_that_tells_nothing(server, call, caplog, monkeypatch):
    def fail(*_):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(Store, "everything", fail)
    answer = call("GET", OWN + "/customertokens")
    assert (answer.status, answer.message) == (500, "the embedded service failed")
    assert "RuntimeError in /api/v2/apitoken/customertokens" in caplog.text
    assert CANARY not in caplog.text
    assert call("GET", OWN).status == 200


# --- the package --------------------------------------------------------------------------------


def test_names_of_the_package():
    assert set(testing.__all__) <= set(dir(testing))
    for name in testing.__all__:
        assert getattr(testing, name) is not None
    assert testing.__getattr__("TokenServer") is TokenServer
    with pytest.raises(AttributeError, match="nothing"):
        _ = testing.nothing


def run(*lines):
    command = [sys.executable, "-W", "error", "-c", "\n".join(("import sys", *lines))]
    subprocess.run(command, check=True, timeout=20)


def test_importing_the_package_loads_nothing():
    run(
        "before = set(sys.modules)",
        "import wavefront_api_client.testing",
        "loaded = [m for m in sys.modules if m.startswith('wavefront_api_client.testing')]",
        "assert loaded == ['wavefront_api_client.testing'], loaded",
        "assert not {'http', 'socket', 'json', 'urllib3'} & (set(sys.modules) - before)",
    )


def test_the_service_needs_only_the_standard_library():
    run(
        "from wavefront_api_client.testing import TokenServer",
        "TokenServer().start().stop()",
        "assert not {'urllib3', 'six', 'certifi', 'dateutil'} & set(sys.modules)",
        "ours = {m for m in sys.modules if m.startswith('wavefront_api_client.')}",
        "used = {m.split('.')[1] for m in ours}",
        "assert used == {'testing', 'masking', 'models', '_core', '_lazy', '_version'}, used",
    )


def test_what_interrupts_the_start_of_the_service_may_use_it(monkeypatch):
    server, create = TokenServer(), socket.create_server

    def interrupted(*args, **options):
        server.stop()
        server.add_user("jane@example.com")
        return create(*args, **options)

    monkeypatch.setattr(socket, "create_server", interrupted)
    with server:
        assert "http://127.0.0.1:" in repr(server)
    assert "stopped, 2 accounts" in repr(server)


def test_what_interrupts_the_service_may_use_it(monkeypatch):
    with TokenServer() as server:
        add = Store.add

        def interrupted(*args):
            monkeypatch.setattr(Store, "add", add)
            server.add_service_account("sa::other", tokens=1)
            server.inject(status=503)
            server.reset_requests()
            server.stop()
            return add(*args)

        monkeypatch.setattr(Store, "add", interrupted)
        assert server.add_user("jane@example.com").id == "jane@example.com"
        assert server.requests == []
        assert "stopped, 3 accounts" in repr(server)


def test_the_date_of_an_answer_is_that_of_the_clock(server, client):
    api = ApiTokenApi(client)
    for days in (0, 400):
        server.advance(days=days)
        headers = api.get_all_tokens_with_http_info()[2]
        told = parsedate_to_datetime(headers["Date"]).timestamp()
        assert abs(told - server.now / 1000) < 60
    server.inject(headers={"Date": "soon"})
    assert api.get_all_tokens_with_http_info()[2]["Date"] == "soon"


def test_a_token_with_dates_has_them_to_the_millisecond(server):
    token = server.add_token(server.user, "exact", dates=(1_700_000_000_001, 1_700_000_000_002))
    assert (token.date_generated, token.last_used) == (1_700_000_000_001, 1_700_000_000_002)
