"""_clock: durations as they are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from cases import for_all

from wavefront_api_client.tokens._clock import duration


@for_all(
    ("value", "time"),
    [
        ("45s", timedelta(seconds=45)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(hours=24)),
        ("90d", timedelta(days=90)),
        ("2w", timedelta(weeks=2)),
        ("0h", timedelta(0)),
        ("36525d", timedelta(days=36525)),
        (timedelta(0), timedelta(0)),
        (timedelta(microseconds=1), timedelta(microseconds=1)),
    ],
)
def test_a_duration_is_a_timedelta_or_text(value, time):
    assert duration(value, "grace") == time


@for_all(
    "value",
    ["", "5", "d", "1.5h", "-1d", "1 d", " 1d", "1d ", "1D", "1y", "9" * 9 + "d", "\u0663d"],
)
def test_another_text_is_refused_with_what_to_write(value):
    with pytest.raises(ValueError, match='^grace must be like "90d", "24h",') as caught:
        duration(value, "grace")
    assert repr(value) in str(caught.value)


@for_all("value", ["36526d", "99999999w", timedelta.max, timedelta(-1)])
def test_a_duration_is_not_negative_and_at_most_a_hundred_years(value):
    with pytest.raises(ValueError, match="^grace must be from 0 to 100 years"):
        duration(value, "grace")


@for_all("value", [30, 1.5, None, b"24h", True, date(2026, 1, 1)])
def test_another_type_is_refused(value):
    with pytest.raises(TypeError, match="^grace must be a timedelta, or text") as caught:
        duration(value, "grace")
    assert type(value).__name__ in str(caught.value)
    assert "for none" not in str(caught.value)


@for_all("value", [0, 0.0, False])
def test_zero_is_refused_with_how_to_say_none(value):
    with pytest.raises(TypeError, match=r'write timedelta\(0\) or "0h"$'):
        duration(value, "grace")
