"""One, two or three runs of anything, with drawn faults: what holds after each request, and at the end.

Each seed draws an account, what it holds, the runs, their order request by request, and what goes
wrong. `WAVEFRONT_CHAOS_SEEDS` says how many seeds, `WAVEFRONT_CHAOS_SEED` which one alone.
"""

from __future__ import annotations

import os
import random
import threading
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import partial

import pytest
from cases import DRAWS

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi
from wavefront_api_client.rest import RESTClientObject
from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import (
    MintOutcomeUnknown,
    Secret,
    TokenOperationError,
    WantedToken,
    _clock,
    apply,
    finish,
    mint,
    rotate,
)
from wavefront_api_client.tokens._marks import parse

SEEDS = int(os.environ.get("WAVEFRONT_CHAOS_SEEDS", 60 * DRAWS))
ONLY = os.environ.get("WAVEFRONT_CHAOS_SEED")
SHARES = 4

NAME = "ci"
FAULTS = {
    "lost before": {"drop": "before"},
    "lost after": {"drop": "after"},
    "cut off": {"truncate": 9},
    "empty": {"headers": {"Content-Length": "0"}, "truncate": 0},
    "empty instead": {"status": 200, "body": b""},
    "no content": {"status": 204, "body": b""},
    "null": {"body": {"status": {"result": "OK", "code": 200}, "response": None}},
    "page": {"body": {"status": {"result": "OK", "code": 200}, "response": {"items": []}}},
    "error": {"body": {"status": {"result": "ERROR", "message": "later", "code": 200}}},
    **{str(status): {"status": status} for status in (401, 403, 404, 406, 429, 500, 503)},
}


class Killed(BaseException):
    """The end of a process, as far as one process can have it."""


class Sink:
    """A file; `None` is one that is not there."""

    def __init__(self, held=None):
        self.first = self.held = held

    def check(self):
        pass

    def deliver(self, secret):
        self.held = secret

    def matches(self, secret):
        return self.held == secret


def apply_one(api, name, *, sink, account, **options):
    """A file with one token."""
    (change,) = apply(api, [WantedToken(name, sink, account, **options)], jobs=1)
    if change.error is not None:
        raise change.error


