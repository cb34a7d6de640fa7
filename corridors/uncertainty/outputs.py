"""What is measured of a plan again and again: a fixed list of figures, and what is concluded from them.

The list is that of the undisturbed plan and of its data: what is served and what it costs, every corridor's volume,
the load and the price of that plan's dearest bottlenecks, and the best way by each means between a few places. All of
it is read from arrays, because a sweep reads thousands of plans.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from corridors.frames import rows
from corridors.network.constrained import ROUTE, Between, Headline, Way, name_of
from corridors.network.costs import HOURS_PER_DAY
from corridors.planning import results
from corridors.planning.freight import T_PER_KT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.network.network import Network
    from corridors.planning.freight import Freight
    from corridors.tables.dataset import Dataset

BOTTLENECKS = 12
KG_PER_KT = 1e6
FULL = 1.0 - 1e-6
TOTALS = (
    ("cost", "USD", "what the plan minimises"), ("freight bill", "USD", "money that freight pays, without time"),
    ("served", "kt", "carried"), ("unserved", "kt", "left behind"), ("work", "mtkm", "freight work, million t-km"),
    ("days", "days", "mean time of a tonne carried"), ("emissions", "kt CO2e", "well to wheel"),
    ("through home", "kt", "carried through the home country between other countries"),
)  # fmt: skip


@dataclass(frozen=True)
class Conclusion:
    """A sentence that holds in a plan or not: it does where `less` is below `more`; blank `less` stands for `below`."""

    sentence: str
    less: str
    more: str
    below: float = math.nan


class Headlines:
    """The list of figures for a network and its undisturbed plan, and how each is measured."""

    def __init__(self, freight: Freight, base: FlowSolution, pairs: Sequence[Between]) -> None:
        network = freight.network
        dataset = network.dataset
        self._lines = _Lines(network)
        self._modes = sorted({arc.mode for arc in network.arcs if arc.kind == "move"})
        self._mode = np.array([self._modes.index(a.mode) if a.kind == "move" else -1 for a in network.arcs])
        self._through = _through_home(freight)
        tight = results.bottlenecks(freight, base).head(BOTTLENECKS)
        names = [resource.resource for resource in freight.resources]
        self._tight = np.array([names.index(name) for name in tight["resource"]], dtype=np.int64)
        self._ways = [
            (pair, [Way(network, freight.costs, pair, row) for row in rows(dataset["means"])]) for pair in pairs
        ]
        self.list = (
            *(Headline(*total) for total in TOTALS),
            *(Headline(f"work: {mode}", "mtkm", f"freight work by {mode}") for mode in self._modes),
            *(Headline(f"corridor: {row.corridor}", "kt", row.name_en) for row in rows(dataset["corridors"])),
            *(Headline(f"load: {r.resource}", "1", r.where) for r in rows(tight)),
            *(Headline(f"shadow price: {r.resource}", f"USD/{r.unit}", r.where) for r in rows(tight)),
            *(one for pair, ways in self._ways for way in ways for one in way.headlines(dataset, pair)),
        )

    def measure(self, freight: Freight, solution: FlowSolution, cost: float) -> NDArray[np.float64]:
        """Give the figures in the order of `list`; NaN where a means has no way.

        Parameters
        ----------
        freight, solution
            A posed variant of the network, and its certified answer.
        cost
            The answer's cost by its certificate.
        """
        lines, total = self._lines, _arc_kt(freight, solution)
        km = np.array([arc.km for arc in freight.network.arcs])
        price = np.maximum(solution.resource_price, 0.0)
        used = solution.resource_use(freight.problem)
        load = np.divide(used, freight.problem.capacity, out=np.zeros_like(used), where=freight.problem.capacity > 0)
        work = np.bincount(self._mode + 1, total * km, minlength=len(self._modes) + 1)[1:] / T_PER_KT
        return np.concatenate([
            self._totals(freight, solution, cost), work, lines.kt(freight.network.dataset, total),
            load[self._tight], price[self._tight],
            *(way.measure(freight.costs) for _, ways in self._ways for way in ways),
        ])  # fmt: skip

    def _totals(self, freight: Freight, solution: FlowSolution, cost: float) -> NDArray[np.float64]:
        paths = np.repeat(np.arange(len(solution.path_arcs)), [len(arcs) for arcs in solution.path_arcs])
        arcs = np.concatenate([np.empty(0, dtype=np.int64), *solution.path_arcs])
        tonnes = solution.path_flow[paths]
        row = freight.commodity[freight.problem.class_[solution.path_demand[paths]]]
        km = np.array([arc.km for arc in freight.network.arcs])[arcs]
        touched = np.zeros(len(solution.path_arcs), dtype=np.bool_)
        foreign, at_home = self._through
        touched[paths[at_home[arcs]]] = True
        served = float(solution.path_flow.sum())
        hours = float(tonnes @ freight.costs.hours[arcs])
        return np.array([
            cost, tonnes @ freight.costs.usd[row, arcs], served / T_PER_KT, solution.unserved.sum() / T_PER_KT,
            tonnes @ km / KG_PER_KT, hours / served / HOURS_PER_DAY if served else math.nan,
            tonnes @ freight.costs.kgco2e[row, arcs] / KG_PER_KT,
            solution.path_flow[touched & foreign[solution.path_demand]].sum() / T_PER_KT,
        ])  # fmt: skip

    def conclusions(self, dataset: Dataset, base: NDArray[np.float64]) -> tuple[Conclusion, ...]:
        """Give the sentences that hold in the undisturbed plan: which means is faster and cheaper, what is scarce."""
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


def _compared(dataset: Dataset, pair: Between, one: str, other: str, value: dict[str, float]) -> list[Conclusion]:
    """Compare two means in days, money, all in, and emissions, each in the direction that holds."""
    called = dict(zip(dataset["means"]["means"], dataset["means"]["name_en"], strict=True))
    place = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["name_en"], strict=True))
    says = {"days": "is faster than", "money": "saves money against", "all in": "is cheaper, time counted, than",
            "emissions": "emits less than"}  # fmt: skip
    found = []
    for measure, _ in ROUTE:
        names = [name_of(pair, means, measure) for means in (one, other)]
        if math.isnan(value[names[0]]) or math.isnan(value[names[1]]) or value[names[0]] == value[names[1]]:
            continue
        less, more = (one, other) if value[names[0]] < value[names[1]] else (other, one)
        where = f"{place[pair.origin]} - {place[pair.destination]}"
        sentence = f"{where}: {called[less]} {says[measure]} {called[more]}"
        found.append(Conclusion(sentence, name_of(pair, less, measure), name_of(pair, more, measure)))
    return found


def _arc_kt(freight: Freight, solution: FlowSolution) -> NDArray[np.float64]:
    arcs = np.concatenate([np.empty(0, dtype=np.int64), *solution.path_arcs])
    tonnes = np.repeat(solution.path_flow, [len(path) for path in solution.path_arcs])
    return np.bincount(arcs, tonnes, minlength=freight.problem.arc_count) / T_PER_KT


def _through_home(freight: Freight) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which demands neither begin nor end at home, and which arcs touch a place there."""
    network = freight.network
    nodes = network.dataset["nodes"]
    country = dict(zip(nodes["node"], nodes["country"], strict=True))
    home = network.dataset.home_country
    ends = zip(freight.demand["origin"], freight.demand["destination"], strict=True)
    foreign = np.array([home not in (country[start], country[end]) for start, end in ends], dtype=np.bool_)
    inside = np.array([country[vertex.place] == home for vertex in network.vertices], dtype=np.bool_)
    return foreign, inside[network.tail] | inside[network.head]


