"""The rules of the service, one by one, over a socket."""

from __future__ import annotations

import re
import time
import uuid
from urllib.parse import quote

import pytest
from cases import for_all

from wavefront_api_client.testing import ROUTES, TokenServer

OWN = "/api/v2/apitoken"
CUSTOMER = OWN + "/customertokens"
REVOKE = CUSTOMER + "/revoke"
SERVICE = OWN + "/serviceaccount"
ODD_IDS = ["a/b?c é%2F", "..", "sa::ci", "%2e%2e", "a+b c", "a;b=c&d#e", "customertokens", "☃\x00"]


def ids(tokens):
    return [token["tokenID"] for token in tokens]


def stored(account):
    return [token.token_id for token in account.tokens]


# --- the eleven endpoints -----------------------------------------------------------------------


def test_each_route_has_a_name_of_its_own():
    assert len(ROUTES) == len(set(ROUTES.values()))
    assert ROUTES["PUT", "/api/v2/apitoken/customertokens/revoke"] == "delete_customer_token"
    assert ROUTES["DELETE", "/api/v2/apitoken/serviceaccount/{id}/{token}"] == (
        "delete_token_service_account"
    )


def test_own_tokens_are_listed_in_the_order_in_which_they_came(server, call):
    user = server.add_user("jane", tokens=["one" * 4, "two" * 4])
    answer = call("GET", OWN, key=user.key)
    assert answer.json["status"] == {"result": "OK", "message": "", "code": 200}
    first, second = answer.response
    assert second == {
        "tokenID": "twotwotwotwo",
        "tokenName": "",
        "account": "jane",
        "accountType": "USER_ACCOUNT",
        "dateGenerated": user.tokens[1].date_generated,
        "lastUsed": 0,
    }
    assert first["tokenID"] == "oneoneoneone"
    assert abs(first["dateGenerated"] - time.time() * 1000) < 60_000


def test_created_token_is_last_and_works_as_key(server, call):
    answer = call("POST", OWN)
    assert ids(answer.response) == stored(server.user)
    new = answer.response[-1]["tokenID"]
    assert str(uuid.UUID(new)) == new
    assert answer.response[-1]["lastUsed"] == 0
    assert call("GET", OWN, key=new).status == 200


def test_body_of_an_endpoint_without_one_is_ignored(server, call):
    assert call("POST", OWN, headers={"Content-Type": "text/plain"}, data=b"{").status == 200


def test_deleted_token_is_gone_at_once(server, call):
    new = call("POST", OWN).response[-1]["tokenID"]
    answer = call("DELETE", f"{OWN}/{new}")
    assert ids(answer.response) == [server.user.key]
    assert call("GET", OWN, key=new).status == 401
    assert call("DELETE", f"{OWN}/{new}").status == 404


def test_key_may_delete_itself(server, call):
    user = server.add_user("jane")
    key = user.key
    assert call("DELETE", f"{OWN}/{key}", key=key).response == []
    assert call("GET", OWN, key=key).status == 401
    assert user.tokens == []


def test_own_token_is_renamed_and_keeps_its_place(server, call):
    user = server.add_user("jane", tokens=3)
    second = user.tokens[1].token_id
    answer = call("PUT", f"{OWN}/{second}", {"tokenName": "ci é"}, key=user.key)
    assert answer.response["tokenName"] == "ci é"
    assert answer.response["tokenID"] == second
    assert [token.token_name for token in user.tokens] == ["", "ci é", ""]
    assert stored(user)[1] == second


def test_rename_without_a_name_changes_nothing(server, call):
    path = f"{OWN}/{server.user.key}"
    call("PUT", path, {"tokenName": "ci"})
    assert call("PUT", path, {}).response["tokenName"] == "ci"
    assert call("PUT", path).response["tokenName"] == "ci"
    assert call("PUT", path, {"tokenName": ""}).response["tokenName"] == ""


