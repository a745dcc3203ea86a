"""The imports of the package run one way, from the top of this list to its bottom."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from agreement import agree
from cases import for_all

ROOT = Path(__file__).parents[2]
PACKAGE = "wavefront_api_client"

LAYERS = [
    ["__init__"],
    ["api.__init__"],
    ["api.api_token_api"],
    ["types"],
    ["api_client"],
    ["rest"],
    ["_core.answers"],
    ["_transport.__init__"],
    ["_transport.pools", "_transport.body", "_transport.errors"],
    ["_transport.connection"],
    ["_transport.answers", "_transport.tls"],
    ["_core.__init__", "_core.background", "configuration"],
    ["credentials", "_core.logs"],
    ["_core.failures"],
    ["exceptions"],
    ["models.__init__"],
    ["models.response_container_api_token_model", "models.response_container_user_api_token"],
    [
        "models.response_container_list_api_token_model",
        "models.response_container_list_user_api_token",
    ],
    ["models.api_token_model"],
    ["models.user_api_token", "models.response_status"],
    ["models._base"],
    ["_core.operations", "_core.request"],
    ["_core.urls", "retry"],
    ["_core.limits", "_core.secrets", "_core.wire"],
    ["_lazy", "_version", "masking"],
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}

# What a function imports when it is called, and why it does not do so at once.
LATE = {
    ("api_client", "mimetypes"): "only a form needs it",
    ("_core.answers", "tempfile"): "only a download needs it",
    ("_lazy", "importlib"): "importing the package imports next to nothing",
    ("models._base", "inspect"): "only a model that a caller makes needs it",
    ("models._base", "masking"): "only a model that is shown needs it",
    ("models._base", "pprint"): "only a model that is shown needs it",
    ("_core.answers", "dateutil.parser"): "only a date needs it, which no answer of a token has",
    ("_core.wire", "six"): "only bytes given as text need it",
    ("_transport.tls", "certifi"): "only TLS without a file of certificates needs it",
    ("_core.secrets", "html"): "only an error that holds HTML needs it",
    (
        "_core.background",
        "multiprocessing",
    ): "only a result that is too late needs it, for its exception",
    ("api_client", "credentials"): "only an access token needs it",
    ("configuration", "credentials"): "only VMware Cloud services need it",
    ("testing.server", "credentials"): "likewise",
    ("configuration", "_core.logs"): "only a log needs it",
    ("configuration", "base64"): "only a user name and password need it",
    ("configuration", "urllib.request"): "only a proxy of the environment needs it",
    ("retry", "datetime"): "only a Retry-After that is a date needs it",
    ("retry", "email.utils"): "likewise",
    (
        "testing.pytest_plugin",
        "testing.server",
    ): "only the fixture needs it: pytest loads the plugin",
    ("testing.pytest_plugin", "datetime"): "likewise",
    ("testing.pytest_plugin", "importlib"): "likewise",
    ("tokens._audit", "json"): "only a report that leaves the process needs it",
    ("tokens._audit", "tokens._report"): "likewise; it needs jinja2, which is an extra",
    ("tokens._report", "jinja2"): "only the page of a report needs it, which is an extra",
    ("tokens._atomic", "fcntl"): "only a file needs it, and not every system has it",
    ("tokens._atomic", "tempfile"): "only a file that is checked needs it",
    ("tokens.sinks", "keyring"): "only a keyring needs it, which is an extra",
    ("tokens.sinks", "shutil"): "only a command needs it",
    ("tokens.sinks", "tokens._command"): "likewise",
    (
        "testing.server",
        "__init__",
    ): "only who wants a configuration for the service needs the client",
}

# Those that run upwards, which none may that are made at once: they would run in a circle.
UPWARDS = {
    ("masking", "_core.secrets"): "what hides secrets in messages, for others to use",
    ("models._base", "configuration"): "the default configuration says whether a model validates",
    (
        "_core.operations",
        "models.user_api_token",
    ): "what a body is; a call without one waits for no model",
}

# What the command uses of `tokens` that has no public name, for nobody else needs it.
SHARED_WITH_THE_COMMAND = {
    ("cli._failures", "tokens._text"): "tables on stderr as plans have them",
    ("cli._options", "tokens._clock"): "durations as functions read them",
    ("cli._output", "tokens._audit"): "the columns of a row, and how a time is written",
    ("cli._output", "tokens._text"): "CSV as in a report, and what is invisible made visible",
}

# What imports by name at run time, so that these tests cannot see it.
BY_NAME = {
    "_lazy": "the names that a package exports, each when it is first used",
    "testing.__init__": "likewise, so that the tests of others load no server",
    "tokens.__init__": "likewise, so that a listing does not load rotations",
    "testing.pytest_plugin": "the clock of token operations, which a fixture sets",
    "cli._app": "the module of a command, when that is called",
    "tokens._wanted": "the reader of TOML, which is another package before Python 3.11",
}

# Those that name urllib3, beside the folder that does its work; for type checkers, in the end.
USERS_OF_URLLIB3 = {
    ("_core.limits", "types"): "a time limit may be one of urllib3, by contract",
    ("exceptions", "at once"): "its exceptions have one of urllib3 as a base class, by contract",
    ("rest", "at once"): "its attribute pool_manager is one of urllib3, by contract",
}


def short(path):
    return ".".join(path.relative_to(ROOT / PACKAGE).with_suffix("").parts)


FILES = {short(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py"))}
SERVICE = {module for module in FILES if module.startswith("testing.")}
WINGS = {
    wing: {module for module in FILES if module.startswith(f"{wing}.")}
    for wing in ("tokens", "cli")
}
"""What is built on the public names of the package alone, each on those before it."""
CORE = {*FILES}.difference(SERVICE, *WINGS.values())


def statements(node, when="at once"):
    """Each import below a node of a syntax tree: made at once, late, or by type checkers alone."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield node, when
    is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    for_types = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    is_negated = for_types and isinstance(node.test, ast.UnaryOp)
    for child in ast.iter_child_nodes(node):
        if for_types and (child in node.orelse if is_negated else child in node.body):
            yield from statements(child, "types")
        else:
            yield from statements(child, "late" if is_function and when == "at once" else when)


