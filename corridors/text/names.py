"""What the things of a data package are called in the reader's language, or else in English, or by their code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language

BETWEEN = " - "
TOGETHER = " + "
POOL = "pool:"  # as `network.ids` writes names
AT = "@"
BY = " by "  # as differences write a way through a place
BOUNDS = {"bound:co2e": later("emissions budget")}
NO_WAYS = {"not served": later("not served"), "not asked for": later("not asked for")}  # as differences write them

type _Rows = dict[str, Mapping[str, Any]]


def way(written: str, say: Language, place: Callable[[str], str]) -> str:
    """Name a way of `difference.shifts`: a mode, or a mode by a place, which `place` names, or none."""
    if written in NO_WAYS:
        return say(NO_WAYS[written])
    mode, by, node = written.partition(BY)
    return say("{mode} by {place}", mode=say.term(mode), place=place(node)) if by else say.term(mode)


@dataclass(frozen=True, eq=False)
class Names:
    """Names for the rows of a data package in a language."""

    dataset: Dataset
    say: Language

    def place(self, node: str) -> str:
        """Name a place of nodes.csv."""
        return self._named(self._places, node)

    def corridor(self, corridor: str) -> str:
        """Name a corridor of corridors.csv."""
        return self._named(self._corridors, corridor)

    def commodity(self, commodity: str) -> str:
        """Name a class of freight of commodities.csv."""
        return self._named(self._commodities, commodity)

    def means(self, means: str) -> str:
        """Name a means of transport of means.csv."""
        return self._named(self._means, means)

    def between(self, origin: str, destination: str) -> str:
        """Name two places together."""
        return self.place(origin) + BETWEEN + self.place(destination)

    def crossing(self, crossing: str, otherwise: str) -> str:
        """Name a crossing of borders.csv by its two places; `otherwise` where they are none of this package."""
        known = [name for name in self._places if crossing.startswith(f"{name}-")]
        for first in sorted(known, key=len, reverse=True):
            if (last := crossing.removeprefix(f"{first}-")) in self._places:
                return self.between(first, last)
        return otherwise

    def link(self, link: str) -> str:
        """Name a link: by its own name, or else by its ends and mode."""
        row = self._links.get(link)
        if row is None:
            return link
        if row["name_en"]:
            return self.say.name(row)
        return f"{self.between(row['from_node'], row['to_node'])} ({self.say.term(row['mode'])})"

    def stretches(self, resources: Sequence[tuple[str, str]]) -> str:
        """Name limited resources together, each as `resource` takes it: links in a row by the ends of the line."""
        if len(resources) == 1:
            return self.resource(*resources[0])
        links = [self._links[resource] for resource, _ in resources if resource in self._links]
        ends = Counter(place for link in links for place in (link["from_node"], link["to_node"]))
        line = [place for place, count in ends.items() if count == 1]
        if len(links) < len(resources) or len(line) != 2 or max(ends.values()) > 2:  # no line
            return "; ".join(self.resource(*one) for one in resources)
        mode = self.say.term(links[0]["mode"])
        stretches = self.say.many("{n} stretch", "{n} stretches", len(links))
        return f"{self.between(*line)} ({mode}, {stretches})"

    def section(self, corridor: str) -> str:
        """Name where a corridor's through-freight is counted: its section, and the way it comes, or all its length."""
        row = self._corridors.get(corridor, {})
        section, via = (self._ends(str(row.get(name, ""))) for name in ("section", "via"))
        if not section:
            return self.say("all its length")
        return self.say("{section} by {way}", section=section, way=via) if via else section

    def _ends(self, links: str) -> str:
        """Name a list of links by their ends; of several from or to one place the home country's side first."""
        rows = [self._links[one] for one in links.split(";") if one in self._links]
        pairs = list(dict.fromkeys((row["from_node"], row["to_node"]) for row in rows))
        ends = Counter(place for pair in pairs for place in pair)
        shared = [place for place, count in ends.items() if len(pairs) > 1 and count == len(pairs)]
        if not shared:
            return "; ".join(self.between(*pair) for pair in pairs)
        sides = ["/".join(self.place(place) for place in ends if place != shared[0]), self.place(shared[0])]
        at_home = self._places.get(shared[0], {}).get("country") == self.dataset.home_country
        return BETWEEN.join(sides[::-1] if at_home else sides)

    def resource(self, resource: str, otherwise: str) -> str:
        """Name a limited resource: a link, what is done at a place, or a pool; `otherwise` what is none of these."""
        if resource in BOUNDS:
            return self.say(BOUNDS[resource])
        if resource.startswith(POOL):
            pool = self._pools.get(resource.removeprefix(POOL))
            return otherwise if pool is None else self.say.name(pool)
        return self.link(resource) if resource in self._links else self._handling(resource, otherwise)

    def way(self, written: str) -> str:
        """Name a way of `difference.shifts`."""
        return way(written, self.say, self.place)

    def closure(self, kind: str, name: str) -> str:
        """Name what was closed, one or several joined by a plus, by kind and name as `closures` gives them."""
        pairs = zip(kind.split(TOGETHER), name.split(TOGETHER), strict=True)
        return TOGETHER.join(self._closed(*pair) for pair in pairs)

    def _closed(self, kind: str, name: str) -> str:
        if kind == "border":
            return BETWEEN.join(self.place(one) for one in name.split(BETWEEN))
        if kind == "corridor":
            return f"{name} {self.corridor(name)}"
        named = {"link": self.link, "country": self.say.country}
        return named[kind](name) if kind in named else self._handling(name, name)

    def _handling(self, terminal: str, otherwise: str) -> str:
        """Name what is done at a place: a row of terminals.csv, with @ and the place if the row is for every place."""
        name, place = terminal, ""
        if name not in self._terminals:
            name, _, place = terminal.rpartition(AT)
        row = self._terminals.get(name)
        if row is None:
            return otherwise
        modes = [self.say.term(mode) for mode in dict.fromkeys((row["from_mode"], row["to_mode"])) if mode]
        return f"{self.place(place or row['node'])}, {self.say.term(row['kind'])} ({' > '.join(modes)})"

    def _named(self, rows: _Rows, key: str) -> str:
        return self.say.name(rows[key]) if key in rows else key

    def _rows(self, table: str, key: str) -> _Rows:
        listed: list[Any] = self.dataset[table].to_dict("records")
        return {row[key]: row for row in listed}

    @cached_property
    def _places(self) -> _Rows:
        return self._rows("nodes", "node")

    @cached_property
    def _links(self) -> _Rows:
        return self._rows("links", "link")

    @cached_property
    def _terminals(self) -> _Rows:
        return self._rows("terminals", "terminal")

    @cached_property
    def _pools(self) -> _Rows:
        return self._rows("pools", "pool")

    @cached_property
    def _corridors(self) -> _Rows:
        return self._rows("corridors", "corridor")

    @cached_property
    def _commodities(self) -> _Rows:
        return self._rows("commodities", "commodity")

    @cached_property
    def _means(self) -> _Rows:
        return self._rows("means", "means")
