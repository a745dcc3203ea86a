"""Exchanges that fail, or are answered with nonsense: what is repeated, what is told, what is not."""

from __future__ import annotations

import contextlib
import json

import pytest
from canary import CANARY, HEADER_CANARY, everything_shown, traces, watching
from cases import drawn, for_all, texts
from hostile import (
    Answer,
    Close,
    Garbage,
    Hang,
    HostileServer,
    Reset,
    Truncate,
    configuration_for,
    http_answer,
    refusing_port,
)
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client import (
    ApiClient,
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTokenApi,
    InvalidResponseException,
    ServiceException,
    TooManyRequestsException,
    UnauthorizedException,
)
from wavefront_api_client.credentials import CspApiToken, CspApp

GRANTED = {"access_token": HEADER_CANARY, "expires_in": 1799, "token_type": "bearer"}
TOKEN = "the-api-token-of-the-tests"
DONE = Answer()


@contextlib.contextmanager
def exchanged(*steps, calls=(DONE,), credentials=CspApiToken, **more):
    """An API with credentials, the service that exchanges them by these steps, and the instance."""
    with HostileServer([*steps]) as cloud, HostileServer([*calls]) as instance:
        arguments = (TOKEN,) if credentials is CspApiToken else ("my-app", TOKEN)
        value = credentials(*arguments, base_url=cloud.url)
        configuration = configuration_for(instance.url, api_key={}, credentials=value, **more)
        with ApiClient(configuration) as client:
            yield ApiTokenApi(client), cloud, instance


def refused(api, **options):
    with pytest.raises(ApiException) as caught:
        api.create_token(**options)
    error = caught.value
    told = (error.operation, error.method, error.path_template)
    assert told == ("exchange", "POST", CspApiToken.path)
    assert "The call was not carried out." in error.hint
    assert not error.outcome_unknown
    return error


FAULTS = {
    "500": (Answer(500, {"message": "broken"}), ServiceException, 1),
    "502": (Answer(502, b""), ServiceException, 3),
    "503": (Answer(503, b"", {"Retry-After": "0"}), ServiceException, 3),
    "429": (Answer(429, b"", {"Retry-After": "0"}), TooManyRequestsException, 3),
    "429, much later": (Answer(429, b"", {"Retry-After": "61"}), TooManyRequestsException, 1),
    "406": (Answer(406, b""), ApiException, 3),
    "400": (Answer(400, {"message": "invalid_grant"}), UnauthorizedException, 1),
    "401": (Answer(401, {"message": "invalid_client"}), UnauthorizedException, 1),
    "403": (Answer(403, b"no"), UnauthorizedException, 1),
    "404": (Answer(404, "<html>"), UnauthorizedException, 1),
    "409": (Answer(409, b""), UnauthorizedException, 1),
    "redirect elsewhere": (
        Answer(307, b"", {"Location": "http://127.0.0.1:9/x"}),
        ApiException,
        1,
    ),
    "redirect at home": (Answer(302, b"", {"Location": "/x"}), ApiException, 1),
    "reset": (Reset(), ApiConnectionException, 3),
    "close": (Close(), ApiConnectionException, 3),
    "truncated": (Truncate(json.dumps(GRANTED).encode(), 60), InvalidResponseException, 3),
    "no HTTP": (Garbage(b"\x00\xff\r\n\r\n"), InvalidResponseException, 1),
    "HTML": (
        Answer(200, "<html>", {"Content-Type": "text/html"}),
        InvalidResponseException,
        1,
    ),
    "empty": (Answer(200, b""), InvalidResponseException, 1),
    "null": (Answer(200, "null"), InvalidResponseException, 1),
    "a list": (Answer(200, [GRANTED]), InvalidResponseException, 1),
    "no token": (Answer(200, {"expires_in": 5}), InvalidResponseException, 1),
    "a token of null": (Answer(200, {"access_token": None}), InvalidResponseException, 1),
    "an empty token": (Answer(200, {"access_token": " "}), InvalidResponseException, 1),
    "a list as token": (Answer(200, {"access_token": [CANARY]}), InvalidResponseException, 1),
    "a line break": (Answer(200, {"access_token": "a\nX-Evil: 1"}), InvalidResponseException, 1),
    "not ASCII": (Answer(200, {"access_token": "h\u00f6"}), InvalidResponseException, 1),
    "not UTF-8": (Answer(200, b'{"access_token": "\xff"}'), InvalidResponseException, 1),
    "too deep": (Answer(200, "[" * 100_000), InvalidResponseException, 1),
}


