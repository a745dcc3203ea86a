"""The key of the environment goes to the address of the environment, and to no other."""

from __future__ import annotations

import copy
import pickle

import pytest
from cases import for_all

from wavefront_api_client import (
    ApiClient,
    ApiTokenApi,
    Configuration,
    ForbiddenException,
    UnauthorizedException,
)
from wavefront_api_client.testing import TokenServer

KEY = "X-AUTH-TOKEN"
CANARY = "c4nary-of-the-home-tenant"
VARIABLES = ("WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS")


@pytest.fixture(scope="module")
def services():
    with TokenServer() as home, TokenServer() as abroad:
        home.add_user("canary@example.com", tokens=[CANARY])
        yield home, abroad


@pytest.fixture
def home(services, monkeypatch):
    """The service that the environment names, with its key."""
    monkeypatch.setenv("WAVEFRONT_URL", f"{services[0].url}/api/")
    monkeypatch.setenv("WAVEFRONT_TOKEN", f" {CANARY}\n")
    services[0].reset_requests()
    return services[0]


@pytest.fixture
def abroad(services):
    """Another service, which must not see the key of the first."""
    services[1].reset_requests()
    yield services[1]
    assert CANARY not in repr([vars_of(request) for request in services[1].requests])


def vars_of(request):
    return {name: getattr(request, name) for name in ("path", "headers", "body")}


def call(configuration, **options):
    with ApiClient(configuration) as client:
        return ApiTokenApi(client).get_all_tokens(**options)


def sent_by(configuration):
    return configuration.get_api_key_with_prefix(KEY)


def refused(configuration, **options):
    with pytest.raises(UnauthorizedException) as caught:
        answer = call(configuration, **options)
        answer.get(10)
    assert CANARY not in str(caught.value)
    return caught.value


# --- how a configuration comes to another host --------------------------------------------------


def made_for_it(url):
    return Configuration(host=url)


def told_later(url):
    configuration = Configuration()
    configuration.host = url
    return configuration


def there_and_back_and_there(url):
    configuration = Configuration()
    for host in (url, configuration.host, url):
        configuration.host = host
    return configuration


def from_a_default_of_home(url):
    Configuration.set_default(Configuration())
    return Configuration(host=url)


def from_a_default_of_home_told_later(url):
    Configuration.set_default(Configuration())
    return told_later(url)


def from_a_default_of_abroad(url):
    Configuration.set_default(Configuration(host=url))
    return Configuration()


def copied(url):
    configuration = copy.copy(Configuration())
    configuration.host = url
    return configuration


def copied_deeply(url):
    configuration = copy.deepcopy(Configuration())
    configuration.host = url
    return configuration


def pickled(url):
    configuration = pickle.loads(pickle.dumps(Configuration()))
    configuration.host = url
    return configuration


def copied_there(url):
    return copy.deepcopy(copy.copy(Configuration(host=url)))


def sent_there_by_the_hook(url):
    def hook(configuration):
        configuration.host = url

    configuration = Configuration()
    configuration.refresh_api_key_hook = hook
    return configuration


def with_a_prefix(url):
    configuration = told_later(url)
    configuration.api_key_prefix[KEY] = "Bearer"
    return configuration


WAYS = [
    made_for_it,
    told_later,
    there_and_back_and_there,
    from_a_default_of_home,
    from_a_default_of_home_told_later,
    from_a_default_of_abroad,
    copied,
    copied_deeply,
    pickled,
    copied_there,
    sent_there_by_the_hook,
    with_a_prefix,
]
ways = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@ways
@pytest.mark.parametrize("is_async", [False, True], ids=["", "async"])
def test_another_host_gets_no_key_and_the_401_says_why(home, abroad, way, is_async):
    error = refused(way(abroad.url), async_req=is_async)
    assert error.hint == (
        "No API key is configured: set configuration.api_key['X-AUTH-TOKEN'] or the environment"
        " variable WAVEFRONT_TOKEN. A key of the environment is sent only to the address that it"
        " names."
    )
    assert error.hint in str(error)
    assert [request.headers.get(KEY) for request in abroad.requests] == [None]
    assert home.requests == []


@ways
def test_the_settings_show_that_there_is_none(home, abroad, way):
    configuration = way(abroad.url)
    assert configuration.get_api_key_with_prefix(KEY) is None
    assert configuration.auth_settings()["api_key"]["value"] is None
    assert configuration.api_key == {}
    assert repr(configuration) == f"<Configuration {abroad.url} (no key)>"


@ways
def test_back_at_home_it_is_there_again(home, abroad, way):
    configuration = way(abroad.url)
    configuration.host = home.url
    if way is not sent_there_by_the_hook:
        assert configuration.get_api_key_with_prefix(KEY).endswith(CANARY)
        assert call(configuration).status.code == 200
        assert home.requests[-1].headers[KEY].endswith(CANARY)
        assert "X-AUTH-TOKEN=***" in repr(configuration)


