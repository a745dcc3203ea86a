"""Point 1: whatever goes wrong, the right subclass of ApiException comes, with all it knows."""

from __future__ import annotations

import gzip
import socket
import zlib

import pytest
import urllib3.exceptions
from cases import for_all
from hostile import (
    CALLS,
    OPERATIONS,
    Answer,
    Close,
    Garbage,
    Hang,
    HostileServer,
    Reset,
    ResetOnAccept,
    Step,
    Truncate,
    black_hole,
    http_answer,
    is_empty_success,
    refusing_port,
)

from wavefront_api_client._core.limits import LONGEST_PART
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    BadRequestException,
    ConflictException,
    ForbiddenException,
    InvalidResponseException,
    NotFoundException,
    ServiceException,
    TooManyRequestsException,
    UnauthorizedException,
)

GOOD = b'{"status": {"result": "OK", "message": "", "code": 200}, "response": []}'
TEN_MB = b"x" * (10 << 20)


def fail(api, kind="get", **options) -> ApiException:
    """Make a call that must raise, and check what every exception of the family holds."""
    with pytest.raises(ApiException) as caught:
        CALLS[kind](api, **options)
    error = caught.value
    assert isinstance(error.status, int)
    assert error.reason is None or isinstance(error.reason, str)
    assert error.body is None or isinstance(error.body, str)
    assert error.message is None or isinstance(error.message, str)
    assert (error.operation, error.method, error.path_template) == OPERATIONS[kind]
    assert error.attempts == 1
    assert error.__cause__ is None and error.__context__ is None
    assert str(error).startswith(f"({error.status})\nReason: ")
    return error


def no_answer(error: ApiException, family: type) -> bool:
    return (
        type(error) is family
        and error.status == 0
        and error.body is None
        and isinstance(error, urllib3.exceptions.HTTPError)
    )


# --- no answer -----------------------------------------------------------------------------


@for_all("kind", CALLS)
@for_all("step", [ResetOnAccept(), Reset(), Close()])
def test_connection_lost(connect, kind, step):
    with HostileServer([step]) as server:
        assert no_answer(fail(connect(server.url, retries=0), kind), ApiConnectionException)


@for_all("kind", CALLS)
def test_connection_refused(connect, kind):
    with refusing_port() as port:
        error = fail(connect(f"http://127.0.0.1:{port}", retries=0), kind)
    assert no_answer(error, ApiConnectionException)
    assert not error.outcome_unknown


def test_name_not_found(connect, monkeypatch):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    error = fail(connect("https://nowhere.invalid", retries=0), "create")
    assert no_answer(error, ApiConnectionException)
    assert not error.outcome_unknown


@for_all("label", ["a" * 64, "a..b", "xn--\u2603", "-\ud800"])
def test_impossible_name(connect, label):
    try:
        api = connect(f"https://{label}.invalid", retries=0)
    except ValueError:
        return
    assert no_answer(fail(api), ApiConnectionException)


@pytest.mark.parametrize("kind", ["get", "create"])
def test_connect_timeout(connect, kind):
    with black_hole() as port:
        api = connect(f"http://127.0.0.1:{port}", retries=0, request_timeout=(0.1, 60))
        error = fail(api, kind)
    assert no_answer(error, ApiTimeoutException)
    assert not error.outcome_unknown


@for_all("kind", CALLS)
def test_read_timeout(connect, kind):
    with HostileServer([Hang()]) as server:
        error = fail(connect(server.url, retries=0, request_timeout=(5, 0.1)), kind)
    assert no_answer(error, ApiTimeoutException)


@for_all("kind", CALLS)
def test_tls_untrusted(connect, server_tls, kind):
    with HostileServer([Answer()], tls=server_tls()) as server:
        error = fail(connect(server.url), kind)
    assert no_answer(error, ApiTlsException)
    assert not error.outcome_unknown
    assert server.requests == []
    assert error.hint.startswith(f"{server.url} has a certificate of an authority that this client")
    assert "ssl_ca_cert" in error.hint


def test_tls_wrong_host(connect, server_tls, ca_file):
    with HostileServer([Answer()], tls=server_tls("other.example")) as server:
        error = fail(connect(server.url, ssl_ca_cert=ca_file))
    assert no_answer(error, ApiTlsException)


def test_tls_expired(connect, authority, server_tls, ca_file):
    from datetime import datetime, timezone

    then = datetime(2020, 1, 1, tzinfo=timezone.utc)
    with HostileServer([Answer()], tls=server_tls("127.0.0.1", not_after=then)) as server:
        error = fail(connect(server.url, ssl_ca_cert=ca_file))
    assert no_answer(error, ApiTlsException)
    assert "expired" in str(error)


