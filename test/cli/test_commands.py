"""list, find, mint, rename: what they print, what they do, how they end."""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import sys
import threading
import types

import pytest
from terminals import stdin

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.cli._app import COMMANDS
from wavefront_api_client.cli._exits import MEANINGS
from wavefront_api_client.cli.commands.revoke_ import report
from wavefront_api_client.cli.commands.rotate_ import verifier
from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import (
    PlannedToken,
    RevocationOutcome,
    RevocationPlan,
    Secret,
    handle_of,
)


def rows(text):
    return json.loads(text)


def names(account):
    return [token.token_name for token in account.tokens]


@pytest.fixture
def ci(server):
    return server.add_service_account("sa::tests", permissions=["accounts"])


# --- list ------------------------------------------------------------------------------------


def test_own_tokens_are_listed_by_default(command, server):
    done = command("-o", "json", "list")
    assert (done.status, done.err) == (0, "")
    assert [row["handle"] for row in rows(done.out)] == [
        handle_of(token.token_id) for token in server.user.tokens
    ]


def test_a_row_of_json(command, server):
    server.add_service_account("sa::one", 0)
    token = server.add_token("sa::one", "nightly", age_days=40, idle_days=3)
    (row,) = rows(command("-o", "json", "list", "--account", "sa::one").out)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row.pop("created"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row.pop("lastUsed"))
    assert row == {
        "tenant": "environment",
        "handle": handle_of(token.token_id),
        "token": "***" + token.token_id[-4:],
        "name": "nightly",
        "account": "sa::one",
        "accountType": "SERVICE_ACCOUNT",
        "ageDays": 40,
        "idleDays": 3,
        "flags": [],
    }


def test_what_is_unknown_is_null(command, server):
    server.add_service_account("sa::one", 0)
    server.add_token("sa::one", "", age_days=1)
    (row,) = rows(command("-o", "json", "list", "--account", "sa::one").out)
    assert (row["lastUsed"], row["idleDays"]) == (None, None)
    assert row["flags"] == ["never-used", "unnamed"]


def test_list_and_audit_write_the_same_row(command):
    (listed,) = (
        r for r in rows(command("-o", "json", "list", "--customer").out) if r["name"] == "trial"
    )
    (audited,) = (r for r in rows(command("-o", "json", "audit").out) if r["name"] == "trial")
    assert listed == audited


def test_csv_has_the_same_columns_and_no_formula(command, server):
    server.add_service_account("sa::one", 0)
    server.add_token("sa::one", " =cmd|' /C calc'!A0")
    out = command("-o", "csv", "list", "--account", "sa::one").out
    (row,) = csv.DictReader(io.StringIO(out))
    (same,) = rows(command("-o", "json", "list", "--account", "sa::one").out)
    assert list(row) == list(same)
    assert row["name"] == "' =cmd|' /C calc'!A0"


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_no_token_is_shown(command, server, output):
    out = command("-o", output, "list", "--customer").out
    tokens = [token.token_id for account in [server.user] for token in account.tokens]
    assert tokens
    assert not any(token in out for token in tokens)


def test_a_pipe_gets_tabs_times_in_full_and_no_name_that_hides_something(command, server):
    server.add_service_account("sa::one", 0)
    server.add_token("sa::one", "\x1b[31mr\te\nd\u202e", age_days=400, idle_days=3)
    (line,) = command("list", "--account", "sa::one").out.splitlines()
    handle, name, account, created, used, flags = line.split("\t")
    assert (name, account, flags) == (r"\x1b[31mr\te\nd\u202e", "sa::one", "old")
    (row,) = rows(command("list", "--account", "sa::one", "-o", "json").out)
    assert (handle, created, used) == (row["handle"], row["created"], row["lastUsed"])


def test_a_list_with_an_element_without_a_token_is_no_list(command, server):
    body = {"status": {"result": "OK", "code": 200}, "response": [{}, {"tokenID": "a" * 36}]}
    server.inject(body=body)
    done = command("list")
    assert (done.status, done.out) == (1, "")
    assert "an element without a token" in done.err


