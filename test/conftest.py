"""What all tests share: a clean environment, and a service to talk to."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

import wavefront_api_client
from wavefront_api_client.testing import TokenServer

TUNING = ("WAVEFRONT_CHAOS_", "WAVEFRONT_OFFICIAL", "WAVEFRONT_TOOLS")
"""The variables that say which tests to run and for how long; the package reads none of them."""

collect_ignore = [] if os.environ.get("WAVEFRONT_OFFICIAL") else ["compare"]
"""What compares this client with the official one, where that is not there."""


def pytest_terminal_summary(terminalreporter):
    if collect_ignore:
        terminalreporter.line(
            "Not collected: the comparison with the official client, which `tox -e compare` installs."
        )


def pytest_make_parametrize_id(val):
    # What gzip made holds the time, and pytest-xdist wants the same names in each process.
    return "gzipped" if isinstance(val, bytes) and val.startswith(b"\x1f\x8b") else None


def pytest_configure(config):
    ignore_settings_of_the_machine()
    worker = getattr(config, "workerinput", None)
    if worker and config.args == ["test"]:
        config.args = folders_of(worker)


def ignore_settings_of_the_machine():
    """None takes part in a test, nor in what several tests share."""
    for name in list(os.environ):
        is_ours = name.startswith(("WAVEFRONT_", "CSP_")) and not name.startswith(TUNING)
        is_ours = is_ours or name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        if is_ours or name.lower().endswith("_proxy"):
            del os.environ[name]


def folders_of(worker):
    """All folders with tests; each process of pytest-xdist begins with another one.

    The first process that imports a module compiles it, and the others read what it has written:
    if all began with the same one, each would compile them all.
    """
    folders = sorted({path.parent for path in Path(__file__).parent.glob("*/test_*.py")})
    folders = [str(folder) for folder in folders if folder.name not in collect_ignore]
    first = int(worker["workerid"][2:]) * len(folders) // worker["workercount"]
    return folders[first:] + folders[:first]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """pytest-xdist wants the same order in each process; pytest-randomly shuffles what is in order."""
    items.sort(key=lambda item: item.path.parent)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """The garbage collector, which many a test calls, passes over what never goes away."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def clean_environment():
    yield
    wavefront_api_client.Configuration.set_default(None)


@pytest.fixture
def server():
    with TokenServer() as running:
        yield running


@pytest.fixture
def client(server):
    with wavefront_api_client.ApiClient(server.configuration()) as client:
        yield client


@pytest.fixture
def api(client):
    return wavefront_api_client.ApiTokenApi(client)


@pytest.fixture
def onboarded():
    """An instance whose access tokens live for two seconds; its clock goes on by three per call."""

    def age(request):
        if request.path.startswith("/api/"):
            server.advance(seconds=3)

    with TokenServer(onboarded=True, access_token_life=2, on_request=age) as server:
        yield server
