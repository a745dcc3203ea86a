"""What each command prints in each form is what the files of `golden/` hold, and what the schemas say.

After a change that is meant, `GOLDEN=renew pytest test/cli/test_output.py` writes them anew: read the
difference before it is committed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import uuid
from pathlib import Path
from random import Random
from typing import get_args

import jsonschema
import pytest
from test_golden import Screen

from wavefront_api_client.cli import _app
from wavefront_api_client.cli._output import KINDS, TOKEN, write_csv, write_json, write_tabs
from wavefront_api_client.cli._table import shortened, width_of, write_table
from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens._apply import JOBS, Action

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = json.loads((ROOT / "docs" / "command-output.json").read_text(encoding="utf-8"))

CI = ["--account", "sa::ci"]
CALLS = {
    "status": [["status"]],
    "list": [["list"], ["list", *CI, "--where", "stale"], ["list", "--where", "near-limit"]],
    "find": [["find", "trial"]],
    "mint": [
        ["mint", "new", *CI, "--to-file", "key"],
        ["mint", "new", *CI, "--to-file", "key", "--if-absent"],
    ],
    "deliver": [["deliver", "nightly", "--to-file", "key"]],
    "rename": [["rename", "nightly", "daily"]],
    "rotate": [
        ["rotate", "nightly", "--to-file", "key", "--dry-run"],
        ["rotate", "nightly", "--to-file", "key"],
        ["rotate", "nightly", "--to-file", "key", "--finish"],
        ["rotate", "nightly", "--to-file", "key", "--finish"],
        ["rotate", "nightly", "--to-file", "key", "--older-than", "9d"],
    ],
    "plan": [["plan", "tokens.toml"], ["plan", "tokens.toml", "--unmanaged"]],
    "apply": [
        ["apply", "tokens.toml", "--check"],
        ["apply", "tokens.toml"],
        ["apply", "tokens.toml"],
    ],
    "audit": [
        ["audit"],
        ["audit", "--all", "--where", "name=build"],
        ["audit", "--near-limit", "2"],
    ],
    "revoke": [
        ["revoke", "--where", "never-used", "--dry-run"],
        ["revoke", "nobody", "trial", "--yes"],
        ["revoke", "--where", "account=admin@example.com", "--yes"],
    ],
}
TOKENS = """
[defaults]
account = "sa::ci"
older_than = "90d"

[[token]]
name = "build"
file = "build.token"

[[token]]
name = "nightly"
file = "nightly.token"

[[token]]
name = "new"
file = "new.token"

[[token]]
name = "broken"
file = "no-such-folder/broken.token"

