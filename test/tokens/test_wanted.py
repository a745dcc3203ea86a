"""A file of tokens: what it says, and every mistake in it before any call."""

from __future__ import annotations

import json
import os
import pickle
import sys
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from cases import for_all

from wavefront_api_client.tokens import (
    CommandSink,
    FileSink,
    KeyringSink,
    Secret,
    TokensFileError,
    WantedToken,
    list_tokens,
    read_tokens_file,
    tokens_file_of,
)
from wavefront_api_client.tokens._wanted import DEFAULTS, KEYS

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/tokens.schema.json").read_text())
TWO = '[[token]]\nname = "a"\nfile = "a"\n[[token]]\nname = "b"\nfile = "b"'
UUID = "0f6a3c91-9c2e-4b1d-8e7f-1a2b3c4d5e6f"


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "tokens.toml"
        path.write_text(text, encoding="utf-8")
        return read_tokens_file(path)

    return read


def mistakes(read, text):
    with pytest.raises(TokensFileError) as caught:
        read(text)
    return list(caught.value.problems)


def test_a_file_as_the_docs_show_it(read, tmp_path):
    first, second, third = read(
        """
        [defaults]
        profile = "prod"
        older_than = "90d"
        grace = "24h"

        [[token]]
        name = "nightly"
        account = "sa::ci"
        file = "/etc/reporter/token"

        [[token]]
        name = "production"
        account = "sa::deploy"
        command = ["kubectl", "create", "secret"]
        verify = ["./smoke-test", "--fast"]
        grace = "7d"

        [[token]]
        name = "mine"
        keyring = "reporter/me"
        profile = "test"
        older_than = "30d"
        """
    )
    assert (first.name, first.account, first.profile) == ("nightly", "sa::ci", "prod")
    assert (first.older_than, first.grace, first.verify) == ("90d", "24h", None)
    assert isinstance(first.sink, FileSink)
    assert (first.sink.path, first.sink.format) == ("/etc/reporter/token", "raw")
    assert isinstance(second.sink, CommandSink)
    assert second.sink.argv == ("kubectl", "create", "secret")
    assert second.grace == "7d"
    assert second.verify.__self__.argv == (f"{tmp_path}/./smoke-test", "--fast")
    assert isinstance(third.sink, KeyringSink)
    assert (third.sink.service, third.sink.user) == ("reporter", "me")
    assert (third.account, third.profile, third.older_than) == (None, "test", "30d")


def test_an_empty_file_wants_nothing(read):
    assert read("") == []


def test_without_a_word_about_age_a_token_is_never_replaced(read):
    (token,) = read('[[token]]\nname = "ci"\nfile = "a"')
    assert token.older_than is None
    assert token.grace == timedelta(days=1)


