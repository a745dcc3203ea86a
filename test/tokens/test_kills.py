"""A rotation in a real process, killed at each step, while another process uses the key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.tokens import TokenInUse, WantedToken, apply, rotate
from wavefront_api_client.tokens.sinks import FileSink

ROOT = Path(__file__).parents[2]
VICTIM = Path(__file__).with_name("victim.py")
NOW, HOUR = timedelta(0), timedelta(hours=1)


@contextmanager
def process(*args):
    """A process that ends when its input does, at the latest with the test."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", str(VICTIM), *args],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
            running.stdin.close()
            running.wait(30)
        finally:
            running.kill()


def converge(server, api, account, sink):
    """One run is enough, unless the watcher used the old key when that was just replaced."""
    with suppress(TokenInUse):
        assert rotate(api, "ci", account=account, sink=sink, grace=NOW).is_done
        return
    with suppress(TokenInUse):
        rotate(api, "ci", account=account, sink=sink, grace=HOUR)
    server.advance(hours=2)
    assert rotate(api, "ci", account=account, sink=sink, grace=HOUR).is_done


def ask(running, order):
    running.stdin.write(json.dumps(order) + "\n")
    running.stdin.flush()
    return json.loads(running.stdout.readline())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("kind", ["service account", "own"])
def test_killed_at_each_step(kind, server, world, tmp_path, monkeypatch):
    account = server.add_service_account("sa::ci") if kind == "service account" else server.user
    owner = account.id if kind == "service account" else None
    first = server.add_token(account, "ci", age_days=9).token_id
    foreign = [
        server.add_token(account, f"foreign {n}").token_id for n in range(17 if owner else 9)
    ]
    file = tmp_path / "key"
    file.write_text(first)
    with ExitStack() as stack:
        watcher = stack.enter_context(process("watch", server.url, str(file)))
        victims = stack.enter_context(process("rotate"))
        api = ApiTokenApi(stack.enter_context(ApiClient(server.configuration())))
        order = {"url": server.url, "key": server.user.key, "account": owner, "file": str(file)}
        count = ask(victims, {**order, "step": 0, "when": ""})["steps"]
        assert count >= 14
        kills = 0
        for step in range(1, count + 1):
            kills += ask(victims, {**order, "step": step, "when": "after"})["killed"]
            assert file.read_text() in [token.token_id for token in account.tokens]
            converge(server, api, owner, FileSink(file))
            named = [token for token in account.tokens if token.token_name == "ci"]
            assert [token.token_id for token in named] == [file.read_text()]
            assert {*foreign} < {token.token_id for token in account.tokens}
            # One's own token has no name before its second request.
            left = len(account.tokens) - len(foreign) - 1 - (owner is None)
            assert 0 <= left <= (0 if owner else 3)
            unnamed = [token for token in account.tokens if not token.token_name]
            assert [token.last_used for token in unnamed].count(0) == left
        watcher.stdin.close()
        # The first run does more: it makes the file narrower.
        assert kills > count - 3
        seen = json.loads(watcher.stdout.read())
    assert seen["asked"] > 20
    assert not seen["failed"]
    assert list(tmp_path.glob("*key*")) == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_first_token_killed_at_each_step(server, api, world, tmp_path):
    with process("rotate") as victims:
        kills, step, count = 0, 0, 1
        while step <= count:
            account = server.add_service_account(f"sa::{step}", tokens=0)
            file = tmp_path / f"key-{step}"
            order = {"url": server.url, "key": server.user.key, "account": account.id,
                     "file": str(file), "applies": True}  # fmt: skip
            when = "after" if step % 2 else "before"
            told = ask(victims, {**order, "step": step, "when": when})
            count = count if step else told["steps"]
            kills += told["killed"]
            wanted = [WantedToken("ci", FileSink(file), account.id)]
            (change,) = apply(api, wanted)
            assert change.error is None
            assert [change.outcome for change in apply(api, wanted)] == ["unchanged"]
            (token,) = account.tokens
            assert (token.token_name, token.token_id) == ("ci", file.read_text())
            step += 1
        assert kills == count >= 8


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_amid_calls_and_exchanges(onboarded, world, tmp_path):
    """Each call takes three requests here: refused, an exchange, and again."""
    server = world.server = onboarded
    account = server.add_service_account("sa::ci")
    file = tmp_path / "key"
    file.write_text(server.add_token(account, "ci", age_days=9).token_id)
    order = {"url": server.url, "csp_url": server.csp_url, "key": server.user.api_token,
             "account": account.id, "file": str(file)}  # fmt: skip
    with process("rotate") as victims, ApiClient(server.configuration()) as client:
        count = ask(victims, {**order, "step": 0, "when": ""})["steps"]
        assert count >= 30
        kills = 0
        for step in range(1, count + 1, 2):
            when = "after" if step % 4 == 1 else "before"
            kills += ask(victims, {**order, "step": step, "when": when})["killed"]
            assert file.read_text() in [token.token_id for token in account.tokens]
            converge(server, ApiTokenApi(client), account.id, FileSink(file))
            (token,) = account.tokens
            assert (token.token_name, token.token_id) == ("ci", file.read_text())
        assert kills > count // 2 - 3
