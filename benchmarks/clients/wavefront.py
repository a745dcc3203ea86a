"""The Wavefront client: the same lines run the official one and ours, each in its environment."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import wavefront_api_client


def connect(url: str, connections: int = 1) -> Callable[[], list[Any]]:
    """Return the function that makes one call and returns its tokens."""
    configuration = wavefront_api_client.Configuration()
    configuration.host = url
    configuration.api_key["X-AUTH-TOKEN"] = "key"
    configuration.connection_pool_maxsize = connections
    api = wavefront_api_client.ApiTokenApi(wavefront_api_client.ApiClient(configuration))

    def fetch() -> list[Any]:
        tokens: list[Any] = api.get_all_tokens().response or []
        return tokens

    return fetch


if __name__ == "__main__":
    connect(sys.argv[1])()
