"""Tenants on Dask: `tox -e dask` installs it. The keys are read by the workers."""

from __future__ import annotations

import logging
import os
import pickle
import re
from pathlib import Path

import pytest
from canary import traces

from wavefront_api_client.testing import TokenServer
from wavefront_api_client.tokens import Tenant, TokenEnv, TokenFile, audit, for_tenants, handle_of

if os.environ.get("WAVEFRONT_TOOLS") != "all":
    pytest.importorskip("distributed", reason="tox -e dask installs it")

from distributed import Client, LocalCluster

KEY = "c4n4ry-5ecret-bird-91f7-k3ep-m-hidden"


@pytest.fixture(scope="module")
def cluster():
    # One worker in a process of its own, which gets no key but by its file and its environment.
    with LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        worker_dashboard_address=None,
        silence_logs=logging.ERROR,
    ) as cluster:
        with Client(cluster) as client:
            yield client


@pytest.fixture
def server():
    with TokenServer() as server:
        yield server


def tenant(server, name, key, **settings):
    return Tenant(name, server.url, key, {"proxy": None, "retries": 0, **settings})


def test_workers_read_the_keys_and_send_reports_back(cluster, server, tmp_path):
    path = tmp_path / "key"
    path.write_text(KEY)
    server.add_user("jane@example.com", tokens=[KEY], permissions=["accounts"])
    tenants = [tenant(server, f"tenant {number}", TokenFile(str(path))) for number in range(5)]
    tenants.append(
        Tenant("dead", "http://127.0.0.1:1", TokenFile(str(path)), {"proxy": None, "retries": 0})
    )
    tenants.append(tenant(server, "without a key", TokenEnv("WAVEFRONT_NOT_SET")))
    assert traces(repr([pickle.dumps(each) for each in tenants]), KEY) == []
    results = for_tenants(tenants, audit, executor=cluster.get_executor())
    assert list(results) == [each.name for each in tenants]
    *reports, dead, keyless = results.values()
    for result in reports:
        assert handle_of(KEY) in [row.handle for row in result.get().rows]
        assert result.get().findings["unnamed"]
    assert type(dead.error).__name__ == "ApiConnectionException"
    assert isinstance(keyless.error, ValueError)
    assert traces(repr(results), KEY) == []


def test_a_key_itself_is_not_sent_to_a_worker(cluster, server):
    results = for_tenants([tenant(server, "one", KEY)], audit, executor=cluster.get_executor())
    assert isinstance(results["one"].error, TypeError)
    assert server.requests == []


def test_the_example_of_the_page_on_threads_runs(cluster, server, tmp_path, capsys):
    page = Path(__file__).parents[2] / "docs" / "threads.md"
    (code,) = re.findall(r"^```text\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    for name in ("emea", "apac"):
        (tmp_path / name).write_text(server.user.key)
    code = code.replace("/run/secrets", str(tmp_path))
    code = code.replace("tcp://scheduler:8786", cluster.scheduler.address)
    exec(re.sub(r"https://\w+\.wavefront\.com", server.url, code), {})
    shown = capsys.readouterr().out.splitlines()
    assert [line for line in shown if "AuditReport" in line] == [
        f"{name} AuditReport of 1 token: 1 unnamed" for name in ("emea", "apac")
    ]
