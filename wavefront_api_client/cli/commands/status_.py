"""`wavefront-tokens status`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import Command, example, pass_session

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.cli._session import Session

TITLES = {
    "url": "Instance",
    "tenant": "Profile",
    "key": "Key from",
    "credential": "Credential",
    "account": "Account",
    "accountType": "Kind",
    "handle": "Handle",
    "name": "Name",
    "created": "Created",
    "lastUsed": "Last used",
    "permissions": "Permissions",
    "held": "Tokens",
}


@click.command("status", cls=Command, epilog=example("wavefront-tokens status --profile prod"))
@pass_session
def command(session: Session) -> int:
    """Show the instance, and whose key is used: its account, age, last use and permissions."""
    origins = {each.name: each.origin for each in session.tenants()}
    found, status = session.each(_look)
    rows = {name: {**row, "tenant": name, "key": origins[name]} for name, row in found.items()}
    if session.output != "table":
        session.write(rows.values(), "status")
    else:
        sys.stdout.write("\n".join(map(_as_text, rows.values())))
    return status


def _look(api: ApiTokenApi) -> Row:
    from wavefront_api_client.cli._rows import row_of
    from wavefront_api_client.tokens import whoami
    from wavefront_api_client.tokens._account import MOST_TOKENS

    info = whoami(api)
    row = row_of(api, info.token) if info.token else {}
    known = ("now", "handle", "name", "created", "lastUsed", "ageDays")
    return {
        **{name: row.get(name) for name in known},
        "url": api.api_client.configuration.host,
        "account": info.account,
        "accountType": info.account_type,
        "held": info.held,
        "limit": MOST_TOKENS,
        "permissions": ["Accounts"] * info.manages_accounts,
        "credential": info.credential,
    }


def _as_text(row: Row) -> str:
    """A line for each fact: aligned and with ages on a terminal, with tabs in a pipe."""
    from datetime import datetime

    from wavefront_api_client.cli._output import ago, plain, shown, text_of

    lines, is_seen = [], sys.stdout.isatty()
    credential = row["credential"]
    facts = {
        **row,
        "credential": credential + " of VMware Cloud services" * (credential != "key"),
        "held": f"{row['held']} of {row['limit']}",
        "permissions": row["permissions"] or "own tokens only",
    }
    for key, title in TITLES.items():
        value = facts[key]
        if is_seen and isinstance(value, datetime):
            value = ago((row["now"] - value).total_seconds())
        text = shown(text_of(plain(value)), sys.stdout.encoding or "utf-8") or "none" * is_seen
        lines.append(f"{title + ':':<14}{text}\n" if is_seen else f"{title}\t{text}\n")
    return "".join(lines)
