"""A file of tokens brought about: what each needs, what is done, and what stays as it is."""

from __future__ import annotations

import os
import random
import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi
from wavefront_api_client.rest import RESTClientObject
from wavefront_api_client.retry import FINAL, NOT_ACTED_ON, RetryPolicy
from wavefront_api_client.tokens import (
    AmbiguousToken,
    CommandSink,
    DeliveryFailed,
    FileSink,
    NoFreeSlot,
    RotationPending,
    Secret,
    TokenInUse,
    TokenOperationError,
    WantedToken,
    apply,
    audit,
    mint,
    plan,
    unmanaged,
)
from wavefront_api_client.tokens._pace import Gate

SA = "/api/v2/apitoken/serviceaccount/{id}"
NEW, OLD = "ci ~new-0123456789abcdef01234567", "ci ~old-00000000-20200101T0000Z"
MINT, OUT = "ci ~mint-0123456789abcdef01234567", "ci ~out-0123456789abcdef01234567"


@pytest.fixture
def account(server, world):
    account = server.add_service_account("sa::ci", tokens=0)
    server.add_token(account, "foreign")
    return account


@pytest.fixture
def want(sink):
    def want(name="ci", account="sa::ci", sink=sink, **options):
        return WantedToken(name, sink, account, **{"older_than": "90d", **options})

    return want


@pytest.fixture
def go(api, want):
    """Apply one token, and say what was done."""

    def go(*wanted, **options):
        changes = apply(api, wanted or [want()], **options)
        return changes[0] if len(changes) == 1 else changes

    return go


def names(account):
    return sorted(token.token_name for token in account.tokens)


def sent(server, start=0):
    return [request.method for request in server.requests[start:]]


def held_by(sink, account):
    return [token.token_name for token in account.tokens if Secret(token.token_id) == sink.held]


# what a token needs


def test_there_is_none(go, server, account, sink):
    change = go()
    assert (change.action, change.outcome) == ("mint", "minted")
    assert change.reason == "there is no token of this name"
    assert [step.split()[0] for step in change.result.steps] == ["mint", "deliver", "name"]
    assert names(account) == ["ci", "foreign"]
    assert held_by(sink, account) == ["ci"]


def test_a_second_run_lists_once_and_changes_nothing(go, server, account):
    go()
    start = len(server.requests)
    change = go()
    assert sent(server, start) == ["GET"]
    assert (change.action, change.outcome, change.differs) == ("none", "unchanged", False)
    assert change.reason == "a moment old"


def test_it_is_due(go, server, world, account, sink):
    server.add_token(account, "ci", age_days=91)
    sink.held = Secret(account.tokens[1].token_id)
    change = go()
    assert (change.action, change.reason, change.outcome) == ("rotate", "91 days old", "waiting")
    start = len(server.requests)
    change = go()
    assert (change.action, change.outcome) == ("wait", "waiting")
    assert change.reason == "the grace ends in 24 hours"
    assert sent(server, start) == ["GET"]
    world.advance(hours=25)
    change = go()
    assert (change.action, change.reason, change.outcome) == (
        "finish",
        "the grace is over",
        "rotated",
    )
    assert names(account) == ["ci", "foreign"]
    assert held_by(sink, account) == ["ci"]


def test_without_grace_it_is_rotated_in_one_run(go, want, server, account, sink):
    server.add_token(account, "ci", age_days=91)
    sink.held = Secret(account.tokens[1].token_id)
    assert go(want(grace="0h")).outcome == "rotated"
    assert names(account) == ["ci", "foreign"]


@pytest.mark.parametrize("age", [None, timedelta(days=92)])
def test_it_is_not_due(go, want, server, account, sink, age):
    token = server.add_token(account, "ci", age_days=91)
    sink.held = Secret(token.token_id)
    assert go(want(older_than=age)).reason == "91 days old"
    assert server.requests[-1].method == "GET"


def test_an_age_that_nobody_knows_is_a_failure_only_where_it_matters(
    go, want, server, account, sink
):
    listed = [{"tokenID": "t" * 9, "tokenName": "ci", "account": "sa::ci"}]
    body = {"status": {"result": "OK", "message": "", "code": 200}, "response": listed}
    sink.held = Secret("t" * 9)
    server.inject(method="GET", body=body)
    assert go(want(older_than=None)).reason == "of unknown age"
    server.inject(method="GET", body=body)
    change = go()
    assert (change.action, change.outcome) == ("unknown", "failed")
    assert "does not say how old" in str(change.error)


