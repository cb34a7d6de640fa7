r"""Bounds on a linear function of the flow, each as one more resource: an emissions budget, a share through a port.

An upper bound :math:`F`, with :math:`f_{ga}` for what a tonne adds; and a least share :math:`s` of the flow on the arcs
:math:`W` that must take the arcs :math:`V`:

.. math::

   \sum_g \sum_a f_{ga}\, x_{ga} \le F, \qquad
   \sum_g \left( s \sum_{a \in W} x_{ga} - \sum_{a \in V} x_{ga} \right) \le 0

Such a row has a price like any other: the rate at which relaxing the bound saves money.

======================  ==================  ======
symbol                  name                shape
======================  ==================  ======
:math:`f_{ga}`          ``per_tonne``       (C, A)
:math:`F`               ``limit``           ()
:math:`s`               ``share``           ()
:math:`V`               ``part``            (A,)
:math:`W`               ``whole``           (A,)
======================  ==================  ======
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowProblem


def at_most(problem: FlowProblem, per_tonne: NDArray[np.float64], limit: float, name: str) -> FlowProblem:
    """Bound a linear function of the flow from above.

    Parameters
    ----------
    problem
        To which the row is added; it stays as it is.
    per_tonne
        What one tonne of a class adds on an arc, (C, A). Negative values are allowed as long as no cycle then has a
        negative cost.
    limit
        Upper bound on the sum, at least 0.
    name
        Of the row, for people.

    Raises
    ------
    ProblemError
        If the shape is wrong or the limit negative.
    """
    expected = (problem.class_count, problem.arc_count)
    if per_tonne.shape != expected:
        raise ProblemError(
            f"The coefficients of '{name}' have the shape {per_tonne.shape}, but {expected} was expected."
        )
    row = sparse.csr_array(np.where(np.isfinite(problem.cost), per_tonne, 0.0).reshape(1, -1))
    names = problem.resource_names or tuple(f"r{number}" for number in range(problem.resource_count))
    return replace(
        problem,
        usage=sparse.vstack([problem.usage, row], format="csr"),
        capacity=np.append(problem.capacity, limit),
        resource_names=(*names, name),
    )


def at_least_share(
    problem: FlowProblem, part: NDArray[np.bool_], whole: NDArray[np.bool_], share: float, name: str
) -> FlowProblem:
    """Require that of the flow on the arcs `whole` at least a share is on the arcs `part`.

    Parameters
    ----------
    problem
        To which the row is added; it stays as it is.
    part, whole
        Which arcs count, (A,).
    share
        Between 0 and 1. An arc may be in both.
    name
        Of the row, for people.

    Raises
    ------
    ProblemError
        If the share is not between 0 and 1.
    """
    if not 0.0 <= share <= 1.0:
        raise ProblemError(f"The share of '{name}' is {share:g}; a share lies between 0 and 1.")
    per_arc = share * whole.astype(np.float64) - part.astype(np.float64)
    per_tonne = np.broadcast_to(per_arc, (problem.class_count, problem.arc_count)).copy()
    return at_most(problem, per_tonne, 0.0, name)
