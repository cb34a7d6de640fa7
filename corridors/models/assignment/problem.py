r"""The problem of drivers who choose the cheapest path on links that crowd, and the shape of its answer.

Beckmann, McGuire & Winsten (1956): user equilibrium is the least of a convex sum of integrals,

.. math::

   \begin{aligned}
   \min \quad & \sum_a \int_0^{v_a} c_a(w)\, dw, \qquad
     c_a(v) = f_a + t_a \bigl( 1 + B_a (v / b_a)^{q_a} \bigr) \\
   \text{s.t.} \quad & v_a = \sum_o x_{oa}, \quad
     \sum_{a \in \delta^-(i)} x_{oa} - \sum_{a \in \delta^+(i)} x_{oa} = d_{oi}
     \ \text{ at each node } i \neq o, \quad x \ge 0
   \end{aligned}

where no link is both used and dearer than another path. The system optimum is the least of :math:`\sum_a v_a c_a(v_a)`:
the same problem, with what one more costs all, :math:`c_a(v) + v\, c_a'(v)`, in place of :math:`c_a`.

Trips may be of several classes, which take the same time on a link and value tolls and distances differently: a trip of
class :math:`k` pays :math:`c_a(v_a) + g_{ka}`. With costs in units of time, each trip counted as the passenger-car
units that it is, :math:`\sum_{k,a} g_{ka} x_{ka}` joins what is minimised, which stays convex (Dafermos 1972).

==================  =======================  ==========
symbol              name                     shape
==================  =======================  ==========
:math:`f_a`         ``fixed``                (A,)
:math:`t_a`         ``free_time``            (A,)
:math:`B_a`         ``steepness``            (A,)
:math:`b_a`         ``capacity``             (A,)
:math:`q_a`         ``power``                (A,)
:math:`g_{ka}`      ``class_fixed``          (C, A)
:math:`d_{oi}`      ``amount``               (D,)
:math:`x_{oa}`      ``origin_flow``          (O, A)
:math:`v_a`         ``flow``                 (A,)
==================  =======================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray, finite, floats, integers
from corridors.models.problem import Termination

type Principle = Literal["equilibrium", "optimum"]
PRINCIPLES: tuple[Principle, ...] = ("equilibrium", "optimum")


@dataclass(frozen=True, eq=False)
class LinkCosts:
    """What a trip costs on each link, as the delay function of the Bureau of Public Roads (1964) has it.

    Attributes
    ----------
    fixed
        What does not depend on time, as tolls and distance, in units of time, (A,), at least 0.
    free_time
        Time on an empty link, (A,), at least 0.
    steepness
        By what share of the free time a link at capacity takes longer, (A,), at least 0; 0 for one that never does.
    capacity
        Trips at which that is so, (A,); it may be 0 or ``inf`` only where nothing takes longer.
    power
        How steeply time grows with use, (A,), at least 0.
    """

    fixed: FloatArray
    free_time: FloatArray
    steepness: FloatArray
    capacity: FloatArray
    power: FloatArray

    def __post_init__(self) -> None:
        for name in ("fixed", "free_time", "steepness", "power"):
            values = floats(getattr(self, name), name, 1)
            finite(values, "link", name.replace("_", " "))
            object.__setattr__(self, name, values)
        capacity = floats(self.capacity, "capacity", 1)
        object.__setattr__(self, "capacity", capacity)
        sizes = {getattr(self, name).size for name in ("fixed", "free_time", "steepness", "capacity", "power")}
        if len(sizes) > 1:
            raise ProblemError(f"The figures of links have the lengths {sorted(sizes)}, but one length was expected.")
        wrong = np.flatnonzero(np.isnan(capacity) | (capacity < 0) | (self._crowds & (capacity == 0)))
        if wrong.size:
            raise ProblemError(
                f"The capacity of link {wrong[0]} is {capacity[wrong[0]]}, but a number above 0 was expected, "
                "as its time grows with its flow."
            )
        with np.errstate(over="ignore", divide="ignore"):
            steep = np.flatnonzero(~np.isfinite(self.slope))
        if steep.size:
            raise ProblemError(
                f"Time on link {steep[0]} grows with its flow beyond any number: its capacity is "
                f"{capacity[steep[0]]}, its power {self.power[steep[0]]}."
            )

    @property
    def _crowds(self) -> BoolArray:
        """Which links take longer when they are used, (A,)."""
        crowded: BoolArray = (self.steepness > 0) & (self.free_time > 0)
        return crowded

    @property
    def free(self) -> FloatArray:
        """The cost of a trip on an empty link, (A,)."""
        return self.fixed + self.free_time

    @property
    def slope(self) -> FloatArray:
        """What multiplies the flow raised to the power, (A,); 0 on a link whose cost is constant."""
        crowds = self._crowds & np.isfinite(self.capacity)
        base = np.where(crowds, self.capacity, 1.0)
        return np.where(crowds, self.free_time * self.steepness / base**self.power, 0.0)

    def at(self, flow: FloatArray) -> FloatArray:
        """Return the cost of a trip on each link at some flows, (A,)."""
        return self.free + self.slope * flow**self.power

    def marginal(self, flow: FloatArray) -> FloatArray:
        """Return what one more trip on each link costs all that are on it, itself included, (A,)."""
        return self.free + self.slope * (1 + self.power) * flow**self.power

    def integral(self, flow: FloatArray) -> FloatArray:
        """Return the integral of the cost of each link from 0 to its flow, (A,): Beckmann's terms."""
        return self.free * flow + self.slope * flow ** (self.power + 1) / (self.power + 1)


