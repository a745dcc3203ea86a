"""The embedded service as an instance of VMware Cloud services, and those: its two exchanges."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cases import for_all

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.credentials import CspApiToken, CspApp
from wavefront_api_client.testing import TokenServer

OWN = "/api/v2/apitoken"
ALL = f"{OWN}/customertokens"
USER_PATH, APP_PATH = CspApiToken.path, CspApp.path


@pytest.fixture
def server():
    with TokenServer(onboarded=True) as server:
        yield server


def basic(id, secret):
    return {"Authorization": "Basic " + b64encode(f"{id}:{secret}".encode()).decode()}


def bearer_of(answer):
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


@pytest.mark.parametrize("field", ["api_token", "refresh_token"])
def test_a_user_exchanges_an_api_token_in_either_spelling(server, exchange, call, field):
    answer = exchange(server, **{field: server.user.api_token})
    assert answer.status == 200
    assert (answer.json["expires_in"], answer.json["token_type"]) == (1800, "bearer")
    assert call("GET", OWN, key=None, headers=bearer_of(answer)).status == 200
    assert [str(request) for request in server.requests] == [
        f"POST {USER_PATH} 200 admin@example.com",
        "GET /api/v2/apitoken 200 admin@example.com",
    ]


def test_an_app_exchanges_its_id_and_secret(server, exchange, call):
    app = server.add_app("my-app", secret="s3cret")
    form = {"grant_type": "client_credentials"}
    answer = exchange(server, APP_PATH, headers=basic("my-app", "s3cret"), **form)
    assert call("GET", ALL, key=None, headers=bearer_of(answer)).status == 200
    assert (app.app_secret, app.tokens, app.account_type) == ("s3cret", [], "CSP_SERVICE_ACCOUNT")
    assert (
        call("GET", f"{OWN}/serviceaccount/my-app", key=None, headers=bearer_of(answer)).status
        == 404
    )


def test_the_role_admin_is_the_permission_accounts(server, exchange, call):
    user = server.add_user("viewer@example.com", permissions=())
    answer = exchange(server, api_token=user.api_token)
    assert call("GET", ALL, key=None, headers=bearer_of(answer)).status == 403
    assert call("GET", OWN, key=None, headers=bearer_of(answer)).status == 200
    server.add_app("viewer", permissions=(), secret="s")
    form = {"grant_type": "client_credentials"}
    answer = exchange(server, APP_PATH, headers=basic("viewer", "s"), **form)
    assert call("GET", ALL, key=None, headers=bearer_of(answer)).status == 403


def test_an_app_in_several_organizations_names_one(server, exchange):
    server.add_app("my-app", secret="s", organizations=["one", "two"])
    form = {"grant_type": "client_credentials"}
    for more, status in (({}, 400), ({"orgId": "one"}, 200), ({"orgId": "three"}, 400)):
        answer = exchange(server, APP_PATH, headers=basic("my-app", "s"), **form, **more)
        assert answer.status == status


@for_all(
    ("path", "method", "headers", "form", "status"),
    [
        (USER_PATH, "POST", {}, {}, 400),
        (USER_PATH, "POST", {}, {"api_token": "wrong"}, 400),
        (USER_PATH, "GET", {}, {}, 405),
        (USER_PATH, "POST", {"Content-Type": "application/json"}, {"api_token": "x"}, 415),
        (APP_PATH, "POST", {}, {"grant_type": "client_credentials"}, 401),
        (APP_PATH, "POST", basic("my-app", "x"), {"grant_type": "client_credentials"}, 401),
        (APP_PATH, "POST", {"Authorization": "Basic ?"}, {"grant_type": "client_credentials"}, 401),
        (APP_PATH, "POST", {"Authorization": "Other eA=="}, {}, 401),
        (APP_PATH, "POST", basic("my-app", "s"), {"grant_type": "password"}, 400),
        ("/csp/gateway/am/api/auth/other", "POST", {}, {}, 404),
        (OWN, "GET", {}, {}, 404),
    ],
)
def test_what_is_refused_is_told_in_a_message(exchange, path, method, headers, form, status):
    with TokenServer(onboarded=True) as server:
        server.add_app("my-app", secret="s")
        answer = exchange(server, path, method, headers, **form)
        assert answer.status == status
        assert answer.json["message"]
        assert answer.json["statusCode"] == status


def test_access_tokens_expire_by_the_clock_of_the_service(exchange, call):
    with TokenServer(onboarded=True, access_token_life=2) as server:
        answer = exchange(server, api_token=server.user.api_token)
        assert answer.json["expires_in"] == 2
        server.advance(seconds=-60)
        assert call("GET", OWN, key=None, headers=bearer_of(answer), to=server).status == 200
        server.advance(seconds=62)
        refused = call("GET", OWN, key=None, headers=bearer_of(answer), to=server)
        assert (refused.status, refused.message) == (401, "a working access token is needed")


def test_keys_are_refused(server, exchange, call):
    ci = server.add_service_account("sa::ci", tokens=1)
    key = server.user.key
    access_token = exchange(server, api_token=server.user.api_token).json["access_token"]
    for headers in (
        {"X-AUTH-TOKEN": key},
        {"X-AUTH-TOKEN": ci.key},
        {"X-AUTH-TOKEN": access_token},
        {"Authorization": f"Bearer {key}"},
        {"Authorization": f"Basic {access_token}"},
        {"X-AUTH-TOKEN": key, "Authorization": f"Bearer {access_token}"},
        {},
    ):
        assert call("GET", OWN, key=None, headers=headers).status == 401
    assert server.user.tokens[0].last_used == 0


def test_keys_of_service_accounts_may_be_taken(call):
    with TokenServer(onboarded=True, service_account_keys=True) as server:
        ci = server.add_service_account("sa::ci", tokens=1)
        off = server.add_service_account("sa::off", tokens=1, active=False)
        assert call("GET", OWN, key=ci.key, to=server).status == 200
        assert ci.tokens[0].last_used
        for key in (server.user.key, off.key, "unknown"):
            assert call("GET", OWN, key=key, to=server).status == 401


def test_a_fault_meets_an_exchange_only_by_its_path(server, exchange):
    server.inject(status=503)
    server.inject(method="POST", status=503)
    token = {"api_token": server.user.api_token}
    assert exchange(server, **token).status == 200
    server.inject(path=USER_PATH, status=429, headers={"Retry-After": "7"})
    server.inject(path=USER_PATH, body={"access_token": 5})
    assert len(server.pending_faults) == 4
    answer = exchange(server, **token)
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert exchange(server, **token).json == {"access_token": 5}
    assert exchange(server, **token).status == 200
    assert "/authorize" in repr(server.requests[0])
    with pytest.raises(ValueError, match=f"POST {APP_PATH}"):
        server.inject(method="GET", path=APP_PATH, status=500)


def test_nothing_shows_a_secret(server, exchange):
    told = []
    app = server.add_app("my-app")
    with TokenServer(onboarded=True, on_request=lambda each: told.append(repr(each))) as other:
        exchange(other, api_token=other.user.api_token)
        secrets = [other.user.api_token, app.app_secret, server.user.api_token]
        shown = [*told, repr(other), repr(other.user), repr(app), repr(server.requests)]
        assert not any(secret in text for secret in secrets for text in shown)


def test_reset_begins_anew_with_the_same_credentials(server, exchange, call):
    first = exchange(server, api_token=server.user.api_token)
    before = (server.user.key, server.user.api_token, server.csp_url)
    server.add_app("my-app")
    server.reset()
    assert (server.user.key, server.user.api_token, server.csp_url) == before
    assert call("GET", OWN, key=None, headers=bearer_of(first)).status == 401
    assert exchange(server, api_token=server.user.api_token).status == 200


def test_known_credentials(exchange):
    with TokenServer(onboarded=True, key="known") as server:
        assert server.user.api_token == "known"
        server.add_user("jane@example.com", api_token="hers")
        assert exchange(server, api_token="hers").status == 200


def test_an_original_instance_has_no_cloud(call):
    with TokenServer() as server:
        assert server.user.api_token == ""
        assert server.credentials() is None
        with pytest.raises(RuntimeError, match="onboarded"):
            server.csp_url


def test_a_configuration_for_each_account(server):
    app, ci = server.add_app("my-app"), server.add_service_account("sa::ci", tokens=1)
    url = server.csp_url
    credentials = CspApiToken(server.user.api_token, base_url=url)
    assert server.configuration().credentials == server.credentials() == credentials
    expected = CspApp("my-app", app.app_secret, base_url=url)
    assert server.configuration(app).credentials == expected
    Configuration.set_default(server.configuration())
    configuration = server.configuration(ci)
    assert (configuration.credentials, configuration.api_key) == (None, {"X-AUTH-TOKEN": ci.key})
    with ApiClient(server.configuration(app)) as client:
        assert len(ApiTokenApi(client).get_customer_tokens().response) == 2


def test_stop_frees_both_ports_and_start_goes_on():
    server = TokenServer(onboarded=True)
    with server:
        pass
    with pytest.raises(RuntimeError):
        server.csp_url
    with server, ApiClient(server.configuration()) as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
