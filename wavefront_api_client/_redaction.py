"""What is secret, and how it is hidden: used by logs, errors, reprs and the debug report."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK = "***"

PATH_WORDS = frozenset({"api", "v2", "apitoken", "customertokens", "revoke", "serviceaccount"})
"""The segments of a path that are words of the API; every other one may be a token."""

SHOWN_SEGMENTS = PATH_WORDS | {""}

PLAIN_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent"})
"""The request headers whose values may be shown; whatever else a caller sends may be secret."""

CREDENTIAL_HEADERS = frozenset({"x-auth-token", "authorization", "cookie"})
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


def secrets_of_request(url: str, headers: Mapping[str, str], body: object = None) -> frozenset[str]:
    """The values in a request that must not be shown."""
    found = {unquote(part) for part in urlsplit(url).path.split("/") if part not in PATH_WORDS}
    for name, value in headers.items():
        if name.lower() not in PLAIN_HEADERS:
            found.update((value, *value.split()))
    found.update(_token_values(body))
    return frozenset(value for value in found if len(value) >= SHORTEST_SECRET)


def _token_values(body: object) -> Iterable[str]:
    if isinstance(body, dict):
        for key, value in body.items():
            if key in SECRET_KEYS and isinstance(value, str):
                yield value
            else:
                yield from _token_values(value)
    elif isinstance(body, (list, tuple)):
        for item in body:
            yield from _token_values(item)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Text with secrets hidden: the given ones however they are quoted, and what looks like one."""
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    text = re.sub(_TOKEN_FIELD, rf'\1"{MASK}"', text)
    return re.sub(_UUID, MASK, text)


def _spellings(secret: str) -> Iterable[str]:
    percent = quote(secret, safe="")
    escaped = secret.encode("unicode_escape").decode("ascii")
    as_bytes = repr(secret.encode("utf-8", "surrogatepass"))[2:-1]
    html = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        secret,
        percent,
        percent.lower(),
        quote(secret),
        quote(secret).lower(),
        escaped,
        as_bytes,
        html,
        html.replace('"', "&quot;"),
        secret.replace("\\", "\\\\").replace('"', '\\"'),
    )


def shorten(text: str) -> str:
    """Text of a length that a person can read."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}... ({len(text)} characters)"


def redact_answer_headers(
    headers: Mapping[str, str], secrets: Iterable[str] = ()
) -> dict[str, str]:
    """Answer headers as they may be shown."""
    known = tuple(secrets)
    return {
        name: MASK if name.lower() in SECRET_ANSWER_HEADERS else redact(str(value), known)
        for name, value in headers.items()
    }
