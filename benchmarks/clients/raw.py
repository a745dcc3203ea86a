"""urllib3 and json.loads: what every other client is measured against."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import urllib3


def connect(
    url: str, connections: int = 1, timeout: urllib3.Timeout | None = None
) -> Callable[[], list[Any]]:
    """Return the function that makes one call and returns its tokens."""
    limits = {} if timeout is None else {"timeout": timeout}
    pool = urllib3.PoolManager(maxsize=connections, **limits)
    headers = {"Accept": "application/json", "X-AUTH-TOKEN": "key"}
    address = url + "/api/v2/apitoken"

    def fetch() -> list[Any]:
        answer = pool.request("GET", address, headers=headers)
        tokens: list[Any] = json.loads(answer.data)["response"]
        return tokens

    return fetch


if __name__ == "__main__":
    connect(sys.argv[1])()
