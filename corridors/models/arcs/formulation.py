r"""The arc formulation of the flow problem in PuLP: the reference, to be read beside the mathematics.

Demands of one class from one origin form a group and share one flow (Ahuja, Magnanti & Orlin 1993, section 17.1).
Each block of the program is one function, whose docstring is the formula: `declare` the variables,
`add_flow_conservation`, `add_resource_limits` and `add_objective`; `build` puts them together, and
`corridors.models.arcs.solver` solves it.

=======================  ==============  =========
symbol                   name            shape
=======================  ==============  =========
:math:`g`                ``groups``      (G,)
:math:`x_{ga}`           ``flow``        (G, A_g)
:math:`u_k`              ``unserved``    (D,)
:math:`d_k`              ``amount``      (D,)
:math:`c_{ga}`           ``cost``        (C, A)
:math:`\text{pen}_k`     ``penalty``     (D,)
:math:`A_{rga}`          ``usage``       (R, C * A)
:math:`b_r`              ``capacity``    (R,)
=======================  ==============  =========
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pulp

from corridors.models.arcs.grouping import Group, groups_of
from corridors.models.arcs.labels import Labels, labels_of
from corridors.models.problem import FlowProblem

type _Terms = list[tuple[pulp.LpVariable, float]]


@dataclass(frozen=True, eq=False)
class ArcModel:
    """The formulation of one problem.

    Attributes
    ----------
    problem, groups
        What is formulated, and its demands by origin and class.
    program
        The PuLP problem. The names in it are for readers; the attributes below find its variables and rows.
    labels
        Names of nodes, arcs, classes, demands and resources in it.
    flow
        ``x_ga``, tonnes a year: for each group a variable for each of its arcs, in their order.
    unserved
        ``u_k``, tonnes a year: a variable for each demand of a group, by its number.
    limits
        The row of each resource that a group can use, by its number.
    """

    problem: FlowProblem
    groups: tuple[Group, ...]
    program: pulp.LpProblem
    labels: Labels
    flow: tuple[tuple[pulp.LpVariable, ...], ...]
    unserved: dict[int, pulp.LpVariable]
    limits: dict[int, pulp.LpConstraint] = field(default_factory=dict)

    @property
    def variables(self) -> list[pulp.LpVariable]:
        """All variables: the flows of the groups in order, and what is unserved."""
        return [x for flow in self.flow for x in flow] + list(self.unserved.values())


def declare(problem: FlowProblem) -> ArcModel:
    r"""Start a formulation with its variables: tonnes on arcs and tonnes unserved.

    .. math::

       x_{ga} \ge 0, \qquad 0 \le u_k \le d_k

    A demand that must be served (at an infinite penalty) has ``u_k <= 0``.
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
    r"""Require of every group and node that inflow less outflow is what is served there.

    With :math:`D_v` for the demands of the group that end at node :math:`v`; all of them start from its origin:

    .. math::

       \sum_{a \in \delta^-(v)} x_{ga} - \sum_{a \in \delta^+(v)} x_{ga} =
       \begin{cases}
       -\sum_{k \in g} (d_k - u_k) & v \text{ the origin of } g \\
       \sum_{k \in D_v} (d_k - u_k) & v \text{ any other node}
       \end{cases}

    where the program has the :math:`u_k` on the left-hand side.
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
    r"""Keep the use of every resource within its capacity.

    The sum is over all groups, with the usage of the group's class:

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
    r"""Minimise the cost of the flows and the penalties of what is unserved.

    .. math::

       \min \; \sum_g \sum_a c_{ga}\, x_{ga} + \sum_k \text{pen}_k\, u_k

    A demand that must be served has the coefficient 0, since its ``u_k`` is 0.
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


def _label(group: Group, labels: Labels) -> str:
    return f"{labels.node[group.origin]}.{labels.class_[group.class_]}"
