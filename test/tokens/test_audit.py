"""An audit of the embedded service: one call, and a report without a token."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from canary import CANARY, traces

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
from wavefront_api_client.models import ApiTokenModel
from wavefront_api_client.tokens import AuditPolicy, _report, audit, handle_of

LISTING = "/api/v2/apitoken/customertokens"
HOSTILE = [
    "<script>alert(1)</script>",
    "=1+1",
    "\u202eevil",
    "a\x1b[31m",
    "x" * 200,
    "a\"b'c&d;,\n",
]


def now_of(server):
    return datetime.fromtimestamp(server.now / 1000, timezone.utc)


@pytest.fixture
def customer(server):
    server.add_service_account("sa::ci", tokens=[CANARY], permissions=())
    server.add_token("sa::ci", "build", age_days=400, idle_days=100)
    for name in HOSTILE:
        server.add_token("sa::ci", name, age_days=10, idle_days=None)
    return server


@pytest.fixture
def report(customer, api):
    return audit(api)


def test_an_audit_is_one_call_and_tells_what_it_found(customer, api):
    customer.reset_requests()
    before = datetime.now(timezone.utc)
    report = audit(api, AuditPolicy(near_limit=8))
    assert [request.path for request in customer.requests] == [LISTING]
    assert len(report.rows) == 9
    row = report.findings["stale"][0]
    assert (row.name, row.account, row.account_type) == ("build", "sa::ci", "SERVICE_ACCOUNT")
    assert (row.age_days, row.idle_days) == (400, 100)
    assert row.flags == ("stale", "old", "near-limit")
    assert row.created == row.last_used - timedelta(days=300)
    assert {rule: len(rows) for rule, rows in report.findings.items()} == {
        "never-used": 7,
        "stale": 1,
        "old": 1,
        "unnamed": 2,
        "near-limit": 8,
        "inactive-account": 0,
        "interrupted-rotation": 0,
        "duplicate-name": 0,
        "legacy": 0,
    }
    assert report.accounts == {"admin@example.com": 1, "sa::ci": 8}
    assert report.ages == {
        "30 days": 8,
        "90 days": 0,
        "180 days": 0,
        "1 year": 0,
        "2 years": 1,
        "older": 0,
        "unknown": 0,
    }
    assert before <= report.now <= datetime.now(timezone.utc)
    assert repr(report).startswith("<AuditReport of 9 tokens: 7 never-used, 1 stale, 1 old, ")
    assert report.own_handles == {handle_of(customer.user.key)}


def test_what_cannot_be_audited_is_refused(customer, api):
    with pytest.raises(TypeError, match="^policy must be an AuditPolicy, not str$"):
        audit(api, "90d")
    with pytest.raises(TypeError, match="^now must be a datetime, not float$"):
        audit(api, now=0.0)
    with pytest.raises(TypeError, match="^api must be an ApiTokenApi, not TokenServer$"):
        audit(customer)


def test_a_report_is_printed_as_a_table(customer, api, monkeypatch):
    monkeypatch.setattr("wavefront_api_client.tokens._audit.MOST_PRINTED", 3)
    first, titles, *lines = str(audit(api)).splitlines()
    assert first.startswith("AuditReport of 9 tokens: 7 never-used, 1 stale, 1 old, ")
    assert titles.split() == ["HANDLE", "NAME", "ACCOUNT", "LAST", "USED", "FLAGS"]
    assert lines[1].split() == [handle_of(CANARY), "sa::ci", "never", "never-used", "unnamed"]
    assert lines[3] == "and 6 more"
    customer.inject(body={"response": [{"id": "t", "name": "n", "lastUsed": None}]})
    assert str(audit(api)) == "AuditReport of 1 token: nothing found"


def test_the_time_of_an_audit_can_be_told(customer, api):
    later = now_of(customer) + timedelta(days=1000)
    report = audit(api, now=later.astimezone(timezone(timedelta(hours=5))))
    assert report.to_dict()["now"] == later.isoformat(timespec="milliseconds")[:-6] + "Z"
    assert [row.age_days for row in report.rows[:1]] == [
        999 + (report.rows[0].created <= now_of(customer))
    ]
    assert {row.age_days for row in audit(api, now=later - timedelta(days=3000)).rows} == {0}
    with pytest.raises(ValueError, match="needs a time zone"):
        audit(api, now=datetime(2026, 1, 1))


def test_dates_that_are_missing_are_unknown_and_seconds_are_told_from_milliseconds(server, api):
    odd = [
        {"id": "token-0"},
        {"id": "token-1", "createdEpochMillis": 0, "lastUsed": 0},
        {"id": "token-2", "createdEpochMillis": None, "dateGenerated": 1_700_000_000},
        {"id": "token-3", "createdEpochMillis": 1_700_000_000_000, "lastUsed": "soon"},
        {"id": "token-4", "name": 5, "account": ["a"], "accountType": {}},
    ]
    server.inject(body={"status": {"result": "OK", "code": 200}, "response": odd})
    report = audit(api)
    *rows, last = report.rows
    assert (last.name, last.account, last.account_type) == ("5", "['a']", {})
    assert ">5<" in report.to_html()
    assert [row.handle for row in rows] == [handle_of(f"token-{number}") for number in range(4)]
    assert [row.created and row.created.year for row in rows] == [None, None, 2023, 2023]
    assert [row.last_used for row in rows] == [None] * 4
    assert [("never-used" in row.flags, row.idle_days) for row in rows] == [
        (False, None), (True, None), (False, None), (False, None),
    ]  # fmt: skip
    assert "1970" not in report.to_json() + report.to_html()


def test_a_customer_without_tokens_has_a_report(server):
    """A key that is no API token can be the only one of the customer."""
    server.inject(body={"response": []})
    with ApiClient(Configuration(host=server.url), "Authorization", "Bearer x") as client:
        report = audit(ApiTokenApi(client))
    assert repr(report) == "<AuditReport of 0 tokens: nothing found>"
    assert report.to_csv().count("\n") == 1
    assert "<svg" in report.to_html()


def test_a_listing_that_fails_is_the_failure_of_a_call(server, api):
    server.inject(status=403)
    with pytest.raises(ApiException) as caught:
        audit(api)
    assert caught.value.status == 403


def test_a_page_shows_thresholds_the_key_and_counts_of_accounts(server, api):
    server.add_customer()
    server.add_service_account("sa::full", 20)
    policy = AuditPolicy(stale="30d", max_age=None, near_limit=19)
    page = audit(api, policy).to_html()
    for rule, said in (
        ("stale", "over 30 days"),
        ("old", "not looked for"),
        ("near-limit", "19 of 20"),
    ):
        assert re.search(rf"</b>{rule}\s*<small>{said}", page), rule
    assert re.search(r"19 of 20 or more</small>\s*<small>1 account</small>", page)
    assert f"by the key {handle_of(server.user.key)} of" in page
    assert "<bdi>admin@example.com</bdi>" in page


def test_a_report_can_be_pickled_and_shows_no_token_anywhere(report):
    again = pickle.loads(pickle.dumps(report))
    for each in (report, again):
        shown = [repr(each), each.to_json(), each.to_csv(), each.to_html(), repr(list(each.rows))]
        shown += [repr(vars(each)), repr(each.findings), repr(each.findings["stale"][:])]
        assert [traces(text, CANARY) for text in shown] == [[]] * len(shown)
    assert traces(repr(pickle.dumps(report)), CANARY) == []
    assert again.to_json() == report.to_json()
    assert list(again.findings["stale"]) == list(report.findings["stale"])
    assert pickle.loads(pickle.dumps(again)).to_html() == report.to_html()
    assert pickle.loads(pickle.dumps(report.rows[1:]))[0] == report.rows[1]


def test_json_and_csv_say_the_same(report):
    told = json.loads(report.to_json())
    assert told["findings"]["stale"] == [report.findings["stale"][0].handle]
    lines = list(csv.DictReader(io.StringIO(report.to_csv(), newline="")))
    assert [line["handle"] for line in lines] == [row["handle"] for row in told["tokens"]]
    assert list(lines[0]) == list(told["tokens"][0])
    build = next(row for row in told["tokens"] if row["name"] == "build")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", build["created"])
    assert build["flags"] == ["stale", "old"]
    assert {line["name"] for line in lines} >= {"'=1+1", "build", "x" * 200}


# The page


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.style = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        if self.tags[-1:] == ["style"] and not self.style:
            self.style = data


def test_a_page_is_made_of_itself_alone(report):
    text = report.to_html("Example <b>Inc.</b>")
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>\n<html")
    assert not {"script", "link", "img", "iframe", "a", "b"} & set(page.tags) - {"b"}
    assert page.tags.count("b") == len(report.findings)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on") or name in ("style", "src", "href")}
    assert "url(" not in page.style
    assert "@import" not in page.style
    digest = b64encode(sha256(page.style.encode()).digest()).decode()
    policy = dict(
        page.attributes[page.attributes.index(("http-equiv", "Content-Security-Policy")) :][:2]
    )
    assert policy["content"].startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "Example &lt;b&gt;Inc.&lt;/b&gt;" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\\u202eevil" in text
    assert "\x1b" not in text


def test_without_jinja2_it_says_what_to_install(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    _report._template.cache_clear()
    with pytest.raises(ImportError) as caught:
        report.to_html()
    needed = "the page of a report needs jinja2: pip install 'wavefront-api-client[cli]'"
    assert str(caught.value) == needed


def test_a_page_shows_what_there_is(report):
    text = report.to_html()
    page = Page(text)
    assert page.tags.count("tr") == 1 + len(report.rows)
    assert page.tags.count("svg") == 2
    order = [
        text.index(f">{row.handle}<")
        for row in sorted(report.rows, key=lambda row: (row.account, row.created, row.handle))
    ]
    assert order == sorted(order)
    assert "9 tokens of 2 accounts at http://127.0.0.1" in text
    assert ">never<" in text
    assert ">400 d<" in text


def test_a_page_shows_the_accounts_that_hold_most(api, server):
    for number in range(30):
        server.add_service_account(
            f"sa::{number:02}", tokens=2 + (number == 29) * 16, permissions=()
        )
    text = audit(api).to_html()
    assert text.index(">sa::29<") < text.index(">sa::00<")
    assert "and 11 more" in text
    assert text.count('class="hot"') == 3 + 1
    tokens = [ApiTokenModel(id=f"t{number}").to_dict() for number in range(22)]
    server.inject(body={"status": {"result": "OK", "code": 200}, "response": tokens})
    text = audit(api).to_html()
    assert ">unknown</text>" in text
    assert text.count(">unknown<") == 1 + 1 + 22 * 2


BROWSERS = ["chromium", "chromium-headless-shell", "chromium-browser", "google-chrome"]
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)

# A frame as wide as a telephone, and a request that has to be seen.
HOST = """<!DOCTYPE html><body><iframe id="frame" style="width: 390px; height: 800px; border: 0"></iframe><script>
console.log("/control");
new Image().src = "{url}/control";
const frame = document.getElementById("frame");
frame.onload = () => {{
    const root = frame.contentDocument.documentElement;
    document.title = "width " + root.scrollWidth + " of " + root.clientWidth
        + " rows " + root.querySelectorAll("tbody tr").length
        + " font " + frame.contentWindow.getComputedStyle(root.querySelector("code")).fontSize;
}};
frame.srcdoc = {page};
</script></body>"""


def run_to_its_end(command, environment):
    """Run a browser, and leave none of its processes behind."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, start_new_session=True, **pipes) as process:
        try:
            output = process.communicate(timeout=120)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(command, process.returncode, *output)


