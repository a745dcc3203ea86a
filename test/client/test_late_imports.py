"""No result depends on which module of the package has been imported before."""

from __future__ import annotations

import subprocess
import sys

import pytest

REVOKE = """
import sys
{before}
from wavefront_api_client.api_client import ApiClient
from wavefront_api_client.configuration import Configuration
from wavefront_api_client.testing import TokenServer

with TokenServer() as server:
    configuration = Configuration(host=server.url, api_key=server.user.key, retries=1)
    server.inject(status=502, body="")
    server.inject(status=404, body="")
    with ApiClient(configuration) as client:
        path = "/api/v2/apitoken/customertokens/revoke"
        result = client.call_api(path, "PUT", body={{"tokenID": "t"}}, auth_settings=["api_key"])
        print(result[1], "wavefront_api_client.api.api_token_api" in sys.modules)
"""

READ = """
{before}
from types import SimpleNamespace
from wavefront_api_client.api_client import ApiClient
from wavefront_api_client.configuration import Configuration

answer = SimpleNamespace(data='{{"response": {{"tokenID": "t"}}}}', headers={{}})
client = ApiClient(Configuration(host="https://h"))
print(client.deserialize(answer, "ResponseContainerUserApiToken").response.token_id)
"""

LATER = """
import sys, threading

class Watch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if threading.current_thread().name.startswith("wavefront_api_client"):
            print(name)

sys.meta_path.insert(0, Watch)
from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.testing import TokenServer

with TokenServer() as server, ApiClient(server.configuration()) as client:
    print(ApiTokenApi(client).get_all_tokens(async_req=True).get(5).status.code)
"""


def printed(code):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.stderr == ""
    return result.stdout


@pytest.mark.parametrize(
    "before", ["", "import wavefront_api_client.api.api_token_api"], ids=["without", "with"]
)
def test_a_repeated_revocation_is_done_whatever_was_imported(before):
    assert printed(REVOKE.format(before=before)).startswith(f"404 {bool(before)}")


@pytest.mark.parametrize("before", ["", "import wavefront_api_client.models.user_api_token"])
def test_an_answer_is_read_whatever_was_imported(before):
    assert printed(READ.format(before=before)) == "t\n"


def test_a_thread_imports_nothing_for_a_call():
    """A signal handler that closes the client waits for it, and may have interrupted an import."""
    assert printed(LATER) == "200\n"


def test_the_package_of_calls_does_not_import_its_module_while_it_is_imported():
    """Else threads that import one each wait for each other: Python raises `_DeadlockError`."""
    child = "wavefront_api_client.api.api_token_api"
    assert (
        printed(f"import sys, wavefront_api_client.api; print({child!r} in sys.modules)")
        == "False\n"
    )
