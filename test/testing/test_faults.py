"""Faults on request, one by one and together."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest
from cases import for_all

OWN = "/api/v2/apitoken"


def test_status_instead_of_acting(server, call):
    server.inject(status=503, headers={"Retry-After": "7"})
    answer = call("POST", OWN)
    assert (answer.status, answer.headers["retry-after"]) == (503, "7")
    assert answer.message == "Service Unavailable"
    assert len(server.user.tokens) == 1
    assert server.user.tokens[0].last_used == 0
    assert call("POST", OWN).status == 200


@for_all(
    ("body", "sent", "content_type"),
    [
        ("<html>é</html>", "<html>é</html>".encode(), "text/plain; charset=utf-8"),
        ("", b"", "text/plain; charset=utf-8"),
        (b"\xff", b"\xff", "application/octet-stream"),
        ({"x": ["é"]}, b'{"x":["\\u00e9"]}', "application/json"),
        ([], b"[]", "application/json"),
    ],
)
def test_body_instead_of_acting(server, call, body, sent, content_type):
    server.inject(body=body)
    answer = call("POST", OWN)
    assert (answer.status, answer.body) == (200, sent)
    assert answer.headers["content-type"] == content_type
    assert len(server.user.tokens) == 1


def test_body_with_status_and_content_type(server, call):
    server.inject(status=418, body="<p>", headers={"content-TYPE": "text/html"})
    answer = call("GET", OWN)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (
        418,
        b"<p>",
        "text/html",
    )


def test_status_without_a_body(server, call):
    server.inject(status=204)
    answer = call("DELETE", OWN + "/x")
    assert (answer.status, answer.body) == (204, b"")
    assert not {"content-length", "content-type"} & set(answer.headers)


def test_status_of_success_has_a_container(server, call):
    server.inject(status=202)
    assert call("GET", OWN).json == {"status": {"result": "OK", "message": "Accepted", "code": 202}}
    server.inject(status=599)
    assert call("GET", OWN).message == "Unknown"


def test_headers_alone_join_the_real_answer(server, call):
    server.inject(headers={"X-RateLimit-Remaining": "3", "cache-control": "private"})
    answer = call("POST", OWN)
    assert answer.headers["x-ratelimit-remaining"] == "3"
    assert answer.headers["cache-control"] == "private"
    assert len(answer.response) == len(server.user.tokens) == 2
    server.inject(headers={"X": "y"})
    assert call("PATCH", OWN).headers["allow"] == "GET, POST"


def test_wrong_content_length(server, head, wire):
    server.inject(headers={"Content-Length": "1000"}, body="short")
    connection = wire().send(head())
    assert connection.file.readline() == b"HTTP/1.1 200 OK\r\n"
    rest = connection.rest()
    assert rest.endswith(b"Content-Length: 1000\r\n\r\nshort")
    assert rest.count(b"Content-Length") == 1


def test_handmade_chunks(server, call):
    server.inject(headers={"Transfer-Encoding": "chunked"}, body=b"2\r\nok\r\n0\r\n\r\n")
    answer = call("GET", OWN)
    assert answer.body == b"ok"
    assert "content-length" not in answer.headers


def test_connection_that_is_said_to_stay_and_does_not(server, head, wire):
    server.inject(headers={"Connection": "keep-alive"})
    connection = wire().send(head())
    assert connection.read().headers["connection"] == "keep-alive"
    assert connection.rest() == b""


def test_drop_before_acting_resets(server, call):
    server.inject(drop="before")
    with pytest.raises(ConnectionResetError):
        call("POST", OWN)
    assert len(server.user.tokens) == 1
    assert server.requests[0].status == 0
    assert server.requests[0].account == server.user.id


def test_drop_after_acting_closes(server, head, wire):
    server.inject(drop="after", delay=0.05)
    assert wire().send(head("POST")).rest() == b""
    assert len(server.user.tokens) == 2
    assert server.requests[0].status == 0


@pytest.mark.parametrize("count", [0, 1, 17, 10_000])
def test_truncated_answer(server, head, wire, count):
    server.inject(truncate=count)
    connection = wire().send(head("POST"))
    answer = connection.read()
    assert len(server.user.tokens) == 2
    length = int(answer.headers["content-length"])
    assert len(answer.body) == min(count, length)
    assert length > 17
    assert connection.rest() == b""


def test_truncated_made_up_answer(server, head, wire):
    server.inject(truncate=2, body="abc", status=500)
    answer = wire().send(head("POST")).read()
    assert (answer.status, answer.body, answer.headers["content-length"]) == (500, b"ab", "3")
    assert len(server.user.tokens) == 1


@pytest.mark.parametrize(("status", "sent"), [(None, 307), (302, 302)])
def test_redirect(server, call, status, sent):
    server.inject(redirect="http://elsewhere.example/x?y", status=status)
    answer = call("POST", OWN)
    assert (answer.status, answer.body) == (sent, b"")
    assert answer.headers["location"] == "http://elsewhere.example/x?y"
    assert len(server.user.tokens) == 1


def test_delay_acts_at_once_and_holds_up_nobody_else(server, head, wire, call):
    server.inject(method="POST", delay=60)
    wire().send(head("POST"))
    while not server.requests:
        time.sleep(0.001)
    assert len(call("GET", OWN).response) == len(server.user.tokens) == 2


def test_delay_is_as_long_as_it_says(server, head, wire):
    server.inject(delay=0.1)
    start = time.monotonic()
    assert wire().send(head()).read().status == 200
    assert time.monotonic() - start > 0.09


def test_delays_run_at_the_same_time(server, head, wire):
    server.inject(20, delay=0.2)
    start = time.monotonic()
    connections = [wire().send(head()) for _ in range(20)]
    assert all(connection.read().status == 200 for connection in connections)
    assert 0.19 < time.monotonic() - start < 2.5


def test_client_that_does_not_wait_for_a_delayed_answer(server, head, wire, all_served):
    server.inject(delay=0.05)
    connection = wire().send(head())
    while not server.requests:
        time.sleep(0.001)
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    all_served()


def test_first_fault_that_fits_is_used(server, call):
    server.inject(method="DELETE", status=501)
    server.inject(2, path=OWN + "/{id}", status=502)
    server.inject(path=OWN, status=503)
    server.inject(status=504)
    assert call("PUT", OWN + "/x").status == 502
    assert call("DELETE", OWN + "/x").status == 501
    assert call("DELETE", OWN + "/x").status == 502
    assert call("DELETE", OWN + "/x").status == 504
    assert call("DELETE", OWN + "/x").status == 404
    assert call("GET", OWN).status == 503
    assert call("GET", OWN).status == 200


@pytest.mark.parametrize(
    "path",
    [
        OWN + "/serviceaccount/{id}/{token}",
        OWN + "/serviceaccount/sa%3A%3Aci/x%20y",
        OWN + "/serviceaccount/sa::ci/x y",
    ],
)
def test_path_of_a_fault(server, call, path):
    server.inject(path=path, method="delete", status=500)
    target = OWN + "/serviceaccount/sa%3A%3Aci/x%20y"
    assert call("PUT", target).status == 404
    assert call("DELETE", OWN + "/serviceaccount/sa%3A%3Aci").status == 405
    assert call("DELETE", target + "?x=1").status == 500
    assert call("DELETE", target).status == 404


@for_all(
    ("method", "path"),
    [
        (None, "/"),
        (None, ""),
        (None, "api/v2/apitoken"),
        (None, "/api/v2/apitokens"),
        (None, OWN + "/"),
        (None, OWN + "/{id}/{token}"),
        (None, OWN + "/serviceaccount//x"),
        ("DELETE", OWN),
        ("get", OWN + "/{id}"),
        ("POST", OWN + "/customertokens/revoke"),
    ],
)
def test_path_that_no_endpoint_has(server, method, path):
    with pytest.raises(ValueError, match="of an endpoint: POST /api/v2/apitoken, ") as caught:
        server.inject(method=method, path=path, status=500)
    assert "apitokens" not in str(caught.value)
    assert server.pending_faults == []


def test_faults_that_were_not_met_can_be_seen(server, call):
    assert server.pending_faults == []
    server.inject(3, method="post", path=OWN, status=503)
    server.inject(drop="after")
    planned = server.pending_faults
    assert [fault.count for fault in planned] == [3, 1]
    call("POST", OWN)
    first, second = server.pending_faults
    assert (first.count, first.method, first.path) == (2, "POST", OWN)
    assert (second.count, second.method, second.path) == (1, None, None)
    assert planned[0].count == 3
    for _ in range(2):
        call("POST", OWN)
    assert server.pending_faults == [second]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, "count=1"),
        (
            {"count": 2, "method": "put", "path": OWN + "/{id}", "status": 503},
            "count=2, method='PUT', path='/api/v2/apitoken/{id}', status=503",
        ),
        (
            {"path": OWN + "/serviceaccount/sa::ci/secret-token", "truncate": 0},
            "count=1, path='/api/v2/apitoken/serviceaccount/sa::ci/***oken', truncate=0",
        ),
        ({"drop": "before", "delay": 0.5}, "count=1, delay=0.5, drop='before'"),
        ({"redirect": "http://x/secret"}, "count=1, status=307"),
        ({"body": "secret", "headers": {"X": "secret"}}, "count=1, status=200"),
    ],
)
def test_pending_fault_is_shown_without_secrets(server, options, shown):
    server.inject(**options)
    (fault,) = server.pending_faults
    assert repr(fault) == str(fault) == f"PlannedFault({shown})"


def test_faults_meet_any_request(server, call):
    server.inject(3, status=500)
    assert call("GET", "/nothing").status == 500
    assert call("GET", OWN, key=None).status == 500
    assert call("GET", OWN + "/%zz").status == 500
    assert [request.account for request in server.requests] == [
        "admin@example.com",
        None,
        "admin@example.com",
    ]


def test_fault_without_effect(server, call):
    server.inject()
    assert call("GET", OWN).status == 200


def test_error_bodies(server, call):
    container = server.error_body("container", 404, "dashboard\ndoes not exist")
    assert container == {
        "status": {"result": "ERROR", "message": "dashboard\ndoes not exist", "code": 404}
    }
    gateway = server.error_body("gateway", 415)
    assert gateway["error"] == "HTTP 415 Unsupported Media Type"
    assert gateway["trackingId"] != server.error_body("gateway", 415)["trackingId"]
    assert server.error_body("gateway", 415, "no")["error"] == "no"
    text = server.error_body("text", 404, "resource cannot be found")
    assert text.startswith("error='not_found'\nmessage='resource cannot be found'\ntrackingId=")
    server.inject(status=415, body=gateway)
    assert call("GET", OWN).json == gateway
    with pytest.raises(ValueError, match="html"):
        server.error_body("html", 404, "")


@for_all(
    ("options", "text"),
    [
        ({"count": 0}, "count"),
        ({"count": True}, "count"),
        ({"count": 1.5}, "count"),
        ({"status": 100}, "status"),
        ({"status": 1000}, "status"),
        ({"delay": -1}, "delay"),
        ({"delay": float("nan")}, "delay"),
        ({"delay": float("inf")}, "delay"),
        ({"drop": "during"}, "drop"),
        ({"drop": "before", "status": 500}, "drop"),
        ({"drop": "after", "body": ""}, "drop"),
        ({"drop": "after", "headers": {"X": "y"}}, "drop"),
        ({"drop": "after", "truncate": 0}, "drop"),
        ({"drop": "before", "redirect": ""}, "drop"),
        ({"truncate": -1}, "truncate"),
        ({"headers": {"X Y": "z"}}, "X Y"),
        ({"headers": {"": "z"}}, "header"),
        ({"headers": {"X": "a\r\nb"}}, "header"),
        ({"headers": {"X": "☃"}}, "header"),
        ({"redirect": "http://x/\n"}, "Location"),
        ({"body": "\ud800"}, "surrogates"),
    ],
)
def test_faults_that_cannot_be(server, call, options, text):
    with pytest.raises(ValueError, match=text):
        server.inject(**options)
    assert call("GET", OWN).status == 200


@pytest.mark.parametrize("options", [{"body": {1j}}, {"delay": "1"}, {"status": "500"}])
def test_faults_of_the_wrong_type(server, call, options):
    with pytest.raises(TypeError):
        server.inject(**options)
    assert call("GET", OWN).status == 200


def test_faults_from_many_threads(server, call):
    def work():
        for _ in range(20):
            server.inject(status=500)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.inject(method="POST", status=501)
    assert call("POST", OWN).status == 500
    for _ in range(159):
        assert call("GET", OWN).status == 500
    assert call("GET", OWN).status == 200
    assert call("POST", OWN).status == 501
