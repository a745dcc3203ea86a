"""The pytest fixtures of the token service; nothing is loaded before a test asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .server import TokenServer


@pytest.fixture
def wavefront_token_server() -> Iterator[TokenServer]:
    """Run a token service for one test."""
    from .server import TokenServer

    with TokenServer() as server:
        yield server


@pytest.fixture
def wavefront_environment(
    wavefront_token_server: TokenServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> TokenServer:
    """Let a script that the test runs find that service without an argument.

    The environment has its URL, the key of its administrator and a folder for state. Operations of
    `wavefront_api_client.tokens` use its clock: a wait puts that forward and takes no time.
    """
    from datetime import datetime, timezone
    from importlib import import_module

    server = wavefront_token_server
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    for name in ("CSP_API_TOKEN", "CSP_APP_ID", "CSP_APP_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("wavefront-state")))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1", prepend=",")
    clock = import_module("wavefront_api_client.tokens._clock")
    replacements: dict[str, Callable[..., object]] = {
        "clock": lambda: server.now / 1000,
        "sleep": lambda seconds: server.advance(seconds=seconds),
        "now": lambda: datetime.fromtimestamp(server.now / 1000, timezone.utc),
    }
    for name, replacement in replacements.items():
        monkeypatch.setattr(clock, name, replacement)
    return server
