"""The OpenAPI document is valid, and what the embedded service answers is what it describes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cases import for_all

from wavefront_api_client import models
from wavefront_api_client._error_body import read_error_body
from wavefront_api_client.models._account_types import ACCOUNT_TYPES
from wavefront_api_client.testing import ROUTES
from wavefront_api_client.testing._routes import _ALL

DOCUMENT = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
)


def test_it_is_valid_openapi_3_1():
    validator = pytest.importorskip("openapi_spec_validator")
    assert DOCUMENT["openapi"].startswith("3.1.")
    validator.OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_needs_a_key_for_everything():
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert DOCUMENT["security"] == [{name: []} for name in schemes]
    assert (schemes["api_key"]["in"], schemes["api_key"]["name"]) == ("header", "X-AUTH-TOKEN")
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")


PERMISSIONS = {
    None: "Needs no permission: ",
    "api_tokens": "Needs the permission API Tokens, ",
    "accounts": "Needs the permission Accounts.",
}


@for_all("route", _ALL)
def test_every_operation_says_which_permission_it_needs(route):
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    assert operation["description"].startswith(PERMISSIONS[route.permission])


@for_all(("method", "path"), ROUTES)
def test_every_operation_describes_its_errors(method, path):
    operation = DOCUMENT["paths"][path][method.lower()]
    expected = {"200", "400", "401", "403", "406", "429", "5XX"}
    if "{" in path or "requestBody" in operation:
        expected.add("404")
    if "requestBody" in operation:
        expected |= {"413", "415"}
    assert set(operation["responses"]) == expected


SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: operation
    for item in DOCUMENT["paths"].values()
    for operation in item.values()
}


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
    for name, response in DOCUMENT["components"]["responses"].items():
        yield name, response["content"]


def examples(content):
    named = [each["value"] for each in content.get("examples", {}).values()]
    return named or [content["example"]]


def test_all_errors_are_of_one_named_schema():
    for response in DOCUMENT["components"]["responses"].values():
        schema = response["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Error"}


def test_everything_has_an_example_that_is_what_the_document_says():
    jsonschema = pytest.importorskip("jsonschema")
    for where, content in contents():
        for described in content.values():
            schema = {**described["schema"], "components": DOCUMENT["components"]}
            for example in examples(described):
                wrong = list(jsonschema.Draft202012Validator(schema).iter_errors(example))
                assert not wrong, where


def test_the_examples_are_what_the_client_reads_and_what_an_error_is_read_from():
    for name, operation in OPERATIONS.items():
        answer = operation["responses"]["200"]["content"]["application/json"]
        model = getattr(models, answer["schema"]["$ref"].rpartition("/")[2])
        read = model.from_dict(answer["example"])
        tokens = read.response if isinstance(read.response, list) else [read.response]
        assert tokens, name
        for token in tokens:
            assert token.account_type in ACCOUNT_TYPES, name
            assert None not in token.to_dict().values(), name
            assert token.date_generated_at.year > 2020, name
    for name, response in DOCUMENT["components"]["responses"].items():
        for described in response["content"].values():
            for example in examples(described):
                text = example if isinstance(example, str) else json.dumps(example)
                assert read_error_body(text)[0], name
