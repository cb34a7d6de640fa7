"""What a plan's freight does on each corridor: through-freight, work, emissions, revenue and scarcity.

Mass is in kt a year, work in million tonne-kilometres, emissions in tonnes of CO2e, money in USD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.network.corridor_flows import corridor_flows
from corridors.network.costs import KG_PER_T
from corridors.planning.freight import T_PER_KT
from corridors.planning.results import SMALLEST_KT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.network.corridor_flows import CorridorFlows
    from corridors.planning.freight import Freight

COLUMNS = (
    "corridor",
    "name_en",
    "mode",
    "km",
    "through_kt",
    "touching_kt",
    "mean_kt",
    "kt",
    "mtkm",
    "t_co2e",
    "revenue_usd",
    "utilisation",
    "shadow_price_usd_per_t",
)
NEW = ("through_kt", "touching_kt", "mean_kt", "t_co2e", "revenue_usd")  # which older plans do not have


def corridors(freight: Freight, solution: FlowSolution, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Return every corridor, used or not, with the columns `COLUMNS`.

    Parameters
    ----------
    freight, solution
        The posed year, and its certified answer.
    kt
        As `results.arc_kt` returns it, (commodities, A).

    Returns
    -------
    DataFrame
        `through_kt` is what runs the corridor's characteristic section, and `touching_kt` what uses any link of it,
        each tonne once; `mean_kt` (and `kt`, its older name) the mean load over its length. `mtkm` is the work done on
        it, with the emissions and the tariffs and charges of that work. `utilisation` is that of its fullest link, and
        the shadow price the sum, over its links, of what a tonne of their present mix pays for scarce capacity. A link
        beside a listed one, of the same mode between the same places, counts with it.
    """
    network = freight.network
    lines = corridor_flows(network)
    kt = np.where(kt > SMALLEST_KT, kt, 0.0)
    moved = np.where(kt.sum(axis=0) > SMALLEST_KT, kt.sum(axis=0), 0.0)
    carried = np.where(solution.path_flow > SMALLEST_KT * T_PER_KT, solution.path_flow, 0.0) / T_PER_KT
    table, mean = network.dataset["corridors"], lines.mean_load(moved)
    found = {
        **{column: table[column].tolist() for column in COLUMNS[:3]},
        "km": lines.length(),
        "through_kt": carried @ lines.through(solution.paths),
        "touching_kt": carried @ lines.touching(solution.paths),
        "mean_kt": mean,
        "kt": mean,
        "mtkm": lines.work(moved) / T_PER_KT,
        "t_co2e": lines.sum(_of_freight(kt, freight.costs.kgco2e)) * T_PER_KT / KG_PER_T,
        "revenue_usd": lines.sum(_of_freight(kt, freight.costs.usd)) * T_PER_KT,
        "utilisation": lines.largest(_fullest(freight, solution)),
        "shadow_price_usd_per_t": lines.total(_scarcity(freight, solution, lines)),
    }
    return pd.DataFrame(found)[list(COLUMNS)]


def _of_freight(kt: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return kt times a rate by commodity and arc, on each arc, (A,); rates hold only where something moves."""
    return np.multiply(kt, rate, out=np.zeros_like(kt), where=kt > 0).sum(axis=0)


def _fullest(freight: Freight, solution: FlowSolution) -> NDArray[np.float64]:
    """Return the utilisation of the fullest resource that each arc takes, (A,), 0 where there is none."""
    network = freight.network
    fullest = np.zeros(freight.problem.arc_count)
    used = solution.resource_use(freight.problem)
    limits = zip(network.resources, network.resource_arcs, used[: len(network.resources)], strict=True)
    for resource, arcs, units in limits:
        if resource.capacity > 0:
            fullest[arcs] = np.maximum(fullest[arcs], units / resource.capacity)
    return fullest


def _scarcity(freight: Freight, solution: FlowSolution, lines: CorridorFlows) -> NDArray[np.float64]:
    """Return what a tonne of the present mix pays for scarce capacity on each link of a corridor, USD/t, (M,)."""
    problem = freight.problem
    tonnes = solution.arc_flow(problem)
    charge = (problem.usage.T @ np.maximum(solution.resource_price, 0.0)).reshape(tonnes.shape)
    paid, carried = (lines.beside @ one.sum(axis=0) for one in (tonnes * charge, tonnes))
    return np.divide(paid, carried, out=np.zeros(carried.size), where=carried > 0)
