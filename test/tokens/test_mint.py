"""Exactly one token is made, and exactly that one comes back."""

from __future__ import annotations

import stat
from datetime import timedelta

import pytest

from wavefront_api_client import (
    ApiClient,
    ApiConnectionException,
    ApiTokenApi,
    ForbiddenException,
    ServiceException,
)
from wavefront_api_client.tokens import (
    AmbiguousToken,
    MintOutcomeUnknown,
    NoFreeSlot,
    RotationPending,
    TokenOperationError,
    _records,
    mint,
)

POST, PUT = "POST", "PUT"
LIST = "/api/v2/apitoken"
LIST_OF_SERVICE = "/api/v2/apitoken/serviceaccount/{id}"


@pytest.fixture(params=["service account", "own"])
def owner(request, server, world):
    if request.param == "own":
        return server.user
    server.add_service_account("sa::ci", tokens=1)
    return server.add_service_account("sa::other", tokens=1)


@pytest.fixture
def account(owner, server):
    return None if owner is server.user else owner.id


def names(owner):
    return [token.token_name for token in owner.tokens]


def records():
    return list(_records.folder().glob("*"))


def test_a_token_with_a_name(api, owner, account):
    minted = mint(api, "ci ☃ ~x", account=account)
    assert minted.is_new
    assert (minted.name, minted.handle) == ("ci ☃ ~x", minted.token.handle)
    assert owner.tokens[-1].token_id == minted.secret.reveal()
    assert names(owner) == ["", "ci ☃ ~x"]
    assert not records()


def test_a_second_one_of_the_name(api, owner, account):
    first, second = (mint(api, "ci", account=account) for _ in range(2))
    assert names(owner) == ["", "ci", "ci"]
    assert first.secret != second.secret
    with pytest.raises(AmbiguousToken, match="2 tokens"):
        mint(api, "ci", account=account, if_absent=True)


def test_only_if_there_is_none(api, owner, account):
    made = mint(api, "ci", account=account, if_absent=True)
    found = mint(api, "ci", account=account, if_absent=True)
    assert (made.is_new, found.is_new) == (True, False)
    assert made.secret == found.secret
    assert names(owner) == ["", "ci"]


def test_what_was_interrupted_is_not_absent(api, server, world):
    account = server.add_service_account("sa::ci")
    server.add_token(account, "ci ~mint-00000000")
    server.add_token(account, "ci ~mint-00000001", age_days=1)
    minted = mint(api, "ci", account="sa::ci", if_absent=True)
    assert minted.is_new
    assert names(account) == ["ci ~mint-00000000", "ci"]


@pytest.mark.parametrize("mark", ["new-00000000", "out-00000000", "old-00000000-20261005T1200Z"])
def test_no_second_one_amid_a_rotation(api, owner, account, server, mark):
    server.add_token(owner, f"ci ~{mark}")
    for if_absent in (False, True):
        with pytest.raises(RotationPending, match="under way"):
            mint(api, "ci", account=account, if_absent=if_absent)
    assert len(owner.tokens) == 2


@pytest.mark.parametrize("name", ["", "ci ~new-00000000"])
def test_a_name_that_cannot_be(api, name, server):
    with pytest.raises(ValueError):
        mint(api, name)
    assert not server.requests


def test_no_free_slot(api, owner, account, server):
    for days in range(19):
        server.add_token(owner, f"{days}", age_days=30, idle_days=(days * 7) % 20 + 1)
    server.reset_requests()
    with pytest.raises(NoFreeSlot, match="20 tokens") as caught:
        mint(api, "ci", account=account)
    assert {request.method for request in server.requests} == {"GET"}
    used = [token.last_used for token in caught.value.tokens if token.last_used]
    assert used == sorted(used)
    held = {token.token_id for token in owner.tokens} - {server.user.key}
    assert {token.secret.reveal() for token in caught.value.tokens} == held
    assert not records()


def test_the_last_slot_goes_to_somebody_else(api, owner, account, server, monkeypatch):
    while len(owner.tokens) < 19:
        server.add_token(owner)
    name = "create_token" if account is None else "generate_token_service_account"
    create = getattr(api, name)

    def too_late(*args, **kwargs):
        server.add_token(owner, "theirs")
        return create(*args, **kwargs)

    monkeypatch.setattr(api, name, too_late)
    with pytest.raises(NoFreeSlot):
        mint(api, "ci", account=account)
    assert names(owner)[-1] == "theirs"


