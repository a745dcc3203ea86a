"""Revocation: only from a plan, only what has not changed, and never the own key."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timezone

import pytest
from canary import CANARY, everything_shown, traces

from wavefront_api_client import (
    ApiClient,
    ApiException,
    ApiTokenApi,
    Configuration,
    ForbiddenException,
)
from wavefront_api_client.retry import RetryPolicy
from wavefront_api_client.tokens import (
    AmbiguousToken,
    RefusedOwnKey,
    RevocationPlan,
    Secret,
    TooManyTokens,
    audit,
    handle_of,
    plan_revocation,
    revoke,
)

REVOKE = "/api/v2/apitoken/customertokens/revoke"
LISTING = "/api/v2/apitoken/customertokens"


@pytest.fixture
def customer(server, client):
    client.configuration.retries = RetryPolicy(retries=0)
    server.robot = server.add_service_account(
        "sa::ci", tokens=[CANARY, "token-two"], permissions=()
    )
    server.add_token("sa::ci", "third", age_days=200, idle_days=100, token_id="token-3")
    server.reset_requests()
    return server


def left(server):
    return sorted(token.token_id for token in server.robot.tokens)


def plan_for(api, where="account=sa::ci", **options):
    return plan_revocation(audit(api), where, **options)


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


# Plans


def test_a_plan_says_what_stands_for_a_token_and_why(customer, api):
    plan = plan_for(api, "stale,age>90d")
    (token,) = plan.tokens
    assert token[:3] == (handle_of("token-3"), "sa::ci", "third")
    assert token.flags == ("stale",)
    assert token.last_used < datetime.now(timezone.utc)
    assert plan_for(api, lambda row: row.name == "third") == plan
    assert plan_for(api, "age>999d") == RevocationPlan(())


def test_tokens_that_leaked_are_looked_up_by_comparing(customer, api):
    lost = Secret("not here")
    plan = plan_for(api, [Secret("token-3"), lost, Secret(CANARY), Secret("token-3")])
    assert [token.handle for token in plan.tokens] == [handle_of(CANARY), handle_of("token-3")]
    assert plan.missing == (lost.handle,)
    assert traces(repr(plan) + plan.to_json(), CANARY) == []


def test_a_token_may_be_named_by_the_beginning_of_its_handle(customer, api, monkeypatch):
    handle = handle_of("token-two")
    for name in (handle, handle[:6].upper(), handle + "0" * 54):
        assert [token.handle for token in plan_for(api, [name]).tokens] == [handle]
    for name in ("", "abcde", "no hex digits", "XXXXXX", CANARY):
        with pytest.raises(
            ValueError,
            match="^a handle is 6 or more hex digits; a token itself goes into a Secret$",
        ) as caught:
            plan_for(api, [name])
        assert traces(everything_shown(caught.value), CANARY) == []
    alike = {"token-two": "0123456789", "token-3": "0123456abc"}
    monkeypatch.setattr(
        "wavefront_api_client.tokens._token.handle_of", lambda token: alike.get(token, "f" * 10)
    )
    with pytest.raises(AmbiguousToken, match="^2 tokens have a handle that begins with 0123456$"):
        plan_for(api, ["0123456"])


def test_no_more_than_so_many_tokens_are_planned(customer, api):
    assert len(plan_for(api, limit=3).tokens) == 3
    with pytest.raises(TooManyTokens, match="3 tokens are more than 2: nothing was planned"):
        plan_for(api, limit=2)
    for number in range(11):
        customer.add_service_account(f"sa::{number}", tokens=1, permissions=())
    is_other = lambda row: row.account not in ("sa::ci", "admin@example.com")  # noqa: E731
    with pytest.raises(TooManyTokens, match="11 tokens are more than 10"):
        plan_for(api, is_other)
    assert len(plan_for(api, is_other, limit=None).tokens) == 11


def test_the_own_key_is_refused_in_the_plan_and_when_it_is_applied(customer, api):
    own = Secret(customer.user.key)
    for where in ("account=admin@example.com", [own]):
        with pytest.raises(RefusedOwnKey, match=own.handle):
            plan_for(api, where)
    report = audit(api)
    report.own_handles = frozenset()
    plan = plan_revocation(report, lambda row: True)
    customer.reset_requests()
    with pytest.raises(RefusedOwnKey, match=own.handle):
        revoke(api, plan)
    assert customer.requests == []


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Authorization", "Bearer {} "),
        ("authorization", "bearer  {}"),
        ("X-AUTH-TOKEN", "{}"),
        ("x-auth-token", "Bearer {}"),
        ("X-Auth-Token", b"%s"),
    ],
)
def test_the_own_key_is_known_in_any_header(customer, header, value):
    key = customer.user.key
    sent = value.format(key) if isinstance(value, str) else value % key.encode()
    with ApiClient(Configuration(host=customer.url), header, sent) as client:
        report = audit(ApiTokenApi(client))
    assert report.own_handles == {handle_of(key)}


def test_a_plan_can_be_saved_and_lines_deleted(customer, api):
    plan = plan_for(api)
    text = plan.to_json()
    assert [token["handle"] for token in json.loads(text)] == [
        token.handle for token in plan.tokens
    ]
    assert RevocationPlan.from_json(text) == plan
    lines = text.splitlines()
    assert len(lines) == 2 + len(plan.tokens)
    for spared in range(3):
        kept = plan.tokens[:spared] + plan.tokens[spared + 1 :]
        edited = "\n".join(lines[: spared + 1] + lines[spared + 2 :])
        assert RevocationPlan.from_json(edited).tokens == kept
    assert RevocationPlan.from_json("[\n]\n") == RevocationPlan(())
    assert RevocationPlan.from_json(json.dumps(json.loads(text), indent=4)) == plan
    assert RevocationPlan.from_json("[\r\n" + lines[1] + "\r\n\r\n]").tokens == plan.tokens[:1]
    assert pickle.loads(pickle.dumps(plan)) == plan


GOOD = {"handle": "0123456789", "account": None, "name": "", "lastUsed": None}


@pytest.mark.parametrize(
    "value",
    [
        "no",
        {},
        5,
        [5],
        [{**GOOD, "lastUsed": "soon"}],
        [{**GOOD, "lastUsed": 5}],
        [{**GOOD, "handle": 5}],
        [{**GOOD, "name": ["x"]}],
        [{**GOOD, "flags": [1]}],
        [{**GOOD, "lastUsed": "0001-01-01T00:00:00+14:00"}],
        [{"handle": "0"}],
    ],
)
def test_what_is_no_plan_is_refused(value):
    with pytest.raises(ValueError) as caught:
        RevocationPlan.from_json(json.dumps(value))
    assert str(caught.value) in (
        "this is no plan: it holds no list of tokens",
        "this is no plan: a token has handle, account, name and lastUsed",
    )
    with pytest.raises(ValueError):
        RevocationPlan.from_json('[\n{"handle":\n]')
    assert RevocationPlan.from_json(json.dumps([GOOD])).tokens[0].flags == ()


# Revocation


def test_what_a_plan_says_is_revoked_and_no_token_stands_in_a_url(customer, api):
    plan = plan_for(api, [Secret(CANARY), Secret("token-3")])
    customer.reset_requests()
    outcomes = revoke(api, plan)
    assert statuses(outcomes) == ["revoked", "revoked"]
    assert [outcome.token for outcome in outcomes] == list(plan.tokens)
    assert all(outcome.is_gone for outcome in outcomes)
    assert left(customer) == ["token-two"]
    assert [request.path for request in customer.requests] == [LISTING, REVOKE, REVOKE, LISTING]
    assert traces(repr(outcomes), CANARY) == []
    customer.reset_requests()
    assert statuses(revoke(api, plan)) == ["gone", "gone"]
    assert [request.path for request in customer.requests] == [LISTING]


def test_what_has_changed_since_the_plan_is_left_alone(customer, api):
    plan = plan_for(api)
    api.update_token_name_service_account("sa::ci", "token-two", body={"tokenName": "new"})
    with customer_client(customer, "token-3") as other:
        with pytest.raises(ForbiddenException):
            type(api)(other).get_customer_tokens()
    api.delete_token_service_account("sa::ci", CANARY)
    outcomes = revoke(api, plan)
    assert statuses(outcomes) == ["gone", "changed", "changed"]
    assert [outcome.is_gone for outcome in outcomes] == [True, False, False]
    assert left(customer) == ["token-3", "token-two"]


def customer_client(server, key):
    from wavefront_api_client import ApiClient

    configuration = server.configuration()
    configuration.api_key = key
    return ApiClient(configuration)


def test_one_that_fails_does_not_stop_the_others(customer, api):
    plan = plan_for(api)
    api.delete_token_service_account("sa::ci", "token-two")
    customer.inject(method="PUT", path=REVOKE, status=500)
    first, *others = revoke(api, plan)
    assert (first.status, first.error.status, first.is_gone) == ("failed", 500, False)
    assert statuses(others) == ["gone", "revoked"]
    assert left(customer) == [CANARY]
    assert traces(everything_shown(first.error) + repr(pickle.dumps(first)), CANARY) == []


@pytest.mark.parametrize(("drop", "status"), [("after", "revoked"), ("before", "failed")])
def test_a_lost_answer_is_resolved_by_listing_again(customer, api, drop, status):
    plan = plan_for(api, [Secret(CANARY)])
    customer.inject(method="PUT", path=REVOKE, drop=drop)
    (outcome,) = revoke(api, plan)
    assert outcome.status == status
    assert (CANARY in left(customer)) == (status == "failed") == (outcome.error is not None)


def test_what_nobody_can_tell_any_more_is_unknown(customer, api):
    plan = plan_for(api)
    customer.inject(method="PUT", path=REVOKE, drop="after")
    customer.inject(method="PUT", path=REVOKE, status=400)
    # The listing before is the first.
    customer.inject(
        method="GET",
        path=LISTING,
        body={"status": {"result": "OK", "code": 200}, "response": listed(api)},
    )
    customer.inject(method="GET", path=LISTING, status=503)
    assert statuses(revoke(api, plan)) == ["unknown", "failed", "revoked"]


def listed(api):
    return [json.loads(token.to_json()) for token in api.get_customer_tokens().response]


def test_a_token_that_is_still_listed_is_not_revoked_whatever_the_answer(customer, api):
    plan = plan_for(api, [Secret(CANARY)])
    body = {"status": {"result": "OK", "code": 200}}
    customer.inject(method="PUT", path=REVOKE, body=body)
    assert revoke(api, plan)[0][1:] == ("failed", None)
    customer.inject(
        method="PUT",
        path=REVOKE,
        body={"status": {"result": "ERROR", "message": "no", "code": 200}},
    )
    (outcome,) = revoke(api, plan)
    assert (outcome.status, outcome.error.message) == ("failed", "no")


def test_nothing_is_revoked_without_a_listing(customer, api):
    plan = plan_for(api)
    customer.inject(method="GET", path=LISTING, status=500)
    with pytest.raises(ApiException):
        revoke(api, plan)
    assert len(left(customer)) == 3
