"""What a rotation does, says and refuses."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import partial

import pytest

from wavefront_api_client import (
    ApiClient,
    ApiTokenApi,
    Configuration,
    ForbiddenException,
    NotFoundException,
)
from wavefront_api_client.tokens import (
    AmbiguousToken,
    DeliveryFailed,
    FileSink,
    MintOutcomeUnknown,
    NoFreeSlot,
    RefusedOwnKey,
    RotationPending,
    Secret,
    TokenInUse,
    TokenNotFound,
    TokenOperationError,
    VerificationFailed,
    deliver,
    find,
    finish,
    handle_of,
    mint,
    rename,
    rotate,
)

NOW = timedelta(0)
DAY = timedelta(days=1)
OWN = "/api/v2/apitoken"
OLD, NEW, OUT = "ci ~old-00000000-20200101T0000Z", "ci ~new-00000000", "ci ~out-00000000"


@pytest.fixture
def account(server, world):
    """A service account with a token that is called ci, and one that is not."""
    account = server.add_service_account("sa::ci")
    server.add_token(account, "ci", age_days=100.01, idle_days=1)
    server.add_token(account, "foreign")
    return account


@pytest.fixture
def turn(api, account, sink):
    return partial(rotate, api, "ci", sink=sink, account=account.id)


@pytest.fixture
def end(api, account, sink):
    return partial(finish, api, "ci", sink=sink, account=account.id)


def names(account):
    return [token.token_name for token in account.tokens]


def use(server, token):
    with ApiClient(Configuration(host=server.url, api_key=token.token_id, proxy=None)) as client:
        ApiTokenApi(client).get_all_tokens()


def test_a_rotation_with_a_grace(turn, account, sink, world, server):
    old = account.tokens[0]
    result = turn()
    assert (result.outcome, result.is_done, result.name) == ("waiting", False, "ci")
    assert (result.token.secret, result.old.handle) == (sink.held, handle_of(old.token_id))
    # The service tells its time by the second.
    left = result.deadline - datetime.now(timezone.utc) + timedelta(seconds=1)
    assert DAY <= left < DAY + timedelta(minutes=2)
    assert [step.split()[0] for step in result.steps] == ["mint", "deliver", "mark", "name"]
    assert turn().steps == ()
    world.advance(days=1, minutes=2)
    server.reset_requests()
    result = turn()
    assert (result.outcome, result.is_done, result.old) == ("rotated", True, None)
    assert result.steps == (f"delete {handle_of(old.token_id)}",)
    assert names(account) == ["foreign", "ci"]
    (deletion,) = [request for request in server.requests if request.method == "DELETE"]
    assert deletion.headers["x-auth-token"] == sink.held.reveal()
    assert len(sink.delivered) == 1


def test_a_plan_changes_nothing(turn, account, sink, server):
    result = turn(dry_run=True)
    assert (result.outcome, result.is_done) == ("planned", False)
    assert result.steps == ("mint", "deliver", "mark", "name", "delete")
    assert names(account) == ["ci", "foreign"]
    assert {request.method for request in server.requests} == {"GET"}
    assert turn(dry_run=True, older_than=timedelta(days=101)).steps == ("deliver",)
    sink.held = Secret(account.tokens[0].token_id)
    assert turn(dry_run=True, older_than=timedelta(days=101)).outcome == "not due"
    sink.is_full = True
    with pytest.raises(DeliveryFailed, match="full"):
        turn(dry_run=True)
    server.add_token(account, "ci ~out-00000000")
    assert turn(dry_run=True).steps == ("drop",)


def test_only_what_is_old_enough(turn, account):
    assert turn(older_than=timedelta(days=101)).outcome == "not due"
    assert names(account) == ["ci", "foreign"]
    assert turn(older_than=timedelta(days=100)).outcome == "waiting"
    assert turn(older_than=timedelta(days=100)).outcome == "waiting"


def test_no_free_slot(turn, account, sink, server):
    while len(account.tokens) < 20:
        server.add_token(account, "x")
    before = account.tokens
    for is_dry in (False, True):
        with pytest.raises(NoFreeSlot):
            turn(grace=NOW, dry_run=is_dry)
    assert account.tokens == before
    assert sink.held is None


def test_a_sink_that_is_full_is_known_before(turn, account, sink):
    sink.is_full = True
    with pytest.raises(DeliveryFailed, match="full"):
        turn()
    assert names(account) == ["ci", "foreign"]


def test_a_sink_that_lost_it(turn, account, sink, world, monkeypatch):
    monkeypatch.setattr(sink, "deliver", lambda secret: None)
    with pytest.raises(DeliveryFailed, match="does not hold"):
        turn()
    assert names(account)[0] == "ci"
    monkeypatch.undo()
    assert turn(grace=NOW).is_done


def test_a_sink_that_lost_it_later_gets_it_again_and_the_grace_begins_anew(
    turn, end, account, sink, world, make_sink
):
    turn()
    new = sink.held
    for run in (turn, partial(turn, sink=make_sink())):
        world.advance(days=2)
        sink.held = Secret("something else")
        result = run()
        assert [step.split()[0] for step in result.steps] == ["deliver", "mark"]
        assert (result.outcome, len(account.tokens)) == ("waiting", 3)
        assert result.deadline > datetime.now(timezone.utc) + world.ahead + timedelta(hours=23)
    assert turn().outcome == "waiting"
    assert sink.held == new
    sink.held = None
    assert end().outcome == "waiting"
    assert sink.held == new
    assert end().outcome == "rotated"


def test_a_sink_that_lost_it_gets_it_whatever_the_state(turn, end, account, sink, make_sink):
    """A second host with the same command ends with a key that works."""
    for run, outcome in (
        (partial(turn, older_than=timedelta(days=101)), "not due"),
        (end, "nothing"),
    ):
        sink.held = None
        result = run()
        assert (result.outcome, len(result.steps)) == (outcome, 1)
        assert sink.held.reveal() == account.tokens[0].token_id
        assert run().steps == ()
    other = make_sink()
    assert turn(grace=NOW).is_done
    assert turn(sink=other, older_than=DAY).outcome == "not due"
    assert other.held == sink.held


@pytest.mark.parametrize("grace", [-DAY, timedelta.max])
def test_a_grace_that_cannot_be(turn, server, grace):
    with pytest.raises(ValueError, match="grace must be from 0 to 100 years"):
        turn(grace=grace)
    assert not server.requests


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"grace": 0}, "grace must be a timedelta"),
        ({"older_than": 90}, "older_than must be a timedelta"),
        ({"patience": 1.5}, "patience must be a timedelta"),
        ({"sink": "ci.token"}, "sink must be a Sink, such as .*, not str"),
        ({"ref": 7}, "a token is named by its name"),
        ({"api": ApiClient()}, "api must be an ApiTokenApi, not ApiClient"),
    ],
)
def test_what_is_of_another_type(api, sink, server, options, said):
    with pytest.raises(TypeError, match=said):
        rotate(**{"api": api, "ref": "ci", "sink": sink, **options})
    with pytest.raises(ValueError, match="not 2"):
        rotate(api, ["ci", "cd"], sink=sink)
    assert not server.requests


# who is meant


def test_a_handle_that_no_listing_has_is_not_found(api, account, sink, world):
    old = account.tokens[0].token_id
    refs = [handle_of(old)[:6], handle_of(old).upper(), Secret(old)]
    rotate(api, refs[0], sink=sink, account=account.id, grace=NOW)
    before = account.tokens
    for ref in refs:
        for run in (rotate, finish):
            with pytest.raises(TokenNotFound):
                run(api, ref, sink=sink, account=account.id)
    assert account.tokens == before


def test_a_handle_of_any_state_means_the_rotation(api, turn, account, sink):
    turn()
    for token in account.tokens:
        if token.token_name != "foreign":
            found = rotate(api, Secret(token.token_id), sink=sink, account=account.id)
            assert (found.outcome, found.name) == ("waiting", "ci")


def test_what_is_not_meant(api, account, sink, server):
    go = partial(rotate, api, sink=sink, account=account.id)
    with pytest.raises(TokenNotFound, match="'CI'"):
        go("CI")
    with pytest.raises(ValueError, match="empty"):
        go("")
    unnamed = server.add_token(account)
    with pytest.raises(TokenOperationError, match="has no name"):
        go(Secret(unnamed.token_id))
    begun = server.add_token(account, "x ~mint-00000000")
    with pytest.raises(RotationPending, match="interrupted mint"):
        go(Secret(begun.token_id))
    server.add_token(account, handle_of(begun.token_id)[:6])
    with pytest.raises(AmbiguousToken, match="2 tokens match"):
        go(handle_of(begun.token_id)[:6])
    server.add_token(account, "ci")
    with pytest.raises(AmbiguousToken, match="'ci'"):
        go("ci")
    uuid = "01234567-89ab-cdef-0123-456789abcdef"
    for ref in (uuid, uuid.replace("-", ""), f"my {uuid}"):
        with pytest.raises(TokenNotFound) as caught:
            go(ref)
        assert uuid[:8] not in str(caught.value)


# verification


def test_a_key_that_works_only_after_a_while(turn, account, world, server):
    server.inject(3, method="GET", path=OWN, status=401)
    assert turn(grace=NOW).is_done
    # The first of the three was the random key, which has to fail.
    assert world.sleeps == [1, 1]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_does_not_work(turn, account, world, server, sink, status):
    server.inject(1000, method="GET", path=OWN, status=status)
    with pytest.raises(VerificationFailed, match="60 seconds"):
        turn()
    assert sum(world.sleeps) == 60
    assert names(account)[0] == "ci"
    assert sink.held is None


def test_a_service_that_takes_any_key(turn, world, server, sink):
    body = {"status": {"result": "OK"}, "response": [{"tokenID": "any"}]}
    server.inject(method="GET", path=OWN, body=body)
    with pytest.raises(VerificationFailed, match="random key"):
        turn()
    assert sink.held is None


def test_a_failure_is_no_refusal(turn, server, sink):
    answer = {"status": {"result": "ERROR", "message": "come back later"}}
    server.inject(method="GET", path=OWN, body=answer)
    with pytest.raises(Exception, match="ERROR") as caught:
        turn()
    assert caught.value.message == "come back later"
    assert sink.held is None


def test_a_check_of_the_callers_own(turn, account, world, server):
    server.inject(1000, method="GET", path=OWN, status=403)
    asked = []

    def verify(secret):
        asked.append(secret)
        return len(asked) > 3

    assert turn(grace=NOW, verify=verify).is_done
    assert {secret.reveal() for secret in asked} == {account.tokens[-1].token_id}
    assert world.sleeps == [1, 1, 1]


def test_the_new_key_has_to_work_when_the_old_one_goes(turn, account, world, server):
    turn()
    world.advance(days=2)
    server.inject(method="GET", path=OWN, status=401)
    with pytest.raises(VerificationFailed, match="any more"):
        turn()
    with pytest.raises(VerificationFailed, match="any more"):
        turn(verify=lambda secret: False)
    assert len(account.tokens) == 3


# whose clock decides


def test_an_old_token_that_somebody_renames_just_then_stays(turn, api, account, world, server):
    """It bears the mark of the rotation no more when it is listed before its deletion."""
    old = account.tokens[0]
    turn(verify=lambda secret: True)
    world.advance(days=2)

    def verify(secret):
        api.update_token_name_service_account(
            account.id, old.token_id, body={"tokenName": "mine now"}
        )
        return True

    assert turn(verify=verify).outcome == "rotated"
    assert sorted(names(account)) == ["ci", "foreign", "mine now"]


def tell_time(server, count=100, **ahead):
    """The service says what time it is."""
    now = datetime.fromtimestamp(server.now / 1000, timezone.utc) + timedelta(**ahead)
    server.inject(count, headers={"Date": format_datetime(now, usegmt=True)})


@pytest.mark.parametrize("tells", [False, True])
def test_a_host_that_is_ahead_ends_no_grace(turn, account, world, server, tells):
    turn()
    world.ahead = timedelta(days=2)
    if not tells:
        server.inject(100, headers={"Date": ""})
    assert turn().outcome == "waiting"
    assert len(account.tokens) == 3


def test_a_host_that_is_behind_ends_it_by_the_clock_of_the_service(turn, account, world, server):
    world.ahead = timedelta(days=-30)
    tell_time(server, count=9)
    deadline = turn().deadline
    assert deadline > datetime.now(timezone.utc)
    server.advance(days=2)
    tell_time(server)
    assert turn().is_done


# a name that several tokens share


def test_a_handle_says_which_token_of_a_name_is_meant(api, account, sink, server, world, make_sink):
    other = server.add_token(account, "ci", age_days=5)
    old = account.tokens[0].token_id
    go = partial(rotate, api, sink=sink, account=account.id)
    with pytest.raises(AmbiguousToken, match="2 tokens match"):
        go("ci")
    with pytest.raises(AmbiguousToken):
        go(handle_of(old), sink=make_sink(can_tell=False))
    assert go(handle_of(old)).outcome == "waiting"
    assert go(Secret(old)).outcome == "waiting"
    assert old in [token.token_id for token in account.tokens]
    world.advance(days=2)
    assert go(handle_of(old)).outcome == "rotated"
    left = {token.token_id for token in account.tokens if token.token_name == "ci"}
    assert left == {other.token_id, sink.held.reveal()}


def test_the_account_need_not_be_named(api, account, sink, server):
    """The caller's own tokens come first, then those of all accounts."""
    (found,) = find(api, "ci")
    for ref in ("ci", found, found.handle):
        assert rotate(api, ref, sink=sink, older_than=timedelta(days=999)).name == "ci"
    assert rotate(api, found, sink=sink, grace=NOW).is_done
    assert len(account.tokens) == 2
    own = server.add_token(server.user, "ci")
    assert rotate(api, "ci", sink=sink, grace=NOW).is_done
    assert own.token_id not in [token.token_id for token in server.user.tokens]
    assert len(account.tokens) == 2