@dataclass(frozen=True, eq=False)
class AssignmentProblem:
    """A road network with A links and N nodes, and D demands for trips.

    Attributes
    ----------
    node_count
        N.
    tail, head
        The nodes that each link joins, (A,). Parallel links and loops are allowed.
    costs
        What a trip costs on each link.
    origin, destination, amount
        From where to where how many trips go, (D,); of trips from a node to itself none uses a link.
    closed
        Which nodes trips may begin and end at but not pass through, (N,), as the zones of many networks; None for none.
    class_, class_fixed
        The class of each demand, (D,), and what a trip of each class pays on each link beside `costs`, in units of
        time, (C, A), at least 0; None for both where all trips pay the same. Amounts and flows are in units that crowd
        alike, as passenger cars.
    """

    node_count: int
    tail: IntArray
    head: IntArray
    costs: LinkCosts
    origin: IntArray
    destination: IntArray
    amount: FloatArray
    closed: BoolArray | None = None
    class_: IntArray | None = None
    class_fixed: FloatArray | None = None

    def __post_init__(self) -> None:
        for name in ("tail", "head", "origin", "destination"):
            values = integers(getattr(self, name), name)
            object.__setattr__(self, name, values)
            wrong = np.flatnonzero((values < 0) | (values >= self.node_count))
            if wrong.size:
                expected = f"a node from 0 to {self.node_count - 1} was expected"
                raise ProblemError(f"The {name} number {wrong[0]} is {values[wrong[0]]}, but {expected}.")
        object.__setattr__(self, "amount", floats(self.amount, "amount", 1))
        finite(self.amount, "demand", "amount")
        closed = np.zeros(self.node_count, dtype=np.bool_) if self.closed is None else np.asarray(self.closed, np.bool_)
        object.__setattr__(self, "closed", closed)
        lengths = {self.tail.size, self.head.size, self.costs.free_time.size}
        demands = {self.origin.size, self.destination.size, self.amount.size}
        if len(lengths) > 1 or len(demands) > 1 or closed.shape != (self.node_count,):
            raise ProblemError("The arrays of links, of demands or of nodes differ in length.")
        if self.class_ is not None or self.class_fixed is not None:
            self._check_classes()

    def _check_classes(self) -> None:
        if self.class_ is None or self.class_fixed is None:
            raise ProblemError("Classes of demands and what classes pay on links belong together; one is missing.")
        class_, fixed = integers(self.class_, "class"), floats(self.class_fixed, "class_fixed", 2)
        object.__setattr__(self, "class_", class_)
        object.__setattr__(self, "class_fixed", fixed)
        shape, expected = (class_.size, fixed.shape[1]), (self.amount.size, self.tail.size)
        if shape != expected:
            raise ProblemError(f"Classes of {shape[0]} demands on {shape[1]} links; {expected} were expected.")
        finite(fixed.ravel(), "class and link", "fixed cost")
        wrong = np.flatnonzero((class_ < 0) | (class_ >= fixed.shape[0]))
        if wrong.size:
            expected_class = f"one from 0 to {fixed.shape[0] - 1} was expected"
            raise ProblemError(f"The class of demand {wrong[0]} is {class_[wrong[0]]}, but {expected_class}.")

    @property
    def moving(self) -> BoolArray:
        """Which demands have trips that need a link, (D,)."""
        some: BoolArray = (self.amount > 0) & (self.origin != self.destination)
        return some

    @property
    def class_of(self) -> IntArray:
        """The class of each demand, (D,); 0 where there are none."""
        return np.zeros(self.amount.size, dtype=np.int64) if self.class_ is None else self.class_

    @property
    def class_count(self) -> int:
        """How many classes there are; 1 where all trips pay the same."""
        return 1 if self.class_fixed is None else self.class_fixed.shape[0]

    @property
    def passable(self) -> BoolArray:
        """Which nodes trips may pass through, (N,)."""
        if self.closed is None:
            return np.ones(self.node_count, dtype=np.bool_)
        return ~self.closed

    def minimised(self, flow: FloatArray, principle: Principle) -> float:
        """Return what some flows, (A,), have of what is minimised: the sum of integrals, or what all pay.

        Of what classes pay beside, nothing is in it.
        """
        terms = flow * self.costs.at(flow) if principle == "optimum" else self.costs.integral(flow)
        return float(terms.sum())

    def most(self, principle: Principle) -> float:
        """Return what no flows within the capacities have more of: all links full, or with all trips on them."""
        full = np.minimum(self.costs.capacity, self.amount[self.moving].sum())
        beside = 0.0 if self.class_fixed is None else float(self.class_fixed.max(axis=0, initial=0) @ full)
        return self.minimised(full, principle) + beside


