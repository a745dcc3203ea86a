"""A traceback says where an error came from, and shows nothing that the frames have held."""

from __future__ import annotations

import traceback
from types import SimpleNamespace
from unittest import mock

import pytest
import scenes
from canary import CANARY, HEADER_CANARY
from cases import for_all, pairs
from hostile import Answer, HostileServer, configuration_for
from scenes import FAILURES, client_with_everything, errors, seen

import wavefront_api_client
from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration, UserApiToken
from wavefront_api_client.configuration import KEY_NAME
from wavefront_api_client.credentials import CspApiToken, CspApp
from wavefront_api_client.rest import RESTClientObject

PACKAGE = wavefront_api_client.__path__[0]

HARMLESS = {"self", "function", "method", "send", "async_req", "_preload_content"}
HARMLESS |= {"_return_http_data_only", "timeout"}


def frames_of(error):
    """What a traceback with locals tells, of the error and those behind it."""
    told = traceback.TracebackException(
        type(error), error, error.__traceback__, capture_locals=True
    )
    while told is not None:
        # The caller's own are the caller's.
        yield from (each for each in told.stack if each.filename not in (__file__, scenes.__file__))
        told = told.__cause__ or told.__context__


def shown_by(error):
    """The locals that show a secret."""
    return [
        (frame.name, name)
        for frame in frames_of(error)
        for name, text in (frame.locals or {}).items()
        if seen(text)
    ]


@pytest.mark.parametrize(("failure", "is_async"), pairs(FAILURES, [False, True], 2))
def test_no_local_shows_a_secret(failure, is_async):
    found = {}
    for name, make_call in errors(failure, is_async):
        with pytest.raises(BaseException) as caught:
            make_call()
        found[name] = shown_by(caught.value)
        ours = [frame for frame in frames_of(caught.value) if frame.filename.startswith(PACKAGE)]
        # Python itself refuses an unknown option of `call_api`, in the caller's frame.
        assert ours or (failure, name) == ("unknown option", "call_api")
        # Whoever adds a local to one of those that are still at work thinks of it here.
        assert {name for frame in ours for name in frame.locals or {}} <= HARMLESS
        assert (
            seen("".join(traceback.format_exception_only(type(caught.value), caught.value))) == []
        )
    assert len(found) == 12
    assert not any(found.values()), found


def test_the_search_finds_what_the_caller_holds():
    def make_call(token):
        raise ValueError

    with pytest.raises(ValueError) as caught:
        make_call(CANARY)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert seen("".join(told.format())) != []


# the lines stay


def test_a_traceback_still_leads_to_the_line(connect):
    with HostileServer([Answer(404)]) as server, pytest.raises(ApiException) as caught:
        connect(server.url).delete_token(CANARY)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    ours = [name for name in names[1:] if name != "call"]
    assert ours[:2] == ["delete_token", "delete_token_with_http_info"]
    assert ours[-3:] == ["DELETE", "request", "_send"]


# whatever somebody calls himself


def missing(**settings):
    return lambda url: Configuration(host=url, api_key=HEADER_CANARY, **settings)


def rest_call(name, *args):
    def call(url):
        with ApiClient(configuration_for(url)) as client:
            getattr(client.rest_client, name)(
                *args, f"{url}/{CANARY}", headers={"X": HEADER_CANARY}, query_params={"a": CANARY}
            )

    return call


def client_call(url):
    with ApiClient(configuration_for(url)) as client:
        client.request("POST", f"{url}/{CANARY}", headers={"X": HEADER_CANARY}, body=[CANARY])


def bad_client_call(url):
    with ApiClient(configuration_for(url)) as client:
        client.request("FETCH", f"{url}/{CANARY}", headers={"X": HEADER_CANARY}, body=[CANARY])


def deserialize(url):
    with ApiClient(configuration_for(url)) as client:
        client.deserialize(SimpleNamespace(data=CANARY, headers={}), "list[int]")


def sanitize(url):
    with ApiClient(configuration_for(url)) as client:
        client.sanitize_for_serialization({"tokenID": CANARY, "x": object()})


def set_host(url):
    configuration_for(url).host = f"https://user:{HEADER_CANARY}@h/{CANARY}?"


def set_key(url):
    configuration_for(url).api_key = [CANARY]


def key_of_bytes(url):
    Configuration(host=url, api_key=b"\xff" + CANARY.encode()).get_api_key_with_prefix(KEY_NAME)


def wrong_key(url):
    return Configuration(host=url, api_key={KEY_NAME: [CANARY]})


def wrong_prefix(url):
    configuration = Configuration(host=url, api_key=CANARY)
    configuration.api_key_prefix = {KEY_NAME: [HEADER_CANARY]}
    configuration.get_api_key_with_prefix(KEY_NAME)


def basic_auth(url):
    configuration = Configuration(host=url)
    configuration.username, configuration.password = CANARY, [CANARY]
    configuration.get_basic_auth_token()


def authenticate(url):
    with ApiClient(wrong_key(url)) as client:
        client.update_params_for_auth({"X": HEADER_CANARY}, [("a", CANARY)], ["api_key"])


