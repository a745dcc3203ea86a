"""What the command prints of a fixed set of tokens is what the files of `golden/` hold.

After a change that is meant, `GOLDEN=renew pytest test/cli/test_golden.py` writes them anew: read the
difference before it is committed.
"""

from __future__ import annotations

import io
import os
import sys
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
NAMES = {
    "build": (45, 0.01, "sa::ci"),
    "": (200, None, "jane@example.com"),
    "a name that is so long that no narrow terminal holds it": (730, 100, "sa::ci"),
    "\x1b[31mred\u202eder\r\n": (3, 1, "sa::a-service-account-of-the-longest-kind-there-is"),
    "\u6771\u4eac \U0001f680 \u05d0\u05d1": (400, None, "sa::\u00e9t\u00e9"),
    "=HYPERLINK(1)": (2, 2, 'comma, "quotes"'),
    "[red]markup[/red]:rocket:": (1, 0, ""),
}


class Screen(io.StringIO):
    def isatty(self):
        return True


def ago(days):
    return None if days is None else int((NOW - timedelta(days=days)).timestamp() * 1000)


@pytest.fixture
def tokens(server, monkeypatch):
    listed = [
        {
            "id": f"0f1e2d3c-0000-4000-8000-{number:012}",
            "name": name,
            "account": account,
            "accountType": "SERVICE_ACCOUNT" if "sa::" in account else "USER_ACCOUNT",
            "createdEpochMillis": ago(age),
            "lastUsed": ago(idle) or 0,
        }
        for number, (name, (age, idle, account)) in enumerate(NAMES.items())
    ]
    status = {"result": "OK", "code": 200}
    date = {"Date": format_datetime(NOW, usegmt=True)}
    server.inject(body={"status": status, "response": listed}, headers=date)


def check(name, printed):
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "renew":
        path.write_bytes(printed.encode())
    assert printed == path.read_bytes().decode()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_table(command, tokens, monkeypatch, columns):
    screen = Screen()
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stdout", screen)
    assert command("--no-color", "list", "--all-accounts").status == 0
    check(f"table-{columns}.txt", screen.getvalue())


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_form_for_programs(command, tokens, form):
    check(f"list.{form}", command("-o", form, "list", "--all-accounts").out)


def test_a_terminal_obeys_no_name_in_csv(command, tokens, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Screen())
    assert command("-o", "csv", "list", "--all-accounts").status == 0
    printed = sys.stdout.getvalue()
    assert "\\x1b[31mred\\u202eder\\r" in printed
    assert "\x1b" not in printed
