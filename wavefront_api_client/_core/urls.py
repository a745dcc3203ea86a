"""URLs: the address of the service, the values in a path, and where a redirect may lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin

from wavefront_api_client._core.limits import FETCHING_METHODS
from wavefront_api_client._core.secrets import url_parts
from wavefront_api_client._core.wire import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDER = "https://YOUR_INSTANCE.wavefront.com"
"""The host of a configuration until it is set."""

_PLACEHOLDER_NAME = "your_instance.wavefront.com"

FOREIGN_SCHEMES = frozenset({"", "file", "ftp", "socks4", "socks4a", "socks5", "socks5h", "unix"})
"""Schemes that an error may repeat; another text before ``://`` may be a password."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})

MOST_DECODINGS = 10
"""How often a value may be percent-encoded."""

_PORTS = {"http": 80, "https": 443}
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_ADDRESS = frozenset("0123456789abcdef:.")

_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"
_SURROGATE = r"[\ud800-\udfff]"
_STRUCTURE = "/\\?#%;"
"""Characters that end or change a segment: they are always quoted."""

_STAYS = "/?:@!$&'()*+,;=-._~"
"""Characters of a target that are sent unchanged."""


def split_port(authority: str) -> tuple[str, str, str]:
    """The host, the colon and the port of an authority that has no user."""
    name, colon, port = authority.rpartition(":")
    return (authority, "", "") if authority.endswith("]") or not colon else (name, colon, port)


def is_host(host: str) -> bool:
    """Whether a text is a host name, or an IPv6 address in brackets."""
    in_brackets = host.startswith("[") and host.endswith("]")
    name = host[1:-1] if in_brackets else host
    # Some characters are ASCII only in lower case.
    characters = _ADDRESS if in_brackets else _NAME
    return bool(name) and name.isascii() and characters.issuperset(name.lower())


def is_port(text: str) -> bool:
    """Whether a text is the number of a port."""
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536


def split_url(url: str, known: str = "") -> tuple[str, str]:
    """The origin of a URL as it is written, which may be a `known` one, and its path and query.

    :raises ValueError: it is not an http or https URL; the error does not show it.
    """
    if known and url.startswith(f"{known}/"):
        return known, _encoded(url[len(known) :].partition("#")[0])
    _, authority, path, query = url_parts(url)
    origin(url)
    there = f"{url.partition('://')[0]}://{authority.rpartition('@')[2]}"
    return there, _encoded(f"{path or '/'}?{query}" if query else path or "/")


def _encoded(target: str) -> str:
    """A target of characters that may be sent; escapes stay, in upper case, as urllib3 has them."""
    if target.isascii() and target.replace("/", "").replace("-", "").isalnum():
        # As most are: this takes a tenth of the time.
        return target
    if "%" not in target or re.search("%(?![0-9A-Fa-f]{2})", target):
        return quote(target, safe=_STAYS, errors="surrogatepass")
    escaped = re.sub("%..", lambda match: match[0].upper(), target)
    return quote(escaped, safe=_STAYS + "%", errors="surrogatepass")


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL, to be compared with another's.

    :raises ValueError: it is not an http or https URL; the error does not show it.
    """
    scheme, authority, _, _ = url_parts(url)
    host, colon, port = split_port(authority.rpartition("@")[2].lower())
    if scheme not in _PORTS or not is_host(host) or (colon and not is_port(port)):
        raise ValueError("this is not an http or https URL (not shown)")
    return scheme, host, int(port or _PORTS[scheme])


def parse_host(value: object, name: str = "host") -> str:
    """The base URL of the service, without a trailing slash or ``/api``; https if it has no scheme.

    :raises TypeError: the value of the setting of that name is not text.
    :raises ValueError: it is not a URL, or holds what a base URL must not; no password is shown.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text such as {PLACEHOLDER!r}, not {type(value).__name__}")
    if not value.isprintable() or " " in value or "\\" in value:
        raise ValueError(f"{name} must not hold white space, backslashes or control characters")
    scheme, authority, path, _ = url_parts(value if "://" in value else f"https://{value}")
    if scheme not in _PORTS:
        other = f", not {scheme!r}" if scheme in FOREIGN_SCHEMES else ""
        raise ValueError(f"{name} must be an http or https URL{other}")
    if "@" in authority:
        raise ValueError(f"{name} must not hold a user name or password")
    if "?" in value or "#" in value:
        raise ValueError(f"{name} must not hold a query or fragment")
    _check_authority(authority, name)
    if path.strip("/") not in ("", "api"):
        raise ValueError(f"{name} must not hold a path other than /api")
    return f"{scheme}://{authority}"


