"""Data packages of this product's own form, posed as `corridors plan` poses them, gzipped tables included."""

from __future__ import annotations

from pathlib import Path

from corridors import network, tables
from corridors.errors import DataError
from corridors.exchange.text import GZIP, called, read_bytes
from corridors.models.freight import pose
from corridors.models.problem import FlowProblem
from corridors.output import TemporaryFolder


def read(folder: Path) -> FlowProblem:
    """Read a data package: the freight of its base year at least generalised cost, in USD.

    Raises
    ------
    DataError
        If anything is wrong with it; the sentence names file, row and column.
    """
    packed = [path for path in sorted(folder.iterdir()) if path.is_file() and _is_packed(path)]
    if not packed:
        return pose(network.build(tables.read(folder))).problem
    with TemporaryFolder() as plain:
        for path in sorted(folder.iterdir()):
            if path in packed or path.suffix in (".csv", ".json"):
                (plain / path.name.removesuffix(".gz")).write_bytes(read_bytes(path))
        try:
            return pose(network.build(tables.read(plain))).problem
        except DataError as error:
            raise DataError(str(error).replace(str(plain), called(folder))) from error


def _is_packed(path: Path) -> bool:
    if Path(path.name.removesuffix(".gz")).suffix not in (".csv", ".json"):
        return False
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP
