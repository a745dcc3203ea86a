"""`wavefront-tokens find`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._output import tell
from wavefront_api_client.cli._refs import read_ref
from wavefront_api_client.cli._rows import flags_of, row_of
from wavefront_api_client.cli._session import Session, now, pass_session
from wavefront_api_client.tokens import Secret, find

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.tokens import TokenInfo


@click.command("find", epilog=example("wavefront-tokens find - < leaked.txt"))
@click.argument("ref")
@click.option("--account", metavar="A", help="Only among those of this service account.")
@pass_session
def command(session: Session, ref: str, account: str | None) -> int:
    """Find tokens by handle, exact name, or - for the token itself on stdin.

    They are looked for in all accounts where the key has the permission Accounts, else among its
    own account's.
    """
    wanted = read_ref(ref)

    def rows(tenant: str, api: ApiTokenApi) -> list[Row]:
        found = _look(api, wanted, account)
        return [row_of(tenant, info, now(), flags_of(info)) for info in found]

    found, status = session.each(rows)
    if any(found.values()) or session.output != "table":
        session.write([row for rows in found.values() for row in rows])
    if status == _exits.DONE and not any(found.values()):
        tell("There is no such token.")
        return _exits.NOT_FOUND
    return status


def _look(api: ApiTokenApi, wanted: str | Secret, account: str | None) -> list[TokenInfo]:
    if isinstance(wanted, Secret):
        return find(api, secret=wanted, account=account)
    named = find(api, name=wanted, account=account)
    if not re.fullmatch("(?i)[0-9a-f]{6,}", wanted):
        return named
    return [
        *named,
        *(info for info in find(api, handle=wanted, account=account) if info not in named),
    ]
