"""Sinks against real files, processes and streams: what they hold, whatever happens."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
from pathlib import Path

import pytest
from canary import CANARY, everything_shown, traces
from cases import for_all

from wavefront_api_client.tokens import Secret, _atomic, finish, rotate
from wavefront_api_client.tokens.errors import DeliveryFailed
from wavefront_api_client.tokens.sinks import CommandSink, FileSink, KeyringSink, StreamSink

OLD, NEW = Secret("old-0123456789"), Secret(CANARY)


def shown_by(error):
    """All that a reporter could tell of an error, the locals of our own frames among it."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [f for f in told.stack if f.filename != __file__]
    return everything_shown(error) + "".join(str(f.locals) for f in frames)


def refused(call, *args):
    with pytest.raises(DeliveryFailed) as caught:
        call(*args)
    shown = shown_by(caught.value)
    assert traces(shown, NEW.reveal()) == []
    assert OLD.reveal() not in shown
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return str(caught.value)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


# Files


@pytest.fixture
def path(tmp_path):
    return tmp_path / "token"


def test_a_new_file_is_for_its_owner_alone(path):
    sink = FileSink(path)
    sink.check()
    assert list(path.parent.iterdir()) == []
    assert sink.matches(NEW) is False
    sink.deliver(NEW)
    assert path.read_text() == CANARY
    assert mode_of(path) == 0o600
    assert sink.matches(NEW) is True
    assert sink.matches(OLD) is False
    assert [each.name for each in path.parent.iterdir()] == ["token"]
    assert traces(repr(sink), CANARY) == []


@pytest.mark.parametrize(
    ("before", "mode", "after"),
    [
        (0o644, 0o600, 0o600),
        (0o777, 0o640, 0o640),
        (0o600, 0o660, 0o600),
        (0o400, 0o600, 0o400),
        (None, 0o640, 0o640),
    ],
)
def test_a_file_is_tightened_and_never_widened(path, before, mode, after):
    if before is not None:
        path.touch()
        path.chmod(before)
    old = os.umask(0o077)
    try:
        FileSink(path, mode=mode).deliver(NEW)
    finally:
        os.umask(old)
    assert mode_of(path) == after


@pytest.mark.parametrize("mode", [0o644, 0o700, 0o601, 0o4600])
def test_a_file_for_everybody_is_refused(path, mode):
    with pytest.raises(ValueError, match="^the mode must not let others read"):
        FileSink(path, mode=mode)


def test_other_lines_and_keys_stay(path):
    path.write_bytes("A=\u00e9\r\nK=old\r\n".encode())
    FileSink(path, "env:K").deliver(OLD)
    assert path.read_bytes() == "A=\u00e9\r\nK=old-0123456789\r\n".encode()
    path.write_text('{"b": 1, "token": null, "a": 3}')
    sink = FileSink(path, "json")
    sink.deliver(NEW)
    assert list(json.loads(path.read_text()).items()) == [("b", 1), ("token", CANARY), ("a", 3)]
    assert sink.matches(NEW)
    path.write_text("{")
    assert sink.matches(NEW) is None


def test_a_link_stays_and_the_file_behind_it_is_replaced(tmp_path, path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path.symlink_to("elsewhere/hop")
    (folder / "hop").symlink_to("real")
    for secret in (OLD, NEW):
        FileSink(path).deliver(secret)
        assert (folder / "real").read_text() == secret.reveal()
    assert path.is_symlink()
    assert (folder / "hop").is_symlink()
    assert sorted(each.name for each in folder.iterdir()) == ["hop", "real"]


def test_what_is_no_file_is_refused_and_stays(tmp_path, path):
    os.mkfifo(path)
    folder = tmp_path / "folder"
    folder.mkdir()
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    for each in (path, folder, Path(os.devnull), loop, tmp_path / "none" / "token"):
        sink = FileSink(each)
        assert str(each) in refused(sink.check)
        assert str(each) in refused(sink.deliver, NEW)
        assert not sink.matches(NEW)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "loop", "token"]


def test_a_file_that_is_not_of_its_format_or_too_large_is_refused_and_stays(path):
    path.write_text(f'{{"token": "{OLD.reveal()}", oops')
    before = path.read_bytes()
    for call in (FileSink(path, "json").check, lambda: FileSink(path, "json").deliver(NEW)):
        refused(call)
    path.write_bytes(bytes(1_000_001))
    assert "too large" in refused(FileSink(path, "env").deliver, NEW)
    path.write_bytes(before)
    assert "lines" not in refused(FileSink(path, "json").deliver, NEW)
    assert path.read_bytes() == before