# use of the old one


def test_use_of_the_old_token_begins_the_grace_anew(turn, end, account, world, server):
    turn()
    world.advance(hours=1)
    use(server, account.tokens[0])
    world.advance(days=1)
    with pytest.raises(TokenInUse, match="the grace starts again") as caught:
        turn()
    (found,) = caught.value.tokens
    assert found.secret.reveal() == account.tokens[0].token_id
    assert turn().outcome == "waiting"
    world.advance(hours=30)
    assert turn().is_done


def test_a_finish_heeds_use_too(turn, end, account, world, server):
    turn()
    world.advance(hours=1)
    use(server, account.tokens[0])
    deadline = turn().deadline
    for _ in range(2):
        with pytest.raises(TokenInUse, match="it stays: rotate it with a grace"):
            end()
    assert turn().deadline == deadline
    assert len(account.tokens) == 3


# finish


def test_finish_waits_for_nothing(turn, end, account):
    turn(grace=timedelta(days=999))
    assert end().outcome == "rotated"
    assert names(account) == ["foreign", "ci"]
    result = end()
    assert (result.outcome, result.is_done, result.steps) == ("nothing", True, ())


def test_a_sink_that_cannot_tell(api, account, world, make_sink):
    sink = make_sink(can_tell=False)
    turn = partial(rotate, api, "ci", sink=sink, account=account.id)
    assert turn(grace=NOW).outcome == "unverified"
    world.advance(days=9)
    assert turn(grace=NOW).outcome == "unverified"
    assert len(sink.delivered) == 1
    assert finish(api, "ci", sink=sink, account=account.id).is_done
    assert names(account) == ["foreign", "ci"]


