"""The process that holds the embedded token service while it is under load."""

from __future__ import annotations

import json
import sys

from wavefront_api_client.testing import TokenServer


def main() -> None:
    """Serve until standard input ends; the first line says where and with which key."""
    with TokenServer() as server:
        print(json.dumps({"url": server.url, "key": server.user.key}), flush=True)
        sys.stdin.read()