def test_tls_server_without_tls(connect):
    with HostileServer([Garbage(b"HTTP/1.1 400 Bad Request\r\n\r\n")]) as server:
        server.script[0].on_accept = True
        error = fail(connect(server.url.replace("http:", "https:"), retries=0))
    assert isinstance(error, ApiConnectionException)
    assert "does not speak TLS" in error.hint and "begins with http://" in error.hint


def test_clear_text_to_a_server_with_tls(connect):
    alert = b"\x15\x03\x01\x00\x02\x02\x46"
    with HostileServer([Garbage(alert)]) as server:
        error = fail(connect(server.url, retries=0))
    assert type(error) is InvalidResponseException
    assert error.hint == f"{server.url} speaks TLS only: let the address begin with https://."


NO_ANSWERS = {
    "closed": Close(),
    "reset": Reset(),
    "silence": Hang(2),
    "garbage": Garbage(b"SSH-2.0\r\n"),
}


@for_all("case", NO_ANSWERS)
def test_an_error_names_the_host_and_no_class_of_ours(connect, case):
    with HostileServer([NO_ANSWERS[case]]) as server:
        error = fail(connect(server.url, retries=0, request_timeout=0.2))
    assert error.reason.endswith(f" at {server.url}")
    assert "Pool" not in str(error) and error.hint is None


@for_all(
    "step",
    [
        Answer(407, b"no", {"Proxy-Authenticate": "Basic"}),
        Answer(403, b"no"),
        Answer(502, b"<html>no</html>"),
        Reset(),
        Close(),
    ],
)
def test_proxy_refuses(connect, step):
    with HostileServer([step]) as proxy:
        api = connect("https://wavefront.invalid", proxy=proxy.url, retries=0)
        error = fail(api, "create")
    assert no_answer(error, ApiConnectionException)
    assert not error.outcome_unknown, "the request never left for the service"
    assert proxy.requests[0].method == "CONNECT"


def test_proxy_that_is_none(connect):
    with HostileServer([Garbage(b"SSH-2.0-OpenSSH_9.6\r\n")]) as proxy:
        error = fail(connect("https://wavefront.invalid", proxy=proxy.url, retries=0), "create")
    assert isinstance(error, (ApiConnectionException, InvalidResponseException))
    assert (error.status, error.outcome_unknown) == (0, False)


def test_proxy_not_there(connect):
    with refusing_port() as port:
        api = connect("https://wavefront.invalid", proxy=f"http://127.0.0.1:{port}", retries=0)
        assert no_answer(fail(api), ApiConnectionException)


def test_proxy_hangs(connect):
    with HostileServer([Hang()]) as proxy:
        api = connect(
            "https://wavefront.invalid", proxy=proxy.url, retries=0, request_timeout=(0.1, 0.1)
        )
        assert no_answer(fail(api, "create"), ApiTimeoutException)


# --- an answer that cannot be used -----------------------------------------------------------

NOT_HTTP = {
    "binary": b"\x00\x01\x02\xff\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "smtp": b"220 mail.example ESMTP\r\n",
    "one line": b"hello\n",
    "no line end": b"hello",
    "status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "status too large": b"HTTP/1.1 99999 OK\r\n\r\n",
    "status too small": b"HTTP/1.1 99 OK\r\n\r\n",
    "negative status": b"HTTP/1.1 -200 OK\r\n\r\n",
    "endless status line": b"HTTP/1.1 200 " + b"x" * 70_000 + b"\r\n\r\n",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    "unknown version": b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}}",
}


@for_all("kind", ["get", "delete", "create"])
@for_all("case", NOT_HTTP)
def test_garbage_instead_of_http(connect, case, kind):
    with HostileServer([Garbage(NOT_HTTP[case])]) as server:
        error = fail(connect(server.url, retries=0), kind)
    assert type(error) is InvalidResponseException
    assert error.outcome_unknown or kind != "create"


CUT = {
    "truncated": Truncate(),
    "truncated at once": Truncate(keep=0),
    "length too large": Garbage(http_answer(200, GOOD, {"Content-Length": "1000"})),
    "length too small": Garbage(http_answer(200, GOOD, {"Content-Length": "20"})),
    "chunks cut": Garbage(http_answer(200, b'5\r\n{"sta', {"Transfer-Encoding": "chunked"})),
    "chunk without end": Garbage(
        http_answer(200, b"2\r\n{}\r\n", {"Transfer-Encoding": "chunked"})
    ),
    "chunk size of letters": Garbage(
        http_answer(200, b"zz\r\n{}\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"})
    ),
    "negative chunk size": Garbage(
        http_answer(200, b"-2\r\n{}\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"})
    ),
    "bad gzip": Answer(200, GOOD, {"Content-Encoding": "gzip"}),
    "cut gzip": Answer(200, gzip.compress(GOOD)[:-20], {"Content-Encoding": "gzip"}),
    "bad deflate": Answer(200, b"\xff" * 20, {"Content-Encoding": "deflate"}),
    "unknown coding": Answer(200, zlib.compress(GOOD), {"Content-Encoding": "zstd"}),
    "reset in the body": Answer(200, GOOD, {"Content-Length": "1000"}, then="reset"),
}


