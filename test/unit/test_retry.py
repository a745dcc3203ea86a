"""retry: when a request is sent again, and after how long."""

from __future__ import annotations

import copy
import pickle
import time
from email.utils import formatdate

import pytest
from cases import drawn, for_all, texts
from hypothesis import example, given
from hypothesis import strategies as st

from wavefront_api_client import retry
from wavefront_api_client.retry import (
    FINAL,
    MAYBE_ACTED_ON,
    NEVER_SENT,
    NOT_ACTED_ON,
    RetryPolicy,
    kind_of_status,
    parse_retry_after,
)

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH")
IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
KINDS = (NEVER_SENT, NOT_ACTED_ON, MAYBE_ACTED_ON, FINAL)
NOW = 1_700_000_000.0


def most(low, high):
    return high


def never(low, high):
    raise AssertionError("no chance is asked for")


def may_repeat(method, kind):
    """The table of the issue, in its own words."""
    if kind in (NEVER_SENT, NOT_ACTED_ON):
        return True
    return kind == MAYBE_ACTED_ON and method in IDEMPOTENT


@for_all("attempt", [1, 2, 3, 4, 5])
@for_all("kind", KINDS)
@for_all("method", METHODS)
def test_method_by_kind_by_attempt(method, kind, attempt):
    wait = RetryPolicy(retries=3).wait_before_retry(method, kind, attempt, uniform=most)
    if may_repeat(method, kind) and attempt <= 3:
        assert wait == 0.25 * 2 ** (attempt - 1)
    else:
        assert wait is None


@for_all("kind", KINDS)
@for_all("method", METHODS)
def test_no_retries_means_one_attempt(method, kind):
    assert RetryPolicy(0).wait_before_retry(method, kind, 1, uniform=never) is None


def test_an_unknown_kind_and_an_unknown_method_are_not_repeated():
    assert RetryPolicy().wait_before_retry("GET", "something else", 1) is None
    assert RetryPolicy().wait_before_retry("TRACE", MAYBE_ACTED_ON, 1) is None


def test_the_words_differ_and_the_methods_are_these():
    assert KINDS == ("never sent", "not acted on", "maybe acted on", "final")
    assert {"GET", "HEAD"} == retry.FETCHING_METHODS
    assert {"GET", "HEAD", "OPTIONS"} == retry.SAFE_METHODS
    assert retry.REPEATABLE_METHODS == IDEMPOTENT


def test_the_defaults():
    policy = RetryPolicy()
    assert policy == RetryPolicy(3, 0.25, 10.0, 60.0)
    assert (policy.retries, policy.backoff) == (3, 0.25)
    assert (policy.backoff_max, policy.retry_after_max) == (10.0, 60.0)


def test_the_wait_doubles_up_to_its_bound():
    policy = RetryPolicy(retries=100, backoff=1, backoff_max=10)
    waits = [policy.wait_before_retry("GET", NEVER_SENT, n, uniform=most) for n in range(1, 8)]
    assert waits == [1, 2, 4, 8, 10, 10, 10]


def test_many_attempts_do_not_overflow():
    policy = RetryPolicy(retries=10**6, backoff=0.5, backoff_max=7)
    assert policy.wait_before_retry("GET", NEVER_SENT, 10**6, uniform=most) == 7


def test_very_small_steps_still_reach_the_bound():
    policy = RetryPolicy(retries=10**6, backoff=2.0**-60, backoff_max=1000)
    assert policy.wait_before_retry("GET", NEVER_SENT, 66, uniform=most) == 16
    assert policy.wait_before_retry("GET", NEVER_SENT, 65, uniform=most) == 16
    assert policy.wait_before_retry("GET", NEVER_SENT, 64, uniform=most) == 8


def test_the_jitter_is_full():
    asked = []

    def uniform(low, high):
        asked.append((low, high))
        return 0.125

    wait = RetryPolicy(backoff=2).wait_before_retry("GET", NEVER_SENT, 2, uniform=uniform)
    assert wait == 0.125
    assert asked == [(0, 4)]


