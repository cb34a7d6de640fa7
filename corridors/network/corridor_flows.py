"""What corridors carry: the arcs beside each of their links, as one sparse matrix, and the sums over it.

A corridor is a list of links. What it carries on one of them is what moves on all links of that mode between those two
places, in both directions: a second line beside the listed one counts with it.

Three figures tell what it carries. **Through-freight** runs its characteristic section (`section` and `via` of
corridors.csv: the sea that it crosses, or its frontier), each tonne once; without a section it is what runs all of its
length. What **touches** it uses any of its links, or its section. The **mean load** is the work on it by its length; of
lines that several corridors share it counts in each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corridors.models.arrays import BoolArray
    from corridors.models.paths import PathSet
    from corridors.network.network import Network

type Pair = tuple[str, frozenset[str]]  # a mode, and the two places between which a link of it lies
type Incidence = sparse.csr_array[np.float64, tuple[int, int]]  # 1 where an arc belongs to a row


@dataclass(frozen=True, eq=False)
class CorridorFlows:
    r"""The links of K corridors, M in all, and which of A arcs run along them.

    With :math:`B_{ma} = 1` where arc :math:`a` moves along member :math:`m`, and :math:`\ell_m` the length of the
    member's link, the work on corridor :math:`k` is :math:`\sum_{m \in k} \ell_m \sum_a B_{ma} x_a`, and its mean load
    is that divided by its length :math:`\sum_{m \in k} \ell_m`.

    Attributes
    ----------
    names
        The corridors, in the order of corridors.csv, (K,).
    corridor, link
        For each member its corridor, and its row of links.csv, (M,).
    km
        Length of each member's link, (M,).
    beside
        1 where an arc moves along a member, (M, A).
    section, via
        Where an arc moves along a link of a corridor's characteristic section, and along one of those that its
        through-freight uses as well.
    """

    names: tuple[str, ...]
    corridor: NDArray[np.int64]
    link: NDArray[np.int64]
    km: NDArray[np.float64]
    beside: Incidence
    section: Section
    via: Section

    def through(self, paths: PathSet) -> BoolArray:
        """Say which paths are through-freight of each corridor, (P, K)."""
        passes = passing(paths, self.beside.shape[1])
        whole = self._members(passes) == np.bincount(self.corridor, minlength=len(self.names))
        whole &= self.length() > 0
        found: BoolArray = np.where(self.section.named, self.section.used(passes), whole)
        found &= self.via.used(passes) | ~self.via.named
        return found

    def touching(self, paths: PathSet) -> BoolArray:
        """Say which paths use any link of each corridor, or of its section, (P, K)."""
        passes = passing(paths, self.beside.shape[1])
        found: BoolArray = (self._members(passes) > 0) | self.section.used(passes)
        return found

    def _members(self, passes: Incidence) -> NDArray[np.float64]:
        """Return how many members of each corridor each path uses, (P, K)."""
        uses = (passes @ self.beside.T > 0).astype(np.float64)
        size = self.corridor.size
        of = sparse.csr_array((np.ones(size), (np.arange(size), self.corridor)), shape=(size, len(self.names)))
        found: NDArray[np.float64] = (uses @ of).toarray()
        return found

    def work(self, flow: NDArray[np.float64], km: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the work on each corridor, (K,), in km times the unit of a flow on arcs, (A,).

        `km` are other lengths of the links of links.csv, of a data package that has been changed.
        """
        return self.total((self.beside @ flow) * self._km(km))

    def length(self, km: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the length of each corridor, km, (K,); `km` as of `work`."""
        return self.total(self._km(km))

    def mean_load(self, flow: NDArray[np.float64], km: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the mean of a flow on arcs over each corridor's length, (K,), 0 without length; `km` as of `work`."""
        length = self.length(km)
        return np.divide(self.work(flow, km), length, out=np.zeros(len(self.names)), where=length > 0)

    def sum(self, of_arc: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of figures of arcs, (A,), along each corridor, (K,)."""
        return self.total(self.beside @ of_arc)

    def total(self, of_member: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of figures of members, (M,), over each corridor, (K,)."""
        return np.bincount(self.corridor, of_member, minlength=len(self.names)).astype(np.float64)

    def largest(self, of_arc: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the largest figure of any arc, (A,), on each corridor, (K,), at least 0."""
        found = np.zeros(len(self.names))
        member = np.repeat(np.arange(self.corridor.size), np.diff(self.beside.indptr))
        np.maximum.at(found, self.corridor[member], of_arc[self.beside.indices])
        return found

    def _km(self, km: NDArray[np.float64] | None) -> NDArray[np.float64]:
        return self.km if km is None else km[self.link]


@dataclass(frozen=True, eq=False)
class Section:
    """Links that corridors name beside their own, by the arcs along them.

    Attributes
    ----------
    named
        Which corridors name any, (K,).
    arcs
        1 where an arc moves along one of them, (K, A).
    """

    named: BoolArray
    arcs: Incidence

    def used(self, passes: Incidence) -> BoolArray:
        """Say which paths, by the arcs that each passes, (P, A), use one of them, (P, K)."""
        found: BoolArray = (passes @ self.arcs.T).toarray() > 0
        return found


def passing(paths: PathSet, arc_count: int) -> Incidence:
    """Return how often each path passes each arc, (P, A)."""
    steps = np.ones(paths.arc.size), paths.arc, paths.start
    return sparse.csr_array(steps, shape=(paths.size, arc_count))


def corridor_flows(network: Network) -> CorridorFlows:
    """Return the corridors of a network's data package, with the arcs that run along them.

    Members stand in the order of corridors and then of `seq`, so that sums over them are always added alike.
    """
    dataset = network.dataset
    links, names = dataset["links"], tuple(dataset["corridors"]["corridor"])
    sides = zip(links["from_node"], links["to_node"], strict=True)
    pairs: list[Pair] = [(mode, frozenset(ends)) for mode, ends in zip(links["mode"], sides, strict=True)]
    row = {link: number for number, link in enumerate(links["link"])}
    order = {name: number for number, name in enumerate(names)}
    members = dataset["corridor_links"].sort_values(["corridor", "seq"], kind="stable")
    link = np.array([row[one] for one in members["link"]], dtype=np.int64)
    moves: dict[Pair, list[int]] = {}
    for arc in np.flatnonzero(network.arcs.is_move).tolist():
        moves.setdefault(pairs[network.arcs.row[arc]], []).append(arc)
    along = [moves.get(one, []) for one in pairs]  # of each link the arcs beside it

    def section(column: str) -> Section:
        """Return the links in a column of corridors.csv."""
        cells = dataset["corridors"][column].tolist()
        named = [[row[one] for one in cell.split(";") if one] for cell in cells]
        arcs = [sorted({arc for one in listed for arc in along[one]}) for listed in named]
        return Section(
            np.array([bool(listed) for listed in named], dtype=np.bool_), _incidence(arcs, len(network.arcs))
        )

    return CorridorFlows(
        names,
        np.array([order[name] for name in members["corridor"]], dtype=np.int64),
        link,
        links["km"].to_numpy(dtype=np.float64)[link],
        _incidence([along[one] for one in link.tolist()], len(network.arcs)),
        section("section"),
        section("via"),
    )


def _incidence(rows: Sequence[Sequence[int]], arc_count: int) -> Incidence:
    """Return 1 where a row lists an arc."""
    entries = [(number, arc) for number, listed in enumerate(rows) for arc in listed]
    row, arc = np.array(entries, dtype=np.int64).reshape(-1, 2).T
    return sparse.csr_array((np.ones(row.size), (row, arc)), shape=(len(rows), arc_count))
