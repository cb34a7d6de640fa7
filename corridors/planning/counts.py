r"""What a plan says of what was counted: the observation operator.

The rows of `observations.csv` are linear in the tonnes on paths (but those of kind wait: `planning.counted_waits`),

.. math::

   m_i = s_i \sum_p x_p \, [\,p \in F_i\,] \, \frac{n_i(p)}{t_i(k(p))}

with :math:`F_i` the freight that the row means (countries, trade, commodities), :math:`n_i(p)` how often path p passes
where it is counted, or the kilometres or the share of a corridor there, or 1 where each tonne counts once, :math:`t_i`
the tonnes in one of its units, and :math:`s_i` what the period is of a year. The model has no seasons: of a period it
says the year's share by days.

Two bodies count the mode of freight, each in its own way. A carrier, and the statistics of its mode, count what it
moves at home, on any leg, each tonne once, and its work on the home country's lines. Customs and trade statistics
count the mode with which freight crosses the frontier, whatever brings it there (kind pair with a mode).

================  =========================  ==========
symbol            name                       shape
================  =========================  ==========
:math:`m_i`       ``modelled``               (M,)
:math:`x_p`       ``tonnes``                 (P,)
:math:`H_{ip}`    ``matrix``                 (M, P)
:math:`s_i`       ``share``                  (M,)
:math:`1 / t_i`   ``weight``, ``per_tonne``  (C * A, U), (M, C)
================  =========================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from corridors.errors import DataError
from corridors.frames import rows
from corridors.planning.counted_arcs import CORRIDOR, CountedArcs
from corridors.planning.freight import T_PER_KT
from corridors.planning.summary import TRADES, own_trade
from corridors.tables import observed
from corridors.tables.loads import Loads, Measure
from corridors.tables.observed import AT_PLACES, BOXES, PAIR, TONNES, WAIT, WORK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
    from corridors.models.paths import PathSet
    from corridors.planning.freight import Freight

TKM_PER_MTKM = 1e6
THROUGH = -1  # the trade of a demand between other countries: its route says whether it is transit


@dataclass(frozen=True, eq=False)
class Operator:
    """How M observations count the freight of a posed year, on any paths of its D demands.

    Attributes
    ----------
    freight
        The posed year.
    observations
        The rows, (M,).
    weight
        For each of U measures what a tonne of a class counts on an arc, (C * A, U): units of a year, or anything above
        0 where each tonne counts once. Observations that count alike share one.
    measure
        The measure of each observation, (M,).
    once
        Which observations count each tonne once, however often it passes, (M,).
    per_tonne
        Units of a year that a tonne of a class is, (M, C).
    share
        Of an amount, what its period is of a year (of a number of vehicles, its days); 1 of a rate, (M,).
    means
        Whose freight is meant, (M, D).
    trades
        Which of `summary.TRADES` are meant, (M, 5).
    own_trade
        What each demand is to the home country by its ends, a place in `TRADES` or `THROUGH`, (D,).
    touches_home
        Which arcs begin or end in the home country, (A,).
    """

    freight: Freight
    observations: pd.DataFrame
    weight: UsageArray
    measure: IntArray
    once: BoolArray
    per_tonne: FloatArray
    share: FloatArray
    means: BoolArray
    trades: BoolArray
    own_trade: IntArray
    touches_home: BoolArray

    def matrix(self, paths: PathSet) -> UsageArray:
        """Return what a tonne a year on each path adds to each observation, in its own unit, (M, P).

        Raises
        ------
        DataError
            If what passes has no load in the unit of a count.
        """
        problem = self.freight.problem
        class_ = problem.class_[paths.demand]
        passed = paths.use(paths.steps(class_, problem.arc_count), self.weight)
        found = passed.tocsc()[:, self.measure].tocoo()
        path, row, value = found.row, found.col, found.data
        kept = self.means[row, paths.demand[path]]
        kept &= self.trades[row, _trade(paths, self.own_trade, self.touches_home)[path]]
        path, row, value = path[kept], row[kept], value[kept]
        single = self.once[row]
        value[single] = self.per_tonne[row[single], class_[path[single]]]
        if np.isnan(value).any():
            first = int(np.flatnonzero(np.isnan(value))[0])
            self._no_load(int(row[first]), int(class_[path[first]]))
        value *= self.share[row]
        some = value != 0  # what is in no box is no box
        return sparse.csr_array((value[some], (row[some], path[some])), shape=(len(self.observations), paths.size))

    def modelled(self, paths: PathSet, tonnes: FloatArray) -> FloatArray:
        """Return the model's figure for each observation, in its own unit, (M,), by tonnes a year on paths, (P,)."""
        return np.asarray(self.matrix(paths) @ tonnes, dtype=np.float64)

    def _no_load(self, row: int, class_: int) -> None:
        name, unit = (str(self.observations[column].iat[row]) for column in ("observation", "unit"))
        commodity = self.freight.costs.commodities[self.freight.commodity[class_]]
        raise DataError(
            f"observations.csv, row '{name}', column unit: found {unit}, in which {commodity}, that passes there, "
            "has no load, expected one: add it to loads.csv, or name commodities or modes that have one"
        )


