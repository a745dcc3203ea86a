"""Operation: the eleven endpoints as data, and the check of what a caller passes."""

from __future__ import annotations

import pytest
from cases import for_all

from wavefront_api_client._core.operations import (
    BY_REQUEST,
    OPERATIONS,
    OPTIONS,
    Operation,
    check_call,
    with_json_keys,
)
from wavefront_api_client.models import UserApiToken
from wavefront_api_client.types import BodyOptions, CallOptions

LIST = "ResponseContainerListUserApiToken"
ONE = "ResponseContainerUserApiToken"

CONTRACT = {
    "create_token": ("POST", "/api/v2/apitoken", LIST, False),
    "delete_customer_token": ("PUT", "/api/v2/apitoken/customertokens/revoke", ONE, True),
    "delete_token": ("DELETE", "/api/v2/apitoken/{id}", LIST, False),
    "delete_token_service_account": (
        "DELETE",
        "/api/v2/apitoken/serviceaccount/{id}/{token}",
        LIST,
        False,
    ),
    "generate_token_service_account": (
        "POST",
        "/api/v2/apitoken/serviceaccount/{id}",
        LIST,
        True,
    ),
    "get_all_tokens": ("GET", "/api/v2/apitoken", LIST, False),
    "get_customer_token": (
        "GET",
        "/api/v2/apitoken/customertokens/{id}",
        "ResponseContainerApiTokenModel",
        False,
    ),
    "get_customer_tokens": (
        "GET",
        "/api/v2/apitoken/customertokens",
        "ResponseContainerListApiTokenModel",
        False,
    ),
    "get_tokens_service_account": ("GET", "/api/v2/apitoken/serviceaccount/{id}", LIST, False),
    "update_token_name": ("PUT", "/api/v2/apitoken/{id}", ONE, True),
    "update_token_name_service_account": (
        "PUT",
        "/api/v2/apitoken/serviceaccount/{id}/{token}",
        ONE,
        True,
    ),
}


def test_an_operation_is_found_by_its_request():
    for operation in OPERATIONS.values():
        assert BY_REQUEST.get((operation.method, operation.path)) is operation
    assert BY_REQUEST.get(("PUT", "/api/v2/apitoken")) is None


DELETE = OPERATIONS["delete_token"]
RENAME = OPERATIONS["update_token_name"]


def test_the_eleven_operations_of_the_contract_are_there():
    found = {
        name: (operation.method, str(operation.path), operation.result, operation.takes_body)
        for name, operation in OPERATIONS.items()
        if name in CONTRACT
    }
    assert found == CONTRACT


@for_all("name", CONTRACT)
def test_an_operation_bears_its_name_and_is_found_by_its_request(name):
    operation = OPERATIONS[name]
    assert operation.name == name
    assert BY_REQUEST.get((operation.method, operation.path)) is operation


@for_all(
    ("method", "path"),
    [
        ("PATCH", "/api/v2/apitoken"),
        ("get", "/api/v2/apitoken"),
        ("GET", "/api/v2/apitoken/"),
        ("GET", "/api/v2/apitoken/x"),
        ("GET", "/api/v2/alert"),
    ],
)
def test_other_requests_have_no_operation(method, path):
    assert BY_REQUEST.get((method, path)) is None


def test_an_operation_takes_no_body_by_default():
    assert Operation("n", "GET", "/", "R").takes_body is False


def test_an_operation_cannot_be_changed():
    with pytest.raises(AttributeError):
        DELETE.method = "GET"


def test_the_options_of_every_call():
    assert {
        "async_req",
        "_preload_content",
        "_request_timeout",
        "_return_http_data_only",
    } == OPTIONS
    assert set(CallOptions.__annotations__) == OPTIONS
    assert set(BodyOptions.__annotations__) == OPTIONS | {"body"}
    assert BodyOptions.__total__ is False
    assert CallOptions.__total__ is False


