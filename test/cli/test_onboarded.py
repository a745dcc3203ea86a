"""The command at an instance of VMware Cloud services, whose access tokens live for two seconds."""

from __future__ import annotations

import json
import sys

import pytest

from wavefront_api_client.cli._profiles import ProfileError, read_profiles
from wavefront_api_client.credentials import CspApiToken, CspApp
from wavefront_api_client.tokens import Tenant
from wavefront_api_client.tokens.sinks import environment_without

SECRET = "a-secret-that-must-not-be-shown"


@pytest.fixture
def server(onboarded):
    onboarded.add_app("my-app", secret=SECRET, organizations=["one", "two"])
    return onboarded


@pytest.fixture
def account(server):
    account = server.add_service_account("sa::ci")
    server.add_token(account, "ci", age_days=9)
    return account


@pytest.fixture
def as_user(server, monkeypatch, alone):
    """Run the command with the API token of the administrator in the environment."""
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("CSP_API_TOKEN", server.user.api_token)
    monkeypatch.setenv("CSP_BASE_URL", server.csp_url)
    return alone


@pytest.fixture
def profile(server, home):
    """Write a profile with some lines; those that are the same for all are there already."""

    def write(*lines, mode=0o600):
        path = home / ".wavefront"
        both = f"endpoint = {server.url}\ncsp_base_url = {server.csp_url}\n"
        path.write_text("[prod]\n" + both + "\n".join(lines), encoding="utf-8")
        path.chmod(mode)
        return str(path)

    return write


def test_status_tells_the_kind_of_the_credential(as_user, profile, home):
    (row,) = json.loads(as_user("status", "-o", "json").out)
    assert (row["credential"], row["key"]) == ("CspApiToken", "the variable CSP_API_TOKEN")
    assert (row["handle"], row["account"], row["held"]) == (None, "admin@example.com", 1)
    (home / "secret").write_text(SECRET)
    profile("csp_app_id = my-app", "csp_org_id = one", f"csp_app_secret_file = {home}/secret")
    done = as_user("status", "--profile", "prod")
    assert done.status == 0, done.err
    assert "Credential\tCspApp of VMware Cloud services\n" in done.out
    assert "Permissions\tAccounts\n" in done.out


def test_an_audit_finds_the_tokens_of_users(as_user, account):
    done = as_user("audit", "--fail-on", "legacy", "-o", "json")
    assert done.status == 3
    (row,) = [row for row in json.loads(done.out) if "legacy" in row["flags"]]
    assert row["account"] == "admin@example.com"


def test_a_rotation_of_a_service_account(as_user, account, home):
    call = ("rotate", "ci", "--account", "sa::ci", "--to-file", str(home / "key"), "--grace", "0s")
    done = as_user(*call)
    assert done.status == 0, done.err
    (token,) = account.tokens
    assert (home / "key").read_text() == token.token_id


def test_without_an_account_nothing_is_made_or_sent(as_user, server):
    for call in (("mint", "n"), ("rotate", "ci")):
        done = as_user(*call, "--stdout")
        assert (done.status, done.out) == (1, "")
        assert "name the service account" in done.err
    assert server.requests == []


def test_an_exchange_that_is_refused_says_what_the_cloud_said(as_user, server, monkeypatch):
    monkeypatch.setenv("CSP_API_TOKEN", SECRET)
    done = as_user("list")
    assert (done.status, done.out) == (7, "")
    assert done.err.startswith("VMware Cloud services says 401: invalid_grant")
    assert f"The exchange at {server.csp_url} failed" in done.err
    assert SECRET not in done.err


def test_an_app_of_the_environment(server, monkeypatch, alone):
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("CSP_BASE_URL", server.csp_url)
    monkeypatch.setenv("CSP_APP_ID", "my-app")
    assert alone("list").status == 2
    monkeypatch.setenv("CSP_APP_SECRET", SECRET)
    monkeypatch.setenv("CSP_ORG_ID", "two")
    assert alone("list", "--all-accounts").status == 0
    refused = alone("list", "--url", "https://other.example.com")
    assert refused.status == 2
    assert "is for another address" in refused.err
    monkeypatch.setenv("WAVEFRONT_TOKEN", SECRET)
    assert "WAVEFRONT_TOKEN and CSP_APP_ID are both set" in alone("list").err


