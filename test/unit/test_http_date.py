"""_core.http_date: the three formats of a date in HTTP, and nothing else."""

from __future__ import annotations

import calendar
import email.utils
import locale
import sys
import time
from datetime import datetime, timezone

from cases import for_all
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wavefront_api_client._core.http_date import MONTHS, parse_http_date

NOW = 1_700_000_000.0
"""14 November 2023."""

THE_ONE_OF_THE_RFC = 784111777.0

fuzzed = settings(derandomize=True, deadline=None, max_examples=200)


def at(year):
    return calendar.timegm((year, 6, 1, 0, 0, 0))


def imf(moment):
    return email.utils.format_datetime(moment, usegmt=True)


def rfc850(moment):
    day = ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")[moment.weekday()]
    month = MONTHS[moment.month - 1]
    return f"{day}day, {moment.day:02}-{month}-{moment.year % 100:02} {moment:%H:%M:%S} GMT"


def asctime(moment):
    return time.asctime(moment.timetuple())


@for_all(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 09:49:37 +0100",
        "Sun, 06 Nov 1994 03:19:37 -0530",
    ],
)
def test_the_date_of_the_rfc(text):
    assert parse_http_date(text, NOW) == THE_ONE_OF_THE_RFC


@for_all(
    "text",
    [
        "",
        "-Jan- 00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 EST",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 29-Feb-23 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 94",
        "1994-11-06T08:49:37Z",
        "S" + "u" * 100 + ", 06-Nov-94 08:49:37 GMT",
    ],
)
def test_what_is_no_date_of_http(text):
    assert parse_http_date(text, NOW) is None


def test_a_leap_second():
    before = parse_http_date("Sat, 31 Dec 2016 23:59:59 GMT", NOW)
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", NOW) == before + 1
    assert parse_http_date("Sun, 01 Jan 2017 00:00:00 GMT", NOW) == before + 1


@for_all(
    ("this_year", "digits", "meant"),
    [
        (2023, 23, 2023),
        (2023, 24, 2024),
        (2023, 0, 2000),
        (2023, 73, 2073),
        (2023, 74, 1974),
        (2023, 99, 1999),
        (2060, 94, 2094),
        (2060, 11, 2011),
        (2060, 10, 2110),
        (2099, 0, 2100),
        (2099, 49, 2149),
        (2099, 50, 2050),
    ],
)
def test_a_year_of_two_digits_is_at_most_fifty_years_away(this_year, digits, meant):
    text = f"Sunday, 01-Jun-{digits:02} 00:00:00 GMT"
    assert parse_http_date(text, at(this_year)) == at(meant)


def test_a_year_of_two_digits_after_the_last_year_is_none():
    assert parse_http_date("Sunday, 01-Jun-00 00:00:00 GMT", at(9999)) is None
    assert parse_http_date("Sunday, 01-Jun-00 00:00:00 GMT", 1e30) is None


MOMENTS = st.datetimes(
    datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(timezone.utc)
)


@fuzzed
@given(MOMENTS)
@example(datetime(2024, 2, 29, 23, 59, 59, tzinfo=timezone.utc))
def test_it_agrees_with_the_email_package(moment):
    moment = moment.replace(microsecond=0)
    for text in (imf(moment), asctime(moment)):
        expected = email.utils.mktime_tz((*email.utils.parsedate_tz(text)[:9], 0))
        assert parse_http_date(text, NOW) == expected == moment.timestamp()


@fuzzed
@given(st.datetimes(datetime(1974, 1, 1), datetime(2073, 12, 31), timezones=st.just(timezone.utc)))
def test_a_short_year_means_the_moment_it_was_written_for(moment):
    moment = moment.replace(microsecond=0)
    assert parse_http_date(rfc850(moment), NOW) == moment.timestamp()


@fuzzed
@given(MOMENTS, st.integers(-1439, 1439))
def test_zones(moment, minutes):
    text = f"{imf(moment)[:-3]}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    expected = email.utils.mktime_tz(email.utils.parsedate_tz(text))
    assert parse_http_date(text, NOW) == expected


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=60), MOMENTS, st.integers(0, 40), st.integers(0, 4))
def test_damaged_dates_are_read_or_refused(damage, moment, place, length):
    for form in (imf, rfc850, asctime):
        text = form(moment)
        seconds = parse_http_date(text[:place] + damage + text[place + length :], NOW)
        assert seconds is None or isinstance(seconds, float)


def test_the_locale_does_not_matter():
    before = locale.setlocale(locale.LC_TIME)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "ja_JP.UTF-8"):
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            assert parse_http_date("Tue, 06 Dec 1994 08:49:37 GMT", NOW) == 786703777.0
        finally:
            locale.setlocale(locale.LC_TIME, before)


def test_no_module_that_knows_locales_is_involved():
    source = sys.modules["wavefront_api_client._core.http_date"]
    assert not {"time", "locale", "calendar", "email"} & set(vars(source))
