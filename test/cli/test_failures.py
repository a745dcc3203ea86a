"""What is said of an error: what happened, where, what to do next; never how it is made inside."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
import trustme

from wavefront_api_client.cli._failures import describe, what_next
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
)
from wavefront_api_client.tokens import errors

INSIDE = re.compile(
    r"Error\(|Pool|SSLError|NewConnection|0x[0-9a-f]|get_\w+|_token_|create_token:|\(0\)|None"
)


def check(done, *said, status=1):
    assert (done.status, done.out) == (status, "")
    assert not INSIDE.search(done.err), done.err
    for each in said:
        assert each in done.err


def test_a_key_that_is_not_accepted(command, server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "not-a-key-of-this-instance")
    done = command("list")
    check(done, f"{server.url} says 401", "another instance", "wavefront-tokens status", status=7)


def test_a_permission_that_is_missing(command, server, monkeypatch):
    nobody = server.add_user("nobody@example.com", permissions=[])
    monkeypatch.setenv("WAVEFRONT_TOKEN", nobody.key)
    check(command("list", "--all-accounts"), "403", "needs the permission Accounts", status=7)
    check(command("mint", "x", "--stdout"), "needs the permission API Tokens", status=7)


@pytest.mark.parametrize("missing", ["WAVEFRONT_TOKEN", "WAVEFRONT_URL"])
def test_without_credentials_nothing_is_sent(command, server, monkeypatch, missing):
    monkeypatch.delenv(missing)
    check(command("list"), f"{missing}", status=2)
    assert not server.requests


def test_a_silent_service_is_named_with_the_limit(command, server):
    server.inject(count=9, delay=0.2)
    done = command("list", "--timeout", "0.1")
    check(done, f"{server.url} did not answer within 0.1 seconds", "--timeout")


def test_a_call_has_30_seconds_unless_told_otherwise(command, server, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "wavefront_api_client.tokens.list_tokens",
        lambda api, **_: seen.append(api.api_client.configuration.request_timeout) or [],
    )
    command("list")
    command("list", "--timeout", "5")
    assert seen == [30, 5]


def test_candidates_are_a_table(command, server):
    for _ in range(2):
        server.add_token("sa::ci", "twin")
    done = command("rename", "twin", "x")
    check(done, "2 tokens match. Name one by its handle:\nHANDLE ", status=4)
    assert done.err.count("  twin  sa::ci ") == 2


def test_of_a_full_account_what_could_go_is_a_table(command, server):
    server.add_service_account("sa::full", 19)
    server.add_token("sa::full", "idle", age_days=9, idle_days=8)
    done = command("mint", "n", "--account", "sa::full", "--stdout")
    check(done, "holds 20 tokens", "wavefront-tokens revoke", "\nHANDLE ", status=5)
    assert len(done.err.splitlines()) == 22


def test_an_account_or_a_token_that_is_not_there(command):
    check(command("list", "--account", "sa::none"), "404", "list --all-accounts", status=4)
    check(command("rename", "none", "x"), "no token 'none'", "list --all-accounts", status=4)


@pytest.mark.parametrize("url", ["/dashboards/x", "/api/v2"])
def test_an_address_with_a_path_that_is_none_of_ours(command, server, url):
    done = command("list", "--url", server.url + url)
    check(done, "The address of the instance must not hold a path", status=2)
    assert not server.requests


def test_plain_http_is_warned_of_once_and_without_python(command, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", "http://nowhere.invalid")
    done = command("list", "--timeout", "0.5")
    lines = done.err.splitlines()
    assert lines[0].startswith("warning: http://nowhere.invalid is plain http")
    assert len(lines) == 2


@contextmanager
def tls_server(authority, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    pass

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize(
    ("scheme", "name", "trusts", "said"),
    [
        ("https", "127.0.0.1", False, "set --ca-file, or ca_file in the profile"),
        ("https", "other.example.com", True, "certificate is not valid for "),
        ("http", "127.0.0.1", False, "the address begins with https://"),
    ],
)
def test_tls(command, monkeypatch, tmp_path, scheme, name, trusts, said):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with tls_server(authority, name) as port:
        monkeypatch.setenv("WAVEFRONT_URL", f"{scheme}://127.0.0.1:{port}")
        options = ["--ca-file", str(tmp_path / "ca.pem")] if trusts else []
        check(command("list", "--timeout", "1", *options), f":{port} cannot be reached", said)


def test_tls_on_a_port_of_http(command, server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", server.url.replace("http", "https"))
    check(command("list"), "cannot be reached: TLS failed. It does not speak TLS")


def test_a_server_that_says_that_it_wants_tls(command, server):
    server.inject(status=400, body="<center>The plain HTTP request was sent to HTTPS port</center>")
    check(command("list"), f"{server.url} expects TLS: its address begins with https://")


def test_a_profile_may_name_authorities_and_proxy_and_options_win(alone, home, server):
    profile = f"[p]\nendpoint = {server.url}\ntoken = {server.user.key}\n"
    (home / ".wavefront").write_text(f"{profile}ca_file = ~/none.pem\nproxy = http://127.0.0.1:9\n")
    (home / ".wavefront").chmod(0o600)
    done = alone("--profile", "p", "list", "--timeout", "1")
    check(done, "p: the file of certificate authorities", f"{home}/none.pem", status=2)
    (home / "some.pem").write_text("")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(home / "some.pem"))
    call = ["--profile", "p", "list", "--ca-file", "~/some.pem", "--timeout", "0.5"]
    check(
        alone(*call),
        "the proxy does not let the connection through (Connection refused): see --proxy",
    )
    (home / ".wavefront").write_text(profile + "ca_file = ~/some.pem\n")
    assert alone("--profile", "p", "list").status == 0
    check(
        alone("--profile", "p", "list", "--proxy", "http://127.0.0.1:9", "--timeout", "0.5"),
        "see --proxy",
    )


def test_two_lines_of_usage_stand_above_wrong_usage_alone(alone, command):
    assert "Usage:" in alone("list", "--nonsense").err
    for arguments in (["--profile", "none", "list"], ["--token-file", "/none/x", "list"]):
        done = command(*arguments)
        assert (done.status, "Usage:" in done.err) == (2, False)


@pytest.mark.parametrize(
    ("error", "command", "said"),
    [
        (KeyboardInterrupt(), "list", ""),
        (KeyboardInterrupt(), "audit", ""),
        (KeyboardInterrupt(), "mint", "--if-absent"),
        (KeyboardInterrupt(), "rotate", "same command again"),
        (KeyboardInterrupt(), "revoke", "list --all-accounts"),
        (errors.DeliveryFailed("no"), "mint", "--if-absent"),
        (errors.DeliveryFailed("no"), "deliver", "same command again"),
        (errors.RotationPending("it is under way"), "mint", ""),
        (errors.TokenInUse("it was used"), "rotate", ""),
    ],
)
def test_what_to_do_next_depends_on_error_and_command(error, command, said):
    found = what_next(error, command)
    assert said in found
    assert bool(said) == bool(found)


def test_an_outcome_that_is_unknown_has_the_hint_of_the_command():
    error = ApiException(500, "broken")
    error.outcome_unknown = True
    assert "--if-absent" in what_next(error, "mint")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("a duration is needed"), "A duration is needed."),
        (OSError(28, "No space left on device", "/x"), "/x: No space left on device."),
        (OSError(5, "Input/output error"), "The system: Input/output error."),
        (ZeroDivisionError("x"), "This should not happen: ZeroDivisionError; --debug shows where."),
        (
            ApiTimeoutException(0, "x"),
            "The service did not answer in time: --timeout sets another limit.",
        ),
        (ApiConnectionException(0, "x"), "The service cannot be reached: the connection broke."),
        (
            ApiTlsException(0, "SSLError: hostname 'a' doesn't match 'b'"),
            "The service cannot be reached: the certificate is not valid for its name.",
        ),
    ],
)
def test_other_errors_are_a_sentence_too(error, said):
    assert describe(error) == said
