"""Files and folders written whole or not at all: a temporary one takes the place of the old one when it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corridors.errors import OutputError
from corridors.output.leftovers import clear, replace_file, replace_folder
from corridors.output.temporary import make_file, make_folder, work_beside

MOST_NAMED = 3  # of a user's files


@contextmanager
def new_folder(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Fill a folder all or nothing: yield a temporary one beside it, which takes its place when the block ends well.

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
        with work_beside(folder, make_folder) as work:
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
    """Yield a temporary file to be written, which takes the place of another when the block ends well.

    Raises
    ------
    OutputError
        As `new_file`.
    """
    path = Path(path)
    refuse_file(path, force=force)
    try:
        with work_beside(path, make_file) as work:
            yield work
            work.chmod(0o666 & ~_mask())
            replace_file(work, path)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {path}: {error.strerror or error}; nothing was changed") from error


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
