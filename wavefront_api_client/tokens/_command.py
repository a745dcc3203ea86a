"""Runs a command that reads a token, and says what went wrong without showing it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from shlex import quote as quote_for_shell
from string import ascii_letters, digits
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wavefront_api_client.tokens._token import Secret

KEY_VARIABLE = "WAVEFRONT_TOKEN"
LONGEST_OUTPUT = 2000
"""Bytes at the end of the output that are shown: what went wrong stands there."""
SIGNS = frozenset(ascii_letters + digits)
"""What of a token stays in any spelling that cuts it."""
SHORTEST_PIECE = 8
"""Characters of a token that are hidden also where they stand without the rest of it."""


def run(argv: Sequence[str], secret: Secret, timeout: float | None) -> None:
    """Run a command with a token on its standard input.

    :param argv: the program and its arguments.
    :param secret: the token.
    :param timeout: seconds, None for no limit.
    :raises ValueError: it took too long, or ended with another status than 0.
    :raises OSError: it cannot be run.
    """
    with _start(argv) as process:
        output = _output_of(process, secret, timeout)
    if output is None:
        raise ValueError(f"it took more than {timeout} seconds and was killed")
    if process.returncode:
        raise ValueError(f"it ended with status {process.returncode}: {output or 'no output'}")


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    pipe, environment = subprocess.PIPE, dict(os.environ)
    environment.pop(KEY_VARIABLE, None)
    return subprocess.Popen(  # noqa: S603 (the caller names the program, and no shell takes part)
        argv,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )


def _output_of(
    process: subprocess.Popen[bytes], secret: Secret, timeout: float | None
) -> str | None:
    """What a command writes, masked; None if it was killed because it took too long."""
    try:
        return masked(process.communicate(secret.reveal().encode(), timeout)[0], secret)
    except BaseException as error:
        # A child of its own could hold the pipes open.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if not isinstance(error, subprocess.TimeoutExpired):
            # The frames below have the token.
            raise error.with_traceback(None) from None
    return None


def masked(output: bytes, secret: Secret) -> str:
    """The end of an output, with a token hidden however it is spelt, and pieces of it, too.

    They are also found where a break or a space cuts them.

    :param output: what a command has written.
    :param secret: the token.
    """
    output = output.strip()[-2 * LONGEST_OUTPUT :]
    hidden, spellings = bytearray(len(output)), _spellings(secret.reveal())
    _hide(hidden, output, range(len(output)), spellings)
    signs = [at for at, byte in enumerate(output) if chr(byte) in SIGNS]
    bare = {"".join(filter(SIGNS.__contains__, spelling)) for spelling in spellings}
    _hide(hidden, output, signs, {each for each in bare if len(each) >= SHORTEST_PIECE})
    shown = bytearray()
    for byte, now, before in zip(output, hidden, b"\0" + hidden):
        shown += b"***"[: 3 * (now > before)] if now else bytes([byte])
    return shown[-LONGEST_OUTPUT:].decode(errors="replace")


def _hide(
    hidden: bytearray, output: bytes, places: Sequence[int], spellings: Iterable[str]
) -> None:
    """Note in `hidden` what of an output belongs to a token, looking at some of its bytes alone."""
    text = bytes(output[at] for at in places).lower()
    for piece in _pieces(spellings):
        at = text.find(piece)
        while at >= 0:
            first, after = places[at], places[at + len(piece) - 1] + 1
            hidden[first:after] = b"\1" * (after - first)
            at = text.find(piece, at + 1)


def _pieces(spellings: Iterable[str]) -> set[bytes]:
    """What of a token must not be seen, in lower case: together they cover all its spellings."""
    return {
        spelling[start : start + SHORTEST_PIECE].lower()
        for spelling in map(str.encode, spellings)
        for start in range(max(len(spelling) - SHORTEST_PIECE, 0) + 1)
    }


def _spellings(token: str) -> set[str]:
    """The ways in which commands write a text."""
    raw = token.encode()
    found = {token, quote(token, safe=""), quote(token), quote_plus(token), quote_for_shell(token)}
    found |= {json.dumps(token)[1:-1], repr(token)[1:-1], raw.hex(), token[::-1]}
    for offset in range(3):
        # What stands before it in the same text shifts base64, and joins its first character.
        for encode in (b64encode, urlsafe_b64encode):
            found.add(encode(bytes(offset) + raw).decode()[(0, 2, 3)[offset] :].rstrip("="))
    return found
