"""`wavefront-tokens revoke`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._failures import describe
from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._output import tell
from wavefront_api_client.cli._paths import FILE
from wavefront_api_client.cli._refs import read_ref, read_secrets
from wavefront_api_client.cli._session import Session, pass_session
from wavefront_api_client.tokens import RevocationPlan, audit, plan_revocation, revoke
from wavefront_api_client.tokens._where import parse_where
from wavefront_api_client.tokens.texts import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wavefront_api_client.cli._refs import Ref
    from wavefront_api_client.tokens import RevocationOutcome


@click.command(
    "revoke", epilog=example("wavefront-tokens revoke --where 'never-used,age>90d' --dry-run")
)
@click.argument("refs", nargs=-1, metavar="[REF]...")
@click.option("--where", metavar="RULE,...", help="Those that all of it is true of.")
@click.option(
    "--plan", "plan_file", type=FILE, metavar="FILE", help="Those of a plan that was saved."
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
    help="Refuse more than that.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def command(
    session: Session,
    refs: tuple[str, ...],
    where: str | None,
    plan_file: str | None,
    dry_run: bool,
    save_plan: str | None,
    limit: int,
    yes: bool,
) -> int:
    """Revoke tokens of any account, after showing which and asking.

    REF is a handle, a name, or - for leaked tokens on stdin, one a line. A condition is the name
    of a rule of audit, or like age>90d, idle>90d, unused>90d (never used, or not for so long),
    account=sa::ci, name=nightly. From a plan that was saved, lines can be deleted; what has changed
    since is skipped. The key that the command itself uses is left out.
    """
    if sum(map(bool, (refs, where, plan_file))) != 1:
        raise click.UsageError("say what to revoke: one of REF..., --where, --plan")
    if where is not None:
        _check(where)
    wanted: str | list[Ref] = where or [ref for text in refs for ref in _read_refs(text)]
    saved = _read(plan_file) if plan_file else None
    with session.api() as api:
        plan = saved or plan_revocation(audit(api), wanted, limit=limit)
    if len(plan.tokens) > limit:
        raise _exits.Refused(f"{len(plan.tokens)} tokens are more than {limit}: see --max.")
    _show(plan)
    if save_plan:
        _write(save_plan, plan)
    if dry_run or save_plan or not plan.tokens:
        return _status(plan)
    session.confirm(f"Revoke these {len(plan.tokens)}? It cannot be undone.", yes)
    with session.api() as api:
        outcomes = revoke(api, plan)
    return report(plan, outcomes)


def _check(where: str) -> None:
    """Refuse a wrong condition before any call."""
    try:
        parse_where(where)
    except ValueError as error:
        raise click.UsageError(f"--where: {error}") from None


def _read_refs(text: str) -> Sequence[Ref]:
    return read_secrets() if text == "-" else [read_ref(text)]


def _read(path: str) -> RevocationPlan:
    try:
        return RevocationPlan.from_json(read_text(path))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise click.UsageError(f"{path}: {error}") from None


def _write(path: str, plan: RevocationPlan) -> None:
    try:
        Path(path).write_text(plan.to_json(), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None


def _show(plan: RevocationPlan) -> None:
    """The plan: which tokens, why, when they were used last. It is never silent."""
    tell(
        str(plan) if plan.tokens or plan.own or plan.kept or plan.missing else "Nothing to revoke."
    )


def report(plan: RevocationPlan, outcomes: Sequence[RevocationOutcome]) -> int:
    """Say what became of each token, and give the exit status."""
    for outcome in outcomes:
        problem = f": {describe(outcome.error)}" if outcome.error else ""
        tell(f"{outcome.token.handle}  {outcome.status}{problem}")
    statuses = {outcome.status for outcome in outcomes}
    if "unknown" in statuses:
        return _exits.UNFINISHED
    if statuses - {"revoked", "gone"}:
        return _exits.FAILED
    return _status(plan)


def _status(plan: RevocationPlan) -> int:
    """The exit status by what was chosen and cannot be revoked."""
    if plan.own:
        return _exits.REFUSED
    return _exits.NOT_FOUND if plan.missing else _exits.DONE
