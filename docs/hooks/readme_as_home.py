"""Makes the README the home of the site, and adds the other pages that are outside `docs/`."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]

PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "benchmarks/results/results.svg": "results.svg",
}


PICTURE = re.compile(r'<picture>.*?<img src="docs/([^"]*)" alt="([^"]*)">\s*</picture>', re.DOTALL)


def on_files(files, config):
    """Add the texts of the repository's root to the pages."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8").replace("](docs/", "](")
        text = PICTURE.sub(r"![\2](\1)", text)
        files.append(File.generated(config, page, content=_with_site_links(text)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Let links out of docs/ lead to the pages that stand for their targets."""
    return _with_site_links(markdown)


def _with_site_links(text):
    for source, page in PAGES.items():
        text = text.replace(f"](../{source}", f"]({page}").replace(f"]({source}", f"]({page}")
    return text
