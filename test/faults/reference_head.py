"""A second reading of heads, from RFC 9110 and 9112 alone, to hold the client's against.

What the documents leave to a recipient, and what is a matter of limits, it calls open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) ([0-9]{3})(?: [\t\x20-\x7e\x80-\xff]*)?")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TEXT = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_BREAK = re.compile(rb"(?<!\r)\n|\r(?!\n)|\0")
_FRAMING = (b"content-length", b"transfer-encoding")

MAX_LINE, MAX_HEAD, MAX_LINES = 8_000, 60_000, 90
"""Beyond these, a client may refuse a head, or not."""


@dataclass
class Judgement:
    """What is to come of an answer with a certain head."""

    outcome: str
    """"fine", "refused", or "open"."""
    why: str
    status: int = 0
    chunked: bool = False
    length: int | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Refused(Exception):
    pass


class _Open(Exception):
    pass


def judge(head: bytes) -> Judgement:
    """Read a head, with the empty line at its end."""
    try:
        return _judge(head)
    except _Refused as reason:
        return Judgement("refused", str(reason))
    except _Open as reason:
        return Judgement("open", str(reason))


def _judge(head: bytes) -> Judgement:
    if len(head) < 4 or head.find(b"\r\n\r\n") != len(head) - 4:
        raise _Open("it does not end where it is thought to end")
    if _BREAK.search(head):
        raise _Open("a line break or NUL in a value: to be refused, or replaced by a space")
    first, *lines = head[:-4].split(b"\r\n")
    if len(lines) > MAX_LINES or len(head) > MAX_HEAD or max(map(len, [first, *lines])) > MAX_LINE:
        raise _Open("large")
    status, minor = _status(first)
    fields = _fields(lines)
    chunked, length = _framing(fields, minor)
    if any(name.lower() == b"content-encoding" and value for name, value in fields):
        raise _Open("a compression that was not asked for, or none")
    shown = [(name.decode(), value.decode("latin-1")) for name, value in fields]
    return Judgement("fine", "", status, chunked, length, shown)


def _status(line: bytes) -> tuple[int, int]:
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        if re.match(rb"HTTP/1\.[0-9][ \t]+[0-9]{3}([ \t]|$)", line.lstrip()):
            raise _Open("white space in the status line, or a control character in the reason")
        raise _Refused("no status line")
    status = int(match[2])
    if status < 100:
        raise _Refused("no status")
    if status < 200 or status in (204, 304) or match[1] not in b"01":
        raise _Open("no usual answer")
    return status, int(match[1])


def _fields(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    fields: list[tuple[bytes, bytes]] = []
    is_open = ""
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            is_open = is_open or _continue(fields, line)
            continue
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise _Refused(f"no field: {line[:50]!r}")
        if not _TEXT.fullmatch(value):
            is_open = "a control character in a value"
            if name.lower() in _FRAMING:
                raise _Refused("a control character in the framing")
        fields.append((name, value.strip(b" \t")))
    if is_open:
        raise _Open(is_open)
    return fields


def _continue(fields: list[tuple[bytes, bytes]], line: bytes) -> str:
    """Unfold a line; say what is open about that."""
    if not fields:
        return "white space before the first field"
    name, value = fields[-1]
    if name.lower() in _FRAMING:
        raise _Refused("folded framing")
    if not _TEXT.fullmatch(line):
        return "a control character in a value"
    if not line.strip(b" \t"):
        return "an empty fold"
    fields[-1] = name, (value + b" " + line.strip(b" \t")).strip(b" \t")
    return ""


def _framing(fields: list[tuple[bytes, bytes]], minor: int) -> tuple[bool, int | None]:
    codings = [value for name, value in fields if name.lower() == b"transfer-encoding"]
    lengths = _parts([value for name, value in fields if name.lower() == b"content-length"])
    if codings:
        if b",".join(codings).lower() != b"chunked":
            raise _Refused("a coding that is not chunked")
        if len(set(lengths)) > 1 or not all(re.fullmatch(rb"[0-9]{1,18}", n) for n in lengths):
            raise _Open("chunks, and a length that is none")
        if not minor:
            raise _Open("chunks in HTTP/1.0")
        return True, None
    if not lengths:
        return False, None
    if not all(map(_is_number, lengths)) or len({each.lstrip(b"0") for each in lengths}) > 1:
        raise _Refused("no length, or several")
    if len(set(lengths)) > 1:
        raise _Open("the same length, written in two ways")
    if len(lengths[0]) > 18:
        raise _Open("a length with very many digits")
    return False, int(lengths[0])


def _parts(values: list[bytes]) -> list[bytes]:
    return [part.strip(b" \t") for part in b",".join(values).split(b",")] if values else []


def _is_number(text: bytes) -> bool:
    return re.fullmatch(rb"[0-9]+", text) is not None
