"""What is secret, and how it is hidden: used by logs, errors, reprs and the debug report."""

from __future__ import annotations

import re
from base64 import b64encode
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wavefront_api_client._core.sendable import AUTHENTICATION_SCHEMES
from wavefront_api_client._core.unescape import Reading, lower, readings
from wavefront_api_client._core.urls import url_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wavefront_api_client._core.unescape import Span

    Find = Callable[[Reading], Iterable[Span]]

MASK = "***"

PATH_WORDS = frozenset({"api", "v2", "apitoken", "customertokens", "revoke", "serviceaccount"})
"""The segments of a path that are words of the API; every other one may be a token."""

SHOWN_SEGMENTS = PATH_WORDS | {""}

PLAIN_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent"})
"""The request headers whose values may be shown; whatever else a caller sends may be secret."""

CREDENTIAL_HEADERS = frozenset({"x-auth-token", "authorization"})
"""The request headers that authenticate a request."""

SECRET_KEYS = frozenset({"tokenID", "id"})
"""The JSON keys whose values are tokens."""

SECRET_ANSWER_HEADERS = frozenset({"set-cookie", "location", "refresh", "content-location"})
"""The answer headers that can hold a session or a path."""

SHORTEST_SECRET = 4
"""A shorter value would hide innocent text, and protects nothing."""

SHORTEST_RECODED = 8
"""A shorter value is not looked for in another case, in base64, in hexadecimal or cut off."""

LONGEST_TEXT = 2000
"""Characters of an answer that a text for people shows."""

# Patterns are text: they are compiled, and kept by `re`, when something has to be hidden.
_FIELD = r'"(?:{})(\\{{0,255}})"\s*:\s*'.format("|".join(sorted(SECRET_KEYS)))
"""The key of a token, with the backslashes of JSON that stands as text in JSON."""
_WORD = r"[^\s,}\]]+"
_PART_OF_TEXT = r'(?s)(?:[^"\\]+|\\.){1,1000}'
"""Not all of it at once: to repeat a group takes memory for each time."""
_UUID = r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"

_WINDOW = 64 * 1024
"""Characters that are searched at a time, so that a large text needs little memory."""

_REACH = 4 * 1024
_WIDEST_ESCAPE = 64
"""Characters that one character may be written with, on average over a secret."""


def mask_target(target: str) -> str:
    """A path or URL with every segment hidden that is not a word of the API, and no query."""
    path, origin = target, ""
    if not target.startswith("/"):
        path, origin = url_parts(target)[2], origin_of(target)
    segments = path.partition("?")[0].split("/")
    if not SHOWN_SEGMENTS.issuperset(segments):
        segments = [part if part in SHOWN_SEGMENTS else MASK for part in segments]
    return origin + "/".join(segments)