def browse(host, folder, *options):
    """Show a page in a browser, and give what it has become."""
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={folder / 'profile'}", "--no-first-run", *options]
    command += ["--virtual-time-budget=5000", "--dump-dom", host.as_uri()]
    return run_to_its_end(command, {**os.environ, "HOME": str(folder)})


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason=f"none of these is installed: {', '.join(BROWSERS)}")
def test_a_browser_shows_a_page_at_the_width_of_a_telephone_and_asks_nobody(server, api, tmp_path):
    for number in range(100):
        server.add_service_account(f"sa::{number}-" + "long" * 20, tokens=0, permissions=())
        for index in range(20):
            server.add_token(
                f"sa::{number}-" + "long" * 20, HOSTILE[index % len(HOSTILE)], age_days=index * 50
            )
    page = audit(api).to_html()
    quoted = json.dumps(page).replace("<", "\\u003c")
    host, log = tmp_path / "host.html", tmp_path / "log.json"
    host.write_text(HOST.format(page=quoted, url=server.url), encoding="utf-8")
    done = browse(host, tmp_path, f"--log-net-log={log}", "--enable-logging=stderr")
    title = re.search("<title>width (.*) of (.*) rows 2001 font 13px</title>", done.stdout)
    assert title
    assert title[1] == title[2]
    messages = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert ["/control" in line for line in messages] == [True]
    # A browser asks for updates and the like on its own account; those have no page as initiator.
    began = r'"initiator":"(?!not an origin")[^"]*".*"url":"(http[^"]*)"'
    assert set(re.findall(began, log.read_text(encoding="utf-8"))) == {f"{server.url}/control"}


