"""Request paths: split first, then percent-decode each segment exactly once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from ._bodies import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def split(path: str) -> list[str]:
    """Split a path at its slashes and decode what is between them.

    :raises Refusal: 400 for an escape that is none or that is not UTF-8.
    """
    segments = path[1:].split("/")
    return [_decode(segment) for segment in segments] if "%" in path else segments


def _decode(segment: str) -> str:
    if _BROKEN_ESCAPE.search(segment):
        raise Refusal(400, "the path holds a % that is not followed by two hex digits")
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "the path is not UTF-8") from None


class Template:
    """A path in which a segment in braces stands for any text.

    :param path: such as "/api/v2/apitoken/{id}".
    """

    def __init__(self, path: str) -> None:
        parts = list(enumerate(path[1:].split("/")))
        self._length = len(parts)
        self._names = {part[1:-1]: index for index, part in parts if part[0] == "{"}
        self._literals = [(index, part) for index, part in parts if part[0] != "{"]

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The text that each name stands for, None for another path; no name is empty."""
        if len(segments) != self._length:
            return None
        if any(segments[index] != part for index, part in self._literals):
            return None
        params = {name: segments[index] for name, index in self._names.items()}
        return params if all(params.values()) else None
