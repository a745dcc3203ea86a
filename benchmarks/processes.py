"""Running measured processes: one that starts and ends, and one that measures when told to."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent

# The root comes last, so that the client installed in the environment wins over the folder here.
BOOTSTRAP = "import sys; sys.path.append({root!r}); from benchmarks.{module} import main; main()"


class ProcessError(Exception):
    """A measured process that ended badly; its text is the last line it wrote."""


def wall_time(command: list[str]) -> float:
    """Return the seconds from the start of a process to its end, seen from outside."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, cwd=tempfile.gettempdir())
    seconds = time.perf_counter() - start
    if done.returncode:
        raise ProcessError(last_line(done.stderr))
    return seconds


def printed_number(command: list[str]) -> float:
    """Return the number that a process prints."""
    done = subprocess.run(command, capture_output=True, check=False, cwd=tempfile.gettempdir())
    if done.returncode:
        raise ProcessError(last_line(done.stderr))
    return float(done.stdout)


def bootstrap(python: Path, module: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of this package in another environment."""
    code = BOOTSTRAP.format(root=str(ROOT), module=module)
    return [str(python), "-I", "-c", code, *map(str, arguments)]


@contextmanager
def conversation(command: list[str]) -> Iterator[Callable[[], str]]:
    """Start a process that prints a line when ready and one for each line it is sent.

    Gives the function that asks for the next line; its first result is the line of readiness.
    """
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process has no pipes")
        lines = _lines(process.stdin, process.stdout, errors)
        try:
            yield lambda: next(lines)
        finally:
            process.kill()


def _lines(questions: IO[str], answers: IO[str], errors: IO[bytes]) -> Iterator[str]:
    while True:
        answer = answers.readline()
        if not answer:
            errors.seek(0)
            raise ProcessError(last_line(errors.read()))
        yield answer
        questions.write("go\n")
        questions.flush()


@contextmanager
def worker(command: list[str]) -> Iterator[Callable[[], float]]:
    """Start a worker, wait until it is warm, and give the function that asks it for a sample."""
    with conversation(command) as ask:
        ask()
        yield lambda: float(json.loads(ask()))


def last_line(output: bytes) -> str:
    """Return the last line that says something, shortened."""
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "ended without output"
