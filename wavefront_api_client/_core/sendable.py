"""What can be sent as a header: one rule for all headers, whichever way they come in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from wavefront_api_client._core.secrets import AUTHENTICATION_SCHEMES, UUID
from wavefront_api_client._core.wire import as_text, to_wire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""The characters of a name (RFC 9110, section 5.6.2)."""

_OF_THE_CONNECTION = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""The headers that say where a request goes and where it ends: it is the transport that knows."""

_LONGEST_SHOWN = 64
"""Characters of a name that is none, and that an error shows."""

_UNSENDABLE = r"[\x00-\x1f\x7f-\x9f]|[^\x00-\xff]"
"""A pattern for control characters, which end a header, and for what is not Latin-1."""


def name_of_header(name: object) -> str:
    """The name of a header as text.

    :param name: text, or bytes that hold it.
    :raises TypeError: it is neither.
    :raises ValueError: no header has such a name, or it is not for a caller to set.
    """
    text = name if isinstance(name, str) else as_text(name)
    if not isinstance(text, str):
        raise TypeError(f"the name of a header must be text, not {type(text).__name__}")
    return _checked(text)


@lru_cache(maxsize=64)
def _checked(text: str) -> str:
    """A name that may be set; each call has the same ones."""
    if not (text and _TOKEN.issuperset(text)):
        shown = "what was given (not shown)" if _may_be_a_value(text) else repr(text)
        raise ValueError(f"{shown} is no name of a header: it must be a token of RFC 9110")
    # Servers that put headers into variables take both characters for the same one.
    if text.lower().replace("_", "-") in _OF_THE_CONNECTION:
        raise ValueError(f"the header {text} cannot be set: this package sends the right one")
    return text


def _may_be_a_value(text: str) -> bool:
    """Whether a name looks like a credential: who swaps name and value must not find it in logs."""
    first, space, _ = text.strip().partition(" ")
    is_credential = bool(space) and first.lower() in AUTHENTICATION_SCHEMES
    return is_credential or len(text) > _LONGEST_SHOWN or bool(re.search(UUID, text))


def sendable(headers: Mapping[Any, Any], whose: str = "") -> dict[str, str]:
    """Headers as text without white space around it, each once: the last of a name counts.

    :param headers: values by name; one of None is not sent.
    :param whose: for the error: what they belong to.
    :raises TypeError: a name or a value is of the wrong type.
    :raises ValueError: no header can have such a name or value; the value is not shown.
    """
    by_name: dict[str, tuple[str, str]] = {}
    for each, value in headers.items():
        if value is not None:
            name = _checked(each) if type(each) is str else name_of_header(each)
            text = value if isinstance(value, str) else str(to_wire(value))
            by_name[name.lower()] = (name, text.strip())
    sent = dict(by_name.values())
    values = "".join(sent.values())
    if not (values.isascii() and values.isprintable()) and re.search(_UNSENDABLE, values):
        raise ValueError(
            f"the value for the header {_first_unsendable(sent)}{whose} holds a line break,"
            " a control character or one that is not Latin-1 (value not shown)"
        )
    return sent


def _first_unsendable(headers: Mapping[str, str]) -> str:
    return next(name for name, value in headers.items() if re.search(_UNSENDABLE, value))