def test_the_sink_does_not_hold_it(api, want, server, account, tmp_path):
    server.add_token(account, "ci")
    file = FileSink(tmp_path / "ci.token")
    (change,) = apply(api, [want(sink=file)])
    assert (change.action, change.outcome) == ("deliver", "delivered")
    assert change.reason == "the file does not hold it"
    assert (tmp_path / "ci.token").read_text() == account.tokens[1].token_id
    assert [change.outcome for change in apply(api, [want(sink=file)])] == ["unchanged"]


def test_a_command_that_was_killed_gets_the_token_again(go, want, account, make_sink, monkeypatch):
    """Nobody can ask it what it holds: so the name says whether it has got the token."""
    sink = make_sink(can_tell=False)

    def die(secret):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(sink, "deliver", die)
        go(want(sink=sink))
    assert [name.partition(" ~")[0] for name in names(account)] == ["ci", "foreign"]
    change = go(want(sink=sink))
    assert (change.action, change.reason) == ("mint", "an earlier run was interrupted")
    assert change.outcome == "minted"
    assert held_by(sink, account) == ["ci"]
    assert go(want(sink=sink)).outcome == "unchanged"
    assert len(sink.delivered) == 1


def test_an_old_token_in_use_stays_for_another_grace(go, server, world, account, sink):
    server.add_token(account, "ci", age_days=91)
    old = account.tokens[1].token_id
    sink.held = Secret(old)
    go()
    world.advance(hours=1)
    configuration = server.configuration()
    configuration.api_key = old
    with ApiClient(configuration) as client:
        ApiTokenApi(client).get_all_tokens()
    world.advance(hours=25)
    change = go()
    assert (change.action, change.outcome) == ("extend", "in use")
    assert isinstance(change.error, TokenInUse)
    assert go().outcome == "waiting"
    world.advance(hours=25)
    assert go().outcome == "rotated"


def test_what_was_interrupted_goes_on(go, want, server, account, sink):
    server.add_token(account, "ci", age_days=91)
    sink.held = Secret(account.tokens[1].token_id)
    server.add_token(account, NEW)
    change = go(want(grace="0h"))
    assert (change.action, change.reason) == ("rotate", "an earlier run was interrupted")
    assert change.outcome == "rotated"
    assert names(account) == ["ci", "foreign"]


def test_the_new_token_has_no_name_yet(go, want, server, account, sink):
    server.add_token(account, OLD, age_days=91)
    sink.held = Secret(server.add_token(account, NEW).token_id)
    change = go()
    assert (change.action, change.outcome) == ("rotate", "rotated")


def test_the_new_token_is_gone(go, server, account, sink):
    server.add_token(account, OLD, age_days=1)
    change = go()
    assert (change.action, change.reason) == ("restore", "the new token is gone")
    assert change.outcome == "delivered"
    assert names(account) == ["ci", "foreign"]


def test_what_an_interrupted_run_has_left_is_deleted(go, server, account, sink):
    sink.held = Secret(server.add_token(account, "ci").token_id)
    server.add_token(account, OUT)
    change = go()
    assert (change.action, change.outcome) == ("clean up", "cleaned up")
    assert names(account) == ["ci", "foreign"]


def test_a_mint_at_work_is_left_to_itself(go, server, world, account):
    server.add_token(account, MINT)
    change = go()
    assert (change.action, change.outcome) == ("unknown", "failed")
    assert "run mint again first" in str(change.error)
    assert names(account) == [MINT, "foreign"]
    # After an hour nobody is at work any more.
    world.advance(hours=2)
    assert go().outcome == "minted"
    assert names(account) == ["ci", "foreign"]


@pytest.fixture
def before_post(monkeypatch):
    """Do something just before the first POST."""

    def before_post(do):
        request, todo = RESTClientObject.request, [do]

        def carry(client, method, *args, **options):
            if method == "POST" and todo:
                todo.pop()()
            return request(client, method, *args, **options)

        monkeypatch.setattr(RESTClientObject, "request", carry)

    return before_post


