"""The documentation works: its Python runs, its links lead somewhere, README's commands stand."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import pytest
from agreement import agree
from cases import for_all

from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import read_tokens_file

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]

TOKEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

REFUSED_ON_PURPOSE = {
    "README.md": {404},
    "errors.md": {404},
    "token-operations.md": {401},
    "tokens-file.md": {401},
}
"""The pages that show how an error is caught, and the statuses they provoke."""

PROGRAMS = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts" / "docs_programs.py")))
"""What is a block, a program and a file on a page."""

PLUGIN = "wavefront_api_client.testing.pytest_plugin"
PYTHON = [sys.executable, "-W", "error"]

RUN_ELSEWHERE = {"record.py": "test/tools/test_vcrpy.py"}
"""Files that need what only one test has."""


def files_of(page):
    """The programs of a page that have the name of a file."""
    found = {program[0].file_name: program for program in PROGRAMS.programs(page)}
    return {name: PROGRAMS.source(program) for name, program in found.items() if name}


def prompted(page):
    """The blocks of a page that are for the prompt."""
    return [
        block
        for program in PROGRAMS.programs(page)
        if program[0].file_name is None
        for block in program
    ]


CLOUD = DOCS / "vmware-cloud.md"
"""The page whose examples are for another kind of instance."""

WITH_PYTHON = [page for page in PAGES if PROGRAMS.programs(page) and page != CLOUD]
FIRST = ("README.md", "getting-started.md", "errors.md")
"""The pages that are read first; all others are slow."""


@pytest.fixture
def tenant():
    with TokenServer() as server:
        server.add_customer()
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


def environment(**settings):
    """That of a shell in which this package is installed."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    plugin = "" if is_plugin_installed() else f"-p {PLUGIN}"
    return {
        **os.environ,
        "PATH": path,
        "PYTHONPATH": str(ROOT),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONSTARTUP": "",
        "PYTEST_ADDOPTS": f"-p no:cacheprovider {plugin}",
        **settings,
    }


def is_plugin_installed():
    found = entry_points()
    # Python 3.9 has a dictionary of groups there.
    select = getattr(found, "select", None)
    group = select(group="pytest11") if select else found.get("pytest11", ())
    return PLUGIN in {point.value for point in group}


def run(command, folder, settings, text=None):
    """Run what must not fail; return what it prints, which holds no token."""
    finished = subprocess.run(
        command,
        cwd=folder,
        env=environment(HOME=str(folder), **settings),  # where the prompt keeps its history
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert not TOKEN.search(finished.stdout), finished.stdout
    return finished


@pytest.fixture
def onboarded_tenant():
    with TokenServer(onboarded=True) as server:
        server.add_customer()
        server.add_app("YOUR_APP_ID", secret="the-secret-of-the-app")
        yield server


def test_the_recipes_for_vmware_cloud_services_run(onboarded_tenant, tmp_path):
    server, file = onboarded_tenant, tmp_path / "recipes.py"
    file.write_text(PROGRAMS.source(prompted(CLOUD)), encoding="utf-8")
    settings = {"WAVEFRONT_URL": server.url, "CSP_BASE_URL": server.csp_url}
    settings |= {"CSP_API_TOKEN": server.user.api_token, "APP_SECRET": "the-secret-of-the-app"}
    told = run([*PYTHON, file.name], tmp_path, settings)
    assert "admin@example.com old laptop" in told.stdout
    assert {request.status for request in server.requests} == {200}
    assert [*{request.account for request in server.requests}] != [server.user.id]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.name, marks=[] if page.name in FIRST else pytest.mark.slow)
        for page in WITH_PYTHON
    ],
)
def test_the_python_of_a_page_runs(page, tenant, tmp_path):
    settings = {"WAVEFRONT_URL": tenant.url, "WAVEFRONT_TOKEN": tenant.user.key}
    texts = {f"{page.stem}.py": PROGRAMS.source(prompted(page)), **files_of(page)}
    for name in set(texts) - set(RUN_ELSEWHERE):
        (tmp_path / name).write_text(texts[name], encoding="utf-8")
        how = ["-m", "pytest"] if name.startswith("test_") else []
        assert run([*PYTHON, *how, name], tmp_path, settings).stderr == ""
    statuses = {request.status for request in tenant.requests} - {200}
    assert statuses == REFUSED_ON_PURPOSE.get(page.name, set())


