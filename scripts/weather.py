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
    # Nobody can write there, not even root.
    "HOME": "/proc",
    "TZ": "Asia/Kolkata",
    "LC_ALL": "C",
    "HTTP_PROXY": "http://nobody:nothing@192.0.2.1:9",
    "WAVEFRONT_URL": "no url at all",
    "WAVEFRONT_TOKEN": "no\ntoken",
}


def main(arguments: list[str]) -> int:
    """Run pytest beside busy loops; its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # As an exception, it takes loops and tests along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seed = f"--randomly-seed={random.randrange(1 << 32)}"  # noqa: S311 (no secret)
    command = [sys.executable, "-m", "pytest", "-n", "4", "-p", "randomly", seed, *arguments]
    print("weather:", *command[1:], flush=True)  # noqa: T201 (whoever repeats it needs the seed)
    with load():
        return subprocess.call(  # noqa: S603 (nobody else has a say in it)
            command, env={**os.environ, **NONSENSE}, stdin=subprocess.DEVNULL
        )


@contextlib.contextmanager
def load() -> Iterator[None]:
    """Keep the machine busy; the loops end by themselves should this process be killed."""
    loop = f"import os\nwhile os.getppid() == {os.getpid()}: pass"
    with contextlib.ExitStack() as stack:
        for _ in range(LOOPS):
            process = subprocess.Popen([sys.executable, "-c", loop])  # noqa: S603 (likewise)
            stack.enter_context(process)
            stack.callback(process.kill)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
