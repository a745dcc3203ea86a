"""Writes a report as one page: no script, nothing from elsewhere, charts and table inside."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from wavefront_api_client.tokens._account import MOST_TOKENS
from wavefront_api_client.tokens._audit import RULES, last_use
from wavefront_api_client.tokens._text import visible

if TYPE_CHECKING:
    from jinja2 import Template

    from wavefront_api_client.tokens._audit import AuditPolicy, AuditReport, AuditRow

SHOWN_ACCOUNTS = 20
"""Accounts in the chart: those that hold most."""

TEMPLATE = """<!DOCTYPE html>
<html lang="en"><head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{ title|visible }}</title>
<style>{{ style|safe }}</style>
</head><body>
<h1>{{ title|visible }}</h1>
<p>{{ report.rows|length }} tokens of {{ report.accounts|length }} accounts at \
{{ report.host|visible }}, {{ report.now.strftime("%Y-%m-%d %H:%M %Z") }}{% if key %},
by the key {{ key.handle }}{% if key.name %} <bdi>{{ key.name|visible }}</bdi>{% endif %} of \
<bdi>{{ (key.account or "an unknown account")|visible }}</bdi>{% endif %}</p>
<ul>
{% for rule, rows in report.findings.items() %}
<li{% if rows %} class="hot"{% endif %}><b>{{ rows|length }}</b>{{ rule }}\
{% if rules[rule] %}<small>{{ rules[rule] }}</small>{% endif %}\
{% if rows and rule in of_accounts %}<small>{{ rows|map(attribute="account")|unique|list|length }} \
accounts</small>{% endif %}</li>
{% endfor %}
</ul>
<div class="charts">
<section><h2>Age of the tokens</h2>
<svg viewBox="0 0 340 200" role="img" aria-label="Age of the tokens">
{% set width = 340 / report.ages|length %}
{% for label, count in report.ages.items() %}
{% set height = 150 * count / most %}
{% set middle = ((loop.index0 + 0.5) * width)|round(1) %}
<rect x="{{ (loop.index0 * width + 4)|round(1) }}" y="{{ (170 - height)|round(1) }}" \
width="{{ (width - 8)|round(1) }}" height="{{ height|round(1) }}"></rect>
<text x="{{ middle }}" y="{{ (165 - height)|round(1) }}" text-anchor="middle">{{ count }}</text>
<text x="{{ middle }}" y="186" text-anchor="middle" class="soft">{{ label }}</text>
{% endfor %}
</svg></section>
<section><h2>Tokens by account, of {{ limit }}</h2>
<svg viewBox="0 0 340 {{ 20 * accounts[:shown]|length + 4 }}" role="img" \
aria-label="Tokens by account">
{% for account, count in accounts[:shown] %}
{% set top = 20 * loop.index0 %}
<text x="0" y="{{ top + 13 }}" text-anchor="start"><title>{{ account|visible }}</title>\
{{ (account or "unknown")|visible|truncate(22, true, "\u2026", 0) }}</text>
<rect x="140" y="{{ top + 3 }}" width="{{ (size * limit)|round(1) }}" height="13" \
class="room"></rect>
<rect x="140" y="{{ top + 3 }}" width="{{ (size * count)|round(1) }}" height="13"\
{% if account and count >= report.policy.near_limit %} class="hot"{% endif %}></rect>
<text x="336" y="{{ top + 13 }}" text-anchor="end">{{ count }}</text>
{% endfor %}
</svg>
{% if accounts|length > shown %}<p>and {{ accounts|length - shown }} more</p>{% endif %}
</section></div>
<table><thead><tr>
<th scope="col">Account</th><th scope="col">Name</th><th scope="col">Token</th>
<th scope="col">Handle</th><th scope="col">Created</th><th scope="col" class="number">Age</th>
<th scope="col">Last used</th><th scope="col" class="number">Idle</th><th scope="col">Flags</th>
</tr></thead><tbody>
{% for row in rows %}
<tr><td data-title="Account"><bdi>{{ (row.account or "")|visible }}</bdi></td>\
<td data-title="Name"><bdi>{{ row.name|visible }}</bdi></td>\
<td data-title="Token"><code>{{ row.token|visible }}</code></td>\
<td data-title="Handle"><code>{{ row.handle }}</code></td>\
<td data-title="Created" class="date">\
{{ row.created.strftime("%Y-%m-%d") if row.created else "unknown" }}</td>\
<td data-title="Age" class="number">{{ days(row.age_days) }}</td>\
<td data-title="Last used" class="date">{{ last_use(row) }}</td>\
<td data-title="Idle" class="number">{{ days(row.idle_days) }}</td>\
<td data-title="Flags">{% for flag in row.flags %}<i>{{ flag }}</i>{% endfor %}</td></tr>
{% endfor %}
</tbody></table>
</body></html>
"""

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
li small { display: block; font-size: 12px; }
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
td bdi { display: inline-block; min-width: 6rem; }
code { font: 13px ui-monospace, monospace; white-space: nowrap; }
i { font-style: normal; display: inline-block; border: 1px solid var(--hot); color: var(--hot);
  border-radius: 1rem; padding: 0 .5rem; margin: 0 .25rem .15rem 0; font-size: 12px;
  white-space: nowrap; }
@media screen and (max-width: 56rem) {
  thead { display: none; }
  table, tbody, tr, td { display: block; }
  tr { border: 1px solid var(--line); border-radius: .5rem; margin-bottom: .75rem;
    padding: .4rem .75rem; display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; }
  td, td.number { border: 0; text-align: left; padding: 0; white-space: normal; min-width: 0; }
  td[data-title=Account] { grid-area: 2 / 1 / 2 / 3; color: var(--soft); }
  td[data-title=Name] { grid-area: 1 / 1; font-weight: 600; }
  td[data-title=Handle] { grid-area: 1 / 2; text-align: right; }
  td[data-title=Token] { grid-area: 4 / 2; text-align: right; }
  td[data-title=Created] { grid-area: 3 / 1; }
  td[data-title="Last used"] { grid-area: 3 / 2; text-align: right; }
  td.date::before { content: attr(data-title) " "; color: var(--soft); }
  td[data-title=Flags] { grid-area: 4 / 1; }
  td.number { display: none; }
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
  td bdi { min-width: 3rem; }
  thead { display: table-header-group; }
  tr, section, li { break-inside: avoid; }
}
"""

