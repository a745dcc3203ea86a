"""Revocation: only what is named, only what has not changed, and never the client's own key."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timedelta, timezone

import pytest
from canary import CANARY, everything_shown, traces
from cases import drawn
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client import (
    ApiClient,
    ApiException,
    ApiTokenApi,
    Configuration,
    ForbiddenException,
)
from wavefront_api_client.models import ApiTokenModel
from wavefront_api_client.retry import RetryPolicy
from wavefront_api_client.tokens import (
    AmbiguousToken,
    AuditPolicy,
    AuditReport,
    RefusedOwnKey,
    RevocationPlan,
    Secret,
    TokenNotFound,
    TooManyTokens,
    WrongTenant,
    audit,
    find,
    handle_of,
    plan_revocation,
    revoke,
)
from wavefront_api_client.tokens._marks import parse

REVOKE = "/api/v2/apitoken/customertokens/revoke"
LISTING = "/api/v2/apitoken/customertokens"
PASTED = "01234567-89ab-cdef-0123-456789abcdef"


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


def handles(tokens):
    return [token.handle for token in tokens]


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


# Plans


def test_a_plan_says_what_stands_for_a_token_and_why(customer, api):
    plan = plan_for(api, "stale,age>90d")
    (token,) = plan.tokens
    assert token[:3] == (handle_of("token-3"), "sa::ci", "third")
    assert token.flags == ("stale",)
    assert token.last_used < datetime.now(timezone.utc)
    assert (plan.host, plan.customer) == (customer.url, "example")
    assert plan_for(api, lambda row: row.name == "third") == plan
    assert plan_for(api, "age>999d") == RevocationPlan((), customer.url, "example")


def test_tokens_that_leaked_are_looked_up_by_comparing(customer, api):
    lost = Secret("not here")
    plan = plan_for(api, [Secret("token-3"), lost, Secret(CANARY), Secret("token-3")])
    assert [token.handle for token in plan.tokens] == [handle_of(CANARY), handle_of("token-3")]
    assert plan.missing == (lost.handle,)
    assert traces(repr(plan) + plan.to_json(), CANARY) == []


def test_a_token_is_named_as_everywhere(customer, api, monkeypatch):
    handle = handle_of("token-3")
    row = next(row for row in audit(api).rows if row.handle == handle)
    (info,) = find(api, "third")
    for ref in (
        handle,
        handle[:6].upper(),
        handle + "0" * 54,
        "third",
        Secret("token-3"),
        row,
        info,
    ):
        assert handles(plan_for(api, [ref]).tokens) == [handle]
        if not isinstance(ref, str):
            assert handles(plan_for(api, ref).tokens) == [handle]
    plan = plan_for(api, ["abcde", "XXXXXX", PASTED, "fedcba9876", "third", "third"])
    assert handles(plan.tokens) == [handle]
    assert plan.missing == ("'abcde'", "'XXXXXX'", "***cdef", "'fedcba9876'")
    for what in ([], [""]):
        with pytest.raises(ValueError):
            plan_for(api, what)
    for what in (5, [None], b"third"):
        with pytest.raises(TypeError, match="^a token is named by"):
            plan_for(api, what)
    alike = {"token-two": "0123456789", "token-3": "0123456abc"}
    monkeypatch.setattr(
        "wavefront_api_client.tokens._token.handle_of", lambda token: alike.get(token, "f" * 10)
    )
    with pytest.raises(AmbiguousToken, match="^2 tokens match '0123456': 0123456789 "):
        plan_for(api, ["0123456"])


def test_a_name_that_reads_like_a_handle_is_ambiguous(customer, api):
    handle = handle_of("token-3")
    customer.add_token("sa::ci", handle)
    with pytest.raises(AmbiguousToken, match=f"^2 tokens match '{handle}'"):
        plan_for(api, [handle])
    assert handles(plan_for(api, [Secret("token-3")]).tokens) == [handle]
    with pytest.raises(AmbiguousToken):
        revoke(api, handle)
    assert len(left(customer)) == 4


def test_no_more_than_so_many_tokens_are_planned(customer, api):
    assert len(plan_for(api, limit=3).tokens) == 3
    with pytest.raises(TooManyTokens, match="^3 tokens are more than 2: none was revoked$"):
        plan_for(api, limit=2)
    for number in range(11):
        customer.add_service_account(f"sa::{number}", tokens=1, permissions=())
    is_other = lambda row: row.account not in ("sa::ci", "admin@example.com")  # noqa: E731
    with pytest.raises(TooManyTokens, match="11 tokens are more than 10"):
        plan_for(api, is_other)
    assert len(plan_for(api, is_other, limit=None).tokens) == 11


def test_the_own_key_is_left_out_of_a_plan_and_named(customer, api):
    own = Secret(customer.user.key)
    customer.add_token("admin@example.com", "laptop", token_id="token-4")
    plan = plan_for(api, "account=admin@example.com")
    assert (handles(plan.tokens), handles(plan.own)) == ([handle_of("token-4")], [own.handle])
    assert "left out: it is the key in use" in str(plan)
    assert statuses(revoke(api, plan)) == ["revoked"]
    plan = plan_for(api, [own], limit=0)
    assert (plan.tokens, handles(plan.own)) == ((), [own.handle])


def test_the_own_key_is_not_revoked_whoever_planned_it(customer, api):
    report = audit(api)
    report.own_handles = frozenset()
    plan = plan_revocation(report, lambda row: row.name != "third")
    assert statuses(revoke(api, plan)) == ["own", "revoked", "revoked"]
    (only,) = [token for token in plan.tokens if token.handle == handle_of(customer.user.key)]
    for what in (plan._replace(tokens=(only,)), Secret(customer.user.key)):
        with pytest.raises(RefusedOwnKey, match=only.handle):
            revoke(api, what)
    assert customer.user.key in [token.token_id for token in customer.user.tokens]


NOW = datetime(2026, 10, 5, 12, tzinfo=timezone.utc)
NEW, OTHER, MINT = "ci ~new-1f3a9c2e", "ci ~new-00000000", "ci ~mint-1f3a9c2e"
OVER, BEFORE = "ci ~old-00000000-20261005T1159Z", "ci ~old-00000000-20261004T1159Z"


@pytest.mark.parametrize("where", ["interrupted-rotation", lambda row: row.flags])
@pytest.mark.parametrize(
    ("family", "planned", "kept"),
    [
        (["ci", OVER], [OVER], []),
        (["ci", NEW], [], [NEW]),
        ([OVER, NEW], [OVER], [NEW]),
        ([OTHER, NEW], [], [OTHER, NEW]),
        ([NEW], [], [NEW]),
        ([OVER], [], [OVER]),
        ([BEFORE, OVER], [BEFORE], [OVER]),
        ([MINT], [MINT], []),
        (["cd ~new-1f3a9c2e", OVER, MINT], [MINT], ["cd ~new-1f3a9c2e", OVER]),
    ],
)
def test_a_plan_keeps_the_token_of_an_interrupted_rotation_that_works(family, planned, kept, where):
    """The last of each list is the youngest."""
    tokens = [
        ApiTokenModel(
            id=f"t{place}",
            name=name,
            account="sa::ci",
            created_epoch_millis=round(NOW.timestamp() - 9000 + place) * 1000,
            last_used=1,
        )
        for place, name in enumerate(family)
    ]
    policy = AuditPolicy(stale=None)
    report = AuditReport(tokens, policy, NOW, "https://example", frozenset())
    plan = plan_revocation(report, where)
    assert [token.name for token in plan.tokens] == planned
    assert sorted(token.name for token in plan.kept) == sorted(kept)
    assert ("left out: its rotation needs it" in str(plan)) is bool(kept)
    # All tokens of somebody who leaves are meant, also these.
    assert len(plan_revocation(report, "account=sa::ci").tokens) == len(family)


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


MARKS = ["", " ~new-1f3a9c2e", " ~new-00000000", " ~mint-1f3a9c2e", " ~out-1f3a9c2e"]
MARKS += [" ~old-00000000-20261005T1159Z", " ~old-00000000-20261006T1200Z"]
DRAWN = st.tuples(
    st.sampled_from(["ci", "cd", "a, b", PASTED]),
    st.sampled_from(MARKS),
    st.sampled_from(["sa::ci", "sa::cd", None]),
    st.integers(0, 10) | st.none(),
    st.sampled_from([0, 1_700_000_000_000]),
)
WHERE = ["never-used", "age>4h,interrupted-rotation", "account=sa::ci", "unused>0h", "name='a, b'"]


@drawn(100)
@given(
    drawn=st.lists(DRAWN, max_size=12),
    where=st.sampled_from(["interrupted-rotation", *WHERE]),
    own=st.integers(0, 12),
)
def test_a_plan_takes_what_it_says_and_no_token_that_is_needed(drawn, where, own):
    """Drawn customers, in which rotations have stopped and are at work."""
    tokens = [
        ApiTokenModel(
            id=f"t{place}",
            name=name + mark,
            account=account,
            created_epoch_millis=hours and round(NOW.timestamp() - hours * 3600) * 1000,
            last_used=used,
        )
        for place, (name, mark, account, hours, used) in enumerate(drawn)
    ]
    report = AuditReport(
        tokens, AuditPolicy(), NOW, "https://example", frozenset({handle_of(f"t{own}")})
    )
    try:
        plan = plan_revocation(report, where, limit=None)
    except TokenNotFound:
        value = where.partition("=")[2].strip("'")
        assert value
        assert not any(value in (row.account, row.name) for row in report.rows)
        return
    chosen = handles(plan.tokens)
    assert len({*chosen, *handles(plan.own + plan.kept)}) == len(chosen + [*plan.own, *plan.kept])
    assert handle_of(f"t{own}") not in chosen
    assert PASTED not in repr(plan) + str(plan) + plan.to_json()
    assert RevocationPlan.from_json(plan.to_json()).tokens == plan.tokens
    rows = [row for row in report.rows if row.handle in chosen]
    again = plan_revocation(report, rows, limit=None) if rows else plan
    assert all("interrupted-rotation" in row.flags for row in rows) or again.tokens == plan.tokens
    if "interrupted-rotation" not in where:
        assert plan.kept == ()
        return
    at_work = {"", "new", "old"}
    families = {}
    for row in report.rows:
        parts = parse(row.name)
        families.setdefault((row.account, parts.name), []).append((row, parts))
    for family in families.values():
        taken = [row for row, _ in family if row.handle in chosen]
        young = [
            row
            for row, parts in family
            if (parts.deadline and parts.deadline >= NOW)
            or (
                parts.mark in ("new", "mint", "out")
                and row.created
                and NOW - row.created < timedelta(hours=1)
            )
        ]
        assert not (taken and young)
        usable = [row for row, parts in family if parts.mark in at_work]
        assert not usable or any(row not in taken for row in usable)
        assert all(parse(row.name).mark for row in taken)


def test_a_plan_can_be_saved_and_lines_deleted(customer, api):
    plan = plan_for(api)
    text = plan.to_json()
    assert [token["handle"] for token in json.loads(text)["tokens"]] == handles(plan.tokens)
    assert RevocationPlan.from_json(text) == plan
    lines = text.splitlines()
    assert len(lines) == 2 + len(plan.tokens)
    for spared in range(3):
        kept = plan.tokens[:spared] + plan.tokens[spared + 1 :]
        edited = "\n".join(lines[: spared + 1] + lines[spared + 2 :])
        assert RevocationPlan.from_json(edited).tokens == kept
    assert RevocationPlan.from_json(lines[0] + "\n" + lines[-1]).tokens == ()
    assert RevocationPlan.from_json(json.dumps(json.loads(text), indent=4)) == plan
    assert (
        RevocationPlan.from_json("\r\n".join(lines[:2]) + "\r\n\r\n]}\r\n").tokens
        == plan.tokens[:1]
    )
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_a_plan_is_a_table_for_people(customer, api):
    customer.add_token("sa::ci", "\x1b[31mred", idle_days=None)
    shown = str(plan_for(api, [Secret("token-3"), "\x1b[31mred", "mistyped"]))
    first, *lines = shown.splitlines()
    assert first == f"2 tokens to revoke, of example at {customer.url}"
    assert [line.split() for line in lines[::3]] == [
        ["HANDLE", "NAME", "ACCOUNT", "LAST", "USED", "WHY"],
        ["'mistyped'", "not", "there"],
    ]
    assert lines[1].split()[:3] == [handle_of("token-3"), "third", "sa::ci"]
    assert lines[2].endswith("  sa::ci   never       never-used")
    assert "\\x1b[31mred" in lines[2]


GOOD = {"handle": "0123456789", "account": None, "name": "", "lastUsed": None}


def plan_of(*tokens, **changes):
    return json.dumps({"host": "https://x", "customer": None, "tokens": tokens, **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no", "Expecting value"),
        ('[\n{"handle":\n]', "Expecting value"),
        ("5", "this is not a plan: it has no list of tokens"),
        ("{}", "this is not a plan: it has no list of tokens"),
        (plan_of(tokens=5), "this is not a plan: it has no list of tokens"),
        (
            json.dumps([GOOD]),
            "this plan is of an older version and does not name its host: make it again",
        ),
        (plan_of(GOOD, host=None), "this is not a plan: it does not name its host"),
        (plan_of(GOOD, customer=5), "this is not a plan: it does not name its host"),
        *(
            (plan_of(token), "this is not a plan: a token has handle, account, name and lastUsed")
            for token in [
                5,
                {**GOOD, "lastUsed": "soon"},
                {**GOOD, "lastUsed": 5},
                {**GOOD, "handle": 5},
                {**GOOD, "name": ["x"]},
                {**GOOD, "flags": [1]},
                {**GOOD, "lastUsed": "0001-01-01T00:00:00+14:00"},
                {"handle": "0"},
            ]
        ),
        (plan_of({**GOOD, "handle": "012345678"}), "a handle in a plan has 10 hex digits"),
        (plan_of({**GOOD, "handle": "012345678x"}), "a handle in a plan has 10 hex digits"),
    ],
)
def test_what_is_no_plan_is_refused(text, said):
    with pytest.raises(ValueError) as caught:
        RevocationPlan.from_json(text)
    assert str(caught.value).startswith(said)


def test_a_handle_in_a_plan_may_be_long_and_in_capitals(customer, api):
    (token,) = plan_for(api, [Secret("token-3")]).tokens
    long = "".join(token.handle.upper()) + "F" * 54
    text = plan_for(api, [Secret("token-3")]).to_json().replace(token.handle, long)
    assert RevocationPlan.from_json(text).tokens == (token,)
    assert RevocationPlan.from_json(plan_of(GOOD)).tokens[0].flags == ()


def test_a_pasted_token_is_masked_and_a_lone_surrogate_breaks_nothing(customer, api):
    customer.add_token("sa::ci", PASTED)
    customer.add_token("sa::ci", f"my {PASTED.replace('-', '')} ~new-1f3a9c2e", age_days=1)
    customer.add_token("sa::ci", "half \ud83d")
    report = audit(api)
    plan = plan_revocation(report, "account=sa::ci")
    masked = ["***cdef", "my ***cdef ~new-1f3a9c2e", "half \\ud83d"]
    assert [row.name for row in report.rows[-3:]] == masked
    shown = [report.to_csv(), report.to_json(), report.to_html(), str(report), repr(report.rows)]
    shown += [plan.to_json(), str(plan), repr(plan)]
    for text in shown:
        assert traces(text.encode("utf-8").decode(), PASTED) == []
        assert PASTED.replace("-", "") not in text
    assert RevocationPlan.from_json(plan.to_json()) == plan
    assert set(statuses(revoke(api, plan))) == {"revoked"}
    assert left(customer) == []


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
    with pytest.raises(
        TokenNotFound, match=f"^none of these tokens is there: {handle_of(CANARY)}, "
    ):
        revoke(api, plan)
    assert [request.path for request in customer.requests] == [LISTING]
    assert revoke(api, plan._replace(tokens=())) == []


def test_what_find_returns_can_be_revoked(customer, api):
    assert statuses(revoke(api, find(api, "third"))) == ["revoked"]
    assert left(customer) == sorted([CANARY, "token-two"])
    lost = Secret("not here")
    with pytest.raises(TokenNotFound, match=f"^there is no token {lost.handle} among"):
        revoke(api, [Secret(CANARY), lost])
    assert left(customer) == sorted([CANARY, "token-two"])
    outcomes = revoke(api, [Secret(CANARY), Secret(CANARY)])
    assert [outcome.token.handle for outcome in outcomes] == [handle_of(CANARY)]
    assert statuses(outcomes) == ["revoked"]
    with pytest.raises(TokenNotFound, match="^there is no token 'mistyped' among"):
        revoke(api, [Secret("token-two"), "mistyped"])
    for number in range(11):
        customer.add_service_account(f"sa::{number}", tokens=1, permissions=())
    others = [row for row in audit(api).rows if row.account not in ("sa::ci", customer.user.id)]
    with pytest.raises(TooManyTokens, match="^11 tokens are more than 10: none was revoked$"):
        revoke(api, others)
    assert left(customer) == ["token-two"]
    assert statuses(revoke(api, others, limit=None)) == ["revoked"] * 11


def test_a_plan_is_refused_elsewhere(customer, api):
    plan = plan_for(api)
    customer.reset_requests()
    with pytest.raises(WrongTenant) as caught:
        revoke(api, plan._replace(host="https://other.example.com"))
    assert str(caught.value) == (
        "the plan is for the host https://other.example.com, and this client is for"
        f" {customer.url}: nothing was revoked"
    )
    assert customer.requests == []
    with pytest.raises(WrongTenant, match="for the customer other, and this client is for example"):
        revoke(api, plan._replace(customer="other"))
    assert [request.method for request in customer.requests] == ["GET"]


def test_what_has_no_calls_is_refused(client):
    for call in (lambda: revoke(client, []), lambda: audit(client)):
        with pytest.raises(TypeError, match="^api must be an ApiTokenApi, not ApiClient$"):
            call()


def test_it_lists_again_before_each_ten(customer, api, monkeypatch):
    """Somebody renames a token while the first ten are revoked: that is seen before the next ten."""
    customer.add_service_account("sa::old", tokens=[f"old-{n}" for n in range(15)])
    plan = plan_for(api, "account=sa::old", limit=20)
    delete, seen = api.delete_customer_token, []

    def rename_and_delete(**options):
        if not seen:
            api.update_token_name_service_account("sa::old", "old-12", body={"tokenName": "x"})
            api.delete_token_service_account("sa::old", "old-13")
        seen.append(options)
        return delete(**options)

    monkeypatch.setattr(api, "delete_customer_token", rename_and_delete)
    customer.reset_requests()
    outcomes = statuses(revoke(api, plan))
    assert outcomes == ["revoked"] * 12 + ["changed", "gone", "revoked"]
    paths = [each.path for each in customer.requests if "customertokens" in each.path]
    assert paths == [LISTING] + [REVOKE] * 10 + [LISTING] + [REVOKE] * 3 + [LISTING]


def test_where_a_later_listing_fails_what_was_done_is_told(customer, api):
    customer.add_service_account("sa::old", tokens=[f"old-{n}" for n in range(12)])
    plan = plan_for(api, "account=sa::old", limit=20)
    first = {"status": {"result": "OK", "code": 200}, "response": listed(api)}
    customer.inject(method="GET", path=LISTING, body=first)
    customer.inject(method="GET", path=LISTING, status=503)
    outcomes = revoke(api, plan)
    assert statuses(outcomes) == ["revoked"] * 10 + ["failed"] * 2
    assert {outcome.error and outcome.error.status for outcome in outcomes} == {None, 503}


def test_a_listing_that_lags_is_asked_again(customer, api, world):
    plan = plan_for(api, [Secret("token-3")])
    lagging = {"status": {"result": "OK", "code": 200}, "response": listed(api)}
    customer.inject(3, method="GET", path=LISTING, body=lagging)
    assert statuses(revoke(api, plan)) == ["revoked"]
    assert world.sleeps == [1, 1]


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


def test_one_that_fails_does_not_stop_the_others(customer, api, world):
    plan = plan_for(api)
    api.delete_token_service_account("sa::ci", "token-two")
    customer.inject(method="PUT", path=REVOKE, status=500)
    first, *others = revoke(api, plan)
    assert (first.status, first.error.status, first.is_gone) == ("failed", 500, False)
    assert statuses(others) == ["gone", "revoked"]
    assert left(customer) == [CANARY]
    assert traces(everything_shown(first.error) + repr(pickle.dumps(first)), CANARY) == []


@pytest.mark.parametrize(("drop", "status"), [("after", "revoked"), ("before", "failed")])
def test_a_lost_answer_is_resolved_by_listing_again(customer, api, world, drop, status):
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
    outcomes = revoke(api, plan)
    assert statuses(outcomes) == ["unknown", "failed", "unknown"]
    assert [outcome.error.status for outcome in outcomes] == [0, 400, 503]


def listed(api):
    return [json.loads(token.to_json()) for token in api.get_customer_tokens().response]


def test_a_token_that_is_still_listed_is_not_revoked_whatever_the_answer(customer, api, world):
    plan = plan_for(api, [Secret(CANARY)])
    body = {"status": {"result": "OK", "code": 200}}
    customer.inject(method="PUT", path=REVOKE, body=body)
    assert revoke(api, plan)[0][1:] == ("unknown", None)
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


def test_a_shortened_listing_does_not_show_that_a_token_is_gone(customer, api, world):
    plan = plan_for(api, [Secret(CANARY)])
    seen = api.get_customer_tokens()
    cut = {"status": {"result": "OK", "message": "shortened", "code": 200},
           "response": [each.to_dict() for each in seen.response if each.id != CANARY]}  # fmt: skip
    listing = api.get_customer_tokens

    def shortened():
        if shortened.count:
            customer.inject(body=cut)
        shortened.count += 1
        return listing()

    shortened.count = 0
    api.get_customer_tokens = shortened
    assert statuses(revoke(api, plan)) == ["unknown"]
    assert CANARY not in left(customer)
    api.get_customer_tokens = listing


def test_what_a_shortened_listing_lacks_was_not_gone_before(customer, api):
    plan = plan_for(api)
    seen = listed(api)
    for kept in (["token-3"], []):
        cut = {"status": {"result": "OK", "message": "shortened", "code": 200},
               "response": [each for each in seen if each["id"] in (*kept, customer.user.key)]}  # fmt: skip
        customer.inject(method="GET", path=LISTING, body=cut)
        expected = ["unknown", "unknown", "revoked" if kept else "unknown"]
        assert statuses(revoke(api, plan)) == expected
    assert left(customer) == sorted([CANARY, "token-two"])


def test_a_new_or_old_token_that_is_used_is_kept():
    hours = [9, 3, 2]
    names = ["ci", "ci ~new-1f3a9c2e", "cd ~new-1f3a9c2e"]
    tokens = [
        ApiTokenModel(id=f"t{n}", name=name, account="a", last_used=round(NOW.timestamp() * 1000),
                      created_epoch_millis=round((NOW.timestamp() - hours[n] * 3600) * 1000))
        for n, name in enumerate(names)
    ]  # fmt: skip
    report = AuditReport(tokens, AuditPolicy(), NOW, "https://example", frozenset())
    for where in ("interrupted-rotation", report.findings["interrupted-rotation"]):
        plan = plan_revocation(report, where)
        assert plan.tokens == ()
        assert len(plan.kept) == 2
