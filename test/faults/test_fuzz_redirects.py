"""Locations made at random: whoever reads one that is followed reads home, or nothing is sent.

In the suite, the same few thousand each time. To look further, set `WAVEFRONT_FUZZ_SECONDS` (for
each of the routes) and perhaps `WAVEFRONT_FUZZ_SEED`, a number:

    WAVEFRONT_FUZZ_SECONDS=3600 pytest test/faults/test_fuzz_redirects.py

A failure shows the seed, the route and the Location. The packages `ada-url`, `httpx`, `hyperlink`,
`rfc3986` and `yarl` take part where they are installed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import random
import re
import selectors
import socket
import threading
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest
from hostile import configuration_for
from tunnels import Network
from urllib3.util import parse_url

from wavefront_api_client import ApiClient, ApiException

SECONDS = float(os.environ.get("WAVEFRONT_FUZZ_SECONDS") or 0)
SEED = int(os.environ.get("WAVEFRONT_FUZZ_SEED") or 20)
ROUNDS = 250
"""Locations for each route, if no time is named."""

START = "/start/here"
HEAD = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"
DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


# --- the server -------------------------------------------------------------------------------


class QuickServer:
    """Answer every connection from one thread: with a redirect, then with nothing."""

    def __init__(self) -> None:
        self.location = b""
        self.heads: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="quick", daemon=True)

    def __enter__(self) -> QuickServer:
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._waker.send(b"x")
        self._thread.join(5)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()
        self._waker.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(connection, selectors.EVENT_READ, self._answer)

    def _answer(self, connection: socket.socket) -> None:
        """A request of these tests comes in one piece, or it is none of them."""
        with contextlib.suppress(OSError):
            head = connection.recv(65536)
            if head.endswith(b"\r\n\r\n"):
                self.heads.append(head)
                is_first = head.split(b" ", 2)[1].endswith(START.encode())
                connection.sendall(HEAD % self.location if is_first else DONE)
                return
        self._selector.unregister(connection)
        connection.close()


# --- the readers ------------------------------------------------------------------------------

Reading = tuple[str, str, int, "str | None"]
"""Scheme, host and port, and the target that is asked for there."""

PORTS = {"http": 80, "https": 443}


def reading(scheme: str | None, host: str | None, port: int | None, target: str | None) -> Reading:
    name = (host or "").lower().strip("[]")
    return (scheme or "").lower(), name, port or PORTS.get((scheme or "").lower(), 0), target


def target_of(path: str | None, query: str | None) -> str:
    return (path or "/") + (f"?{query}" if query else "")


def by_urllib(base: str, location: str) -> Reading:
    parts = urlsplit(urljoin(base, location))
    return reading(parts.scheme, parts.hostname, parts.port, target_of(parts.path, parts.query))


def by_urllib3(base: str, location: str) -> Reading:
    parts = parse_url(urljoin(base, location))
    return reading(parts.scheme, parts.host, parts.port, target_of(parts.path, parts.query))


def by_http_client(base: str, location: str) -> Reading:
    request = urllib.request.Request(urljoin(base, location))
    connection = HTTPConnection(request.host)
    port = connection.port if re.search(r":\d+\Z", request.host) else None
    return reading(request.type, connection.host, port, request.selector or "/")


def by_ada_url(base: str, location: str) -> Reading:
    url = importlib.import_module("ada_url").URL(location, base)
    return reading(url.protocol.rstrip(":"), url.hostname, int(url.port or 0), None)


def by_httpx(base: str, location: str) -> Reading:
    url = importlib.import_module("httpx").URL(base).join(location)
    return reading(url.scheme, url.host, url.port, url.raw_path.decode())


def by_hyperlink(base: str, location: str) -> Reading:
    url = importlib.import_module("hyperlink").URL.from_text(base).click(location)
    parts = RFC_3986.match(url.to_text())
    return reading(url.scheme, url.host, url.port, target_of(parts["path"], parts["query"]))


def by_rfc3986(base: str, location: str) -> Reading:
    reference = importlib.import_module("rfc3986").uri_reference
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        url = reference(location).resolve_with(reference(base))
        about = url.authority_info()
    return reading(
        url.scheme, about["host"], int(about["port"] or 0), target_of(url.path, url.query)
    )


def by_yarl(base: str, location: str) -> Reading:
    url = (
        importlib.import_module("yarl")
        .URL(base)
        .join(importlib.import_module("yarl").URL(location))
    )
    return reading(url.scheme, url.host, url.port, url.raw_path_qs)


RFC_3986 = re.compile(
    r"(?s)\A(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?\Z"
)
"""The expression of its appendix B."""

RFC_AUTHORITY = re.compile(
    r"\A(?:(?P<user>[\w.~!$&'()*+,;=:%-]*)@)?(?P<host>\[[0-9a-fA-F:.]+\]|[\w.~!$&'()*+,;=%-]*)"
    r"(?::(?P<port>[0-9]*))?\Z",
    re.ASCII,
)


def by_the_rfc(base: str, location: str) -> Reading:
    """Section 5.2.2 without the leniency that it allows for a scheme like that of the base."""
    here, there = RFC_3986.match(base), RFC_3986.match(location)
    scheme, authority = there["scheme"], there["authority"]
    path, query = there["path"], there["query"]
    if scheme is None and authority is None:
        if path == "":
            path, query = here["path"], here["query"] if query is None else query
        elif not path.startswith("/"):
            path = here["path"].rpartition("/")[0] + "/" + path
    if scheme is None:
        scheme = here["scheme"]
        authority = here["authority"] if authority is None else authority
    where = RFC_AUTHORITY.match(authority or "")
    if where is None or where["user"] is not None or not where["host"]:
        raise ValueError("no authority, or one with a user")
    return reading(scheme, where["host"], int(where["port"] or 0), target_of(path, query))


def by_a_browser(base: str, location: str) -> Reading:
    """Like the URL standard of the WHATWG: who looks for a host there finds one."""
    text = re.sub(r"[\t\n\r]", "", location.strip("".join(map(chr, range(33)))))
    text = re.sub(r"\\", "/", text.partition("#")[0].partition("?")[0])
    scheme, colon, rest = text.partition(":")
    has_scheme = bool(colon) and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) is not None
    home = urlsplit(base)
    if not has_scheme:
        scheme, rest = home.scheme, text
    scheme = scheme.lower()
    if not rest.startswith("//") and (not has_scheme or scheme == home.scheme):
        return reading(home.scheme, home.hostname, home.port, None)
    authority = rest.lstrip("/").partition("/")[0].rpartition("@")[2]
    host = re.fullmatch(r"(\[[^]]*\]|[^:]*)(?::([0-9]*))?", authority)
    if host is None:
        raise ValueError("no host")
    name = unquote_to_bytes(host[1]).decode("utf-8", "replace")
    return reading(scheme, name, int(host[2] or 0), None)


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


OF_THE_WAY = ("urllib", "urllib3", "http.client", "RFC 3986")
"""Those whose word on the path counts as well: the others have their own ways with dots."""

READERS: dict[str, Callable[[str, str], Reading]] = {
    "urllib": by_urllib,
    "urllib3": by_urllib3,
    "http.client": by_http_client,
    "RFC 3986": by_the_rfc,
    "a browser": by_a_browser,
}
READERS |= {
    name: read
    for name, read in {
        "ada_url": by_ada_url,
        "httpx": by_httpx,
        "hyperlink": by_hyperlink,
        "rfc3986": by_rfc3986,
        "yarl": by_yarl,
    }.items()
    if installed(name)
}


def canonical(target: str) -> tuple[bytes, bytes]:
    """Targets that RFC 3986, section 6.2.2, calls equivalent are equal here."""
    path, _, query = target.partition("?")
    kept: list[str] = []
    segments = re.sub("(?i)%2e", ".", path).split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1:] in (["."], [".."]):
        kept.append("")
    return b"/".join(map(unquote_to_bytes, kept)), unquote_to_bytes(query)


def disagreement(base: str, location: str, home: Reading, target: str) -> str | None:
    """Who reads a Location that was followed in another way, and how."""
    for name, read in READERS.items():
        try:
            found = read(base, location)
        except Exception as error:
            return f"{name} refuses it: {error!r}"
        if found[:3] != home[:3]:
            return f"{name} reads {found}"
        if name in OF_THE_WAY and canonical(found[3]) != canonical(target):
            return f"{name} reads {found}, but {target} was asked for"
    return None


# --- the Locations ----------------------------------------------------------------------------

SCHEMES = ["http:", "http:", "http:", "HTTP:", "", "", "", "", "https:", "http", "ws:", "ftp:", "javascript:", "h\ttp:", "http\u017f:", " http:", "\x01http:", ":", "//", "url:http:"]  # fmt: skip
SLASHES = ["//", "//", "//", "//", "", "/", "///", "////", "\\\\", "/\\", "\\/", "\\", "/\t/", "//\\", "/./", "/.//", "%2f%2f", "\uff0f\uff0f"]  # fmt: skip
USERS = ["", "", "", "", "", "@", "user@", "user:pw@", "{home}@", "{evil}@", "{home}\\@", "{evil}\\@", "{evil}/@", "{evil}#@", "{evil}?@", "{home}%40", "{evil}%2f@", "a@b@", ":@", "\uff20", "{home}\uff20", "{evil}\\", "{evil}\\[", "[", "{evil}\x00@"]  # fmt: skip
HOSTS = ["{name}", "{name}", "{name}", "{name}", "{NAME}", "evil.test", "evil.test", "127.0.0.1", "127.0.0.2", "[::1]", "[{name}]", "{name}.", "{name}.evil.test", "evil.{name}", "evil.test.{name}", "home\u3002localhost", "home\uff0elocalhost", "home%2elocalhost", "{name}%00", "\uff48ome.localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "[::1%25lo]", "[::1%lo]", "[v1.a]", "[", "]", "", "ho\u00adme.localhost", "home.localho\u017ft", "127.0.0.\u00b9"]  # fmt: skip
TAILS = ["", "", "", ".evil.test", "\\.evil.test", "\\{evil}", "\t", " ", "\x00", "%2f{evil}", "%23", "\u2100", "\uff1a", "^", "|", "`", '"', ";", "!", "~", "$"]  # fmt: skip
PORTS_TEXT = [":{port}", ":{port}", ":{port}", ":{port}", ":{other}", "", ":", ":0{port}", ":00000{port}", ":+{port}", ":-{port}", ":{port}_", ": {port}", ":{port} ", ":{port}\\", ":\u0668{port}", ":99999", ":{port}:{other}", ":{port}@{evil}", ":%31", "\uff1a{port}", ":{port}.", ":1e3"]  # fmt: skip
PATHS = ["", "/", "/x", "/x/y", "/a/../b", "/a/./b", "/..", "/.", "/..//{evil}/x", "//{evil}/x", "//x", "/\\{evil}", "/a//b", "/;p", "/a;b=c", "x", "x/y", "../x", "./x", "./a:b", "a:b", "{evil}/x", "{home}/x", "/%2e%2e/x", "/%5c", "/%2f%2f{evil}", "/%c3%a9", "/caf\u00e9", "/a b", "/a\tb", "/@{evil}", "/x@{home}", "/a[b]", "/%", "/%zz", "/{{x}}", "/a|b", "/%u0041", "/" + "y" * 300, "/-._~!$&'()*+,;=:@", "x//y", "/x/", "/x/..", "/x/.", "./", "."]  # fmt: skip
QUERIES = ["", "", "", "?", "?a=b", "?a=b&c=d", "?@{home}", "?//{evil}/", "?a=%2F", "?a b", "?\\", "?[]", "?a?b", "?\u00e9", "?a=+", "?{evil}"]  # fmt: skip
FRAGMENTS = ["", "", "", "", "#", "#x", "#@{home}", "#//{evil}", "#a#b", "#\\", "# ", "#/../x"]
PARTS = [SCHEMES, SLASHES, USERS, HOSTS, TAILS, PORTS_TEXT, PATHS, QUERIES, FRAGMENTS]
NASTY = [
    *"/\\@:?#[]%.;&=+ \t\x00\x0b\x0c\x1f\x7f\x85\xa0<>\"'^`{|}~!$*(),-_0189aAzZ",
    *"\uff0f\uff3c\uff20\uff1a\uff1f\uff03\uff0e\u3002\u2100\u2044\u00ad\u200b\u202e\ufeff\u0130\u212a",
    "//", "\\\\", "..", "%2f", "%5c", "%40", "%00", "%09", "%0d%0a", "@evil.test", "//evil.test/",
]  # fmt: skip


class Maker:
    """Makes Locations, the same from the same seed."""

    def __init__(self, seed: str, names: dict[str, object]) -> None:
        self._random = random.Random(seed)
        self._names = names
        self._last = "/x"

    def next(self) -> str:
        kind = self._random.random()
        if kind < 0.25:
            text = self._plain()
        elif kind < 0.5:
            text = self._path()
        elif kind < 0.9:
            text = self._any()
        else:
            text = self._spliced(self._last, self._any())
        for _ in range(self._random.choice((0, 0, 0, 1, 1, 2, 5))):
            text = self._mutated(text)
        self._last = text
        return text.replace("\r", "").replace("\n", "")

    def _fill(self, parts: list[list[str]]) -> str:
        return "".join(self._random.choice(part).format(**self._names) for part in parts)

    def _any(self) -> str:
        return self._fill(PARTS)

    def _path(self) -> str:
        return self._fill(PARTS[6:])

    def _plain(self) -> str:
        """A URL at home, whose path and query are nothing special to speak of."""
        return self._random.choice(("http:", "")) + "//{home}".format(**self._names) + self._path()

    def _spliced(self, one: str, other: str) -> str:
        return one[: self._place(one)] + other[self._place(other) :]

    def _place(self, text: str) -> int:
        return self._random.randint(0, len(text))

    def _mutated(self, text: str) -> str:
        at, piece = self._place(text), self._random.choice(NASTY)
        skipped = self._random.choice((0, 0, 1, 1, 2))
        return text[:at] + self._random.choice((piece, piece, "")) + text[at + skipped :]


# --- the test ---------------------------------------------------------------------------------


@contextlib.contextmanager
def world(route: str) -> Iterator[tuple[QuickServer, QuickServer, Network, ApiClient, str]]:
    """A server at home (or a proxy on the way there), an evil one, and a client."""
    with QuickServer() as server, QuickServer() as evil, Network().watched() as network:
        host = {"IPv6": "[::1]", "address": "127.0.0.1"}.get(route, "home.localhost")
        authority = f"{host}:{8123 if route == 'proxy' else server.port}"
        proxy = f"http://127.0.0.1:{server.port}" if route == "proxy" else None
        configuration = configuration_for(f"http://{authority}", proxy=proxy, retries=0)
        with ApiClient(configuration) as client:
            yield server, evil, network, client, authority


def names_of(authority: str, evil: int) -> dict[str, object]:
    name, _, port = authority.rpartition(":")
    return {
        "home": authority, "name": name, "NAME": name.upper(), "port": port,
        "evil": f"evil.test:{evil}", "other": evil,
    }  # fmt: skip


def rounds() -> Iterator[int]:
    end = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < end if SECONDS else count < ROUNDS:
        yield count
        count += 1


@pytest.mark.parametrize("route", ["name", "address", "IPv6", "proxy"])
def test_what_is_followed_is_home_to_every_reader(route, record_property):
    with world(route) as (server, evil, network, client, authority):
        maker = Maker(f"{SEED} {route}", names_of(authority, evil.port))
        name, _, port = authority.rpartition(":")
        home = reading("http", name, int(port), None)
        followed = refused = 0
        for _ in rounds():
            location = maker.next()
            server.location = location.encode("utf-8", "replace")
            server.heads.clear()
            network.ports.clear()
            try:
                client.call_api(START, "GET", auth_settings=["api_key"])
            except ApiException:
                refused += 1
            problem = fault(server, evil, network, authority, location, home)
            followed += len(server.heads) > 1
            assert problem is None, f"seed {SEED}, route {route}, Location {location!r}: {problem}"
    record_property("followed", followed)
    assert followed > 20 and refused > 100, (followed, refused)


def fault(
    server: QuickServer,
    evil: QuickServer,
    network: Network,
    authority: str,
    location: str,
    home: Reading,
) -> str | None:
    """What is wrong with the requests that a Location led to."""
    if evil.heads or not set(network.ports) <= {server.port}:
        return f"it led to the ports {network.ports}"
    if not server.heads:
        return "nothing was asked for"
    for head in server.heads:
        host = re.search(rb"(?i)\r\nhost: *([^\r]*)", head)
        if host is None or host[1].decode("latin-1").lower() != authority:
            return f"another host was asked: {head!r}"
    if len(server.heads) == 1:
        return None
    target = server.heads[-1].split(b" ", 2)[1].decode("latin-1")
    target = re.sub(rf"(?i)\Ahttp://{re.escape(authority)}/?", "/", target)
    if not target.startswith("/"):
        return f"another origin was asked for: {target}"
    if len(server.heads) > 2:
        # It led to where it came from, again and again.
        target = START
    # Blanks around the value of a field are no part of it.
    return disagreement(f"http://{authority}{START}", location.strip(" \t"), home, target)
