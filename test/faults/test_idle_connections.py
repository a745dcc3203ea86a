"""A POST does not go over a connection that was idle for long: the server may be closing it."""

from __future__ import annotations

import collections
import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cases import for_all, pairs
from hostile import (
    OK_CONTAINER,
    Answer,
    HostileServer,
    Reply,
    configuration_for,
    eventually,
    http_answer,
)
from tunnels import Tunnel

from wavefront_api_client import ApiClient, ApiException, Configuration

OK = http_answer(200, OK_CONTAINER)
LIMIT = 0.05
IDLE = 0.15
NEVER = 3600.0
PATH = "/api/v2/other"


@pytest.fixture
def idling(request, connect, server_tls, ca_file):
    """Make a client and the count of its connections: `idling(max_idle_before_post=limit)`."""
    route = request.param
    tls = server_tls("127.0.0.1", "home.localhost")
    step = Tunnel(tls, lambda request: OK) if route == "tunnel" else Reply(lambda request: OK)
    with HostileServer([step], tls=tls if route == "https" else None) as server:

        def make(**settings: float | None):
            url, proxy = server.url, None
            if route in ("proxy", "tunnel"):
                url = f"http{'s' * (route == 'tunnel')}://home.localhost"
                proxy = server.url
            api = connect(url, retries=0, proxy=proxy, ssl_ca_cert=ca_file, **settings)
            return api.api_client, lambda: server.connections

        yield make


ROUTES = ["http", "https", "proxy", "tunnel"]
on_every_route = pytest.mark.parametrize("idling", ROUTES, indirect=True)
plainly = pytest.mark.parametrize("idling", ["http"], indirect=True)


def ask(client: ApiClient, method: str) -> None:
    body = {} if method in ("POST", "PUT", "PATCH") else None
    assert client.call_api(PATH, method, body=body)[1] == 200


@pytest.mark.parametrize(
    ("idling", "method"), pairs(ROUTES, ["POST", "PATCH"], 2), indirect=["idling"]
)
def test_a_connection_that_was_idle_carries_no_post(idling, method):
    client, connections = idling(max_idle_before_post=LIMIT)
    ask(client, "GET")
    time.sleep(IDLE)
    ask(client, method)
    assert connections() == 2


@plainly
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_a_connection_that_was_idle_carries_all_else(idling, method):
    client, connections = idling(max_idle_before_post=LIMIT)
    ask(client, "POST")
    time.sleep(IDLE)
    ask(client, method)
    assert connections() == 1


@plainly
@pytest.mark.parametrize("limit", [None, NEVER])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_without_such_a_limit_a_connection_carries_everything(idling, method, limit):
    client, connections = idling(max_idle_before_post=limit)
    ask(client, "GET")
    time.sleep(IDLE)
    ask(client, method)
    assert connections() == 1


@on_every_route
def test_within_the_limit_a_connection_carries_a_post(idling):
    client, connections = idling(max_idle_before_post=NEVER)
    for method in ("GET", "POST", "POST", "PATCH", "GET", "POST"):
        ask(client, method)
    assert connections() == 1


@plainly
def test_a_limit_of_nothing_is_a_connection_for_each_post(idling):
    client, connections = idling(max_idle_before_post=0)
    for method in ("POST", "POST", "PATCH"):
        ask(client, method)
    assert connections() == 3


@on_every_route
def test_after_a_new_connection_there_is_one_for_all_else(idling):
    client, connections = idling(max_idle_before_post=LIMIT)
    ask(client, "GET")
    time.sleep(IDLE)
    ask(client, "POST")
    ask(client, "GET")
    assert connections() == 2


def test_the_time_that_an_answer_takes_is_not_idle(connect):
    """A second and a half in all, for the default of one second."""
    with HostileServer([Answer(delay=0.19)]) as server:
        client = connect(server.url, retries=0).api_client
        for _ in range(8):
            ask(client, "POST")
    assert server.connections == 1


@on_every_route
def test_the_default_sends_a_post_of_now_over_a_kept_connection(idling):
    client, connections = idling()
    for method in ("GET", "POST", "POST"):
        ask(client, method)
    assert connections() == 1


@plainly
def test_the_default_sends_no_post_over_a_connection_that_was_idle_for_a_second(idling):
    client, connections = idling()
    ask(client, "GET")
    for _ in range(6):
        time.sleep(0.19)
    ask(client, "GET")
    assert connections() == 1
    for _ in range(6):
        time.sleep(0.19)
    ask(client, "POST")
    assert connections() == 2


