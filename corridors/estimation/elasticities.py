r"""How freight answers prices and hours at an estimate, with how sure that is.

The elasticity of a measure m (tonnes of a kind of freight in a year) to a factor f on a part of what freight pays is

.. math::

   \eta = \frac{\partial \ln m}{\partial \ln f}
     = \frac{1}{m} \sum_p \frac{\partial m}{\partial c_p} \sum_{a \in p} \frac{\partial c_a}{\partial \ln f}

with the prices of full resources reacting (`corridors.models.estimation.response`), over the routes that the estimate's
shippers choose among. How sharply they choose is measured by the costs before the change, as in a scenario, so the
scales stay. It is the answer of ways and modes: amounts of freight stay, but for what is left at reservation prices.

An elasticity is no smooth figure of the parameters where a resource becomes full, and it follows the sharpness of
choice, whose error is large: so the interval is that of draws from the posterior, the plan of each solved anew over the
same routes, from the 2.5 % to the 97.5 % quantile. Where the draws' median is far from the elasticity at the estimate,
the latter is that of one point of a bent figure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from corridors.errors import ProblemError, SolverError
from corridors.estimation.parameters import CHOICE
from corridors.models.arrays import FloatArray
from corridors.network import costs
from corridors.network.costs import HOURS_PER_DAY
from corridors.network.revaluation import revalued
from corridors.planning.counts import operator
from corridors.tables.frame_mapping import Frames
from corridors.tables.schema import keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from corridors.estimation.model import Figures
    from corridors.estimation.parameters import Parameters
    from corridors.estimation.result import EstimationResult
    from corridors.models.arrays import UsageArray
    from corridors.network.network import Network
    from corridors.tables.dataset import Dataset

RAIL, ROAD, DEEP_SEA = "rail", "road", "deep_sea"
TARIFF, HOURS, SEA = FACTORS = ("tariff of the railway at home", "hours by rail at home", "rates of the deep sea")
MEASURES = {  # name: mode, trades, cargo
    "transit by rail": (RAIL, "transit", ""),
    "containers in transit by rail": (RAIL, "transit", "container"),
    "exports by rail": (RAIL, "export", ""),
    "imports by rail": (RAIL, "import", ""),
    "freight within the country by rail": (RAIL, "domestic", ""),
    "all freight by rail": (RAIL, "", ""),
    "lorries over the frontiers": (ROAD, "transit;export;import", ""),
    "lorries within the country": (ROAD, "domestic", ""),
}
PUBLISHED = {
    TARIFF: (-1.5, -0.3)
}  # of a mode's freight to its own price: the anchors of choice.csv, `choice_judgement`
DRAWS = 40
QUANTILES = (0.025, 0.5, 0.975)
_APART = 1 + 1e-9  # nests at least, so that rounding does not swap them
COLUMNS = ("measure", "factor", "kt", "elasticity", "low", "median", "high", "draws", "published_low", "published_high")


@dataclass(frozen=True, eq=False)
class Measured:
    """The measures of a year, which are counts that nobody made.

    Attributes
    ----------
    figures
        The model at the estimate.
    names
        Of the n measures.
    matrix
        What a tonne on each route adds to each, kt a year, (n, P).
    """

    figures: Figures
    names: tuple[str, ...]
    matrix: UsageArray

    @classmethod
    def of(cls, figures: Figures) -> Measured:
        """Return the measures of which there is some freight in the model."""
        model = figures.model
        freight = model.common.who.freight
        rows = _rows(freight.network, model.common.observations)
        matrix = operator(freight, rows).matrix(model.problem.routes)
        some = np.flatnonzero(matrix @ figures.response.route_flow > 0)
        return cls(figures, tuple(rows["observation"].iloc[some]), sparse.csr_array(matrix[some]))


def elasticities(
    result: EstimationResult, draws: int = DRAWS, seed: int = 0, check: Callable[[], None] = lambda: None
) -> pd.DataFrame:
    """Return the elasticities of kinds of freight to tariffs, hours and rates at an estimate.

    Parameters
    ----------
    result
        The estimate.
    draws, seed
        From the posterior. One without an answer is left out.
    check
        Is called before each draw; what it raises ends the work.

    Returns
    -------
    pandas.DataFrame
        A row a measure and factor (`elasticities` of estimate.datapackage.json); low, median and high are NaN with
        fewer than two draws.
    """
    measured = Measured.of(result.figures)
    figures, model = result.figures, result.figures.model
    at_estimate = response(measured, figures)
    found = []
    for q in result.posterior.sample(np.random.default_rng(seed), draws):
        check()
        try:
            found.append(response(measured, model.at(nested(result.parameters, q))))
        except (SolverError, ProblemError):  # a point far out in a tail
            continue
        finally:
            model.last = figures.solution  # each from the same start, so that none depends on the one before
    ends = np.quantile(found, QUANTILES, axis=0) if len(found) > 1 else np.full((3, *at_estimate.shape), np.nan)
    kt = measured.matrix @ figures.response.route_flow
    rows = []
    for row, name in enumerate(measured.names):
        for column, factor in enumerate(FACTORS):
            published = PUBLISHED.get(factor, ()) if name in _by_rail() else ()
            low, high = published or (np.nan, np.nan)
            place = row, column
            rows.append((name, factor, kt[row], at_estimate[place], *ends[:, *place], len(found), low, high))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def response(measured: Measured, figures: Figures) -> FloatArray:
    """Return d ln m / d ln f of each measure and factor at a point, (n, 3); NaN of a measure that has no freight."""
    model, problem = figures.model, figures.problem
    slopes = by_factors(figures)
    open_ = np.isfinite(problem.flow.cost) & (problem.flow.cost > 0)
    on_arcs = np.column_stack([np.where(open_, one, 0.0).ravel() for one in slopes])
    by_route = figures.response.adjoint(measured.matrix).cost @ (model.passes @ on_arcs)
    amount = measured.matrix @ figures.response.route_flow
    unknown = np.full((amount.size, len(FACTORS)), np.nan)
    found: FloatArray = np.divide(by_route, amount[:, None], out=unknown, where=amount[:, None] > 0)
    return found


def by_factors(figures: Figures) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what each class pays more on each arc for the logarithm of each of `FACTORS`, (C, A)."""
    common = figures.model.common
    freight = common.who.freight
    net = revalued(freight.network, common.parameters.at(figures.q))
    found, arcs = costs.price(net), net.arcs
    home = (arcs.mode == RAIL) & (arcs.country == net.dataset.home_country) & arcs.is_move
    time = np.outer(found.usd_per_t_day, np.where(home, found.hours, 0.0)) / HOURS_PER_DAY
    fares = (
        np.where(on, costs.price(replace(net, dataset=doubled(net.dataset, mode))).usd - found.usd, 0.0)
        for mode, on in ((RAIL, home), (DEEP_SEA, arcs.mode == DEEP_SEA))
    )
    at_home, at_sea = (one[freight.commodity] for one in fares)
    return at_home, time[freight.commodity], at_sea


