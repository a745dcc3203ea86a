"""Exactly one token is made, and exactly that one comes back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from wavefront_api_client import (
    ApiClient,
    ApiConnectionException,
    ApiTokenApi,
    BadRequestException,
    ForbiddenException,
    InvalidResponseException,
)
from wavefront_api_client.tokens import (
    AmbiguousToken,
    DeliveryFailed,
    MintOutcomeUnknown,
    NameTaken,
    NoFreeSlot,
    RotationPending,
    Secret,
    TokenNotFound,
    TokenOperationError,
    deliver,
    find,
    handle_of,
    mint,
    rename,
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


def test_a_token_with_a_name(api, owner, account):
    minted = mint(api, "ci ☃ ~x", account=account)
    assert minted.is_new
    assert (minted.name, minted.handle) == ("ci ☃ ~x", minted.token.handle)
    assert owner.tokens[-1].token_id == minted.secret.reveal()
    assert names(owner) == ["", "ci ☃ ~x"]


def test_a_second_one_of_the_name_only_if_that_is_allowed(api, owner, account, server):
    first = mint(api, "ci", account=account)
    server.reset_requests()
    with pytest.raises(NameTaken, match=f"taken by {first.handle} 'ci'"):
        mint(api, "ci", account=account)
    assert {request.method for request in server.requests} == {"GET"}
    second = mint(api, "ci", account=account, allow_duplicate=True)
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


@pytest.mark.parametrize("if_absent", [False, True])
def test_what_was_interrupted_is_taken_up(api, server, world, if_absent):
    account = server.add_service_account("sa::ci")
    server.add_token(account, "ci ~mint-00000000", age_days=1)
    server.add_token(account, "ci ~mint-00000001", age_days=2)
    minted = mint(api, "ci", account="sa::ci", if_absent=if_absent)
    assert minted.is_new
    assert names(account) == ["ci ~mint-00000000", "ci"]
    assert mint(api, "ci", account="sa::ci", if_absent=True).secret == minted.secret
    # What is left of another run goes once it is old and was never used.
    assert names(account) == ["ci"]


def test_what_another_run_is_making_is_left_alone(api, server, world):
    account = server.add_service_account("sa::ci")
    server.add_token(account, "ci", age_days=1)
    server.add_token(account, "ci ~mint-00000000")
    server.add_token(account, "ci ~mint-00000001", age_days=2, idle_days=1)
    mint(api, "ci", account="sa::ci", if_absent=True)
    assert len(account.tokens) == 3


@pytest.mark.parametrize("if_absent", [False, True])
def test_what_another_run_is_about_to_name_is_not_taken_from_it(
    api, owner, account, server, world, if_absent
):
    """Two plain runs at once would both return the same token."""
    theirs = server.add_token(owner, "ci ~mint-00000000").token_id
    rename_it = api.update_token_name if account is None else partial(
        api.update_token_name_service_account, account)  # fmt: skip

    def on_sleep():
        if world.seconds == 5:
            rename_it(theirs, body={"tokenName": "ci"})

    world.on_sleep = on_sleep
    if if_absent:
        minted = mint(api, "ci", account=account, if_absent=True)
        assert (minted.is_new, minted.secret.reveal()) == (False, theirs)
    else:
        with pytest.raises(NameTaken, match="taken by"):
            mint(api, "ci", account=account)
    assert world.seconds == 5
    assert names(owner) == ["", "ci"]


@pytest.mark.parametrize("mark", ["new-00000000", "out-00000000", "old-00000000-20261005T1200Z"])
def test_no_second_one_amid_a_rotation(api, owner, account, server, mark):
    server.add_token(owner, f"ci ~{mark}")
    for if_absent in (False, True):
        with pytest.raises(RotationPending, match="under way"):
            mint(api, "ci", account=account, if_absent=if_absent)
    assert len(owner.tokens) == 2
    assert mint(api, "ci", account=account, allow_duplicate=True).is_new


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name": ""}, ValueError),
        ({"name": "ci ~new-00000000"}, ValueError),
        ({"name": None}, TypeError),
        ({"patience": 10}, TypeError),
        ({"patience": "soon"}, ValueError),
        ({"sink": "ci.token"}, TypeError),
        ({"api": ApiClient()}, TypeError),
    ],
)
def test_what_cannot_be(api, options, error, server):
    with pytest.raises(error):
        mint(**{"api": api, "name": "ci", **options})
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


LOSSES = {
    "lost": {"drop": "after"},
    "empty": {"headers": {"Content-Length": "0"}, "truncate": 0},
    "cut off": {"truncate": 20},
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_lost_answer_is_looked_for_by_its_word(api, owner, account, server, world, loss):
    server.inject(method=POST, **loss)
    if account is not None:
        assert mint(api, "ci", account=account).secret.reveal() == owner.tokens[-1].token_id
        assert names(owner) == ["", "ci"]
    else:
        # Nobody can prove whose a token without a name is.
        with pytest.raises(MintOutcomeUnknown, match="can be revoked") as caught:
            mint(api, "ci")
        (candidate,) = caught.value.tokens
        assert candidate.secret.reveal() == owner.tokens[-1].token_id
        assert names(owner) == ["", ""]
    assert [request.method for request in server.requests].count(POST) == 1


def lag(api, account, monkeypatch, world, owner, after_post):
    """Listings lack a new token for three seconds, and so may the answer that made it."""
    name = "create_token" if account is None else "generate_token_service_account"
    listing = "get_all_tokens" if account is None else "get_tokens_service_account"
    look, create = getattr(api, listing), getattr(api, name)
    before = look(*([] if account is None else [account]))

    def make(*args, **kwargs):
        made = create(*args, **kwargs)
        return made if after_post else before

    def lagging(*args):
        return look(*args) if len(world.sleeps) >= 3 or len(owner.tokens) == 1 else before

    monkeypatch.setattr(api, name, make)
    monkeypatch.setattr(api, listing, lagging)


def test_a_listing_that_lags_behind(api, owner, account, server, world, monkeypatch):
    """The answer of the call that made it has the token. One's own has to be seen with its mark."""
    lag(api, account, monkeypatch, world, owner, after_post=True)
    mint(api, "ci", account=account)
    assert names(owner) == ["", "ci"]
    assert world.sleeps == ([1, 1, 1] if account is None else [])