@for_all("fault", FAULTS)
def test_an_exchange_that_fails_is_of_the_family_and_repeated_where_that_may_help(fault):
    step, family, attempts = FAULTS[fault]
    with exchanged(step) as (api, cloud, instance):
        error = refused(api)
        assert type(error) is family
        assert (error.attempts, len(cloud.requests)) == (attempts, attempts) or fault == "no HTTP"
        assert instance.requests == []


@for_all("fault", ["502", "503", "429", "406", "reset", "close", "truncated"])
def test_an_exchange_that_succeeds_in_the_end(fault):
    with exchanged(FAULTS[fault][0], Answer(200, GRANTED)) as (api, cloud, instance):
        assert api.create_token().status.code == 200
        assert (len(cloud.requests), len(instance.requests)) == (2, 1)
        assert instance.requests[0].headers["authorization"] == f"Bearer {HEADER_CANARY}"


def test_a_refusal_says_what_the_cloud_said():
    said = {"message": "invalid_grant: Invalid refresh token", "statusCode": 400}
    with exchanged(Answer(400, said, reason="Bad Request")) as (api, cloud, _):
        error = refused(api)
        assert error.message == "invalid_grant: Invalid refresh token"
        assert (error.status, error.body) == (401, json.dumps(said))
        assert error.reason == "the exchange was refused: 400 Bad Request"
        assert error.hint == f"The exchange at {cloud.url} failed. The call was not carried out."
        assert str(error).startswith("(401)\nReason: the exchange was refused: 400 Bad Request\n")
        assert f"Operation: exchange (POST {CspApiToken.path}), attempts: 1" in str(error)


def test_the_time_of_push_back_is_known():
    with exchanged(FAULTS["429, much later"][0]) as (api, _, __):
        assert refused(api).retry_after == 61


def test_no_answer_in_time_and_nobody_there():
    with exchanged(Hang()) as (api, _, instance):
        assert type(refused(api, _request_timeout=0.1)) is ApiTimeoutException
        assert instance.requests == []
    with refusing_port() as port, HostileServer([Answer()]) as instance:
        credentials = CspApiToken(TOKEN, base_url=f"http://127.0.0.1:{port}")
        configuration = configuration_for(instance.url, api_key={}, credentials=credentials)
        with ApiClient(configuration) as client:
            assert type(refused(ApiTokenApi(client))) is ApiConnectionException
        assert instance.requests == []


# --- how long a token lives --------------------------------------------------------------------------

LIVES = [
    ({"expires_in": 100}, 100),
    ({"expires_in": 60.5}, 60.5),
    ({"expires_in": "100"}, 100),
    ({"expires_in": 1e9}, 1e9),
    *[
        ({"expires_in": value}, 1800)
        for value in (0, -5, None, "soon", "", [], {"a": 1}, float("nan"), float("inf"))
    ],
    ({}, 1800),
]


@for_all(("answer", "life"), LIVES)
def test_an_access_token_is_used_for_nine_tenths_of_its_life(answer, life):
    granted = Answer(200, json.dumps({"access_token": "t", **answer}))
    with exchanged(granted) as (api, cloud, _):
        now = [1000.0]
        api.api_client.rest_client.clock = lambda: now[0]
        for part, expected in ((0, 1), (0.89, 1), (0.91, 2)):
            now[0] = 1000 + part * life
            api.get_all_tokens()
            assert len(cloud.requests) == expected


