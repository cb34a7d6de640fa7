"""The flow problem by column generation: exact, fast, and hot-started; what everybody runs.

Paths are columns, found by shortest paths at the prices of a small master problem (Dantzig & Wolfe 1960; Tomlin
1966). The phases are modules, to be read in this order:

* `corridors.models.columns.warmstart` scales the problem and takes over what an earlier run left;
* `corridors.models.columns.start` makes the first master, `corridors.models.columns.master`;
* `corridors.models.columns.generation` iterates, with `corridors.models.columns.oracle` for better columns, until
  `corridors.models.columns.bounds` prove the gap;
* `corridors.models.columns.solution` turns columns into flows on paths.

`corridors.models.arcs` is the reference that it agrees with, and `corridors.models.certificate` the proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np

from corridors.errors import ProblemError, SolverError
from corridors.models import ranging, scaling, threads
from corridors.models.arrays import IntArray
from corridors.models.columns import warmstart
from corridors.models.columns.bounds import Bounds
from corridors.models.columns.generation import ColumnGeneration
from corridors.models.columns.mandatory import can_serve_mandatory
from corridors.models.columns.master import Master
from corridors.models.columns.reoptimiser import ColumnsReoptimiser, worth_most
from corridors.models.columns.solution import ColumnsSolution, best_plan, has_plan, nothing_served, solution_of
from corridors.models.columns.start import initialise, warm_start
from corridors.models.columns.warmstart import Setup, State
from corridors.models.gap import relative_gap
from corridors.models.problem import FlowProblem, FlowSolution, Status, Termination, objective
from corridors.models.scaling import Units
from corridors.models.termination import Iteration, Monitor, NoOptimum, TimeLimit

_LARGE = 4_000_000  # trees by arcs: from there on scipy's searches take a second or more
_CAP_FACTOR = 2.0**6  # times the dearest arc: a penalty that hardly anything is left at; and by how much it is raised


@dataclass(frozen=True)
class _Options:
    """What is wanted of a solve: the parameters of `solve` after it has looked at them."""

    gap: float
    ranging_for: tuple[int, ...]
    ranging_count: int
    compiled: bool
    tell: Callable[[Iteration], None] | None


def solve(
    problem: FlowProblem,
    *,
    gap: float = 1e-6,
    start: FlowSolution | State | None = None,
    time_limit: float | None = None,
    ranging_for: Sequence[int] | IntArray | None = None,
    ranging_count: int = 0,
    compiled: bool | None = None,
    progress: Callable[[Iteration], None] | None = None,
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
        Is told after every iteration how far it is.

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
    options = _Options(gap, tuple(asked), ranging_count, wanted, progress)
    with threads.one_thread("numpy"):
        return _solve(problem, options, start, time.perf_counter() + limit)


def _large(problem: FlowProblem) -> bool:
    """Tell whether compiled loops are likely to save more time than it takes to load them, and are there."""
    trees = np.unique(problem.class_ * problem.node_count + problem.origin).size
    return trees * problem.arc_count >= _LARGE and find_spec("numba") is not None


def _solve(
    problem: FlowProblem, options: _Options, start: FlowSolution | State | None, deadline: float
) -> ColumnsSolution:
    """Solve a problem, and where the solver fails beside very large penalties, with smaller ones that are as good.

    A plan that leaves nothing whose penalty was lowered costs the same at the true penalties, and what lower penalties
    prove is true of higher ones: so it is optimal for both. If it leaves any, the penalty is raised.
    """
    try:
        return _solve_once(problem, options, start, deadline)
    except NoOptimum as error:
        failure = error
    finite = np.isfinite(problem.penalty)
    largest = float(problem.penalty[finite].max(initial=0))
    costs = problem.cost[np.isfinite(problem.cost)]
    cap = _CAP_FACTOR * float(costs.max(initial=0))
    while 0 < cap < largest:
        lowered = replace(problem, penalty=np.where(finite, np.minimum(problem.penalty, cap), np.inf))
        try:
            solution = _solve_once(lowered, options, None, deadline)
        except NoOptimum:
            break
        if not (solution.unserved[problem.penalty > cap] > 0).any():
            return solution
        if solution.termination in ("time_limit", "interrupted"):
            apart = relative_gap(objective(problem, solution), solution.bound)
            return replace(solution, status="feasible", gap=apart)
        cap *= _CAP_FACTOR
    raise SolverError(
        f"{failure} Its figures are too far apart: costs from {costs[costs > 0].min(initial=np.inf):.3g} to "
        f"{costs.max(initial=0):.3g} beside penalties up to {largest:.3g}. Lower the largest penalties (reservation "
        "prices): one that is above the cost of any way has the same effect."
    ) from failure


def _solve_once(
    problem: FlowProblem, options: _Options, start: FlowSolution | State | None, deadline: float
) -> ColumnsSolution:
    """Set up, start, iterate to the gap, measure one-sided prices, and turn what was found into an answer."""
    began = time.perf_counter()
    setup = warmstart.set_up(problem, start, options.compiled)
    oracle, units = setup.oracle, setup.units
    bounds = Bounds(oracle.problem, oracle.pool)
    monitor = Monitor(deadline, _in_money_of(units, options.tell))
    built = time.perf_counter()
    intervals = ranging.PriceIntervals.unknown(problem)
    generation: ColumnGeneration | None = None
    termination: Termination | None = None  # None: there is no plan
    try:
        master = _first_master(setup, bounds, monitor, options.gap)
        if master is not None:
            generation = ColumnGeneration(oracle, master, bounds, monitor)
            termination = _solve_to_gap(generation, options.gap)
            if termination == "gap":
                intervals = _price_intervals(generation, options)
    except TimeLimit:
        termination = "time_limit"
    except KeyboardInterrupt:
        if not has_plan(oracle, bounds):
            raise
        termination = "interrupted"
    solved = time.perf_counter()
    proved = bounds.prove(options.gap)
    basis = generation.master.basis() if generation is not None and proved else None
    state = State(problem, units, oracle.problem, oracle.pool, oracle.pricer, basis, bounds.lower.price)
    if termination is None:
        scaled = nothing_served(oracle.problem, bounds.lower.price, monitor.iterations)
        answer = replace(scaling.from_units(scaled, units), bound=np.inf, gap=np.inf, state=state)
    else:
        status: Status = "optimal" if proved else "feasible"
        plan, price = best_plan(oracle, bounds), bounds.lower.price
        scaled = solution_of(oracle.problem, oracle.pool, plan, price, status, monitor.iterations)
        scaled = replace(scaled, price_low=intervals.low, price_high=intervals.high, ends=intervals.ends)
        bound = bounds.lower.value * units.mass * units.money
        answer = replace(
            scaling.from_units(scaled, units), bound=bound, gap=bounds.gap, state=state, termination=termination
        )
    seconds = {"build": built - began, "solve": solved - built, "read": time.perf_counter() - solved}
    return replace(answer, seconds=seconds)


def _first_master(setup: Setup, bounds: Bounds, monitor: Monitor, gap: float) -> Master | None:
    """Start from earlier prices if there are any, else from nothing; None if a mandatory demand has no path."""
    if setup.price is None:
        return initialise(setup.oracle, bounds, monitor, gap)
    return warm_start(setup.oracle, bounds, setup.price, setup.closed, setup.basis)


def _solve_to_gap(generation: ColumnGeneration, gap: float) -> Termination | None:
    """Iterate to the gap, and where overflow costs too little, go on with more of it; None if there is no plan.

    Raises
    ------
    TimeLimit
        If the time is over before it is known whether there is a plan.
    """
    feasible = False
    while (ending := generation.solve_to_gap(gap)) == "overflow":
        feasible = feasible or can_serve_mandatory(generation.problem, generation.monitor.deadline)
        if not feasible:
            return None
        generation.raise_overflow_cost()
    return ending


def _price_intervals(generation: ColumnGeneration, options: _Options) -> ranging.PriceIntervals:
    """Measure the one-sided prices that are wanted, in the units of the method."""
    wanted = sorted({*options.ranging_for, *worth_most(generation, options.ranging_count)})
    if not wanted:
        return ranging.PriceIntervals.unknown(generation.problem)
    return ranging.price_intervals(ColumnsReoptimiser(generation), wanted)


def _in_money_of(units: Units, tell: Callable[[Iteration], None] | None) -> Callable[[Iteration], None] | None:
    """Tell of iterations in the problem's own money; None if nobody is told."""
    if tell is None:
        return None
    money = units.mass * units.money
    return lambda one: tell(replace(one, objective=one.objective * money, bound=one.bound * money))
