"""Hides secrets in texts, URLs, headers and the local variables of tracebacks."""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache, wraps
from types import FunctionType
from typing import Any, Callable, TypeVar
from urllib.parse import unquote

C = TypeVar("C", bound=type)
F = TypeVar("F", bound=Callable[..., Any])

MASK = "***"

SHOWN_SEGMENTS = frozenset(
    {"", "api", "v2", "apitoken", "customertokens", "revoke", "serviceaccount", "{id}", "{token}"}
)
"""The segments of a path that are words of the API, or of a template; others may be tokens."""

PLAIN_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent"})
"""The request headers whose values may be shown; others may be secret."""

CREDENTIAL_HEADERS = frozenset({"x-auth-token", "authorization"})
"""The request headers that authenticate a request."""

SECRET_KEYS = frozenset({"tokenID", "id"})
"""The JSON keys whose values are tokens."""

SECRET_ANSWER_HEADERS = frozenset({"set-cookie", "location", "refresh", "content-location"})
"""The answer headers that can hold a session or a path."""

SHORTEST_PART = 8
"""Characters of the shortest part of a secret that is hidden alone."""

LAYERS = 5
"""How many layers of escapes are removed."""

LONGEST_TEXT = 2000
"""Characters of an answer that a text for people shows."""

_UUID = r"(?i)\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b"
"""A pattern for a token, with or without dashes; `re` compiles it when it is used."""

_FIELD = r'(?s)("(?:tokenID|id)"\s*:\s*)(?:".*?(?<!\\)"|".*\Z|[^\s,}\]"]+)'
"""A pattern for the value of a token in JSON that may break off."""

_ESCAPE = r'((?:\\u[dD][89abAB][0-9a-fA-F]{2})?\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt]))|\\'
"""A pattern for an escape of JSON, two if they may be one character, or another backslash."""