HEIGHTS = """<!DOCTYPE html><body><iframe id="wide" style="width: 1280px; height: 800px"></iframe>
<iframe id="narrow" style="width: 390px; height: 800px"></iframe><script>
const height = (frame, of) => Math.max(...[...frame.contentDocument.querySelectorAll(of)].map(
    each => each.getBoundingClientRect().height));
const both = ["wide", "narrow"].map(id => document.getElementById(id));
[{pages}].forEach((page, at) => {{ both[at].srcdoc = page; }});
onload = () => {{
    const accounts = both.map(each => height(each, "td[data-title=Account] bdi"));
    document.title = [...accounts, height(both[1], "tbody tr")].map(Math.round).join();
}};
</script></body>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason=f"none of these is installed: {', '.join(BROWSERS)}")
def test_a_browser_breaks_no_account_and_shows_a_card_of_four_lines(server, api, tmp_path):
    account = server.add_user("administrator@example.com")
    server.add_token(account, "a name of twenty char", age_days=400, idle_days=100)
    server.add_token(account, "a name that is longer than any column " * 4, age_days=9)
    report = audit(api)
    page = report.to_html()
    # On a card, a long name takes more lines.
    narrow = re.sub("a name that is longer[^<]*", "ci", page)
    pages = [json.dumps(each).replace("<", "\\u003c") for each in (page, narrow)]
    host = tmp_path / "host.html"
    host.write_text(HEIGHTS.format(pages=", ".join(pages)), encoding="utf-8")
    found = re.search("<title>(.*),(.*),(.*)</title>", browse(host, tmp_path).stdout)
    assert found
    wide, on_card, card = map(int, found.groups())
    line = 22
    assert wide <= line
    assert on_card <= line
    assert card < 5 * line + 14
