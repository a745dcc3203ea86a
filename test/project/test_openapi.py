"""The OpenAPI document is valid, and what the embedded service answers is what it describes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agreement import agree
from cases import for_all

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
