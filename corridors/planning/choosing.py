"""From a posed year's freight to a proved answer of shippers who choose among listed routes.

The routes are those of the linear optimum, those that searches find (`corridors.models.choice.generation`), and what
closing adds: at the answer's prices no demand lacks its cheapest route. Where each class pays for waiting in its own
value of time, one solves again with what it pays beyond the common value at the hours of the last answer, until the
hours agree (diagonalisation). What is proved in the end is the problem of the routes that carry freight, at the
answer's own hours, and from what a plan folder holds: `anew` proves the same from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import DataError, SolverError
from corridors.models.choice import closing, generation, solver
from corridors.models.choice.certificate import certify, require
from corridors.models.choice.problem import ChoiceSolution
from corridors.models.choice.route_set import RouteSet, mixed, route_keys
from corridors.models.fixed_point import Mixing
from corridors.models.paths import PathSet
from corridors.network import ways
from corridors.planning.chosen import Chosen
from corridors.planning.freight import T_PER_KT
from corridors.planning.optimum import optimum
from corridors.planning.results import SMALLEST_KT
from corridors.planning.settings import LOGIT
from corridors.planning.shippers import Memory, Shippers, shippers
from corridors.planning.summary import FULL
from corridors.planning.walks import read_alike, walks
from corridors.text.progress import CHOICE_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from corridors.models.arrays import FloatArray
    from corridors.models.choice.problem import ChoiceProblem
    from corridors.models.problem import FlowSolution
    from corridors.planning.freight import Freight
    from corridors.planning.settings import PlanSettings

GAP = 1e-6  # that is proved
_SOLVED = 1e-9  # that is solved for: prices are right to fewer digits than the cost is
_ROUNDS = 60
_AGREED = 1e-5  # hours: less is what prices that are solved for leave open
_NEAR = 1e-3  # hours: where no price moved any more; the certificate is at the answer's own hours
_CLEANINGS = 5


@dataclass(frozen=True, eq=False)
class Settled:
    """Listed routes and what shippers choose among them, at hours that agree with what they choose.

    Attributes
    ----------
    listed
        Routes and their ways.
    solution
        The answer.
    hours
        Waited at each resource when it was solved, (R,).
    """

    listed: RouteSet
    solution: ChoiceSolution
    hours: FloatArray


def choose(
    freight: Freight, settings: PlanSettings, tell: Callable[[str], None], memory: Memory | None = None
) -> Chosen:
    """Let shippers choose, with proof.

    Parameters
    ----------
    freight
        The posed year.
    settings
        Which model, which waiting, how sharp a choice, which nests.
    tell
        Is told each of `CHOICE_STEPS` as it begins.
    memory
        What earlier plans worked out.

    Raises
    ------
    DataError
        If the data lack what behaviour needs.
    SolverError, CertificateError
        If there is no answer, or none that is proved.
    KeyboardInterrupt
        If the user interrupted it: there is no best answer so far to be shown.
    """
    if settings.choice not in LOGIT:
        from corridors.planning import choosing_network  # as much code again, which a choice of listed routes spares

        return choosing_network.choose(freight, settings, tell)
    tell(CHOICE_STEPS[0])
    linear = optimum(freight.problem)
    tell(CHOICE_STEPS[1])
    who = shippers(freight, settings, memory)
    listed = once(who, listed_routes(who, memory).joined(linear.paths))
    tell(CHOICE_STEPS[2])
    settled = settle(who, listed)
    tell(CHOICE_STEPS[3])
    return replace(written(who, settled), linear=linear)


def written(who: Shippers, settled: Settled) -> Chosen:
    """Return a settled answer as a folder has it, with its proof.

    Raises
    ------
    SolverError, CertificateError
        If the smallest flows cannot be told from rounding, or it is not proved.
    """
    kept = only_written(who, settled)
    made = proved(who, kept.listed, kept.solution)
    require(made.certificate)
    return made


def listed_routes(who: Shippers, memory: Memory | None = None) -> RouteSet:
    """Return the routes that searches find, by costs and how sharply shippers choose: the same, found or remembered.

    Prices of the linear optimum are left to closing, which finds what is cheapest at the answer's own: so a plan with
    other capacities chooses among the same routes, whether or not an earlier one was made.
    """
    problem, widest = who.freight.problem, who.widest
    kept = None if memory is None else memory.recalled(problem, widest)
    if kept is not None:
        return RouteSet.of(problem, who.marks, kept.routes, kept.cheapest)
    found = generation.generate(problem, who.marks, widest=widest)
    if memory is not None:
        memory.listed, memory.widest = found, widest
    return found


def of_listed(settings: PlanSettings) -> None:
    """Refuse a choice among all routes of the network where one goes on from listed ones."""
    if settings.choice not in LOGIT:
        raise DataError("closures and samples go on from listed routes: ask for choice logit, or leave it out")


def once(who: Shippers, listed: RouteSet) -> RouteSet:
    """Return a route set in which routes that are one on paper stand once.

    One row of the data may stand for several arcs, such as loading onto either gauge: a plan folder knows rows, and
    shippers do not tell such routes apart.
    """
    _, rows = np.unique(who.freight.network.arcs.id, return_inverse=True)
    _, first = np.unique(mixed(route_keys(listed.routes, rows) + mixed(listed.routes.demand)), return_index=True)
    if first.size == listed.size:
        return listed
    wanted = np.zeros(listed.size, dtype=np.bool_)
    wanted[first] = True
    return RouteSet.of(listed.problem, listed.marks, listed.routes.select(wanted), listed.cheapest)


def as_read(who: Shippers, listed: RouteSet) -> RouteSet:
    """Return a route set with the arcs that whoever reads the steps of its routes finds."""
    steps, walk, routes = who.freight.network.arcs.id, walks(who.freight), listed.routes
    found = [routes.arcs_of(route) for route in range(routes.size)]
    changed = False
    for route in np.flatnonzero(~read_alike(who.freight, routes)).tolist():
        read = walk(int(routes.demand[route]), steps[found[route]].tolist())
        if read is not None and not np.array_equal(read, found[route]):
            found[route], changed = read, True
    if not changed:
        return listed
    return RouteSet.of(listed.problem, listed.marks, PathSet.of(routes.demand, found), listed.cheapest)


def settle(
    who: Shippers,
    listed: RouteSet,
    start: FloatArray | ChoiceSolution | None = None,
    hours: FloatArray | None = None,
) -> Settled:
    """Solve until no demand lacks its cheapest route at the prices, and waiting agrees with what is chosen.

    Parameters
    ----------
    who, listed
        The shippers, and routes to begin with.
    start, hours
        An earlier answer or its prices, (R,), and hours waited, (R,), to start from.

    Raises
    ------
    SolverError
        If the hours do not come to agree.
    """
    none = np.zeros(who.freight.problem.resource_count)
    hours = none if hours is None else hours
    waits = who.behaves.waits
    mixing = Mixing(none, none if waits is None else waits.hours)
    for _ in range(_ROUNDS):
        problem = who.problem(listed, hours)
        solution = solver.solve(problem, start=start, gap=_SOLVED)
        start, price = solution, solution.resource_price
        now = who.hours_at(solution.as_flow(problem, "").resource_use(problem.flow))
        apart = float(np.abs(now - hours).max(initial=0)) if who.diagonal else 0.0
        # prices that stand although the hours moved say that the rest is what the gap leaves open
        agreed = apart <= (_AGREED if solution.evaluations > 1 else _NEAR)
        more = closing.missing(problem.flow, problem.routes, price)
        closed = once(who, listed.joined(more)) if more.size else listed
        if closed.size > listed.size:
            listed = closed
        elif agreed:
            return Settled(listed, solution, hours)
        if who.diagonal:
            hours = mixing.next(hours, now)
    raise SolverError(
        "waiting and what shippers choose do not come to agree: choose with another tau, or leave out congestion"
    )


def only_written(who: Shippers, settled: Settled) -> Settled:
    """Return the answer of those routes and outside options alone that carry more than dust, as a folder has them."""
    for number in range(_CLEANINGS):
        listed, solution = settled.listed, settled.solution
        carries = solution.route_flow / T_PER_KT >= SMALLEST_KT
        penalty = _listed_penalty(who, listed, solution.unserved)
        leaves = np.isfinite(penalty) | (solution.unserved == 0)
        if number and carries.all() and leaves.all():
            return settled
        routes = listed.routes.select(carries)
        fewer = RouteSet.of(listed.problem, listed.marks, routes, listed.cheapest)
        fewer = fewer if number else as_read(who, fewer)
        problem = who.problem(fewer, settled.hours, _listed_penalty(who, fewer, solution.unserved))
        again = solver.solve(problem, start=solution, gap=_SOLVED)
        settled = Settled(fewer, again, settled.hours)
    raise SolverError("the smallest flows of the answer cannot be told from rounding: choose with a smaller tau")


def _listed_penalty(who: Shippers, listed: RouteSet, unserved: FloatArray) -> FloatArray:
    """Return reservation prices, (D,), ``inf`` where a demand has routes and leaves no more than dust."""
    has_routes = np.bincount(listed.routes.demand, minlength=unserved.size) > 0
    gone = has_routes & (unserved / T_PER_KT <= SMALLEST_KT)
    return np.where(gone, np.inf, who.freight.problem.penalty)


def proved(who: Shippers, listed: RouteSet, solution: ChoiceSolution, *, written: bool = True) -> Chosen:
    """Return an answer with its certificate, at its own hours, whether it holds or not.

    `written` says that it is for a folder, or from one: without outside options that carry dust, and ways in words.
    """
    flow = who.freight.problem
    use = solution.as_flow(who.problem(listed, np.zeros(flow.resource_count)), "").resource_use(flow)
    hours = who.hours_at(use)
    problem = who.problem(listed, hours, _listed_penalty(who, listed, solution.unserved) if written else None)
    waits = who.behaves.waits
    return Chosen(
        freight=who.freight,
        problem=problem,
        solution=solution,
        certificate=certify(problem, solution, tolerance=GAP),
        words=tuple(ways.names(who.freight.network, listed.routes, who.settings.nests)) if written else (),
        hours=hours,
        rent=_rent(problem, solution, use),
        own_value=np.zeros(flow.class_count) if waits is None else waits.own_value,
        elasticities=who.elasticities(),
    )


def listed(who: Shippers, chosen: Chosen) -> RouteSet:
    """Return the routes of an answer with their ways, to go on from."""
    return RouteSet.of(who.freight.problem, who.marks, chosen.problem.routes, who.cheapest)


def _rent(problem: ChoiceProblem, solution: ChoiceSolution, use: FloatArray) -> FloatArray:
    """Return what a unit of each resource costs beyond waiting, (R,): only what is full has a rent where one waits."""
    price, capacity, delay = np.maximum(solution.resource_price, 0.0), problem.flow.capacity, problem.delay
    if delay is None:
        return price
    share = np.clip(np.divide(use, capacity, out=np.zeros(use.size), where=capacity > 0), 0.0, 1.0)
    beyond = np.maximum(price - delay.waiting(share), 0.0)
    return np.where(delay.waits & (share < FULL), 0.0, beyond)


def anew(freight: Freight, settings: PlanSettings, answer: FlowSolution) -> Chosen:
    """Take flows and prices that somebody wrote for an answer of shippers who choose, and certify it.

    Parameters
    ----------
    freight
        The posed year.
    settings
        With what the plan is said to be made.
    answer
        Routes, each once, tonnes left and prices, as files have them.

    Raises
    ------
    DataError
        If the data lack what behaviour needs.
    """
    if settings.choice not in LOGIT:
        from corridors.planning import choosing_network  # as above

        return choosing_network.anew(freight, settings, answer)
    who = shippers(freight, settings)
    listed = RouteSet.of(who.freight.problem, who.marks, answer.paths, who.cheapest)
    tonnes = {
        (demand, arcs.tobytes()): flow
        for demand, arcs, flow in zip(answer.path_demand.tolist(), answer.path_arcs, answer.path_flow, strict=True)
    }
    routes = listed.routes
    flows = [tonnes[demand, routes.arcs_of(route).tobytes()] for route, demand in enumerate(routes.demand.tolist())]
    solution = ChoiceSolution(
        route_flow=np.array(flows, dtype=np.float64),
        unserved=answer.unserved,
        resource_price=answer.resource_price,
        iterations=0,
        evaluations=0,
        seconds={},
        termination=answer.termination,
    )
    return proved(who, listed, solution)
