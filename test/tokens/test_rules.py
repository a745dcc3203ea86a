"""The rules of an audit, and conditions: pure, at their boundaries."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cases import drawn, for_all, texts
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client._core import wire
from wavefront_api_client.models import ApiTokenModel
from wavefront_api_client.tokens import (
    AuditPolicy,
    AuditReport,
    AuditRow,
    TokenInfo,
    TokenNotFound,
    plan_revocation,
)
from wavefront_api_client.tokens._audit import RULES
from wavefront_api_client.tokens._report import visible
from wavefront_api_client.tokens._text import aligned, cell, csv_table
from wavefront_api_client.tokens._where import parse_where

NOW = datetime(2026, 10, 5, 12, tzinfo=timezone.utc)
NOW_MILLIS = round(NOW.timestamp() * 1000)
DAY = 86_400_000
USED = NOW_MILLIS - DAY


def ago(days, millis=0):
    return NOW_MILLIS - days * DAY - millis


def token(**values):
    return ApiTokenModel.from_dict({"id": "t", "name": "n", "account": "a", **values})


def reported(tokens, policy=None, now=NOW):
    return AuditReport([*tokens], policy or AuditPolicy(), now, "https://example", frozenset())


def found(rule, *tokens, policy=None):
    rows = reported(tokens, policy).rows
    return [place for place, row in enumerate(rows) if rule in row.flags]


@for_all(
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


@for_all("other", [None, USED])
@for_all("use", [0, 0.0, False, "", None, [], 1, -1, "x", True, USED, 10**20])
def test_one_rule_says_whether_a_token_was_never_used(use, other):
    """A plan takes what `list` shows as never used, and nothing else."""
    tokens = [token(last_used=use), token(last_used=other)]
    is_unused = TokenInfo(tokens[0], tells_use=bool(other)).is_unused
    assert (0 in found("never-used", *tokens)) is is_unused


def test_milliseconds_are_told_from_seconds_as_models_do():
    least, most = wire.LEAST_MILLISECONDS, 253_402_300_799_999
    assert reported([token(last_used=least)]).rows[0].last_used.year == 1973
    assert reported([token(last_used=least - 1)]).rows[0].last_used.year == 5138
    assert reported([token(last_used=most)]).rows[0].last_used.year == 9999
    rows = reported([token(last_used=most + 1, created_epoch_millis=10**30)]).rows
    assert rows[0][5:] == (None, None, None, None, ())


def test_a_token_is_stale_a_millisecond_after_its_time():
    policy = AuditPolicy(stale=timedelta(days=30))
    uses = [ago(30), ago(30, 1), 0, None, ago(29), ago(30, 999) // 1000 - 1, ago(29) // 1000]
    tokens = [token(last_used=each) for each in uses]
    assert found("stale", *tokens, policy=policy) == [1, 5]
    assert found("stale", token(last_used=ago(90)), token(last_used=ago(90, 1))) == [1]
    assert found("stale", *tokens, policy=AuditPolicy(stale=None)) == []
    assert found("stale", *tokens, policy=AuditPolicy(stale="30d")) == [1, 5]


@for_all(
    ("values", "error", "said"),
    [
        ({"stale": 30}, TypeError, "^stale must be a timedelta, or text"),
        ({"stale": 0}, TypeError, 'write timedelta\\(0\\) or "0h"$'),
        ({"max_age": 365.0}, TypeError, "^max_age must be a timedelta, or text"),
        ({"max_age": "365"}, ValueError, "^max_age must be like"),
        ({"stale": timedelta.max}, ValueError, "^stale must be from 0 to 100 years"),
        ({"stale": timedelta(-1)}, ValueError, "^stale must be from 0 to 100 years"),
        ({"near_limit": "18"}, TypeError, "^near_limit must be a number of tokens, not '18'"),
        ({"near_limit": True}, TypeError, "^near_limit must be"),
        ({"near_limit": 0}, ValueError, "^near_limit must be from 1 to 20, not 0"),
        ({"near_limit": 21}, ValueError, "^near_limit must be from 1 to 20, not 21"),
    ],
)
def test_a_policy_refuses_what_cannot_be_meant(values, error, said):
    with pytest.raises(error, match=said):
        AuditPolicy(**values)


def test_a_policy_is_a_value():
    policy = AuditPolicy("60d", None, near_limit=20)
    assert policy == AuditPolicy(stale=timedelta(days=60), max_age=None, near_limit=20)
    assert policy != AuditPolicy()
    assert hash(policy) == hash(AuditPolicy("60d", None, 20))
    assert repr(AuditPolicy(None, None)) == "AuditPolicy(stale=None, max_age=None, near_limit=18)"
    with pytest.raises(AttributeError):
        policy.stale = None


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


@for_all(
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


NEW, OTHER, OUT = "ci ~new-1f3a9c2e", "ci ~new-00000000", "ci ~out-1f3a9c2e"
OVER, RUNNING = "ci ~old-00000000-20261005T1159Z", "ci ~old-00000000-20261006T1200Z"
HOUR = 3_600_000


@for_all(
    ("family", "places"),
    [
        ([("ci", 0), (NEW, HOUR - 1)], []),
        ([("ci", 0), (NEW, HOUR)], [1]),
        ([("ci", 0), (NEW, None)], [1]),
        ([("ci", 0), (NEW, -HOUR)], []),
        ([(OVER, 0), (NEW, HOUR - 1)], []),
        ([(RUNNING, 0), (NEW, 9 * HOUR)], []),
        ([(RUNNING, 0), ("ci", 9 * HOUR)], []),
        ([(OVER, 0), (NEW, 9 * HOUR)], [0, 1]),
        ([(OVER, 0), ("ci", 9 * HOUR)], [0]),
        ([("ci", 0), (OTHER, 9 * HOUR), (NEW, 1)], []),
        ([(OUT, 9 * HOUR)], [0]),
    ],
)
def test_nothing_of_a_rotation_at_work_is_flagged(family, places):
    """It is at work while a grace runs, or a new token is younger than an hour."""
    tokens = [
        token(name=name, created_epoch_millis=None if age is None else NOW_MILLIS - age)
        for name, age in family
    ]
    assert found("interrupted-rotation", *tokens) == places
    # That of another account, or of another name, says nothing about it.
    others = [
        token(name=NEW, account="b", created_epoch_millis=NOW_MILLIS - HOUR),
        token(name=NEW.replace("ci", "cd"), created_epoch_millis=NOW_MILLIS - HOUR),
    ]
    size = len(tokens)
    assert found("interrupted-rotation", *tokens, *others) == [*places, size, size + 1]


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


def test_ages_are_counted_up_to_the_end_of_their_class():
    ages = [0, 30, 31, 90, 91, 180, 181, 365, 366, 730, 731, None, -3]
    made = [None if age is None else ago(age) for age in ages]
    found = reported([token(created_epoch_millis=each) for each in made]).ages
    assert found == {
        "30 days": 3,
        "90 days": 2,
        "180 days": 2,
        "1 year": 2,
        "2 years": 2,
        "older": 1,
        "unknown": 1,
    }
    assert list(found) == [
        "30 days", "90 days", "180 days", "1 year", "2 years", "older", "unknown",
    ]  # fmt: skip


def test_what_is_no_text_is_shown_as_one():
    report = reported([token(name=5, account=["a"], account_type=None), token(account=None)])
    assert [row[2:5] for row in report.rows] == [("5", "['a']", None), ("n", None, None)]
    assert report.accounts == {"['a']": 1, "": 1}


@for_all(
    ("customers", "one"),
    [([], None), ([None], None), (["a", "a"], "a"), (["a", None], "a"), (["a", "b"], None)],
)
def test_a_report_knows_whose_tokens_it_has(customers, one):
    assert reported([token(customer=each) for each in customers]).customer == one


# Conditions


def row(made=None, used=None, flags=(), account="sa::ci", name="ci"):
    created, last_used = (each and NOW - timedelta(**each) for each in (made, used))
    return AuditRow("0123456789", "***", name, account, None, created, last_used, None, None, flags)


def holds(text, row):
    return all(term.holds(row, NOW) for term in parse_where(text))


LATE = {"days": 90, "milliseconds": 1}
UNUSED = ("never-used",)


@for_all(
    ("text", "row", "is_held"),
    [
        ("never-used", row(flags=("stale", "never-used")), True),
        ("never-used", row(flags=("stale",)), False),
        ("age>90d", row(made=LATE), True),
        ("age>90d", row(made={"days": 90}, used=LATE), False),
        ("age>90d", row(), False),
        ("age>0d", row(made={"milliseconds": 1}), True),
        ("age>0d", row(made={"days": 0}), False),
        ("age>25h", row(made={"hours": 26}), True),
        ("age>45s", row(made={"seconds": 46}), True),
        ("idle>90d", row(made={"days": 9}, used=LATE), True),
        ("idle>90d", row(made=LATE, used={"days": 90}), False),
        ("idle>90d", row(made=LATE, flags=UNUSED), False),
        ("unused>90d", row(made=LATE, used={"days": 1}), False),
        ("unused>90d", row(made={"days": 1}, used=LATE), True),
        ("unused>90d", row(made=LATE, flags=UNUSED), True),
        ("unused>90d", row(made={"days": 90}, flags=UNUSED), False),
        ("unused>90d", row(made=LATE), False),
        ("account=sa::ci", row(), True),
        ("account=sa::c", row(), False),
        ("name=a=b>c", row(name="a=b>c"), True),
        ("name=sa::ci", row(), False),
        ("name= ci ", row(name=" ci "), True),
        ("name=ci ", row(), False),
        ("name=ci ,stale", row(name="ci ", flags=("stale",)), True),
        ('name="a, b"', row(name="a, b"), True),
        ("name='a \"b\"'", row(name='a "b"'), True),
        (' name=" ci" , stale', row(name=" ci", flags=("stale",)), True),
        ('name=""', row(name=""), True),
        ("name=a\nb", row(name="a\nb"), True),
        ("name=it's", row(name="it's"), True),
        ("stale, age>1d", row(made={"days": 2}, flags=("stale",)), True),
        ("stale, age>1d", row(made={"days": 2}), False),
        ("stale, age>1d", row(made={"days": 0}, flags=("stale",)), False),
    ],
)
def test_a_condition_holds_if_all_of_its_parts_do(text, row, is_held):
    assert holds(text, row) is is_held


@for_all(
    "text",
    [
        *("", "stale,", ",stale", "nonsense", "age<90d", "idle=3d", "token=x", "name=", "account="),
        *("name=,stale", 'name="a', 'name="a"b', "name='a'b", "stale\n,x", "Stale"),
    ],
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(ValueError, match="is not a condition: use never-used, stale"):
        parse_where(text)


@for_all("text", ["age>", "age>90", "idle>90", "unused>soon", "age>99999d"])
def test_the_time_of_a_condition_is_a_duration(text):
    with pytest.raises(ValueError, match="^(age|idle|unused) must be "):
        parse_where(text)


def test_who_writes_a_wrong_condition_is_told_the_right_ones():
    with pytest.raises(ValueError) as caught:
        parse_where("stale,nonsense>,old")
    told = f"'nonsense>' is not a condition: use {', '.join(RULES)}, age>90d, idle>90d,"
    assert str(caught.value).startswith(f"{told} unused>90d, account=ID and name=NAME, ")


def test_a_condition_holds_no_token():
    text = "name=01234567-89ab-cdef-0123-456789abcdef"
    with pytest.raises(ValueError, match="^a condition cannot hold a token") as caught:
        parse_where(text)
    assert text[5:] not in str(caught.value)


@for_all(
    "text", ["account=jnae@example.com", "stale,name=cl", "name=CI", "account=''", "name='ci '"]
)
def test_an_account_or_a_name_that_there_is_not_is_an_error(text):
    report = reported([token(name="ci", account="jane@example.com")])
    with pytest.raises(
        TokenNotFound, match=r"^no token has the (account|name) '.*': check how it is written$"
    ):
        plan_revocation(report, text)
    assert plan_revocation(report, "stale,name=ci,account=jane@example.com").tokens == ()


@drawn(100)
@given(
    age=st.integers(-5, 5000),
    idle=st.none() | st.integers(0, 5000),
    limit=st.integers(0, 5),
    name=texts(max_size=5),
    other=st.sampled_from(["ci", "", "a, b", " ci"]),
)
def test_conditions_and_rules_count_alike(age, idle, limit, name, other):
    """Drawn tokens, some a millisecond from the limit: what a rule finds, its condition takes."""
    names = [name, other, "ci"]
    tokens = [
        token(
            id=f"t{place}",
            name=each,
            created_epoch_millis=NOW_MILLIS - age,
            last_used=0 if idle is None else NOW_MILLIS - idle,
        )
        for place, each in enumerate(names)
    ]
    time = timedelta(seconds=limit)
    policy = AuditPolicy(stale=time, max_age=time)
    for now in (NOW, NOW.astimezone(timezone(timedelta(hours=5)))):
        report = reported(tokens, policy, now)
        for rule, text in (("old", "age"), ("stale", "idle")):
            plan = plan_revocation(report, f"{text}>{limit}s")
            flagged = [each.handle for each in report.findings[rule]]
            assert [each.handle for each in plan.tokens] == flagged
        same = plan_revocation(report, "never-used")
        unused = plan_revocation(report, f"unused>{limit}s")
        both = plan_revocation(report, f"age>{limit}s" if idle is None else f"idle>{limit}s")
        assert unused == both
        assert len(same.tokens) == (3 if idle is None else 0)
        quote = "'" if '"' in name else '"'
        if quote not in name:
            found = plan_revocation(report, f"name={quote}{name}{quote},age>0s").tokens
            assert len(found) == (names.count(name) if age > 0 else 0)


# What people and their programs get to see


@for_all(
    ("value", "shown"),
    [
        ("ci", "ci"),
        ("", ""),
        (None, ""),
        (5, "5"),
        (["a", "b"], "a b"),
        (["=a"], "'=a"),
        ("a=b", "a=b"),
        ("a ;b", "a ;b"),
        ("a\ud800", "a\\ud800"),
        *(
            (text, f"'{text}")
            for text in ["=1", "+1", "-1", "@x", " \u2003+1", "\uff1d1", "\xa0=1", '"=1']
        ),
        ("\t=1", "'\t'=1"),
        ("a;=1", "a;'=1"),
        ('a;  "=1', "a;'  \"=1"),
        ("a\t+1;-2", "a\t'+1;'-2"),
        ("a\r\n@x", "a\r\n'@x"),
        ("a\n=1", "a\n'=1"),
    ],
)
def test_a_cell_is_no_formula(value, shown):
    assert cell(value) == shown
    assert cell(shown) == shown


def test_a_table_has_its_columns_in_order_and_quotes_each_cell():
    assert csv_table([{"a": 1, "b": 'x,"y"'}, {"b": None, "a": "="}], ["b", "a"]) == (
        '"b","a"\r\n"x,""y""","1"\r\n"","\'="\r\n'
    )


def test_a_table_for_people_is_aligned_and_shows_what_cannot_be_seen():
    assert aligned([("A", "BB", "C"), ("x\n", "", "\x1b"), ("x", "yyy", "")]) == (
        "A    BB   C\nx\\n       \\x1b\nx    yyy"
    )


@for_all(
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
