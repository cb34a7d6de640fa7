"""Solvers that share nothing with the methods: network simplex of networkx, and CBC."""

from __future__ import annotations

import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import pulp

from corridors.exchange import programs
from corridors.models.arcs.grouping import groups_of
from corridors.models.problem import FlowProblem


def by_network_simplex(problem: FlowProblem) -> float | None:
    """Return the least cost of a problem of one commodity in integers, or None where there is no flow."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(problem.node_count), demand=0)
    capacity = np.full(problem.arc_count, np.inf)
    capacity[problem.usage.indices] = problem.capacity
    for tail, head, cost, most in zip(problem.tail, problem.head, problem.cost[0], capacity, strict=True):
        limit = {} if np.isinf(most) else {"capacity": int(most)}
        graph.add_edge(int(tail), int(head), weight=int(cost), **limit)
    for origin, destination, amount in zip(problem.origin, problem.destination, problem.amount, strict=True):
        graph.nodes[int(origin)]["demand"] -= int(amount)
        graph.nodes[int(destination)]["demand"] += int(amount)
    try:
        return float(nx.network_simplex(graph)[0])
    except nx.NetworkXUnfeasible:
        return None


def by_cbc(problem: FlowProblem) -> float | None:
    """Return the least cost that CBC finds, or None where the problem is infeasible."""
    if not groups_of(problem):
        return 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.mps"
        programs.write(problem, path)
        _, program = pulp.LpProblem.fromMPS(str(path))
    stats = program.solve(pulp.COIN_CMD(msg=False))  # type: ignore[no-untyped-call]
    if stats.status == pulp.LpSolveStatus.Infeasible:
        return None
    assert stats.status == pulp.LpSolveStatus.Optimal
    assert stats.objective is not None
    return float(stats.objective)
