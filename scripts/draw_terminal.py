"""Draws the pictures of the README: `wavefront-tokens demo audit` in a wide and a narrow terminal.

    python scripts/draw_terminal.py docs/pictures

The command really runs, with random numbers of a fixed seed, so that the handles stay the same.
"""

from __future__ import annotations

import io
import os
import re
import sys
import uuid
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from wavefront_api_client.cli._app import run

WIDTHS = {"terminal": 92, "terminal-narrow": 54}
"""The names of the pictures, and the columns of their terminals: the second is for telephones."""

COMMAND = ["demo", "audit"]
# The pictures use a font of the reader's machine: none is fetched.
FRAME = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


class Screen(io.StringIO):
    """Keeps what is written to a terminal."""

    def isatty(self) -> bool:
        """Say that it is a terminal."""
        return True


class ErrorOutput(io.StringIO):
    """Standard error of the command, which the same screen shows, without a progress bar."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def write(self, text: str) -> int:
        """Write it to the screen."""
        return self._screen.write(text)


def show(width: int) -> str:
    """Run the command, and return what it writes to a terminal of this width."""
    dice, screen = Random(9), Screen()  # noqa: S311  # it is for a picture
    environment = {"COLUMNS": str(width), "TERM": "xterm-256color", "PATH": os.environ["PATH"]}
    with (
        # The state of your own demo is not touched.
        TemporaryDirectory() as folder,
        patch.dict(os.environ, {**environment, "XDG_STATE_HOME": folder}, clear=True),
        patch("uuid.uuid4", lambda: uuid.UUID(int=dice.getrandbits(128), version=4)),
        redirect_stdout(screen),
        redirect_stderr(ErrorOutput(screen)),
    ):
        run(COMMAND)
    return screen.getvalue()


def draw(name: str, width: int) -> str:
    """Draw the terminal after the command."""
    console = Console(record=True, width=width, file=io.StringIO(), legacy_windows=False)
    line = " ".join(["$ wavefront-tokens", *COMMAND])
    console.print(Text(line, style="bold"), Text.from_ansi(show(width)), sep="\n")
    return console.export_svg(title="wavefront-tokens", code_format=FRAME, unique_id=name)


if __name__ == "__main__":
    for name, width in WIDTHS.items():
        picture = Path(sys.argv[1]) / f"{name}.svg"
        picture.write_text(draw(name, width), encoding="utf-8")
