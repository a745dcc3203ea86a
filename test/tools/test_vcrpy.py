"""vcrpy records and replays: all eleven calls, errors, and a client that outlives a cassette."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from hostile import Answer, Close, HostileServer, configuration_for

from wavefront_api_client import (
    ApiClient,
    ApiConnectionException,
    ApiException,
    ApiTokenApi,
    UnauthorizedException,
)
from wavefront_api_client.testing import TokenServer

vcr = pytest.importorskip("vcr", reason="vcrpy is not installed")

ROOT = Path(__file__).parents[2]
DOTALL = re.DOTALL | re.MULTILINE

CALLS = {
    "create_token": lambda api: api.create_token(),
    "delete_customer_token": lambda api: api.delete_customer_token(body={"tokenID": "jane-1"}),
    "delete_token": lambda api: api.delete_token("own-1"),
    "delete_token_service_account": lambda api: api.delete_token_service_account("sa::ci", "ci-1"),
    "generate_token_service_account": lambda api: api.generate_token_service_account(
        "sa::ci", body={"tokenName": "new"}
    ),
    "get_all_tokens": lambda api: api.get_all_tokens(),
    "get_customer_token": lambda api: api.get_customer_token("jane-1"),
    "get_customer_tokens": lambda api: api.get_customer_tokens(),
    "get_tokens_service_account": lambda api: api.get_tokens_service_account("sa::ci"),
    "update_token_name": lambda api: api.update_token_name("own-1", body={"tokenName": "x"}),
    "update_token_name_service_account": lambda api: api.update_token_name_service_account(
        "sa::ci", "ci-1", body={"tokenName": "x"}
    ),
}
MATCH = ["method", "uri", "body"]


@pytest.fixture
def server():
    with TokenServer() as server:
        server.add_user("bob@example.com", tokens=["own-1", "own-2"])
        server.add_user("jane@example.com", tokens=["jane-1", "jane-2"])
        server.add_service_account("sa::ci", tokens=["ci-1"])
        yield server


@pytest.fixture
def client(server):
    configuration = server.configuration()
    configuration.api_key["X-AUTH-TOKEN"] = "own-2"
    with ApiClient(configuration) as client:
        yield client


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "cassette.yaml")


def cassette(path, mode="once", **options):
    return vcr.use_cassette(path, record_mode=mode, match_on=MATCH, **options)


def outcome(call, api):
    """What a caller sees of a call: the result, or what is in its exception."""
    try:
        return call(api)
    except ApiException as error:
        seen = {name: value for name, value in vars(error).items() if name[0] != "_"}
        # A cassette does not keep the order of headers.
        return type(error), {**seen, "headers": dict(error.headers)}


def test_every_operation_is_called_here():
    methods = {name for name in vars(ApiTokenApi) if not name.startswith("_")}
    assert set(CALLS) == {name for name in methods if not name.endswith("_with_http_info")}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_recorded_and_replayed(api, server, path, name):
    with cassette(path) as tape:
        recorded = CALLS[name](api)
    (request,) = server.requests
    assert (len(tape), tape.play_count) == (1, 0)
    assert [each.uri for each in tape.requests] == [server.url + request.path]
    with cassette(path, "none") as tape:
        assert CALLS[name](api) == recorded
    assert tape.play_count == len(server.requests) == 1


@pytest.mark.parametrize("twin", [True, False], ids=["twin", "unread"])
def test_the_ways_to_get_an_answer(api, server, path, twin):
    def get():
        if twin:
            tokens, status, headers = api.get_all_tokens_with_http_info()
            return tokens, status, headers["content-type"]
        answer = api.get_all_tokens(_preload_content=False)
        return json.loads(answer.read()), answer.status, answer.headers["content-type"]

    with cassette(path):
        recorded = get()
    with cassette(path, "none"):
        assert get() == recorded
    assert len(server.requests) == 1


def test_calls_in_threads(api, server, path):
    with cassette(path):
        recorded = api.get_all_tokens(async_req=True).get(10)
    with cassette(path, "none"):
        assert api.get_all_tokens(async_req=True).get(10) == recorded
    assert len(server.requests) == 1


@pytest.mark.parametrize("shape", ["container", "gateway", "text"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500])
def test_errors_are_recorded_and_replayed(api, server, path, status, shape):
    body = server.error_body(shape, status, "because of a test")
    server.inject(count=9, status=status, body=body, headers={"Retry-After": "0"})
    with cassette(path):
        recorded = outcome(CALLS["create_token"], api)
    count = len(server.requests)
    with cassette(path, "none") as tape:
        assert outcome(CALLS["create_token"], api) == recorded
    assert recorded[1]["status"] == status
    assert tape.play_count == len(server.requests) == count


def test_attempts_are_recorded_and_replayed(api, server, path):
    server.inject(2, status=503, headers={"Retry-After": "0"})
    with cassette(path):
        recorded = api.get_all_tokens()
    with cassette(path, "none") as tape:
        assert api.get_all_tokens() == recorded
    assert tape.play_count == len(server.requests) == 3


def test_what_is_not_on_the_cassette_is_not_sent(api, server, path):
    with cassette(path):
        api.get_all_tokens()
    for mode in ("none", "once"):
        with cassette(path, mode):
            with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
                api.create_token()
    assert len(server.requests) == 1


def test_filtered_headers_are_sent_and_not_recorded(api, server, path):
    with cassette(path, filter_headers=["X-AUTH-TOKEN"]):
        api.get_customer_token("jane-1")
    assert server.requests[0].headers["X-AUTH-TOKEN"] == "own-2"
    tape = Path(path).read_text(encoding="utf-8")
    assert "own-2" not in tape
    assert "X-AUTH-TOKEN" not in tape
    with cassette(path, "none", filter_headers=["X-AUTH-TOKEN"]):
        assert api.get_customer_token("jane-1").response.customer is not None


def test_a_recording_can_be_read(api, path):
    with cassette(path):
        api.get_all_tokens()
    tape = Path(path).read_text(encoding="utf-8")
    assert '"tokenID":"own-1"' in tape
    assert "Accept-Encoding" not in tape


# one client, in and out of cassettes


def test_a_client_goes_in_and_out_of_cassettes(api, server, path, tmp_path):
    before = api.get_all_tokens()
    with cassette(path):
        api.get_customer_tokens()
    api.create_token()
    with cassette(path, "none"):
        api.get_customer_tokens()
    with cassette(str(tmp_path / "another.yaml")):
        api.get_customer_tokens()
    assert len(api.get_all_tokens().response) == len(before.response) + 1
    assert [request.method for request in server.requests] == ["GET", "GET", "POST", "GET", "GET"]


def test_no_connection_goes_in_or_out_of_a_cassette(path):
    with HostileServer([Answer()]) as server, ApiClient(configuration_for(server.url)) as client:
        api = ApiTokenApi(client)

        def connections():
            api.get_all_tokens()
            return server.connections

        assert [connections(), connections()] == [1, 1]
        with cassette(path):
            assert connections() == 2
        assert connections() == 3
        with cassette(path, "none"):
            assert connections() == 3
        assert (connections(), len(server.requests)) == (4, 5)


def test_cassettes_within_cassettes(api, server, path, tmp_path):
    with cassette(path) as outer:
        api.get_all_tokens()
        with cassette(str(tmp_path / "inner.yaml")) as inner:
            api.get_customer_tokens()
        api.get_tokens_service_account("sa::ci")
    assert [len(outer), len(inner)] == [2, 1]


def test_a_client_made_within_a_cassette_works_after_it(server, path):
    with cassette(path), ApiClient(server.configuration()) as inside:
        ApiTokenApi(inside).get_all_tokens()
        client = ApiClient(server.configuration())
    with client:
        ApiTokenApi(client).get_all_tokens()
        assert server.requests[-1].headers["Accept-Encoding"] == "gzip"


def test_new_episodes_are_added(api, server, path):
    with cassette(path, "new_episodes"):
        api.get_all_tokens()
    with cassette(path, "new_episodes") as tape:
        api.get_all_tokens()
        api.create_token()
    assert tape.play_count == 1
    assert [request.method for request in server.requests] == ["GET", "POST"]


IMPORTED_WITHIN = """
import sys, vcr
with vcr.use_cassette(sys.argv[2]) as tape:
    from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
    client = ApiClient(Configuration(host=sys.argv[1], api_key=sys.argv[3]))
    ApiTokenApi(client).get_customer_token("jane-1")
    print(len(tape))
