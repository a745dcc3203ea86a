"""Who is meant: profiles, the environment, a file; one tenant or several."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest

from wavefront_api_client.testing import TokenServer


@pytest.fixture
def other():
    with TokenServer() as other:
        yield other


@pytest.fixture
def profiles(home, server, other):
    """A file with two profiles that work and one that does not."""
    path = home / ".wavefront"
    path.write_text(
        f"[prod]\nendpoint = {server.url}\ntoken = {server.user.key}\n"
        f"[test]\nendpoint = {other.url}\ntoken = {other.user.key}\n"
        "[dead]\nendpoint = http://127.0.0.1:9\ntoken_env = NO_SUCH_VARIABLE\n"
    )
    path.chmod(0o600)
    return path


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
    assert out.startswith("TENANT")
    assert "prod" in out
    one = alone("--profile", "prod", "list").out
    assert one.startswith("HANDLE")


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
def test_a_key_from_a_file_goes_to_the_url(alone, server, tmp_path, monkeypatch, where):
    path = tmp_path / "key"
    path.write_text(f"{server.user.key}\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{server.user.key}\n"))
    call = ["--url", server.url, "--token-file", "-" if where == "stdin" else str(path)]
    assert alone(*call, "list").status == 0


def test_a_key_of_the_environment_stays_at_its_address(alone, server, other, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    assert alone("--url", other.url, "list").status == 7
    assert all("X-AUTH-TOKEN" not in request.headers for request in other.requests)


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
