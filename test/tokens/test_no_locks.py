"""A system without fcntl: all works but what needs locks, and that says so."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import os, sys
sys.modules["fcntl"] = None
for name in ("geteuid", "O_NOFOLLOW", "O_NONBLOCK", "fchmod", "fchown", "listxattr", "getxattr"):
    vars(os).pop(name, None)
import wavefront_api_client
from wavefront_api_client import tokens
from wavefront_api_client.cli._app import run
from wavefront_api_client.cli._profiles import read_profiles

sink = tokens.FileSink(sys.argv[1])
for act, args in ((sink.check, ()), (sink.deliver, (tokens.Secret("token"),))):
    try:
        act(*args)
    except tokens.DeliveryFailed as error:
        print(error)
print(sink.matches(tokens.Secret("token")))
sink = tokens.CommandSink([sys.executable, "-c", "print(input())"])
sink.check()
sink.deliver(tokens.Secret("token"))
with open(sys.argv[1] + ".ini", "w") as file:
    file.write("[p]\\nendpoint = x\\ntoken_env = X\\n")
os.chmod(sys.argv[1] + ".ini", 0o666)
print(list(read_profiles([sys.argv[1] + ".ini"], print)))
print(run(["demo", "list"]))
"""


def test_what_needs_locks_says_so_and_the_rest_works(tmp_path):
    path = tmp_path / "token"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, path],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = f"{path}: this system has no locks for files: use a keyring or a command\n"
    assert done.stdout.startswith(2 * told + "None\n['p']\n")
    assert done.stdout.endswith("\n0\n")
    assert "admin" in done.stdout
    assert not path.exists()
