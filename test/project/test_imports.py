"""The imports of the package run one way, from the top of this list to its bottom."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "wavefront_api_client"

LAYERS = [
    ["__init__"],
    ["api.__init__"],
    ["api.api_token_api"],
    ["types"],
    ["api_client"],
    ["_reading", "_workers"],
    ["rest"],
    ["_error_context", "_faults"],
    ["_transport.__init__"],
    ["_transport.pools"],
    ["_transport.connections"],
    ["_transport.answers", "_transport.sockets", "_transport.tls"],
    ["_transport.bodies", "_transport.head"],
    ["_transport.errors"],
    ["_transport.exchange"],
    ["exceptions", "_redirects", "_request"],
    ["configuration", "_proxy"],
    ["retry", "_error_body", "_redaction", "_debug_log"],
    ["models.__init__"],
    ["models.response_container_api_token_model", "models.response_container_user_api_token"],
    [
        "models.response_container_list_api_token_model",
        "models.response_container_list_user_api_token",
    ],
    ["models.api_token_model", "models.user_api_token", "models.response_status"],
    ["models._account_types", "_model"],
    ["_operations"],
    ["_operation"],
    ["_path"],
    [
        "_answer",
        "_files",
        "_frames",
        "_host",
        "_json",
        "masking",
        "_lazy",
        "_sendable",
        "_sentinel",
        "_serialization",
        "_timeouts",
        "_unescape",
        "_version",
        "_warn",
    ],
    ["_latch", "_transport.unlocked", "_http_date", "_url"],
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}

# What does the work of urllib3, and the family of exceptions, which are also its own.
USERS_OF_URLLIB3 = {"_transport", "exceptions"}


FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "testing" not in path.parts
}


def imported_at_once(path):
    """What a module imports when it is imported: not in functions, and not for type checkers."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_its_layer():
    assert set(FILES) == set(LEVEL)


@pytest.mark.parametrize("module", FILES)
def test_imports_run_one_way(module):
    prefix = "wavefront_api_client."
    ours = {
        name[len(prefix) :] for name in imported_at_once(FILES[module]) if name.startswith(prefix)
    }
    ours |= {f"{name}.__init__" for name in ours}
    assert [name for name in ours if name in LEVEL and LEVEL[name] <= LEVEL[module]] == []


@pytest.mark.parametrize("module", FILES)
def test_who_knows_urllib3(module):
    if any(name.split(".")[0] == "urllib3" for name in imported_at_once(FILES[module])):
        assert module.split(".")[0] in USERS_OF_URLLIB3


def test_the_service_uses_the_models_and_nothing_else():
    for path in sorted((PACKAGE / "testing").glob("*.py")):
        for name in imported_at_once(path):
            ours = name.startswith("wavefront_api_client.")
            assert not ours or ".testing" in name or ".models" in name, path


def test_one_idiom_for_what_only_type_checkers_read():
    """A constant of its own has only what `import wavefront_api_client` runs, typing spared."""
    constants = [
        name
        for name, path in FILES.items()
        if "\nTYPE_CHECKING" in path.read_text(encoding="utf-8")
    ]
    assert constants == ["__init__", "_lazy"]
    for name in constants:
        assert "\nTYPE_CHECKING: bool = False\n" in FILES[name].read_text(encoding="utf-8")