@for_all("kind", ["get", "delete", "create"])
@for_all("case", CUT)
def test_answer_cut_or_damaged(connect, case, kind):
    with HostileServer([CUT[case]]) as server:
        error = fail(connect(server.url, retries=0), kind)
    assert type(error) is InvalidResponseException
    assert error.status == 200
    assert error.outcome_unknown or kind != "create"


UNUSABLE = {
    "html": (b"<html>Please log in</html>", "text/html"),
    "null": (b"null", "application/json"),
    "list": (b"[]", "application/json"),
    "number": (b"7", "application/json"),
    "text": (b'"hello"', "application/json"),
    "true": (b"true", "application/json"),
    "invalid JSON": (b'{"status": ', "application/json"),
    "single quotes": (b"{'status': 1}", "application/json"),
    "latin-1": ('{"status": "\u00e9"}'.encode("latin-1"), "application/json"),
    "0xff": (b"\xff" * 10, "application/json"),
    "10 MB": (TEN_MB, "text/plain"),
    "no type": (b"hello", None),
    "unknown charset": (b"\x80hello", "text/plain; charset=no-such-thing"),
    "charset that is no text": (b"\x80hello", "text/plain; charset=zlib_codec"),
}


@for_all("kind", ["get", "delete", "create"])
@for_all("case", UNUSABLE)
def test_2xx_with_an_unusable_body(connect, case, kind):
    body, content_type = UNUSABLE[case]
    headers = {"Content-Type": content_type} if content_type else {}
    with HostileServer([Answer(200, body, headers)]) as server:
        error = fail(connect(server.url), kind)
    assert type(error) is InvalidResponseException
    assert error.status == 200
    assert len(error.body) == min(len(body), LONGEST_PART)
    assert content_type is None or error.headers["content-type"] == content_type
    assert error.outcome_unknown or kind != "create"
    assert len(str(error)) < 20_000


def test_login_page_is_called_one(connect):
    page = "<html>Please log in</html>"
    with HostileServer([Answer(200, page, {"Content-Type": "text/html"})]) as server:
        error = fail(connect(server.url))
    assert error.body == page
    assert "text/html" in str(error)
    assert "login page or a proxy" in str(error)


@for_all("kind", CALLS)
@for_all("step", [Answer(204, b""), Answer(200, b""), Answer(202, b"")])
def test_empty_2xx_is_success(connect, kind, step):
    with HostileServer([step]) as server:
        assert is_empty_success(CALLS[kind](connect(server.url)), kind)
    assert len(server.requests) == 1


# --- an answer that says no ------------------------------------------------------------------

BY_STATUS = {
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    406: ApiException,
    409: ConflictException,
    415: ApiException,
    418: ApiException,
    429: TooManyRequestsException,
    500: ServiceException,
    502: ServiceException,
    503: ServiceException,
    504: ServiceException,
    599: ServiceException,
    600: ApiException,
    999: ApiException,
    300: ApiException,
    304: ApiException,
}


@for_all("status", BY_STATUS)
def test_class_follows_the_status(connect, status):
    with HostileServer([Answer(status, b"", reason="As It Is")]) as server:
        error = fail(connect(server.url, retries=0))
    assert type(error) is BY_STATUS[status]
    assert (error.status, error.reason) == (status, "As It Is")


BODIES = {**{case: body for case, (body, _) in UNUSABLE.items()}, "empty": b"", "fine": GOOD}


@for_all("kind", ["get", "create"])
@for_all("case", BODIES)
@for_all("status", [400, 404, 500])
def test_status_beats_the_body(connect, status, case, kind):
    with HostileServer([Answer(status, BODIES[case])]) as server:
        error = fail(connect(server.url, retries=0), kind)
    assert type(error) is BY_STATUS[status]
    assert len(error.body or "") == min(len(BODIES[case]), LONGEST_PART)
    assert len(str(error)) < 20_000


@for_all("charset", ["iso-8859-1", "utf-8", "no-such-thing", "zlib_codec", "idna"])
def test_what_can_be_read_of_a_body_is_kept(connect, charset):
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    with HostileServer([Answer(400, "Schl\u00fcssel fehlt".encode("latin-1"), headers)]) as server:
        body = fail(connect(server.url)).body
    assert body.startswith("Schl") and body.endswith("ssel fehlt")


