r"""The same problem in other units, in which a solver's absolute tolerances are small beside its figures.

Tonnes run from 1e3 to 1e8, their yearly cost to 1e12, capacities from one train a day to millions of tonnes. A linear
solver has absolute tolerances near 1e-7 and works best with figures from one to a million. Every unit is a power of
two, so changing units and changing back loses no digit.

==============  =============================  ==========
symbol          name                           shape
==============  =============================  ==========
:math:`c_a`     ``cost / money``               (C, A)
:math:`d_k`     ``amount / mass``              (D,)
:math:`b_r`     ``capacity / resource``        (R,)
:math:`A_{ra}`  ``usage * mass / resource``    (R, C * A)
:math:`\mu_r`   ``resource_price / per_unit``  (R,)
==============  =============================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray
from corridors.models.problem import FlowProblem, FlowSolution

_LARGEST_AMOUNT = 2.0**17
_TYPICAL_COST = 2.0**7


@dataclass(frozen=True, eq=False)
class Units:
    """The units of the scaled problem, in those of the original.

    Attributes
    ----------
    mass
        Tonnes.
    money
        Units of cost.
    resource
        Units of each resource, (R,).
    """

    mass: float
    money: float
    resource: FloatArray


def units_of(problem: FlowProblem) -> Units:
    """Choose units that bring amounts, costs and usages near the size at which a solver works best."""
    mass = _power_of_two(float(problem.amount.max(initial=0)) / _LARGEST_AMOUNT)
    costs = problem.cost[np.isfinite(problem.cost) & (problem.cost > 0)]
    if not costs.size:
        costs = problem.penalty[np.isfinite(problem.penalty) & (problem.penalty > 0)]
    money = _power_of_two(float(np.median(costs)) / _TYPICAL_COST if costs.size else 1.0)
    largest = np.zeros(problem.resource_count)
    rows = np.repeat(np.arange(problem.resource_count), np.diff(problem.usage.indptr))
    np.maximum.at(largest, rows, np.abs(problem.usage.data))
    return Units(mass, money, np.array([_power_of_two(mass * most) for most in largest]))


def in_units(problem: FlowProblem, units: Units) -> FlowProblem:
    """Convert a problem to some units; its names and its structure stay.

    Raises
    ------
    SolverError
        If a figure would become infinite in them: an infinite cost closes the arc, and an infinite penalty makes the
        demand mandatory.
    """
    per_row = sparse.diags_array(units.mass / units.resource)
    return replace(
        problem,
        cost=in_unit("cost", problem.cost, units.money),
        amount=in_unit("amount", problem.amount, units.mass),
        penalty=in_unit("penalty", problem.penalty, units.money),
        capacity=in_unit("capacity", problem.capacity, units.resource),
        usage=sparse.csr_array(per_row @ problem.usage),
    )


def in_unit(name: str, values: FloatArray, unit: FloatArray | float) -> FloatArray:
    """Return values in a unit; raise `SolverError` if one that is finite would become infinite."""
    with np.errstate(over="ignore"):
        found: FloatArray = values / unit
    lost = np.isinf(found) & np.isfinite(values)
    if lost.any():
        raise SolverError(
            f"A {name} of {values[lost].max():.3g} is too far from the others to be solved; write a smaller one."
        )
    return found


def from_units[Solution: FlowSolution](solution: Solution, units: Units) -> Solution:
    """Convert a solution of the problem in the units to one of the original problem."""
    per_unit = units.money * units.mass / units.resource
    return replace(
        solution,
        path_flow=solution.path_flow * units.mass,
        unserved=solution.unserved * units.mass,
        resource_price=solution.resource_price * per_unit,
        price_low=solution.price_low * per_unit,
        price_high=solution.price_high * per_unit,
        ends=tuple(
            replace(
                end, capacity=float(end.capacity * units.resource[end.resource]), answer=from_units(end.answer, units)
            )
            for end in solution.ends
        ),
    )


def _power_of_two(value: float) -> float:
    return float(2.0 ** np.round(np.log2(value))) if value > 0 else 1.0
