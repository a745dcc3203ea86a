"""The command as a process, with pipes or on a terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

COMMAND = [sys.executable, "-m", "wavefront_api_client.cli"]
LIMIT = 30.0


def environment(server=None, **more):
    """A small environment that knows the service."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    if server is not None:
        kept |= {"WAVEFRONT_URL": server.url, "WAVEFRONT_TOKEN": server.user.key}
    return {**kept, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **more}


def stdin(text):
    """Standard input that is no terminal."""
    return io.TextIOWrapper(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def piped(*arguments, env, stdin=b""):
    return subprocess.run(
        [*COMMAND, *arguments], env=env, input=stdin, capture_output=True, timeout=LIMIT
    )


AT_TERMINAL = """
import fcntl, signal, sys, termios
# Ctrl-C reaches this process, even if whoever started the tests ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from wavefront_api_client.cli import _output, main
_output.PATIENCE = {patience}
sys.exit(main())
"""


class OnTerminal:
    """The command on a terminal of its own, with stdout elsewhere if wanted."""

    def __init__(self, *arguments, env, columns=80, stdout=None, patience=1):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", AT_TERMINAL.format(patience=patience), *arguments],
            env=env,
            stdin=slave,
            stdout=slave if stdout is None else stdout,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(LIMIT)
        os.close(self.master)

    def read_until(self, wanted):
        """Read until the screen has shown a text."""
        end = time.monotonic() + LIMIT
        while wanted not in self.text:
            assert time.monotonic() < end, self.text
            if not self.read(0.1) and self.process.poll() is not None:
                assert wanted in self.text, self.text

    def read(self, seconds):
        """Read what comes within so many seconds; whether anything did."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.text += data.decode("utf-8", "replace")
        return bool(data)

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        """Press Ctrl-C until the process notices, and give its exit status.

        More than once: Python misses one between its prompt and the wait for an answer.
        """
        for _ in range(20):
            self.type("\x03")
            until = time.monotonic() + 2
            while time.monotonic() < until and "Interrupted" not in self.text:
                self.read(0.1)
            if "Interrupted" in self.text:
                return self.end()
        raise AssertionError(self.text)

    def end(self):
        """Read to the end, and give the exit status."""
        end = time.monotonic() + LIMIT
        while self.read(0.1) or self.process.poll() is None:
            assert time.monotonic() < end, self.text
        return self.process.wait(LIMIT)
