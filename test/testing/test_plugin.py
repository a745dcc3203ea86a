"""The pytest fixture, used and not used, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import wavefront_api_client

HOME = str(Path(wavefront_api_client.__file__).parents[1])

USED = """
import socket
import threading
import pytest

urls = []

@pytest.mark.parametrize("number", [1, 2])
def test_fixture(wavefront_token_server, number):
    assert len(wavefront_token_server.user.tokens) == 1
    wavefront_token_server.add_user("jane")
    urls.append(wavefront_token_server.url)

def test_afterwards():
    assert len(set(urls)) == 2
    assert "wavefront-tokens" not in [thread.name for thread in threading.enumerate()]
"""

NOT_USED = """
import sys

def test_nothing_is_loaded():
    names = [name for name in sys.modules if name.startswith("wavefront_api_client.")]
    assert "wavefront_api_client.testing.pytest_plugin" in names
    assert "wavefront_api_client.testing.server" not in names
    assert not {"http.server", "urllib3", "six", "dateutil"} & set(sys.modules), names
"""


@pytest.mark.parametrize(("source", "passed"), [(USED, 3), (NOT_USED, 1)], ids=["used", "not used"])
def test_fixture_in_a_suite(tmp_path, source, passed):
    (tmp_path / "test_sample.py").write_text(source, encoding="utf-8")
    plugin = "wavefront_api_client.testing.pytest_plugin"
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", plugin, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": HOME, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{passed} passed" in done.stdout


def test_fixture_here(monkeypatch):
    from wavefront_api_client.testing import pytest_plugin

    function = getattr(
        pytest_plugin.wavefront_token_server,
        "_get_wrapped_function",
        lambda: pytest_plugin.wavefront_token_server.__wrapped__,
    )()
    running = function()
    server = next(running)
    assert server.url
    assert next(running, None) is None
    assert "stopped" in repr(server)
