"""URLs: the address of the service, the values in a path, and where a redirect may lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urljoin

from wavefront_api_client._core.limits import FETCHING_METHODS
from wavefront_api_client._core.secrets import origin_of, url_parts
from wavefront_api_client._core.wire import as_text

PLACEHOLDER = "https://YOUR_INSTANCE.wavefront.com"
"""The host of a configuration until it is set."""

_UNSET = "your_instance.wavefront.com"

REDIRECTS = frozenset({301, 302, 303, 307, 308})

MOST_DECODINGS = 10
"""How often a value may be percent-encoded."""

_PORTS = {"http": 80, "https": 443}
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_ADDRESS = frozenset("0123456789abcdef:.")


def split_port(authority: str) -> tuple[str, str, str]:
    """The host, the colon and the port of an authority that has no user."""
    name, colon, port = authority.rpartition(":")
    return (authority, "", "") if authority.endswith("]") or not colon else (name, colon, port)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an http or https URL; a ValueError for another does not show it."""
    scheme, authority, _, _ = url_parts(url)
    host, colon, port = split_port(authority.rpartition("@")[2].lower())
    if scheme not in _PORTS or not _is_host(host) or (colon and not _is_port(port)):
        raise ValueError("this is not an http or https URL (not shown)")
    return scheme, host, int(port or _PORTS[scheme])


def _is_host(host: str) -> bool:
    """Whether a text in lower case is a host name, or an IPv6 address in brackets."""
    in_brackets = host.startswith("[") and host.endswith("]")
    name = host[1:-1] if in_brackets else host
    return bool(name) and (_ADDRESS if in_brackets else _NAME).issuperset(name)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536


def split_url(url: str, known: str = "") -> tuple[str, str]:
    """The origin of a URL, which may be a `known` one, and its path and query."""
    if known and url.startswith(f"{known}/"):
        there, target = known, url[len(known) :].partition("#")[0]
    else:
        origin(url)
        _, _, path, query = url_parts(url)
        there, target = origin_of(url), (path or "/") + (f"?{query}" if query else "")
    target = quote(target, safe="/?:@!$&'()*+,;=-._~%", errors="surrogatepass")
    if "%" in target:
        # As urllib3 sends escapes.
        target = re.sub("%[0-9a-fA-F]{2}", lambda escape: escape[0].upper(), target)
    return there, target


def parse_host(value: object, name: str = "host") -> str:
    """The base URL of the service, without a trailing slash or ``/api``; https if it has no scheme.

    An error names the setting, and shows no password.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text such as {PLACEHOLDER!r}, not {type(value).__name__}")
    if not value.isprintable() or " " in value or "\\" in value:
        raise ValueError(f"{name} must not hold white space, backslashes or control characters")
    scheme, authority, path, _ = url_parts(value if "://" in value else f"https://{value}")
    host, colon, port = split_port(authority)
    rules = {
        "be an http or https URL": scheme in _PORTS,
        "not hold a user name or password": "@" not in authority,
        "not hold a query or fragment": "?" not in value and "#" not in value,
        "name a host in ASCII": host.isascii() and _is_host(host.lower()),
        "have a port from 1 to 65535": not colon or _is_port(port),
        "not hold a path other than /api": path.strip("/") in ("", "api"),
    }
    for rule, is_kept in rules.items():
        if not is_kept:
            raise ValueError(f"{name} must {rule}")
    return f"{scheme}://{authority}"


def is_same_address(one: str, other: str) -> bool:
    """Whether two URLs have the same scheme, host and port; an empty one equals no other."""
    return bool(one) and origin(one) == origin(other)


def is_placeholder(url: str) -> bool:
    """Whether a URL leads to the host of the placeholder, in any case, at any port and path."""
    # A name with a dot at its end is the same name.
    return _UNSET in url.lower() and _name_in(url).rstrip(".") == _UNSET


def is_clear_text(url: str) -> bool:
    """Whether a credential sent to a base URL could be read on its way: http to another machine."""
    name = _name_in(url)
    is_number = name.startswith("127.") and name.replace(".", "").isdigit()
    is_loopback = is_number or name in ("localhost", "::1") or name.endswith(".localhost")
    return url_parts(url)[0] == "http" and not is_loopback


def is_ip_address(url: str) -> bool:
    """Whether a base URL names its host by an IP address."""
    host = _name_in(url)
    return ":" in host or host.replace(".", "").isdigit()


def _name_in(url: str) -> str:
    return split_port(url_parts(url)[1])[0].strip("[]").lower()


def check_segment(name: str, value: object) -> str:
    """A value, text or UTF-8, that names one resource and no other; no error shows it."""
    text = as_text(value)
    if not isinstance(text, str):
        raise TypeError(f"`{name}` must be text, not {type(value).__name__}")
    if not text.strip():
        raise ValueError(f"`{name}` must not be blank")
    if text.isascii() and text.isprintable() and "." not in text and "%" not in text:
        # As any token of today: nothing of it can be dangerous.
        return text
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text):
        raise ValueError(f"`{name}` must be UTF-8 without control characters (value not shown)")
    if _is_relative(text):
        raise ValueError(f"`{name}` must not be, or decode to, a relative path (value not shown)")
    return text


def _is_relative(text: str) -> bool:
    """Whether a path that is decoded once or more could hold ``.`` or ``..``."""
    for _ in range(MOST_DECODINGS):
        parts = re.split(r"[/\\]", text)
        if any(part.partition(";")[0].strip() in (".", "..") for part in parts):
            return True
        # Repeated encodings at once: each turn takes time.
        decoded = unquote(re.sub("%(?:25)+", "%", text))
        if decoded == text:
            return False
        text = decoded
    return True


def fill(template: str, values: Mapping[str, object], safe: str = "") -> str:
    """A path such as ``/api/v2/apitoken/{id}`` with its values in place, each percent-encoded."""
    # What need not be encoded; the others would end or change a segment.
    plain = "".join(character for character in safe if character not in "/\\?#%;")

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
    if status not in REDIRECTS or method not in FETCHING_METHODS:
        return None
    there, target = _leads_to(url, location)
    return split_url(url)[0] + target if is_same_address(there, url) else None


def redirect_hint(url: str, location: str | None) -> str:
    """Why a redirect was not followed, with the origin of its target."""
    there, _ = _leads_to(url, location)
    return (
        f"The redirect to {there or 'no http or https URL'} was not followed: a credential goes to"
        " no other origin, and only GET is redirected, five times at most."
    )


def _leads_to(url: str, location: str | None) -> tuple[str, str]:
    """Origin and target of a redirect; both are empty if it cannot be read."""
    try:
        return split_url(urljoin(url, location)) if location else ("", "")
    except ValueError:
        return "", ""
