"""`wavefront-tokens revoke`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client import tokens
from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import (
    FILE,
    account_option,
    command,
    complete,
    where_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import (
        AuditReport,
        RevocationOutcome,
        RevocationPlan,
    )

NOTHING = "Nothing to revoke."


@command("revoke", "wavefront-tokens revoke --where 'never-used,age>90d' --dry-run")
@click.argument("refs", nargs=-1, metavar="[REF]...", shell_complete=complete)
@where_option("Tokens that meet all conditions, such as stale,account=sa::ci.")
@account_option("Only tokens of this account, such as jane@example.com.")
@click.option(
    "--plan", "plan_file", type=FILE, metavar="FILE", help="Tokens of a plan that was saved."
)
@click.option("--dry-run", is_flag=True, help="Only show the plan.")
@click.option(
    "--save-plan", type=FILE, metavar="FILE", help="Write the plan to a file, and revoke nothing."
)
@click.option(
    "--max",
    "limit",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    metavar="NUMBER",
    help="Refuse to revoke more than that.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke_(
    session: Session,
    refs: tuple[str, ...],
    where: tokens.Conditions | None,
    account: str | None,
    plan_file: str | None,
    dry_run: bool,
    save_plan: str | None,
    limit: int,
    yes: bool,
) -> int:
    """Revoke tokens of any account, after showing which and asking.

    REF is a handle, a name, or - for leaked tokens on stdin, one a line. A condition is a rule of
    audit, age>90d, idle>90d, unused>90d (never used, or not for so long), account=sa::ci, or
    name=nightly. Lines of a saved plan can be deleted; tokens that have changed since are skipped.
    The key that the command itself uses is left out.
    """
    from wavefront_api_client.cli._output import tell
    from wavefront_api_client.cli._refs import read_ref, read_secrets

    if sum(map(bool, (refs, where, plan_file))) != 1:
        raise click.UsageError("say what to revoke: one of REF..., --where, --plan")
    if account and plan_file:
        raise click.UsageError("--account goes with REF or --where: a plan has its tokens")
    wanted = where or [
        ref for text in refs for ref in (read_secrets() if text == "-" else [read_ref(text)])
    ]

    def of_account(found: AuditReport) -> AuditReport:
        if account:
            found.rows = [row for row in found.rows if row.account == account]
            if not found.rows:
                raise tokens.TokenNotFound(f"no token has the account {account!r}")
        return found

    saved = _read(session.path(plan_file)) if plan_file else None
    with session.api() as api:
        plan = saved or tokens.plan_revocation(of_account(tokens.audit(api)), wanted, limit=limit)
    if len(plan.tokens) > limit:
        count = len(plan.tokens)
        raise tokens.TooManyTokens(f"{count} tokens are more than {limit}: none was revoked")
    # The plan is shown even with -q.
    tell(str(plan) if any((plan.tokens, plan.own, plan.kept, plan.missing)) else NOTHING)
    if save_plan:
        session.write_file(save_plan, plan.to_json())
    outcomes: Sequence[RevocationOutcome] = ()
    if plan.tokens and not (dry_run or save_plan):
        these = "this one" if len(plan.tokens) == 1 else f"these {len(plan.tokens)}"
        session.confirm(f"Revoke {these}? It cannot be undone.", yes)
        with session.api() as api:
            outcomes = tokens.revoke(api, plan)
    if session.output != "table":
        session.write(_rows(session.one().name, plan, outcomes), "revocation")
    return report(plan, outcomes)


def _read(path: str) -> RevocationPlan:
    from wavefront_api_client.tokens.texts import read_text

    try:
        return tokens.RevocationPlan.from_json(read_text(path))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise click.UsageError(f"{path}: {error}") from None


def _rows(
    tenant: str, plan: RevocationPlan, outcomes: Sequence[RevocationOutcome]
) -> Iterator[Row]:
    """The result for each token that was chosen or named."""
    from wavefront_api_client.cli._failures import describe

    told: list[tuple[str, tokens.PlannedToken, Exception | None]]
    told = [(each.status, each.token, each.error) for each in outcomes]
    told += [("planned", token, None) for token in plan.tokens if not outcomes]
    told += [("own", token, None) for token in plan.own]
    told += [("needed", token, None) for token in plan.kept]
    for missing in plan.missing:
        # A name is quoted there; a token on stdin is shown by its handle.
        is_name = missing[-1] in "'\""
        handle, name = ("", missing.strip("'\"")) if is_name else (missing, "")
        told.append(("not found", tokens.PlannedToken(handle, None, name, None), None))
    for status, token, error in told:
        yield {
            "tenant": tenant,
            "status": status,
            "handle": token.handle or None,
            "name": token.name,
            "account": token.account,
            "lastUsed": token.last_used,
            "flags": token.flags,
            "error": error and describe(error),
        }


def report(plan: RevocationPlan, outcomes: Sequence[RevocationOutcome]) -> int:
    """Write the result for each token, and return the exit status."""
    from wavefront_api_client.cli._failures import describe
    from wavefront_api_client.cli._output import tell

    for outcome in outcomes:
        problem = f": {describe(outcome.error)}" if outcome.error else ""
        tell(f"{outcome.token.handle}  {outcome.status}{problem}")
    statuses = {outcome.status for outcome in outcomes}
    if "unknown" in statuses:
        return _exits.UNFINISHED
    if statuses - {"revoked", "gone"}:
        return _exits.FAILED
    if plan.own:
        return _exits.REFUSED
    return _exits.NOT_FOUND if plan.missing else _exits.DONE