def test_finish_goes_on_with_what_was_begun(end, account, server, sink):
    new = server.add_token(account, "ci ~new-00000000")
    # Who reads the sink has not had a moment to do so.
    assert end().outcome == "waiting"
    assert sink.held.reveal() == new.token_id
    assert end().outcome == "rotated"
    assert names(account) == ["foreign", "ci"]


def test_a_finish_deletes_nothing_for_what_it_has_only_just_printed(
    api, account, server, make_sink
):
    server.add_token(account, "ci ~new-00000000")
    end = partial(finish, api, "ci", sink=make_sink(can_tell=False), account=account.id)
    assert end().outcome == "unverified"
    assert len(account.tokens) == 3
    assert end().outcome == "rotated"


# one's own key


@pytest.fixture
def own(api, server, world):
    """The caller's own key has a name."""
    api.update_token_name(server.user.key, body={"tokenName": "key"})
    return server.user


def test_the_client_goes_over_to_its_new_key(api, own, sink):
    shared = api.api_client.configuration
    keys = shared.api_key
    assert rotate(api, "key", sink=sink, grace=NOW).is_done
    assert shared.api_key["X-AUTH-TOKEN"] == sink.held.reveal()
    assert keys["X-AUTH-TOKEN"] != sink.held.reveal()
    assert names(own) == ["key"]
    assert [token.token_id for token in api.get_all_tokens().response] == [sink.held.reveal()]


