"""The examples of the project's reference page run as they stand there, with no change at all."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from agreement import agree

import wavefront_api_client
from wavefront_api_client._core.operations import OPERATIONS
from wavefront_api_client.testing import TokenServer

# Not an .md file: a formatter would take it for documentation and change it.
PAGE = Path(__file__).parent / "seed_examples.txt"
DIGEST = "f1cdb660787f421c849b6bc3e538da4dae19324d47b0360b9a7aac00c7eb2df8"
EXAMPLES = dict(
    re.findall(
        r"^## (\w+)\n\n```python\n(.*?)^```$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)


@pytest.fixture
def tenant():
    """A service that knows the key, the token and the service account that the examples name."""
    with TokenServer() as server:
        server.add_user("reader@example.com", tokens=["YOUR_API_KEY", "id_example"])
        server.add_service_account("id_example", tokens=["token_example"])
        yield server


def through_environment(monkeypatch, server):
    monkeypatch.setenv("WAVEFRONT_URL", server.url)


def through_default(monkeypatch, server):
    configuration = wavefront_api_client.Configuration(host=server.url)
    wavefront_api_client.Configuration.set_default(configuration)


def test_the_examples_are_as_they_were():
    assert hashlib.sha256(PAGE.read_bytes()).hexdigest() == DIGEST


def test_its_eleven_operations_are_there():
    """Others may be: the page is older than they are."""
    assert len(EXAMPLES) == 11
    agree("OPERATIONS", {*EXAMPLES} & {*OPERATIONS}, {*EXAMPLES})


@pytest.mark.parametrize("reach", [through_environment, through_default])
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_its_result(name, reach, tenant, monkeypatch, capsys):
    reach(monkeypatch, tenant)
    namespace = {"__name__": "__main__"}
    try:
        exec(compile(EXAMPLES[name], f"example of {name}", "exec"), namespace)  # noqa: S102 (the point)
    finally:
        namespace["api_instance"].api_client.close()
    out = capsys.readouterr().out
    (request,) = tenant.requests
    if name == "delete_customer_token":
        # Its body names no token to revoke, which the service refuses.
        assert request.status == 400
        assert out.startswith("Exception when calling ApiTokenApi->delete_customer_token: (400)\n")
        assert "tokenID is missing" in out
    else:
        assert request.status == 200
        assert "'result': 'OK'" in out
