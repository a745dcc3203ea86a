"""Which step comes next, for everything that can be found."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cases import for_all

from wavefront_api_client import UserApiToken
from wavefront_api_client.tokens import (
    AmbiguousToken,
    RotationPending,
    TokenInfo,
    TokenOperationError,
)
from wavefront_api_client.tokens._rotate import (
    NEVER,
    NOTHING,
    Step,
    is_due,
    next_step,
    observe,
    was_used,
)

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=timezone.utc)
OLD = "ci ~old-00000000-20261005T1200Z"
NEW = "ci ~new-00000000"
OUT = "ci ~out-00000000"
OTHER = "ci ~new-ffffffff"


def token(name, *, id=None, made=None, used=None):
    """A token; dates are seconds from now."""
    dates = [
        when and int((NOW + timedelta(seconds=when)).timestamp() * 1000) for when in (made, used)
    ]
    model = UserApiToken(
        token_id=id or name, token_name=name, date_generated=dates[0], last_used=dates[1]
    )
    return TokenInfo(model, tells_use=True)


class Sink:
    """A sink that holds one token, or cannot tell."""

    def __init__(self, held=None):
        self.held = held

    def matches(self, secret):
        return None if self.held is None else secret.reveal() == self.held


def look(tokens, target="", held=None, made=""):
    """An observation; the tokens are told by their ids."""
    handles = {each.secret.reveal(): each.handle for each in tokens}
    target = target if target == NOTHING else handles.get(target, target and "another")
    return observe("ci", target, tokens, Sink(held), NOW, handles.get(made, ""))


def tokens_of(names):
    return [token(name, id=f"{name}{n}") for n, name in enumerate(names)]


def step_of(names, target, held=None):
    ids = {name: f"{name}{n}" for n, name in enumerate(names)}
    return next_step(look(tokens_of(names), ids.get(target, target), ids.get(held)))


@for_all(
    ("names", "target", "step"),
    [
        (["ci"], "ci", Step.MINT),
        (["ci"], "another", Step.DONE),
        (["ci", NEW], "ci", Step.HAND_OVER),
        (["ci", NEW], "another", Step.ASIDE),
        ([OLD, NEW], OLD, Step.NAME),
        ([OLD, "ci"], OLD, Step.RETIRE),
        ([OLD, "ci", NEW], OLD, Step.ASIDE),
        ([OLD], OLD, Step.RESTORE),
        (["ci", NEW, NEW], "ci", Step.ASIDE),
        ([OLD, NEW, NEW], OLD, Step.ASIDE),
        (["ci", NEW, OUT], "ci", Step.DROP),
        ([OUT], "", Step.DROP),
        ([], "", RotationPending),
        ([], NOTHING, Step.MINT),
        ([NEW], "", Step.HAND_OVER),
        ([NEW], "another", Step.HAND_OVER),
        ([NEW, NEW], NOTHING, Step.ASIDE),
        (["ci", NEW], NOTHING, Step.ASIDE),
        (["ci"], NOTHING, Step.DONE),
        ([OLD, OLD], OLD, RotationPending),
        ([OLD, OLD, "ci"], OLD, RotationPending),
        (["ci", "ci"], "", AmbiguousToken),
        (["ci", "ci"], "another", AmbiguousToken),
        (["ci", "ci", OUT], "", AmbiguousToken),
        (["ci", "CI", "ci ", "ci ~mint-00000000", "x " + NEW], "ci", Step.MINT),
    ],
)  # fmt: skip
def test_the_table(names, target, step):
    if isinstance(step, Step):
        assert step_of(names, target) is step
        return
    with pytest.raises(step) as caught:
        step_of(names, target)
    shown = [name for name in names if step is RotationPending or name == "ci"]
    assert sorted(each.name for each in caught.value.tokens) == sorted(shown)


def test_where_a_name_is_shared_the_handle_or_the_sink_tells_which_token_is_meant():
    a, b, new, old = (token(name, id=ident) for name, ident in
                      (("ci", "a"), ("ci", "b"), (NEW, "n"), (OLD, "o")))  # fmt: skip
    assert look([a, b], "b").current == [b]
    assert look([a, b, new], "b", held="n").current == [b]
    # The target is marked and the new one delivered, but not named yet: no other one follows it.
    assert look([a, b, new, old], held="n").current == []
    assert next_step(look([a, b, new, old], held="n")) is Step.NAME
    named = token("ci", id="n")
    assert look([a, named, old], held="n").current == [named]
    assert next_step(look([a, named], "gone", held="n")) is Step.DONE
    with pytest.raises(AmbiguousToken):
        next_step(look([a, named, old]))


def names_of(tokens):
    return [each.secret.reveal() for each in tokens]


def test_a_rotation_goes_on_with_what_is_held_else_used_else_oldest():
    current = token("ci", id="c")
    a, b = token(NEW, id="a", made=-2), token(NEW, id="b", made=-3)
    used = token(NEW, id="u", made=-1, used=-1)
    assert names_of(look([current, a, b]).new) == ["b", "a"]
    assert names_of(look([current, a, b], held="a").new) == ["a", "b"]
    assert names_of(look([current, a, b, used]).new) == ["u", "b", "a"]
    assert names_of(look([current, a, b, used], held="a").new) == ["a", "u", "b"]
    twins = [token(NEW, id=ident, made=-2) for ident in "xyz"]
    for made in twins:
        assert look([current, *twins], made=made.secret.reveal()).new[-1] is made
    seen = look([current, a, b])
    assert (seen.target, names_of(seen.spare)) == (current.handle, ["a"])


def test_what_has_been_used_is_not_removed():
    a, b = token(NEW, id="a", used=-1), token(NEW, id="b", used=-2)
    seen = look([token("ci"), a, b])
    with pytest.raises(RotationPending) as caught:
        next_step(seen)
    shown = ", ".join(f"{each.handle} {each.name!r}" for each in [token("ci"), *seen.new])
    assert str(caught.value) == (
        "nothing was changed: a rotation of 'ci' does not leave these tokens behind: "
        f"{shown}; rename or delete those that should not be there"
    )
    with pytest.raises(RotationPending, match="behind: none; rename"):
        next_step(look([]))


@pytest.mark.parametrize(
    ("made", "held"), [(-5, None), (-1, "new"), (-1, None)], ids=["older", "held", "spare"]
)
def test_what_may_be_in_a_sink_is_not_removed(made, held):
    """Somebody may have given the name away while the new token was on its way to it."""
    new = token(NEW, id="new", made=made)
    tokens = [token(OLD, made=-9), token("ci", id="c", made=-2), new]
    if held:
        assert next_step(look(tokens, held=held)) is Step.NAME
    elif made == -1:
        assert next_step(look(tokens)) is Step.ASIDE
    else:
        with pytest.raises(RotationPending, match="nothing was changed"):
            next_step(look(tokens))


def test_what_may_have_been_used_is_not_removed():
    """A service that tells no use of any token."""
    tokens = [
        TokenInfo(UserApiToken(token_id=name, token_name=name)) for name in ("ci", NEW, OTHER)
    ]
    with pytest.raises(RotationPending, match="nothing was changed"):
        next_step(look(tokens))
    assert next_step(look(tokens, made=OTHER)) is Step.ASIDE


@for_all(
    ("made", "used", "is_out"),
    [
        (-3601, 0, True),
        (-3599, 0, False),
        (None, 0, False),
        (-9999, -1, False),
        (-9999, None, True),
    ],
)
def test_what_an_interrupted_mint_left_goes_after_an_hour(made, used, is_out):
    left = token("ci ~mint-00000000", made=made, used=used)
    if used == 0:
        left = TokenInfo(UserApiToken(token_id="m", token_name=left.name, last_used=0,
                                      date_generated=made and int(left.created.timestamp() * 1000)))  # fmt: skip
    seen = look([token("ci"), left])
    assert bool(seen.out) is is_out
    assert next_step(seen) is (Step.DROP if is_out else Step.MINT)


def test_age_decides_whether_it_is_due():
    old = token("ci", made=-100)
    assert is_due(old, None, NOW)
    assert is_due(old, timedelta(seconds=100), NOW)
    assert not is_due(old, timedelta(seconds=101), NOW)
    assert is_due(token("ci"), None, NOW)
    assert not is_due(token("ci"), NEVER, NOW)
    undated = token("ci")
    with pytest.raises(TokenOperationError) as caught:
        is_due(undated, timedelta(0), NOW)
    assert caught.value.tokens == (undated,)
    assert str(caught.value) == (
        f"the service does not say how old token {undated.handle} is: rotate it regardless of its age"
    )


@for_all(
    ("used", "mark", "made", "is_use"),
    [
        (-10, -10, -50, False),
        (-9, -10, -50, True),
        (-60, -100, -50, False),
        (-50, -100, -50, False),
        (-49, -100, -50, True),
        (None, -100, -50, False),
        (-10, None, None, True),
        (None, None, None, False),
    ],
)
def test_use_since_another_token_took_the_place(used, mark, made, is_use):
    seconds = 0 if mark is None else int((NOW + timedelta(seconds=mark)).timestamp())
    old = token(f"ci ~old-{seconds:08x}-20261005T1200Z", used=used)
    assert was_used(old, token("ci", made=made)) is is_use
