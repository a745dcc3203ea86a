"""Tests leave the private attributes of objects alone: what they replace or watch has a name.

A client has its `clock` and its `sleep`. Objects of the engine (modules with an underscore) have
names without one for whatever somebody else needs. Functions and constants of modules may be used.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from agreement import agree
from cases import for_all

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "test"

# What has no other name, and why.
PERMITTED = {
    ("client/test_review_findings.py", "_run"): "a thread that dies, as a killed greenlet does",
    ("project/test_lists.py", "_asdict"): "a public method of any named tuple",
    ("project/test_lists.py", "_fields"): "what a model declares; nothing public says as much",
    ("testing/test_plugin.py", "_get_wrapped_function"): "what pytest has made a fixture of",
    ("tokens/test_revoke.py", "_replace"): "a public method of any named tuple",
    ("unit/test_retry.py", "_replace"): "a public method of any named tuple",
    ("unit/test_answers_in_time.py", "_tunnel"): "what http.client calls to open a tunnel",
    ("unit/test_debug_log.py", "_registry"): "the only list of finalizers that there is",
}

BY_TEXT = {"setattr", "delattr", "getattr", "hasattr", "object"}
"""Functions that take the name of an attribute as text, such as `mock.patch.object`."""


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def modules_of(nodes):
    """The names by which a file knows modules."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = ROOT.joinpath(*node.module.split("."))
            for alias in node.names:
                if folder.joinpath(f"{alias.name}.py").exists():
                    yield alias.asname or alias.name


def attributes_of(nodes):
    """Pairs of what has an attribute and the private attribute, wherever one is used."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            yield ast.unparse(node.value), node.attr
        elif isinstance(node, ast.Call) and len(node.args) > 1:
            name = getattr(node.args[1], "value", None)
            is_by_text = ast.unparse(node.func).rpartition(".")[2] in BY_TEXT
            if is_by_text and isinstance(name, str) and is_private(name):
                yield ast.unparse(node.args[0]), name


def reaches_into(source):
    """The private attributes that a file uses of objects, except by and of its own classes."""
    nodes = list(ast.walk(ast.parse(source)))
    owners = {"self", "cls", *modules_of(nodes)}
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    for owner, name in attributes_of(nodes):
        if owner not in owners and name not in names:
            yield name


@for_all(
    ("source", "found"),
    [
        ("client.rest_client._pid", ["_pid"]),
        ("client._workers.pool()", ["_workers"]),
        ("monkeypatch.setattr(client, '_workers', 5)", ["_workers"]),
        ("patch.object(a.b, '_c')", ["_c"]),
        ("from wavefront_api_client._core.background import Workers\nWorkers._limit", ["_limit"]),
        ("from wavefront_api_client._core import wire\nwire._weight", []),
        ("import os\nos._exit(0)", []),
        ("import http.client\nhttp.client._MAXHEADERS", []),
        ("class A:\n def f(self): self._b", []),
        ("class A:\n def _f(self): pass\nA()._f()", []),
        ("a.__dict__", []),
    ],
)
def test_a_reach_is_seen(source, found):
    assert list(reaches_into(source)) == found


@pytest.mark.slow
def test_no_test_reaches_into_what_is_private():
    found = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("*.py")
        for name in reaches_into(path.read_text(encoding="utf-8"))
    }
    agree("PERMITTED", {*PERMITTED}, found)
