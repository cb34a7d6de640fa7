"""An instance as its file has it: the problem, what its nodes and links are called there, and what was not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corridors.models.problem import FlowProblem


@dataclass(frozen=True, eq=False)
class Instance:
    """A flow problem with the names that its file gives to everything.

    Attributes
    ----------
    problem
        As posed.
    notices
        A sentence for whatever was taken for granted or passed over although it may change the answer.
    nodes
        The id of each node, (N,); "" for a vertex that the file does not have. By default they count from 1.
    links
        The id of the link of each arc, (A,), the same for both ways of one; "" for an arc that the file does not
        have. By default the place of the arc, from 1.
    origins, destinations
        The ids of the ends of each demand, (D,): zones where demand is between zones. By default those of the nodes.
    """

    problem: FlowProblem
    notices: tuple[str, ...] = ()
    nodes: Sequence[str] = ()
    links: Sequence[str] = ()
    origins: Sequence[str] = ()
    destinations: Sequence[str] = ()

    def __post_init__(self) -> None:
        problem = self.problem
        nodes = self.nodes or problem.node_names or _counted(problem.node_count)
        usual = {
            "nodes": nodes,
            "links": problem.arc_names or _counted(problem.arc_count),
            "origins": [nodes[node] for node in problem.origin.tolist()],
            "destinations": [nodes[node] for node in problem.destination.tolist()],
        }
        for name, default in usual.items():
            object.__setattr__(self, name, getattr(self, name) or default)


def _counted(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]
