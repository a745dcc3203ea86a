"""Replaces a file as a whole: whoever reads it, and however it ends, finds old or new content."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING

from wavefront_api_client.tokens.texts import BYTE_ORDER_MARK, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1_000_000
"""Bytes of a file that are worth reading: one that holds tokens is small."""

PATIENCE = 5.0
"""Seconds that a writer waits for another."""

_PREFIX, _SUFFIX = ".wavefront-", ".new"
_ONLY_MINE = 0o600


def target_of(path: str) -> str:
    """Where a path leads in the end: a link stays, and the file behind it is replaced.

    :raises OSError: there is something that is no regular file, or links run in a circle; or
        somebody else has put file or link into a folder that is everybody's.
    """
    target = os.path.realpath(path)
    for each in (os.path.abspath(path), target):
        _refuse_bait(each)
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(target).st_mode):
            raise OSError(0, "it is no regular file")
    return target


def _refuse_bait(path: str) -> None:
    """Refuse what would give the token to whoever was there first: as ``fs.protected_regular``.

    :raises OSError: somebody else has put it into a folder that is everybody's.
    """
    with suppress(FileNotFoundError):
        is_everybodys = os.stat(os.path.dirname(path)).st_mode & stat.S_IWOTH
        if is_everybodys and os.lstat(path).st_uid not in {os.geteuid(), 0}:
            raise OSError(0, "somebody else has put it into a folder that is everybody's")


def content_of(target: str) -> str:
    """The text of a file, "" if there is none.

    :raises OSError: it cannot be read, or is too large.
    :raises ValueError: it is not UTF-8, or begins with a byte order mark.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(target, flags)
    except FileNotFoundError:
        return ""
    with open(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > LARGEST:
            raise OSError(0, "it is too large to hold tokens")
        text = decoded(file.read())
    if text.startswith(BYTE_ORDER_MARK):
        raise ValueError("it begins with a byte order mark: save it without, for most readers")
    return text


@contextmanager
def alone(target: str) -> Iterator[None]:
    """Keep out others who change a file in the same folder, where the system has locks.

    Who holds the lock for too long holds nobody up: what it protects is what others have written.
    """
    descriptor = os.open(os.path.dirname(target), os.O_RDONLY | os.O_CLOEXEC)
    try:
        until = time.monotonic() + PATIENCE
        while not _lock(descriptor) and time.monotonic() < until:
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether there is nothing to wait for: the lock is ours, or there are none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def replace(target: str, content: memoryview, mode: int) -> None:
    """Put a new file in the place of another, or of none.

    :param target: an absolute path without links, as `target_of` gives it.
    :param content: all of it; a view, for that does not show it in a traceback.
    :param mode: its permissions; those that the old file does not give are not given.
    :raises OSError: the old file is as it was, or the new one whole.
    """
    folder = os.path.dirname(target)
    temporary, descriptor = _new_file(folder)
    try:
        _fill(descriptor, content)
        _take_over(descriptor, target, mode)
        os.fsync(descriptor)
        os.replace(temporary, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    _sync_folder(folder)


def try_folder(target: str) -> None:
    """Make a file beside another and take it away again.

    :raises OSError: no file can be made there.
    """
    temporary, descriptor = _new_file(os.path.dirname(target))
    os.close(descriptor)
    os.unlink(temporary)


def _new_file(folder: str) -> tuple[str, int]:
    """Open a file that nobody else can read, and remove those that killed writers have left."""
    for left in _left_behind(folder):
        with suppress(OSError):
            os.unlink(left)
    path = os.path.join(folder, f"{_PREFIX}{token_hex(8)}{_SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, _ONLY_MINE)
    # While somebody holds the lock, nobody takes the file for one that was left behind.
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return path, descriptor


def _fill(descriptor: int, content: memoryview) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _take_over(descriptor: int, target: str, mode: int) -> None:
    """Give the new file the owner, the attributes and no more than the permissions of the old."""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        os.fchmod(descriptor, mode)
        return
    mode &= old.st_mode
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except OSError:
        # What the old group may do is nothing that another group may do.
        mode &= _ONLY_MINE
    _copy_attributes(descriptor, target)
    # Last: it bounds the access control list, too.
    os.fchmod(descriptor, mode)


def _copy_attributes(descriptor: int, target: str) -> None:
    """Copy the extended attributes, where the system has them: access control list, label."""
    with suppress(AttributeError, OSError):
        for name in os.listxattr(target):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(target, name))


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # There are file systems that cannot, where a folder is one.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


def _left_behind(folder: str) -> list[str]:
    """The files of writers that were killed: a killed one holds no lock."""
    with os.scandir(folder) as entries:
        return [
            entry.path
            for entry in entries
            if entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)
            if _is_unlocked(entry.path)
        ]


def _is_unlocked(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
