"""What a shell offers: all of it in this process, and a little by bash, zsh and fish themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from click.shell_completion import BashComplete
from terminals import LIMIT, environment, piped

from wavefront_api_client.cli._app import COMPLETE, NAME, app
from wavefront_api_client.tokens import handle_of

ASK = {
    "bash": """
compopt() { echo FILES; }
eval "$SCRIPT"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_wavefront_tokens_completion wavefront-tokens
printf '%s\\n' "${COMPREPLY[@]}"
""",
    "zsh": """
compdef() { }
compadd() { print -l -- $completions }
_describe() { print -l -- ${completions_with_descriptions} }
_path_files() { print FILES }
eval "$SCRIPT"
words=("$@") CURRENT=$#
_wavefront_tokens_completion
""",
    "fish": """
printf '%s' "$SCRIPT" | source
complete -C "$LINE"
""",
}
RUN = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}


@pytest.fixture
def offered(server, monkeypatch):
    """What is offered for the last of some words."""
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    shell = BashComplete(app, {}, NAME, COMPLETE)

    def ask(*words, **more):
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        return [each.value for each in shell.get_completions([*words[:-1]], words[-1])]

    return ask


def test_commands_and_options(offered):
    assert offered("ro") == ["rotate"]
    assert offered("demo", "ro") == ["rotate"]
    assert "completion" not in offered("demo", "")
    assert offered("list", "--all-a") == ["--all-accounts"]
    assert offered("completion", "z") == ["zsh"]
    assert offered("list", "-o", "j") == ["json"]


def test_rules(offered):
    assert offered("audit", "--fail-on", "st") == ["stale"]
    assert offered("audit", "--fail-on", "old,st") == ["old,stale"]
    assert "unused>" not in offered("audit", "--fail-on", "un")
    assert {"unused>", "unnamed"} == {*offered("revoke", "--where", "un")}
    assert offered("list", "--where", "stale,near") == ["stale,near-limit"]


def test_profiles(offered, home, server):
    (home / ".wavefront").write_text("[prod]\nendpoint=a\ntoken=x\n[test]\nendpoint=b\ntoken=y\n")
    (home / "other").write_text("[else]\nendpoint=a\ntoken=x\n")
    assert offered("--profile", "p") == ["prod"]
    assert offered("list", "--profile", "t") == ["test"]
    assert offered("--config", f"{home}/other", "list", "--profile", "e") == ["else"]


def test_handles_names_and_accounts(offered, server, home):
    (token,) = (t for t in server.user.tokens if t.token_name == "old laptop")
    server.add_token("sa::ci", "needle")
    assert offered("find", "need") == ["needle"]
    assert offered("rotate", "need", "--account") != ["needle"]
    handle = handle_of(token.token_id)
    assert offered("revoke", handle[:6]) == [handle]
    assert offered("list", "--account", "jane") == ["jane@example.com"]
    assert offered("deliver", "--account", "jane@example.com", "need") == []
    asked = len(server.requests)
    assert offered("rename", "need") == ["needle"]
    assert len(server.requests) == asked
    (kept,) = (home / ".cache" / "wavefront-tokens").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    text = kept.read_text()
    assert all(each.token_id not in text for each in server.user.tokens)
    os.utime(kept, (0, 0))
    assert offered("rename", "need") == ["needle"]
    assert len(server.requests) > asked
    assert json.loads(kept.read_text())


def test_nothing_where_nothing_can_be_had(offered, server):
    assert offered("find", "need", WAVEFRONT_TOKEN="") == []
    assert offered("find", "need", WAVEFRONT_URL="http://127.0.0.1:9") == []
    assert offered("demo", "find", "tri") == []
    assert offered("--token-file", "-", "find", "need") == []
    nobody = server.add_user("nobody@example.com", permissions=[])
    server.add_token(nobody, "needle")
    more = {"WAVEFRONT_URL": server.url, "WAVEFRONT_TOKEN": nobody.key}
    assert offered("find", "need", **more) == ["needle"]


# --- the shells themselves ------------------------------------------------------------


@pytest.fixture(params=ASK)
def asked(request, tmp_path, server, home):
    """What a shell offers for the last of some words."""
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    program = tmp_path / "wavefront-tokens"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m wavefront_api_client.cli "$@"\n')
    program.chmod(0o755)
    script = piped("completion", shell, env=environment()).stdout.decode()
    path = f"{tmp_path}:{os.environ['PATH']}"

    def ask(*words, **more):
        line = " ".join(["wavefront-tokens", *words])
        env = environment(server, PATH=path, SCRIPT=script, LINE=line, **more)
        names = [] if shell == "fish" else ["x", "wavefront-tokens", *words]
        call = [shell, *RUN[shell], ASK[shell], *names]
        done = subprocess.run(call, env=env, cwd=tmp_path, capture_output=True, timeout=LIMIT)
        assert not done.stderr, done.stderr
        return [
            each.split("\t")[0].partition(":")[0]
            for each in done.stdout.decode().split("\n")
            if each
        ]

    return ask


@pytest.mark.slow
def test_each_shell_offers_it_by_its_script(asked, server, home):
    server.add_token("sa::ci", "needle")
    (home / ".wavefront").write_text("[prod]\nendpoint=a\ntoken=x\n")
    assert asked("demo", "ro") == ["rotate"]
    assert asked("list", "--all-a") == ["--all-accounts"]
    assert asked("--profile", "p") == ["prod"]
    assert asked("audit", "--fail-on", "old,st") == ["old,stale"]
    assert asked("find", "need") == ["needle"]
    assert asked("find", "need", WAVEFRONT_TOKEN="") == []


def test_files(asked, tmp_path):
    (tmp_path / "some-key").write_text("")
    assert asked("mint", "n", "--to-file", "some") in (["some-key"], ["FILES"])
