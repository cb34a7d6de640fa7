"""The estimated data package: every table as it was, with the estimates in it and where they come from.

A number that moved is `estimated` in provenance.csv, with its 90 % interval given the counts, the run for a source, and
what it was before for a note. A number of which the counts say nothing, and which hardly moved, keeps its status; its
band moves with it. Shares in splits.csv go with the demand that was split by them. Demand that was split from an
estimated total goes with that: its status, which says how it was split, stays, and its band holds that of the total.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import DataError
from corridors.estimation import posterior_tables
from corridors.estimation.identity import run_digest
from corridors.estimation.parameters import TOTALS
from corridors.estimation.results import NINETY
from corridors.files import read_bytes
from corridors.frames import rows
from corridors.scenario.lookup import FOLDER
from corridors.scenario.scenario import SUFFIX
from corridors.tables import licence, validation
from corridors.tables.parsing import NOTICE
from corridors.tables.schema import dictionary, fields, is_numeric, keys, limits, number_text
from corridors.uncertainty.posterior import ADDEND, ESTIMATED, acted

if TYPE_CHECKING:
    from corridors.estimation.parameters import Parameter
    from corridors.estimation.result import EstimationResult
    from corridors.tables.dataset import Dataset

SILENT = 0.01  # of the variance: counts that narrow a parameter by less say nothing of it
STILL = 0.1  # standard deviations of before: what moved by less hardly moved
TOLD = 6  # significant digits of bands

type Place = tuple[str, str, str]  # table, key, column


@dataclass(frozen=True)
class _Cell:
    """A number that moved, with the ends of its interval; whether counts told it, and whether something was added.

    `wider` is by which factors the ends of the band that it had move besides, where that of its total became another.
    """

    before: float
    after: float
    low: float
    high: float
    told: bool
    added: bool
    wider: tuple[float, float] = (1.0, 1.0)


def estimated_package(result: EstimationResult) -> Dataset:
    """Return the data package with the estimates, their provenance, and the posterior, whatever scenarios say."""
    made = _settled(result.dataset)
    moved = dict(_moved(result))
    moved |= dict(_moved_splits(result, made, moved))
    moved |= dict(_moved_with_totals(result, made, moved))
    told = made["provenance"]
    if len(told):  # a package that does not say where numbers come from does not begin with these
        source = f"estimate_{run_digest(result)[:12]}"
        made = made.with_table("provenance", _provenance(told, moved, source))
        citation = pd.DataFrame([(source, _citation(result), "")], columns=["source", "citation", "url"])
        others = made["sources"]
        made = made.with_table("sources", pd.concat([others[others["source"] != source], citation]))
    made = made.with_table("posterior", posterior_tables.posterior(result))
    return made.with_table("posterior_directions", posterior_tables.directions(result))


def write_package(made: Dataset, folder: Path) -> None:
    """Write a data package into a new folder, with the notice and the scenarios that come with it.

    Raises
    ------
    DataError
        If what was written is no sound data package; the first fault is named.
    """
    made.write(folder)
    if notice := licence.attribution(made.path):
        (folder / NOTICE).write_text(notice, encoding="utf-8", newline="")
    for path in sorted((made.path / FOLDER).glob(f"*{SUFFIX}")):
        with suppress(OSError):  # what is no ordinary file of the package is none of its scenarios
            data = read_bytes(path, inside=made.path)
            (folder / FOLDER).mkdir(exist_ok=True)
            (folder / FOLDER / path.name).write_bytes(data)
    faults = validation.check(folder)
    if faults:
        raise DataError(
            f"the estimate makes no sound data package: {faults[0]}; free fewer groups, or narrow the bands"
        )


def _moved(result: EstimationResult) -> Iterator[tuple[Place, _Cell]]:
    """Yield the numbers that an estimate changed, with their intervals."""
    before, after = result.parameters.dataset, result.dataset
    values: dict[tuple[str, str], tuple[dict[str, float], dict[str, float]]] = {}
    quiet = (result.posterior.identified < SILENT) & (np.abs(result.moved) < STILL)
    for one, sd, silent in zip(result.parameters.each, result.posterior.sd, quiet, strict=True):
        place = one.table, one.column
        if place not in values:
            values[place] = _numbers(before, *place), _numbers(after, *place)
        was, now = values[place]
        for key in one.keys:
            if was[key] != now[key]:
                low, high = _band(one, now[key], float(sd))
                yield (one.table, key, one.column), _Cell(was[key], now[key], low, high, not silent, one.kind == ADDEND)


def _numbers(dataset: Dataset, table: str, column: str) -> dict[str, float]:
    frame = dataset[table]
    return dict(zip(keys(table, frame), frame[column].tolist(), strict=True))


def _band(one: Parameter, value: float, sd: float) -> tuple[float, float]:
    """Return the ends of a number's 90 % interval, within what its column allows and about the number itself."""
    ends = acted(one.kind, np.full(2, value), np.array([-NINETY, NINETY]) * sd).tolist()
    least, most = limits(fields(one.table)[one.column])
    low, high = (float(f"{end:.{TOLD}g}") for end in ends)
    if one.kind != ADDEND:
        low, high = max(low, least), min(high, most)
    return min(low, value), max(high, value)


