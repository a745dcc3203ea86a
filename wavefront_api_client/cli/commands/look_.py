"""Commands that change nothing: `wavefront-tokens status`, `list` and `find`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from wavefront_api_client import tokens
from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import account_option, command, ref_argument, where_option

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import AuditReport

FACTS = {
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
"""The facts that `status` shows to people, and their titles."""


@command("status", "wavefront-tokens status --profile prod")
def status_(session: Session) -> int:
    """Show the instance, and whose key is used: its account, age, last use and permissions."""
    origins = {each.name: each.origin for each in session.tenants()}
    found, status = session.each(_whose)
    rows = [{**row, "tenant": name, "key": origins[name]} for name, row in found.items()]
    if session.output != "table":
        session.write(rows, "status")
    else:
        sys.stdout.write("\n".join(map(_as_text, rows)))
    return status


def _whose(api: ApiTokenApi) -> Row:
    from wavefront_api_client.cli._output import KINDS, rows_alone

    info = tokens.whoami(api)
    return {
        **dict.fromkeys(KINDS["status"]),
        **next(rows_alone(api, [info.token] if info.token else []), {}),
        "url": api.api_client.configuration.host,
        "account": info.account,
        "accountType": info.account_type,
        "held": info.held,
        "limit": tokens.MOST_TOKENS,
        "permissions": ["Accounts"] * info.manages_accounts,
        "credential": info.credential,
    }


def _as_text(row: Row) -> str:
    """A line for each fact: aligned and with ages on a terminal, with tabs in a pipe."""
    from datetime import datetime

    from wavefront_api_client.cli._output import ago, as_cell

    lines, is_seen = [], sys.stdout.isatty()
    credential = row["credential"]
    facts = {
        **row,
        "credential": credential + " of VMware Cloud services" * (credential != "key"),
        "held": f"{row['held']} of {row['limit']}",
        "permissions": row["permissions"] or "own tokens only",
    }
    for key, title in FACTS.items():
        value = facts[key]
        if is_seen and isinstance(value, datetime):
            value = ago((row["now"] - value).total_seconds())
        text = as_cell(value) or "none" * is_seen
        lines.append(f"{title + ':':<14}{text}\n" if is_seen else f"{title}\t{text}\n")
    return "".join(lines)


@command(
    "list",
    "wavefront-tokens list --all-accounts",
    "wavefront-tokens list --account sa::ci --where 'age>90d' -o json",
)
@account_option("Tokens of a service account, such as sa::ci.")
@click.option(
    *("--all-accounts", "--customer", "customer"), is_flag=True, help="Tokens of all accounts."
)
@where_option("Only those that meet all conditions, as in revoke --where.")
def list_(
    session: Session, account: str | None, customer: bool, where: tokens.Conditions | None
) -> int:
    """List tokens: your own, those of a service account, or those of all accounts.

    Tokens are shown by their handles: the first 10 hex digits of their SHA-256.
    """
    from wavefront_api_client.cli._output import rows_of

    if account is not None and customer:
        raise click.UsageError("--account and --all-accounts exclude each other")

    def report(api: ApiTokenApi) -> AuditReport:
        if customer:
            return tokens.audit(api)
        return tokens.report_on(api, tokens.list_tokens(api, account=account))

    reports, status = session.each(report)
    session.write(rows_of(reports, where))
    return status


@command("find", "wavefront-tokens find - < leaked.txt")
@ref_argument
@account_option("Only tokens of this service account.")
def find_(session: Session, ref: str, account: str | None) -> int:
    """Find tokens by handle, exact name, or - for the token itself on stdin.

    All accounts are searched if the key has the permission Accounts, otherwise its own.
    """
    from wavefront_api_client.cli._output import rows_alone, tell
    from wavefront_api_client.cli._refs import read_ref

    wanted = read_ref(ref)
    found, status = session.each(
        lambda api: [*rows_alone(api, tokens.find(api, wanted, account=account))]
    )
    rows = [{**row, "tenant": name} for name, of_tenant in found.items() for row in of_tenant]
    if rows or session.output != "table":
        session.write(rows)
    if status == _exits.DONE and not rows:
        tell("There is no such token.")
        return _exits.NOT_FOUND
    return status