@drawn(50)
@given(st.integers(1, 50), st.floats(0, 5), st.floats(0, 20))
def test_the_wait_by_chance_stays_within_its_bounds(attempt, backoff, backoff_max):
    policy = RetryPolicy(50, backoff, backoff_max)
    wait = policy.wait_before_retry("GET", NEVER_SENT, attempt)
    assert 0 <= wait <= min(backoff_max, backoff * 2 ** (attempt - 1))


@for_all("seconds", [0, 0.0, 1.5, 59.9, 60.0])
@for_all("kind", [NEVER_SENT, NOT_ACTED_ON])
def test_the_wait_that_the_service_asks_for_is_kept(seconds, kind):
    policy = RetryPolicy(backoff_max=1)
    assert policy.wait_before_retry("POST", kind, 1, seconds, uniform=never) == seconds


@for_all("seconds", [60.001, 61, 3600, float("inf")])
def test_a_longer_wait_is_left_to_the_caller(seconds):
    assert RetryPolicy().wait_before_retry("GET", NOT_ACTED_ON, 1, seconds) is None


def test_how_long_the_service_may_make_us_wait_can_be_set():
    policy = RetryPolicy(retry_after_max=2)
    assert policy.wait_before_retry("GET", NOT_ACTED_ON, 1, 2) == 2
    assert policy.wait_before_retry("GET", NOT_ACTED_ON, 1, 3) is None


def test_a_wait_that_is_asked_for_does_not_buy_an_attempt():
    assert RetryPolicy(1).wait_before_retry("GET", NOT_ACTED_ON, 2, 0) is None
    assert RetryPolicy(1).wait_before_retry("POST", MAYBE_ACTED_ON, 1, 0) is None
    assert RetryPolicy(1).wait_before_retry("GET", FINAL, 1, 0) is None


@for_all("value", [True, False, 1.0, "3", None, 1.5])
def test_retries_is_a_whole_number(value):
    with pytest.raises(TypeError) as caught:
        RetryPolicy(retries=value)
    assert str(caught.value) == f"retries must be a whole number, not {type(value).__name__}"


@for_all("name", ["backoff", "backoff_max", "retry_after_max"])
@for_all("value", [True, "1", None, 1j])
def test_the_others_are_numbers(name, value):
    with pytest.raises(TypeError) as caught:
        RetryPolicy(**{name: value})
    assert (
        str(caught.value)
        == f"{name} must be a finite number of 0 or more, not {type(value).__name__}"
    )


@for_all("name", ["retries", "backoff", "backoff_max", "retry_after_max"])
@for_all("value", [-1, -10])
def test_none_is_negative(name, value):
    with pytest.raises(ValueError, match="0 or more") as caught:
        RetryPolicy(**{name: value})
    assert str(caught.value) == f"{name} must be a finite number of 0 or more, not {value!r}"


@for_all("name", ["backoff", "backoff_max", "retry_after_max"])
@for_all("value", [float("nan"), float("inf"), float("-inf")])
def test_none_is_without_end(name, value):
    with pytest.raises(ValueError, match="finite") as caught:
        RetryPolicy(**{name: value})
    assert str(caught.value) == f"{name} must be a finite number of 0 or more, not {value!r}"


@for_all("name", ["retries", "backoff", "backoff_max", "retry_after_max"])
def test_zero_is_allowed(name):
    assert getattr(RetryPolicy(**{name: 0}), name) == 0


def test_of_reads_a_number_or_a_policy():
    policy = RetryPolicy(7)
    assert RetryPolicy.of(policy) is policy
    assert RetryPolicy.of(0) == RetryPolicy(0)
    assert RetryPolicy.of(5) == RetryPolicy(5)
    assert type(RetryPolicy.of(5)) is RetryPolicy


