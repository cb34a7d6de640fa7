"""The rows of a sweep in a folder: each there whole or not at all, and in the end the same bytes whatever happened.

`sweep.json` says which sweep it is. `rows.jsonl` has a line a task, appended as the rows come, by one process, with a
checksum of the sweep, the task and the line; what has another one, from a crash or an editor, is solved again, and when
all are there, they are put in the order of the tasks. Nothing else in the folder is ever touched.
"""

from __future__ import annotations

import io
import json
import os
import stat
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from corridors.errors import OutputError
from corridors.files import read_bytes
from corridors.output import TemporaryFolder
from corridors.sweep.tasks import CHECK, Line, Seal

MANIFEST = "sweep.json"
ROWS = "rows.jsonl"
BESIDE = {  # what is written beside the rows, by kind of sweep
    "stress": ("stress.csv",),
    "estimate": ("left_out.csv",),
    "uncertainty": ("intervals.csv", "conclusions.csv", "indices.csv", "groups.csv"),
}
_NEW = ".new"  # a file that is not complete yet
_SHOWN = 3  # differences between two sweeps, or files: more say no more
_LARGEST_MANIFEST = 2**24  # bytes
_LONGEST_LINE = 2**24  # bytes
_BINARY = getattr(os, "O_BINARY", 0)


class Results:
    """The rows of a finished sweep, read from its folder when they are asked for, in the order of tasks.

    Attributes
    ----------
    folder
        Where they are.
    failures
        How many tasks failed: their rows have "failed", which says why.
    """

    def __init__(self, folder: Path, count: int, failures: int, temporary: TemporaryFolder | None = None) -> None:
        self.folder = folder
        self.failures = failures
        self._count = count
        self._temporary = temporary

    def __len__(self) -> int:
        """Return the number of tasks."""
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows one by one: {"task": number, the task's own values, the row's}."""
        with (self.folder / ROWS).open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                del row[CHECK]
                yield row

    def close(self) -> None:
        """Remove the folder if it is a temporary one."""
        if self._temporary is not None:
            self._temporary.close()

    def __enter__(self) -> Self:
        """Return the results, to be closed after the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the results."""
        self.close()


class Rows:
    """The rows of a sweep while they come: which tasks are known, and the file that they are appended to."""

    def __init__(self, folder: Path, total: int, seal: Seal) -> None:
        self.folder = folder
        self.temporary: TemporaryFolder | None = None  # what it lies in, if nobody wants to keep it
        self.total = total
        self.seal = seal
        self.done = 0
        self.failures = 0
        self._start = array("q", [-1]) * total  # where the line of each task begins
        self._end = 0
        self._in_order = True
        self._file = _ordinary(folder / ROWS)
        self._read()
        self._file.truncate(self._end)
        self.resumed = self.done

    def _read(self) -> None:
        """Learn which rows are there; what is no sound row, or one for the second time, is passed over."""
        with self._reader() as file:
            while line := file.readline(_LONGEST_LINE):
                number, failed = self.seal.read(line)
                if number >= 0 and self._start[number] < 0:
                    self._note(number, failed, len(line))
                elif line.endswith(b"\n"):
                    self._in_order = False
                    self._end += len(line)
                else:  # torn, or longer than any row: what follows is lost with it
                    return

    def _reader(self) -> BinaryIO:
        """Open the same file to be read from its beginning."""
        os.lseek(self._file.fileno(), 0, os.SEEK_SET)
        return os.fdopen(os.dup(self._file.fileno()), "rb")

    def _note(self, number: int, failed: bool, size: int) -> None:
        self._in_order &= number == self.done
        self._start[number] = self._end
        self._end += size
        self.done += 1
        self.failures += failed

    def missing(self) -> Iterator[int]:
        """Return the numbers of the tasks that have no row yet."""
        return (number for number in range(self.total) if self._start[number] < 0)

    def add(self, lines: Iterable[Line]) -> None:
        """Append rows to the file."""
        for number, failed, text in lines:
            line = self.seal.sealed(number, text).encode() + b"\n"
            self._write(line)
            self._note(number, failed, len(line))

    def _write(self, line: bytes) -> None:
        try:
            while line:
                line = line[self._file.write(line) :]
        except OSError as error:
            raise OutputError(
                f"cannot write {self.folder / ROWS}: {error.strerror or error}; {self.done} of {self.total} are done, "
                "and the same command goes on from there"
            ) from error

    def finish(self) -> None:
        """Put the rows in the order of tasks, so that the file has the same bytes however they came."""
        if self._in_order:
            return
        with self._reader() as old, _replacing(self.folder, ROWS) as file:
            for start in self._start:
                old.seek(start)
                file.write(old.readline())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def keep(folder: Path, name: str, data: bytes) -> None:
    """Write a file of a sweep's folder whole or not at all, in the place of one that is there.

    Raises
    ------
    OutputError
        If what is there is no ordinary file, or it cannot be written.
    """
    try:
        with _replacing(folder, name) as file:
            file.write(data)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {folder / name}: {error.strerror or error}; choose another folder") from error


@contextmanager
def _replacing(folder: Path, name: str) -> Iterator[BinaryIO]:
    """Yield a new file that takes the place of another at the end; neither is ever a link, or what one leads to."""
    new = folder / (name + _NEW)
    _expect_ordinary(folder / name, new)
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / name)


def _is_ordinary(path: Path) -> bool:
    """Tell whether a file is an ordinary one that stands in no other place: writing to it changes nothing else."""
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _expect_ordinary(*paths: Path) -> None:
    """Raise `OutputError` if one of the files is there and is not ordinary."""
    for path in paths:
        if os.path.lexists(path) and not _is_ordinary(path):
            raise OutputError(f"{path} is not an ordinary file; move it away, or choose another folder")


def _ordinary(path: Path) -> io.FileIO:
    """Open an ordinary file to be read and appended to, made if it is not there; what is written is there at once."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # nor must a pipe keep us waiting
    _expect_ordinary(path)
    return io.FileIO(os.open(path, flags, 0o666), "r+b")