def test_paths_are_relative_to_the_file_and_know_home_and_variables(read, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("REPORTER", "/srv/reporter")
    names = ["token", "sub/token", "~/token", "${REPORTER}/token", "/$HOME"]
    text = "".join(f'[[token]]\nname = "{n}"\nfile = "{name}"\n' for n, name in enumerate(names))
    expected = [f"{tmp_path}/token", f"{tmp_path}/sub/token", "/home/ann/token",
                "/srv/reporter/token", "/$HOME"]  # fmt: skip
    assert [each.sink.path for each in read(text)] == expected


def test_only_paths_have_variables(read, monkeypatch):
    monkeypatch.setenv("X", "y")
    (token,) = read('[[token]]\nname = "${X}"\ncommand = ["vault", "${X}", "~", "./x"]')
    assert token.name == "${X}"
    assert token.sink.argv == ("vault", "${X}", "~", "./x")


@for_all(
    ("text", "problem"),
    [
        ('[[token]]\nnmae = "x"\nfile = "a"', "[[token]] 1: unknown key 'nmae'; did you mean 'name'?"),
        ('[[token]]\nname = "x"\ntoken = "a"',
         "[[token]] 1 'x': unknown key 'token'; known: name, profile, account, older_than, grace,"
         " verify, file, format, keyring, command"),
        ('[default]\ngrace = "1h"', "unknown table 'default'; did you mean 'defaults'?"),
        ("[defaults]\nkeyring = 'a'", "[defaults]: unknown key 'keyring'; known: profile, account,"
         " older_than, grace, verify"),
        ("defaults = 1", "defaults is a table: [defaults]"),
        ("[token]\nname = 'x'", "token is a list of tables: [[token]]"),
        ("token = [1]", "token is a list of tables: [[token]]"),
        ('[[token]]\nfile = "a"', "[[token]] 1: it has no name"),
        ('[[token]]\nname = "x"', "[[token]] 1 'x': it needs one of file, keyring, command: where"
         " the token goes"),
        ('[[token]]\nname = "x"\nfile = "a"\nkeyring = "a/b"', "[[token]] 1 'x': it needs one of"
         " file, keyring, command: where the token goes"),
        ('[[token]]\nname = "x"\nkeyring = "a/b"\nformat = "raw"',
         "[[token]] 1 'x': format goes with file"),
        ('[[token]]\nname = "x"\nkeyring = "a/"', "[[token]] 1 'x': keyring is \"SERVICE/USER\""),
        ('[[token]]\nname = "x"\nfile = "a"\nformat = "yaml"', "[[token]] 1 'x': the format must be"
         " raw, env, env:NAME, json or json:KEY, not 'yaml'"),
        ('[[token]]\nname = "x"\nfile = "a"\ngrace = "1 day"', "[[token]] 1 'x': grace must be like"
         ' "90d", "24h", "30m", "45s" or "2w", not \'1 day\''),
        ('[[token]]\nname = "x"\nfile = "a"\nolder_than = 90', "[[token]] 1 'x': older_than is a"
         " text in quotes"),
        ('[[token]]\nname = "x"\ncommand = "gh"', "[[token]] 1 'x': command is a list, such as"
         ' ["./program", "argument"]'),
        ('[[token]]\nname = "x"\ncommand = []',
         "[[token]] 1 'x': command is empty, or holds something other than text"),
        ('[[token]]\nname = "x"\ncommand = ["a", 1]',
         "[[token]] 1 'x': command is empty, or holds something other than text"),
        ('[[token]]\nname = ""\nfile = "a"',
         "[[token]] 1 '': name is empty, or holds something other than text"),
        ('[[token]]\nname = "x ~new-0123456789"\nfile = "a"', "[[token]] 1 'x ~new-0123456789':"
         " 'x ~new-0123456789' reads like the mark of an unfinished operation"),
        ('[[token]]\nname = "x"\nfile = "${NOT_SET}/a"',
         "[[token]] 1 'x': the variable NOT_SET is not set, or empty"),
        (f'[[token]]\nname = "x"\ncommand = ["gh", "{UUID}"]',
         "[[token]] 1 'x': command holds what looks like a token: no secret belongs into this file"),
        (f'[defaults]\nprofile = "{UUID.replace("-", "")}"',
         "[defaults]: profile holds what looks like a token: no secret belongs into this file"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(read, text, problem):
    assert mistakes(read, text) == [problem]


@for_all(
    ("text", "problems"),
    [
        ('[defaults]\nprofile = ["a"]\n' + TWO, ["[defaults]: profile is a text in quotes"]),
        ('[defaults]\nverify = []\n' + TWO,
         ["[defaults]: verify is empty, or holds something other than text"]),
        ('[defaults]\ngrace = "1 day"\n' + TWO, ['[defaults]: grace must be like "90d", "24h",'
         " \"30m\", \"45s\" or \"2w\", not '1 day'"]),
        ('[[token]]\nname = "x"\nfile = "a\\u0000b"', ["[[token]] 1 'x': file holds a NUL character"]),
    ],
)  # fmt: skip
def test_a_mistake_in_the_defaults_is_named_once(read, text, problems):
    assert mistakes(read, text) == problems


@for_all("text", [f'"{UUID}" = 1', f'[[token]]\nname = "x"\nfile = "a"\n"{UUID}" = 1'])
def test_a_token_as_a_key_is_not_shown(read, text):
    (problem,) = mistakes(read, text)
    assert "unknown" in problem
    assert UUID not in problem


def test_what_is_nested_too_deep_is_not_toml(read):
    (problem,) = mistakes(read, "x = " + "[" * 5000 + "]" * 5000)
    assert problem.startswith("it is not TOML")


def test_all_mistakes_are_named_at_once_and_the_file_with_each(read, tmp_path):
    text = '[[token]]\nname = "a"\n[[token]]\nname = "b"\nfile = "b"\nfil = 1\ngrace = 1'
    with pytest.raises(TokensFileError) as caught:
        read(text)
    assert len(caught.value.problems) == 3
    lines = str(caught.value).split("\n")
    assert all(line.startswith(f"{tmp_path}/tokens.toml: [[token]] ") for line in lines)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.path) == (str(caught.value), caught.value.path)


def test_a_pasted_token_is_not_shown(read):
    (problem,) = mistakes(read, f'[[token]]\nname = "{UUID}"\nfile = "a"')
    assert UUID not in problem
    assert "looks like a token" in problem


def test_what_is_not_toml_is_told_with_its_place(read):
    (problem,) = mistakes(read, "[[token]\nname = ")
    assert problem.startswith("it is not TOML: ")
    assert "line 1" in problem


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_tokens_file(tmp_path / "tokens.toml")


@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [
        ('file = "a"', 'file = "a"', True),
        ('file = "a"', 'file = "./x/../a"', True),
        ('file = "a"', 'file = "link"', True),
        ('file = "a"', 'file = "b"', False),
        ('file = "a"\nformat = "env:A"', 'file = "a"\nformat = "env:B"', False),
        ('file = "a"\nformat = "env"', 'file = "a"\nformat = "env:WAVEFRONT_TOKEN"', True),
        ('file = "a"\nformat = "env:A"', 'file = "a"', True),
        ('file = "a"\nformat = "env:A"', 'file = "a"\nformat = "json:A"', True),
        ('keyring = "a/b"', 'keyring = "a/b"', True),
        ('keyring = "a/b"', 'keyring = "a/c"', False),
        ('command = ["a", "b"]', 'command = ["a", "b"]', True),
        ('command = ["a", "b"]', 'command = ["a", "c"]', False),
    ],
)
def test_two_tokens_in_one_place_are_refused(read, tmp_path, one, other, is_refused):
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to("a")
    text = f'[[token]]\nname = "one"\n{one}\n[[token]]\nname = "two"\n{other}'
    if not is_refused:
        assert len(read(text)) == 2
        return
    problem = "[[token]] 2 'two': [[token]] 1 'one' goes to the same place"
    assert mistakes(read, text) == [problem]


def test_one_token_cannot_be_wanted_twice(read):
    entry = '[[token]]\nname = "ci"\naccount = "sa::a"\nfile = "%s"\n'
    problem = "[[token]] 2 'ci': [[token]] 1 'ci' is the same token"
    assert mistakes(read, entry % "a" + entry % "b") == [problem]
    assert len(read(entry % "a" + entry.replace("sa::a", "sa::b") % "b")) == 2
    assert len(read(entry % "a" + 'profile = "x"\n' + entry % "b")) == 2


def test_a_program_proves_a_token_and_finds_no_key(read, tmp_path, monkeypatch):
    program = tmp_path / "smoke-test"
    program.write_text('#!/bin/sh\nread -r token || :\ntest "$token" = good -a -z "$THE_KEY"\n')
    program.chmod(0o700)
    monkeypatch.setenv("THE_KEY", "a-key-in-use")
    text = '[[token]]\nname = "ci"\nfile = "a"\nverify = ["./smoke-test"]'
    (token,) = read(text)
    assert token.verify(Secret("good")) is False
    (program,) = token.programs
    program.hide(["a-key-in-use", ""])
    assert token.verify(Secret("good")) is True
    assert token.verify(Secret("bad")) is False


def test_a_token_of_a_script_is_checked_as_well(sink):
    with pytest.raises(ValueError, match="cannot be empty"):
        WantedToken("", sink)
    with pytest.raises(TypeError, match="sink must be a Sink"):
        WantedToken("ci", "ci.token")
    with pytest.raises(ValueError, match="grace must be"):
        WantedToken("ci", sink, grace="soon")
    with pytest.raises(ValueError, match="older_than must be"):
        WantedToken("ci", sink, older_than=timedelta(-1))


def test_without_a_reader_of_toml_the_error_says_what_to_install(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", None)
    with pytest.raises(ImportError, match="pip install tomli"):
        read("")


# a first file


def test_a_first_file_says_what_there_is(api, server, read, tmp_path):
    account = server.add_service_account("sa::ci", tokens=0)
    names = [
        "nightly",
        "a/b",
        'q"uo\\te',
        "a b",
        "b\u202ec",
        "",
        "twin",
        "twin",
        UUID,
        "x ~mint-0123456789",
    ]
    tokens = [server.add_token(account, name) for name in names]
    user = server.add_user("bob@example.com", tokens=0)
    server.add_token(user, "of bob")
    own = server.add_token(server.user, "mine")
    text = tokens_file_of(list_tokens(api, customer=True), f"{tmp_path}/keys", server.user.id)
    found = {each.name: each for each in read(text)}
    assert {*names[:5], "mine"} == {*found}
    assert found["mine"].account is None
    assert found["nightly"].account == "sa::ci"
    assert found["nightly"].older_than is None
    places = {name: os.path.basename(each.sink.path) for name, each in found.items()}
    assert places["nightly"] == "nightly"
    assert sorted([places["a/b"], places["a b"]])[0] == "a-b"
    assert len(set(places.values())) == len(places)
    assert all(each.sink.path.startswith(f"{tmp_path}/keys/") for each in found.values())
    assert not any(token.token_id in text for token in [*tokens, own])
    assert UUID not in text
    for reason in ("another user", "no name", "should not hold", "under way", "shares its name"):
        assert reason in text


def test_a_first_file_leaves_open_where_tokens_go(api, server, read):
    account = server.add_service_account("sa::ci", tokens=0)
    server.add_token(account, "nightly")
    text = tokens_file_of(list_tokens(api, account="sa::ci"))
    (problem,) = mistakes(read, text)
    assert "it needs one of file, keyring, command" in problem
    (token,) = read(text.replace("# file =", "file ="))
    assert (token.name, token.account) == ("nightly", "sa::ci")


def test_a_first_file_names_the_account_that_was_asked_for(api, server, read):
    listed = [{"tokenID": "t" * 9, "tokenName": "nightly"}]
    body = {"status": {"result": "OK", "message": "", "code": 200}, "response": listed}
    server.inject(2, method="GET", body=body)
    tokens = list_tokens(api, account="sa::ci")
    (token,) = read(tokens_file_of(tokens, "keys", account="sa::ci"))
    assert token.account == "sa::ci"
    text = tokens_file_of(tokens, "keys", own="me@example.com")
    assert "does not say" in text
    assert read(text) == []


# the schema for editors


def test_the_schema_names_and_describes_the_same_keys():
    of_token = SCHEMA["properties"]["token"]["items"]["properties"]
    of_defaults = SCHEMA["properties"]["defaults"]["properties"]
    assert {key: each["description"] for key, each in of_token.items()} == KEYS
    assert {key: each["description"] for key, each in of_defaults.items()} == DEFAULTS
    assert all(of_token[key] == each for key, each in of_defaults.items())


@for_all(
    ("entry", "is_right"),
    [
        ({"name": "a", "file": "a"}, True),
        (
            {"name": "a", "file": "a", "format": "env:NAME", "older_than": "90d", "grace": "0h"},
            True,
        ),
        ({"name": "a", "keyring": "a/b", "account": "sa::a", "profile": "prod"}, True),
        ({"name": "a", "command": ["gh", "secret"], "verify": ["./smoke-test"]}, True),
        ({"name": "a"}, False),
        ({"file": "a"}, False),
        ({"name": "", "file": "a"}, False),
        ({"name": "a", "file": "a", "keyring": "a/b"}, False),
        ({"name": "a", "keyring": "a/b", "format": "raw"}, False),
        ({"name": "a", "keyring": "a"}, False),
        ({"name": "a", "file": "a", "format": "yaml"}, False),
        ({"name": "a", "file": "a", "token": "x"}, False),
        ({"name": "a", "file": "a", "older_than": "90 days"}, False),
        ({"name": "a", "command": "gh"}, False),
        ({"name": "a", "command": []}, False),
        ({"name": "a", "command": [""]}, False),
    ],
)
def test_the_schema_judges_as_the_reader_does(read, entry, is_right):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid({"token": [entry]}) is is_right
    text = "[[token]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in entry.items())
    if is_right:
        assert len(read(text)) == 1
    else:
        assert mistakes(read, text)
