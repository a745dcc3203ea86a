"""A redirect that two parsers read differently: the key stays at home, whoever reads it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from functools import cached_property

import pytest
from cases import for_all, pairs
from hostile import Answer, HostileServer, Reply, Request, configuration_for, http_answer
from tunnels import Network, Tunnel

from wavefront_api_client import ApiClient, ApiException

START = "/api/v2/apitoken"
KEY = "the-key-of-the-tests"
FINAL = http_answer(200, {"final": True})


@dataclasses.dataclass
class Home:
    """The service, reached over one route, and an evil server beside it."""

    name: str
    scheme: str
    host: str
    port: int
    evil: HostileServer
    network: Network
    settings: dict
    doors: list[int]
    """The ports that the client may connect to: of the service, or of its proxy."""
    requests: list[Request]
    location: bytes = b""

    def answer(self, request: Request) -> bytes:
        return self.respond(request)

    def respond(self, request: Request) -> bytes:
        if not request.target.endswith(START):
            return FINAL
        head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
        return head + self.location + b"\r\n\r\n"

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What was asked for, in the form that goes directly to a service."""
        origin = f"http://{self.authority}"
        targets = [request.target.replace(origin, "", 1) for request in self.requests]
        return [target if target[:1] == "/" else f"/{target}" for target in targets]

    def fill(self, location: str) -> str:
        other = f"evil.test:{self.evil.port}"
        return location.format(
            home=self.authority,
            HOME=self.authority.upper(),
            scheme=self.scheme,
            SCHEME=self.scheme.upper(),
            name=self.host,
            port=self.port,
            evil=other,
            evil_port=self.evil.port,
        )

    def call(self, location: str | bytes, method: str = "GET", **options) -> object:
        """Ask for what is redirected there."""
        is_text = isinstance(location, str)
        self.location = self.fill(location).encode("utf-8") if is_text else location
        return self.send(START, method, **options)

    def send(self, path: str, method: str, **options) -> object:
        self.requests.clear()
        self.network.ports.clear()
        return self.client.call_api(path, method, auth_settings=["api_key"], **options)

    @cached_property
    def client(self) -> ApiClient:
        url = f"{self.scheme}://{self.authority}"
        return ApiClient(configuration_for(url, retries=0, **self.settings))

    def was_not_left(self) -> bool:
        """Whether every connection and every request was for the configured origin."""
        hosts = {request.headers["host"].lower() for request in self.requests}
        absolute = [request.target for request in self.requests if request.target[0] != "/"]
        return (
            set(self.network.ports) <= set(self.doors)
            and self.evil.connections == len(self.evil.requests) == 0
            and hosts <= {self.authority}
            and all(target.startswith(f"http://{self.authority}/") for target in absolute)
        )


@contextlib.contextmanager
def direct(name: str, host: str, evil, network, tls=None, settings=None) -> Iterator[Home]:
    with HostileServer([Answer()], tls=tls) as server:
        scheme = "https" if tls else "http"
        home = Home(
            name, scheme, host, server.port, evil, network,
            {"proxy": None, **(settings or {})}, [server.port], server.requests,
        )  # fmt: skip
        server.script[0] = Reply(home.answer)
        yield home


@contextlib.contextmanager
def forwarded(name: str, host: str, evil, network) -> Iterator[Home]:
    with HostileServer([Answer()]) as proxy:
        home = Home(
            name, "http", host, 8123, evil, network,
            {"proxy": proxy.url}, [proxy.port], proxy.requests,
        )  # fmt: skip
        proxy.script[0] = Reply(home.answer)
        yield home


@contextlib.contextmanager
def tunnelled(name: str, host: str, evil, network, tls, settings) -> Iterator[Home]:
    tunnel = Tunnel(tls, lambda request: b"")
    with HostileServer([tunnel]) as proxy:
        home = Home(
            name, "https", host, 8443, evil, network,
            {"proxy": proxy.url, **settings}, [proxy.port], tunnel.requests,
        )  # fmt: skip
        tunnel.make = home.answer
        yield home
        asked = {request.target for request in proxy.requests}
        assert asked <= {home.authority}, "the proxy was asked for another host"