def test_a_folder_that_takes_no_file_is_found_before_there_is_a_token(path, monkeypatch):
    path.write_text(OLD.reveal())
    real = os.open

    def open_(name, flags, *args, **kwargs):
        if flags & (os.O_CREAT | getattr(os, "O_TMPFILE", 0)) & ~os.O_DIRECTORY:
            raise OSError(errno.EROFS, "Read-only file system")
        return real(name, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", open_)
    assert refused(FileSink(path).check) == f"{path}: Read-only file system"


@pytest.mark.parametrize("step", ["write", "fchmod", "fsync", "replace"])
def test_a_step_that_fails_leaves_the_old_file_and_no_other(path, monkeypatch, step):
    path.write_text(OLD.reveal())

    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    assert refused(FileSink(path).deliver, NEW) == f"{path}: No space left on device"
    assert path.read_text() == OLD.reveal()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("number", "is_kept"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_a_folder_that_cannot_be_synchronized_is_no_failure_but_a_broken_one_is(
    path, monkeypatch, number, is_kept
):
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, "no")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    if is_kept:
        FileSink(path).deliver(NEW)
    else:
        refused(FileSink(path).deliver, NEW)
    assert path.read_text() == CANARY


def test_who_interrupts_a_slow_disk_sees_no_token_in_the_traceback(path, monkeypatch):
    path.write_text(OLD.reveal())

    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        FileSink(path).deliver(NEW)
    assert traces(shown_by(caught.value), CANARY) == []
    assert OLD.reveal() not in shown_by(caught.value)
    assert list(path.parent.iterdir()) == [path]


LIMITED = """
import resource, sys
from wavefront_api_client.tokens import Secret
from wavefront_api_client.tokens.sinks import DeliveryFailed, FileSink
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
sink, problems = FileSink(sys.argv[1], "env"), []
for act, args in ((sink.check, []), (sink.deliver, [Secret("x" * 30)])):
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        act(*args)
    except DeliveryFailed as error:
        problems.append(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
print(*problems)
"""


def run(code, *args):
    command = [sys.executable, "-W", "error", "-c", code, *map(str, args)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert finished.stderr == ""
    return finished.stdout


def test_a_disk_without_room_for_all_of_it_is_found_and_leaves_the_old_file(path):
    path.write_text("A=1\n")
    assert run(LIMITED, path).count(f"{path}: File too large") == 2
    assert path.read_text() == "A=1\n"
    assert list(path.parent.iterdir()) == [path]


KILLED = """
import os, signal, sys
from wavefront_api_client.tokens import Secret
from wavefront_api_client.tokens.sinks import FileSink

path, old, new = sys.argv[1:]
STEPS = ["open", "write", "fchown", "fchmod", "fsync", "replace", "unlink", "close"]
real = {name: getattr(os, name) for name in STEPS}
left = 0

def step(name):
    def call(*args, **kwargs):
        global left
        if name == "write":
            args = (args[0], args[1][:5])
        for time in "before", "after":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            if time == "before":
                result = real[name](*args, **kwargs)
        return result
    return call

def attempt(kill_at):
    global left
    left = kill_at
    for name in STEPS:
        setattr(os, name, step(name))
    FileSink(path, "env").deliver(Secret(new))
    os._exit(0)

seen = []
for kill_at in range(1, 1000):
    FileSink(path, "env").deliver(Secret(old))
    child = os.fork()
    if not child:
        attempt(kill_at)
    status = os.waitpid(child, 0)[1]
    modes = {oct(e.stat(follow_symlinks=False).st_mode & 0o777) for e in os.scandir(os.path.dirname(path))}
    with open(path) as file:
        seen.append((os.WIFSIGNALED(status), sorted(modes), file.read()))
    if not os.WIFSIGNALED(status):
        break
print(repr(seen))
"""


def test_a_kill_before_or_after_any_step_leaves_the_old_or_the_new_content_whole(path):
    path.write_text("A=1\n")
    path.chmod(0o600)
    seen = eval(run(KILLED, path, OLD.reveal(), "0123456789"))
    old, new = (f"A=1\nWAVEFRONT_TOKEN={each}\n" for each in (OLD.reveal(), "0123456789"))
    contents = [content for _, _, content in seen]
    assert contents == sorted(contents, key=[old, new].index)
    assert {modes for _, (modes,), _ in seen} == {"0o600"}
    assert [killed for killed, _, _ in seen] == [True] * (len(seen) - 1) + [False]
    assert len(seen) > 20
    assert list(path.parent.iterdir()) == [path]


def new_of(path):
    return Path(_atomic._new_of(str(path)))


def test_what_a_killed_writer_has_left_stays_until_the_next_delivery(path):
    left, others = new_of(path), path.parent / ".wavefront-prod.new"
    other_target = path.parent / ".wavefront-0123456789abcdef.new"
    for each in (left, others, other_target):
        each.write_text("a token")
    FileSink(path).check()
    assert left.read_text() == "a token"
    FileSink(path).deliver(NEW)
    assert path.read_text() == CANARY
    assert mode_of(path) == 0o600
    assert sorted(path.parent.iterdir()) == sorted([path, others, other_target])


@for_all(
    ("kind", "make"),
    {
        "a folder": os.mkdir,
        "a link": lambda new: os.symlink("nowhere", new),
        "a pipe": os.mkfifo,
        "a second name": lambda new: os.link(shutil.copy(__file__, new + ".other"), new),
    }.items(),
)
def test_what_no_writer_has_left_is_not_touched(tmp_path, kind, make):
    path = tmp_path / kind
    path.write_text(OLD.reveal())
    new = new_of(path)
    make(str(new))
    before = os.lstat(new)
    assert f"{new} is in the way: remove it" in refused(FileSink(path).check)
    refused(FileSink(path).deliver, NEW)
    assert os.path.samestat(os.lstat(new), before)
    assert path.read_text() == OLD.reveal()


def test_what_somebody_else_has_put_there_gets_no_token(path, monkeypatch):
    new_of(path).touch()
    planted = os.lstat(new_of(path))
    theirs = types.SimpleNamespace(st_mode=planted.st_mode, st_nlink=1, st_uid=os.geteuid() + 1)

    def owned_by_others(real):
        def status(*args, **kwargs):
            found = real(*args, **kwargs)
            return theirs if os.path.samestat(found, planted) else found

        return status

    for name in ("lstat", "fstat"):
        monkeypatch.setattr(os, name, owned_by_others(getattr(os, name)))
    assert "is in the way" in refused(FileSink(path).check)
    assert "is in the way" in refused(FileSink(path).deliver, NEW)
    assert new_of(path).read_text() == ""


def test_a_file_that_another_process_writes_is_waited_for(path, monkeypatch):
    path.write_text(OLD.reveal())
    with new_of(path).open("w") as at_work:
        fcntl.flock(at_work, fcntl.LOCK_EX)
        FileSink(path).check()
        monkeypatch.setattr(_atomic, "PATIENCE", 0.05)
        told = refused(FileSink(path).deliver, NEW)
        assert told == f"{path}: another process has been writing it for 0.05 seconds"
        assert new_of(path).exists()
        # Any reader may lock the folder, and the file.
        readers = [os.open(each, os.O_RDONLY) for each in (path.parent, path)]
        for each in readers:
            fcntl.flock(each, fcntl.LOCK_EX)
        FileSink(path.parent / "other").deliver(NEW)
        monkeypatch.setattr(_atomic, "PATIENCE", 30)
        other = threading.Timer(0.05, at_work.close)
        other.start()
        FileSink(path).deliver(NEW)
        other.join()
    for each in readers:
        os.close(each)
    assert path.read_text() == CANARY


def test_a_writer_that_was_waited_for_may_have_renamed_the_file_that_is_locked(path, monkeypatch):
    real, left = _atomic._lock, [new_of(path)]

    def lock(descriptor):
        # It was opened before the other one was done, and locked after that.
        for each in left:
            each.rename(path)
        left.clear()
        return real(descriptor)

    monkeypatch.setattr(_atomic, "_lock", lock)
    FileSink(path).deliver(NEW)
    assert path.read_text() == CANARY
    assert list(path.parent.iterdir()) == [path]


def test_a_file_system_without_locks_is_found_before_there_is_a_token(path, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    assert refused(FileSink(path).check) == f"{path}: No locks available"
    assert list(path.parent.iterdir()) == []
    refused(FileSink(path).deliver, NEW)


def test_two_tokens_of_one_file_do_not_overwrite_each_other(path, monkeypatch):
    other = threading.Thread(target=FileSink(path, "env:B").deliver, args=[Secret("token-b")])
    real = _atomic.content_of

    def reading(target):
        text = real(target)
        if threading.current_thread() is not other:
            other.start()
            other.join(0.2)
        return text

    monkeypatch.setattr(_atomic, "content_of", reading)
    try:
        FileSink(path, "env:A").deliver(Secret("token-a"))
    finally:
        other.join()
    assert path.read_text() == "A=token-a\nB=token-b\n"


def test_owner_and_group_are_kept_or_the_file_is_refused(path, monkeypatch):
    path.write_text(OLD.reveal())
    path.chmod(0o640)

    def no(descriptor, user, group):
        assert (user, group) == (path.stat().st_uid, path.stat().st_gid)
        raise PermissionError

    monkeypatch.setattr(os, "fchown", no)
    sink = FileSink(path, mode=0o640)
    assert "its owner or group cannot be kept" in refused(sink.check)
    assert "run this as its owner" in refused(sink.deliver, NEW)
    assert path.read_text() == OLD.reveal()
    # To whom the permissions give nothing, nothing is lost.
    FileSink(path, mode=0o600).deliver(NEW)
    assert mode_of(path) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_of_somebody_else_is_refused_unless_root_replaces_it():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o1777)
        path = Path(folder, "token")
        path.write_text(OLD.reveal())
        os.chown(path, 1234, 1234)
        os.chmod(folder, 0o1755)
        os.chown(folder, 4321, 4321)
        os.seteuid(4321)
        try:
            assert "its owner or group cannot be kept" in refused(FileSink(path, mode=0o640).check)
        finally:
            os.seteuid(0)
        os.chown(folder, 0, 0)
        new_of(path).touch()
        os.chown(new_of(path), 1234, 1234)
        FileSink(path, mode=0o640).deliver(NEW)
        assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1234)
        assert path.read_text() == CANARY


def access_list(*entries):
    """An access control list as Linux keeps it: tag, permissions and number of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in entries)


NONE = 0xFFFFFFFF
READS = access_list((1, 6, NONE), (2, 4, 1234), (4, 0, NONE), (16, 4, NONE), (32, 0, NONE))
"""User 1234 may read; nobody else but the owner."""


@pytest.fixture
def listed(path):
    path.write_text(OLD.reveal())
    try:
        os.setxattr(path, "system.posix_acl_access", READS)
        os.setxattr(path, "user.note", b"kept")
    except (AttributeError, OSError) as error:
        pytest.skip(f"there are no access control lists here: {error}")
    return path


def test_an_access_control_list_goes_on_to_say_who_reads(listed):
    for secret in (NEW, OLD):
        FileSink(listed).check()
        FileSink(listed).deliver(secret)
        assert os.getxattr(listed, "system.posix_acl_access") == READS
        assert os.getxattr(listed, "user.note") == b"kept"
        assert mode_of(listed) == 0o640


def test_a_list_that_cannot_be_kept_is_found_before_there_is_a_token(listed, monkeypatch):
    def no(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", no)
    told = "its attribute system.posix_acl_access cannot be kept: Operation not supported"
    assert refused(FileSink(listed).check) == f"{listed}: {told}"
    refused(FileSink(listed).deliver, NEW)
    assert listed.read_text() == OLD.reveal()


def test_attributes_are_needed_only_where_the_system_has_them(path, monkeypatch):
    for error, is_fine in (
        (AttributeError, True),
        (OSError(errno.ENOTSUP, "Operation not supported"), True),
        (OSError(errno.EIO, "Input/output error"), False),
    ):
        path.write_text(OLD.reveal())
        monkeypatch.setattr(
            os, "listxattr", lambda _, e=error: (_ for _ in ()).throw(e), raising=False
        )
        FileSink(path).deliver(NEW) if is_fine else refused(FileSink(path).deliver, NEW)
        assert path.read_text() == (CANARY if is_fine else OLD.reveal())


def test_a_label_that_the_new_file_has_by_itself_is_not_set(path, monkeypatch):
    """Even that may not be allowed."""
    path.write_text(OLD.reveal())
    monkeypatch.setattr(os, "listxattr", lambda _: ["security.selinux"], raising=False)
    monkeypatch.setattr(os, "getxattr", lambda *_: b"a label", raising=False)
    monkeypatch.delattr(os, "setxattr", raising=False)
    FileSink(path).check()
    FileSink(path).deliver(NEW)
    assert path.read_text() == CANARY


def test_a_system_that_does_not_tell_what_is_mounted_does(path, monkeypatch):
    def open_(name, mode):
        raise FileNotFoundError(name)

    monkeypatch.setattr(_atomic, "open", open_, raising=False)
    FileSink(path).check()


def test_an_immutable_file_is_found_before_there_is_a_token(path):
    path.write_text(OLD.reveal())
    if (
        shutil.which("chattr") is None
        or subprocess.run(["chattr", "+i", path], stderr=subprocess.DEVNULL).returncode
    ):
        pytest.skip("nothing can be made immutable here")
    try:
        assert "immutable or append-only, as lsattr shows" in refused(FileSink(path).check)
        refused(FileSink(path).deliver, NEW)
    finally:
        subprocess.run(["chattr", "-i", path], check=True)
    assert path.read_text() == OLD.reveal()
    assert list(path.parent.iterdir()) == [path]


MOUNTED = """
mount --bind "$1" "$2" || exit 77
exec "$0" -W error -c '
import sys
from wavefront_api_client.tokens import DeliveryFailed, FileSink
try:
    FileSink(sys.argv[1]).check()
except DeliveryFailed as error:
    print(error)
' "$2"
"""


def test_a_file_that_is_mounted_by_itself_is_found_before_there_is_a_token(tmp_path):
    outer, inner = tmp_path / "outer", tmp_path / "the inner\\one"
    for each in (outer, inner):
        each.write_text(OLD.reveal())
    if os.geteuid() or shutil.which("unshare") is None:
        pytest.skip("only root can mount")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", MOUNTED, sys.executable, outer, inner],
        capture_output=True,
        text=True,
    )
    if done.returncode in (1, 77):
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    assert done.stdout.startswith(f"{inner}: it is mounted by itself (docker -v, subPath)"), done
    assert "mount its folder" in done.stdout


def test_a_file_that_cannot_be_read_tells_nothing(path, monkeypatch):
    path.write_text(CANARY)
    monkeypatch.setattr(os, "open", lambda *args: (_ for _ in ()).throw(PermissionError))
    assert FileSink(path).matches(NEW) is None


# Commands


def python(code, *args, **settings):
    return CommandSink([sys.executable, "-c", code, *map(str, args)], **settings)


COPY = """
import os, sys
with open(sys.argv[1], "wb") as file:
    file.write(sys.stdin.buffer.read() + b" " + repr((sys.argv, sorted(os.environ))).encode())
"""


def test_a_command_reads_the_token_and_finds_no_key_elsewhere(path, monkeypatch):
    key = "A1B2C3D4-0000-4000-8000-00000000000a"
    for name, value in {
        "WAVEFRONT_TOKEN": OLD.reveal(),
        "COPY_OF_IT": f" {OLD.reveal()}\n",
        "PROD_KEY": key.lower(),
        "HEADER": f"Bearer {key}",
        "SHORT": "k3y",
        "HAS_SHORT_IN_IT": "k3yboard",
        "WAVEFRONT_URL": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    sink = python(COPY, path, keys=[key, "k3y", ""])
    sink.check()
    assert sink.matches(NEW) is None
    sink.deliver(NEW)
    token, _, rest = path.read_text().partition(" ")
    assert token == CANARY
    assert "'WAVEFRONT_URL'" in rest
    assert "'HAS_SHORT_IN_IT'" in rest
    for name in ("WAVEFRONT_TOKEN", "COPY_OF_IT", "PROD_KEY", "HEADER", "SHORT"):
        assert f"'{name}'" not in rest
    assert traces(rest + repr(sink) + str(vars(sink)), CANARY) == []
    assert key not in str(vars(sink))
    assert [sink.matches(NEW), sink.matches(OLD)] == [True, None]


FAILS = """
import sys
token = sys.stdin.read()
print("on standard output:", token[::-1])
print(f"\\x1b[31mno room\\x1b[0m for {token[:8]}\\x1b[1m{token[8:]}", file=sys.stderr)
sys.exit(f"<{token!r}> {token.replace('-', '')} {token[:18]}")
"""


def test_a_command_that_fails_shows_its_standard_error_without_the_token():
    sink, token = python(FAILS), Secret("7b5e1c3a-9d0f-4e2b-8a6c-1f2d3e4b898d")
    message = refused(sink.deliver, token)
    assert message == (
        f"{sys.executable}: it ended with status 1: no room for ***\n<'***'> *** ***"
    )
    assert sink.matches(token) is None
    repeats = "import sys; sys.exit(sys.stdin.read())"
    assert refused(python(repeats).deliver, NEW).endswith("it ended with status 1: ***")


def test_only_the_last_lines_of_standard_error_are_shown(path):
    lines = "[print(n, 'x' * 90, file=sys.stderr) for n in range(99)]"
    message = refused(python(f"import sys; {lines}; sys.exit(3)").deliver, NEW)
    assert message.endswith(f"98 {'x' * 90}")
    assert 1900 < len(message) < 2100
    one = "sys.stderr.write(sys.stdin.read() * 1000)"
    message = refused(python(f"import sys; {one}; sys.exit(3)").deliver, NEW)
    assert message.endswith("it ended with status 3: nothing on standard error")


def test_a_command_that_fails_after_it_has_kept_a_token_has_kept_none(path):
    sink = python("import os, sys; sys.exit(os.path.exists(sys.argv[1]))", path)
    sink.deliver(NEW)
    path.touch()
    assert "status 1: nothing on standard error" in refused(sink.deliver, NEW)
    assert sink.matches(NEW) is None


def test_what_cannot_be_run_is_found_before_there_is_a_token(path):
    path.write_text("no program")
    assert "there is no such program" in refused(CommandSink([str(path)]).check)
    path.chmod(0o700)
    path.write_bytes(b"\x7fELF")
    CommandSink([str(path)]).check()
    assert "Exec format error" in refused(CommandSink([str(path)]).deliver, NEW)


def test_a_command_is_a_list():
    with pytest.raises(TypeError, match="argv is a list"):
        CommandSink("kubectl apply")
    with pytest.raises(ValueError, match="names no program"):
        CommandSink([])


HANGING = 'sleep 600 & echo $! > "$0"; cat; wait'


def is_running(pid):
    with open(f"/proc/{pid}/stat") if os.path.exists(f"/proc/{pid}") else io.StringIO() as file:
        return file.read().rpartition(")")[2].split()[:1] not in ([], ["Z"])


def test_a_command_that_takes_too_long_is_killed_with_its_children(path):
    sink = CommandSink(["sh", "-c", HANGING, str(path)], timeout=0.5)
    start = time.monotonic()
    told = "took more than 0.5 seconds, and its process group was ended; what has left that may"
    assert told in refused(sink.deliver, NEW)
    assert time.monotonic() - start < 60
    # On a machine that is very busy it has not come that far.
    child = path.read_text().strip() if path.exists() else ""
    deadline = time.monotonic() + 10
    while child and is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_interrupts_a_command_sees_no_token_in_the_traceback(monkeypatch):
    def interrupt(process, *args):
        local = CANARY
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise KeyboardInterrupt(local and "stop")

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        python("input()").deliver(NEW)
    assert traces(shown_by(caught.value), CANARY) == []


SERVICE = """
import os, sys, time
if os.fork():
    sys.exit(int(sys.argv[2]))
for _ in range(600):
    time.sleep(0.05)
    print("still here", flush=True)
    print("still here", file=sys.stderr, flush=True)
    os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
    if os.path.exists(sys.argv[1] + ".stop"):
        break
"""


@pytest.mark.parametrize("status", [0, 3])
def test_the_status_counts_and_a_service_that_is_left_behind_lives_on(path, status):
    sink = python(SERVICE, path, status, timeout=20)
    start = time.monotonic()
    try:
        sink.deliver(NEW) if status == 0 else refused(sink.deliver, NEW)
        assert time.monotonic() - start < 15
        path.unlink(missing_ok=True)
        while not path.exists():
            assert time.monotonic() - start < 30
            time.sleep(0.01)
    finally:
        Path(f"{path}.stop").touch()


def test_a_rotation_into_a_command_ends_by_itself_and_one_into_a_stream_does_not(
    server, api, world, path
):
    server.add_service_account("sa::ci", tokens=0, permissions=())
    token = server.add_token("sa::ci", "build", age_days=9, idle_days=None).token_id

    def turn(sink):
        # Each run is a process of its own, which has delivered nothing yet.
        return rotate(api, "build", account="sa::ci", sink=sink).outcome

    assert turn(python(COPY, path)) == "waiting"
    assert turn(python(COPY, path)) == "waiting"
    world.advance(days=2)
    assert turn(python(COPY, path)) == "rotated"
    new = path.read_text().partition(" ")[0]
    assert new != token
    stream = io.StringIO()
    assert turn(StreamSink(stream)) == "waiting"
    world.advance(days=2)
    assert turn(StreamSink(stream)) == "unverified"
    assert finish(api, "build", account="sa::ci", sink=StreamSink()).is_done
    assert stream.getvalue().count("\n") == 1


def test_a_command_gets_what_was_delivered_elsewhere_before_the_old_token_goes(
    server, api, world, path
):
    server.add_service_account("sa::ci", tokens=0, permissions=())
    server.add_token("sa::ci", "build", age_days=9)
    elsewhere = io.StringIO()
    rotate(api, "build", account="sa::ci", sink=StreamSink(elsewhere))
    world.advance(days=2)
    assert rotate(api, "build", account="sa::ci", sink=python(COPY, path)).is_done
    assert path.read_text().split()[0] == elsewhere.getvalue().strip()


# Keyrings


class Ring:
    """A stand-in: what the package keyring calls a backend."""

    def __init__(self, priority=5, fails=None):
        self.priority = priority
        self.fails = fails
        self.kept = {}

    def set_password(self, service, user, password):
        if self.fails:
            raise self.fails(password)
        self.kept[service, user] = password

    def get_password(self, service, user):
        if self.fails:
            raise self.fails(service)
        return self.kept.get((service, user))


@pytest.fixture
def install(monkeypatch):
    def install(ring):
        module = types.ModuleType("keyring")
        module.get_keyring = lambda: ring
        monkeypatch.setitem(sys.modules, "keyring", module)
        return ring

    return install


def test_a_keyring_keeps_the_token(install):
    ring = install(Ring())
    sink = KeyringSink("wavefront", "ci")
    sink.check()
    assert sink.matches(NEW) is False
    sink.deliver(NEW)
    assert ring.kept == {("wavefront", "ci"): CANARY}
    assert sink.matches(NEW) is True
    assert repr(sink) == "KeyringSink('wavefront', 'ci')"


def test_without_keyring_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    for call in (KeyringSink("a", "b").check, lambda: KeyringSink("a", "b").deliver(NEW)):
        assert "pip install 'wavefront-api-client[keyring]'" in refused(call)
    assert KeyringSink("a", "b").matches(NEW) is None


def chain(*rings):
    ring = Ring(10)
    ring.backends = list(rings)
    return ring


@pytest.mark.parametrize(
    "ring",
    [Ring(0), Ring(-1), Ring(0.5), chain(Ring(), Ring(0.5)), chain()],
    ids=["fail", "null", "plain text", "chain that ends in plain text", "empty chain"],
)
def test_no_token_goes_to_a_keyring_that_does_not_protect_it(install, ring):
    install(ring)
    assert "a keyring that protects a token is needed, not " in refused(KeyringSink("a", "b").check)
    refused(KeyringSink("a", "b").deliver, NEW)
    assert ring.kept == {}


def test_a_keyring_that_fails_shows_nothing(install):
    install(Ring(fails=RuntimeError))
    message = refused(KeyringSink("a", "b").deliver, NEW)
    assert message == "the keyring does not take the token: RuntimeError"
    assert KeyringSink("a", "b").matches(NEW) is None
    install(object())
    assert "the keyring cannot be used" in refused(KeyringSink("a", "b").check)
    install(chain(Ring(), Ring())).set_password("a", "b", "c")
    KeyringSink("a", "b").check()


# Streams


def test_a_stream_has_the_token_on_a_line_of_its_own(capsys):
    stream = io.StringIO()
    for sink in (StreamSink(stream), StreamSink()):
        sink.check()
        sink.deliver(NEW)
        assert sink.matches(NEW) is None
        assert repr(sink) == "StreamSink()"
    assert stream.getvalue() == capsys.readouterr().out == f"{CANARY}\n"


def test_a_stream_that_takes_nothing_is_an_error():
    stream = io.StringIO()
    stream.close()
    assert refused(StreamSink(stream).check) == "the stream is closed"
    refused(StreamSink(stream).deliver, NEW)
    with open("/dev/full", "w") as full, open(os.devnull, "w") as null:
        assert "No space left" in refused(StreamSink(full).deliver, NEW)
        # What could not be written is still in its buffer.
        os.dup2(null.fileno(), full.fileno())


BAITS = {
    "the file": ("key", lambda bait, target: bait.write_text("bait")),
    "a link": ("key", lambda bait, target: bait.symlink_to(target)),
    "a link on the way": ("way/key", lambda bait, target: bait.parent.symlink_to(target.parent)),
    "a folder on the way": ("way/key", lambda bait, target: bait.parent.mkdir()),
    "a link to a link": ("hop/key", lambda bait, target: bait.parent.symlink_to("way")),
}


@for_all("name", BAITS)
def test_nobody_else_can_lay_out_a_file_where_everybody_writes(tmp_path, monkeypatch, name):
    """Its owner would be given the token."""
    folder, target = tmp_path / name / "tmp", tmp_path / name / "elsewhere" / "key"
    folder.mkdir(parents=True)
    target.parent.mkdir()
    folder.chmod(0o1777)
    (folder / "way").mkdir() if name == "a link to a link" else None
    below, lay_out = BAITS[name]
    bait = folder / below
    lay_out(bait, target)
    FileSink(bait).deliver(OLD)
    lstat = os.lstat

    def by_others(path, **kwargs):
        status = lstat(path, **kwargs)
        if Path(path).parent != folder:
            return status
        return types.SimpleNamespace(st_mode=status.st_mode, st_uid=os.geteuid() + 12345)

    monkeypatch.setattr(os, "lstat", by_others)
    for action in (FileSink(bait).check, lambda: FileSink(bait).deliver(NEW)):
        assert "into a folder that everybody may write to" in refused(action)
    assert FileSink(bait).matches(OLD) is None
    monkeypatch.setattr(os, "lstat", lstat)
    assert FileSink(bait).matches(OLD) is True


def test_a_file_with_a_second_name_is_refused_and_both_stay(path):
    path.write_text(OLD.reveal())
    second = path.parent / "second"
    os.link(path, second)
    assert "it has a second name (a hard link)" in refused(FileSink(path).check)
    refused(FileSink(path).deliver, NEW)
    assert os.path.samefile(path, second)
    assert second.read_text() == OLD.reveal()


STREAM = """
import sys
from wavefront_api_client.tokens import DeliveryFailed, FileSink, Secret
for name in sys.argv[1:]:
    for act, args in ((FileSink(name).check, []), (FileSink(name).deliver, [Secret("x" * 9)])):
        try:
            act(*args)
        except DeliveryFailed as error:
            print(error, file=sys.stderr)
"""


def test_the_file_behind_a_stream_is_not_replaced(path):
    pid = os.getpid()
    names = ["/dev/stdout", "/dev/stderr", "/dev/fd/1", f"/proc/{pid}/fd/1", "/proc/self/fd/1"]
    link = path.parent / "link"
    link.symlink_to("/dev/stdout")
    with path.open("w+") as out:
        done = subprocess.run(
            [sys.executable, "-c", STREAM, *names, link],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert os.path.samestat(os.fstat(out.fileno()), path.stat())
    assert path.read_text() == ""
    told = "it is a stream of a process: use --stdout, or a StreamSink"
    assert done.stderr.count(told) == 2 * (len(names) + 1), done.stderr


def test_a_relative_path_is_fixed_when_the_sink_is_made(tmp_path, monkeypatch):
    folder = tmp_path / "one"
    folder.mkdir()
    monkeypatch.chdir(folder)
    sink = FileSink("../token")
    monkeypatch.chdir("/")
    sink.deliver(NEW)
    assert sink.matches(NEW)
    assert (tmp_path / "token").read_text() == CANARY


def test_a_path_leads_where_the_system_says(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "to-b").symlink_to("a/b/")
    (tmp_path / "a" / "up").symlink_to(tmp_path / "a" / ".." / ".")
    for each in (
        "x",
        "./x",
        "a//x",
        "to-b/x",
        "to-b/../x",
        "a/up/to-b/../../x",
        "a/b/../up/x",
        "none",
    ):
        path = os.path.join(tmp_path, each)
        assert _atomic.target_of(path) == os.path.realpath(path), each
