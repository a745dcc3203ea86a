"""requests: one session, its own JSON reading."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import requests
import requests.adapters


def connect(url: str, connections: int = 1) -> Callable[[], list[Any]]:
    """Return the function that makes one call and returns its tokens."""
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=connections))
    session.headers.update({"Accept": "application/json", "X-AUTH-TOKEN": "key"})
    address = url + "/api/v2/apitoken"

    def fetch() -> list[Any]:
        tokens: list[Any] = session.get(address).json()["response"]
        return tokens

    return fetch


if __name__ == "__main__":
    connect(sys.argv[1])()
