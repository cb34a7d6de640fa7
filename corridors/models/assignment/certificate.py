r"""The proof of an assignment, from the problem and the answer alone.

The answer's flows are added up, and their balance is checked at every node for every origin and class. At the costs
:math:`c` of these flows (the marginal ones for the optimum) the trips pay :math:`T = \sum_a c_a v_a`; by cheapest paths
they would pay :math:`S = \sum_k d_k\, \text{dist}_k(c)`. As what is minimised, :math:`z`, is convex, no flows have less
than

.. math::

   z(v) + c^\top (y - v) \ \ge \ z(v) - (T - S) \quad \text{for all flows } y, \qquad \text{gap} = \frac{T - S}{T}

Where trips are of classes, what a class pays on links beside that, :math:`g_{ka}`, is in :math:`T` and in :math:`z`,
and the distances of its trips are at :math:`c + g_k`. Where capacities are hard, trips pay the prices :math:`\mu` of
links as well, no flow exceeds a capacity, and what is paid for capacity that nobody uses, :math:`\mu^\top (b - v)`, is
lost, too: it is added to :math:`T - S`.

The gap is 0 at the equilibrium alone: then nobody pays more than the cheapest path costs. Distances are by another
method and another code than those of the answer, and costs are computed anew.

==================  ===================  ======
symbol              name                 shape
==================  ===================  ======
:math:`c`           ``cost``             (A,)
:math:`v`           ``flow``             (A,)
:math:`g`           ``class_fixed``      (C, A)
:math:`T`           ``paid``             ()
:math:`S`           ``cheapest``         ()
:math:`z`           ``objective``        ()
==================  ===================  ======
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.assignment.distances import demand_distances
from corridors.models.assignment.problem import PRINCIPLES, AssignmentProblem, AssignmentSolution
from corridors.models.gap import ROUNDING, relative_gap

BALANCE = 1e-9  # of the trips from an origin: what rounding may leave of them at a node


@dataclass(frozen=True)
class AssignmentCertificate:
    """What is known of an assignment.

    Attributes
    ----------
    objective, bound
        What is minimised (the sum of integrals, or for the optimum what all pay), and what no flows have less of.
    gap
        What the trips pay above cheapest paths at the same costs, relative to what they pay; the relative gap.
    total
        What all trips pay at the flows.
    worst_balance, worst_negative
        The most that is missing or too much at a node, in shares of an origin's trips; and the most negative flow.
    infeasible
        Whether the prices prove that the trips do not fit into hard capacities: the bound is above what any flows
        within them can have.
    reasons
        Why it does not hold, a sentence each.
    """

    objective: float
    bound: float
    gap: float
    total: float
    worst_balance: float
    worst_negative: float
    infeasible: bool
    reasons: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the flows are sound and the gap is no wider than was asked for."""
        return not self.reasons


def certify(problem: AssignmentProblem, solution: AssignmentSolution, tolerance: float = 1e-6) -> AssignmentCertificate:
    """Prove an answer, or say why it cannot be.

    Parameters
    ----------
    problem, solution
        Of which nothing is believed: the flows are what is judged.
    tolerance
        How wide the gap may be.
    """
    malformed = _malformed(problem, solution)
    if malformed:
        return AssignmentCertificate(
            *(math.nan, -math.inf, math.inf, math.nan, math.inf, math.inf), False, (malformed,)
        )
    flow = solution.flow
    balance, through = _residuals(problem, solution)
    negative = max(0.0, -float(solution.origin_flow.data.min(initial=0)))
    over = _over(problem, solution, flow)
    gap, objective, excess = _gap(problem, solution, np.maximum(flow, 0.0))
    total = float(problem.costs.at(np.maximum(flow, 0.0)) @ flow) + _beside(problem, solution)
    bound, reasons = objective - excess, []
    most = problem.most(solution.principle) if solution.price is not None else math.inf
    infeasible = bound > most * (1 + BALANCE)
    if infeasible:
        at_least = f"flows within them would have {bound:.6g} at least, and links that are full have {most:.6g}"
        reasons.append(f"The trips do not fit into the capacities: by the prices, {at_least}.")
    if negative > 0:
        reasons.append(f"A flow is negative, by {negative:.3g}.")
    if not balance <= BALANCE:
        reasons.append(f"Trips are lost or made: {balance:.3g} of those from an origin, at a node.")
    if not through <= BALANCE:
        reasons.append(f"Trips pass through a node that is closed to them: {through:.3g} of those from an origin.")
    if not over <= BALANCE:
        reasons.append(f"A link carries more than its capacity, by {over:.3g} of it.")
    if not gap >= -BALANCE:
        reasons.append(f"The trips pay less than their cheapest paths cost: the gap is {gap:.3g}.")
    if not gap <= tolerance:
        reasons.append(f"The gap is {gap:.3g}, wider than {tolerance:.3g}.")
    return AssignmentCertificate(objective, bound, gap, total, balance, negative, infeasible, tuple(reasons))


