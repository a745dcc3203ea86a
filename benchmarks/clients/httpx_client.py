"""httpx: one client, its own JSON reading."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import httpx


def connect(url: str, connections: int = 1) -> Callable[[], list[Any]]:
    """Return the function that makes one call and returns its tokens."""
    limits = httpx.Limits(max_keepalive_connections=connections)
    headers = {"Accept": "application/json", "X-AUTH-TOKEN": "key"}
    client = httpx.Client(limits=limits, headers=headers)
    address = url + "/api/v2/apitoken"

    def fetch() -> list[Any]:
        tokens: list[Any] = client.get(address).json()["response"]
        return tokens

    return fetch


if __name__ == "__main__":
    connect(sys.argv[1])()
