"""Reads text that people have written: the text of a file, and a token in it."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

__all__ = ["decoded", "read_text", "text_of", "token_in"]

BYTE_ORDER_MARK = "\ufeff"


def decoded(data: bytes) -> str:
    """The text that some bytes hold in UTF-8, unchanged; raise a ValueError for other bytes."""
    if b"\0" in data or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is UTF-16 or no text: save it as UTF-8")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8: save it as that") from None


def text_of(data: bytes | str) -> str:
    """A text, or its bytes, without a byte order mark, with line feeds at the ends of its lines."""
    text = data if isinstance(data, str) else decoded(data)
    return text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a file or a pipe."""
    with open(path, "rb") as file:
        return text_of(file.read())


def token_in(text: str) -> str:
    """A token without the white space and the quotes around it, "" for none."""
    token = text.strip()
    if len(token) > 1 and token[0] in "'\"" and token[-1] == token[0]:
        token = token[1:-1].strip()
    return token
