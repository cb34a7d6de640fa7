"""What corridors carry: the arcs beside each of their links, as one sparse matrix, and the sums over it.

A corridor is a list of links. What it carries on one of them is what moves on all links of that mode between those two
places, in both directions: a second line beside the listed one counts with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.network.network import Network

type Pair = tuple[str, frozenset[str]]  # a mode, and the two places between which a link of it lies


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
    """

    names: tuple[str, ...]
    corridor: NDArray[np.int64]
    link: NDArray[np.int64]
    km: NDArray[np.float64]
    beside: sparse.csr_array[np.float64, tuple[int, int]]

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
    entries = [(m, arc) for m, one in enumerate(link.tolist()) for arc in moves.get(pairs[one], ())]
    member, arcs = np.array(entries, dtype=np.int64).reshape(-1, 2).T
    return CorridorFlows(
        names,
        np.array([order[name] for name in members["corridor"]], dtype=np.int64),
        link,
        links["km"].to_numpy(dtype=np.float64)[link],
        sparse.csr_array((np.ones(member.size), (member, arcs)), shape=(link.size, len(network.arcs))),
    )
