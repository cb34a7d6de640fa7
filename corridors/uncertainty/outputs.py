"""The outputs of a sample: a fixed list of what is measured of every plan, and what is concluded from it.

The list is that of the undisturbed plan and of its data: what is served and what it costs, the through-freight of
corridors that have a section and the mean load of all, the load and the price of that plan's dearest bottlenecks, and
the best way by each means between a few places. All of it is read from arrays, because a sweep reads thousands of
plans.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridors.frames import rows
from corridors.network.corridor_flows import corridor_flows
from corridors.network.costs import HOURS_PER_DAY, UNITS
from corridors.network.pairs import ROUTE, Headline, ODPair, Way, name_of
from corridors.planning import results
from corridors.planning.freight import T_PER_KT
from corridors.planning.summary import FULL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.planning.freight import Freight
    from corridors.tables.dataset import Dataset

BOTTLENECKS = 12
KG_PER_KT = 1e6
THROUGH, MEAN_LOAD = "through: ", "corridor: "  # how the names of the outputs of corridors begin
TOTALS = (  # name, unit (blank: the objective's own), what it is
    ("cost", "", "what the plan minimises"),
    ("freight bill", "USD", "money that freight pays, without time"),
    ("served", "kt", "carried"),
    ("unserved", "kt", "left behind"),
    ("work", "mtkm", "freight work, million t-km"),
    ("days", "days", "mean time of a tonne carried"),
    ("emissions", "kt CO2e", "well to wheel"),
    ("through home", "kt", "carried through the home country between other countries"),
)
COMPARED = {
    "days": "is faster than",
    "money": "saves money against",
    "all in": "is cheaper, time counted, than",
    "emissions": "emits less than",
}


@dataclass(frozen=True)
class Conclusion:
    """A sentence that holds in a plan or not: it does where `less` is below `more`; blank `less` stands for `below`."""

    sentence: str
    less: str
    more: str
    below: float = math.nan


class Outputs:
    """The list of outputs for a network and its undisturbed plan, and how each is measured.

    Attributes
    ----------
    list
        Name, unit and meaning of each, in the order in which `measure` returns them.
    """

    def __init__(self, freight: Freight, base: FlowSolution, pairs: Sequence[ODPair]) -> None:
        network = freight.network
        dataset = network.dataset
        unit = UNITS[freight.objective]
        self._lines = corridor_flows(network)
        names, called = self._lines.names, dataset["corridors"]["name_en"].tolist()
        self._sections = np.flatnonzero(self._lines.section.named).tolist()
        self._modes = sorted(set(network.arcs.mode[network.arcs.is_move].tolist()))
        self._mode = np.full(len(network.arcs), -1)
        for number, mode in enumerate(self._modes):
            self._mode[network.arcs.is_move & (network.arcs.mode == mode)] = number
        self._through = _through_home(freight)
        tight = results.bottlenecks(freight, base).head(BOTTLENECKS)
        limits = [resource.resource for resource in freight.resources]
        self._tight = np.array([limits.index(name) for name in tight["resource"]], dtype=np.int64)
        self._ways = [
            (pair, [Way(network, freight.costs, pair, row) for row in rows(dataset["means"])]) for pair in pairs
        ]
        self.list = (
            *(Headline(name, its_own or unit, what) for name, its_own, what in TOTALS),
            *(Headline(f"work: {mode}", "mtkm", f"freight work by {mode}") for mode in self._modes),
            *(Headline(f"{THROUGH}{names[n]}", "kt", f"{called[n]}, through-freight") for n in self._sections),
            *(
                Headline(f"{MEAN_LOAD}{name}", "kt", f"{one}, mean load")
                for name, one in zip(names, called, strict=True)
            ),
            *(Headline(f"load: {r.resource}", "1", r.where) for r in rows(tight)),
            *(Headline(f"shadow price: {r.resource}", f"{unit}/{r.unit}", r.where) for r in rows(tight)),
            *(one for pair, ways in self._ways for way in ways for one in way.headlines(dataset, pair)),
        )

    def measure(self, freight: Freight, solution: FlowSolution, cost: float) -> NDArray[np.float64]:
        """Return the outputs in the order of `list`, shape (outputs,); NaN where a means has no way.

        Parameters
        ----------
        freight, solution
            The problem of a sample, and its certified answer.
        cost
            The answer's cost by its certificate.
        """
        total = solution.arc_flow(freight.problem).sum(axis=0) / T_PER_KT
        length = freight.network.dataset["links"]["km"].to_numpy(dtype=np.float64)
        km = freight.network.arcs.km
        price = np.maximum(solution.resource_price, 0.0)
        used = solution.resource_use(freight.problem)
        load = np.divide(used, freight.problem.capacity, out=np.zeros_like(used), where=freight.problem.capacity > 0)
        work = np.bincount(self._mode + 1, total * km, minlength=len(self._modes) + 1)[1:] / T_PER_KT
        return np.concatenate(
            [
                self._totals(freight, solution, cost),
                work,
                (solution.path_flow @ self._lines.through(solution.paths))[self._sections] / T_PER_KT,
                self._lines.mean_load(total, length),
                load[self._tight],
                price[self._tight],
                *(way.measure(freight.costs) for _, ways in self._ways for way in ways),
            ]
        )

    def _totals(self, freight: Freight, solution: FlowSolution, cost: float) -> NDArray[np.float64]:
        """Return the outputs of `TOTALS`."""
        paths = np.repeat(np.arange(len(solution.path_arcs)), [len(arcs) for arcs in solution.path_arcs])
        arcs = np.concatenate([np.empty(0, dtype=np.int64), *solution.path_arcs])
        tonnes = solution.path_flow[paths]
        row = freight.commodity[freight.problem.class_[solution.path_demand[paths]]]
        km = freight.network.arcs.km[arcs]
        touched = np.zeros(len(solution.path_arcs), dtype=np.bool_)
        foreign, at_home = self._through
        touched[paths[at_home[arcs]]] = True
        served = float(solution.path_flow.sum())
        hours = float(tonnes @ freight.costs.hours[arcs])
        found = (
            cost,
            tonnes @ freight.costs.usd[row, arcs],
            served / T_PER_KT,
            solution.unserved.sum() / T_PER_KT,
            tonnes @ km / KG_PER_KT,
            hours / served / HOURS_PER_DAY if served else math.nan,
            tonnes @ freight.costs.kgco2e[row, arcs] / KG_PER_KT,
            solution.path_flow[touched & foreign[solution.path_demand]].sum() / T_PER_KT,
        )
        return np.array(found)

    def conclusions(self, dataset: Dataset, base: NDArray[np.float64]) -> tuple[Conclusion, ...]:
        """Return the sentences that hold in the undisturbed plan: which means is faster and cheaper, what is scarce."""
        value = {headline.name: float(one) for headline, one in zip(self.list, base, strict=True)}
        found = [
            sentence
            for pair, ways in self._ways
            for number, way in enumerate(ways)
            for other in ways[number + 1 :]
            for sentence in _compared(dataset, pair, way.means, other.means, value)
        ]
        for headline in self.list:
            if headline.name.startswith("load: ") and value[headline.name] >= FULL:
                resource = headline.name.removeprefix("load: ")
                found.append(Conclusion(f"{headline.what} is full ({resource})", "", headline.name, FULL))
        return tuple(found)


def _compared(dataset: Dataset, pair: ODPair, one: str, other: str, value: dict[str, float]) -> list[Conclusion]:
    """Compare two means in days, money, all in, and emissions, each in the direction that holds."""
    called = dict(zip(dataset["means"]["means"], dataset["means"]["name_en"], strict=True))
    place = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["name_en"], strict=True))
    found = []
    for measure, _ in ROUTE:
        names = [name_of(pair, means, measure) for means in (one, other)]
        if math.isnan(value[names[0]]) or math.isnan(value[names[1]]) or value[names[0]] == value[names[1]]:
            continue
        less, more = (one, other) if value[names[0]] < value[names[1]] else (other, one)
        where = f"{place[pair.origin]} - {place[pair.destination]}"
        sentence = f"{where}: {called[less]} {COMPARED[measure]} {called[more]}"
        found.append(Conclusion(sentence, name_of(pair, less, measure), name_of(pair, more, measure)))
    return found


def _through_home(freight: Freight) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which demands neither begin nor end at home, and which arcs touch a place there."""
    network = freight.network
    nodes = network.dataset["nodes"]
    country = dict(zip(nodes["node"], nodes["country"], strict=True))
    home = network.dataset.home_country
    ends = zip(freight.demand["origin"], freight.demand["destination"], strict=True)
    foreign = np.array([home not in (country[start], country[end]) for start, end in ends], dtype=np.bool_)
    inside = np.array([country[vertex.place] == home for vertex in network.vertices], dtype=np.bool_)
    return foreign, inside[network.arcs.tail] | inside[network.arcs.head]