ROUTES = ["http", "http by name", "http by IPv6", "https", "proxy", "tunnel"]


@pytest.fixture(scope="module")
def homes(server_tls, ca_file) -> Iterator[dict[str, Home]]:
    trust = {"ssl_ca_cert": ca_file}
    by_name = server_tls("home.localhost")
    with contextlib.ExitStack() as stack:
        network = Network()
        evil = stack.enter_context(HostileServer([Answer()]))
        around = (evil, network)
        started = [
            direct("http", "127.0.0.1", *around),
            direct("http by name", "home.localhost", *around),
            direct("http by IPv6", "[::1]", *around),
            direct("https", "127.0.0.1", *around, server_tls(), trust),
            forwarded("proxy", "home.localhost", *around),
            tunnelled("tunnel", "home.localhost", *around, by_name, trust),
        ]
        homes = {}
        for each in started:
            home = stack.enter_context(each)
            homes[home.name] = home
            stack.callback(home.client.close)
        stack.enter_context(network.watched())
        yield homes


@pytest.fixture
def each_home(homes) -> list[Home]:
    """The service over every route, one after the other."""
    evil = homes["http"].evil
    evil.connections = 0
    evil.requests.clear()
    return [homes[route] for route in ROUTES]


# --- refused ----------------------------------------------------------------------------------

AWAY = {
    "evil": "{scheme}://{evil}/",
    "evil without scheme": "//{evil}/",
    "evil in another case": "{SCHEME}://EVIL.TEST:{evil_port}/",
    "evil by address": "{scheme}://127.0.0.1:{evil_port}/",
    "evil by IPv6": "{scheme}://[::1]:{evil_port}/",
    "evil at the port of home": "{scheme}://evil.test:{port}/",
    "home at the port of evil": "{scheme}://{name}:{evil_port}/",
    "home as user": "{scheme}://{home}@{evil}/",
    "home as user and password": "{scheme}://{name}:{port}@{evil}/",
    "home as user, without scheme": "//{home}@{evil}/",
    "home escaped as user": "{scheme}://{name}%3a{port}@{evil}/",
    "home before an escaped at sign": "{scheme}://{home}%40{evil}/",
    "home in the fragment": "{scheme}://{evil}#@{home}/",
    "home in the fragment, after a slash": "{scheme}://{evil}/#@{home}/",
    "home in the query": "{scheme}://{evil}?@{home}/",
    "home in the path": "{scheme}://{evil}/@{home}/",
    "home in the parameters": "{scheme}://{evil};@{home}/",
    "two at signs": "{scheme}://{home}@{home}@{evil}/",
    "two at signs, evil between": "{scheme}://a@{evil}@{home}/",
    "home as a subdomain": "{scheme}://{name}.evil.test:{evil_port}/",
    "home as a prefix": "{scheme}://{home}.evil.test/",
    "home with a suffix to its port": "{scheme}://{home}1/",
    "home with a dot": "{scheme}://{name}.:{port}/",
    "other scheme": "ftp://{home}/",
    "socket": "ws://{home}/",
    "script": "javascript:alert(1)//{home}/",
    "file": "file://{home}/etc/passwd",
    "data": "data:text/plain,{home}",
    "name taken for a scheme": "evil.test:{evil_port}/",
    "name taken for a scheme, with slashes": "evil.test://{home}/",
}

BACKSLASHES = {
    "before home in brackets": "{scheme}://{evil}\\[{name}]:{port}/x",
    "before home": "{scheme}://{evil}\\{home}/x",
    "before home as a host": "{scheme}://{evil}\\@{home}/x",
    "before home, without scheme": "//{evil}\\@{home}/x",
    "before a port": "{scheme}://{evil}\\:{port}/x",
    "before evil": "{scheme}://{home}\\{evil}/x",
    "before evil as a host": "{scheme}://{home}\\@{evil}/x",
    "before a dot": "{scheme}://{home}\\.evil.test:{evil_port}/x",
    "home in brackets, then evil": "{scheme}://[{name}]\\@{evil}/x",
    "in the path": "{scheme}://{home}/a\\b",
    "in a relative path": "/a\\b",
    "in a relative path, climbing": "/..\\..\\b",
    "in the query": "/a?b=\\c",
    "in the fragment": "/a#\\b",
    "two": "\\\\{evil}/x",
    "slash and backslash": "/\\{evil}/x",
    "backslash and slash": "\\/{evil}/x",
    "after the scheme": "{scheme}:\\\\{evil}/x",
    "after the scheme, mixed": "{scheme}:/\\{evil}/x",
    "after the scheme, home": "{scheme}:\\\\{home}/x",
    "alone": "\\",
    "before home, in UTF-8 and full width": "{scheme}://{evil}\uff3c@{home}/x",
}

