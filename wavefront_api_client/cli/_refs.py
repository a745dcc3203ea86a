"""References to tokens: a handle or a name as an argument, the token itself on standard input."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from wavefront_api_client.tokens import Secret
from wavefront_api_client.tokens.texts import text_of, token_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Union

    Ref = Union[str, Secret]

UUID_LIKE = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def read_ref(text: str) -> Ref:
    """A reference: a handle or a name, or ``-`` for a token on stdin."""
    if text == "-":
        # At a terminal, one line is enough.
        secret, *others = read_secrets(most=1 if _is_typed() else None)
        if others:
            raise click.UsageError("there is more than one token on stdin")
        return secret
    if re.fullmatch(UUID_LIKE, text):
        raise click.UsageError(
            "that looks like a token, which everybody can see in a list of processes:"
            " give its handle, or - and the token on stdin"
        )
    return text


def read_secrets(most: int | None = None) -> list[Secret]:
    """The tokens on stdin, one a line; at a terminal, at most so many lines are read."""
    try:
        found = [Secret(token) for token in _lines(most) if token]
    except ValueError as error:
        raise click.UsageError(f"standard input: {error}") from None
    if not found:
        raise click.UsageError("there is no token on stdin")
    return found


def read_key() -> str:
    """The token on the first line of stdin, "" for none."""
    return next(_lines(most=1), "")


def _lines(most: int | None) -> Iterator[str]:
    """Tokens on stdin; typed tokens are not shown, and end with an empty line."""
    if _is_typed():
        for _ in range(most or sys.maxsize):
            if not (token := _typed()):
                return
            yield token
    elif sys.stdin is not None:
        for line in sys.stdin.buffer:
            yield token_in(text_of(line))


def _is_typed() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _typed() -> str:
    from getpass import getpass

    try:
        return token_in(getpass("Token (it is not shown): "))
    except EOFError:
        return ""
