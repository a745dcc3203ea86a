"""The pages of the command: the recipes do what they say, the tables are those of the code."""

from __future__ import annotations

import csv
import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from terminals import environment

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.cli import _app, _exits, _output
from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import TokenInfo

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "command.md"
TEXT = PAGE.read_text(encoding="utf-8")
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")

COMMAND = f"""#!{sys.executable}
import os, sys
from datetime import timedelta
from wavefront_api_client.tokens import _clock
now = _clock.now
_clock.now = lambda: now() + timedelta(days=int(os.environ.get("DAYS_LATER", "0")))
from wavefront_api_client.cli import main
sys.exit(main())
"""

# What one writes as YAML, the other one reads.
KUBECTL = """#!/bin/sh
echo "$*" >> kubectl.log
case "$1" in
create) cat /dev/stdin ;;
apply) cat > secret ;;
esac
"""

GH = """#!/bin/sh
echo "$*" >> gh.log
cat > secret
"""


@pytest.fixture
def shell(server, home):
    """Runs a recipe as somebody with a profile of the administrator, and these programs."""
    folder = home / "bin"
    folder.mkdir()
    for name, text in {"wavefront-tokens": COMMAND, "kubectl": KUBECTL, "gh": GH}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    profiles = home / ".wavefront"
    profiles.write_text(f"[prod]\nendpoint = {server.url}\ntoken = {server.user.key}\n")
    profiles.chmod(0o600)
    settings = {**environment(), "PYTHONPATH": str(ROOT)}
    settings["PATH"] = f"{folder}:{settings['PATH']}"

    def run(script, status=0, **more):
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=home,
            env={**settings, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == status, done.stderr
        return done

    return run


def recipe(title):
    """The blocks of a recipe."""
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^#|\Z)", RECIPES, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```sh\n(.*?)^```$", found, re.MULTILINE | re.DOTALL)


@pytest.fixture
def held(server):
    """The tokens of an account whose names begin in a way."""

    def look(account, start=""):
        with ApiClient(server.configuration()) as client:
            listed = map(TokenInfo, ApiTokenApi(client).get_customer_tokens().response)
            return [
                each.secret.reveal()
                for each in listed
                if each.account == account and each.name.startswith(start)
            ]

    return look


@pytest.mark.slow
def test_a_review_leaves_a_page_and_a_table(shell, home):
    (review,) = recipe("Review access each quarter")
    assert shell(review).stdout == ""
    (page,), (table,) = home.glob("access-review-*.html"), home.glob("access-review-*.csv")
    assert "trial" in page.read_text(encoding="utf-8")
    with table.open(encoding="utf-8") as file:
        flags = {row["name"]: row["flags"] for row in csv.DictReader(file)}
    assert flags["staging"] == "stale old"
    assert flags["build"] == ""


def test_cron_rotates_what_is_old_and_is_silent(shell, home, held, server):
    (rotate,) = recipe("Rotate from cron")
    (old,) = held("sa::ci", "nightly")
    for later, left in (("0", 2), ("0", 2), ("2", 1), ("2", 1)):
        server.advance(days=int(later))
        assert shell(rotate, DAYS_LATER=later).stderr == ""
        assert len(held("sa::ci", "nightly")) == left
    (new,) = held("sa::ci", "nightly")
    assert (home / ".ci-token").read_text() == new != old


CURL = """#!/bin/sh
echo "$*" >> curl.log
cat >> posted
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq")
def test_each_night_a_summary_is_posted_if_there_is_something_to_say(shell, home, server):
    (home / "bin" / "curl").write_text(CURL)
    (home / "bin" / "curl").chmod(0o755)
    (check,) = recipe("Check each night and post a summary")
    hook = {"CHAT_WEBHOOK": "https://chat.example.com/hook"}
    assert shell(check, **hook).stderr == ""
    posted = json.loads((home / "posted").read_text())["text"]
    assert posted.startswith("8 tokens need attention: ")
    assert "staging of sa::deploy" in posted
    assert "https://chat.example.com/hook" in (home / "curl.log").read_text()
    (home / "posted").unlink()
    server.inject(status=403)
    shell(check, status=1, **hook)
    server.reset()
    shell(check, **hook)
    assert not (home / "posted").exists()


@pytest.mark.slow
def test_a_lost_file_is_there_again(shell, home, held):
    (deliver,) = recipe("Renew a lost file")
    (token,) = held("sa::ci", "nightly")
    for _ in range(2):
        shell(deliver)
        assert (home / ".ci-token").read_text() == token
        written = (home / ".ci-token").stat().st_mtime_ns
    shell(deliver)
    assert (home / ".ci-token").stat().st_mtime_ns == written
    assert held("sa::ci", "nightly") == [token]


@pytest.mark.slow
def test_kubernetes_gets_the_new_token_before_the_old_one_goes(shell, home, held):
    (old,) = held("sa::deploy", "production")
    (rotate,) = recipe("Rotate into Kubernetes")
    done = shell(rotate)
    (new,) = held("sa::deploy", "production")
    assert (home / "secret").read_text() == new != old
    assert new not in done.stdout + done.stderr
    log = (home / "kubectl.log").read_text()
    assert "rollout status deployment/reporter" in log
    assert new not in log


@pytest.mark.slow
def test_github_gets_the_new_token_and_the_old_one_goes_when_told(shell, home, held):
    begin, finish = recipe("Rotate into a GitHub secret")
    (old,) = held("sa::ci", "build")
    shell(begin)
    assert old in held("sa::ci", "build")
    shell(finish)
    (new,) = held("sa::ci", "build")
    assert (home / "secret").read_text() == new != old
    assert "secret set WAVEFRONT_TOKEN --repo example/site\n" in (home / "gh.log").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("other", [False, True])
def test_what_a_scanner_found_is_revoked(shell, home, held, other):
    (revoke,) = recipe("Revoke what a secret scanner found")
    leaked = held("sa::ci", "build") * 2 + ["00000000-0000-4000-8000-000000000000"] * other
    (home / "findings.json").write_text(json.dumps([{"Secret": token} for token in leaked]))
    # The dry run ends with 4 as well.
    done = shell(f"set +e\n{revoke}" if other else revoke)
    assert held("sa::ci", "build") == []
    assert len(held("sa::ci")) == 1
    assert "not there" in done.stderr or not other
    assert leaked[0] not in done.stdout + done.stderr


def test_a_person_who_leaves_has_no_tokens_left(shell, held):
    before = held("sa::ci")
    (revoke,) = recipe("A person leaves")
    shell(revoke)
    assert held("jane@example.com") == []
    assert held("sa::ci") == before


@pytest.mark.slow
@pytest.mark.parametrize("is_near", [False, True])
def test_near_the_limit_it_shows_what_could_go(shell, server, is_near):
    server.add_service_account("sa::busy", tokens=15 if is_near else 2)
    server.add_token("sa::busy", "forgotten", age_days=300, idle_days=200)
    server.add_token("sa::busy", "never", age_days=91)
    server.add_token("sa::busy", "in use", age_days=300, idle_days=3)
    (look,) = recipe("Near the limit")
    done = shell(look)
    assert ("forgotten  sa::busy" in done.stderr) == is_near
    assert ("never      sa::busy" in done.stderr) == is_near
    assert "staging" not in done.stderr
    assert "in use" not in done.stderr


@pytest.mark.slow
def test_many_tenants_are_read_and_one_that_fails_is_a_line(shell, home):
    (look,) = recipe("Many tenants")
    with TokenServer() as other:
        other.add_customer()
        more = f"[test]\nendpoint = {other.url}\ntoken = {other.user.key}\n"
        with (home / ".wavefront").open("a") as file:
            file.write(more)
        shell(look, status=3)
        more = more.replace("[test]", "[dead]").replace(other.user.key, "wrong")
        with (home / ".wavefront").open("a") as file:
            file.write(more)
        assert "dead: " in shell(look, status=1).stderr
    with (home / "tenants.csv").open(encoding="utf-8") as file:
        assert {row["tenant"] for row in csv.DictReader(file)} == {"prod", "test"}


def test_all_recipes_are_tried():
    titles = re.findall("^## (.*)$", RECIPES, re.MULTILINE)
    tried = re.findall(r'= recipe\("(.*)"\)', Path(__file__).read_text(encoding="utf-8"))
    assert titles == tried


@pytest.mark.slow
def test_the_demos_of_the_page_work(shell):
    blocks = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    (demos,) = [block for block in blocks if block.startswith("wavefront-tokens demo")]
    assert "trial  sa::backup" in shell(demos).stderr


@pytest.mark.slow
def test_the_lines_of_the_readme_work_in_the_demo(shell):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall("^wavefront-tokens (.*)$", readme, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["status", "audit", "mint", "rotate"]
    shell("\n".join(f"wavefront-tokens demo {line}" for line in lines))


# --- What stands twice ------------------------------------------------------------------------


def table(title):
    """The first table of a section, its cells without marks, and without its head."""
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    rows = re.search(r"^-+ \| -.*\n((?:.*\|.*\n)+)", found, re.MULTILINE)[1].splitlines()
    return [[cell.strip().strip("`") for cell in row.split(" | ")] for row in rows]


def test_the_page_has_the_exit_statuses_of_the_code():
    known = {str(status): meaning for status, meaning in _exits.MEANINGS.items()}
    assert dict(table("Exit status")) == known


def test_the_page_has_the_columns_of_the_output():
    assert tuple(row[0] for row in table("Output")) == _output.TOKEN


def test_the_page_has_the_commands():
    assert [row[0] for row in table("Commands")] == [*_app.COMMANDS]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_each_help_fits_a_screen_and_has_an_example(command, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    for arguments in ([], *([name] for name in _app.COMMANDS)):
        lines = command(*arguments, "--help").out.splitlines()
        # That of the whole command has its commands at the end, where a terminal is.
        assert len(lines) <= (40 if arguments else 60), arguments
        assert any("Example:" in line for line in lines), arguments


def test_the_page_shows_no_token():
    assert not re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-", TEXT + RECIPES)
    assert list(runpy.run_path(str(ROOT / "scripts" / "docs_programs.py"))["programs"](PAGE)) == []
