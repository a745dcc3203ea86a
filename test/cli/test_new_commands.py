"""status, deliver, revoke --account, and demo: what they do."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta

import pytest
from terminals import OnTerminal, environment, stdin

from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import handle_of


def rows(done):
    return json.loads(done.out)


# --- status ----------------------------------------------------------------------------------


def test_status_says_whose_key_it_is_and_where_it_comes_from(alone, server, home):
    ci = server.add_service_account("sa::tests", permissions=["accounts"])
    server.add_token(ci, "nightly", age_days=100, idle_days=1)
    server.add_token(ci, "other")
    (home / ".wavefront").write_text(f"[prod]\nendpoint = {server.url}/api/\ntoken_file = ~/key\n")
    (home / "key").write_text(ci.tokens[0].token_id)
    (row,) = rows(alone("status", "--profile", "prod", "-o", "json"))
    assert row["url"] == server.url
    assert row["key"] == f"token_file in {home}/.wavefront"
    assert (row["tenant"], row["account"], row["name"]) == ("prod", "sa::tests", "nightly")
    assert row["handle"] == handle_of(ci.tokens[0].token_id)
    assert (row["ageDays"], row["held"], row["limit"]) == (100, 2, 20)
    assert row["permissions"] == ["Accounts"]


def test_status_of_a_key_that_may_little(command, server, monkeypatch):
    nobody = server.add_user("nobody@example.com", permissions=[])
    monkeypatch.setenv("WAVEFRONT_TOKEN", nobody.key)
    done = command("status")
    assert done.status == 0
    assert "Permissions\town tokens only\n" in done.out
    assert nobody.key not in done.out


def test_status_of_several(alone, server, home):
    profile = f"\nendpoint = {server.url}\ntoken = {server.user.key}\n"
    (home / ".wavefront").write_text(f"[one]{profile}[two]{profile}")
    out = alone("--all-profiles", "status").out
    assert [line for line in out.splitlines() if line.startswith("Profile")] == [
        "Profile\tone",
        "Profile\ttwo",
    ]


# --- deliver ---------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["handle", "name", "secret"])
def test_a_lost_file_is_renewed(command, server, tmp_path, monkeypatch, of):
    token = server.add_token("sa::ci", "needle")
    monkeypatch.setattr("sys.stdin", stdin(token.token_id))
    ref = {"handle": handle_of(token.token_id), "name": "needle"}.get(of, "-")
    for _ in range(2):
        done = command("deliver", ref, "--to-file", str(tmp_path / "key"), "-o", "json")
        assert done.status == 0, done.err
        if of == "secret":
            break
    assert (tmp_path / "key").read_text() == token.token_id
    assert [row["outcome"] for row in rows(done)] == ["delivered"]
    assert token.token_id not in done.out + done.err


def test_a_token_is_printed_for_a_script(command, server):
    token = server.add_token("sa::ci", "needle")
    done = command("deliver", "needle", "--account", "sa::ci", "--stdout", "-o", "json")
    assert done.out == f"{token.token_id}\n"


def test_nothing_is_delivered_of_what_is_not_there(command, tmp_path):
    done = command("deliver", "nobody", "--to-file", str(tmp_path / "key"))
    assert (done.status, os.listdir(tmp_path)) == (4, [])


# --- list and revoke -------------------------------------------------------------------------


def test_conditions_of_list_are_those_of_revoke(command):
    def listed(where):
        done = command("list", "--all-accounts", "--where", where, "-o", "json")
        return {row["name"] for row in rows(done)}

    assert listed("stale") == {"old laptop", "nightly", "staging"}
    assert listed("stale,account=sa::ci") == {"nightly"}
    assert listed("age>1d,never-used") == {"", "trial"}
    assert listed("name=nobody") == set()


def test_a_use_that_the_listing_does_not_tell_was_never(command, server):
    listed = [
        {"id": "1-a-token-of-the-tests", "name": "used", "lastUsed": 1_700_000_000_000},
        {"id": "2-a-token-of-the-tests", "name": "needle"},
    ]
    server.inject(body={"status": {"result": "OK", "code": 200}, "response": listed})
    assert [row["flags"] for row in rows(command("find", "needle", "-o", "json"))] == [
        ["never-used"]
    ]


def test_rules_know_the_rest_of_an_account(command, server):
    server.add_service_account("sa::busy", 18)
    server.add_token("sa::busy", "twin")
    server.add_token("sa::busy", "twin")
    found = rows(
        command("list", "--account", "sa::busy", "--where", "duplicate-name", "-o", "json")
    )
    assert [row["flags"] for row in found] == 2 * [["never-used", "near-limit", "duplicate-name"]]


def test_ages_are_those_of_the_clock_of_the_service(command, server):
    server.add_service_account("sa::one", 0)
    server.add_token("sa::one", "x", age_days=1)
    server.advance(days=30, hours=1)
    for call in (["list", "--account", "sa::one"], ["find", "x"]):
        assert [row["ageDays"] for row in rows(command(*call, "-o", "json"))] == [31]


@pytest.mark.slow
def test_ages_on_a_terminal_are_those_of_the_service_too(server):
    server.advance(days=90)
    for call in (["find", "trial"], ["list", "--account", "sa::backup"]):
        with OnTerminal(*call, env=environment(server), columns=120) as terminal:
            assert terminal.end() == 0
        assert re.search("trial +sa::backup +5 months ago", terminal.text)


def test_another_account_keeps_what_has_the_same_name(command, server):
    server.add_service_account("sa::other", 0)
    kept = server.add_token("sa::other", "build")
    assert command("revoke", "build", "--yes").status == 4
    assert command("revoke", "build", "--account", "sa::ci", "--yes").status == 0
    (row,) = rows(command("find", "build", "-o", "json"))
    assert row["handle"] == handle_of(kept.token_id)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--account", "sa::ci"], 2),
        (["--account", "sa::ci", "--plan", "x"], 2),
        (["build", "--account", "sa::none"], 4),
        (["--where", "stale", "--account", "sa::none"], 4),
    ],
)
def test_an_account_alone_or_one_that_is_not_there_revokes_nothing(
    command, server, arguments, status
):
    assert command("revoke", *arguments, "--yes").status == status
    assert not [request for request in server.requests if request.method != "GET"]


def test_an_account_limits_a_condition(command):
    done = command("revoke", "--where", "stale", "--account", "sa::ci", "--dry-run", "-o", "json")
    assert [row["name"] for row in rows(done)] == ["nightly"]


# --- demo ------------------------------------------------------------------------------------

ROTATE = ["rotate", "nightly", "--account", "sa::ci", "--to-file"]


def test_a_rotation_can_be_seen_from_demo_to_demo(alone, home):
    def outcome(*options):
        done = alone("demo", *options, *ROTATE, "ci.token", "-o", "json")
        return rows(done)[0]["outcome"]

    assert [outcome(), outcome(), outcome("--days", "2"), outcome("--reset")] == [
        "waiting",
        "waiting",
        "rotated",
        "waiting",
    ]


def test_the_customer_of_a_demo_stays(alone):
    def listed():
        return rows(alone("demo", "list", "--all-accounts", "-o", "json"))

    before = listed()
    assert [row["handle"] for row in listed()] == [row["handle"] for row in before]
    alone("demo", "revoke", "trial", "weekly", "--yes")
    assert len(listed()) == len(before) - 2
    assert alone("demo", "mint", "n", "--account", "sa::backup", "--stdout").status == 0
    assert alone("demo", "rotate", "old laptop", "--grace", "0d", "--to-file", "x").status == 0
    then, now = (datetime.fromisoformat(row["created"][:-1]) for row in (before[0], listed()[0]))
    assert abs(then - now) < timedelta(seconds=1)
    assert alone("demo", "--reset", "list").status == 0
    assert not {row["handle"] for row in listed()} & {row["handle"] for row in before}


def test_a_demo_writes_below_its_folder_alone(alone, home, tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (work / "real.env").write_text("WAVEFRONT_TOKEN=real\n")
    script = f"touch {work}/ran"
    calls = [
        [*ROTATE, "real.env", "--format", "env"],
        [*ROTATE[:-1], "--verify-command", f"sh -c '{script}'", "--", "sh", "-c", script],
        ["mint", "n", "--to-keyring", "wavefront/ci"],
        ["audit", "--html", "page.html"],
        ["revoke", "--where", "stale", "--save-plan", str(work / "plan.json")],
    ]
    folder = tmp_path / "state" / "wavefront-tokens-demo"
    for call in calls:
        done = alone("demo", *call)
        assert done.status == 0, done.err
        assert str(folder) in done.err
    assert os.listdir(work) == ["real.env"]
    assert (work / "real.env").read_text() == "WAVEFRONT_TOKEN=real\n"
    assert {*os.listdir(folder)} == {
        *("customer.json", "real.env", "the-command", "the-keyring", "page.html", "plan.json")
    }
    assert alone("demo", "revoke", "--plan", "plan.json", "--yes").status == 0


def test_a_demo_whose_port_is_taken_takes_another(alone, tmp_path):
    alone("demo", "list")
    path = tmp_path / "state" / "wavefront-tokens-demo" / "customer.json"
    saved = json.loads(path.read_text())
    with TokenServer() as other:
        path.write_text(json.dumps({**saved, "port": int(other.url.rpartition(":")[2])}))
        assert alone("demo", "list").status == 0


def test_what_is_no_customer_is_begun_anew(alone, tmp_path):
    folder = tmp_path / "state" / "wavefront-tokens-demo"
    folder.mkdir(parents=True)
    (folder / "customer.json").write_text("{")
    assert alone("demo", "list").status == 0


def test_a_demo_needs_no_home(alone, monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_STATE_HOME")

    def no_home(*_):
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", no_home)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert alone("demo", "list").status == 0
    assert (tmp_path / "wavefront-tokens-demo" / "customer.json").exists()


@pytest.mark.parametrize("where", ["before", "behind"])
def test_a_demo_has_an_instance_of_its_own(alone, where):
    options = ["--profile", "prod"]
    call = [*options, "demo", "list"] if where == "before" else ["demo", "list", *options]
    done = alone(*call)
    assert (done.status, "instance of its own" in done.err) == (2, True)


def test_status_on_a_terminal_has_ages(server):
    with OnTerminal("status", env=environment(server)) as terminal:
        assert terminal.end() == 0
    assert "Created:      just now" in terminal.text
