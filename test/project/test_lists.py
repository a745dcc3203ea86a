"""What is declared once in the code is said the same way in docs, README, OpenAPI and service.

A list that is too short or too long fails here, with the name of what is missing or too much.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import runpy
import typing
from pathlib import Path

from agreement import agree
from cases import for_all

import wavefront_api_client
from wavefront_api_client import ApiTokenApi, Configuration, exceptions, models
from wavefront_api_client._core.operations import OPERATIONS
from wavefront_api_client.retry import FINAL, RetryPolicy, kind_of_status
from wavefront_api_client.testing import ROUTES
from wavefront_api_client.testing._routes import _ALL
from wavefront_api_client.types import BodyOptions, CallOptions

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
API_PAGE = (DOCS / "ApiTokenApi.md").read_text(encoding="utf-8")
OPENAPI = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
SCHEMAS = OPENAPI["components"]["schemas"]
MODELS = {name: getattr(models, name) for name in models.__all__}


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def without_comments(text):
    """A page as long as it was, in which no comment of an example looks like a heading."""
    code = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    return code.sub(lambda found: found[0].replace("#", " "), text)


def section(text, title, where="the page"):
    """The part of a page under a heading, up to the next one of the same or a higher level."""
    headings = without_comments(text)
    found = re.search(rf"^(#+) (?:\*\*)?{re.escape(title)}(?:\*\*)?\n", headings, re.MULTILINE)
    assert found, f"{where} lacks a section {title}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", headings[found.end() :], re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text):
    """The cells of the first table in a text, without its head."""
    lines = text.splitlines()
    rules = [i for i, line in enumerate(lines) if re.fullmatch(r"[ |-]*-{3}[ |-]*", line)]
    assert rules, f"there is no table in {text[:50]!r}"
    (rule, *_) = rules
    table = []
    for line in lines[rule + 1 :]:
        if "|" not in line:
            break
        table.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
    assert table, "the table has no rows"
    return table


def plain(cell):
    """The text of a cell without emphasis, code marks and links."""
    return re.sub(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)", r"\1", cell).strip("*`")


def parameters(operation):
    return re.findall(r"\{(\w+)\}", operation.path)


def first_line(documented):
    return inspect.getdoc(documented).splitlines()[0].rstrip(".")


def described_endpoints():
    return [
        (name, operation.method, operation.path, first_line(getattr(ApiTokenApi, name)))
        for name, operation in OPERATIONS.items()
    ]


def listed(cells):
    method, request, description = cells[-3:]
    verb, path = re.fullmatch(r"\*\*(\w+)\*\* (\S+)", request).groups()
    return plain(plain(method)).strip("*"), verb, path, description


def agree_on_endpoints(where, table):
    found, expected = [listed(cells) for cells in table], described_endpoints()
    agree(where, [each[0] for each in found], [each[0] for each in expected])
    agree(where, found, expected)


# Operations


def test_each_operation_has_a_method_and_a_twin_and_there_are_no_others():
    public = {name for name in vars(ApiTokenApi) if not name.startswith("_")}
    twins = {f"{name}_with_http_info" for name in OPERATIONS}
    agree("ApiTokenApi", public, {*OPERATIONS, *twins})


@for_all("operation", OPERATIONS.values())
def test_the_signature_of_a_method_is_that_of_its_operation(operation):
    for name in (operation.name, f"{operation.name}_with_http_info"):
        signature = inspect.signature(getattr(ApiTokenApi, name))
        expected = ["self", *parameters(operation), "options"]
        agree(f"the signature of {name}", list(signature.parameters), expected)
        declared = "BodyOptions" if operation.takes_body else "CallOptions"
        assert signature.parameters["options"].annotation == f"Unpack[{declared}]"
        result = str(typing.get_type_hints(getattr(ApiTokenApi, name))["return"])
        assert operation.result in re.findall(r"\w+", result), f"{name} returns {result}"


@for_all("name", OPERATIONS)
def test_each_method_is_called_by_a_test_against_the_service(name):
    tests = (ROOT / "test" / "client").glob("test_*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    assert re.search(rf"\b{name}\b", text), f"test/client/ lacks a call of {name}"


@for_all("operation", OPERATIONS.values())
def test_the_docstring_of_a_method_names_its_request(operation):
    text = inspect.getdoc(getattr(ApiTokenApi, operation.name))
    request, where = f"Calls {operation.method} {operation.path}", f"the help of {operation.name}"
    assert f"{request}\n" in f"{text}\n", f"{where} lacks {request!r}"
    names = re.findall(r":param (\w+):", text)
    agree(where, names, parameters(operation) + ["body"] * operation.takes_body)


def test_the_service_has_the_same_routes():
    requests = {(each.method, each.path): name for name, each in OPERATIONS.items()}
    agree("ROUTES of the service", {*ROUTES.values()}, {*OPERATIONS})
    agree("ROUTES of the service", ROUTES, requests)


PERMISSIONS = {None: None, "API Tokens": "api_tokens", "Accounts": "accounts"}


def test_the_api_page_names_the_permission_of_each_operation():
    table = {
        plain(cells[0]): cells[1].split(",")[0] for cells in rows(section(API_PAGE, "Permissions"))
    }
    agree(
        "docs/ApiTokenApi.md, Permissions",
        table,
        {name: operation.permission or "none" for name, operation in OPERATIONS.items()},
    )


def test_the_service_asks_for_the_same_permissions():
    asked = {route.operation: route.permission for route in _ALL}
    needed = {name: PERMISSIONS[each.permission] for name, each in OPERATIONS.items()}
    agree("the routes of the service, permissions,", asked, needed)


def test_the_api_page_lists_the_operations():
    agree_on_endpoints("docs/ApiTokenApi.md", rows(API_PAGE))


def test_the_readme_lists_the_operations():
    table = rows(section(README, "API endpoints"))
    agree_on_endpoints("README.md", table)
    agree("README.md, first column", {plain(cells[0]) for cells in table}, {"ApiTokenApi"})


@for_all("operation", OPERATIONS.values())
def test_the_api_page_describes_each_operation(operation):
    where = "docs/ApiTokenApi.md"
    text = section(API_PAGE, operation.name, where)
    names = parameters(operation) + ["body=body"] * operation.takes_body
    content_type = "application/json" if operation.takes_body else "Not defined"
    for title, line in [
        (None, f"> {operation.result} {operation.name}({', '.join(names)})\n"),
        (None, f"{first_line(getattr(ApiTokenApi, operation.name))}\n"),
        ("Example", f".{operation.name}("),
        ("Parameters", "[options](#options)"),
        ("Return type", f"[**{operation.result}**]({operation.result}.md)"),
        ("HTTP request headers", f"**Content-Type**: {content_type}\n"),
    ]:
        place = f"{where}, {operation.name}"
        part = section(text, title, place) if title else text
        assert line in part, f"{place} lacks {line.strip()!r}"


@for_all("operation", OPERATIONS.values())
def test_the_api_page_describes_the_parameters_of_each_operation(operation):
    text = section(section(API_PAGE, operation.name), "Parameters")
    expected = [[name, "str", ""] for name in parameters(operation)]
    if operation.takes_body:
        expected.append(["body", "UserApiToken", "[optional]"])
    if not expected:
        assert "no parameters" in text, f"docs/ApiTokenApi.md has parameters of {operation.name}"
        return
    described = [[plain(cells[0]), plain(cells[1]).strip("*"), *cells[3:]] for cells in rows(text)]
    described = [[*cells, ""][:3] for cells in described]
    agree(f"docs/ApiTokenApi.md, parameters of {operation.name},", described, expected)


def test_openapi_has_the_same_operations():
    described = {
        (name, method.upper(), path)
        for path, item in OPENAPI["paths"].items()
        if not path.startswith("/csp/")
        for method, entry in item.items()
        for name in [entry["operationId"]]
    }
    agree("docs/openapi.json", {name for name, _, _ in described}, {*OPERATIONS})
    requests = {(each.name, each.method, each.path) for each in OPERATIONS.values()}
    agree("docs/openapi.json", described, requests)


@for_all("operation", OPERATIONS.values())
def test_openapi_describes_each_operation(operation):
    where = f"docs/openapi.json, {operation.name},"
    entry = OPENAPI["paths"].get(operation.path, {}).get(operation.method.lower())
    assert entry, f"docs/openapi.json lacks {operation.name}"
    summary = first_line(getattr(ApiTokenApi, operation.name))
    assert entry["summary"] == summary, f"{where} lacks the summary {summary!r}"
    named = [parameter["$ref"].rpartition("/")[2] for parameter in entry.get("parameters", [])]
    described = [OPENAPI["components"]["parameters"][name] for name in named]
    agree(where, [parameter["name"] for parameter in described], parameters(operation))
    assert all(parameter["in"] == "path" for parameter in described), f"{where} has a query"
    body = {"requestBody"} & {*entry}
    agree(where, body, {"requestBody"} if operation.takes_body else set())
    content = entry["responses"]["200"]["content"]["application/json"]
    schema = content["schema"]["$ref"]
    agree(where, [schema], [f"#/components/schemas/{operation.result}"])


# Models


def test_the_readme_lists_the_models():
    table = rows(section(README, "Models"))
    agree("README.md", [plain(cells[0]) for cells in table], list(MODELS))
    described = [[f"[{name}](docs/{name}.md)", first_line(each)] for name, each in MODELS.items()]
    agree("README.md", table, described)


def test_there_is_a_page_for_each_model_and_no_other_page_like_it():
    titles = {path.stem for path in DOCS.glob("*.md") if path.stem[0].isupper()}
    agree("docs/", titles, {*MODELS, "ApiTokenApi"})


def declared(model):
    """The fields of a model: nothing public says which of them are required, and what they mean."""
    return model._fields


def described_fields(model):
    return [
        [name, model.swagger_types[name], model.attribute_map[name], field.doc]
        + ([] if field.required else ["[optional]"])
        for name, field in declared(model).items()
    ]


@for_all("name", MODELS)
def test_the_page_of_a_model_lists_its_fields(name):
    text = page(f"{name}.md")
    head = f"# {name}\n\n{inspect.getdoc(MODELS[name]).splitlines()[0]}\n"
    assert text.startswith(head), f"docs/{name}.md does not begin with {head!r}"
    table = [[plain(plain(cell)) for cell in cells] for cells in rows(text)]
    listed = [[*cells[:4], *[note for note in cells[4:] if note]] for cells in table]
    agree(f"docs/{name}.md", listed, described_fields(MODELS[name]))


@for_all("name", MODELS)
def test_the_page_of_a_model_lists_the_values_of_its_enumerations(name):
    text = page(f"{name}.md")
    fields = {key: field for key, field in declared(MODELS[name]).items() if field.allowed}
    agree(f"docs/{name}.md", re.findall(r"^## Values of (\w+)$", text, re.MULTILINE), list(fields))
    for key, field in fields.items():
        listed = re.findall(r"^- `(\w+)`$", section(text, f"Values of {key}"), re.MULTILINE)
        agree(f"docs/{name}.md, values of {key},", listed, list(field.allowed))


def schema_of(type_name):
    if type_name.startswith("list["):
        return {"type": "array", "items": schema_of(type_name[5:-1])}
    if type_name in MODELS:
        return {"$ref": f"#/components/schemas/{type_name}"}
    return {"type": {"int": "integer", "str": "string"}[type_name]}


def type_in(schema):
    """The schema of a field without null, enumeration, format and words."""
    if "oneOf" in schema:
        (schema,) = [each for each in schema["oneOf"] if each != {"type": "null"}]
    kept = {key: value for key, value in schema.items() if key in ("type", "items", "$ref")}
    if isinstance(kept.get("type"), list):
        (kept["type"],) = set(kept["type"]) - {"null"}
    if "items" in kept:
        kept["items"] = type_in(kept["items"])
    return kept


def test_openapi_has_the_same_models():
    bodies = {"UserApiTokenBody", "TokenToRevoke"}
    errors = {"Error", "ErrorContainer", "GatewayError"}
    exchanges = {"AccessToken", "ExchangeError"}
    agree("docs/openapi.json, schemas,", {*SCHEMAS}, {*MODELS, *bodies, *errors, *exchanges})


@for_all("name", MODELS)
def test_openapi_describes_each_model(name):
    model, schema, where = MODELS[name], SCHEMAS[name], f"docs/openapi.json, {name},"
    agree(where, [schema["description"]], [inspect.getdoc(model).splitlines()[0]])
    properties = schema["properties"]
    agree(where, list(properties), [model.attribute_map[key] for key in declared(model)])
    for key, field in declared(model).items():
        described = properties[model.attribute_map[key]]
        place = f"docs/openapi.json, {name}.{key},"
        agree(place, type_in(described), schema_of(field.type_name))
        agree(place, [described.get("description")], [field.doc])
        values = [value for value in described.get("enum", ()) if value is not None]
        agree(place, values, list(field.allowed))
    required = [model.attribute_map[key] for key, f in declared(model).items() if f.required]
    agree(f"{where} required,", schema.get("required", []), required)


def test_openapi_lets_a_body_be_any_part_of_a_token():
    body, token = SCHEMAS["UserApiTokenBody"], SCHEMAS["UserApiToken"]
    where = "docs/openapi.json, UserApiTokenBody,"
    agree(where, list(body["properties"]), list(token["properties"]))
    assert "required" not in body, f"{where} requires something"
    for key, described in body["properties"].items():
        agree(f"{where} {key},", type_in(described), type_in(token["properties"][key]))


# Exceptions


def exception_classes():
    return {
        name: value
        for name, value in vars(exceptions).items()
        if inspect.isclass(value) and issubclass(value, exceptions.ApiException)
    }


def test_each_exception_is_exported_everywhere():
    names = set(exception_classes())
    agree("exceptions.__all__", {*exceptions.__all__}, names)
    for module in (wavefront_api_client, wavefront_api_client.rest):
        agree(f"{module.__name__}.__all__", names & {*module.__all__}, names)


def test_the_page_on_errors_lists_the_exceptions():
    table = rows(section(page("errors.md"), "The family"))
    parents = {plain(cells[0]): plain(cells[1]) for cells in table}
    expected = {name: cls.__mro__[1].__name__ for name, cls in exception_classes().items()}
    agree("docs/errors.md", parents, expected)


def test_the_docstring_draws_the_exceptions():
    drawn = {*re.findall(r"\b(\w+Exception)\b", exceptions.__doc__)}
    agree("the docstring of exceptions.py", drawn, {*exception_classes()})


def test_the_picture_and_the_table_name_each_status_that_is_sent_again():
    picture = (DOCS / "pictures/what-is-sent-again.svg").read_text(encoding="utf-8")
    table = (DOCS / "errors.md").read_text(encoding="utf-8")
    texts = " ".join(re.findall("<text[^>]*>(.*?)<", picture))
    again = {status for status in range(300, 600) if kind_of_status(status, None) != FINAL}
    assert {int(number) for number in re.findall(r"\b[3-5]\d\d\b", texts)} == again
    assert all(str(status) in table for status in again)


def test_the_page_on_errors_lists_the_attributes():
    table = rows(section(page("errors.md"), "What an exception holds"))
    shown = {*exceptions.ApiException.__annotations__} - {"args"}
    agree("docs/errors.md", {plain(cells[0]) for cells in table}, shown)
    assert all(hasattr(exceptions.ApiException(), name) for name in shown)


# Settings and options


def settings():
    """The names that a configuration has, methods and `logger` apart."""
    attributes = {name for name in Configuration.__annotations__ if not name.startswith("_")}
    properties = {
        name for name, value in vars(Configuration).items() if isinstance(value, property)
    }
    return attributes | properties


def test_the_page_on_configuration_lists_the_settings():
    table = rows(section(page("configuration.md"), "Every setting"))
    agree("docs/configuration.md", [plain(cells[0]) for cells in table], sorted(settings()))


def test_the_page_on_configuration_knows_the_defaults():
    table = rows(section(page("configuration.md"), "Every setting"))
    configuration = Configuration()
    for cells in table:
        name, default = plain(cells[0]), plain(cells[1])
        value = getattr(configuration, name)
        told = f"docs/configuration.md says that {name} is {default}"
        if name == "connection_pool_maxsize":
            assert default.startswith("32"), told
        elif name != "logger":
            assert default == repr(value), f"{told}, not {value!r}"


def test_the_page_on_configuration_knows_the_keyword_arguments():
    table = rows(section(page("configuration.md"), "Every setting"))
    arguments = {plain(cells[0]) for cells in table if cells[2] == "yes"}
    expected = {*inspect.signature(Configuration).parameters}
    agree("docs/configuration.md, keyword arguments,", arguments, expected)


def test_the_page_on_configuration_lists_the_retry_policy():
    table = rows(section(page("configuration.md"), "Retries"))
    described = {plain(cells[0]): plain(cells[1]) for cells in table}
    expected = {name: repr(value) for name, value in RetryPolicy()._asdict().items()}
    agree("docs/configuration.md, retries,", described, expected)


def test_the_api_page_lists_the_options():
    table = rows(section(API_PAGE, "Options"))
    agree(
        "docs/ApiTokenApi.md", [plain(cells[0]) for cells in table], [*CallOptions.__annotations__]
    )
    agree("BodyOptions", {*BodyOptions.__annotations__}, {"body", *CallOptions.__annotations__})


# Rows that name a test


def names_of_tests(path):
    return set(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))


ROWS = json.loads((ROOT / "test" / "project" / "rows.json").read_text(encoding="utf-8"))
"""For each page the first cell of each row of its tables, and the tests that hold the row."""


@for_all("name", ROWS)
def test_each_row_has_tests_that_exist(name):
    lines = [line for line in page(name).splitlines() if line.startswith("| ")]
    heads = ("| What ", "| Fault ", "| Tool ")
    found = [
        re.split(r"(?<!\\)\|", line)[1].strip() for line in lines if not line.startswith(heads)
    ]
    agree(f"rows.json on {name}", ROWS[name], set(found))
    assert len(found) == len(set(found)), f"two rows of {name} begin alike"
    for row, tests in ROWS[name].items():
        assert tests, f"the row {row!r} of {name} has no test"
        for test in tests:
            path, _, rest = test.partition("::")
            assert rest.partition("[")[0] in names_of_tests(ROOT / path), f"there is no {test}"


def test_the_tools_are_those_that_tests_hold():
    """Each tool that is installed for tests has its row, and each file of tests with tools, too."""
    lines = (ROOT / "tools-requirements.txt").read_text(encoding="utf-8").splitlines()
    tools = {line for line in lines if line and not line.startswith(("#", "-"))}
    # What a tool is plugged into is no tool of its own.
    tools -= {"opentelemetry-sdk"}
    told = page("tools.md") + page("secrets.md")
    where = "docs/tools.md and docs/secrets.md"
    agree(where, {tool for tool in tools if tool in told}, tools)
    files = {f"test/tools/{path.name}" for path in (ROOT / "test" / "tools").glob("test_*.py")}
    tests = {
        test.partition("::")[0] for rows in ROWS.values() for each in rows.values() for test in each
    }
    agree("rows.json", files & tests, files)


# --- the stub ---------------------------------------------------------------------------------


def test_the_stub_is_what_the_script_makes_of_the_operations():
    script = runpy.run_path(str(ROOT / "scripts" / "make_stub.py"))
    current = script["STUB"].read_text(encoding="utf-8")
    assert current == script["stub"](), "run python scripts/make_stub.py"


def modules_in(folder):
    return {path.stem for path in folder.glob("*.py") if path.name != "__init__.py"}


@for_all("name", ["_core", "_transport", "tokens", "cli"])
def test_the_docstring_of_a_folder_says_of_each_module_what_is_done_there(name):
    folder = Path(wavefront_api_client.__file__).parent / name
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    told = re.findall(r"^`(\w+)`(?:, `(\w+)`)?  ", text, re.MULTILINE)
    agree(f"{name}/__init__.py", {each for row in told for each in row if each}, modules_in(folder))
