"""Writes a report as one page: no script, nothing from elsewhere, charts and table inside."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from wavefront_api_client.tokens._account import MOST_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wavefront_api_client.tokens._audit import AuditReport, AuditRow

SHOWN_ACCOUNTS = 25
"""Accounts in the chart: those that hold most."""

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a;
  --line: #d8dee4; --bar: #2f6fde; --hot: #b54708; --tint: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1318; --ink: #e6e9ed; --soft: #9aa4af;
  --line: #2d343c; --bar: #6ea0f7; --hot: #f0a35e; --tint: #171c22; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem 1rem 3rem; background: var(--paper);
  color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: .25rem 0 1.25rem; color: var(--soft); }
ul { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 0 1.5rem; padding: 0; }
li { border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .75rem;
  background: var(--tint); color: var(--soft); }
li b { display: block; font-size: 1.25rem; color: var(--ink); }
li.hot b { color: var(--hot); }
.charts { display: flex; flex-wrap: wrap; gap: 2rem; margin-bottom: 2rem; align-items: flex-start; }
section { flex: 1 1 20rem; min-width: 0; max-width: 32rem; }
svg { width: 100%; height: auto; display: block; }
text { fill: var(--ink); font: 11px system-ui, sans-serif; }
text.soft { fill: var(--soft); font-size: 10px; }
rect { fill: var(--bar); }
rect.hot { fill: var(--hot); }
rect.room { fill: var(--tint); stroke: var(--line); }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; color: var(--soft); font-weight: 600; position: sticky; top: 0;
  background: var(--paper); }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; }
td.date, td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.number, th.number { text-align: right; }
bdi { display: inline-block; min-width: 6rem; }
code { font: 13px ui-monospace, monospace; white-space: nowrap; }
i { font-style: normal; display: inline-block; border: 1px solid var(--hot); color: var(--hot);
  border-radius: 1rem; padding: 0 .5rem; margin: 0 .25rem .15rem 0; font-size: 12px;
  white-space: nowrap; }
@media screen and (max-width: 56rem) {
  thead { display: none; }
  table, tbody, tr, td { display: block; }
  tr { border: 1px solid var(--line); border-radius: .5rem; margin-bottom: .75rem;
    padding: .35rem 0; }
  td, td.number { border: 0; text-align: left; padding: .15rem .75rem .15rem 7.5rem;
    position: relative; white-space: normal; min-height: 1.6rem; }
  td::before { content: attr(data-title); position: absolute; left: .75rem; color: var(--soft); }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb;
    --bar: #2f6fde; --hot: #b54708; --tint: #f6f8fa; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10px; }
  th { position: static; }
  th, td { padding: .2rem .3rem; }
  code { font-size: 9px; }
  i { font-size: 8px; }
  bdi { min-width: 3rem; }
  thead { display: table-header-group; }
  tr, section { break-inside: avoid; }
}
"""

_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"

TITLES = ("Account", "Name", "Token", "Handle", "Created", "Age", "Last used", "Idle", "Flags")
KINDS = {"Created": "date", "Age": "number", "Last used": "date", "Idle": "number"}


def page(report: AuditReport, title: str) -> str:
    """The page.

    :param report: what it shows.
    :param title: its heading.
    """
    html = Element("html", lang="en")
    _head(html, title)
    body = SubElement(html, "body")
    _add(body, "h1", visible(title))
    when = report.now.strftime("%Y-%m-%d %H:%M %Z")
    _add(body, "p", f"{len(report.rows)} tokens of {len(report.accounts)} accounts, {when}")
    _add_findings(body, report)
    charts = _add(body, "div", **{"class": "charts"})
    _add_ages(charts, report)
    _add_accounts(charts, report)
    _add_table(body, sorted(report.rows, key=_order))
    return "<!DOCTYPE html>\n" + tostring(html, encoding="unicode", method="html") + "\n"


