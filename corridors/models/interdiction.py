r"""The worst few closures together, with the proof that none are worse.

Whoever closes k of many groups of arcs so that the least cost becomes highest solves a problem of two levels (network
interdiction; Wood 1993). There are far too many sets of k groups to solve them all, so sets are bounded before they are
solved. The optimal plan while the set S is closed bounds what closing more can cost:

.. math::

   C(S \cup T) \le C(S) + \sum_{e \in T} \ell_S(e), \qquad
   \ell_S(e) = \sum_{p \text{ through } e} x_p\, (\text{pen}_{k(p)} - c_p)

because its flows through T can stay unserved. So a group that the plan does not use costs nothing. And if a set costs
more than all its parts, its groups can be closed in an order in which the plan uses each when it is closed. Only such
sets are looked at, those with the highest bound first (Land & Doig 1960), until no bound is above the cost of the worst
set found.

======================  ==================  ======
symbol                  name                shape
======================  ==================  ======
:math:`S`               ``groups``          (k,)
:math:`C(S)`            ``cost``            ()
:math:`\ell_S(e)`       ``loss``            (G,)
:math:`x_p`             ``path_flow``       (P,)
:math:`c_p`             ``path_cost``       (P,)
:math:`\text{pen}_k`    ``penalty``         (D,)
======================  ==================  ======
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models import columns
from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.certificate import Certificate
from corridors.models.columns.solution import ColumnsSolution
from corridors.models.gap import relative_gap
from corridors.models.problem import FlowProblem
from corridors.models.proof import prove

_FINER = 0.1  # of the gap that is wanted: that of each problem solved for it

type Set = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Worst:
    """The worst set of groups to close.

    Attributes
    ----------
    groups
        Their numbers, ascending; fewer than k where more would cost nothing more.
    cost
        A lower bound on the least cost then.
    most
        An upper bound on the least cost of any set of k.
    gap
        By how much another set can be worse, relative to `most`.
    solved, sets
        How many problems were solved for it, and how many sets there are.
    solution, certificate
        The optimal plan with the worst set closed, and its proof; None where what must be served cannot be.
    """

    groups: Set
    cost: float
    most: float
    gap: float
    solved: int
    sets: int
    solution: ColumnsSolution | None
    certificate: Certificate | None


@dataclass(frozen=True)
class SearchProgress:
    """How many sets are solved, a lower bound on the worst one's cost, and an upper bound on that of any."""

    solved: int
    cost: float
    most: float


def close(problem: FlowProblem, arcs: IntArray) -> FlowProblem:
    """Close some arcs to all classes."""
    cost = problem.cost.copy()
    cost[:, arcs] = np.inf
    cost.flags.writeable = False  # spares a copy
    return replace(problem, cost=cost)


def worst(
    problem: FlowProblem,
    groups: Sequence[IntArray],
    count: int,
    *,
    gap: float = 1e-6,
    start: ColumnsSolution | None = None,
    time_limit: float | None = None,
    progress: Callable[[SearchProgress], None] | None = None,
) -> Worst:
    """Find the groups of arcs whose closure together costs most, and prove it.

    Parameters
    ----------
    problem
        Where no usage is negative.
    groups
        Sets of arcs that are closed together; they may overlap.
    count
        How many groups may be closed, k.
    gap
        Relative: by how much another set may be worse, at most.
    start
        A solution of the problem, or of one like it.
    time_limit
        Seconds after which the worst set so far is returned, with its gap.
    progress
        Is told after every problem solved.

    Raises
    ------
    ProblemError
        If k is less than 1, or a usage is negative.
    CertificateError
        If a solution is not proved.
    KeyboardInterrupt
        If the user interrupts it.
    """
    if count < 1:
        raise ProblemError(f"At least one group must be closed; {count} were asked for.")
    if problem.usage.nnz and problem.usage.data.min() < 0:
        raise ProblemError("A bound that flows through a place give back, as a minimum share does, has no worst set.")
    search = _Search(
        problem, groups, count, gap, time.perf_counter() + (math.inf if time_limit is None else time_limit)
    )
    search.solve((), start)
    while search.next_one():
        if progress is not None:
            progress(SearchProgress(len(search.solved), search.cost, search.most))
    return search.answer()


@dataclass(frozen=True, eq=False)
class _Solved:
    """A set that was solved.

    Attributes
    ----------
    cost
        Of its plan: an upper bound on the least cost.
    loss
        What closing a group more can cost at most, of the groups that the plan uses.
    largest
        The k largest losses, descending.
    """

    cost: float
    loss: dict[int, float]
    largest: FloatArray

    def bound(self, more: Iterable[int], further: int) -> float:
        """Return an upper bound on the cost after closing some groups more, and then any so many further ones."""
        return self.cost + sum(self.loss.get(group, 0.0) for group in more) + float(self.largest[:further].sum())