def _settled(made: Dataset) -> Dataset:
    """Return data in which no number lies between 0 and the least that its column allows: that is rounding."""
    for table in dictionary():
        frame = made[table]
        for column, field in fields(table).items():
            least = field.get("smallest", 0.0)
            if is_numeric(field) and least > 0 and len(frame):
                values = frame[column].to_numpy(dtype=np.float64)
                small = (np.abs(values) < least) & (values != 0)
                if small.any():
                    made = made.with_table(table, frame.assign(**{column: np.where(small, 0.0, values)}))
                    frame = made[table]
    return made


def _moved_splits(result: EstimationResult, made: Dataset, moved: dict[Place, _Cell]) -> Iterator[tuple[Place, _Cell]]:
    """Yield the shares that changed, with the intervals of the demand, of which their total is a fixed multiple."""
    was, now = (_numbers(data, "splits", "share") for data in (result.parameters.dataset, made))
    for row in rows(made["splits"]):
        key = f"{row.total}|{row.split}"
        cell = moved.get(("demand", f"{row.total}:{row.split}", "kt"))
        if cell is not None and was[key] != now[key]:
            ratio = now[key] / cell.after
            most = limits(fields("splits")["share"])[1]
            high = max(min(cell.high * ratio, most), now[key])
            low = min(cell.low * ratio, now[key])
            yield ("splits", key, "share"), replace(cell, before=was[key], after=now[key], low=low, high=high)


def _moved_with_totals(
    result: EstimationResult, made: Dataset, moved: dict[Place, _Cell]
) -> Iterator[tuple[Place, _Cell]]:
    """Yield the demand of totals that moved, with bands that hold those of the totals as they did before."""
    told = made["provenance"]
    told = told[(told["table"] == TOTALS) & (told["column"] == "kt")]
    bands = {row.key: (row.low, row.high) for row in rows(told)}
    was = _numbers(result.parameters.dataset, "demand", "kt")
    for row in rows(made["demand"]):
        total = moved.get((TOTALS, row.total, "kt"))
        if total is None or row.demand not in was or was[row.demand] == row.kt:
            continue
        before = [end / total.before for end in bands.get(row.total, (total.before, total.before))]
        after = [end / total.after for end in (total.low, total.high)] if total.told else before
        wider = after[0] / before[0] if before[0] > 0 else 1.0, after[1] / before[1]
        place = "demand", row.demand, "kt"
        share = moved.get(place)
        if share is None:
            yield place, _Cell(was[row.demand], row.kt, row.kt, row.kt, told=False, added=False, wider=wider)
        else:
            yield place, replace(share, low=share.low * after[0], high=share.high * after[1], wider=wider)


def _provenance(told: pd.DataFrame, moved: dict[Place, _Cell], source: str) -> pd.DataFrame:
    """Return the table of provenance with the rows of what moved, in the same order."""
    found = []
    for row in rows(told):
        cell = moved.get((row.table, row.key, row.column))
        found.append(row if cell is None else _told(row, cell, source))
    return pd.DataFrame([tuple(one) for one in found], columns=told.columns)


def _told(row: Any, cell: _Cell, source: str) -> Any:
    """Return the row of provenance of a number that moved."""
    if not cell.told:
        ends = zip((row.low, row.high), cell.wider, strict=True)
        low, high = (_with_it(end, cell) * factor for end, factor in ends)
        return row._replace(low=min(low, cell.after), high=max(high, cell.after))
    band = f", {number_text(row.low)} to {number_text(row.high)}" if row.low == row.low else ""
    before = f"was {number_text(cell.before)} ({row.status}{band}; {row.source})"
    note = f"{before}: {row.note}" if row.note else before
    return row._replace(status=ESTIMATED, low=cell.low, high=cell.high, source=source, note=note)


def _with_it(end: float, cell: _Cell) -> float:
    """Return the end of a band that moves with its number."""
    return end + cell.after - cell.before if cell.added else end * cell.after / cell.before


def _citation(result: EstimationResult) -> str:
    """Return what the estimate is, as a source."""
    options = result.options
    return (
        f"corridors estimate (corridors {version('corridors')}): {len(result.parameters)} parameters "
        f"({', '.join(options.free)}) fitted to {len(result.used)} counts of {result.settings.year} "
        f"(use {', '.join(options.use)}); data digest {result.parameters.dataset.digest[:12]}, "
        f"run digest {run_digest(result)}"
    )
