"""The picture of the README shows what the command prints today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from terminals import environment

ROOT = Path(__file__).parents[2]
PICTURE = (ROOT / "docs" / "pictures" / "terminal.svg").read_text(encoding="utf-8")


def lines(picture):
    """What is written in it; how it is drawn is up to the version of rich."""
    return re.findall(r"<text [^>]*>([^<]+)</text>", picture)


def test_the_script_makes_the_picture():
    command = [sys.executable, str(ROOT / "scripts" / "draw_terminal.py")]
    settings = {**environment(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=settings, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    assert lines(done.stdout) == lines(PICTURE), "see scripts/draw_terminal.py: draw it anew"
    assert "staging" in done.stdout


def test_the_picture_fetches_nothing():
    assert "@font-face" not in PICTURE
    assert "url(http" not in PICTURE