def mask_template(path: str) -> str:
    """A path with its parameters in braces, where a token may have been written out instead."""
    path = path.partition("?")[0]
    segments = path.split("/")
    if "apitoken" not in segments:
        return path
    return "/".join(
        part if part in SHOWN_SEGMENTS or part.startswith("{") else MASK for part in segments
    )


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, without user and password."""
    scheme, authority, _, _ = url_parts(url)
    return f"{scheme}://{authority.rpartition('@')[2]}"


def holds_credential(headers: Iterable[str]) -> bool:
    """Whether one of the headers of a request is there to authenticate it."""
    return any(name.lower() in CREDENTIAL_HEADERS for name in headers)


def secrets_of_call(
    url: str,
    headers: Mapping[str, str],
    body: object = None,
    proxy_secrets: Iterable[str] = (),
) -> frozenset[str]:
    """The values in a request, and in its way to the service, that must not be shown."""
    _, authority, path, _ = url_parts(url)
    found = {unquote(part) for part in path.split("/") if part not in PATH_WORDS}
    found.update(parts_of_user(authority.rpartition("@")[0]))
    for name, value in headers.items():
        if name.lower() not in PLAIN_HEADERS:
            found.update(parts_of_value(value))
        if name.lower() == "cookie":
            found.update(pair.partition("=")[2].strip() for pair in str(value).split(";"))
    found.update(_tokens_in(body), proxy_secrets)
    return worth_hiding(found)


def worth_hiding(values: Iterable[str]) -> frozenset[str]:
    """Those of some values that are long enough to be secrets."""
    return frozenset(value for value in values if len(value) >= SHORTEST_SECRET)


def parts_of_user(user: str) -> tuple[str, ...]:
    """User and password of a URL, together and each alone: a server may repeat any of them."""
    plain = unquote(user)
    return (user, plain, *plain.split(":", 1))


def parts_of_value(value: object) -> tuple[str, ...]:
    """A header and its parts: a server may repeat a key without the word that stood before it."""
    text = str(value)
    return (text, *(word for word in text.split() if lower(word) not in AUTHENTICATION_SCHEMES))


def _tokens_in(body: object) -> Iterable[str]:
    # A list of what is left to see, not recursion: a body may be nested as deeply as Python allows.
    left = [body]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left.extend(value.values())
            yield from (each for key, each in value.items() if _is_token(key, each))
        elif isinstance(value, (list, tuple)):
            left.extend(value)


def _is_token(key: object, value: object) -> bool:
    return key in SECRET_KEYS and isinstance(value, str)


class Secrets:
    """Values that must not be shown, and what a text shows if it holds one of them.

    :param values: the secrets.
    """

    __slots__ = ("_bare", "_lowered", "reach", "values")

    def __init__(self, values: frozenset[str] = frozenset()) -> None:
        self.values = values
        bare = {text for value in self.values for text in _read(value)}
        long = [value for value in self.values if len(value) >= SHORTEST_RECODED]
        lowered = {lower(text) for text in bare if len(text) >= SHORTEST_RECODED}
        self._bare = [text for text in bare if SHORTEST_SECRET <= len(text) < SHORTEST_RECODED]
        self._lowered = [*lowered.union(*map(_recoded, long))]
        longest = max(map(len, self.values), default=0)
        self.reach: int = max(_REACH, _WIDEST_ESCAPE * longest)
        """Characters of a text that one secret may take, if it is not written to be missed."""

    @classmethod
    def of(cls, *some: Iterable[str]) -> Secrets:
        """Those of one or more collections, worked out once for many texts."""
        values = frozenset(value for values in some for value in values if value)
        same = (each for each in some if isinstance(each, Secrets) and each.values == values)
        return next(same, None) or cls(values)

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __repr__(self) -> str:
        return f"<{len(self.values)} secrets>"

    def find(self, reading: Reading) -> Iterator[Span]:
        """Where they stand in a text, and where it breaks off in the middle of one."""
        bare = reading.bare()
        lowered = bare.lowered()
        yield from bare.places(self._bare)
        yield from lowered.places(self._lowered)
        for text in self._lowered:
            yield from _start_at_end(lowered, text)


def _read(secret: str) -> Iterator[str]:
    """A secret as it reads without the escapes that it may hold itself."""
    for text in {secret, *_misread(secret)}:
        yield from (reading.bare().text for reading in readings(text))


def _misread(secret: str) -> Iterator[str]:
    """A secret that is not of ASCII as it looks to who takes it for another encoding."""
    if secret.isascii():
        return
    for encoding in _ENCODINGS:
        for taken_for in ("ascii", "latin-1", "utf-8"):
            text = secret.encode(encoding, "replace").decode(taken_for, "replace")
            if len(re.sub("[?\0\ufffd]", "", text)) >= SHORTEST_SECRET:
                yield text


def _recoded(secret: str) -> Iterator[str]:
    """A secret in hexadecimal and base64, in lower case."""
    for raw in {secret.encode(encoding, "replace") for encoding in _ENCODINGS}:
        yield from (raw.hex(), *(raw.hex(separator) for separator in "-: "))
        for offset in range(3):
            text = lower(_base64(raw, offset))
            yield from (text, text.replace("+", "-").replace("/", "_"))


_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "ascii")


def _base64(raw: bytes, offset: int) -> str:
    """The characters of a base64 text that stand for some bytes in it, and for nothing else."""
    text = b64encode(bytes(offset) + raw).decode("ascii")
    return text[-(-8 * offset // 6) : 8 * (offset + len(raw)) // 6]


def _start_at_end(reading: Reading, wanted: str) -> Iterator[Span]:
    """Where a text ends with the beginning of another one."""
    text, start = reading.text, wanted[:SHORTEST_RECODED]
    at = text.find(start, max(0, len(text) - len(wanted)))
    while at >= 0:
        if wanted.startswith(text[at:]):
            yield reading.source(at, len(text))
        at = text.find(start, at + 1)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Text with secrets hidden: the given ones, and whatever looks like a token."""
    known = Secrets.of(secrets)
    text = _hide(text, known, lambda reading: (*known.find(reading), *_escaped_tokens(reading)))
    return re.sub(_UUID, MASK, _replace(text, _token_values(text)))


