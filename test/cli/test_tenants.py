"""Who is meant: profiles, the environment, a file; one tenant or several."""

from __future__ import annotations

import csv
import io
import json
import os
import sys

import pytest
from terminals import stdin


def test_a_profile_is_a_tenant(alone, profiles, server, other):
    done = alone("--profile", "test", "-o", "json", "list")
    assert {row["tenant"] for row in json.loads(done.out)} == {"test"}
    assert other.requests
    assert not server.requests


def test_several_run_side_by_side_and_one_that_fails_is_a_line(alone, profiles):
    done = alone("--all-profiles", "-o", "csv", "list")
    assert done.status == 1
    assert {row["tenant"] for row in csv.DictReader(io.StringIO(done.out))} == {"prod", "test"}
    assert done.err.count("\n") == 1
    assert done.err.startswith("dead: ")


def test_a_table_of_several_says_whose_they_are(alone, profiles):
    out = alone("--profile", "prod", "--profile", "test", "list").out
    assert {line.split("\t")[0] for line in out.splitlines()} == {"prod", "test"}
    one = alone("--profile", "prod", "list").out
    assert [line.split("\t")[1] for line in out.splitlines()][:2] == [
        line.split("\t")[0] for line in one.splitlines()
    ]


def test_all_that_fail_alike_end_alike(alone, home, server):
    nobody = server.add_user("nobody@example.com", permissions=[])
    home.joinpath(".wavefront").write_text(
        "".join(f"[{n}]\nendpoint = {server.url}\ntoken = {nobody.key}\n" for n in "ab")
    )
    assert alone("--all-profiles", "list", "--customer").status == 7


@pytest.mark.parametrize("arguments", [["mint", "n", "--stdout"], ["revoke", "--where", "stale"]])
def test_what_changes_something_is_for_one_tenant(alone, profiles, server, arguments):
    done = alone("--profile", "prod", "--profile", "test", *arguments)
    assert done.status == 2
    assert not server.requests


def test_the_page_of_an_audit_is_for_one_tenant(alone, profiles, server):
    done = alone("--profile", "prod", "--profile", "test", "audit", "--html", "x.html")
    assert done.status == 2
    assert not server.requests


def test_a_file_of_profiles_can_be_named(alone, profiles, tmp_path):
    moved = tmp_path / "elsewhere"
    profiles.rename(moved)
    assert alone("--config", str(moved), "--profile", "prod", "list").status == 0
    assert alone("--profile", "prod", "list").status == 2
    assert alone("--config", str(tmp_path / "none"), "--profile", "prod", "list").status == 2
    assert alone("--all-profiles", "list").status == 2


def test_the_profile_default_is_used_where_nothing_is_named(alone, home, server):
    home.joinpath(".wavefront").write_text(
        f"[default]\nendpoint = {server.url}\ntoken = {server.user.key}\n"
    )
    assert alone("list").status == 0


