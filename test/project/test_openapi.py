"""The OpenAPI document is valid, and what the embedded service answers is what it describes."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from agreement import agree
from cases import for_all

from wavefront_api_client import ApiClient, ApiException, models
from wavefront_api_client.credentials import CONSOLE, CspApiToken, CspApp
from wavefront_api_client.exceptions import read_error_body
from wavefront_api_client.models.user_api_token import ACCOUNT_TYPES
from wavefront_api_client.testing import ROUTES, TokenServer, _routes
from wavefront_api_client.testing._routes import _ALL

DOCUMENT = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
)


@pytest.mark.slow
def test_it_is_valid_openapi_3_1():
    validator = pytest.importorskip("openapi_spec_validator")
    assert DOCUMENT["openapi"].startswith("3.1.")
    validator.OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_needs_a_key_for_everything_but_an_exchange():
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert [*schemes] == ["api_key", "bearer", "csp_app"]
    assert DOCUMENT["security"] == [{"api_key": []}, {"bearer": []}]
    assert [operation["security"] for operation in EXCHANGES] == [[], [{"csp_app": []}]]
    assert (schemes["api_key"]["in"], schemes["api_key"]["name"]) == ("header", "X-AUTH-TOKEN")
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")


PERMISSIONS = {
    None: "Needs no permission: ",
    "api_tokens": "Needs the permission API Tokens, ",
    "accounts": "Needs the permission Accounts.",
}


def described(method, path):
    found = DOCUMENT["paths"].get(path, {}).get(method.lower())
    assert found, f"docs/openapi.json lacks {ROUTES[method, path]}"
    return found


@for_all("route", _ALL)
def test_every_operation_says_which_permission_it_needs(route):
    told = described(route.method, route.path)["description"]
    permission = PERMISSIONS[route.permission]
    assert told.startswith(permission), (
        f"docs/openapi.json, {route.operation}, lacks {permission!r}"
    )


@for_all(("method", "path"), ROUTES)
def test_every_operation_describes_its_errors(method, path):
    operation = described(method, path)
    expected = {"200", "400", "401", "403", "406", "429", "5XX"}
    if "{" in path or "requestBody" in operation:
        expected.add("404")
    if "requestBody" in operation:
        expected |= {"413", "415"}
    agree(f"docs/openapi.json, {ROUTES[method, path]},", {*operation["responses"]}, expected)


SCHEMAS = DOCUMENT["components"]["schemas"]
CLOUD = {path: item for path, item in DOCUMENT["paths"].items() if path.startswith("/csp/")}
EXCHANGES = [item["post"] for item in CLOUD.values()]
OPERATIONS = {
    operation["operationId"]: operation
    for path, item in DOCUMENT["paths"].items()
    if path not in CLOUD
    for operation in item.values()
}


def test_it_describes_the_two_exchanges_and_where_they_are():
    agree("docs/openapi.json", [*CLOUD], [CspApiToken.path, CspApp.path])
    agree("ROUTES of the service", [*CLOUD], [*_routes.EXCHANGES])
    for item in CLOUD.values():
        assert item["servers"] == [{"url": CONSOLE}]
        assert [*item["post"]["requestBody"]["content"]] == ["application/x-www-form-urlencoded"]


@pytest.mark.parametrize("number", [0, 1])
def test_an_exchange_is_answered_as_the_document_says(number):
    jsonschema = pytest.importorskip("jsonschema")
    with TokenServer(onboarded=True) as server:
        account = server.add_app("my-app") if number else server.user
        with ApiClient(server.configuration(account)) as client:
            answers = [exchange(client, EXCHANGES[number], account)]
            answers += [exchange(client, EXCHANGES[number], None)]
    for status, answer in answers:
        content = EXCHANGES[number]["responses"][status]["content"]["application/json"]
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer)
    assert answers[0][0] == "200"


def exchange(client, operation, account):
    """Status and answer of an exchange as it is described, with wrong credentials for None."""
    path = next(path for path, item in CLOUD.items() if item["post"] is operation)
    form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["example"]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if account is not None and "api_token" in form:
        form = {"api_token": account.api_token}
    elif account is not None:
        pair = f"{account.id}:{account.app_secret}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    url = client.configuration.credentials.base_url + path
    try:
        answer = client.rest_client.POST(url, headers=headers, post_params=[*form.items()])
    except ApiException as error:
        return str(error.status), json.loads(error.body)
    return str(answer.status), json.loads(answer.data)


def test_who_revokes_has_to_name_the_token():
    body = OPERATIONS["delete_customer_token"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert (body["required"], schema) == (True, {"$ref": "#/components/schemas/TokenToRevoke"})
    assert "tokenID" in SCHEMAS["TokenToRevoke"]["allOf"][1]["required"]


def contents():
    """Each content that the document describes, with its media type and where it stands."""
    for name, operation in OPERATIONS.items():
        if "requestBody" in operation:
            yield f"body of {name}", operation["requestBody"]["content"]
        yield f"answer to {name}", operation["responses"]["200"]["content"]
    for operation in EXCHANGES:
        yield f"form of {operation['operationId']}", operation["requestBody"]["content"]
        for status, response in operation["responses"].items():
            yield f"answer {status} to {operation['operationId']}", response["content"]
    for name, response in DOCUMENT["components"]["responses"].items():
        yield name, response["content"]


def examples(where, content):
    found = [each["value"] for each in content.get("examples", {}).values()]
    found += [content["example"]] if "example" in content else []
    assert found, f"docs/openapi.json, {where}, lacks an example"
    return found


def test_all_errors_are_of_one_named_schema():
    for response in DOCUMENT["components"]["responses"].values():
        schema = response["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Error"}


def test_everything_has_an_example_that_is_what_the_document_says():
    jsonschema = pytest.importorskip("jsonschema")
    for where, by_type in contents():
        for content in by_type.values():
            schema = {**content["schema"], "components": DOCUMENT["components"]}
            for example in examples(where, content):
                wrong = list(jsonschema.Draft202012Validator(schema).iter_errors(example))
                assert not wrong, f"docs/openapi.json, example of the {where}: {wrong[0].message}"


def test_the_examples_are_what_the_client_reads_and_what_an_error_is_read_from():
    for name, operation in OPERATIONS.items():
        answer = operation["responses"]["200"]["content"]["application/json"]
        model = getattr(models, answer["schema"]["$ref"].rpartition("/")[2])
        (example,) = examples(f"answer to {name}", answer)
        read = model.from_dict(example)
        tokens = read.response if isinstance(read.response, list) else [read.response]
        assert tokens, name
        for token in tokens:
            assert token.account_type in ACCOUNT_TYPES, name
            assert None not in token.to_dict().values(), name
            assert token.date_generated_at.year > 2020, name
    for name, response in DOCUMENT["components"]["responses"].items():
        for content in response["content"].values():
            for example in examples(name, content):
                text = example if isinstance(example, str) else json.dumps(example)
                assert read_error_body(text)[0], name
