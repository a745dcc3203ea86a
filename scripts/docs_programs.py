"""Writes the Python programs of README and docs as files, for the type checkers.

    python scripts/docs_programs.py FOLDER && mypy --strict FOLDER && pyright FOLDER

A block labelled `python` that imports something begins a program; one that does not goes on with
the program before it on the page, as it does for a reader who pastes them one after another. A
first line such as `# audit.py` puts a program into a file. Each line keeps its number, so that an
error names the line of the page. A block that is not a program is labelled `text`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IMPORT = re.compile(r"^(?:import|from) ", re.MULTILINE)
FILE_NAME = re.compile(r"# (\w+\.py)\n")


class Block(NamedTuple):
    """A fenced block of a page."""

    label: str
    line: int
    """Number of its first line on the page, from 1."""
    text: str

    @property
    def file_name(self) -> str | None:
        """The file that a reader is told to put it into; None if it is for the prompt."""
        found = FILE_NAME.match(self.text) if self.label == "python" else None
        return found[1] if found else None


def pages() -> list[Path]:
    """README and the pages, in the order of their names."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], text.count("\n", 0, found.start(2)) + 1, found[2])
        for found in FENCE.finditer(text)
    ]


def programs(page: Path) -> list[list[Block]]:
    """The Python blocks of a page, those that go on with another one together with it."""
    found: list[list[Block]] = []
    for block in blocks(page):
        if block.label != "python":
            continue
        if IMPORT.search(block.text) or not found:
            found.append([])
        found[-1].append(block)
    return found


def source(program: list[Block]) -> str:
    """The text of a program, each line under the number that it has on its page."""
    lines: list[str] = []
    for block in program:
        lines += [""] * (block.line - 1 - len(lines)) + block.text.splitlines()
    return "\n".join(lines) + "\n"


def main(folder: str) -> None:
    """Write the programs of all pages into a folder, under the names of page and line."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for page in pages():
        for program in programs(page):
            name = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
            text = "# pyright: basic" + source(program)
            file = Path(folder) / f"{name}_{program[0].line}.py"
            file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