def test_a_client_that_kept_its_key_goes_over_when_it_runs_again(api, own, sink, server, world):
    kept = server.configuration()
    rotate(api, "key", sink=sink)
    world.advance(days=9)
    with ApiClient(kept) as client:
        other = ApiTokenApi(client)
        with pytest.raises(RefusedOwnKey, match="the client itself"):
            finish(other, "key", sink=sink)
        assert rotate(other, "key", sink=sink).outcome == "waiting"
        assert kept.api_key["X-AUTH-TOKEN"] == sink.held.reveal()
        world.advance(days=2)
        assert rotate(other, "key", sink=sink).is_done


@pytest.mark.parametrize(
    ("header", "before"), [("Authorization", "Bearer "), ("X-AUTH-TOKEN", ""), ("x-auth-token", "")]
)
def test_a_key_in_a_header_goes_over_too(server, own, sink, header, before):
    configuration = server.configuration()
    key = configuration.api_key.pop("X-AUTH-TOKEN")
    with ApiClient(configuration, header, before + key) as client:
        client.set_default_header("X-Room", "7")
        api = ApiTokenApi(client)
        assert rotate(api, "key", sink=sink, grace=NOW).is_done
        assert client.default_headers[header] == before + sink.held.reveal()
        assert configuration.api_key == {}
        api.get_all_tokens()
    assert {request.headers.get("x-room") for request in server.requests[1:]} == {"7"}