class _Lines:
    """The corridors as sums over links: what `planning.results.corridors` gives as kt, from arrays."""

    def __init__(self, network: Network) -> None:
        dataset = network.dataset
        links = dataset["links"]
        sides = zip(links["from_node"], links["to_node"], strict=True)
        pair = [(mode, frozenset(ends)) for mode, ends in zip(links["mode"], sides, strict=True)]
        number = {name: row for row, name in enumerate(links["link"])}
        order = {name: row for row, name in enumerate(dataset["corridors"]["corridor"])}
        members = dataset["corridor_links"]
        self._corridor = np.array([order[name] for name in members["corridor"]], dtype=np.int64)
        self._link = np.array([number[name] for name in members["link"]], dtype=np.int64)
        self._count = len(order)
        of_pair: dict[Any, list[int]] = {}
        for at, arc in enumerate(network.arcs):
            if arc.kind == "move":
                of_pair.setdefault(pair[number[arc.link]], []).append(at)
        entries = [(e, at) for e, link in enumerate(self._link.tolist()) for at in of_pair.get(pair[link], ())]
        where, arcs = np.array(entries, dtype=np.int64).reshape(-1, 2).T
        shape = (len(self._link), len(network.arcs))
        self._arcs = sparse.csr_array((np.ones(len(where)), (where, arcs)), shape=shape)

    def kt(self, dataset: Dataset, total: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean load over each corridor's length, kt."""
        km = dataset["links"]["km"].to_numpy(dtype=np.float64)[self._link]
        length = np.bincount(self._corridor, km, minlength=self._count)
        work = np.bincount(self._corridor, (self._arcs @ total) * km, minlength=self._count)
        return np.divide(work, length, out=np.zeros(self._count), where=length > 0)
