"""The same network with other figures, without being built anew.

Other speeds, waits, prices and capacities change no vertex and no arc, only what the arcs cost and the resources
hold. `Template.network` gives what `network.build` gives for such data, in a sixth of its time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.network.handling import is_open
from corridors.network.network import Arc, Network

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset

BEST = "best"


class Template:
    """A network, and the rows of the tables that each of its arcs and resources has its figures from."""

    def __init__(self, network: Network) -> None:
        dataset = network.dataset
        self._base = network
        self._moves = np.array([arc.kind == "move" for arc in network.arcs], dtype=np.bool_)
        link = _numbers(dataset["links"]["link"])
        terminal = _numbers(dataset["terminals"]["terminal"])
        borders = dataset["borders"]
        sides = zip(borders["country_a"], borders["country_b"], borders["mode"], strict=True)
        border = {f"border:{a}-{b}:{mode}": row for row, (a, b, mode) in enumerate(sides)}
        self._link = np.array([link[arc.link] for arc in network.arcs if arc.kind == "move"], dtype=np.int64)
        self._mode = _mode_rows(dataset, network.running)
        changes = [arc.terminal for arc in network.arcs if arc.kind != "move"]
        self._terminal = np.array([terminal.get(name, -1) for name in changes], dtype=np.int64)
        self._border = np.array([-1 if name in terminal else border[name] for name in changes], dtype=np.int64)
        self._capacity = [_capacity_row(one.resource, link, terminal, dataset, network.year)
                          for one in network.resources]  # fmt: skip
        same = ("tail", "head", "kind", "mode", "link", "terminal")
        self._same = [[getattr(arc, name) for arc in network.arcs] for name in same]
        self._rest = [[getattr(arc, name) for arc in network.arcs] for name in ("country", "cargo", "countries")]

    def network(self, dataset: Dataset) -> Network:
        """Give the network of the same data with other figures: rows, places, modes, dates and blanks are the same."""
        dataset = dataset.ordered()  # as the rows were numbered
        figures = np.zeros((5, len(self._moves)))
        figures[:, self._moves] = self._of_moves(dataset)
        figures[:, ~self._moves] = self._of_changes(dataset)
        arcs = tuple(map(Arc._make, zip(*self._same, *figures.tolist(), *self._rest, strict=True)))
        tables: dict[str, NDArray[np.float64]] = {
            name: dataset[name]["capacity"].to_numpy(dtype=np.float64) for name in ("links", "terminals", "pools")
        }
        resources = tuple(
            one._replace(capacity=float(tables[table][rows].sum()))
            for one, (table, rows) in zip(self._base.resources, self._capacity, strict=True)
        )
        made = replace(self._base, dataset=dataset, arcs=arcs, resources=resources)
        for kept in ("position", "tail", "head", "resources_of"):  # found once for all variants
            made.__dict__[kept] = getattr(self._base, kept)
        return made

    def _of_moves(self, dataset: Dataset) -> NDArray[np.float64]:
        """Give km, hours, USD per tonne, USD per TEU and kg CO2e per tonne of the moves, shape (5, moves)."""
        links, modes = dataset["links"], dataset["modes"]
        factor, usual = (modes[name].to_numpy(dtype=np.float64)[self._mode] for name in ("speed_factor", "speed_kmh"))
        own = links["speed_kmh"].to_numpy(dtype=np.float64)
        speed = np.where(own > 0, own * factor, usual)
        km = links["km"].to_numpy(dtype=np.float64)
        hours = km / speed + links["hours_fixed"].to_numpy(dtype=np.float64)
        none = np.zeros(len(links))
        return np.stack([km, hours, links["usd_per_t"].to_numpy(dtype=np.float64), none, none])[:, self._link]

    def _of_changes(self, dataset: Dataset) -> NDArray[np.float64]:
        """Give the same of the changes."""
        terminals = self._figures(dataset["terminals"], ("usd_per_t", "usd_per_teu", "kgco2e_per_t"))
        borders = self._figures(dataset["borders"], ("usd_per_t",))
        at_terminal = terminals[:, self._terminal] if terminals.shape[1] else np.zeros((5, len(self._terminal)))
        at_border = borders[:, self._border] if borders.shape[1] else np.zeros((5, len(self._border)))
        return np.where(self._terminal >= 0, at_terminal, at_border)

    def _figures(self, frame: pd.DataFrame, charges: tuple[str, ...]) -> NDArray[np.float64]:
        """Give the figures of a table's rows, shape (5, rows)."""
        figures = np.zeros((5, len(frame)))
        best, hours = (frame[name].to_numpy(dtype=np.float64) for name in ("hours_best", "hours"))
        figures[1] = np.where(np.isnan(best) | (self._base.running != BEST), hours, best)
        for row, name in enumerate(charges, start=2):
            figures[row] = np.nan_to_num(frame[name].to_numpy(dtype=np.float64))
        return figures


def _numbers(column: pd.Series) -> dict[str, int]:
    return {name: row for row, name in enumerate(column)}


def _mode_rows(dataset: Dataset, running: str) -> NDArray[np.int64]:
    """Give the row of the running figures of each link's mode, shape (links,); of a link not open, perhaps any."""
    modes = zip(dataset["modes"]["mode"], dataset["modes"]["running"], strict=True)
    row = {mode: number for number, (mode, conditions) in enumerate(modes) if conditions == running}
    return np.array([row.get(mode, 0) for mode in dataset["links"]["mode"]], dtype=np.int64)


def _capacity_row(
    resource: str, link: dict[str, int], terminal: dict[str, int], dataset: Dataset, year: int
) -> tuple[str, list[int]]:
    """Give the table and the rows that a resource's capacity is the sum of."""
    if resource.startswith("pool:"):
        pools = dataset["pools"]
        name = resource.removeprefix("pool:")
        dated: list[tuple[Any, Any]] = list(zip(pools["pool"], pools["year_open"], strict=True))
        return "pools", [row for row, (pool, opens) in enumerate(dated) if pool == name and is_open(opens, year)]
    if resource in link:
        return "links", [link[resource]]
    return "terminals", [terminal[resource if resource in terminal else resource.rpartition("@")[0]]]