def _check_authority(authority: str, setting: str) -> None:
    host, colon, port = split_port(authority)
    if not is_host(host) or (host.startswith("[") and not _is_ip_v6(host[1:-1])):
        raise ValueError(f"{setting} must name a host, in ASCII, such as example.wavefront.com")
    if colon and not is_port(port):
        raise ValueError(f"the port of {setting} must be a number from 1 to 65535")


def _is_ip_v6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def is_same_address(one: str, other: str) -> bool:
    """Whether two base URLs have the same scheme, host and port; an empty one equals no other."""
    return bool(one) and origin(one) == origin(other)


def is_placeholder(url: str) -> bool:
    """Whether a URL leads to the host of the placeholder, in any case, at any port and path."""
    address = url.lower().partition("://")[2]
    # A name with a dot at its end is the same name.
    end = address[len(_PLACEHOLDER_NAME) :][:1]
    return address.startswith(_PLACEHOLDER_NAME) and end in ("", ".", ":", "/", "?", "#")


def is_clear_text(url: str) -> bool:
    """Whether a credential sent to a base URL could be read on its way: http to another machine."""
    return url_parts(url)[0] == "http" and not _is_loopback(_name_in(url))


def is_ip_address(url: str) -> bool:
    """Whether a base URL names its host by an IP address."""
    host = _name_in(url)
    return ":" in host or host.replace(".", "").isdigit()


def _name_in(url: str) -> str:
    return split_port(url_parts(url)[1])[0].strip("[]").lower()


def _is_loopback(name: str) -> bool:
    if name.startswith("127.") and name.count(".") == 3:
        return name.replace(".", "").isdigit()
    return name in ("localhost", "::1") or name.endswith(".localhost")


def check_segment(name: str, value: object) -> str:
    """A value, text or UTF-8, that names one resource and no other; no error shows it.

    :raises TypeError: it is neither.
    :raises ValueError: it is blank, holds control characters or would lead to another resource.
    """
    text = as_text(value)
    if not isinstance(text, str):
        raise TypeError(f"`{name}` must be text, not {type(value).__name__}")
    if not text.strip():
        raise ValueError(f"`{name}` must not be blank")
    if text.isascii() and text.isprintable() and "." not in text and "%" not in text:
        # As any token of today: nothing of it can be dangerous.
        return text
    if re.search(_CONTROL, text):
        raise ValueError(f"`{name}` must not hold control characters (value not shown)")
    if _is_relative(text):
        raise ValueError(f"`{name}` must not be, or decode to, a relative path (value not shown)")
    if re.search(_SURROGATE, text):
        raise ValueError(f"`{name}` must be text that UTF-8 can hold (value not shown)")
    return text


def _is_relative(text: str) -> bool:
    """Whether a path that is decoded once or more could hold ``.`` or ``..``."""
    for _ in range(MOST_DECODINGS):
        for part in re.split(r"[/\\]", text):
            if part.partition(";")[0].strip() in (".", ".."):
                return True
        # Repeated encodings at once: each turn takes time.
        decoded = unquote(re.sub("%(?:25)+", "%", text))
        if decoded == text:
            return False
        text = decoded
    return True


def fill(template: str, values: Mapping[str, object], safe: str = "") -> str:
    """A path such as ``/api/v2/apitoken/{id}`` with its values in place, each percent-encoded.

    :param safe: characters to leave unquoted, unless they structure a path.
    :raises TypeError: a value is neither text nor bytes.
    :raises ValueError: a value is not fit for a path, or a parameter has none.
    """
    plain = "".join(character for character in safe if character not in _STRUCTURE)

    def segment(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            raise ValueError(f"the path parameter `{name}` has no value")
        return quote(check_segment(name, values[name]), safe=plain)

    return re.sub(r"\{(\w+)\}", segment, template)


def redirect_target(method: str, url: str, status: int, location: str | None) -> str | None:
    """The URL to follow an answer to; None if it is not a redirect, or must not be followed.

    It is the origin of `url` with the path of the target, so no parser can see another host in it.
    """
    if status not in REDIRECTS or not location or method not in FETCHING_METHODS:
        return None
    try:
        there, target = split_url(urljoin(url, location))
        return split_url(url)[0] + target if origin(there) == origin(url) else None
    except ValueError:
        return None


def redirect_hint(url: str, location: str | None) -> str:
    """Why a redirect was not followed, with the origin of its target."""
    if not location:
        return "It is a redirect that names no target."
    try:
        there, _ = split_url(urljoin(url, location))
        if origin(there) == origin(url):
            return "A redirect within the origin is followed for GET only, and five times at most."
    except ValueError:
        return "The redirect was not followed: its target is not an http or https URL."
    return f"The redirect to {there} was not followed: a credential goes to no other origin."
