"""Files as people have them: a token goes into them for the programs that read them, or not at all.

The readers are bash, dash, python-dotenv and json themselves; those of Docker (`--env-file`) and
systemd (`EnvironmentFile=`) are written down here, by their rules.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess

import pytest
from cases import drawn, for_all, texts
from hypothesis import assume, given
from hypothesis import strategies as st

from wavefront_api_client.tokens import DeliveryFailed, FileSink, Secret
from wavefront_api_client.tokens._formats import Env, Json

dotenv = pytest.importorskip("dotenv.parser")

NAME = "WAVEFRONT_TOKEN"
NEW = "7b5e1c3a-9d0f-4e2b-8a6c-1f2d3e4b898d"
OLD = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"


# Readers: what each of them has in a text, None if it does not take it.


def shell(program):
    """A shell that reads the file with `.`, without startup files and with an empty environment."""

    def read(data):
        with subprocess.Popen(
            [program, "-c", 'set -a; . /dev/fd/0; PATH=/usr/bin:/bin; env -0; echo "$-" >&2'],
            env={"HOME": "/nonexistent"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            found, errors = process.communicate(data)
        if process.returncode or errors.strip().count(b"\n") or not errors.startswith(b"a"):
            return None
        pairs = (each.partition(b"=") for each in found.split(b"\0") if each)
        own = {b"_", b"PWD", b"OLDPWD", b"SHLVL", b"PATH", b"HOME"}
        return {name.decode(): value for name, _, value in pairs if name not in own}

    return read


def python_dotenv(data):
    try:
        bindings = list(dotenv.parse_stream(io.StringIO(data.decode(), newline="")))
    except UnicodeDecodeError:
        return None
    if any(each.error for each in bindings):
        return None
    return {each.key: each.value for each in bindings if each.key}


def docker(data):
    """A line is a variable as it stands; white space in its name is an error."""
    found = {}
    for line in (each.removesuffix(b"\r").lstrip() for each in data.split(b"\n")):
        name, equals, value = line.partition(b"=")
        if line and not line.startswith(b"#"):
            if b" " in name or b"\t" in name or not name:
                return None
            if equals:
                found[name.decode(errors="replace")] = value
    return found


def systemd(data):
    """The states of `parse_env_file` of systemd; a name that is none is skipped."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    found, name, value, state, blanks = {}, "", "", "before", 0
    for char in text + "\n":
        is_end = char in "\n\r"
        if state == "before":
            if char in "#;":
                state = "comment"
            elif not char.isspace():
                name, value, state = char, "", "name"
        elif state == "name":
            if is_end:
                state = "before"
            elif char == "=":
                state = "start"
            else:
                name += char
        elif state in ("start", "value"):
            if is_end:
                found[name.rstrip()] = value[: len(value) - blanks]
                state, blanks = "before", 0
            elif char in "'\"" and state == "start":
                state, blanks = char, 0
            elif char == "\\":
                state, blanks = "escape", 0
            elif state == "value" or not char.isspace():
                value += char
                blanks = blanks + 1 if char in " \t" else 0
                state = "value"
        elif state == "escape":
            value += "" if is_end else char
            state = "value"
        elif state in ("'", '"'):
            if char == state:
                state = "start"
            elif char == "\\" and state == '"':
                state = "escape in quotes"
            else:
                value += char
        elif state == "escape in quotes":
            value += char if char in '"\\`$' else "" if char == "\n" else "\\" + char
            state = '"'
        elif state == "comment":
            state = "escape in comment" if char == "\\" else "before" if is_end else state
        else:
            state = "comment"
    found = {k: v for k, v in found.items() if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", k)}
    return None if state not in ("before", "comment") else found


SHELLS = {name: shell(name) for name in ("bash", "dash") if shutil.which(name)}
READERS = {"dotenv": python_dotenv, "docker": docker, "systemd": systemd}


def as_text(value):
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def hold(before, after, readers):
    """Each reader that takes the file finds the token in it, and all else as before."""
    was_there = re.search(rb"^[ \t]*(export[ \t]+)?" + NAME.encode() + b"=", before, re.MULTILINE)
    took = 0
    for name, read in readers.items():
        if name in SHELLS and b"\r" in before:
            # To a shell, all of its values end with a carriage return.
            continue
        old, new = read(before), read(after)
        assert (old is None) == (new is None), name
        if old is not None:
            has_it = NAME in old or not was_there
            assert not has_it or as_text(new[NAME]) == NEW, (name, new)
            old.pop(NAME, None), new.pop(NAME, None)
            assert old == new, name
            took += has_it
    return took


# Files that are edited


def of(dialect, *texts):
    return [(dialect, text) for text in texts]


ENV = [
    *of(
        "new",
        "",
        "\n",
        "\n\n",
        "# only a comment",
        "  # only a comment\n",
        "#\n",
        "A=1",
        "A=1\n",
        "A=1\n\n\n",
        "A=1\r\n",
        "A=1\r\nB=2",
        "A=\n",
        "A=''\n",
        'A=""\n',
    ),
    *of(
        "docker",
        f"{NAME}={OLD}",
        f"{NAME}={OLD}\n",
        f"{NAME}=\n",
        f"{NAME}=changeme\n",
        f"{NAME}={OLD}\nDEBUG=1\n",
        f"DEBUG=1\n{NAME}={OLD}\n",
        f"# the token\n{NAME}={OLD}\n# the end\n",
        f"#{NAME}=old\n",
        f"# {NAME}=old\nMY_{NAME}=x\n{NAME}_2=y\n",
        f"A=#1\n{NAME}={OLD}\n",
        f"A=a#b\n{NAME}={OLD}\n",
        f"A=b=c==\n{NAME}={OLD}\n",
        f"URL=https://example.com/x?y=1#z\n{NAME}={OLD}\n",
        f"HOSTS=a,b,c:80\n{NAME}={OLD}\n",
        f"A=50%\nB=a@b.c\nC=*\nD=[x]\nE={{x}}\n{NAME}={OLD}\n",
        f"A=\u00e9\u4e2d\n{NAME}={OLD}\n",
        f"   {NAME}={OLD}\n",
        f"\tA=1\n\t{NAME}={OLD}\n",
        f"{NAME}=one\n{NAME}=two\n",
        f"A=1\r\n{NAME}={OLD}\r\nB=2\r\n",
        f"\r\n# comment\r\n{NAME}={OLD}",
    ),
    *of(
        "systemd",
        f'A="b c"\n{NAME}={OLD}\n',
        f"A='b c'\n{NAME}={OLD}\n",
        f'A="b \\"c\\" d"\n{NAME}={OLD}\n',
        f'A="it\'s"\n{NAME}={OLD}\n',
        f"A='say \"hi\"'\n{NAME}={OLD}\n",
        f'{NAME}="{OLD}"\nA=1\n',
        f"{NAME}='{OLD}'\nA=1\n",
        f'OPTS="--a --b=\'c d\'"\n{NAME}={OLD}\n',
        f"A='$x `y` ; z'\n{NAME}={OLD}\n",
        f'A="b # c"\n{NAME}={OLD}\n',
        f'A="b; c & d | e < f > (g)"\n{NAME}={OLD}\n',
        f"A='' \n{NAME}={OLD}\n",
        f"A=1  \n{NAME}={OLD}\n",
        f"A=C:\\dir\n{NAME}={OLD}\n",
        f"A=a\\ b\n{NAME}={OLD}\n",
        f"# it's a comment\n{NAME}={OLD}\n",
        f'# "open\n{NAME}={OLD}\n',
        f"# `$(\n{NAME}={OLD}\n",
        f"# cat << EOF\n{NAME}={OLD}\n",
    ),
    *of(
        "bash",
        f"export {NAME}={OLD}\n",
        f"export {NAME}='{OLD}'\n",
        f'export {NAME}="{OLD}"\n',
        f"export\t{NAME}={OLD}\n",
        f"  export   {NAME}={OLD}\n",
        f"export {NAME}={OLD} # of the team\n",
        f"export {NAME}={OLD}\t# it's of the team\n",
        f'export {NAME}="{OLD}"   # "of" the team\n',
        f"export {NAME}= # to be filled in\n",
        f"export {NAME}={OLD}   \n",
        f"export A=1\nexport {NAME}={OLD}\nexport B=2\n",
        f"export A=$HOME/x\n{NAME}={OLD}\n",
        f"export A=${{HOME}}/x:$HOME\n{NAME}={OLD}\n",
        f'export A="$HOME/x y"\n{NAME}={OLD}\n',
        f'export A="a\\$b"\n{NAME}={OLD}\n',
        f'A="cost: 5$"\n{NAME}={OLD}\n',
        f"A=~/x\n{NAME}={OLD}\n",
        f"A=1 # it's one\n{NAME}={OLD}\n",
        f'A=1 # "one\n{NAME}={OLD}\n',
        f"A='x' # 'one\n{NAME}={OLD}\n",
        f"A=a\\'b\n{NAME}={OLD}\n",
        f"A=\\\"b\n{NAME}={OLD}\n",
        f"#!/bin/sh\nexport {NAME}={OLD}\n",
        "#!/usr/bin/env bash\n# shellcheck disable=SC2034\nA=1\n",
        "_A=1\n__=2\nA1_=3\n",
    ),
    *of(
        "dotenv",
        f"A=1\n\nB=2\n\n{NAME}={OLD}\n",
        f'KEY="-----BEGIN-----\\nabc\\n-----END-----\\n"\n{NAME}={OLD}\n',
        f'A="tab\\tnew\\nline"\n{NAME}={OLD}\n',
        f"A='a' # comment\nB=\"b\" # comment\nC=c # comment\n{NAME}={OLD}\n",
        f'export A="x"\n{NAME}={OLD}',
        f'{NAME}=""\n',
        f"{NAME}=''\r\nA=1\r\n",
        f"DB=postgres://u:p@host:5432/db\n{NAME}={OLD}\n",
        f"A=!x^y~z\n{NAME}={OLD}\n",
        f"COMPOSE_PROJECT_NAME=demo\nTAG=1.2.3-rc+1\n{NAME}={OLD}\n",
    ),
]  # fmt: skip


def deliver(path, form, before):
    path.write_bytes(before)
    sink = FileSink(path, form)
    sink.check()
    assert path.read_bytes() == before
    sink.deliver(Secret(NEW))
    assert sink.matches(Secret(NEW)) is True
    assert sink.matches(Secret(OLD)) is False
    return path.read_bytes()


@for_all(("dialect", "text"), ENV)
def test_every_reader_finds_the_token_and_all_else_as_before(tmp_path, dialect, text):
    before = text.encode()
    after = deliver(tmp_path / "env", "env", before)
    assert OLD.encode() not in after
    assert hold(before, after, {**SHELLS, **READERS}) >= 2
    assert others(after) == others(before)


def others(data):
    return [line for line in data.splitlines() if NAME.encode() not in line]


# Files that are refused

BOM = "\ufeff"
REFUSED = [
    *of(
        "bash",
        f"A=x {NAME}=y\n",
        f"{NAME}=x OTHER=y\n",
        f"{NAME}=x; export {NAME}\n",
        f"{NAME}=x\nexport {NAME}\n",
        f"export A=1 {NAME}=x\n",
        f"export {NAME}\n",
        f"A=1; {NAME}=x\n",
        f"A=1 && {NAME}=x\n",
        f"A=1&{NAME}=x\n",
        f"A='\n{NAME}=x\n'\n",
        f'A="\n{NAME}=x\n"\n',
        f"{NAME}='x\ny'\n",
        f'{NAME}="x\ny"\n',
        f"{NAME}=x\\\ny\n",
        f"A=x\\\n{NAME}=y\n",
        f"# comment \\\n{NAME}=y\n",
        f"A=1 # comment \\\n{NAME}=y\n",
        f"cat <<EOF\n{NAME}=x\nEOF\n",
        f"A=$(cat <<'E'\n{NAME}=x\nE\n)\n",
        f"A=$(\n{NAME}=x\n)\n",
        f"A=`\n{NAME}=x\n`\n",
        f'A="$(\n{NAME}=x\n)"\n',
        f'A="`\n{NAME}=x\n`"\n',
        f"A=${{B:-\n{NAME}=x\n}}\n",
        f'A="${{B:-\n{NAME}=x\n}}"\n',
        f"A=$((\n{NAME}=5))\n",
        f"A=$(({NAME}=5))\n",
        f"A=$[{NAME}=5]\n",
        f"A=$'x\\'\n{NAME}=y\n'\n",
        f"A=(\n{NAME}=x\n)\n",
        f"if false; then\n{NAME}=x\nfi\n",
        f"f() {{\n{NAME}=x\n}}\n",
        f"{{ {NAME}=x; }}\n",
        f"({NAME}=x)\n",
        f"exit\n{NAME}=x\n",
        f"return\n{NAME}=x\n",
        f"{NAME}=x\nunset {NAME}\n",
        f"{NAME}=x\n. other.sh\n",
        f"{NAME}=x\nsource other.sh\n",
        f"set -a\n{NAME}=x\nset +a\n",
        f"{NAME}+=x\n",
        f"readonly {NAME}=x\n",
        f"declare -x {NAME}=x\n",
        f"eval {NAME}=x\n",
        f"A=it's\n{NAME}=x\nB=it's\n",
        f'A=a"b\n{NAME}=x\nB="\n',
        f"A='a'\\''b'\n{NAME}=x\n",
        f"A=$(pass show x)\n{NAME}=x\n",
        f"{NAME}=$(pass show x)\n",
        f": ${{{NAME}:=x}}\n",
    ),
    *of(
        "direnv",
        f"dotenv\nexport {NAME}=x\n",
        f"source_up\nexport {NAME}=x\n",
        f"PATH_add bin\nexport {NAME}=x\n",
        f"layout python\nexport {NAME}=x\n",
        "use nix\n",
    ),
    *of(
        "docker",
        f"JAVA_OPTS=-Xmx1g -Dx=y\n{NAME}=x\n",
        f"URL=http://h/?a=1&b=2\n{NAME}=x\n",
        f"A\n{NAME}=x\n",
        f"{NAME}\n",
        f"spring.x=1\n{NAME}=x\n",
        f"my-name=1\n{NAME}=x\n",
        f"{NAME}=x # comment\n",
        f"{NAME}= # comment\n",
        f"{NAME}=x \n",
        f"{NAME}=x\t\n",
        f"A=it's\n{NAME}=x\n",
        f'A={{"a": 1}}\n{NAME}=x\n',
    ),
    *of(
        "systemd",
        f"; comment\n{NAME}=x\n",
        f"A = 1\n{NAME}=x\n",
        f"{NAME} = x\n",
        f"{NAME}= x\n",
        f"A='a' 'b'\n{NAME}=x\n",
        f"A=\"a\"'b'\n{NAME}=x\n",
        f"A=x\\\\\n{NAME}=y\n",
    ),
    *of(
        "dotenv",
        f"A='a\\'\n{NAME}='x'\n",
        f'A="a\\\\"\n{NAME}="x"\n',
        f'KEY="-----BEGIN\nabc\n-----END"\n{NAME}=x\n',
        f"A: yaml\n{NAME}=x\n",
        f"'A'=1\n{NAME}=x\n",
        f"[section]\n{NAME}=x\n",
        f"1A=1\n{NAME}=x\n",
        f"\u00c4=1\n{NAME}=x\n",
        f"A=1\u00a0\n{NAME}=x\n",
    ),
    *of(
        "encodings",
        f"{BOM}{NAME}=x\n",
        f"{BOM}A=1\n",
        f"{NAME}=x\nA=1{BOM}\x00\n",
        f"A=1\r{NAME}=x\r",
        f"A=1\r\n{NAME}=x\nB=2\r\n",
        f"A=1\x0b\n{NAME}=x\n",
        f"A=\x1b[1m\n{NAME}=x\n",
        f"{NAME}=x\n\x7f\n",
    ),
]  # fmt: skip
BYTES = {
    "UTF-16 with a mark": f"{NAME}=x\n".encode("utf-16"),
    "UTF-16 without": f"{NAME}=x\n".encode("utf-16-le"),
    "UTF-16, big": f"{NAME}=x\n".encode("utf-16-be"),
    "UTF-32": f"{NAME}=x\n".encode("utf-32"),
    "Latin-1": f"A=\u00e9\n{NAME}=x\n".encode("latin-1"),
    "half a character": b"A=\xc3\n",
}


def refuse(path, form, before):
    path.write_bytes(before)
    for act in (FileSink(path, form).check, lambda: FileSink(path, form).deliver(Secret(NEW))):
        with pytest.raises(DeliveryFailed, match=re.escape(str(path))) as caught:
            act()
        assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
    return str(caught.value)


@for_all(("dialect", "text"), [*REFUSED, *BYTES.items()])
def test_what_readers_may_read_differently_is_refused_and_stays(tmp_path, dialect, text):
    data = text if isinstance(text, bytes) else text.encode()
    told = refuse(tmp_path / "env", "env", data)
    assert re.search(
        "line [0-9]+ is more|line [0-9]+ goes on|byte order mark|UTF-16|not UTF-8", told
    )


JSON = [
    "",
    " \n",
    "{}",
    "{ }\n",
    "{\n}\n",
    '{"token": "old"}',
    '{"token": null}',
    '{"token":"old"}\n',
    '{"a": 1, "token": "old", "b": 2}',
    '{"a":1}',
    '{ "a" : 1 }',
    '{"a": {"token": "inner"}, "b": ["token"]}',
    '{\n  "a": 1,\n  "b": [1, 2, {"c": "}"}]\n}\n',
    '{\n\t"a": 1\n}\n',
    '{\r\n  "a": 1\r\n}\r\n',
    '{"a": 1, "a": 2, "token": "old"}',
    '{"a": 123456789012345678901234567890}',
    '{"a": 0.1234567890123456789012345, "b": 1e999, "c": -0.0, "d": 1E+2}',
    '{"a": ' + "9" * 5000 + "}",
    '{"a": "\\ud800", "b": "\\ud83d\\ude00", "c": "\u00e9\U0001f600"}',
    '{"a": "\\u0000\\/\\"\\\\"}',
    '{"to\\u006ben": "old", "a": 1}',
    '{"a": true, "b": false, "c": null, "token": "x"}',
    '  {"a": 1}  ',
]


def pairs(data):
    return json.loads(data, object_pairs_hook=list, parse_int=str, parse_float=str)


@for_all("text", JSON)
def test_a_key_of_json_is_set_and_the_rest_stays_to_the_letter(tmp_path, text):
    before = text.encode()
    after = deliver(tmp_path / "x.json", "json", before)
    new = pairs(after)
    assert dict(new)["token"] == NEW
    assert [each for each in new if each[0] != "token"] == [
        each for each in (pairs(before) if text.strip() else []) if each[0] != "token"
    ]
    # Nothing was cut but the old value.
    assert after.count(b"{") >= before.count(b"{")
    assert [*re.findall(rb"[0-9]{4,}|\\u[0-9a-f]{4}", before)] == re.findall(
        rb"[0-9]{4,}|\\u[0-9a-f]{4}", after.replace(NEW.encode(), b"")
    )


@for_all(
    "data",
    [
        *(
            each.encode()
            for each in (
                "[]",
                "1",
                "null",
                '"x"',
                "{",
                '{"a": NaN}',
                '{"a": -Infinity}',
                '{"a": 1,}',
                "{'a': 1}",
                '{"a": 1} // comment',
                '/* comment */ {"a": 1}',
                '{"a": 1}{"b": 2}',
                '{"token": "x", "token": "y"}',
                '{"token": "x", "to\\u006ben": "y"}',
                '{"token": {"a": 1}}',
                '{"token": ["x"]}',
                '{"token": 1}',
                '{"token": true}',
                '{"a": "\n"}',
                '{"a": 01}',
                "[" * 100_000,
                '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
                "\ufeff{}",
                "token: x",
            )
        ),
        "{}".encode("utf-16"),
        '{"a": 1}'.encode("utf-16-le"),
        b'{"a": "\xe9"}',
        b'{"a": "\xed\xa0\x80"}',
    ],
)
def test_what_is_no_plain_object_is_refused_and_stays(tmp_path, data):
    refuse(tmp_path / "x.json", "json", data)


@for_all("text", ["", "\n", OLD, f"{OLD}\n", f"{OLD}\r\n", f" {OLD} ", f'"{OLD}"'])
def test_a_token_alone_is_replaced(tmp_path, text):
    assert deliver(tmp_path / "token", "raw", text.encode()) == NEW.encode()


@for_all(
    "data",
    [
        f"{NAME}=x\nB=2\n".encode(),
        f"export {NAME}=x\n".encode(),
        b'{\n"token": "x"\n}',
        b"[default]\ntoken = x\n",
        b"machine example.com login me password x\n",
        b"one\ntwo\n",
        f"\ufeff{OLD}".encode(),
        OLD.encode("utf-16"),
        OLD.encode("utf-16-le"),
        b"\xff\xfe\xfd",
        b"\0\0\0",
    ],
)
def test_what_is_more_than_a_token_is_refused_and_stays(tmp_path, data):
    refuse(tmp_path / "token", "raw", data)


def test_the_table_is_large():
    cases = [*ENV, *REFUSED, *BYTES, *JSON]
    assert len(cases) >= 150
    assert len({str(each) for each in cases}) == len(cases)


# Any file

WORDS = st.sampled_from(
    [
        *"ab1 =#'\"\\$`(){}[];&|<>\t~!*\r\u00e9",
        f"{NAME}=",
        "A=",
        "export ",
        "$A",
        "${A}",
        "''",
        '""',
        "\\n",
    ]
)
VALUES = st.sampled_from(["", "b", "'b c'", '"b c"', '"b\\"c"', "$A", "a\\ b", "b # c"])
LINES = st.one_of(
    st.builds("{}{}={}".format, st.sampled_from(["", "export ", "  "]), st.sampled_from(["A", "B", NAME]), VALUES),
    st.builds("A={}".format, st.lists(WORDS, max_size=6).map("".join)),
    st.lists(WORDS, max_size=6).map("".join),
)  # fmt: skip
TEXTS = st.builds(
    lambda lines, newline, end: newline.join(lines) + end,
    st.lists(LINES, max_size=4),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.sampled_from(["", "\n"]),
)


@drawn(400)
@given(TEXTS)
def test_any_file_is_refused_or_read_by_all(text):
    try:
        after = Env(NAME).put(text, NEW)
    except ValueError:
        return
    assert Env(NAME).find(after) == NEW
    # The number of its process differs from run to run.
    assume("$$" not in text)
    hold(text.encode(), after.encode(), {"bash": SHELLS["bash"], **READERS})


VALUES_OF_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(texts(max_size=3), each, max_size=3),
    max_leaves=5,
)


@drawn(200)
@given(
    st.dictionaries(st.sampled_from(["token", "a", "b"]) | texts(max_size=3), VALUES_OF_JSON),
    st.sampled_from([None, 1, "\t"]),
    st.sampled_from([(",", ":"), (", ", " : "), (" ,", ":\t")]),
    st.booleans(),
)
def test_any_object_is_refused_or_keeps_all_but_the_token(value, indent, separators, is_ascii):
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=is_ascii)
    if not isinstance(value.get("token"), (str, type(None))):
        with pytest.raises(ValueError, match="not a text"):
            Json("token").put(text, NEW)
        return
    after = Json("token").put(text, NEW)
    assert Json("token").find(after) == NEW
    assert dict(pairs(after)) == {**dict(pairs(text)), "token": NEW}
    assert [key for key, _ in pairs(after)] == list({**value, "token": NEW})
    if "token" in value:
        old = json.dumps(value["token"], ensure_ascii=is_ascii)
        assert after.replace(json.dumps(NEW), old, 1) == text