def test_an_error_that_ctrl_c_has_caused_is_the_interrupt(command, monkeypatch):
    def interrupted(*args, **kwargs):
        try:
            raise KeyboardInterrupt
        finally:
            threading.Lock().release()

    monkeypatch.setattr("wavefront_api_client.tokens.list_tokens", interrupted)
    done = command("list")
    assert (done.status, done.err.split(".")[0]) == (130, "Interrupted")


def test_a_warning_of_the_service_is_told(command, server):
    status = {"result": "OK", "message": "cut \x1b[2J at 1"}
    server.inject(body={"status": status, "response": [{"tokenID": "a" * 36}]})
    done = command("-q", "list")
    assert (done.status, done.out.count("\n")) == (0, 1)
    assert done.err == "warning: the service says of its list of 1 token: cut \\x1b[2J at 1\n"


def test_an_empty_list_is_a_list(command, server):
    server.add_service_account("sa::none", 0)
    assert rows(command("-o", "json", "list", "--account", "sa::none").out) == []


# --- find ------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["handle", "prefix", "name"])
def test_a_token_is_found_in_any_account(command, server, ci, of):
    token = server.add_token(ci, "needle")
    handle = handle_of(token.token_id)
    done = command("-o", "json", "find", {"handle": handle, "prefix": handle[:6]}.get(of, "needle"))
    assert [row["handle"] for row in rows(done.out)] == [handle]


def test_a_leaked_token_comes_in_on_stdin(command, server, ci, monkeypatch):
    token = server.add_token(ci, "leaked")
    monkeypatch.setattr(sys, "stdin", stdin(f"{token.token_id}\n"))
    assert [row["name"] for row in rows(command("-o", "json", "find", "-").out)] == ["leaked"]


def test_one_token_is_meant_where_one_is_asked_for(command, server, monkeypatch):
    tokens = [token.token_id for token in server.user.tokens[:2]]
    monkeypatch.setattr(sys, "stdin", stdin("\n".join(tokens)))
    done = command("find", "-")
    assert done.status == 2
    assert "more than one token" in done.err
    assert not server.requests


def test_a_token_as_an_argument_is_refused(command, server):
    done = command("find", server.user.key)
    assert done.status == 2
    assert "looks like a token" in done.err
    assert server.user.key not in done.err
    assert not server.requests


def test_what_is_not_there_ends_with_4(command):
    done = command("find", "nobody")
    assert (done.status, done.out) == (4, "")
    assert "no such token" in done.err


# --- mint ------------------------------------------------------------------------------------


def test_a_new_token_goes_to_a_file(command, ci, tmp_path):
    done = command("mint", "nightly", "--account", ci.id, "--to-file", str(tmp_path / "key"))
    assert done.status == 0
    assert (tmp_path / "key").read_text() == ci.key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert handle_of(ci.key) in done.err
    assert ci.key not in done.out + done.err
    assert names(ci) == ["nightly"]


def test_a_new_token_is_printed_only_when_asked(command, ci):
    done = command("mint", "nightly", "--account", ci.id, "--stdout")
    assert done.out == ci.key + "\n"


def test_a_new_token_goes_to_a_command(command, ci, tmp_path):
    script = f"import sys; open({str(tmp_path / 'got')!r}, 'w').write(sys.stdin.read())"
    done = command("mint", "n", "--account", ci.id, "--", sys.executable, "-c", script)
    assert done.status == 0, done.err
    assert (tmp_path / "got").read_text() == ci.key


@pytest.mark.parametrize(
    "sink",
    [
        [],
        ["--to-file", "x", "--stdout"],
        ["cat"],
        ["--format", "raw", "--stdout"],
        ["--to-file", "x", "--format", "yaml"],
        ["--to-keyring", "service"],
        ["--"],
    ],
)
def test_a_sink_that_cannot_be_is_a_usage_error(command, server, sink):
    assert command("mint", "n", *sink).status == 2
    assert not server.requests