ApiTokenApi(client).get_all_tokens()
client.close()
"""


def test_the_package_may_be_imported_within_a_cassette(server, path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTED_WITHIN, server.url, path, "own-2"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout == "1\n"
    assert done.stderr == ""
    assert server.requests[0].path.endswith("/jane-1")
    assert server.requests[1].headers["Accept-Encoding"] == "gzip"


# faults while recording


@pytest.mark.parametrize("kind", ["create_token", "generate_token_service_account"])
def test_a_post_that_is_lost_while_recording_is_not_sent_again(path, kind):
    with HostileServer([Close(), Answer()]) as server:
        with ApiClient(configuration_for(server.url)) as client, cassette(path):
            with pytest.raises(ApiConnectionException) as caught:
                CALLS[kind](ApiTokenApi(client))
    assert (len(server.requests), caught.value.outcome_unknown) == (1, True)


def test_a_wrong_key_is_recorded_and_shown_to_nobody(api, server, path):
    api.api_client.configuration.api_key["X-AUTH-TOKEN"] = "a-wrong-key"
    options = {"filter_headers": ["X-AUTH-TOKEN"]}
    with cassette(path, **options), pytest.raises(UnauthorizedException) as recorded:
        api.get_all_tokens()
    with cassette(path, "none", **options), pytest.raises(UnauthorizedException) as replayed:
        api.get_all_tokens()
    for text in (str(recorded.value), str(replayed.value), Path(path).read_text("utf-8")):
        assert "a-wrong-key" not in text
    assert recorded.value.body == replayed.value.body


def test_tls_is_recorded_and_replayed(path, tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with HostileServer([Answer()], tls=context) as server:
        settings = {"ssl_ca_cert": str(tmp_path / "ca.pem"), "retries": 0}
        with ApiClient(configuration_for(server.url, **settings)) as client:
            api = ApiTokenApi(client)
            with cassette(path):
                recorded = api.get_all_tokens()
            with cassette(path, "none"):
                assert api.get_all_tokens() == recorded
            assert len(server.requests) == 1
            assert api.get_all_tokens() == recorded
        with ApiClient(configuration_for(server.url, retries=0)) as client:
            with cassette(path, "new_episodes", allow_playback_repeats=False):
                with pytest.raises(ApiException, match="(?i)certificate"):
                    ApiTokenApi(client).create_token()


def test_a_proxy_is_recorded_and_replayed(path):
    with HostileServer([Answer()]) as proxy:
        configuration = configuration_for("http://home.localhost", proxy=proxy.url)
        with ApiClient(configuration) as client:
            for mode in ("once", "none"):
                with cassette(path, mode) as tape:
                    assert ApiTokenApi(client).get_all_tokens().response == []
    assert [request.uri for request in tape.requests] == ["http://home.localhost/api/v2/apitoken"]
    assert len(proxy.requests) == 1


# the example of the documentation


def test_the_example_of_the_documentation_keeps_tokens_out_of_the_cassette(tmp_path):
    text = (ROOT / "docs" / "tools.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n# record.py\n(.+?)^```$", text, DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code + "\nprint(*names)"],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=tmp_path,
    )
    assert done.stderr == ""
    tape = (tmp_path / "tokens.yaml").read_text(encoding="utf-8")
    tokens = done.stdout.split()
    assert len(tokens) == 2
    assert [token for token in tokens if token in tape] == []
    assert "X-AUTH-TOKEN" not in tape
    assert tape.count("/token-2") == 2
