"""Tokens on standard input, one a line; one that is typed is not shown."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import TYPE_CHECKING

from wavefront_api_client.tokens.texts import text_of, token_in

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_token() -> str:
    """The token on the first line, "" for none.

    :raises ValueError: it is UTF-16 or no text.
    """
    if sys.stdin.isatty():
        return _typed()
    return token_in(text_of(sys.stdin.buffer.readline()))


def read_tokens() -> Iterator[str]:
    """The tokens on all lines; an empty line ends what is typed.

    :raises ValueError: they are UTF-16 or no text.
    """
    if sys.stdin.isatty():
        yield from iter(_typed, "")
        return
    for line in sys.stdin.buffer:
        if token := token_in(text_of(line)):
            yield token


def _typed() -> str:
    try:
        return token_in(getpass("Token (it is not shown): "))
    except EOFError:
        return ""
