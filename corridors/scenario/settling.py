"""A capacity that a scenario or a project writes holds in every year: figures of other years give way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.tables.schema import keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset

CAPACITY = "capacity"


def settled(dataset: Dataset, table: str, mask: NDArray[np.bool_]) -> Dataset:
    """Return the dataset without the rows of `capacities.csv` that are about some rows of a table.

    Whoever closes a line, or says how much it takes, says so of the plan's year, whichever that is. A scenario that
    means one year alone writes `capacities.csv`, afterwards.
    """
    given = dataset["capacities"]
    if not (given["table"] == table).any():
        return dataset
    names = {key for key, mine in zip(keys(table, dataset[table]), mask.tolist(), strict=True) if mine}
    gone = (given["table"] == table) & given["key"].isin(names)
    return dataset.with_table("capacities", given[~gone]) if gone.any() else dataset