class Scene:
    """All that one seed draws.

    :param server: the service.
    :param seed: what to draw with.
    """

    def __init__(self, server, seed):
        self.server, self.lots = server, random.Random(seed)
        self.seconds, self.ahead, self.skews = 0.0, timedelta(0), {}
        self.log, self.losses = [], 0
        lots = self.lots
        self.caller = server.add_user("caller@example.com")
        self.is_own = lots.random() < 0.4
        self.account = self.caller if self.is_own else server.add_service_account("sa::ci")
        self.strangers = {self.caller.key: ""}
        for number in range(lots.randint(0, 6)):
            self.add_stranger(f"stranger {number}")
        self.kind = lots.choice(["anything", "anything", "apply", "mint", "strangers", "grace"])
        self.had_one = lots.random() < (0.1 if self.kind in ("apply", "mint") else 0.8)
        first = None
        if self.had_one:
            first = Secret(server.add_token(self.account, NAME, age_days=9).token_id)
        self.sinks = [Sink(first)]
        if lots.random() < 0.4:
            self.sinks.append(Sink(None))
        self.fault_rate = lots.choice([0, 0.05, 0.2])
        self.lag = lots.choice([0, 0, 0, 1, 5, 12, 30])
        self.order = lots.choice(["service", "service", "newest first", "shuffled"])
        self.is_calm = False
        self.looked, self.uses, self.marked, self.finishing = {}, {}, {}, set()
        self.history = []
        self.remember()

    # the service

    def add_stranger(self, name):
        if len(self.account.tokens) < 15:
            token = self.server.add_token(self.account, name)
            self.strangers[token.token_id] = name

    def advance(self, seconds):
        self.seconds += seconds
        self.ahead += timedelta(seconds=seconds)
        self.server.advance(seconds=seconds)

    def date(self):
        now = datetime.fromtimestamp(self.server.now / 1000, timezone.utc)
        return {"Date": format_datetime(now, usegmt=True)}

    def remember(self):
        self.history.append((self.seconds, self.account.tokens))

    def listing(self):
        """What a listing that lags behind shows."""
        until = self.seconds - self.lag
        tokens = next((seen for when, seen in reversed(self.history) if when <= until), None)
        tokens = list(self.history[0][1] if tokens is None else tokens)
        if self.order == "newest first":
            tokens.reverse()
        elif self.order == "shuffled":
            self.lots.shuffle(tokens)
        listed = [
            {"tokenID": token.token_id, "tokenName": token.token_name, "account": self.account.id,
             "accountType": self.account.account_type, "dateGenerated": token.date_generated,
             "lastUsed": token.last_used}
            for token in tokens
        ]  # fmt: skip
        return {"status": {"result": "OK", "message": "", "code": 200}, "response": listed}

    # what others do

    def disturb(self):
        lots, chance = self.lots, self.lots.random()
        ours = {self.caller.key}
        if self.kind == "strangers" and chance < 0.3:
            self.add_stranger("")
        elif self.kind == "grace" and chance < 0.2:
            # What was never delivered nobody else can use.
            known = [each.token_id for each in self.account.tokens
                     if each.token_name == NAME or parse(each.token_name).mark == "old"]  # fmt: skip
            self.use(lots.choice(known or [self.caller.key]))
        elif chance < 0.03:
            self.add_stranger(lots.choice(["", "theirs", "theirs"]))
        elif chance < 0.05 and (found := sorted(self.strangers.keys() - ours)):
            self.rename(lots.choice(found), lots.choice(["theirs", "x"]))
        elif chance < 0.06 and (found := sorted(self.strangers.keys() - ours)):
            self.delete(lots.choice(found))

    def calmly(self, call):
        """A call of somebody else, which nothing disturbs."""
        with ApiClient(self.server.configuration(self.caller)) as client:
            call(ApiTokenApi(client))

    def rename(self, token, name):
        self.strangers[token] = name
        body = {"tokenName": name}
        if self.is_own:
            self.calmly(lambda api: api.update_token_name(token, body=body))
        else:
            self.calmly(
                lambda api: api.update_token_name_service_account(self.account.id, token, body=body)
            )

    def use(self, token):
        """Somebody uses a token; which one is theirs then, nobody may delete."""
        self.uses[token] = self.seconds
        with ApiClient(self.server.configuration(self.caller)) as client:
            client.configuration.api_key = token
            ApiTokenApi(client).get_all_tokens()

    def adopt(self, token):
        """Somebody gives a token that has no name yet one of theirs."""
        self.rename(token, "adopted")
        self.use(token)

    def delete(self, token):
        del self.strangers[token]
        if self.is_own:
            self.calmly(lambda api: api.delete_token(token))
        else:
            self.calmly(lambda api: api.delete_token_service_account(self.account.id, token))

    # what has to hold

    def check(self):
        tokens = {token.token_id: token.token_name for token in self.account.tokens}
        if not self.is_own:
            tokens[self.caller.key] = ""
        for token, name in self.strangers.items():
            assert tokens.get(token) == name, f"a stranger's token was touched: {name!r}"
        # Of several files, one may hold what another one's rotation has replaced, until its own run.
        for sink in self.sinks if len(self.sinks) == 1 else ():
            if sink.held != sink.first:
                assert sink.held.reveal() in tokens, "a sink holds a token that does not work"
        if self.had_one:
            assert any(name.split(" ~")[0] == NAME for name in tokens.values()), "no token is left"

    def check_deletion(self, gone, me):
        """What a run has deleted was marked, its time was over, and nobody used it, as one could see."""
        parts = parse(gone.token_name)
        assert parts.mark or not parts.name, f"{gone.token_name!r} was deleted"
        looked, used = self.looked.get(me, 0) - self.lag, self.uses.get(gone.token_id, -1)
        marked = self.marked.get(gone.token_id, 0) if parts.mark == "old" else -1
        # Dates are told by the second.
        assert not marked + 1 < used < looked, "a token in use was deleted"
        if parts.mark == "old" and me not in self.finishing and marked < looked:
            assert self.server.now / 1000 >= parts.deadline.timestamp(), "it was deleted too early"

    def check_end(self):
        others = [token for token in self.account.tokens if token.token_id not in self.strangers]
        named = [token for token in others if token.token_name == NAME]
        assert [token.token_name for token in others if " ~" in token.token_name] == []
        assert len(named) == 1, [token.token_name for token in others]
        left = [token for token in others if not token.token_name]
        assert not any(token.last_used for token in left)
        assert len(left) <= (self.losses if self.is_own else 0)
        assert len(others) == 1 + len(left)
        for sink in self.sinks:
            assert sink.held == Secret(named[0].token_id), "a sink does not hold the token"

    # the runs

    def run(self, function, **options):
        if function is finish:
            self.finishing.add(threading.current_thread().name)
        configuration = self.server.configuration(self.caller)
        configuration.retries = 0
        with ApiClient(configuration) as client:
            account = None if self.is_own else self.account.id
            return function(ApiTokenApi(client), NAME, account=account, **options)

    def drawn_run(self):
        lots, sink = self.lots, self.lots.choice(self.sinks)
        grace = lots.choice([timedelta(0), timedelta(hours=1)])
        if self.kind == "apply":
            age = lots.choice([None, "0h", "5d", "90d"])
            return partial(self.run, apply_one, sink=sink, grace=grace, older_than=age)
        if self.kind == "mint":
            return partial(self.run, mint, sink=sink, if_absent=True)
        if self.kind == "strangers" and lots.random() < 0.6:
            return partial(self.run, mint, sink=sink)
        return lots.choice(
            [
                partial(self.run, rotate, sink=sink, grace=grace),
                partial(self.run, rotate, sink=sink, grace=grace),
                partial(self.run, rotate, sink=sink, older_than="5d", grace=grace),
                partial(self.run, mint, sink=sink, if_absent=True),
                partial(self.run, mint, sink=sink),
                partial(self.run, finish, sink=sink),
                partial(self.run, apply_one, sink=sink, grace=grace, older_than="5d"),
            ]
        )


