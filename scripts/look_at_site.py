"""Takes pictures of every page of the built site, wide and narrow, light and dark.

Run it with `tox -e look`, or after `mkdocs build`: `python scripts/look_at_site.py site pictures`.
It needs playwright and a Chromium: the one that `playwright install chromium` fetches, or the
program that the variable CHROMIUM names. It prints what is cut, errors in the console, requests to
other hosts, and searches that find the wrong page first; then the exit status is 1.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, sync_playwright

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
FIRST_FOUND = {"timeout": "configuration/", "rotate": "token-operations/"}
"""Words to search for, and the page that the search should find first."""

CUT = """() => [...document.querySelectorAll('.md-typeset__scrollwrap')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .concat(document.documentElement.scrollWidth > innerWidth ? [document.body] : [])
    .map(each => each.textContent.trim().split('\\n')[0].slice(0, 60))"""
"""Finds elements that are wider than their place; code may scroll."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve the site on loopback, and give its address."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def pages(site: Path) -> list[str]:
    """The addresses of the pages, relative to that of the site."""
    found = sorted(path.parent.relative_to(site).as_posix() for path in site.rglob("index.html"))
    return [f"{page}/".removeprefix("./") for page in found]


def complain_of(page: Page, address: str, faults: list[str]) -> None:
    """Note the errors that a page reports, and its requests to other hosts."""

    def note(fault: object) -> None:
        faults.append(f"{page.url}: {fault}")

    def note_foreign(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            note(f"asks for {request.url}")

    page.on("pageerror", note)
    page.on("console", lambda message: note(message.text) if message.type == "error" else None)
    page.on("request", note_foreign)


def look(browser: Browser, address: str, names: list[str], folder: Path) -> list[str]:
    """Take the pictures, and return the faults."""
    faults: list[str] = []
    for width in WIDTHS:
        for scheme in SCHEMES:
            view: dict[str, Any] = {"viewport": {"width": width, "height": 900}}
            with browser.new_context(**view, color_scheme=scheme) as context:
                page = context.new_page()
                complain_of(page, address, faults)
                for name in names:
                    page.goto(address + name, wait_until="load")
                    faults += [f"{page.url} is cut at {width}: {e}" for e in page.evaluate(CUT)]
                    picture = f"{name.strip('/').replace('/', '-') or 'home'}-{width}-{scheme}.png"
                    page.screenshot(path=folder / picture, full_page=True)
    return faults


def search(browser: Browser, address: str) -> list[str]:
    """Return the searches that find another page first than they should."""
    faults = []
    for word, expected in FIRST_FOUND.items():
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(address, wait_until="networkidle")
            page.locator(".md-search__input").fill(word)
            page.keyboard.press("Shift")  # The search waits for a key.
            first = page.locator(".md-search-result__link").first
            found = str(first.get_attribute("href"))
            if expected not in found:
                faults.append(f"a search for {word!r} finds {found} first, not {expected}")
    return faults


def main() -> int:
    """Look at the whole site."""
    parser = argparse.ArgumentParser(description="Look at every page of the built site.")
    parser.add_argument("site", type=Path)
    parser.add_argument("pictures", type=Path)
    options = parser.parse_args()
    options.pictures.mkdir(parents=True, exist_ok=True)
    with served(options.site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"))
        names = pages(options.site)
        faults = look(browser, address, names, options.pictures) + search(browser, address)
        browser.close()
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
