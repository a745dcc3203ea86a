"""HTTP/1.1 as the embedded service speaks it: what a client can ask for, and what it can do wrong."""

from __future__ import annotations

import socket
import time

import pytest
from cases import for_all

from wavefront_api_client.testing import _http
from wavefront_api_client.testing._http import MAX_BODY, Handler
from wavefront_api_client.testing._messages import Headers, Request

OWN = "/api/v2/apitoken"
SLOW = OWN + "/slow"
SERVICE = OWN + "/serviceaccount/sa::ci"


@pytest.fixture(autouse=True)
def service_account(server):
    return server.add_service_account("sa::ci")


def names(account):
    return [token.token_name for token in account.tokens]


def chunked(*chunks, trailer=""):
    parts = [f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in chunks]
    return "".join(parts) + f"0\r\n{trailer}\r\n"


# --- connections --------------------------------------------------------------------------------


def test_connection_is_kept_alive(wire, head):
    connection = wire()
    for _ in range(3):
        answer = connection.send(head()).read()
        assert (answer.status, answer.headers["connection"]) == (200, "keep-alive")


def test_answers_say_what_they_are(wire, head):
    answer = wire().send(head()).read()
    assert answer.headers.pop("date").endswith(" GMT")
    assert answer.headers == {
        "connection": "keep-alive",
        "cache-control": "no-store",
        "content-type": "application/json",
        "content-length": str(len(answer.body)),
    }


def test_connection_is_closed_when_asked(wire, head):
    connection = wire().send(head("GET", OWN, "Connection: close"))
    assert connection.read().headers["connection"] == "close"
    assert connection.rest() == b""


def test_http_1_0(wire, head):
    text = head().replace("HTTP/1.1", "HTTP/1.0").replace("Host: x\r\n", "")
    connection = wire().send(text)
    assert connection.read().headers["connection"] == "close"
    assert connection.rest() == b""


def test_http_1_0_kept_alive(wire, head):
    text = head("GET", OWN, "Connection: Keep-Alive").replace("HTTP/1.1", "HTTP/1.0")
    connection = wire()
    for _ in range(2):
        assert connection.send(text).read().headers["connection"] == "keep-alive"


def test_pipelined_requests_are_answered_in_order(wire, head, server):
    rename = f"{OWN}/{server.user.key}"
    text = ""
    for count in range(30):
        body = f'{{"tokenName": "{count}"}}'
        text += head(
            "PUT", rename, "Content-Type: application/json", f"Content-Length: {len(body)}"
        )
        text += body + head("GET", "/nothing")
    connection = wire().send(text)
    for count in range(30):
        assert connection.read().response["tokenName"] == str(count)
        assert connection.read().status == 404
    assert len(server.requests) == 60


def test_pipelined_requests_wait_for_a_delayed_answer(wire, head, server):
    server.inject(path=SLOW, delay=0.1)
    connection = wire().send(head("DELETE", SLOW) + head())
    assert [connection.read().status for _ in range(2)] == [404, 200]
    assert [request.path for request in server.requests] == [SLOW, OWN]


def test_client_that_reads_nothing_holds_up_nobody(wire, head, server, call):
    for index in range(100):
        server.add_service_account(f"sa::{index}", tokens=20)
    greedy, count = wire(), 60
    greedy.send(head("GET", OWN + "/customertokens") * count)
    for _ in range(20):
        assert call("GET", OWN).status == 200
    asked = [each for each in server.requests if each.path.endswith("customertokens")]
    assert len(asked) < count
    assert all(greedy.read().status == 200 for _ in range(count))


def test_client_that_sends_no_more_gets_its_answers(wire, head):
    connection = wire().send(head() * 2)
    connection.socket.shutdown(socket.SHUT_WR)
    assert [connection.read().status for _ in range(2)] == [200, 200]
    assert connection.rest() == b""