class Line:
    """The way to the service, on which things go wrong."""

    def __init__(self, monkeypatch):
        self.scene = self.turns = None
        request, line = RESTClientObject.request, self

        def carry(client, method, url, *args, **kwargs):
            send = partial(request, client, method, url, *args, **kwargs)
            if line.scene is None or threading.get_ident() not in line.scene.skews:
                return send()
            return line.carry(method, url.rsplit("/", 1)[-1], send)

        monkeypatch.setattr(RESTClientObject, "request", carry)

    def carry(self, method, token, send):
        scene, me = self.scene, threading.current_thread().name
        if self.turns is not None:
            self.turns.wait()
        fault = "" if scene.is_calm else self.draw(method)
        scene.log.append((me, method, fault))
        before, asked = scene.account.tokens, scene.seconds
        if fault == "killed before":
            raise Killed
        try:
            return self.answer(method, fault, send)
        finally:
            scene.advance(scene.lots.choice([0, 0.5, 2]))
            scene.remember()
            scene.check()
            if method == "PUT":
                scene.marked[token] = scene.seconds
            for gone in before if method == "DELETE" else ():
                if gone.token_id not in [kept.token_id for kept in scene.account.tokens]:
                    scene.check_deletion(gone, me)
            if method == "GET":
                scene.looked[me] = asked
            if not scene.is_calm:
                self.disturb(method, token, fault)
            scene.remember()
            if fault == "killed after":
                scene.losses += 1
                raise Killed

    def disturb(self, method, token, fault):
        scene, self.scene = self.scene, None
        try:
            names = {each.token_id: each.token_name for each in scene.account.tokens}
            is_nameless = parse(names.get(token, NAME)).mark == "mint" or not names.get(token, NAME)
            is_adopted = method == "PUT" and fault and is_nameless and scene.lots.random() < 0.5
            # What listings do not show within the patience of a run, nobody can know.
            if is_adopted and scene.lag <= 10:
                scene.adopt(token)
            else:
                scene.disturb()
        finally:
            self.scene = scene

    def answer(self, method, fault, send):
        scene, server = self.scene, self.scene.server
        options = dict(FAULTS.get(fault, {}))
        if "drop" not in options:
            options["headers"] = {**scene.date(), **options.get("headers", {})}
        if fault not in ("", "killed before", "killed after"):
            scene.losses += 1
        server.inject(**options)
        answer = send()
        is_listing = method == "GET" and not fault and answer.status == 200
        if scene.is_calm or not is_listing or not (scene.lag or scene.order != "service"):
            return answer
        server.inject(body=scene.listing(), headers=scene.date())
        return send()

    def draw(self, method):
        lots = self.scene.lots
        rate = self.scene.fault_rate
        if method in ("POST", "PUT") and self.scene.kind == "strangers":
            rate = max(rate, 0.3)
        if lots.random() >= rate:
            return ""
        return lots.choice([*FAULTS, "lost after", "lost after", "killed before", "killed after"])


