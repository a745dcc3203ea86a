"""Hides secrets in texts, URLs, headers and the local variables of tracebacks."""

from __future__ import annotations

import json
import re
import traceback
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import FrameType
    from typing import Any, Callable, TypeVar

    C = TypeVar("C", bound=type)
    F = TypeVar("F", bound=Callable[..., Any])

MASK = "***"

AUTHENTICATION_SCHEMES = frozenset({"basic", "bearer", "digest", "negotiate", "token"})
"""The words before a credential, such as Bearer, which are not secret."""

PATH_WORDS = frozenset({"api", "v2", "apitoken", "customertokens", "revoke", "serviceaccount"})
"""The segments of a path that are words of the API; others may be tokens."""

SHOWN_SEGMENTS = PATH_WORDS | {"", "{id}", "{token}"}

PLAIN_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent"})
"""The request headers whose values may be shown; others may be secret."""

CREDENTIAL_HEADERS = frozenset({"x-auth-token", "authorization"})
"""The request headers that authenticate a request."""

SECRET_KEYS = frozenset({"tokenID", "id"})
"""The JSON keys whose values are tokens."""

SECRET_ANSWER_HEADERS = frozenset({"set-cookie", "location", "refresh", "content-location"})
"""The answer headers that can hold a session or a path."""

SHORTEST_SECRET = 4
"""A shorter value is not hidden: it would hide other text, and protects nothing."""

SHORTEST_VARIED = 8
"""A shorter value is searched for unchanged, not in another case or without punctuation."""

SHORTEST_HALVED = 16
"""Of a shorter value, the halves are not searched for."""

LAYERS = 5
"""How many layers of escapes are removed."""

LONGEST_TEXT = 2000
"""Characters of an answer that a text for people shows."""

LENGTH_OF_UUID = 32
UUID = r"(?i)\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b"
"""A pattern for a token, with or without dashes; `re` compiles it when it is used."""

_FIELD = r'(?s)("(?:{})"\s*:\s*)(?:".*?(?<!\\)"|".*\Z|[^\s,}}\]"]+)'.format(
    "|".join(sorted(SECRET_KEYS))
)
"""A pattern for the value of a token in JSON that may break off."""

_ESCAPE = r"(?s)((?:\\u[0-9a-fA-F]{4})+)|\\(.)"
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


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


def mask_target(target: str) -> str:
    """A path or URL with every segment hidden that is not a word of the API, and no query."""
    path, origin = target, ""
    if not target.startswith("/"):
        path, origin = url_parts(target)[2], origin_of(target)
    segments = path.partition("?")[0].split("/")
    if not SHOWN_SEGMENTS.issuperset(segments):
        # A parameter in braces is part of a template.
        segments = [part if part in SHOWN_SEGMENTS else MASK for part in segments]
    return origin + "/".join(segments)