_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def page(report: AuditReport, title: str) -> str:
    """The page.

    :param report: what it shows.
    :param title: its heading.
    :raises ImportError: jinja2 is missing.
    """
    most = max([MOST_TOKENS, *report.accounts.values()])
    return _template().render(
        report=report,
        title=title,
        policy=POLICY,
        style=STYLE,
        most=max(1, *report.ages.values()),
        accounts=sorted(report.accounts.items(), key=lambda each: (-each[1], each[0])),
        shown=SHOWN_ACCOUNTS,
        key=next((row for row in report.rows if row.handle in report.own_handles), None),
        rules=_thresholds(report.policy),
        of_accounts=("near-limit", "inactive-account"),
        limit=MOST_TOKENS,
        size=170 / most,
        rows=sorted(report.rows, key=_order),
        last_use=last_use,
        days=lambda days: "" if days is None else f"{days} d",
    )


def _thresholds(policy: AuditPolicy) -> dict[str, str]:
    """What each rule looks for, as far as the policy says; "" for the others."""
    none = dict.fromkeys(RULES, "")
    stale, old = (time and f"over {time.days} days" for time in (policy.stale, policy.max_age))
    near = f"{policy.near_limit} of {MOST_TOKENS} or more"
    return {
        **none,
        "stale": stale or "not looked for",
        "old": old or "not looked for",
        "near-limit": near,
    }


@cache
def _template() -> Template:
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise ImportError(
            "the page of a report needs jinja2: pip install 'wavefront-api-client[cli]'"
        ) from None
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["visible"] = visible
    return environment.from_string(TEMPLATE)


def _order(row: AuditRow) -> tuple[str, float, str]:
    """By account, the oldest first."""
    created = row.created.timestamp() if row.created else 0
    return row.account or "", created, row.handle
