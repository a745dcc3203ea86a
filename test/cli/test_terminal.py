"""The command as a process: pipes, terminals, colours, questions, signals."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial

import pytest
from terminals import COMMAND, LIMIT, OnTerminal, environment, piped

from wavefront_api_client.cli import main

ESCAPE = "\x1b["

slow = partial(pytest.param, marks=pytest.mark.slow)


def test_data_goes_to_stdout_and_the_rest_to_stderr(server):
    done = piped("-o", "json", "demo", "list", env=environment())
    assert done.returncode == 0
    assert len(json.loads(done.stdout)) == 2
    assert b"nothing leaves this machine" in done.stderr


def test_json_goes_through_jq_while_a_terminal_shows_progress(server):
    """Only stdout is a pipe: the bar is on the terminal, and not in the data."""
    server.inject(delay=0.2)
    reader, writer = os.pipe()
    call = ["-o", "json", "list"]
    with OnTerminal(*call, env=environment(server), stdout=writer, patience=0) as terminal:
        os.close(writer)
        with open(reader) as data:
            assert terminal.end() == 0
            assert len(json.load(data)) == 2
    assert ESCAPE in terminal.text
    assert "0:00:0" in terminal.text


@pytest.mark.slow
def test_of_several_tenants_it_is_shown_how_many_are_done(server, home):
    profiles = (
        f"[{n}]\nendpoint = {server.url}\ntoken = {server.user.key}\n" for n in ("one", "two")
    )
    home.joinpath(".wavefront").write_text("".join(profiles))
    server.inject(delay=0.2)
    with OnTerminal("--all-profiles", "list", env=environment(), patience=0) as terminal:
        assert terminal.end() == 0
    assert "/2" in terminal.text


@pytest.mark.slow
def test_what_is_quick_shows_no_progress(server):
    reader, writer = os.pipe()
    with OnTerminal("-o", "json", "list", env=environment(server), stdout=writer) as terminal:
        os.close(writer)
        os.close(reader)
        terminal.end()
    assert terminal.text == ""


@pytest.mark.parametrize("columns", [slow(60), 80, slow(120)])
def test_a_table_fits_the_terminal(server, columns):
    server.add_service_account("sa::" + "long" * 20, 0)
    server.add_token("sa::" + "long" * 20, "a name that goes on and on " * 5)
    with OnTerminal("list", "--customer", env=environment(server), columns=columns) as terminal:
        assert terminal.end() == 0
    lines = terminal.text.replace("\r", "").split("\n")
    plain = [
        line.replace("\x1b[1m", "").replace("\x1b[35m", "").replace("\x1b[0m", "") for line in lines
    ]
    assert ESCAPE not in "".join(plain)
    assert max(map(len, plain)) <= columns


@pytest.mark.parametrize(
    ("arguments", "more"),
    [([], {"NO_COLOR": "1"}), slow(["--no-color"], {}), slow([], {"TERM": "dumb"})],
    ids=["NO_COLOR", "--no-color", "dumb"],
)
def test_no_colour_where_none_is_wanted(server, arguments, more):
    with OnTerminal(*arguments, "list", env=environment(server, **more)) as terminal:
        assert terminal.end() == 0
    assert "HANDLE" in terminal.text
    assert "\x1b[35m" not in terminal.text


@pytest.mark.slow
def test_flags_have_a_colour_for_light_and_dark_terminals(server):
    with OnTerminal("list", env=environment(server)) as terminal:
        assert terminal.end() == 0
    assert "\x1b[35m" in terminal.text


def test_a_pipe_gets_no_colour(server):
    assert b"\x1b" not in piped("list", env=environment(server)).stdout


def test_a_secret_is_shown_on_a_terminal_only_after_a_question(server):
    account = server.add_service_account("sa::tests", permissions=["accounts"])
    call = ["mint", "n", "--account", "sa::tests", "--stdout"]
    with OnTerminal(*call, env=environment(server)) as terminal:
        terminal.read_until("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 8
    assert not account.tokens
    with OnTerminal(*call, env=environment(server)) as terminal:
        terminal.read_until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert account.key in terminal.text


def test_ctrl_c_at_a_question_ends_with_130_and_nothing_done(server):
    account = server.add_service_account("sa::tests")
    call = ["mint", "n", "--account", "sa::tests", "--stdout"]
    with OnTerminal(*call, env=environment(server)) as terminal:
        terminal.read_until("[y/N]")
        assert terminal.interrupt() == 130
    assert "Interrupted" in terminal.text
    assert not account.tokens


@pytest.mark.slow
def test_ctrl_c_waits_for_no_tenant(server, home):
    profile = f"\nendpoint = {server.url}\ntoken = {server.user.key}\n"
    home.joinpath(".wavefront").write_text(f"[one]{profile}[two]{profile}")
    server.inject(2, delay=LIMIT + 1)
    with OnTerminal("--all-profiles", "list", env=environment(), patience=0) as terminal:
        terminal.read_until("/2")
        assert terminal.interrupt() == 130


@pytest.mark.slow
def test_ctrl_c_in_a_rotation_says_how_to_go_on(server, tmp_path):
    account = server.add_service_account("sa::tests", permissions=["accounts"])
    old = server.add_token(account, "nightly", age_days=9)
    server.inject(delay=30, method="POST")
    call = ["rotate", "nightly", "--account", "sa::tests", "--to-file", str(tmp_path / "key")]
    with OnTerminal(*call, env=environment(server)) as terminal:
        end = 300
        while len(account.tokens) < 2 and end:
            terminal.read(0.1)
            end -= 1
        assert terminal.interrupt() == 130
    assert "Run the same command again" in terminal.text
    assert old.token_id in [token.token_id for token in account.tokens]
    assert piped(*call, env=environment(server)).returncode == 0
    assert (tmp_path / "key").read_text() in [token.token_id for token in account.tokens]


@pytest.mark.parametrize("form", ["table", slow("json"), slow("csv")])
def test_a_reader_that_goes_away_is_no_error(server, form):
    for number in range(40):
        server.add_service_account(f"sa::{number}", 20)
    process = subprocess.Popen(
        [*COMMAND, "-o", form, "list", "--all-accounts"],
        env=environment(server),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(LIMIT) == 141
    assert errors == b""


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}]
)
def test_any_name_can_be_shown_anywhere(server, more):
    server.add_service_account("sa::tests")
    for name in ("👩\u200d💻", "עברית", "\x1b[2Jgone", "a\nb", "日本"):
        server.add_token("sa::tests", name)
    for output in ("table", "json", "csv"):
        done = piped(
            "-o", output, "list", "--account", "sa::tests", env=environment(server, **more)
        )
        assert (done.returncode, done.stderr) == (0, b"")
        if output != "csv":
            assert b"\x1b" not in done.stdout


def test_a_closed_stream_is_refused():
    """Else the next file that is opened, such as one of keys, would be what is printed to."""
    line = [*COMMAND, "list"]
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *line], capture_output=True, timeout=LIMIT, env=environment()
    )
    assert (done.returncode, done.stderr.split()[-1]) == (1, b"open")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["list"], 0), (["find", "-"], 2), (["revoke", "--where", "stale"], 8)],
)
def test_a_closed_stdin_is_an_empty_one(server, arguments, status):
    done = subprocess.run(
        ["sh", "-c", '"$@" <&-', "sh", *COMMAND, *arguments],
        capture_output=True,
        timeout=LIMIT,
        env=environment(server),
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (status, False)


def test_what_stands_in_for_stdout_gets_the_data(server, monkeypatch):
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["wavefront-tokens", "list", "-o", "json"])
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert main() == 0
    assert len(json.loads(out.getvalue())) == 2


HELPS = """
import sys
from wavefront_api_client.cli._app import COMMANDS, run
for arguments in (["--help"], ["--version"], [], *([name, "--help"] for name in COMMANDS)):
    assert run(arguments) == 0
