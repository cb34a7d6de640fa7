"""The arc formulation solved, and its answer read: paths of the flows on arcs, and prices of the resources."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from corridors.models import ranging, scaling
from corridors.models.arcs import decomposition, highs
from corridors.models.arcs.formulation import ArcModel, build
from corridors.models.arcs.highs import Outcome, WarmSolver
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.certificate import certify, leave_out
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.models.ranging import Optimum, PriceIntervals


def solve(
    problem: FlowProblem, ranging_for: Sequence[int] | IntArray | None = None, *, ranging_count: int = 0
) -> FlowSolution:
    """Solve a problem by its arc formulation.

    Parameters
    ----------
    problem
        To be solved. Units do not matter: it is solved in others, in which a solver's tolerances are small.
    ranging_for
        The resources whose one-sided prices are wanted, or none. Each costs up to a few more short solves.
    ranging_count
        Want them also for so many resources of the highest rent, as `corridors.models.ranging.worth_ranging` chooses.

    Returns
    -------
    FlowSolution
        With the status ``optimal`` or ``infeasible``. Certify it.

    Raises
    ------
    ProblemError
        If a resource whose prices are wanted does not exist.
    SolverError
        If the solver gives no answer.
    """
    wanted = ranging.requested(problem, ranging_for)
    start = time.perf_counter()
    units = scaling.units_of(problem)
    model = build(scaling.in_units(problem, units))
    built = time.perf_counter()
    outcome = highs.solve(model.program, model.variables, list(model.limits.values()))
    solution = _solution_of(model, outcome)
    if outcome.status == "optimal":
        prices = _intervals(model, outcome, sorted({*wanted, *_worth_ranging(model, solution, ranging_count)}))
        solution = replace(solution, price_low=prices.low, price_high=prices.high, ends=prices.ends)
    solved = time.perf_counter()
    seconds = {"build": built - start, "solve": solved - built, "read": time.perf_counter() - solved}
    final = replace(scaling.from_units(solution, units), seconds=seconds)
    return leave_out(final, certify(problem, final)) if final.ends else final


def _worth_ranging(model: ArcModel, solution: FlowSolution, count: int) -> list[int]:
    """Return the resources of an answer whose one-sided prices say most, as `ranging.worth_ranging` does."""
    if not count:
        return []
    use = solution.path_use(model.problem)
    return ranging.worth_ranging(use, solution.path_flow, solution.resource_price, model.problem.capacity, count)


def _intervals(model: ArcModel, outcome: Outcome, resources: Sequence[int]) -> PriceIntervals:
    """Measure the one-sided prices of some resources."""
    return (
        ranging.price_intervals(ArcReoptimiser(model, outcome), resources)
        if resources
        else (PriceIntervals.unknown(model.problem))
    )


class ArcReoptimiser:
    """A solved arc formulation, as `corridors.models.ranging.Reoptimiser` describes it.

    A resource that no group can use has no row in the formulation; its price is 0, and nothing of it is taken.

    Parameters
    ----------
    model
        As `build` made it, solved.
    outcome
        Its optimum.
    """

    def __init__(self, model: ArcModel, outcome: Outcome) -> None:
        self._model, self._resources = model, list(model.limits)
        self.problem, self.objective = model.problem, outcome.objective
        self.price, self.use = self._by_resource(outcome.prices), np.zeros(self.problem.resource_count)
        if self._resources:
            self._solver = WarmSolver(model.program, model.variables, list(model.limits.values()))
            self.use = self._by_resource(self._solver.activity())

    def resolve_at_capacity(self, resource: int, capacity: float) -> Optimum | None:
        """Solve with another capacity of a resource; return None where no plan exists then."""
        outcome = self._solver.resolve(self._resources.index(resource), capacity)
        if outcome is None:
            return None
        return Optimum(outcome.objective, self._by_resource(outcome.prices), lambda: _solution_of(self._model, outcome))

    def restore_capacity(self, resource: int) -> None:
        """Set the capacity of a resource back to what it is in the problem."""
        if resource in self._resources:
            self._solver.restore(self._resources.index(resource))

    def _by_resource(self, by_row: FloatArray) -> FloatArray:
        """Return figures of rows as those of all resources, (R,), 0 where a resource has no row."""
        figures = np.zeros(self.problem.resource_count)
        figures[self._resources] = by_row
        return figures


def _solution_of(model: ArcModel, outcome: Outcome) -> FlowSolution:
    """Return the values of variables as flows on paths, and the prices of rows as those of resources."""
    problem = model.problem
    price = np.zeros(problem.resource_count)
    if outcome.status == "infeasible":
        flows: list[FloatArray] = [np.zeros(group.arcs.size) for group in model.groups]
        unserved = problem.amount.copy()
    else:
        price[list(model.limits)] = outcome.prices
        *flows, left = np.split(outcome.values, np.cumsum([len(flow) for flow in model.flow]))
        unserved = np.zeros(problem.demand_count)
        unserved[list(model.unserved)] = left
    paths, unserved = decomposition.decompose(problem, model.groups, flows, unserved)
    return FlowSolution(
        status=outcome.status,
        path_demand=np.array([path.demand for path in paths], dtype=np.int64),
        path_flow=np.array([path.flow for path in paths], dtype=np.float64),
        path_arcs=tuple(path.arcs for path in paths),
        unserved=unserved,
        resource_price=price,
        iterations=outcome.iterations,
        seconds={},
        method="arcs",
    )
