"""Every check of a plan folder, and its proof.

The network is built from the data, the problem posed with the summary's settings, and the flows and prices of the
folder are taken for an answer that nobody vouches for. Its certificate (`corridors.models.certificate`) proves
balance, capacities, cost and bound; reading it as `corridors.planning` does gives every other figure, to be compared
with the one that is written. The two ends of a shadow price are found and proved again, by solving on either side; an
end that is left out says less and is no fault. What remains are the words on how the plan was made (method, how it
ended, versions, seconds), for which only the digests stand.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import CorridorsError, DataError
from corridors.frames import rows
from corridors.models.certificate import Certificate, certify, leave_out
from corridors.models.problem import FlowSolution
from corridors.planning import planner
from corridors.planning.freight import T_PER_KT
from corridors.planning.planner import GAP, TABLES, Plan
from corridors.planning.sameness import SAME, Difference, same_summary, same_table
from corridors.planning.settings import PlanSettings
from corridors.planning.summary import FULL
from corridors.planning.walks import walks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from corridors.models.choice.certificate import ChoiceCertificate
    from corridors.network.network import Network
    from corridors.planning.freight import Freight

UNPROVED = ("method", "termination", "versions", "seconds")  # of the summary: how the plan was made
DIGEST = "SHA-256 of "  # how the checks of the files begin
SAME_END = 1e-6  # relative to the high price: two ways to find one end of a price agree that far
_ROUNDED = 1e-9  # relative: between a price and an end of it that is the same price


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes
    ----------
    check
        What it is about.
    figure, allowed
        By how much it is off, and by how much it may be, in the figure's own measure; NaN where it has none.
    holds
        Whether it does.
    detail
        What was counted, or in what place it fails: found and expected.
    """

    check: str
    figure: float
    allowed: float
    holds: bool
    detail: str


@dataclass(frozen=True)
class Verification:
    """What was checked of a plan folder, in order."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether every check does."""
        return all(check.holds for check in self.checks)

    def require(self, folder: object) -> None:
        """Raise `DataError` with the first check that does not hold, if there is one; a digest says least."""
        failed = sorted((one for one in self.checks if not one.holds), key=lambda one: one.check.startswith(DIGEST))
        if failed:
            more = f" (and {len(failed) - 1} more checks fail)" if len(failed) > 1 else ""
            raise DataError(
                f"{folder} is not a proven plan: {failed[0].check}: {failed[0].detail}{more}; plan anew, or see "
                "corridors verify"
            )


def verify(plan: Plan, network: Network, held: Sequence[Check] = (), derived: Collection[str] = ()) -> Verification:
    """Prove a plan that was read from a folder, and everything that it shows.

    Parameters
    ----------
    plan
        As `planning.plan_folder.read` gives it: its columns and kinds are known to be sound, its figures are not.
    network
        The network that it was made on (`planning.plan_folder.rebuilt`).
    held
        What was checked before, to come first.
    derived
        Columns and tables that the folder, of an older form, does not have.
    """
    try:
        settings = PlanSettings.of(plan.summary)
        freight = _posed(plan, network, settings)
        solution = _answer(plan, freight)
        # the ends of prices are judged below, by solving again
        bare = replace(solution, price_low=np.empty(0), price_high=np.empty(0))
        proof, again = _judged(plan, freight, settings, solution, bare)
    except CorridorsError as error:
        return Verification(
            (*held, Check("the answer can be read", math.nan, math.nan, holds=False, detail=str(error)))
        )
    checks = [*held, *_proven(plan, proof)]
    if proof.holds:
        checks += _same(plan, freight, solution, again(), derived)
        checks += [] if settings.chooses else [_ends(plan, freight, bare)]
    return Verification(tuple(checks))


def completed(plan: Plan, network: Network, derived: Collection[str]) -> Plan:
    """Return a proven plan of an older form with the columns and tables that its folder does not have."""
    settings = PlanSettings.of(plan.summary)
    freight = _posed(plan, network, settings)
    solution = _answer(plan, freight)
    bare = replace(solution, price_low=np.empty(0), price_high=np.empty(0))
    made = _judged(plan, freight, settings, solution, bare)[1]()
    changed: dict[str, Any] = {name: getattr(made, name) for name in TABLES if name in derived}
    for name, key in (("corridors", "corridor"), ("bottlenecks", "resource")):
        table, anew = getattr(plan, name), getattr(made, name).set_index(key)
        lacking = [column for column in anew.columns if column in derived]
        of_rows = anew.loc[table[key].tolist(), lacking]
        changed[name] = table.assign(**{column: of_rows[column].to_numpy() for column in lacking})
    return replace(plan, **changed)


def _judged(
    plan: Plan, freight: Freight, settings: PlanSettings, solution: FlowSolution, bare: FlowSolution
) -> tuple[Certificate | ChoiceCertificate, Callable[[], Plan]]:
    """Return the certificate of an answer, and what reads the answer again."""
    if settings.chooses:
        from corridors.planning import choosing  # brings the models of choice, which a linear plan does not need

        chosen = choosing.anew(freight, settings, solution)
        return chosen.certificate, lambda: planner.plan_of_choice(chosen, settings)
    stopped = math.inf if plan.summary["status"] == "feasible" else None
    proof = certify(freight.problem, bare, tolerance=GAP, allowed_gap=stopped)
    return proof, lambda: planner.plan_of(freight, solution, proof, settings)


