"""What users get: all that README and CONTRIBUTING name, and pip lines that do what the page says."""

from __future__ import annotations

import hashlib
import re
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from wavefront_api_client import __version__

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "in-your-project.md").read_text(encoding="utf-8")


def test_the_source_distribution_holds_what_is_named():
    text = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    named = re.findall(r"`([\w.-]+)[\w./-]*`|python -m (\w+)|python (\w+)/", text)
    named = {first or second or third for first, second, third in named}
    held = set((ROOT / "MANIFEST.in").read_text(encoding="utf-8").split())
    held |= {"setup.py", "pyproject.toml", "wavefront_api_client"}  # setuptools sees to these
    held |= {"site", "pictures"}  # tox makes these
    assert {"benchmarks", "examples", ".ci"} <= named
    made = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()}
    missing = {name for name in named - held - made if (ROOT / name).exists()}
    assert not missing, f"MANIFEST.in lacks {missing}"


def test_the_page_names_the_current_version():
    versions = re.findall(r"wavefront_api_client-([\d.]+)-py3|`Version: (3[\d.]*)`", PAGE)
    assert {"".join(version) for version in versions} == {__version__}


# The lines for pip


def wheel(folder):
    """A wheel with the name and version of this package, and nothing in it."""
    path = folder / f"wavefront_api_client-{__version__}-py3-none-any.whl"
    info = f"wavefront_api_client-{__version__}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        head = f"Metadata-Version: 2.1\nName: wavefront-api-client\nVersion: {__version__}\n"
        file.writestr(f"{info}/METADATA", head)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        file.writestr(f"{info}/WHEEL", tags)
        file.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def pip(folder, *lines):
    """What pip says when it is asked for the lines, without a package index."""
    (folder / "requirements.txt").write_text("\n".join(lines))
    command = "-m pip --isolated --disable-pip-version-check install --no-index --no-deps --target"
    return subprocess.run(
        [sys.executable, *command.split(), str(folder / "there"), "-r", "requirements.txt"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.parametrize("case", ["right hash", "wrong hash", "both are asked for"])
def test_the_line_for_pip(case, tmp_path):
    made = wheel(tmp_path)
    (line,) = re.findall(r"^wavefront-api-client @ file:.*$", PAGE, re.MULTILINE)
    folder, name = re.fullmatch(r".* @ file://(/.*/)(.*)#sha256=HASH", line).groups()
    assert name == made.name
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    wrong = "0" * len(digest)
    line = line.replace(folder, f"{tmp_path}/")
    line = line.replace("HASH", wrong if case == "wrong hash" else digest)
    also = ["wavefront-api-client==2.202.2"] if case == "both are asked for" else []
    told = pip(tmp_path, line, *also)
    expected = {
        "right hash": (0, f"Successfully installed wavefront-api-client-{__version__}"),
        "wrong hash": (1, "DO NOT MATCH THE HASHES"),
        "both are asked for": (1, "ResolutionImpossible"),
    }
    status, words = expected[case]
    assert told.returncode == status, told.stderr
    assert words in told.stdout + told.stderr


@pytest.mark.parametrize("address", ["", "https://git.example.com/team/client"])
def test_the_links_of_the_description_work_without_the_files(address, monkeypatch):
    given = {}
    tool = ModuleType("setuptools")
    tool.find_packages, tool.setup = lambda **_: [], given.update
    monkeypatch.setitem(sys.modules, "setuptools", tool)
    monkeypatch.setenv("REPOSITORY_URL", address)
    runpy.run_path(str(ROOT / "setup.py"))
    targets = re.findall(r"\]\(([^)#][^)]*)\)", given["long_description"])
    assert all(target.startswith(f"{address}/blob/main/") for target in targets)
    assert bool(targets) is bool(address)
    pictures = re.findall(r'(?:src|srcset)="([^"]*)"', given["long_description"])
    files = ["terminal-narrow.svg", "terminal.svg"] if address else []
    assert pictures == [f"{address}/raw/main/docs/pictures/{file}" for file in files]
