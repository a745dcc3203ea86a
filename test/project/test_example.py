"""The example does all eleven calls, shows no token, and leaves nothing behind, come what may."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cases import pairs

from wavefront_api_client.testing import ROUTES, TokenServer
from wavefront_api_client.testing._store import Store

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "token_lifecycle.py"
PAGE = Path(__file__).parent / "seed_examples.txt"
ELEVEN = set(re.findall(r"^## (\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
OWN = "/api/v2/apitoken"
SERVICE_ACCOUNT = OWN + "/serviceaccount/{id}"
TIMEOUT = 20


@pytest.fixture
def tenant(server):
    jane = server.add_user("jane@example.com", tokens=2)
    robot = server.add_service_account("sa::ci", tokens=1)
    server.accounts = [server.user, jane, robot]
    return server


def tokens_of(server):
    return sorted(token.token_id for account in server.accounts for token in account.tokens)


def settings_for(server):
    return {
        "WAVEFRONT_URL": server.url,
        "WAVEFRONT_TOKEN": server.user.key,
        "WAVEFRONT_SERVICE_ACCOUNT": "sa::ci",
    }


@contextlib.contextmanager
def start(**settings):
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    with heeding(signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, "-W", "error", str(EXAMPLE)],
            env={**environment, "PYTHONPATH": str(ROOT), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def heeding(number):
    """Start processes that heed a signal, which a shell may have told this one to ignore."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def run(**settings):
    with start(**settings) as process:
        out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, err


def call_of(server, request):
    """The operation of a recorded request; ids are told from words by what the store knows."""
    parts = request.path.split("?")[0].split("/")[4:]
    for (method, template), name in ROUTES.items():
        words = template.split("/")[4:]
        fits = len(words) == len(parts) and all(
            word[0] == "{" or word == part for word, part in zip(words, parts)
        )
        if fits and method == request.method:
            return name
    raise AssertionError(request)


def test_without_settings_it_runs_against_the_embedded_service():
    status, out, err = run()
    assert (status, err) == (0, "")
    told = [line.split()[0] for line in out.splitlines()]
    assert set(told) >= ELEVEN
    assert told[-1] == "done"
    assert "cleaning up" not in out


def test_with_settings_it_makes_all_eleven_calls_there_and_leaves_nothing_behind(tenant):
    before = tokens_of(tenant)
    status, out, err = run(**settings_for(tenant))
    assert (status, err) == (0, "")
    assert "cleaning up" not in out
    called = {call_of(tenant, request) for request in tenant.requests}
    assert called == ELEVEN
    assert tokens_of(tenant) == before


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["user", "app"])
def test_an_instance_of_vmware_cloud_services_with_tokens_of_two_seconds(kind):
    """Its clock is fast: an access token expires between two calls, unknown to the client."""
    moving = []
    with TokenServer(
        onboarded=True,
        access_token_life=2,
        on_request=lambda request: [server.advance(seconds=0.9) for server in moving],
    ) as server:
        moving.append(server)
        robot = server.add_service_account("sa::ci", tokens=1)
        settings = {"WAVEFRONT_URL": server.url, "CSP_BASE_URL": server.csp_url}
        settings["WAVEFRONT_SERVICE_ACCOUNT"] = "sa::ci"
        if kind == "user":
            settings["CSP_API_TOKEN"] = server.user.api_token
        else:
            app = server.add_app("my-app")
            settings |= {"CSP_APP_ID": app.id, "CSP_APP_SECRET": app.app_secret}
        status, out, err = run(**settings)
        assert (status, err) == (0, "")
        done = [request for request in server.requests if request.status == 200]
        called = {call_of(server, each) for each in done if not each.path.startswith("/csp/")}
        assert called == ELEVEN - {"create_token", "update_token_name", "delete_token"}
        assert 401 in {request.status for request in server.requests}
        assert len(robot.tokens) == 1


@pytest.mark.slow
@pytest.mark.parametrize("address", ["WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS"])
def test_the_address_may_have_its_other_names(tenant, address):
    settings = settings_for(tenant)
    settings[address] = settings.pop("WAVEFRONT_URL")
    status, _, _ = run(**settings)
    assert status == 0
    assert tenant.requests


