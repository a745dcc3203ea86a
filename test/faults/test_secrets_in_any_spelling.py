"""What the service repeats of a request is hidden however it writes it, and so is the proxy's."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
from itertools import product
from typing import Any
from urllib.parse import quote, unquote

import pytest
from canary import HEADER_CANARY, everything_shown, traces, watching
from cases import for_all, pairs
from hostile import Answer, HostileServer, Reply, Reset, configuration_for, http_answer

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
from wavefront_api_client.retry import RetryPolicy

WIDE = "p\uff20ss\uff0fw\u00f6rd-\u2192c4n4ry"
"""Characters that the standard library refuses in the address of a host."""


def special(write):
    return lambda text: "".join(c if c.isalnum() else write(c) for c in text)


SPELLINGS = {
    "Gson": special(lambda c: f"\\u{ord(c):04x}"),
    ".NET": special(lambda c: f"\\u{ord(c):04X}"),
    "Go": special(lambda c: f"&#{ord(c)};"),
    "Handlebars": special(lambda c: f"&#x{ord(c):X};"),
    "OWASP": special(lambda c: f"&#x{ord(c):x};"),
    "percent": lambda text: quote(text, safe=""),
    "percent in lower case": lambda text: re.sub("%..", lambda m: m[0].lower(), quote(text, "")),
    "partly percent": lambda text: text.replace("/", "%2F").replace("=", "%3d"),
    "partly JSON": lambda text: text.replace("+", "\\u002b").replace("/", "\\/"),
    "JSON of HTML": lambda text: json.dumps(special(lambda c: f"&#{ord(c)};")(text)),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text).replace("=", "\\u003d")),
    "names": lambda text: html.escape(text.replace("/", "&sol;").replace("=", "&equals;")),
}
PLACES = {
    "container": lambda text: http_answer(
        400, {"status": {"result": "ERROR", "message": f"no {text}!", "code": 400}}
    ),
    "gateway": lambda text: http_answer(502, {"error": f"no {text}!", "trackingId": text}),
    "text": lambda text: http_answer(404, f"error='x'\nmessage='no {text}'\ntrackingId={text}"),
    "JSON by hand": lambda text: http_answer(500, f'{{"error": "no {text}!"}}'),
    "page": lambda text: http_answer(200, f"<p>{text}</p>", {"Content-Type": "text/html"}),
    "cut off": lambda text: http_answer(200, f"{text[:-3]}", {"Content-Length": "9999"}),
    "header": lambda text: http_answer(400, "no", {"X-Request": f"a={text}"}),
    "reason": lambda text: http_answer(400, "no", reason=f"no {text}"),
}


def all_escapes_off(text: str) -> str:
    for _ in range(6):
        text = html.unescape(unquote(text))
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return text.replace("\\", "")


def assert_hidden(shown: str, secret: str = HEADER_CANARY) -> None:
    assert traces(shown, secret) == []
    assert traces(all_escapes_off(shown), secret) == []


def client_at(url: str, **settings: Any) -> ApiClient:
    settings.setdefault("retries", RetryPolicy(retries=0))
    settings.setdefault("request_timeout", (2, 2))
    return ApiClient(configuration_for(url, **settings))


def with_key(url: str) -> tuple[ApiClient, Any]:
    client = client_at(url, api_key=HEADER_CANARY)
    return client, ApiTokenApi(client).get_all_tokens


def with_id(url: str) -> tuple[ApiClient, Any]:
    client = client_at(url)
    return client, lambda: ApiTokenApi(client).delete_token(HEADER_CANARY)


def with_body(url: str) -> tuple[ApiClient, Any]:
    client = client_at(url)
    body = {"tokenID": HEADER_CANARY}
    return client, lambda: ApiTokenApi(client).delete_customer_token(body=body)


SLOTS = {"key": with_key, "id": with_id, "body": with_body}


@for_all(
    ("spelling", "place", "slot"),
    pairs(product(SPELLINGS, PLACES), SLOTS, 6),
)
def test_what_the_service_repeats_is_hidden(spelling, place, slot):
    text = SPELLINGS[spelling](HEADER_CANARY)
    step = Reply(lambda request: PLACES[place](text), keep=False)
    with HostileServer([step]) as server, watching() as watch:
        client, call = SLOTS[slot](server.url)
        with client, pytest.raises(ApiException) as caught:
            call()
        watch.see(everything_shown(caught.value))
    assert_hidden(watch.everything())


def test_what_is_told_besides_stays(connect):
    text = SPELLINGS["Gson"](HEADER_CANARY)
    body = f'{{"status": {{"message": "no such key: {text}!", "code": 400}}}}'
    answer = http_answer(400, body)
    with HostileServer([Reply(lambda request: answer)]) as server:
        with pytest.raises(ApiException) as caught:
            connect(server.url, api_key=HEADER_CANARY).get_all_tokens()
    assert caught.value.message == "no such key: ***!"
    assert '"message": "no such key: ***!", "code": 400' in str(caught.value)
    assert text in caught.value.body


# --- wide characters --------------------------------------------------------------------------

WITH_PASSWORD = ["https://user:{}@h.example", "user:{}@h.example", "https://user:{}@[::1", "{}://h"]


@for_all("host", WITH_PASSWORD)
@for_all("variable", [None, "WAVEFRONT_URL", "WAVEFRONT_ENDPOINT"])
def test_a_password_of_a_host_is_not_shown(monkeypatch, host, variable):
    value = host.format(WIDE)
    if variable:
        monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError) as caught:
        Configuration() if variable else Configuration(host=value)
    assert_hidden(everything_shown(caught.value), WIDE)
    assert caught.value.__context__ is None


def set_explicitly(monkeypatch, value):
    return {"proxy": value}


def set_in_environment(monkeypatch, value):
    monkeypatch.setenv("HTTP_PROXY", value)
    monkeypatch.setenv("HTTPS_PROXY", value)
    return {}


by_any_way = for_all("by", [set_explicitly, set_in_environment])


@by_any_way
@for_all("proxy", [*WITH_PASSWORD[2:], "http://u:{}@h:port", "http://u:{}@h:{}"])
def test_a_password_of_an_impossible_proxy_is_not_shown(monkeypatch, by, proxy):
    configuration = configuration_for(
        "https://wavefront.invalid", **by(monkeypatch, proxy.replace("{}", WIDE))
    )
    with pytest.raises(ValueError) as caught:
        ApiClient(configuration)
    assert_hidden(everything_shown(caught.value), WIDE)
    assert caught.value.__context__ is None


def repeated(request):
    sent = request.headers["proxy-authorization"].split()[1]
    user = base64.b64decode(sent).decode()
    return http_answer(407, f"{sent} {user} {quote(user)} {html.escape(user)}", reason="No")


@by_any_way
@for_all("scheme", ["http", "https"])
def test_a_wide_password_of_a_proxy_is_sent_in_utf_8_and_hidden(monkeypatch, by, scheme):
    with HostileServer([Reply(repeated)]) as proxy, watching() as watch:
        address = proxy.url.replace("://", f"://us\u00e9r:{WIDE}@")
        with client_at(f"{scheme}://127.0.0.1:1", **by(monkeypatch, address)) as client:
            with pytest.raises(ApiException) as caught:
                ApiTokenApi(client).get_all_tokens()
            watch.see(everything_shown(caught.value), repr(client), repr(client.rest_client))
    sent = proxy.requests[0].headers["proxy-authorization"]
    assert base64.b64decode(sent.split()[1]).decode("utf-8") == f"us\u00e9r:{WIDE}"
    assert "407" in str(caught.value)
    assert_hidden(watch.everything(), WIDE)
    assert sent.split()[1] not in watch.everything()


# --- the proxy in use, and the one that is configured by now ----------------------------------

LATER = ["http://other:t0tally-else@127.0.0.1:9", "http://user:p\uff20ss@[::1", "a:b:c", "", None]


@for_all("later", LATER)
@for_all("fault", [Reply(repeated), Reset(), Answer(200, "<html>")])
def test_the_proxy_in_use_is_the_one_that_counts(fault, later):
    with HostileServer([fault]) as proxy:
        address = proxy.url.replace("://", f"://user:{quote(HEADER_CANARY, safe='')}@")
        with client_at("http://127.0.0.1:1", proxy=address) as client:
            client.configuration.proxy = later
            client.configuration.proxy_headers = {"X-Another": "t0tally-else"}
            with pytest.raises(ApiException) as caught:
                ApiTokenApi(client).get_all_tokens()
    assert_hidden(everything_shown(caught.value))


@for_all("later", LATER)
def test_a_bad_proxy_set_later_changes_no_failure(connect, later):
    with HostileServer([Answer(404, {"error": "no such token"})]) as server:
        api = connect(server.url, retries=0)
        api.api_client.configuration.proxy = later
        with pytest.raises(ApiException, match="404") as caught:
            api.delete_token("t0ken-1")
    assert caught.value.message == "no such token"


def test_a_bad_proxy_in_the_environment_later_changes_no_failure(connect, monkeypatch):
    with HostileServer([Answer(404, {"error": "no such token"})]) as server:
        api = connect(server.url, retries=0)
        monkeypatch.setenv("HTTP_PROXY", f"http://user:{WIDE}@[::1")
        with pytest.raises(ApiException, match="404"):
            api.delete_token("t0ken-1")


def test_a_header_for_the_proxy_that_cannot_be_sent_is_not_shown():
    headers = {"Proxy-Authorization": f"Bearer\n{HEADER_CANARY}"}
    with pytest.raises(ValueError, match="Proxy-Authorization") as caught:
        client_at("http://127.0.0.1:1", proxy="http://127.0.0.1:9", proxy_headers=headers)
    assert_hidden(everything_shown(caught.value))


# --- a URL given to the lower seam ------------------------------------------------------------


@for_all("password", [WIDE, "[" + HEADER_CANARY.replace("/", ".")])
@for_all("fault", [Reset(), Answer(404, "no")])
def test_a_password_in_a_url_of_the_caller_is_not_shown(connect, fault, password):
    with HostileServer([fault]) as server, watching() as watch:
        rest = connect(server.url, retries=0).api_client.rest_client
        url = server.url.replace("://", f"://user:{password}@")
        with contextlib.suppress(ApiException, ValueError):
            rest.GET(f"{url}/api/v2/apitoken")
        with pytest.raises((ApiException, ValueError)) as caught:
            rest.POST(f"{url}/api/v2/apitoken", body={})
        watch.see(everything_shown(caught.value))
    assert_hidden(watch.everything(), password)