def test_a_hook_that_brings_the_old_key_back_is_told_of(api, own, sink):
    key = own.key
    api.api_client.configuration.refresh_api_key_hook = lambda settings: settings.api_key.update(
        {"X-AUTH-TOKEN": key}
    )
    with pytest.raises(RefusedOwnKey, match="give it"):
        rotate(api, "key", sink=sink, grace=NOW)
    assert key in [token.token_id for token in own.tokens]
    assert sink.held.reveal() in [token.token_id for token in own.tokens]


def test_a_prefix_stays(server, own, sink):
    configuration = server.configuration()
    configuration.api_key_prefix["X-AUTH-TOKEN"] = "Bearer"
    with ApiClient(configuration) as client:
        assert rotate(ApiTokenApi(client), "key", sink=sink, grace=NOW).is_done
        assert (
            configuration.get_api_key_with_prefix("X-AUTH-TOKEN") == f"Bearer {sink.held.reveal()}"
        )


# what is found


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (["ci", NEW], ["ci"]),
        ([OLD, NEW], ["ci"]),
        ([OLD, "ci"], ["ci"]),
        ([OLD, "ci", NEW], ["ci"]),
        (["ci", NEW, NEW], ["ci"]),
        (["ci", OUT], ["ci"]),
        ([OLD], RotationPending),
        ([NEW], ["ci"]),
        ([OLD, OLD, "ci"], RotationPending),
        (["ci", "ci", NEW], AmbiguousToken),
    ],
)
def test_from_each_state(found, left, api, server, world, sink):
    account = server.add_service_account("sa::x")
    for age, name in enumerate(found):
        token = server.add_token(account, name, age_days=9 - age)
        if name == "ci" or (name == NEW and "ci" not in found):
            sink.held = Secret(token.token_id)
    go = partial(rotate, api, "ci", sink=sink, account=account.id, grace=NOW)
    if isinstance(left, list):
        assert go().is_done
        assert names(account) == left
        assert account.tokens[0].token_id == sink.held.reveal()
        return
    with pytest.raises(left):
        go()
    assert names(account) == (found if found != [OLD] else ["ci"])


def test_a_new_token_that_was_put_aside_in_use_comes_back(api, server, world, sink):
    account = server.add_service_account("sa::x")
    server.add_token(account, "ci", age_days=9)
    used = server.add_token(account, OUT, age_days=1, idle_days=0)
    assert rotate(api, "ci", sink=sink, account=account.id, grace=NOW).is_done
    assert sink.held.reveal() == used.token_id
    assert names(account) == ["ci"]


def test_what_the_sink_holds_is_not_removed_for_anothers_mark(api, server, world, sink):
    account = server.add_service_account("sa::x")
    server.add_token(account, "ci", age_days=9)
    sink.held = Secret(server.add_token(account, OUT, age_days=1).token_id)
    held = sink.held
    assert rotate(api, "ci", sink=sink, account=account.id, grace=NOW).is_done
    assert (sink.held, sink.delivered) == (held, [])


