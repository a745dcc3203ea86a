"""Point 2: a canary in every slot, every fault, and nobody sees it."""

from __future__ import annotations

import contextlib
import json
import logging
import traceback
import warnings
from types import SimpleNamespace
from typing import Any, Callable
from urllib.parse import quote

import pytest
from canary import CANARY, HEADER_CANARY, everything_shown, traces, watching
from cases import for_all, pairs
from hostile import (
    Answer,
    Close,
    Garbage,
    Hang,
    HostileServer,
    Peer,
    Reply,
    Request,
    Reset,
    ResetOnAccept,
    Step,
    Truncate,
    configuration_for,
    eventually,
    http_answer,
)

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, UserApiToken
from wavefront_api_client.credentials import CspApiToken, CspApp
from wavefront_api_client.retry import RetryPolicy

# --- where the canary sits: each slot makes (client, call, secret) ---------------------------

Slot = Callable[[str], Any]


def client_at(url: str, *header: str, cookie: str | None = None, **settings: Any) -> ApiClient:
    settings.setdefault("retries", RetryPolicy(retries=1, backoff=0))
    settings.setdefault("request_timeout", (5, 5))
    return ApiClient(configuration_for(url, **settings), *header, cookie=cookie)


def in_key(url):
    client = client_at(url, api_key={"X-AUTH-TOKEN": HEADER_CANARY})
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_key_with_prefix(url):
    client = client_at(
        url,
        api_key={"X-AUTH-TOKEN": f" {HEADER_CANARY}\n"},
        api_key_prefix={"X-AUTH-TOKEN": "Bearer"},
    )
    return client, lambda: ApiTokenApi(client).create_token(), HEADER_CANARY


def in_bearer(url):
    client = client_at(url, "Authorization", f"Bearer {HEADER_CANARY}")
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_default_header(url):
    client = client_at(url)
    client.set_default_header("X-Gateway-Key", HEADER_CANARY)
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_cookie(url):
    client = client_at(url, cookie=f"session={HEADER_CANARY}")
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_path(url):
    client = client_at(url)
    return client, lambda: ApiTokenApi(client).delete_token(CANARY), CANARY


def in_service_account_path(url):
    client = client_at(url)
    api = ApiTokenApi(client)
    return client, lambda: api.delete_token_service_account("sa::x", CANARY), CANARY


def in_customer_path(url):
    client = client_at(url)
    return client, lambda: ApiTokenApi(client).get_customer_token(CANARY), CANARY


def in_body_model(url):
    client = client_at(url)
    body = UserApiToken(token_id=CANARY)
    return client, lambda: ApiTokenApi(client).delete_customer_token(body=body), CANARY


def in_body_dict(url):
    client = client_at(url)
    body = {"tokenID": CANARY, "tokenName": "n"}
    return client, lambda: ApiTokenApi(client).update_token_name("t1", body=body), CANARY


def in_proxy_url(url):
    proxy = url.replace("://", f"://pr0xy:{quote(HEADER_CANARY, safe='')}@")
    client = client_at("http://127.0.0.1:1", proxy=proxy)
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_proxy_url_with_tls_behind(url):
    proxy = url.replace("://", f"://pr0xy:{quote(HEADER_CANARY, safe='')}@")
    # What is no answer of a proxy leaves TLS waiting for the rest.
    client = client_at("https://127.0.0.1:1", proxy=proxy, request_timeout=(0.5, 5))
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_proxy_headers(url):
    headers = {"Proxy-Authorization": f"Bearer {HEADER_CANARY}"}
    client = client_at("http://127.0.0.1:1", proxy=url, proxy_headers=headers)
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_refresh_hook(url):
    def hook(configuration):
        configuration.api_key["X-AUTH-TOKEN"] = HEADER_CANARY

    client = client_at(url, refresh_api_key_hook=hook)
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_csp_api_token(url):
    client = client_at(url, api_key={}, credentials=CspApiToken(HEADER_CANARY, base_url=url))
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_csp_app_secret(url):
    app = CspApp("my-app", HEADER_CANARY, "my-org", base_url=url)
    client = client_at(url, api_key={}, credentials=app)
    return client, lambda: ApiTokenApi(client).create_token(), HEADER_CANARY


