"""One change of a scenario applied to a dataset: rows of one table are picked, and one thing is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from corridors.scenario.change import Change, Effect
from corridors.scenario.closing import close_rows, open_rows
from corridors.scenario.editing import add_avoid, add_rows, scale_rows, set_rows
from corridors.scenario.projects import apply_projects, undo_projects
from corridors.scenario.selection import picked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset

    type Action = Callable[[Dataset, Change, NDArray[np.bool_]], tuple[Dataset, Effect]]

ACTIONS: dict[str, Action] = {
    "close": close_rows,
    "open": open_rows,
    "set": set_rows,
    "scale": scale_rows,
    "add": add_rows,
    "add_avoid": add_avoid,
    "apply": apply_projects,
    "undo": undo_projects,
}


def apply(dataset: Dataset, change: Change) -> tuple[Dataset, Effect]:
    """Return the dataset with a change made, and how many rows it picked and altered.

    The rules across tables are not applied: ask `Dataset.faults` once, after the last change.

    Raises
    ------
    ScenarioError
        If no row has the values asked for, or the rows cannot be changed so.
    """
    return ACTIONS[change.action](dataset, change, picked(dataset, change))