def test_rename_with_the_same_id_in_the_body(server, call):
    body = {"tokenID": server.user.key, "tokenName": "ci"}
    assert call("PUT", f"{OWN}/{server.user.key}", body).response["tokenName"] == "ci"


def test_rename_with_another_id_in_the_body_is_refused(server, call):
    body = {"tokenID": "another", "tokenName": "ci"}
    assert "tokenID" in call("PUT", f"{OWN}/{server.user.key}", body).message
    account = server.add_service_account("sa::ci", tokens=["token-of-ci"])
    assert call("PUT", f"{SERVICE}/sa::ci/token-of-ci", body).status == 400
    assert account.tokens[0].token_name == server.user.tokens[0].token_name == ""


def test_service_account_token_takes_a_name_at_creation(server, call):
    account = server.add_service_account("sa::ci", tokens=1)
    answer = call("POST", f"{SERVICE}/sa::ci", {"tokenName": "deploy", "tokenID": "ignored"})
    assert ids(answer.response) == stored(account)
    assert answer.response[-1]["tokenName"] == "deploy"
    assert answer.response[-1]["accountType"] == "SERVICE_ACCOUNT"
    assert call("POST", f"{SERVICE}/sa::ci").response[-1]["tokenName"] == ""
    assert ids(call("GET", f"{SERVICE}/sa::ci").response) == stored(account)
    assert call("GET", OWN, key=stored(account)[-1]).status == 200


def test_service_account_token_is_renamed_and_deleted(server, call):
    account = server.add_service_account("sa::ci", tokens=["token-one", "token-two"])
    renamed = call("PUT", f"{SERVICE}/sa::ci/token-two", {"tokenName": "x"})
    assert renamed.response["tokenName"] == account.tokens[1].token_name == "x"
    left = call("DELETE", f"{SERVICE}/sa::ci/token-one")
    assert ids(left.response) == stored(account) == ["token-two"]


def test_customer_tokens_are_those_of_everybody(server, call):
    server.add_user("jane", tokens=["token-jane"])
    server.add_service_account("sa::ci", tokens=["token-ci"])
    answer = call("GET", CUSTOMER)
    assert [token["id"] for token in answer.response] == [server.user.key, "token-jane", "token-ci"]
    assert call("GET", f"{CUSTOMER}/token-ci").response == answer.response[-1]
    created = answer.response[-1]["dateGenerated"]
    assert answer.response[-1] == {
        "id": "token-ci",
        "name": "",
        "account": "sa::ci",
        "accountType": "SERVICE_ACCOUNT",
        "customer": "example",
        "createdEpochMillis": created,
        "dateGenerated": created,
        "lastUsed": 0,
    }


@pytest.mark.parametrize("kind", ["user", "service account"])
def test_any_customer_token_can_be_revoked(server, call, kind):
    add = server.add_user if kind == "user" else server.add_service_account
    account = add("somebody", tokens=["token-of-somebody"])
    answer = call("PUT", REVOKE, {"tokenID": "token-of-somebody"})
    assert answer.response["tokenID"] == "token-of-somebody"
    assert answer.response["account"] == "somebody"
    assert account.tokens == []
    assert call("GET", OWN, key="token-of-somebody").status == 401
    assert call("PUT", REVOKE, {"tokenID": "token-of-somebody"}).status == 404


@pytest.mark.parametrize("body", [None, {}, {"tokenID": ""}, {"tokenID": None}])
def test_revoke_says_which_token_is_missing(server, call, body):
    assert "tokenID is missing" in call("PUT", REVOKE, body).message
    assert len(server.user.tokens) == 1


# --- keys ---------------------------------------------------------------------------------------


