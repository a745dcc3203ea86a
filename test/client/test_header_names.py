"""Which headers a caller may set, by whatever way they come in, and what becomes of the others."""

from __future__ import annotations

import http.client
import io
import re
import traceback

import pytest
from cases import characters, drawn, for_all
from hostile import Answer, HostileServer, configuration_for
from hypothesis import example, given
from hypothesis import strategies as st

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration, ForbiddenException

PATH = "/api/v2/apitoken"
KEY = "X-AUTH-TOKEN"
CANARY = "c4nary-in-a-header"


class OtherHeader(Configuration):
    """Settings of a subclass whose key travels in another header."""

    name: object

    def auth_settings(self):
        return {"other": {"type": "api_key", "in": "header", "key": self.name, "value": CANARY}}


def in_the_call(url, name):
    with ApiClient(configuration_for(url)) as client:
        client.call_api(PATH, "GET", header_params={name: CANARY})


def in_a_call_in_the_background(url, name):
    with ApiClient(configuration_for(url)) as client:
        client.call_api(PATH, "GET", header_params={name: CANARY}, async_req=True).get(10)


def with_the_client(url, name):
    with ApiClient(configuration_for(url), name, CANARY) as client:
        ApiTokenApi(client).get_all_tokens()


def as_a_default(url, name):
    with ApiClient(configuration_for(url)) as client:
        client.set_default_header(name, CANARY)
        ApiTokenApi(client).create_token()


def among_the_defaults(url, name):
    with ApiClient(configuration_for(url)) as client:
        client.default_headers[name] = CANARY
        ApiTokenApi(client).update_token_name("t1")


