r"""The problem of shippers who choose among listed routes, and the shape of its answer.

Nested logit under hard capacities (Fisk 1980 for the entropy programme; Ben-Akiva & Lerman 1985 for nests), of two
levels, routes in ways:

.. math::

   \begin{aligned}
   \min \quad & \sum_p c_p x_p + \sum_k \text{pen}_k u_k
     + \sum_k \frac{1}{\theta^1_k} \Bigl[ \sum_{w \in k} X_w \ln \frac{X_w}{d_k} + u_k \ln \frac{u_k}{d_k} \Bigr]
     + \sum_k \frac{1}{\theta^2_k} \sum_{p \in k} x_p \ln \frac{x_p}{X_{w(p)}} + \sum_r \Phi_r(y_r) \\
   \text{s.t.} \quad & \sum_{w \in k} X_w + u_k = d_k, \quad X_w = \sum_{p \in w} x_p, \quad
     y_r = \sum_p A_{rp} x_p \le b_r
   \end{aligned}

or of three, routes in ways in groups, of which each has the flow :math:`X_g = \sum_{w \in g} X_w`: then the terms of
choice are

.. math::

   \sum_k \frac{1}{\theta^1_k} \Bigl[ \sum_{g \in k} X_g \ln \frac{X_g}{d_k} + u_k \ln \frac{u_k}{d_k} \Bigr]
     + \sum_k \frac{1}{\theta^g_k} \sum_{w \in k} X_w \ln \frac{X_w}{X_{g(w)}}
     + \sum_k \frac{1}{\theta^2_k} \sum_{p \in k} x_p \ln \frac{x_p}{X_{w(p)}}, \qquad
   \theta^1_k \le \theta^g_k \le \theta^2_k

==================  ==================  ==========
symbol              name                shape
==================  ==================  ==========
:math:`x_p`         ``route_flow``      (P,)
:math:`w(p)`        ``way``             (P,)
:math:`g(w)`        ``group``           (W,)
:math:`\theta^1_k`  ``way_scale``       (D,)
:math:`\theta^g_k`  ``group_scale``     (D,)
:math:`\theta^2_k`  ``route_scale``     (D,)
:math:`u_k`         ``unserved``        (D,)
:math:`\mu_r`       ``resource_price``  (R,)
==================  ==================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.delay import Delay
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem, FlowSolution, Termination


@dataclass(frozen=True, eq=False)
class ChoiceProblem:
    """Demands that choose among P listed routes, grouped into W ways, and these into groups where there are any.

    Attributes
    ----------
    flow
        The network: demands with amounts and penalties (the reservation price of the outside option), costs of arcs,
        resources with capacities. A demand whose penalty is ``inf`` has no outside option.
    routes
        The listed routes, each once, in the order of their demands and, within a demand, of their ways, those of a
        group together. A demand from a node to itself has the empty path. A demand of which no route is listed is left.
    way
        The way (nest) of each route, (P,), numbered from 0 without gaps in the order of the routes.
    way_scale, route_scale
        How sharply a demand chooses among its ways (where they have groups: among these) and the outside option, and
        among the routes of one way, per unit of cost, (D,), finite and above 0; that of routes is at least that of
        ways.
    delay
        What waiting costs at the resources, None where nobody waits. For an equilibrium what each unit pays itself,
        for the optimum `Delay.marginal`.
    group
        The group (upper nest) of each way, (W,), numbered from 0 without gaps in the order of the ways; None where ways
        have none: a nested logit of two levels.
    group_scale
        How sharply a demand chooses among the ways of one group, (D,), at least ``way_scale`` and at most
        ``route_scale``; None exactly where ``group`` is.
    """

    flow: FlowProblem
    routes: PathSet
    way: IntArray
    way_scale: FloatArray
    route_scale: FloatArray
    delay: Delay | None = None
    group: IntArray | None = None
    group_scale: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Curvature:
    """How use falls as prices rise, at prices near those of an answer: what a problem close by starts from.

    Attributes
    ----------
    resources
        The F resources that had a price or wanted one, (F,).
    matrix
        By how much the use of each falls with the price of each, (F, F).
    """

    resources: IntArray
    matrix: FloatArray


@dataclass(frozen=True, eq=False)
class ChoiceSolution:
    """An answer to a `ChoiceProblem`; it may be wrong, `corridors.models.choice.certificate.certify` tells.

    Attributes
    ----------
    route_flow
        Tonnes a year on each route, (P,).
    unserved
        Tonnes a year left of each demand, (D,).
    resource_price
        What a unit of each resource costs, waiting and scarcity together, (R,), at least 0.
    iterations, evaluations
        Newton steps with a curvature of their own, and how often the dual was evaluated: at the start, for each of
        them once or more, and for each step with the last curvature once more.
    seconds
        Time by step: ``build``, ``solve``, ``read``.
    termination
        Why the method ended, as for `FlowSolution`.
    curvature
        The last that was made, for a later start from this answer; None where none was made, or it is large.
    """

    route_flow: FloatArray
    unserved: FloatArray
    resource_price: FloatArray
    iterations: int
    evaluations: int
    seconds: dict[str, float]
    termination: Termination = "gap"
    curvature: Curvature | None = None

    def as_flow(self, problem: ChoiceProblem, method: str) -> FlowSolution:
        """Return the flows as an answer to the linear problem of which this is the choice, as tables read it."""
        routes = problem.routes
        return FlowSolution(
            status="feasible",
            path_demand=np.asarray(routes.demand),
            path_flow=self.route_flow,
            path_arcs=tuple(routes.arcs_of(path) for path in range(routes.size)),
            unserved=self.unserved,
            resource_price=self.resource_price,
            iterations=self.iterations,
            seconds=self.seconds,
            method=method,
            termination=self.termination,
        )