@dataclass(frozen=True, eq=False)
class AssignmentSolution:
    """An answer to an `AssignmentProblem`; it may be wrong, `corridors.models.assignment.certificate.certify` tells.

    Attributes
    ----------
    principle
        Whether it is meant as the equilibrium or as the optimum.
    origins
        The nodes that trips begin at, (O,), rising, or rising within each class.
    origin_flow
        Trips from each of them on each link, (O, A).
    iterations
        How often the bushes were renewed.
    seconds
        Time by step: ``load`` (the compiled loops), ``start`` (the first bushes), ``solve``.
    termination
        Why the method ended, as for `corridors.models.problem.FlowSolution`.
    price
        What a trip pays on each link because it is full, (A,), where capacities are hard; None where they are not.
    classes
        The class of the trips of each of `origins`, (O,); None where all trips pay the same.
    """

    principle: Principle
    origins: IntArray
    origin_flow: UsageArray
    iterations: int
    seconds: dict[str, float]
    termination: Termination = "gap"
    price: FloatArray | None = None
    classes: IntArray | None = None

    @property
    def flow(self) -> FloatArray:
        """Trips on each link, (A,)."""
        total: FloatArray = np.asarray(self.origin_flow.sum(axis=0), dtype=np.float64).ravel()
        return total

    def class_flow(self, count: int) -> FloatArray:
        """Return the trips of each of so many classes on each link, (C, A)."""
        if self.classes is None:
            return self.flow[np.newaxis]
        rows = np.arange(self.classes.size)
        of = sparse.csr_array((np.ones(rows.size), (self.classes, rows)), shape=(count, rows.size))
        return np.asarray((of @ self.origin_flow).toarray(), dtype=np.float64)