def test_nothing_is_made_that_could_not_be_delivered(command, server, tmp_path):
    done = command("mint", "n", "--to-file", str(tmp_path / "no" / "folder"))
    assert done.status == 1
    assert not server.requests


def test_what_was_not_delivered_is_delivered_by_the_next_run(command, ci, tmp_path):
    done = command(
        "mint", "n", "--account", ci.id, "--", sys.executable, "-c", "raise SystemExit(3)"
    )
    assert done.status == 6
    assert "Run it again with --if-absent" in done.err
    assert ci.key not in done.err
    again = ["mint", "n", "--account", ci.id, "--if-absent", "--to-file", str(tmp_path / "key")]
    assert [command(*again).status for _ in range(2)] == [0, 0]
    assert (tmp_path / "key").read_text() == ci.key
    assert names(ci) == ["n"]


def test_a_full_account_ends_with_5(command, server):
    server.add_service_account("sa::full", 20)
    assert command("mint", "n", "--account", "sa::full", "--stdout").status == 5


# --- rename ----------------------------------------------------------------------------------


def test_a_token_gets_another_name(command, server, ci):
    token = server.add_token(ci, "old")
    done = command("-o", "json", "rename", handle_of(token.token_id)[:8], "new", "--account", ci.id)
    assert [row["name"] for row in rows(done.out)] == ["new"]
    assert names(ci) == ["new"]


def test_two_of_a_name_end_with_4(command, server, ci):
    for _ in range(2):
        server.add_token(ci, "twin")
    done = command("rename", "twin", "new", "--account", ci.id)
    assert done.status == 4
    assert names(ci) == ["twin", "twin"]


# --- how they end ----------------------------------------------------------------------------


def test_no_permission_ends_with_7(alone, server, monkeypatch):
    user = server.add_user("nobody@example.com", permissions=[])
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", user.key)
    assert alone("list", "--customer").status == 7
    monkeypatch.setenv("WAVEFRONT_TOKEN", "wrong")
    assert alone("list").status == 7


def test_a_service_that_fails_ends_with_1(command, server):
    server.inject(count=9, status=500, body={"error": "HTTP 500", "trackingId": "x"})
    done = command("--timeout", "5", "list")
    assert (done.status, done.out) == (1, "")
    assert "500" in done.err
    assert "Traceback" not in done.err


def test_a_result_of_error_is_no_empty_list(command, server):
    status = {"result": "ERROR", "message": "not today", "code": 400}
    server.inject(status=200, body={"status": status, "response": []})
    done = command("-o", "json", "list")
    assert (done.status, done.out) == (1, "")
    assert "not today" in done.err


def test_debug_shows_a_traceback_without_secrets(command, server):
    server.inject(status=404)
    done = command("--debug", "list")
    assert "File " in done.err
    assert server.user.key not in done.err


# --- what is left ---------------------------------------------------------------------------


def test_a_command_that_says_no_verifies_nothing():
    secret = Secret("a-token-of-the-tests")
    assert verifier("true")(secret) is True
    assert verifier("false")(secret) is False


def test_a_plan_of_too_many_is_refused(command, server, tmp_path):
    path = tmp_path / "plan.json"
    assert command("revoke", "--where", "stale", "--save-plan", str(path)).status == 0
    done = command("revoke", "--plan", str(path), "--max", "1", "--yes")
    assert done.status == 8
    assert not [request for request in server.requests if request.method != "GET"]


def test_what_nobody_can_tell_any_more_ends_with_6(capsys):
    token = PlannedToken("1f3a9c2e04", "sa::ci", "ci", None)
    outcomes = [RevocationOutcome(token, "unknown"), RevocationOutcome(token, "failed")]
    assert report(RevocationPlan((token,), "https://example"), outcomes) == 6
    assert "unknown" in capsys.readouterr().err


def test_an_empty_stdin_is_a_usage_error(command, server, monkeypatch):
    monkeypatch.setattr(sys, "stdin", stdin("\n"))
    assert command("find", "-").status == 2
    assert not server.requests