def operator(freight: Freight, observations: pd.DataFrame) -> Operator:
    """Return how observations count the freight of a posed year, whatever year they are of.

    Parameters
    ----------
    freight
        The posed year.
    observations
        Rows of `observations.csv` of other kinds than wait, which is not linear (`planning.counted_waits`).

    Raises
    ------
    DataError
        If a row is of a trade, and the data package names no home country, or is of kind wait.
    """
    told = list(rows(observations))
    for row in told:
        if row.kind == WAIT:
            raise DataError(
                f"observations.csv, row '{row.observation}', column kind: found {WAIT}, which no sum of tonnes is: "
                "leave it out here"
            )
    arcs = CountedArcs(freight.network)
    units = observed.units(freight.network.dataset["loads"]["capacity_unit"].tolist())
    of_unit = {unit: _per_tonne(freight, unit, units[unit].load) for unit in {row.unit for row in told}}
    per_tonne = np.array([of_unit[row.unit] for row in told]).reshape(len(told), freight.problem.class_count)
    once = np.array([row.kind not in (*AT_PLACES, CORRIDOR) and row.unit != WORK for row in told], dtype=np.bool_)
    weight, measure = _measures(freight, arcs, told, once, per_tonne)
    return Operator(
        freight=freight,
        observations=observations,
        weight=weight,
        measure=measure,
        once=once,
        per_tonne=per_tonne,
        share=np.array([_share(row, units[row.unit]) for row in told], dtype=np.float64),
        means=_means(freight, arcs.country, told),
        trades=_trades(freight, told),
        own_trade=_own_trade(freight, arcs.country),
        touches_home=arcs.touches_home,
    )


def meant(freight: Freight, observations: pd.DataFrame, paths: PathSet) -> BoolArray:
    """Say whose freight each observation means, whatever it counts of it and where, (M, P).

    Parameters and errors as of `operator`.
    """
    told, arcs = list(rows(observations)), CountedArcs(freight.network)
    trade = _trade(paths, _own_trade(freight, arcs.country), arcs.touches_home)
    return _means(freight, arcs.country, told)[:, paths.demand] & _trades(freight, told)[:, trade]


def _trade(paths: PathSet, own_trade: IntArray, touches_home: BoolArray) -> IntArray:
    """Return what each path is to the home country, its place in `TRADES`, (P,), as `summary.trade` says it."""
    passes = paths.sums(touches_home[paths.arc].astype(np.float64)) > 0
    through = np.where(passes, TRADES.index("transit"), TRADES.index("elsewhere"))
    own = own_trade[paths.demand]
    return np.where(own == THROUGH, through, own)


def _measures(
    freight: Freight, arcs: CountedArcs, told: Sequence[Any], once: BoolArray, per_tonne: FloatArray
) -> tuple[UsageArray, IntArray]:
    """Return what a tonne of each class counts on each arc, (C * A, U), a column for rows that count alike."""
    problem = freight.problem
    numbers: dict[Any, int] = {}
    measure = np.empty(len(told), dtype=np.int64)
    entries: list[tuple[IntArray, IntArray, FloatArray]] = []
    for place, row in enumerate(told):
        key = (*arcs.key(row), "" if once[place] else row.unit)
        if key not in numbers:
            numbers[key] = len(numbers)
            on_arc = arcs.counted(row)
            used = np.flatnonzero(on_arc)
            of_class = np.ones(problem.class_count) if once[place] else per_tonne[place]
            step = np.add.outer(np.arange(problem.class_count) * problem.arc_count, used).ravel()
            value = np.multiply.outer(of_class, on_arc[used]).ravel()
            some = value != 0
            entries.append((step[some], np.full(int(some.sum()), numbers[key], dtype=np.int64), value[some]))
        measure[place] = numbers[key]
    shape = (problem.class_count * problem.arc_count, len(numbers))
    if not entries:
        return sparse.csr_array(shape, dtype=np.float64), measure
    step, column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    return sparse.csr_array((value, (step, column)), shape=shape), measure


