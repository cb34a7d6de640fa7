"""Temporary files and folders: beside what they are to replace, or among the system's own."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from corridors.errors import OutputError
from corridors.output.leftovers import clear, make_beside, remove


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
            self.path, lock = make_beside(Path(tempfile.gettempdir(), "temporary"), make_folder)
        except OSError as error:
            raise OutputError(
                f"no temporary folder can be made ({error.strerror or error}); make room, or name another with TMPDIR"
            ) from error
        self._closed = weakref.finalize(self, remove, self.path, lock)

    def close(self) -> None:
        """Remove it, if that was not done."""
        self._closed()

    def __enter__(self) -> Path:
        """Return its path."""
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()


@contextmanager
def work_beside(target: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Make a temporary file or folder beside a target, which is gone after the block."""
    target.parent.mkdir(parents=True, exist_ok=True)
    work, lock = make_beside(target, make)
    try:
        yield work
    finally:
        remove(work, lock)


def make_folder(path: Path) -> None:
    """Make a folder that nobody else may look into."""
    path.mkdir(mode=0o700)


def make_file(path: Path) -> None:
    """Make an empty file that nobody else may read."""
    path.touch(mode=0o600, exist_ok=False)
