"""Tokens are found by what is known of them, and no token goes into a URL."""

from __future__ import annotations

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.tokens import Secret, find, handle_of


@pytest.fixture
def tokens(server):
    server.add_service_account("sa::ci")
    server.add_service_account("sa::cd")
    return [
        server.add_token(account, name)
        for account in ("sa::ci", "sa::cd")
        for name in ("x", "y")
    ]  # fmt: skip


def found(api, **known):
    return [token.secret.reveal() for token in find(api, **known)]


def test_by_secret_handle_or_name(api, tokens, server):
    ids = [token.token_id for token in tokens]
    assert found(api, secret=Secret(ids[2])) == found(api, secret=ids[2]) == [ids[2]]
    handle = handle_of(ids[1])
    for text in (handle, handle[:6].upper(), handle + "0" * 54):
        assert found(api, handle=text) == [ids[1]]
    assert found(api, name="x") == [ids[0], ids[2]]
    assert found(api, name="x", account="sa::cd") == [ids[2]]
    assert found(api, name="x", handle=handle) == []
    assert found(api, name="y", handle=handle, secret=ids[1]) == [ids[1]]
    assert not any(each in request.path for each in ids for request in server.requests)


def test_who_may_see_only_his_own(server, tokens):
    jane = server.add_user("jane@example.com", permissions=[])
    server.add_token(jane, "x")
    with ApiClient(server.configuration(jane)) as client:
        (token,) = find(ApiTokenApi(client), name="x")
        server.inject(status=401)
        assert find(ApiTokenApi(client), name="x") == [token]
    assert token.account == "jane@example.com"


@pytest.mark.parametrize(
    "known", [{}, {"account": "sa::ci"}, {"handle": "12345"}, {"handle": "nothex"}]
)
def test_what_says_nothing(api, server, known):
    with pytest.raises(ValueError):
        find(api, **known)
    assert not server.requests


def test_what_a_listing_does_not_name_is_no_token(api, server):
    body = {"status": {"result": "OK"}, "response": [{"name": "x"}, {"name": "x", "id": "t"}]}
    server.inject(body=body)
    assert found(api, name="x") == ["t"]
    server.inject(body={"status": None})
    assert found(api, name="x") == []
