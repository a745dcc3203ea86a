"""A token as a value: what it shows of itself, and which one a reference means."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime, timezone
from hashlib import sha256

import pytest

from wavefront_api_client import ApiTokenModel, UserApiToken
from wavefront_api_client.tokens import (
    AmbiguousToken,
    NoFreeSlot,
    Secret,
    TokenInfo,
    TokenNotFound,
    handle_of,
)
from wavefront_api_client.tokens._find import resolve
from wavefront_api_client.tokens._token import renamed

TOKEN = "0b5f6a3c-canary-898d"
SECONDS = 1_750_000_000
THEN = datetime(2025, 6, 15, 15, 6, 40, tzinfo=timezone.utc)

MODELS = [
    UserApiToken("a", "SERVICE_ACCOUNT", SECONDS * 1000, SECONDS, TOKEN, "ci"),
    ApiTokenModel("a", "SERVICE_ACCOUNT", SECONDS * 1000, "c", None, TOKEN, SECONDS, "ci"),
    ApiTokenModel("a", "SERVICE_ACCOUNT", 0, "c", SECONDS * 1000, TOKEN, SECONDS, "ci"),
]


def test_a_secret_shows_its_end():
    secret = Secret(TOKEN)
    assert f"{secret}{secret!r}{[secret]}" == "***898d***898d[***898d]"
    assert secret.reveal() == TOKEN
    assert secret.handle == handle_of(TOKEN) == "b86537050a"
    assert {secret, Secret(TOKEN)} == {secret}
    assert secret != Secret("another")
    assert secret != TOKEN
    assert copy.deepcopy(secret) is copy.copy(secret) is secret
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(secret)
    with pytest.raises(ValueError, match="cannot be empty"):
        Secret("")


def test_the_case_of_a_uuid_says_nothing():
    upper = "7B5E1C3A-9D0F-4E2B-8A6C-1F2D3E4B898D"
    assert Secret(upper) == Secret(upper.lower())
    assert {Secret(upper), Secret(upper.lower())} == {Secret(upper)}
    assert (
        handle_of(upper)
        == handle_of(upper.lower())
        == sha256(upper.lower().encode()).hexdigest()[:10]
    )
    assert Secret(upper).reveal() == upper
    assert Secret("Key") != Secret("key")
    assert handle_of("Key") != handle_of("key")


@pytest.mark.parametrize("model", MODELS)
def test_both_models_say_the_same(model):
    info = TokenInfo(model)
    assert (info.name, info.account, info.account_type) == ("ci", "a", "SERVICE_ACCOUNT")
    assert info.created == info.last_used == THEN
    assert (info.secret, info.handle, info.is_known) == (Secret(TOKEN), handle_of(TOKEN), True)
    assert repr(info) == f"<TokenInfo {handle_of(TOKEN)} 'ci' of 'a'>"
    assert {info, TokenInfo(copy.copy(model))} == {info}
    assert info != model
    other = renamed(info, "cd")
    assert (other.name, info.name, other == info) == ("cd", "ci", False)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(info)


def test_what_a_listing_does_not_say():
    for info in (TokenInfo(UserApiToken()), TokenInfo(ApiTokenModel())):
        assert (info.name, info.account, info.created, info.last_used) == ("", None, None, None)
        assert not info.is_known
        with pytest.raises(ValueError):
            info.secret


@pytest.mark.parametrize(
    "value", [None, 0, -1, "1750000000000", True, float("nan"), float("inf"), 10**30]
)
def test_what_is_no_date(value):
    assert TokenInfo(UserApiToken(last_used=value)).last_used is None


def test_a_reference_means_one_token():
    tokens = [
        TokenInfo(UserApiToken(token_id=each, token_name=name))
        for each, name in (("a", "ci"), ("b", "cd"), ("c", "cd"))
    ]
    for ref in ("ci", handle_of("a")[:6], Secret("a"), tokens[0]):
        assert resolve(ref, tokens) is tokens[0]
    with pytest.raises(
        AmbiguousToken, match="2 tokens match 'cd': .* 'cd', .* 'cd'; give a handle"
    ) as caught:
        resolve("cd", tokens)
    assert caught.value.tokens == (tokens[1], tokens[2])
    for ref in ("x", Secret("x")):
        with pytest.raises(TokenNotFound):
            resolve(ref, tokens)


def test_an_error_can_be_pickled_without_its_tokens():
    error = NoFreeSlot("full", [TokenInfo(MODELS[0])])
    found = pickle.loads(pickle.dumps(error))
    assert (type(found), str(found), found.tokens) == (NoFreeSlot, "full", ())