@for_all(
    ("name", "form"),
    [
        ("X-AUTH-TOKEN", "{}"),
        ("X-AUTH-TOKEN", "Bearer {}"),
        ("x-auth-token", "bearer  {}"),
        ("Authorization", "Bearer {}"),
        ("authorization", "BEARER {}"),
    ],
)
def test_key_is_read_from_either_field(server, call, name, form):
    fields = {name: form.format(server.user.key)}
    assert call("GET", OWN, key=None, headers=fields).status == 200


@for_all(
    "fields",
    [
        {},
        {"X-AUTH-TOKEN": ""},
        {"X-AUTH-TOKEN": "Bearer "},
        {"X-AUTH-TOKEN": "wrong"},
        {"Authorization": "{key}"},
        {"Authorization": "Basic {key}"},
        {"Authorization": "Bearer"},
        {"X-AUTH-TOKEN": "{key}x"},
        {"X-AUTH-TOKEN": "wrong", "Authorization": "Bearer {key}"},
    ],
)
def test_anything_else_is_no_key(server, call, fields):
    fields = {name: value.format(key=server.user.key) for name, value in fields.items()}
    answer = call("GET", OWN, key=None, headers=fields)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.message == "a working key is needed"
    assert server.user.tokens[0].last_used == 0


def test_every_live_token_is_a_key_and_last_used_moves(server, call):
    user = server.add_user("jane", tokens=3)
    before = time.time_ns() // 1_000_000
    for token_id in stored(user):
        assert call("GET", OWN, key=token_id).status == 200
    assert all(token.last_used >= before for token in user.tokens)
    third = user.tokens[2]
    time.sleep(0.002)
    assert call("GET", OWN, key=third.token_id).response[2]["lastUsed"] > third.last_used
    assert user.tokens[2].last_used > third.last_used


def test_last_used_moves_also_when_the_call_is_refused(server, call):
    user = server.add_user("jane", permissions=())
    assert call("POST", OWN, key=user.key).status == 403
    assert user.tokens[0].last_used > 0


def test_keys_of_an_inactive_service_account_do_not_work(server, call):
    account = server.add_service_account("sa::old", tokens=1, active=False)
    assert call("GET", OWN, key=account.key).status == 401
    listed = call("GET", f"{SERVICE}/sa::old").response
    assert listed[0]["accountType"] == account.account_type == "INACTIVE_SERVICE_ACCOUNT"
    assert server.requests[0].account is None


# --- limits and permissions ---------------------------------------------------------------------


def test_twenty_tokens_an_account(server, call):
    for count in range(2, 21):
        assert len(call("POST", OWN).response) == count
    assert "20 tokens" in call("POST", OWN).message
    assert call("POST", OWN).status == 400
    assert len(server.user.tokens) == 20
    call("DELETE", f"{OWN}/{server.user.tokens[5].token_id}")
    assert call("POST", OWN).status == 200


def test_twenty_tokens_a_service_account(server, call):
    server.add_service_account("sa::ci", tokens=20)
    assert call("POST", f"{SERVICE}/sa::ci", {"tokenName": "x"}).status == 400


CALLS = {name: (method, re.sub(r"\{\w+\}", "x", path)) for (method, path), name in ROUTES.items()}


NEEDED = {
    operation: "accounts" if "service_account" in operation or "customer" in operation else None
    for operation in CALLS
}
NEEDED["create_token"] = "api_tokens"


@pytest.mark.parametrize("operation", [name for name, needed in NEEDED.items() if needed])
def test_what_needs_a_permission(server, call, operation):
    method, path = CALLS[operation]
    needed = NEEDED[operation]
    other = ({"accounts", "api_tokens"} - {needed}).pop()
    without = server.add_user("without", permissions=[other])
    answer = call(method, path, key=without.key)
    assert (answer.status, answer.message) == (403, f"the permission {needed} is needed")
    allowed = server.add_user("allowed", permissions=[needed])
    assert call(method, path, key=allowed.key).status in (200, 400, 404)


