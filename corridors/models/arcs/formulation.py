"""The arc formulation of the flow problem in PuLP: the reference, to be read beside the mathematics.

Demands of one class from one origin share one flow (Ahuja, Magnanti & Orlin 1993, section 17.1), so with
``g`` for such a group, ``k`` for a demand, ``a`` for an arc and ``r`` for a resource, `add_objective` states what is
minimised, `add_flow_conservation` that what arrives at a node less what leaves it is what stays there,
`add_resource_limits` that no resource is overdrawn, and `declare` the signs.

Each block is one function, and its docstring the formula. `build` puts them together, `solve` finds an optimum and
takes its flows apart into paths; `corridors.models.certificate` tells whether it is one.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pulp

from corridors.errors import ProblemError
from corridors.models import scaling
from corridors.models.arcs import decomposition, highs
from corridors.models.arcs.grouping import Group, groups_of
from corridors.models.arcs.labels import Labels, labels_of
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.certificate import certify, leave_out
from corridors.models.problem import FlowProblem, FlowSolution, PriceEnd
from corridors.models.ranging import full_and_free, usual_capacity

type _Terms = list[tuple[pulp.LpVariable, float]]


@dataclass(frozen=True, eq=False)
class ArcModel:
    """The formulation of one problem, and what stands for what in it.

    Attributes
    ----------
    problem, groups
        What is formulated, and its demands by origin and class.
    program
        The PuLP problem. Its names are for readers; things are found by the attributes below.
    labels
        What its rows and columns are named by.
    flow
        ``x_ga``, tonnes a year: for each group a variable for each of its arcs, in their order.
    unserved
        ``u_k``, tonnes a year: a variable for each demand of a group, by its number.
    limits
        The row of each resource that anything can use, by its number.
    """

    problem: FlowProblem
    groups: tuple[Group, ...]
    program: pulp.LpProblem
    labels: Labels
    flow: tuple[tuple[pulp.LpVariable, ...], ...]
    unserved: dict[int, pulp.LpVariable]
    limits: dict[int, pulp.LpConstraint] = field(default_factory=dict)


def declare(problem: FlowProblem) -> ArcModel:
    r"""Start a formulation with its variables, tonnes on arcs and tonnes left.

    .. math::

       x_{ga} \ge 0, \qquad 0 \le u_k \le d_k

    What must be served (an infinite penalty) has ``u_k <= 0``.
    """
    groups, labels = groups_of(problem), labels_of(problem)
    program = pulp.LpProblem("corridors", pulp.LpMinimize)
    flow = []
    unserved = {}
    for group in groups:
        arcs = [f"{_label(group, labels)}.{labels.arc[arc]}" for arc in group.arcs.tolist()]
        flow.append(tuple(program.add_variable_dict("flow.%s", arcs, lowBound=0).values()))
        for k in group.demands.tolist():
            most = float(problem.amount[k]) if np.isfinite(problem.penalty[k]) else 0.0
            unserved[k] = program.add_variable(f"unserved.{labels.demand[k]}", 0, most)
    return ArcModel(problem, groups, program, labels, tuple(flow), unserved)


def add_flow_conservation(model: ArcModel) -> None:
    r"""Require of every group and node that what arrives and does not leave is what is served there.

    With :math:`D_v` for the demands of the group that end at node :math:`v`; all of them begin at its origin:

    .. math::

       \sum_{a \in \delta^-(v)} x_{ga} - \sum_{a \in \delta^+(v)} x_{ga} =
       \begin{cases}
       -\sum_{k \in g} (d_k - u_k) & v \text{ the origin of } g \\
       \sum_{k \in D_v} (d_k - u_k) & v \text{ any other node}
       \end{cases}

    with the :math:`u_k` brought to the left-hand side.
    """
    problem, labels = model.problem, model.labels
    for group, flow in zip(model.groups, model.flow, strict=True):
        balance: defaultdict[int, _Terms] = defaultdict(list)
        stays: defaultdict[int, float] = defaultdict(float)
        tails, heads = problem.tail[group.arcs].tolist(), problem.head[group.arcs].tolist()
        for x, tail, head in zip(flow, tails, heads, strict=True):
            balance[head].append((x, 1.0))
            balance[tail].append((x, -1.0))
        for k in group.demands.tolist():
            for node, sign in ((int(problem.destination[k]), 1.0), (group.origin, -1.0)):
                balance[node].append((model.unserved[k], sign))
                stays[node] += sign * float(problem.amount[k])
        for node in sorted(balance):
            model.program.addConstraint(
                pulp.lpSum_vars_coefs(balance[node]) == stays[node],
                f"conservation.{_label(group, labels)}.{labels.node[node]}",
            )


def add_resource_limits(model: ArcModel) -> None:
    r"""Hold every resource within its capacity.

    Summed over all groups, and with the usage of the group's class:

    .. math::

       \sum_g \sum_a A_{rga}\, x_{ga} \le b_r

    A resource that no group can use has no row.
    """
    problem = model.problem
    taken: defaultdict[int, _Terms] = defaultdict(list)
    for group, flow in zip(model.groups, model.flow, strict=True):
        usage = problem.usage_of(group.class_)[:, group.arcs].tocoo()
        rows, columns = usage.coords
        for r, i, units in zip(rows.tolist(), columns.tolist(), usage.data.tolist(), strict=True):
            taken[r].append((flow[i], units))
    for r in sorted(taken):
        model.limits[r] = model.program.addConstraint(
            pulp.lpSum_vars_coefs(taken[r]) <= float(problem.capacity[r]), f"limit.{model.labels.resource[r]}"
        )


def add_objective(model: ArcModel) -> None:
    r"""Minimise what the flows cost and what is left unserved costs.

    .. math::

       \min \; \sum_g \sum_a c_{ga}\, x_{ga} + \sum_k \text{pen}_k\, u_k

    What must be served has no penalty, since its ``u_k`` is 0.
    """
    problem = model.problem
    terms: _Terms = []
    for group, flow in zip(model.groups, model.flow, strict=True):
        terms += zip(flow, problem.cost[group.class_, group.arcs].tolist(), strict=True)
    for k, u in model.unserved.items():
        terms.append((u, float(problem.penalty[k]) if np.isfinite(problem.penalty[k]) else 0.0))
    model.program.setObjective(pulp.lpSum_vars_coefs(terms))


def build(problem: FlowProblem) -> ArcModel:
    """Formulate a problem, in its own units."""
    model = declare(problem)
    add_flow_conservation(model)
    add_resource_limits(model)
    add_objective(model)
    return model


def solve(
    problem: FlowProblem, intervals_for: Sequence[int] | IntArray | None = None, *, dearest: int = 0
) -> FlowSolution:
    """Solve a problem by its arc formulation.

    Parameters
    ----------
    problem
        To be solved. Units do not matter: it is solved in others, in which a solver's tolerances are small.
    intervals_for
        The resources whose one-sided prices are wanted, or none. Each costs up to a few more short solves.
    dearest
        Want them also for so many resources as are worth most: by price times capacity.

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
    asked = [] if intervals_for is None else [int(r) for r in intervals_for]
    if not all(0 <= r < problem.resource_count for r in asked):
        raise ProblemError(f"Prices are asked of resources {asked}, but there are {problem.resource_count}.")
    start = time.perf_counter()
    units = scaling.units_of(problem)
    model = build(scaling.in_units(problem, units))
    built = time.perf_counter()
    variables = [x for flow in model.flow for x in flow] + list(model.unserved.values())
    outcome = highs.solve(model.program, variables, list(model.limits.values()))
    solution = _read(model, outcome)
    wanted = sorted({*asked, *_worth_most(model, solution, dearest)})
    low, high, ends = _intervals(model, variables, outcome, wanted)
    solved = time.perf_counter()
    solution = replace(solution, price_low=low, price_high=high, ends=ends)
    seconds = {"build": built - start, "solve": solved - built, "read": time.perf_counter() - solved}
    final = replace(scaling.from_units(solution, units), seconds=seconds)
    return leave_out(final, certify(problem, final)) if final.ends else final