def test_where_nobody_knows_what_is_used_no_token_of_another_run_is_deleted(
    api, server, world, sink, monkeypatch
):
    account = server.add_service_account("sa::x")
    for name in ("ci", OUT):
        server.add_token(account, name)
    listed = [{"tokenID": each.token_id, "tokenName": each.token_name} for each in account.tokens]
    server.inject(body={"status": {"result": "OK"}, "response": listed})
    with pytest.raises(RotationPending, match="does not leave these tokens behind"):
        rotate(api, "ci", sink=sink, account=account.id)
    assert len(account.tokens) == 2


@pytest.mark.parametrize("can_tell", [False, True])
def test_a_new_token_that_is_gone_leaves_the_old_one_in_the_sink(
    api, account, server, make_sink, can_tell
):
    sink = make_sink(Secret(account.tokens[0].token_id), can_tell)
    deliver = sink.deliver

    def delivering(secret):
        deliver(secret)
        if len(sink.delivered) == 1:
            api.delete_token_service_account(account.id, secret.reveal())

    sink.deliver = delivering
    with pytest.raises(RotationPending, match="not listed any more"):
        rotate(api, "ci", sink=sink, account=account.id)
    assert len(sink.delivered) == 1 + can_tell
    if can_tell:
        assert sink.held.reveal() == account.tokens[0].token_id


def test_a_stranger_of_that_name_does_not_cost_what_the_sink_holds(
    turn, account, sink, server, monkeypatch
):
    step = "wavefront_api_client.tokens._rotate.Rotation._name"
    monkeypatch.setattr(
        step,
        lambda *_: server.add_token(account, "ci") and None if "ci" not in names(account) else None,
    )
    with pytest.raises(RotationPending, match="keep changing"):
        turn(verify=lambda secret: True, grace=NOW)
    assert sink.held.reveal() in [token.token_id for token in account.tokens]
    monkeypatch.undo()
    assert turn(grace=NOW).is_done
    assert sink.held.reveal() in [token.token_id for token in account.tokens]


def test_a_listing_that_lags_behind_revives_no_old_token(turn, account, world, server):
    turn()
    old, stale = account.tokens[0], {"status": {"result": "OK"}}
    stale["response"] = [{"tokenID": old.token_id, "tokenName": old.token_name}]
    server.inject(3, path=f"{OWN}/serviceaccount/{{id}}", body=stale)
    assert turn().outcome == "waiting"
    assert "ci" in names(account)
    assert old.token_name in names(account)


def test_a_name_that_the_service_cuts_off(turn, account, sink, server):
    """The old token keeps its name, so that the next run knows it."""
    cut = {"tokenID": account.tokens[0].token_id, "tokenName": "ci ~old-0000"}
    server.inject(method="PUT", body={"status": {"result": "OK"}, "response": cut})
    with pytest.raises(TokenOperationError, match="choose another"):
        turn(grace=NOW)
    assert names(account)[:2] == ["ci", "foreign"]
    assert turn(grace=NOW).is_done
    assert len(sink.delivered) == 1


def test_tokens_that_do_not_come_to_rest(turn, account, server):
    server.inject(1000, method="PUT", status=404)
    with pytest.raises(RotationPending, match="keep changing"):
        turn()


def test_a_token_that_is_put_aside_meanwhile_is_not_delivered(turn, account, sink, api):
    def verify(secret):
        if not any(" ~out" in name for name in names(account)):
            api.update_token_name_service_account(
                account.id, secret.reveal(), body={"tokenName": OUT}
            )
        return True

    with pytest.raises(RotationPending, match="not listed any more"):
        turn(verify=verify)
    assert sink.held.reveal() == account.tokens[0].token_id
    assert names(account) == ["ci", "foreign"]


def test_what_is_put_aside_while_it_is_delivered_replaces_nothing(
    turn, account, sink, api, monkeypatch
):
    """The old token keeps its name until the sink holds one that stays."""
    deliver = sink.deliver

    def delivering(secret):
        deliver(secret)
        if len(sink.delivered) == 1:
            api.delete_token_service_account(account.id, secret.reveal())
            api.generate_token_service_account(account.id, body={"tokenName": NEW})

    monkeypatch.setattr(sink, "deliver", delivering)
    result = turn(verify=lambda secret: True, grace=NOW)
    assert [step.split()[0] for step in result.steps][1:4] == ["deliver", "deliver", "mark"]
    assert sink.held.reveal() in [token.token_id for token in account.tokens]


