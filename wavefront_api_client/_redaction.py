"""What is secret, and how it is hidden: used by logs, errors, reprs and the debug report."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wavefront_api_client.configuration import Configuration

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

LONGEST_TEXT = 2000
"""Characters of an answer that a text for people shows."""

_TOKEN_FIELD = r'("(?:{})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)'.format(
    "|".join(sorted(SECRET_KEYS))
)
_UUID = r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"


def mask_target(target: str) -> str:
    """A path or URL with every segment hidden that is not a word of the API, and no query."""
    path, origin = target, ""
    if not target.startswith("/"):
        path, origin = urlsplit(target).path, origin_of(target)
    segments = path.partition("?")[0].split("/")
    return origin + "/".join(part if part in SHOWN_SEGMENTS else MASK for part in segments)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def holds_credential(headers: Iterable[str]) -> bool:
    """Whether one of the headers of a request is there to authenticate it."""
    return any(name.lower() in CREDENTIAL_HEADERS for name in headers)


def secrets_of_call(
    configuration: Configuration, url: str, headers: Mapping[str, str], body: object = None
) -> frozenset[str]:
    """The values in a request, and in its way to the service, that must not be shown."""
    found = {unquote(part) for part in urlsplit(url).path.split("/") if part not in PATH_WORDS}
    for name, value in headers.items():
        if name.lower() not in PLAIN_HEADERS:
            found.update(_words(value))
        if name.lower() == "cookie":
            found.update(pair.partition("=")[2].strip() for pair in value.split(";"))
    found.update(_token_values(body))
    found.update(_secrets_of_proxy(configuration))
    return frozenset(value for value in found if len(value) >= SHORTEST_SECRET)


def _secrets_of_proxy(configuration: Configuration) -> Iterable[str]:
    for value in (configuration.proxy_headers or {}).values():
        yield from _words(value)
    user, at, _ = urlsplit(configuration.proxy or "").netloc.rpartition("@")
    if at:
        plain = unquote(user)
        yield from (plain, *plain.split(":", 1), b64encode(plain.encode()).decode("ascii"))


def _words(value: object) -> Iterable[str]:
    """A value and its parts: a server may repeat a key without the word that stood before it."""
    text = str(value)
    return (text, *text.split())


def _token_values(body: object) -> Iterable[str]:
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


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Text with secrets hidden: the given ones, and whatever looks like a token."""
    text = re.sub(_TOKEN_FIELD, rf'\1"{MASK}"', hide(text, secrets))
    return re.sub(_UUID, MASK, text)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Text with the given secrets hidden, however they are written in it."""
    for spelling in Spellings.of(secrets):
        text = text.replace(spelling, MASK)
    return text


class Spellings(tuple[str, ...]):
    """Secrets in all ways in which they may be written, worked out once for many texts."""

    __slots__ = ()

    @classmethod
    def of(cls, *secrets: Iterable[str]) -> Spellings:
        """Those of one or more collections of secrets, the longest first: none stays in pieces."""
        if len(secrets) == 1 and isinstance(secrets[0], Spellings):
            return secrets[0]
        found: set[str] = set()
        for some in secrets:
            found.update(some if isinstance(some, Spellings) else _written(some))
        return cls(sorted(found, key=len, reverse=True))

    def __repr__(self) -> str:
        return f"<{len(self)} spellings>"


def _written(secrets: Iterable[str]) -> set[str]:
    return {spelling for secret in secrets for spelling in _spellings(secret)}


def _spellings(secret: str) -> set[str]:
    """A secret as a server may send it back: quoted, and escaped up to twice."""
    found = {secret, _quoted(secret, "/"), _quoted(secret, ""), _quoted(secret, "/+=&?:")}
    found |= {spelling.lower() for spelling in found}
    for _ in range(2):
        found |= {write(spelling) for spelling in found for write in _ESCAPES}
    return found


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe, errors="surrogatepass")


def _as_html(text: str, quote: bool) -> str:
    from html import escape

    return escape(text, quote)


def _as_latin_1(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


_ESCAPES = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    lambda text: repr(text)[1:-1],
    lambda text: repr(text.encode("utf-8", "surrogatepass"))[2:-1],
    lambda text: _as_html(text, quote=True),
    lambda text: _as_html(text, quote=False),
    lambda text: _quoted(text, ""),
    _as_latin_1,
)
"""The ways in which formats and programs write text inside other text."""


def excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """As much of a text as a person would read, with secrets hidden."""
    known = Spellings.of(secrets)
    if len(text) <= LONGEST_TEXT:
        return redact(text, known)
    # A secret that the first cut splits is in the end that the second one takes off.
    longest = max(map(len, known), default=0)
    start = redact(text[: 10 * LONGEST_TEXT + longest], known)
    shown = start[: max(0, min(LONGEST_TEXT, len(start) - longest))]
    return f"{shown}... ({len(text)} characters)"


def redact_answer_headers(
    headers: Mapping[str, str], secrets: Iterable[str] = ()
) -> dict[str, str]:
    """Answer headers as they may be shown."""
    known = Spellings.of(secrets)
    # By name: iterating over the items of a HTTPHeaderDict gives repeated headers in pieces.
    return {redact(name, known): _shown_value(name, headers[name], known) for name in headers}


def _shown_value(name: str, value: object, secrets: Iterable[str]) -> str:
    return MASK if name.lower() in SECRET_ANSWER_HEADERS else redact(str(value), secrets)
