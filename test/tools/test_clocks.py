"""Tests that stop or move the clock, with freezegun or time-machine, may call."""

from __future__ import annotations

import datetime
import time

import pytest

from wavefront_api_client import ApiClient, ApiTimeoutException, ApiTokenApi, ServiceException

LONG_AGO = datetime.datetime(2001, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)


def frozen():
    freezegun = pytest.importorskip("freezegun", reason="freezegun is not installed")
    return freezegun.freeze_time(LONG_AGO)


def travelling(tick=False):
    time_machine = pytest.importorskip("time_machine", reason="time-machine is not installed")
    return time_machine.travel(LONG_AGO, tick=tick)


CLOCKS = {
    "freezegun": frozen,
    "time-machine": travelling,
    "time-machine, ticking": lambda: travelling(tick=True),
}
clocks = pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)


@clocks
def test_a_client_works_before_under_and_after_it(api, server, clock):
    api.get_all_tokens()
    with clock():
        assert time.time() < LONG_AGO.timestamp() + 60
        api.get_all_tokens()
        api.create_token()
        with ApiClient(server.configuration()) as inside:
            ApiTokenApi(inside).get_all_tokens()
            assert ApiTokenApi(inside).get_all_tokens(async_req=True).get(5).status.code == 200
    api.create_token()
    assert len(server.requests) == 6


@clocks
def test_limits_hold_under_it(api, server, clock):
    server.inject(count=9, delay=1.5)
    with clock(), pytest.raises(ApiTimeoutException):
        api.create_token(_request_timeout=0.1)
    assert len(server.requests) <= 1


@clocks
def test_attempts_end_under_it(api, server, clock):
    server.inject(count=9, status=503, headers={"Retry-After": "0"})
    with clock(), pytest.raises(ServiceException) as caught:
        api.get_all_tokens()
    assert caught.value.attempts == len(server.requests) > 1
