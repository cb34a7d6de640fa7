"""Instances of flow with answers found apart from the program: exact ones in whole numbers, others by another model.

A network of one demand with whole costs, capacities and amounts is solved by the network simplex of networkx in whole
numbers, so its optimum is exact however large they are; several demands without capacities are shortest paths. All
else goes to scipy as one linear problem, if its figures are of like size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import networkx as nx
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

INFEASIBLE = "infeasible"
WIDEST = 1e7  # between the least and the largest figure, for what floating-point numbers are trusted with


@dataclass(frozen=True)
class Instance:
    """Arcs (tail, head, cost, capacity or None) with groups that share a capacity, and demands (from, to, amount)."""

    arcs: tuple[tuple[str, str, float, float | None], ...]
    demands: tuple[tuple[str, str, float], ...]
    pairs: tuple[tuple[int, int], ...] = ()  # arcs that share the capacity of the first


@dataclass(frozen=True)
class Whole:
    """An instance in whole numbers, whose costs are in 10 ** cost_power and amounts in 10 ** amount_power."""

    nodes: int
    arcs: tuple[tuple[int, int, int, int | None], ...]
    demands: tuple[tuple[int, int, int], ...]
    cost_power: int
    amount_power: int

    def optimum(self, price: int | None = None) -> tuple[Fraction, Fraction] | None:
        """Return the least cost, exactly, and how much of it nobody can avoid; None if not everything can be served.

        With a price, in the unit of costs, demand may be left for so much a unit; what has no way must be left.
        """
        whole = self._one(price) if len(self.demands) == 1 else self._paths(price)
        power = Fraction(10) ** (self.cost_power + self.amount_power)
        return None if whole is None else (whole[0] * power, whole[1] * power)

    def _one(self, price: int | None) -> tuple[int, int] | None:
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(self.nodes), demand=0)
        (origin, destination, amount), *_ = self.demands
        if origin == destination:
            return 0, 0
        graph.nodes[origin]["demand"], graph.nodes[destination]["demand"] = -amount, amount
        left = [] if price is None else [(origin, destination, price, None)]
        for tail, head, cost, capacity in [*self.arcs, *left]:
            if tail != head:
                graph.add_edge(tail, head, weight=cost, capacity=amount if capacity is None else capacity)
        try:
            return int(nx.network_simplex(graph)[0]), 0
        except nx.NetworkXUnfeasible:
            return None

    def _paths(self, price: int | None) -> tuple[int, int] | None:
        graph = nx.DiGraph()
        graph.add_nodes_from(range(self.nodes))
        for tail, head, cost, _ in self.arcs:
            if not graph.has_edge(tail, head) or graph.edges[tail, head]["weight"] > cost:
                graph.add_edge(tail, head, weight=cost)
        whole = unavoidable = 0
        for origin, destination, amount in self.demands:
            if nx.has_path(graph, origin, destination):
                cost = int(nx.dijkstra_path_length(graph, origin, destination))
                whole += amount * (cost if price is None else min(cost, price))
            elif price is not None:
                unavoidable += amount * price
            elif amount:
                return None
        return whole + unavoidable, unavoidable


def judged(instance: Instance) -> float | str | None:
    """Solve an instance as one linear problem: the least cost, `INFEASIBLE`, or None where nothing can be said."""
    costs = [arc[2] for arc in instance.arcs]
    amounts = [demand[2] for demand in instance.demands] + [arc[3] for arc in instance.arcs if arc[3] is not None]
    if not (_alike(costs) and _alike(amounts)):
        return None
    demands = [one for one in instance.demands if one[0] != one[1] and one[2] > 0]
    if not demands:
        return 0.0
    money, mass = max([*map(abs, costs), 0.0]) or 1.0, max(demand[2] for demand in demands)
    ends_of = [end for arc in instance.arcs for end in arc[:2]] + [end for one in demands for end in one[:2]]
    nodes = {name: number for number, name in enumerate(dict.fromkeys(ends_of))}
    origins = list(dict.fromkeys(one[0] for one in demands))
    count = len(instance.arcs)
    ends = np.array([[nodes[arc[0]], nodes[arc[1]]] for arc in instance.arcs], dtype=np.int64).reshape(-1, 2)
    balance = np.zeros((len(origins), len(nodes)))
    for one, other, amount in demands:
        balance[origins.index(one), nodes[one]] += amount / mass
        balance[origins.index(one), nodes[other]] -= amount / mass
    rows = np.concatenate([ends.T.ravel() + number * len(nodes) for number in range(len(origins))])
    columns = np.concatenate([np.tile(np.arange(count), 2) + number * count for number in range(len(origins))])
    signs = np.tile(np.repeat([1.0, -1.0], count), len(origins))
    shape = (len(origins) * len(nodes), len(origins) * count)
    limited = [number for number, arc in enumerate(instance.arcs) if arc[3] is not None]
    shared = {number: {number, *(other for one, other in instance.pairs if one == number)} for number in limited}
    use = [
        (row, arc + number * count)
        for row, one in enumerate(limited)
        for arc in shared[one]
        for number in range(len(origins))
    ]
    usage = coo_array(
        (np.ones(len(use)), np.array(use, dtype=np.int64).reshape(-1, 2).T), shape=(len(limited), shape[1])
    )
    if not count:
        return INFEASIBLE
    found = linprog(
        np.tile(np.array(costs) / money, len(origins)),
        A_eq=coo_array((signs, (rows, columns)), shape=shape).tocsr(),
        b_eq=balance.ravel(),
        A_ub=usage.tocsr() if limited else None,
        b_ub=np.array([float(instance.arcs[one][3] or 0) / mass for one in limited]) if limited else None,
    )
    if found.status == 2:
        return INFEASIBLE
    return float(found.fun) * money * mass if found.status == 0 else None


def _alike(figures: Iterable[float]) -> bool:
    """Tell whether figures are of like size, zeros aside."""
    sizes = [abs(one) for one in figures if one]
    return all(np.isfinite(sizes)) and (not sizes or max(sizes) <= WIDEST * min(sizes))