def in_access_token(url):
    client = client_at(url, api_key={}, credentials=CspApiToken("the-api-token", base_url=url))
    request = client.rest_client.request
    granted = SimpleNamespace(status=200, data=json.dumps({"access_token": HEADER_CANARY}))

    def exchange(method, url, **options):
        is_exchange = url.endswith(CspApiToken.path)
        return granted if is_exchange else request(method, url, **options)

    client.rest_client.request = exchange
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


def in_malformed_key(url):
    client = client_at(url, api_key={"X-AUTH-TOKEN": f"{HEADER_CANARY}\nX-Evil: 1"})
    return client, lambda: ApiTokenApi(client).get_all_tokens(), HEADER_CANARY


SLOTS: dict[str, Slot] = {
    name[3:]: value for name, value in list(globals().items()) if name.startswith("in_")
}

# --- what happens to it ----------------------------------------------------------------------


def whole(request: Request) -> str:
    """The request in one line that fits anywhere in a head."""
    return " ".join(request.raw.decode("latin-1").split())


def decoded(request: Request) -> str:
    """The same, decoded as a service decodes it before it complains."""
    from urllib.parse import unquote

    return unquote(whole(request)).replace("\\\\", "\\")


def error_in_container(request: Request) -> bytes:
    status = {"result": "ERROR", "message": decoded(request), "code": 400}
    return http_answer(400, {"status": status})


def error_from_gateway(request: Request) -> bytes:
    return http_answer(415, {"error": decoded(request), "trackingId": decoded(request)})


def error_as_text(request: Request) -> bytes:
    text = f"error='x'\nmessage='{decoded(request)}'\ntrackingId={decoded(request)}\n"
    return http_answer(404, text)


def html_page(request: Request) -> bytes:
    from html import escape

    page = f"<html>{escape(decoded(request))}</html>"
    return http_answer(200, page, {"Content-Type": "text/html"})


