"""The operations on tokens at an instance of VMware Cloud services, whose access tokens expire."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from traceback import TracebackException

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import (
    Secret,
    TokenOperationError,
    VerificationFailed,
    audit,
    finish,
    list_tokens,
    mint,
    plan_revocation,
    revoke,
    rotate,
    whoami,
)

NOW = timedelta(0)
OF_ACCOUNT = "/api/v2/apitoken/serviceaccount/{id}"
OUT = "ci ~out-00000000"


@pytest.fixture
def server(onboarded):
    return onboarded


@pytest.fixture
def account(server):
    account = server.add_service_account("sa::ci")
    server.add_token(account, "ci", age_days=100, idle_days=1)
    return account


@pytest.fixture(params=["user", "app"])
def caller(request, server):
    return server.user if request.param == "user" else server.add_app("my-app")


@pytest.fixture
def api(server, caller):
    with ApiClient(server.configuration(caller)) as client:
        yield ApiTokenApi(client)


@pytest.fixture
def turn(api, account, sink):
    return partial(rotate, api, "ci", account="sa::ci", sink=sink)


def is_rotated(account, sink, old):
    (token,) = account.tokens
    return token.token_name == "ci" and Secret(token.token_id) == sink.held != Secret(old)


def test_a_rotation_is_proved_by_the_listing(turn, account, caller, server, world, sink):
    old = account.key
    assert turn().outcome == "waiting"
    assert len(account.tokens) == 2
    world.advance(days=2)
    assert turn().outcome == "rotated"
    assert is_rotated(account, sink, old)
    # Each call finds its access token expired, and is repeated with a new one.
    told = [(request.path.startswith("/api/"), request.status) for request in server.requests]
    assert told.count((True, 401)) > 5
    assert told.count((False, 200)) == told.count((True, 401)) + 1
    assert {request.account for request in server.requests} == {caller.id, None}


def test_a_new_token_that_is_not_listed_has_not_proved_itself(turn, account, server, world, sink):
    old = account.key
    only = [{"tokenID": old, "tokenName": "ci", "account": "sa::ci", "dateGenerated": 1}]
    body = {"status": {"result": "OK", "code": 200}, "response": only}
    world.on_sleep = partial(server.inject, method="GET", path=OF_ACCOUNT, body=body)
    server.inject(count=2, method="GET", path=OF_ACCOUNT, body=body)
    with pytest.raises(VerificationFailed, match="did not work for 60 seconds"):
        turn(grace=NOW)
    assert (sink.held, len(account.tokens)) == (None, 2)
    world.on_sleep = lambda: None
    assert turn(grace=NOW).outcome == "rotated"
    assert is_rotated(account, sink, old)


def test_a_function_that_verifies_decides_alone(turn, account, world, sink):
    old = account.key
    with pytest.raises(VerificationFailed):
        turn(grace=NOW, verify=lambda secret: False)
    assert (sink.held, len(account.tokens)) == (None, 2)
    asked = []
    assert turn(grace=NOW, verify=lambda secret: asked.append(secret) or True).outcome == "rotated"
    assert is_rotated(account, sink, old)
    assert {*asked} == {sink.held}


def test_no_token_of_ones_own_is_made(api, server, sink, world):
    for function in (mint, partial(rotate, sink=sink), partial(finish, sink=sink)):
        with pytest.raises(TokenOperationError, match=r"no tokens of their own.*nothing was sent"):
            function(api, "ci")
    assert server.requests == []


def test_a_token_of_a_service_account_is_minted(api, account, sink):
    minted = mint(api, "new", account="sa::ci", sink=sink)
    assert [token.token_name for token in account.tokens] == ["ci", "new"]
    assert minted.secret == sink.held


def test_the_tokens_of_users_are_legacy(api, account, server):
    report = audit(api)
    assert {row.account for row in report.findings["legacy"]} == {server.user.id}
    assert [row.account for row in report.rows if "legacy" not in row.flags] == ["sa::ci"]
    for outcome in revoke(api, plan_revocation(report, "legacy")):
        assert outcome.status == "revoked"
    assert (server.user.tokens, len(account.tokens)) == ([], 1)


def test_the_tokens_of_users_are_not_legacy_where_they_are_keys():
    with TokenServer() as server, ApiClient(server.configuration()) as client:
        api = ApiTokenApi(client)
        assert audit(api).findings["legacy"] == []
        assert whoami(api).credential == "key"


def test_the_credential_is_none_of_the_tokens(api, caller, server):
    info = whoami(api)
    assert info.token is None
    assert info.manages_accounts
    if caller is server.user:
        assert (info.credential, info.account, info.held) == ("CspApiToken", caller.id, 1)
    else:
        assert (info.credential, info.account, info.held) == ("CspApp", None, 0)


def test_one_may_revoke_ones_own_tokens(server):
    with ApiClient(server.configuration()) as client:
        api = ApiTokenApi(client)
        (outcome,) = revoke(api, list_tokens(api))
    assert (outcome.status, server.user.tokens) == ("revoked", [])


def renamed(server, account, name, to):
    """Give the token of a name another one, as another run would."""
    token = next(each for each in account.tokens if each.token_name == name)
    with ApiClient(server.configuration()) as client:
        ApiTokenApi(client).update_token_name_service_account(
            account.id, token.token_id, body={"tokenName": to}
        )


def test_what_another_run_put_aside_is_left_to_it_while_it_may_be_at_work(
    turn, account, server, world, sink
):
    server.add_token(account, OUT)

    def take_back():
        world.on_sleep = lambda: None
        renamed(server, account, OUT, "ci ~new-00000000")

    world.on_sleep = take_back
    result = turn(grace=NOW)
    assert result.outcome == "rotated"
    assert not any(step.startswith("drop") for step in result.steps)
    server.add_token(account, OUT)
    assert any(step.startswith("drop") for step in turn(grace=NOW).steps)
    assert sum(world.sleeps) >= 10
    assert [token.token_name for token in account.tokens] == ["ci"]


def test_a_delivered_token_that_was_put_aside_is_not_deleted(
    turn, account, server, world, make_sink, monkeypatch
):
    sink = make_sink(can_tell=False)
    deliver = sink.deliver

    def put_aside(secret):
        deliver(secret)
        monkeypatch.setattr(sink, "deliver", deliver)
        renamed(server, account, account.tokens[-1].token_name, OUT)

    monkeypatch.setattr(sink, "deliver", put_aside)
    assert turn(sink=sink, grace=NOW).outcome == "unverified"
    assert sink.held in [Secret(token.token_id) for token in account.tokens]


@pytest.mark.parametrize("name", ["X-AUTH-TOKEN", "Authorization"])
def test_a_client_with_a_header_of_its_own_exchanges_nothing(monkeypatch, sink, name):
    """So its new token has to work as a key before the old one goes."""
    monkeypatch.setenv("CSP_API_TOKEN", "of-the-environment")
    with TokenServer() as server:
        account = server.add_service_account("sa::ci")
        server.add_token(account, "ci", age_days=100, idle_days=1)
        value = server.user.key if name == "X-AUTH-TOKEN" else f"Bearer {server.user.key}"
        configuration = Configuration(host=server.url)
        with ApiClient(configuration, header_name=name, header_value=value) as client:
            api = ApiTokenApi(client)
            assert whoami(api).credential == "key"
            assert mint(api, "laptop").is_new
            assert not audit(api).onboarded
            assert rotate(api, "ci", account="sa::ci", sink=sink, grace=NOW).is_done
        new = account.tokens[0].token_id
        used = [str(request.headers.get(name)).rpartition(" ")[2] for request in server.requests]
        assert new in used


def test_a_credential_of_the_environment_is_in_no_frame(monkeypatch):
    monkeypatch.setenv("CSP_API_TOKEN", "csp-token-123456")
    monkeypatch.setenv("CSP_APP_ID", "my-app")
    with pytest.raises(ValueError, match="CSP_API_TOKEN and CSP_APP_ID") as caught:
        mint(ApiTokenApi(ApiClient(Configuration(host="https://h"))), "x")
    shown = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "csp-token-123456" not in shown
