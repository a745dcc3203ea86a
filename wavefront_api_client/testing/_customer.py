"""The customer that a terminal starts with: users, service accounts, tokens of all ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from .server import TokenServer

_TOKENS: dict[str, list[tuple[str, float, float | None]]] = {
    "admin@example.com": [("old laptop", 420, 400)],
    "jane@example.com": [("dashboards", 730, 0.5), ("", 200, None)],
    "sa::ci": [("build", 45, 0.01), ("nightly", 200, 100)],
    "sa::backup": [("weekly", 700, 5), ("trial", 91, None)],
    "sa::deploy": [("production", 20, 0.1), ("staging", 370, 180)],
}
"""The tokens of each account: name, days since it was made, days since it was used if ever."""


def settle(server: TokenServer, known: Container[str] = ()) -> None:
    """Add the customer to a server that has its administrator.

    :param server: where.
    :param known: accounts that are there already and stay as they are.
    """
    for account, tokens in _TOKENS.items():
        if account in known:
            continue
        if account != server.user.id:
            add = server.add_service_account if account.startswith("sa::") else server.add_user
            add(account, tokens=0, permissions=())
        for name, age, idle in tokens:
            server.add_token(account, name, age_days=age, idle_days=idle)
