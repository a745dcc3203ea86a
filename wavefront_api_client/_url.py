"""Takes URLs to pieces: one to be shown as it stands, one to be sent as every parser reads it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

_PORTS = {"http": 80, "https": 443}

_PARTS = re.compile(r"(?:([^:/?#]*)://)?([^/?#]*)([^?#]*)\??([^#]*)", re.DOTALL)
"""Whatever stands where the parts of a URL do: it fits any text."""

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:(?P<user>[a-z0-9._~!$&'()*+,;=:%-]*)@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?![^/?#])(?P<target>[^#]*)(?:#.*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)

_PATH = r"(?:[a-z0-9._~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*"
_QUERY = r"(?:[a-z0-9._~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*"

_REFERENCE = re.compile(
    rf"(?P<authority>(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*)?"
    rf"(?P<path>{_PATH}(?:\?{_QUERY})?)(?:#{_QUERY})?",
    re.IGNORECASE | re.ASCII,
)
"""What RFC 3986 allows a reference to be, but for its authority."""

_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
"""A segment of a path that leads to another place."""

_STAYS = "/?:@!$&'()*+,;=-._~"


class Url(NamedTuple):
    """The parts of a URL, as they stand in it."""

    scheme: str
    netloc: str
    path: str
    query: str


def url_parts(url: str) -> Url:
    """Take a URL to pieces.

    Unlike `urllib.parse.urlsplit` it judges none of them: an error of that shows the password.
    """
    scheme, *parts = _PARTS.match(url).groups("")  # type: ignore[union-attr]
    return Url(scheme.lower(), *parts)


def split_url(url: str) -> tuple[str, str]:
    """The origin of a URL and what is to be asked for there.

    :param url: http or https, with a name or address and perhaps a port.
    :return: scheme, host and port as they are written; path and query, percent-encoded.
    :raises ValueError: it is no such URL, or one that could be read in two ways; it is not shown.
    """
    parts = _parts(url)
    port = f":{parts['port']}" if parts["port"] else ""
    target = parts["target"]
    path = target if target.startswith("/") else f"/{target}"
    return f"{parts['scheme']}://{parts['host']}{port}", _encoded(path)


def _parts(url: str) -> re.Match[str]:
    match = _URL.fullmatch(url)
    if match is None or int(match["port"] or 0) > 65535:
        raise ValueError("this is no http or https URL that all parsers read alike (not shown)")
    return match


def _encoded(target: str) -> str:
    """A target of characters that may be sent; what is percent-encoded already stays."""
    if "%" not in target or re.search("%(?![0-9A-Fa-f]{2})", target):
        return quote(target, safe=_STAYS, errors="surrogatepass")
    escaped = re.sub("%..", lambda match: match[0].upper(), target)
    return quote(escaped, safe=_STAYS + "%", errors="surrogatepass")


def origin(url: str) -> tuple[str, str | None, str, int]:
    """Scheme, user, host and port of a URL, to be compared with another's.

    :raises ValueError: see `split_url`.
    """
    parts = _parts(url)
    scheme = parts["scheme"].lower()
    port = int(parts["port"] or _PORTS[scheme])
    return scheme, parts["user"], parts["host"].lower(), port


def resolve(base: str, reference: str) -> str:
    """The URL that a reference, such as a Location, means.

    :param base: URL that the reference was found at.
    :param reference: absolute, or relative to it.
    :raises ValueError: it is none, or one that could be read in two ways; it is not shown.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError("this is no reference that all parsers read alike (not shown)")
    authority, path = match["authority"], match["path"]
    _check_path(path.partition("?")[0], is_relative=authority is None and path[:1] != "/")
    if authority is None:
        there, target = split_url(base)
        return there + _merged(target, path)
    there = authority if "://" in authority else f"{base.partition(':')[0]}:{authority}"
    origin(there)
    return there + _merged("/", path)


def _merged(base: str, reference: str) -> str:
    """A target relative to another one (RFC 3986, section 5.2.2)."""
    if not reference:
        return base
    path, mark, query = reference.partition("?")
    base_path = base.partition("?")[0]
    if not path:
        path = base_path
    elif not path.startswith("/"):
        path = base_path[: base_path.rindex("/") + 1] + path
    return (_without_dots(path) if _DOTS.search(path) else path) + mark + query


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment not in (".", ".."):
            kept.append(segment)
        elif segment == ".." and kept:
            kept.pop()
    ends_in_dots = path.rpartition("/")[2] in (".", "..")
    return "/" + "/".join(kept) + ("/" if ends_in_dots and kept else "")


def _check_path(path: str, is_relative: bool) -> None:
    """Refuse a path from which some parsers would take segments that others keep."""
    has_dots = _DOTS.search(path)
    if "//" in path and (is_relative or has_dots):
        raise ValueError("a reference holds an empty segment among relative ones (not shown)")
    if path.endswith(";") or (";" in path and _DOTS.search(path.replace(";", "/"))):
        raise ValueError("a reference holds a semicolon that some leave out (not shown)")
    if has_dots and "%2e" in path.lower():
        raise ValueError("a reference holds percent-encoded dots (not shown)")
    if is_relative and ":" in path.partition("/")[0]:
        raise ValueError("a reference begins with what may be a scheme (not shown)")
