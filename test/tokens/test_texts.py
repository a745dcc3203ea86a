"""texts: what people write, with the marks of their editors."""

from __future__ import annotations

import os
import threading

import pytest
from cases import for_all

from wavefront_api_client.tokens import PlannedToken, RevocationPlan, TokenEnv, TokenFile
from wavefront_api_client.tokens.texts import decoded, read_text, text_of, token_in

TOKEN = "7b5e1c3a-9d0f-4e2b-8a6c-1f2d3e4b898d"


@for_all(
    ("text", "token"),
    [
        (TOKEN, TOKEN),
        (f" \t{TOKEN}\n\n", TOKEN),
        (f'"{TOKEN}"\n', TOKEN),
        (f"' {TOKEN} '", TOKEN),
        (f"'{TOKEN}\"", f"'{TOKEN}\""),
        ("'", "'"),
        ("''", ""),
        ("", ""),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_a_token_has_no_white_space_or_quotes_around_it(text, token):
    assert token_in(text) == token


@for_all(
    ("data", "text"),
    [
        (b"a\r\nb\n", "a\nb\n"),
        ("\ufeffa\r\n".encode(), "a\n"),
        ("\ufeff\ufeff\u00e9", "\ufeff\u00e9"),
        (b"", ""),
    ],
)
def test_a_mark_and_carriage_returns_are_dropped(data, text):
    assert text_of(data) == text


@for_all("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_refused_by_its_name(encoding):
    for call in (decoded, text_of):
        with pytest.raises(ValueError, match="^it is UTF-16 or no text: save it as UTF-8$"):
            call(TOKEN.encode(encoding))
    with pytest.raises(ValueError, match="^it is not UTF-8: save it as that$"):
        decoded(b"\xe9")


def test_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=[TOKEN])
    writer.start()
    assert read_text(pipe) == TOKEN
    writer.join()


def test_keys_of_tenants_and_plans_are_read_that_way(tmp_path, monkeypatch):
    path = tmp_path / "key"
    path.write_bytes(f'\ufeff"{TOKEN}"\r\n'.encode())
    assert TokenFile(str(path))().reveal() == TOKEN
    monkeypatch.setenv("KEY", f"'{TOKEN}'\n")
    assert TokenEnv("KEY")().reveal() == TOKEN
    plan = RevocationPlan((PlannedToken("0123456789", "a", "b", None),), "https://example.com")
    assert RevocationPlan.from_json("\ufeff" + plan.to_json().replace("\n", "\r\n")) == plan
