"""The one door through which files come in: ordinary files, inside their folder, up to a size, decoded once.

A data package, a scenario, a plan folder or a network may be a stranger's. A named pipe among its files would hang
the program, a device would fill its memory, and a link would lead it to any file of the machine.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LARGEST = 2**28  # bytes: a hundred times the embedded package, and still no danger to memory
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


class UnsuitableFile(OSError):  # noqa: N818 - reads as a sentence
    """A file that is not read because of what or where it is; `strerror` says why, as for any other `OSError`."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(errno.EINVAL, why, str(path))


def read_bytes(path: Path, *, inside: Path | None = None, most: int = LARGEST) -> bytes:
    """Read an ordinary file.

    Parameters
    ----------
    path
        The file.
    inside
        The folder that it must lie in after all links are followed, where it is part of a package or a plan.
    most
        Bytes that it may have.

    Raises
    ------
    UnsuitableFile
        If it is no ordinary file, lies outside the folder, or is larger.
    OSError
        If it is not there or cannot be read. Either way ``error.strerror`` says why.
    """
    if "\0" in str(path):
        raise UnsuitableFile(path, "a name with a NUL in it")
    real = Path(os.path.realpath(path))
    if inside is not None and not real.is_relative_to(os.path.realpath(inside)):
        raise UnsuitableFile(path, f"a link to a file outside {inside}")
    # a pipe that nobody writes to must not hang, and a link put there since must not be followed
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(real, flags)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error
    try:
        status = os.fstat(number)
        mode = status.st_mode
        if not stat.S_ISREG(mode):
            kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
            raise UnsuitableFile(path, f"{kind}, not an ordinary file")
        if status.st_size > most:  # as far as it tells; it may grow while it is read
            raise UnsuitableFile(path, f"larger than {most:,} bytes")
        with os.fdopen(number, "rb", closefd=False) as file:
            data = file.read(most + 1)
    finally:
        os.close(number)
    if len(data) > most:
        raise UnsuitableFile(path, f"larger than {most:,} bytes")
    return data


def read_text(path: Path, *, inside: Path | None = None, most: int = LARGEST) -> str:
    """Read an ordinary file as UTF-8, with or without a byte-order mark; line ends stay as they are.

    Raises
    ------
    OSError
        As `read_bytes`.
    UnicodeDecodeError
        If it is not UTF-8.
    """
    return read_bytes(path, inside=inside, most=most).decode("utf-8-sig")