def test_another_run_that_is_faster(turn, account, sink, server, api, monkeypatch):
    """It marks the old token while this one delivers, and deletes it while this one asks."""
    old = account.tokens[0].token_id
    deliver, matches = sink.deliver, sink.matches

    def delivering(secret):
        deliver(secret)
        api.update_token_name_service_account(account.id, old, body={"tokenName": OLD})

    def asked(secret):
        if OLD in names(account) and "ci" in names(account):
            api.delete_token_service_account(account.id, old)
        return matches(secret)

    monkeypatch.setattr(sink, "deliver", delivering)
    monkeypatch.setattr(sink, "matches", asked)
    result = turn(grace=NOW)
    assert [step.split()[0] for step in result.steps] == ["mint", "deliver", "name"]
    assert result.outcome == "rotated"
    assert names(account) == ["foreign", "ci"]


def test_without_permission(server, account, sink):
    jane = server.add_user("jane@example.com", permissions=[])
    with ApiClient(server.configuration(jane)) as client:
        with pytest.raises(ForbiddenException):
            rotate(ApiTokenApi(client), "ci", sink=sink, account=account.id)


# listings that lag behind


def lag(api, account, monkeypatch, world, until):
    """All listings of the account show what it is now, until so many waits are over."""
    look = api.get_tokens_service_account
    before = look(account.id)

    def lagging(id):
        return before if len(world.sleeps) < until else look(id)

    monkeypatch.setattr(api, "get_tokens_service_account", lagging)


def test_a_new_token_is_known_before_a_listing_has_it(turn, account, api, world, monkeypatch):
    """The answer that made it has it; it is delivered when a listing shows its name."""
    own = ApiTokenApi.get_all_tokens
    monkeypatch.setattr(
        ApiTokenApi,
        "get_all_tokens",
        lambda *args, **kwargs: without_new(own(*args, **kwargs), world),
    )
    lag(api, account, monkeypatch, world, until=3)
    result = turn(grace=NOW)
    assert (result.outcome, len(account.tokens)) == ("rotated", 2)
    assert world.sleeps == [1, 1, 1]


def without_new(answer, world):
    if len(world.sleeps) < 3:
        answer.response = [each for each in answer.response if " ~new" not in each.token_name]
    return answer


def test_a_deleted_token_that_is_listed_still_is_not_deleted_twice(
    turn, account, api, world, server, monkeypatch
):
    turn()
    world.advance(days=2)
    look, shown = api.get_tokens_service_account, []

    def lagging(id):
        if not shown:
            shown.append(look(id))
        return shown[0]

    monkeypatch.setattr(api, "get_tokens_service_account", lagging)
    server.reset_requests()
    assert turn().outcome == "rotated"
    assert [request.method for request in server.requests].count("DELETE") == 1


# what an attack has found


def test_a_file_that_was_set_back_is_healed_and_the_token_in_use_stays(
    turn, end, account, sink, world, server
):
    old = account.tokens[0]
    turn()
    world.advance(hours=1)
    sink.held = Secret(old.token_id)
    use(server, old)
    world.advance(seconds=2)
    assert end().outcome == "waiting"
    for _ in range(2):
        with pytest.raises(TokenInUse):
            end()
    assert old.token_id in [token.token_id for token in account.tokens]


def test_another_token_of_the_name_is_told_of_the_rotation_that_is_under_way(
    api, account, sink, server, world, make_sink
):
    other = server.add_token(account, "ci", age_days=5)
    old = account.tokens[0].token_id
    rotate(api, Secret(old), sink=sink, account=account.id)
    world.advance(days=2)
    with pytest.raises(RotationPending, match="run it with that handle first"):
        rotate(
            api, Secret(other.token_id), sink=make_sink(Secret(other.token_id)), account="sa::ci"
        )
    assert len(account.tokens) == 4


def test_without_the_time_of_the_service_its_dates_tell_it(turn, account, world, server):
    world.ahead = timedelta(days=-2)
    server.inject(100, headers={"Date": ""})
    deadline = turn().deadline
    assert deadline > datetime.now(timezone.utc) + timedelta(hours=23)


