"""What all tests share: a clean environment, and a service to talk to."""

from __future__ import annotations

import os

import pytest

import wavefront_api_client
from wavefront_api_client.testing import TokenServer


def pytest_make_parametrize_id(val):
    # What gzip made holds the time, and pytest-xdist wants the same names in each process.
    return "gzipped" if isinstance(val, bytes) and val.startswith(b"\x1f\x8b") else None


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("WAVEFRONT_") and name != "WAVEFRONT_CHAOS_OPERATIONS":
            monkeypatch.delenv(name)
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
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
