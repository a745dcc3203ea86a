"""Reads the address of the service in any common spelling, and refuses what is no address."""

from __future__ import annotations

from urllib.parse import urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from urllib.parse import SplitResult

PLACEHOLDER = "https://YOUR_INSTANCE.wavefront.com"
"""The host of a configuration that nobody has set yet."""

_PLACEHOLDER_NAME = "your_instance.wavefront.com"

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_ADDRESS = frozenset("0123456789abcdef:.")


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
    parts = urlsplit(url)
    _check(parts, url, name)
    path = parts.path.rstrip("/")
    if path.endswith("/api"):
        path = path[: -len("/api")].rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _check(parts: SplitResult, url: str, setting: str) -> None:
    """Refuse what makes a URL more than a base address, without showing a password in it."""
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{setting} must be an http or https URL, not {parts.scheme!r}")
    if "@" in parts.netloc:
        raise ValueError(f"{setting} must not hold a user name or password")
    if "?" in url or "#" in url:
        raise ValueError(f"{setting} must not hold a query or fragment")
    name, colon, port = _split_port(parts.netloc)
    if not _is_name(name.lower()):
        raise ValueError(f"{setting} must name a host, in ASCII, such as example.wavefront.com")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"the port of {setting} must be a number from 1 to 65535")
    if any(segment in (".", "..") for segment in parts.path.split("/")) or "%" in parts.path:
        raise ValueError(f"the path of {setting} must be plain, without '.', '..' or '%'")


def _is_name(name: str) -> bool:
    if name.startswith("[") and name.endswith("]"):
        return bool(name[1:-1]) and _ADDRESS.issuperset(name[1:-1])
    return bool(name) and _NAME.issuperset(name)


def _split_port(netloc: str) -> tuple[str, str, str]:
    if netloc.endswith("]"):
        return netloc, "", ""
    name, colon, port = netloc.rpartition(":")
    return (name, colon, port) if colon else (netloc, "", "")


def is_placeholder(url: str) -> bool:
    """Whether a URL leads to the host of the placeholder, in any case, at any port and path."""
    size = len(_PLACEHOLDER_NAME)
    address = url.partition("://")[2][: size + 1].lower()
    # With a dot at its end it is the same name.
    return address[:size] == _PLACEHOLDER_NAME and address[size:] in ("", ".", ":", "/", "?", "#")


def is_clear_text(url: str) -> bool:
    """Whether a credential sent there could be read on its way: http to another machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not _is_loopback(parts.hostname or "")


def is_ip_address(url: str) -> bool:
    """Whether a URL names its host by an IP address."""
    name = urlsplit(url).hostname or ""
    return ":" in name or name.replace(".", "").isdigit()


def _is_loopback(name: str) -> bool:
    if name.startswith("127.") and name.count(".") == 3:
        return name.replace(".", "").isdigit()
    return name in ("localhost", "::1") or name.endswith(".localhost")