@pytest.mark.parametrize("what", ["csp_api_token", "csp_app_secret"])
def test_each_way_of_a_profile(what, profile, home, monkeypatch, server):
    monkeypatch.setenv("MY_SECRET", f" {SECRET}\n")
    (home / "secret").write_text(f"{SECRET}\n")
    ways = {
        "file": f"{home}/secret",
        "env": "MY_SECRET",
        "command": f"{sys.executable} -c \"print('{SECRET}')\"",
    }
    is_app = what == "csp_app_secret"
    wanted = CspApiToken(SECRET, base_url=server.csp_url)
    if is_app:
        wanted = CspApp("my-app", SECRET, "one", base_url=server.csp_url)
    for way, value in ways.items():
        app = ["csp_app_id = 'my-app'", "csp_org_id = one # the first"] * is_app
        path = profile(*app, f"{what}_{way} = {value}")
        found = read_profiles([path], print)["prod"]
        with found.client() as client:
            assert client.configuration.credentials == wanted
        assert found.key_text() == SECRET
        assert found.origin == f"{what}_{way} in {path}"
        assert found.variables == ["MY_SECRET"] * (way == "env")
        assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("lines", "mode", "problem"),
    [
        (["csp_app_secret_env = X"], 0o600, "needs csp_app_id and csp_app_secret_file"),
        (["csp_app_id = a", "csp_api_token_env = X"], 0o600, "needs csp_app_id and csp_app_secret"),
        (['csp_app_id = ""', "csp_app_secret_env = X"], 0o600, "needs csp_app_id and csp_app"),
        (["csp_app_id = a"], 0o600, "needs endpoint and one of token"),
        (["token = t", "csp_api_token_env = X"], 0o600, "needs endpoint and one of token"),
        (["csp_api_token_env = NO_SUCH"], 0o600, "NO_SUCH is not set"),
        (["csp_api_token_command = true"], 0o622, "csp_api_token_command is not run"),
        (["csp_api_token_command = true"], 0o600, "gives no token"),
    ],
)
def test_what_a_profile_lacks_is_told(profile, lines, mode, problem):
    path = profile(*lines, mode=mode)
    with pytest.raises(ProfileError, match=problem):
        read_profiles([path], print)["prod"].client()


@pytest.mark.parametrize(
    "lines", [["csp_app_id = a", "csp_app_secret_env = X"], ["csp_api_token_env = X"]]
)
def test_a_secret_of_a_profile_does_not_follow_the_environment(home, monkeypatch, lines):
    monkeypatch.setenv("CSP_BASE_URL", "https://staging.example.com")
    monkeypatch.setenv("X", SECRET)
    file = home / "credentials"
    file.write_text("\n".join(["[prod]", "endpoint = https://h", *lines]))
    file.chmod(0o600)
    with read_profiles([str(file)], print)["prod"].client() as client:
        credentials = client.configuration.credentials
    assert credentials.base_url == "https://console.cloud.vmware.com"


def test_a_tenant_with_credentials(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", SECRET)
    app = CspApp("my-app", SECRET, base_url=server.csp_url)
    for key in (app, lambda: app):
        with Tenant("one", server.url, key).client() as client:
            assert client.configuration.credentials_for(server.url) == app


def test_no_program_finds_the_credentials(monkeypatch):
    monkeypatch.setenv("CSP_API_TOKEN", SECRET)
    monkeypatch.setenv("CSP_APP_SECRET", "another-secret")
    monkeypatch.setenv("OF_THE_USER", f"Bearer {SECRET}")
    assert not {"CSP_API_TOKEN", "CSP_APP_SECRET", "OF_THE_USER"} & {*environment_without([])}
