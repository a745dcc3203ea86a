"""Puts values into a resource path: what may stand in a segment, and how it is quoted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from wavefront_api_client._core.wire import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"
_SURROGATE = r"[\ud800-\udfff]"
_STRUCTURE = "/\\?#%;"
"""Characters that end or change a segment: never left unquoted, whatever is asked for."""


def check_segment(name: str, value: object) -> str:
    """A value that names one resource and no other.

    :param name: of the path parameter, for the error.
    :param value: text, or bytes that hold UTF-8; it is shown in no error, for it may be a token.
    :raises TypeError: it is neither.
    :raises ValueError: it is blank, holds control characters or would lead to another resource.
    """
    text = as_text(value)
    if not isinstance(text, str):
        raise TypeError(f"`{name}` must be text, not {type(value).__name__}")
    if not text.strip():
        raise ValueError(f"`{name}` must not be blank")
    if not _is_plain(text):
        _check_unusual(name, text)
    return text


def _is_plain(text: str) -> bool:
    """Whether the characters alone rule out every danger, as with any token of today."""
    return text.isascii() and text.isprintable() and "." not in text and "%" not in text


def _check_unusual(name: str, text: str) -> None:
    if re.search(_CONTROL, text):
        raise ValueError(f"`{name}` must not hold control characters (value not shown)")
    if _is_relative(text):
        raise ValueError(f"`{name}` must not be, or decode to, a relative path (value not shown)")
    if re.search(_SURROGATE, text):
        raise ValueError(f"`{name}` must be text that UTF-8 can hold (value not shown)")


def _is_relative(text: str) -> bool:
    """Whether some reader of the path, decoding it once or more, could see ``.`` or ``..``."""
    while True:
        for part in re.split(r"[/\\]", text):
            if part.partition(";")[0].strip() in (".", ".."):
                return True
        decoded = unquote(text)
        if decoded == text:
            return False
        text = decoded


def fill(template: str, values: Mapping[str, object], safe: str = "") -> str:
    """A path with its parameters in place, each percent-encoded whole.

    :param template: such as ``/api/v2/apitoken/{id}``.
    :param values: for its parameters.
    :param safe: characters to leave unquoted, unless they structure a path.
    :raises TypeError: a value is neither text nor bytes.
    :raises ValueError: a value is not fit for a path, or a parameter has none.
    """
    plain = "".join(character for character in safe if character not in _STRUCTURE)

    def segment(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            raise ValueError(f"the path parameter `{name}` has no value")
        return quote(check_segment(name, values[name]), safe=plain)

    return re.sub(r"\{(\w+)\}", segment, template)
