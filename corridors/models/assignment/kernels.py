r"""The loops of Dial's Algorithm B, compiled by numba: bushes renewed, labelled and equilibrated.

A bush is what one origin's trips may use, without a circle: its nodes in topological order, and for each node, one
beside another, the arcs that lead into it with their flows. Nodes that lead to a merge, a node with several arcs, come
first in the order: those are the bush's core, and only there flows can be shifted.

Everything compiled is in this module: what numba keeps on disk is not made anew when another one changes. Importing it
takes a second, and the first calls on a machine ten. Arcs are numbered by their heads: those into a node lie together.

====================  =====================  ==========
symbol                name                   shape
====================  =====================  ==========
:math:`c_a(0)`        ``free``               (A,)
:math:`s_a`           ``slope``              (A,)
:math:`q_a`           ``power``              (A,)
:math:`v_a`           ``flow``               (A,)
:math:`c_a(v_a)`      ``cost``               (A,)
:math:`c_a'(v_a)`     ``steep``              (A,)
====================  =====================  ==========
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridors.models.arrays import FloatArray
from corridors.models.assignment.bushes import Bushes, Classes, Links, Loops, Roads, Workspace

_DUST = 1e-15  # of an arc's flow: what rounding leaves of a flow that was shifted away
_OVERSHOT = 0.9  # of what one path was dearer by: so much the other may be afterwards
_HALVINGS = 40
_EVEN = 1e-16  # of a path's cost: by how much paths of equal cost differ


@njit(cache=True)
def reprice(links: Links, a: int) -> None:
    """Set the cost of an arc and its derivative to those at its flow."""
    slope, flow, power = links.slope[a], links.flow[a], links.power[a]
    if slope == 0.0 or flow <= 0.0:
        links.cost[a], links.steep[a] = links.free[a], slope if power == 1.0 else 0.0
    else:
        raised = slope * (flow * flow * flow if power == 4.0 else flow ** (power - 1.0))
        links.cost[a], links.steep[a] = links.free[a] + raised * flow, raised * power
    if links.stiff[a] > 0.0:
        above = links.toll[a] + links.stiff[a] * (flow - links.limit[a])
        if above > 0.0:
            links.cost[a] += above
            links.steep[a] += links.stiff[a]


@njit(cache=True)
def become(links: Links, classes: Classes, c: int) -> None:
    """Set the costs of arcs to what a class pays, or, for -1, to what all pay."""
    if c != classes.now[0]:
        classes.now[0] = c
        for a in range(links.free.size):
            links.free[a] = classes.free[a] + (classes.fixed[c, a] if c >= 0 else 0.0)
            reprice(links, a)


@njit(cache=True)
def reload(on: Loops) -> None:
    """Set the flows of arcs to what the bushes add up to, and their costs and what is paid accordingly."""
    _, links, _, bushes, _, classes = on
    links.flow[:], classes.paid[0] = 0.0, 0.0
    for o in range(bushes.size.size):
        for e in range(bushes.begin[o, bushes.size[o]]):
            links.flow[bushes.arc[o, e]] += bushes.flow[o, e]
            if classes.of[o] >= 0:
                classes.paid[0] += bushes.flow[o, e] * classes.fixed[classes.of[o], bushes.arc[o, e]]
    for a in range(links.flow.size):
        reprice(links, a)


@njit(cache=True)
def _correct(roads: Roads, cost: FloatArray, source: int, work: Workspace, size: int) -> None:
    """Lower the least costs of nodes until no arc lowers any (Bellman 1958; Moore 1959), from so many nodes queued."""
    nodes, first, last = work.queue.size, 0, size % work.queue.size
    while size > 0:
        i = work.queue[first]
        first = first + 1 if first + 1 < nodes else 0
        work.queued[i], size = False, size - 1
        if not roads.passable[i] and i != source:
            continue
        here = work.least[i]
        for e in range(roads.out_start[i], roads.out_start[i + 1]):
            a = roads.out[e]
            j = roads.head[a]
            if here + cost[a] < work.least[j]:
                work.least[j], work.by_least[j] = here + cost[a], a
                if not work.queued[j]:
                    work.queued[j] = True
                    work.queue[last] = j
                    last = last + 1 if last + 1 < nodes else 0
                    size += 1


@njit(cache=True)
def plant(on: Loops) -> int:
    """Make the first bushes, trees of cheapest paths with all trips; return the first demand without one, or -1."""
    roads, links, demands, bushes, work, classes = on
    through = np.zeros(work.least.size)
    for o in range(demands.origin.size):
        source = demands.origin[o]
        become(links, classes, classes.of[o])
        work.least[:], work.by_least[:] = np.inf, -1
        work.least[source], work.queue[0], work.queued[source] = 0.0, source, True
        _correct(roads, links.cost, source, work, 1)
        for k in range(demands.first[o], demands.first[o + 1]):
            if work.least[demands.destination[k]] == np.inf:
                return k
        work.kept[work.by_least[work.by_least >= 0]] = True
        _arrange(roads, source, o, bushes, work)
        through[:] = 0.0
        for k in range(demands.first[o], demands.first[o + 1]):
            through[demands.destination[k]] += demands.amount[k]
        for q in range(bushes.size[o] - 1, 0, -1):
            j, e = bushes.order[o, q], bushes.begin[o, q]
            bushes.flow[o, e] = through[j]
            through[roads.tail[bushes.arc[o, e]]] += through[j]
    become(links, classes, -1)
    return -1


@njit(cache=True)
def _arrange(roads: Roads, source: int, o: int, bushes: Bushes, work: Workspace) -> None:
    """Make a bush of the arcs kept, with the flows moved to them: first what leads to merges, in topological order.

    Nodes come after all that lead into them, by a depth-first search against the arcs (Tarjan 1976).
    """
    start, order, begin = roads.start, bushes.order[o], bushes.begin[o]
    order[0], begin[0], begin[1] = source, 0, 0
    count, arcs, bushes.core[o] = 1, 0, 0
    work.at[:] = start[:-1]
    work.at[source] = start[source + 1]
    work.queued[source] = True  # here: in the order, or waiting for what leads to it
    for merges in (True, False):
        for j in range(work.at.size):
            if work.queued[j] or work.least[j] == np.inf:
                continue
            degree = 0
            for a in range(start[j], start[j + 1] if merges else start[j]):
                degree += work.kept[a]
            if merges and degree < 2:
                continue
            work.queue[0], work.queued[j], depth = j, True, 1
            while depth > 0:
                i = work.queue[depth - 1]
                a = work.at[i]
                while a < start[i + 1] and not (work.kept[a] and not work.queued[roads.tail[a]]):
                    a += 1
                work.at[i] = a + 1
                if a < start[i + 1]:
                    work.queue[depth], work.queued[roads.tail[a]] = roads.tail[a], True
                    depth += 1
                    continue
                depth -= 1
                order[count] = i
                for b in range(start[i], start[i + 1]):
                    if work.kept[b]:
                        bushes.arc[o, arcs], bushes.flow[o, arcs] = b, work.moved[b]
                        work.moved[b] = 0.0
                        arcs += 1
                count += 1
                begin[count] = arcs
        if merges:
            bushes.core[o] = count
    bushes.size[o] = count
    work.kept[:], work.queued[:] = False, False


@njit(cache=True)
def _label(roads: Roads, cost: FloatArray, o: int, bushes: Bushes, size: int, lean: bool, work: Workspace) -> float:
    """Set the least and greatest cost of the first so many nodes of a bush, and the arcs by which they are reached.

    The greatest is over arcs with flow alone, or, for a `lean` bush, over these and the tree of cheapest paths. A node
    reached by no such arc has the place -1. Returns what the trips pay above the cheapest paths of the bush.
    """
    order, begin, arcs, flows = bushes.order[o], bushes.begin[o], bushes.arc[o], bushes.flow[o]
    least, most, by_least, by_most = work.least, work.most, work.by_least, work.by_most
    least[order[0]], most[order[0]], by_least[order[0]], by_most[order[0]] = 0.0, 0.0, -1, -1
    excess = 0.0
    for q in range(1, size):
        j, first, end = order[q], begin[q], begin[q + 1]
        a = arcs[first]
        i = roads.tail[a]
        low, by = least[i] + cost[a], first
        if end == first + 1:
            least[j], most[j], by_least[j], by_most[j] = low, most[i] + cost[a], first, first
            continue
        high, over, paid, trips = -np.inf, -1, 0.0, 0.0
        for e in range(first, end):
            a = arcs[e]
            i = roads.tail[a]
            here = least[i] + cost[a]
            if here < low:
                low, by = here, e
            if flows[e] > 0.0:
                paid += flows[e] * here
                trips += flows[e]
                if most[i] + cost[a] > high:
                    high, over = most[i] + cost[a], e
        excess += paid - trips * low
        if lean:
            a = arcs[by]
            if most[roads.tail[a]] + cost[a] > high:
                high, over = most[roads.tail[a]] + cost[a], by
        least[j], most[j], by_least[j], by_most[j] = low, high, by, over
    return excess


@njit(cache=True)
def renew(roads: Roads, links: Links, source: int, o: int, bushes: Bushes, work: Workspace) -> int:
    """Drop the arcs of a bush without use, and add those that improve it; return how many were added.

    An arc improves the longest path that is in use (Dial 2006), or the shortest one, if that makes no circle: longest
    paths only grow along a bush. Where only the first counts, a trace of flow on a long path can hide a shorter one.
    """
    start, tail, passable, cost = roads.start, roads.tail, roads.passable, links.cost
    least, most, size = work.least, work.most, bushes.size[o]
    work.least[:], work.most[:] = np.inf, np.inf
    _label(roads, cost, o, bushes, size, True, work)
    changed, added = 0, 0
    for q in range(1, size):
        j = bushes.order[o, q]
        e, end = bushes.begin[o, q], bushes.begin[o, q + 1]
        for a in range(start[j], start[j + 1]):
            i = tail[a]
            if e < end and bushes.arc[o, e] == a:
                if bushes.flow[o, e] > 0.0 or work.by_least[j] == e:
                    work.kept[a], work.moved[a] = True, bushes.flow[o, e]
                else:
                    changed += 1
                e += 1
                continue
            improves = most[i] + cost[a] < most[j] or least[i] + cost[a] < least[j] * (1.0 - _DUST)
            if improves and most[i] < most[j] and (passable[i] or i == source):
                work.kept[a], added = True, added + 1
    if changed + added > 0:
        _arrange(roads, source, o, bushes, work)
    else:
        work.kept[:], work.moved[:] = False, 0.0
    return added


@njit(cache=True)
def equilibrate(roads: Roads, links: Links, o: int, bushes: Bushes, work: Workspace) -> float:
    """Shift flow once at each merge of a bush, from its dearest path in use to its cheapest, by Newton's method.

    Merges come last to first; the two paths go back to where they part, and their costs are those at the moment.
    Returns by how much flow times cost was out of balance.
    """
    order, begin, arcs, flows = bushes.order[o], bushes.begin[o], bushes.arc[o], bushes.flow[o]
    by_least, by_most, mark, tail = work.by_least, work.by_most, work.mark, roads.tail
    cost, steep = links.cost, links.steep
    bushes.excess[o] = _label(roads, cost, o, bushes, bushes.core[o], False, work)
    for q in range(bushes.core[o] - 1, 0, -1):
        if begin[q + 1] == begin[q] + 1:
            continue
        j = order[q]
        if by_most[j] < 0 or by_most[j] == by_least[j] or work.most[j] - work.least[j] <= _EVEN * work.least[j]:
            continue
        work.stamp[0] += 1
        i, stamp = j, work.stamp[0]
        while by_least[i] >= 0:
            i = tail[arcs[by_least[i]]]
            mark[i] = stamp
        i, room, dear, slope = j, np.inf, 0.0, 0.0
        while True:
            e = by_most[i]
            a = arcs[e]
            room = min(room, flows[e])
            dear += cost[a]
            slope += steep[a]
            i = tail[a]
            if mark[i] == stamp:
                break
        part, i = i, j
        while i != part:
            a = arcs[by_least[i]]
            dear -= cost[a]
            slope += steep[a]
            i = tail[a]
        if dear > 0.0 and room > 0.0:
            step = dear / slope if dear < slope * room else room
            _shift(roads, links, o, bushes, work, j, part, step)
            _restrain(roads, links, o, bushes, work, j, part, step, dear)
    return float(bushes.excess[o])


@njit(cache=True)
def _shift(roads: Roads, links: Links, o: int, bushes: Bushes, work: Workspace, j: int, part: int, step: float) -> None:
    """Shift flow between the two paths to a merge, and reprice their arcs."""
    arcs, flows = bushes.arc[o], bushes.flow[o]
    i = j
    while i != part:
        e = work.by_most[i]
        a = arcs[e]
        left = flows[e] - step
        if left <= _DUST * links.flow[a]:
            left = 0.0
        links.flow[a] = max(links.flow[a] - (flows[e] - left), 0.0)
        flows[e] = left
        reprice(links, a)
        i = roads.tail[a]
    i = j
    while i != part:
        e = work.by_least[i]
        a = arcs[e]
        flows[e] += step
        links.flow[a] += step
        reprice(links, a)
        i = roads.tail[a]


@njit(cache=True)
def _restrain(
    roads: Roads, links: Links, o: int, bushes: Bushes, work: Workspace, merge: int, part: int, step: float, dear: float
) -> None:
    """Halve a shift that Newton's method overdid: until the cheaper path is not dearer by as much as it was cheaper."""
    low, high, at = 0.0, step, step
    for _ in range(_HALVINGS):
        left = 0.0
        for by, sign in ((work.by_most, 1.0), (work.by_least, -1.0)):
            i = merge
            while i != part:
                a = bushes.arc[o, by[i]]
                left += sign * links.cost[a]
                i = roads.tail[a]
        if left > 0.0 and at < high:
            low = at
        elif left < -_OVERSHOT * dear:
            high = at
        else:
            return
        now = 0.5 * (low + high)
        _shift(roads, links, o, bushes, work, merge, part, now - at)
        at = now


