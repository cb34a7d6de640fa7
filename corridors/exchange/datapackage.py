"""Data packages of this program's own form, posed as `corridors plan` poses them; gzipped or named in capitals, too."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from corridors import files, network, tables
from corridors.errors import DataError
from corridors.exchange.numbers import GZIP, called, fault, read_bytes
from corridors.models.problem import FlowProblem
from corridors.output import TemporaryFolder
from corridors.planning.freight import pose


def read(folder: Path) -> FlowProblem:
    """Read a data package: the freight of its base year at least generalised cost, in USD.

    Raises
    ------
    DataError
        If anything is wrong with it; the sentence names file, row and column.
    """
    texts = [path for path in sorted(folder.iterdir()) if _is_text(path)]
    if not any(_is_packed(path, folder) or path.name != path.name.lower() for path in texts):
        return pose(network.build(tables.read(folder))).problem
    with TemporaryFolder() as plain:
        for path in texts:
            target = plain / _plain(path)
            if target.exists():
                raise fault(folder, f"two files {target.name}", "one", "remove or rename what is not meant")
            target.write_bytes(read_bytes(path, inside=folder))
        try:
            return pose(network.build(tables.read(plain))).problem
        except DataError as error:
            raise DataError(str(error).replace(str(plain), called(folder))) from error


def _plain(path: Path) -> str:
    """Return the name of a table as packages have it."""
    return path.name.lower().removesuffix(".gz")


def _is_text(path: Path) -> bool:
    return Path(_plain(path)).suffix in (".csv", ".json")


def _is_packed(path: Path, folder: Path) -> bool:
    """Whether a file begins as gzip does; one that is not to be read is named when the package is."""
    with suppress(OSError):
        return files.read_bytes(path, inside=folder).startswith(GZIP)
    return False
