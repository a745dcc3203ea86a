"""What the tests of the command share: a service with a customer, and the command run on it."""

from __future__ import annotations

from collections import namedtuple

import pytest

from wavefront_api_client.cli._app import run
from wavefront_api_client.testing import TokenServer

Outcome = namedtuple("Outcome", "status out err")
VARIABLES = (
    *("WAVEFRONT_TOKEN", "WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS"),
    *("CSP_API_TOKEN", "CSP_APP_ID", "CSP_APP_SECRET", "CSP_ORG_ID", "CSP_BASE_URL"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NO_COLOR", "COLUMNS"),
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of nobody's, in an environment that says nothing."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("wavefront_api_client.cli._profiles.FILES", ("~/.wavefront",))
    return tmp_path


@pytest.fixture
def server():
    with TokenServer() as server:
        server.add_customer()
        yield server


@pytest.fixture
def command(server, monkeypatch, capsys):
    """Run the command with the key of the administrator in the environment."""
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)

    def call(*arguments):
        status = run(arguments)
        return Outcome(status, *capsys.readouterr())

    return call


@pytest.fixture
def alone(capsys):
    """Run the command where nothing says whom to talk to."""

    def call(*arguments):
        status = run(arguments)
        return Outcome(status, *capsys.readouterr())

    return call


@pytest.fixture
def other():
    """Another instance, with a service account that holds no token."""
    with TokenServer() as other:
        other.add_service_account("sa::ci", tokens=0)
        yield other


@pytest.fixture
def profiles(home, server, other):
    """A file with two profiles that work and one that does not."""
    path = home / ".wavefront"
    path.write_text(
        f"[prod]\nendpoint = {server.url}\ntoken = {server.user.key}\n"
        f"[test]\nendpoint = {other.url}\ntoken = {other.user.key}\n"
        "[dead]\nendpoint = http://127.0.0.1:9\ntoken_env = NO_SUCH_VARIABLE\n"
    )
    path.chmod(0o600)
    return path
