"""The loop of Algorithm B: bushes renewed in turn, and then equilibrated as they are, until the gap is reached.

The gap is what all trips pay above cheapest paths in the whole network at the same costs, relative to what they pay.

=====================  ===================  ======
symbol                 name                 shape
=====================  ===================  ======
:math:`c_a(v_a)`       ``links.cost``       (A,)
:math:`v_a`            ``links.flow``       (A,)
:math:`x_{oa}`         ``bushes.flow``      (O, A)
:math:`g_{ca}`         ``classes.fixed``    (C, A)
=====================  ===================  ======
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError, extra_missing
from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.assignment.bushes import Bushes, Classes, Demands, Links, Loops, Roads, Workspace
from corridors.models.assignment.distances import unreachable
from corridors.models.assignment.problem import AssignmentProblem, Principle
from corridors.models.gap import ROUNDING, relative_gap
from corridors.models.problem import Termination

if TYPE_CHECKING:
    from types import ModuleType

# Measured on five networks of the TNTP collection: renewing all bushes takes as long as ten to thirty rounds of
# equilibrating them, and what is left out of balance is found anew by the next renewal.
_ROUNDS, _MOST_ROUNDS = 60, 4000  # of equilibrating the bushes as they are: twice as many where that helps little
_SLOW = 0.5  # a renewal that leaves more of the gap than this has helped little
_SHARE = 0.25  # of the average: bushes less out of balance wait
_LEFT = 0.005  # of what was out of balance at the renewal: a round ends there,
_ENOUGH = 0.05  # or at so much of what the gap allows
_PATIENCE = 100  # renewals without a narrower gap: what is left is rounding


class Progress(NamedTuple):
    """How far it is: renewals, the gap as far as it is known, and seconds since the beginning."""

    iteration: int
    gap: float
    seconds: float


class NoWay(ProblemError):  # noqa: N818 - says what happened
    """There are trips between nodes that no path joins; `demands` are their numbers, rising."""

    def __init__(self, demands: IntArray) -> None:
        super().__init__(f"No path leads where demand {demands[0]} and {demands.size - 1} others want to go.")
        self.demands = demands


class Setup(NamedTuple):
    """What the compiled loops work on, the order in which they have the arcs, and what is looked for."""

    on: Loops
    order: IntArray
    principle: Principle

    def paid(self) -> float:
        """Return what all trips pay at the costs of the moment."""
        return float(self.on.links.cost @ self.on.links.flow) + float(self.on.classes.paid[0])


def compiled() -> ModuleType:
    """Import the compiled loops, which takes most of a second."""
    try:
        from corridors.models.assignment import kernels
    except ImportError as error:
        raise extra_missing("Assigning traffic", "fast", "take corridors solve for a linear answer") from error
    return kernels


def set_up(problem: AssignmentProblem, principle: Principle) -> Setup:
    """Bring a problem into the arrays of the compiled loops."""
    nodes, arcs, costs = problem.node_count, problem.tail.size, problem.costs
    order = np.lexsort((problem.tail, problem.head))
    tail, head = problem.tail[order].astype(np.int32), problem.head[order].astype(np.int32)
    out = np.argsort(tail, kind="stable")
    every = np.arange(nodes + 1)
    roads = Roads(
        start=np.searchsorted(head, every).astype(np.int32),
        tail=tail,
        head=head,
        out_start=np.searchsorted(tail[out], every).astype(np.int32),
        out=out.astype(np.int32),
        passable=problem.passable,
    )
    free, slope = costs.free[order], costs.slope[order]
    power = costs.power[order].copy()
    constant = (power == 0) & (slope > 0)  # the flow to the power of 0 is 1, also of none
    free, slope = np.where(constant, free + slope, free), np.where(constant, 0.0, slope)
    if principle == "optimum":
        slope = slope * (1 + power)
    flow, cost, steep, toll, stiff = np.zeros((5, arcs))
    links = Links(free, slope, power, flow, cost, steep, toll, stiff, np.full(arcs, np.inf))
    demands, of = _demands(problem)
    extra = problem.class_fixed
    classes = Classes(
        of=of if extra is not None else np.full(of.size, -1),
        fixed=np.empty((0, arcs)) if extra is None else np.ascontiguousarray(extra[:, order]),
        free=free.copy(),
        now=np.array([-1]),
        paid=np.zeros(1),
    )
    origins = demands.origin.size
    bushes = Bushes(
        order=np.empty((origins, nodes), dtype=np.int32),
        size=np.zeros(origins, dtype=np.int64),
        core=np.zeros(origins, dtype=np.int64),
        begin=np.zeros((origins, nodes + 1), dtype=np.int32),
        arc=np.empty((origins, arcs), dtype=np.int32),  # as many as there could be; only what is used takes memory
        flow=np.empty((origins, arcs)),
        excess=np.zeros(origins),
    )
    return Setup(Loops(roads, links, demands, bushes, Workspace.of(nodes, arcs), classes), order, principle)


def _demands(problem: AssignmentProblem) -> tuple[Demands, IntArray]:
    """Return the demands with trips that need a link, by classes and their origins, and the class of each origin."""
    moving = np.flatnonzero(problem.moving)
    key = problem.class_of[moving] * problem.node_count + problem.origin[moving]
    order = np.argsort(key, kind="stable")
    moving = moving[order]
    of_origin, first = np.unique(key[order], return_index=True)
    demands = Demands(
        origin=of_origin % problem.node_count,
        first=np.append(first, moving.size).astype(np.int64),
        destination=problem.destination[moving],
        amount=problem.amount[moving],
    )
    return demands, of_origin // problem.node_count


def plant(kernels: ModuleType, problem: AssignmentProblem, made: Setup) -> None:
    """Make the first bushes, of cheapest paths on empty roads.

    Raises
    ------
    NoWay
        If there are trips that no path can take.
    """
    kernels.reload(made.on)
    if kernels.plant(made.on) >= 0:
        raise NoWay(unreachable(problem))
    kernels.reload(made.on)


def run(
    kernels: ModuleType, made: Setup, gap: float, deadline: float, tell: Callable[[Progress], None] | None
) -> tuple[int, Termination]:
    """Renew and equilibrate the bushes until the gap is reached; return how often, and why it ended."""
    begun, iteration, best, best_at, rounds = time.perf_counter(), 0, np.inf, 0, _ROUNDS
    try:
        while True:
            iteration += 1
            found = kernels.renew_all(made.on)
            enough = max(_LEFT * found, _ENOUGH * gap * made.paid())
            kernels.equilibrate_all(made.on, rounds, _SHARE, enough)
            kernels.reload(made.on)
            now = gap_of(kernels, made, gap)
            if tell is not None:
                tell(Progress(iteration, now, time.perf_counter() - begun))
            if now <= gap:
                return iteration, "gap"
            rounds = min(2 * rounds, _MOST_ROUNDS) if now > _SLOW * best else max(rounds // 2, _ROUNDS)
            if now < best:
                best, best_at = now, iteration
            if iteration - best_at >= _PATIENCE:
                return iteration, "stalled"
            if time.perf_counter() >= deadline:
                return iteration, "time_limit"
    except KeyboardInterrupt:
        return iteration, "interrupted"


def gap_of(kernels: ModuleType, made: Setup, wanted: float) -> float:
    """Return the relative gap; where cheapest paths in the bushes alone leave one too wide, that."""
    paid = made.paid()
    found = relative_gap(paid, kernels.cheapest(made.on, False), ROUNDING * paid)
    if found <= wanted:
        found = relative_gap(paid, kernels.cheapest(made.on, True), ROUNDING * paid)
    return found


def flows(made: Setup, arcs: int) -> UsageArray:
    """Return the flows of each origin on the arcs as the problem numbers them, (O, A)."""
    bushes, origins = made.on.bushes, made.on.demands.origin.size
    ends = [int(bushes.begin[o, bushes.size[o]]) for o in range(origins)]
    parts = [np.flatnonzero(bushes.flow[o, :end] > 0) for o, end in enumerate(ends)]
    column = [made.order[bushes.arc[o, part]] for o, part in enumerate(parts)]
    value: list[FloatArray] = [bushes.flow[o, part] for o, part in enumerate(parts)]
    row = np.repeat(np.arange(origins), [part.size for part in parts])
    none_i, none_f = np.empty(0, dtype=np.int64), np.empty(0)
    cells = (np.concatenate([none_f, *value]), (row, np.concatenate([none_i, *column])))
    return sparse.csr_array(cells, shape=(origins, arcs))
