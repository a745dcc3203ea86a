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
from wavefront_api_client.exceptions import InvalidResponseException

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

REFUSED = {
    "evil": "{scheme}://{evil}/",
    "evil without scheme": "//{evil}/",
    "evil at the port of home": "{scheme}://evil.test:{port}/",
    "home at the port of evil": "{scheme}://{name}:{evil_port}/",
    "home as user": "{scheme}://{home}@{evil}/",
    "home in the fragment": "{scheme}://{evil}#@{home}/",
    "home in the query": "{scheme}://{evil}?@{home}/",
    "home as a subdomain": "{scheme}://{name}.evil.test:{evil_port}/",
    "home with a suffix to its port": "{scheme}://{home}1/",
    "home with a dot": "{scheme}://{name}.:{port}/",
    "other scheme": "ftp://{home}/",
    "script": "javascript:alert(1)//{home}/",
    "file": "file://{home}/etc/passwd",
    "backslash before home": "{scheme}://{evil}\\@{home}/x",
    "backslash before evil": "{scheme}://{home}\\@{evil}/x",
    "slash and backslash": "/\\{evil}/x",
    "backslashes": "\\\\{evil}/x",
    "backslash in the path": "/a\\b",
    "no slashes": "{scheme}:{evil}/x",
    "three slashes": "{scheme}:///{evil}/x",
    "four slashes": "////{evil}/x",
    "scheme only": "{scheme}:",
    "no host": "{scheme}://:{port}/x",
    "user": "{scheme}://user:pw@{home}/x",
    "evil as user": "//{evil}@{home}/x",
    "full-width at sign": "{scheme}://{evil}\uff20{home}/x",
    "plus before the port": "{scheme}://{name}:+{port}/",
    "Arabic digits as a port": "{scheme}://{name}:\u0668\u0660/",
    "port too large": "{scheme}://{name}:99999/",
    "no port": "{scheme}://{name}/",
    "escaped slash": "{scheme}://evil.test%2f{home}/x",
    "address as a number": "{scheme}://2130706433:{port}/x",
    "full-width dot": "{scheme}://home\uff0elocalhost:{port}/x",
    "zone id with evil": "{scheme}://[::1%25@{evil}]:{port}/x",
    "name in brackets": "{scheme}://[home.localhost]:{port}/x",
    "open bracket": "{scheme}://[::1:{port}/x",
    "blank": "/a b",
    "tab between slashes": "/\t/{evil}/x",
    "null before evil": "{scheme}://{home}\x00.evil.test/x",
    "next line": "/a\x85b",
    "accent": "/caf\u00e9",
    "full-width slashes": "\uff0f\uff0f{evil}/x",
    "lone percent sign": "/a%",
}


@for_all("case, route", pairs(REFUSED, ROUTES, 2))
def test_whatever_a_redirect_says_nothing_leaves_the_origin(homes, case, route):
    home, location = homes[route], REFUSED[case]
    try:
        home.call(location)
    except ApiException as error:
        assert error.status == 302 or isinstance(error, InvalidResponseException)
        assert KEY not in str(error)
    assert home.was_not_left()
    assert home.targets[0] == START


BROKEN_LINES = {
    "carriage return": b"/a\r//evil.test/",
    "folded": b"/a\r\n //evil.test/",
    "Latin-1 that becomes a digit": b"//127.0.0.\xb9/",
    "not UTF-8": b"/\xff\xfe",
}


@for_all("case", BROKEN_LINES)
def test_a_broken_line_leads_nowhere_else(each_home, case):
    for home in each_home:
        with contextlib.suppress(ApiException):
            home.call(BROKEN_LINES[case])
        assert home.was_not_left()


@for_all("second", ["/b", "/a", "//evil.test/"])
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
    "relative": ("x", "/api/v2/x"),
    "relative, climbing too far": ("../../../x", "/x"),
    "query": ("?a=b", f"{START}?a=b"),
    "whole": ("{scheme}://{home}/x", "/x"),
    "without scheme": ("//{home}/x", "/x"),
    "without path, with query": ("{scheme}://{home}?a=b", "/?a=b"),
    "in another case": ("{SCHEME}://{HOME}/X", "/X"),
    "fragment behind a query": ("{scheme}://{home}/x?a#b?c/../d", "/x?a"),
    "every character": (
        "/-._~!$&'()*+,;=:@/%41%2F%20?-._~!$&'()*+,;=:@/?%41%2F%20",
        "/-._~!$&'()*+,;=:@/%41%2F%20?-._~!$&'()*+,;=:@/?%41%2F%20",
    ),
    "evil in the path": ("/{evil}/x", "/{evil}/x"),
    "evil in the query": ("/x?next={scheme}://{evil}/", "/x?next={scheme}://{evil}/"),
    "two slashes in the path": ("/a//{evil}", "/a//{evil}"),
    "escaped backslashes": ("/%5C%5C{evil}", "/%5C%5C{evil}"),
    "blanks around": ("  /x  ", "/x"),
}


@for_all("case", FOLLOWED)
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


AT_HOME_OR_NOWHERE = {
    "leading zero in the port": "{scheme}://{name}:0{port}/x",
    "evil as a path": "{scheme}://{home}//{evil}/x",
    "evil as a path behind two dots": "/..//{evil}/x",
    "escaped dots": "/a/%2e%2e/b",
    "brackets in the query": "/a?b[]=c",
    "only a fragment": "#a",
    "home without scheme": "{home}/x",
    "long IPv6": "{scheme}://[0:0:0:0:0:0:0:1]:{port}/x",
    "longer than any head": "/" + "x" * 70_000,
}


@for_all("case", AT_HOME_OR_NOWHERE)
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


@for_all("method", ["GET", "HEAD"])
@for_all("case", QUERIES)
def test_the_query_of_the_call_is_not_appended_to_the_target(each_home, case, method, monkeypatch):
    location, targets = QUERIES[case]
    for home in each_home:
        monkeypatch.setattr(home, "respond", redirecting_to(home.fill(location), "/end"))
        home.call("", method, query_params={"a": "1"})
        assert home.targets == [f"{START}?a=1", *targets]


# --- the path of a call -----------------------------------------------------------------------

DOTS = ["/a/../b", "/.", "/a/..;/..b"]


@for_all("method", ["GET", "POST"])
@for_all("path", DOTS)
def test_dots_in_the_path_of_a_call_are_sent_as_they_are(each_home, path, method):
    for home in each_home:
        assert home.send(path, method)[1] == 200
        assert home.targets == [path]
        assert home.was_not_left()


def test_dots_in_the_path_of_a_call_stay_beside_its_query(each_home):
    for home in each_home:
        home.send("/a/../b", "GET", query_params={"c": "/../d"})
        assert home.targets == ["/a/../b?c=%2F..%2Fd"]
