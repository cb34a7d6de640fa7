"""Pairs of places, and the best way by each means between them, found again and again in variants of one network."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.network.constrained import ConstrainedSearch, Rule
from corridors.network.costs import HOURS_PER_DAY
from corridors.network.network import DESTINATION, ORIGIN, Vertex

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
class ODPair:
    """An origin, a destination and a class of freight, for which the best ways by each means are compared."""

    origin: str
    destination: str
    commodity: str


def usual_pairs(dataset: Dataset) -> tuple[ODPair, ...]:
    """Return the pairs of places that the package's own published figures are most about.

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
    return tuple(ODPair(*pair, commodity) for pair in dict.fromkeys(pairs))


def _most(told: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pair of places that most rows are about, the first of several; none without rows."""
    counts = Counter(zip(told["origin"].tolist(), told["destination"].tolist(), strict=True))
    return [pair for pair, _ in counts.most_common(1)]


def _largest(dataset: Dataset, commodity: str) -> list[tuple[str, str]]:
    """Return the pair of places that most of a class of freight goes between."""
    mine = dataset["demand"][dataset["demand"]["commodity"] == commodity].sort_values("kt", ascending=False)
    return list(zip(mine["origin"].tolist(), mine["destination"].tolist(), strict=True))[:1]


def name_of(pair: ODPair, means: str, measure: str) -> str:
    """Name the headline of a means between two places."""
    return f"{pair.origin} - {pair.destination}, {means}: {measure}"


class Way:
    """The best way by a means between two places, which is what `network.routes.compare` finds in each variant."""

    def __init__(self, network: Network, costs: Costs, pair: ODPair, means: Any) -> None:
        self.means = str(means.means)
        self._objective = str(means.objective) or "generalised"
        self._row = costs.commodities.index(pair.commodity)
        start, end = (
            network.position.get(Vertex(place, role))
            for place, role in ((pair.origin, ORIGIN), (pair.destination, DESTINATION))
        )
        rule = Rule.parsed(means.modes, means.via_modes, means.via_nodes, means.avoid)
        self._search = (
            None
            if start is None or end is None
            else ConstrainedSearch(network, costs.allowed[self._row], rule, start, end)
        )

    def headlines(self, dataset: Dataset, pair: ODPair) -> list[Headline]:
        """Return what is measured of the way."""
        called = dict(zip(dataset["means"]["means"], dataset["means"]["name_en"], strict=True))
        what = f"{called[self.means]}, {pair.commodity}"
        return [Headline(name_of(pair, self.means, measure), unit, f"{what}, {measure}") for measure, unit in ROUTE]

    def measure(self, costs: Costs) -> NDArray[np.float64]:
        """Return days, money, all in, and emissions of the best way; NaN if there is none."""
        weight = costs.objective(self._objective)[self._row]
        path = None if self._search is None else self._search.best(weight)
        if path is None:
            return np.full(len(ROUTE), math.nan)
        arcs = list(path)
        all_in = costs.generalised()[self._row, arcs].sum()
        figures = costs.hours[arcs].sum() / HOURS_PER_DAY, costs.usd[self._row, arcs].sum(), all_in
        return np.array([*figures, costs.kgco2e[self._row, arcs].sum()])
