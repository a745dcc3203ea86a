"""A rotation that ends anywhere is finished by the next runs, and the sink's key always works."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from cases import pairs, share

from wavefront_api_client import ApiClient, ApiConnectionException, ApiException, ApiTokenApi
from wavefront_api_client.credentials import CspApiToken
from wavefront_api_client.rest import RESTClientObject
from wavefront_api_client.tokens import Secret, TokenOperationError, finish, rotate

FAULTS = ["killed before", "killed after", "lost before", "lost after"]


class Killed(BaseException):
    """The end of a process, as far as one process can have it."""


def lost():
    error = ApiConnectionException(0, "the connection was reset")
    error.outcome_unknown = True
    return error


class Line:
    """The way to the service: it counts the requests and breaks at one of them."""

    def __init__(self, monkeypatch, check):
        self.request = RESTClientObject.request
        self.check, self.count, self.at, self.fault = check, 0, None, ""
        self.turns = None
        line = self

        def request(client, *args, **kwargs):
            return line.carry(client, *args, **kwargs)

        monkeypatch.setattr(RESTClientObject, "request", request)

    def carry(self, client, *args, **kwargs):
        if self.turns is not None:
            self.turns.wait()
        self.count += 1
        is_hit = self.count == self.at
        if is_hit and self.fault.endswith("before"):
            raise Killed if self.fault.startswith("killed") else lost()
        answer = self.request(client, *args, **kwargs)
        self.check()
        if is_hit:
            raise Killed if self.fault.startswith("killed") else lost()
        return answer

    def break_at(self, step, fault):
        self.count, self.at, self.fault = 0, step, fault


class Scene:
    """An account with tokens, one of which is to be rotated.

    One's own tokens are made without a name: a kill or a lost answer may leave one so, unused.
    """

    def __init__(self, server, kind, sink, grace, number, held=None):
        held = held or (19 if kind == "service account" else 12)
        self.server, self.kind, self.grace, self.sink = server, kind, grace, sink
        self.caller = server.add_user(f"user{number}@example.com", tokens=1)
        if kind == "service account":
            self.account = server.add_service_account(f"sa::{number}")
        else:
            self.account = self.caller
        self.first = self.caller.key
        if kind.startswith("own key"):
            with ApiClient(server.configuration(self.caller)) as client:
                api = ApiTokenApi(client)
                api.update_token_name(self.caller.key, body={"tokenName": "ci"})
            sink.deliver(Secret(self.caller.key))
        else:
            sink.deliver(Secret(server.add_token(self.account, "ci", age_days=9).token_id))
        while len(self.account.tokens) < held:
            server.add_token(self.account, f"foreign {len(self.account.tokens)}")
        self.foreign = {(token.token_id, token.token_name) for token in self.account.tokens}
        self.foreign = self.strangers()
        self.broken = 0

    def strangers(self):
        return {
            (token.token_id, token.token_name)
            for token in self.account.tokens
            if token.token_name != "ci" and " ~" not in token.token_name
            if token not in self.left_over()
        }

    def left_over(self):
        known = {token for token, _ in getattr(self, "foreign", ())}
        return [
            token
            for token in self.account.tokens
            if not (token.token_name or token.last_used or token.token_id in known)
        ]

    def check(self, most=20):
        """What holds at every instant."""
        held = [token for token in self.account.tokens if Secret(token.token_id) == self.sink.held]
        assert len(held) == 1, "the sink holds a key that does not work"
        assert len(self.account.tokens) <= most

    def configuration(self):
        found = self.server.configuration(self.caller)
        if self.kind.startswith("own key"):
            found.api_key = self.key_in_use()
        return found

    def key_in_use(self):
        """The caller's own: read from the sink, or set once and kept for as long as it works."""
        keeps = self.kind.endswith("kept") and self.server_knows(self.first)
        return self.first if keeps else self.sink.held.reveal()

    def server_knows(self, key):
        return key in [token.token_id for token in self.account.tokens]

    def rotate(self, function=None):
        account = self.account.id if self.kind == "service account" else None
        with ApiClient(self.configuration()) as client:
            api = ApiTokenApi(client)
            function = function or partial(rotate, grace=self.grace)
            return function(api, "ci", account=account, sink=self.sink)

    def converge(self, world):
        """The runs that follow, at most two: the second one after the deadline."""
        result = self.rotate()
        if not result.is_done:
            world.advance(days=2)
            result = self.rotate() if self.sink.can_tell else self.rotate(finish)
        self.check()
        assert result.is_done
        named = [token for token in self.account.tokens if token.token_name == "ci"]
        assert [Secret(token.token_id) for token in named] == [self.sink.held]
        left = len(self.left_over())
        assert len(self.account.tokens) == len(self.foreign) + 1 + left
        assert left <= (0 if self.kind == "service account" else self.broken)
        assert self.strangers() == self.foreign