def test_it_gives_way_to_a_mint_that_has_begun_meanwhile(go, server, account, before_post):
    before_post(lambda: server.add_token(account, MINT))
    assert isinstance(go().error, RotationPending)
    assert names(account) == [MINT, "foreign"]


def test_a_mint_gives_way_to_it(api, server, account, before_post):
    before_post(lambda: server.add_token(account, NEW))
    with pytest.raises(RotationPending):
        mint(api, "ci", account="sa::ci", if_absent=True)
    assert names(account) == [NEW, "foreign"]


def test_it_gives_way_to_a_token_that_got_the_name_meanwhile(
    go, server, account, sink, before_post
):
    before_post(lambda: server.add_token(account, "ci"))
    change = go()
    assert change.outcome == "delivered", change.error
    assert names(account) == ["ci", "foreign"]
    assert held_by(sink, account) == ["ci"]


def test_a_used_token_with_the_mark_of_a_mint_is_somebody_elses(go, server, account):
    server.add_token(account, MINT, age_days=1, idle_days=0.5)
    assert go().outcome == "minted"
    assert names(account) == ["ci", MINT, "foreign"]


@pytest.mark.parametrize("content", [None, '{"token": ', "if true\n"])
def test_a_file_that_cannot_be_read_is_no_success(api, want, server, account, tmp_path, content):
    server.add_token(account, "ci")
    path = tmp_path / "ci.token"
    path.mkdir() if content is None else path.write_text(content)
    form = "json" if content and "{" in content else "env:NAME"
    wanted = [want(sink=FileSink(path, form))]
    for changes in (plan(api, wanted), apply(api, wanted)):
        assert [(change.action, change.outcome) for change in changes] == [("none", "failed")]
        assert "ci.token" in str(changes[0].error)


def test_a_sink_that_breaks_is_one_failure(go, want, server, account, make_sink):
    class Broken(make_sink):
        def check(self):
            raise RuntimeError("it broke")

    changes = go(want("a", sink=Broken()), want("b", sink=make_sink()))
    assert [change.outcome for change in changes] == ["failed", "minted"]


def test_a_program_for_verify_that_does_not_exist_is_known_before(go, want, account):
    change = go(want(verify=CommandSink(["no-such-program"]).accepts))
    assert "no such program" in str(change.error)
    assert names(account) == ["foreign"]


def test_a_lost_file_is_written_although_the_age_is_unknown(go, want, server, account, sink):
    listed = [{"tokenID": "t" * 9, "tokenName": "ci", "account": "sa::ci"}]
    body = {"status": {"result": "OK", "message": "", "code": 200}, "response": listed}
    server.inject(9, method="GET", body=body)
    change = go()
    assert (change.action, sink.held) == ("deliver", Secret("t" * 9))
    assert "does not say how old" in str(change.error)


def test_an_old_token_in_use_without_a_grace_is_a_failure(go, want, server, account, sink):
    used = "ci ~old-00000001-20200101T0000Z"
    server.add_token(account, used, age_days=9, idle_days=0)
    sink.held = Secret(server.add_token(account, "ci", age_days=1).token_id)
    assert go(want(grace="0h")).outcome == "failed"
    assert go(want(grace="1h")).outcome == "in use"


def test_two_tokens_of_the_name_are_left_alone(go, server, account):
    server.add_token(account, "ci")
    server.add_token(account, "ci")
    change = go()
    assert isinstance(change.error, AmbiguousToken)
    assert names(account) == ["ci", "ci", "foreign"]


# several tokens


def test_what_fails_is_told_and_the_others_are_done(go, want, server, account, make_sink):
    server.add_service_account("sa::cd", tokens=0)
    sinks = [make_sink() for _ in range(4)]
    sinks[1].is_full = True
    server.inject(method="GET", path=SA.replace("{id}", "sa::none"), status=403)
    wanted = [
        want("a", sink=sinks[0]),
        want("b", sink=sinks[1]),
        want("c", account="sa::none", sink=sinks[2]),
        want("d", account="sa::cd", sink=sinks[3]),
    ]
    told = []
    changes = go(*wanted, on_change=told.append)
    assert [change.outcome for change in changes] == ["minted", "failed", "failed", "minted"]
    assert [change.wanted for change in changes] == wanted
    assert isinstance(changes[1].error, DeliveryFailed)
    assert isinstance(changes[2].error, ApiException)
    assert {change.wanted.name for change in told} == {"a", "b", "c", "d"}
    assert names(account) == ["a", "foreign"]