@for_all("name", CONTRACT)
def test_every_known_option_passes(name):
    options = {
        "async_req": True,
        "_preload_content": False,
        "_request_timeout": (1, 2),
        "_return_http_data_only": True,
    }
    assert check_call(OPERATIONS[name], {}, options) is None


@for_all(
    "option, instead",
    [
        ("timeout", ": write `_request_timeout`"),
        ("preload_content", ": write `_preload_content`"),
        ("id", ""),
        ("async_Req", ""),
        ("", ""),
        ("bodY", ""),
    ],
)
def test_an_unknown_option_is_named_together_with_the_method(option, instead):
    with pytest.raises(TypeError) as caught:
        check_call(DELETE, {"id": "x"}, {"async_req": True, option: 1})
    expected = f"Got an unexpected keyword argument '{option}' to method delete_token{instead}"
    assert str(caught.value) == expected


@for_all("name", [name for name in CONTRACT if not CONTRACT[name][3]])
@for_all("body", [None, {}])
def test_a_body_is_an_unknown_option_where_none_is_taken(name, body):
    with pytest.raises(TypeError) as caught:
        check_call(OPERATIONS[name], {}, {"body": body})
    assert str(caught.value) == f"Got an unexpected keyword argument 'body' to method {name}"


@for_all(
    "body",
    [None, {}, {"tokenName": "n"}, UserApiToken(), UserApiToken(token_name="n")],
)
@for_all("name", [name for name in CONTRACT if CONTRACT[name][3]])
def test_a_model_a_dictionary_and_nothing_are_bodies(name, body):
    check_call(OPERATIONS[name], {}, {"body": body})
    sent = with_json_keys(OPERATIONS[name], body)
    assert sent == body if isinstance(body, dict) else sent is body


class Derived(UserApiToken):
    """A caller's own kind of token."""


def test_a_model_derived_from_the_right_one_is_a_body():
    body = Derived(token_name="n")
    assert with_json_keys(RENAME, body) is body


@for_all(
    ("body", "shown"),
    [
        ("secret-text", "str"),
        (b"secret", "bytes"),
        ([], "list"),
        ([{}], "list"),
        (0, "int"),
        (False, "bool"),
        ("", "str"),
        ((), "tuple"),
        (object(), "object"),
        (UserApiToken, "ModelType"),
    ],
)
def test_anything_else_as_a_body_is_refused_and_not_shown(body, shown):
    with pytest.raises(TypeError) as caught:
        with_json_keys(RENAME, body)
    assert str(caught.value) == (
        f"`body` of `update_token_name` must be a UserApiToken or a dict, not {shown}"
    )


@pytest.mark.parametrize("name", ["id", "token"])
def test_none_for_a_required_parameter_is_missing(name):
    operation = OPERATIONS["delete_token_service_account"]
    with pytest.raises(ValueError, match="^Missing the required parameter") as caught:
        check_call(operation, {"id": "sa::x", "token": "t", name: None}, {})
    assert str(caught.value) == (
        f"Missing the required parameter `{name}` when calling `delete_token_service_account`"
    )


def test_an_unknown_option_is_told_before_a_missing_parameter():
    with pytest.raises(TypeError, match="unexpected keyword argument 'nix'"):
        check_call(DELETE, {"id": None}, {"nix": 1})


@for_all("timeout", [0, -1, float("nan"), (1, 2, 3)])
def test_a_timeout_out_of_range_is_refused(timeout):
    with pytest.raises(ValueError, match="a timeout "):
        check_call(DELETE, {"id": "x"}, {"_request_timeout": timeout})


@pytest.mark.parametrize("timeout", ["1", True, object()])
def test_a_timeout_of_the_wrong_type_is_refused(timeout):
    with pytest.raises(TypeError, match="a timeout is seconds"):
        check_call(DELETE, {"id": "x"}, {"_request_timeout": timeout})


@for_all("timeout", [None, 1, 0.5, (1, None), [1, 2]])
def test_good_timeouts_pass(timeout):
    check_call(DELETE, {"id": "x"}, {"_request_timeout": timeout})