# answers that are lost


def test_a_lost_answer_is_looked_for(api, owner, account, server, world):
    server.inject(method=POST, drop="after")
    assert mint(api, "ci", account=account).secret.reveal() == owner.tokens[-1].token_id
    assert names(owner) == ["", "ci"]
    assert [request.method for request in server.requests].count(POST) == 1


def test_an_empty_answer_is_looked_for(api, owner, account, server, monkeypatch):
    server.inject(method=POST, headers={"Content-Length": "0"}, truncate=0)
    mint(api, "ci", account=account)
    assert names(owner) == ["", "ci"]


def test_an_answer_that_lags_behind(api, owner, account, server, world, monkeypatch):
    """The list that comes back, and those that follow for three seconds, lack the new token."""
    name = "create_token" if account is None else "generate_token_service_account"
    listing = "get_all_tokens" if account is None else "get_tokens_service_account"
    look, create = getattr(api, listing), getattr(api, name)
    arguments = [] if account is None else [account]
    before = look(*arguments)

    def make(*args, **kwargs):
        create(*args, **kwargs)
        return before

    def lagging(*args):
        return look(*args) if len(world.sleeps) >= 3 or len(owner.tokens) == 1 else before

    monkeypatch.setattr(api, name, make)
    monkeypatch.setattr(api, listing, lagging)
    mint(api, "ci", account=account)
    assert names(owner) == ["", "ci"]
    assert world.sleeps == [1, 1, 1]


def test_a_request_that_was_lost_makes_nothing(api, owner, account, server, world):
    server.inject(method=POST, drop="before")
    with pytest.raises(ApiConnectionException):
        mint(api, "ci", account=account)
    assert names(owner) == [""]
    assert sum(world.sleeps) == 10
    mint(api, "ci", account=account)
    assert names(owner) == ["", "ci"]


def test_a_refusal_is_the_services_own(api, owner, account, server, world):
    server.inject(method=POST, status=403)
    with pytest.raises(ForbiddenException):
        mint(api, "ci", account=account)
    assert not world.sleeps
    assert not records()


def test_nobody_can_tell_which_one_is_new(api, owner, account, server, monkeypatch):
    """The answer was lost, and two came meanwhile that could be it."""
    server.inject(method=POST, drop="before")
    name = "create_token" if account is None else "generate_token_service_account"
    create = getattr(api, name)

    def others_too(*args, **kwargs):
        server.add_token(owner, "" if account is None else "ci")
        server.add_token(owner, "" if account is None else "ci")
        return create(*args, **kwargs)

    monkeypatch.setattr(api, name, others_too)
    with pytest.raises(MintOutcomeUnknown) as caught:
        mint(api, "ci", account=account)
    assert [token.secret.reveal() for token in caught.value.tokens] == [
        token.token_id for token in owner.tokens[1:]
    ]
    assert len(owner.tokens) == 3
    if account is None:
        with pytest.raises(MintOutcomeUnknown):
            mint(api, "ci")


def test_no_token_in_sight(api, owner, account, server, monkeypatch):
    name = "create_token" if account is None else "generate_token_service_account"
    listing = api.get_all_tokens() if account is None else api.get_tokens_service_account(account)
    monkeypatch.setattr(api, name, lambda *args, **kwargs: listing)
    with pytest.raises(MintOutcomeUnknown, match="none"):
        mint(api, "ci", account=account)


# names


def test_a_name_that_comes_back_changed(api, owner, account, server):
    server.inject(method=PUT, body={"status": {"result": "OK"}, "response": {"tokenName": "c"}})
    with pytest.raises(TokenOperationError, match="made 'c' of the name 'ci'"):
        mint(api, "ci", account=account)
    assert len(owner.tokens) == 1


@pytest.mark.parametrize("response", [None, {"tokenName": "ci"}])
def test_a_name_that_is_not_told_is_as_it_was_sent(api, server, world, response):
    body = {"status": {"result": "OK"}, "response": response}
    server.inject(method=PUT, body=body)
    assert mint(api, "ci").name == "ci"


