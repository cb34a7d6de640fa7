"""The best way by each means between a few places, found again and again in variants of one network.

It is what `network.routes.compare` finds, with everything that does not change made once.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.problem import FlowProblem
from corridors.models.shortest import path_to, trees
from corridors.network.costs import HOURS_PER_DAY
from corridors.network.network import Vertex
from corridors.network.routes import Rule

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.network.costs import Costs
    from corridors.network.network import Network
    from corridors.tables.dataset import Dataset

ROUTE = (("days", "days"), ("money", "USD/t"), ("all in", "USD/t"), ("emissions", "kg CO2e/t"))


@dataclass(frozen=True)
class Headline:
    """A figure that every plan has: its name, unit, and what it is."""

    name: str
    unit: str
    what: str


@dataclass(frozen=True)
class Between:
    """Two places and a class of freight, for which the best ways by each means are compared."""

    origin: str
    destination: str
    commodity: str


def usual_pairs(dataset: Dataset) -> tuple[Between, ...]:
    """Give the pairs of places that the package's own published figures are most about.

    One for all of `references.csv`, and one for each means that has to pass certain places, among the references that
    pass such a place too; without references, the largest demand of the usual class of freight.
    """
    dataset = dataset.ordered()  # of several pairs that are equally good, the first by its key
    commodity = dataset.usual_commodity
    told = dataset["references"]
    told = told[(told["commodity"] == commodity) & (told["origin"] != "") & (told["destination"] != "")]
    passing = [set(text.split(";")) for text in dataset["means"]["via_nodes"] if text]
    pairs = _most(told)
    for places in passing:
        through = [any(place in places for place in text.split(";")) for text in told["via_nodes"]]
        pairs += _most(told[through])
    pairs = pairs or _largest(dataset, commodity)
    return tuple(Between(*pair, commodity) for pair in dict.fromkeys(pairs))


def _most(told: pd.DataFrame) -> list[tuple[str, str]]:
    """Give the pair of places that most rows are about, the first of several; none without rows."""
    counts = Counter(zip(told["origin"].tolist(), told["destination"].tolist(), strict=True))
    return [pair for pair, _ in counts.most_common(1)]


def _largest(dataset: Dataset, commodity: str) -> list[tuple[str, str]]:
    """Give the pair of places that most of a class of freight goes between."""
    mine = dataset["demand"][dataset["demand"]["commodity"] == commodity].sort_values("kt", ascending=False)
    return list(zip(mine["origin"].tolist(), mine["destination"].tolist(), strict=True))[:1]


def name_of(pair: Between, means: str, measure: str) -> str:
    """Name the headline of a means between two places."""
    return f"{pair.origin} - {pair.destination}, {means}: {measure}"


class Way:
    """The best way by a means between two places: a shortest path in layers that remember what was met.

    It finds what `network.routes.best_path` finds, with the layers made once for all variants of the network.
    """

    def __init__(self, network: Network, costs: Costs, pair: Between, means: Any) -> None:
        modes, via_modes, via_nodes, avoid = (
            frozenset(filter(None, text.split(";")))
            for text in (means.modes, means.via_modes, means.via_nodes, means.avoid)
        )
        rule = Rule(modes, via_modes, via_nodes, avoid)
        self.means = str(means.means)
        self._objective = str(means.objective) or "generalised"
        self._row = costs.commodities.index(pair.commodity)
        usable = [
            number for number in np.flatnonzero(costs.allowed[self._row]).tolist()
            if (not modes or network.arcs[number].mode in modes) and not network.arcs[number].countries & avoid
        ]  # fmt: skip
        self._arcs, self._graph, goal = _layered(network, rule, np.array(usable, dtype=np.int64))
        start, end = (network.position.get(Vertex(place, role))
                      for place, role in ((pair.origin, "origin"), (pair.destination, "destination")))  # fmt: skip
        self._ends = None if start is None or end is None else (start, goal * len(network.vertices) + end)

    def headlines(self, dataset: Dataset, pair: Between) -> list[Headline]:
        """Give what is measured of the way."""
        called = dict(zip(dataset["means"]["means"], dataset["means"]["name_en"], strict=True))
        what = f"{called[self.means]}, {pair.commodity}"
        return [Headline(name_of(pair, self.means, measure), unit, f"{what}, {measure}") for measure, unit in ROUTE]

    def measure(self, costs: Costs) -> NDArray[np.float64]:
        """Give days, money, all in, and emissions of the best way; NaN if there is none."""
        if self._ends is None:
            return np.full(len(ROUTE), math.nan)
        weight = costs.objective(self._objective)[self._row][self._arcs]
        start, end = self._ends
        try:
            last = trees(self._graph, 0, weight, np.array([start]))[1][0]
            path = self._arcs[path_to(self._graph, last, start, end)]
        except ProblemError:
            return np.full(len(ROUTE), math.nan)
        all_in = costs.generalised()[self._row, path].sum()
        figures = costs.hours[path].sum() / HOURS_PER_DAY, costs.usd[self._row, path].sum(), all_in
        return np.array([*figures, costs.kgco2e[self._row, path].sum()])


def _layered(network: Network, rule: Rule, usable: NDArray[np.int64]) -> tuple[NDArray[np.int64], FlowProblem, int]:
    """Give the arcs of a graph with a layer for each set of conditions met, that graph, and the layer of all of them.

    Conditions are bits: 1 a mode that must be used, 2 a place that must be passed.
    """
    met = np.array([
        (1 if network.arcs[number].kind == "move" and network.arcs[number].mode in rule.via_modes else 0)
        | (2 if network.place(network.arcs[number].head) in rule.via_nodes else 0)
        for number in usable.tolist()
    ], dtype=np.int64)  # fmt: skip
    goal = (1 if rule.via_modes else 0) | (2 if rule.via_nodes else 0)
    layers = [layer for layer in range(goal + 1) if layer & ~goal == 0]
    count = len(network.vertices)
    tail = np.concatenate([network.tail[usable] + layer * count for layer in layers])
    head = np.concatenate([network.head[usable] + (layer | met & goal) * count for layer in layers])
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    graph = FlowProblem(
        node_count=(goal + 1) * count, tail=tail, head=head, cost=np.zeros((1, len(tail))), origin=none,
        destination=none, class_=none, amount=nothing, penalty=nothing, capacity=nothing,
        usage=sparse.csr_array((0, len(tail))),
    )  # fmt: skip
    return np.tile(usable, len(layers)), graph, goal
