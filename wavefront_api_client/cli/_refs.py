"""References to tokens as they are given on the command line: never the token itself."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._stdin import read_token, read_tokens
from wavefront_api_client.tokens import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Union

    Ref = Union[str, Secret]

UUID_LIKE = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def read_ref(text: str) -> Ref:
    """A reference: a handle or a name as it is, ``-`` for a token on stdin.

    :raises UsageError: it looks like a token, or stdin holds none, or several.
    """
    if text == "-":
        return _read_secret()
    if re.fullmatch(UUID_LIKE, text):
        raise click.UsageError(
            "that looks like a token, which everybody can see in a list of processes:"
            " give its handle, or - and the token on stdin"
        )
    return text


def read_secrets() -> list[Secret]:
    """The tokens on stdin, one a line.

    :raises UsageError: there is none.
    """
    return _secrets_of(read_tokens())


def _read_secret() -> Secret:
    # At a terminal, one line is enough.
    secret, *others = _secrets_of([read_token()] if sys.stdin.isatty() else read_tokens())
    if others:
        raise click.UsageError("there is more than one token on stdin")
    return secret


def _secrets_of(tokens: Iterable[str]) -> list[Secret]:
    try:
        found = [Secret(token) for token in tokens if token]
    except ValueError as error:
        raise click.UsageError(f"standard input: {error}") from None
    if not found:
        raise click.UsageError("there is no token on stdin")
    return found
