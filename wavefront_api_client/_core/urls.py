"""Takes URLs to pieces: one to be shown as it stands, one to be sent as every parser reads it."""

from __future__ import annotations

import re
from urllib.parse import quote

_PORTS = {"http": 80, "https": 443}

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_ADDRESS = frozenset("0123456789abcdef:.")
_USER = _NAME | frozenset("~!$&'()*+,;=:%")

# The patterns below are text: they are compiled, and kept by `re`, when there is a redirect.

_PATH = r"(?:[a-z0-9._~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*"
_QUERY = r"(?:[a-z0-9._~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*"

_REFERENCE = (
    r"(?ai)(?P<authority>(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*)?"
    rf"(?P<path>{_PATH}(?:\?{_QUERY})?)(?:#{_QUERY})?"
)
"""What RFC 3986 allows a reference to be, but for its authority."""

_DOTS = r"(?i)(?:^|/)(?:\.|%2e){1,2}(?:/|$)"
"""A segment of a path that leads to another place."""

_STAYS = "/?:@!$&'()*+,;=-._~"


def url_parts(url: str) -> tuple[str, str, str, str]:
    """Scheme, authority, path and query of whatever text stands where a URL does.

    Unlike `urllib.parse.urlsplit` it judges none of them: an error of that shows the password.
    """
    before, _, query = url.partition("#")[0].partition("?")
    scheme, mark, rest = before.partition("://")
    if not mark or ":" in scheme or "/" in scheme:
        scheme, rest = "", before
    authority, slash, path = rest.partition("/")
    return scheme.lower(), authority, slash + path, query


def split_port(authority: str) -> tuple[str, str, str]:
    """The host, the colon and the port of an authority that has no user."""
    name, colon, port = authority.rpartition(":")
    return (authority, "", "") if authority.endswith("]") or not colon else (name, colon, port)


def is_host(host: str) -> bool:
    """Whether a text is made of what may stand in a name, or of an address of IPv6 in brackets."""
    if host.startswith("[") and host.endswith("]"):
        return _is_made_of(_ADDRESS, host[1:-1])
    return _is_made_of(_NAME, host)


def is_port(text: str) -> bool:
    """Whether a text is the number of a port."""
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536


def _is_made_of(characters: frozenset[str], text: str) -> bool:
    # Not all that is ASCII in lower case was so before.
    return bool(text) and text.isascii() and characters.issuperset(text.lower())


def split_url(url: str, known: str = "") -> tuple[str, str]:
    """The origin of a URL and what is to be asked for there.

    :param url: http or https, with a name or address and perhaps a port.
    :param known: an origin that this function gave before, which the URL may have.
    :return: scheme, host and port as they are written; path and query, percent-encoded.
    :raises ValueError: it is no such URL, or one that could be read in two ways; it is not shown.
    """
    if known and url.startswith(f"{known}/"):
        return known, _encoded(url[len(known) :].partition("#")[0])
    scheme, _, address, target = _parts(url)
    path = target if target.startswith("/") else f"/{target}"
    return f"{scheme}://{address}", _encoded(path)


def _parts(url: str) -> tuple[str, str | None, str, str]:
    """Scheme, user, host with its port, and what follows, as they are written."""
    scheme, authority, _, _ = url_parts(url)
    user, at, address = authority.rpartition("@")
    host, colon, port = split_port(address)
    is_strict = (not user or _is_made_of(_USER, user)) and is_host(host)
    if scheme not in _PORTS or not is_strict or (colon and not is_port(port)):
        raise ValueError("this is no http or https URL that all parsers read alike (not shown)")
    end = len(scheme)
    target = url[end + len("://") + len(authority) :].partition("#")[0]
    return url[:end], user if at else None, address, target


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
    scheme, user, address, _ = _parts(url)
    host, _, port = split_port(address.lower())
    return scheme.lower(), user, host, int(port or _PORTS[scheme.lower()])


def resolve(base: str, reference: str) -> str:
    """The URL that a reference, such as a Location, means.

    :param base: URL that the reference was found at.
    :param reference: absolute, or relative to it.
    :raises ValueError: it is none, or one that could be read in two ways; it is not shown.
    """
    match = re.fullmatch(_REFERENCE, reference)
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
    return (_without_dots(path) if re.search(_DOTS, path) else path) + mark + query


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
    has_dots = re.search(_DOTS, path)
    if "//" in path and (is_relative or has_dots):
        raise ValueError("a reference holds an empty segment among relative ones (not shown)")
    if path.endswith(";") or (";" in path and re.search(_DOTS, path.replace(";", "/"))):
        raise ValueError("a reference holds a semicolon that some leave out (not shown)")
    if has_dots and "%2e" in path.lower():
        raise ValueError("a reference holds percent-encoded dots (not shown)")
    if is_relative and ":" in path.partition("/")[0]:
        raise ValueError("a reference begins with what may be a scheme (not shown)")
