"""Reads the address of the service in any common spelling, and refuses what is no address."""

from __future__ import annotations

from wavefront_api_client._core.urls import is_host, is_port, origin, split_port, url_parts

PLACEHOLDER = "https://YOUR_INSTANCE.wavefront.com"
"""The host of a configuration that nobody has set yet."""

_PLACEHOLDER_NAME = "your_instance.wavefront.com"

FOREIGN_SCHEMES = frozenset({"", "file", "ftp", "socks4", "socks4a", "socks5", "socks5h", "unix"})
"""Schemes that an error may repeat; what else stands before ``://`` may be a password."""


def parse_host(value: object, name: str = "host") -> str:
    """The base URL of the service, without a trailing slash or ``/api``.

    :param value: a URL, or a host name with an optional port (https is meant then).
    :param name: of the setting, for the error.
    :raises TypeError: the value is not text.
    :raises ValueError: the value is no URL, or holds what a base URL must not.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text such as {PLACEHOLDER!r}, not {type(value).__name__}")
    if not value.isprintable() or " " in value or "\\" in value:
        raise ValueError(f"{name} must not hold white space, backslashes or control characters")
    url = value if "://" in value else f"https://{value}"
    _check(url, name)
    scheme, authority, path, _ = url_parts(url)
    path = path.rstrip("/")
    if path.endswith("/api"):
        path = path[: -len("/api")].rstrip("/")
    return f"{scheme}://{authority}{path}"


def _check(url: str, setting: str) -> None:
    """Refuse what makes a URL more than a base address, without showing a password in it."""
    scheme, authority, path, _ = url_parts(url)
    if scheme not in ("http", "https"):
        other = f", not {scheme!r}" if scheme in FOREIGN_SCHEMES else ""
        raise ValueError(f"{setting} must be an http or https URL{other}")
    if "@" in authority:
        raise ValueError(f"{setting} must not hold a user name or password")
    if "?" in url or "#" in url:
        raise ValueError(f"{setting} must not hold a query or fragment")
    name, colon, port = split_port(authority)
    if not is_host(name) or (name.startswith("[") and not _is_ip_v6(name[1:-1])):
        raise ValueError(f"{setting} must name a host, in ASCII, such as example.wavefront.com")
    if colon and not is_port(port):
        raise ValueError(f"the port of {setting} must be a number from 1 to 65535")
    if any(segment in (".", "..") for segment in path.split("/")) or "%" in path:
        raise ValueError(f"the path of {setting} must be plain, without '.', '..' or '%'")


def _is_ip_v6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def is_same_address(one: str, other: str) -> bool:
    """Whether two base URLs name one service: the same scheme, host, port and path.

    :param one: base URL, empty for one that is no other's.
    :param other: another one.
    """
    if not one or url_parts(one)[2] != url_parts(other)[2]:
        return False
    return origin(one) == origin(other)


def is_placeholder(url: str) -> bool:
    """Whether a URL leads to the host of the placeholder, in any case, at any port and path."""
    size = len(_PLACEHOLDER_NAME)
    address = url.partition("://")[2][: size + 1].lower()
    # With a dot at its end it is the same name.
    return address[:size] == _PLACEHOLDER_NAME and address[size:] in ("", ".", ":", "/", "?", "#")


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
