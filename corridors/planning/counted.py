"""A plan beside what was counted: a row for each observation, and how many of them it comes near, by their use.

The plan is read, not made: its routes with their tonnes go through the operator of `planning.counts`, and for hours
waited through `planning.counted_waits`, whether one hand planned them or shippers chose. Observations of another year
than the plan's are listed and not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.errors import DataError
from corridors.frames import rows
from corridors.models.paths import PathSet
from corridors.planning import counted_waits
from corridors.planning.counts import operator
from corridors.planning.freight import T_PER_KT, pose
from corridors.planning.walks import walks
from corridors.tables import observed
from corridors.tables.observed import WAIT

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray
    from corridors.network.network import Network
    from corridors.planning.freight import Freight
    from corridors.planning.planner import Plan

COLUMNS = ("observation", "name_en", "kind", "use", "begin", "end", "value", "sd", "unit")
NEAR = 2.0  # standard deviations within which a model passes
INPUT = "input"  # what the demand was made from, as a use, and as a verdict where a plan meets it: that is no hit
PASS, FAIL, OTHER_YEAR = "pass", "fail", "other_year"
JUDGED = ("fit", "test")  # uses of which it says something that a plan comes near
USES = (*JUDGED, INPUT)


def beside(plan: Plan, network: Network) -> pd.DataFrame:
    """Return every observation beside a plan's figure.

    Parameters
    ----------
    plan, network
        A plan, and the network that it was made on.

    Returns
    -------
    pandas.DataFrame
        Those of `COLUMNS`, as observations.csv has them; `model`, the plan's figure in `unit`; `deviation`, model /
        value - 1; `sds`, how many standard deviations the model is above the count; `verdict`, pass within two of them,
        fail, input where an input is met, or other_year; and the `note`. Those of another year than the plan's have no
        model, nor have waits where nothing passes: a plan that sends nothing there fails.

    Raises
    ------
    DataError
        If a unit has no load for what passes, or a route of the plan is no way on the network.
    """
    table = network.dataset["observations"].sort_values("observation", kind="stable", ignore_index=True)
    years = [observed.period(begin, end).year for begin, end in zip(table["begin"], table["end"], strict=True)]
    own = np.array([year == network.year for year in years], dtype=np.bool_)
    model = np.full(len(table), np.nan)
    if own.any():
        freight = pose(network)
        paths, tonnes = of_routes(freight, plan.routes)
        waits = own & (table["kind"] == WAIT).to_numpy(dtype=np.bool_)
        model[own & ~waits] = operator(freight, table[own & ~waits]).modelled(paths, tonnes)
        model[waits] = counted_waits.modelled(freight, table[waits], paths, tonnes, plan.bottlenecks)
    value, sd = (table[column].to_numpy(dtype=np.float64) for column in ("value", "sd"))
    sds = (model - value) / sd
    judged = np.where(~(np.abs(sds) <= NEAR), FAIL, np.where(table["use"] == INPUT, INPUT, PASS))
    return table[list(COLUMNS)].assign(
        model=model,
        deviation=np.divide(model, value, out=np.full(len(table), np.nan), where=value > 0) - 1.0,
        sds=sds,
        verdict=np.where(own, judged, OTHER_YEAR).tolist(),
        note=table["note"].tolist(),
    )


def of_routes(freight: Freight, routes: pd.DataFrame) -> tuple[PathSet, FloatArray]:
    """Return the paths of a plan's table of routes and the tonnes a year on them, (P,).

    Raises
    ------
    DataError
        If a demand is not of this freight, or the steps of a route are no way for it.
    """
    number = {name: place for place, name in enumerate(freight.demand["demand"].tolist())}
    walk = walks(freight)
    owner, arcs = [], []
    for row in rows(routes):
        found = walk(number[row.demand], row.steps.split(";")) if row.demand in number else None
        if found is None:
            raise DataError(f"a route of demand {row.demand!r} is no way on this network: give the plan's own data")
        owner.append(number[row.demand])
        arcs.append(found)
    paths = PathSet.of(np.array(owner, dtype=np.int64), arcs)
    return paths, routes["kt"].to_numpy(dtype=np.float64) * T_PER_KT


def nearness(table: pd.DataFrame) -> pd.DataFrame:
    """Return how near a model is to what was counted, from the table of `beside`, by use and unit, without inputs.

    `observations` of the plan's year, those `within` two standard deviations, and `off`, the mean of the deviations
    without their signs, weighted by the counts: the sum of what model and count are apart over that of the counts.
    """
    compared = table[table["use"].isin(JUDGED) & (table["verdict"] != OTHER_YEAR)]
    found = []
    for (use, unit), mine in compared.groupby(["use", "unit"], sort=True):
        apart, counted = (mine["model"].fillna(0.0) - mine["value"]).abs().sum(), mine["value"].sum()
        within = int((mine["verdict"] == PASS).sum())
        found.append((use, unit, len(mine), within, float(apart / counted) if counted else np.nan))
    return pd.DataFrame(found, columns=["use", "unit", "observations", "within", "off"])