@contextmanager
def opened(
    folder: Path | None, manifest: Mapping[str, Any], total: int, *, force: bool = False, seal: Seal | None = None
) -> Iterator[Rows]:
    """Open the folder of a sweep, to go on where it stopped; a temporary one if none is given, removed on an error.

    Raises
    ------
    OutputError
        If the folder is in use, holds something else, or, without `force`, the rows of another sweep.
    """
    seal = seal or Seal(str(manifest["digest"]), [{}] * total, lambda _: True)
    if folder is None:
        made = TemporaryFolder()
        try:
            with _open(made.path, manifest, total, seal) as rows:
                rows.temporary = made
                yield rows
        except BaseException:
            made.close()
            raise
        return
    _make(folder)
    with _alone(folder):
        _refuse(folder, manifest, force=force)
        with _open(folder, manifest, total, seal) as rows:
            yield rows


@contextmanager
def _open(folder: Path, manifest: Mapping[str, Any], total: int, seal: Seal) -> Iterator[Rows]:
    beside = BESIDE.get(str(manifest["kind"]), ())
    text = json.dumps({**manifest, "files": [ROWS, *beside]}, ensure_ascii=False, indent=2) + "\n"
    try:
        for name in (MANIFEST, ROWS, *beside):
            _expect_ordinary(folder / name, folder / (name + _NEW))  # at once, and not after hours of solving
        keep(folder, MANIFEST, text.encode())
        for name in (ROWS, *beside):
            (folder / (name + _NEW)).unlink(missing_ok=True)  # what a crash left half done
        rows = Rows(folder, total, seal)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}; choose another folder") from error
    try:
        yield rows
    finally:
        rows.close()


def _make(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputError(f"{folder} is not a folder; choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write to {folder.parent}: {error.strerror}; choose another folder") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second run out of the folder, where the system has locks; they end with the process."""
    try:
        import fcntl  # not on every system
    except ImportError:
        yield
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"{folder} is being written by another run; wait for it or choose another") from error
        yield
    finally:
        os.close(place)


def _refuse(folder: Path, manifest: Mapping[str, Any], *, force: bool) -> None:
    """Refuse a folder that is not this sweep's; with `force`, or if it has no rows yet, empty another sweep's."""
    names = {path.name for path in folder.iterdir()} - {MANIFEST + _NEW}
    if not names:
        return
    there = _manifest(folder)
    if there is None:
        raise OutputError(f"{folder} holds something else than a sweep (no sound {MANIFEST}); choose another folder")
    if there["digest"] == manifest["digest"]:
        return
    rows = folder / ROWS
    if not force and os.path.lexists(rows) and (not _is_ordinary(rows) or rows.stat().st_size):
        raise OutputError(
            f"{folder} holds another sweep ({_printable(_difference(there, manifest))}); "
            "choose another folder, or replace it with --force"
        )
    _empty(folder, there)


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Return what the folder says of its sweep, or None if it says nothing that makes sense."""
    try:
        read = json.loads(read_bytes(folder / MANIFEST, inside=folder, most=_LARGEST_MANIFEST).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    kinds = {"kind": str, "digest": str, "identity": dict}
    sound = isinstance(read, dict) and all(isinstance(read.get(name), kind) for name, kind in kinds.items())
    return read if sound else None


def _empty(folder: Path, there: Mapping[str, Any]) -> None:
    """Remove the files of a sweep, the manifest last: until then it can be seen what it is.

    Those are ordinary files that its manifest lists and that sweeps of this program write; anything else is somebody's
    own, and then nothing is removed.
    """
    listed = there.get("files")
    written = {name for names in BESIDE.values() for name in names}
    known = {MANIFEST, ROWS} | {name for name in written if isinstance(listed, list) and name in listed}
    ours = {name + end for name in known for end in ("", _NEW)}
    paths = sorted(folder.iterdir(), key=lambda path: (path.name == MANIFEST, path.name))
    others = [path.name for path in paths if path.name not in ours or not _is_ordinary(path)]
    if others:
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        told = _printable(", ".join(others[:_SHOWN]))
        raise OutputError(
            f"{folder} holds another sweep, and beside it {told}{more}, which no sweep wrote: "
            "move that away, or choose another folder"
        )
    for path in paths:
        path.unlink()


def _printable(text: str) -> str:
    """Write what moves a terminal as what it is."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Say in what two sweeps differ."""
    old, new = (
        {key: one[key] for key in ("kind", "tasks", "version") if key in one} | dict(one["identity"])
        for one in (there, here)
    )
    differ = [key for key in {**new, **old} if old.get(key) != new.get(key)]
    said = [f"{key} {_short(old.get(key))} there, {_short(new.get(key))} here" for key in differ[:_SHOWN]]
    return "; ".join([*said, *(["and more"] if len(differ) > _SHOWN else [])])


def _short(value: Any) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "..."