[[token]]
name = "elsewhere"
account = "sa::nobody"
file = "elsewhere.token"
"""
KIND = {
    **dict.fromkeys(("list", "find", "audit"), "token"),
    **dict.fromkeys(("mint", "deliver", "rename"), "change"),
    "rotate": "rotation",
    "plan": "planned",
    "apply": "applied",
    "revoke": "revocation",
    "status": "status",
}


@pytest.fixture
def fixed(monkeypatch, tmp_path):
    """A customer whose handles are the same in each run."""
    dice = Random(7)
    monkeypatch.setattr("uuid.uuid4", lambda: uuid.UUID(int=dice.getrandbits(128), version=4))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tokens.toml").write_text(TOKENS)
    with TokenServer() as server:
        server.add_customer()
        monkeypatch.setenv("WAVEFRONT_URL", server.url)
        monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
        yield


def same(text):
    """A text without what is different each time."""
    text = re.sub(r"[^\s\"']*/test_each_form_of_each_command\d+", "FOLDER", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d{3}Z)?", "TIME", text)
    return re.sub(r"127\.0\.0\.1:\d+", "INSTANCE", re.sub(r"\d{4}-\d\d-\d\d", "DAY", text))


@pytest.mark.parametrize("form", ["table", "pipe", "json", "csv"])
@pytest.mark.parametrize("name", CALLS)
def test_each_form_of_each_command(alone, fixed, monkeypatch, name, form):
    printed = []
    for call in CALLS[name]:
        if form == "table":
            monkeypatch.setattr("sys.stdout", Screen())
        done = alone(*call, "--no-color", "-o", form.replace("pipe", "table"))
        out = Screen.getvalue(__import__("sys").stdout) if form == "table" else done.out
        printed += [f"$ wavefront-tokens {' '.join(call)}", out + done.err, f"-> {done.status}", ""]
    text = same("\n".join(printed)).replace("\r", "")
    path = GOLDEN / f"{name}.{form}.txt"
    if os.environ.get("GOLDEN") == "renew":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("nightly", 7, "nightly"),
        ("nightly", 6, "nig\u2026ly"),
        ("\u6771\u4eac\u6771\u4eac", 8, "\u6771\u4eac\u6771\u4eac"),
        ("\u6771\u4eac\u6771\u4eac", 6, "\u6771\u2026\u4eac"),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
    ],
)
def test_the_middle_of_a_name_gives_way(text, width, short):
    assert shortened(text, width) == short
    assert width_of(short) <= width


@pytest.mark.parametrize("write", [write_json, write_csv, write_tabs])
def test_rows_are_written_as_they_are_made(monkeypatch, write):
    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    row = dict.fromkeys(TOKEN, "x")

    def rows():
        for number in range(3):
            assert out.getvalue().count("x") == number * len(TOKEN)
            yield row

    write(rows(), TOKEN)


def test_all_commands_have_their_files():
    assert {*CALLS} == {*KIND} == {*_app.COMMANDS} - {"demo", "completion", "init"}


@pytest.mark.parametrize("name", CALLS)
def test_the_schema_of_each_command_is_true_of_what_it_writes(alone, fixed, name):
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMAS["$defs"]}
    found = []
    for call in CALLS[name]:
        rows = json.loads(alone(*call, "-o", "json").out)
        jsonschema.Draft202012Validator(schema).validate(rows)
        found += rows
    assert {tuple(row) for row in found} == {KINDS[KIND[name]]}


def required(schema):
    """The keys that a schema of rows asks for."""
    while "$ref" in schema and "required" not in schema:
        schema = SCHEMAS["$defs"][schema["$ref"].rpartition("/")[2]]
        schema = schema.get("items", schema)
    base = required({"$ref": schema["$ref"]}) if "$ref" in schema else set()
    return base | {*schema["required"]}


@pytest.mark.parametrize("name", CALLS)
def test_the_schemas_ask_for_all_keys(name):
    assert required({"$ref": f"#/$defs/{name}"}) == {*KINDS[KIND[name]]}


def test_the_schemas_are_schemas():
    jsonschema.Draft202012Validator.check_schema(SCHEMAS)


def test_the_schema_of_a_plan_has_every_action():
    actions = SCHEMAS["$defs"]["plan"]["items"]["properties"]["action"]["enum"]
    assert actions == [*get_args(Action), "unmanaged"]


def test_the_command_and_the_function_work_on_as_many_accounts_at_once():
    options = {each.name: each.default for each in _app.app.get_command(None, "apply").params}
    assert options["jobs"] == JOBS


@pytest.mark.parametrize("name", CALLS)
def test_csv_has_the_columns_of_json(alone, fixed, name):
    out = alone(*CALLS[name][0], "-o", "csv").out
    assert tuple(next(csv.reader(io.StringIO(out)))) == KINDS[KIND[name]]


@pytest.mark.parametrize(("columns", "said"), [("80", "unknown"), ("30", "?")])
def test_a_time_that_nobody_knows_is_not_never(monkeypatch, columns, said):
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("COLUMNS", columns)
    row = {"name": "ci", "created": None, "lastUsed": None, "flags": [], "now": None}
    write_table([row | {"name": "a name that is long"}], ["name", "created", "lastUsed"], False)
    assert screen.getvalue().split()[-2:] == [said, said]
