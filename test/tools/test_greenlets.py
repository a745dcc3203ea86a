"""gevent and eventlet, patched first: a hundred greenlets call at once and each gets its answer."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from wavefront_api_client.credentials import CspApiToken
from wavefront_api_client.testing import TokenServer

GREENLETS = 100
DELAY = 0.1

CHILD = """
import importlib, json, sys, time, warnings

warnings.simplefilter("ignore")  # eventlet announces its end.
library, origin, key, count, *cloud = sys.argv[1:]
if library == "gevent":
    importlib.import_module("gevent.monkey").patch_all()
    import gevent
    spawn, result = gevent.spawn, gevent.Greenlet.get
else:
    import eventlet
    eventlet.monkey_patch()
    spawn, result = eventlet.spawn, lambda thread: thread.wait()

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.credentials import CspApiToken

configuration = Configuration(host=origin)
if cloud:
    configuration.credentials = CspApiToken(key, base_url=cloud[0])
else:
    configuration.api_key = key
client = ApiClient(configuration)
api = ApiTokenApi(client)


def call(n):
    return api.get_tokens_service_account(f"sa::{n}").response[0].token_id


begun = time.monotonic()
tokens = [result(each) for each in [spawn(call, n) for n in range(int(count))]]
seconds = time.monotonic() - begun
tokens += [api.get_tokens_service_account("sa::0", async_req=True).get(5).response[0].token_id]
client.close()
print(json.dumps([tokens, seconds]))
"""


@pytest.mark.parametrize("library", ["gevent", "eventlet"])
def test_a_hundred_greenlets_call_at_once(library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    with TokenServer() as server:
        make_calls(server, library, server.user.key)


@pytest.mark.parametrize("library", ["gevent", "eventlet"])
def test_a_hundred_greenlets_share_one_exchange(library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    with TokenServer(onboarded=True) as server:
        server.inject(path=CspApiToken.path, delay=DELAY)
        make_calls(server, library, server.user.api_token, server.csp_url)
        assert sum(request.path == CspApiToken.path for request in server.requests) == 1


def make_calls(server, library, key, *cloud):
    for n in range(GREENLETS):
        server.add_service_account(f"sa::{n}", tokens=[f"token-{n}"])
    server.inject(GREENLETS, delay=DELAY)
    arguments = [library, server.url, key, str(GREENLETS), *cloud]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "EVENTLET_NO_GREENDNS": "yes"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    tokens, seconds = json.loads(done.stdout)
    assert tokens == [f"token-{n}" for n in [*range(GREENLETS), 0]]
    # One after another, they would have waited for twice as long.
    assert seconds < GREENLETS * DELAY / 2