def test_a_client_that_is_used_at_both_places(home, abroad):
    with ApiClient() as client:
        api = ApiTokenApi(client)
        assert api.get_all_tokens().status.code == 200
        client.configuration.host = abroad.url
        with pytest.raises(UnauthorizedException):
            api.get_all_tokens()
        client.configuration.host = home.url
        assert api.get_all_tokens().status.code == 200


def test_a_request_by_hand_takes_no_key_along(home, abroad):
    with ApiClient() as client, pytest.raises(UnauthorizedException):
        client.rest_client.GET(f"{abroad.url}/api/v2/apitoken")
    assert len(abroad.requests) == 1


def test_the_copy_leaves_the_first_one_its_key(home, abroad):
    first = Configuration()
    second = copy.copy(first)
    second.host = abroad.url
    assert sent_by(first) == CANARY
    assert sent_by(second) is None
    third = copy.copy(second)
    third.host = home.url
    assert (sent_by(second), sent_by(third)) == (None, CANARY)


# --- a host that changes while a call is under way ---------------------------------------------


class Moving(Configuration):
    """Another thread sets the host after the key was read."""

    to = ""

    def auth_settings(self):
        settings = super().auth_settings()
        if self.to:
            self.host = self.to
        return settings


@pytest.mark.parametrize("prefix", ["", "Bearer"])
def test_a_key_that_was_read_at_home_is_not_sent_abroad(home, abroad, prefix):
    configuration = Moving()
    configuration.api_key_prefix[KEY] = prefix
    configuration.to = abroad.url
    refused(configuration)
    assert [request.headers.get(KEY) for request in abroad.requests] == [None]


def test_nor_is_it_when_the_host_was_at_home_only_while_the_key_was_read(home, abroad):
    class Returning(Configuration):
        def get_api_key_with_prefix(self, identifier):
            there, self.host = self.host, home.url
            try:
                return super().get_api_key_with_prefix(identifier)
            finally:
                self.host = there

    refused(Returning(host=abroad.url))
    assert [request.headers.get(KEY) for request in abroad.requests] == [None]


def test_a_key_that_is_set_is_sent_where_a_hook_sets_the_host(services, monkeypatch):
    server = services[0]
    monkeypatch.setenv("WAVEFRONT_URL", "https://elsewhere.example")
    monkeypatch.setenv("WAVEFRONT_TOKEN", CANARY)
    configuration = Configuration(api_key=CANARY)
    configuration.refresh_api_key_hook = lambda each: setattr(each, "host", server.url)
    assert call(configuration).status.code == 200
    assert server.requests[-1].headers[KEY] == CANARY


def test_nor_is_it_when_a_key_for_there_comes_at_the_same_time(home, abroad):
    class MovingWithKey(Moving):
        def auth_settings(self):
            settings = super().auth_settings()
            self.api_key = abroad.user.key
            return settings

    configuration = MovingWithKey()
    configuration.to = abroad.url
    refused(configuration)
    assert [request.headers.get(KEY) for request in abroad.requests] == [None]


def test_a_host_of_a_derived_configuration_gets_none_either(home, abroad):
    class Elsewhere(Configuration):
        host = property(lambda self: abroad.url, lambda self, value: None)

    assert "only to the address that it names" in refused(Elsewhere()).hint
    assert [request.headers.get(KEY) for request in abroad.requests] == [None]


def test_a_derived_configuration_may_spell_its_home_as_it_likes(home):
    class Spelled(Configuration):
        host = property(lambda self: home.url.replace("http", "HTTP"), lambda self, value: None)

    assert call(Spelled()).status.code == 200


