"""A host with several addresses: the first that answers serves, and one limit holds for all."""

from __future__ import annotations

import socket
import time

import pytest
from conftest import configuration_for
from hostile import Answer, HostileServer, black_hole

from wavefront_api_client import ApiClient, ApiTimeoutException, ApiTokenApi


def resolve_to(monkeypatch, *addresses):
    """Have names lead to several addresses, and addresses to themselves, as they do."""
    real = socket.getaddrinfo

    def getaddrinfo(name, port, *args, **kwargs):
        names = addresses if name == "localhost" else [name]
        return [info for each in names for info in real(each, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def at_localhost(url):
    return url.replace("127.0.0.1", "localhost")


def test_the_second_address_serves_where_the_first_refuses(monkeypatch):
    with HostileServer([Answer(200, {"response": []})]) as server:
        resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")
        with ApiClient(configuration_for(at_localhost(server.url), retries=0)) as client:
            assert ApiTokenApi(client).get_all_tokens().response == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_number_bounds_connecting_to_all_addresses(monkeypatch, count):
    with black_hole() as port:
        resolve_to(monkeypatch, *["127.0.0.1"] * count)
        with ApiClient(configuration_for(f"http://localhost:{port}", retries=0)) as client:
            started = time.monotonic()
            with pytest.raises(ApiTimeoutException):
                ApiTokenApi(client).get_all_tokens(_request_timeout=0.2)
            assert time.monotonic() - started < 0.4
