"""References to tokens as they are given on the command line: never the token itself."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from wavefront_api_client.tokens import Secret

if TYPE_CHECKING:
    from typing import Union

    Ref = Union[str, Secret]

UUID_LIKE = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def read_ref(text: str) -> Ref:
    """A reference: a handle or a name as it is, ``-`` for a token on stdin.

    :raises UsageError: it looks like a token, or stdin holds none, or several.
    """
    if text == "-":
        secret, *others = read_secrets()
        if others:
            raise click.UsageError("there is more than one token on stdin")
        return secret
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
    found = [Secret(line.strip()) for line in sys.stdin if line.strip()]
    if not found:
        raise click.UsageError("there is no token on stdin")
    return found