print(*sorted({name.partition(".")[0] for name in sys.modules}, key=str))
print(*(name for name in sys.modules if name.startswith("wavefront_api_client.")))
"""


def test_a_help_loads_no_sdk():
    done = subprocess.run(
        [sys.executable, "-c", HELPS], capture_output=True, text=True, timeout=LIMIT
    )
    assert done.returncode == 0, done.stderr
    *_, foreign, ours = done.stdout.splitlines()
    assert not {"urllib3", "rich", "jinja2", "ssl", "asyncio", "http"} & {*foreign.split()}
    # `tokens` itself loads each of its modules when it is used.
    own = r"\.(cli\b|_lazy|_version|tokens$)"
    assert not [name for name in ours.split() if not re.search(own, name)]


LISTING = """
import sys
from wavefront_api_client.cli._app import run
assert run(["list", "-o", "json"]) == 0
print(*sys.modules, file=sys.stderr)
"""


def test_a_listing_in_json_loads_no_more_than_it_needs(server):
    done = subprocess.run(
        [sys.executable, "-c", LISTING],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env=environment(server),
    )
    assert done.returncode == 0, done.stderr
    loaded = {*done.stderr.split()}
    assert {"click", "urllib3", "wavefront_api_client.cli._output"} <= loaded
    foreign = {"rich", "jinja2", "keyring", "getpass", "asyncio", "subprocess"}
    ours = {
        *("cli._table", "cli._sinks", "cli._complete", "cli.commands.change_", "testing"),
        *("tokens._report", "tokens._revoke", "tokens._command"),
        *("tokens._rotate", "tokens._mint", "tokens.sinks", "tokens._atomic"),
    }
    needless = foreign | {f"wavefront_api_client.{name}" for name in ours}
    assert sorted(needless & loaded) == []


def test_without_the_extra_it_says_what_to_install():
    hide = "import sys; sys.modules['click'] = None; import wavefront_api_client.cli as c; sys.exit(c.main())"
    done = subprocess.run([sys.executable, "-c", hide], capture_output=True, timeout=LIMIT)
    assert done.returncode == 1
    assert done.stderr.decode().strip().splitlines() == [
        "wavefront-tokens needs more: pip install 'wavefront-api-client[cli]'"
    ]


def test_the_version_is_that_of_the_package():
    import wavefront_api_client

    done = piped("--version", env=environment())
    assert done.stdout.decode() == f"wavefront-tokens {wavefront_api_client.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "lines", "status"),
    [
        (["--token-file", "-", "list"], 1, 0),
        slow(["find", "-"], 1, 0),
        slow(["revoke", "--dry-run", "-"], 2, 0),
        slow(["find", "-"], 0, 2),
    ],
)
def test_a_token_that_is_typed_is_not_shown(server, arguments, lines, status):
    token = server.add_token(server.user, "typed").token_id
    key = server.user.key if "--token-file" in arguments else token
    with OnTerminal(*arguments, env=environment(server)) as terminal:
        for _ in range(lines):
            terminal.read_until("Token (it is not shown): ")
            terminal.type(f"{key}\n")
            terminal.text = terminal.text.replace("Token (it", "done (it")
        if lines != 1:
            terminal.read_until("Token (it is not shown): ")
            terminal.type("\n" if lines else "\x04")
        assert terminal.end() == status
    assert key not in terminal.text