def test_client_that_sends_no_more_gets_a_delayed_answer(wire, head, server):
    server.inject(delay=0.05)
    connection = wire().send(head())
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.read().status == 200
    assert connection.rest() == b""


def test_many_connections_at_once(wire, head):
    connections = [wire() for _ in range(100)]
    for connection in connections:
        connection.send(head())
    assert all(connection.read().status == 200 for connection in connections)


def test_unfinished_requests_hold_up_nobody(wire, head, call):
    text = head()
    slow = [wire().send(text[:length]) for length in range(1, len(text), 7)]
    assert call("GET", OWN).status == 200
    for connection, length in zip(slow, range(1, len(text), 7)):
        assert connection.send(text[length:]).read().status == 200


def test_bytes_that_trickle_in(wire, head, service_account):
    body = '{"tokenName": "x"}'
    fields = "Content-Type: application/json", "Transfer-Encoding: chunked"
    connection = wire()
    for byte in (head("POST", SERVICE, *fields) + chunked(body[:5], body[5:])).encode():
        connection.send(bytes([byte]))
        time.sleep(0.0002)
    assert connection.read().status == 200
    assert names(service_account) == ["x"]


def test_an_answer_is_one_write_without_delay(wire, head, monkeypatch):
    writes, set_up = [], Handler.setup

    def watched(self):
        set_up(self)
        assert self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        write = self.wfile.write
        self.wfile.write = lambda data: writes.append(data) or write(data)

    monkeypatch.setattr(Handler, "setup", watched)
    answer = wire().send(head()).read()
    (written,) = writes
    assert written.endswith(answer.body)


# --- bodies -------------------------------------------------------------------------------------


def test_body_with_a_length(wire, head, service_account):
    fields = "Content-Type: application/json", "Content-Length: 018"
    assert wire().send(head("POST", SERVICE, *fields) + '{"tokenName": "x"}').read().status == 200
    assert names(service_account) == ["x"]


def test_body_in_chunks(wire, head, service_account, server):
    fields = "Content-Type: application/json", "Transfer-Encoding: Chunked"
    body = chunked('{"token', 'Name":', '"x"}', trailer="X-Check: 1\r\nX-More:\r\n")
    body = body.replace("\r\n", ";x=1 \r\n", 1)
    connection = wire().send(head("POST", SERVICE, *fields) + body + head())
    assert connection.read().status == connection.read().status == 200
    assert names(service_account) == ["x"]
    assert server.requests[0].body == b'{"tokenName":"x"}'


def test_empty_body_in_chunks(wire, head, service_account):
    fields = ("Transfer-Encoding: chunked",)
    assert wire().send(head("POST", SERVICE, *fields) + chunked()).read().status == 200
    assert names(service_account) == [""]


def test_client_is_told_to_continue(wire, head, service_account):
    fields = "Content-Type: application/json", "Content-Length: 18", "Expect: 100-Continue"
    connection = wire().send(head("POST", SERVICE, *fields))
    assert connection.file.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert connection.file.readline() == b"\r\n"
    assert service_account.tokens == []
    assert connection.send('{"tokenName": "x"}').read().status == 200


def test_largest_body(wire, head, server):
    fields = "Content-Type: application/json", f"Content-Length: {MAX_BODY}"
    body = '{"tokenName": "x"}'.ljust(MAX_BODY)
    path = f"{OWN}/{server.user.key}"
    assert wire().send(head("PUT", path, *fields) + body).read().status == 200
    half = body[: MAX_BODY // 2]
    fields = fields[0], "Transfer-Encoding: chunked"
    text = head("PUT", path, *fields) + chunked(half, body[len(half) :])
    assert wire().send(text).read().status == 200


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [MAX_BODY + 1, 3 * MAX_BODY])
def test_too_large_a_body_gets_its_answer_all_the_same(wire, head, length):
    connection = wire().send(head("POST", SERVICE, f"Content-Length: {length}"))
    connection.send("x" * length)
    assert connection.read().message == f"the body is larger than {MAX_BODY} bytes"
    assert connection.rest() == b""