def _posed(plan: Plan, network: Network, settings: PlanSettings) -> Freight:
    """Pose the problem again with the settings of the summary."""
    shares = plan.summary["minimum_share"]
    wrong = [place for place, share in shares.items() if isinstance(share, bool) or not isinstance(share, int | float)]
    if wrong:
        raise DataError(f"summary.json, minimum_share of {wrong[0]!r}: found {shares[wrong[0]]!r}, expected a share")
    return planner.formulate(network, settings)


def _answer(plan: Plan, freight: Freight) -> FlowSolution:
    """Return what the tables say as an answer to the problem: paths, tonnes left and prices.

    Raises
    ------
    DataError
        If a demand or a resource is not the problem's, is told twice, or steps are no path.
    """
    problem = freight.problem
    demand = {name: number for number, name in enumerate(freight.demand["demand"])}
    walk = walks(freight)
    owner, paths = [], []
    told = set()
    for line, row in enumerate(rows(plan.routes), start=2):
        number = _known(demand, row.demand, f"routes.csv, row {line}, column demand")
        path = walk(number, row.steps.split(";"))
        if path is None:
            raise DataError(f"routes.csv, row {line}, column steps: these are no way for demand {row.demand!r}")
        if (row.demand, row.steps) in told:
            raise DataError(f"routes.csv, row {line}: found a way of demand {row.demand!r} for the second time")
        told.add((row.demand, row.steps))
        owner.append(number)
        paths.append(path)
    left = np.zeros(problem.demand_count)
    _fill(left, demand, plan.unserved["demand"], plan.unserved["kt"], "unserved.csv", "demand")
    names = {resource.resource: number for number, resource in enumerate(freight.resources)}
    prices = np.full((3, len(names)), np.nan)
    for column, into in zip(("shadow_price", "shadow_price_low", "shadow_price_high"), prices, strict=True):
        _fill(into, names, plan.bottlenecks["resource"], plan.bottlenecks[column], "bottlenecks.csv", "resource")
    if len(plan.bottlenecks) != len(names):
        raise DataError(f"bottlenecks.csv: found {len(plan.bottlenecks)} rows, expected the {len(names)} resources")
    return FlowSolution(
        status="optimal" if plan.summary["status"] == "optimal" else "feasible",
        path_demand=np.array(owner, dtype=np.int64),
        path_flow=_in_tonnes(plan.routes["kt"].to_numpy(dtype=np.float64)),
        path_arcs=tuple(paths),
        unserved=_in_tonnes(left),
        resource_price=prices[0],
        iterations=0,
        seconds={},
        method=plan.summary["method"],
        termination=plan.summary["termination"],
        price_low=prices[1],
        price_high=prices[2],
    )


