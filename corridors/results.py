"""The rows of a sweep in a folder: each there whole or not at all, and in the end the same bytes whatever happened.

`sweep.json` says which sweep it is. `rows.jsonl` has a line a task, appended as the rows come, by one process; a line
that a crash tore is cut off when the sweep goes on, and when all are there, they are put in the order of the tasks.
"""

from __future__ import annotations

import json
import os
import shutil
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corridors.errors import OutputError
from corridors.output import TemporaryFolder
from corridors.tasks import Line

MANIFEST = "sweep.json"
ROWS = "rows.jsonl"
_NEW = ".new"  # a file that is not complete yet
_SHOWN = 3  # differences between two sweeps: more say no more


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
        """Give the number of tasks."""
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give the rows one by one: {"task": number, the task's own values, the row's}."""
        with (self.folder / ROWS).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def close(self) -> None:
        """Remove the folder if it is a temporary one."""
        if self._temporary is not None:
            self._temporary.close()

    def __enter__(self) -> Self:
        """Give the results, to be closed after the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the results."""
        self.close()


class Rows:
    """The rows of a sweep while they come: which tasks are known, and the file that they are appended to."""

    def __init__(self, folder: Path, total: int) -> None:
        self.folder = folder
        self.temporary: TemporaryFolder | None = None  # what it lies in, if nobody wants to keep it
        self.total = total
        self.done = 0
        self.failures = 0
        self._start = array("q", [-1]) * total  # where the line of each task begins
        self._end = 0
        self._in_order = True
        self._read()
        self._file = (folder / ROWS).open("ab", buffering=0)
        self._file.truncate(self._end)
        self.resumed = self.done

    def _read(self) -> None:
        """Learn which rows are there, up to the first line that is not whole."""
        with suppress(FileNotFoundError), (self.folder / ROWS).open("rb") as file:
            for line in file:
                number, failed = _number(line)
                if not 0 <= number < self.total or self._start[number] >= 0:
                    return
                self._note(number, failed, len(line))

    def _note(self, number: int, failed: bool, size: int) -> None:
        self._in_order &= number == self.done
        self._start[number] = self._end
        self._end += size
        self.done += 1
        self.failures += failed

    def missing(self) -> Iterator[int]:
        """Give the numbers of the tasks that have no row yet."""
        return (number for number in range(self.total) if self._start[number] < 0)

    def add(self, lines: Iterable[Line]) -> None:
        """Append rows to the file."""
        for number, failed, text in lines:
            line = text.encode() + b"\n"
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
        self._file.flush()
        if self._in_order:
            return
        new = self.folder / (ROWS + _NEW)
        with (self.folder / ROWS).open("rb") as old, new.open("wb") as file:
            for start in self._start:
                old.seek(start)
                file.write(old.readline())
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / ROWS)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _number(line: bytes) -> tuple[int, bool]:
    """Give the number in a line and whether the task failed; -1 if the line is not whole."""
    try:
        row = json.loads(line) if line.endswith(b"\n") else {}
        return int(row["task"]), "failed" in row
    except (ValueError, TypeError, KeyError):
        return -1, False


@contextmanager
def opened(folder: Path | None, manifest: Mapping[str, Any], total: int, *, force: bool = False) -> Iterator[Rows]:
    """Open the folder of a sweep, to go on where it stopped; a temporary one if none is given, removed on an error.

    Raises
    ------
    OutputError
        If the folder is in use, holds something else, or, without `force`, the rows of another sweep.
    """
    if folder is None:
        made = TemporaryFolder()
        try:
            with _open(made.path, manifest, total) as rows:
                rows.temporary = made
                yield rows
        except BaseException:
            made.close()
            raise
        return
    _make(folder)
    with _alone(folder):
        _refuse(folder, manifest, force=force)
        with _open(folder, manifest, total) as rows:
            yield rows


@contextmanager
def _open(folder: Path, manifest: Mapping[str, Any], total: int) -> Iterator[Rows]:
    new = folder / (MANIFEST + _NEW)
    try:
        new.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        new.replace(folder / MANIFEST)
        (folder / (ROWS + _NEW)).unlink(missing_ok=True)
        rows = Rows(folder, total)
    except OSError as error:
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
    there = _manifest(folder / MANIFEST)
    if there is None:
        raise OutputError(f"{folder} holds something else than a sweep (no {MANIFEST}); choose another folder")
    if there["digest"] == manifest["digest"]:
        return
    rows = folder / ROWS
    if not force and rows.is_file() and rows.stat().st_size:
        raise OutputError(
            f"{folder} holds another sweep ({_difference(there, manifest)}); "
            "choose another folder, or replace it with --force"
        )
    _empty(folder)


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) and {"kind", "digest", "identity"} <= set(read) else None


def _empty(folder: Path) -> None:
    """Remove what is in a sweep's folder, the manifest last: until then it can be seen what it is."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


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
