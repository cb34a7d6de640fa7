"""Why not all can be served, in the words and the ids of the file that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from corridors.exchange.instances import Instance
from corridors.exchange.numbers import many
from corridors.models.arrays import IntArray
from corridors.models.cuts import Cut
from corridors.models.infeasibility import Infeasibility

_NAMED = 5  # of a long list, in a sentence


def document(instance: Instance, why: Infeasibility) -> dict[str, Any]:
    """Return the proof as JSON has it.

    Returns
    -------
    dict
        ``no_way``, the demands without a path; ``cut``, None or what is too small for the others: its ``links``,
        each with its capacity and weight, their weighted ``capacity``, the ``demand`` that must pass, the ``demands``
        that it is the sum of, and, if a set of nodes is cut off, the nodes that the links lead ``out_of`` or ``into``.
    """
    return {"no_way": _demands(instance, why.no_way), "cut": None if why.cut is None else _cut(instance, why.cut)}


def sentence(instance: Instance, why: Infeasibility) -> str:
    """Return the proof as a sentence."""
    told = document(instance, why)
    said = []
    if told["no_way"]:
        total = sum(one["amount"] for one in told["no_way"])
        ways = f"{many(len(told['no_way']), 'demand')} ({total:.10g})"
        said.append(f"there is no way for {ways}: {_listed(_pairs(told['no_way']))}")
    if told["cut"]:
        said.append(_of_cut(told["cut"]))
    return "; ".join(said)


def _of_cut(cut: dict[str, Any]) -> str:
    sides = [("out of", "out_of", "leave"), ("into", "into", "enter")]
    side = next(((words, cut[key], verb) for words, key, verb in sides if key in cut), None)
    figures = f"{cut['capacity']:.10g}", f"{cut['demand']:.10g}"
    count = len(cut["links"])
    if side is None:
        links = _listed([f"{_link(one)}, weight {one['weight']:.4g})" for one in cut["links"]])
        return f"{count} links are too small together: at these weights {figures[1]} is needed and there is " + (
            f"{figures[0]}: {links}"
        )
    words, nodes, verb = side
    links = _listed([f"{_link(one)})" for one in cut["links"]]) or "none"
    lead = f"the {many(count, 'limited link')} {words} {_listed(nodes)}"
    return f"{figures[1]} must {verb} and {figures[0]} can, by {lead}: {links}"


def _link(one: dict[str, Any]) -> str:
    ends = f", {one['from']} > {one['to']}" if one["from"] is not None else ""
    return f"{one['link']}{ends} (capacity {one['capacity']:.10g}"


def _pairs(demands: Sequence[dict[str, Any]]) -> list[str]:
    return [f"{one['origin']} > {one['destination']} ({one['amount']:.10g})" for one in demands]


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _demands(instance: Instance, demands: IntArray) -> list[dict[str, Any]]:
    amount = instance.problem.amount
    return [
        {"origin": instance.origins[k], "destination": instance.destinations[k], "amount": float(amount[k])}
        for k in demands.tolist()
    ]


def _cut(instance: Instance, cut: Cut) -> dict[str, Any]:
    told: dict[str, Any] = {
        "links": [_resource(instance, cut, r) for r in cut.resources.tolist()],
        "capacity": cut.capacity,
        "demand": cut.demand,
        "demands": _demands(instance, cut.demands),
    }
    if cut.inside is not None:
        out = np.count_nonzero(cut.inside) * 2 <= cut.inside.size
        side = np.flatnonzero(cut.inside if out else ~cut.inside)
        names = dict.fromkeys(instance.nodes[node] for node in side.tolist())
        told["out_of" if out else "into"] = [name for name in names if name]
    return told


def _resource(instance: Instance, cut: Cut, resource: int) -> dict[str, Any]:
    """Describe a resource of a cut: by its own name, or by the name and ends of the one link that it limits."""
    problem = instance.problem
    arcs = np.unique(problem.usage[[resource]].indices % problem.arc_count)
    if cut.inside is not None:
        arcs = arcs[cut.inside[problem.tail[arcs]] & ~cut.inside[problem.head[arcs]]]
    names = {instance.links[arc] for arc in arcs.tolist()}
    ends: tuple[str | None, str | None] = (None, None)
    if len(names) == 1:
        ends = instance.nodes[problem.tail[arcs[0]]], instance.nodes[problem.head[arcs[0]]]
    own = problem.resource_names[resource] if problem.resource_names else None
    name = own or (names.pop() if len(names) == 1 else f"limit {resource + 1}")
    figures = {"capacity": float(problem.capacity[resource]), "weight": float(cut.weight[resource])}
    return {"link": name, "from": ends[0], "to": ends[1]} | figures
