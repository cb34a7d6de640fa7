"""How corridors differ between the plan of one hand and shippers who choose, and why: one glance for a reader.

The reason is that of most of the tonnes that moved the way the corridor did: shippers spread over several ways, avoid
waiting, or leave more (or less) of their freight. It is read from the two answers, demand by demand, and is no second
model: what a demand would do without one of the reasons is not solved for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from corridors.network.corridor_flows import corridor_flows
from corridors.planning.choice_tables import SEVERAL
from corridors.planning.freight import T_PER_KT

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray
    from corridors.models.paths import PathSet
    from corridors.models.problem import FlowSolution
    from corridors.network.corridor_flows import CorridorFlows
    from corridors.planning.chosen import Chosen
    from corridors.planning.freight import Freight

COLUMNS = ["corridor", "name_en", "mode", "kt_linear", "kt", "why", "ways"]
SPREAD, WAITING, OUTSIDE = "spread", "waiting", "outside"
WHY = (SPREAD, WAITING, OUTSIDE)
SAME = 0.001  # of the larger volume: a corridor that moves less has no reason
_LEAST_HOURS = 0.1  # a demand that saves less time by its choice does not avoid waiting


def beside(freight: Freight, linear: FlowSolution, chosen: Chosen) -> pd.DataFrame:
    """Return every corridor with its volume in both plans (kt a year), the reason, and how many ways its freight has.

    Parameters
    ----------
    freight
        What was posed.
    linear
        The optimum of one hand, proved.
    chosen
        What shippers choose, proved.

    Returns
    -------
    DataFrame
        `COLUMNS`; `why` is one of `WHY`, blank where the volume is the same, and `ways` the mean number of ways above
        one in twenty of the demands that moved, by the tonnes that moved, NaN there.
    """
    lines = corridor_flows(freight.network)
    before = _loads(lines, linear.paths, linear.path_flow, freight.problem.demand_count)
    after = _loads(lines, chosen.problem.routes, chosen.solution.route_flow, freight.problem.demand_count)
    moved = after - before
    change = moved.sum(axis=0)
    whole = np.maximum(before.sum(axis=0), after.sum(axis=0))
    with_it = np.maximum(moved * np.sign(change), 0.0)
    causes = _causes(freight, linear, chosen, with_it, before)
    share = np.divide(chosen.way_flow, freight.problem.amount[chosen.way_demand], out=np.zeros(chosen.way_flow.size))
    several = np.bincount(chosen.way_demand, share > SEVERAL, freight.problem.demand_count)
    tonnes = with_it.sum(axis=0)
    ways = np.divide(several @ with_it, tonnes, out=np.full(change.size, np.nan), where=tonnes > 0)
    same = np.abs(change) <= SAME * whole
    table = freight.network.dataset["corridors"]
    why = np.array(WHY, dtype=object)[np.argmax(causes, axis=0)]
    return pd.DataFrame(
        {
            **{name: table[name].tolist() for name in COLUMNS[:3]},
            "kt_linear": before.sum(axis=0) / T_PER_KT,
            "kt": after.sum(axis=0) / T_PER_KT,
            "why": np.where(same, "", why),
            "ways": np.where(same, np.nan, ways),
        }
    )


def _loads(lines: CorridorFlows, paths: PathSet, flow: FloatArray, demands: int) -> FloatArray:
    """Return the mean load that each demand puts on each corridor, tonnes a year, (D, K)."""
    length = lines.length()
    weight = np.divide(lines.km, length[lines.corridor], out=np.zeros(lines.km.size), where=length[lines.corridor] > 0)
    member = sparse.csr_array(
        (weight, (lines.corridor, np.arange(lines.corridor.size))), shape=(length.size, lines.corridor.size)
    )
    arcs = lines.beside.shape[1]
    steps = (np.repeat(flow, paths.length), (np.repeat(paths.demand, paths.length), paths.arc))
    tonnes = sparse.csr_array(steps, shape=(demands, arcs))
    loads: FloatArray = (tonnes @ (member @ lines.beside).T).toarray()
    return loads


def _causes(
    freight: Freight, linear: FlowSolution, chosen: Chosen, moved: FloatArray, before: FloatArray
) -> FloatArray:
    """Share out what moved, (D, K), among the reasons `WHY`, (3, K)."""
    flow = freight.problem
    more_left = chosen.solution.unserved - linear.unserved
    carried = np.bincount(linear.path_demand, linear.path_flow, flow.demand_count)
    part = np.divide(before, carried[:, None], out=np.zeros(before.shape), where=carried[:, None] > 0)
    left = np.minimum(np.abs(more_left)[:, None] * part, moved)
    there = _hours(linear.paths, linear.path_flow, chosen)
    here = _hours(chosen.problem.routes, chosen.solution.route_flow, chosen)
    avoids = there - here > _LEAST_HOURS
    rest = moved - left
    return np.array([rest[~avoids].sum(axis=0), rest[avoids].sum(axis=0), left.sum(axis=0)])


def _hours(paths: PathSet, flow: FloatArray, chosen: Chosen) -> FloatArray:
    """Return the hours that a tonne of each demand waits on some paths at the answer's use, (D,)."""
    of_path = chosen.passes(paths) @ chosen.hours
    demands = chosen.problem.flow.demand_count
    tonnes = np.bincount(paths.demand, flow, demands)
    waited = np.bincount(paths.demand, flow * of_path, demands)
    return np.divide(waited, tonnes, out=np.zeros(demands), where=tonnes > 0)
