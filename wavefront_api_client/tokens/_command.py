"""Runs a program that reads a token, and says what went wrong without showing it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from wavefront_api_client.masking import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

    from wavefront_api_client.tokens._token import Secret

LONGEST_ERROR = 2000
_COLOUR = r"\x1b\[[0-?]*[ -/]*[@-~]"


def run(
    argv: Sequence[str], secret: Secret, timeout: float | None, environment: Mapping[str, str]
) -> None:
    """Run a program with a token on its standard input, until it ends or its time is over."""
    # A file, not a pipe: what the program leaves running may still write to it.
    with TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 (the caller names the program; no shell takes part)
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
            start_new_session=True,
        )
        with process:
            _hand_over(process, secret, timeout)
        if process.returncode:
            said = _end_of(errors, secret) or "nothing on standard error"
            raise ValueError(f"it ended with status {process.returncode}: {said}")


def _hand_over(process: subprocess.Popen[bytes], secret: Secret, timeout: float | None) -> None:
    """Write the token, and wait for the end."""
    try:
        process.communicate(secret.reveal().encode(), timeout)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if isinstance(error, subprocess.TimeoutExpired):
            raise ValueError(
                f"it took more than {timeout} seconds, and its process group was ended; what has"
                " left that may still run"
            ) from None
        # The frames below have the token.
        raise error.with_traceback(None) from None


def _end_of(errors: IO[bytes], secret: Secret) -> str:
    """The last lines of what a program has written, without colours and secrets."""
    size = errors.seek(0, os.SEEK_END)
    start = max(0, size - 2 * LONGEST_ERROR)
    errors.seek(start)
    text = re.sub(_COLOUR, "", errors.read().decode(errors="replace"))
    if start:
        # The first line may be cut, and a token in it, too.
        text = text.partition("\n")[2]
    return mask_secrets(text, [secret.reveal()]).strip()[-LONGEST_ERROR:]
