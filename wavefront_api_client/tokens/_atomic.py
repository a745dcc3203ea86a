"""Replaces a file as a whole: a reader finds the old or the new content, even after a crash.

The new file has a name of its own for each target and is locked while it is written. Other writers
wait for the lock. A file of that name without a lock is of a writer that was killed.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from wavefront_api_client.tokens.texts import BYTE_ORDER_MARK, decoded

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 1_000_000
"""Largest file that is read, in bytes: a file that holds tokens is small."""

PATIENCE = 5.0
"""Seconds that a writer waits for another one."""

_ACCESS_LIST = "system.posix_acl_access"


def target_of(path: str) -> str:
    """The file that an absolute path leads to: a link stays, and its target is replaced."""
    try:
        import fcntl  # noqa: F401 (whether it is there)
    except ImportError:
        reason = "this system has no locks for files: use a keyring or a command"
        raise OSError(0, reason) from None
    left, target, links = path.split("/")[::-1], "/", 0
    while left:
        name = left.pop()
        each = os.path.normpath(os.path.join(target, name))
        if re.match("/(dev|proc/.+)/fd/", each):
            raise OSError(0, "it is a stream of a process: use --stdout, or a StreamSink")
        if not _is_link(each):
            target = each
            continue
        link, links = os.readlink(each), links + 1
        if links > 40:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        left += link.split("/")[::-1]
        target = "/" if link.startswith("/") else target
    return target


def _is_link(path: str) -> bool:
    """Whether a part of a path is a link.

    A link or file that another user has put into a folder that everybody may write to is refused,
    as the kernel does with ``fs.protected_symlinks`` and ``fs.protected_regular``: that user would
    get the token.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    is_everybodys = os.stat(os.path.dirname(path)).st_mode & stat.S_IWOTH
    if is_everybodys and status.st_uid not in {os.geteuid(), 0}:
        raise OSError(0, f"another user has put {path} into a folder that everybody may write to")
    return stat.S_ISLNK(status.st_mode)


def content_of(target: str) -> str:
    """The text of a file, "" if there is none; raise if it could not be replaced."""
    try:
        descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file")
        if status.st_nlink > 1:
            raise OSError(0, "it has a second name (a hard link), which would keep the old token")
        if status.st_size > LARGEST:
            raise OSError(0, "it is too large to hold tokens")
        text = decoded(file.read())
    if text.startswith(BYTE_ORDER_MARK):
        raise ValueError("it begins with a byte order mark: save it without, for most readers")
    return text


def try_to_replace(path: str, change: Callable[[str], memoryview], mode: int) -> None:
    """Do what `replace` does, except for the last step, with a nameless file of the same size."""
    from tempfile import TemporaryFile

    target = target_of(path)
    size = len(change(content_of(target)))
    _refuse_obstacles(target)
    with TemporaryFile(dir=os.path.dirname(target)) as trial:
        _lock(trial.fileno())
        # The content is not secret, and a file system cannot compress it.
        _fill(trial.fileno(), memoryview(os.urandom(size)))
        _take_over(trial.fileno(), target, mode)
        os.fsync(trial.fileno())


def replace(path: str, change: Callable[[str], memoryview], mode: int) -> None:
    """Write a file, or replace it; if that fails, the old one is unchanged.

    :param change: makes the new content of the old text: a view, which no traceback shows.
    :param mode: permissions of the file; those that the old one does not give are not given.
    """
    target = target_of(path)
    until = time.monotonic() + PATIENCE
    while not _replace_now(target, change, mode):
        if time.monotonic() > until:
            raise OSError(0, f"another process has been writing it for {PATIENCE:g} seconds")
        time.sleep(0.01)
    folder = os.open(os.path.dirname(target), os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError as error:
        # Some file systems cannot sync a folder.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(folder)


def _replace_now(target: str, change: Callable[[str], memoryview], mode: int) -> bool:
    """Replace a file, unless another process is doing so or has left a file behind."""
    new = _new_of(target)
    was_there = os.path.lexists(new)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        _refuse_foreign(new, os.fstat(descriptor), target)
        if not (_lock(descriptor) and _is_at(new, descriptor)):
            return False
        try:
            # The file was there and is not locked: a writer was killed. It is removed.
            if not was_there:
                _fill(descriptor, change(content_of(target)))
                _take_over(descriptor, target, mode)
                os.fsync(descriptor)
                os.replace(new, target)
        finally:
            if _is_at(new, descriptor):
                os.unlink(new)
        return not was_there
    finally:
        os.close(descriptor)


def _new_of(target: str) -> str:
    folder, name = os.path.split(target)
    return os.path.join(folder, f".wavefront-{sha256(os.fsencode(name)).hexdigest()[:16]}.new")


def _is_at(path: str, descriptor: int) -> bool:
    """Whether an open file still has this name."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    return False


def _refuse_foreign(new: str, status: os.stat_result, target: str) -> None:
    """Raise if the name of the new file is taken by a file that no run of ours has left."""
    owners = {os.geteuid()}
    if os.geteuid() == 0 and os.path.exists(target):
        # A run of root that was killed may have given it to the owner of the target.
        owners.add(os.stat(target).st_uid)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_uid not in owners:
        raise OSError(0, f"{new} is in the way: remove it")


def _refuse_obstacles(target: str) -> None:
    """Raise for faults that only the last step of `replace` would find."""
    new = _new_of(target)
    if os.path.lexists(new):
        _refuse_foreign(new, os.lstat(new), target)
    if _is_mounted(target):
        raise OSError(0, "it is mounted by itself (docker -v, subPath): mount its folder instead")
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK))
    except OSError as error:
        # A file that is read-only can be replaced; this is another error number.
        if error.errno == errno.EPERM:
            raise OSError(0, "it is immutable or append-only, as lsattr shows") from None


def _is_mounted(target: str) -> bool:
    """Whether a file is a mount point, where the system tells."""
    with suppress(FileNotFoundError), open("/proc/self/mountinfo", "rb") as mounts:
        points = [os.fsdecode(line.split(b" ")[4]) for line in mounts]
        # A blank, a tab, a line feed or a backslash is written as three octal digits.
        return target in [re.sub(r"\\([0-7]{3})", lambda at: chr(int(at[1], 8)), p) for p in points]
    return False


def _lock(descriptor: int) -> bool:
    """Lock an open file, unless another process has."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _fill(descriptor: int, content: memoryview) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _take_over(descriptor: int, target: str, mode: int) -> None:
    """Give the new file owner, attributes and no more than the permissions of the old one."""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        os.fchmod(descriptor, mode)
        return
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except PermissionError:
        if old.st_uid != os.geteuid() or mode & old.st_mode & stat.S_IRWXG:
            problem = "its owner or group cannot be kept: run this as its owner"
            raise OSError(0, problem) from None
    attributes, present = _attributes(target), _attributes(descriptor)
    for name, value in attributes.items():
        try:
            # Setting a label may be forbidden, even to its own value.
            if present.get(name) != value:
                os.setxattr(descriptor, name, value)
        except OSError as error:
            raise OSError(0, f"its attribute {name} cannot be kept: {error.strerror}") from None
    if _ACCESS_LIST in attributes:
        # With an access control list, the bits of the group are its mask.
        mode |= stat.S_IRWXG
    # Last, as setting the list changes the mode.
    os.fchmod(descriptor, mode & old.st_mode)


def _attributes(file: str | int) -> dict[str, bytes]:
    """The extended attributes of a file, where the system has any: access control list, label."""
    try:
        return {name: os.getxattr(file, name) for name in os.listxattr(file)}
    except AttributeError:
        return {}
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        return {}
