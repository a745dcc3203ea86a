"""The seven models, against every sentence of section 3 of the contract."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import pprint
from collections import OrderedDict
from datetime import datetime, timezone
from types import MappingProxyType, SimpleNamespace

import pytest
from cases import drawn, for_all, texts
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client import ApiClient, Configuration, models
from wavefront_api_client._core.secrets import SECRET_KEYS
from wavefront_api_client.models import (
    ApiTokenModel,
    ResponseContainerApiTokenModel,
    ResponseContainerListUserApiToken,
    ResponseContainerUserApiToken,
    ResponseStatus,
    UserApiToken,
)
from wavefront_api_client.models._base import Field, Model
from wavefront_api_client.types import AccountType

ACCOUNT_TYPES = [
    "USER_ACCOUNT",
    "SERVICE_ACCOUNT",
    "INACTIVE_SERVICE_ACCOUNT",
    "CSP_USER_ACCOUNT",
    "CSP_AUTHORIZED_USER_ACCOUNT",
    "CSP_SERVICE_ACCOUNT",
    "CSP_AUTHORIZED_SERVICE_ACCOUNT",
]

SWAGGER_TYPES = {
    "UserApiToken": {
        "account": "str",
        "account_type": "str",
        "date_generated": "int",
        "last_used": "int",
        "token_id": "str",
        "token_name": "str",
    },
    "ApiTokenModel": {
        "account": "str",
        "account_type": "str",
        "created_epoch_millis": "int",
        "customer": "str",
        "date_generated": "int",
        "id": "str",
        "last_used": "int",
        "name": "str",
    },
    "ResponseStatus": {"code": "int", "message": "str", "result": "str"},
    "ResponseContainerUserApiToken": {
        "debug_info": "list[str]",
        "response": "UserApiToken",
        "status": "ResponseStatus",
    },
    "ResponseContainerListUserApiToken": {
        "debug_info": "list[str]",
        "response": "list[UserApiToken]",
        "status": "ResponseStatus",
    },
    "ResponseContainerApiTokenModel": {
        "debug_info": "list[str]",
        "response": "ApiTokenModel",
        "status": "ResponseStatus",
    },
    "ResponseContainerListApiTokenModel": {
        "debug_info": "list[str]",
        "response": "list[ApiTokenModel]",
        "status": "ResponseStatus",
    },
}

CONTAINER_KEYS = {"debug_info": "debugInfo", "response": "response", "status": "status"}
ATTRIBUTE_MAP = {
    "UserApiToken": {
        "account": "account",
        "account_type": "accountType",
        "date_generated": "dateGenerated",
        "last_used": "lastUsed",
        "token_id": "tokenID",
        "token_name": "tokenName",
    },
    "ApiTokenModel": {
        "account": "account",
        "account_type": "accountType",
        "created_epoch_millis": "createdEpochMillis",
        "customer": "customer",
        "date_generated": "dateGenerated",
        "id": "id",
        "last_used": "lastUsed",
        "name": "name",
    },
    "ResponseStatus": {"code": "code", "message": "message", "result": "result"},
    "ResponseContainerUserApiToken": CONTAINER_KEYS,
    "ResponseContainerListUserApiToken": CONTAINER_KEYS,
    "ResponseContainerApiTokenModel": CONTAINER_KEYS,
    "ResponseContainerListApiTokenModel": CONTAINER_KEYS,
}

REQUIRED = {
    "UserApiToken": {"token_id"},
    "ApiTokenModel": set(),
    "ResponseStatus": {"code", "result"},
    "ResponseContainerUserApiToken": {"status"},
    "ResponseContainerListUserApiToken": {"status"},
    "ResponseContainerApiTokenModel": {"status"},
    "ResponseContainerListApiTokenModel": {"status"},
}

USER_TOKEN = {
    "account": "a@example.com",
    "accountType": "USER_ACCOUNT",
    "dateGenerated": 1700000000000,
    "lastUsed": 0,
    "tokenID": "token-id",
    "tokenName": "ci",
}
API_TOKEN = {
    "account": "a@example.com",
    "accountType": "SERVICE_ACCOUNT",
    "createdEpochMillis": 1700000000000,
    "customer": "example",
    "dateGenerated": 1700000000001,
    "id": "token-id",
    "lastUsed": 1700000000002,
    "name": "ci",
}
STATUS = {"code": 200, "message": "fine", "result": "OK"}
WIRE = {
    "UserApiToken": USER_TOKEN,
    "ApiTokenModel": API_TOKEN,
    "ResponseStatus": STATUS,
    "ResponseContainerUserApiToken": {
        "debugInfo": ["note"],
        "response": USER_TOKEN,
        "status": STATUS,
    },
    "ResponseContainerListUserApiToken": {
        "debugInfo": [],
        "response": [USER_TOKEN, {"tokenID": "t2"}],
        "status": STATUS,
    },
    "ResponseContainerApiTokenModel": {
        "debugInfo": ["a", "b"],
        "response": API_TOKEN,
        "status": STATUS,
    },
    "ResponseContainerListApiTokenModel": {
        "debugInfo": ["note"],
        "response": [API_TOKEN],
        "status": STATUS,
    },
}

NAMES = list(SWAGGER_TYPES)
FIELDS = [(name, field) for name, fields in SWAGGER_TYPES.items() for field in fields]
ENUMS = [
    ("UserApiToken", "account_type", ACCOUNT_TYPES),
    ("ApiTokenModel", "account_type", ACCOUNT_TYPES),
    ("ResponseStatus", "result", ["OK", "ERROR"]),
]

by_name = for_all("name", NAMES)
by_field = for_all(("name", "field"), FIELDS)
required_fields = for_all(
    ("name", "field"), [(name, field) for name in NAMES for field in sorted(REQUIRED[name])]
)
enums = pytest.mark.parametrize(("name", "field", "allowed"), ENUMS)


def model_class(name):
    return getattr(models, name)


def filled(name):
    return model_class(name).from_dict(WIRE[name])


def good_value(name, field):
    return getattr(filled(name), field)


def unchecked():
    configuration = Configuration()
    configuration.client_side_validation = False
    return configuration


@by_name
def test_swagger_types_are_the_official_ones(name):
    assert model_class(name).swagger_types == SWAGGER_TYPES[name]
    assert list(model_class(name).swagger_types) == list(SWAGGER_TYPES[name])
    assert type(model_class(name).swagger_types) is dict


@by_name
def test_attribute_map_is_the_official_one(name):
    assert model_class(name).attribute_map == ATTRIBUTE_MAP[name]
    assert list(model_class(name).attribute_map) == list(ATTRIBUTE_MAP[name])
    assert type(model_class(name).attribute_map) is dict


@by_name
def test_the_discriminator_is_none(name):
    assert model_class(name).discriminator is None
    assert model_class(name)().discriminator is None


@by_name
def test_the_class_knows_its_names(name):
    cls = model_class(name)
    assert cls.__name__ == cls.__qualname__ == name
    assert cls.__doc__
    assert isinstance(cls(), Model)


@by_name
def test_the_constructor_takes_the_attributes_in_order_and_the_configuration_last(name):
    parameters = inspect.signature(model_class(name)).parameters
    assert list(parameters) == [*SWAGGER_TYPES[name], "_configuration"]
    for parameter in parameters.values():
        assert parameter.default is None
        assert parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD


def test_the_base_of_the_models_has_a_signature_too():
    assert list(inspect.signature(Model).parameters) == ["_configuration"]


@by_name
def test_values_are_taken_by_position_and_by_keyword(name):
    values = {field: good_value(name, field) for field in SWAGGER_TYPES[name]}
    by_position = model_class(name)(*values.values())
    by_keyword = model_class(name)(**values)
    assert {field: getattr(by_position, field) for field in values} == values
    assert by_position == by_keyword


@by_name
def test_the_configuration_is_the_last_positional_parameter(name):
    nothing = [None] * len(SWAGGER_TYPES[name])
    model = model_class(name)(*nothing, unchecked())
    for field in SWAGGER_TYPES[name]:
        setattr(model, field, None)
    with pytest.raises(TypeError):
        model_class(name)(*nothing, unchecked(), None)


@by_name
def test_too_many_values_are_a_type_error(name):
    count = len(SWAGGER_TYPES[name]) + 1
    with pytest.raises(TypeError) as caught:
        model_class(name)(*[None] * (count + 2))
    assert str(caught.value) == "too many positional arguments"


@by_name
def test_an_unknown_keyword_is_a_type_error(name):
    with pytest.raises(TypeError) as caught:
        model_class(name)(tokenID="x")
    assert str(caught.value) == "got an unexpected keyword argument 'tokenID'"


@by_name
def test_a_value_given_twice_is_a_type_error(name):
    first = next(iter(SWAGGER_TYPES[name]))
    with pytest.raises(TypeError) as caught:
        model_class(name)(1, **{first: 1})
    assert str(caught.value) == f"multiple values for argument '{first}'"


@by_name
def test_nothing_needs_to_be_passed(name):
    model = model_class(name)()
    assert model.to_dict() == dict.fromkeys(SWAGGER_TYPES[name])
    assert json.loads(model.to_json()) == {}


@required_fields
def test_a_required_attribute_passed_as_none_is_refused(name, field):
    with pytest.raises(ValueError, match="Invalid") as caught:
        model_class(name)(**{field: None})
    assert str(caught.value) == f"Invalid value for `{field}`, must not be `None`"


@required_fields
def test_a_required_attribute_assigned_none_is_refused_and_kept(name, field):
    model = filled(name)
    before = getattr(model, field)
    with pytest.raises(ValueError, match="Invalid") as caught:
        setattr(model, field, None)
    assert str(caught.value) == f"Invalid value for `{field}`, must not be `None`"
    assert getattr(model, field) is before


@by_field
def test_an_optional_attribute_may_be_none(name, field):
    if field in REQUIRED[name]:
        return
    model = model_class(name)(**{field: None})
    assert getattr(model, field) is None
    if (name, field) not in [(owner, enum) for owner, enum, _ in ENUMS]:
        setattr(model, field, None)
        assert getattr(model, field) is None


@enums
def test_the_allowed_values_are_accepted(name, field, allowed):
    model = model_class(name)()
    for value in allowed:
        setattr(model, field, value)
        assert getattr(model, field) == value
        assert getattr(model_class(name)(**{field: value}), field) == value


@pytest.mark.parametrize("account_type", [*ACCOUNT_TYPES, None, "ROBOT", "NEW_SERVICE_ACCOUNT"])
def test_the_kinds_of_account_have_names_and_tell_service_accounts_apart(account_type):
    if account_type in ACCOUNT_TYPES:
        assert type(getattr(AccountType, account_type)) is str
        assert getattr(AccountType, account_type) == account_type
    expected = account_type is not None and "SERVICE" in account_type
    assert AccountType.is_service_account(account_type) is expected


@enums
@pytest.mark.parametrize("value", ["NONE_OF_THEM", "", "ok", 5])
def test_other_values_are_refused_with_the_official_message(name, field, allowed, value):
    expected = f"Invalid value for `{field}` ({value}), must be one of {allowed}"
    with pytest.raises(ValueError, match="Invalid") as caught:
        model_class(name)(**{field: value})
    assert str(caught.value) == expected
    model = filled(name)
    before = getattr(model, field)
    with pytest.raises(ValueError, match="Invalid") as caught:
        setattr(model, field, value)
    assert str(caught.value) == expected
    assert getattr(model, field) == before


@pytest.mark.parametrize("name", ["UserApiToken", "ApiTokenModel"])
def test_none_is_no_account_type_when_assigned_as_officially(name):
    with pytest.raises(ValueError, match="Invalid") as caught:
        model_class(name)().account_type = None
    expected = f"Invalid value for `account_type` (None), must be one of {ACCOUNT_TYPES}"
    assert str(caught.value) == expected


def assign_anything(model):
    for field in model.swagger_types:
        setattr(model, field, None)
        assert getattr(model, field) is None
        setattr(model, field, "ANYTHING")
        assert getattr(model, field) == "ANYTHING"


@by_name
def test_the_model_s_own_configuration_turns_validation_off(name):
    cls = model_class(name)
    assign_anything(cls(_configuration=unchecked()))
    anything = dict.fromkeys(SWAGGER_TYPES[name], "ANYTHING")
    assert cls(**anything, _configuration=unchecked()).to_dict() == anything
    nothing = dict.fromkeys(SWAGGER_TYPES[name])
    assert cls(**nothing, _configuration=unchecked()).to_dict() == nothing


@by_name
def test_the_default_configuration_turns_validation_off(name):
    Configuration.set_default(unchecked())
    assign_anything(model_class(name)())
    model_class(name)(**dict.fromkeys(SWAGGER_TYPES[name], "ANYTHING"))
    assign_anything(filled(name))
    Configuration.set_default(None)
    for field in REQUIRED[name]:
        with pytest.raises(ValueError, match="must not be `None`"):
            model_class(name)(**{field: None})


def test_the_model_s_own_configuration_beats_the_default_one():
    Configuration.set_default(unchecked())
    strict = Configuration()
    strict.client_side_validation = True
    with pytest.raises(ValueError, match="must be one of"):
        UserApiToken(account_type="x", _configuration=strict)
    Configuration.set_default(strict)
    UserApiToken(account_type="x", _configuration=unchecked())


def test_validation_follows_the_configuration_when_it_changes():
    configuration = unchecked()
    token = UserApiToken(account_type="x", _configuration=configuration)
    configuration.client_side_validation = True
    with pytest.raises(ValueError, match="must be one of"):
        token.account_type = "y"


@by_field
def test_each_attribute_is_a_property_that_can_be_set_and_says_what_it_is(name, field):
    cls = model_class(name)
    attribute = getattr(cls, field)
    assert isinstance(attribute, property)
    assert f"({SWAGGER_TYPES[name][field]}" in attribute.__doc__
    assert (", None if not set)" in attribute.__doc__) is (field not in REQUIRED[name])
    model = cls()
    value = good_value(name, field)
    setattr(model, field, value)
    assert getattr(model, field) is value
    others = {other: getattr(model, other) for other in SWAGGER_TYPES[name] if other != field}
    assert others == dict.fromkeys(others)


@by_name
@for_all("attribute", ["tokenID", "tokenName", "token", "x", "accountType"])
def test_assigning_an_attribute_that_does_not_exist_is_an_attribute_error(name, attribute):
    model = model_class(name)()
    with pytest.raises(AttributeError):
        setattr(model, attribute, "x")
    with pytest.raises(AttributeError):
        setattr(filled(name), attribute, "x")
    with pytest.raises(AttributeError):
        getattr(model, attribute)


def snake(name, wire):
    """What `to_dict` gives for a value of the wire."""
    types, keys = SWAGGER_TYPES[name], ATTRIBUTE_MAP[name]
    result = {}
    for field, type_name in types.items():
        value = wire.get(keys[field])
        inner = type_name.removeprefix("list[").removesuffix("]") if value is not None else ""
        if inner in SWAGGER_TYPES:
            is_list = isinstance(value, list)
            value = [snake(inner, v) for v in value] if is_list else snake(inner, value)
        result[field] = value
    return result


@by_name
def test_to_dict_is_nested_snake_case_with_every_attribute(name):
    assert filled(name).to_dict() == snake(name, WIRE[name])
    assert list(filled(name).to_dict()) == list(SWAGGER_TYPES[name])


def test_to_dict_literally():
    container = ResponseContainerListUserApiToken(
        response=[UserApiToken(token_id="t", account_type="USER_ACCOUNT")],
        status=ResponseStatus(code=200, result="OK"),
    )
    assert container.to_dict() == {
        "debug_info": None,
        "response": [
            {
                "account": None,
                "account_type": "USER_ACCOUNT",
                "date_generated": None,
                "last_used": None,
                "token_id": "t",
                "token_name": None,
            }
        ],
        "status": {"code": 200, "message": None, "result": "OK"},
    }


def test_to_dict_reaches_models_inside_dictionaries_and_lists_of_lists():
    token = UserApiToken(token_id="t")
    container = ResponseContainerUserApiToken(
        response={"a": token, "b": [token, 5]}, debug_info=[[token], "x"]
    )
    plain = token.to_dict()
    assert container.to_dict()["response"] == {"a": plain, "b": [plain, 5]}
    assert container.to_dict()["debug_info"] == [[plain], "x"]


def test_changing_the_dictionary_does_not_change_the_model():
    container = filled("ResponseContainerListUserApiToken")
    data = container.to_dict()
    data["response"].clear()
    data["debug_info"].append("x")
    data["status"]["code"] = 500
    assert container == filled("ResponseContainerListUserApiToken")


@by_name
def test_to_str_is_the_pretty_printed_dictionary_and_repr_hides_the_tokens_in_it(name):
    model = filled(name)
    assert model.to_str() == pprint.pformat(model.to_dict())
    shown = (
        pprint.pformat(model.to_dict()).replace("'token-id'", "'***n-id'").replace("'t2'", "'***'")
    )
    assert repr(model) == str(model) == f"{model}" == shown


def test_repr_hides_what_a_service_sends_in_place_of_a_token():
    odd = {"tokenID": ["token-id"], "name": "ci"}
    for answer in ({"response": {"x": odd}}, {"response": [[odd], None]}, {"response": [odd]}):
        model = ResponseContainerListUserApiToken.from_dict(answer)
        assert "token-id" not in repr(model)
        assert "token-id" in model.to_str()


def test_what_repr_hides_is_what_errors_and_logs_hide():
    secret = {
        cls.attribute_map[name]
        for cls in (getattr(models, model) for model in NAMES)
        for name, field in cls._fields.items()
        if field.secret
    }
    assert secret == SECRET_KEYS


DATES = [
    ("UserApiToken", "date_generated", "date_generated_at"),
    ("UserApiToken", "last_used", "last_used_at"),
    ("ApiTokenModel", "created_epoch_millis", "created_at"),
    ("ApiTokenModel", "date_generated", "date_generated_at"),
    ("ApiTokenModel", "last_used", "last_used_at"),
]


@pytest.mark.parametrize(("name", "field", "as_date"), DATES)
def test_a_number_that_is_a_date_can_be_had_as_one(name, field, as_date):
    model = model_class(name)(**{field: 1700000000123})
    assert getattr(model, as_date) == datetime(2023, 11, 14, 22, 13, 20, 123000, timezone.utc)
    assert getattr(model_class(name)(), as_date) is None
    with pytest.raises(AttributeError):
        setattr(model, as_date, None)
    assert as_date not in {**model.to_dict(), **json.loads(model.to_json()), **model.swagger_types}
    assert as_date not in repr(model)
    assert getattr(pickle.loads(pickle.dumps(model)), as_date) == getattr(model, as_date)


@by_name
def test_equality_is_by_value(name):
    one, other = filled(name), filled(name)
    assert one == other
    assert (one != other) is False
    assert one == one  # noqa: PLR0124 (the operator itself is under test)
    for field in SWAGGER_TYPES[name]:
        changed = filled(name)
        Configuration.set_default(unchecked())
        setattr(changed, field, "CHANGED")
        Configuration.set_default(None)
        assert changed != one
        assert (changed == one) is False
        assert one != changed


@by_name
def test_nothing_else_is_equal(name):
    model = filled(name)
    for other in (None, 5, model.to_dict(), WIRE[name], object(), model_class(name)()):
        assert model != other
        assert (model == other) is False
    assert model_class(name)() == model_class(name)()


def test_models_of_different_classes_are_different():
    nothing = {name: model_class(name)() for name in NAMES}
    for name, model in nothing.items():
        assert [other for other in NAMES if nothing[other] == model] == [name]


def test_where_the_configuration_differs_the_value_does_not():
    assert UserApiToken(token_id="t", _configuration=unchecked()) == UserApiToken(token_id="t")


@by_name
def test_models_are_not_hashable(name):
    with pytest.raises(TypeError, match="unhashable"):
        hash(model_class(name)())
    assert model_class(name).__hash__ is None


@by_name
def test_from_dict_reads_the_wire(name):
    model = model_class(name).from_dict(WIRE[name])
    assert type(model) is model_class(name)
    assert model.to_dict() == snake(name, WIRE[name])


@by_name
def test_from_dict_reads_what_to_dict_wrote(name):
    model = filled(name)
    again = model_class(name).from_dict(model.to_dict())
    assert again == model
    assert type(again) is type(model)


def test_from_dict_makes_models_at_every_depth_in_either_casing():
    for wire in (WIRE, {name: filled(name).to_dict() for name in NAMES}):
        container = ResponseContainerListUserApiToken.from_dict(
            wire["ResponseContainerListUserApiToken"]
        )
        assert type(container.status) is ResponseStatus
        assert [type(token) for token in container.response] == [UserApiToken, UserApiToken]
        assert container.response[0].token_id == "token-id"
        single = ResponseContainerApiTokenModel.from_dict(wire["ResponseContainerApiTokenModel"])
        assert type(single.response) is ApiTokenModel
        assert single.response.created_epoch_millis == 1700000000000
    listed = filled("ResponseContainerListApiTokenModel")
    assert type(listed.response[0]) is ApiTokenModel
    assert type(filled("ResponseContainerUserApiToken").response) is UserApiToken


def test_from_dict_prefers_the_json_key_and_ignores_unknown_ones():
    token = UserApiToken.from_dict({"tokenID": "json", "token_id": "python", "nix": 1, "x": {}})
    assert token.to_dict() == {**UserApiToken().to_dict(), "token_id": "json"}


@pytest.mark.parametrize("kind", [dict, OrderedDict, MappingProxyType])
def test_from_dict_takes_any_mapping(kind):
    assert UserApiToken.from_dict(kind({"tokenID": "t"})).token_id == "t"


@for_all("value", [None, [], "x", 5, UserApiToken()])
def test_from_dict_refuses_what_is_none(value):
    with pytest.raises(TypeError) as caught:
        UserApiToken.from_dict(value)
    assert str(caught.value) == f"from_dict() takes a dict, not {type(value).__name__}"


def test_from_dict_keeps_models_that_are_models_already():
    token = UserApiToken(token_id="t")
    container = ResponseContainerUserApiToken.from_dict({"response": token})
    assert container.response is token


@by_name
def test_from_dict_never_validates(name):
    cls = model_class(name)
    anything = dict.fromkeys(ATTRIBUTE_MAP[name].values(), "ANYTHING")
    assert set(cls.from_dict(anything).to_dict().values()) == {"ANYTHING"}
    nothing = dict.fromkeys(ATTRIBUTE_MAP[name].values())
    assert cls.from_dict(nothing) == cls()
    assert cls.from_dict({}) == cls()


@for_all("value", [5, "x", True, 1.5, [1, [2]], {"a": 1}])
@for_all("name", NAMES)
def test_values_of_the_wrong_type_are_kept_as_sent(name, value):
    for field, key in ATTRIBUTE_MAP[name].items():
        model = model_class(name).from_dict({key: value})
        if SWAGGER_TYPES[name][field] in SWAGGER_TYPES and isinstance(value, dict):
            assert getattr(model, field) == model_class(SWAGGER_TYPES[name][field])()
        else:
            assert getattr(model, field) == value


def test_an_odd_element_costs_no_token_its_place():
    elements = [
        {"tokenID": "a"},
        None,
        {"tokenID": "b", "accountType": "BRAND_NEW"},
        "text",
        {"tokenID": None},
        {},
        {"unknown": 1},
        5,
        [{"tokenID": "inner"}],
        {"tokenID": "z", "dateGenerated": None, "lastUsed": 0},
    ]
    container = ResponseContainerListUserApiToken.from_dict({"response": elements})
    assert len(container.response) == len(elements)
    assert [container.response[place] for place in (1, 3, 7)] == [None, "text", 5]
    assert container.response[2].account_type == "BRAND_NEW"
    assert [container.response[place].token_id for place in (0, 2, 4, 5, 6, 9)] == [
        "a",
        "b",
        None,
        None,
        None,
        "z",
    ]
    assert container.response[9].last_used == 0


WHOLE = {key: key for key in ATTRIBUTE_MAP["UserApiToken"].values()}


@for_all("odd", [{"tokenID": "x"}, {"token_id": "x"}, {}, {**WHOLE, "new": 1}, None, 5, "x", [1]])
def test_a_long_list_is_read_as_a_short_one(odd):
    long = [dict(WHOLE) for _ in range(200)]
    long[7] = odd
    given = {"response": list(long)}
    tokens = ResponseContainerListUserApiToken.from_dict(given).response
    short = ResponseContainerListUserApiToken.from_dict({"response": [WHOLE, odd]}).response
    assert tokens == [*[short[0]] * 7, short[1], *[short[0]] * 192]
    assert all(type(token) is UserApiToken for token in tokens if token != odd)
    assert given == {"response": long}


@by_name
def test_to_json_is_what_a_request_would_send(name):
    assert json.loads(filled(name).to_json()) == WIRE[name]


def test_to_json_leaves_out_what_is_not_set():
    assert UserApiToken(token_name="ci").to_json() == '{"tokenName": "ci"}'
    container = ResponseContainerUserApiToken(response=UserApiToken(last_used=0))
    assert container.to_json() == '{"response": {"lastUsed": 0}}'


@by_name
def test_json_round_trip(name):
    model = filled(name)
    for text in (model.to_json(), model.to_json().encode()):
        again = model_class(name).from_json(text)
        assert again == model
        assert type(again) is type(model)


@for_all("text", ["", "{", "nix", b"\xff"])
def test_from_json_refuses_what_is_not_json(text):
    with pytest.raises(ValueError, match=r".+"):
        UserApiToken.from_json(text)


@for_all("text", ["[]", "5", "null", '"x"'])
def test_from_json_refuses_what_is_no_object(text):
    with pytest.raises(TypeError, match="^from_dict\\(\\) takes a dict, not "):
        UserApiToken.from_json(text)


@by_name
@for_all("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_round_trip(name, protocol):
    model = filled(name)
    again = pickle.loads(pickle.dumps(model, protocol))
    assert again == model
    assert type(again) is type(model)
    assert again is not model
    again.__class__(**{field: getattr(again, field) for field in SWAGGER_TYPES[name]})


@by_name
def test_copy_is_shallow_and_deepcopy_is_deep(name):
    model = filled(name)
    shallow, deep = copy.copy(model), copy.deepcopy(model)
    assert type(shallow) is type(deep) is type(model)
    assert shallow == model
    assert deep == model
    assert shallow is not model
    for field in SWAGGER_TYPES[name]:
        value = getattr(model, field)
        assert getattr(shallow, field) is value
        if isinstance(value, (list, Model)):
            assert getattr(deep, field) is not value


@by_name
def test_unset_models_copy_and_pickle_too(name):
    model = model_class(name)()
    for again in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert again == model


def test_a_copy_is_independent_and_still_validates():
    token = filled("UserApiToken")
    for again in (copy.copy(token), copy.deepcopy(token), pickle.loads(pickle.dumps(token))):
        again.token_name = "other"
        assert token.token_name == "ci"
        with pytest.raises(ValueError, match="must not be `None`"):
            again.token_id = None
        with pytest.raises(AttributeError):
            again.nix = 1


def test_a_pickle_holds_no_key_of_the_caller():
    configuration = Configuration(api_key="canary-key")
    token = UserApiToken(token_id="t", _configuration=configuration)
    assert b"canary" not in pickle.dumps(token)


def test_a_class_derived_by_the_caller_works():
    class Mine(UserApiToken):
        """A token that shouts."""

        def shout(self):
            return self.token_id.upper()

    mine = Mine(token_id="t")
    assert mine.shout() == "T"
    assert mine.to_dict() == UserApiToken(token_id="t").to_dict()
    assert type(Mine.from_dict({"tokenID": "x"})) is Mine
    assert Mine.from_dict({"token_id": "x"}).shout() == "X"
    assert Mine.swagger_types == UserApiToken.swagger_types
    assert UserApiToken(token_id="t") == mine
    assert type(UserApiToken.from_dict({})) is UserApiToken
    with pytest.raises(ValueError, match="must be one of"):
        mine.account_type = "x"


def test_a_model_of_its_own_is_declared_by_its_fields():
    class Part(Model):
        """A part."""

        number = Field(int, "noOf", doc="Number.")

    class Thing(Model):
        """A thing."""

        plain = Field(str, doc="Plain.")
        renamed = Field(list[Part], "reNamed", required=True, doc="Renamed.")

    assert Thing.swagger_types == {"plain": "str", "renamed": "list[Part]"}
    assert Thing.attribute_map == {"plain": "plain", "renamed": "reNamed"}
    assert Thing.plain.__doc__ == "Plain. (str, None if not set)"
    assert Thing.renamed.__doc__ == "Renamed. (list[Part])"
    assert Thing.from_dict({"renamed": [{"number": 1}]}).renamed == [Part(1)]
    assert Thing.from_dict({"reNamed": [{"noOf": 1}, None]}).renamed == [Part(1), None]
    assert Thing("x").plain == "x"
    with pytest.raises(ValueError, match="Invalid value for `renamed`, must not be `None`"):
        Thing(renamed=None)


@for_all("name", ["Nix", "Model", "list[Nix]", "", "annotations", "exports"])
def test_there_is_no_reader_for_what_is_no_model(name):
    with ApiClient(Configuration(host="https://h")) as client:
        with pytest.raises(ValueError, match="no type"):
            client.deserialize(SimpleNamespace(data="{}", headers={}), name)


@by_name
def test_the_reader_of_a_model_passes_on_what_is_no_object(name):
    read = model_class(name).read
    assert read(copy.deepcopy(WIRE[name])) == filled(name)
    for value in (None, 5, "x", [1]):
        assert read(value) is value


VALUES = st.none() | st.booleans() | st.integers() | texts() | st.lists(texts(), max_size=2)


@drawn(60)
@given(st.sampled_from(NAMES), st.data())
def test_whatever_is_read_round_trips(name, data):
    keys = st.sampled_from(sorted({*ATTRIBUTE_MAP[name].values(), "unknown"}))
    wire = data.draw(st.dictionaries(keys, VALUES))
    cls = model_class(name)
    model = cls.from_dict(wire)
    assert cls.from_dict(model.to_dict()) == model
    assert pickle.loads(pickle.dumps(model)) == model
    assert copy.deepcopy(model) == model
    assert json.loads(model.to_json()) == {
        key: value
        for key, value in wire.items()
        if value is not None and key in ATTRIBUTE_MAP[name].values()
    }


@pytest.mark.parametrize(
    "given", [{"token_id": "t", "account_type": "typo"}, {"token_id": None}, {"nix": 1}]
)
def test_a_model_that_was_refused_can_be_shown(given):
    model = UserApiToken.__new__(UserApiToken)
    with pytest.raises((ValueError, TypeError)):
        model.__init__(**given)
    assert "'account_type': None" in repr(model)