@pytest.mark.parametrize("chunks", [["x" * MAX_BODY, "x"], ["x" * (MAX_BODY + 1)]])
def test_too_large_a_body_in_chunks(wire, head, chunks):
    text = head("POST", SERVICE, "Transfer-Encoding: chunked") + chunked(*chunks)
    assert wire().send(text).read().status == 413


def test_too_large_a_header(wire, head):
    long = head("GET", OWN, "X: " + "x" * 65536)
    many = head("GET", OWN, *(f"X-{number}: x" for number in range(101)))
    assert [wire().send(text).read().status for text in (long, many)] == [431, 431]
    assert wire().send(head("GET", OWN + "x" * 65536)).read().status == 414


@for_all(
    ("text", "status"),
    [
        ("nonsense\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ("\x16\x03\x01\x02\x00\x01", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + "9" * 19 + "\r\n\r\n", 413),
    ],
)
def test_malformed_requests(wire, server, text, status):
    connection = wire().send(text.encode("latin-1"))
    answer = connection.read()
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    assert answer.message
    assert connection.rest() == b""
    assert server.requests == []


@for_all("body", ["x\r\n", "\r\n", "-1\r\n"])
def test_malformed_chunks(wire, head, body, service_account):
    text = head("POST", SERVICE, "Transfer-Encoding: chunked") + body
    assert wire().send(text).read().status == 400
    assert service_account.tokens == []


def test_huge_chunk(wire, head):
    text = head("POST", SERVICE, "Transfer-Encoding: chunked") + "ffffffffffffffff\r\n"
    assert wire().send(text).read().status == 413


def test_good_request_before_a_malformed_one_is_answered(wire, head):
    connection = wire().send(head() + "nonsense\r\n\r\n" + head())
    assert [connection.read().status for _ in range(2)] == [200, 400]
    assert connection.rest() == b""


def test_malformed_request_of_a_client_that_sends_no_more(wire, head, server):
    server.inject(delay=0.05)
    connection = wire().send(head() + "nonsense\r\n\r\n")
    connection.socket.shutdown(socket.SHUT_WR)
    assert [connection.read().status for _ in range(2)] == [200, 400]
    assert connection.rest() == b""


def test_refused_client_that_stays_is_cut(wire, all_served, monkeypatch):
    monkeypatch.setattr(_http, "_GRACE", 0.05)
    connection = wire().send("nonsense\r\n\r\n")
    assert connection.read().status == 400
    assert connection.rest() == b""
    all_served()


@pytest.mark.parametrize("missing", [1, 18])
def test_a_body_that_does_not_arrive_whole_is_not_acted_on(server, wire, head, all_served, missing):
    fields = "Content-Type: application/json", "Content-Length: 18"
    connection = wire().send((head("POST", SERVICE, *fields) + '{"tokenName": "x"}')[:-missing])
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.rest() == b""
    all_served()
    assert server.requests == []


def test_repeated_fields_are_joined(wire, head, server):
    wire().send(head("GET", OWN, "X-Many: a", "x-many:\tb \t", "X-Latin: \xe9", "X-Empty:")).read()
    headers = server.requests[0].headers
    assert (headers["X-MANY"], headers["x-latin"], headers["X-Empty"]) == ("a, b", "Ã©", "")


def test_two_keys_are_no_key(wire, head):
    assert wire().send(head("GET", OWN, "X-AUTH-TOKEN: other")).read().status == 401


def test_path_of_an_absolute_target():
    def path(target):
        return Request("GET", target, Headers({})).path

    assert (
        path("http://a:1/x?y") == path("HTTPS://a/x") == path("/x") == path("/x?http://b/") == "/x"
    )
    assert path("http://a") == path("http://a/") == "/"
