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
from wavefront_api_client.cli._session import Session, now, pass_session
from wavefront_api_client.tokens import (
    AmbiguousToken,
    RevocationPlan,
    Secret,
    TokenNotFound,
    audit,
    is_handle,
    parse_where,
    plan_revocation,
    revoke,
)
from wavefront_api_client.tokens.texts import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._refs import Ref
    from wavefront_api_client.tokens import AuditReport, RevocationOutcome


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

    REF is a handle, or - for leaked tokens on stdin, one a line. A condition is the name of a rule
    of audit, or like age>90d, idle>90d, account=sa::ci, name=nightly. From a plan that was saved,
    lines can be deleted; what has changed since is skipped.
    """
    if sum(map(bool, (refs, where, plan_file))) != 1:
        raise click.UsageError("say what to revoke: one of REF..., --where, --plan")
    choose = _chooser(refs, where, limit)
    saved = _read(plan_file) if plan_file else None
    with session.api() as api:
        plan = choose(api) if saved is None else saved
    if len(plan.tokens) > limit:
        raise _exits.Refused(f"{len(plan.tokens)} tokens are more than {limit}: see --max.")
    _show(plan)
    if save_plan:
        _write(save_plan, plan)
    if dry_run or save_plan or not plan.tokens:
        return _exits.NOT_FOUND if plan.missing else _exits.DONE
    session.confirm(f"Revoke these {len(plan.tokens)}? It cannot be undone.", yes)
    with session.api() as api:
        outcomes = revoke(api, plan)
    return report(plan, outcomes)


def _chooser(
    refs: Sequence[str], where: str | None, limit: int
) -> Callable[[ApiTokenApi], RevocationPlan]:
    """What makes the plan; all that can be wrong with the options is found before any call."""
    if where is not None:
        try:
            parse_where(where)
        except ValueError as error:
            raise click.UsageError(f"--where: {error}") from None
        return lambda api: plan_revocation(audit(api, now=now()), where, limit=limit)
    wanted = [ref for text in refs for ref in _read_refs(text)]
    return lambda api: _named(audit(api, now=now()), wanted, limit)


def _read_refs(text: str) -> Sequence[Ref]:
    return read_secrets() if text == "-" else [read_ref(text)]


def _named(report: AuditReport, wanted: Sequence[Ref], limit: int) -> RevocationPlan:
    return plan_revocation(report, [_handle(report, ref) for ref in wanted], limit=limit)


def _handle(report: AuditReport, ref: Ref) -> Ref:
    """A name by the handle of the token that has it, unless it could be the handle of another."""
    named = {row.handle for row in report.rows if row.name == ref}
    if isinstance(ref, Secret) or (is_handle(ref) and not named):
        return ref
    if is_handle(ref):
        # Anybody may name a token like the handle of one that is to go.
        named |= {row.handle for row in report.rows if row.handle.startswith(ref.lower()[:10])}
    if not named:
        raise TokenNotFound(f"There is no token {ref!r}.")
    if len(named) > 1:
        raise AmbiguousToken(f"{len(named)} tokens are called {ref!r}: use their handles.")
    return named.pop()


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
    """A line for each token: which, why, when it was used last. It is never silent."""
    for token in plan.tokens:
        used = f"{token.last_used:%Y-%m-%d %H:%M} UTC" if token.last_used else "never"
        why = ", ".join(token.flags) or "asked for"
        tell(f"{token.handle}  {token.name!r} of {token.account}: {why}; last used {used}")
    for handle in plan.missing:
        tell(f"{handle}  is not there")
    if not plan.tokens:
        tell("Nothing to revoke.")


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
    return _exits.NOT_FOUND if plan.missing else _exits.DONE