class _Search:
    """Branch and bound over sets of groups.

    The heap has the sets that may be worst with their bounds, negative; `seen` all that ever were on it.
    """

    def __init__(self, problem: FlowProblem, groups: Sequence[IntArray], count: int, gap: float, end: float) -> None:
        self._problem, self._groups, self._count, self._gap, self._end = problem, groups, count, gap, end
        lengths = [len(group) for group in groups]
        arc = np.concatenate([np.empty(0, dtype=np.int64), *groups]).astype(np.int64)
        shape = (len(groups), problem.arc_count)
        self._member: UsageArray = sparse.csr_array(
            (np.ones(arc.size), (np.repeat(np.arange(len(groups)), lengths), arc)), shape=shape
        )
        self.solved: dict[Set, _Solved] = {}
        self._heap: list[tuple[float, Set]] = []
        self._seen: set[Set] = set()
        self.cost, self.most = -math.inf, math.inf
        self._worst: Set = ()
        self._highest = -math.inf  # the highest upper bound on the cost of a set that was solved
        self._start: ColumnsSolution | None = None
        self._solution: ColumnsSolution | None = None
        self._certificate: Certificate | None = None

    def next_one(self) -> bool:
        """Solve the set with the highest bound; return False if it cannot be worse, or the time is over."""
        while self._heap:
            bound, groups = heapq.heappop(self._heap)
            self.most = max(-bound, self._highest)
            if -bound - self.cost <= self._gap * abs(bound) or time.perf_counter() > self._end:
                return False
            closer = self._bound(groups)
            if closer < -bound * (1 - 1e-12):
                heapq.heappush(self._heap, (-closer, groups))
                continue
            self.solve(groups, self._start)
            return True
        self.most = self._highest
        return False

    def _bound(self, groups: Set) -> float:
        """Return the least of the bounds that solved parts of a set prove."""
        further = self._count - len(groups)
        parts = (part for size in range(len(groups)) for part in combinations(groups, size) if part in self.solved)
        return min(self.solved[part].bound(set(groups) - set(part), further) for part in parts)

    def solve(self, groups: Set, start: ColumnsSolution | None) -> None:
        """Solve with a set closed, and put the sets with one group more on the heap."""
        arcs = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(self._groups[g] for g in groups)]))
        problem = close(self._problem, arcs) if arcs.size else self._problem
        solution = columns.solve(problem, gap=self._gap * _FINER, start=start)
        if solution.status == "infeasible":
            self.solved[groups] = _Solved(math.inf, {}, np.empty(0))
            self.cost, self._worst, self._solution, self._certificate = math.inf, groups, None, None
            self._highest = math.inf
            self._heap.clear()
            return
        stalled = math.inf if solution.termination == "stalled" else None  # then the gap of the whole is wider
        certificate = prove(problem, solution, 1e-6, allowed_gap=stalled)
        loss = self._losses(problem, solution)
        used = np.flatnonzero(loss > 0)
        by_group = dict(zip(used.tolist(), loss[used].tolist(), strict=True))
        found = _Solved(certificate.primal_objective, by_group, np.sort(loss[used])[::-1][: self._count])
        self.solved[groups] = found
        self._highest = max(self._highest, found.cost)
        if certificate.bound > self.cost or not self._worst:
            self.cost, self._worst = certificate.bound, groups
            self._solution, self._certificate = solution, certificate
        if not groups:
            self._start = solution  # all others start from it: keeping every solution would take gigabytes
        if len(groups) < self._count:
            self._branch(groups, used, found)

    def _branch(self, groups: Set, used: IntArray, found: _Solved) -> None:
        """Put the sets with one more of the used groups on the heap, if they never were there."""
        further = self._count - len(groups) - 1
        for group in used.tolist():
            more = tuple(sorted((*groups, group)))
            if more not in self._seen:
                self._seen.add(more)
                heapq.heappush(self._heap, (-found.bound((group,), further), more))

    def _losses(self, problem: FlowProblem, solution: ColumnsSolution) -> FloatArray:
        """Return what closing each group costs at most, by leaving unserved what goes through it, (G,)."""
        lengths = [len(arcs) for arcs in solution.path_arcs]
        path = np.repeat(np.arange(len(lengths)), lengths)
        arc = np.concatenate([np.empty(0, dtype=np.int64), *solution.path_arcs]).astype(np.int64)
        class_ = problem.class_[solution.path_demand]
        path_cost = np.bincount(path, problem.cost[class_[path], arc], len(lengths)).astype(np.float64)
        through = sparse.csr_array((np.ones(arc.size), (path, arc)), shape=(len(lengths), problem.arc_count))
        crossed = sparse.csr_array(self._member @ through.T)
        crossed.data[:] = 1.0
        spared = np.maximum(problem.penalty[solution.path_demand] - path_cost, 0)
        loss: FloatArray = crossed @ np.where(solution.path_flow > 0, solution.path_flow * spared, 0.0)
        return loss

    def answer(self) -> Worst:
        """Return what was found."""
        most = max(self.most, self._highest)
        gap = 0.0 if most == self.cost else relative_gap(most, self.cost)
        sets = sum(math.comb(len(self._groups), size) for size in range(1, self._count + 1))
        return Worst(self._worst, self.cost, most, gap, len(self.solved), sets, self._solution, self._certificate)