def test_one_of_ones_own_that_no_listing_shows_is_named_by_the_next_run(
    api, server, world, monkeypatch
):
    """Until a listing shows it, nobody knows whether another run has made one as well."""
    before = api.get_all_tokens()
    with monkeypatch.context() as patched:
        patched.setattr(api, "get_all_tokens", lambda: before)
        with pytest.raises(MintOutcomeUnknown) as caught:
            mint(api, "ci")
    assert len(caught.value.tokens) == 1
    assert names(server.user)[1].startswith("ci ~mint-")
    assert mint(api, "ci").handle == caught.value.tokens[0].handle
    assert names(server.user) == ["", "ci"]


def test_an_answer_that_lags_behind(api, owner, account, server, world, monkeypatch):
    lag(api, account, monkeypatch, world, owner, after_post=False)
    if account is None:
        with pytest.raises(MintOutcomeUnknown):
            mint(api, "ci")
    else:
        mint(api, "ci", account=account)
        assert names(owner) == ["", "ci"]
    assert world.sleeps == [1, 1, 1]


@pytest.mark.parametrize("seconds", [None, 3])
def test_a_request_that_was_lost_makes_nothing(api, owner, account, server, world, seconds):
    server.inject(method=POST, drop="before")
    options = {} if seconds is None else {"patience": timedelta(seconds=seconds)}
    with pytest.raises(MintOutcomeUnknown, match="Candidates: none") as caught:
        mint(api, "ci", account=account, **options)
    assert isinstance(caught.value.__cause__, ApiConnectionException)
    assert names(owner) == [""]
    assert sum(world.sleeps) == (seconds or 10)
    mint(api, "ci", account=account)
    assert names(owner) == ["", "ci"]


