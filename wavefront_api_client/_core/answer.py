"""What is read of an answer, or of whatever stands in for one in a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


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
