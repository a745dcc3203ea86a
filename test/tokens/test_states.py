"""Which step comes next, for everything that can be found."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from wavefront_api_client import UserApiToken
from wavefront_api_client.tokens import (
    AmbiguousToken,
    RotationPending,
    TokenInfo,
    TokenOperationError,
)
from wavefront_api_client.tokens._states import (
    Step,
    family_of,
    is_due,
    next_step,
    superfluous,
    was_used,
)

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=timezone.utc)
OLD = "ci ~old-00000000-20261005T1200Z"
NEW = "ci ~new-00000000"
OUT = "ci ~out-00000000"


def token(name, *, id=None, made=None, used=None):
    """A token; dates are seconds from now."""
    dates = [
        when and int((NOW + timedelta(seconds=when)).timestamp() * 1000) for when in (made, used)
    ]
    return TokenInfo(
        UserApiToken(
            token_id=id or name, token_name=name, date_generated=dates[0], last_used=dates[1]
        )
    )


def step_of(names, target, held=()):
    family = family_of("ci", [token(name, id=f"{name}{n}") for n, name in enumerate(names)])
    handles = {name: token("", id=f"{name}{n}").handle for n, name in enumerate(names)}
    return next_step(family, handles.get(target, "another"), {handles[name] for name in held})


@pytest.mark.parametrize(
    ("names", "target", "step"),
    [
        (["ci"], "ci", Step.MINT),
        (["ci"], "another", Step.DONE),
        (["ci", NEW], "ci", Step.HAND_OVER),
        (["ci", NEW], "another", Step.PUT_OUT),
        ([OLD, NEW], OLD, Step.NAME),
        ([OLD, "ci"], OLD, Step.RETIRE),
        ([OLD, "ci", NEW], OLD, Step.PUT_OUT),
        ([OLD], OLD, Step.RESTORE),
        (["ci", NEW, NEW], "ci", Step.PUT_OUT),
        ([OLD, NEW, NEW], OLD, Step.PUT_OUT),
        (["ci", NEW, OUT], "ci", Step.DROP),
        ([OUT], "", Step.DROP),
        ([], "", RotationPending),
        ([NEW], "", RotationPending),
        ([OLD, OLD], OLD, RotationPending),
        ([OLD, OLD, "ci"], OLD, RotationPending),
        (["ci", "ci"], "ci", AmbiguousToken),
        (["ci", "ci", OUT], "ci", AmbiguousToken),
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


def names_of(tokens):
    return [each.secret.reveal() for each in tokens]


def test_a_rotation_goes_on_with_what_is_held_else_used_else_oldest():
    current = token("ci", id="c")
    a, b = token(NEW, id="a", made=-2), token(NEW, id="b", made=-3)
    used = token(NEW, id="u", made=-1, used=-1)
    handle = current.handle
    assert names_of(superfluous(family_of("ci", [current, a, b]), handle, ())) == ["a"]
    assert names_of(superfluous(family_of("ci", [current, a, b]), handle, {a.handle})) == ["b"]
    assert names_of(superfluous(family_of("ci", [current, a, b, used]), handle, ())) == ["b", "a"]
    found = superfluous(family_of("ci", [current, a, b, used]), handle, {a.handle})
    assert names_of(found) == ["u", "b"]
    undated = token(NEW, id="z")
    assert names_of(superfluous(family_of("ci", [current, a, undated, b]), handle, ())) == [
        "z",
        "b",
    ]


def test_what_has_been_used_is_nobodys_to_remove():
    a, b = token(NEW, id="a", used=-1), token(NEW, id="b", used=-2)
    family = family_of("ci", [token("ci"), a, b])
    with pytest.raises(RotationPending) as caught:
        next_step(family, family.current[0].handle)
    handles = [token("ci").handle, a.handle, b.handle]
    shown = ", ".join(map("{!r} ({})".format, ["ci", NEW, NEW], handles))
    assert str(caught.value) == (
        "nothing was changed, for these tokens are not what a rotation of 'ci' leaves: "
        f"{shown}; rename or delete those that should not be there"
    )
    with pytest.raises(RotationPending, match="leaves: none; rename"):
        next_step(family_of("ci", []), "")
    with pytest.raises(AmbiguousToken, match=r"^several tokens are named 'ci'$"):
        next_step(family_of("ci", [token("ci"), token("ci")]), "")


@pytest.mark.parametrize(
    ("made", "held"), [(-5, ()), (-1, ["new"]), (-1, ())], ids=["older", "held", "spare"]
)
def test_what_may_be_in_a_sink_is_nobodys_to_remove(made, held):
    """A stranger may have given the name away while the new token was on its way to it."""
    new = token(NEW, id="new", made=made)
    family = family_of("ci", [token(OLD, made=-9), token("ci", id="c", made=-2), new])
    look = partial(next_step, family, family.old[0].handle, {new.handle} if held else ())
    if made == -1 and not held:
        assert look() is Step.PUT_OUT
        return
    with pytest.raises(RotationPending, match="nothing was changed"):
        look()


def test_age_decides_whether_it_is_due():
    old = token("ci", made=-100)
    assert is_due(old, None, NOW)
    assert is_due(old, timedelta(seconds=100), NOW)
    assert not is_due(old, timedelta(seconds=101), NOW)
    assert is_due(token("ci"), None, NOW)
    undated = token("ci")
    with pytest.raises(TokenOperationError) as caught:
        is_due(undated, timedelta(0), NOW)
    assert caught.value.tokens == (undated,)
    assert str(caught.value) == (
        f"the service does not say how old token {undated.handle} is: rotate it regardless of its age"
    )


@pytest.mark.parametrize(
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
