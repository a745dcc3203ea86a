"""Any history of mint, rotate, finish, revoke, use and faults, with a clock that moves."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from cases import drawn
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi
from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import (
    MintOutcomeUnknown,
    RotationPending,
    Secret,
    TokenInUse,
    _clock,
    audit,
    finish,
    mint,
    plan_revocation,
    revoke,
    rotate,
)

NAMES = st.sampled_from(["ci", "cd"])
FAULTS = st.sampled_from([None, None, "before", "after"])
METHODS = st.sampled_from(["POST", "PUT", "DELETE"])


class Histories(RuleBasedStateMachine):
    """One account, own or a service account's, and a sink for each name."""

    make_world = make_sink = None

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.server = self.stack.enter_context(TokenServer())
        self.world = self.make_world(self.server)
        state = self.stack.enter_context(TemporaryDirectory())
        for name in ("now", "clock", "sleep"):
            self.stack.enter_context(mock.patch.object(_clock, name, getattr(self.world, name)))
        self.stack.enter_context(mock.patch.dict("os.environ", XDG_STATE_HOME=state))
        configuration = self.server.configuration()
        configuration.retries = 0
        client = ApiClient(configuration)
        self.api = ApiTokenApi(self.stack.enter_context(client))

    def teardown(self):
        self.stack.close()

    @initialize(is_own=st.booleans())
    def begin(self, is_own):
        self.account = self.server.user if is_own else self.server.add_service_account("sa::x")
        self.id = None if is_own else "sa::x"
        self.sinks = {}
        foreign = [self.server.add_token(self.account, f"foreign {n}") for n in range(3)]
        self.foreign = {token.token_id for token in foreign}

    def call(self, function, *args, drop=None, method="PUT", **options):
        """A call that a fault may break."""
        if drop:
            self.server.inject(method=method, drop=drop)
        try:
            return function(self.api, *args, account=self.id, **options)
        except (ApiException, MintOutcomeUnknown, RotationPending, TokenInUse):
            return None
        finally:
            self.heal()

    def heal(self):
        """Have a fault that no request has met meet one that changes nothing."""
        for fault in self.server.pending_faults:
            nobodys = "serviceaccount/nobody" if fault.method == "POST" else "nobodys"
            with pytest.raises(ApiException):
                self.api.api_client.call_api(f"/api/v2/apitoken/{nobodys}", fault.method)

    def named(self, name):
        return [each for each in self.account.tokens if each.token_name.split(" ~")[0] == name]

    @rule(name=NAMES, drop=FAULTS)
    def mint(self, name, drop):
        found = self.call(mint, name, if_absent=True, drop=drop, method="POST")
        if found is not None and name not in self.sinks:
            self.sinks[name] = self.make_sink(found.secret)

    @precondition(lambda self: self.sinks)
    @rule(name=NAMES, hours=st.sampled_from([0, 0, 5]), drop=FAULTS, method=METHODS)
    def rotate(self, name, hours, drop, method):
        if name in self.sinks:
            grace = timedelta(hours=hours)
            options = {"grace": grace, "drop": drop, "method": method}
            self.call(rotate, name, sink=self.sinks[name], **options)

    @precondition(lambda self: self.sinks)
    @rule(name=NAMES, drop=FAULTS)
    def finish(self, name, drop):
        if name in self.sinks:
            self.call(finish, name, sink=self.sinks[name], drop=drop, method="DELETE")

    @precondition(lambda self: self.sinks)
    @rule(name=NAMES)
    def use(self, name):
        """Somebody uses what the sink holds, or the oldest token of that name."""
        if name in self.sinks:
            with ApiClient(self.server.configuration()) as client:
                client.configuration.api_key = self.named(name)[0].token_id
                ApiTokenApi(client).get_all_tokens()

    @rule(hours=st.integers(1, 9))
    def wait(self, hours):
        self.world.advance(hours=hours)

    @rule(number=st.integers(0, 2))
    def revoke(self, number):
        """A token that is no part of it is revoked."""
        found = [each for each in self.account.tokens if each.token_id in self.foreign][number:]
        if found:
            plan = plan_revocation(audit(self.api), [Secret(found[0].token_id)])
            (outcome,) = revoke(self.api, plan)
            self.foreign.discard(found[0].token_id)
            assert found[0] not in self.account.tokens, outcome

    @invariant()
    def each_sink_holds_what_works(self):
        present = {token.token_id for token in getattr(self, "account", self.server.user).tokens}
        for name, sink in getattr(self, "sinks", {}).items():
            assert sink.held.reveal() in present, name
            assert len(self.named(name)) <= 2

    @invariant()
    def nothing_else_is_touched(self):
        if hasattr(self, "foreign"):
            names = {each.token_id: each.token_name for each in self.account.tokens}
            assert self.foreign <= {*names}
            assert all(names[token].startswith("foreign") for token in self.foreign)

    @precondition(lambda self: self.sinks)
    @rule(name=NAMES)
    def settle(self, name):
        """Without faults it comes to rest, however it stood, in two runs and a half."""
        if name not in self.sinks:
            return
        for _ in range(3):
            self.world.advance(hours=10)
            result = self.call(rotate, name, sink=self.sinks[name], grace=timedelta(0))
            if result and result.is_done:
                break
        (token,) = self.named(name)
        assert (token.token_name, Secret(token.token_id)) == (name, self.sinks[name].held)


def test_histories(world, make_sink):
    Histories.make_world, Histories.make_sink = type(world), make_sink
    run_state_machine_as_test(
        Histories,
        settings=settings(
            drawn(20),
            stateful_step_count=12,
            suppress_health_check=list(HealthCheck),
        ),
    )
