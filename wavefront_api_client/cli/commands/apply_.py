"""`wavefront-tokens plan`, `apply` and `init`: a file of tokens."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import FILE, account_option, command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeVar

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import Change, WantedToken

    F = TypeVar("F", bound=Callable[..., Any])
    Changes = Mapping[str, list[Change]]

MOST_NAMES = 3
"""Tokens that an error names, of those that have the same one."""

PLANNED = {"none": "unchanged", "wait": "waiting", "unknown": "unknown"}
"""Names of actions in a summary; the others are "to rotate" and the like."""

FAILURES = {"failed", "unverified"}


def _file_and_jobs(function: F) -> F:
    """The argument and the option that `plan` and `apply` share."""
    jobs = click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        default=8,
        show_default=True,
        metavar="NUMBER",
        help="Accounts to work on at once.",
    )
    return click.argument("file", type=FILE)(jobs(function))


@command("plan", "wavefront-tokens plan tokens.toml")
@_file_and_jobs
@click.option("--unmanaged", is_flag=True, help="Show tokens that the file does not name, too.")
def plan_(session: Session, file: str, jobs: int, unmanaged: bool) -> int:
    """Show what each token of a file needs, and change nothing.

    FILE, such as tokens.toml, names the tokens and their places.
    """
    wanted = _read(session, file)
    changes, rows, status = _planned(session, wanted, jobs)
    if unmanaged:
        more, failed = _unmanaged(session, wanted)
        rows, status = [*rows, *more], status or failed
    session.write(rows, "planned")
    return _tell_errors(session, changes) or status


@command("apply", "wavefront-tokens apply tokens.toml")
@_file_and_jobs
@click.option("--dry-run", is_flag=True, help="Only show what would be done, as plan does.")
@click.option("--check", is_flag=True, help="Change nothing; status 3 if anything differs.")
def apply_(session: Session, file: str, jobs: int, dry_run: bool, check: bool) -> int:
    """Mint, deliver, rotate and finish the tokens of a file, each as it needs.

    Run it again and again, for example from cron: it continues an earlier run, and does not touch
    tokens that the file does not name.
    """
    from wavefront_api_client.tokens import apply

    wanted = _read(session, file)
    if dry_run or check:
        changes, rows, status = _planned(session, wanted, jobs)
        session.write(rows, "planned")
        status = _tell_errors(session, changes) or status
        differs = check and any(
            change.differs for of_tenant in changes.values() for change in of_tenant
        )
        return _exits.FINDINGS if status == _exits.DONE and differs else status
    stopped = False

    def advance_or_stop(_: Change) -> None:
        if stopped:
            raise KeyboardInterrupt
        advance()

    with session.progress(len(wanted)) as advance:
        try:
            found, status = session.each(
                _of_tenants(session, wanted, partial(apply, jobs=jobs, on_change=advance_or_stop))
            )
        finally:
            # Ctrl-C ends the work on other tenants, too.
            stopped = True
    rows = _rows(found)
    _tell_counts(session, [row["outcome"] for row in rows])
    session.write(rows, "applied")
    return _tell_errors(session, found) or status


def _read(session: Session, file: str) -> list[WantedToken]:
    """The tokens of a file; those of other profiles than the command line names are left out."""
    from wavefront_api_client.tokens import TokensFileError, read_tokens_file

    try:
        wanted = read_tokens_file(file)
    except (TokensFileError, ImportError) as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}") from None
    session.use_profiles({each.profile for each in wanted})
    if session.folder:
        return [_harmless(session, number, each) for number, each in enumerate(wanted)]
    keys = session.keys()
    for program in (program for each in wanted for program in each.programs):
        program.hide(keys)
    chosen = {each.name for each in session.tenants()}
    return [each for each in wanted if each.profile is None or each.profile in chosen]


def _harmless(session: Session, number: int, wanted: WantedToken) -> WantedToken:
    """A token as a demo has it: it goes into a file of the demo, and no program is run."""
    from wavefront_api_client.tokens import FileSink

    path = session.path(f"{number + 1}-{wanted.name.replace('/', '-')}.token")
    return replace(wanted, sink=FileSink(path), verify=None, profile=None)


def _of_tenant(wanted: Iterable[WantedToken], name: str) -> list[WantedToken]:
    """The tokens of a tenant; those without a profile are of the only one."""
    return [each for each in wanted if each.profile in (None, name)]


def _of_tenants(
    session: Session,
    wanted: Iterable[WantedToken],
    function: Callable[..., list[Change]],
) -> dict[str, Callable[[ApiTokenApi], list[Change]]]:
    """For each tenant a function that works on its tokens."""
    return {
        tenant.name: partial(function, wanted=_of_tenant(wanted, tenant.name))
        for tenant in session.tenants()
    }


def _planned(
    session: Session, wanted: list[WantedToken], jobs: int
) -> tuple[Changes, list[Row], int]:
    """What would be done, the rows for it, and the exit status."""
    from wavefront_api_client.tokens import plan

    changes, status = session.each(_of_tenants(session, wanted, partial(plan, jobs=jobs)))
    rows = _rows(changes)
    _tell_counts(session, [PLANNED.get(row["action"], f"to {row['action']}") for row in rows])
    return changes, rows, status


def _tell_counts(session: Session, words: Iterable[str]) -> None:
    counts = Counter(words)
    unchanged = counts.pop("unchanged", 0)
    parts = [f"{count} {word}" for word, count in counts.most_common()]
    session.say(", ".join([*parts, f"{unchanged} unchanged"]) + ".")


def _rows(changes: Changes) -> list[Row]:
    return [_row(tenant, change) for tenant, found in changes.items() for change in found]


def _row(tenant: str, change: Change) -> Row:
    from wavefront_api_client.cli._failures import describe

    result = change.result
    return {
        "tenant": tenant,
        "action": change.action,
        "outcome": change.outcome,
        "name": change.wanted.name,
        "account": change.wanted.account,
        "handle": result.token.handle if result and result.token else None,
        "oldHandle": result.old.handle if result and result.old else None,
        "deadline": result.deadline if result else None,
        "reason": change.reason,
        "error": describe(change.error) if change.error else None,
        "steps": result.steps if result else (),
    }


def _tell_errors(session: Session, changes: Changes) -> int:
    """Write each error once, with its tokens; return the exit status."""
    from wavefront_api_client.cli._failures import describe, what_next
    from wavefront_api_client.cli._output import tell

    tenants = {tenant.name: tenant for tenant in session.tenants()}
    errors: dict[str, list[str]] = {}
    for tenant, found in changes.items():
        for change in found:
            if change.error is not None:
                hint = what_next(change.error, session.command)
                # A colon comes before a table of candidates, for which there is no room here.
                text = describe(change.error, tenants[tenant])
                text += "" if hint.endswith(":") else f" {hint}".rstrip()
                errors.setdefault(text, []).append(repr(change.wanted.name))
    for text, names in errors.items():
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        tell(f"{', '.join(names[:MOST_NAMES])}{more}: {text}")
    outcomes = {change.outcome for found in changes.values() for change in found}
    return _exits.FAILED if outcomes & FAILURES else _exits.DONE


def _unmanaged(session: Session, wanted: list[WantedToken]) -> tuple[list[Row], int]:
    """Rows for the tokens that the file does not name; warn of accounts near their limit."""
    from wavefront_api_client.cli._output import KINDS
    from wavefront_api_client.cli.commands.audit_ import near_limit
    from wavefront_api_client.tokens import audit, unmanaged

    reports, status = session.each(audit)
    rows: list[Row] = []
    for tenant, report in reports.items():
        for line in near_limit(report):
            session.say_of(tenant, line)
        for token in unmanaged(report, _of_tenant(wanted, tenant)):
            rows.append(
                {
                    **dict.fromkeys(KINDS["planned"]),
                    "tenant": tenant,
                    "action": "unmanaged",
                    "outcome": "unchanged",
                    "name": token.name,
                    "account": token.account,
                    "handle": token.handle,
                    "reason": " ".join(token.flags),
                    "steps": (),
                }
            )
    session.say(f"{len(rows)} unmanaged.")
    return rows, status


@command("init", "wavefront-tokens init --account sa::ci > tokens.toml")
@account_option("Tokens of a service account, such as sa::ci.")
@click.option("--all-accounts", is_flag=True, help="Tokens of all service accounts, and yours.")
@click.option("--folder", metavar="FOLDER", help="Put each token into a file of this folder.")
def init_(session: Session, account: str | None, all_accounts: bool, folder: str | None) -> None:
    """Write a first file of the existing tokens to standard output.

    Without --folder, say in the file where each token goes before you apply it.
    """
    from wavefront_api_client.tokens import list_tokens, tokens_file_of, whoami

    if account is not None and all_accounts:
        raise click.UsageError("--account and --all-accounts exclude each other")
    with session.api() as api:
        own = None if account is not None else whoami(api).account
        tokens = list_tokens(api, account=account, customer=all_accounts)
    sys.stdout.write(tokens_file_of(tokens, folder or "", own, account))
