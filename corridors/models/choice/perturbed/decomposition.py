"""Flows on routes out of flows on segments: compiled.

Any flow is a sum of flows on routes and on cycles (Ahuja, Magnanti & Orlin 1993, section 3.5). Each route goes on by
the segment that carries most.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.perturbed.segments import Chains


class Routes(NamedTuple):
    """Routes of demands: the demand of each, its share, how many arcs it has, (P,); and all arcs in a row."""

    trip: IntArray
    share: FloatArray
    length: IntArray
    arc: IntArray


@njit(cache=True)
def routes_of(chains: Chains, share: FloatArray, dust: float) -> Routes:
    """Take shares of segments, (S,), apart into routes; cycles are left out.

    Parameters
    ----------
    chains, share
        The segments, and the part of the demand on each.
    dust
        A share of so little is nothing.
    """
    left, most = share.copy(), share.size
    routes = Routes(np.empty(most, np.int64), np.empty(most), np.empty(most, np.int64), np.empty(1024, np.int64))
    arcs, count, used = routes.arc, 0, 0
    for k in range(chains.first.size - 1):
        low, high = chains.first[k] + 1, chains.first[k + 1]  # without staying
        seen = np.full(chains.first_junction[k + 1] - chains.first_junction[k], -1)
        route = np.empty(seen.size + 1, np.int64)
        while True:
            steps = _next_route(chains, low, high, left, dust, seen, route)
            if steps == 0:
                break
            least, size = _taken(left, route[:steps]), 0
            for s in route[:steps]:
                size += chains.start[s + 1] - chains.start[s]
            if used + size > arcs.size:
                longer = np.empty(2 * (used + size), np.int64)
                longer[:used] = arcs[:used]
                arcs = longer
            for s in route[:steps]:
                for e in range(chains.start[s], chains.start[s + 1]):
                    arcs[used] = chains.arc[e]
                    used += 1
            routes.trip[count], routes.share[count], routes.length[count] = k, least, size
            count += 1
    return Routes(routes.trip[:count].copy(), routes.share[:count].copy(), routes.length[:count].copy(), arcs[:used])


@njit(cache=True)
def _next_route(
    chains: Chains, low: int, high: int, left: FloatArray, dust: float, seen: IntArray, route: IntArray
) -> int:
    """Find a route with flow; return how many segments it has, 0 if there is none. Cycles on the way are emptied."""
    seen[:] = -1
    node, steps = 0, 0
    while node >= 0:
        if seen[node] >= 0:
            _taken(left, route[seen[node] : steps])
            seen[:] = -1
            node, steps = 0, 0
            continue
        seen[node] = steps
        best = -1
        for s in range(low, high):
            if chains.tail[s] == node and left[s] > dust and (best < 0 or left[s] > left[best]):
                best = s
        if best >= 0:
            route[steps] = best
            steps += 1
            node = chains.head[best]
        elif steps == 0:
            return 0
        else:  # leads nowhere any more
            left[route[steps - 1]] = 0.0
            seen[:] = -1
            node, steps = 0, 0
    return steps


@njit(cache=True)
def _taken(left: FloatArray, segments: IntArray) -> float:
    """Take from some segments as much as all of them have; return how much that is."""
    least = np.inf
    for s in segments:
        least = min(least, left[s])
    for s in segments:
        left[s] = left[s] - least if left[s] > least else 0.0
    return least
