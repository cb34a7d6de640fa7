"""The text format of the planar and grid instances (Larsson & Yuan 2004).

It is the one in which the Operations Research group of the University of Pisa keeps them, and in which many
other instances of multicommodity flow are passed on::

    nodes
    arcs
    commodities
    tail head cost capacity        one line an arc, nodes counted from 1, a negative capacity means none
    origin destination demand      one line a commodity; a demand may be zero

Costs are per unit of flow; demands and capacities are in that same unit. Every demand must be served.
"""

from __future__ import annotations

import numpy as np

from corridors.errors import ProblemError
from corridors.exchange.numbers import UNUSED_NODES, Table, Text
from corridors.models.problem import FlowProblem

_COUNTS = ("nodes", "arcs", "commodities")
_COLUMNS = {4: ("tail", "head", "cost", "capacity"), 3: ("origin", "destination", "demand")}
_ARC = "four numbers: tail, head, cost, capacity"
_COMMODITY = "three numbers: origin, destination, demand"
_RESTORE = "restore the file, or correct the counts in its first three lines"


def read(text: Text) -> FlowProblem:
    """Read an instance.

    Raises
    ------
    DataError
        If it is not in this format; the sentence names the line.
    """
    counts = text.table(0, 1, most=len(_COUNTS) + 1)
    if len(counts.values) != len(_COUNTS):
        place = text.row_at(counts, len(_COUNTS)) if len(counts.values) > len(_COUNTS) else counts.end
        which = _COUNTS[len(counts.values)] if len(counts.values) < len(_COUNTS) else ""
        expected = f"the number of {which} alone" if which else f"an arc after the three counts, {_ARC}"
        raise text.fault(place, expected, "see that the file is whole and in the planar format")
    values = counts.values[:, 0]
    whole = (values == np.floor(values)) & (values >= (1, 0, 0)) & np.isfinite(values)
    text.require(counts, whole, "a count: nodes (1 or more), arcs, commodities", "correct the line")
    arcs = _lines(text, counts.end, 4, values[1], "arc", _ARC)
    commodities = _lines(text, arcs.end, 3, values[2], "commodity", _COMMODITY)
    if text.data[commodities.end :].strip():
        raise text.fault(commodities.end, f"the end of the file after {values[2]:.0f} commodities", _RESTORE)
    most = UNUSED_NODES + 2 * (len(arcs.values) + len(commodities.values))
    if values[0] > most:
        expected = f"at most {most} nodes for so few arcs and commodities"
        raise text.fault(0, expected, "correct the number of nodes")
    return _pose(text, int(values[0]), arcs, commodities)


def _lines(text: Text, begin: int, columns: int, count: float, noun: str, form: str) -> Table:
    """Read the lines of all arcs or commodities, and see that they are as many as were announced."""
    table = text.table(begin, columns)
    found = len(table.values)
    if found < count:
        wanted = f"{noun} {found + 1} of {count:.10g}, {form}"
        raise text.odd_cell(table.end, _COLUMNS[columns], wanted, "correct the line") or text.fault(
            table.end, wanted, _RESTORE
        )
    if found > count:
        place = text.row_at(table, int(count))
        raise text.fault(place, f"no more than {count:.10g} lines of {form}", _RESTORE)
    return table


def _pose(text: Text, nodes: int, arcs: Table, commodities: Table) -> FlowProblem:
    capacity = text.amounts(arcs, 3, "a capacity", negative=True)
    return FlowProblem.single_class(
        node_count=nodes,
        tail=text.nodes(arcs, 0, nodes, "a tail"),
        head=text.nodes(arcs, 1, nodes, "a head"),
        cost=text.amounts(arcs, 2, "a cost"),
        arc_capacity=np.where(capacity < 0, np.inf, capacity),
        origin=text.nodes(commodities, 0, nodes, "an origin"),
        destination=text.nodes(commodities, 1, nodes, "a destination"),
        amount=text.amounts(commodities, 2, "a demand"),
    )


def write(problem: FlowProblem) -> str:
    """Return a problem in this format; read again, it is the same to the last digit.

    Raises
    ------
    ProblemError
        If the format cannot say it: it knows one class of freight, arcs open to it, capacities of single arcs,
        and demands that must be served.
    """
    rows, columns = problem.usage.tocoo().coords
    plain = rows.size == problem.resource_count and np.unique(rows).size == rows.size == np.unique(columns).size
    if problem.class_count != 1 or not np.isfinite(problem.cost).all():
        raise ProblemError("The planar format knows one class of freight, to which every arc is open.")
    if not (plain and (problem.usage.data == 1).all()):
        raise ProblemError("The planar format knows no limits but capacities of single arcs, at most one an arc.")
    if np.isfinite(problem.penalty).any():
        raise ProblemError("The planar format has no price of leaving demand unserved.")
    capacity = np.full(problem.arc_count, -1.0)
    capacity[columns] = problem.capacity[rows]
    arcs = zip(problem.tail + 1, problem.head + 1, problem.cost[0].tolist(), capacity.tolist(), strict=True)
    demands = zip(problem.origin + 1, problem.destination + 1, problem.amount.tolist(), strict=True)
    counts = [problem.node_count, problem.arc_count, problem.demand_count]
    lines = [*map(str, counts), *(" ".join(map(str, row)) for row in [*arcs, *demands])]
    return "\n".join(lines) + "\n"