def hide(text: str, secrets: Iterable[str]) -> str:
    """Text with the given secrets hidden, however they are written in it."""
    known = Secrets.of(secrets)
    return _hide(text, known, known.find)


def _hide(text: str, secrets: Secrets, find: Find) -> str:
    found = _found(text, find, secrets.reach)
    text = _replace(text, ((start, end, MASK) for start, end in found))
    for value in sorted(secrets.values, key=len, reverse=True):
        # Those that are too short, or of nothing but backslashes, are still there.
        text = text.replace(value, MASK)
    return text


def _found(text: str, find: Find, reach: int) -> Iterator[Span]:
    """What is found in a text, in the order of its characters."""
    size = max(_WINDOW, reach)
    for begin in range(0, len(text), size):
        window = text[begin : begin + size + reach]
        found = {span for reading in readings(window) for span in find(reading)}
        # What begins later is seen as a whole by the next turn.
        yield from sorted((begin + s, begin + e) for s, e in found if s < size)


def _replace(text: str, masks: Iterable[tuple[int, int, str]]) -> str:
    """A text with parts of it replaced, which are given in their order and may overlap."""
    written, at = StringIO(), 0
    for start, end, mask in masks:
        if start >= at:
            written.write(text[at:start])
            written.write(mask)
        at = max(at, end)
    written.write(text[at:])
    return written.getvalue()


def _escaped_tokens(reading: Reading) -> Iterator[Span]:
    """What looks like a token once escapes are taken off."""
    if reading.steps:
        for start, end, _ in _token_values(reading.text):
            yield reading.source(start, end)
        for match in re.finditer(_UUID, reading.text):
            yield reading.source(*match.span())


def _token_values(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the values of tokens stand in a text that may be JSON, and what to write there."""
    find_field, match_word = re.compile(_FIELD).search, re.compile(_WORD).match
    field = find_field(text)
    while field:
        start, quote = field.end(), field[1] + '"'
        if text.startswith(quote, start):
            start += len(quote)
            end = _end_of_text(text, start, quote)
            yield start, end, MASK if text.startswith(quote, end) else MASK + quote
        else:
            word = match_word(text, start)
            end = word.end() if word else start
            yield start, end, quote + MASK + quote if word else ""
        field = find_field(text, end)


def _end_of_text(text: str, start: int, quote: str) -> int:
    """Where a text that begins in JSON ends: at its quotation mark, or with the JSON."""
    if len(quote) > 1:
        return _find_unescaped(text, quote, start)
    match_part = re.compile(_PART_OF_TEXT).match
    part = match_part(text, start)
    while part:
        start = part.end()
        part = match_part(text, start)
    return start


def _find_unescaped(text: str, quote: str, start: int) -> int:
    end = text.find(quote, start)
    while end > start and text[end - 1] == "\\":
        end = text.find(quote, end + 1)
    return len(text) if end < 0 else end


def excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """As much of a text as a person would read, with secrets hidden."""
    known = Secrets.of(secrets)
    if len(text) <= LONGEST_TEXT:
        return redact(text, known)
    # A secret that the first cut splits is in the end that the second one takes off.
    start = text[: 10 * LONGEST_TEXT + known.reach]
    shown = redact(start, known)
    if len(start) < len(text):
        shown = shown[: max(0, len(shown) - known.reach)]
    return f"{shown[:LONGEST_TEXT]}... ({len(text)} characters)"


def redact_answer_headers(
    headers: Mapping[str, str], secrets: Iterable[str] = ()
) -> dict[str, str]:
    """Answer headers as they may be shown."""
    known = Secrets.of(secrets)
    # By name: iterating over the items of a HTTPHeaderDict gives repeated headers in pieces.
    return {redact(name, known): _shown_value(name, headers[name], known) for name in headers}


def _shown_value(name: str, value: object, secrets: Iterable[str]) -> str:
    return MASK if name.lower() in SECRET_ANSWER_HEADERS else redact(str(value), secrets)