def test_a_plan_says_the_same_and_changes_nothing(api, want, server, account, make_sink):
    full = make_sink()
    full.is_full = True
    server.add_token(account, "b", age_days=100)
    start = len(server.requests)
    changes = plan(api, [want("a", sink=full), want("b")])
    assert [(change.action, change.outcome) for change in changes] == [
        ("mint", "failed"),
        ("rotate", "planned"),
    ]
    assert all(change.differs for change in changes)
    assert sent(server, start) == ["GET"]


def test_a_plan_counts_the_slots(api, want, go, server, account, make_sink):
    for n in range(18):
        server.add_token(account, f"foreign {n}")
    wanted = [want(name, sink=make_sink()) for name in "abc"]
    planned = plan(api, wanted)
    assert [type(change.error) for change in planned] == [type(None), NoFreeSlot, NoFreeSlot]
    assert [change.outcome for change in go(*wanted)] == ["minted", "failed", "failed"]


def test_a_plan_does_not_count_what_gives_its_slot_back(api, want, go, server, account, make_sink):
    for n in range(16):
        server.add_token(account, f"foreign {n}")
    for name in ("a", "b"):
        server.add_token(account, name, age_days=99)
    wanted = [
        want(name, sink=make_sink(), grace="0h" if name != "c" else "1h", older_than="90d")
        for name in "abc"
    ]
    assert [change.error for change in plan(api, wanted)] == [None, None, None]
    assert [change.error for change in go(*wanted)] == [None, None, None]


def test_a_plan_needs_no_slot_for_what_was_begun(api, want, server, account, sink):
    for n in range(17):
        server.add_token(account, f"foreign {n}")
    server.add_token(account, "ci", age_days=99)
    server.add_token(account, NEW)
    assert [change.error for change in plan(api, [want()])] == [None]


def test_nothing_else_is_touched(api, go, want, server, account):
    for name in ("theirs", "CI", "ci2", "~new-ci", ""):
        server.add_token(account, name)
    before = {token.token_id: token.token_name for token in account.tokens}
    change = go()
    assert change.error is None
    after = {token.token_id: token.token_name for token in account.tokens}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1
    rows = unmanaged(audit(api), [want()])
    assert sorted(row.name for row in rows if row.account == "sa::ci") == sorted(before.values())
    assert not any(row.name == "ci" for row in rows)


def test_own_tokens_are_unmanaged_unless_an_entry_without_account_names_them(
    api, want, server, world
):
    server.add_token(server.user, "mine")
    assert "mine" in [row.name for row in unmanaged(audit(api), [want("mine")])]
    assert "mine" not in [row.name for row in unmanaged(audit(api), [want("mine", account=None)])]


def test_ones_own_tokens(go, want, server, world, sink):
    change = go(want(account=None))
    assert change.outcome == "minted"
    assert "ci" in names(server.user)


def test_a_service_account_makes_its_tokens_by_its_id(server, world, want, sink):
    account = server.add_service_account("sa::self", tokens=1, permissions=["accounts"])
    with ApiClient(server.configuration(account)) as client:
        (change,) = apply(ApiTokenApi(client), [want(account=None)])
    assert change.outcome == "minted", change.error
    assert "ci" in names(account)


def test_the_key_of_the_client_comes_last(api, want, server, account, make_sink):
    key = server.user.key
    api.update_token_name(key, body={"tokenName": "key"})
    configuration = api.api_client.configuration
    done = []
    wanted = [
        want("key", account=None, sink=make_sink(Secret(key)), older_than="0h", grace="0h"),
        want("ci"),
    ]
    changes = apply(api, wanted, on_change=lambda change: done.append(change.wanted.name))
    assert done == ["ci", "key"]
    assert [change.error for change in changes] == [None, None]
    assert configuration.api_key["X-AUTH-TOKEN"] == wanted[0].sink.held.reveal()


