"""A rotation that ends anywhere is finished by the next runs, and the sink's key always works."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from wavefront_api_client import ApiClient, ApiConnectionException, ApiTokenApi
from wavefront_api_client.rest import RESTClientObject
from wavefront_api_client.tokens import Secret, TokenOperationError, rotate

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
        line = self
        monkeypatch.setattr(
            RESTClientObject, "request", lambda self, *a, **k: line.carry(self, *a, **k)
        )

    def carry(self, client, *args, **kwargs):
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
    """An account that holds 19 tokens, one of which is to be rotated."""

    def __init__(self, server, kind, sink, grace, number):
        self.server, self.kind, self.grace, self.sink = server, kind, grace, sink
        self.caller = server.add_user(f"user{number}@example.com", tokens=1)
        if kind == "service account":
            self.account = server.add_service_account(f"sa::{number}")
        else:
            self.account = self.caller
        if kind == "own key":
            with ApiClient(server.configuration(self.caller)) as client:
                api = ApiTokenApi(client)
                api.update_token_name(self.caller.key, body={"tokenName": "ci"})
            sink.deliver(Secret(self.caller.key))
        else:
            sink.deliver(Secret(server.add_token(self.account, "ci", age_days=9).token_id))
        while len(self.account.tokens) < 19:
            server.add_token(self.account, f"foreign {len(self.account.tokens)}")
        self.foreign = self.strangers()

    def strangers(self):
        return {
            (token.token_id, token.token_name)
            for token in self.account.tokens
            if token.token_name != "ci" and " ~" not in token.token_name
        }

    def check(self):
        """What holds at every instant."""
        held = [token for token in self.account.tokens if Secret(token.token_id) == self.sink.held]
        assert len(held) == 1, "the sink holds a key that does not work"
        assert len(self.account.tokens) <= 20

    def configuration(self):
        found = self.server.configuration(self.caller)
        if self.kind == "own key":
            found.api_key = self.sink.held.reveal()
        return found

    def rotate(self):
        id = self.account.id if self.kind == "service account" else None
        with ApiClient(self.configuration()) as client:
            return rotate(ApiTokenApi(client), "ci", account=id, sink=self.sink, grace=self.grace)

    def converge(self, world):
        """The runs that follow, at most two: the second one after the deadline."""
        result = self.rotate()
        if not result.is_done:
            world.advance(days=2)
            result = self.rotate()
        self.check()
        assert result.is_done
        named = [token for token in self.account.tokens if token.token_name == "ci"]
        assert [Secret(token.token_id) for token in named] == [self.sink.held]
        assert len(self.account.tokens) == 19
        assert self.strangers() == self.foreign


@pytest.mark.parametrize("grace", [timedelta(0), timedelta(days=1)], ids=["at once", "a day"])
@pytest.mark.parametrize("kind", ["service account", "own", "own key"])
def test_every_pair_of_step_and_fault(kind, grace, server, world, make_sink, monkeypatch):
    scene = Scene(server, kind, make_sink(), grace, 0)
    line = Line(monkeypatch, lambda: scene.check())
    scene.converge(world)
    steps = line.count
    assert steps >= 16
    for step in range(1, steps + 1):
        for fault in FAULTS:
            scene = Scene(server, kind, make_sink(), grace, f"{step}{fault}")
            line.break_at(step, fault)
            with suppress(Killed, ApiConnectionException, TokenOperationError):
                scene.rotate()
            line.break_at(None, "")
            scene.check()
            scene.converge(world)