SLASHES = {
    "none": "{scheme}:{evil}/x",
    "none, home": "{scheme}:{home}/x",
    "none, path": "{scheme}:x",
    "one": "{scheme}:/{evil}/x",
    "one, home": "{scheme}:/{home}/x",
    "three": "{scheme}:///{evil}/x",
    "three, home": "{scheme}:///{home}/x",
    "four": "{scheme}:////{evil}/x",
    "three without scheme": "///{evil}/x",
    "four without scheme": "////{evil}/x",
    "scheme only": "{scheme}:",
    "scheme and slashes only": "{scheme}://",
    "no host": "{scheme}://:{port}/x",
    "no host, user": "{scheme}://a@:{port}/x",
    "colon only": "://{home}/x",
    "scheme twice": "{scheme}://{scheme}://{home}/x",
}

USERS = {
    "name": "{scheme}://user@{home}/x",
    "name and password": "{scheme}://user:pw@{home}/x",
    "empty": "{scheme}://@{home}/x",
    "empty name and password": "{scheme}://:@{home}/x",
    "evil": "{scheme}://{evil}@{home}/x",
    "evil without scheme": "//{evil}@{home}/x",
    "evil escaped": "{scheme}://evil.test%2f@{home}/x",
    "evil in brackets": "{scheme}://[::1]@{home}/x",
    "evil, full width": "{scheme}://{evil}\uff20{home}/x",
}

PORTS = {
    "plus": "{scheme}://{name}:+{port}/",
    "minus": "{scheme}://{name}:-{port}/",
    "underscore": "{scheme}://{name}:{port}_0/",
    "dot": "{scheme}://{name}:{port}.0/",
    "hexadecimal": "{scheme}://{name}:0x1f90/",
    "letters": "{scheme}://{name}:{port}a/",
    "too large": "{scheme}://{name}:99999/",
    "larger by 65536": "{scheme}://{name}:655360{port}/",
    "zero": "{scheme}://{name}:0/",
    "escaped": "{scheme}://{name}:%38080/",
    "two": "{scheme}://{home}:{port}/",
    "two, evil first": "{scheme}://{name}:{evil_port}:{port}/",
    "empty, then one": "{scheme}://{name}::{port}/",
    "blank before": "{scheme}://{name}: {port}/",
    "blank after": "{scheme}://{home} /",
    "full width": "{scheme}://{name}:\uff18\uff10/",
    "Arabic digits": "{scheme}://{name}:\u0668\u0660/",
    "superscript": "{scheme}://{name}:8\u00b2/",
    "default": "{scheme}://{name}/",
    "empty": "{scheme}://{name}:/",
}

