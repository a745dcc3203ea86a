"""Tests with the fixture of this package are green under the plugins that people run them with."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TESTS = """
import pytest
from wavefront_api_client import ApiClient, ApiTokenApi


@pytest.mark.parametrize("n", range(8))
def test_names(wavefront_token_server, n):
    wavefront_token_server.add_service_account("sa::ci", tokens=n)
    with ApiClient(wavefront_token_server.configuration()) as client:
        api = ApiTokenApi(client)
        assert len(api.get_tokens_service_account("sa::ci").response) == n
        assert len(api.get_tokens_service_account("sa::ci", async_req=True).get(5).response) == n
    assert len(wavefront_token_server.requests) == 2
"""

BLOCKED = """
import pytest, pytest_socket
from wavefront_api_client import ApiClient, ApiTokenApi, Configuration


def test_nothing_is_sent():
    with ApiClient(Configuration(host="http://127.0.0.1:9", api_key="k")) as client:
        with pytest.raises(pytest_socket.SocketBlockedError):
            ApiTokenApi(client).create_token()
        with pytest.raises(pytest_socket.SocketBlockedError):
            ApiTokenApi(client).get_all_tokens(async_req=True).get(5)


@pytest.mark.enable_socket
def test_a_client_works_where_it_may(wavefront_token_server):
    with ApiClient(wavefront_token_server.configuration()) as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
"""


PLUGINS = {"xdist": "xdist.plugin"}


def run(tmp_path, tests, module, *options):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    (tmp_path / "test_it.py").write_text(tests, encoding="utf-8")
    plugin = PLUGINS.get(module, module)
    # No others: each of them takes its time to start.
    fixed = (
        f"-W error -p no:cacheprovider -p {plugin} -p wavefront_api_client.testing.pytest_plugin"
    )
    return subprocess.run(
        [sys.executable, "-m", "pytest", *fixed.split(), *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def passed(done, count):
    return done.returncode == 0 and f"{count} passed" in done.stdout


@pytest.mark.slow
def test_pytest_xdist(tmp_path):
    assert passed(run(tmp_path, TESTS, "xdist", "-n", "2"), 8)


def test_pytest_randomly(tmp_path):
    # A seed that turns the order of these eight about.
    done = run(tmp_path, TESTS, "pytest_randomly", "--randomly-seed=3")
    assert passed(done, 8)


def test_pytest_socket_that_allows_this_machine(tmp_path):
    allowed = ["--disable-socket", "--allow-hosts=127.0.0.1,::1"]
    assert passed(run(tmp_path, TESTS, "pytest_socket", *allowed), 8)


def test_pytest_socket_that_allows_nothing(tmp_path):
    # Since 0.8 it warns, too.
    options = ["--disable-socket", "-W", "ignore:A test tried to use:UserWarning"]
    assert passed(run(tmp_path, BLOCKED, "pytest_socket", *options), 2)
