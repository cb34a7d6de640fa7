"""Shortest paths are shortest: against networkx, and in the cases that graph libraries get wrong."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from instances import shared_resources

from corridors.errors import ProblemError, SolverError
from corridors.models import shortest
from corridors.models.problem import FlowProblem


def network(arcs: list[tuple[int, int, float]], nodes: int = 4) -> FlowProblem:
    tail, head, cost = zip(*arcs, strict=True)
    return FlowProblem.single_class(nodes, tail, head, cost, np.full(len(arcs), np.inf), [0], [1], [1])


def graph_of(problem: FlowProblem, class_: int) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(problem.node_count))
    for tail, head, cost in zip(problem.tail, problem.head, problem.cost[class_], strict=True):
        if np.isfinite(cost):
            graph.add_edge(int(tail), int(head), weight=float(cost))
    return graph


@given(shared_resources())
@settings(deadline=None)
def test_distances_and_paths_agree_with_networkx(problem: FlowProblem) -> None:
    origins = np.arange(problem.node_count)
    for class_ in range(problem.class_count):
        cost = problem.cost[class_]
        distance, last_arc = shortest.trees(problem, class_, cost, origins)
        assert np.array_equal(distance, shortest.distances(problem, class_, cost, origins))
        for origin in origins.tolist():
            expected = nx.single_source_dijkstra_path_length(graph_of(problem, class_), origin)
            for node in range(problem.node_count):
                assert distance[origin, node] == expected.get(node, np.inf)
                if node in expected:
                    arcs = shortest.path_to(problem, last_arc[origin], origin, node)
                    assert cost[arcs].sum() == expected[node]
                    ends = [origin, *problem.head[arcs].tolist()]
                    assert problem.tail[arcs].tolist() == ends[:-1]
                    assert ends[-1] == node


@given(shared_resources())
@settings(deadline=None)
def test_cost_to_go_is_the_cheapest_end(problem: FlowProblem) -> None:
    destinations = problem.destination
    fee = np.arange(problem.demand_count, dtype=float)
    every = shortest.distances(problem, 0, problem.cost[0], np.arange(problem.node_count))
    to_go = shortest.cost_to_go(problem, 0, destinations, fee)
    expected = (every[:, destinations] + fee).min(axis=1, initial=np.inf)
    assert np.array_equal(to_go, expected)


def test_the_cheapest_of_parallel_arcs_is_taken() -> None:
    problem = network([(0, 1, 5.0), (0, 1, 2.0), (0, 1, 2.0), (1, 2, 1.0)])
    distance, last_arc = shortest.trees(problem, 0, problem.cost[0], np.array([0]))
    assert distance[0, 2] == 3
    assert shortest.path_to(problem, last_arc[0], 0, 2).tolist() == [1, 3]


def test_arcs_of_zero_cost_are_arcs() -> None:
    problem = network([(0, 1, 0.0), (1, 2, 0.0), (2, 0, 0.0), (2, 3, 0.0)])
    distance, last_arc = shortest.trees(problem, 0, problem.cost[0], np.array([0]))
    assert distance[0].tolist() == [0, 0, 0, 0]
    assert shortest.path_to(problem, last_arc[0], 0, 3).tolist() == [0, 1, 3]


def test_a_closed_arc_is_not_used_even_if_a_price_is_given_for_it() -> None:
    problem = network([(0, 1, np.inf), (0, 2, 1.0), (2, 1, 1.0)])
    distance = shortest.distances(problem, 0, np.array([0.0, 1.0, 1.0]), np.array([0]))
    assert distance[0, 1] == 2
    assert shortest.distances(problem, 0, np.array([0.0, np.inf, 1.0]), np.array([0]))[0, 1] == np.inf


def test_what_cannot_be_reached_is_infinitely_far_and_has_no_path() -> None:
    problem = network([(0, 1, 1.0), (3, 2, 1.0)])
    distance, last_arc = shortest.trees(problem, 0, problem.cost[0], np.array([0]))
    assert distance[0].tolist() == [0, 1, np.inf, np.inf]
    assert last_arc[0].tolist() == [-1, 0, -1, -1]
    with pytest.raises(ProblemError, match="Node 2 cannot be reached from node 0"):
        shortest.path_to(problem, last_arc[0], 0, 2)


def test_the_path_from_a_node_to_itself_is_empty() -> None:
    problem = network([(0, 0, 0.0), (0, 1, 1.0)])
    _, last_arc = shortest.trees(problem, 0, problem.cost[0], np.array([0]))
    assert shortest.path_to(problem, last_arc[0], 0, 0).size == 0


def test_no_origins_give_no_rows() -> None:
    problem = network([(0, 1, 1.0)])
    nobody = np.empty(0, dtype=np.int64)
    assert shortest.distances(problem, 0, problem.cost[0], nobody).shape == (0, 4)
    assert [part.shape for part in shortest.trees(problem, 0, problem.cost[0], nobody)] == [(0, 4), (0, 4)]


def test_negative_costs_are_counted() -> None:
    problem = network([(0, 1, 4.0), (1, 2, 1.0), (0, 2, 2.0), (2, 3, 0.0)])
    arc_cost = np.array([4.0, -3.0, 2.0, 0.0])
    distance, last_arc = shortest.trees(problem, 0, arc_cost, np.array([0]))
    assert distance[0].tolist() == [0, 4, 1, 1]
    assert shortest.path_to(problem, last_arc[0], 0, 3).tolist() == [0, 1, 3]


def test_a_circle_that_pays_is_an_error() -> None:
    problem = network([(0, 1, 1.0), (1, 0, 1.0)])
    with pytest.raises(SolverError, match="going round in a circle pays"):
        shortest.distances(problem, 0, np.array([1.0, -2.0]), np.array([0]))


@pytest.mark.parametrize("wrong", [np.nan, -np.inf])
def test_a_cost_that_cannot_be_added_up_is_an_error(wrong: float) -> None:
    problem = network([(0, 1, 1.0), (1, 2, 1.0)])
    with pytest.raises(ProblemError, match="cost of arc 1"):
        shortest.distances(problem, 0, np.array([1.0, wrong]), np.array([0]))
