"""Draws the picture of the README: `wavefront-tokens demo audit` in a terminal.

    python scripts/draw_terminal.py > docs/pictures/terminal.svg

The command runs for real, with dice that always fall alike, so that the handles of its tokens stay.
"""

from __future__ import annotations

import io
import os
import re
import sys
import uuid
from contextlib import redirect_stderr, redirect_stdout
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from wavefront_api_client.cli._app import run

WIDTH = 92
COMMAND = ["demo", "audit"]
# Nobody's font is fetched from anywhere.
FRAME = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


class Screen(io.StringIO):
    """What a terminal is sent."""

    def isatty(self) -> bool:
        """Whether it is one."""
        return True


class Aside(io.StringIO):
    """What is said on stderr, where it stands between the data; no bar is drawn there."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def write(self, text: str) -> int:
        """Write it to the screen."""
        return self._screen.write(text)


def show() -> str:
    """Run the command, and give what a terminal is sent."""
    dice, screen = Random(9), Screen()  # noqa: S311  # it is for a picture
    environment = {"COLUMNS": str(WIDTH), "TERM": "xterm-256color", "PATH": os.environ["PATH"]}
    with (
        # The customer of another demo is left alone.
        TemporaryDirectory() as folder,
        patch.dict(os.environ, {**environment, "XDG_STATE_HOME": folder}, clear=True),
        patch("uuid.uuid4", lambda: uuid.UUID(int=dice.getrandbits(128), version=4)),
        redirect_stdout(screen),
        redirect_stderr(Aside(screen)),
    ):
        run(COMMAND)
    return screen.getvalue()


def draw(sent: str) -> str:
    """Draw a terminal that was sent a text."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), legacy_windows=False)
    line = " ".join(["$ wavefront-tokens", *COMMAND])
    console.print(Text(line, style="bold"), Text.from_ansi(sent), sep="\n")
    return console.export_svg(title="wavefront-tokens", code_format=FRAME, unique_id="terminal")


if __name__ == "__main__":
    sys.stdout.write(draw(show()))