@pytest.mark.parametrize("life", [1e300, 2**64, 10**400], ids=["float", "int", "more than a float"])
def test_a_token_may_live_as_long_as_it_likes(life):
    granted = Answer(200, json.dumps({"access_token": "t", "expires_in": life}))
    with exchanged(granted) as (api, cloud, _):
        for _ in range(3):
            assert api.get_all_tokens().status.code == 200
        assert len(cloud.requests) == 1


def test_a_life_of_no_time_costs_an_exchange_for_each_call():
    with exchanged(Answer(200, {"access_token": "t", "expires_in": 1e-9})) as (api, cloud, _):
        for _ in range(3):
            api.get_all_tokens()
        assert len(cloud.requests) == 3


# --- drawn -----------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | texts(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts(max_size=5), inner),
    max_leaves=5,
)
GRANTS = st.fixed_dictionaries({}, optional={"access_token": JSON, "expires_in": JSON})
STEPS = st.one_of(
    st.sampled_from([step for step, _, __ in FAULTS.values()]),
    GRANTS.map(lambda grant: Answer(200, json.dumps(grant))),
    st.binary(max_size=40).map(lambda body: Answer(200, body)),
    st.integers(200, 599).map(lambda status: Answer(status, b"")),
    st.integers(0, 200).map(lambda cut: Garbage(http_answer(200, GRANTED)[:cut])),
)


@drawn(30)
@given(steps=st.lists(STEPS, min_size=1, max_size=5))
def test_whatever_is_answered_a_call_succeeds_or_is_an_error_of_the_family(steps):
    with exchanged(*steps, retries=1, request_timeout=5) as (api, cloud, instance):
        for _ in range(2):
            try:
                assert api.get_all_tokens().status.code == 200
            except ApiException as error:
                assert error.operation == "exchange"
                assert traces(everything_shown(error), TOKEN) == []
        for request in instance.requests:
            assert request.headers["authorization"].startswith("Bearer ")
            assert TOKEN.encode() not in request.raw


# --- secrets ---------------------------------------------------------------------------------------

HALF_GRANTED = {
    "truncated": Truncate(json.dumps(GRANTED).encode(), 50),
    "trailing comma": Answer(200, json.dumps(GRANTED)[:-1] + ",]"),
    "in a list": Answer(200, [GRANTED]),
    "as a form": Answer(200, f"access_token={HEADER_CANARY}"),
    "bad gzip": Answer(200, json.dumps(GRANTED), {"Content-Encoding": "gzip"}),
    "with a line break": Answer(200, {"access_token": HEADER_CANARY + "\n."}),
}


@pytest.mark.parametrize("case", HALF_GRANTED)
def test_an_access_token_in_an_answer_that_failed_is_not_shown(case, capfd):
    with watching() as watch, exchanged(HALF_GRANTED[case]) as (api, _, __):
        error = refused(api)
        watch.see(everything_shown(error), vars(error))
        assert error.body is None
    watch.see(*capfd.readouterr())
    assert traces(watch.everything(), HEADER_CANARY) == []


@for_all("credentials", [CspApiToken, CspApp])
def test_each_secret_goes_to_its_own_host(credentials):
    kinds = {"credentials": credentials, "calls": (Answer(401), Answer())}
    with exchanged(Answer(200, GRANTED), **kinds) as (api, cloud, instance):
        assert api.create_token().status.code == 200
        assert (len(cloud.requests), len(instance.requests)) == (2, 2)
        for request in cloud.requests:
            assert traces(request.raw.decode("latin-1"), TOKEN)
            assert traces(request.raw.decode("latin-1"), HEADER_CANARY) == []
        for request in instance.requests:
            assert traces(request.raw.decode("latin-1"), TOKEN) == []
            assert HEADER_CANARY in request.raw.decode("latin-1")


def test_a_redirected_call_takes_no_access_token_along():
    with HostileServer([Answer()]) as elsewhere:
        away = Answer(302, b"", {"Location": f"{elsewhere.url}/"})
        with exchanged(Answer(200, GRANTED), calls=(away,)) as (api, _, instance):
            with pytest.raises(ApiException, match="302"):
                api.get_all_tokens()
        assert elsewhere.requests == []
