"""Reads the dates of HTTP headers: the three formats of RFC 9110, 5.6.7, in any locale."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MONTH = f"(?P<month>{'|'.join(MONTHS)})"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_ZONE = r"(?:GMT|UTC|(?P<sign>[+-])(?P<hours>\d\d)(?P<minutes>\d\d))"

_FORMATS = [
    # Sun, 06 Nov 1994 08:49:37 GMT, and with another zone, as it comes from mail.
    rf"(?:[A-Z][a-z]{{2}}, )?(?P<day>\d\d?) {_MONTH} (?P<year>\d{{4}}) {_TIME} {_ZONE}",
    # Sunday, 06-Nov-94 08:49:37 GMT
    rf"[A-Z][a-z]{{5,8}}, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",
    # Sun Nov  6 08:49:37 1994
    rf"[A-Z][a-z]{{2}} {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse_http_date(text: str, now: float) -> float | None:
    """The time that a date means.

    :param text: a date.
    :param now: current time in epoch seconds: a year of two digits is at most 50 years ahead.
    :return: epoch seconds, None if it is no date of HTTP.
    """
    for form in _FORMATS:
        # Patterns are compiled when first needed: hardly any answer holds a date.
        found = re.fullmatch(form, text, re.ASCII)
        if found:
            return _time(found.groupdict(), now)
    return None


def _time(parts: dict[str, str], now: float) -> float | None:
    year, day = int(parts["year"]), int(parts["day"])
    month = MONTHS.index(parts["month"]) + 1
    hour, minute, second = (int(parts[name]) for name in ("hour", "minute", "second"))
    if second > 60:
        # 60 is a leap second.
        return None
    try:
        if len(parts["year"]) == 2:
            year = _whole_year(year, (_EPOCH + timedelta(seconds=now)).year)
        start = datetime(year, month, day, hour, minute, tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return None
    return (start - _EPOCH).total_seconds() + second - _offset(parts)


def _whole_year(year: int, this_year: int) -> int:
    """The year of two digits that is at most 50 years away, ahead if two are."""
    year += this_year - this_year % 100
    if year > this_year + 50:
        return year - 100
    return year + 100 if year <= this_year - 50 else year


def _offset(parts: dict[str, str]) -> int:
    """Seconds that a zone is ahead."""
    if not parts.get("sign"):
        return 0
    seconds = int(parts["hours"]) * 3600 + int(parts["minutes"]) * 60
    return seconds if parts["sign"] == "+" else -seconds