def test_options_that_exclude_each_other_are_a_usage_error(command, server):
    assert command("list", "--customer", "--account", "sa::ci").status == 2
    assert not server.requests


def test_a_token_goes_to_a_keyring(command, ci, monkeypatch):
    kept = {}
    keyring = types.SimpleNamespace(
        priority=5,
        set_password=lambda service, user, secret: kept.update({(service, user): secret}),
        get_password=lambda service, user: kept.get((service, user)),
    )
    monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_keyring=lambda: keyring))
    call = ["mint", "n", "--account", ci.id, "--to-keyring", "wavefront/ci"]
    assert command(*call).status == 0
    assert kept == {("wavefront", "ci"): ci.key}


def test_no_answer_is_told_in_a_sentence(alone, command, server, monkeypatch):
    server.inject(count=9, delay=0.2)
    assert "within 0.05 seconds" in command("--timeout", "0.05", "list").err
    monkeypatch.setenv("WAVEFRONT_URL", "http://127.0.0.1:9")
    done = alone("list")
    assert (done.status, done.out) == (1, "")
    assert "http://127.0.0.1:9 cannot be reached: Connection refused" in done.err


def test_an_unknown_outcome_ends_with_6(command, server, ci, tmp_path):
    token = server.add_token(ci, "old")
    server.inject(count=9, method="PUT", drop="after")
    assert command("rename", handle_of(token.token_id), "new", "--account", ci.id).status == 6


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["demo", "list"]])
def test_a_demo_needs_a_command(alone, arguments):
    done = alone("demo", *arguments)
    assert done.status == 2
    assert ("demo audit" if not arguments else "demo --help") in done.err


def test_a_demo_takes_a_time_limit_along(alone):
    assert alone("--timeout", "5", "demo", "list").status == 0


def test_there_is_no_other_command(alone):
    assert alone("nonsense").status == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_fits_a_screen_and_has_an_example(alone, name):
    done = alone(name, "--help")
    assert done.status == 0
    assert re.search(r"  Example:\n    .*wavefront-tokens", done.out)
    assert done.out.count("\n") <= 40
    assert max(map(len, done.out.splitlines())) <= 80