def test_an_outage_after_a_lost_answer_leaves_it_unknown(api, owner, account, server, world):
    """A listing that fails does not turn what is unknown into what has failed."""
    listing = LIST if account is None else LIST_OF_SERVICE
    server.inject(method=POST, drop="after")
    api.api_client.configuration.retries = 0
    look = "get_all_tokens" if account is None else "get_tokens_service_account"
    get, count = getattr(api, look), []

    def failing(*args):
        count.append(1)
        if len(count) == 2:
            server.inject(method="GET", path=listing, status=403)
        return get(*args)

    setattr(api, look, failing)
    with pytest.raises(MintOutcomeUnknown):
        mint(api, "ci", account=account)
    delattr(api, look)
    assert len(owner.tokens) == 2


def test_a_refusal_is_the_services_own(api, owner, account, server, world):
    server.inject(method=POST, status=403)
    with pytest.raises(ForbiddenException):
        mint(api, "ci", account=account)
    assert not world.sleeps


def test_nobody_can_tell_which_one_is_new(api, owner, account, server, world, monkeypatch):
    """The answer was lost, and two came meanwhile that could be it, as far as one can see."""
    server.inject(method=POST, drop="before")
    name = "create_token" if account is None else "generate_token_service_account"
    create = getattr(api, name)

    def others_too(*args, **kwargs):
        server.add_token(owner, "" if account is None else "theirs")
        server.add_token(owner, "" if account is None else "ci ~mint-00000000")
        return create(*args, **kwargs)

    monkeypatch.setattr(api, name, others_too)
    with pytest.raises(MintOutcomeUnknown) as caught:
        mint(api, "ci", account=account)
    assert [token.secret.reveal() for token in caught.value.tokens] == [
        token.token_id for token in owner.tokens[1:]
    ]
    assert len(owner.tokens) == 3


def test_a_strangers_token_in_the_answer_is_not_taken(api, server, world, monkeypatch):
    """Of several new ones without a name, the last one is no more ours than the first."""
    create = api.create_token

    def others_too():
        server.add_token(server.user)
        return create()

    monkeypatch.setattr(api, "create_token", others_too)
    before = names(server.user)
    with pytest.raises(MintOutcomeUnknown) as caught:
        mint(api, "ci")
    assert len(caught.value.tokens) == 2
    assert names(server.user) == [*before, "", ""]


def test_the_only_new_one_of_a_listing_is_not_taken(
    api, owner, account, server, world, monkeypatch
):
    """The answer lacks the new token; a stranger's is the only one that appears."""
    name = "create_token" if account is None else "generate_token_service_account"
    listing = api.get_all_tokens() if account is None else api.get_tokens_service_account(account)

    def make(*args, **kwargs):
        server.add_token(owner, "" if account is None else "theirs")
        return listing

    monkeypatch.setattr(api, name, make)
    with pytest.raises(MintOutcomeUnknown) as caught:
        mint(api, "ci", account=account)
    assert len(caught.value.tokens) == 1
    assert names(owner) == ["", "" if account is None else "theirs"]


# two at once


@pytest.mark.parametrize("if_absent", [False, True])
@pytest.mark.parametrize("theirs", ["ci", "ci ~mint-00000000"])
def test_another_run_that_was_faster_has_made_the_token(
    api, owner, account, server, world, monkeypatch, theirs, if_absent
):
    name = "create_token" if account is None else "generate_token_service_account"
    create, other = getattr(api, name), []

    def too_late(*args, **kwargs):
        other.append(server.add_token(owner, theirs, age_days=1))
        return create(*args, **kwargs)

    before = names(owner)
    if account is None:
        # One's own has no name in the answer, so that theirs has to be there before.
        monkeypatch.setattr(
            api, "update_token_name", partial(named_after, api.update_token_name, too_late_named(
                server, owner, theirs, other)))  # fmt: skip
    else:
        monkeypatch.setattr(api, name, too_late)
    go = partial(mint, api, "ci", account=account, if_absent=if_absent)
    if not if_absent:
        with pytest.raises(NameTaken):
            go()
        assert names(owner) == [*before, theirs]
    else:
        minted = go()
        assert (minted.is_new, minted.secret) == (False, Secret(other[0].token_id))
        assert names(owner) == [*before, "ci"]