def mask_template(path: str) -> str:
    """A path with its parameters in braces, where a token may have been written out instead."""
    path = path.partition("?")[0]
    return mask_target(path) if "apitoken" in path.split("/") else path


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, without user and password."""
    scheme, authority, _, _ = url_parts(url)
    return f"{scheme}://{authority.rpartition('@')[2]}"


def holds_credential(headers: Iterable[str]) -> bool:
    """Whether the headers of a request authenticate it."""
    return any(name.lower() in CREDENTIAL_HEADERS for name in headers)


def secrets_of_call(
    url: str,
    headers: Mapping[str, str],
    body: object = None,
    proxy_secrets: Iterable[str] = (),
) -> frozenset[str]:
    """The secrets in a request and of its proxy."""
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
    """The values that are long enough to be secrets."""
    return frozenset(value for value in values if len(value) >= SHORTEST_SECRET)


def parts_of_user(user: str) -> tuple[str, ...]:
    """User and password of a URL, together and alone: a server may repeat any of them."""
    plain = unquote(user)
    return (user, plain, *plain.split(":", 1))


def parts_of_value(value: object) -> tuple[str, ...]:
    """A header and its parts: a server may repeat a key without the word before it."""
    text = str(value)
    return (text, *(word for word in text.split() if word.lower() not in AUTHENTICATION_SCHEMES))


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


class Secrets:
    """Secrets, and their forms that a text may hold."""

    __slots__ = ("_wanted", "longest", "values")

    def __init__(self, values: frozenset[str] = frozenset()) -> None:
        self.values = values
        self.longest = max(map(len, values), default=0)
        varied = {each for value in values for each in _variants(value)}
        self._wanted = sorted(varied, key=len, reverse=True)

    @classmethod
    def of(cls, *some: Iterable[str]) -> Secrets:
        """The secrets of one or more collections, prepared once for many texts."""
        values = frozenset[str]().union(*some) - {""}
        for each in some:
            if isinstance(each, Secrets) and each.values == values:
                return each
        return cls(values)

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __repr__(self) -> str:
        return f"<{len(self.values)} secrets>"

    def mask(self, text: str) -> str:
        """A text without the secrets that it holds without escapes."""
        lowered = text.lower()
        for wanted in self._wanted:
            if wanted in lowered:
                text = re.sub(re.escape(wanted), MASK, text, flags=re.IGNORECASE)
                lowered = text.lower()
            elif wanted[:SHORTEST_VARIED] in lowered[-len(wanted) :]:
                text = _without_beginning(text, wanted)
                lowered = text.lower()
        for value in sorted(self.values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text


def _variants(secret: str) -> Iterator[str]:
    """The forms of a secret, in lower case: it, it without punctuation, and half of either."""
    for text in {secret, *_layers(secret), re.sub(r"[\W_]+", "", secret)}:
        if len(text) >= SHORTEST_VARIED:
            yield text.lower()
        if len(text) >= SHORTEST_HALVED:
            for half in (text[: len(text) // 2].lower(), text[len(text) // 2 :].lower()):
                yield half
                yield half.strip("-")


def _without_beginning(text: str, wanted: str) -> str:
    """A text without the beginning of a secret at its end."""
    lowered = text.lower()
    for length in range(len(wanted) - 1, SHORTEST_VARIED - 1, -1):
        if lowered.endswith(wanted[:length]):
            return text[:-length] + MASK
    return text


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Text with secrets hidden: the given ones, and whatever looks like a token.

    A text that holds one in escapes is shown without them.
    """
    return _in_layers(text, Secrets.of(secrets), _mask_tokens)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Text with the given secrets hidden; it is shown without escapes if one stands in those."""
    return _in_layers(text, Secrets.of(secrets), str)


def _in_layers(text: str, secrets: Secrets, mask_tokens: Callable[[str], str]) -> str:
    plain = mask_tokens(text)
    shown = secrets.mask(plain)
    for _ in range(LAYERS):
        unescaped = unescape(plain)
        if unescaped == plain:
            break
        plain = mask_tokens(unescaped)
        masked = secrets.mask(plain)
        if masked != unescaped:
            shown = masked
    return shown


def _layers(text: str) -> Iterator[str]:
    """A text without one, two and more layers of escapes."""
    for _ in range(LAYERS):
        unescaped = unescape(text)
        if unescaped == text:
            return
        yield unescaped
        text = unescaped


def _mask_tokens(text: str) -> str:
    """Text with what looks like a token hidden."""
    if '"' in text:
        text = re.sub(_FIELD, rf'\1"{MASK}"', text)
    return re.sub(UUID, MASK, text) if len(text) >= LENGTH_OF_UUID else text


def unescape(text: str) -> str:
    """Text without one layer of the escapes of JSON, HTML and URLs."""
    if "\\" in text:
        text = re.sub(_ESCAPE, _meaning, text)
    if "&" in text:
        # Not at once: its table is large.
        from html import unescape as unescape_html

        text = unescape_html(text)
    return unquote(text) if "%" in text else text


def _meaning(escape: re.Match[str]) -> str:
    if escape[1]:
        # All in a row, as two of them may be one character.
        meaning: str = json.loads(f'"{escape[1]}"')
        return meaning
    return _CONTROLS.get(escape[2], escape[2])


def excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """The beginning of a text, with secrets hidden."""
    known = Secrets.of(secrets)
    if len(text) <= LONGEST_TEXT:
        return redact(text, known)
    # If the first cut splits a secret, the second one removes that part.
    reach = 12 * known.longest
    start = text[: 10 * LONGEST_TEXT + reach]
    shown = redact(start, known)
    if len(start) < len(text):
        shown = shown[: max(0, len(shown) - reach)]
    return f"{shown[:LONGEST_TEXT]}... ({len(text)} characters)"


def redact_answer_headers(
    headers: Mapping[str, str], secrets: Iterable[str] = ()
) -> dict[str, str]:
    """Answer headers as they may be shown."""
    known = Secrets.of(secrets)
    # By name: iterating over the items of a HTTPHeaderDict gives repeated headers in pieces.
    return {
        name: MASK if name.lower() in SECRET_ANSWER_HEADERS else redact(str(headers[name]), known)
        for name in headers
    }


def clears_frames(function: F) -> F:
    """Decorate a function so that tracebacks hold nothing that it was given or made."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            clear_frames(error)
            raise

    return call  # type: ignore[return-value]


def clears_frames_of_methods(cls: C) -> C:
    """Make the public methods of a class `clears_frames`."""
    for name, value in list(vars(cls).items()):
        if isinstance(value, FunctionType) and not name.startswith("_"):
            setattr(cls, name, clears_frames(value))
    return cls


def clear_frames(error: BaseException) -> None:
    """Clear the frames below that of the caller, which has to delete its locals itself.

    The lines of the traceback stay, and so does an error that was being handled before.
    """
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        trace = each.__traceback__
        if each is error or (trace is not None and not _is_at_work(trace.tb_frame)):
            traceback.clear_frames(trace)
            left += [each.__cause__, each.__context__]


def _is_at_work(frame: FrameType) -> bool:
    try:
        frame.clear()
    except RuntimeError:
        return True
    return False


def drop_tracebacks(error: BaseException | None, handled: BaseException | None) -> None:
    """Clear the frames of an error: they hold the answer while the next one is read.

    :param error: that has been read.
    :param handled: what the caller was handling before: it is a context of the first error, and the
        caller's own.
    """
    while error is not None and error is not handled:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
