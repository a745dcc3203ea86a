"""_profiles: INI files of tenants, and the ways to their keys."""

from __future__ import annotations

import os
import sys

import pytest

from wavefront_api_client.cli import _profiles
from wavefront_api_client.cli._profiles import ProfileError, read_profiles

KEY = "a-key-that-must-not-be-shown"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("WAVEFRONT_TOKEN", "WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def written(tmp_path):
    def write(text, mode=0o600, name="profiles"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return str(path)

    return write


def only(path, warnings=None):
    (profile,) = read_profiles([path], (warnings if warnings is not None else []).append).values()
    return profile


def test_each_way_to_a_key(written, monkeypatch):
    monkeypatch.setenv("PROD_KEY", f" {KEY}\n")
    ways = {
        "token": KEY,
        "token_file": written(f"{KEY}\n", name="key"),
        "token_env": "PROD_KEY",
        "token_command": f"{sys.executable} -c \"print('{KEY}')\"",
    }
    for way, value in ways.items():
        profile = only(
            written(f"[prod]\nendpoint = https://prod.example.com/api/\n{way} = {value}\n")
        )
        with profile.client() as client:
            made = client.configuration
        assert (made.host, made.api_key["X-AUTH-TOKEN"]) == ("https://prod.example.com", KEY), way
        assert profile.origin.startswith(f"{way} in ")
        assert KEY not in repr(profile)


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("endpoint = x.example.com", "needs endpoint and one of token, token_file"),
        (f"token = {KEY}", "needs endpoint and one of"),
        (f"endpoint = x.example.com\ntoken = {KEY}\ntoken_env = Y", "needs endpoint and one of"),
        ("endpoint = x.example.com\ntoken_file = /nonexistent/key", "cannot be read"),
        ("endpoint = x.example.com\ntoken_env = NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE is not set"),
        ("endpoint = x.example.com\ntoken_command = false", "ended with status 1"),
        ("endpoint = x.example.com\ntoken_command = /nonexistent/tool", "cannot be run"),
        ("endpoint = x.example.com\ntoken_command = true", "gives no token"),
        ("endpoint = x.example.com\ntoken_command = 'open", "cannot be run"),
        (f"endpoint = user@x.example.com\ntoken = {KEY}", "p:"),
    ],
)
def test_what_cannot_be_used_is_told_without_the_key(written, section, problem):
    with pytest.raises(ProfileError, match=problem) as caught:
        only(written(f"[p]\n{section}\n")).client()
    assert KEY not in str(caught.value)


def test_a_command_that_hangs_is_given_up(written, monkeypatch):
    monkeypatch.setattr(_profiles, "COMMAND_LIMIT", 0.1)
    text = "[p]\nendpoint = x.example.com\ntoken_command = sleep 60\n"
    with pytest.raises(ProfileError, match="took more than"):
        only(written(text)).client()


def test_a_profile_of_the_first_file_counts(written):
    first = written("[a]\nendpoint = first.example.com\ntoken = x1\n", name="1")
    second = written(
        "[a]\nendpoint = second.example.com\ntoken = x2\n[b]\nendpoint = b.example.com\ntoken = x3\n",
        name="2",
    )
    found = read_profiles([first, "/nonexistent", second], print)
    assert {name: each.url for name, each in found.items()} == {
        "a": "first.example.com",
        "b": "b.example.com",
    }


@pytest.mark.parametrize(("mode", "said"), [(0o600, 0), (0o640, 1), (0o604, 1)])
def test_a_token_that_others_can_read_is_warned_of(written, mode, said):
    warnings = []
    only(written(f"[p]\nendpoint = x\ntoken = {KEY}\n", mode), warnings)
    assert len(warnings) == said
    assert KEY not in "".join(warnings)
    only(written("[p]\nendpoint = x\ntoken_env = Y\n", mode, "no token"), none := [])
    assert not none


@pytest.mark.parametrize("text", ["[p]\nx = 1\n[p]\n", f"[p]\n{KEY}\n", f"{KEY}\n[p]\n"])
def test_a_file_that_is_no_ini_is_not_quoted(written, text):
    with pytest.raises(ProfileError, match="is not an INI file") as caught:
        read_profiles([written(text)], print, must_exist=True)
    warnings = []
    assert read_profiles([written(text)], warnings.append) == {}
    assert warnings == [str(caught.value)]
    assert KEY not in str(caught.value)


def test_a_file_that_is_named_has_to_be_there(tmp_path):
    with pytest.raises(ProfileError, match="No such file"):
        read_profiles([str(tmp_path / "none")], print, must_exist=True)


def test_percent_signs_are_no_references(written):
    assert (
        only(written("[p]\nendpoint = x.example.com\ntoken = 50%(off)s\n")).key_text()
        == "50%(off)s"
    )


def test_the_dialect_of_wf_is_read(written):
    path = written(
        "\ufefftoken = of-nobody\r\nformat: human\r\n\r\n"
        "# comment\r\n[prod]\r\n"
        f"token = '{KEY}' ; mine\r\nendpoint = \"x.example.com\" # the old one\r\n"
        "[test]\r\ntoken: a#b;c\r\nendpoint: y.example.com\t; theirs\r\n"
        "[none]\r\ntoken = ; to do\r\nendpoint = z.example.com\r\n"
    )
    found = read_profiles([path], print)
    assert {name: each.url for name, each in found.items()} == {
        "prod": "x.example.com",
        "test": "y.example.com",
        "none": "z.example.com",
    }
    assert found["prod"].key_text() == KEY
    assert found["test"].key_text() == "a#b;c"
    with pytest.raises(ProfileError, match="gives no token"):
        found["none"].key_text()


def test_a_command_keeps_its_own_signs_and_its_first_line_counts(written):
    prints = f"print('{KEY}', 'url: x.example.com', '', sep='\\r\\n')  # as pass does"
    command = f'{sys.executable} -c "{prints}"'
    text = f"[p]\nendpoint = x.example.com\ntoken_command = {command}\n"
    assert only(written(text)).key_text() == KEY


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_write_is_not_run(written, mode, monkeypatch):
    text = "[p]\nendpoint = x.example.com\ntoken_command = echo key\n[q]\nendpoint = y\ntoken_env = K\n"
    refused = read_profiles([written(text, mode)], print)["p"]
    with pytest.raises(ProfileError, match="token_command is not run, as others own .* chmod go-w"):
        refused.key_text()
    monkeypatch.setenv("K", KEY)
    assert read_profiles([written(text, mode)], print)["q"].key_text() == KEY
    others = os.geteuid() + 1
    path = written(text)
    monkeypatch.setattr(os, "geteuid", lambda: others)
    if os.stat(path).st_uid:
        with pytest.raises(ProfileError, match="others own"):
            read_profiles([path], print)["p"].key_text()
