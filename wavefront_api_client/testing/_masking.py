"""How a token is shown where people read along: its last four characters."""

from __future__ import annotations

_SHOWN = 4


def mask(secret: str) -> str:
    """Hide a secret but for its last four characters; a short one is hidden whole."""
    return "***" + (secret[-_SHOWN:] if len(secret) >= 2 * _SHOWN else "")