class Newcomer:
    """A user who copies each block of a page into a terminal, in order."""

    def __init__(self, folder, settings):
        self.folder, self.settings = folder, settings

    def read(self, page):
        for name, text in files_of(page).items():
            (self.folder / name).write_text(text, encoding="utf-8")
        for block in PROGRAMS.blocks(page):
            has_program = not block.text.startswith("curl ") or shutil.which("curl")
            if block.label == "sh" and block.text not in DONE_ALREADY and has_program:
                run(["bash", "-euc", block.text], self.folder, self.settings)
        self.paste(block.text for block in prompted(page))

    def paste(self, texts):
        """Put blocks into an interactive Python, which goes on after an error."""
        told = run([*PYTHON, "-i", "-q"], self.folder, self.settings, "\n".join([*texts, ""]))
        assert re.sub(r"(>>>|\.\.\.) ", "", told.stderr).strip() == ""


DONE_ALREADY = {
    "export WAVEFRONT_URL=https://YOUR_INSTANCE.wavefront.com WAVEFRONT_TOKEN\nread -rs WAVEFRONT_TOKEN\n",
    "python -m wavefront_api_client.testing\n",
}
"""What has been done when a page is read here: the service runs in another terminal, and the lines
that it prints were pasted instead of those for an instance."""


@pytest.mark.slow
def test_a_newcomer_with_the_service_in_a_terminal_meets_no_error(terminal, tmp_path):
    nowhere = "http://127.0.0.1:9"
    newcomer = Newcomer(tmp_path, {"HTTP_PROXY": nowhere, **terminal})
    for name in ("getting-started", "testing", "threads", "errors", "ApiTokenApi"):
        newcomer.read(DOCS / f"{name}.md")
    newcomer.paste(block.text for block in prompted(ROOT / "README.md"))


def test_a_page_holds_nothing_but_programs_commands_and_text():
    """So that no block is left out of the tests by a mistyped label."""
    labels = {(page.name, block.label) for page in PAGES for block in PROGRAMS.blocks(page)}
    assert {label for _, label in labels} == {"python", "sh", "text", "toml"}


def test_the_toml_of_a_page_is_a_file_of_tokens(tmp_path):
    blocks = [
        block.text for page in PAGES for block in PROGRAMS.blocks(page) if block.label == "toml"
    ]
    for text in blocks:
        (tmp_path / "tokens.toml").write_text(text, encoding="utf-8")
        assert read_tokens_file(tmp_path / "tokens.toml")
    assert blocks


# Links


def slug(heading):
    """The anchor that GitHub and the site give a heading."""
    text = re.sub(r"[*`]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def prose(page):
    return PROGRAMS.FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page):
    return {slug(title) for title in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


def links(page):
    """The targets of a page's links and pictures."""
    found = re.findall(r"\]\(([^)\s]+)\)|\b(?:src|srcset)=\"([^\"]+)\"", prose(page))
    return [link or picture for link, picture in found]


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
    linked = {link for link in linked if not link.endswith(".svg")}
    pages = {f"docs/{path.name}" for path in DOCS.iterdir() if path.suffix in (".md", ".json")}
    agree("README.md", {link for link in linked if link}, pages)


def test_each_page_is_in_the_navigation_of_the_site():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"[ :-] ([\w/-]+\.md)$", navigation, re.MULTILINE)
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    expected = {"index.md", *pages}
    agree("mkdocs.yml", expected & {*listed}, expected)


@for_all("page", sorted(DOCS.glob("*.md")))
def test_a_page_ends_with_its_next_step(page):
    last = page.read_text(encoding="utf-8").rstrip().rpartition("\n\n")[2]
    assert re.match(r"Next: .*\]\(", last, re.DOTALL), f"{page.name} ends with {last!r}"


def test_each_page_of_the_reference_can_be_found_from_its_first_page():
    pages = {f"reference/{path.name}" for path in (DOCS / "reference").iterdir()}
    agree("reference.md", {link for link in links(DOCS / "reference.md") if "/" in link}, pages)


def test_the_words_of_the_search_are_for_pages_that_exist():
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r"^    ([\w-]+\.md): \[", settings, re.MULTILINE)
    assert named
    assert {name for name in named if not (DOCS / name).is_file()} == set()


# The commands of the README


def commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^<!-- command: (\w+) -->\n```sh\n(.+)\n```$", readme, re.MULTILINE))


def test_the_readme_marks_its_two_commands():
    agree("README.md, commands,", list(commands()), ["run", "test"])
    story = " && python examples/token_lifecycle.py && wavefront-tokens demo audit"
    assert commands()["run"].endswith(story)
    assert commands()["test"].endswith(' && pytest -n 4 -m "not slow"')


@pytest.mark.parametrize("name", ["run", "test"])
def test_a_command_needs_nothing_but_python(name):
    start = "python3 -m venv .venv && . .venv/bin/activate && python -m pip install --quiet "
    assert re.match(re.escape(start) + r"(\.|'\.\[cli\]') ", commands()[name])
    for file in re.findall(r"-r (\S+)|python (\S+\.py)", commands()[name]):
        assert (ROOT / "".join(file)).is_file()
