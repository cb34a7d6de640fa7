r"""A problem as the method works on it: arcs by their tails, demands that go anywhere, one unit of money.

================================  ================  ==========
symbol                            name              shape
================================  ================  ==========
:math:`d_k`                       ``amount``        (K,)
:math:`\tau_k`                    ``tau``           (K,)
:math:`\text{pen}_k`              ``penalty``       (K,)
:math:`\text{pen}_k / \tau_k`     ``stay_weight``   (K,)
:math:`c_a`                       ``cost``          (C, A)
:math:`A_{ra}`                    ``usage``         (C * A, R)
:math:`\mu_r`                     ``price``         (R,)
:math:`c + A^\top \mu`            ``charged``       (C, A)
================================  ================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.choice.perturbed.segments import Graph
from corridors.models.pricing.kernels import ForwardStar
from corridors.models.problem import FlowProblem


@dataclass(frozen=True, eq=False)
class Setting:
    """The K demands that have an amount and somewhere to go, and the network, its arcs in the order of a star.

    Attributes
    ----------
    problem
        As it was posed.
    demand
        The demands, by their numbers there, (K,).
    ends
        Origin and destination of each, (2, K).
    class_, amount, tau
        Of each, (K,).
    penalty
        What staying costs each of them, (K,): a high figure where it must not.
    stay_weight
        The weight of the perturbation of staying, (K,): 0 where a demand must not stay.
    must
        Whether each must be served, (K,).
    order
        The arcs of the problem in the order of the star, (A,).
    star, graph
        The arcs by their tails.
    cost
        Of each class on them, (C, A).
    usage
        Of resources by classes and arcs, (C * A, R).
    """

    problem: FlowProblem
    demand: IntArray
    ends: IntArray
    class_: IntArray
    amount: FloatArray
    tau: FloatArray
    penalty: FloatArray
    stay_weight: FloatArray
    must: np.ndarray
    order: IntArray
    star: ForwardStar
    graph: Graph
    cost: FloatArray
    usage: UsageArray

    @classmethod
    def of(cls, problem: FlowProblem, scale: FloatArray) -> Self:
        """Set up a problem with a tau for each demand, (D,)."""
        demand = np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination))
        order = np.argsort(problem.tail, kind="stable")
        tail, head = problem.tail[order], problem.head[order]
        star = ForwardStar(np.searchsorted(tail, np.arange(problem.node_count + 1)), head, tail)
        rows = np.arange(problem.class_count)[:, None] * problem.arc_count + order
        penalty, tau = problem.penalty[demand], scale[demand].astype(np.float64)
        must = np.isinf(penalty)
        return cls(
            problem=problem,
            demand=demand,
            ends=np.stack((problem.origin[demand], problem.destination[demand])),
            class_=problem.class_[demand],
            amount=problem.amount[demand],
            tau=tau,
            penalty=penalty,
            stay_weight=np.where(must, 0.0, penalty) / tau,
            must=must,
            order=order,
            star=star,
            graph=Graph(tail, head, problem.node_count),
            cost=np.ascontiguousarray(problem.cost[:, order]),
            usage=sparse.csr_array(sparse.csr_array(problem.usage.T)[rows.ravel()]),
        )

    def charged(self, price: FloatArray) -> FloatArray:
        """Return what each class pays on arcs where resources have prices, (C, A)."""
        charged: FloatArray = self.cost + (self.usage @ price).reshape(self.cost.shape)
        return charged

    def with_penalty(self, penalty: FloatArray) -> Self:
        """Return the same with other penalties of what must be served, (K,)."""
        return replace(self, penalty=np.where(self.must, penalty, self.penalty))