@pytest.mark.parametrize("kind", ["user", "service account"])
def test_everybody_lists_renames_and_deletes_own_tokens(server, call, kind):
    add = server.add_user if kind == "user" else server.add_service_account
    account = add("somebody", tokens=["key-of-somebody", "other-token"], permissions=())
    key = account.key
    assert ids(call("GET", OWN, key=key).response) == stored(account)
    renamed = call("PUT", f"{OWN}/other-token", {"tokenName": "x"}, key=key)
    assert renamed.response["tokenName"] == account.tokens[1].token_name == "x"
    assert ids(call("DELETE", f"{OWN}/other-token", key=key).response) == stored(account) == [key]


@for_all("operation", CALLS)
def test_nothing_without_a_key(server, call, operation):
    assert call(*CALLS[operation], key=None).status == 401


def test_service_account_uses_its_own_tokens_but_creates_none(server, call):
    account = server.add_service_account("sa::ci", tokens=2)
    assert ids(call("GET", OWN, key=account.key).response) == stored(account)
    answer = call("POST", OWN, key=account.key)
    assert (answer.status, len(account.tokens)) == (403, 2)
    assert answer.message == (
        "the permission api_tokens is needed, which a service account cannot hold"
    )
    answer = call("GET", f"{SERVICE}/sa::ci", key=account.key)
    assert (answer.status, answer.message) == (403, "the permission accounts is needed")


def test_service_account_with_accounts_manages_the_tokens_of_others_and_creates_none(server, call):
    account = server.add_service_account("sa::ci", tokens=1, permissions=["accounts"])
    assert account.permissions == {"accounts"}
    key = account.key
    assert len(call("POST", f"{SERVICE}/sa::ci", key=key).response) == 2
    assert len(call("GET", CUSTOMER, key=key).response) == 3
    assert call("PUT", REVOKE, {"tokenID": server.user.key}, key=key).status == 200
    assert call("POST", OWN, key=key).status == 403


@pytest.mark.parametrize("active", [True, False])
def test_service_account_cannot_hold_api_tokens(server, active):
    for permissions in (["api_tokens"], ["api_tokens", "accounts"]):
        with pytest.raises(ValueError, match="SERVICE_ACCOUNT are of"):
            server.add_service_account("sa::ci", active=active, permissions=permissions)
    assert "1 accounts" in repr(server)


def test_onboarded_instance_refuses_only_to_create_own_tokens(call, bearer):
    with TokenServer(onboarded=True) as server:
        server.add_service_account("sa::ci")
        headers = bearer(server)
        answer = call("POST", OWN, key=None, headers=headers, to=server)
        assert (answer.status, len(server.user.tokens)) == (403, 1)
        assert "onboarded" in answer.message
        for method, path in (("GET", OWN), ("POST", f"{SERVICE}/sa::ci")):
            assert call(method, path, key=None, headers=headers, to=server).status == 200


# --- time ---------------------------------------------------------------------------------------

DAY = 24 * 60 * 60 * 1000


def test_tokens_can_have_a_past(server, call):
    account = server.add_service_account("sa::ci", tokens=["first"])
    old = server.add_token("sa::ci", "nightly", age_days=200, idle_days=100, token_id="old")
    never = server.add_token(account, "trial", age_days=0.5)
    assert account.tokens[1:] == [old, never]
    assert old.last_used - old.date_generated == 100 * DAY
    assert 0 <= server.now - old.last_used - 100 * DAY < 60_000
    assert 0 <= server.now - never.date_generated - DAY / 2 < 60_000
    listed = call("GET", f"{SERVICE}/sa::ci").response
    assert [(token["tokenID"], token["tokenName"]) for token in listed] == [
        ("first", ""),
        ("old", "nightly"),
        (never.token_id, "trial"),
    ]
    assert [(token["dateGenerated"], token["lastUsed"]) for token in listed[1:]] == [
        (old.date_generated, old.last_used),
        (never.date_generated, 0),
    ]
    shown = call("GET", f"{CUSTOMER}/old").response
    assert shown["createdEpochMillis"] == shown["dateGenerated"] == old.date_generated
    assert str(uuid.UUID(never.token_id)) == never.token_id
    assert call("GET", OWN, key=never.token_id).status == 200


