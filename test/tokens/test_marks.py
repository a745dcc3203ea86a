"""What names say, and how they are written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cases import for_all

from wavefront_api_client.tokens._marks import (
    Marked,
    checked,
    deadline_of,
    parse,
    replaced,
    with_word,
)

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=timezone.utc)


@for_all(
    ("name", "parts"),
    [
        ("ci", Marked("ci")),
        ("", Marked("")),
        ("ci ~new-1f3a9c2e", Marked("ci", "new")),
        ("ci ~out-1f3a9c2e", Marked("ci", "out")),
        ("ci ~mint-1f3a9c2e", Marked("ci", "mint")),
        ("ci ~old-1f3a9c2e-20261005T1200Z", Marked("ci", "old", 0x1F3A9C2E, NOON)),
        ("a ~b\n☃ ~new-00000000", Marked("a ~b\n☃", "new")),
        ("ci ~new-00000000 ~new-11111111", Marked("ci ~new-00000000", "new")),
        ("ci ~old-00000000-20261005T1200Z ~new-11111111", Marked("ci ~old-00000000-20261005T1200Z", "new")),
        *(
            (name, Marked(name))
            for name in [
                " ~new-1f3a9c2e",
                "ci~new-1f3a9c2e",
                "ci ~new-1f3a9c2",
                "ci ~new-1f3a9c2e ",
                "ci ~new-1F3A9C2E",
                "ci ~new-1f3a9c2e-20261005T1200Z",
                "ci ~old-1f3a9c2e",
                "ci ~old-1f3a9c2e-20261305T1200Z",
                "ci ~old-1f3a9c2e-20261005T1200",
                "ci ~old-1f3a9c2e-٢0261005T1200Z",
                "ci ~own-1f3a9c2e",
                "x~new-1f3a9c2e y",
            ]
        ),
    ],
)  # fmt: skip
def test_the_parts_of_a_name(name, parts):
    assert parse(name) == parts


def test_what_is_written_can_be_read():
    assert with_word("ci", "new", "1f3a9c2e") == "ci ~new-1f3a9c2e"
    used = datetime(2026, 10, 5, 11, 59, 59, 999999, tzinfo=timezone.utc)
    name = replaced("ci", used, NOON)
    assert name == f"ci ~old-{int(used.timestamp()):x}-20261005T1200Z"
    assert parse(name) == Marked("ci", "old", int(used.timestamp()), NOON)
    assert parse(replaced("ci", None, NOON)).last_used == 0
    far = datetime(9999, 1, 1, tzinfo=timezone.utc)
    assert parse(replaced("ci", far, far)) == Marked("ci", "old", 0xFFFFFFFF, far)


@for_all(
    ("seconds", "grace", "minutes"),
    [(0, 0, 0), (59, 0, 0), (0, 60, 1), (1, 60, 2), (1, 1, 1), (59, 1, 1), (0, 3600, 60)],
)
def test_a_deadline_is_not_before_the_grace_is_over(seconds, grace, minutes):
    found = deadline_of(NOON + timedelta(seconds=seconds), timedelta(seconds=grace))
    assert found == NOON + timedelta(minutes=minutes)


def test_a_deadline_knows_what_is_less_than_a_second():
    now = NOON + timedelta(microseconds=1)
    assert deadline_of(now, timedelta(0)) == NOON
    assert deadline_of(now, timedelta(minutes=1)) == NOON + timedelta(minutes=2)


def test_no_token_is_given_the_name_of_a_state():
    assert checked("ci ~newest") == "ci ~newest"
    with pytest.raises(ValueError, match="^the name of a token cannot be empty$"):
        checked("")
    with pytest.raises(ValueError, match="reads like the mark"):
        checked("ci ~new-1f3a9c2e")