def named(node, module):
    """The modules that an import names, ours as in the lists above."""
    if isinstance(node, ast.Import):
        names = [(alias.name, "") for alias in node.names]
    else:
        parents = [PACKAGE, *module.split(".")][: -node.level] if node.level else []
        base = ".".join([*parents, *filter(None, [node.module])])
        names = [(base, alias.name) for alias in node.names]
    for base, name in names:
        # The standard library has a module `types`, too.
        yield ours(f"{base}.{name}") or ours(base) or (f"{base} " if base in FILES else base)


def ours(name):
    path = name.partition(f"{PACKAGE}.")[2] if name != PACKAGE else "__init__"
    return next((each for each in (path, f"{path}.__init__") if each in FILES), None)


def imports_of(module, source):
    """Pairs of a module that is imported, and when."""
    return {
        (name, when) for node, when in statements(ast.parse(source)) for name in named(node, module)
    }


@cache
def imports_in(module):
    return imports_of(module, FILES[module].read_text(encoding="utf-8"))


def imported(module, when):
    return {name for name, time in imports_in(module) if time == when}


@for_all(
    ("module", "source", "found"),
    [
        ("rest", "import json, urllib3.util", {("json", "at once"), ("urllib3.util", "at once")}),
        ("rest", "import wavefront_api_client as w", {("__init__", "at once")}),
        ("rest", "from wavefront_api_client import ApiClient, retry", {("__init__", "at once"), ("retry", "at once")}),
        ("rest", "from wavefront_api_client.retry import *", {("retry", "at once")}),
        ("rest", "from . import retry, models", {("retry", "at once"), ("models.__init__", "at once")}),
        ("rest", "from .models.user_api_token import X", {("models.user_api_token", "at once")}),
        ("models.__init__", "from . import user_api_token", {("models.user_api_token", "at once")}),
        ("models.user_api_token", "from ._base import Field", {("models._base", "at once")}),
        ("models.user_api_token", "from .. import rest, x", {("rest", "at once"), ("__init__", "at once")}),
        ("rest", "try:\n import a\nexcept E:\n import b", {("a", "at once"), ("b", "at once")}),
        ("rest", "class A:\n import a", {("a", "at once")}),
        ("rest", "def f():\n if x:\n  from .retry import a", {("retry", "late")}),
        ("rest", "class A:\n async def f(self):\n  import a", {("a", "late")}),
        ("rest", "if TYPE_CHECKING:\n import a\nelse:\n import b", {("a", "types"), ("b", "at once")}),
        ("rest", "if not TYPE_CHECKING:\n import a\nelse:\n import b", {("a", "at once"), ("b", "types")}),
        ("rest", "def f():\n if typing.TYPE_CHECKING:\n  import a", {("a", "types")}),
    ],
)  # fmt: skip
def test_an_import_is_seen_however_it_is_written(module, source, found):
    assert imports_of(module, source) == found