def test_wrong_use(api, want, sink):
    with pytest.raises(ValueError, match="several profiles"):
        plan(api, [want("a", profile="x"), want("b")])
    with pytest.raises(ValueError, match="two of the tokens are the same"):
        apply(api, [want(), want()])
    with pytest.raises(TypeError, match="WantedTokens, not str"):
        plan(api, ["ci"])
    with pytest.raises(TypeError, match="api must be an ApiTokenApi"):
        plan(None, [want()])
    assert plan(api, []) == []


def test_an_onboarded_instance_has_no_own_tokens(onboarded, world, want):
    world.server = onboarded
    onboarded.add_service_account("sa::ci", tokens=0)
    with ApiClient(onboarded.configuration()) as client:
        changes = apply(ApiTokenApi(client), [want("a", account=None), want("b")])
    assert [change.outcome for change in changes] == ["failed", "minted"]
    assert "name the service account" in str(changes[0].error)


# side by side


@pytest.mark.parametrize("jobs", [1, 8])
def test_accounts_side_by_side(api, want, server, world, make_sink, jobs):
    for n in range(12):
        server.add_service_account(f"sa::{n}", tokens=0)
    wanted = [want(f"t{m}", f"sa::{n}", make_sink()) for m in range(2) for n in range(12)]
    threads = set()
    changes = apply(api, wanted, jobs=jobs, on_change=lambda _: threads.add(threading.get_ident()))
    assert [change.wanted for change in changes] == wanted
    assert {change.outcome for change in changes} == {"minted"}
    assert (threads == {threading.get_ident()}) is (jobs == 1)
    start = len(server.requests)
    assert {change.outcome for change in apply(api, wanted, jobs=jobs)} == {"unchanged"}
    assert sent(server, start) == ["GET"] * 12


def test_all_wait_when_the_service_asks_one_to(api, want, server, world, make_sink):
    for n in range(3):
        server.add_service_account(f"sa::{n}", tokens=0)
    wanted = [want("ci", f"sa::{n}", make_sink()) for n in range(3)]
    policy = api.api_client.configuration.retries
    server.inject(method="GET", status=429, headers={"Retry-After": "7"})
    api.api_client.rest_client.sleep = lambda seconds: None
    changes = apply(api, wanted, jobs=1)
    assert {change.outcome for change in changes} == {"minted"}
    assert sum(world.sleeps) >= 7
    assert api.api_client.configuration.retries is policy


def test_a_plan_waits_as_well(api, want, server, world, account, make_sink):
    server.add_service_account("sa::cd", tokens=0)
    server.inject(method="GET", status=429, headers={"Retry-After": "7"})
    api.api_client.rest_client.sleep = lambda seconds: None
    plan(api, [want("a", sink=make_sink()), want("b", "sa::cd", make_sink())], jobs=1)
    assert sum(world.sleeps) >= 7


def test_two_gates_of_one_client_leave_its_policy_as_it_was():
    class Client:
        retries = policy = RetryPolicy()

    first, second = Gate().of(Client), Gate().of(Client)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert Client.retries is Client.policy


def test_a_gate_decides_nothing(world):
    gate, policy = Gate(), RetryPolicy(retries=2, retry_after_max=30)

    class Client:
        retries = policy

    def half(low, high):
        return high / 2

    with gate.of(Client):
        shared = Client.retries
        assert shared == policy
        for kind in (NOT_ACTED_ON, FINAL):
            for attempt in (1, 2, 3):
                for after in (None, 5, 31):
                    given = ("GET", kind, attempt, after, half)
                    assert shared.wait_before_retry(*given) == policy.wait_before_retry(*given)
    assert Client.retries is policy
    # The longest that was asked for, which is no longer than the policy waits.
    gate.wait()
    assert world.sleeps == [1] * 30
    gate.wait()
    assert len(world.sleeps) == 30


def test_an_interrupt_ends_the_others_before_their_next_call(world):
    gate, begun = Gate(), threading.Event()
    ended = []

    def interrupted():
        begun.wait(5)
        raise KeyboardInterrupt

    def at_work():
        begun.set()
        try:
            while True:
                gate.wait()
        except RotationPending as error:
            ended.append(str(error))

    with pytest.raises(KeyboardInterrupt):
        list(gate.side_by_side([interrupted, at_work, at_work], 3))
    assert {*ended} == {"it was interrupted: run it again"}


# kills and other hosts


