"""Arc flows decomposed into path flows (Ford & Fulkerson 1962; Ahuja, Magnanti & Orlin 1993, section 3.5).

The solver returns tonnes on arcs for all demands of one class from one origin. Every such flow is a sum of flows on
paths from the origin and of cycles, which serve no demand and are dropped. The choice of paths is not unique; here each
path is traced back along the arcs that carry most, which keeps paths few and their choice always the same. The flows on
the paths of a demand are scaled to what it is served, which evens out the solver's rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corridors.errors import SolverError
from corridors.models.arcs.grouping import Group
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

_DUST = 1e-12  # of a group's flow: what rounding leaves on an arc
_NOTHING = 1e-9  # of a demand: what rounding leaves unserved, or served
_LOST = 1e-6  # of a demand: a larger difference between its paths and what it is served is no rounding


class Path(NamedTuple):
    """Tonnes a year of a demand on arcs, in their order."""

    demand: int
    flow: float
    arcs: IntArray


def decompose(
    problem: FlowProblem, groups: Sequence[Group], flows: Sequence[FloatArray], unserved: FloatArray
) -> tuple[list[Path], FloatArray]:
    """Decompose the flows of groups into paths of demands.

    Parameters
    ----------
    problem, groups
        Whose demands flow.
    flows
        Tonnes a year of each group on each of its arcs, in their order.
    unserved
        Tonnes a year unserved of each demand, (D,), as the solver has them.

    Returns
    -------
    tuple
        The paths, by group and demand, and what is unserved of each demand, (D,): together its amount. A demand from
        a node to itself has the empty path.

    Raises
    ------
    SolverError
        If the flow of a group does not carry what its demands are served.
    """
    left = np.clip(unserved, 0, problem.amount)
    left[left <= _NOTHING * problem.amount] = 0
    nearly_all = left >= (1 - _NOTHING) * problem.amount
    left[nearly_all] = problem.amount[nearly_all]
    served = problem.amount - left
    staying = np.flatnonzero((problem.origin == problem.destination) & (served > 0))
    paths = [Path(k, float(served[k]), np.empty(0, dtype=np.int64)) for k in staying.tolist()]
    for group, flow in zip(groups, flows, strict=True):
        found = _Flow(problem, group, flow).paths(served)
        for k in group.demands.tolist():
            mine = [path for path in found if path.demand == k]
            traced = sum(path.flow for path in mine)
            lost = abs(traced - served[k]) / problem.amount[k]
            if lost > _LOST or (lost and not mine and np.isinf(problem.penalty[k])):
                raise SolverError(f"The solver's flow for demand {k} is off by {lost:.1e} of the demand.")
            if not mine:
                left[k] = problem.amount[k]
            paths += [path._replace(flow=path.flow * (served[k] / traced)) for path in mine]
    return paths, left


class _Flow:
    """One group's flow, from which paths are taken until its demands are served."""

    def __init__(self, problem: FlowProblem, group: Group, flow: FloatArray) -> None:
        self._problem, self._group = problem, group
        self._dust = _DUST * float(problem.amount[group.demands].sum())
        self._left: dict[int, float] = {}
        self._into: dict[int, list[int]] = {}
        for i in np.flatnonzero(flow > self._dust).tolist():
            arc = int(group.arcs[i])
            self._left[arc] = float(flow[i])
            self._into.setdefault(int(problem.head[arc]), []).append(arc)

    def paths(self, served: FloatArray) -> list[Path]:
        """Take paths of each demand until they carry what it is served, (D,)."""
        paths: dict[tuple[int, tuple[int, ...]], float] = {}
        for k in self._group.demands.tolist():
            wanted = float(served[k])
            while wanted > self._dust:
                back, whole = self._trace(int(self._problem.destination[k]))
                if not back:
                    break
                tonnes = min(self._left[arc] for arc in back)
                if whole:
                    tonnes = min(tonnes, wanted)
                    key = (k, tuple(back[::-1]))
                    paths[key] = paths.get(key, 0.0) + tonnes
                    wanted -= tonnes
                self._take(back, tonnes)
        return [Path(k, flow, np.array(arcs, dtype=np.int64)) for (k, arcs), flow in paths.items()]

    def _trace(self, node: int) -> tuple[list[int], bool]:
        """Trace a path from a node back to the origin, always along the arc that carries most.

        Returns the arcs, last first, and whether they are a path from the origin. If not, they are a cycle, or start
        where nothing arrives (by rounding): flow that serves no demand.
        """
        back: list[int] = []
        seen = {node: 0}
        while node != self._group.origin:
            arcs = self._into.get(node)
            if not arcs:
                return back, False
            back.append(max(arcs, key=self._left.__getitem__))
            node = int(self._problem.tail[back[-1]])
            if node in seen:
                return back[seen[node] :], False
            seen[node] = len(back)
        return back, True

    def _take(self, arcs: list[int], tonnes: float) -> None:
        for arc in arcs:
            self._left[arc] -= tonnes
            if self._left[arc] <= self._dust:
                self._into[int(self._problem.head[arc])].remove(arc)
