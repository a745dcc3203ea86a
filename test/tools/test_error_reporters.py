"""What error reporters and tracers get to see of calls with a secret in every slot."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import scenes
from canary import CANARY, HEADER_CANARY
from cases import for_all, pairs
from hostile import Answer, HostileServer, configuration_for
from scenes import FAILURES, calls_of, client_with_everything, errors, seen

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client._core.operations import OPERATIONS
from wavefront_api_client.credentials import CspApp

OURS = (str(Path(__file__).parent), str(Path(scenes.__file__).parent))
"""Where the frames of the caller are, whose locals are its own."""
MASK = "***"

every_failure = for_all("failure", FAILURES)
each_way = for_all("is_async", [False, True])


def failed(make_call):
    with pytest.raises(BaseException) as caught:
        make_call()
    return caught.value


def make_all_calls(status):
    """Make each of the calls; returns the requests that they were, and the server's address."""
    with HostileServer([Answer(status)]) as server:
        with client_with_everything(server.url) as client:
            for call in calls_of(client).values():
                failed(call) if status != 200 else call()
        # What is hidden from those who look on is in what was sent.
        assert sum(quote(CANARY, safe="") in request.target for request in server.requests) == 8
    return server.requests, server.url


def masked_requests(url):
    """Method and URL of each of the calls as they may be shown."""
    templates = {name: (each.method, each.path) for name, each in OPERATIONS.items()}
    templates["call_api"] = ("PUT", "/api/v2/apitoken/{id}")
    return [(method, url + re.sub(r"\{\w+\}", MASK, path)) for method, path in templates.values()]


# sentry


@pytest.fixture(scope="module")
def sentry():
    """What sentry-sdk sends at its defaults, with all traces: a list of payloads."""
    with pytest.MonkeyPatch.context() as patch:
        # It looks whether eventlet is there, which once imported complains of each fork.
        patch.setitem(sys.modules, "eventlet", sys.modules.get("eventlet"))
        yield from reporting_to_sentry()


def reporting_to_sentry():
    sentry_sdk = pytest.importorskip("sentry_sdk")
    from sentry_sdk.transport import Transport

    sent = []

    class Kept(Transport):
        def capture_envelope(self, envelope):
            sent.extend(item.payload.json for item in envelope.items)

    sentry_sdk.init(dsn="http://key@127.0.0.1:1/1", transport=Kept, traces_sample_rate=1.0)
    yield sent
    sentry_sdk.get_client().close()
    sentry_sdk.init()


def without_the_caller(event):
    """An event without the frames that are the caller's own, and what is left of them."""
    left = []
    for value in event["exception"]["values"]:
        stack = value.get("stacktrace", {"frames": []})
        left += [each for each in stack["frames"] if not each["abs_path"].startswith(OURS)]
        stack["frames"] = []
    return {**event, "left": left}


@each_way
@every_failure
def test_sentry_gets_no_secret(sentry, failure, is_async):
    import sentry_sdk

    sentry.clear()
    with sentry_sdk.isolation_scope(), sentry_sdk.start_transaction(name="all"):
        for _, make_call in errors(failure, is_async):
            sentry_sdk.capture_exception(failed(make_call))
    *events, transaction = sentry
    events = [without_the_caller(event) for event in events]
    assert len(events) == 12
    assert any("vars" in frame for event in events for frame in event["left"])
    assert seen(json.dumps([events, transaction], ensure_ascii=False)) == []


@pytest.mark.parametrize("status", [200, 404])
def test_sentry_sees_masked_urls(sentry, status):
    import sentry_sdk

    sentry.clear()
    with sentry_sdk.isolation_scope() as scope, sentry_sdk.start_transaction(name="all"):
        scope.clear_breadcrumbs()
        requests, url = make_all_calls(status)
        sentry_sdk.capture_message("told")
    message, transaction = sentry
    spans = [span for span in transaction["spans"] if span["op"] == "http.client"]
    crumbs = [each for each in message["breadcrumbs"]["values"] if each["type"] == "http"]
    expected = masked_requests(url)
    assert len(requests) == len(expected)
    assert [span["description"] for span in spans] == [" ".join(each) for each in expected]
    assert [(each["data"]["http.method"], each["data"]["url"]) for each in crumbs] == expected
    assert seen(json.dumps(sentry, ensure_ascii=False)) == []