ACCOUNTS = int(os.environ.get("WAVEFRONT_CHAOS_ACCOUNTS", "3"))
TOKENS = int(os.environ.get("WAVEFRONT_CHAOS_TOKENS", "3"))
FAULTS = [
    {"drop": "before"},
    {"drop": "after"},
    {"truncate": 9},
    {"status": 204, "body": b""},
    {"status": 429, "headers": {"Retry-After": "0"}},
    *({"status": status} for status in (401, 403, 404, 500, 503)),
]


class Killed(BaseException):
    """The end of a process, as far as one process can have it."""


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))]
)
def test_it_converges_from_any_kill_point_beside_another_host(
    seed, api, want, server, world, tmp_path, monkeypatch
):
    """Two hosts apply the same file to files of their own; each may be killed at any call.

    `WAVEFRONT_CHAOS_ACCOUNTS=100 WAVEFRONT_CHAOS_TOKENS=10` make it a file of 1,000 tokens.
    """
    lots = random.Random(seed)
    accounts = [server.add_service_account(f"sa::{n}", tokens=0) for n in range(ACCOUNTS)]
    foreign = {server.add_token(each, "foreign").token_id for each in accounts}
    age = "0h" if lots.random() < 0.3 else "90d"
    hosts = [
        [
            want(
                f"t{m}", account.id, FileSink(tmp_path / f"{host}-{account.id}-{m}"), older_than=age
            )
            for account in accounts
            for m in range(TOKENS)
        ]
        for host in "ab"
    ]
    request = RESTClientObject.request
    left = [0]

    def carry(client, method, url, *args, **options):
        left[0] -= 1
        if left[0] == 0 and lots.random() < 0.5:
            raise Killed
        answer = request(client, method, url, *args, **options)
        if left[0] == 0:
            raise Killed
        return answer

    monkeypatch.setattr(RESTClientObject, "request", carry)
    for _ in range(lots.randint(2, 10)):
        left[0] = lots.randint(1, 5 * ACCOUNTS * TOKENS)
        for _ in range(lots.randint(0, 4)):
            server.inject(**lots.choice(FAULTS))
        with suppress(Killed):
            apply(api, lots.choice(hosts), jobs=1)
        if lots.random() < 0.3:
            world.advance(hours=30)
    left[0] = 0
    while server.pending_faults:
        apply(api, hosts[0], jobs=1)
    calm = [[want(w.name, w.account, w.sink, older_than="90d") for w in host] for host in hosts]
    for _ in range(3):
        world.advance(hours=30)
        for host in calm:
            changes = apply(api, host, jobs=1)
    assert {change.outcome for change in changes} == {"unchanged"}, changes
    for account in accounts:
        assert names(account) == ["foreign", *(f"t{m}" for m in range(TOKENS))]
        for token in account.tokens:
            if token.token_name != "foreign":
                number = token.token_name[1:]
                for host in "ab":
                    held = (tmp_path / f"{host}-{account.id}-{number}").read_text()
                    assert held == token.token_id
    assert foreign < {token.token_id for each in accounts for token in each.tokens}


def test_two_hosts_at_once_make_one_token_each(server, want, world, make_sink, monkeypatch):
    accounts = [server.add_service_account(f"sa::{n}", tokens=0) for n in range(6)]
    barrier = threading.Barrier(2)
    outcomes = []

    def host():
        wanted = [want("ci", each.id, make_sink()) for each in accounts]
        with ApiClient(server.configuration()) as client:
            barrier.wait(5)
            outcomes.append(apply(ApiTokenApi(client), wanted, jobs=3))

    threads = [threading.Thread(target=host) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(outcomes) == 2
    for changes in outcomes:
        for change in changes:
            assert change.error is None or isinstance(change.error, TokenOperationError)
    with ApiClient(server.configuration()) as client:
        for changes in outcomes:
            world.advance(hours=30)
            apply(ApiTokenApi(client), [change.wanted for change in changes], jobs=1)
        for changes in outcomes:
            world.advance(hours=30)
            last = apply(ApiTokenApi(client), [change.wanted for change in changes], jobs=1)
    assert {change.outcome for change in last} == {"unchanged"}, last
    for account in accounts:
        (token,) = account.tokens
        assert token.token_name == "ci"
        for changes in outcomes:
            held = {change.wanted.account: change.wanted.sink.held for change in changes}
            assert held[account.id] == Secret(token.token_id)
