"""Makes a page of each file of tests that a table names, and each such name a short link to it."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"`(test/[\w/]+)\.py(?:::(test_\w+))?[^`]*`(, )?")
HEAD = "---\nsearch: {{exclude: true}}\n---\n\n# {}\n"


def on_files(files, config):
    """Add the pages."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")]
    for source in sorted({name[1] for text in texts for name in NAME.finditer(text)}):
        files.append(File.generated(config, f"{source}.md", content=_page(f"{source}.py")))
    return files


def on_page_markdown(markdown, page, config, files):
    """Number the tests of each row and link the numbers; the pointer shows the names."""
    lines = markdown.split("\n")
    return "\n".join(_with_links(line) if line.startswith("|") else line for line in lines)


def _with_links(row):
    count = itertools.count(1)

    def link(name):
        anchor, title = (f"#{name[2]}", name[2]) if name[2] else ("", f"{name[1]}.py")
        return f'[{next(count)}]({name[1]}.md{anchor} "{title}") '

    return NAME.sub(link, row)


def _page(source):
    """Show a file with a heading above each test, to which links can lead."""
    lines = (ROOT / source).read_text(encoding="utf-8").splitlines()
    starts = {0: ""}
    for node in ast.parse("\n".join(lines)).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min(each.lineno for each in (node, *node.decorator_list))
            starts[first - 1] = f"\n## {node.name}\n"
    ends = [*list(starts)[1:], len(lines)]
    parts = (
        f"{heading}\n~~~~python\n" + "\n".join(lines[start:end]).strip("\n") + "\n~~~~\n"
        for (start, heading), end in zip(starts.items(), ends)
    )
    return HEAD.format(source) + "".join(parts)