@for_all("value", ["3", None, 1.5, True, (3, 1, 1, 1)])
def test_of_refuses_what_is_neither(value):
    with pytest.raises(TypeError, match="retries must be a whole number"):
        RetryPolicy.of(value)


def test_of_refuses_a_negative_number():
    with pytest.raises(ValueError, match="^retries must be a finite number of 0 or more, not -1$"):
        RetryPolicy.of(-1)


def test_a_policy_cannot_be_changed():
    policy = RetryPolicy()
    with pytest.raises(AttributeError):
        policy.retries = 5
    with pytest.raises(AttributeError):
        policy.anything = 5


def test_a_policy_is_a_value():
    policy = RetryPolicy(2, 0.5, 3, 4)
    for other in (copy.copy(policy), copy.deepcopy(policy), pickle.loads(pickle.dumps(policy))):
        assert other == policy
        assert type(other) is RetryPolicy
    assert RetryPolicy(2) != RetryPolicy(3)
    assert repr(policy) == ("RetryPolicy(retries=2, backoff=0.5, backoff_max=3, retry_after_max=4)")


@for_all("retry_after", [None, 0.0, 5.0])
@for_all("status", [0, 300, 307, 400, 404, 406, 408, 428, 429, 430, *range(500, 507), 599, 600])
def test_what_a_status_means(status, retry_after):
    if status in (406, 429) or (status == 503 and retry_after is not None):
        expected = NOT_ACTED_ON
    elif status in (502, 503, 504):
        expected = MAYBE_ACTED_ON
    else:
        expected = FINAL
    assert kind_of_status(status, retry_after) == expected


@for_all(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("5", 5.0),
        (" 120 ", 120.0),
        ("", None),
        (" ", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
        ("5 s", None),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), 0.0),
        (formatdate(NOW, usegmt=True), 0.0),
        ("Wed, 99 Foo 2099 99:99:99 GMT", None),
        ("Tue, 14 Nov 2023 23:13:20 +0100", 0.0),
        ("Tue, 14 Nov 2023 23:14:20 +0100", 60.0),
        ("Tue, 14 Nov 99999999999 23:14:20 GMT", None),
        ("-Jan- 00:00 GMT", None),
        ("Tuesday, 14-Nov-23 22:14:20 GMT", 60.0),
        ("Tue Nov 14 22:14:20 2023", 60.0),
        ("\t120 ", 120.0),
        ("\xa05", None),
        ("5\n", None),
        ("9" * 100, float("9" * 100)),
        ("9" * 101, None),
        ("9" * 5000, None),
        (" " * 100 + "5", None),
    ],
)
def test_retry_after_is_read(value, seconds):
    assert parse_retry_after(value, lambda: NOW) == seconds


def test_the_clock_is_the_one_of_the_moment(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW)
    assert parse_retry_after(formatdate(NOW + 30, usegmt=True)) == 30.0


def test_seconds_ask_no_clock():
    assert parse_retry_after("5", never) == 5.0


LIKE_A_DATE = st.text("JanFebMonTueGMT0123456789 ,:-+%\t", max_size=60)


@drawn(300)
@given(texts(max_size=120) | LIKE_A_DATE)
@example("-Jan- 00:00 GMT")
@example("-" * 10**6)
@example("Mon, " * 10**6)
@example("9" * 10**7)
def test_no_retry_after_breaks_the_reader(value):
    begun = time.process_time()
    seconds = parse_retry_after(value, lambda: NOW)
    assert seconds is None or 0 <= seconds < float("inf")
    assert time.process_time() - begun < 1


def test_a_policy_is_changed_by_the_rules_of_its_making():
    policy = RetryPolicy(2)
    assert policy._replace(backoff=1) == RetryPolicy(2, 1)
    with pytest.raises(ValueError, match="retries"):
        policy._replace(retries=-5)
    assert policy != tuple(policy)
    assert hash(policy) == hash(RetryPolicy(2))