def test_a_token_with_a_past_does_not_become_the_key(server):
    key = server.user.key
    server.add_token(server.user, age_days=200)
    assert server.user.key == server.configuration().api_key["X-AUTH-TOKEN"] == key


def test_a_token_may_have_been_used_just_now(server):
    token = server.add_token(server.user, age_days=1, idle_days=0)
    assert token.last_used - token.date_generated == DAY
    token = server.add_token(server.user, idle_days=0)
    assert token.last_used == token.date_generated


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"account": "nobody"}, LookupError),
        ({"name": None}, TypeError),
        ({"token_id": ""}, ValueError),
        ({"token_id": "taken"}, ValueError),
        ({"age_days": -1}, ValueError),
        ({"age_days": 1, "idle_days": 2}, ValueError),
        ({"age_days": 1, "idle_days": -1}, ValueError),
        ({"idle_days": 1}, ValueError),
        ({"age_days": 100_000}, ValueError),
        ({"age_days": float("inf")}, ValueError),
        ({"age_days": float("nan")}, ValueError),
    ],
)
def test_tokens_that_cannot_be(server, options, error):
    account = server.add_service_account("sa::ci", tokens=["taken"])
    with pytest.raises(error):
        server.add_token(**{"account": "sa::ci", **options})
    assert stored(account) == ["taken"]


def test_tokens_with_a_past_count(server, call):
    server.add_service_account("sa::ci", tokens=19)
    server.add_token("sa::ci", age_days=200)
    with pytest.raises(ValueError, match="20 tokens"):
        server.add_token("sa::ci", age_days=200)
    assert call("POST", f"{SERVICE}/sa::ci").status == 400


def test_clock_can_be_put_forward(server, call):
    first = call("GET", OWN).response[0]
    before = server.now
    server.advance(days=30, hours=1, minutes=1, seconds=1.5)
    step = 30 * DAY + 3_661_500
    assert step <= server.now - before < step + 60_000
    used = call("GET", OWN).response[0]
    assert used["dateGenerated"] == first["dateGenerated"]
    assert step <= used["lastUsed"] - first["lastUsed"] < step + 60_000
    created = call("POST", OWN).response[-1]
    assert step <= created["dateGenerated"] - before < step + 60_000
    old = server.add_token(server.user, age_days=30)
    assert abs(old.date_generated - before) < 3_661_500 + 60_000


def test_clock_can_be_put_back_so_that_what_happens_lies_in_the_past(server, call):
    server.advance(days=-91)
    made = call("POST", OWN).response[-1]
    server.advance(days=91)
    assert 91 * DAY <= time.time() * 1000 - made["dateGenerated"] + 1 < 91 * DAY + 60_000
    assert abs(server.now - time.time() * 1000) < 60_000


# --- what is not there --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", OWN + "/nobody"),
        ("PUT", OWN + "/nobody"),
        ("GET", CUSTOMER + "/nobody"),
        ("GET", SERVICE + "/nobody"),
        ("POST", SERVICE + "/nobody"),
        ("DELETE", SERVICE + "/nobody/token"),
        ("PUT", SERVICE + "/nobody/token"),
        ("DELETE", SERVICE + "/sa::ci/nobody"),
        ("PUT", SERVICE + "/sa::ci/nobody"),
        ("GET", SERVICE + "/admin@example.com"),
    ],
)
def test_unknown_ids(server, call, method, path):
    server.add_service_account("sa::ci", tokens=1)
    assert call(method, path).message.startswith("the")
    assert call(method, path).status == 404