def test_the_help_lists_commands_and_says_where_the_exit_statuses_are(alone):
    out = alone("--help").out
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert "wavefront-tokens help exit-status" in out
    words = alone("help", "exit-status").out.splitlines()
    assert [line.split(maxsplit=1) for line in words] == [
        [str(status), meaning] for status, meaning in MEANINGS.items()
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(alone, shell):
    assert "_WAVEFRONT_TOKENS_COMPLETE" in alone("completion", shell).out


def test_importing_the_module_that_is_run_runs_nothing(capsys):
    importlib.import_module("wavefront_api_client.cli.__main__")
    assert capsys.readouterr() == ("", "")


# --- rotate ----------------------------------------------------------------------------------


@pytest.fixture
def nightly(server, ci):
    return server.add_token(ci, "nightly", age_days=100, idle_days=1)


def test_a_token_is_replaced_at_once_without_a_grace(command, ci, nightly, tmp_path):
    path = tmp_path / "key"
    done = command("rotate", "nightly", "--account", ci.id, "--grace", "0d", "--to-file", str(path))
    assert done.status == 0, done.err
    assert "the old one is deleted" in done.err
    assert [token.token_name for token in ci.tokens] == ["nightly"]
    assert path.read_text() == ci.key != nightly.token_id


def test_with_a_grace_the_next_run_after_it_deletes(command, ci, nightly, tmp_path):
    call = ["-o", "json", "rotate", "nightly", "--account", ci.id, "--to-file", str(tmp_path / "k")]
    done = command(*call)
    assert (done.status, len(ci.tokens)) == (0, 2)
    assert "works until" in done.err
    assert [row["name"] for row in rows(done.out)] == ["nightly"]
    assert command(*call, "--finish").status == 0
    assert len(ci.tokens) == 1


def test_what_nobody_can_verify_waits_for_finish(command, ci, nightly):
    call = ["-o", "json", "rotate", "nightly", "--account", ci.id, "--grace", "0d", "--stdout"]
    done = command(*call)
    assert done.status == 6
    assert "--finish" in done.err
    assert done.out.strip() in [token.token_id for token in ci.tokens]
    assert command("rotate", "nightly", "--account", ci.id, "--finish", "--stdout").status == 0
    assert [token.token_id for token in ci.tokens] == [done.out.strip()]


def test_a_young_token_is_left_alone(command, ci, nightly, tmp_path):
    call = ["rotate", "nightly", "--account", ci.id, "--to-file", str(tmp_path / "k")]
    done = command(*call, "--older-than", "101d")
    assert (done.status, len(ci.tokens)) == (0, 1)
    assert "not that old" in done.err


def test_a_dry_run_changes_nothing(command, ci, nightly, tmp_path):
    done = command(
        "rotate", "nightly", "--account", ci.id, "--to-file", str(tmp_path / "k"), "--dry-run"
    )
    assert (done.status, names(ci)) == (0, ["nightly"])
    assert "mint, deliver, mark, name, delete" in done.err
    assert not (tmp_path / "k").exists()


def test_a_dry_run_asks_nothing(command, ci, nightly, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    done = command("rotate", "nightly", "--account", ci.id, "--stdout", "--dry-run")
    assert (done.status, names(ci)) == (0, ["nightly"])


def test_a_command_may_verify(command, ci, nightly, tmp_path):
    check = f"{sys.executable} -c 'import sys; sys.exit(len(sys.stdin.read()) != 36)'"
    call = [
        "rotate",
        "nightly",
        "--account",
        ci.id,
        "--grace",
        "0d",
        "--to-file",
        str(tmp_path / "k"),
    ]
    assert command(*call, "--verify-command", check).status == 0


@pytest.mark.parametrize(
    "options",
    [
        ["--finish", "--dry-run"],
        ["--finish", "--older-than", "1d"],
        ["--older-than", "90"],
        ["--grace", "-1d"],
        ["--verify-command", "'"],
        ["--verify-command", "/nonexistent/program"],
    ],
)
def test_options_that_cannot_be_are_usage_errors(command, server, options):
    assert command("rotate", "nightly", "--stdout", *options).status == 2
    assert not server.requests


def test_an_old_token_still_in_use_ends_with_6(command, server, ci, nightly, tmp_path):
    call = ["rotate", "nightly", "--account", ci.id, "--to-file", str(tmp_path / "k")]
    assert command(*call, "--grace", "1m").status == 0
    configuration = server.configuration()
    configuration.api_key["X-AUTH-TOKEN"] = nightly.token_id
    server.advance(minutes=2)
    with ApiClient(configuration) as client:
        ApiTokenApi(client).get_all_tokens()
    done = command(*call, "--finish")
    assert (done.status, len(ci.tokens)) == (6, 2)
    assert "was used" in done.err


# --- audit -----------------------------------------------------------------------------------


def flags(server, command):
    done = command("-o", "json", "audit", "--all")
    return {row["name"]: row["flags"] for row in rows(done.out)}


def test_an_audit_flags_what_should_not_be(command, server):
    found = flags(server, command)
    assert found["trial"] == ["never-used"]
    assert found["staging"] == ["stale", "old"]
    assert found["build"] == []


def test_a_table_has_only_what_was_found(command):
    done = command("audit", "--stale", "4w", "--max-age", "100w", "--near-limit", "20")
    assert "trial" in done.out
    assert "build" not in done.out
    assert "never-used" in done.err


@pytest.mark.parametrize(("rules", "status"), [("near-limit", 0), ("stale,near-limit", 3)])
def test_findings_end_with_3_where_asked(command, rules, status):
    assert command("audit", "--fail-on", rules).status == status


@pytest.mark.parametrize(
    "options",
    [
        ["--fail-on", "stale,nonsense"],
        ["--stale", "soon"],
        ["--max-age", "1000000w"],
        ["--near-limit", "21"],
    ],
)
def test_an_audit_that_cannot_be_is_a_usage_error(command, server, options):
    assert command("audit", *options).status == 2
    assert not server.requests


def test_a_page_is_written(command, tmp_path):
    path = tmp_path / "review.html"
    assert command("audit", "--html", str(path)).status == 0
    assert "trial" in path.read_text()
    assert command("audit", "--html", str(tmp_path / "no" / "folder")).status == 1


# --- revoke ----------------------------------------------------------------------------------


def test_a_plan_is_shown_and_needs_a_yes(command, server):
    done = command("revoke", "--where", "never-used")
    assert (done.status, done.out) == (8, "")
    assert re.search(r"  trial  sa::backup +never +never-used\n", done.err)
    assert "--yes" in done.err
    assert not [request for request in server.requests if request.method != "GET"]


def test_with_a_yes_they_are_revoked_and_no_other(command):
    before = rows(command("-o", "json", "list", "--customer").out)
    done = command("revoke", "--where", "never-used", "--yes")
    assert done.status == 0
    assert done.err.count("  revoked") == 2
    after = rows(command("-o", "json", "list", "--customer").out)
    gone = {row["handle"]: row["flags"] for row in before if row["handle"] not in str(after)}
    assert [("never-used" in flags) for flags in gone.values()] == [True, True]


@pytest.mark.parametrize("of", ["handle", "name", "secret"])
def test_one_token_is_named_in_any_way(command, server, ci, monkeypatch, of):
    token = server.add_token(ci, "leaked")
    handle = handle_of(token.token_id)
    monkeypatch.setattr(sys, "stdin", stdin(f"\n{token.token_id}\n"))
    done = command("revoke", {"handle": handle[:7], "name": "leaked"}.get(of, "-"), "--yes")
    assert (done.status, ci.tokens) == (0, [])
    assert token.token_id not in done.err


def test_more_than_max_are_refused(command, server):
    done = command("revoke", "--where", "never-used", "--max", "1", "--yes")
    assert done.status == 8
    assert not [request for request in server.requests if request.method != "GET"]


def test_the_own_key_is_left_out_and_named(command, server):
    done = command("revoke", handle_of(server.user.key), "--yes")
    assert done.status == 8
    assert "left out: it is the key in use" in done.err
    done = command("revoke", "--where", "account=admin@example.com", "--yes")
    assert done.status == 8
    assert done.err.count("  revoked") == 1
    assert [token.token_id for token in server.user.tokens] == [server.user.key]


def test_a_plan_for_another_service_is_refused(command, server, tmp_path):
    path = tmp_path / "plan.json"
    assert command("revoke", "--where", "stale", "--save-plan", str(path)).status == 0
    path.write_text(path.read_text().replace(server.url, "https://other.example.com"))
    done = command("revoke", "--plan", str(path), "--yes")
    assert done.status == 8
    assert f"https://other.example.com, and this client is for {server.url}" in done.err
    assert command("revoke", "--where", "never-used", "--yes").status == 0


def test_a_plan_of_which_nothing_is_there_ends_with_4(command, tmp_path):
    path = tmp_path / "plan.json"
    assert command("revoke", "--where", "never-used", "--save-plan", str(path)).status == 0
    assert [command("revoke", "--plan", str(path), "--yes").status for _ in range(2)] == [0, 4]


def test_a_mistyped_leaver_is_no_success(command, server):
    done = command("revoke", "--where", "account=jnae@example.com", "--yes")
    assert done.status == 4
    assert "o token has the account 'jnae@example.com'" in done.err


def test_a_last_use_that_the_service_does_not_tell_is_not_never(command, server):
    listed = [{"tokenID": "t" * 36, "tokenName": "ci"}]
    for output in ("table", "json"):
        server.inject(body={"status": {"result": "OK", "code": 200}, "response": listed})
        out = command("-o", output, "list").out
        assert "never" not in out
    listed = [{"id": "t" * 36, "name": "ci"}]
    server.inject(body={"status": {"result": "OK", "code": 200}, "response": listed})
    done = command("revoke", "--where", "name=ci", "--dry-run")
    assert re.search(r"  ci +unknown +unnamed|  ci +unknown +asked for", done.err)


def test_a_saved_plan_is_edited_and_applied_to_what_has_not_changed(command, server, ci, tmp_path):
    kept, changed, gone = (server.add_token(ci, f"plan-{n}") for n in range(3))
    path = tmp_path / "plan.json"
    saved = command("revoke", "--where", f"account={ci.id}", "--save-plan", str(path))
    assert (saved.status, len(ci.tokens)) == (0, 3)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if "plan-0" not in line))
    command("rename", "plan-1", "renamed", "--account", ci.id)
    done = command("revoke", "--plan", str(path), "--yes")
    assert done.status == 1
    assert [token.token_id for token in ci.tokens] == [kept.token_id, changed.token_id]
    assert "changed" in done.err
    assert gone.token_id not in path.read_text()


