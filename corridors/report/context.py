"""What a report or a chart is about: a plan, the network that it was planned on, and the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.planning.counted import beside
from corridors.planning.summary import tight
from corridors.planning.validation import scorecard
from corridors.report.projection import way
from corridors.text.names import Names
from corridors.text.reasons import Reasons

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.network.network import Network
    from corridors.planning.planner import Plan
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language


@dataclass(frozen=True, eq=False)
class Subject:
    """A plan with its network, and the language that it is told in."""

    plan: Plan
    network: Network
    say: Language

    @property
    def dataset(self) -> Dataset:
        """The tables that the plan was made from."""
        return self.network.dataset

    @cached_property
    def places(self) -> dict[str, Mapping[str, Any]]:
        """The rows of nodes.csv by place."""
        return {row["node"]: row for row in _records(self.dataset["nodes"])}

    @cached_property
    def links(self) -> dict[str, Any]:
        """The rows of links.csv by link."""
        return {row.link: row for row in rows(self.dataset["links"])}

    @cached_property
    def shapes(self) -> dict[str, list[tuple[float, float]]]:
        """The points that a link is drawn through, longitude and latitude, by link."""
        found: dict[str, list[tuple[float, float]]] = {}
        for row in rows(self.dataset["shapes"].sort_values(["link", "seq"])):
            found.setdefault(row.link, []).append((float(row.lon), float(row.lat)))
        return found

    def position(self, node: str) -> tuple[float, float]:
        """Return longitude and latitude of a place."""
        row = self.places[node]
        return float(row["lon"]), float(row["lat"])

    def line(self, link: str) -> list[list[float]]:
        """Return the points of a link's way over the map, from its first place to its second."""
        if link not in self._ways:
            row = self.links[link]
            through = [self.position(row.from_node), *self.shapes.get(link, ()), self.position(row.to_node)]
            self._ways[link] = way(through)
        return self._ways[link]

    @cached_property
    def _ways(self) -> dict[str, list[list[float]]]:
        """The ways that were asked for, as each is drawn, framed and marked."""
        return {}

    @cached_property
    def names(self) -> Names:
        """What places, links, corridors, commodities, means and resources are called in the reader's language."""
        return Names(self.dataset, self.say)

    @cached_property
    def reasons(self) -> Reasons:
        """Says in the reader's language why something was not carried."""
        limits = self.plan.bottlenecks
        return Reasons(self.names, dict(zip(limits["resource"], limits["where"], strict=True)))

    @cached_property
    def moved(self) -> dict[str, float]:
        """What each link carries in both directions, kt a year, by link."""
        return {str(link): float(kt) for link, kt in self.plan.flows.groupby("link")["kt"].sum().items()}

    @cached_property
    def handled(self) -> dict[str, float]:
        """What begins, ends or changes its mode at each place, kt a year, by place."""
        return {str(node): float(kt) for node, kt in self.plan.handlings.groupby("node")["kt"].sum().items()}

    @cached_property
    def tight(self) -> pd.DataFrame:
        """The full resources that have a price, the dearest first."""
        return tight(self.plan.bottlenecks)

    @cached_property
    def resource_arcs(self) -> dict[str, NDArray[np.int64]]:
        """The arcs that take each limited resource of the network."""
        lists = zip(self.network.resources, self.network.resource_arcs, strict=True)
        return {one.resource: arcs for one, arcs in lists}

    @cached_property
    def card(self) -> pd.DataFrame:
        """The published figures that the model covers, with what it measures (`planning.validation.scorecard`)."""
        card = scorecard(self.dataset)
        return card[card["verdict"] != "not covered"].reset_index(drop=True)

    @cached_property
    def counted(self) -> pd.DataFrame:
        """What was counted beside the plan (`planning.counted.beside`)."""
        return beside(self.plan, self.network)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(column): value for column, value in row.items()} for row in table.to_dict("records")]