HOSTS = {
    "escaped dot": "{scheme}://home%2elocalhost:{port}/x",
    "escaped digits": "{scheme}://%31%32%37.0.0.1:{port}/x",
    "escaped slash": "{scheme}://evil.test%2f{home}/x",
    "escaped null": "{scheme}://{name}%00:{port}/x",
    "escaped blank": "{scheme}://{name}%20:{port}/x",
    "escaped backslash": "{scheme}://evil.test%5c@{home}/x",
    "escaped at sign": "{scheme}://evil.test%40{home}/x",
    "escaped colon": "{scheme}://{name}%3a{port}/x",
    "short address": "{scheme}://127.1:{port}/x",
    "address as a number": "{scheme}://2130706433:{port}/x",
    "octal address": "{scheme}://0177.0.0.1:{port}/x",
    "hexadecimal address": "{scheme}://0x7f.0.0.1:{port}/x",
    "address with zeros": "{scheme}://127.000.000.001:{port}/x",
    "address with a dot": "{scheme}://127.0.0.1.:{port}/x",
    "full-width dot": "{scheme}://home\uff0elocalhost:{port}/x",
    "ideographic dot": "{scheme}://home\u3002localhost:{port}/x",
    "full-width letters": "{scheme}://\uff48\uff4f\uff4d\uff45.localhost:{port}/x",
    "full-width digits": "{scheme}://127.0.0.\uff11:{port}/x",
    "superscript digit": "{scheme}://127.0.0.\u00b9:{port}/x",
    "circled digit": "{scheme}://127.0.0.\u2460:{port}/x",
    "full-width slash": "{scheme}://evil.test\uff0f.{home}/x",
    "fraction slash": "{scheme}://evil.test\u2044.{home}/x",
    "account of": "{scheme}://evil.test\u2100.{home}/x",
    "full-width question mark": "{scheme}://evil.test\uff1f.{home}/x",
    "full-width number sign": "{scheme}://evil.test\uff03.{home}/x",
    "full-width colon": "{scheme}://{name}\uff1a{port}/x",
    "long s": "http\u017f://{home}/x",
    "long s in the name": "{scheme}://home.localho\u017ft:{port}/x",
    "dotless i": "{scheme}://ev\u0131l.test:{evil_port}/x",
    "soft hyphen": "{scheme}://home.local\u00adhost:{port}/x",
    "no-break space": "{scheme}://home.localhost\u00a0:{port}/x",
    "no width": "{scheme}://home.local\u200bhost:{port}/x",
    "right to left": "{scheme}://\u202ehome.localhost:{port}/x",
    "byte order mark": "\ufeff{scheme}://{home}/x",
    "zone id": "{scheme}://[::1%25lo]:{port}/x",
    "bare zone id": "{scheme}://[::1%lo]:{port}/x",
    "zone id with evil": "{scheme}://[::1%25@{evil}]:{port}/x",
    "zone id with a slash": "{scheme}://[::1%25/{evil}]:{port}/x",
    "mapped address": "{scheme}://[::ffff:127.0.0.1]:{port}/x",
    "future address": "{scheme}://[v1.{name}]:{port}/x",
    "name in brackets": "{scheme}://[home.localhost]:{port}/x",
    "address in brackets": "{scheme}://[127.0.0.1]:{port}/x",
    "evil in brackets": "{scheme}://[evil.test]:{evil_port}/x",
    "open bracket": "{scheme}://[::1:{port}/x",
    "closed bracket": "{scheme}://::1]:{port}/x",
    "brackets twice": "{scheme}://[::1][::1]:{port}/x",
    "text before brackets": "{scheme}://evil.test[::1]:{port}/x",
    "text after brackets": "{scheme}://[::1].evil.test:{port}/x",
    "no brackets": "{scheme}://::1:{port}/x",
    "space in the name": "{scheme}://home .localhost:{port}/x",
    "quote in the name": '{scheme}://home".localhost:{port}/x',
    "angle brackets": "<{scheme}://{home}/x>",
    "quotes": '"{scheme}://{home}/x"',
    "braces": "{scheme}://{{{name}}}:{port}/x",
    "caret": "{scheme}://{name}^:{port}/x",
    "pipe": "{scheme}://{name}|evil.test:{port}/x",
    "grave": "{scheme}://{name}`:{port}/x",
}

