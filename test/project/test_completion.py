"""What editors offer that read the source with jedi, and never run it."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import wavefront_api_client
from wavefront_api_client import ApiTokenApi, Configuration
from wavefront_api_client.types import CallOptions

EDITOR = """
import json, sys
import jedi

source, folder, *codes = sys.argv[1:]
jedi.settings.cache_directory = folder
project = jedi.Project(folder, sys_path=[source, *sys.path], smart_sys_path=False)
found = {}
for code in codes:
    script = jedi.Script(code, project=project)
    names = [each.name.rstrip("=") for each in script.complete()]
    found[code] = names, [each.docstring() for each in script.help()]
print(json.dumps(found))
"""
"""In a process of its own, as in an editor: in this one, jedi would look at what is imported."""

CLASS = "from wavefront_api_client import ApiTokenApi\nApiTokenApi"
METHOD = CLASS + "().delete_token"
IMPORT = "from wavefront_api_client import "
SETTINGS = "from wavefront_api_client import Configuration\nConfiguration("
OPTIONS = {*CallOptions.__annotations__}

EXPECTED = {
    IMPORT: {*wavefront_api_client.__all__} - {"__version__"},
    CLASS + "().": {name for name in vars(ApiTokenApi) if not name.startswith("_")},
    METHOD + "(": {"id", *OPTIONS},
    CLASS + "().update_token_name_with_http_info(": {"id", "body", *OPTIONS},
    SETTINGS: {*inspect.signature(Configuration).parameters},
}


@pytest.mark.slow
def test_jedi_completes_names_and_shows_what_they_mean(tmp_path):
    pytest.importorskip("jedi")
    source = str(Path(wavefront_api_client.__file__).parents[1])
    finished = subprocess.run(
        [sys.executable, "-c", EDITOR, source, str(tmp_path), *EXPECTED, METHOD, CLASS],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    for code, expected in EXPECTED.items():
        missing = sorted(expected - {*found[code][0]})
        assert not missing, f"behind {code!r}, jedi does not offer {', '.join(missing)}"
    (method,), (api,) = found[METHOD][1], found[CLASS][1]
    assert "delete_token(id: str | bytes, *, async_req: Literal[False]" in method
    assert "_request_timeout: RequestTimeout" in method
    assert "Delete a token of the calling user." in method
    for option in OPTIONS:
        assert f"- `{option}` (" in api, f"the help of ApiTokenApi lacks {option}"