def test_tokens_of_others_are_not_own_tokens(server, call):
    other = server.add_user("jane")
    assert call("DELETE", f"{OWN}/{other.key}").status == 404
    assert call("PUT", f"{OWN}/{other.key}", {"tokenName": "x"}).status == 404
    server.add_service_account("sa::ci")
    assert call("DELETE", f"{SERVICE}/sa::ci/{other.key}").status == 404
    assert len(other.tokens) == 1


@for_all(
    "path",
    [
        "/",
        "/api",
        "/api/v2",
        "/api/v2/apitoken/",
        "/api/v2//apitoken",
        "//api/v2/apitoken",
        "/api/v2/apitoken/a/b/c/d",
        "/api/v2/apitoken/serviceaccount/",
        "/api/v2/apitoken/serviceaccount//x",
        "/API/v2/apitoken",
        "/api/v2/apitoken;x",
        "/api/v2/x/../apitoken",
        "/etc/passwd",
        "/../../../../etc/passwd",
        "/api/v2%2Fapitoken",
        "http://example.com",
    ],
)
def test_unknown_paths(server, call, path):
    assert call("GET", path).message == "there is nothing at this path"
    assert call("GET", path).status == 404


@for_all(
    ("method", "path", "allow"),
    [
        ("PATCH", OWN, "GET, POST"),
        ("DELETE", OWN, "GET, POST"),
        ("POST", OWN + "/x", ", ".join(sorted(m for m, path in ROUTES if path == OWN + "/{id}"))),
        ("DELETE", CUSTOMER, "GET"),
        ("GET", REVOKE, "PUT"),
        ("PUT", SERVICE + "/x", "GET, POST"),
        ("GET", SERVICE + "/x/y", "DELETE, PUT"),
        ("OPTIONS", OWN, "GET, POST"),
        ("QUERY", OWN, "GET, POST"),
        ("get", OWN, "GET, POST"),
    ],
)
def test_other_methods(server, call, method, path, allow):
    answer = call(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allow)
    assert "method" in answer.message


def test_head_is_answered_without_a_body(server, call):
    answer = call("HEAD", OWN)
    assert (answer.status, answer.body) == (405, b"")
    assert int(answer.headers["content-length"]) > 0


# --- paths --------------------------------------------------------------------------------------


@for_all("odd", ODD_IDS)
def test_ids_are_decoded_once_and_hold_anything(server, call, odd):
    account = server.add_service_account(odd, tokens=["t" + odd])
    path = f"{SERVICE}/{quote(odd, safe='')}/{quote('t' + odd, safe='')}"
    assert call("PUT", path, {"tokenName": "x"}).response["tokenID"] == "t" + odd
    assert account.tokens[0].token_name == "x"
    assert call("GET", f"{CUSTOMER}/{quote('t' + odd, safe='')}").response["account"] == odd
    assert call("DELETE", path).response == account.tokens == []


@pytest.mark.parametrize("name", ["serviceaccount", "apitoken", "revoke"])
def test_ids_that_look_like_paths(server, call, name):
    user = server.add_user("jane", tokens=[name, "key-of-jane"])
    assert call("PUT", f"{OWN}/{name}", {"tokenName": "x"}, key="key-of-jane").status == 200
    assert call("DELETE", f"{OWN}/{name}", key="key-of-jane").status == 200
    assert stored(user) == ["key-of-jane"]


@for_all("broken", ["%", "%2", "%zz", "a%", "%%41", "%u0041", "%ff", "%c3", "%ed%a0%80"])
def test_broken_escapes(server, call, broken):
    answer = call("GET", f"{CUSTOMER}/{broken}")
    assert answer.status == 400
    assert answer.message.startswith("the path")


def test_literal_parts_may_be_escaped_and_queries_are_ignored(server, call):
    assert call("GET", "/api/v2/%61pitoken?limit=1&x=/../%zz").status == 200
    assert call("GET", f"http://elsewhere{OWN}?x=1").status == 200


# --- bodies -------------------------------------------------------------------------------------


