"""The example of a rotation, run each day until there is nothing to do."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "rotate_service_account.py"


def test_it_rotates_and_is_done(server, monkeypatch, tmp_path, capsys):
    server.add_customer()
    settings = {
        "WAVEFRONT_URL": server.url,
        "WAVEFRONT_TOKEN": server.user.key,
        "WAVEFRONT_SERVICE_ACCOUNT": "sa::ci",
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    for status in (6, 6):
        with pytest.raises(SystemExit) as caught:
            runpy.run_path(os.fspath(EXAMPLE))
        assert caught.value.code == status
    told = capsys.readouterr().out.splitlines()
    assert told[0] == told[1]
    assert told[0].startswith("waiting: build is ")
    assert Path("build.token").read_text() not in "".join(told)
