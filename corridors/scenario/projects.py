"""Investments applied as if they were finished, or undone as if they had never been built.

`projects.csv` says in steps what a project makes of the tables: it opens a row, or it sets, adds to, takes from or
multiplies a number. What an applied or undone project was is settled, so its steps leave the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.frames import rows
from corridors.scenario.change import Change, Effect
from corridors.scenario.closing import closed, opened
from corridors.scenario.settling import CAPACITY, settled
from corridors.tables.column_rules import column_faults
from corridors.tables.rules import check_projects
from corridors.tables.schema import keys

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset

OPEN = "open"
BACK = {"+": "-", "-": "+"}


def apply_projects(dataset: Dataset, change: Change, picked: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Take every step of the picked projects, in order, whatever year they are to be finished."""
    return _take(dataset, change, picked, _applied)


def undo_projects(dataset: Dataset, change: Change, picked: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Take every step of the picked projects back, last first: what they opened is closed in every year."""
    return _take(dataset, change, picked, _undone, back=True)


def _take(
    dataset: Dataset,
    change: Change,
    picked: NDArray[np.bool_],
    step_taken: Callable[[Dataset, Change, Any, NDArray[np.bool_]], Dataset],
    *,
    back: bool = False,
) -> tuple[Dataset, Effect]:
    projects = dataset["projects"]
    meant = projects["project"].isin(projects.loc[picked, "project"])
    _check(dataset, change, projects[meant])
    steps = list(rows(projects[meant].sort_values(["project", "step"], ascending=not back, kind="stable")))
    altered: dict[str, int] = {}
    for step in steps:
        row = np.array([key == step.key for key in keys(step.table, dataset[step.table])], dtype=np.bool_)
        dataset = step_taken(dataset, change, step, row)
        altered[step.table] = altered.get(step.table, 0) + 1
    left = dataset.with_table("projects", dataset["projects"][~meant])
    return left, Effect(int(picked.sum()), altered)


def _check(dataset: Dataset, change: Change, steps: pd.DataFrame) -> None:
    """Raise an error if a step is no longer sound: an earlier change may have rewritten it."""
    found = [*column_faults({"projects": steps}), *check_projects(dataset.tables, steps)]
    if found:
        one = found[0]
        step = steps.loc[one.row]
        place = f"project {step['project']}, step {step['step']:.0f}, column {one.column}"
        change.fail(f"{place}: found {one.found}, expected {one.expected}; {one.advice}")


def _applied(dataset: Dataset, change: Change, step: Any, row: NDArray[np.bool_]) -> Dataset:
    if step.change == OPEN:
        dated = (dataset[step.table].loc[row, "year_open"] > dataset.base_year).all()
        if not dated:
            change.fail(f"{_named(step)} is in the base network already: {step.key} is open; undo it, or leave it out")
        return opened(dataset, step.table, row)
    if step.year_finish <= dataset.base_year:
        change.fail(
            f"{_named(step)} was finished by {dataset.base_year} and is in the base network already; leave it out"
        )
    return _written(dataset, change, step, row, step.change)


def _undone(dataset: Dataset, change: Change, step: Any, row: NDArray[np.bool_]) -> Dataset:
    if step.change == OPEN:
        return closed(dataset, step.table, row)
    if not step.year_finish <= dataset.base_year:
        change.fail(
            f"{_named(step)} is not in the base network (step {step.step:.0f} changes {step.column} of {step.key} only "
            "when it is applied), so there is nothing to undo; leave it out"
        )
    if step.change[0] not in BACK:
        change.fail(
            f"{_named(step)} cannot be undone: step {step.step:.0f} says what {step.column} of {step.key} became "
            f'({step.change}), not what it was; write that with table = "{step.table}" and set'
        )
    return _written(dataset, change, step, row, BACK[step.change[0]] + step.change[1:])


def _written(dataset: Dataset, change: Change, step: Any, row: NDArray[np.bool_], how: str) -> Dataset:
    frame = dataset[step.table]
    before, number = float(frame.loc[row, step.column].iloc[0]), float(how[1:])
    if how[0] != "=" and not np.isfinite(before):
        change.fail(f"{_named(step)}, step {step.step:.0f}: {step.column} of {step.key} holds no number to change")
    after = {"=": number, "+": before + number, "-": before - number, "*": before * number}[how[0]]
    if not np.isfinite(after) and not (after > 0 and how[1:] == "inf"):
        change.fail(f"{_named(step)}, step {step.step:.0f}: {step.column} of {step.key} becomes too large; correct it")
    frame.loc[row, step.column] = after
    if step.column == CAPACITY:
        dataset = settled(dataset, step.table, row)
    return dataset.with_table(step.table, frame)


def _named(step: Any) -> str:
    return f"project {step.project} ({step.name_en})"
