"""Point 3, first half: the key, and whatever goes with it, stays with the origin it is for."""

from __future__ import annotations

from itertools import repeat

import pytest
from cases import for_all
from hostile import CALLS, Answer, Flood, HostileServer, Reply
from wire import FRAMINGS

from wavefront_api_client import ApiException

STATUSES = (301, 302, 303, 307, 308)
CREDENTIALS = {
    "X-AUTH-TOKEN": (),
    "Authorization": ("Authorization", "Bearer b34rer"),
    "default header": ("X-Gateway-Key", "g4teway"),
}


def redirect(location: str, status: int = 302, **options) -> Answer:
    return Answer(status, b"", {"Location": location}, **options)


def fail(call, *args) -> ApiException:
    with pytest.raises(ApiException) as caught:
        call(*args)
    return caught.value


@for_all("credential", CREDENTIALS)
@for_all("status", STATUSES)
@for_all("kind", CALLS)
def test_other_port(connect, kind, status, credential):
    with HostileServer([Answer()]) as other:
        target = f"http://user:pw@127.0.0.1:{other.port}/sec/ret?a=b"
        with HostileServer([redirect(target, status)]) as server:
            error = fail(CALLS[kind], connect(server.url, *CREDENTIALS[credential]))
    assert other.connections == 0
    assert len(server.requests) == 1
    assert type(error) is ApiException and error.status == status
    assert f"http://127.0.0.1:{other.port}" in str(error)
    assert not any(part in str(error) for part in ("user", "pw", "sec", "ret", "a=b"))


@for_all("kind", CALLS)
def test_other_host(connect, kind):
    with HostileServer([redirect("/"), Answer()]) as server:
        server.script[0] = redirect(f"http://localhost:{server.port}/api/v2/apitoken")
        error = fail(CALLS[kind], connect(server.url))
    assert len(server.requests) == 1
    assert f"http://localhost:{server.port}" in str(error)


@for_all("kind", CALLS)
def test_from_tls_to_clear_text(connect, kind, server_tls, ca_file):
    with HostileServer([Answer()], tls=server_tls()) as server:
        server.script.insert(0, redirect(f"http://127.0.0.1:{server.port}/"))
        error = fail(CALLS[kind], connect(server.url, ssl_ca_cert=ca_file))
    assert (len(server.requests), server.connections) == (1, 1)
    assert f"http://127.0.0.1:{server.port}" in str(error)


@for_all("kind", CALLS)
def test_from_clear_text_to_tls(connect, kind):
    with HostileServer([Answer()]) as server:
        server.script.insert(0, redirect(f"https://127.0.0.1:{server.port}/"))
        assert fail(CALLS[kind], connect(server.url)).status == 302
    assert server.connections == 1


@for_all("status", STATUSES)
@for_all("kind", [kind for kind in CALLS if kind != "get"])
def test_only_get_follows_at_home(connect, kind, status):
    with HostileServer([redirect("/elsewhere", status), Answer()]) as server:
        error = fail(CALLS[kind], connect(server.url))
    assert error.status == status
    assert len(server.requests) == 1


@for_all("status", STATUSES)
@for_all("location", ["/new", "new", "?again", "//{origin}/new", "http://{origin}/"])
def test_get_follows_at_home(connect, status, location):
    with HostileServer([Answer()]) as server:
        origin = f"127.0.0.1:{server.port}"
        server.script.insert(0, redirect(location.format(origin=origin), status))
        assert connect(server.url).get_all_tokens().status.result == "OK"
    assert [request.method for request in server.requests] == ["GET", "GET"]
    assert server.requests[1].headers["x-auth-token"] == "the-key-of-the-tests"


def test_five_steps_at_most(connect):
    steps = [redirect(f"/{n}") for n in range(5)]
    with HostileServer([*steps, Answer()]) as server:
        assert connect(server.url).get_all_tokens().status.result == "OK"
    with HostileServer([*steps, redirect("/6"), Answer()]) as server:
        assert fail(connect(server.url).get_all_tokens).status == 302
    assert len(server.requests) == 6


@for_all("kind", ["length", "chunks", "gzip"])
def test_steps_go_over_one_connection(connect, kind):
    framed = FRAMINGS[kind](b"<html>moved</html>").partition(b"\r\n")[2]
    moved = b"HTTP/1.1 302 Found\r\nLocation: /next\r\n" + framed
    with HostileServer([*[Reply(lambda request: moved)] * 5, Answer()]) as server:
        assert connect(server.url).get_all_tokens().status.result == "OK"
    assert (server.connections, len(server.requests)) == (1, 6)


def test_a_page_of_a_redirect_that_only_the_end_would_bound_is_not_waited_for(connect):
    endless = Reply(lambda request: b"HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n<html>")
    with HostileServer([endless, Answer()]) as server:
        assert connect(server.url, request_timeout=5).get_all_tokens().status.result == "OK"
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_large_page_of_a_redirect_is_not_read(connect):
    head = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 1000000000\r\n\r\n"
    flood = Flood(head, lambda: repeat(b"x" * 10_000))
    with HostileServer([flood, Answer()]) as server:
        assert connect(server.url, request_timeout=5).get_all_tokens().status.result == "OK"
    assert (server.connections, len(server.requests)) == (2, 2)


def test_circle(connect):
    with HostileServer([redirect("/api/v2/apitoken", 308)]) as server:
        assert fail(connect(server.url).get_all_tokens).status == 308
    assert len(server.requests) == 6


def test_home_first_then_away(connect):
    with HostileServer([Answer()]) as other:
        with HostileServer([redirect("/new"), redirect(f"{other.url}/")]) as server:
            assert fail(connect(server.url).get_all_tokens).status == 302
    assert other.connections == 0


@for_all("headers", [[], [("Location", "")], [("Location", " ")]])
@for_all("kind", ["get", "create"])
def test_redirect_to_nowhere(connect, kind, headers):
    with HostileServer([Answer(302, b"", headers)]) as server:
        assert fail(CALLS[kind], connect(server.url)).status == 302


@for_all("preload", [True, False])
def test_call_api_follows_the_same_rules(connect, preload):
    """The generic entry has the same guard as the eleven methods."""
    with HostileServer([Answer()]) as other:
        with HostileServer([redirect(f"{other.url}/")]) as server:
            client = connect(server.url, "Authorization", "Bearer b34rer").api_client
            client.cookie = "c00kie"
            error = fail(
                lambda: client.call_api(
                    "/api/v2/other",
                    "GET",
                    auth_settings=["api_key"],
                    response_type="object",
                    _preload_content=preload,
                )
            )
    assert other.connections == 0
    assert error.status == 302
    assert server.requests[0].headers["cookie"] == "c00kie"


def test_cookies_of_the_service_are_not_sent_back(connect):
    with HostileServer([Answer(headers=[("Set-Cookie", "a=b"), ("X", "y")]), Answer()]) as server:
        api = connect(server.url)
        api.get_all_tokens()
        api.get_all_tokens()
    assert "cookie" not in server.requests[1].headers