CODINGS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("coding", CODINGS)
def test_compressed_answers_are_read(connect, coding):
    headers = {"Content-Encoding": coding}
    script = [
        Answer(200, CODINGS[coding](GOOD), headers),
        Answer(400, CODINGS[coding](b"no"), headers),
    ]
    with HostileServer(script) as server:
        api = connect(server.url)
        assert api.get_all_tokens().status.result == "OK"
        assert fail(api).body == "no"


@pytest.mark.parametrize("case", ["bad gzip", "cut gzip", "truncated"])
def test_damaged_error_body_keeps_the_status(connect, case):
    answers = {
        "bad gzip": Answer(401, b"no", {"Content-Encoding": "gzip"}),
        "cut gzip": Answer(401, gzip.compress(b"no")[:-9], {"Content-Encoding": "gzip"}),
        "truncated": Truncate(b"a reason of some length", 3, 401),
    }
    with HostileServer([answers[case]]) as server:
        assert fail(connect(server.url, retries=0)).status == 401


SHAPES = {
    "container": (
        {"status": {"result": "ERROR", "message": "dashboard\ndoes not exist", "code": 404}},
        "dashboard\ndoes not exist",
        None,
    ),
    "gateway": (
        {"error": "HTTP 415 Unsupported Media Type", "trackingId": "track-1"},
        "HTTP 415 Unsupported Media Type",
        "track-1",
    ),
    "text": (
        "error='not_found'\nmessage='resource cannot be found'\ntrackingId=track-2\n",
        "resource cannot be found",
        "track-2",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_message_of_each_shape(connect, shape):
    body, message, tracking_id = SHAPES[shape]
    with HostileServer([Answer(404, body)]) as server:
        error = fail(connect(server.url))
    assert (error.message, error.tracking_id) == (message, tracking_id)


@for_all(
    "body",
    [
        {"status": None},
        {"status": 404},
        {"status": {"message": None}},
        {"status": {"message": ["a"]}},
        {"status": {"message": {"a": 1}}},
        {"error": {"message": "x"}, "trackingId": 7},
        {"error": None},
        [],
        [{"status": {"message": "x"}}],
        "message='",
        "message=",
    ],
)
def test_message_of_odd_shapes(connect, body):
    with HostileServer([Answer(400, body)]) as server:
        assert type(fail(connect(server.url))) is BadRequestException


def test_text_of_an_error_can_be_printed(connect):
    body = b'{"status": {"result": "ERROR", "message": "\\ud800", "code": 400}}'
    with HostileServer([Answer(400, body)]) as server:
        error = fail(connect(server.url))
    str(error).encode("utf-8")


@pytest.mark.parametrize("mode", ["with_http_info", "async_req", "_preload_content"])
def test_every_way_of_calling_raises_the_same(connect, mode):
    with HostileServer([Answer(404, b"gone")]) as server:
        api = connect(server.url)
        with pytest.raises(NotFoundException) as caught:
            if mode == "with_http_info":
                api.get_all_tokens_with_http_info()
            elif mode == "async_req":
                api.get_all_tokens(async_req=True).get(5)
            else:
                api.get_all_tokens(_preload_content=False)
    assert caught.value.body == "gone"
    assert caught.value.operation == "get_all_tokens"


def test_the_client_is_usable_after_every_fault(connect):
    faults: list[Step] = [*CUT.values(), *(Garbage(data) for data in NOT_HTTP.values())]
    script = [step for fault in faults for step in (fault, Answer())]
    with HostileServer(script) as server:
        api = connect(server.url, retries=0)
        for _ in faults:
            fail(api)
            assert api.get_all_tokens().status.result == "OK"


def test_a_tls_proxy_for_another_host_is_sent_nothing(connect, server_tls, ca_file):
    with HostileServer([Answer()], tls=server_tls("other.example")) as proxy:
        url = proxy.url.replace("127.0.0.1", "localhost")
        settings = {"proxy": url, "ssl_ca_cert": ca_file, "retries": 0}
        error = fail(connect("https://wavefront.invalid", **settings))
    assert isinstance(error, ApiConnectionException)
    assert proxy.requests == []


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "https://[::1]:1"])
def test_a_tls_proxy_without_a_name_on_urllib3_1(connect, monkeypatch, url):
    monkeypatch.setattr("wavefront_api_client._transport.tls.IS_URLLIB3_1", True)
    with pytest.raises(ValueError, match="IP address"):
        connect("https://wavefront.invalid", proxy=url)
