"""Writes a report as one page with charts and a table, without scripts and without other files.

The page is `_report.html`, a template of jinja2, and its style `_report.css`.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pkgutil import get_data
from typing import TYPE_CHECKING

from wavefront_api_client.tokens._account import MOST_TOKENS
from wavefront_api_client.tokens._audit import RULES, last_use
from wavefront_api_client.tokens._text import counted, visible

if TYPE_CHECKING:
    from jinja2 import Template

    from wavefront_api_client.tokens._audit import AuditPolicy, AuditReport, AuditRow

SHOWN_ACCOUNTS = 20
"""How many accounts the chart shows: those that hold most tokens."""


def page(report: AuditReport, title: str) -> str:
    """The page of a report, under a heading; raise an ImportError without jinja2."""
    style = _file("css")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    most = max([MOST_TOKENS, *report.accounts.values()])
    return _template().render(
        report=report,
        title=title,
        digest=digest,
        style=style,
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
    """The limit of each rule, as the policy has it; "" for rules without one."""
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
    environment.filters["counted"] = counted
    return environment.from_string(_file("html"))


def _file(ending: str) -> str:
    """A file beside this one, in a folder or in an archive."""
    return (get_data(__name__, f"_report.{ending}") or b"").decode()


def _order(row: AuditRow) -> tuple[str, float, str]:
    """By account, the oldest first."""
    created = row.created.timestamp() if row.created else 0
    return row.account or "", created, row.handle
