"""What the fault tests share: clients, certificates, a real proxy."""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Callable

import pytest
import trustme
from hostile import PROXY_CREDENTIALS, configuration_for

from wavefront_api_client import ApiClient, ApiTokenApi


@pytest.fixture
def connect() -> Iterator[Callable[..., ApiTokenApi]]:
    """Make an API on a URL: `connect(url, retries=0)`; closed after the test."""
    with contextlib.ExitStack() as stack:

        def make(url: str, *header: str, **settings: Any) -> ApiTokenApi:
            client = ApiClient(configuration_for(url, **settings), *header)
            return ApiTokenApi(stack.enter_context(client))

        yield make


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts unless told so."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """Make the TLS side of a server: `server_tls("127.0.0.1", not_after=...)`."""
    issue = functools.lru_cache(authority.issue_cert)

    def make(*names: str, **options: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issue(*(names or ("127.0.0.1",)), **options).configure_cert(context)
        return context

    return make


@pytest.fixture(scope="session")
def proxy_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real proxy that wants credentials, in a process of its own because it forks."""
    pytest.importorskip("proxy")
    folder = tmp_path_factory.mktemp("proxy")
    port_file = folder / "port"
    command = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", "0"]
    command += ["--num-workers", "1", "--num-acceptors", "1", "--log-level", "e"]
    command += ["--port-file", str(port_file), "--basic-auth", PROXY_CREDENTIALS]
    # It makes folders at home.
    environment = {**os.environ, "HOME": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
        try:
            yield f"http://127.0.0.1:{_wait_for_port(port_file)}"
        finally:
            process.terminate()


def _wait_for_port(port_file: Any) -> int:
    for _ in range(1200):
        if port_file.exists() and port_file.read_text().strip():
            return int(port_file.read_text().split()[0])
        time.sleep(0.025)
    raise RuntimeError("the proxy did not start")
