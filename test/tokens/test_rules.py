"""The rules of an audit and of conditions: pure, at their boundaries."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from wavefront_api_client.models import ApiTokenModel
from wavefront_api_client.tokens import AuditPolicy, AuditRow, parse_duration, parse_where
from wavefront_api_client.tokens._page import visible
from wavefront_api_client.tokens._rules import RULES, ages_of, columns_of
from wavefront_api_client.tokens.spreadsheet import cell, table

NOW = datetime(2026, 10, 5, 12, tzinfo=timezone.utc)
NOW_MILLIS = round(NOW.timestamp() * 1000)
DAY = 86_400_000
USED = NOW_MILLIS - DAY


def ago(days, millis=0):
    return NOW_MILLIS - days * DAY - millis


def token(**values):
    return ApiTokenModel.from_dict({"id": "t", "name": "n", "account": "a", **values})


def found(rule, *tokens, policy=None):
    return RULES[rule](columns_of(tokens), policy or AuditPolicy(), NOW)


@pytest.mark.parametrize(
    ("uses", "never"),
    [
        ([0, USED, None], [0, 2]),
        ([0, None], [0]),
        ([None, None], []),
        ([], []),
        ([0.0, USED, "x", -5, True, float("nan")], [0]),
    ],
)
def test_what_is_missing_means_never_only_where_the_service_tells_of_uses(uses, never):
    assert found("never-used", *(token(last_used=each) for each in uses)) == never


def test_a_token_is_stale_a_millisecond_after_its_time():
    policy = AuditPolicy(stale=timedelta(days=30))
    uses = [ago(30), ago(30, 1), 0, None, ago(29), ago(30, 999) // 1000 - 1, ago(29) // 1000]
    tokens = [token(last_used=each) for each in uses]
    assert found("stale", *tokens, policy=policy) == [1, 5]
    assert found("stale", token(last_used=ago(90)), token(last_used=ago(90, 1))) == [1]
    assert found("stale", *tokens, policy=AuditPolicy(stale=None)) == []
    assert found("stale", *tokens, policy=AuditPolicy(stale=timedelta.max)) == []


def test_a_token_is_old_a_millisecond_after_its_time_by_either_date():
    policy = AuditPolicy(max_age=timedelta(days=30))
    tokens = [
        token(created_epoch_millis=ago(30)),
        token(created_epoch_millis=ago(30, 1)),
        token(created_epoch_millis=None, date_generated=ago(31)),
        token(created_epoch_millis=0, date_generated=ago(31) // 1000),
        token(created_epoch_millis=ago(1), date_generated=ago(31)),
        token(),
    ]
    assert found("old", *tokens, policy=policy) == [1, 2, 3]
    assert found("old", *tokens, policy=AuditPolicy(max_age=None)) == []
    assert found("old", token(created_epoch_millis=ago(365)), *tokens) == []
    assert found("old", token(created_epoch_millis=ago(365, 1)), *tokens) == [0]


def test_a_token_without_a_name_is_unnamed():
    names = ["", "a", None, 0]
    assert found("unnamed", *(token(name=name) for name in names)) == [0, 2]
    assert found("unnamed", token()) == []


def test_an_account_is_near_its_limit_with_so_many_tokens():
    tokens = [token(account=account) for account in ["a", "b", None, "a", None, "a", "c", None]]
    assert found("near-limit", *tokens, policy=AuditPolicy(near_limit=3)) == [0, 3, 5]
    assert found("near-limit", *tokens, policy=AuditPolicy(near_limit=4)) == []
    assert found("near-limit", *[token()] * 18) == list(range(18))
    assert found("near-limit", *[token()] * 17) == []


def test_tokens_of_inactive_service_accounts_are_found():
    kinds = ["SERVICE_ACCOUNT", "INACTIVE_SERVICE_ACCOUNT", None]
    assert found("inactive-account", *(token(account_type=kind) for kind in kinds)) == [1]


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("ci", False),
        ("ci ~new", False),
        ("ci ~new-1f3a9c2e", True),
        ("ci ~mint-1f3a9c2e", True),
        ("ci ~old-00000000-20261005T1159Z", True),
        ("ci ~old-00000000-20261005T1200Z", False),
        ("ci ~old-00000000-20261006T1200Z", False),
        ("ci ~old-00000000-20269906T1200Z", False),
    ],
)
def test_a_rotation_is_interrupted_if_it_did_not_end_in_time(name, is_found):
    assert found("interrupted-rotation", token(), token(name=name)) == [1] * is_found


def test_a_name_is_double_within_its_account():
    pairs = [
        ("a", "x"),
        ("b", "x"),
        ("a", "y"),
        ("a", "x"),
        ("b", ""),
        ("b", ""),
        (None, "z"),
        (None, "z"),
    ]
    tokens = [token(account=account, name=name) for account, name in pairs]
    assert found("duplicate-name", *tokens) == [0, 3, 6, 7]
    assert found("duplicate-name", *tokens[:3]) == []


def test_names_are_told_apart_though_their_hashes_are_not(monkeypatch):
    monkeypatch.setattr("wavefront_api_client.tokens._rules.hash", lambda pair: 1, raising=False)
    assert found("duplicate-name", token(name="a"), token(name="b"), token(name="a")) == [0, 2]


def test_ages_are_counted_up_to_the_end_of_their_class():
    ages = [0, 30, 31, 90, 91, 180, 181, 365, 366, 730, 731, None, -3]
    made = [None if age is None else ago(age) for age in ages]
    columns = columns_of([token(created_epoch_millis=each) for each in made])
    assert ages_of(columns, NOW) == {
        "30 days": 3,
        "90 days": 2,
        "180 days": 2,
        "1 year": 2,
        "2 years": 2,
        "older": 1,
        "unknown": 1,
    }
    assert list(ages_of(columns, NOW)) == [
        "30 days", "90 days", "180 days", "1 year", "2 years", "older", "unknown",
    ]  # fmt: skip


def test_what_is_no_text_is_shown_as_one():
    columns = columns_of([token(name=5, account=["a"], account_type=None)])
    assert columns[:3] == (["5"], ["['a']"], [None])


# Conditions


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("0d", timedelta(0)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        ("90d", timedelta(days=90)),
        ("2w", timedelta(days=14)),
    ],
)
def test_a_time_has_a_unit(text, time):
    assert parse_duration(text) == time


@pytest.mark.parametrize(
    "text", ["", "90", "d", "-1d", "1.5d", "90D", "1y", "90d ", "99999999w", "\u0661d"]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="a time is like 90d, 24h, 30m or 2w, not "):
        parse_duration(text)


def test_a_time_is_a_hundred_years_at_most():
    assert parse_duration("36525d") == timedelta(days=36525)
    with pytest.raises(ValueError, match="^'36526d' is more than a hundred years$"):
        parse_duration("36526d")


def row(age=None, idle=None, flags=(), account="sa::ci", name="ci"):
    return AuditRow("0123456789", "***", name, account, None, None, None, age, idle, flags)


@pytest.mark.parametrize(
    ("text", "row", "holds"),
    [
        ("never-used", row(flags=("stale", "never-used")), True),
        ("never-used", row(flags=("stale",)), False),
        ("age>90d", row(age=90), True),
        ("age>90d", row(age=89, idle=90), False),
        ("age>90d", row(), False),
        ("age>0d", row(age=0), True),
        ("age>25h", row(age=1), False),
        ("idle>2w", row(age=9, idle=14), True),
        ("idle>2w", row(age=99, idle=13), False),
        ("account=sa::ci", row(), True),
        ("account=sa::c", row(), False),
        ("name=a=b>c", row(name="a=b>c"), True),
        ("name=sa::ci", row(), False),
        ("stale, age>1d", row(age=2, flags=("stale",)), True),
        ("stale, age>1d", row(age=2), False),
        ("stale, age>1d", row(age=0, flags=("stale",)), False),
    ],
)
def test_a_condition_holds_if_all_of_its_parts_do(text, row, holds):
    assert parse_where(text)(row) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stale,",
        "nonsense",
        "age<90d",
        "age>",
        "age>90",
        "idle=3d",
        "token=x",
        "name=",
        "account=",
    ],
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(
        ValueError, match="is no condition: there are never-used, stale|a time is like"
    ):
        parse_where(text)


# What people and their programs get to see


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ci", "ci"),
        ("", ""),
        (None, ""),
        (5, "5"),
        (["a", "b"], "a b"),
        (["=a"], "'=a"),
        ("a=b", "a=b"),
        *(
            (text, f"'{text}")
            for text in ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " \n+1", "\uff1d1", "\xa0=1"]
        ),
    ],
)
def test_a_cell_is_no_formula(value, shown):
    assert cell(value) == shown


def test_a_table_has_its_columns_in_order():
    assert table([{"a": 1, "b": 'x,"y"'}, {"b": None, "a": "="}], ["b", "a"]) == (
        'b,a\r\n"x,""y""",1\r\n,\'=\r\n'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("caf\u00e9 \U0001f389 \u05d0", "caf\u00e9 \U0001f389 \u05d0"),
        ("a\x1b[31m\n", "a\\x1b[31m\\n"),
        ("\u202egnp", "\\u202egnp"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_is_not_seen_is_written_out(text, shown):
    assert visible(text) == shown


def test_who_writes_a_wrong_condition_is_told_the_right_ones():
    with pytest.raises(ValueError) as caught:
        parse_where("nonsense")
    told = f"'nonsense' is no condition: there are {', '.join(RULES)}, age>90d, idle>90d,"
    assert str(caught.value) == f"{told} account=ID and name=NAME"