def _label(group: Group, labels: Labels) -> str:
    return f"{labels.node[group.origin]}.{labels.class_[group.class_]}"


def _worth_most(model: ArcModel, solution: FlowSolution, count: int) -> list[int]:
    """Give the resources that are worth most, and as many closed or full ones, as `intervals.worth_most` does."""
    if solution.status != "optimal" or not count:
        return []
    problem, price = model.problem, solution.resource_price
    worth = np.where(price > 0, price, 0) * problem.capacity
    order = np.argsort(-worth, kind="stable")[:count]
    none = np.flatnonzero((price > 0) & (problem.capacity <= 0))[:count]
    use = solution.path_use(problem)
    free = full_and_free(use, solution.path_flow, price, problem.capacity, count)
    return [*(int(r) for r in order if worth[r] > 0), *none.tolist(), *free]


def _intervals(
    model: ArcModel, variables: Sequence[pulp.LpVariable], outcome: highs.Outcome, resources: Sequence[int]
) -> tuple[FloatArray, FloatArray, tuple[PriceEnd, ...]]:
    """Give the one-sided prices of some resources, (R,), NaN for the others, and what proves them."""
    low, high = np.full((2, model.problem.resource_count), np.nan)
    if outcome.status == "infeasible" or not resources:
        return low, high, ()
    for r in resources:  # what nothing can use is worth nothing
        low[r], high[r] = 0, 0 if model.problem.capacity[r] > 0 else np.nan
    limited = list(model.limits)
    used = [r for r in resources if r in model.limits]
    wanted = [limited.index(r) for r in used]
    rows = list(model.limits.values())
    if used:
        usual = usual_capacity(model.problem)
        low[used], high[used], found = highs.price_intervals(
            model.program, variables, rows, wanted, outcome.prices, usual
        )
        return low, high, tuple(PriceEnd(limited[one.row], one.limit, _read(model, one.outcome)) for one in found)
    return low, high, ()


def _read(model: ArcModel, outcome: highs.Outcome) -> FlowSolution:
    """Turn the values of variables into flows on paths, and the prices of rows into those of resources."""
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
