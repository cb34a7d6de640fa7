r"""The answer of shippers who spread over all routes (Fosgerau, Paulsen & Rasmussen 2022), under hard capacities.

With :math:`G(z) = (1 + z) \ln(1 + z) - z`, and :math:`z_{ka} = x_{ka} / d_k` for the share of demand k on arc a:

.. math::

   \begin{aligned}
   \min \quad & \sum_k \sum_a c_{ka} \bigl( x_{ka} + \tfrac{d_k}{\tau_k} G(x_{ka} / d_k) \bigr)
     + \sum_k \text{pen}_k \bigl( u_k + \tfrac{d_k}{\tau_k} G(u_k / d_k) \bigr) \\
   \text{s.t.} \quad & x_k \text{ carries } d_k - u_k \text{ from origin to destination}, \quad
     \sum_k \sum_a A_{ra}\, x_{ka} \le b_r, \quad x, u \ge 0
   \end{aligned}

A tonne pays :math:`c_{ka} (1 + \ln(1 + z_{ka}) / \tau_k)` on the arc at the margin: an arc that all of a demand takes
is :math:`\ln 2 / \tau_k` dearer to it than one that hardly any of it takes. Arcs that cost nothing are not perturbed.
A demand that must be served has no choice of staying.

====================  ==================  ======
symbol                name                shape
====================  ==================  ======
:math:`u_k`           ``unserved``        (D,)
:math:`\mu_r`         ``resource_price``  (R,)
====================  ==================  ======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.errors import ProblemError
from corridors.models.arrays import FloatArray
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem, FlowSolution, Termination


@dataclass(frozen=True, eq=False)
class PerturbedSolution:
    """An answer without a list of routes; it may be wrong.

    `corridors.models.choice.perturbed.certificate.certify` tells.

    Attributes
    ----------
    routes
        Routes that carry the flow, P of them, by demands. The flow of each demand on arcs is the answer; there are many
        ways to put it on routes, of which this is one.
    route_flow
        Tonnes a year on each, (P,).
    unserved
        Tonnes a year left of each demand, (D,).
    resource_price
        What a unit of each resource costs, (R,), at least 0.
    iterations, rounds
        Steps of the interior point method, and searches for better routes.
    seconds
        Time by step: ``build``, ``search``, ``solve``, ``read``.
    termination
        Why the method ended, as for `FlowSolution`.
    """

    routes: PathSet
    route_flow: FloatArray
    unserved: FloatArray
    resource_price: FloatArray
    iterations: int
    rounds: int
    seconds: dict[str, float]
    termination: Termination = "gap"

    def as_flow(self, problem: FlowProblem, method: str = "network") -> FlowSolution:
        """Return the flows as an answer to the linear problem of which this is the choice, as tables read it.

        Raises
        ------
        ProblemError
            If the answer is another problem's.
        """
        if self.unserved.shape != (problem.demand_count,):
            raise ProblemError(
                f"The answer leaves amounts of {self.unserved.size} demands; the problem has {problem.demand_count}."
            )
        return FlowSolution(
            status="feasible",
            path_demand=np.asarray(self.routes.demand),
            path_flow=self.route_flow,
            path_arcs=tuple(self.routes.arcs_of(path) for path in range(self.routes.size)),
            unserved=self.unserved,
            resource_price=self.resource_price,
            iterations=self.iterations,
            seconds=self.seconds,
            method=method,
            termination=self.termination,
        )
