"""_core.limits: every way of writing a time limit, read into one value."""

from __future__ import annotations

import math
from threading import TIMEOUT_MAX

import pytest
import urllib3
from cases import for_all

from wavefront_api_client._core.limits import Timeouts, parse_timeout

RULE = "a timeout is seconds above 0, a (connect, read) pair of them or a urllib3.Timeout"
WRONG_TYPE = RULE + ", not {}"
WRONG_VALUE = RULE + ", not {!r}"
WRONG_LENGTH = RULE + ", not {} values"


def limits(value):
    parsed = parse_timeout(value)
    return parsed.connect, parsed.read, parsed.total


def test_none_is_no_limit():
    assert limits(None) == (None, None, None)


@for_all("seconds", [1, 0.3, 60, 1e-9, 5e-324, TIMEOUT_MAX])
def test_a_number_bounds_the_whole_call(seconds):
    assert limits(seconds) == (seconds, seconds, seconds)


@for_all("kind", [tuple, list])
@for_all(("connect", "read"), [(1, 2), (0.5, 60), (None, 2), (1, None)])
def test_a_pair_bounds_connecting_and_reading(kind, connect, read):
    assert limits(kind((connect, read))) == (connect, read, None)


@for_all(
    "value",
    ["1", b"1", True, False, {}, {1, 2}, object(), 1j],
)
def test_other_types_are_refused(value):
    with pytest.raises(TypeError) as caught:
        parse_timeout(value)
    assert str(caught.value) == WRONG_TYPE.format(type(value).__name__)


@for_all("value", ["1", True, (1,)])
@for_all("place", [0, 1])
def test_other_types_inside_a_pair_are_refused(value, place):
    pair = [1, 1]
    pair[place] = value
    with pytest.raises(TypeError) as caught:
        parse_timeout(tuple(pair))
    assert str(caught.value) == WRONG_TYPE.format(type(value).__name__)


@for_all(
    "value",
    [0, 0.0, -1, -0.5, math.nan, math.inf, -math.inf, TIMEOUT_MAX * 2, 10**400],
)
def test_numbers_that_are_no_time_are_refused(value):
    with pytest.raises(ValueError, match="above 0") as caught:
        parse_timeout(value)
    assert str(caught.value) == WRONG_VALUE.format(value)


@for_all("value", [0, -1, math.nan, math.inf])
@for_all("place", [0, 1])
def test_numbers_that_are_no_time_are_refused_inside_a_pair(value, place):
    pair = [1, 1]
    pair[place] = value
    with pytest.raises(ValueError, match="above 0") as caught:
        parse_timeout(tuple(pair))
    assert str(caught.value) == WRONG_VALUE.format(value)


@for_all("values", [(), (1,), (1, 2, 3), [], [1, 2, 3, 4]])
def test_a_pair_has_two_values(values):
    with pytest.raises(ValueError, match="pair") as caught:
        parse_timeout(values)
    assert str(caught.value) == WRONG_LENGTH.format(len(values))


@for_all(
    ("timeout", "expected"),
    [
        (urllib3.Timeout(connect=1, read=2, total=3), (1, 2, 3)),
        (urllib3.Timeout(connect=1, read=2), (1, 2, None)),
        (urllib3.Timeout(connect=1, read=None), (1, None, None)),
        (urllib3.Timeout(connect=None, read=0.5), (None, 0.5, None)),
        (urllib3.Timeout(connect=1), (1, None, None)),
        (urllib3.Timeout(read=2), (None, 2, None)),
        (urllib3.Timeout(), (None, None, None)),
        (urllib3.Timeout(total=None), (None, None, None)),
    ],
)
def test_a_urllib3_timeout_is_read(timeout, expected):
    assert limits(timeout) == expected


@pytest.mark.parametrize(
    ("arguments", "connect"),
    [({"total": 5}, 5), ({"total": 0.5}, 0.5), ({"connect": 1, "total": 3}, 1)],
    ids=str,
)
def test_a_urllib3_timeout_with_a_total_and_no_read_limit_is_read(arguments, connect):
    timeouts = parse_timeout(urllib3.Timeout(**arguments))
    assert timeouts.total == arguments["total"]
    assert timeouts.connect == connect
    assert timeouts.read in (None, arguments["total"])


def test_the_smaller_of_connect_and_total_limits_connecting():
    assert parse_timeout(urllib3.Timeout(connect=9, read=1, total=3)).connect == 3


@for_all("name", ["connect", "read", "total"])
@for_all("value", [math.inf, math.nan])
def test_a_urllib3_timeout_without_end_is_refused_as_a_number_is(name, value):
    with pytest.raises(ValueError, match="above 0"):
        parse_timeout(urllib3.Timeout(**{"connect": 1, "read": 1, name: value}))


def test_the_deadline_of_a_call_that_has_begun_stays():
    assert Timeouts(1, 2, 30).deadline(100.0) == 130.0
    assert Timeouts(1, 2, 30, 110.0).deadline(100.0) == 110.0
    assert Timeouts(1, 2, None).deadline(100.0) is None