def test_a_header_of_the_caller_that_reads_the_same_is_sent(services, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", "https://elsewhere.example")
    monkeypatch.setenv("WAVEFRONT_TOKEN", CANARY)
    with ApiClient(Configuration(host=services[0].url), KEY, CANARY) as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200


# --- what is set beats what the environment says ------------------------------------------------


def test_a_key_that_is_set_goes_where_it_was_meant_to_go(home, abroad):
    key = abroad.user.key
    configuration = Configuration(host=abroad.url, api_key=key)
    assert call(configuration).status.code == 200
    configuration = Configuration()
    configuration.api_key = key
    configuration.host = abroad.url
    assert call(configuration).status.code == 200
    configuration = Configuration(host=abroad.url)
    configuration.api_key[KEY] = key
    assert call(configuration).status.code == 200
    assert {request.headers[KEY] for request in abroad.requests} == {key}


def test_a_key_set_abroad_is_not_replaced_at_home(home, abroad):
    configuration = Configuration(host=abroad.url)
    configuration.api_key[KEY] = "own"
    configuration.host = home.url
    assert sent_by(configuration) == "own"
    configuration = Configuration(host=abroad.url)
    configuration.api_key = {}
    configuration.host = home.url
    assert sent_by(configuration) is None


def test_keys_of_other_names_stay(home, abroad):
    configuration = Configuration()
    configuration.api_key["other"] = "own"
    configuration.host = abroad.url
    assert sent_by(configuration) is None
    configuration.host = home.url
    assert configuration.api_key == {"other": "own"}
    assert sent_by(configuration) == CANARY


@pytest.mark.parametrize(
    "set_it", [lambda key: {"api_key": key}, lambda key: {"api_key": {KEY: key}}]
)
def test_a_key_that_is_set_is_sent_even_if_it_reads_the_same(services, monkeypatch, set_it):
    # Two addresses of one service, such as a gateway and the instance behind it.
    server = services[0]
    monkeypatch.setenv("WAVEFRONT_URL", "https://elsewhere.example")
    monkeypatch.setenv("WAVEFRONT_TOKEN", CANARY)
    configuration = Configuration(host=server.url, **set_it("".join(CANARY)))
    assert call(configuration).status.code == 200
    assert server.requests[-1].headers[KEY] == CANARY


def test_another_credential_is_told_nothing_about_the_environment(home, abroad):
    with ApiClient(Configuration(host=abroad.url), "Authorization", "Bearer wrong") as client:
        with pytest.raises(UnauthorizedException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert caught.value.hint.startswith("The service does not accept the key or")
    assert "WAVEFRONT" not in caught.value.hint


def test_without_a_key_in_the_environment_nothing_is_said_of_it(home, abroad, monkeypatch):
    monkeypatch.delenv("WAVEFRONT_TOKEN")
    for key in ({}, {KEY: ""}, {KEY: None}):
        assert (
            "No API key is configured" in refused(Configuration(host=abroad.url, api_key=key)).hint
        )


def test_other_errors_say_nothing_of_it(home, abroad):
    abroad.inject(status=403)
    with pytest.raises(ForbiddenException) as caught:
        call(Configuration(host=abroad.url))
    assert caught.value.hint is None


# --- what the address of the environment is -----------------------------------------------------


@pytest.mark.parametrize("first", range(3))
def test_the_first_variable_that_is_set_counts(home, abroad, monkeypatch, first):
    for number, variable in enumerate(VARIABLES):
        monkeypatch.setenv(
            variable, ["", home.url, abroad.url][(number >= first) + (number > first)]
        )
    assert Configuration().host == home.url
    assert call(Configuration(host=home.url)).status.code == 200
    refused(Configuration(host=abroad.url))


@pytest.mark.parametrize("value", [None, ""])
def test_with_no_address_there_it_goes_where_the_host_is(services, monkeypatch, value):
    monkeypatch.setenv("WAVEFRONT_TOKEN", CANARY)
    for variable in VARIABLES:
        if value is None:
            monkeypatch.delenv(variable, raising=False)
        else:
            monkeypatch.setenv(variable, value)
    configuration = Configuration()
    assert sent_by(configuration) == CANARY
    configuration.host = services[0].url
    assert call(configuration).status.code == 200
    assert call(Configuration(host=services[0].url)).status.code == 200


@for_all(
    "value", [" ", "https://user:pa55word@h", "ftp://h", "https://h:0", "https://h/%2e", "\udce4"]
)
def test_with_an_address_that_cannot_be_read_it_goes_nowhere(home, abroad, monkeypatch, value):
    monkeypatch.setenv("WAVEFRONT_URL", value)
    configuration = Configuration(host=abroad.url)
    error = refused(configuration)
    assert "pa55word" not in str(error) + repr(vars(configuration))


SAME = ["{}", "{}/", "{}/api", "{}/api/", "{}//"]


@for_all("spelling", SAME)
@for_all("variable", VARIABLES)
def test_the_same_address_in_another_spelling(home, monkeypatch, variable, spelling):
    monkeypatch.delenv("WAVEFRONT_URL")
    monkeypatch.setenv(variable, spelling.format(home.url))
    assert call(Configuration(host=home.url)).status.code == 200
    assert call(Configuration(host=spelling.format(home.url))).status.code == 200


def test_the_same_name_behind_another_scheme_is_another_address(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", "https://localhost:1")
    monkeypatch.setenv("WAVEFRONT_TOKEN", CANARY)
    assert sent_by(Configuration(host="http://localhost:1")) is None
    assert sent_by(Configuration(host="localhost:1")) == CANARY


def test_the_environment_counts_as_it_was_when_the_configuration_was_made(
    home, abroad, monkeypatch
):
    configuration = Configuration()
    monkeypatch.setenv("WAVEFRONT_URL", abroad.url)
    configuration.host = abroad.url
    assert sent_by(configuration) is None
