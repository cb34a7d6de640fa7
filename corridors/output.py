"""Files and folders written whole or not at all, with text that no spreadsheet takes for a formula."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FLOAT_FORMAT = "%.12g"
# What a terminal obeys or a reader does not see: controls (C0, DEL, C1), the ends of lines and paragraphs, marks that
# turn the direction of writing, and halves of characters, as undecodable bytes of names become.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def safe_text(text: str) -> str:
    """Give text that no spreadsheet runs: what would begin a formula gets an apostrophe before it (OWASP)."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


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


def csv_text(frame: pd.DataFrame, numbers: str | Callable[[Any], str] = FLOAT_FORMAT) -> str:
    """Give a table as CSV: a header row, LF line ends, no formulas, blank where a value is missing."""
    safe = frame.copy()
    for column in safe.columns:
        if safe[column].dtype.kind not in "fiub":
            safe[column] = [safe_text(value) if isinstance(value, str) else value for value in safe[column]]
    return safe.to_csv(index=False, lineterminator="\n", float_format=numbers)


@contextmanager
def new_folder(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Fill a folder all or nothing: give a temporary one beside it, and rename that when the block ends well.

    An existing folder is replaced only with `force`, and stays as it was until the new one is complete; if the
    block fails or is interrupted, nothing is left behind. With `force`, only a folder that holds a
    `summary.json`, or an empty one, is replaced, so that a mistyped path loses nothing.

    Raises
    ------
    OutputError
        If the folder exists without `force`, is not one that this program wrote, or cannot be written.
    """
    folder = Path(folder)
    refuse_folder(folder, force=force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(f"cannot write to {folder.parent}: {error.strerror}; choose another folder") from error
    try:
        yield work
        _set_mode(work)
        _swap(work, folder)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}; nothing was changed") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def new_file(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file all or nothing: a temporary one beside it takes its place when it is whole.

    Raises
    ------
    OutputError
        If it exists without `force`, is no ordinary file, or cannot be written.
    """
    path = Path(path)
    refuse_file(path, force=force)
    work = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        work = Path(name)
        with os.fdopen(number, "wb") as file:
            file.write(data)
        work.chmod(0o666 & ~_mask())
        work.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}; nothing was changed") from error
    finally:
        if work is not None:
            work.unlink(missing_ok=True)


def refuse_file(path: Path, *, force: bool = False) -> None:
    """Raise `OutputError` if a file may not be written or replaced; asked before long work, and again after."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise OutputError(f"{path} is not an ordinary file; choose another file")
    if path.exists() and not force:
        raise OutputError(f"{path} exists already; choose another file, or replace it with --force")


def refuse_folder(folder: Path, *, force: bool = False) -> None:
    """Raise `OutputError` if a folder may not be written or replaced; asked before long work, and again after."""
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


def _set_mode(folder: Path) -> None:
    """Give the folder the permissions of any new folder; the temporary one is private."""
    folder.chmod(0o777 & ~_mask())


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _swap(work: Path, folder: Path) -> None:
    if not folder.exists():
        work.rename(folder)
        return
    old = work.with_name(work.name + "-old")
    folder.rename(old)
    try:
        work.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