def test_an_environment_beside_it_has_to_be_chosen(alone, home, server, other, monkeypatch):
    home.joinpath(".wavefront").write_text(
        f"[default]\nendpoint = {server.url}\ntoken = {server.user.key}\n"
    )
    monkeypatch.setenv("WAVEFRONT_URL", other.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", other.user.key)
    done = alone("list")
    assert done.status == 2
    assert "--profile default" in done.err
    assert not server.requests + other.requests
    assert alone("--profile", "default", "list").status == 0
    assert server.requests
    assert not other.requests


@pytest.mark.parametrize("where", ["file", "stdin"])
@pytest.mark.parametrize("spelling", ["{}\n", "\ufeff{}\r\n", " '{}' ", '"{}"'])
def test_a_key_from_a_file_goes_to_the_url(alone, server, home, monkeypatch, where, spelling):
    text = spelling.format(server.user.key)
    home.joinpath("key").write_bytes(text.encode())
    monkeypatch.setattr(sys, "stdin", stdin(text))
    call = ["--url", server.url, "--token-file", "-" if where == "stdin" else "~/key"]
    assert alone(*call, "list").status == 0


def test_utf_16_is_called_by_its_name(alone, server, home, monkeypatch):
    home.joinpath("key").write_text(server.user.key, encoding="utf-16")
    for name in ("key", "-"):
        monkeypatch.setattr(sys, "stdin", stdin(server.user.key.encode("utf-16")))
        done = alone("--url", server.url, "--token-file", "-" if name == "-" else "~/key", "list")
        assert (done.status, "it is UTF-16 or no text: save it as UTF-8" in done.err) == (2, True)
    monkeypatch.setenv("WAVEFRONT_URL", f"{server.url}\n")
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    monkeypatch.setattr(sys, "stdin", stdin(server.user.key.encode("utf-16")))
    assert "standard input: it is UTF-16" in alone("find", "-").err


BROKEN = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "no INI file": lambda path: path.write_text("token abc\n"),
    "another dialect": lambda path: path.write_text("[default\n- token abc\n"),
    "UTF-16": lambda path: path.write_text("[default]\n", encoding="utf-16"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_is_not_needed_costs_a_warning(alone, server, home, monkeypatch, kind):
    BROKEN[kind](home / ".wavefront")
    monkeypatch.setattr("wavefront_api_client.cli._profiles.FILES", ("~/.wavefront", "~/second"))
    (home / "second").write_text(f"[p]\nendpoint = {server.url}\ntoken = {server.user.key}\n")
    (home / "second").chmod(0o600)
    done = alone("--profile", "p", "list")
    assert done.status == 0
    assert f"warning: {home}/.wavefront" in done.err
    assert "abc" not in done.err
    assert alone("--config", "~/second", "--profile", "p", "list").err == ""
    monkeypatch.setenv("WAVEFRONT_URL", f"{server.url}\r\n")
    monkeypatch.setenv("WAVEFRONT_TOKEN", f"{server.user.key}\n")
    done = alone("list")
    assert done.status == 0
    assert f"warning: {home}/.wavefront" in done.err
    assert alone("--url", server.url, "list").err == ""


def test_a_file_that_is_named_has_to_be_read(alone, home):
    for kind, make in BROKEN.items():
        if kind != "a pipe":
            path = home / kind.replace(" ", "-")
            make(path)
            done = alone("--config", str(path), "--profile", "p", "list")
            assert (done.status, str(path) in done.err) == (2, True), kind


def test_it_works_without_a_home_directory(alone, server, monkeypatch):
    def no_home(*_):
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", no_home)
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    assert alone("list").status == 0
    done = alone("--config", "~/x", "list")
    assert (done.status, "there is no home directory for ~/x" in done.err) == (2, True)


SHOWS = """
import os, sys
with open(sys.argv[1], "w") as file:
    print(sorted(os.environ), file=file)
print(sys.argv[2])
"""


def test_no_program_finds_a_key_in_its_environment(alone, server, home, monkeypatch):
    ci = server.add_service_account("sa::tests", tokens=0)
    server.add_token(ci, "nightly")
    (home / "show.py").write_text(SHOWS)
    shows = f"{sys.executable} {home}/show.py"
    monkeypatch.setenv("PROD", server.user.key)
    monkeypatch.setenv("TEST", "another-key-of-mine")
    monkeypatch.setenv("SAME_AS_TEST", "another-key-of-mine\n")
    monkeypatch.setenv("WAVEFRONT_TOKEN", "the-key-of-the-environment")
    (home / ".wavefront").write_text(
        f"[prod]\nendpoint = {server.url}\ntoken_env = PROD\n"
        f"[test]\nendpoint = {server.url}\ntoken_env = TEST\n"
        f"[pass]\nendpoint = {server.url}\ntoken_command = {shows} {home}/1 {server.user.key}\n"
    )
    (home / ".wavefront").chmod(0o600)
    assert alone("--profile", "pass", "list").status == 0
    verify = ["--verify-command", f"{shows} {home}/2 x"]
    call = ["rotate", "nightly", "--account", ci.id, *verify]
    done = alone("--profile", "prod", *call, "--", *shows.split(), str(home / "3"), "x")
    assert done.status == 0, done.err
    for seen in ("1", "2", "3"):
        names = (home / seen).read_text()
        assert "'HOME'" in names
        for name in ("TEST", "SAME_AS_TEST", "WAVEFRONT_TOKEN", *(["PROD"] if seen != "1" else [])):
            assert f"'{name}'" not in names, (seen, name)
    (home / ".wavefront").write_text(f"[prod]\nendpoint = {server.url}\ntoken_env = NONE\n")
    assert alone("--profile", "prod", *call[:-2], "--", "cat").status == 2


def test_a_key_of_the_environment_stays_at_its_address(alone, server, other, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    done = alone("--url", other.url, "list")
    assert (done.status, other.requests) == (2, [])
    assert "the key in WAVEFRONT_TOKEN is for another address" in done.err


@pytest.mark.parametrize(
    "options",
    [
        ["--profile", "prod", "--url", "http://127.0.0.1:1"],
        ["--profile", "prod", "--token-file", "x"],
        ["--profile", "nobody"],
        ["--token-file", "/nonexistent/file", "--url", "http://127.0.0.1:1"],
        ["--url", "user@host name"],
        ["--timeout", "0"],
        ["--output", "yaml"],
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(alone, profiles, server, options):
    assert alone(*options, "list").status == 2
    assert not server.requests


def test_without_any_credentials_it_says_what_to_set(alone):
    done = alone("list")
    assert done.status == 2
    assert "WAVEFRONT_TOKEN" in done.err


def test_others_that_can_read_a_token_are_warned_of(alone, profiles, tmp_path):
    profiles.chmod(0o644)
    page = str(tmp_path / "page.html")
    assert alone("--profile", "prod", "audit", "--html", page).err.count("chmod 600") == 1


def test_nothing_but_errors_is_said_where_it_should_be_quiet(command):
    assert command("-q", "audit").err == ""
    assert command("-q", "find", "nobody").err != ""