def beside_a_key_of_the_environment(url, name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAVEFRONT_TOKEN", "key-of-the-environment")
        with ApiClient(Configuration(host=url), name, CANARY) as client:
            ApiTokenApi(client).get_all_tokens()


def in_the_settings(url, name):
    configuration = OtherHeader(host=url)
    configuration.name = name
    with ApiClient(configuration) as client:
        client.call_api(PATH, "GET", auth_settings=["other"])


def through_request(url, name):
    with ApiClient(configuration_for(url)) as client:
        client.request("PUT", url + PATH, headers={name: CANARY}, body={})


def through_the_rest_client(url, name):
    with ApiClient(configuration_for(url)) as client:
        client.rest_client.request("GET", url + PATH, headers={name: CANARY})


def through_a_verb_of_the_rest_client(url, name):
    with ApiClient(configuration_for(url)) as client:
        client.rest_client.POST(url + PATH, headers={name: CANARY}, body={})


def for_the_proxy(url, name):
    with ApiClient(configuration_for(url, proxy=url, proxy_headers={name: CANARY})) as client:
        ApiTokenApi(client).get_all_tokens()


WAYS = [
    in_the_call,
    in_a_call_in_the_background,
    with_the_client,
    as_a_default,
    among_the_defaults,
    beside_a_key_of_the_environment,
    in_the_settings,
    through_request,
    through_the_rest_client,
    through_a_verb_of_the_rest_client,
    for_the_proxy,
]
ways = for_all("way", WAYS)


@pytest.fixture(scope="module")
def service():
    with HostileServer([Answer()]) as server:
        yield server


@pytest.fixture
def wire(service):
    """One service for all tests of this file."""
    service.requests.clear()
    service.connections = 0
    return service


def refusal(wire, way, name, kind):
    """The error for a header; nobody has seen its value, and nothing was sent or opened."""
    with pytest.raises(kind) as caught:
        way(wire.url, name)
    assert type(caught.value) is kind
    assert wire.connections == 0
    told = traceback.format_exception(caught.type, caught.value, caught.tb)
    assert CANARY not in "".join(told)
    assert caught.value.__context__ is None
    return str(caught.value)


# --- names that are none ----------------------------------------------------------------------

NO_NAMES = [
    "", " ", "X One", "X-One ", " X-One", "X-One:", ":X-One", "X-One\r\nX-Two", "X\n", "X\t", "X\0",
    "X\x7f", "X\x85", "X-\xd6ne", "X-\u212aelvin", "X\u2028", "X\ud800", "X(1)", "X/1", "X,Y", "X;Y",
    "X=Y", "X@Y", "X[Y]", "X{Y}", "X\\Y", 'X"Y',
]  # fmt: skip


@ways
@for_all("name", [*NO_NAMES, b"", b"X One", b"X\n", "Bearer of-a-key", f"{CANARY}\n", "x " * 33])
def test_what_is_no_token_is_refused_and_not_shown(wire, way, name):
    told = refusal(wire, way, name, ValueError)
    assert told == "the name of a header must be a token of RFC 9110 (not shown)"


@ways
@for_all("name", [5, None, True, ("X",), object()])
def test_a_name_is_text(wire, way, name):
    if name is None and way in (with_the_client, beside_a_key_of_the_environment):
        return  # That is how a client is told that there is none.
    told = refusal(wire, way, name, TypeError)
    assert told == f"the name of a header must be text, not {type(name).__name__}"


@ways
def test_a_name_may_be_bytes(wire, way):
    way(wire.url, b"X-Own")
    assert wire.requests[-1].headers["x-own"] == CANARY


# --- the headers of the connection ------------------------------------------------------------

SPELLINGS = [
    spelling
    for name in ("Host", "Content-Length", "Transfer-Encoding", "Connection")
    for spelling in (name, name.lower(), name.upper(), name.swapcase(), name.replace("-", "_"))
]


@ways
@for_all("name", SPELLINGS)
def test_what_the_connection_needs_is_not_for_callers(wire, way, name):
    told = refusal(wire, way, name, ValueError)
    assert told == f"the header {name} cannot be set: this package sends the right one"


@pytest.mark.parametrize("seam", ["call_api", "rest_client"])
def test_one_of_none_is_not_sent_and_no_error(wire, seam):
    headers = {"Content-Length": None, "Cookie": None, "": None}
    with ApiClient(configuration_for(wire.url), "Host", None) as client:
        if seam == "call_api":
            client.call_api(PATH, "GET", header_params=headers)
        else:
            client.rest_client.GET(wire.url + PATH, headers={**headers, "Host": None})
    sent = by_hand(wire_of(wire))
    assert sent["host"] == wire.url.partition("://")[2]
    assert not {"content-length", "cookie", ""} & set(sent)


@pytest.mark.parametrize("value", [None, 5, 12345])
def test_a_cookie_of_any_kind_breaks_no_exception(value):
    with HostileServer([Answer(403, "no 12345")]) as server:
        with ApiClient(configuration_for(server.url)) as client:
            with pytest.raises(ForbiddenException) as caught:
                client.call_api(PATH, "GET", header_params={"Cookie": value})
    assert ("no ***" in str(caught.value)) is (value == 12345)


# --- what is sent reads alike everywhere ------------------------------------------------------

TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
names = st.one_of(
    st.text(characters("\ud800"), max_size=8),
    st.text(st.sampled_from(TOKEN + " \t\r\n:\0\x7f\x85\xa0\xdf\u0130\u017f\u212a"), max_size=20),
    st.sampled_from(SPELLINGS).flatmap(
        lambda name: st.text(st.sampled_from(name + "_- \t\u0131\u017f"), max_size=20)
    ),
    st.binary(max_size=8),
)
bounded = drawn(200)


@bounded
@given(name=names)
@example(name=TOKEN)
@example(name="x-one")
@example(name="Content_length")
@example(name="Transfer-Encod\u0131ng")
@example(name="Ho\u017ft")
@example(name="From ")
@example(name="5")
def test_whatever_is_sent_is_one_header_to_every_parser(service, name):
    service.requests.clear()
    with ApiClient(Configuration(host=service.url)) as client:
        client.rest_client.GET(service.url + PATH)
        plain = wire_of(service)
        try:
            client.rest_client.GET(service.url + PATH, headers={name: CANARY})
        except ValueError as error:
            assert not isinstance(error, UnicodeError)
            assert len(service.requests) == 1
            assert CANARY not in str(error)
            return
    text = name if isinstance(name, str) else name.decode()
    assert set(text) <= set(TOKEN)
    for read in (strictly, by_http_client, by_hand):
        expected = {**read(plain), text.lower(): CANARY}
        assert read(wire_of(service)) == expected


def wire_of(service):
    return service.requests[-1].raw


FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x20-\x7e]+)")


