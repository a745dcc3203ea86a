"""Calls that fail with a secret in every slot, for all who look at errors from outside."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any, Callable
from unittest import mock

from canary import CANARY, HEADER_CANARY, traces
from hostile import Answer, Hang, HostileServer, Reset, Truncate, configuration_for

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration, UserApiToken
from wavefront_api_client.retry import RetryPolicy

WAIT = 10
TOKENS = {
    "status": {"result": "OK", "message": "", "code": 200},
    "response": [{"tokenID": CANARY}],
}
MODEL = UserApiToken(token_id=CANARY)
BODY = {"tokenID": CANARY, "tokenName": "n"}
NO = {"status": {"result": "ERROR", "message": "no", "code": 404}}


class Stop(BaseException):
    """Whatever may come at any time, such as KeyboardInterrupt."""


class Everything(Configuration):
    """A configuration with a credential in each place that there is."""

    def auth_settings(self) -> dict[str, dict[str, Any]]:
        basic = {"in": "header", "key": "X-Basic", "value": self.get_basic_auth_token()}
        query = {"in": "query", "key": "token", "value": HEADER_CANARY}
        return {**super().auth_settings(), "basic": basic, "query": query}


def client_with_everything(url: str, **settings: Any) -> ApiClient:
    """A client whose every credential is a canary."""
    plain = configuration_for(url, retries=RetryPolicy(1, backoff=0), request_timeout=(5, 5))
    configuration = Everything(host=url)
    configuration.__dict__.update(plain.__dict__)
    configuration.api_key = {"X-AUTH-TOKEN": HEADER_CANARY}
    configuration.api_key_prefix = {"X-AUTH-TOKEN": "Prefix"}
    configuration.username, configuration.password = "user", HEADER_CANARY
    for name, value in settings.items():
        setattr(configuration, name, value)
    client = ApiClient(configuration, "Authorization", f"Bearer {HEADER_CANARY}", HEADER_CANARY)
    client.set_default_header("X-Gateway-Key", HEADER_CANARY)
    return client


Call = Callable[..., Any]


def calls_of(client: ApiClient) -> dict[str, Call]:
    """Each of the eleven calls and `call_api`, with a token in each parameter."""
    api = ApiTokenApi(client)
    return {
        "create_token": api.create_token,
        "delete_customer_token": lambda **o: api.delete_customer_token(**{"body": MODEL, **o}),
        "delete_token": lambda **o: api.delete_token(CANARY, **o),
        "delete_token_service_account": lambda **o: api.delete_token_service_account(
            "sa::x", token=CANARY, **o
        ),
        "generate_token_service_account": lambda **o: (
            api.generate_token_service_account_with_http_info(CANARY, **{"body": BODY, **o})
        ),
        "get_all_tokens": api.get_all_tokens_with_http_info,
        "get_customer_token": lambda **o: api.get_customer_token(id=CANARY, **o),
        "get_customer_tokens": api.get_customer_tokens,
        "get_tokens_service_account": lambda **o: api.get_tokens_service_account(CANARY, **o),
        "update_token_name": lambda **o: api.update_token_name(CANARY, **{"body": BODY, **o}),
        "update_token_name_service_account": lambda **o: api.update_token_name_service_account(
            "sa::x", CANARY, **{"body": MODEL, **o}
        ),
        "call_api": lambda **o: client.call_api(
            "/api/v2/apitoken/{id}",
            "PUT",
            {"id": CANARY},
            [("token", HEADER_CANARY)],
            {"X-More": HEADER_CANARY},
            **{"body": {"tokenID": CANARY}, **o},
            response_type="ResponseContainerListUserApiToken",
            auth_settings=["api_key", "basic", "query"],
        ),
    }


Scene = contextlib.AbstractContextManager[tuple[ApiClient, dict[str, Any]]]


@contextlib.contextmanager
def answered(step: Any, options: dict[str, Any] | None = None, **settings: Any) -> Iterator[Any]:
    with HostileServer([step]) as server:
        with client_with_everything(server.url, **settings) as client:
            yield client, options or {}


@contextlib.contextmanager
def through_a_proxy() -> Iterator[Any]:
    with HostileServer([Answer(502, NO)]) as server:
        proxy = server.url.replace("://", f"://user:{HEADER_CANARY.replace('/', '%2F')}@")
        with client_with_everything(
            "http://127.0.0.1:1", proxy=proxy, proxy_headers={"X-Proxy-Key": HEADER_CANARY}
        ) as client:
            yield client, {}


@contextlib.contextmanager
def interrupted(where: str) -> Iterator[Any]:
    with answered(Answer()) as scene, mock.patch(where, side_effect=Stop):
        yield scene


def stopping_hook(configuration: Configuration) -> None:
    raise Stop


def closed() -> Any:
    @contextlib.contextmanager
    def make() -> Iterator[Any]:
        with answered(Answer()) as scene:
            scene[0].close()
            yield scene

    return make()


BROKEN = json.dumps(TOKENS).encode()

FAILURES: dict[str, Callable[[], Any]] = {
    "404": lambda: answered(Answer(404, NO)),
    "404 unread": lambda: answered(Answer(404, NO), {"_preload_content": False}),
    "503": lambda: answered(Answer(503, TOKENS)),
    "redirect": lambda: answered(Answer(302, b"", {"Location": f"http://127.0.0.1:1/{CANARY}"})),
    "reset": lambda: answered(Reset()),
    "refused": lambda: answered(Answer(), host="http://127.0.0.1:1"),
    "timeout": lambda: answered(Hang(), request_timeout=(5, 0.05)),
    "no time": lambda: answered(Hang(), {"_request_timeout": 0.05}),
    "html": lambda: answered(Answer(200, b"<html>", {"Content-Type": "text/html"})),
    "list": lambda: answered(Answer(200, [{"tokenID": CANARY}])),
    "half of the JSON": lambda: answered(Answer(200, BROKEN[:-3])),
    "truncated": lambda: answered(Truncate(BROKEN, len(BROKEN) - 3)),
    "bad gzip": lambda: answered(Answer(200, BROKEN, {"Content-Encoding": "gzip"})),
    "proxy": through_a_proxy,
    "bad option": lambda: answered(Answer(), {"_request_timeout": CANARY}),
    "unknown option": lambda: answered(Answer(), {"colour": CANARY}),
    "bad key": lambda: answered(Answer(), api_key={"X-AUTH-TOKEN": f"{HEADER_CANARY}\n."}),
    "hook": lambda: answered(Answer(), refresh_api_key_hook=stopping_hook),
    "closed": closed,
    "interrupted while sending": lambda: interrupted("http.client.HTTPConnection.send"),
    "interrupted while reading": lambda: interrupted("wavefront_api_client._core.answers.parse"),
    "interrupted while answering": lambda: interrupted("socket.SocketIO.readinto"),
}


def errors(failure: str, is_async: bool) -> Iterator[tuple[str, Callable[[], Any]]]:
    """For each call a function that makes it; it has no secret of its own in its frame."""
    with FAILURES[failure]() as (client, options):
        for name, call in calls_of(client).items():
            yield name, _caller(call, {**options, "async_req": True} if is_async else options)


def _caller(call: Call, options: dict[str, Any]) -> Callable[[], Any]:
    def make_call() -> Any:
        result = call(**options)
        return result.get(WAIT) if options.get("async_req") else result

    return make_call


def seen(text: str) -> list[str]:
    """What a text shows of any of the secrets."""
    return traces(text, CANARY) + traces(text, HEADER_CANARY)