def nested(parameters: Parameters, q: FloatArray) -> FloatArray:
    """Return a point, (Q,), whose ways of one chain, and routes of one way, are at least as near as nests allow.

    A draw knows nothing of that order, without which a choice has no meaning (`uncertainty.distribution`: the same).
    """
    choice = parameters.at(q)["choice"]
    ways = choice["way_nesting"].clip(lower=_APART)
    least = {"way_nesting": ways, "nesting": choice["nesting"].clip(lower=_APART * ways.fillna(1.0))}
    raised = {
        (key, column): float(np.log(bound / value))
        for column, bounds in least.items()
        for key, bound, value in zip(keys(CHOICE, choice), bounds, choice[column], strict=True)
        if bound > value
    }
    found = q.copy()
    for place, one in enumerate(parameters.each):
        if one.table == CHOICE:
            found[place] += raised.get((one.keys[0], one.column), 0.0)
    return found


def doubled(dataset: Dataset, mode: str) -> Dataset:
    """Return a data package in which a mode has twice its tariffs by the kilometre."""
    frames = dict(dataset.tables)
    for table, column in (("tariffs", "usd_per_km"), ("modes", "usd_per_tkm")):
        frame = frames[table]
        mine = (frame["mode"] == mode).to_numpy(dtype=np.float64)
        frames[table] = frame.assign(**{column: frame[column].to_numpy(dtype=np.float64) * (1 + mine)})
    return replace(dataset, tables=Frames(frames), hashes={})


def _rows(net: Network, observations: pd.DataFrame) -> pd.DataFrame:
    """Return the measures as rows of observations.csv, of a whole year."""
    goods = net.dataset["commodities"]
    blank = dict.fromkeys(observations.columns, "")
    told = []
    for name, (mode, trade, cargo) in MEASURES.items():
        mine = goods["commodity"][goods["cargo"] == cargo].tolist()
        if cargo and not mine:
            continue
        own = {"observation": name, "kind": "mode", "mode": mode, "trade": trade, "commodities": ";".join(mine)}
        told.append(blank | own | {"unit": "kt", "begin": f"{net.year}-01-01", "end": f"{net.year}-12-31"})
    return pd.DataFrame(told)


def _by_rail() -> set[str]:
    return {name for name, (mode, _, _) in MEASURES.items() if mode == RAIL}
