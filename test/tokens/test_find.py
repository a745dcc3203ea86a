"""Tokens are found by what is known of them, and no token goes into a URL."""

from __future__ import annotations

from functools import partial

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi, InvalidResponseException
from wavefront_api_client.tokens import Secret, audit, find, handle_of, list_tokens, whoami


@pytest.fixture
def tokens(server):
    server.add_service_account("sa::ci")
    server.add_service_account("sa::cd")
    return [
        server.add_token(account, name)
        for account in ("sa::ci", "sa::cd")
        for name in ("x", "y")
    ]  # fmt: skip


def found(api, ref, **options):
    return [token.secret.reveal() for token in find(api, ref, **options)]


def test_by_secret_handle_name_info_or_row(api, tokens, server):
    ids = [token.token_id for token in tokens]
    assert found(api, Secret(ids[2])) == [ids[2]]
    handle = handle_of(ids[1])
    for text in (handle, handle[:6].upper(), handle + "0" * 54):
        assert found(api, text) == [ids[1]]
    assert found(api, "x") == [ids[0], ids[2]]
    assert found(api, "x", account="sa::cd") == [ids[2]]
    assert found(api, "X") == []
    for token in find(api, ["x", handle]):
        assert find(api, token) == [token]
    row = next(row for row in audit(api).rows if row.handle == handle)
    assert found(api, [row, "x", Secret(ids[0])]) == ids[:3]
    assert not any(each in request.path for each in ids for request in server.requests)


def test_a_user_without_permission_finds_their_own(server, tokens):
    jane = server.add_user("jane@example.com", permissions=[])
    server.add_token(jane, "x")
    with ApiClient(server.configuration(jane)) as client:
        (token,) = find(ApiTokenApi(client), "x")
        server.inject(status=401)
        assert find(ApiTokenApi(client), "x") == [token]
    assert token.account == "jane@example.com"


@pytest.mark.parametrize(
    ("ref", "error"), [("", ValueError), ([], ValueError), (["x", ""], ValueError),
        (None, TypeError), ([7], TypeError), (b"x", TypeError)],
)  # fmt: skip
def test_what_names_no_token(api, server, ref, error):
    with pytest.raises(error):
        find(api, ref)
    assert not server.requests


def test_a_client_is_no_api(client):
    for function in (list_tokens, whoami, partial(find, ref="x")):
        with pytest.raises(TypeError, match="must be an ApiTokenApi, not ApiClient"):
            function(client)


def test_lists(api, server, tokens):
    assert [token.handle for token in list_tokens(api)] == [handle_of(server.user.key)]
    assert [token.name for token in list_tokens(api, account="sa::cd")] == ["x", "y"]
    assert len(list_tokens(api, customer=True)) == 5
    with pytest.raises(ValueError, match="not both"):
        list_tokens(api, account="sa::cd", customer=True)


def test_whose_key_it_is(api, server):
    found = whoami(api)
    assert found.token.handle == handle_of(server.user.key)
    assert found[1:] == ("admin@example.com", "USER_ACCOUNT", 1, True, "key")
    jane = server.add_user("jane@example.com", permissions=[], tokens=2)
    with ApiClient(server.configuration(jane)) as client:
        assert whoami(ApiTokenApi(client))[1:5] == ("jane@example.com", "USER_ACCOUNT", 2, False)


OK = {"result": "OK"}
NO_LISTINGS = {
    "nothing": b"",
    "null": {"status": OK, "response": None},
    "no response": {"status": OK},
    "no status": {"status": None},
    "a page": {"status": OK, "response": {"items": [], "totalItems": 0}},
    "the other model": {"status": OK, "response": [{"tokenID": "t"}]},
    "no token": {"status": OK, "response": [{"name": "x"}, {"name": "x", "id": "t"}]},
    "an empty token": {"status": OK, "response": [{"name": "x", "id": ""}]},
    "a number": {"status": OK, "response": [{"id": 7}]},
    "text": {"status": OK, "response": ["t"]},
    "an empty list with a warning": {"status": {"result": "OK", "message": "later"}, "response": []},
}  # fmt: skip


@pytest.mark.parametrize("body", NO_LISTINGS.values(), ids=NO_LISTINGS)
def test_only_a_list_of_tokens_is_a_listing(api, server, body):
    for function in (partial(find, ref="x"), partial(list_tokens, customer=True), audit):
        server.inject(status=200, body=body)
        with pytest.raises(InvalidResponseException, match="a list of tokens was expected"):
            function(api)


ALSO_FOR_ACCOUNTS = ["nothing", "null", "no response", "no status", "a page", "text"]


@pytest.mark.parametrize("body", [NO_LISTINGS[name] for name in ALSO_FOR_ACCOUNTS])
def test_an_account_that_may_hold_none_has_to_say_so(api, server, body):
    server.add_service_account("sa::empty")
    server.inject(status=200, body=body)
    with pytest.raises(InvalidResponseException, match="a list of tokens was expected"):
        list_tokens(api, account="sa::empty")


@pytest.mark.parametrize("account", [None, "sa::empty"])
def test_a_204_is_no_listing(api, server, account):
    server.inject(status=204, body=b"")
    with pytest.raises(InvalidResponseException) as caught:
        list_tokens(api, account=account)
    assert caught.value.message == "the answer had no body"


def test_the_key_itself_is_missing_in_no_listing(api, server):
    for function in (list_tokens, partial(list_tokens, customer=True)):
        server.inject(body={"status": OK, "response": []})
        with pytest.raises(InvalidResponseException, match="the key itself"):
            function(api)
    server.add_service_account("sa::empty")
    assert list_tokens(api, account="sa::empty") == []


def test_a_warning_of_the_service_is_shown(api, server, caplog):
    uuid = "01234567-89ab-cdef-0123-456789abcdef"
    status = {"result": "OK", "message": f"cut at {uuid}"}
    server.inject(body={"status": status, "response": [{"tokenID": "t"}]})
    list_tokens(api)
    assert "list of 1 token: cut at ***cdef" in caplog.text


def test_an_odd_use_of_one_token_does_not_make_the_others_unused(api, server):
    listed = [{"id": "a", "lastUsed": "soon"}, {"id": "b"}, {"id": "c\ud800", "lastUsed": 0}]
    server.inject(body={"status": OK, "response": listed})
    tokens = list_tokens(api, customer=True)
    assert [token.is_unused for token in tokens] == [False, False, True]
    assert tokens[2].handle == handle_of("c\ud800")
    assert tokens[2].secret != tokens[1].secret


def test_an_odd_date_costs_a_token_no_more_than_that(api, server):
    odd = ["soon", -1, 1e400, True, [], {}, "1700000000000"]
    listed = [{"id": f"t{n}", "name": "x", "lastUsed": v, "createdEpochMillis": v,
               "dateGenerated": v} for n, v in enumerate(odd)]  # fmt: skip
    server.inject(2, body={"status": OK, "response": [*listed, {"id": "t", "name": "x"}]})
    assert len(find(api, "x")) == len(odd) + 1
    rows = audit(api).rows
    assert [(row.created, row.last_used) for row in rows] == [(None, None)] * len(rows)
