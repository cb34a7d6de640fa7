"""Counts in a file of their own, in the form of `observations.csv`, for a data package that has others or none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.errors import DataError
from corridors.files import read_bytes
from corridors.tables import rules, validation
from corridors.tables.faults import Fault
from corridors.tables.parsing import UnreadableError
from corridors.tables.schema import dictionary

if TYPE_CHECKING:
    import pandas as pd

    from corridors.tables.dataset import Dataset

TABLE = "observations"


def read_observations(path: Path, dataset: Dataset) -> pd.DataFrame:
    """Read counts and check them against a data package, as its own would be.

    Parameters
    ----------
    path
        A CSV file with the columns of observations.csv.
    dataset
        Whose links, places and commodities the counts name.

    Returns
    -------
    pandas.DataFrame
        As `dataset["observations"]`.

    Raises
    ------
    DataError
        If anything is wrong: the first fault is named, and how many others there are.
    """
    try:
        frame, found = validation.table_in(read_bytes(path), TABLE)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}; give a CSV file in the form of {TABLE}.csv") from error
    except UnreadableError as error:
        raise DataError(str(error.fault(str(path)))) from error
    found += _beside(frame, dataset)
    if found:
        first, others = validation.in_order(found)[0], len(validation.in_order(found)) - 1
        more = f" (… and {others} more)" if others else ""
        raise DataError(f"{replace(first, file=str(path))}{more}")
    return frame.reset_index(drop=True)


def _beside(frame: pd.DataFrame, dataset: Dataset) -> list[Fault]:
    """Return the faults of counts beside the other tables."""
    tables = {name: dataset[name] for name in dictionary() if name != "provenance"} | {TABLE: frame}
    found = [*rules.check_references(tables), *rules.check_observations(tables, frame)]
    return [fault for fault in found if fault.file == f"{TABLE}.csv"]
