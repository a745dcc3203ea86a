"""The documentation works: its Python runs, its links lead somewhere, README's commands stand."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from cases import for_all

from wavefront_api_client.testing import TokenServer
from wavefront_api_client.testing._customer import settle

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
NAMES = [page.name for page in PAGES]

REFUSED_ON_PURPOSE = {"README.md": {404}, "errors.md": {404}}
"""The pages that show how an error is caught, and the statuses they provoke."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def python_of(page):
    """The Python blocks of a page, each on the lines where it stands there."""
    text = page.read_text(encoding="utf-8")
    lines = [""] * len(text.splitlines())
    for block in FENCE.finditer(text):
        if block[1] == "python":
            first = text.count("\n", 0, block.start(2))
            code = block[2].splitlines()
            lines[first : first + len(code)] = code
    return "\n".join(lines)


WITH_PYTHON = [page for page in PAGES if python_of(page).strip()]


@pytest.fixture
def tenant():
    with TokenServer() as server:
        settle(server)
        yield server


@pytest.fixture
def terminal():
    """The variables that the service in a terminal prints."""
    command = [sys.executable, "-W", "error", "-m", "wavefront_api_client.testing"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(4)]
            yield dict(shlex.split(line)[1].split("=", 1) for line in lines[1:])
        finally:
            process.kill()


def command_for(script):
    if "def test_" not in script.read_text(encoding="utf-8"):
        return [sys.executable, "-W", "error", str(script)]
    command = [sys.executable, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", str(script)]
    if not is_plugin_installed():
        command += ["-p", "wavefront_api_client.testing.pytest_plugin"]
    return command


def is_plugin_installed():
    found = entry_points()
    # Python 3.9 has a dictionary of groups there.
    select = getattr(found, "select", None)
    group = select(group="pytest11") if select else found.get("pytest11", ())
    return "wavefront_api_client" in {point.name for point in group}


def run(page, folder, **environment):
    script = folder / f"test_{page.stem}.py"
    script.write_text(python_of(page), encoding="utf-8")
    finished = subprocess.run(
        command_for(script),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stderr == ""
    return finished


@pytest.mark.parametrize("page", WITH_PYTHON, ids=[page.name for page in WITH_PYTHON])
def test_the_python_of_a_page_runs(page, tenant, tmp_path):
    finished = run(page, tmp_path, WAVEFRONT_URL=tenant.url, WAVEFRONT_TOKEN=tenant.user.key)
    statuses = {request.status for request in tenant.requests} - {200}
    assert statuses == REFUSED_ON_PURPOSE.get(page.name, set())
    for secret in (token.token_id for token in tenant.user.tokens):
        assert secret not in finished.stdout


def test_the_pages_of_a_newcomer_run_one_after_another_beside_the_terminal(terminal, tmp_path):
    nowhere = "http://127.0.0.1:9"
    names = ("README", "docs/getting-started", "docs/testing", "docs/threads", "docs/errors")
    for name in (*names, "docs/ApiTokenApi"):
        run(ROOT / f"{name}.md", tmp_path, HTTP_PROXY=nowhere, **terminal)


# Links


def slug(heading):
    """The anchor that GitHub and the site give a heading."""
    text = re.sub(r"[*`]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def prose(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page):
    return {slug(title) for title in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


def links(page):
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


@for_all("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page):
    for link in links(page):
        if link == "#" or "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


def test_each_page_can_be_found_from_the_readme():
    linked = {link.partition("#")[0] for link in links(ROOT / "README.md")}
    pages = {f"docs/{path.name}" for path in DOCS.iterdir() if path.suffix in (".md", ".json")}
    assert {link for link in linked if link} == pages


def test_each_page_is_in_the_navigation_of_the_site():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"([\w-]+\.md)$", navigation, re.MULTILINE)
    assert {"index.md", *(path.name for path in DOCS.glob("*.md"))} <= set(listed)


# The commands of the README


def commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^<!-- command: (\w+) -->\n```sh\n(.+)\n```$", readme, re.MULTILINE))


def test_the_readme_marks_its_two_commands():
    assert list(commands()) == ["run", "test"]
    assert commands()["run"].endswith(" && python examples/token_lifecycle.py")
    assert commands()["test"].endswith(" && pytest -n 4")


@pytest.mark.parametrize("name", ["run", "test"])
def test_a_command_needs_nothing_but_python(name):
    start = "python3 -m venv .venv && . .venv/bin/activate && python -m pip install --quiet . "
    assert commands()[name].startswith(start)
    for file in re.findall(r"-r (\S+)|python (\S+\.py)", commands()[name]):
        assert (ROOT / "".join(file)).is_file()