def _malformed(problem: AssignmentProblem, solution: AssignmentSolution) -> str:
    """Say why an answer is not one to this problem at all; nothing if it is."""
    flows, origins = solution.origin_flow, solution.origins
    if solution.principle not in PRINCIPLES:
        return f"The answer is meant as {solution.principle!r}, which is nothing known."
    if flows.shape != (origins.size, problem.tail.size):
        return f"The flows have the shape {flows.shape}, not one row an origin and one column a link."
    if not np.isfinite(flows.data).all():
        return "A flow is not a finite number."
    price = solution.price
    if price is not None and (price.shape != problem.tail.shape or not (np.isfinite(price) & (price >= 0)).all()):
        return "The prices are not one a link, finite and 0 or more."
    classes = solution.classes
    if (classes is None) != (problem.class_ is None) or (classes is not None and classes.shape != origins.shape):
        return "The flows do not say of which class they are as the trips do."
    if classes is not None and ((classes < 0) | (classes >= problem.class_count)).any():
        return "A flow is of a class that the trips do not have."
    rows = _rows(problem, origins, classes)
    if np.unique(rows).size != origins.size or ((origins < 0) | (origins >= problem.node_count)).any():
        return "The origins of flows are not different nodes of the network."
    return ""


def _rows(problem: AssignmentProblem, node: IntArray, class_: IntArray | None) -> IntArray:
    """Return one number for each pair of a node and a class."""
    return node if class_ is None else node + class_ * problem.node_count


def _beside(problem: AssignmentProblem, solution: AssignmentSolution) -> float:
    """Return what trips pay as their classes, beside what all pay."""
    if problem.class_fixed is None:
        return 0.0
    return float((problem.class_fixed * solution.class_flow(problem.class_count)).sum())


def _residuals(problem: AssignmentProblem, solution: AssignmentSolution) -> tuple[float, float]:
    """Return the most that is out of balance at a node, and the most that passes through a closed one.

    Both in shares of the trips from an origin; where it has none, anything is ``inf``.
    """
    flows, nodes = solution.origin_flow, problem.node_count
    moving = np.flatnonzero(problem.moving)
    row_of = np.full(nodes * problem.class_count, -1, dtype=np.int64)
    row_of[_rows(problem, solution.origins, solution.classes)] = np.arange(solution.origins.size)
    row = row_of[_rows(problem, problem.origin, problem.class_)[moving]]
    if (row < 0).any():
        return math.inf, 0.0
    amount = problem.amount[moving]
    wanted = sparse.csr_array(
        (np.concatenate((amount, -amount)), (np.tile(row, 2), _ends(problem, moving))), shape=(flows.shape[0], nodes)
    )
    into, out = _ends_of(problem.head, nodes), _ends_of(problem.tail, nodes)
    trips = np.bincount(row, amount, flows.shape[0])
    left = flows @ out
    through = sparse.coo_array(left * sparse.csr_array(~problem.passable[np.newaxis, :]))
    foreign = through.coords[1] != solution.origins[through.coords[0]]
    passing = sparse.csr_array(
        (through.data[foreign], (through.coords[0][foreign], through.coords[1][foreign])), shape=left.shape
    )
    return _share(sparse.csr_array(flows @ into - left - wanted), trips), _share(passing, trips)


def _ends(problem: AssignmentProblem, moving: np.ndarray) -> np.ndarray:
    """Return destinations and then origins of some demands."""
    return np.concatenate((problem.destination[moving], problem.origin[moving]))


def _ends_of(node: np.ndarray, nodes: int) -> sparse.csr_array:
    """Return the matrix that adds up arcs at their ends, (A, N)."""
    return sparse.csr_array((np.ones(node.size), (np.arange(node.size), node)), shape=(node.size, nodes))


def _share(residual: UsageArray, trips: FloatArray) -> float:
    """Return the largest entry of a matrix by rows, (O, N), in shares of each row's trips."""
    largest = np.asarray(abs(residual).max(axis=1).toarray()).ravel() if residual.nnz else np.zeros(trips.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(largest > 0, largest / trips, 0.0).max(initial=0))


def _over(problem: AssignmentProblem, solution: AssignmentSolution, flow: FloatArray) -> float:
    """Return by how much a hard capacity is exceeded at most, relative to it; 0 where none is hard."""
    if solution.price is None:
        return 0.0
    capacity = problem.costs.capacity
    above = np.maximum(flow - capacity, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(above > 0, above / capacity, 0.0).max(initial=0))


def _gap(problem: AssignmentProblem, solution: AssignmentSolution, flow: FloatArray) -> tuple[float, float, float]:
    """Return the relative gap of some flows, what they have of what is minimised, and what is paid too much."""
    costs, optimum = problem.costs, solution.principle == "optimum"
    cost = costs.marginal(flow) if optimum else costs.at(flow)
    beside = _beside(problem, solution)
    objective = problem.minimised(flow, solution.principle) + beside
    idle = 0.0
    if solution.price is not None:
        priced = solution.price > 0
        cost = cost + solution.price
        idle = float((solution.price[priced] * (costs.capacity - flow)[priced]).sum())
    paid, moving = float(cost @ flow) + beside, problem.moving
    cheapest = float(problem.amount[moving] @ demand_distances(problem, cost)[moving])
    return relative_gap(paid + idle, cheapest, ROUNDING * paid), objective, paid + idle - cheapest