def test_one_that_fails_does_not_stop_the_others(command, server):
    server.inject(status=409, method="PUT")
    done = command("revoke", "--where", "never-used", "--yes")
    assert done.status == 1
    assert (done.err.count("  failed"), done.err.count("  revoked")) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 2),
        (["abcdef12", "--where", "stale"], 2),
        (["--where", "nonsense"], 2),
        (["--plan", "/nonexistent/plan"], 2),
        (["--plan", __file__, "--yes"], 2),
        (["--where", "stale", "--max", "0"], 2),
        (["no such name", "--yes"], 4),
        (["abcdef1234", "--yes"], 4),
        (["--where", "near-limit"], 0),
    ],
)
def test_what_there_is_not_is_not_revoked(command, server, arguments, status):
    assert command("revoke", *arguments).status == status
    assert not [request for request in server.requests if request.method != "GET"]


def test_a_name_of_two_tokens_is_none(command, server, ci):
    for _ in range(2):
        server.add_token(ci, "twin")
    assert command("revoke", "twin", "--yes").status == 4
    assert len(ci.tokens) == 2


def test_a_name_that_reads_like_a_handle_leads_nobody_astray(command, server, ci):
    handle = handle_of(server.add_token(ci, "leaked", token_id="a-token-of-the-tests").token_id)
    assert handle.upper() != handle
    server.add_token(ci, handle)
    assert command("revoke", handle.upper(), "--dry-run").status == 0
    assert command("revoke", handle, "--yes").status == 4
    assert len(ci.tokens) == 2