class Turns:
    """Some runs side by side: which one makes its next request is drawn.

    :param lots: draws.
    :param count: how many runs there are.
    """

    def __init__(self, lots, count):
        self.lots, self.running = lots, count
        self.changed, self.waiting = threading.Condition(), set()

    def wait(self):
        me = threading.current_thread().name
        with self.changed:
            self.waiting.add(me)
            self.choose()
            assert self.changed.wait_for(lambda: me not in self.waiting, timeout=60)

    def choose(self):
        if self.waiting and len(self.waiting) == self.running:
            self.waiting.discard(self.lots.choice(sorted(self.waiting)))
            self.changed.notify_all()

    def end(self):
        with self.changed:
            self.running -= 1
            self.choose()


def run_side_by_side(scene, line, runs):
    turns = line.turns = Turns(scene.lots, len(runs))
    wrong = []
    skews = [scene.lots.choice([0, 0, 0, 2, -2]) for _ in runs]

    def go(function, skew):
        scene.skews[threading.get_ident()] = timedelta(days=skew)
        try:
            turns.wait()
            with suppress(Killed, ApiException, TokenOperationError):
                try:
                    function()
                except MintOutcomeUnknown:
                    scene.losses += 1
                    raise
        except BaseException as error:
            wrong.append(error)
        finally:
            turns.end()

    threads = [
        threading.Thread(target=go, args=(run, skew), name=f"run {n}", daemon=True)
        for n, (run, skew) in enumerate(zip(runs, skews))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    line.turns = None
    if wrong:
        raise wrong[0]


def converge(scene):
    """Orderly runs, a bounded number of them."""
    scene.is_calm = True
    scene.skews = {threading.get_ident(): timedelta(0)}
    for _ in range(4):
        scene.advance(2 * 24 * 3600)
        for sink in scene.sinks:
            with suppress(TokenOperationError):
                if not any(t.token_name.split(" ~")[0] == NAME and "mint" not in t.token_name
                           for t in scene.account.tokens):  # fmt: skip
                    scene.run(mint, sink=sink, if_absent=True)
                scene.run(rotate, sink=sink, older_than="36500d", grace="1h")
    scene.check_end()


def run_seed(seed, line, monkeypatch):
    with TokenServer() as server:
        scene = line.scene = Scene(server, seed)
        monkeypatch.setattr(
            _clock, "now", lambda: datetime.now(timezone.utc) + scene.ahead
            + scene.skews.get(threading.get_ident(), timedelta(0))
        )  # fmt: skip
        monkeypatch.setattr(_clock, "clock", lambda: scene.seconds)
        monkeypatch.setattr(_clock, "sleep", scene.advance)
        try:
            for _ in range(scene.lots.randint(1, 3)):
                runs = [scene.drawn_run() for _ in range(scene.lots.randint(1, 3))]
                run_side_by_side(scene, line, runs)
                scene.advance(scene.lots.choice([0, 60, 7200, 200000]))
                scene.remember()
            converge(scene)
        except BaseException as error:
            sinks = [sink.held and sink.held.handle for sink in scene.sinks]
            raise AssertionError(
                f"seed {seed}: {error!r}; own {scene.is_own}, lag {scene.lag}, {scene.order};"
                f" tokens {[t.token_name for t in scene.account.tokens]}, sinks {sinks};"
                f" requests {scene.log[-40:]}"
            ) from error
        finally:
            line.scene = None


@pytest.mark.parametrize("share", range(SHARES))
def test_whatever_goes_wrong(share, monkeypatch):
    line = Line(monkeypatch)
    seeds = [int(ONLY)] if ONLY else range(share, SEEDS, SHARES)
    for seed in seeds:
        run_seed(seed, line, monkeypatch)
