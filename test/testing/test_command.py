"""`python -m wavefront_api_client.testing`."""

from __future__ import annotations

import http.client
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time

import pytest

from wavefront_api_client.testing import TokenServer, __main__

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

    def start(*arguments):
        command = [sys.executable, "-W", "error", "-m", "wavefront_api_client.testing", *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=TIMEOUT)


def read(process):
    """What the command prints: URL and key."""
    assert select.select([process.stdout], [], [], TIMEOUT)[0]
    process.stdout.readline()
    lines = [process.stdout.readline().strip() for _ in range(2)]
    variables = dict(line[len("export ") :].split("=", 1) for line in lines)
    return variables["WAVEFRONT_URL"], variables["WAVEFRONT_TOKEN"]


def ask(url, key, method="GET"):
    connection = http.client.HTTPConnection(url[len("http://") :], timeout=TIMEOUT)
    connection.request(method, "/api/v2/apitoken", headers={"X-AUTH-TOKEN": key})
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


def test_command_of_an_onboarded_instance_on_a_port(command):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url, key = read(command("--onboarded", "--port", str(port), "--host", "localhost"))
    assert url.endswith(f":{port}")
    for method, expected in (("GET", 200), ("POST", 403)):
        connection, status = ask(url, key, method)
        connection.close()
        assert status == expected


@pytest.fixture
def interrupted(monkeypatch, handlers):
    """Lets the command be interrupted at once, in this process."""

    def sleep(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)


def test_main_prints_url_and_key(interrupted, capsys):
    assert __main__.main(["--port", "0"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("export WAVEFRONT_URL=http://127.0.0.1:")
    assert lines[2].startswith("export WAVEFRONT_TOKEN=")
    assert err == ""
    port = int(lines[1].rsplit(":", 1)[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


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


@pytest.mark.parametrize("port", ["x", "-1", "65536", "²", ""])
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
