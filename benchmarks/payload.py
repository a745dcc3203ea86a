"""The canned answers: a container of any number of tokens, as the service would send it."""

from __future__ import annotations

import json
import random
import uuid

FIRST_DATE = 1_600_000_000_000


def token(number: int) -> dict[str, object]:
    """Return one token whose every value is its own, the same in each run."""
    bits = random.Random(number).getrandbits(128)
    return {
        "tokenID": str(uuid.UUID(int=bits, version=4)),
        "tokenName": f"pipeline token {number}",
        "dateGenerated": FIRST_DATE + number * 1_000,
        "lastUsed": FIRST_DATE + number * 2_000,
        "account": f"someone.{number}@example.com",
        "accountType": "USER_ACCOUNT",
    }


def http_answer(count: int) -> bytes:
    """Return the bytes of a whole HTTP answer that holds `count` tokens."""
    container = {
        "status": {"result": "OK", "message": "", "code": 200},
        "response": [token(number) for number in range(count)],
    }
    body = json.dumps(container, separators=(",", ":")).encode("ascii")
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