UNWRITABLE = {
    "blank": "/a b",
    "blank in the query": "/a?b c",
    "blank in the fragment": "/a#b c",
    "tab": "/a\tb",
    "tab between slashes": "/\t/{evil}/x",
    "tab in the scheme": "ht\ttp://{home}/x",
    "tab in the host": "{scheme}://home.\tlocalhost:{port}/x",
    "tab before the port": "{scheme}://{name}\t:{port}/x",
    "null": "/a\x00b",
    "null before evil": "{scheme}://{home}\x00.evil.test/x",
    "vertical tab": "/a\x0bb",
    "vertical tab first": "\x0b{scheme}://{home}/x",
    "form feed": "/a\x0cb",
    "form feed between slashes": "/\x0c/{evil}/x",
    "separator": "/a\x1cb",
    "separator first": "\x1f{scheme}://{home}/x",
    "escape": "/a\x1bb",
    "delete": "/a\x7fb",
    "delete in the host": "{scheme}://{name}\x7f:{port}/x",
    "C1": "/a\x9fb",
    "next line": "/a\x85b",
    "no-break space": "/a\u00a0b",
    "no-break space first": "\u00a0{scheme}://{home}/x",
    "line separator": "/a\u2028b",
    "accent": "/caf\u00e9",
    "accent in the query": "/a?b=\u00e9",
    "full-width slashes": "\uff0f\uff0f{evil}/x",
    "face": "/\U0001f600",
    "less": "/a<b",
    "greater": "/a>b",
    "quote": '/a"b',
    "caret": "/a^b",
    "grave": "/a`b",
    "braces": "/a{{b}}",
    "pipe": "/a|b",
    "lone percent sign": "/a%",
    "percent sign and a letter": "/a%zz",
    "percent sign and a digit": "/a%4",
    "percent sign in the query": "/a?b=100%",
    "unicode escape": "/a%u0041",
}

REFUSED = {
    f"{group}: {case}": location
    for group, cases in {
        "away": AWAY, "backslash": BACKSLASHES, "slashes": SLASHES, "user": USERS,
        "port": PORTS, "host": HOSTS, "character": UNWRITABLE,
    }.items()
    for case, location in cases.items()
}  # fmt: skip


@for_all("case, route", pairs(REFUSED, ROUTES, 2))
def test_whatever_a_redirect_says_nothing_leaves_the_origin(homes, case, route):
    home, location = homes[route], REFUSED[case]
    try:
        home.call(location)
    except ApiException as error:
        assert KEY not in str(error)
    assert home.was_not_left()
    assert home.targets[0] == START


BROKEN_LINES = {
    "carriage return": b"/a\r//evil.test/",
    "carriage return first": b"\r//evil.test/",
    "folded": b"/a\r\n //evil.test/",
    "Latin-1": b"/caf\xe9",
    "Latin-1 that becomes a digit": b"//127.0.0.\xb9/",
    "next line in Latin-1": b"/a\x85b",
    "no-break space in Latin-1": b"\xa0/a",
    "not UTF-8": b"/\xff\xfe",
}


@pytest.mark.parametrize("case", BROKEN_LINES)
def test_a_broken_line_leads_nowhere_else(each_home, case):
    for home in each_home:
        with contextlib.suppress(ApiException):
            home.call(BROKEN_LINES[case])
        assert home.was_not_left()


@pytest.mark.parametrize("second", ["/b", "/a", "//evil.test/"])
def test_two_locations_lead_nowhere_else(each_home, second):
    """Some take the first, some the last, some both with a comma between them."""
    for home in each_home:
        with contextlib.suppress(ApiException):
            home.call(b"/a\r\nLocation: " + second.encode())
        assert home.was_not_left()


def test_a_step_at_home_does_not_lead_away_with_the_next(homes):
    """`//evil/x` is a path in the one Location, and would be a host in a relative one."""
    home = homes["http"]
    for first in ("{scheme}://{home}//{evil}/api/v2/apitoken", "/.//{evil}/api/v2/apitoken"):
        with contextlib.suppress(ApiException):
            home.call(first)
        assert home.was_not_left()


# --- followed ---------------------------------------------------------------------------------

