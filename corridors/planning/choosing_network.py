"""From a posed year's freight to a proved answer of shippers who choose among all routes of the network at once.

Perturbed utility (Fosgerau, Paulsen & Rasmussen 2022) lists no routes: those of the answer are one way to put its flows
on arcs on paths. Reservation prices and amounts are those of the demand; elasticities of the data are of the logit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from corridors.models.choice import perturbed
from corridors.models.choice.certificate import ChoiceCertificate, require
from corridors.models.choice.perturbed.certificate import certify
from corridors.models.choice.perturbed.solution import PerturbedSolution
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.route_set import RouteSet
from corridors.models.paths import PathSet
from corridors.network import ways
from corridors.planning.chosen import Chosen
from corridors.planning.freight import T_PER_KT
from corridors.planning.optimum import optimum
from corridors.planning.results import SMALLEST_KT
from corridors.planning.shares import tau_of
from corridors.planning.walks import walks
from corridors.text.progress import CHOICE_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from corridors.models.arrays import FloatArray
    from corridors.models.problem import FlowSolution
    from corridors.planning.freight import Freight
    from corridors.planning.settings import PlanSettings

GAP = 1e-6  # that is proved
_SOLVED = 1e-7


def choose(freight: Freight, settings: PlanSettings, tell: Callable[[str], None]) -> Chosen:
    """Let shippers choose among all routes, with proof.

    Parameters
    ----------
    freight, settings, tell
        As of `planning.choosing.choose`.

    Raises
    ------
    DataError
        If the data do not say how sharply shippers choose.
    SolverError, CertificateError
        If there is no answer, or none that is proved.
    ExtraMissing
        If numba is not installed.
    KeyboardInterrupt
        If the user interrupted it.
    """
    tell(CHOICE_STEPS[0])
    linear = optimum(freight.problem)
    tell(CHOICE_STEPS[2])
    solution = perturbed.solve(freight.problem, _scale(freight, settings), gap=_SOLVED)
    if solution.termination == "interrupted":
        raise KeyboardInterrupt
    tell(CHOICE_STEPS[3])
    made = _proved(freight, settings, _written(freight, solution))
    require(made.certificate)
    return replace(made, linear=linear)


def anew(freight: Freight, settings: PlanSettings, answer: FlowSolution) -> Chosen:
    """Take flows and prices that somebody wrote for an answer, and certify it; as `planning.choosing.anew`."""
    routes = PathSet.of(answer.path_demand, answer.path_arcs)
    found = PerturbedSolution(
        routes, answer.path_flow, answer.unserved, answer.resource_price, 0, 0, {}, answer.termination
    )
    return _proved(freight, settings, found)


def _scale(freight: Freight, settings: PlanSettings) -> FloatArray:
    """Return tau of each demand, (D,)."""
    dataset, commodities = freight.network.dataset, freight.demand["commodity"].tolist()
    if settings.tau is not None:
        return np.full(len(commodities), settings.tau)
    known = {one: tau_of(dataset, one) for one in set(commodities)}
    return np.array([known[one] for one in commodities])


def _written(freight: Freight, solution: PerturbedSolution) -> PerturbedSolution:
    """Return an answer as a folder has it: routes by their steps, each once, and none that carries but dust.

    Dust of a demand, of routes and of what it leaves, goes to its largest route.
    """
    steps, walk, routes = freight.network.arcs.id, walks(freight), solution.routes
    tonnes: dict[tuple[int, bytes], float] = {}
    arcs = {}
    for route, demand in enumerate(routes.demand.tolist()):
        taken = routes.arcs_of(route)
        read = walk(demand, steps[taken].tolist())
        taken = taken if read is None else read
        key = demand, taken.tobytes()
        arcs[key] = taken
        tonnes[key] = tonnes.get(key, 0.0) + float(solution.route_flow[route])
    demand = np.array([of for of, _ in tonnes], dtype=np.int64)
    flow, left = np.array(list(tonnes.values())), solution.unserved.copy()
    dust, little = flow / T_PER_KT < SMALLEST_KT, left / T_PER_KT <= SMALLEST_KT
    spare = np.bincount(demand[dust], flow[dust], left.size) + np.where(little, left, 0.0)
    carried = np.bincount(demand[~dust], minlength=left.size) > 0
    left[little & carried] = 0.0
    order = np.lexsort((-flow, demand))
    first = order[np.flatnonzero(np.diff(demand[order], prepend=-1))]
    first = first[carried[demand[first]]]
    flow[first] += spare[demand[first]]
    paths = PathSet.of(demand[~dust], [one for one, gone in zip(arcs.values(), dust, strict=True) if not gone])
    return replace(solution, routes=paths, route_flow=flow[~dust], unserved=left)


def _proved(freight: Freight, settings: PlanSettings, solution: PerturbedSolution) -> Chosen:
    """Return an answer with its certificate, whether it holds or not; ways are told as those of the logit."""
    problem, scale = freight.problem, _scale(freight, settings)
    proof = certify(problem, scale, solution, tolerance=GAP)
    marks = ways.marks(freight.network, settings.nests)
    listed = RouteSet.of(problem, marks, solution.routes, np.zeros(problem.demand_count))
    number = {_key(solution.routes, route): route for route in range(solution.routes.size)}
    order = np.array([number[_key(listed.routes, route)] for route in range(listed.size)], dtype=np.int64)
    answer = ChoiceSolution(
        route_flow=solution.route_flow[order],
        unserved=solution.unserved,
        resource_price=solution.resource_price,
        iterations=solution.iterations,
        evaluations=solution.rounds,
        seconds=solution.seconds,
        termination=solution.termination,
    )
    made = Chosen(
        freight=freight,
        problem=ChoiceProblem(problem, listed.routes, listed.way, scale, scale),
        solution=answer,
        certificate=ChoiceCertificate(
            proof.primal_objective,
            proof.bound,
            proof.gap,
            proof.widest_gap,
            proof.worst_demand_residual,
            proof.worst_capacity_residual,
            worst_negative=0.0,
            worst_share=float("nan"),
            holds=proof.holds,
            reasons=proof.reasons,
        ),
        words=tuple(ways.names(freight.network, listed.routes, settings.nests)),
        hours=np.zeros(problem.resource_count),
        rent=np.maximum(solution.resource_price, 0.0),
        own_value=np.zeros(problem.class_count),
        elasticities={},
        listed=False,
    )
    return replace(made, perturbation=proof.primal_objective - made.cost(problem))


def _key(routes: PathSet, route: int) -> tuple[int, bytes]:
    return int(routes.demand[route]), routes.arcs_of(route).tobytes()
