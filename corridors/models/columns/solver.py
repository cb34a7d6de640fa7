"""The flow problem by column generation: exact, fast, and hot-started; what everybody runs.

Paths are columns, found by shortest paths at the prices of a small master problem (Dantzig & Wolfe 1960; Tomlin
1966). `corridors.models.columns.generation` takes the turns, `corridors.models.columns.master` holds the master,
`corridors.models.pricing.trees` the trees, `corridors.models.columns.warmstart` what is kept for the next problem.
`corridors.models.arcs` is the reference that it agrees with, and `corridors.models.certificate` the proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec

import numpy as np

from corridors.errors import ProblemError, SolverError
from corridors.models import ranging, scaling, threads
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.columns import warmstart
from corridors.models.columns.generation import Run
from corridors.models.columns.master import Answer
from corridors.models.columns.pool import Pool
from corridors.models.columns.reoptimiser import ColumnsReoptimiser
from corridors.models.columns.warmstart import State
from corridors.models.gap import relative_gap
from corridors.models.pricing.trees import Pricer, Pricing
from corridors.models.problem import FlowProblem, FlowSolution, Status, Termination, objective
from corridors.models.termination import Dearer, Infeasible, NoOptimum, OutOfTime, Progress, Stalled

__all__ = ["ColumnsSolution", "Progress", "State", "solve"]

_LARGE = 4_000_000  # trees by arcs: from there on scipy's searches take a second or more
_DUST = 1e-11  # of a demand: what rounding leaves on a path
_ENOUGH = 2.0**6  # times the dearest arc: a penalty that hardly anything is left at; and by how much it is raised
_CIRCLING = 1e-9  # of all amounts: what rounding leaves on circles
_SERVED = 1e-9  # the relative gap to which what must be left is found


@dataclass(frozen=True, eq=False)
class ColumnsSolution(FlowSolution):
    """A solution with what is proved of it and what the next solve can start from.

    Attributes
    ----------
    bound
        No plan costs less.
    gap
        By how much the objective may be above the optimum, relative to the objective.
    state
        Give the solution as `start` to the next `solve`.
    """

    bound: float = -np.inf
    gap: float = np.inf
    state: State | None = field(default=None, repr=False)


def solve(
    problem: FlowProblem,
    *,
    gap: float = 1e-6,
    start: FlowSolution | State | None = None,
    time_limit: float | None = None,
    ranging_for: Sequence[int] | IntArray | None = None,
    ranging_count: int = 0,
    compiled: bool | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> ColumnsSolution:
    """Solve a problem by column generation.

    It stops when the relative gap between its plan and its bound is proved, and otherwise only when its time is
    over, the user interrupts it, or rounding keeps the gap open: then the best plan so far is ``feasible``.

    Parameters
    ----------
    problem
        To be solved. Units do not matter.
    gap
        Relative gap to prove.
    start
        An earlier solution, by any method, of a problem with the same network: its paths and prices are used,
        and of a solution of this method all that can be.
    time_limit
        Seconds.
    ranging_for
        The resources whose one-sided prices are wanted, or none. Each costs up to a few more short solves.
    ranging_count
        Want them also for so many resources as are worth most: by price times capacity.
    compiled
        Whether to use compiled loops, which need numba and take half a second to load, or some ten when they are
        used for the first time. By default only large problems do, and only where numba is installed. The plans
        cost the same, but where several do, it may be another of them.
    progress
        Is told after every turn how far it is.

    Returns
    -------
    ColumnsSolution
        With the status ``optimal``, ``feasible`` or ``infeasible``. Certify it.

    Raises
    ------
    ProblemError
        If a resource whose prices are wanted does not exist, or the gap or the time is not a number above 0.
    SolverError
        If no plan was found in the time, or the solver fails.
    KeyboardInterrupt
        If it is interrupted before there is a plan.
    """
    asked = ranging.requested(problem, ranging_for)
    if not gap > 0 or (time_limit is not None and not time_limit >= 0):
        raise ProblemError(f"A gap above 0 and a time of 0 or more are needed; {gap} and {time_limit} were given.")
    wanted, limit = _large(problem) if compiled is None else compiled, np.inf if time_limit is None else time_limit
    with threads.one_thread("numpy"):
        return _solve(problem, gap, start, limit, asked, ranging_count, wanted, progress)


def _solve(
    problem: FlowProblem,
    gap: float,
    start: FlowSolution | State | None,
    time_limit: float,
    asked: list[int],
    ranging_count: int,
    compiled: bool,
    progress: Callable[[Progress], None] | None,
) -> ColumnsSolution:
    """Solve a problem, and where the solver fails beside very large penalties, with smaller ones that are as good.

    A plan that leaves nothing whose penalty was lowered costs the same at the true penalties, and what lower penalties
    prove is true of higher ones: so it is optimal for both. If it leaves any, the penalty is raised.
    """
    began = time.perf_counter()
    try:
        return _solve_once(problem, gap, start, time_limit, asked, ranging_count, compiled, progress)
    except NoOptimum as error:
        failure = error
    finite = np.isfinite(problem.penalty)
    largest = float(problem.penalty[finite].max(initial=0))
    costs = problem.cost[np.isfinite(problem.cost)]
    cap = _ENOUGH * float(costs.max(initial=0))
    while 0 < cap < largest:
        lowered = replace(problem, penalty=np.where(finite, np.minimum(problem.penalty, cap), np.inf))
        left = time_limit - (time.perf_counter() - began)
        try:
            solution = _solve_once(lowered, gap, None, max(left, 0.0), asked, ranging_count, compiled, progress)
        except NoOptimum:
            break
        if not (solution.unserved[problem.penalty > cap] > 0).any():
            return solution
        if solution.termination in ("time_limit", "interrupted"):
            apart = relative_gap(objective(problem, solution), solution.bound)
            return replace(solution, status="feasible", gap=apart)
        cap *= _ENOUGH
    raise SolverError(
        f"{failure} Its figures are too far apart: costs from {costs[costs > 0].min(initial=np.inf):.3g} to "
        f"{costs.max(initial=0):.3g} beside penalties up to {largest:.3g}. Lower the largest penalties (reservation "
        "prices): one that is above the cost of any way has the same effect."
    ) from failure


def _solve_once(
    problem: FlowProblem,
    gap: float,
    start: FlowSolution | State | None,
    time_limit: float,
    asked: list[int],
    ranging_count: int,
    compiled: bool,
    progress: Callable[[Progress], None] | None,
) -> ColumnsSolution:
    began = time.perf_counter()
    run, units, earlier, price = _prepared(problem, start, began + time_limit, compiled, progress)
    built = time.perf_counter()
    termination: Termination = "gap"
    possible = True
    prices = ranging.PriceIntervals.unknown(problem)
    try:
        _carry_out(run, gap, earlier, price)
        wanted = sorted({*asked, *_worth_ranging(run, ranging_count)})
        if wanted:
            prices = ranging.price_intervals(ColumnsReoptimiser(run, partial(_solution_of, run)), wanted)
    except Infeasible:
        possible = False
    except OutOfTime:
        termination = "time_limit"
    except Stalled:
        termination = "stalled"
    except KeyboardInterrupt:
        if not run.has_plan():
            raise
        termination = "interrupted"
    status: Status = "infeasible" if not possible else "optimal" if run.proved(gap) else "feasible"
    solved = time.perf_counter()
    solution = replace(
        _read(run, status), price_low=prices.low, price_high=prices.high, termination=termination, ends=prices.ends
    )
    bound = np.inf if status == "infeasible" else run.bound * units.mass * units.money
    basis = run.master.basis() if status == "optimal" else None
    state = State(problem, units, run.problem, run.pool, run.pricer, basis, run.price)
    seconds = {"build": built - began, "solve": solved - built, "read": time.perf_counter() - solved}
    final = scaling.from_units(solution, units)
    assert isinstance(final, ColumnsSolution)  # noqa: S101 - what replace gives is what it was given
    return replace(final, seconds=seconds, bound=bound, gap=_gap(status, run.gap), state=state)


def _gap(status: Status, gap: float) -> float:
    return np.inf if status == "infeasible" else gap


def _prepared(
    problem: FlowProblem,
    start: FlowSolution | State | None,
    deadline: float,
    compiled: bool,
    progress: Callable[[Progress], None] | None,
) -> tuple[Run, scaling.Units, State | None, FloatArray | None]:
    """Set up a run: with the state that it can go on from, if any, or else the prices that it can start at."""
    state = start if isinstance(start, State) else getattr(start, "state", None)
    moving = np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination))
    if isinstance(state, State) and warmstart.alike(problem, state.problem):
        scaled, units = warmstart.in_units_of(problem, state)
        pool = state.pool.moved(scaled)
        price = state.price
        if units is not state.units:
            was = state.units
            price = price * (was.money * was.mass / was.resource) / (units.money * units.mass / units.resource)
        pricer = _pricer(scaled, moving, compiled, state.pricer if units is state.units else None)
        return Run(scaled, moving, pool, pricer, deadline, progress, compiled), units, state, price
    units = scaling.units_of(problem)
    scaled = scaling.in_units(problem, units)
    prices: FloatArray | None = None
    pool = Pool(scaled)
    if isinstance(state, State) and warmstart.comparable(problem, state.problem):
        pool = state.pool.moved(scaled, warmstart.renumbered(state.problem, problem))
    elif isinstance(start, FlowSolution) and _fits(problem, start):
        pool = warmstart.columns_of(start, scaled)
        prices = np.maximum(start.resource_price, 0) * units.resource / (units.money * units.mass)
    pricer = _pricer(scaled, moving, compiled)
    return Run(scaled, moving, pool, pricer, deadline, progress, compiled), units, None, prices


def _pricer(problem: FlowProblem, moving: IntArray, compiled: bool, like: Pricing | None = None) -> Pricing:
    """Give what finds the paths."""
    if compiled:
        from corridors.models.pricing import compiled as compiled_trees  # brings numba

        if compiled_trees.can_take(problem):
            return compiled_trees.Forest(problem, moving, like)
    return Pricer(problem, moving, like)


def _large(problem: FlowProblem) -> bool:
    """Tell whether compiled loops are likely to save more time than it takes to load them, and are there."""
    trees = np.unique(problem.class_ * problem.node_count + problem.origin).size
    return trees * problem.arc_count >= _LARGE and find_spec("numba") is not None


def _fits(problem: FlowProblem, solution: FlowSolution) -> bool:
    """Tell whether the paths of a solution that has no state can be paths of the problem."""
    if solution.resource_price.shape != (problem.resource_count,) or solution.unserved.shape != problem.amount.shape:
        return False
    for k, arcs in zip(solution.path_demand.tolist(), solution.path_arcs, strict=True):
        if not len(arcs):
            continue
        if arcs.max() >= problem.arc_count or problem.tail[arcs[0]] != problem.origin[k]:
            return False
        joined = (problem.head[arcs[:-1]] == problem.tail[arcs[1:]]).all()
        if not joined or problem.head[arcs[-1]] != problem.destination[k]:
            return False
    return True


def _carry_out(run: Run, gap: float, state: State | None, price: FloatArray | None) -> None:
    """Take a run to its proof, and where a way out is too cheap, once more with a dearer one."""
    if price is None:
        run.begin(gap)
    else:
        closed = (run.problem.capacity <= 0) & (_capacity_of(state, run) > 0)
        run.begin_at(price, closed, state.basis if state is not None else None)
    proved_possible = False
    while True:
        try:
            return run.improve(gap)
        except Dearer:
            if not proved_possible:
                run.must_be_possible(_lower_bound)
                proved_possible = True
            run.make_dearer()


def _capacity_of(state: State | None, run: Run) -> FloatArray:
    return run.problem.capacity if state is None else state.scaled.capacity


def _lower_bound(problem: FlowProblem, deadline: float) -> float:
    """Return a lower bound on the least cost of a problem without mandatory demands, less what rounding may add."""
    moving = np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination))
    run = Run(problem, moving, Pool(problem), Pricer(problem, moving), deadline)
    run.begin(_SERVED)
    while True:
        try:
            run.improve(_SERVED)
        except Dearer:
            run.make_dearer()
            continue
        except Stalled:
            pass  # a bound is true wherever it was found
        return run.bound - run.rounding


def _worth_ranging(run: Run, count: int) -> list[int]:
    """Return the resources of a run whose one-sided prices say most, as `ranging.worth_ranging` does."""
    column, flow = np.empty(0, dtype=np.int64), np.empty(0)
    if run.plan is not None:
        column, flow = run.plan.column, run.plan.flow
    return ranging.worth_ranging(run.pool.use[column], flow, run.price, run.problem.capacity, count)


def _solution_of(run: Run, answer: Answer, price: FloatArray) -> FlowSolution:
    """Return an optimum of the master at another capacity, and its prices, as flows on paths."""
    return _solution(run, "optimal", answer.column, answer.flow, price)


def _read(run: Run, status: Status) -> ColumnsSolution:
    """Turn the columns of a run into its answer."""
    column, flow = np.empty(0, dtype=np.int64), np.empty(0)
    if status != "infeasible":
        column, flow = run.best_plan()
    return _solution(run, status, column, flow, run.price)


def _solution(run: Run, status: Status, column: IntArray, flow: FloatArray, price: FloatArray) -> ColumnsSolution:
    """Turn columns and what they carry into flows on paths, in the order of demands."""
    problem, pool = run.problem, run.pool
    unserved = problem.amount.copy()
    owner = pool.demand[column]
    circling = float(flow[owner < 0].sum())
    if circling > _CIRCLING * float(problem.amount.sum()):
        raise SolverError(
            "The optimum sends tonnes round in a circle, which no path does: "
            "a negative usage of a resource must cost more than it gives."
        )
    order = np.lexsort((column, owner))
    order = order[(flow[order] > _DUST * problem.amount[owner[order]]) & (owner[order] >= 0)]
    column, flow, owner = column[order], flow[order], owner[order]
    carried = np.bincount(owner, flow, problem.demand_count)
    flow = flow * (problem.amount[owner] / carried[owner])
    goes = pool.paths.length[column] > 0
    unserved[owner] = 0
    unserved[owner[~goes]] = flow[~goes]
    staying = np.flatnonzero((problem.origin == problem.destination) & (problem.amount > 0))
    if status != "infeasible":
        unserved[staying] = 0
    else:
        staying = staying[:0]
    none = np.empty(0, dtype=np.int64)
    return ColumnsSolution(
        status=status,
        path_demand=np.concatenate((staying, owner[goes])),
        path_flow=np.concatenate((problem.amount[staying], flow[goes])),
        path_arcs=(*(none for _ in staying), *(pool.paths.arcs_of(p) for p in column[goes].tolist())),
        unserved=unserved,
        resource_price=price,
        iterations=run.iterations,
        seconds={},
        method="columns",
    )
