"""The examples of the documentation on a bad day: they find what is theirs and touch nothing else."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from wavefront_api_client.testing import TokenServer
from wavefront_api_client.testing._store import Store

ROOT = Path(__file__).parents[2]
PROGRAMS = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts" / "docs_programs.py")))


@pytest.fixture
def tenant(monkeypatch):
    with TokenServer() as server:
        server.add_customer()
        monkeypatch.setenv("WAVEFRONT_URL", server.url)
        monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
        yield server


@pytest.fixture
def strangers(monkeypatch):
    """Tokens that somebody else makes for the same account, just before ours."""
    made, create = [], Store.create

    def create_two(store, account, name):
        made.append(create(store, account, name and "somebody else's").token_id)
        return create(store, account, name)

    monkeypatch.setattr(Store, "create", create_two)
    return made


def program(page, call):
    """The program of the section on unknown outcomes that makes a call."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    first = text[: text.index("## When the outcome is unknown")].count("\n")
    (found,) = [
        program
        for program in PROGRAMS.programs(ROOT / "docs" / page)
        if program[0].line > first and f".{call}(" in program[0].text
    ]
    return PROGRAMS.source(found)


def run(text):
    names = {}
    exec(text, names)
    return names


@pytest.mark.parametrize("drop", ["before", "after"])
def test_after_a_lost_answer_exactly_the_own_token_is_found(tenant, strangers, capsys, drop):
    tenant.inject(method="POST", drop=drop)
    found = run(program("errors.md", "generate_token_service_account"))
    assert [token.token_name for token in found["mine"]] == [found["name"]] * (drop == "after")
    assert not {token.token_id for token in found["mine"]} & set(strangers)
    assert ("not made" in capsys.readouterr().out) == (drop == "before")
    assert not tenant.pending_faults


def test_a_refusal_is_raised(tenant):
    tenant.inject(method="POST", status=403)
    with pytest.raises(Exception, match="403"):
        run(program("errors.md", "generate_token_service_account"))


def test_an_example_renames_what_it_means_only(tenant):
    """Whoever runs the examples of the API page in a real account finds all tokens under their names."""
    names = {token.token_id: token.token_name for token in tenant.user.tokens}
    (text,) = [
        PROGRAMS.source(found)
        for found in PROGRAMS.programs(ROOT / "docs" / "ApiTokenApi.md")
        if ".update_token_name(" in found[0].text
    ]
    run(text)
    now = {token.token_id: token.token_name for token in tenant.user.tokens}
    changed = {names[token]: now[token] for token in names if names[token] != now[token]}
    assert changed == {"old laptop": "to be deleted"}


def test_the_file_of_a_new_token_is_its_owner_s_alone_and_overwrites_none(
    tenant, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    text = PROGRAMS.source(PROGRAMS.programs(ROOT / "docs" / "ApiTokenApi.md")[0])
    held = len(tenant.user.tokens)
    run(text)
    file = tmp_path / "new-token.txt"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == tenant.user.tokens[-1].token_id + "\n"
    with pytest.raises(FileExistsError):
        run(text)
    assert len(tenant.user.tokens) == held + 1
