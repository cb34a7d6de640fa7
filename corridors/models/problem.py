r"""The one problem that everything is turned into, and the shape of its answer.

Linear multicommodity minimum-cost flow with side resources (Ahuja, Magnanti & Orlin 1993, chapter 17).
Classes of freight differ in what they pay on an arc and in what a tonne of them takes of each resource:

.. math::

   \begin{aligned}
   \min \quad & \sum_k \sum_{p \in P_k} c_p\, x_p + \sum_k \text{pen}_k\, u_k \\
   \text{s.t.} \quad & \sum_{p \in P_k} x_p + u_k = d_k & & \text{every demand } k \\
   & \sum_k \sum_{p \in P_k} A_{rp}\, x_p \le b_r & & \text{every resource } r \text{, at the price } \mu_r \ge 0 \\
   & x \ge 0, \; u \ge 0
   \end{aligned}

`FlowProblem` holds its data as arrays, `FlowSolution` an answer as flows on paths. Neither knows what a node
or a resource stands for, and nothing here solves anything.

====================  ==================  ==========
symbol                name                shape
====================  ==================  ==========
:math:`c_a`           ``cost``            (C, A)
:math:`d_k`           ``amount``          (D,)
:math:`\text{pen}_k`  ``penalty``         (D,)
:math:`b_r`           ``capacity``        (R,)
:math:`A_{ra}`        ``usage``           (R, C * A)
:math:`A_{rp}`        ``path_use``        (P, R)
:math:`x_p`           ``path_flow``       (P,)
:math:`x_a`           ``arc_flow``        (C, A)
:math:`u_k`           ``unserved``        (D,)
:math:`\mu_r`         ``resource_price``  (R,)
====================  ==================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.arrays import FloatArray, IntArray, UsageArray, finite, floats, integers, usage_rows
from corridors.models.paths import PathSet

__all__ = [
    "FloatArray",
    "FlowProblem",
    "FlowSolution",
    "IntArray",
    "PriceEnd",
    "Status",
    "Termination",
    "UsageArray",
    "objective",
]

type Status = Literal["optimal", "feasible", "infeasible"]
type Termination = Literal["gap", "time_limit", "interrupted", "stalled"]


@dataclass(frozen=True, eq=False)
class FlowProblem:
    """A minimum-cost flow of several classes of freight that share limited resources.

    With N nodes, A arcs, C classes, D demands and R resources; everything is counted from 0. The arrays are
    made read-only (copied first where they could still be written to), so a problem can be shared safely.

    Attributes
    ----------
    node_count
        N.
    tail, head
        The nodes that each arc joins, (A,). Parallel arcs and loops are allowed.
    cost
        Cost of one tonne of a class on an arc, (C, A), at least 0; ``inf`` where the class may not go.
    origin, destination, class_
        What each demand asks for, (D,). A demand from a node to itself is served by the empty path.
    amount
        Tonnes a year of each demand, (D,), at least 0.
    penalty
        Cost of leaving one tonne of the demand unserved, (D,), at least 0; ``inf`` if it must be served.
    capacity
        Units a year of each resource, (R,), finite and at least 0. What has no limit is not a resource.
    usage
        Units of resource r that one tonne of class c takes on arc a, at row r and column ``c * A + a`` of an
        (R, C * A) sparse array. May be negative, which bounds a linear function of the flow; no cycle must then
        pay.
    node_names, arc_names, class_names, demand_names, resource_names
        For people and files only, never identities; empty, or one for each.

    Raises
    ------
    ProblemError
        If any array has the wrong shape, kind or range.
    """

    node_count: int
    tail: IntArray
    head: IntArray
    cost: FloatArray
    origin: IntArray
    destination: IntArray
    class_: IntArray
    amount: FloatArray
    penalty: FloatArray
    capacity: FloatArray
    usage: UsageArray
    node_names: tuple[str, ...] = ()
    arc_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    demand_names: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.node_count < 1:
            raise ProblemError(f"A flow problem needs at least one node; it was given {self.node_count}.")
        for name in ("tail", "head", "origin", "destination", "class_"):
            object.__setattr__(self, name, integers(getattr(self, name), name))
        for name in ("cost", "amount", "penalty", "capacity"):
            object.__setattr__(self, name, floats(getattr(self, name), name, 2 if name == "cost" else 1))
        self._check_arcs()
        self._check_demands()
        self._check_resources()
        for noun in ("node", "arc", "class", "demand", "resource"):
            self._check_names(noun)

    @classmethod
    def single_class(
        cls,
        node_count: int,
        tail: ArrayLike,
        head: ArrayLike,
        cost: ArrayLike,
        arc_capacity: ArrayLike,
        origin: ArrayLike,
        destination: ArrayLike,
        amount: ArrayLike,
        penalty: ArrayLike = np.inf,
    ) -> Self:
        """Pose the textbook problem: one class, capacities on arcs.

        Parameters
        ----------
        node_count
            N.
        tail, head, cost, arc_capacity
            One for each arc, (A,); a capacity of ``inf`` means none. Every arc with a capacity becomes one
            resource, in the order of the arcs.
        origin, destination, amount
            One for each demand, (D,).
        penalty
            One for each demand or one for all; by default every demand must be served.

        Raises
        ------
        ProblemError
            As `FlowProblem` itself.
        """
        limits = np.atleast_1d(np.asarray(arc_capacity, dtype=np.float64))
        origins = np.atleast_1d(np.asarray(origin))
        limited = np.flatnonzero(~np.isposinf(limits))
        usage = sparse.csr_array(
            (np.ones(limited.size), (np.arange(limited.size), limited)), shape=(limited.size, limits.size)
        )
        return cls(
            node_count=node_count,
            tail=np.atleast_1d(np.asarray(tail)),
            head=np.atleast_1d(np.asarray(head)),
            cost=np.atleast_2d(np.asarray(cost, dtype=np.float64)),
            origin=origins,
            destination=np.atleast_1d(np.asarray(destination)),
            class_=np.zeros(origins.size, dtype=np.int64),
            amount=np.atleast_1d(np.asarray(amount, dtype=np.float64)),
            penalty=np.broadcast_to(np.asarray(penalty, dtype=np.float64), origins.shape),
            capacity=limits[limited],
            usage=usage,
        )

    @property
    def arc_count(self) -> int:
        """A, the number of arcs."""
        return int(self.tail.size)

    @property
    def class_count(self) -> int:
        """C, the number of classes."""
        return int(self.cost.shape[0])

    @property
    def demand_count(self) -> int:
        """D, the number of demands."""
        return int(self.origin.size)

    @property
    def resource_count(self) -> int:
        """R, the number of resources."""
        return int(self.capacity.size)

    def usage_of(self, class_: int) -> UsageArray:
        """Return what one tonne of a class takes of each resource on each arc, (R, A)."""
        return self.usage[:, class_ * self.arc_count : (class_ + 1) * self.arc_count]

    def _check_arcs(self) -> None:
        if self.head.size != self.arc_count:
            raise ProblemError(f"The problem has {self.arc_count} tails but {self.head.size} heads of arcs.")
        if self.cost.shape[1] != self.arc_count:
            raise ProblemError(
                f"The costs are for {self.cost.shape[1]} arcs a class, but the problem has {self.arc_count}."
            )
        self._check_range("tail", "arc", self.node_count, "nodes")
        self._check_range("head", "arc", self.node_count, "nodes")
        wrong = np.argwhere(~(self.cost >= 0))
        if wrong.size:
            class_, arc = wrong[0]
            raise ProblemError(
                f"The cost of class {class_} on arc {arc} is {self.cost[class_, arc]}; "
                "a cost is 0 or more, and inf where the class may not go."
            )

    def _check_demands(self) -> None:
        for name in ("destination", "class_", "amount", "penalty"):
            if getattr(self, name).size != self.demand_count:
                raise ProblemError(
                    f"The problem has {self.demand_count} demands by their origins, "
                    f"but {getattr(self, name).size} values of {name}."
                )
        self._check_range("origin", "demand", self.node_count, "nodes")
        self._check_range("destination", "demand", self.node_count, "nodes")
        self._check_range("class_", "demand", self.class_count, "classes")
        finite(self.amount, "demand", "amount")
        wrong = np.flatnonzero(~(self.penalty >= 0))
        if wrong.size:
            raise ProblemError(
                f"The penalty of demand {wrong[0]} is {self.penalty[wrong[0]]}; "
                "a penalty is 0 or more, and inf where the demand must be served."
            )

    def _check_resources(self) -> None:
        finite(self.capacity, "resource", "capacity")
        object.__setattr__(self, "usage", usage_rows(self.usage))
        expected = (self.resource_count, self.class_count * self.arc_count)
        if self.usage.shape != expected:
            raise ProblemError(
                f"The usage has the shape {self.usage.shape}, but {expected} was expected: "
                "a row for each resource, a column for each class and arc."
            )
        if not np.isfinite(self.usage.data).all():
            raise ProblemError("The usage of resources holds a value that is not a finite number.")

    def _check_names(self, noun: str) -> None:
        names, count = tuple(getattr(self, f"{noun}_names")), getattr(self, f"{noun}_count")
        if names and len(names) != count:
            raise ProblemError(f"There are {len(names)} {noun} names for {count}: give none or one for each.")
        object.__setattr__(self, f"{noun}_names", names)

    def _check_range(self, name: str, noun: str, count: int, of: str) -> None:
        values: IntArray = getattr(self, name)
        wrong = np.flatnonzero((values < 0) | (values >= count))
        if wrong.size:
            raise ProblemError(
                f"The {name.rstrip('_')} of {noun} {wrong[0]} is {values[wrong[0]]}, "
                f"but the {of} are numbered from 0 to {count - 1}."
            )


@dataclass(frozen=True, eq=False)
class PriceEnd:
    """What proves one end of a resource's price: an optimum with a little more of it, or a little less.

    Attributes
    ----------
    resource
        Whose price.
    capacity
        What there is of the resource then: more than there is for the low end, less for the high end.
    answer
        Optimal then. Its price of the resource is the end, if its prices are also optimal at the capacity that there
        is: then the least cost is straight between the two.
    """

    resource: int
    capacity: float
    answer: FlowSolution


@dataclass(frozen=True, eq=False)
class FlowSolution:
    """An answer to a `FlowProblem`: what flows on which paths, what is left, and the prices of the resources.

    It may be wrong; `corridors.models.certificate.certify` tells.

    Attributes
    ----------
    status
        What the answer is: ``optimal``, ``feasible`` (not proved) or ``infeasible`` (nothing can satisfy it all).
    path_demand, path_flow, path_arcs
        For each of P paths: the demand that it serves, its tonnes a year, and its arcs in order. Sums over them are
        taken of `paths`, which has the same as flat arrays.
    unserved
        Tonnes a year left of each demand, (D,).
    resource_price
        The rate at which a little more of each resource saves money, for each unit of it, (R,), at least 0.
    iterations
        How many steps the method took, in its own count.
    seconds
        Time by step: ``build``, ``solve``, ``read``.
    method
        The name of the method.
    price_low, price_high
        A little more of each resource saves at the low price, a little less costs at the high one, for each unit, (R,);
        NaN where not asked for, or not proved. The two differ, with the price between them, where the optimum is
        degenerate.
    termination
        Why the method ended: ``gap`` (it was done), ``time_limit``, ``interrupted`` (by the user, with Ctrl-C) or
        ``stalled`` (no path is better, and rounding keeps the gap open).
    ends
        What proves the ends of prices.
    """

    status: Status
    path_demand: IntArray
    path_flow: FloatArray
    path_arcs: tuple[IntArray, ...]
    unserved: FloatArray
    resource_price: FloatArray
    iterations: int
    seconds: dict[str, float]
    method: str
    price_low: FloatArray = field(default_factory=lambda: np.empty(0))
    price_high: FloatArray = field(default_factory=lambda: np.empty(0))
    termination: Termination = "gap"
    ends: tuple[PriceEnd, ...] = ()

    def __post_init__(self) -> None:
        for name in ("price_low", "price_high"):
            if getattr(self, name).size == 0:
                object.__setattr__(self, name, np.full(self.resource_price.shape, np.nan))

    @property
    def paths(self) -> PathSet:
        """The paths as flat arrays, made of `path_demand` and `path_arcs`."""
        return PathSet.of(self.path_demand, self.path_arcs)

    def arc_flow(self, problem: FlowProblem) -> FloatArray:
        """Return the tonnes a year of each class on each arc, (C, A)."""
        paths = self.paths
        step = paths.steps(problem.class_[paths.demand], problem.arc_count)
        flow = np.bincount(step, np.repeat(self.path_flow, paths.length), problem.cost.size)
        return flow.reshape(problem.cost.shape).astype(np.float64, copy=False)  # of nothing numpy makes integers

    def path_use(self, problem: FlowProblem) -> UsageArray:
        """Return the units that a tonne on each path takes of each resource, (P, R)."""
        paths = self.paths
        step = paths.steps(problem.class_[paths.demand], problem.arc_count)
        return paths.use(step, sparse.csr_array(problem.usage.T))

    def resource_use(self, problem: FlowProblem) -> FloatArray:
        """Return the units a year that are taken of each resource, (R,)."""
        use: FloatArray = problem.usage @ self.arc_flow(problem).ravel()
        return use


def objective(problem: FlowProblem, solution: FlowSolution) -> float:
    """Return the yearly cost of an answer: flows at their costs, unserved tonnes at their penalties."""
    flow = solution.arc_flow(problem)
    used = flow != 0  # an arc that carries nothing costs nothing, even one that costs infinity
    left = solution.unserved != 0
    return float(flow[used] @ problem.cost[used] + solution.unserved[left] @ problem.penalty[left])
