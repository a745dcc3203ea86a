"""What a review of smaller code found missing: credentials in odd places, names, logs, limits."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration, UserApiToken
from wavefront_api_client._core.background import AsyncResult, Workers
from wavefront_api_client._core.secrets import mask_target

TOKEN = "1b4e28ba-2fa1-41d2-883f-b9a761bde3fb"


class Vault(Configuration):
    """Gets its key from elsewhere."""

    def get_api_key_with_prefix(self, identifier):
        return "key-of-the-vault"


class OwnHeaders(ApiClient):
    """Puts its key into the headers itself."""

    def update_params_for_auth(self, headers, querys, auth_settings):
        headers["X-AUTH-TOKEN"] = "key-of-the-vault"


@pytest.mark.parametrize(("configure", "make"), [(Vault, ApiClient), (Configuration, OwnHeaders)])
def test_a_key_of_ones_own_beats_credentials_of_the_environment(
    server, monkeypatch, configure, make
):
    monkeypatch.setenv("CSP_API_TOKEN", "api-token-of-the-environment")
    monkeypatch.setenv("CSP_BASE_URL", server.url)
    with make(configure(host=server.url, retries=0)) as client, pytest.raises(ApiException):
        ApiTokenApi(client).get_all_tokens()
    (request,) = server.requests
    assert request.headers["X-AUTH-TOKEN"] == "key-of-the-vault"
    assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    ("key", "header"), [("my-token", ()), ("another-key", ("X-Trace", "of-a-token"))]
)
def test_a_key_that_ends_like_that_of_the_environment_is_sent(server, monkeypatch, key, header):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "token")
    monkeypatch.setenv("WAVEFRONT_URL", "https://home.example.com")
    configuration = Configuration(host=server.url, api_key=key)
    with ApiClient(configuration, *header) as client, pytest.raises(ApiException):
        ApiTokenApi(client).get_all_tokens()
    assert server.requests[0].headers["X-AUTH-TOKEN"] == key


def test_a_scheme_of_ones_own_is_sent_beside_an_explicit_credential(server, monkeypatch):
    class Tenants(Configuration):
        def auth_settings(self):
            tenant = {"type": "api_key", "in": "header", "key": "X-Tenant", "value": "acme"}
            return {**super().auth_settings(), "tenant": tenant}

    monkeypatch.setenv("WAVEFRONT_TOKEN", "token-of-the-environment")
    client = ApiClient(Tenants(host=server.url), "Authorization", "Bearer abc")
    with client, pytest.raises(ApiException):
        client.call_api("/api/v2/apitoken", "GET", auth_settings=["api_key", "tenant"])
    (request,) = server.requests
    assert request.headers["X-Tenant"] == "acme"
    assert "X-AUTH-TOKEN" not in request.headers


def test_a_token_in_braces_is_not_shown(server, caplog):
    caplog.set_level(logging.DEBUG)
    assert mask_target("/api/v2/apitoken/{id}/{token}") == "/api/v2/apitoken/{id}/{token}"
    with ApiClient(server.configuration()) as client, pytest.raises(ApiException) as caught:
        client.rest_client.DELETE(f"{server.url}/api/v2/apitoken/{{{TOKEN}}}")
    assert TOKEN not in caplog.text
    assert TOKEN not in str(caught.value)
    assert TOKEN not in str(caught.value.path_template)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no list of open files")
def test_a_log_file_of_the_default_is_open_once(tmp_path):
    default = Configuration()
    default.logger_file = tmp_path / "log"
    Configuration.set_default(default)
    kept = [Configuration() for _ in range(20)]
    with suppress(OSError):
        opened = [each.resolve() for each in Path("/proc/self/fd").iterdir()]
    assert opened.count((tmp_path / "log").resolve()) == 1
    assert len(kept) == 20


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_workers_close_although_one_has_died(monkeypatch):
    def die(result):
        raise SystemExit

    monkeypatch.setattr(AsyncResult, "_run", die)
    workers = Workers(1)
    workers.submit(lambda: None)
    closing = threading.Thread(target=workers.close, daemon=True)
    closing.start()
    closing.join(5)
    assert not closing.is_alive()


def test_an_exception_has_its_body_and_headers_for_vars():
    assert {"body", "headers", "status", "reason"} <= {*vars(ApiException(404, "Not Found"))}


def test_a_model_shares_no_list_with_the_dictionary_it_was_made_of():
    from wavefront_api_client import ResponseContainerUserApiToken

    data = {"debugInfo": ["a"]}
    model = ResponseContainerUserApiToken.from_dict(data)
    model.debug_info.append("b")
    assert data == {"debugInfo": ["a"]}
    assert UserApiToken.from_dict({"tokenID": "x"}).token_id == "x"


def test_the_package_of_token_operations_shows_its_names(monkeypatch):
    import wavefront_api_client.tokens as tokens

    assert {*tokens.__all__, "errors", "sinks", "texts"} <= {*dir(tokens)}
    assert not [name for name in dir(tokens) if name.startswith("_") and not name.startswith("__")]
    # As it is before anything has imported this module.
    monkeypatch.delattr(tokens, "errors", raising=False)
    assert tokens.errors.TokenNotFound is tokens.TokenNotFound
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tokens.nothing