def too_late_named(server, owner, theirs, other):
    def add():
        if not other:
            other.append(server.add_token(owner, theirs, age_days=1))

    return add


def named_after(update, add, *args, **kwargs):
    add()
    return update(*args, **kwargs)


def test_a_run_that_marked_its_token_first_may_take_as_long_to_name_it(
    api, server, world, monkeypatch
):
    """It has made its token later, and has not seen ours: whoever sees both, waits for it."""
    update, theirs = api.update_token_name, []

    def updating(token, body):
        if not theirs:
            world.advance(seconds=1)
            theirs.append(server.add_token(server.user, "ci ~mint-00000000").token_id)
        return update(token, body=body)

    def on_sleep():
        if world.seconds > 15:
            update(theirs[0], body={"tokenName": "ci"})

    monkeypatch.setattr(api, "update_token_name", updating)
    world.on_sleep = on_sleep
    minted = mint(api, "ci", if_absent=True)
    assert (minted.is_new, minted.secret.reveal()) == (False, theirs[0])
    assert names(server.user) == ["", "ci"]


def test_a_run_that_is_alone_with_its_mark_names_it_after_a_while(api, server, world, monkeypatch):
    """The other one was made later, and its run has ended."""
    account = server.add_service_account("sa::ci")
    create = api.generate_token_service_account

    def both(*args, **kwargs):
        made = create(*args, **kwargs)
        world.advance(seconds=1)
        server.add_token(account, "ci ~mint-00000000")
        server.inject(method="GET", drop="before")
        return made

    monkeypatch.setattr(api, "generate_token_service_account", both)
    minted = mint(api, "ci", account="sa::ci")
    assert minted.is_new
    assert names(account) == ["ci", "ci ~mint-00000000"]


# names


def cut_names(api, account, monkeypatch, limit):
    name = "update_token_name" if account is None else "update_token_name_service_account"
    update = getattr(api, name)

    def cutting(*args, body):
        return update(*args, body={"tokenName": body.token_name[:limit]})

    monkeypatch.setattr(api, name, cutting)


def test_a_name_that_comes_back_changed(api, owner, account, server, monkeypatch):
    cut_names(api, account, monkeypatch, 1)
    with pytest.raises(TokenOperationError, match="made 'c' of the name 'ci"):
        mint(api, "ci", account=account)
    assert names(owner) == [""]
    token = server.add_token(owner, "before")
    with pytest.raises(TokenOperationError, match="made 'a' of the name 'after'"):
        rename(api, "before", "after", account=account)
    assert owner.tokens[-1].token_id == token.token_id


@pytest.mark.parametrize("response", [None, [], {"items": []}, "ci", "the token alone"])
def test_a_name_that_is_not_told_is_looked_up(api, owner, account, server, world, response):
    """Success is what was seen: these answers do not say that the token has the name."""
    token = mint(api, "ci", account=account).token
    if response == "the token alone":
        response = {"tokenID": token.secret.reveal()}
    server.inject(method=PUT, body={"status": {"result": "OK"}, "response": response})
    with pytest.raises(InvalidResponseException, match="shows the new name") as caught:
        rename(api, token, "cd")
    assert caught.value.outcome_unknown
    assert names(owner)[-1] == "ci"
    server.inject(method=PUT, headers={"Content-Length": "0"}, truncate=0)
    assert rename(api, token, "cd").name == "cd"
    assert names(owner)[-1] == "cd"


def test_a_name_that_is_cut_off_at_once(api, server, world, monkeypatch):
    """It still bears digits of our word, so that it is ours; the longest mark would not fit."""
    account = server.add_service_account("sa::ci")
    create = api.generate_token_service_account
    limit = 20

    def cutting(name, body):
        return create(name, body={"tokenName": body.token_name[:limit]})

    monkeypatch.setattr(api, "generate_token_service_account", cutting)
    with pytest.raises(TokenOperationError, match="made 'ci ~mint-.{8,12}' of the name"):
        mint(api, "ci", account="sa::ci")
    assert not account.tokens
    limit = 5
    with pytest.raises(MintOutcomeUnknown):
        mint(api, "ci", account="sa::ci")
    assert names(account) == ["ci ~m"]


