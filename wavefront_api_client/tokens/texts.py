"""Reads what people and their editors write: the text of a file, and a token in it."""

from __future__ import annotations

import codecs

__all__ = ["decoded"]

BYTE_ORDER_MARK = "\ufeff"


def decoded(data: bytes) -> str:
    """The text that some bytes are in UTF-8, as it stands there.

    :param data: the content of a file, or the output of a program.
    :raises ValueError: it is UTF-16 or no text.
    """
    if b"\0" in data or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is UTF-16 or no text: save it as UTF-8")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8: save it as that") from None
