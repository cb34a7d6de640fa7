"""Temporary files and folders that are known as ours, and go even if their run was killed.

Each lies beside what it is to replace, as `.NAME.corridors-` and sixteen hexadecimal digits, and is locked (`flock`)
for as long as the process lives that made it. One of such a name that nobody holds is what a killed run left: the next
that looks removes it. Replacing is one step where the system can exchange two folders; where it cannot, the old one
goes aside under a name that says so, and whoever finds it there without the other puts it back.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such locks: there nothing is removed, as nobody knows whether it is in use
    fcntl = None  # type: ignore[assignment]

_OURS = re.compile(r"\.(?P<name>.+)\.corridors-[0-9a-f]{16}(?P<aside>-old)?")
_ASIDE = "-old"
_THERE = (errno.ENOTEMPTY, errno.EEXIST)
_CANNOT = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_UNLOCKED = -1


def make_beside(target: Path, create: Callable[[Path], None]) -> tuple[Path, int]:
    """Make a temporary file or folder beside a target and lock it; return its path and the lock, for `remove`.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    while True:
        work = target.with_name(f".{target.name}.corridors-{secrets.token_hex(8)}")
        create(work)
        lock = _lock(work, wait=True)
        if lock is None:
            return work, _UNLOCKED
        if _is(work, lock):  # else another run took it for a leftover before it was locked
            return work, lock
        os.close(lock)


def remove(work: Path, lock: int) -> None:
    """Remove a temporary file or folder, whatever is in it, and its lock."""
    if work.is_dir() and not work.is_symlink():
        shutil.rmtree(work, ignore_errors=True)
    else:
        with suppress(OSError):
            work.unlink()
    if lock != _UNLOCKED:
        os.close(lock)


def clear(folder: Path) -> None:
    """Remove what killed runs left in a folder, and put back what they had moved aside; others' files stay."""
    for path in _left(folder):
        with _taken(path) as lock:
            if lock is None:
                continue
            found = _OURS.fullmatch(path.name)
            old = path.with_name(found["name"]) if found and found["aside"] else None
            if old is not None and not old.exists():
                with suppress(OSError):
                    path.rename(old)
            elif lock != _UNLOCKED:
                remove(path, _UNLOCKED)


def _left(folder: Path) -> list[Path]:
    """Return what in a folder has a name of ours, belongs to this user and is no link or device."""
    owner = os.geteuid() if hasattr(os, "geteuid") else None
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _OURS.fullmatch(entry.name):
                state = entry.stat(follow_symlinks=False)
                ordinary = stat.S_ISDIR(state.st_mode) or stat.S_ISREG(state.st_mode)
                if ordinary and owner in (None, state.st_uid):
                    found.append(folder / entry.name)
    return sorted(found)


@contextmanager
def _taken(path: Path) -> Iterator[int | None]:
    """Lock something and yield the lock; None if somebody holds it, `_UNLOCKED` where there are no locks."""
    if fcntl is None:
        yield _UNLOCKED
        return
    # what is moved aside is held only while it is replaced: that is waited for
    lock = _lock(path, wait=path.name.endswith(_ASIDE))
    try:
        yield lock if lock is not None and _is(path, lock) else None
    finally:
        if lock is not None:
            os.close(lock)


def _lock(path: Path, *, wait: bool) -> int | None:
    """Lock a file or a folder; None if another holds it or the system cannot lock it."""
    if fcntl is None:
        return None
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(number)
        return None
    return number


def _is(path: Path, number: int) -> bool:
    """Whether a path still leads to an open file."""
    try:
        there, held = os.lstat(path), os.fstat(number)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)


def replace_file(work: Path, path: Path) -> None:
    """Put a file in the place of another; the new one is on the disk before the old one goes."""
    if path.exists():
        _flush(work)
    work.replace(path)


def replace_folder(work: Path, folder: Path, *, force: bool) -> None:
    """Put a folder where there is none or an empty one; with `force`, exchange it with one that is there.

    After an exchange the old one has the other's name and is removed with it.

    Raises
    ------
    FileExistsError
        If there is one that is not empty, without `force`.
    """
    try:
        work.rename(folder)
    except OSError as error:
        if error.errno not in _THERE:
            raise
        if not force:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder)) from error
        for path in (*work.rglob("*"), work):
            _flush(path)
        if not exchange(work, folder):
            in_two_steps(work, folder)
        _flush(folder.parent)


def _flush(path: Path) -> None:
    """Have a file or a folder written to the disk, where the system can be asked for it."""
    with suppress(OSError):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return False where the system or the file system cannot.

    Linux has ``renameat2`` with ``RENAME_EXCHANGE``, macOS ``renamex_np`` with ``RENAME_SWAP``; both are 2.
    """
    here = -100  # AT_FDCWD
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(os.fsencode(one), os.fsencode(other), 2)
        else:
            failed = library.renameat2(here, os.fsencode(one), here, os.fsencode(other), 2)
    except (OSError, AttributeError, TypeError):
        return False
    if failed and ctypes.get_errno() not in _CANNOT:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))
    return not failed


def in_two_steps(work: Path, folder: Path) -> None:
    """Replace a folder where two cannot be exchanged: it goes aside, under the name by which `clear` puts it back."""
    aside = work.with_name(work.name + _ASIDE)
    lock = _lock(folder, wait=False)  # whoever looks between the two steps waits for the second
    try:
        folder.rename(aside)
        try:
            work.rename(folder)
        except BaseException:
            aside.rename(folder)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        if lock is not None:
            os.close(lock)