@pytest.mark.slow
def test_tokens_are_shown_by_their_last_four_characters_only(tenant):
    status, out, err = run(**settings_for(tenant))
    assert status == 0
    words = {word for _, path in ROUTES for word in path.split("/")} | {"sa%3A%3Aci"}
    made = {part for request in tenant.requests for part in request.path.split("/")} - words
    assert len(made) == 3
    for token in [*made, *tokens_of(tenant)]:
        assert token not in out + err
        assert token[:-4] not in out + err
    assert all(f"***{token[-4:]}" in out for token in made)


@pytest.mark.parametrize(
    "missing",
    [
        "WAVEFRONT_URL",
        pytest.param("WAVEFRONT_TOKEN", marks=pytest.mark.slow),
        pytest.param("WAVEFRONT_SERVICE_ACCOUNT", marks=pytest.mark.slow),
    ],
)
def test_a_missing_setting_is_named_and_nothing_is_sent(tenant, missing):
    settings = settings_for(tenant)
    del settings[missing]
    status, out, err = run(**settings)
    assert (status, out) == (2, "")
    assert missing in err
    assert tenant.requests == []


FAULTS = [
    {"status": 500, "body": {"status": {"result": "ERROR", "message": "broken", "code": 500}}},
    {"drop": "after"},
    {"status": 200, "body": "<html>log in</html>", "headers": {"Content-Type": "text/html"}},
]


CHANGES = [route for route in ROUTES if route[0] in ("POST", "PUT")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "fault"),
    pairs(CHANGES, FAULTS),
)
def test_after_an_error_it_cleans_up_and_fails(tenant, method, path, fault):
    before = tokens_of(tenant)
    times = 1 if method == "POST" else 4
    tenant.inject(times, method=method, path=path, **fault)
    status, _, err = run(**settings_for(tenant))
    assert status == 1
    assert "did not work" in err
    left = set(tokens_of(tenant)) - set(before)
    assert set(before) <= set(tokens_of(tenant))
    # A token of one's own has no name when it is made, so that it cannot be known for one's own.
    assert len(left) == (path == OWN and "drop" in fault)
    assert all(f"***{token[-4:]}" in err for token in left)


@pytest.mark.slow
def test_a_step_that_does_nothing_fails(tenant):
    before = tokens_of(tenant)
    token = {"tokenID": "made-up", "tokenName": "made-up"}
    lie = {"status": {"result": "OK", "message": "", "code": 200}, "response": token}
    tenant.inject(method="PUT", path=OWN + "/{id}", status=200, body=lie)
    status, _, err = run(**settings_for(tenant))
    assert status == 1
    assert "the name has not changed" in err
    assert tokens_of(tenant) == before


def test_an_answer_that_says_error_fails(tenant):
    refusal = {"status": {"result": "ERROR", "message": "not today", "code": 200}}
    tenant.inject(method="GET", path=OWN, status=200, body=refusal)
    status, _, err = run(**settings_for(tenant))
    assert status == 1
    assert "not today" in err


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="SIGINT"),
        pytest.param(signal.SIGTERM, id="SIGTERM", marks=pytest.mark.slow),
    ],
)
def test_after_an_interruption_it_cleans_up(tenant, number):
    before = tokens_of(tenant)
    tenant.inject(method="POST", path=SERVICE_ACCOUNT, delay=30)
    with start(**settings_for(tenant)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if re.match("update_token_name ", line):
                break
        deadline = time.monotonic() + 10
        while not any(r.method == "POST" and "sa%3A" in r.path for r in tenant.requests):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert "Interrupted" in err
    assert tokens_of(tenant) == before


@pytest.mark.slow
@pytest.mark.parametrize("path", [OWN, SERVICE_ACCOUNT])
def test_it_leaves_the_tokens_of_others_alone(tenant, monkeypatch, path):
    """Another script makes a token for the same account while an answer to the example gets lost."""
    before = tokens_of(tenant)
    others, create = [], Store.create

    def create_two(store, account, name):
        others.append(create(store, account, "somebody else's").token_id)
        return create(store, account, name)

    monkeypatch.setattr(Store, "create", create_two)
    tenant.inject(method="POST", path=path, drop="after")
    status, _, err = run(**settings_for(tenant))
    assert status == 1
    left = set(tokens_of(tenant))
    assert left >= {*before, *others}
    # An own token has no name to be known by: nothing is deleted, and the new ones are shown.
    assert len(left - {*before, *others}) == (path == OWN)
    assert all((f"***{token[-4:]}" in err) == (path == OWN) for token in others)
