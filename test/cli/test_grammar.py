"""What fingers type: options anywhere, other words for a command, empty values, near misses."""

from __future__ import annotations

import json
import re

import pytest

from wavefront_api_client.cli import _app
from wavefront_api_client.cli._options import MEANT, shared_options
from wavefront_api_client.tokens._audit import RULES

ROWS = {"status": 1, "list": 2}


@pytest.mark.parametrize("name", ROWS)
def test_options_stand_before_or_behind_the_command(command, name):
    before = command("-o", "json", "-q", name)
    behind = command(name, "-q", "-o", "json")
    last = command("-o", "csv", name, "-o", "json")
    for done in (before, behind, last):
        assert (done.status, done.err) == (0, "")
        assert len(json.loads(done.out)) == ROWS[name]
    demo = command("demo", "-o", "csv", name, "-q", "--output=json")
    assert (demo.status, demo.err, len(json.loads(demo.out))) == (0, "", ROWS[name])


def test_profiles_on_both_sides_add_up(alone, server, home):
    profile = f"\nendpoint = {server.url}\ntoken = {server.user.key}\n"
    (home / ".wavefront").write_text(f"[one]{profile}[two]{profile}")
    out = alone("--profile", "one", "list", "--profile", "two", "-o", "json").out
    assert {row["tenant"] for row in json.loads(out)} == {"one", "two"}


TRANSCRIPT = """
wavefront-tokens                          0  Usage: wavefront-tokens [OPTIONS]
wavefront-tokens help                     0  Commands:
wavefront-tokens help list                0  --all-accounts
wavefront-tokens list --help              0  wavefront-tokens list --account sa::ci --where
wavefront-tokens -h                       0  status      Show the instance
wavefront-tokens version                  0  wavefront-tokens 3.
wavefront-tokens --version                0  wavefront-tokens 3.
wavefront-tokens help exit-status         0  130  interrupted
wavefront-tokens status                   0  admin@example.com
wavefront-tokens list                     0  old laptop
wavefront-tokens ls                       0  old laptop
wavefront-tokens list -o json             0  "name": "old laptop"
wavefront-tokens list -o csv -q           0  "old laptop"
wavefront-tokens list --all-accounts      0  nightly
wavefront-tokens list --account sa::ci    0  build
wavefront-tokens list --where stale       0  old laptop
wavefront-tokens find trial               0  sa::backup
wavefront-tokens audit                    0  8 of 10 tokens have findings
wavefront-tokens audit --where never-used 0  trial
wavefront-tokens lst                      2  did you mean wavefront-tokens list?
wavefront-tokens rm nightly               2  did you mean wavefront-tokens revoke?
wavefront-tokens delete nightly           2  did you mean wavefront-tokens revoke?
wavefront-tokens create ci                2  did you mean wavefront-tokens mint?
wavefront-tokens whoami                   2  did you mean wavefront-tokens status?
wavefront-tokens auth status              2  did you mean wavefront-tokens status?
wavefront-tokens xyzzy                    2  see wavefront-tokens --help
wavefront-tokens demo lst                 2  did you mean wavefront-tokens demo list?
wavefront-tokens list --custmer           2  --customer
wavefront-tokens list --json              2  did you mean -o json?
wavefront-tokens --json list              2  did you mean -o json?
wavefront-tokens list --all               2  did you mean --all-accounts?
wavefront-tokens audit --format csv       2  did you mean -o json?
wavefront-tokens revoke nightly --force   2  did you mean --yes?
wavefront-tokens mint ci --file key       2  did you mean --to-file?
wavefront-tokens -V                       2  did you mean --version?
wavefront-tokens list -v                  2  did you mean --debug?
wavefront-tokens list -y                  2  No such option
wavefront-tokens --profil x list          2  --profile
wavefront-tokens find                     2  Missing argument 'REF'
wavefront-tokens mint ci                  2  one of --to-file, --to-keyring, --stdout, -- COMMAND
wavefront-tokens revoke                   2  one of REF..., --where, --plan
wavefront-tokens list --where stlae       2  'stlae' is not a condition: use never-used
wavefront-tokens find nobody              4  There is no such token
wavefront-tokens revoke nobody --yes      4  not there
"""


@pytest.mark.parametrize("line", TRANSCRIPT.strip().splitlines())
def test_what_fingers_type_first_works_or_names_the_right_line(command, line):
    typed, status, said = re.fullmatch(r"wavefront-tokens(.*?) +(\d)  (.*)", line).groups()
    done = command(*typed.split())
    assert done.status == int(status), done.err
    assert said in done.out + done.err
    assert (done.out == "") == (done.status != 0 or not done.out)
    assert "Traceback" not in done.err


TAKING_TEXT = [
    each.opts[-1]
    for each in shared_options()
    if not getattr(each, "is_flag", False) and each.name not in {"output", "timeout"}
]


@pytest.mark.parametrize(
    "arguments",
    [
        *([option, "", "list"] for option in TAKING_TEXT),
        *(["list", option, ""] for option in TAKING_TEXT),
        ["list", "--account", ""],
        ["list", "--where", ""],
        ["find", ""],
        ["mint", "", "--stdout"],
        ["mint", "n", "--to-file", ""],
        ["mint", "n", "--to-keyring", "", "--stdout"],
        ["rename", "x", ""],
        ["rotate", "", "--stdout"],
        ["audit", "--fail-on", ""],
        ["audit", "--html", ""],
        ["revoke", "", "--yes"],
        ["revoke", "x", "", "--yes"],
        ["revoke", "x", "--account", ""],
        ["revoke", "--plan", ""],
        ["deliver", "", "--stdout"],
    ],
)
def test_what_is_empty_is_a_usage_error(command, server, arguments):
    done = command(*arguments)
    assert (done.status, done.out) == (2, "")
    assert not server.requests


def test_each_word_that_people_try_is_one_that_there_is_not():
    assert not {*_app.MEANT} & {*_app.COMMANDS, *_app.ALIASES}
    assert {*_app.MEANT.values(), *_app.ALIASES.values()} <= {*_app.COMMANDS}


def test_each_option_that_people_try_is_meant_for_one_that_there_is():
    context = _app.app.make_context("x", ["list"])
    commands = [_app.app, *(_app.app.get_command(context, name) for name in _app.COMMANDS)]
    known = {
        opt for command in commands for param in command.get_params(context) for opt in param.opts
    }
    assert {meant.split()[0] for meant in MEANT.values()} <= known
    assert {*MEANT} & known == {"--all", "--format"}


def test_the_help_of_an_audit_names_all_rules(alone):
    words = re.findall(r"[a-z-]+", alone("audit", "--help").out.partition("The rules are")[2])
    assert {*RULES} <= {*words}