def test_a_name_that_is_cut_off_at_once(api, server, world, monkeypatch):
    """The word by which a token of a service account is known is missing in its name."""
    account = server.add_service_account("sa::ci")
    create = api.generate_token_service_account
    monkeypatch.setattr(
        api,
        "generate_token_service_account",
        lambda name, body: create(name, body={"tokenName": "c"}),
    )
    with pytest.raises(TokenOperationError, match="made 'c' of the name"):
        mint(api, "ci", account="sa::ci")
    assert not account.tokens


def test_what_cannot_be_named_is_deleted(api, owner, account, server):
    server.inject(method=PUT, status=500)
    with pytest.raises(ServiceException):
        mint(api, "ci", account=account)
    assert len(owner.tokens) == 1


def test_what_can_be_neither_named_nor_deleted_is_left(api, owner, account, server):
    server.inject(method=PUT, status=500)
    server.inject(method="DELETE", status=500)
    with pytest.raises(ServiceException):
        mint(api, "ci", account=account)
    assert len(owner.tokens) == 2
    mint(api, "ci", account=account)
    # One's own is adopted; that of a service account bears a mark.
    assert names(owner)[-1] == "ci"
    assert len(owner.tokens) == (2 if account is None else 3)


# records of one's own


def interrupt(api, server):
    """A run that is killed when its token is made, and nothing of it has come back."""

    class Killed(BaseException):
        pass

    create = api.create_token

    def killed():
        create()
        raise Killed

    api.create_token = killed
    with pytest.raises(Killed):
        mint(api, "ci")
    del api.create_token


def test_a_record_is_for_the_user_alone_and_holds_no_token(api, server, world):
    interrupt(api, server)
    (record,) = records()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert stat.S_IMODE(record.parent.stat().st_mode) == 0o700
    shown = f"{record} {record.read_text()}"
    assert not any(token.token_id in shown for token in server.user.tokens)


def test_the_token_of_a_killed_run_is_adopted(api, server, world):
    interrupt(api, server)
    server.add_token(server.user, "another")
    mint(api, "ci")
    assert names(server.user) == ["", "ci", "another"]
    assert not records()


def test_a_run_that_was_killed_at_the_very_end_has_ended(api, server, world, monkeypatch):
    remove = _records.Record.remove
    monkeypatch.setattr(_records.Record, "remove", lambda record: None)
    first = mint(api, "ci")
    monkeypatch.setattr(_records.Record, "remove", remove)
    assert mint(api, "ci").secret == first.secret
    assert names(server.user) == ["", "ci"]


def test_what_may_be_somebody_elses_is_not_adopted(api, server, world):
    interrupt(api, server)
    used = server.user.tokens[1].token_id
    with ApiClient(server.configuration()) as client:
        client.configuration.api_key = used
        ApiTokenApi(client).get_all_tokens()
    mint(api, "ci")
    assert names(server.user) == ["", "", "ci"]


def test_a_record_of_long_ago_is_forgotten(api, server, world):
    interrupt(api, server)
    world.advance(hours=2)
    mint(api, "ci")
    assert names(server.user) == ["", "", "ci"]
    assert not records()


def test_an_adopted_token_that_cannot_bear_the_name_is_left(api, server, world):
    interrupt(api, server)
    server.inject(method=PUT, body={"status": {"result": "OK"}, "response": {"tokenName": "c"}})
    with pytest.raises(TokenOperationError):
        mint(api, "ci")
    assert names(server.user) == ["", ""]


def test_a_record_that_was_cut_off_says_nothing(api, server, world):
    interrupt(api, server)
    (record,) = records()
    record.write_text(record.read_text()[:20])
    mint(api, "ci")
    assert names(server.user) == ["", "", "ci"]
    assert not records()


def test_without_a_place_for_a_record_no_token_is_made(api, server, world, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError):
        mint(api, "ci")
    assert len(server.user.tokens) == 1


def test_where_records_are(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        assert _records.folder() == tmp_path / ".local/state/wavefront-tokens"


def test_the_clock_of_the_machine_may_be_wrong(api, server, world):
    world.ahead = timedelta(days=99)
    mint(api, "ci")
    assert names(server.user) == ["", "ci"]
    assert not records()
