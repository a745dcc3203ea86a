"""The pictures of the README show what the command prints today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from terminals import environment

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
NAMES = ["terminal.svg", "terminal-narrow.svg"]


def lines(picture):
    """The text in a picture; how it is drawn depends on the version of rich."""
    return re.findall(r"<text [^>]*>([^<]+)</text>", picture.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_script_makes_the_pictures(tmp_path):
    command = [sys.executable, str(ROOT / "scripts" / "draw_terminal.py"), str(tmp_path)]
    settings = {**environment(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=settings, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
    for name in NAMES:
        made = lines(tmp_path / name)
        assert made == lines(FOLDER / name), "run python scripts/draw_terminal.py docs/pictures"
        assert "staging" in " ".join(made)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_fetches_nothing(name):
    picture = (FOLDER / name).read_text(encoding="utf-8")
    assert "@font-face" not in picture
    assert "url(http" not in picture


def test_the_narrow_picture_can_be_read_on_a_telephone():
    """Its letters are at least 10 pixels high where a page is 358 pixels wide."""
    picture = (FOLDER / "terminal-narrow.svg").read_text(encoding="utf-8")
    width = float(re.search(r'viewBox="0 0 ([\d.]+) ', picture)[1])
    size = float(re.search(r"font-size: ([\d.]+)px", picture)[1])
    assert size * 358 / width >= 10
