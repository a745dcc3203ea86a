"""Point 3, second half: no path value reaches another resource."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from cases import characters, drawn, for_all
from hostile import configuration_for
from hypothesis import example, given
from hypothesis import strategies as st

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi
from wavefront_api_client.testing import TokenServer

AWKWARD = [
    "", " ", ".", "..", "...", "/", "//", "\\", "a/b", "a/../b", "../x", "..\\x", "a/..", "./a",
    "%", "%2", "%zz", "%41", "%2e", "%2e%2e", "%252e%252e", "%2e%2e%2fx", "%25", "a%2fb", ".%00.",
    "..;", "..;x=y/", "?", "a?b=c", "#", "a#b", ";", "a;b", "&", "=", "+", "a b", "~", "@", ":",
    "\x00", "\n", "\r\nX-Evil: 1", "\x7f", "\x85", "\u2028", "\u00e9", "e\u0301", "\u2603",
    "\U0001f511", "\ud800", "\udc80", "\ufeff", "\u202e", "\u3002\u3002", "\uff0e\uff0e",
    "\u2024\u2024",
    "customertokens", "serviceaccount", "revoke", "sa::x", "{id}", "{token}", "http://evil.invalid",
    "//evil.invalid", "a" * 3000,
]  # fmt: skip

ids = st.text(
    st.one_of(characters("\ud800"), st.sampled_from("./\\%2eEfF?#;:@&=+ \x00\n\u00e9\ud800{}")),
    max_size=12,
)
bounded = drawn(60)


@pytest.fixture(scope="module")
def server() -> Iterator[TokenServer]:
    with TokenServer() as running:
        yield running


@pytest.fixture(scope="module")
def api(server: TokenServer) -> Iterator[ApiTokenApi]:
    with ApiClient(configuration_for(server.url)) as client:
        yield ApiTokenApi(client)


ONE_VALUE = {
    "delete_token": "/api/v2/apitoken",
    "update_token_name": "/api/v2/apitoken",
    "get_customer_token": "/api/v2/apitoken/customertokens",
    "get_tokens_service_account": "/api/v2/apitoken/serviceaccount",
    "generate_token_service_account": "/api/v2/apitoken/serviceaccount",
}
TWO_VALUES = ("delete_token_service_account", "update_token_name_service_account")


def arrives_or_is_refused(server, method, folder, values):
    """Call, and compare what the service decodes with what was passed."""
    server.reset_requests()
    try:
        method(*values)
    except ValueError:
        assert server.requests == [], "refused, but sent"
        return
    except ApiException:
        pass
    (request,) = server.requests
    head, *segments = request.path[len(folder) :].split("/")
    assert request.path.startswith(folder) and head == ""
    assert [unquote(segment, errors="strict") for segment in segments] == list(values)
    assert not {".", ".."} & set(segments)


@for_all("name", ONE_VALUE)
@for_all("value", AWKWARD)
def test_awkward_values(server, api, name, value):
    arrives_or_is_refused(server, getattr(api, name), ONE_VALUE[name], [value])


@for_all("name", ONE_VALUE)
def test_any_value(server, api, name):
    @bounded
    @given(ids)
    @example("..")
    def check(value):
        arrives_or_is_refused(server, getattr(api, name), ONE_VALUE[name], [value])

    check()


@pytest.mark.parametrize("name", TWO_VALUES)
def test_any_two_values(server, api, name):
    folder = "/api/v2/apitoken/serviceaccount"

    @bounded
    @given(ids, ids)
    @example("..", "x")
    @example("sa::x", "..")
    def check(account, token):
        arrives_or_is_refused(server, getattr(api, name), folder, [account, token])

    check()


REFUSED = ["", " ", ".", "..", "%2e%2e", "%252e%252e", "a/../b", "..%2fx", "\x00", "a\nb", "\ud800"]


@for_all("value", REFUSED)
@for_all("asynchronous", [False, True])
def test_refused_in_the_frame_of_the_caller(server, api, value, asynchronous):
    server.reset_requests()
    with pytest.raises(ValueError, match="id"):
        api.delete_token(value, async_req=asynchronous)
    with pytest.raises(ValueError, match="token"):
        api.delete_token_service_account("sa::x", value, async_req=asynchronous)
    assert server.requests == []


@for_all("value", [1, 1.5, True, ["a"], ("a",), {"a": 1}, object()])
def test_other_types_are_refused(server, api, value):
    server.reset_requests()
    with pytest.raises(TypeError):
        api.delete_token(value)
    assert server.requests == []


def test_another_account_is_out_of_reach(server, api):
    """The fault of the official client: `..` as the account deleted the user's own token."""
    victim = server.user.tokens[0]
    with pytest.raises(ValueError):
        api.delete_token_service_account("..", server.user.key)
    assert server.user.tokens[0] == victim