def visible(text: str) -> str:
    """A text in which each character that is not seen, or moves others, is written out."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = text
    return element


def _head(html: Element, title: str) -> None:
    head = SubElement(html, "head")
    _add(head, "meta", charset="utf-8")
    _add(head, "meta", **{"http-equiv": "Content-Security-Policy", "content": POLICY})
    _add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _add(head, "meta", name="referrer", content="no-referrer")
    _add(head, "title", visible(title))
    _add(head, "style", STYLE)


def _add_findings(body: Element, report: AuditReport) -> None:
    found = _add(body, "ul")
    for rule, rows in report.findings.items():
        item = _add(found, "li", **({"class": "hot"} if rows else {}))
        _add(item, "b", str(len(rows))).tail = rule


def _add_ages(charts: Element, report: AuditReport) -> None:
    """A histogram: a column for each age."""
    section, most = _add(charts, "section"), max(1, *report.ages.values())
    _add(section, "h2", "Age of the tokens")
    chart = _chart(section, 200, "Age of the tokens")
    width = 340 / len(report.ages)
    for index, (label, count) in enumerate(report.ages.items()):
        height, middle = 150 * count / most, (index + 0.5) * width
        _rect(chart, index * width + 4, 170 - height, width - 8, height)
        _text(chart, middle, 165 - height, str(count))
        _text(chart, middle, 186, label, "soft")


def _add_accounts(charts: Element, report: AuditReport) -> None:
    """Bars: how many of its slots each account uses."""
    counts = sorted(report.accounts.items(), key=lambda each: (-each[1], each[0]))
    shown, more = counts[:SHOWN_ACCOUNTS], len(counts[SHOWN_ACCOUNTS:])
    section = _add(charts, "section")
    _add(section, "h2", f"Tokens by account, of {MOST_TOKENS}")
    chart = _chart(section, 20 * len(shown) + 4, "Tokens by account")
    size = 170 / max([MOST_TOKENS, *report.accounts.values()])
    for index, (account, count) in enumerate(shown):
        top, is_full = 20 * index, account != "" and count >= report.policy.near_limit
        label = _text(chart, 0, top + 13, _short(visible(account) or "unknown"), "", "start")
        _add(label, "title", visible(account))
        _rect(chart, 140, top + 3, size * MOST_TOKENS, 13, "room")
        _rect(chart, 140, top + 3, size * count, 13, "hot" if is_full else "")
        _text(chart, 336, top + 13, str(count), "", "end")
    if more:
        _add(section, "p", f"and {more} more")


def _short(text: str) -> str:
    return text if len(text) <= 22 else text[:21] + "\u2026"


def _chart(section: Element, height: int, title: str) -> Element:
    chart = _add(section, "svg", viewBox=f"0 0 340 {height}", role="img")
    chart.set("aria-label", title)
    return chart


def _rect(chart: Element, x: float, y: float, width: float, height: float, kind: str = "") -> None:
    sizes = {"x": x, "y": y, "width": width, "height": height}
    element = _add(chart, "rect", **{name: f"{value:.1f}" for name, value in sizes.items()})
    if kind:
        element.set("class", kind)


def _text(
    chart: Element, x: float, y: float, text: str, kind: str = "", anchor: str = "middle"
) -> Element:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    return _add(chart, "text", text, **place, **({"class": kind} if kind else {}))


def _add_table(body: Element, rows: Iterable[AuditRow]) -> None:
    table = _add(body, "table")
    line = _add(_add(table, "thead"), "tr")
    for title in TITLES:
        _add(line, "th", title, scope="col", **_kind_of(title))
    lines = _add(table, "tbody")
    for row in rows:
        _add_row(lines, row)


def _add_row(lines: Element, row: AuditRow) -> None:
    line = _add(lines, "tr")
    _add_cell(line, "Account", "bdi", row.account or "")
    _add_cell(line, "Name", "bdi", row.name)
    _add_cell(line, "Token", "code", row.token)
    _add_cell(line, "Handle", "code", row.handle)
    _add_cell(line, "Created", "span", f"{row.created:%Y-%m-%d}" if row.created else "unknown")
    _add_cell(line, "Age", "span", _days(row.age_days))
    _add_cell(line, "Last used", "span", _last_use(row))
    _add_cell(line, "Idle", "span", _days(row.idle_days))
    flags = _add(line, "td", **{"data-title": "Flags"})
    for flag in row.flags:
        _add(flags, "i", flag)


def _add_cell(line: Element, title: str, tag: str, text: str) -> None:
    cell = _add(line, "td", **{"data-title": title}, **_kind_of(title))
    _add(cell, tag, visible(text))


def _kind_of(title: str) -> dict[str, str]:
    return {"class": KINDS[title]} if title in KINDS else {}


def _days(days: int | None) -> str:
    return "" if days is None else f"{days} d"


def _last_use(row: AuditRow) -> str:
    if row.last_used is None:
        return "never" if "never-used" in row.flags else "unknown"
    return f"{row.last_used:%Y-%m-%d}"


def _order(row: AuditRow) -> tuple[str, float, str]:
    """By account, the oldest first."""
    created = row.created.timestamp() if row.created else 0
    return row.account or "", created, row.handle
