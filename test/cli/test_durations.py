"""_durations: spans of time as people write them, and how long ago something was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wavefront_api_client.cli._durations import ago, parse_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90d", timedelta(days=90)),
        ("24h", timedelta(days=1)),
        ("30m", timedelta(minutes=30)),
        ("2w", timedelta(days=14)),
        ("0", timedelta()),
        ("0d", timedelta()),
    ],
)
def test_a_span_is_read(text, span):
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    "text",
    ["", "d", "90", "-1d", "+1d", "1.5h", "1 d", " 1d", "1d ", "1D", "1y", "1d2h", "٣d", "36501d"],
)
def test_whatever_is_none_is_refused(text):
    with pytest.raises(ValueError, match="is no span of time|a hundred years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (119, "just now"),
        (120, "2 minutes ago"),
        (3600, "60 minutes ago"),
        (7200, "2 hours ago"),
        (86400, "24 hours ago"),
        (86400 * 45, "45 days ago"),
        (86400 * 400, "13 months ago"),
        (86400 * 731, "2 years ago"),
    ],
)
def test_ages_are_told_in_their_largest_unit(seconds, text):
    assert ago(seconds) == text