def authenticate_nowhere(url):
    class Elsewhere(Configuration):
        def auth_settings(self):
            return {"mine": {"in": "cookie", "key": "K", "value": CANARY}}

    with ApiClient(Elsewhere(host=url)) as client:
        client.update_params_for_auth({"X": HEADER_CANARY}, [("a", CANARY)], ["mine"])


def exchange(url):
    app = CspApp("my-app", CANARY, base_url=url)
    with ApiClient(Configuration(host=url, credentials=app)) as client:
        ApiTokenApi(client).delete_token(CANARY)


def form(url):
    with ApiClient(configuration_for(url)) as client:
        client.prepare_post_parameters([("token", CANARY)], {"file": "/nowhere"})


def assign(url):
    UserApiToken(token_id=CANARY).token_id = None


ENTRANCES = {
    "a key": lambda url: wrong_key(url).get_api_key_with_prefix(KEY_NAME),
    "a key of bytes": key_of_bytes,
    "a prefix": wrong_prefix,
    "auth_settings": lambda url: wrong_key(url).auth_settings(),
    "basic authentication": basic_auth,
    "update_params_for_auth": authenticate,
    "update_params_for_auth, badly": authenticate_nowhere,
    "prepare_post_parameters": form,
    "a model": lambda url: UserApiToken(CANARY, tokenID=CANARY),
    "a model that may not be": lambda url: UserApiToken(token_name=CANARY, token_id=None),
    "an attribute": assign,
    "from_json": lambda url: UserApiToken.from_json(f'{{"tokenID": "{CANARY}"'),
    "from_dict": lambda url: UserApiToken.from_dict([CANARY]),
    "a configuration": missing(retries="x"),
    "an API token": lambda url: CspApiToken([CANARY], base_url=url),
    "an app": lambda url: CspApp(CANARY, f"{HEADER_CANARY}\n.", base_url=url),
    "credentials": lambda url: Configuration(credentials=CANARY),
    "an exchange": exchange,
    "a client": lambda url: ApiClient(
        Configuration(host=url, ssl_ca_cert="/nowhere"), "X", HEADER_CANARY, HEADER_CANARY
    ),
    "connections": lambda url: RESTClientObject(
        Configuration(host=url, proxy=f"ftp://user:{HEADER_CANARY}@h")
    ),
    "host": set_host,
    "api_key": set_key,
    "ApiClient.request": client_call,
    "ApiClient.request, badly": bad_client_call,
    "deserialize": deserialize,
    "sanitize": sanitize,
    "rest.request": rest_call("request", "PUT"),
    **{
        verb: rest_call(verb)
        for verb in ("GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT", "PATCH")
    },
}


@for_all("entrance", ENTRANCES)
def test_each_public_entrance_forgets(entrance):
    with HostileServer([Answer(404)]) as server:
        url = server.url
        with pytest.raises(Exception) as caught:
            ENTRANCES[entrance](url)
    assert [*frames_of(caught.value)]
    assert shown_by(caught.value) == []


# what is not ours


def test_an_error_that_was_being_handled_keeps_its_locals(connect):
    def fail(of_the_caller):
        raise ValueError

    with HostileServer([Answer(404)]) as server, pytest.raises(ApiException) as caught:
        try:
            fail(CANARY)
        except ValueError:
            connect(server.url).delete_token("t")
    assert isinstance(caught.value.__context__, ValueError)
    *_, last = traceback.walk_tb(caught.value.__context__.__traceback__)
    assert last[0].f_locals == {"of_the_caller": CANARY}


def test_stand_ins_and_hooks_forget_too(api, client):
    def call_api(*arguments, **options):
        raise ValueError

    def hook(configuration):
        key = configuration.api_key = CANARY
        raise ValueError(len(key))

    for patch in (
        mock.patch.object(client, "call_api", call_api),
        mock.patch.object(client.configuration, "refresh_api_key_hook", hook),
        mock.patch.object(client.rest_client, "request", side_effect=ValueError),
    ):
        with patch, pytest.raises(ValueError) as caught:
            api.delete_token(CANARY)
        *_, last = traceback.walk_tb(caught.value.__traceback__)
        assert last[0].f_locals == {}


def test_what_is_between_our_frames_may_report(client):
    """A derived client that reports what it passes on: our frames below it hold nothing."""
    reported = []

    class Reporting(ApiTokenApi):
        def delete_token_with_http_info(self, id, **options):
            try:
                return super().delete_token_with_http_info(id, **options)
            except ApiException as error:
                reported.append(shown_by(error))
                raise

    with pytest.raises(ApiException) as caught:
        Reporting(client).delete_token(CANARY)
    assert reported == [[]]
    assert shown_by(caught.value) == []


def test_the_secrets_did_reach_the_service():
    """All that is searched for was really there."""
    with HostileServer([Answer(404)]) as server:
        with client_with_everything(server.url) as client:
            for call in scenes.calls_of(client).values():
                with pytest.raises(ApiException):
                    call()
        raw = [request.raw.decode("latin-1") for request in server.requests]
    assert len(raw) == 12
    for request in raw:
        assert request.count(HEADER_CANARY) >= 3
    assert sum(bool(seen(request.replace(HEADER_CANARY, ""))) for request in raw) == 9
