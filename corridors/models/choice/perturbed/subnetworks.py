r"""The part of the network that each demand may use, its flow there, and the problem over all these parts.

Arcs join as searches find them (`corridors.models.choice.perturbed.search`). Before each solve chains of arcs are
contracted to segments (`corridors.models.choice.perturbed.contraction`), and staying is one more segment from the
origin to the destination.

==========================  ================  ======
symbol                      name              shape
==========================  ================  ======
:math:`z_{ka}`              ``share``         (V,)
:math:`u_k / d_k`           ``stay``          (K,)
:math:`b_r`                 ``capacity``      (R,)
:math:`\tau_k`              ``tau``           (K,)
:math:`d_k c_s`             ``costs``         (S,)
:math:`d_k c_s / \tau_k`    ``weights``       (S,)
==========================  ================  ======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.choice.perturbed.contraction import contract
from corridors.models.choice.perturbed.interior import Restricted
from corridors.models.choice.perturbed.search import Found, Own, Trips, search
from corridors.models.choice.perturbed.segments import Chains
from corridors.models.choice.perturbed.setting import Setting
from corridors.models.paths import PathSet

_TINY = 1e-11  # of all that may pass a resource: what a capacity of 0 is taken for


@dataclass(frozen=True, eq=False)
class Subnetworks:
    """Arcs of each demand, by demands and within these in the order of the star, V in all.

    Attributes
    ----------
    first
        Where those of each demand begin, (K + 1,).
    arc
        Each arc, (V,).
    share
        The part of the demand on each, (V,).
    stay
        The part of each demand that stays, (K,).
    head
        What the cheapest way to the head of each arc costs at the margin, (V,).
    least
        What each demand's cheapest route costs at the margin, or staying if that is less, (K,).
    """

    first: IntArray
    arc: IntArray
    share: FloatArray
    stay: FloatArray
    head: FloatArray
    least: FloatArray

    @property
    def trip(self) -> IntArray:
        """The demand of each arc, (V,)."""
        return np.repeat(np.arange(self.stay.size), np.diff(self.first))


@dataclass(frozen=True, eq=False)
class Contracted:
    """The problem over some subnetworks, and what it is made of.

    Attributes
    ----------
    arc
        The arcs of the subnetworks, (V,).
    chains
        The segments.
    trip
        The demand of each, (S,).
    stays
        Which of them are staying, (S,).
    rows
        The resources that segments might overdraw, (M,).
    unit
        The unit in which each of those is counted, (M,).
    restricted
        The problem in these units, and the unit of money.
    """

    arc: IntArray
    chains: Chains
    trip: IntArray
    stays: BoolArray
    rows: IntArray
    unit: FloatArray
    restricted: Restricted


def nothing(setting: Setting) -> Subnetworks:
    """Return subnetworks without an arc: everything stays."""
    none, count = np.empty(0), setting.demand.size
    first = np.zeros(count + 1, dtype=np.int64)
    return Subnetworks(first, np.empty(0, dtype=np.int64), none, np.ones(count), none, np.full(count, np.inf))


def look(setting: Setting, nets: Subnetworks, price: FloatArray, worth: FloatArray) -> tuple[Found, Subnetworks]:
    """Search at the margin; return what was found, and the subnetworks with it.

    Parameters
    ----------
    setting, nets
        Whose flow makes the margin.
    price
        Of resources, (R,).
    worth
        What a demand may lose on an arc without a detour, per tonne, (K,).
    """
    trip, charged = nets.trip, setting.charged(price)
    extra = setting.cost[setting.class_[trip], nets.arc] / setting.tau[trip] * np.log1p(nets.share)
    limit = setting.penalty + setting.stay_weight * np.log1p(nets.stay)
    origin, destination = setting.ends
    negative = bool(charged.min(initial=0) < 0)
    trips = Trips(origin, destination, setting.class_, nets.stay, limit, worth)
    found = search(setting.star, charged, trips, Own(nets.first, nets.arc, extra, nets.share), negative)
    return found, _grown(nets, found)


def _grown(nets: Subnetworks, found: Found) -> Subnetworks:
    """Return subnetworks with the arcs that were found, without flow; costs stay where a cycle pays."""
    added = found.added
    least = np.where(np.isneginf(found.least), nets.least, found.least)
    trip, arc = np.concatenate((nets.trip, added.trip)), np.concatenate((nets.arc, added.arc))
    head = np.concatenate((found.head, added.head))
    known = np.concatenate((nets.head, least[added.trip]))
    order = np.lexsort((arc, trip))
    return Subnetworks(
        first=np.searchsorted(trip[order], np.arange(nets.stay.size + 1)),
        arc=arc[order],
        share=np.concatenate((nets.share, np.zeros(added.arc.size)))[order],
        stay=nets.stay,
        head=np.where(np.isnan(head), known, head)[order],
        least=least,
    )


def joined(setting: Setting, nets: Subnetworks, routes: PathSet, flow: FloatArray) -> Subnetworks:
    """Return subnetworks with some routes of the problem and what flows on them besides, as far as they are open."""
    size, places = setting.cost.shape[1], np.argsort(setting.order, kind="stable")
    trip_of = np.full(setting.problem.demand_count, -1)
    trip_of[setting.demand] = np.arange(setting.demand.size)
    trip, arc, tonnes = trip_of[routes.demand[routes.path]], places[routes.arc], flow[routes.path]
    some = (trip >= 0) & np.isfinite(setting.cost[setting.class_[trip], arc])
    key = np.concatenate((nets.trip * size + nets.arc, (trip * size + arc)[some]))
    both, place = np.unique(key, return_inverse=True)
    share = np.concatenate((nets.share, tonnes[some] / setting.amount[trip[some]]))
    head = np.full(both.size, np.inf)
    np.minimum.at(head, place[: nets.head.size], nets.head)
    return Subnetworks(
        first=np.searchsorted(both, np.arange(setting.demand.size + 1) * size),
        arc=both % size,
        share=np.bincount(place, share, both.size),
        stay=nets.stay,
        head=np.where(np.isfinite(head), head, nets.least[both // size]),
        least=nets.least,
    )


def contracted(setting: Setting, nets: Subnetworks, money: float, margin: float) -> Contracted:
    """Contract subnetworks, and pose the problem over them.

    Parameters
    ----------
    setting, nets
        The network and its parts.
    money
        The unit of money.
    margin
        The part of each capacity that is kept free of rounding errors.
    """
    chains = contract(setting.graph, setting.ends, nets.first, nets.arc)
    trip = np.repeat(np.arange(nets.stay.size), np.diff(chains.first))
    stays = np.diff(chains.start) == 0
    column = (setting.class_[nets.trip] * setting.graph.tail.size + nets.arc)[chains.arc]
    passes: UsageArray = sparse.csr_array(
        (np.ones(column.size), column, chains.start), shape=(stays.size, setting.cost.size)
    )
    costs = np.bincount(
        np.repeat(np.arange(stays.size), np.diff(chains.start)), setting.cost.ravel()[column], stays.size
    )
    costs[stays] = setting.penalty
    scale = setting.amount[trip] / money
    weights = costs / setting.tau[trip] * scale
    weights[stays] = setting.stay_weight * scale[stays]
    use = sparse.csr_array(passes @ setting.usage)
    use.data *= np.repeat(setting.amount[trip], np.diff(use.indptr))
    rows, unit, capacity = _rows(use, setting.problem.capacity, margin)
    use = sparse.csr_array(use[:, rows])
    use.data /= unit[use.indices]
    use.sort_indices()
    return Contracted(
        nets.arc, chains, trip, stays, rows, unit, Restricted.of(chains, costs * scale, weights, use, capacity)
    )


def _rows(use: UsageArray, capacity: FloatArray, margin: float) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the resources that segments might overdraw, a unit for each, and their capacities in it, (M,)."""
    size, gives = use.shape[1], use.data < 0
    most = np.bincount(use.indices, np.maximum(use.data, 0), size)
    rows = np.flatnonzero(most > capacity)
    mixed = np.bincount(use.indices[gives], minlength=size)[rows] > 0
    most, capacity = most[rows], capacity[rows]
    least = np.where(mixed, 0.0, _TINY * most)
    return rows, most, np.maximum(capacity, least) / most * (1 - margin)
