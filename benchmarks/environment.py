"""The environments the contenders live in: made once, kept in a folder outside the repository."""

from __future__ import annotations

import compileall
import importlib.util
import json
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT

PACKAGE = ROOT / "wavefront_api_client"

# The official client calls HTTPResponse.getheaders(), which urllib3 2.6 removed.
OFFICIAL_REQUIREMENTS = ["wavefront-api-client==2.202.2", "urllib3<2.6"]

VERSIONS = """
import importlib.metadata, json
print(json.dumps({one.metadata["Name"]: one.version for one in importlib.metadata.distributions()}))
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment that holds one set of packages."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter of this environment."""
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """The folder its packages are in."""
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        return self.folder / "lib" / version / "site-packages"

    def versions(self) -> dict[str, str]:
        """Return the packages in it with their versions."""
        command = [str(self.python), "-I", "-c", VERSIONS]
        done = subprocess.run(command, capture_output=True, check=True)
        found: dict[str, str] = json.loads(done.stdout)
        return found

    def holds(self, package: str) -> bool:
        """Say whether a package can be imported in it."""
        code = (
            f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
        )
        return not subprocess.run([str(self.python), "-I", "-c", code], check=False).returncode


def main_environment(workdir: Path, patience: float) -> Environment:
    """Return the environment of raw urllib3, requests, httpx and ours; ours is copied again.

    What the package itself requires comes first, so that it is there when the rest is not.
    """
    environment = _created(workdir / "main")
    own = ["-r", str(ROOT / "requirements.txt")] if (ROOT / "requirements.txt").exists() else []
    others = ["-r", str(ROOT / "benchmarks" / "requirements.txt")]
    if not _installed(environment, ["urllib3", *own, *others], patience):
        _installed(environment, ["urllib3", *own], patience)
    if not environment.holds("urllib3"):
        _borrow_urllib3(environment)
    _copy_package(environment)
    return environment


def official_environment(workdir: Path, patience: float) -> Environment:
    """Return the environment of the official client, with the older urllib3 that it needs."""
    environment = _created(workdir / "official")
    _installed(environment, OFFICIAL_REQUIREMENTS, patience)
    return environment


def _created(folder: Path) -> Environment:
    """Make an empty environment of the running interpreter, unless it is there."""
    versioned = folder.with_name(f"{folder.name}-{sys.implementation.cache_tag}")
    environment = Environment(versioned)
    if not environment.python.exists():
        venv.create(versioned, with_pip=False, symlinks=True)
    return environment


def _installed(environment: Environment, requirements: list[str], patience: float) -> bool:
    """Install packages unless the same ones were installed before; say whether they are there."""
    marker = environment.folder / "installed.txt"
    wanted = "\n".join(_contents(one) for one in requirements)
    if marker.exists() and marker.read_text() == wanted:
        return True
    target = ["--target", str(environment.site_packages), "--upgrade", "--quiet"]
    command = [sys.executable, "-m", "pip", "install", "--retries", "1", *target, *requirements]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=patience)
    except (subprocess.SubprocessError, OSError):
        return False
    marker.write_text(wanted)
    return True


def _contents(requirement: str) -> str:
    path = Path(requirement)
    return path.read_text() if path.is_file() else requirement


def _borrow_urllib3(environment: Environment) -> None:
    """Where nothing can be installed, use the urllib3 that the running interpreter has."""
    found = importlib.util.find_spec("urllib3")
    if found is None or found.origin is None:
        raise SystemExit("urllib3 can neither be installed nor found")
    borrowed = Path(found.origin).parent.parent
    (environment.site_packages / "borrowed.pth").write_text(f"{borrowed}\n")


def _copy_package(environment: Environment) -> None:
    """Put the package as it stands into the environment, compiled as an installer does."""
    target = environment.site_packages / PACKAGE.name
    shutil.rmtree(target, ignore_errors=True)
    if PACKAGE.exists():
        shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(target, quiet=1)
