"""Text for the body of an answer, whatever it is."""

from __future__ import annotations


def as_readable(content: bytes | str) -> str:
    """Text for a body: what is not UTF-8 in it is replaced.

    :param content: of the answer; a stand-in for one may have text.
    """
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content
