"""_output: how long ago something was."""

from __future__ import annotations

import pytest

from wavefront_api_client.cli._output import ago


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


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "now"), (150, "2min"), (86400 * 45, "45d"), (86400 * 400, "13mo")]
)
def test_they_are_short_where_there_is_little_room(seconds, text):
    assert ago(seconds, short=True) == text