@pytest.mark.parametrize(
    "date",
    ["soon", "Fri, 31 Dec 9999 23:59:59 GMT", "1 Jan 99999999999999999999 00:00:00 GMT"],
)
def test_a_time_that_cannot_be_is_none(turn, account, server, date):
    server.inject(100, headers={"Date": date})
    assert turn().outcome == "waiting"


def test_a_name_that_is_refused_ends_the_run(api, server, world, sink):
    """What answers 404 where a token was just made is no faster run."""
    server.add_token(server.user, "ci", age_days=9)
    server.inject(1000, method="PUT", status=404)
    with pytest.raises(NotFoundException):
        rotate(api, "ci", sink=sink)
    assert [request.method for request in server.requests].count("POST") == 1


def test_a_service_that_cuts_names_is_not_asked_again_and_again(
    api, server, world, sink, monkeypatch
):
    account = server.add_service_account("sa::x")
    name = "n" * 40
    server.add_token(account, name, age_days=9)
    create = api.generate_token_service_account

    def cutting(id, body):
        return create(id, body={"tokenName": body.token_name[:44]})

    monkeypatch.setattr(api, "generate_token_service_account", cutting)
    for error in (MintOutcomeUnknown, TokenOperationError, TokenOperationError):
        with pytest.raises(error):
            rotate(api, name, sink=sink, account="sa::x")
        assert len(account.tokens) == 2
    monkeypatch.setattr(
        api,
        "generate_token_service_account",
        lambda account, body: create(account, body={"tokenName": body.token_name.upper()}),
    )
    with pytest.raises(TokenOperationError, match="choose another"):
        mint(api, "x", account="sa::x")
    assert len(account.tokens) == 2


def test_a_service_account_rotates_its_own_token(server, world, sink):
    caller = server.add_service_account("sa::me", permissions=["accounts"])
    server.add_token(caller, "me", age_days=9)
    with ApiClient(server.configuration(caller)) as client:
        assert rotate(ApiTokenApi(client), "me", sink=sink, grace=NOW).is_done
    assert names(caller) == ["me"]


def test_where_no_use_is_told_the_old_token_stays_until_somebody_says_so(
    turn, end, account, api, monkeypatch
):
    for name in ("get_tokens_service_account", "get_all_tokens"):
        monkeypatch.setattr(ApiTokenApi, name, untold(getattr(ApiTokenApi, name)))
    assert turn(grace=NOW).outcome == "unverified"
    assert len(account.tokens) == 3
    assert end().outcome == "rotated"


def untold(call):
    def without_use(*args, **kwargs):
        answer = call(*args, **kwargs)
        for token in answer.response:
            token.last_used = None
        return answer

    return without_use


def test_a_lost_file_is_served_also_where_no_age_is_told(api, server, world, sink):
    server.add_service_account("sa::x")
    token = {"tokenID": "t", "tokenName": "ci"}
    server.inject(body={"status": {"result": "OK"}, "response": [token]})
    with pytest.raises(TokenOperationError, match="does not say how old"):
        rotate(api, "ci", sink=sink, account="sa::x", older_than="90d")
    assert sink.held == Secret("t")


def test_no_text_shows_a_token_that_was_pasted_as_a_name(api, server, world, sink):
    name = "01234567-89ab-cdef-0123-456789abcdef"
    account = server.add_service_account("sa::x")
    server.add_token(account, name)
    result = rotate(api, name, sink=sink, account="sa::x")
    assert "01234567" not in repr(result)
    for call in (
        partial(mint, api, name, account="sa::x"),
        partial(mint, api, f"{name} ~new-00000000"),
        partial(rename, api, result.token, f"{name} ~new-00000000"),
    ):
        with pytest.raises((ValueError, TokenOperationError)) as caught:
            call()
        assert "01234567" not in str(caught.value)
    with pytest.raises(RotationPending, match="may delete it") as caught:
        deliver(api, result.old, sink)
    assert "01234567" not in str(caught.value)
    with pytest.raises(TypeError, match="verify must be a function"):
        rotate(api, "ci", sink=sink, verify=True)
    with pytest.raises(TypeError, match="not type"):
        rotate(api, "ci", sink=FileSink)
    with pytest.raises(TypeError, match="account is the id"):
        rotate(api, "ci", sink=sink, account=b"sa::x")
