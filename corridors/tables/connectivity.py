"""Whether each demand can be loaded, carried and unloaded at all, whatever the capacities and the year.

The functions take frames as they are read; the `row` of an answer is the index of the frame `demand`, a spreadsheet's
row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from corridors.tables.loads import EVERY, Loads, Measure

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

MODE_OF = {"load": "to_mode", "unload": "from_mode"}


class Unreachable(NamedTuple):
    """A demand that cannot move: its row, and the words that follow "no way" or "no loading" in a sentence."""

    row: int
    words: str


class _Goods(NamedTuple):
    """What decides which paths a commodity may take: its modes as the table has them, and its cargo group."""

    modes: str
    cargo: str


class _Handled:
    """Where, and into or out of which mode, a cargo group can be loaded or unloaded."""

    def __init__(self, terminals: pd.DataFrame, kind: str, cargo: str) -> None:
        columns = (terminals[column].tolist() for column in ("kind", "cargo", "node", MODE_OF[kind]))
        every = zip(*columns, strict=True)
        self._known = {(place, mode) for its, what, place, mode in every if its == kind and what in (EVERY, cargo)}

    def at(self, place: str, mode: str) -> bool:
        return (place, mode) in self._known or (EVERY, mode) in self._known


def without_load(
    links: pd.DataFrame, loads: pd.DataFrame, commodities: pd.DataFrame, demand: pd.DataFrame
) -> list[tuple[str, str, str]]:
    """Return the units of limited links in which a commodity that is asked for has no load, with one of the links."""
    known = Loads(loads, commodities)
    asked = commodities[commodities["commodity"].isin(demand["commodity"])]
    found: dict[tuple[str, str], str] = {}
    limited = links[(links["capacity"] < float("inf")) & (links["capacity_unit"] != "")]
    columns = (limited[name].tolist() for name in ("link", "mode", "capacity_unit", "load_class"))
    lacking: dict[Measure, list[tuple[str, str]]] = {}  # commodities without a load, with their modes
    for name, mode, *measured in zip(*columns, strict=True):
        measure = Measure(*measured)
        if measure not in lacking:
            pairs = zip(asked["commodity"].tolist(), asked["modes"].tolist(), strict=True)
            lacking[measure] = [(one, modes) for one, modes in pairs if math.isnan(known.tonnes(measure, one))]
        for commodity, modes in lacking[measure]:
            if mode in modes.split(";"):
                found.setdefault((measure.unit, commodity), name)
    return [(*key, link) for key, link in found.items()]


def without_handling(
    kind: str, links: pd.DataFrame, terminals: pd.DataFrame, commodities: pd.DataFrame, demand: pd.DataFrame
) -> list[Unreachable]:
    """Return demands that no terminal loads at their origin, the first for each place and commodity.

    With `kind` "unload", return those that none unloads at their destination. Places to which no link of the
    commodity's modes leads are left to `without_path`.
    """
    goods, there = _goods(commodities), _modes_at(links)
    handled = {cargo: _Handled(terminals, kind, cargo) for cargo in {one.cargo for one in goods.values()}}
    found: dict[tuple[str, str], Unreachable] = {}
    for row, origin, destination, commodity in _asked(demand, goods):
        place = origin if kind == "load" else destination
        modes = [mode for mode in goods[commodity].modes.split(";") if mode in there.get(place, ())]
        if modes and not any(handled[goods[commodity].cargo].at(place, mode) for mode in modes):
            words = f"at {place} for {commodity} ({', '.join(modes)})"
            found.setdefault((place, commodity), Unreachable(row, words))
    return list(found.values())


def without_path(
    links: pd.DataFrame, terminals: pd.DataFrame, commodities: pd.DataFrame, demand: pd.DataFrame
) -> list[Unreachable]:
    """Return the demands without a path of links and transhipments from origin to destination.

    A path begins in a mode that the origin loads and ends in one that the destination unloads; a place that handles
    none of the commodity's modes, which is a fault of its own, counts as handling all.
    """
    import networkx as nx  # heavy, and only a check needs it

    goods = _goods(commodities)
    graphs = {kind: _graph(links, terminals, kind) for kind in set(goods.values())}
    ends = {kind: _ends(graph, terminals, kind.cargo) for kind, graph in graphs.items()}
    unreachable = []
    for row, origin, destination, commodity in _asked(demand, goods):
        kind = goods[commodity]
        starts, goals = ends[kind][0].get(origin, {}), ends[kind][1].get(destination, {})
        if starts.keys() & goals.keys():  # there and back again: no search is needed
            continue
        if not any(nx.has_path(graphs[kind], one, other) for one in starts.values() for other in goals.values()):
            unreachable.append(Unreachable(row, f"from '{origin}' to '{destination}' for {commodity} ({kind.modes})"))
    return unreachable


def _goods(commodities: pd.DataFrame) -> dict[str, _Goods]:
    columns = (commodities[column].tolist() for column in ("commodity", "modes", "cargo"))
    return {commodity: _Goods(modes, cargo) for commodity, modes, cargo in zip(*columns, strict=True)}


def _asked(demand: pd.DataFrame, goods: dict[str, _Goods]) -> Iterator[tuple[int, str, str, str]]:
    """Yield row, origin, destination and commodity of demands between two different places, of a known commodity."""
    columns = (demand[column].tolist() for column in ("origin", "destination", "commodity"))
    for row, origin, destination, commodity in zip(demand.index.tolist(), *columns, strict=True):
        if commodity in goods and origin != destination:
            yield int(row), origin, destination, commodity


def _steps(links: pd.DataFrame) -> Iterator[tuple[str, str, str, float]]:
    """Yield both ends and the mode of every link, and whether it leads both ways."""
    yield from zip(*(links[column].tolist() for column in ("from_node", "to_node", "mode", "both_ways")), strict=True)


def _modes_at(links: pd.DataFrame) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for start, end, mode, _ in _steps(links):
        found.setdefault(start, set()).add(mode)
        found.setdefault(end, set()).add(mode)
    return found


def _graph(links: pd.DataFrame, terminals: pd.DataFrame, kind: _Goods) -> nx.DiGraph[Any]:
    """Return the graph of (place, mode) over the links and transhipments open to a cargo group."""
    import networkx as nx  # heavy, and only a check needs it

    modes = set(kind.modes.split(";"))
    steps = [((one, mode), (other, mode), both) for one, other, mode, both in _steps(links) if mode in modes]
    places = {place for tail, head, _ in steps for place, _ in (tail, head)}
    names = ("kind", "cargo", "node", "from_mode", "to_mode", "both_ways")
    changes = zip(*(terminals[column].tolist() for column in names), strict=True)
    steps += [
        ((place, before), (place, after), both)
        for what, cargo, node, before, after, both in changes
        if what == "tranship" and cargo in (EVERY, kind.cargo) and before in modes and after in modes
        for place in (places if node == EVERY else [node])
    ]
    return nx.DiGraph([step[:2] for step in steps] + [(head, tail) for tail, head, both in steps if both])


type _ByComponent = dict[str, dict[int, Any]]  # of a place: a vertex (place, mode) by the number of its component


def _ends(graph: nx.DiGraph[Any], terminals: pd.DataFrame, cargo: str) -> tuple[_ByComponent, _ByComponent]:
    """Return, by place, one vertex of each strongly connected component: where paths may begin, and where end.

    All vertices of a component reach each other, so one of each is enough to search from.
    """
    import networkx as nx

    found = []
    components = list(enumerate(nx.strongly_connected_components(graph)))
    for kind in MODE_OF:
        handled = _Handled(terminals, kind, cargo)
        every: _ByComponent = {}
        some: _ByComponent = {}
        for number, component in components:
            for place, mode in component:
                every.setdefault(place, {})[number] = (place, mode)
                if handled.at(place, mode):
                    some.setdefault(place, {})[number] = (place, mode)
        found.append(every | some)
    return found[0], found[1]