@for_all(
    "data",
    [
        b"{",
        b"nonsense",
        b"null",
        b"[]",
        b"1",
        b'"text"',
        b"{} {}",
        b"\xff\xfe",
        b'{"tokenName": "\xe9"}',
        b"\xef\xbb\xbf{}",
        '{"tokenName": "x"}'.encode("utf-16"),
        b'{"x": NaN}',
        b'{"x": -Infinity}',
        b"[" * 100_000,
        b'{"x": ' + b"9" * 5000 + b"}",
        b'{"tokenName": 1}',
        b'{"tokenName": ["x"]}',
        b'{"tokenID": {}}',
        b'{"account": true}',
        b'{"accountType": "GOD"}',
        b'{"accountType": 1}',
        b'{"accountType": ["USER_ACCOUNT"]}',
        b'{"dateGenerated": "1"}',
        b'{"dateGenerated": true}',
        b'{"lastUsed": 1.5}',
        b'{"lastUsed": 1e999}',
    ],
)
def test_malformed_bodies(server, call, data):
    answer = call("PUT", f"{OWN}/{server.user.key}", data=data)
    assert answer.status == 400
    assert "body" in answer.message
    assert server.user.tokens[0].token_name == ""


@for_all(
    "body",
    [
        {},
        {"unknown": [1, {"x": None}], "tokenId": 1},
        {"accountType": "CSP_SERVICE_ACCOUNT", "account": "x", "dateGenerated": 1, "lastUsed": 2.0},
        {"account": None, "accountType": None, "dateGenerated": None, "tokenName": None},
        {"dateGenerated": -(10**400)},
    ],
)
def test_harmless_bodies(server, call, body):
    assert call("PUT", f"{OWN}/{server.user.key}", body).status == 200


def test_names_may_hold_anything(server, call):
    path = f"{OWN}/{server.user.key}"
    for name in ("é☃𝄞", "\ud800", "\x00\n", "x" * 10_000):
        assert call("PUT", path, {"tokenName": name}).response["tokenName"] == name
        assert call("GET", OWN).response[0]["tokenName"] == name


@pytest.mark.parametrize("name", ["application/json; charset=utf-8", "Application/JSON ;x=y"])
def test_content_type_of_json(server, call, name):
    path, data = f"{OWN}/{server.user.key}", b'{"tokenName": "x"}'
    answer = call("PUT", path, data=data, headers={"Content-Type": name})
    assert answer.response["tokenName"] == "x"


@for_all("name", ["", "text/plain", "application/jsonp", "application/xml", "json"])
def test_other_content_types(server, call, name):
    path, data = f"{OWN}/{server.user.key}", b'{"tokenName": "x"}'
    answer = call("PUT", path, data=data, headers={"Content-Type": name})
    assert (answer.status, answer.message) == (415, "the body must be application/json")
    assert server.user.tokens[0].token_name == ""


def test_missing_content_type(head, wire):
    text = head("PUT", REVOKE, "Content-Length: 2") + "{}"
    assert wire().send(text).read().status == 415


def test_content_type_without_a_body_does_not_matter(server, call):
    answer = call("PUT", f"{OWN}/{server.user.key}", headers={"Content-Type": "text/plain"})
    assert answer.status == 200


def test_refusals_come_in_order(server, call):
    bad = {"data": b"{", "headers": {"Content-Type": "text/plain"}}
    weak = server.add_user("weak", permissions=()).key
    assert call("PUT", "/nothing", key=None, **bad).status == 404
    assert call("PATCH", REVOKE, key=None, **bad).status == 405
    assert call("PUT", REVOKE, key=None, **bad).status == 401
    assert call("PUT", REVOKE, key=weak, **bad).status == 403
    assert call("PUT", REVOKE, **bad).status == 415
    assert call("PUT", REVOKE, data=b"{").status == 400
    assert call("PUT", REVOKE, {"tokenID": "x"}).status == 404