def test_what_the_service_refuses_to_name_is_taken_up_by_the_next_run(api, owner, account, server):
    """Another run may have taken it up already: nothing is deleted."""
    listed = len(names(owner))
    server.inject(method=PUT, status=400)
    with pytest.raises(BadRequestException):
        mint(api, "ci", account=account)
    # One's own has no name yet, so that nobody takes it up.
    assert len(owner.tokens) == (listed if account is None else 2)
    assert mint(api, "ci", account=account).is_new
    assert names(owner) == ["", "ci"]


def test_a_listing_that_fails_does_not_make_a_refusal_of_an_unknown_name(
    api, owner, account, server, world
):
    """The answer says no name, and the listing that could is refused: nothing is deleted."""
    body = {"status": {"result": "OK"}, "response": {"items": []}}
    server.inject(method=PUT, body=body)
    update = "update_token_name" if account is None else "update_token_name_service_account"
    call = getattr(api, update)

    def updating(*args, **kwargs):
        answer = call(*args, **kwargs)
        server.inject(method="GET", status=403)
        return answer

    setattr(api, update, updating)
    with pytest.raises((ForbiddenException, MintOutcomeUnknown)) as caught:
        mint(api, "ci", account=account)
    assert len(owner.tokens) == 2
    assert account is None or caught.value.outcome_unknown


def test_a_token_is_taken_back_only_once_no_listing_can_lag_behind(api, server, world, monkeypatch):
    """Somebody has taken it, and the first listings do not show that yet."""

    def refused(token, body):
        stale = {"status": {"result": "OK"}, "response": [
            {"tokenID": each.token_id, "tokenName": each.token_name} for each in server.user.tokens]}  # fmt: skip
        update(token, body={"tokenName": "theirs"})
        server.inject(5, method="GET", body=stale)
        raise BadRequestException(400, "no")

    update = api.update_token_name
    monkeypatch.setattr(api, "update_token_name", refused)
    with pytest.raises(BadRequestException):
        mint(api, "ci")
    assert names(server.user) == ["", "theirs"]


def test_what_can_be_neither_named_nor_deleted_is_left(api, server, world):
    server.inject(method=PUT, status=400)
    server.inject(method="DELETE", status=400)
    with pytest.raises(BadRequestException):
        mint(api, "ci")
    assert names(server.user) == ["", ""]


def test_after_a_rename_whose_outcome_is_unknown_nothing_is_deleted(api, owner, account, server):
    api.api_client.configuration.retries = 0
    server.inject(method=PUT, drop="before")
    with pytest.raises((ApiConnectionException, MintOutcomeUnknown)) as caught:
        mint(api, "ci", account=account)
    assert len(owner.tokens) == 2
    if account is None:
        # It has no name by which the next run could know it, and this one tells which it is.
        assert [each.handle for each in caught.value.tokens] == [
            handle_of(owner.tokens[1].token_id)
        ]
    else:
        assert caught.value.outcome_unknown
        assert mint(api, "ci", account=account).is_new
        assert names(owner) == ["", "ci"]


def test_a_rename_whose_answer_was_lost_is_seen(api, owner, account, server):
    api.api_client.configuration.retries = 0
    server.inject(method=PUT, drop="after")
    assert mint(api, "ci", account=account).is_new
    assert names(owner) == ["", "ci"]


def test_a_failing_listing_does_not_hide_that_a_name_is_unknown(api, server, world):
    server.add_service_account("sa::ci")
    api.api_client.configuration.retries = 0
    server.inject(method=PUT, drop="before")
    update = api.update_token_name_service_account

    def updating(*args, **kwargs):
        server.inject(method="GET", status=403)
        return update(*args, **kwargs)

    api.update_token_name_service_account = updating
    with pytest.raises(ApiConnectionException) as caught:
        mint(api, "ci", account="sa::ci")
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("what", ["named", "used"])
def test_what_somebody_has_taken_meanwhile_is_not_taken_back(api, server, world, monkeypatch, what):
    """Before it undoes what it has made, it looks again."""

    def refused(token, body):
        if what == "named":
            update(token, body={"tokenName": "theirs"})
        else:
            with ApiClient(server.configuration()) as client:
                client.configuration.api_key = token
                ApiTokenApi(client).get_all_tokens()
        raise BadRequestException(400, "no")

    update = api.update_token_name
    monkeypatch.setattr(api, "update_token_name", refused)
    with pytest.raises(BadRequestException):
        mint(api, "ci")
    assert len(server.user.tokens) == 2


