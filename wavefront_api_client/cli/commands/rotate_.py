"""`wavefront-tokens rotate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client import tokens
from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import account_option, ref_argument, time_option
from wavefront_api_client.cli._sinks import make_sink, sink_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from typing import Any

    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import RotationResult, Secret


@sink_command("rotate", "wavefront-tokens rotate nightly --account sa::ci --to-file ~/.ci-token")
@ref_argument
@account_option()
@time_option("--older-than", "Only if older, such as 90d.")
@time_option("--grace", "How long the old token works on.", default="24h")
@click.option("--finish", "finishes", is_flag=True, help="End a rotation now; begin none.")
@click.option(
    "--verify-command", metavar="CMD", help="Must end with 0 if the token on its stdin works."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def rotate_(
    session: Session,
    ref: str,
    account: str | None,
    older_than: timedelta | None,
    grace: timedelta,
    finishes: bool,
    verify_command: str | None,
    dry_run: bool,
    **sink_of: Any,
) -> int:
    """Replace an old token by a new one, without a gap.

    The old token works until the end of the grace; then the same command deletes it. If it was
    interrupted, run it again.
    """
    from wavefront_api_client.cli._refs import read_ref

    if finishes and (dry_run or older_than is not None or verify_command):
        raise click.UsageError("--finish goes without --dry-run, --older-than and --verify-command")
    wanted = read_ref(ref)
    sink_of["yes"] |= dry_run
    verify = verifier(verify_command, session.keys()) if verify_command else None
    sink = make_sink(session, **sink_of)
    with session.api() as api:
        if finishes:
            result = tokens.finish(api, wanted, sink=sink, account=account)
        else:
            result = tokens.rotate(
                api,
                wanted,
                sink=sink,
                account=account,
                grace=grace,
                older_than=older_than,
                verify=None if session.folder else verify,
                dry_run=dry_run,
            )
    row = _row(session.one().name, result)
    session.tell_done(
        describe(result), [row], "rotation", silent=sink_of["to_stdout"] and not dry_run
    )
    return _exits.UNFINISHED if result.outcome == "unverified" else _exits.DONE


def _row(tenant: str, result: RotationResult) -> Row:
    from wavefront_api_client.masking import mask_secrets

    known = result.token or result.old
    return {
        "tenant": tenant,
        "outcome": result.outcome,
        "name": mask_secrets(result.name),
        "account": known and known.account,
        "handle": result.token and result.token.handle,
        "oldHandle": result.old and result.old.handle,
        "deadline": result.deadline,
        "steps": result.steps,
    }


def describe(result: RotationResult) -> str:
    """The result of a rotation, in a sentence or two."""
    from wavefront_api_client.masking import mask_secrets

    name = repr(mask_secrets(result.name))
    new = result.token.handle if result.token else "none"
    old = result.old.handle if result.old else "none"
    until = f"{result.deadline:%Y-%m-%d %H:%M} UTC" if result.deadline else "its deadline"
    said = {
        "rotated": f"{name} is token {new} now, and the old one is deleted.",
        "waiting": f"{name} is token {new} now; token {old} works until {until}."
        " Run the same command after that to delete it.",
        "unverified": f"{name} is token {new} now; token {old} stays. Check that the new"
        " one is in its place; then run the command with --finish.",
        "not due": f"{name} is not that old yet.",
        "nothing": f"There is no rotation of {name} to finish.",
        "planned": f"It would {', '.join(result.steps) or 'do nothing'}.",
    }
    return said[result.outcome]


def verifier(line: str, keys: Iterable[str] = ()) -> Callable[[Secret], bool]:
    """A function that runs a command, split as a shell would, to check that a token works.

    :param keys: keys that must not be in its environment.
    """
    import shlex

    try:
        run = tokens.CommandSink(shlex.split(line), keys=keys)
        run.check()
    except (ValueError, tokens.DeliveryFailed) as error:
        raise click.UsageError(f"--verify-command: {error}") from None
    return run.accepts