def test_every_idle_connection_is_left_alone(connect):
    """Several were kept: none of them carries the POST."""
    together = threading.Barrier(3)

    def answer(request) -> bytes:
        if request.method == "GET":
            together.wait(5)
        return OK

    with HostileServer([Reply(answer)]) as server:
        api = connect(server.url, retries=0, max_idle_before_post=LIMIT)
        results = [api.get_all_tokens(async_req=True) for _ in range(3)]
        assert [each.get(5).status.result for each in results] == ["OK"] * 3
        assert server.connections == 3
        time.sleep(IDLE)
        assert api.create_token().status.result == "OK"
        assert server.connections == 4


def test_a_post_that_waited_for_its_retry_has_a_new_connection(connect):
    with HostileServer([Answer(429, b"", {"Retry-After": "0"}), Answer()]) as server:
        api = connect(server.url, max_idle_before_post=0)
        assert api.create_token().status.result == "OK"
        assert (len(server.requests), server.connections) == (2, 2)


# --- the setting ------------------------------------------------------------------------------


def test_the_default_is_a_second():
    assert Configuration().max_idle_before_post == 1.0


@for_all("value", [None, 0, 0.5, 1, 3600, 1e9])
def test_limits_that_can_be_set(value):
    configuration = Configuration()
    configuration.max_idle_before_post = value
    assert configuration.max_idle_before_post == value


WRONG = {
    "negative": (-1, ValueError),
    "just negative": (-0.001, ValueError),
    "nan": (float("nan"), ValueError),
    "bool": (True, TypeError),
    "text": ("1", TypeError),
    "bytes": (b"1", TypeError),
    "pair": ((1, 2), TypeError),
    "object": (object(), TypeError),
}


@for_all("case", WRONG)
def test_limits_that_are_none(case):
    value, error = WRONG[case]
    configuration = Configuration()
    with pytest.raises(error, match="max_idle_before_post"):
        configuration.max_idle_before_post = value
    assert configuration.max_idle_before_post == 1.0


def test_the_default_configuration_hands_it_on():
    configuration = Configuration()
    configuration.max_idle_before_post = 7.5
    Configuration.set_default(configuration)
    try:
        assert Configuration().max_idle_before_post == 7.5
    finally:
        Configuration.set_default(None)


# --- nginx ------------------------------------------------------------------------------------
# The whole measurement is `python benchmarks/idle_posts.py`.

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    keepalive_timeout {keepalive};
    server {{
        listen 127.0.0.1:{port};
        location / {{ default_type application/json; return 200 '{answer}'; }}
    }}
}}
"""


def free_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return holder.getsockname()[1]


def answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


@contextlib.contextmanager
def nginx(folder: Path, keepalive: str) -> Iterator[str]:
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    # Another one may take the port before nginx does.
    for _ in range(5):
        port = free_port()
        with nginx_at(port, program, folder, keepalive) as serves:
            if serves:
                yield f"http://127.0.0.1:{port}"
                return
    raise RuntimeError("nginx does not start")


@contextlib.contextmanager
def nginx_at(port: int, program: str, folder: Path, keepalive: str) -> Iterator[bool]:
    """Whether it came to serve there."""
    text = NGINX.format(
        folder=folder, keepalive=keepalive, port=port, answer='{"status": {"result": "OK"}}'
    )
    (folder / "nginx.conf").write_text(text)
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            eventually(lambda: process.poll() is not None or answers(port), 10)
            yield process.poll() is None and answers(port)
        finally:
            process.terminate()


CLIENTS = 80
THREADS = 4
OFFSETS = [-0.002 + 0.003 * n / CLIENTS for n in range(CLIENTS)]
"""Seconds around the time at which nginx closes a connection; the client hears of it later."""


def wait_until(moment: float) -> None:
    while time.monotonic() < moment:
        time.sleep(min(0.2, max(moment - time.monotonic(), 0)))


def outcomes(url: str, keepalive: float, **settings: object) -> collections.Counter:
    """How POSTs end that come when nginx is about to close their connections."""
    with contextlib.ExitStack() as stack:
        due: list[tuple[float, ApiClient]] = []
        for offset in OFFSETS:
            configuration = configuration_for(url, retries=0, **settings)
            client = stack.enter_context(ApiClient(configuration))
            ask(client, "GET")
            due.append((time.monotonic() + keepalive + offset, client))
        counts: collections.Counter = collections.Counter()
        for moment, client in sorted(due, key=lambda each: each[0]):
            wait_until(moment)
            try:
                ask(client, "POST")
                counts["answered"] += 1
            except ApiException as error:
                counts["outcome unknown" if error.outcome_unknown else "failed"] += 1
    return counts


def test_no_post_is_lost_when_nginx_closes_idle_connections(tmp_path):
    """Without the limit, every second run or so loses one or more."""
    with nginx(tmp_path, "2s") as url, ThreadPoolExecutor(THREADS) as pool:
        runs = list(pool.map(lambda _: outcomes(url, 2), range(THREADS)))
    assert sum(runs, collections.Counter()) == {"answered": CLIENTS * THREADS}