FOLLOWED = {
    "path": ("/x", "/x"),
    "root": ("/", "/"),
    "relative": ("x", "/api/v2/x"),
    "relative with dots": ("./x", "/api/v2/x"),
    "relative, climbing": ("../x", "/api/x"),
    "relative, climbing too far": ("../../../x", "/x"),
    "dots in a path": ("/a/../b", "/b"),
    "query": ("?a=b", f"{START}?a=b"),
    "colon in a relative path": ("./a:b", "/api/v2/a:b"),
    "whole": ("{scheme}://{home}/x", "/x"),
    "without scheme": ("//{home}/x", "/x"),
    "without path": ("{scheme}://{home}", "/"),
    "without path, with query": ("{scheme}://{home}?a=b", "/?a=b"),
    "in another case": ("{SCHEME}://{HOME}/X", "/X"),
    "fragment": ("/x#part", "/x"),
    "fragment behind a query": ("{scheme}://{home}/x?a#b?c/../d", "/x?a"),
    "every character": (
        "/-._~!$&'()*+,;=:@/%41%2F%20?-._~!$&'()*+,;=:@/?%41%2F%20",
        "/-._~!$&'()*+,;=:@/%41%2F%20?-._~!$&'()*+,;=:@/?%41%2F%20",
    ),
    "evil in the path": ("/{evil}/x", "/{evil}/x"),
    "evil in the path, whole": ("/x/{scheme}://{evil}/", "/x/{scheme}://{evil}/"),
    "evil in the query": ("/x?next={scheme}://{evil}/", "/x?next={scheme}://{evil}/"),
    "evil behind an at sign": ("/@{evil}/x", "/@{evil}/x"),
    "two slashes in the path": ("/a//{evil}", "/a//{evil}"),
    "escaped slashes": ("/%2F%2F{evil}", "/%2F%2F{evil}"),
    "escaped backslashes": ("/%5C%5C{evil}", "/%5C%5C{evil}"),
    "parameters": ("/a;b=c/d;e", "/a;b=c/d;e"),
    "blanks around": ("  /x  ", "/x"),
    "tabs around": ("\t/x\t", "/x"),
}


@pytest.mark.parametrize("case", FOLLOWED)
def test_what_all_parsers_read_alike_is_followed(each_home, case):
    location, target = FOLLOWED[case]
    for home in each_home:
        assert home.call(location)[1] == 200
        assert home.targets == [START, home.fill(target)]
        assert {request.headers["x-auth-token"] for request in home.requests} == {KEY}
        assert home.was_not_left()


def test_head_is_followed_with_head(each_home):
    for home in each_home:
        assert home.call("/x?a=b", "HEAD")[1] == 200
        assert home.targets == [START, "/x?a=b"]
        assert [request.method for request in home.requests] == ["HEAD", "HEAD"]
        assert home.was_not_left()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_other_method_is_followed(each_home, method):
    for home in each_home:
        with pytest.raises(ApiException) as caught:
            home.call("/x", method)
        assert (home.targets, caught.value.status) == ([START], 302)


AT_HOME_OR_NOWHERE = {
    "leading zero in the port": "{scheme}://{name}:0{port}/x",
    "leading zeros in the port": "{scheme}://{name}:0000000{port}/x",
    "evil as a path": "{scheme}://{home}//{evil}/x",
    "evil as a path behind a dot": "/.//{evil}/x",
    "evil as a path behind a relative dot": ".//{evil}/x",
    "evil as a path behind two dots": "/..//{evil}/x",
    "evil as a path that was climbed to": "/a/..//{evil}/x",
    "evil as a path behind an escaped dot": "/%2e//{evil}/x",
    "dots in a whole URL": "{scheme}://{home}/a/../b",
    "escaped dots": "/a/%2e%2e/b",
    "lower-case escapes": "/%c3%a9%5c",
    "brackets in the path": "/a[b]",
    "brackets in the query": "/a?b[]=c",
    "two fragments": "/a#b#c",
    "only a fragment": "#a",
    "empty query": "/a?",
    "only a question mark": "?",
    "only a dot": ".",
    "only two dots": "..",
    "home without scheme": "{home}/x",
    "long IPv6": "{scheme}://[0:0:0:0:0:0:0:1]:{port}/x",
    "IPv6 with zeros": "{scheme}://[::0001]:{port}/x",
    "long": "/" + "x" * 5000,
    "longer than any head": "/" + "x" * 70_000,
    "many dots": "/a/.." * 1000 + "/b",
}


@pytest.mark.parametrize("case", AT_HOME_OR_NOWHERE)
def test_what_may_be_followed_or_not_leads_nowhere_else(each_home, case):
    for home in each_home:
        with contextlib.suppress(ApiException):
            home.call(AT_HOME_OR_NOWHERE[case])
        assert home.was_not_left()
        assert home.targets[0] == START
        assert all(target.startswith("/") for target in home.targets)