def strictly(raw):
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    read = [FIELD.fullmatch(line).groups() for line in lines]
    assert len(read) == len({name.lower() for name, _ in read})
    return {name.decode().lower(): value.decode() for name, value in read}


def by_http_client(raw):
    read = http.client.parse_headers(io.BytesIO(raw.partition(b"\r\n")[2])).items()
    assert len(read) == len({name.lower() for name, _ in read})
    return {name.lower(): value for name, value in read}


def by_hand(raw):
    lines = raw.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")[1:]
    read = [line.partition(":") for line in lines]
    assert len(read) == len({name.lower() for name, _, _ in read})
    return {name.lower(): value.strip() for name, _, value in read}


# --- keys -------------------------------------------------------------------------------------


def in_the_dictionary(configuration, value):
    configuration.api_key = {KEY: value}


def in_the_dictionary_that_is_there(configuration, value):
    configuration.api_key[KEY] = value


def by_the_hook(configuration, value):
    def hook(given):
        given.api_key[KEY] = value

    configuration.refresh_api_key_hook = hook


def by_a_hook_that_assigns(configuration, value):
    def hook(given):
        given.api_key = {KEY: value}

    configuration.refresh_api_key_hook = hook


def as_the_prefix(configuration, value):
    configuration.api_key_prefix[KEY] = value


def by_default(configuration, value):
    configuration.api_key[KEY] = value
    Configuration.set_default(configuration)


INS = [
    in_the_dictionary,
    in_the_dictionary_that_is_there,
    by_the_hook,
    by_a_hook_that_assigns,
    as_the_prefix,
    by_default,
]
ins = for_all("way_in", INS)
NO_TEXT = [987654321, 0, 1.5, True, False, [CANARY], (CANARY,), {CANARY: 1}, memoryview(b"x")]


def refused_key(wire, configuration, call):
    with ApiClient(configuration) as client, pytest.raises(TypeError) as caught:
        call(client)
    assert wire.connections == 0
    told = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
    assert CANARY not in told and "987654321" not in told
    assert caught.value.__context__ is None
    return str(caught.value)


@ins
@for_all("is_async", [False, True])
@for_all("value", NO_TEXT)
def test_a_key_that_is_no_text_is_refused_unseen(wire, way_in, value, is_async):
    configuration = configuration_for(wire.url)
    way_in(configuration, value)
    if way_in is by_default:
        configuration = Configuration()

    def call(client):
        answer = ApiTokenApi(client).get_all_tokens(async_req=is_async)
        return answer.get(10) if is_async else answer

    setting = "api_key_prefix" if way_in is as_the_prefix else "api_key"
    expected = f"{setting} must hold text, bytes or None, not {type(value).__name__}"
    assert refused_key(wire, configuration, call) == expected


@for_all("name", ["username", "password"])
@for_all("value", NO_TEXT)
def test_user_and_password_that_are_no_text_are_refused_unseen(name, value):
    configuration = Configuration()
    setattr(configuration, name, value)
    with pytest.raises(TypeError) as caught:
        configuration.get_basic_auth_token()
    expected = f"{name} must hold text, bytes or None, not {type(value).__name__}"
    assert str(caught.value) == expected


@for_all(
    ("username", "password", "token"),
    [("u", "p", "dTpw"), (b"u", b"p", "dTpw"), ("u", None, "dTo="), (None, "", "Og==")],
)
def test_user_and_password_are_text_bytes_or_none(username, password, token):
    configuration = Configuration()
    configuration.username, configuration.password = username, password
    assert configuration.get_basic_auth_token() == f"Basic {token}"
