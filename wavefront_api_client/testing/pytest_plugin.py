"""The pytest fixture `wavefront_token_server`; nothing is loaded before a test asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .server import TokenServer


@pytest.fixture
def wavefront_token_server() -> Iterator[TokenServer]:
    """Run a token service of the test's own."""
    from .server import TokenServer

    with TokenServer() as server:
        yield server
