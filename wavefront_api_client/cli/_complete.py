"""Completions for the shell: profiles, rules, accounts, tokens."""

from __future__ import annotations

import json
import os
import time
from contextlib import redirect_stderr, suppress
from hashlib import sha256
from io import StringIO
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from wavefront_api_client.cli import _profiles
from wavefront_api_client.cli._options import GIVEN
from wavefront_api_client.cli._session import STDIN, Session
from wavefront_api_client.tokens import RULES, list_tokens

if TYPE_CHECKING:
    import click

FRESH = 60.0
"""Seconds for which a listing is kept."""
LIMIT = 3.0
"""Seconds for a listing, as a person waits for it."""
CONDITIONS = ("age>", "idle>", "unused>", "account=", "name=")


def offered(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The completions; none after an error, as a message could not be read."""
    # A warning would appear inside the line that is typed.
    with suppress(Exception), redirect_stderr(StringIO()):
        kinds = {"refs": _tokens, "ref": _tokens, "account": _accounts, "profiles": _known_profiles}
        found = kinds.get(param.name or "", _rules)(ctx, param, incomplete)
        return [each for each in found if each.value.startswith(incomplete)]
    return []


def _known_profiles(ctx: click.Context, *_: object) -> list[CompletionItem]:
    config = ctx.meta.get(GIVEN, {}).get("config")
    found = _profiles.read_profiles([config] if config else _profiles.FILES, lambda _: None)
    return [CompletionItem(name, help=each.url) for name, each in found.items()]


def _rules(_: object, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules and conditions for ``--where``, after those that are typed already."""
    before = incomplete[: incomplete.rfind(",") + 1]
    names = RULES + CONDITIONS * (param.name == "where")
    return [CompletionItem(before + name) for name in names]


def _accounts(ctx: click.Context, *_: object) -> list[CompletionItem]:
    return [*map(CompletionItem, dict.fromkeys(account for _, _, account in _listed(ctx)))]


def _tokens(ctx: click.Context, *_: object) -> list[CompletionItem]:
    """Names that need no quotes in a shell, and handles."""
    wanted = ctx.params.get("account")
    found = []
    for handle, name, account in _listed(ctx):
        if wanted in {None, account}:
            found.append(CompletionItem(handle, help=f"{name} {account}"))
            if name and name.isascii() and name.replace("-", "").replace("_", "").isalnum():
                found.append(CompletionItem(name, help=account))
    return found


def _listed(ctx: click.Context) -> list[list[str]]:
    """Handle, name and account of the tokens, from a listing that is kept for a minute."""
    given = {**ctx.meta.get(GIVEN, {}), "timeout": LIMIT, "quiet": True}
    is_demo = ctx.parent is not None and ctx.parent.info_name == "demo"
    if is_demo or given.get("token_file") == STDIN:
        return []
    session = Session(**given)
    tenant = session.one()
    # A command that prints the key is not run with each press of the tab key.
    keys = [os.environ.get(name, "") for name in _profiles.KEY_VARIABLES]
    whose = f"{tenant.name} {tenant.url} {tenant.origin} {' '.join(keys)}"
    state = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(state, "wavefront-tokens", sha256(whose.encode()).hexdigest()[:16])
    with suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
        if time.time() - os.fstat(file.fileno()).st_mtime < FRESH:
            return list(json.load(file))
    with session.api() as api:
        try:
            tokens = list_tokens(api, customer=True)
        except Exception:
            tokens = list_tokens(api)
    found = [[each.handle, each.shown_name, each.account or ""] for each in tokens]
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(found, file)
    return found
