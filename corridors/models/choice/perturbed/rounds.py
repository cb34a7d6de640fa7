r"""Perturbed utility over all routes: an interior point method while searches bring the arcs that it needs.

Every demand begins with the arcs of its cheapest route. The problem over these parts of the network is solved as far as
is worth while (Gondzio & González-Brevis 2015 for ending early); at its marginal costs a search finds the arcs that are
missing, and, by linearising at the answer, a bound over all routes:

.. math::

   \sum_k d_k \min\{\text{dist}_k(m_k), m_{k0}\} - \sum_k \sum_a w_{ka} d_k (z_{ka} - \ln(1 + z_{ka})) - b^\top \mu,
   \qquad m_{ka} = c_{ka} + A_a^\top \mu + w_{ka} \ln(1 + z_{ka})

It ends when the cost is within the gap of the bound.

===============  ==================  ======
symbol           name                shape
===============  ==================  ======
:math:`\tau_k`   ``scale``           (D,)
:math:`\mu_r`    ``price``           (R,)
:math:`d_k`      ``amount``          (K,)
:math:`b_r`      ``capacity``        (R,)
===============  ==================  ======
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray
from corridors.models.choice.perturbed.interior import Point, advance, missed
from corridors.models.choice.perturbed.reading import goes_round, read
from corridors.models.choice.perturbed.restart import begin, prices
from corridors.models.choice.perturbed.setting import Setting
from corridors.models.choice.perturbed.solution import PerturbedSolution
from corridors.models.choice.perturbed.subnetworks import Contracted, contracted, joined, look, nothing
from corridors.models.gap import without_dust
from corridors.models.problem import FlowProblem, Termination

_LEFT = 0.2  # of the gap: what the sum of products may leave of it
_EARLY = 0.1  # of the open gap: the same, while there is more to find
_SPARE = 0.5  # of the gap: what the search may leave of it, so that a proof that adds up otherwise holds
_DEEP = 1e-6  # of the gap: the sum of products to end with, so that what does not flow is told from what does
_WORTH = 0.01  # of the sum of products, times a demand's cost: what it may lose on an arc without a detour
_DUST = 1e-3  # of the gap: a share that no route is made for, and what is kept free of a capacity
_STEPS, _ROUNDS = 60, 200  # at most: of the method in a round, and rounds
_NOTHING = 1e-5  # of what all amounts are worth, where the cheapest routes cost nothing: what a gap is relative to
_PATIENCE = 5  # steps that lead no nearer, after which they are careful
_IDLE, _SLOW = 4, 0.5  # rounds that find nothing and leave so much of the gap, after which it is stalled
_UNREACHED = "A demand that must be served cannot be reached by any path: no plan serves it."
_ROUND = (
    "The optimum sends tonnes round in a circle, which no path does: "
    "a negative usage of a resource must cost more than it gives."
)
_UNSERVED = "What must be served cannot be, within the capacities: no plan serves it all."
_DEAR, _DEARER, _DEAREST = 8.0, 32.0, 2.0**30  # not serving: times the dearest route, raised by, at most


class Rounds:
    """One solve: the subnetworks as they grow, and the last point on them.

    Parameters
    ----------
    problem, scale, gap
        As of `corridors.models.choice.perturbed.solver.solve`.
    deadline
        By `time.perf_counter`.
    """

    def __init__(self, problem: FlowProblem, scale: FloatArray, gap: float, deadline: float) -> None:
        setting = Setting.of(problem, scale)
        self._setting, self._gap, self._deadline = setting, gap, deadline
        self._seconds = dict.fromkeys(("build", "search", "solve", "read"), 0.0)
        self._steps = self._rounds = 0
        self._nets = nothing(setting)
        self._base = np.zeros(setting.demand.size)
        self._money, self._least, self._dearest = 1.0, 0.0, 1.0
        self._price = np.zeros(setting.problem.resource_count)
        self._problem: Contracted | None = None
        self._point: Point | None = None
        self._asked, self._bounded = False, True

    def solve(self, start: PerturbedSolution | None) -> PerturbedSolution:
        """Go on until the gap is closed, the time is over, or nothing gets better."""
        termination: Termination = "gap"
        try:
            if self._setting.demand.size:
                self._begin(start)
                termination = self._close()
        except KeyboardInterrupt:
            if self._point is None:
                raise
            termination = "interrupted"
        return self._read(termination)

    def _begin(self, start: PerturbedSolution | None) -> None:
        """Give every demand its cheapest route, and the one that it would take if it were alone on it."""
        setting = self._setting
        self._look(self._price, 0.0)
        self._base = np.minimum(self._nets.least, setting.penalty)
        if not np.isfinite(self._base).all():
            raise SolverError(_UNREACHED)
        dear = _DEAR * (float(self._base.max()) or float(setting.penalty[~setting.must].max(initial=0)) or 1.0)
        self._dearest = _DEAREST * dear
        self._setting = setting.with_penalty(np.full(setting.demand.size, dear))
        money, worth = float(setting.amount @ self._base), float(setting.amount @ self._setting.penalty)
        self._money, self._least = (money, 0.0) if money > 0 else (worth or 1.0, _NOTHING)
        self._nets = replace(self._nets, share=np.ones(self._nets.arc.size), stay=np.zeros(setting.demand.size))
        if start is not None:
            alone = replace(self._nets, share=np.zeros(self._nets.arc.size))
            stay = np.clip(start.unserved[setting.demand] / setting.amount, 0, 1)
            self._nets = replace(joined(setting, alone, start.routes, start.route_flow), stay=stay)
            self._price = np.maximum(start.resource_price, 0.0)
        self._look(self._price, 0.0)

    def _look(self, price: FloatArray, worth: float) -> int:
        """Search at the margin, let the subnetworks grow, and return by how many arcs."""
        began = time.perf_counter()
        found, self._nets = look(self._setting, self._nets, price, worth * self._base)
        self._rounds, self._bounded = self._rounds + 1, not np.isneginf(found.least).any()
        self._seconds["search"] += time.perf_counter() - began
        return int(found.added.arc.size)

    def _close(self) -> Termination:
        """Solve and search in turn, at the end so far that what does not flow is nothing."""
        idle, deep, left, open_ = 0, False, _EARLY, np.inf
        for _ in range(_ROUNDS):
            point, problem = self._solved(left)
            self._note(problem, point)
            if time.perf_counter() > self._deadline:
                return "time_limit"
            more = self._look(self._price, _WORTH * left)
            before, (open_, cost) = open_, self._apart(problem, point)
            closed = open_ <= _SPARE * self._gap * cost
            idle = idle + 1 if not closed and more == 0 and open_ > _SLOW * before else 0
            if (closed and deep) or idle > _IDLE:
                if not self._lacks:
                    return "gap" if closed else "stalled"
                if not self._raised():
                    return "stalled"
                closed, idle = False, 0
            deep = closed
            wanted = max(_LEFT * self._gap * cost, _EARLY * min(1.0, open_)) * 0.1**idle
            left = _DEEP * self._gap * cost if deep else wanted
        return "stalled"

    def _solved(self, left: float) -> tuple[Point, Contracted]:
        """Solve the problem over the subnetworks as far as is worth while."""
        began = time.perf_counter()
        problem = contracted(self._setting, self._nets, self._money, _DUST * self._gap)
        point = begin(self._setting, problem, self._nets, self._price, (self._money, left))
        built = time.perf_counter()
        point = self._descended(problem, point, left)
        self._seconds["build"] += built - began
        self._seconds["solve"] += time.perf_counter() - built
        return point, problem

    def _descended(self, problem: Contracted, point: Point, left: float) -> Point:
        """Step until little is left of the products, and nothing is missing; or the time is over."""
        nearest, since = np.inf, 0
        for _ in range(_STEPS):
            moved = advance(problem.restricted, point, careful=since > _PATIENCE)
            if moved is None:
                return point
            point = moved
            self._steps += 1
            lacking = missed(problem.restricted, point)
            if time.perf_counter() > self._deadline or (point.products <= left and lacking <= left):
                break
            far = point.products + lacking
            nearest, since = (far, 0) if far < nearest else (nearest, since + 1)
        return point

    def _note(self, problem: Contracted, point: Point) -> None:
        """Note the flows and prices of a point."""
        self._problem, self._point = problem, point
        chains = problem.chains
        share = np.empty(self._nets.arc.size)
        share[chains.arc] = np.repeat(point.share, np.diff(chains.start))
        self._nets = replace(self._nets, share=share, stay=point.share[problem.stays])
        self._price = prices(problem, point, self._price.size, (self._money, _DUST * self._gap))

    def _apart(self, problem: Contracted, point: Point) -> tuple[float, float]:
        """Return by how much the cost is above the bound over all routes, and the cost that this is relative to."""
        setting, restricted = self._setting, problem.restricted
        if not self._bounded:
            return np.inf, 1.0  # a cycle pays at these prices
        cost = restricted.objective(point.share)
        rent = setting.problem.capacity @ self._price
        bound = float(setting.amount @ self._nets.least - rent) / self._money + restricted.curved(point.share)
        return abs(cost - bound) + missed(restricted, point), max(cost, self._least)

    @property
    def _lacks(self) -> bool:
        """Whether any of what must be served is left."""
        return bool((self._nets.stay[self._setting.must] > _DUST * self._gap).any())

    def _raised(self) -> bool:
        """Raise what it costs not to serve what must be served; tell whether there was room for that.

        Whether all of it can be served is a linear question, and the answer to it has routes that can.
        """
        setting = self._setting
        dear = float(setting.penalty[setting.must].max())
        if not self._asked:
            from corridors.models import columns  # loads the linear solver, for this alone

            self._asked = True
            plan = columns.solve(setting.problem)
            if plan.status == "infeasible":
                raise SolverError(_UNSERVED)
            self._nets = joined(setting, self._nets, plan.paths, np.zeros(plan.path_flow.size))
        if dear > self._dearest:
            return False
        self._setting = setting.with_penalty(np.full(setting.demand.size, _DEARER * dear))
        return True

    def _read(self, termination: Termination) -> PerturbedSolution:
        """Read the answer."""
        began = time.perf_counter()
        flows = read(self._setting, self._problem, self._point, _DUST * self._gap)
        if termination in ("gap", "stalled") and goes_round(self._setting, flows):
            raise SolverError(_ROUND)
        self._seconds["read"] += time.perf_counter() - began
        return PerturbedSolution(
            routes=flows.routes,
            route_flow=flows.flow,
            unserved=flows.unserved,
            resource_price=without_dust(self._price, self._setting.problem.capacity),
            iterations=self._steps,
            rounds=self._rounds,
            seconds=self._seconds,
            termination=termination,
        )