def test_every_module_has_its_layer():
    agree("LAYERS", {*LEVEL}, CORE)


@for_all("module", LEVEL)
def test_imports_run_one_way(module):
    late = {name for name in imported(module, "late") if (module, name) not in UPWARDS}
    below = {name for name in LEVEL if LEVEL[name] > LEVEL[module]}
    upwards = ((imported(module, "at once") | late) & {*FILES}) - below
    assert not upwards, f"{module} imports {', '.join(sorted(upwards))}, which is not below it"


LONGEST_CHAIN = 9


@cache
def chain(module):
    """A module and what it imports at once, one after the other, as far as that goes."""
    below = [chain(name) for name in imported(module, "at once") & CORE - {module}]
    return [module, *max(below, key=len, default=[])]


def test_no_chain_of_imports_is_longer_than_a_newcomer_can_follow():
    longest = max(map(chain, CORE), key=len)
    assert len(longest) <= LONGEST_CHAIN, " -> ".join(longest)


def test_what_is_imported_late_is_listed():
    # The command loads next to nothing at once, and all else where it is used.
    modules = {*FILES} - WINGS["cli"]
    found = {(module, name) for module in modules for name in imported(module, "late")}
    agree("LATE and UPWARDS", {*LATE, *UPWARDS}, found)


def test_what_is_imported_by_name_is_listed():
    calls = {"import_module", "__import__"}
    found = {
        module
        for module, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in calls
    }
    agree("BY_NAME", {*BY_NAME}, found)


def test_who_knows_urllib3():
    found = {
        (module, when)
        for module in FILES
        for name, when in imports_in(module)
        if name.split(".")[0] == "urllib3" and not module.startswith("_transport.")
    }
    agree("USERS_OF_URLLIB3", {*USERS_OF_URLLIB3}, found)


def test_the_service_uses_the_models_and_the_mask_and_nothing_else():
    for module in SERVICE:
        for name in imported(module, "at once") & set(FILES):
            is_fit = name in SERVICE or name.startswith("models.") or name == "masking"
            assert is_fit, (
                f"{module} imports {name}, which is not of the service, a model or the mask"
            )


@for_all("modules", {"testing": SERVICE, **WINGS})
def test_no_wing_imports_in_a_circle(modules):
    folder = {"testing": SERVICE, **WINGS}[modules]
    TopologicalSorter({module: imported(module, "at once") & folder for module in folder}).prepare()


def test_neither_the_core_nor_the_service_knows_a_wing():
    for module in CORE | SERVICE:
        named = {name for name, _ in imports_in(module)}
        known = named & (WINGS["tokens"] | WINGS["cli"])
        assert not known, f"{module} imports {', '.join(sorted(known))}"


@for_all("wing", WINGS)
def test_a_wing_uses_public_names_alone(wing):
    below = {*WINGS["tokens"], "testing.__init__"} if wing == "cli" else set()
    for module in WINGS[wing]:
        for name in {name for name, _ in imports_in(module)} & {*FILES} - WINGS[wing]:
            is_public = not any(re.match("_[^_]", part) for part in name.split("."))
            is_fit = (is_public and name in CORE | below) or (
                module,
                name,
            ) in SHARED_WITH_THE_COMMAND
            assert is_fit, f"{module} imports {name}, which is not public or not below it"


def test_what_the_command_shares_is_used():
    found = {(module, name) for module in WINGS["cli"] for name, _ in imports_in(module)}
    agree("SHARED_WITH_THE_COMMAND", {*SHARED_WITH_THE_COMMAND}, found & {*SHARED_WITH_THE_COMMAND})


def test_one_idiom_for_what_only_type_checkers_read():
    """A constant of its own has only what `import wavefront_api_client` runs, typing spared."""
    constants = [
        name
        for name, path in FILES.items()
        if "\nTYPE_CHECKING" in path.read_text(encoding="utf-8")
    ]
    agree("modules with a constant of their own", constants, ["__init__", "_lazy"])
    for name in constants:
        assert "\nTYPE_CHECKING: bool = False\n" in FILES[name].read_text(encoding="utf-8")
