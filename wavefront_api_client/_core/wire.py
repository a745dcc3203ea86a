"""Makes JSON of Python values and back, and text of bodies."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping
from typing import Any

MB = 1024 * 1024

MOST_MEMORY = 512 * MB
"""Bytes that the values of a JSON text may take."""

ALWAYS_FITS = 2 * MB
"""Characters of a text whose values always take less than that: 10,000 tokens."""

OBJECT, LIST, ITEM, WIDE_ITEM = 288, 112, 192, 256
"""Bytes that an object, a list, and each item of either take at most, without its characters."""

OF_NAMES = frozenset(
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
"""The characters of the name of a header (RFC 9110, section 5.6.2)."""

LEAST_MILLISECONDS = 100_000_000_000
"""A smaller number counts seconds: as milliseconds it would be a day before March 1973."""

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def as_text(value: Any) -> Any:
    """Text for bytes in UTF-8, a ValueError that does not show others; the rest as it is."""
    if not isinstance(value, (bytes, bytearray)):
        return value
    import six

    try:
        return six.ensure_text(bytes(value))
    except UnicodeDecodeError:
        pass
    raise ValueError("bytes given as text must be UTF-8 (value not shown)")


def as_readable(content: bytes | str) -> str:
    """Text for a body, which a stand-in may have already: what is not UTF-8 in it is replaced."""
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content


def headers_of(response: Any) -> Any:
    """The headers of an answer; a stand-in for one may have only the old method, or nothing."""
    headers = getattr(response, "headers", None)
    if isinstance(headers, Mapping):
        return headers
    return response.getheaders() if hasattr(response, "getheaders") else headers or {}


class TooMuchJson(ValueError):
    """A text whose values could take too much memory."""


def parse(content: bytes | str) -> Any:
    """The value of a JSON text, which is in UTF-8 if it is bytes.

    :raises ValueError: it is not JSON; `TooMuchJson`, its values could take too much memory.
    :raises RecursionError: it is nested more deeply than Python follows.
    """
    text = content if isinstance(content, str) else str(content, "utf-8", "surrogatepass")
    if len(text) > ALWAYS_FITS and most_memory(text) > MOST_MEMORY:
        raise TooMuchJson(f"its values could take more than {MOST_MEMORY // MB} MB of memory")
    return json.loads(text[1:] if text.startswith("\ufeff") else text)


def most_memory(text: str) -> int:
    """Bytes that the values of a JSON text can take, by the signs in it."""
    # Without all other bytes, counting takes a third of the time.
    others = bytes(set(range(256)) - set(b"{[,"))
    signs = text.encode("utf-8", "surrogatepass").translate(None, others)
    objects, lists, commas = map(signs.count, (b"{", b"[", b","))
    is_escaped = "\\" in text
    item = WIDE_ITEM if is_escaped or not text.isascii() else ITEM
    # A part of a text has no wider characters than the whole, except escaped ones.
    characters = 4 * len(text) if is_escaped else sys.getsizeof(text)
    return characters + OBJECT * objects + LIST * lists + item * (commas + objects + lists + 1)


def to_wire(value: Any) -> Any:
    """The JSON value of a Python value: a model without its unset attributes, under JSON keys."""
    try:
        return _to_wire(value)
    except RecursionError:
        pass
    raise ValueError("a value nested too deeply, or in itself, has no JSON form")


def _to_wire(value: Any) -> Any:
    value = as_text(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, list):
        return [_to_wire(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_to_wire(item) for item in value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {as_text(key): _to_wire(item) for key, item in value.items()}
    if hasattr(value, "attribute_map"):
        values = ((key, getattr(value, name)) for name, key in value.attribute_map.items())
        return {key: _to_wire(each) for key, each in values if each is not None}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def moment(value: object) -> datetime.datetime | None:
    """The date, in UTC, for epoch milliseconds, or for seconds, which are told by their size.

    None for what is missing, 0, negative, or no number that a date can have.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
        return None
    milliseconds = value if value >= LEAST_MILLISECONDS else value * 1000
    try:
        return EPOCH + datetime.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