def test_sentry_still_puts_its_headers_into_requests(sentry):
    import sentry_sdk

    with sentry_sdk.isolation_scope(), sentry_sdk.start_transaction(name="all") as transaction:
        requests, _ = make_all_calls(200)
    for request in requests:
        assert request.headers["sentry-trace"].startswith(transaction.trace_id)


# opentelemetry


@pytest.fixture(scope="module")
def spans():
    """What opentelemetry-instrumentation-urllib3 exports: a function that takes it away."""
    instrumentation = pytest.importorskip("opentelemetry.instrumentation.urllib3")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    def take():
        taken = exporter.get_finished_spans()
        exporter.clear()
        return taken

    instrumentor = instrumentation.URLLib3Instrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield take
    instrumentor.uninstrument()
    provider.shutdown()


@pytest.mark.parametrize("status", [200, 404])
def test_opentelemetry_sees_masked_urls(spans, status):
    spans()
    requests, url = make_all_calls(status)
    taken = spans()
    assert [
        (span.attributes["http.method"], span.attributes["http.url"]) for span in taken
    ] == masked_requests(url)
    assert seen("".join(span.to_json() for span in taken)) == []
    assert all("traceparent" in request.headers for request in requests)


@every_failure
def test_opentelemetry_gets_no_secret(spans, failure):
    spans()
    for _, make_call in errors(failure, False):
        failed(make_call)
    told = "".join(span.to_json() for span in spans())
    assert seen(told) == seen(json.dumps(told, ensure_ascii=False)) == []


def exchange_and_call(*steps):
    """An exchange that is answered with a secret, and a call with it; where they went."""
    granted = Answer(200, {"access_token": HEADER_CANARY})
    with HostileServer([granted, *steps]) as server:
        app = CspApp("my-app", CANARY, base_url=server.url)
        with ApiClient(configuration_for(server.url, api_key={}, credentials=app)) as client:
            failed(ApiTokenApi(client).get_all_tokens)
        return server.url


def test_opentelemetry_gets_no_secret_of_an_exchange(spans):
    spans()
    url = exchange_and_call(Answer(404))
    taken = spans()
    assert [span.attributes["http.url"] for span in taken] == [
        f"{url}/***/***/***/api/***/***",
        f"{url}/api/v2/apitoken",
    ]
    assert seen("".join(span.to_json() for span in taken)) == []


def test_sentry_gets_no_secret_of_an_exchange(sentry):
    import sentry_sdk

    sentry.clear()
    with sentry_sdk.isolation_scope(), sentry_sdk.start_transaction(name="all"):
        exchange_and_call(Answer(404))
        sentry_sdk.capture_message("told")
    assert seen(json.dumps(sentry, ensure_ascii=False)) == []


# rich


@pytest.mark.slow
@for_all("failure, some", pairs(FAILURES, range(12), 12))
def test_rich_shows_no_secret(failure, some, monkeypatch):
    """One of the twelve calls."""
    pytest.importorskip("rich")
    from rich.console import Console
    from rich.syntax import Syntax
    from rich.text import Text
    from rich.traceback import Traceback

    # It would colour a whole file for each frame.
    monkeypatch.setattr(Syntax, "highlight", lambda self, code, line_range=None: Text(code))
    shown = io.StringIO()
    console = Console(file=shown, width=500, color_system=None)
    for number, (_, make_call) in enumerate(errors(failure, False)):
        if number % 12 != some:
            continue
        error = failed(make_call)
        console.print(
            Traceback.from_exception(
                type(error),
                error,
                error.__traceback__,
                width=500,
                show_locals=True,
                locals_max_length=None,
                locals_max_string=None,
                suppress=OURS,
                max_frames=1000,
                extra_lines=0,
            )
        )
    assert shown.getvalue().count("wavefront_api_client") >= 1
    assert seen(shown.getvalue()) == []
