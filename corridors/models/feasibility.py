r"""Whether all that must be served can be: the least that must stay unserved is itself a flow problem.

Demands with an infinite penalty are mandatory. Without costs, with their amounts alone and a penalty of 1 for each unit
unserved, the least cost is the least amount of them that no plan can serve:

.. math::

   \min \; \sum_{k \text{ mandatory}} u_k, \quad 0 \le u_k \le d_k, \quad \text{over all flows within the capacities}

All can be served if it is 0. What proves that it is not, and says why, stands in `corridors.models.infeasibility`.

=======================  =============  ======
symbol                   name           shape
=======================  =============  ======
:math:`d_k`              ``amount``     (D,)
:math:`k` mandatory      ``mandatory``  (D,)
=======================  =============  ======
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corridors.models.problem import FlowProblem


def mandatory(problem: FlowProblem) -> NDArray[np.bool_]:
    """Tell which demands must be served, ask for something and go anywhere, (D,)."""
    must: NDArray[np.bool_] = np.isinf(problem.penalty) & (problem.amount > 0) & (problem.origin != problem.destination)
    return must


def least_unserved(problem: FlowProblem, demands: NDArray[np.bool_]) -> FlowProblem:
    """Formulate the problem whose least cost is the least of some demands, (D,), that must stay unserved."""
    return replace(
        problem,
        cost=np.where(np.isfinite(problem.cost), 0.0, np.inf),
        amount=np.where(demands, problem.amount, 0.0),
        penalty=np.ones(problem.demand_count),
    )


def must_leave(problem: FlowProblem, lower_bound: Callable[[FlowProblem], float]) -> bool:
    """Tell whether some of the mandatory demands must stay unserved.

    Parameters
    ----------
    problem
        Whose demands are asked about.
    lower_bound
        Returns a lower bound on the least cost of a problem, so good that it is above 0 where the least cost is, beyond
        rounding.
    """
    must = mandatory(problem)
    return bool(must.any()) and lower_bound(least_unserved(problem, must)) > 0
