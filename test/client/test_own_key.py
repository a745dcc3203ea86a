"""What happens to the calls of a client whose own key is taken away in the middle."""

from __future__ import annotations

import pytest

from wavefront_api_client import UnauthorizedException

REMOVALS = {
    "delete_token": lambda api, key: api.delete_token(key),
    "delete_customer_token": lambda api, key: api.delete_customer_token(body={"tokenID": key}),
}


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_the_removal_is_answered_and_each_later_call_is_refused_at_once(server, api, remove):
    assert remove(api, server.user.key).status.result == "OK"
    with pytest.raises(UnauthorizedException) as caught:
        api.get_all_tokens()
    assert caught.value.attempts == 1
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_a_removal_without_an_answer_stays_open(server, api, client, remove):
    client.configuration.retries = 1
    server.inject(method="DELETE", drop="after")
    server.inject(method="PUT", drop="after")
    with pytest.raises(UnauthorizedException) as caught:
        remove(api, server.user.key)
    assert caught.value.outcome_unknown
    assert not server.user.tokens