def url_parts(url: str) -> tuple[str, str, str, str]:
    """Scheme, authority, path and query of any text that is given as a URL.

    Unlike `urllib.parse.urlsplit` it raises no errors, which would show the password.
    """
    before, _, query = url.partition("#")[0].partition("?")
    scheme, mark, rest = before.partition("://")
    if not mark or ":" in scheme or "/" in scheme:
        scheme, rest = "", before
    authority, slash, path = rest.partition("/")
    return scheme.lower(), authority, slash + path, query


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, without user and password."""
    scheme, authority, _, _ = url_parts(url)
    return f"{scheme}://{authority.rpartition('@')[2]}"


def mask_target(target: str) -> str:
    """A path or URL with every segment hidden that is not a word of the API, and no query."""
    scheme, _, path, _ = url_parts(target)
    segments = [part if part in SHOWN_SEGMENTS else MASK for part in path.split("/")]
    return (origin_of(target) if scheme else "") + "/".join(segments)


def holds_credential(headers: Iterable[str]) -> bool:
    """Whether the headers of a request authenticate it."""
    return any(name.lower() in CREDENTIAL_HEADERS for name in headers)


class Secrets(frozenset[str]):
    """Texts that must not be shown."""

    @cached_property
    def forms(self) -> list[str]:
        """What may stand for one of them: it, it unescaped or without punctuation, half of any."""
        forms = set(self) - {""}
        for secret in self:
            for text in (*_layers(secret), re.sub(r"[\W_]+", "", secret)):
                if len(text) >= SHORTEST_PART:
                    forms.add(text)
                if len(text) >= 2 * SHORTEST_PART:
                    for half in (text[: len(text) // 2], text[len(text) // 2 :]):
                        forms.update((half, half.strip("-")))
        return sorted(forms, key=len, reverse=True)

    def mask(self, text: str) -> str:
        """A text without them, and without the beginning of one at its end, where it may be cut."""
        folded = text.casefold()
        for form in self.forms:
            wanted = form.casefold()
            if wanted in folded:
                text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
                folded = text.casefold()
            if wanted[:SHORTEST_PART] in folded[-len(wanted) :]:
                longest = range(len(wanted), SHORTEST_PART - 1, -1)
                cut = next((length for length in longest if folded.endswith(wanted[:length])), 0)
                text = text[:-cut] + MASK if cut else text
                folded = text.casefold()
        return text

    def __repr__(self) -> str:
        return f"<{len(self)} secrets>"


def secrets_of_call(
    url: str, headers: Mapping[str, str], body: object = None, others: Iterable[str] = ()
) -> Secrets:
    """The secrets in a request, in whole and in the parts that a server may repeat; and others."""
    _, authority, path, _ = url_parts(url)
    raw = authority.rpartition("@")[0]
    user = unquote(raw)
    found = {raw, user, *user.split(":", 1), *others, *_tokens_in(body)}
    found.update(unquote(part) for part in path.split("/") if part not in SHOWN_SEGMENTS)
    for name, value in headers.items():
        if name.lower() not in PLAIN_HEADERS:
            # A key without the word before it.
            found.update((str(value), str(value).rpartition(" ")[2]))
        if name.lower() == "cookie":
            found.update(pair.partition("=")[2].strip() for pair in str(value).split(";"))
    # A shorter one would hide other text, and protects nothing.
    return Secrets(secret for secret in found if len(secret) >= 4)


def _tokens_in(body: object) -> Iterator[str]:
    # Without recursion: a body may be nested as deeply as Python allows.
    left = [body]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left.extend(value.values())
            tokens = (value.get(key) for key in SECRET_KEYS)
            yield from (token for token in tokens if isinstance(token, str))
        elif isinstance(value, (list, tuple)):
            left.extend(value)


def _layers(text: str) -> Iterator[str]:
    """A text, and what it is without one, two and more layers of escapes."""
    for _ in range(LAYERS):
        yield text
        before, text = text, unescape(text)
        if text == before:
            return


def redact(text: str, secrets: Secrets) -> str:
    """Text with secrets hidden: the given ones, and whatever looks like a token.

    A text that holds one in escapes is shown without them.
    """
    plain = _mask_tokens(text)
    shown = secrets.mask(plain)
    for _ in range(LAYERS):
        unescaped = unescape(plain)
        if unescaped == plain:
            break
        plain = _mask_tokens(unescaped)
        masked = secrets.mask(plain)
        if masked != unescaped:
            shown = masked
    return shown


def _mask_tokens(text: str) -> str:
    """Text with what looks like a token hidden."""
    if '"' in text:
        text = re.sub(_FIELD, rf'\1"{MASK}"', text)
    return re.sub(_UUID, MASK, text)


def unescape(text: str) -> str:
    """Text without one layer of the escapes of JSON, HTML and URLs."""
    if "\\" in text:
        text = re.sub(_ESCAPE, lambda escape: _meaning(escape[1] or ""), text)
    if "&" in text:
        # Not at once: its table is large.
        from html import unescape as unescape_html

        text = unescape_html(text)
    return unquote(text) if "%" in text else text


@lru_cache(maxsize=256)
def _meaning(escape: str) -> str:
    return str(json.loads(f'"{escape}"'))


def excerpt(text: str, secrets: Secrets) -> str:
    """The beginning of a text, with secrets hidden."""
    if len(text) <= LONGEST_TEXT:
        return redact(text, secrets)
    # Ten times as much: secrets become shorter. If the first cut splits one, whose characters may
    # be escaped, the second removes that part; a UUID may be one that is not known.
    reach = 12 * max([36, *map(len, secrets)])
    start = text[: 10 * LONGEST_TEXT + reach]
    shown = redact(start, secrets)
    if len(start) < len(text):
        shown = shown[: max(0, len(shown) - reach)]
    return f"{shown[:LONGEST_TEXT]}... ({len(text)} characters)"


def redact_answer_headers(headers: Mapping[str, str], secrets: Secrets) -> dict[str, str]:
    """Answer headers as they may be shown."""
    # By name: iterating over the items of a HTTPHeaderDict gives repeated headers in pieces.
    return {
        name: MASK if name.lower() in SECRET_ANSWER_HEADERS else redact(str(headers[name]), secrets)
        for name in headers
    }


def clears_frames(function: F) -> F:
    """Decorate a function so that tracebacks hold nothing that it was given or made."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        handled = sys.exc_info()[1]
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            clear_frames(error, handled)
            del args, kwargs, handled
            raise

    return call  # type: ignore[return-value]


def clears_frames_of_methods(cls: C) -> C:
    """Make the public methods of a class `clears_frames`."""
    for name, value in list(vars(cls).items()):
        if isinstance(value, FunctionType) and not name.startswith("_"):
            setattr(cls, name, clears_frames(value))
    return cls


def clear_frames(error: BaseException, handled: BaseException | None = None) -> None:
    """Clear the frames of an error and of what led to it; the lines of the tracebacks stay.

    The frame of the caller is at work, so the caller has to delete its locals itself. What it
    `handled` before is left as it is: those frames are the caller's.
    """
    seen = {id(None), id(handled)}
    left: list[Any] = [error]
    while left:
        each = left.pop()
        if id(each) not in seen:
            seen.add(id(each))
            traceback.clear_frames(each.__traceback__)
            left += [each.__cause__, each.__context__]