def test_a_key_on_stdin_serves_the_whole_command(alone, server, ci, monkeypatch):
    handle = handle_of(server.add_token(ci, "x").token_id)
    monkeypatch.setattr(sys, "stdin", stdin(server.user.key + "\n"))
    done = alone("--url", server.url, "--token-file", "-", "revoke", handle, "--yes")
    assert (done.status, ci.tokens) == (0, [])


def test_a_plan_that_cannot_be_saved_is_an_error(command, tmp_path):
    done = command("revoke", "--where", "stale", "--save-plan", str(tmp_path / "no" / "folder"))
    assert done.status == 1


def test_one_is_not_several(alone, monkeypatch):
    with TokenServer() as server:
        monkeypatch.setenv("WAVEFRONT_URL", server.url)
        monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
        assert "1 of 1 token has findings: 1 unnamed." in alone("audit").err
        server.add_token(server.add_service_account("sa::ci", 0), "trial")
        assert "1 token to revoke, of " in alone("revoke", "trial", "--dry-run").err
        server.add_token("sa::ci", "test")
        assert "2 tokens to revoke, of " in alone("revoke", "trial", "test", "--dry-run").err
        too_many = alone("revoke", "trial", "test", "--max", "1")
        assert "2 tokens are more than 1: none was revoked. --max sets another" in too_many.err
