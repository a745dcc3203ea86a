"""Python values become JSON values and back; bodies become text."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable

    Reader = Callable[[Any], Any]


MB = 1024 * 1024

MOST_MEMORY = 512 * MB
"""Bytes that the values of a JSON text may take."""

ALWAYS_FITS = 2 * MB
"""Characters of a text whose values take less than that, whatever they are: 10,000 tokens."""

OBJECT, LIST, ITEM, WIDE_ITEM = 288, 112, 192, 256
"""Bytes that an object, a list, and each item of either take at most, without its characters."""

LONGEST_DATE = 100
"""Characters of a date: whatever is longer takes its time to read, and is none."""

LEAST_MILLISECONDS = 100_000_000_000
"""A smaller number counts seconds: as milliseconds it would be a day before March 1973."""

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def as_text(value: Any) -> Any:
    """Text for bytes that hold UTF-8; anything else as it is.

    :raises ValueError: the bytes are not UTF-8; their value is not shown.
    """
    if not isinstance(value, (bytes, bytearray)):
        return value
    import six

    try:
        return six.ensure_text(bytes(value))
    except UnicodeDecodeError:
        pass
    raise ValueError("bytes given as text must be UTF-8 (value not shown)")


def as_readable(content: bytes | str) -> str:
    """Text for a body: what is not UTF-8 in it is replaced.

    :param content: of the answer; a stand-in for one may have text.
    """
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content


def headers_of(response: Any) -> Any:
    """The headers of an answer; a stand-in for one may have only the old method, or nothing."""
    headers = getattr(response, "headers", None)
    if isinstance(headers, Mapping):
        return headers
    return response.getheaders() if hasattr(response, "getheaders") else headers or {}


class TooMuchJson(ValueError):
    """A text whose values could take too much memory."""


_DECODER = json.JSONDecoder()


def parse(content: bytes | str) -> Any:
    """The value of a JSON text.

    :param content: the text, in UTF-8 if it is bytes.
    :raises TooMuchJson: its values could take too much memory.
    :raises ValueError: it is not JSON.
    :raises TypeError: it is neither text nor bytes.
    :raises RecursionError: it is nested more deeply than Python follows.
    """
    text = content if isinstance(content, str) else str(content, "utf-8", "surrogatepass")
    if len(text) > ALWAYS_FITS and most_memory(text, content) > MOST_MEMORY:
        raise TooMuchJson(f"its values could take more than {MOST_MEMORY // MB} MB of memory")
    return _DECODER.decode(text[1:] if text.startswith("\ufeff") else text)


def most_memory(text: str, source: bytes | str) -> int:
    """Bytes that the values of a JSON text can take; to count its signs is quick.

    :param source: what it was decoded from; signs of bytes are counted faster.
    """
    if isinstance(source, str):
        objects, lists, commas = source.count("{"), source.count("["), source.count(",")
    else:
        objects, lists, commas = source.count(b"{"), source.count(b"["), source.count(b",")
    is_escaped = "\\" in text
    item = WIDE_ITEM if is_escaped or not text.isascii() else ITEM
    # No part of a text has wider characters than the whole, but for those that are escaped.
    characters = 4 * len(text) if is_escaped else sys.getsizeof(text)
    return characters + OBJECT * objects + LIST * lists + item * (commas + objects + lists + 1)


def to_wire(value: Any) -> Any:
    """The JSON value of a Python value: a model without its unset attributes, under JSON keys.

    :param value: None, number, text, bytes, date, datetime, list, tuple, dict or model.
    :raises TypeError: the value, or one inside it, has no JSON form.
    :raises ValueError: bytes are not UTF-8, or the value is nested too deeply or in itself.
    """
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
        return _model_to_wire(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _model_to_wire(model: Any) -> dict[str, Any]:
    values = ((key, getattr(model, name)) for name, key in model.attribute_map.items())
    return {key: _to_wire(value) for key, value in values if value is not None}


def make_reader(type_name: str, model_reader: Callable[[str], Reader]) -> Reader:
    """Compile the name of a type into a function from JSON values to Python values.

    :param type_name: such as ``int``, ``datetime``, ``list[T]``, ``dict(str, T)`` or a model.
    :param model_reader: gives the reader of a model by its name.
    :return: a function that passes None through and raises ValueError or TypeError for a
        value that does not fit.
    """
    if type_name in NATIVE:
        return _unless_none(NATIVE[type_name])
    if type_name.startswith("list[") and type_name.endswith("]"):
        return _unless_none(_list_reader(make_reader(type_name[5:-1], model_reader)))
    if type_name.startswith("dict(") and type_name.endswith(")"):
        _, _, value_type = type_name[5:-1].partition(", ")
        return _unless_none(_dict_reader(make_reader(value_type, model_reader)))
    return model_reader(type_name)


def _unless_none(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _list_reader(read: Reader) -> Reader:
    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, not {type(value).__name__}")
        # In place: what was read from is gone before the next item comes.
        for index, item in enumerate(value):
            value[index] = read(item)
        return value

    return read_list


def _dict_reader(read: Reader) -> Reader:
    def read_dict(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, not {type(value).__name__}")
        for key, item in value.items():
            value[key] = read(item)
        return value

    return read_dict


def _read_date(value: str) -> datetime.date:
    return _read_datetime(value).date()


def _read_datetime(value: str) -> datetime.datetime:
    from dateutil.parser import parse

    if isinstance(value, str) and len(value) > LONGEST_DATE:
        raise ValueError(f"a date has no more than {LONGEST_DATE} characters")
    return parse(value)


def moment(value: object) -> datetime.datetime | None:
    """The date that a number of the service stands for.

    :param value: epoch milliseconds; seconds are told apart by their size.
    :return: in UTC; None for what is missing, 0, negative, or no number that a date can have.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
        return None
    milliseconds = value if value >= LEAST_MILLISECONDS else value * 1000
    try:
        return EPOCH + datetime.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _as_it_is(value: Any) -> Any:
    return value


NATIVE: dict[str, Reader] = {
    "int": int,
    "long": int,
    "float": float,
    "str": str,
    "bool": bool,
    "object": _as_it_is,
    "date": _read_date,
    "datetime": _read_datetime,
}
"""The types other than models, lists and dictionaries."""