FAULTS = {
    "reset before": ResetOnAccept(),
    "reset after": Reset(),
    "close": Close(),
    "hang": Hang(),
    "garbage": Garbage(b"\x00\xff\r\n\r\n"),
    "truncated": Truncate(),
    "bad gzip": Answer(200, b"no gzip", {"Content-Encoding": "gzip"}),
    "html": Answer(200, b"<html>", {"Content-Type": "text/html"}),
    "401": Answer(401, {"status": {"result": "ERROR", "message": "no", "code": 401}}),
    "429": Answer(429, b"", {"Retry-After": "61"}),
    "503": Answer(503, b"", {"Retry-After": "0"}),
    "many headers": Answer(200, headers=[(f"X-{i}", "x") for i in range(500)]),
    "redirect": Answer(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"}),
    "echo as garbage": Reply(lambda r: r.raw, keep=False),
    "echo as one line": Reply(lambda r: whole(r).encode("latin-1"), keep=False),
    "echo as status line": Reply(lambda r: f"HTTP/1.1 {whole(r)}\r\n\r\n".encode("latin-1"), False),
    "echo as malformed header": Reply(
        lambda r: f"HTTP/1.1 200 OK\r\n{whole(r)}\r\nX y z\r\n\r\n{{}}".encode("latin-1"), False
    ),
    "echo as header": Reply(lambda r: http_answer(400, "no", {"X-Request": whole(r)})),
    "echo as headers": Reply(
        lambda r: b"HTTP/1.1 400 No\r\n" + r.raw.split(b"\r\n", 1)[1], keep=False
    ),
    "echo as header name": Reply(
        lambda r: http_answer(400, "no", {whole(r).replace(" ", "-").replace(":", "-"): "x"})
    ),
    "echo as content type": Reply(lambda r: http_answer(200, "no", {"Content-Type": whole(r)})),
    "echo as charset": Reply(
        lambda r: http_answer(200, "no", {"Content-Type": f"text/plain; charset={whole(r)}"})
    ),
    "echo as coding": Reply(lambda r: http_answer(200, "no", {"Content-Encoding": whole(r)})),
    "echo as length": Reply(lambda r: http_answer(200, "no", {"Content-Length": whole(r)}), False),
    "echo as chunk size": Reply(
        lambda r: http_answer(200, whole(r) + "\r\n", {"Transfer-Encoding": "chunked"}), False
    ),
    "echo as Retry-After": Reply(lambda r: http_answer(429, "no", {"Retry-After": whole(r)})),
    "echo as cookie": Reply(lambda r: http_answer(400, "no", {"Set-Cookie": f"a={whole(r)}"})),
    "echo as reason": Reply(lambda r: http_answer(400, "no", reason=whole(r))),
    "echo as decoded reason": Reply(lambda r: http_answer(500, "no", reason=decoded(r))),
    "echo as Location": Reply(
        lambda r: http_answer(302, "no", {"Location": f"http://127.0.0.1:9/{whole(r)}"})
    ),
    "echo as own Location": Reply(
        lambda r: http_answer(302, "no", {"Location": quote(whole(r), safe="/+=&?")})
    ),
    "echo as host of Location": Reply(
        lambda r: http_answer(302, "no", {"Location": f"http://{quote(whole(r), safe='')}/"})
    ),
    "echo as error in container": Reply(error_in_container),
    "echo as error from gateway": Reply(error_from_gateway),
    "echo as error in text": Reply(error_as_text),
    "echo as html": Reply(html_page),
    "echo as JSON text": Reply(lambda r: http_answer(200, json.dumps(r.raw.decode("latin-1")))),
    "echo as JSON of bytes": Reply(lambda r: http_answer(500, repr(r.raw))),
    "echo as long text": Reply(lambda r: http_answer(500, (whole(r) + " ") * 500)),
}


class ThenClose(Step):
    """Another step, after which nobody waits for anything."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.on_accept = step.on_accept

    def act(self, peer: Peer) -> bool:
        self.step.act(peer)
        return False


@for_all(("fault", "slot"), pairs(FAULTS, [slot for slot in SLOTS if slot != "malformed_key"], 4))
def test_canary(slot, fault, capfd):
    step = FAULTS[fault]
    if slot == "proxy_url_with_tls_behind" and fault != "html":
        # What the proxy allows is TLS, which would wait in vain: once is enough.
        step = ThenClose(step)
    with HostileServer([step]) as server, watching() as watch:
        client, call, secret = SLOTS[slot](server.url)
        if fault == "hang":
            client.configuration.request_timeout = (0.5, 0.1)
        with client:
            try:
                call()
            except ApiException as error:
                watch.see(everything_shown(error))
            watch.see(repr(client), repr(client.configuration), repr(client.rest_client))
            watch.see(repr(client.rest_client.pool_manager), client.configuration.to_debug_report())
        assert fault == "reset before" or eventually(lambda: server.requests)
    watch.see(*capfd.readouterr())
    assert traces(watch.everything(), secret) == []


def test_the_canary_can_be_found():
    """The search itself: it finds what it must."""
    from base64 import b64encode

    for shown in (CANARY, quote(CANARY, safe=""), repr(CANARY), repr(CANARY.encode())):
        assert traces(f"x {shown} y", CANARY)
    assert traces(b64encode(f"user:{HEADER_CANARY}".encode()).decode(), HEADER_CANARY)
    assert not traces("*** nothing to see", CANARY)


# --- things that are not a fault on the wire -------------------------------------------------


@pytest.mark.parametrize("slot", SLOTS)
def test_canary_with_debug_on(slot, capfd, tmp_path):
    log_file = tmp_path / "debug.log"
    with HostileServer([FAULTS["echo as reason"]]) as server:
        client, call, secret = SLOTS[slot](server.url)
        for debug, path in ((True, None), (True, str(log_file))):
            client.configuration.debug = debug
            client.configuration.logger_file = path
            with contextlib.suppress(ApiException, ValueError):
                call()
        client.configuration.debug = False
        client.configuration.logger_file = None
        client.close()
    shown = "".join(capfd.readouterr()) + log_file.read_text()
    assert traces(shown, secret) == []


@for_all("slot", SLOTS)
def test_canary_with_async_req(slot, capfd):
    with HostileServer([FAULTS["echo as error in container"]]) as server, watching() as watch:
        client, _, secret = SLOTS[slot](server.url)
        api = ApiTokenApi(client)
        with client:
            try:
                api.delete_token(CANARY, async_req=True).get(5)
            except (ApiException, ValueError) as error:
                watch.see(everything_shown(error))
    watch.see(*capfd.readouterr())
    assert traces(watch.everything(), secret) == []
    assert traces(watch.everything(), CANARY) == []


MALFORMED = {
    "line feed": "\n.",
    "carriage return": "\r.",
    "nul": "\x00.",
    "escape": "\x1b.",
    "not latin-1": "\u2192.",
    "surrogate": "\ud800.",
    "next line": "\x85.",
}


@for_all("tail", MALFORMED.values())
@for_all("place", ["key", "prefix", "hook", "default header", "cookie", "both"])
def test_malformed_credential_is_not_shown(place, tail):
    value = HEADER_CANARY + tail
    with HostileServer([Answer()]) as server, watching() as watch:
        client = client_at(server.url)
        configuration = client.configuration
        if place in ("key", "both"):
            configuration.api_key["X-AUTH-TOKEN"] = value
        if place in ("default header", "both"):
            client.set_default_header("Authorization", f"Bearer {value}")
        if place == "prefix":
            configuration.api_key_prefix["X-AUTH-TOKEN"] = value
        if place == "hook":
            configuration.refresh_api_key_hook = lambda c: c.api_key.update({"X-AUTH-TOKEN": value})
        if place == "cookie":
            client.cookie = value
        with client, pytest.raises(ValueError) as caught:
            ApiTokenApi(client).get_all_tokens()
        watch.see(everything_shown(caught.value), repr(configuration), repr(client))
    assert traces(watch.everything(), HEADER_CANARY) == []
    assert server.requests == []


@pytest.mark.parametrize(
    "host",
    [
        "https://user:{}@wavefront.example",
        "user:{}@wavefront.example",
        "https://wavefront.example?key={}",
        "https://wavefront.example#{}",
        "https://wavefront.example:{}",
        "{}://wavefront.example",
        "https://user:{}@[::1",
        "https://wave front.example/{}",
    ],
)
def test_refused_host_is_not_shown(host):
    with warnings.catch_warnings(record=True) as caught, pytest.raises(ValueError) as refused:
        configuration_for(host.format(quote(HEADER_CANARY, safe="")))
    shown = everything_shown(refused.value) + "".join(str(each.message) for each in caught)
    assert traces(shown, HEADER_CANARY) == []


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:{}@127.0.0.1:99999",
        "http://user:{}@127.0.0.1:port",
        "http://user:{}@[::1",
        "ftp://user:{}@127.0.0.1:21",
        "socks5://user:{}@127.0.0.1:21",
        "http://user:{}@\u2603..example:1",
        "http://user:{}\n@127.0.0.1:9",
        "user:{}@127.0.0.1:9",
    ],
)
def test_bad_proxy_is_not_shown(proxy, capfd):
    with watching() as watch:
        try:
            secret_url = proxy.format(quote(HEADER_CANARY, safe=""))
            with client_at("https://wavefront.invalid", proxy=secret_url) as client:
                watch.see(repr(client), repr(client.configuration))
                ApiTokenApi(client).get_all_tokens()
        except (ApiException, ValueError) as error:
            watch.see(everything_shown(error))
    watch.see(*capfd.readouterr())
    assert traces(watch.everything(), HEADER_CANARY) == []


@pytest.mark.parametrize(
    "value",
    [f"{CANARY}/..", f"../{CANARY}", f"{CANARY}\n", f"{CANARY}/%2e%2e", f"\ud800{CANARY}"],
    ids=ascii,
)
def test_refused_token_id_is_not_shown(connect, value):
    with refused_call(connect, value) as error:
        assert traces(everything_shown(error), CANARY) == []


@pytest.mark.parametrize("value", [CANARY, [CANARY], CANARY.encode(), {CANARY}], ids=repr)
def test_refused_body_is_not_shown(connect, value):
    api = connect("http://127.0.0.1:1")
    with pytest.raises(TypeError) as caught:
        api.update_token_name("t1", body=value)
    assert traces(everything_shown(caught.value), CANARY) == []


@contextlib.contextmanager
def refused_call(connect, value):
    api = connect("http://127.0.0.1:1")
    with pytest.raises(ValueError) as caught:
        api.delete_token(value)
    yield caught.value


def test_body_that_cannot_be_sent_is_not_shown(connect):
    """json.dumps names what it cannot write; a set holding a token must not be named."""
    api = connect("http://127.0.0.1:1")
    with pytest.raises((TypeError, ValueError, ApiException)) as caught:
        api.update_token_name("t1", body={"tokenID": CANARY, "tokenName": {CANARY: {1, 2}}})
    assert traces(everything_shown(caught.value), CANARY) == []


ANSWERED = {
    "truncated": Truncate(json.dumps({"response": [{"tokenID": CANARY}]}).encode(), 60),
    "truncated in the token": Truncate(
        json.dumps({"response": [{"tokenID": CANARY}]}).encode(), 40
    ),
    "list": Answer(200, [{"tokenID": CANARY}]),
    "of the customer": Answer(200, [{"id": CANARY, "name": "n"}]),
    "server error": Answer(500, {"status": {"code": 500}, "response": [{"tokenID": CANARY}]}),
    "trailing comma": Answer(200, json.dumps([{"tokenID": CANARY}])[:-1] + ",]"),
    "spaces": Answer(502, json.dumps([{"tokenID": CANARY}], indent=8, separators=(" , ", " : "))),
    "cut chunk": Garbage(
        http_answer(200, json.dumps([{"tokenID": CANARY}]), {"Transfer-Encoding": "chunked"})
    ),
}


@pytest.mark.parametrize("case", ANSWERED)
def test_token_in_an_answer_that_failed_is_not_shown(case, capfd):
    """A new token that was on its way to its owner when something broke."""
    with HostileServer([ANSWERED[case]]) as server, watching() as watch:
        with client_at(server.url, debug=False) as client:
            try:
                ApiTokenApi(client).create_token()
            except ApiException as error:
                watch.see(everything_shown(error))
    watch.see(*capfd.readouterr())
    assert traces(watch.everything(), CANARY) == []


# --- where the real value belongs -------------------------------------------------------------


def test_models_hold_the_real_value(connect):
    answer = {
        "status": {"result": "OK", "message": "", "code": 200},
        "response": [{"tokenID": "0b5e2f4a-1111-4222-8333-444455556666"}],
    }
    with HostileServer([Answer(200, answer)]) as server:
        token = connect(server.url).get_all_tokens().response[0]
    assert token.token_id == "0b5e2f4a-1111-4222-8333-444455556666"
    assert token.to_dict()["token_id"] == token.token_id
    assert token.token_id in token.to_str()
    assert token.token_id in token.to_json()
    assert token.token_id not in f"{token} {token!r}"


def test_body_of_the_exception_holds_the_real_value(connect):
    with HostileServer([Reply(lambda r: http_answer(400, r.raw))]) as server:
        with pytest.raises(ApiException) as caught:
            connect(server.url).delete_token("a-token-id-to-be-seen")
    assert "a-token-id-to-be-seen" in caught.value.body
    assert "a-token-id-to-be-seen" not in str(caught.value)


def test_uncaught_exception_shows_nothing(connect, capfd):
    """What a script without try prints when it dies."""
    with HostileServer([FAULTS["echo as error in text"]]) as server:
        client, call, secret = SLOTS["path"](server.url)
        try:
            call()
        except ApiException:
            traceback.print_exc()
            logging.getLogger("app").exception("failed")
        client.close()
    shown = "".join(capfd.readouterr())
    assert "NotFoundException" in shown
    assert traces(shown, secret) == []