@njit(cache=True)
def renew_all(on: Loops) -> float:
    """Renew and equilibrate every bush in turn; return by how much they were out of balance."""
    roads, links, demands, bushes, work, classes = on
    excess = 0.0
    for o in range(demands.origin.size):
        become(links, classes, classes.of[o])
        renew(roads, links, demands.origin[o], o, bushes, work)
        excess += equilibrate(roads, links, o, bushes, work)
    become(links, classes, -1)
    return excess


@njit(cache=True)
def equilibrate_all(on: Loops, rounds: int, share: float, enough: float) -> int:
    """Equilibrate the bushes in rounds, of those out of balance by a share of the mean, till `enough` is left of it."""
    roads, links, _, bushes, work, classes = on
    count, alone = bushes.excess.size, classes.fixed.shape[0] < 2
    every = alone  # classes may take the same room from each other in turn: all are looked at again before the end
    for one in range(rounds):
        total = bushes.excess.sum()
        if total <= enough and every:
            return one
        every = alone or total <= enough
        for o in range(count):
            if total <= enough or bushes.excess[o] > share * total / count:
                become(links, classes, classes.of[o])
                equilibrate(roads, links, o, bushes, work)
        become(links, classes, -1)
    return rounds


@njit(cache=True)
def cheapest(on: Loops, exact: bool) -> float:
    """Return what all trips cost by cheapest paths in their bushes, or, if `exact`, in the whole network."""
    roads, links, demands, bushes, work, classes = on
    total = 0.0
    for o in range(demands.origin.size):
        source, size = demands.origin[o], bushes.size[o]
        become(links, classes, classes.of[o])
        if exact:
            work.least[:] = np.inf  # of nodes that the origin does not reach
        _label(roads, links.cost, o, bushes, size, False, work)
        queued = 0
        for q in range(1, size if exact else 1):
            j = bushes.order[o, q]
            for a in range(roads.start[j], roads.start[j + 1]):
                i = roads.tail[a]
                if work.least[i] + links.cost[a] < work.least[j] and (roads.passable[i] or i == source):
                    work.least[j] = work.least[i] + links.cost[a]
                    if not work.queued[j]:
                        work.queued[j] = True
                        work.queue[queued] = j
                        queued += 1
        _correct(roads, links.cost, source, work, queued)
        for k in range(demands.first[o], demands.first[o + 1]):
            total += demands.amount[k] * work.least[demands.destination[k]]
    become(links, classes, -1)
    return total