def _share(row: Any, unit: observed.Unit) -> float:
    """Return what the period is of a year; of a number of vehicles, whose rate is by day, its days."""
    if not unit.amount:
        return 1.0
    when = observed.period(row.begin, row.end)
    return float(when.days) if unit.load else when.years


def _per_tonne(freight: Freight, unit: str, load: str) -> FloatArray:
    """Return how many units of a year a tonne of each class is, (C,).

    What is in no box is no box; what has no load in the unit is NaN, and is refused where it is counted. Vehicles are
    those of every line, by commodity: a load of a class of lines is the mean of a mix, and would take a train of boxes
    for a mixed one.
    """
    dataset = freight.network.dataset
    names = [freight.costs.commodities[row] for row in freight.commodity.tolist()]
    fixed = {TONNES: 1.0 / T_PER_KT, WORK: 1.0 / TKM_PER_MTKM}
    if unit in fixed:
        return np.full(len(names), fixed[unit])
    if unit == BOXES:
        boxes = dict(zip(dataset["commodities"]["commodity"], dataset["commodities"]["t_per_teu"], strict=True))
        return np.nan_to_num(1.0 / (T_PER_KT * np.array([boxes[one] for one in names], dtype=np.float64)))
    loads = Loads(dataset["loads"], dataset["commodities"])
    return 1.0 / np.array([loads.tonnes(Measure(load), one) for one in names], dtype=np.float64)


def _means(freight: Freight, country: dict[str, str], told: Sequence[Any]) -> BoolArray:
    """Say whose freight each row means, by countries, commodities, totals and the places where it begins, (M, D)."""
    demand = freight.demand
    starts, ends = ([country[one] for one in demand[column].tolist()] for column in ("origin", "destination"))
    lists = {column: demand[column].tolist() for column in ("commodity", "origin", "total")}
    kept: dict[tuple[str, str], BoolArray] = {}

    def among(column: str, cell: str) -> BoolArray:
        if (column, cell) not in kept:
            names = observed.parts(cell)
            kept[column, cell] = np.array([not names or one in names for one in lists[column]], dtype=np.bool_)
        return kept[column, cell]

    def within(column: str, cell: str, of: list[str]) -> BoolArray:
        if (column, cell) not in kept:
            meant = observed.countries(cell)
            kept[column, cell] = np.array([meant.hold(one) for one in of], dtype=np.bool_)
        return kept[column, cell]

    found = np.ones((len(told), len(demand)), dtype=np.bool_)
    for place, row in enumerate(told):
        found[place] = (
            within("from", row.origin_countries, starts)
            & within("to", row.destination_countries, ends)
            & among("commodity", row.commodities)
            & among("origin", row.where if row.kind == "commodity" else "")
            & among("total", row.where if row.kind == "market" else "")
        )
    return found


def _trades(freight: Freight, told: Sequence[Any]) -> BoolArray:
    """Say which trades each row means, (M, 5); at a frontier none that stays at home, though its way leads abroad."""
    found = np.ones((len(told), len(TRADES)), dtype=np.bool_)
    for place, row in enumerate(told):
        if row.trade:
            if not freight.network.dataset.home_country:
                raise DataError(
                    f"observations.csv, row '{row.observation}', column trade: found {row.trade}, and the data package "
                    "names no home country: add home_country to datapackage.json, or leave trade blank"
                )
            named = observed.parts(row.trade)
            found[place] = [trade in named for trade in TRADES]
        if row.kind == PAIR and row.mode:
            found[place, TRADES.index("domestic")] = False
    return found


def _own_trade(freight: Freight, country: dict[str, str]) -> IntArray:
    """Return what each demand is to the home country by its two ends, (D,)."""
    home, demand = freight.network.dataset.home_country, freight.demand
    ends = zip(demand["origin"].tolist(), demand["destination"].tolist(), strict=True)
    words = [own_trade(country[start] == home, country[end] == home) for start, end in ends]
    return np.array([TRADES.index(word) if word else THROUGH for word in words], dtype=np.int64)
