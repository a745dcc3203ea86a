"""The pytest fixtures, used and not used, in a pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wavefront_api_client

ROOT = Path(wavefront_api_client.__file__).parents[1]
REPOSITORY = Path(__file__).parents[2]

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


ENVIRONMENT = """
import os
import time

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.tokens import MintOutcomeUnknown, _clock, mint

NAMES = "WAVEFRONT_URL", "WAVEFRONT_TOKEN", "XDG_STATE_HOME", "NO_PROXY", "no_proxy"
before = {name: os.environ.get(name) for name in NAMES}
clocks = vars(_clock).copy()
states = set()

@pytest.mark.parametrize("number", [1, 2])
def test_a_script_needs_no_argument(wavefront_environment, number):
    server = wavefront_environment
    with ApiClient() as client:
        tokens = ApiTokenApi(client).get_all_tokens().response
    assert [token.token_id for token in tokens] == [server.user.key]
    states.add(os.environ["XDG_STATE_HOME"])
    assert len(states) == number
    assert not os.listdir(os.environ["XDG_STATE_HOME"])

def test_a_lost_answer_is_waited_for_in_no_time(wavefront_environment):
    server = wavefront_environment
    server.add_service_account("sa::ci")
    server.inject(method="POST", drop="before")
    begun, start = server.now, time.monotonic()
    with ApiClient() as client, pytest.raises(MintOutcomeUnknown):
        mint(ApiTokenApi(client), "ci", account="sa::ci")
    assert server.now - begun > 5_000
    assert time.monotonic() - start < 5

def test_all_is_as_before():
    assert {name: os.environ.get(name) for name in NAMES} == before
    assert vars(_clock) == clocks
"""

NAMED = """
pytest_plugins = ["wavefront_api_client.testing.pytest_plugin"]
"""


@pytest.fixture
def plugin(tmp_path):
    """The plugin as a distribution in a folder has it; its name there."""
    entry = re.search(
        r'"pytest11": \[f"(.+)"\]', (REPOSITORY / "setup.py").read_text(encoding="utf-8")
    )
    line = entry[1].replace("{PLUGIN}", "wavefront_api_client.testing.pytest_plugin")
    folder = tmp_path / "installed" / "sample-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[pytest11]\n{line}\n")
    return line.partition(" = ")[0]


@pytest.mark.parametrize(
    ("source", "conftest", "passed"),
    [
        pytest.param(USED, "", 3, id="used", marks=pytest.mark.slow),
        pytest.param(USED, NAMED, 3, id="named", marks=pytest.mark.slow),
        pytest.param(NOT_USED, "", 1, id="not used", marks=pytest.mark.slow),
        pytest.param(ENVIRONMENT, "", 4, id="environment"),
    ],
)
def test_fixtures_in_a_suite(tmp_path, plugin, source, conftest, passed):
    (tmp_path / "test_sample.py").write_text(source, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", plugin, str(tmp_path)]
    path = os.pathsep.join([str(ROOT), str(tmp_path / "installed")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    # A developer's own, which takes no part.
    environment["CSP_API_TOKEN"] = "of-the-developer"
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
