"""Turns the tables of a data package into the virtual network of one year.

It works on columns and in three steps: all moves with their frontiers (`moves`), what is done at places (`stops`), and
what is limited (`resources`). It knows no place, corridor or price by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import DataError
from corridors.network.arcs import MOVE, Arcs, Sets
from corridors.network.handling import Handlings
from corridors.network.moves import moves
from corridors.network.network import Network
from corridors.network.numbering import coded, numbered, texts
from corridors.network.resources import resources
from corridors.network.stops import handled
from corridors.network.valuation import arc_figures

if TYPE_CHECKING:
    from corridors.network.numbering import ArcRows, Numbering
    from corridors.tables.dataset import Dataset


def build(dataset: Dataset, year: int | None = None, running: str = "typical") -> Network:
    """Build the virtual network of a data package.

    Vertices, arcs and resources are numbered in the order of the keys of the rows behind them, so that the order of
    rows in a file decides nothing; `Network.dataset` has its rows in that order.

    Parameters
    ----------
    dataset
        A checked data package.
    year
        Links, terminals and pools that open later are left out; None takes the package's base year.
    running
        The set of running figures: a value of the column `running` of `modes.csv`.

    Raises
    ------
    DataError
        If `modes.csv` has no rows, or none for `running`, or a mode lacks running figures.
    """
    known = sorted(set(dataset["modes"]["running"]))
    if not known:
        raise DataError(
            "modes.csv has no rows yet: add running figures for each mode of links.csv "
            "(corridors data tables modes explains the columns)"
        )
    if running not in known:
        raise DataError(
            f"modes.csv has no running figures called '{running}'; it has {', '.join(known)}: choose one of these"
        )
    dataset, year = dataset.ordered(), dataset.base_year if year is None else year
    numbering, handlings = numbered(dataset), Handlings(dataset, year)
    moving = moves(dataset, running, year, numbering, handlings)
    ends, at_places = handled(dataset, moving, numbering, handlings)
    collected = moving.arcs.then(at_places)
    limits, takers = resources(dataset, year, numbering, collected)
    arcs = _columns(dataset, running, numbering, collected)
    return Network(dataset, year, running, (*moving.vertices, *ends), arcs, limits, takers)


def _columns(dataset: Dataset, running: str, numbering: Numbering, arcs: ArcRows) -> Arcs:
    """Return the columns of the arcs, from the link or the handling behind each."""
    links, handlings = dataset["links"], arcs.handlings
    every = np.empty(len(links), dtype=np.object_)
    table = arcs.values(np.full_like(every, "links"), [one.table for one in handlings])
    row = arcs.values(np.arange(len(links)), [one.row for one in handlings])
    country = np.where(arcs.is_move, texts(links["country"])[arcs.link], numbering.country[arcs.place])
    return Arcs(
        tail=arcs.tail,
        head=arcs.head,
        kind=arcs.values(np.full_like(every, MOVE), [one.scope.kind for one in handlings]),
        mode=arcs.values(texts(links["mode"]), [one.mode for one in handlings]),
        table=table,
        row=row,
        id=arcs.values(texts(links["link"]), [one.id for one in handlings]),
        **arc_figures(dataset, running, table, row)._asdict(),
        country=country,
        cargo=_cargo(dataset, arcs),
        countries=_countries(dataset, numbering, arcs),
    )


def _cargo(dataset: Dataset, arcs: ArcRows) -> Sets:
    """Return the cargo groups that may use each arc: a link is open to all."""
    code, found = coded([frozenset(), *(one.cargo for one in arcs.handlings)])
    return Sets(arcs.values(np.zeros(len(dataset["links"]), dtype=np.int64), code[1:]), tuple(found))


def _countries(dataset: Dataset, numbering: Numbering, arcs: ArcRows) -> Sets:
    """Return the countries that each arc touches: those of its ends and all on its way, or that of its place."""
    links = dataset["links"]
    country = dict(zip(numbering.nodes.tolist(), numbering.country.tolist(), strict=True))
    ends = ([country[place] for place in links[name].tolist()] for name in ("from_node", "to_node"))
    of_link, touched = coded(zip(*ends, links["country"].tolist(), links["through"].tolist(), strict=True))
    sets = [frozenset((*lands, *filter(None, through.split(";")))) for *lands, through in touched]
    of_place, lands = coded(numbering.country.tolist())
    code = np.where(arcs.is_move, of_link[arcs.link], of_place[arcs.place] + len(sets))
    return Sets(code, (*sets, *(frozenset({land}) for land in lands)))
