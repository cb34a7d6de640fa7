"""Files and folders written whole or not at all, with text that no spreadsheet takes for a formula."""

from __future__ import annotations

import os
import re
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from corridors.errors import OutputError
from corridors.output.leftovers import clear, make_beside, remove, replace_file, replace_folder

if TYPE_CHECKING:
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FLOAT_FORMAT = "%.12g"
MOST_NAMED = 3  # of a user's files
# What a terminal obeys or a reader does not see: controls (C0, DEL, C1), the ends of lines and paragraphs, marks that
# turn the direction of writing, and halves of characters, as undecodable bytes of names become.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def safe_text(text: str) -> str:
    """Give text that no spreadsheet runs: what would begin a formula gets an apostrophe before it (OWASP)."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def own_text(text: str) -> str:
    """Return the text that `safe_text` made safe."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def printable(text: str, *, lines: bool = True) -> str:
    """Return text that no terminal obeys: control characters are replaced by their escapes, as Python writes them.

    Parameters
    ----------
    text
        Any text, a stranger's too.
    lines
        Whether it may have several lines, and tabs.
    """
    found = _OBEYED.sub(_escape, text)
    return found if lines else found.replace("\n", "\\n").replace("\t", "\\t")


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8 (PEP 383)
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def csv_text(
    frame: pd.DataFrame, numbers: str | Callable[[Any], str] = FLOAT_FORMAT, exact: Collection[str] = ()
) -> str:
    """Give a table as CSV: a header row, LF line ends, no formulas, blank where a value is missing.

    Numbers of the columns `exact` have all their digits, so that reading them gives the very same ones.
    """
    safe = frame.copy()
    for column in safe.columns:
        if safe[column].dtype.kind not in "fiub":
            safe[column] = [safe_text(value) if isinstance(value, str) else value for value in safe[column]]
        elif column in exact:
            safe[column] = ["" if value != value else repr(value) for value in safe[column].tolist()]
    return safe.to_csv(index=False, lineterminator="\n", float_format=numbers)


@contextmanager
def new_folder(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Fill a folder all or nothing: give a temporary one beside it, which takes its place when the block ends well.

    An existing folder is replaced only with `force`, in one step where the system can exchange two folders, and stays
    as it was until the new one is complete; if the block fails or is interrupted, nothing is left behind. With
    `force`, only a folder that holds a `summary.json`, or an empty one, is replaced, and none with a file that is not
    written again, so that nothing of the user's is lost. What a killed run left beside it is removed.

    Raises
    ------
    OutputError
        If the folder exists without `force`, is not one that this program wrote, or cannot be written.
    """
    folder = Path(folder)
    refuse_folder(folder, force=force)
    try:
        with _beside(folder, _make_folder) as work:
            yield work
            if force:
                _refuse_strangers(folder, work)
            work.chmod(0o777 & ~_mask())  # the temporary one is private
            replace_folder(work, folder, force=force)
    except FileExistsError as error:
        raise OutputError(f"{folder} was made by another meanwhile; choose another folder") from error
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {folder}: {error.strerror or error}; nothing was changed") from error


def new_file(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file all or nothing: a temporary one beside it takes its place when it is whole.

    Raises
    ------
    OutputError
        If it exists without `force`, is no ordinary file, or cannot be written.
    """
    with filling(path, force=force) as work:
        work.write_bytes(data)


@contextmanager
def filling(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a temporary file to be written, which takes the place of another when the block ends well.

    Raises
    ------
    OutputError
        As `new_file`.
    """
    path = Path(path)
    refuse_file(path, force=force)
    try:
        with _beside(path, _make_file) as work:
            yield work
            work.chmod(0o666 & ~_mask())
            replace_file(work, path)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {path}: {error.strerror or error}; nothing was changed") from error


def clear_temporary() -> None:
    """Remove what killed runs left among the system's temporary files."""
    with suppress(OSError):
        clear(Path(tempfile.gettempdir()))


class TemporaryFolder:
    """A folder among the system's temporary ones, until it is closed; what killed runs left there is removed first.

    Attributes
    ----------
    path
        Where it is.

    Raises
    ------
    OutputError
        If none can be made.
    """

    def __init__(self) -> None:
        try:
            clear_temporary()
            self.path, lock = make_beside(Path(tempfile.gettempdir(), "temporary"), _make_folder)
        except OSError as error:
            raise OutputError(
                f"no temporary folder can be made ({error.strerror or error}); make room, or name another with TMPDIR"
            ) from error
        self._closed = weakref.finalize(self, remove, self.path, lock)

    def close(self) -> None:
        """Remove it, if that was not done."""
        self._closed()

    def __enter__(self) -> Path:
        """Give its path."""
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()


@contextmanager
def _beside(target: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Give a temporary file or folder beside a target, which is gone after the block."""
    target.parent.mkdir(parents=True, exist_ok=True)
    work, lock = make_beside(target, make)
    try:
        yield work
    finally:
        remove(work, lock)


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700)


def _make_file(path: Path) -> None:
    path.touch(mode=0o600, exist_ok=False)


def refuse_file(path: Path, *, force: bool = False) -> None:
    """Raise `OutputError` if a file may not be written or replaced; asked before long work, and again after."""
    clear(path.parent)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise OutputError(f"{path} is not an ordinary file; choose another file")
    if path.exists() and not force:
        raise OutputError(f"{path} exists already; choose another file, or replace it with --force")


def refuse_folder(folder: Path, *, force: bool = False) -> None:
    """Raise `OutputError` if a folder may not be written or replaced; asked before long work, and again after."""
    clear(folder.parent)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputError(f"{folder} is not a folder; choose another folder")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise OutputError(f"{folder} exists already; choose another folder, or replace it with --force")
    if not (folder / "summary.json").is_file():
        raise OutputError(
            f"{folder} holds no plan (no summary.json), so --force does not replace it; choose another folder"
        )


def _refuse_strangers(folder: Path, work: Path) -> None:
    """Raise `OutputError` if a folder that is to be replaced holds what the new one does not."""
    ours = {path.name for path in work.iterdir()}
    found = sorted(path.name for path in folder.iterdir() if path.name not in ours) if folder.is_dir() else []
    if found:
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        raise OutputError(
            f"{folder} holds {', '.join(found[:MOST_NAMED])}{more}, which would be lost; move that away, or choose "
            "another folder"
        )


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