@pytest.mark.parametrize(
    ("kind", "grace"),
    [
        ("service account", timedelta(0)),
        ("service account", timedelta(days=1)),
        ("own", timedelta(0)),
        ("own key", timedelta(days=1)),
        ("own key, kept", timedelta(0)),
        ("service account", None),
    ],
)
def test_every_pair_of_step_and_fault(kind, grace, server, world, make_sink, monkeypatch):
    """Without a grace, for a sink that cannot tell what it holds: then `finish` ends it."""
    sink = partial(make_sink, can_tell=grace is not None)
    grace = grace or timedelta(0)

    def check():
        scene.check()

    scene = Scene(server, kind, sink(), grace, 0)
    line = Line(monkeypatch, check)
    scene.converge(world)
    steps = line.count
    assert steps >= 12
    for step, fault in pairs(range(1, steps + 1), FAULTS, 4):
        scene = Scene(server, kind, sink(), grace, f"{step}{fault}")
        line.break_at(step, fault)
        scene.broken = 1
        with suppress(Killed, ApiConnectionException, TokenOperationError):
            scene.rotate()
        line.break_at(None, "")
        scene.check()
        scene.converge(world)


@pytest.fixture
def cloud_world(onboarded, world):
    world.server = onboarded
    return world


@pytest.mark.parametrize(
    "grace", [timedelta(0), pytest.param(timedelta(days=1), marks=pytest.mark.slow)]
)
def test_faults_amid_calls_and_exchanges(grace, onboarded, cloud_world, make_sink, monkeypatch):
    """Each call takes three requests here: refused, an exchange, and again."""

    def check():
        scene.check()

    scene = Scene(onboarded, "service account", make_sink(), grace, 0)
    line = Line(monkeypatch, check)
    scene.converge(cloud_world)
    steps = line.count
    assert steps >= 30
    # Numbers without a common factor: each of the three requests meets each fault.
    for step in range(1, steps + 1):
        scene = Scene(onboarded, "service account", make_sink(), grace, step)
        line.break_at(step, FAULTS[step % 4])
        with suppress(Killed, ApiConnectionException, TokenOperationError):
            scene.rotate()
        line.break_at(None, "")
        scene.check()
        scene.converge(cloud_world)


CLOUD_FAULTS = [
    {"drop": "before"},
    {"drop": "after"},
    {"truncate": 9},
    {"body": b""},
    {"body": {"expires_in": 1800}},
    *({"status": status} for status in (400, 401, 404, 429, 500, 503)),
]


def test_drawn_faults_of_an_exchange(onboarded, cloud_world, make_sink, monkeypatch):
    path = CspApiToken.path
    for number in share(range(24)):
        lots = random.Random(number)
        scene = Scene(onboarded, "service account", make_sink(), timedelta(0), number, held=3)
        configuration = scene.configuration()
        configuration.retries = 0
        monkeypatch.setattr(scene, "configuration", lambda found=configuration: found)
        onboarded.inject(lots.randint(1, 9), path=path, headers={"X-Fault": "none"})
        onboarded.inject(lots.randint(1, 3), path=path, **lots.choice(CLOUD_FAULTS))
        with pytest.raises(ApiException) as caught:
            scene.rotate()
        assert caught.value.operation == "exchange"
        scene.check()
        while onboarded.pending_faults:
            with suppress(ApiException):
                scene.rotate()
            scene.check()
        scene.converge(cloud_world)


class Turns:
    """Two runs side by side: which one makes its next request is drawn by lot.

    :param lots: says which run is next, by its number.
    """

    def __init__(self, lots):
        self.lots, self.share = lots, lots.choice([0.1, 0.5, 0.9])
        self.changed = threading.Condition()
        self.waiting, self.running, self.numbers = set(), 2, {}

    def wait(self):
        """Wait until this thread is the next; each that runs waits here, or has ended."""
        me = self.numbers[threading.get_ident()]
        with self.changed:
            self.waiting.add(me)
            self.choose()
            assert self.changed.wait_for(lambda: me not in self.waiting, timeout=30)

    def choose(self):
        if self.waiting and len(self.waiting) == self.running:
            first = self.lots.random() < self.share
            self.waiting.discard(min(self.waiting) if first else max(self.waiting))
            self.changed.notify_all()

    def run(self, number, function):
        self.numbers[threading.get_ident()] = number
        try:
            with suppress(Killed, ApiException, TokenOperationError):
                function()
        finally:
            with self.changed:
                self.running -= 1
                self.choose()

    def both(self, function):
        threads = [
            threading.Thread(target=self.run, args=(number, function), daemon=True)
            for number in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.mark.parametrize("kind", ["service account", "own"])
def test_two_at_once(kind, server, world, make_sink, monkeypatch):
    def check():
        scene.check()

    line = Line(monkeypatch, check)
    for seed in share(range(24)):
        held = 19 if seed % 4 and kind == "service account" else 12
        scene = Scene(server, kind, make_sink(), timedelta(0), seed, held=held)
        # Of one's own, two that are made at once cannot be told apart.
        scene.broken = 3
        take_turns(line, scene, seed)
        scene.converge(world)


def take_turns(line, scene, seed):
    """Two rotations at once; in each other round one of them is killed somewhere."""
    line.turns = Turns(random.Random(seed))
    line.break_at(seed + 2 if seed % 2 else None, FAULTS[seed // 2 % 4])
    line.turns.both(scene.rotate)
    line.turns = None
    line.break_at(None, "")


def test_two_at_once_with_access_tokens(onboarded, cloud_world, make_sink, monkeypatch):
    def check():
        scene.check()

    line = Line(monkeypatch, check)
    for seed in range(8):
        scene = Scene(onboarded, "service account", make_sink(), timedelta(0), seed, held=12)
        take_turns(line, scene, seed)
        scene.converge(cloud_world)
