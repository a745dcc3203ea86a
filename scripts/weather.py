"""Runs the tests in the worst weather that they have to stand: `python scripts/weather.py`.

Arguments are handed to pytest; `--randomly-seed=<number>` among them repeats an order.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator

LOOPS = 4
NONSENSE = {
    # Not even root can write there.
    "HOME": "/proc",
    "TZ": "Asia/Kolkata",
    "LC_ALL": "C",
    "HTTP_PROXY": "http://user:password@192.0.2.1:9",
    "WAVEFRONT_URL": "no url at all",
    "WAVEFRONT_TOKEN": "no\ntoken",
}


def main(arguments: list[str]) -> int:
    """Run pytest beside busy loops; return its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # As an exception, so that loops and tests are ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seed = f"--randomly-seed={random.randrange(1 << 32)}"  # noqa: S311 (no secret)
    command = [sys.executable, "-m", "pytest", "-n", "4", "-p", "randomly", seed, *arguments]
    print("weather:", *command[1:], flush=True)  # noqa: T201 (the seed repeats the run)
    with load():
        return subprocess.call(  # noqa: S603 (a fixed command)
            command, env={**os.environ, **NONSENSE}, stdin=subprocess.DEVNULL
        )


@contextlib.contextmanager
def load() -> Iterator[None]:
    """Keep the machine busy; if this process is killed, the loops end by themselves."""
    loop = f"import os\nwhile os.getppid() == {os.getpid()}: pass"
    with contextlib.ExitStack() as stack:
        for _ in range(LOOPS):
            process = subprocess.Popen([sys.executable, "-c", loop])  # noqa: S603 (likewise)
            stack.enter_context(process)
            stack.callback(process.kill)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