def test_the_clock_of_the_machine_may_be_wrong(api, server, world):
    world.ahead = timedelta(days=99)
    mint(api, "ci")
    assert names(server.user) == ["", "ci"]


# deliver and rename


def test_a_minted_token_is_delivered_and_read_back(api, owner, account, sink, make_sink):
    minted = mint(api, "ci", account=account, sink=sink)
    assert (sink.held, len(sink.delivered)) == (minted.secret, 1)
    mint(api, "ci", account=account, sink=sink, if_absent=True)
    assert len(sink.delivered) == 1
    sink.is_full = True
    with pytest.raises(DeliveryFailed, match="full"):
        mint(api, "cd", account=account, sink=sink)
    assert names(owner) == ["", "ci"]
    forgets = make_sink()
    forgets.deliver = lambda secret: None
    with pytest.raises(DeliveryFailed, match="not hold what it took; token .* 'ci' exists"):
        deliver(api, "ci", forgets, account=account)
    refuses = make_sink()
    refuses.deliver = sink.deliver
    sink.is_full = True
    with pytest.raises(DeliveryFailed, match="the sink is full; token .* 'ci' exists"):
        deliver(api, "ci", refuses, account=account)
    other = make_sink(can_tell=False)
    for ref in ("ci", minted.token, minted.handle, minted):
        assert deliver(api, ref, other).secret == minted.secret
    assert other.delivered == [minted.secret] * 4


def test_what_is_not_there_is_not_delivered(api, server, sink):
    with pytest.raises(TokenNotFound):
        deliver(api, "ci", sink)
    with pytest.raises(TypeError, match="FileSink"):
        deliver(api, "ci", "ci.token")


def test_a_name_is_given_only_to_one(api, owner, account, server):
    server.add_token(owner, "ci")
    server.add_token(owner, "cd")
    with pytest.raises(NameTaken, match="'cd'"):
        rename(api, "ci", "cd", account=account)
    assert rename(api, "ci", "ci").name == "ci"
    assert rename(api, "ci", "cd", allow_duplicate=True).name == "cd"
    assert names(owner) == ["", "cd", "cd"]


@pytest.mark.parametrize("ref", ["ci", "cd"])
def test_no_name_changes_amid_a_rotation(api, owner, account, server, ref):
    for name in ("ci", "cd", "ci ~new-00000000"):
        server.add_token(owner, name)
    with pytest.raises(RotationPending, match="under way"):
        rename(api, ref, "ci" if ref == "cd" else "x", allow_duplicate=False, account=account)
    assert rename(api, ref, "ci" if ref == "cd" else "x", allow_duplicate=True).name


def test_the_listing_says_whose_a_token_is(api, server):
    jane = server.add_user("jane@example.com")
    for account in ("sa::a", "sa::b"):
        server.add_service_account(account)
        server.add_token(account, account[-1])
        server.add_token(account, "both")
    hers = server.add_token(jane, "hers")
    assert rename(api, "a", "c").account == "sa::a"
    (found,) = find(api, "b")
    assert rename(api, found, "d").account == "sa::b"
    with pytest.raises(AmbiguousToken, match="several accounts"):
        rename(api, "both", "x")
    with pytest.raises(TokenOperationError, match=r"belongs to jane@example.com: only they"):
        rename(api, Secret(hers.token_id), "x")
    with ApiClient(server.configuration(server.add_user("joe@example.com", []))) as client:
        with pytest.raises(TokenNotFound, match="whose key is used"):
            rename(ApiTokenApi(client), "a", "x")