# --- default ports ----------------------------------------------------------------------------


@contextlib.contextmanager
def at_its_default_port(route: str, tls) -> Iterator[tuple[HostileServer, list[Request]]]:
    """A proxy, for nobody may listen at port 80 or 443; and what it hands on."""
    tunnel = Tunnel(tls, lambda request: b"")
    with HostileServer([tunnel if route == "tunnel" else Answer()]) as proxy:
        yield proxy, tunnel.requests if route == "tunnel" else proxy.requests


DEFAULT_PORTS = {
    "none, explicit": ("", ":{port}", True),
    "explicit, none": (":{port}", "", True),
    "none, none": ("", "", True),
    "explicit, explicit": (":{port}", ":{port}", True),
    "none, of the other scheme": ("", ":{other}", False),
    "none, another": ("", ":8080", False),
    "none, longer": ("", ":{port}0", False),
    "another, none": (":8080", "", False),
}


@for_all("route", ["proxy", "tunnel"])
@for_all("case", DEFAULT_PORTS)
def test_the_default_port_may_be_named(route, case, server_tls, ca_file):
    scheme, port, other = ("https", 443, 80) if route == "tunnel" else ("http", 80, 443)
    given, target, is_same = DEFAULT_PORTS[case]
    given, target = (part.format(port=port, other=other) for part in (given, target))
    with at_its_default_port(route, server_tls("home.localhost")) as (proxy, requests):
        redirect = http_answer(302, b"", {"Location": f"{scheme}://home.localhost{target}/x"})

        def answer(request: Request) -> bytes:
            return FINAL if request.target.endswith("/x") else redirect

        proxy.script = [Reply(answer)] if route == "proxy" else proxy.script
        if route == "tunnel":
            proxy.script[0].make = answer
        settings = {"proxy": proxy.url, "ssl_ca_cert": ca_file, "retries": 0}
        url = f"{scheme}://home.localhost{given}"
        with ApiClient(configuration_for(url, **settings)) as client:
            try:
                status = client.call_api(START, "GET")[1]
            except ApiException as error:
                status = error.status
    assert status == (200 if is_same else 302)
    assert len(requests) == (2 if is_same else 1)
    connected = {request.target for request in proxy.requests if request.method == "CONNECT"}
    assert connected <= {f"home.localhost{given or f':{port}'}"}


# --- the query --------------------------------------------------------------------------------

QUERIES = {
    "of its own": ("/x?b=2", ["/x?b=2"]),
    "none": ("/x", ["/x"]),
    "the same": ("/x?a=1", ["/x?a=1"]),
    "the same, whole": ("{scheme}://{home}/x?a=1", ["/x?a=1"]),
    "only a query": ("?b=2", [f"{START}?b=2", "/end"]),
    "in the fragment": ("/x#?b=2", ["/x"]),
}


def redirecting_to(*locations: str) -> Callable[[Request], bytes]:
    steps = iter(locations)

    def answer(request: Request) -> bytes:
        if START not in request.target:
            return FINAL
        return http_answer(302, b"", {"Location": next(steps)})

    return answer


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("case", QUERIES)
def test_the_query_of_the_call_is_not_appended_to_the_target(each_home, case, method, monkeypatch):
    location, targets = QUERIES[case]
    for home in each_home:
        monkeypatch.setattr(home, "respond", redirecting_to(home.fill(location), "/end"))
        home.call("", method, query_params={"a": "1"})
        assert home.targets == [f"{START}?a=1", *targets]


# --- the path of a call -----------------------------------------------------------------------

DOTS = ["/a/../b", "/a/./b", "/../b", "/a/..", "/.", "/./", "/a//../b", "/a/..;/..b"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", DOTS)
def test_dots_in_the_path_of_a_call_are_sent_as_they_are(each_home, path, method):
    for home in each_home:
        assert home.send(path, method)[1] == 200
        assert home.targets == [path]
        assert home.was_not_left()


def test_dots_in_the_path_of_a_call_stay_beside_its_query(each_home):
    for home in each_home:
        home.send("/a/../b", "GET", query_params={"c": "/../d"})
        assert home.targets == ["/a/../b?c=%2F..%2Fd"]
