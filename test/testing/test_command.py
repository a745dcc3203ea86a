"""`python -m wavefront_api_client.testing`."""

from __future__ import annotations

import http.client
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time

import pytest
from cases import for_all

from wavefront_api_client import (
    ApiClient,
    ApiTokenApi,
    Configuration,
    ForbiddenException,
    ServiceException,
)
from wavefront_api_client.testing import TokenServer, __main__
from wavefront_api_client.testing._store import Store

OWN = "/api/v2/apitoken"
TIMEOUT = 20


@pytest.fixture
def handlers():
    """Puts the signal handlers back that the command replaces."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before):
        signal.signal(number, handler)


@pytest.fixture
def command():
    """Starts the command in a process of its own."""
    started = []

    def start(*arguments, **environment):
        command = [sys.executable, "-W", "error", "-m", "wavefront_api_client.testing", *arguments]
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        try:
            process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()


def settings(process, count=3):
    """The variables that the command prints."""
    assert select.select([process.stdout], [], [], TIMEOUT)[0]
    process.stdout.readline()
    lines = [process.stdout.readline().strip() for _ in range(count)]
    return dict(line[len("export ") :].split("=", 1) for line in lines)


def read(process):
    """What the command prints: URL and key."""
    variables = settings(process)
    return variables["WAVEFRONT_URL"], variables["WAVEFRONT_TOKEN"]


def ask(url, key, method="GET", path=OWN):
    connection = http.client.HTTPConnection(url[len("http://") :], timeout=TIMEOUT)
    connection.request(method, path, headers={"X-AUTH-TOKEN": key})
    answer = connection.getresponse()
    answer.read()
    return connection, answer.status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_serves_until_it_is_told_to_stop(command, number):
    process = command()
    url, key = read(process)
    assert url.startswith("http://127.0.0.1:")
    connection, status = ask(url, key)
    assert status == 200
    process.send_signal(number)
    assert process.communicate(timeout=TIMEOUT) == ("", "")
    assert process.returncode == 0
    connection.close()


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_command_stops_also_where_the_shell_ignores_ctrl_c(handlers, command):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = command()
    read(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=TIMEOUT) == 0


def test_command_of_an_onboarded_instance_with_a_known_port_and_key(command, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = ["--onboarded", "--port", str(port), "--host", "localhost", "--key", "known"]
    variables = settings(command(*arguments), 4)
    assert [*variables] == ["WAVEFRONT_URL", "CSP_BASE_URL", "CSP_API_TOKEN", "NO_PROXY"]
    assert variables["WAVEFRONT_URL"].endswith(f":{port}")
    assert variables["CSP_API_TOKEN"] == "known"
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with ApiClient() as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
        with pytest.raises(ForbiddenException):
            ApiTokenApi(client).create_token()


@pytest.fixture
def interrupted(monkeypatch, handlers):
    """Lets the command be interrupted at once, in this process."""

    def sleep(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)


@pytest.fixture
def made(monkeypatch, interrupted):
    """What is stored by the servers that the command has made."""
    stores = []

    class Kept(Store):
        def __init__(self, *args):
            super().__init__(*args)
            stores.append(self)

    monkeypatch.setattr("wavefront_api_client.testing._service.Store", Kept)
    return stores


def tokens_of(store):
    """Each token that is stored, by the account it belongs to."""
    found = {}
    for account, token in store.everything():
        found.setdefault(account.id, []).append(token)
    return found


def test_main_prints_url_key_and_what_needs_no_proxy(interrupted, capsys):
    assert __main__.main(["--port", "0"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("export WAVEFRONT_URL=http://127.0.0.1:")
    assert lines[2].startswith("export WAVEFRONT_TOKEN=")
    assert lines[3] == "export NO_PROXY=127.0.0.1"
    assert err == ""
    port = int(lines[1].rsplit(":", 1)[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_key_is_printed_so_that_a_shell_can_read_it(interrupted, capsys):
    assert __main__.main(["--key", "a b"]) == 0
    assert "export WAVEFRONT_TOKEN='a b'" in capsys.readouterr().out.splitlines()


def test_main_keeps_what_needed_no_proxy_before(interrupted, capsys, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,.example.com, 10.0.0.1")
    monkeypatch.setenv("no_proxy", "*")
    assert __main__.main([]) == 0
    assert capsys.readouterr().out.splitlines()[3:] == [
        "export NO_PROXY='127.0.0.1,.example.com, 10.0.0.1'",
        "export no_proxy='127.0.0.1,*'",
    ]


@pytest.mark.parametrize(
    ("url", "shown"), [("http://127.0.0.1:80", "127.0.0.1"), ("http://[::1]:80", "'[::1]'")]
)
def test_host_without_proxy(url, shown):
    assert __main__._without_proxy(url, "") == shown


def test_the_printed_lines_reach_the_service_where_a_proxy_is_set(command):
    nowhere = "http://127.0.0.1:9"
    printed = settings(command())
    script = "from wavefront_api_client import *; ApiTokenApi(ApiClient()).get_all_tokens()"
    environment = {**os.environ, "HTTP_PROXY": nowhere, "http_proxy": nowhere, **printed}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=TIMEOUT)


def test_it_starts_with_a_small_customer(made, capsys):
    assert __main__.main([]) == 0
    found = tokens_of(made[0])
    assert list(found) == [
        "admin@example.com",
        "jane@example.com",
        "sa::ci",
        "sa::backup",
        "sa::deploy",
    ]
    assert found["admin@example.com"][0].token_id in capsys.readouterr().out
    tokens = [token for tokens in found.values() for token in tokens]
    dates = [token.date_generated // 86_400_000 for token in tokens]
    assert dates[0] == max(dates) > min(dates) + 365
    assert {token.last_used == 0 for token in tokens} == {True, False}
    assert len({token.token_name for token in tokens}) > 5


@pytest.mark.parametrize("days", [400, -400])
def test_its_clock_begins_when_it_is_told(made, days):
    assert __main__.main(["--days", str(days)]) == 0
    (_, key), *_ = made[0].everything()
    build = made[0].service_account("sa::ci").tokens[0]
    for token, age in ((key, 0), (build, 45)):
        assert abs(token.date_generated / 1000 - time.time() - (days - age) * 86_400) < 60


@for_all(
    ("arguments", "complaint"),
    [
        (["--days", "x"], "invalid float value"),
        (["--days", "1e9"], "days"),
        (["--key", ""], "token must not be empty"),
    ],
)
def test_arguments_that_cannot_be(arguments, complaint, capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main(arguments)
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


def test_it_starts_empty(made):
    assert __main__.main(["--empty"]) == 0
    assert [len(tokens) for tokens in tokens_of(made[0]).values()] == [1]


def test_it_starts_with_the_service_accounts_it_is_told(made):
    arguments = ["sa::ci:20", "sa::7", "x:2"]
    options = [text for each in arguments for text in ("--service-account", each)]
    assert __main__.main(options) == 0
    found = tokens_of(made[0])
    assert [len(found[name]) for name in ("sa::ci", "x", "sa::backup")] == [20, 2, 2]
    assert made[0].service_account("sa::7").tokens == []


@for_all(
    ("text", "account"),
    [
        ("sa::ci", ("sa::ci", 0)),
        ("sa::ci:3", ("sa::ci", 3)),
        ("sa::7", ("sa::7", 0)),
        ("sa::7:2", ("sa::7", 2)),
        ("a:b", ("a:b", 0)),
        (":3", (":3", 0)),
    ],
)
def test_service_account_and_number_of_tokens(text, account):
    assert __main__._service_account(text) == account


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["sa::x:21"], "an account holds at most 20 tokens"),
        (["sa::x", "sa::x:2"], "there is an account 'sa::x' already"),
        (["admin@example.com"], "there is an account 'admin@example.com' already"),
        ([""], "id must not be empty"),
    ],
)
def test_service_account_that_cannot_be(arguments, complaint, capsys):
    options = [text for each in arguments for text in ("--service-account", each)]
    with pytest.raises(SystemExit) as caught:
        __main__.main(options)
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


def test_verbose_command_prints_a_line_for_each_request(command):
    process = command("--verbose")
    url, key = read(process)
    for path in (OWN, f"{OWN}/{key}", f"{OWN}/serviceaccount/sa%3A%3Anobody"):
        ask(url, key, path=path)[0].close()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=TIMEOUT)
    assert out == ""
    assert err.splitlines() == [
        f"GET {OWN} 200 admin@example.com",
        f"GET {OWN}/***{key[-4:]} 405 admin@example.com",
        f"GET {OWN}/serviceaccount/sa::nobody 404 admin@example.com",
    ]


def tell(url, action, body=b"", method="POST"):
    """Have the command do something to its service; return status and message."""
    connection = http.client.HTTPConnection(url[len("http://") :], timeout=TIMEOUT)
    connection.request(method, f"/__testing__/{action}", body)
    answer = connection.getresponse()
    message = json.loads(answer.read())["status"]["message"]
    connection.close()
    return answer.status, message


def tokens_at(url, key):
    """The tokens of the administrator."""
    with ApiClient(Configuration(host=url, api_key=key, proxy=None, retries=0)) as client:
        return ApiTokenApi(client).get_all_tokens().response


def test_other_programs_can_move_the_clock_plan_faults_and_begin_anew(command):
    url, key = read(command("--days", "10"))
    before = tokens_at(url, key)
    assert tell(url, "advance", b'{"days": 30, "hours": 1}') == (200, "")
    moved = tokens_at(url, key)[0].last_used - before[0].date_generated
    assert 0 <= moved - (30 * 24 + 1) * 3_600_000 < 60_000
    assert tell(url, "inject", b'{"status": 503, "method": "GET", "count": 2}') == (200, "")
    for _ in range(2):
        with pytest.raises(ServiceException):
            tokens_at(url, key)
    ask(url, key, "POST")[0].close()
    assert len(tokens_at(url, key)) == len(before) + 1
    assert tell(url, "inject", b'{"drop": "after"}') == (200, "")
    assert tell(url, "reset") == (200, "")
    now = tokens_at(url, key)
    assert [token.token_name for token in now] == [token.token_name for token in before]
    assert abs(now[0].date_generated - before[0].date_generated) < 60_000
    assert abs(now[0].date_generated / 1000 - time.time() - 10 * 86_400) < 60


def test_what_other_programs_ask_wrongly_is_refused(command):
    url, key = read(command())
    for action, body, told in [
        ("inject", b'{"status": 7}', "status must be from 200 to 999, not 7"),
        ("inject", b'{"method": 5}', "'int' object has no attribute 'upper'"),
        ("inject", b'{"truncate": 1.5}', "truncate must be 0 or more bytes, not 1.5"),
        ("advance", b'{"days": 1e99}', None),
        ("advance", b'{"weeks": 1}', None),
        ("reset", b"[1]", None),
        ("reset", b"{", "the body is not JSON in UTF-8"),
    ]:
        status, message = tell(url, action, body)
        assert status == 400
        assert message == told or (told is None and message)
    there = (404, "there is POST /__testing__/ with reset, advance or inject")
    assert tell(url, "stop") == there
    assert tell(url, "reset", method="GET") == there
    assert len(tokens_at(url, key)) == 2


def test_programs_of_other_machines_can_do_none_of_it(command):
    url, _ = read(command("--host", "0.0.0.0"))  # noqa: S104 - that is what is tested
    assert tell(url, "reset") == (404, "there is nothing at this path")


def test_a_service_in_a_test_is_not_told_over_http(server):
    assert tell(server.url, "reset") == (404, "there is nothing at this path")


def test_main_keeps_waiting(monkeypatch, handlers):
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    assert __main__.main([]) == 0
    assert len(waited) == 3


def test_main_warns_when_others_can_reach_it(interrupted, capsys):
    assert __main__.main(["--host", "0.0.0.0"]) == 0  # noqa: S104 - that is what is tested
    assert capsys.readouterr().err == "warning: other machines can reach this service\n"


def test_port_in_use_is_one_line_and_status_1(handlers, capsys):
    with TokenServer() as server:
        port = server.url.rsplit(":", 1)[1]
        assert __main__.main(["--port", port]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert len(err.splitlines()) == 1


@for_all("port", ["x", "-1", "65536", "²", ""])
def test_port_that_is_none(port, capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main(["--port", port])
    assert caught.value.code == 2
    assert "a port is a number from 0 to 65535" in capsys.readouterr().err


def test_help_is_short(capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main(["--help"])
    assert caught.value.code == 0
    assert "--onboarded" in capsys.readouterr().out


def test_module_runs_as_a_command(interrupted, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["testing", "--onboarded"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(__main__.__file__, run_name="__main__")
    assert caught.value.code == 0