def _in_tonnes(kt: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # of what is no sound figure; the certificate refuses what is not finite
        return kt * T_PER_KT


def _known(numbers: Mapping[str, int], name: str, place: str) -> int:
    if name not in numbers:
        raise DataError(f"{place}: found {name!r}, which the problem does not have")
    return numbers[name]


def _fill(
    into: NDArray[np.float64], numbers: Mapping[str, int], names: Any, values: Any, file: str, column: str
) -> None:
    """Put values where their names belong; each name once."""
    told = set()
    for line, (name, value) in enumerate(zip(names, values, strict=True), start=2):
        number = _known(numbers, name, f"{file}, row {line}, column {column}")
        if number in told:
            raise DataError(f"{file}, row {line}, column {column}: found {name!r} for the second time")
        told.add(number)
        into[number] = value


def _proven(plan: Plan, proof: Certificate | ChoiceCertificate) -> Iterator[Check]:
    """Say what the certificate found, beside what the summary says of it."""
    for name, figure in (
        ("demand balance", proof.worst_demand_residual),
        ("capacities", proof.worst_capacity_residual),
        ("signs", proof.worst_negative),
    ):
        yield Check(name, figure, GAP, holds=figure <= GAP, detail="the worst residual, relative")
    one = plan.summary
    for name, found, key in (
        ("objective", proof.primal_objective, "objective_value"),
        ("bound", proof.bound, "bound_value"),
    ):
        off = abs(found - one[key]) / max(abs(found), abs(one[key]), math.ulp(0.0))
        detail = f"{found:.12g} {one['unit']} recomputed, {one[key]:.12g} written"
        yield Check(name, off, SAME, holds=off <= SAME, detail=detail)
    over = f", {one['proof']}" if "proof" in one else ""
    allowed = GAP if one["status"] == "optimal" else math.inf
    why = " ".join(proof.reasons) or f"between objective and bound{over}; the plan is called {one['status']}"
    yield Check("gap", proof.gap, allowed, holds=proof.holds and proof.gap <= allowed, detail=why)
    if isinstance(proof, Certificate) or math.isnan(proof.worst_share):
        return
    apart, most = "the worst share of a demand, from its choice at the prices", math.sqrt(GAP)
    yield Check("shares", proof.worst_share, most, holds=proof.worst_share <= most, detail=apart)


def _same(
    plan: Plan, freight: Freight, solution: FlowSolution, again: Plan, derived: Collection[str]
) -> Iterator[Check]:
    """Compare every table and the summary with those of the answer read again."""
    one = plan.summary
    # a bound's use is a difference of large sums, whose rounding is relative to these
    turnover = abs(freight.problem.usage) @ _tonnes(freight, solution)
    names = [resource.resource for resource in freight.resources]
    used = dict(zip(names, (float(one) for one in turnover), strict=True))
    for name in (one for one in TABLES if one not in derived):
        found, expected = getattr(plan, name), getattr(again, name).drop(columns=[*derived], errors="ignore")
        yield _check(f"{name}.csv", same_table(name, found, expected, used), f"{len(found)} rows recomputed")
    expected_summary = {key: value for key, value in again.summary.items() if key not in UNPROVED}
    found_summary = {key: value for key, value in one.items() if key not in UNPROVED}
    yield _check("summary.json", same_summary(found_summary, expected_summary), "recomputed")


def _tonnes(freight: Freight, solution: FlowSolution) -> NDArray[np.float64]:
    return solution.arc_flow(freight.problem).ravel()


def _check(name: str, found: Difference, well: str) -> Check:
    return Check(name, found.worst, SAME, holds=not found.where, detail=found.where or well)


def _ends(plan: Plan, freight: Freight, bare: FlowSolution) -> Check:
    """Check the ends of shadow prices: in their order, and those that more than the plan must prove by finding them."""
    table = plan.bottlenecks
    low, price, high = (table[f"shadow_price{end}"].to_numpy(dtype=np.float64) for end in ("_low", "", "_high"))
    empty = table["capacity"].to_numpy() <= 0  # of what there is none of, nothing can be lost
    sound = np.isnan(low) | ((low >= 0) & (low <= price * (1 + _ROUNDED)))
    sound &= np.isnan(high) | (np.isfinite(high) & (empty | (price <= high * (1 + _ROUNDED))))
    name = "ends of shadow prices"
    for row in np.flatnonzero(~sound).tolist():
        detail = f"bottlenecks.csv, row {row + 2}: found {low[row]:g} <= {price[row]:g} <= {high[row]:g}"
        return Check(name, math.nan, SAME_END, holds=False, detail=f"{detail}, which no price and its ends are")
    # without a price, more is worth nothing; and so is less, where there is room to spare
    spare = (price == 0) & (table["used"] < table["capacity"] * FULL).to_numpy()
    asked = (low > 0) | ((price > 0) & (low == 0)) | (~np.isnan(high) & ~spare & ~empty)
    if not asked.any():
        return Check(name, 0.0, SAME_END, holds=True, detail="none is given that the plan itself does not prove")
    if plan.summary["status"] != "optimal":
        detail = "bottlenecks.csv: only an optimal plan has ends of prices"
        return Check(name, math.nan, SAME_END, holds=False, detail=detail)
    return _resolved(name, table["resource"][asked], low[asked], high[asked], freight, bare)


def _resolved(
    name: str, resources: Any, low: NDArray[np.float64], high: NDArray[np.float64], freight: Freight, bare: FlowSolution
) -> Check:
    """Solve again from the plan's own paths, with a little more and a little less of each of some resources."""
    from corridors.models import columns  # brings the solver, which a plan without such ends does not need

    problem = freight.problem
    names = [resource.resource for resource in freight.resources]
    numbers = [names.index(one) for one in resources]
    again: FlowSolution = columns.solve(problem, start=bare, ranging_for=numbers)
    if again.termination == "interrupted":  # the engine kept the best that it had, which is no verdict on the plan
        raise KeyboardInterrupt
    again = leave_out(again, certify(problem, again, tolerance=GAP))
    lows, highs = again.price_low[numbers], again.price_high[numbers]
    highs = np.where(problem.capacity[numbers] <= 0, lows, highs)
    scale = np.maximum(np.fmax(high, highs), math.ulp(0.0))
    off = np.where(np.isnan(low), 0.0, np.abs(low - lows)) / scale
    off = np.maximum(off, np.where(np.isnan(high), 0.0, np.abs(high - highs)) / scale)
    worst = int(np.argmax(np.where(np.isfinite(off), off, np.inf)))
    detail = f"{len(numbers)} prices found and proved again, on either side"
    if not off[worst] <= SAME_END:
        detail = (
            f"bottlenecks.csv, {names[numbers[worst]]}: found {low[worst]:g} to {high[worst]:g}, "
            f"expected {lows[worst]:g} to {highs[worst]:g}"
        )
    return Check(name, float(off[worst]), SAME_END, holds=bool(off[worst] <= SAME_END), detail=detail)
