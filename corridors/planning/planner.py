"""A year's freight plan: from the virtual network to tables whose optimality is proven.

`plan` formulates the problem, has it solved, demands its certificate and reads the answer; a `Plan` is frozen and
writes itself as a folder of CSV files that can be checked without this program.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import pandas as pd

from corridors.models.certificate import Certificate, certify, leave_out, require
from corridors.models.methods import solve
from corridors.network.costs import UNITS
from corridors.output import csv_text, new_folder
from corridors.planning import choice_tables, results
from corridors.planning.at_borders import borders
from corridors.planning.beside_linear import beside
from corridors.planning.freight import Freight, pose, with_co2_budget, with_minimum_share
from corridors.planning.on_corridors import corridors
from corridors.planning.queues import with_queues
from corridors.planning.settings import CHOOSING, MODEL, USUAL, PlanOptions, PlanSettings
from corridors.planning.summary import totals
from corridors.planning.unserved import reasons
from corridors.text.choices import CHOICES

if TYPE_CHECKING:
    from corridors.models.choice.certificate import ChoiceCertificate
    from corridors.models.problem import FlowSolution
    from corridors.network.network import Network
    from corridors.planning.chosen import Chosen
    from corridors.planning.shippers import Memory

TABLES = ("flows", "handlings", "usage", "routes", "corridors", "borders", "bottlenecks", "unserved")
SUMMARY = "summary.json"
DICTIONARY = "datapackage.json"
DIGESTS = "sha256"  # of every file, in the summary
EXACT = {  # columns from which all others follow, written in all their digits
    "routes": ("kt",),
    "unserved": ("kt",),
    "bottlenecks": ("shadow_price_low", "shadow_price_high", "shadow_price"),
}
OF_MODEL, CHOICE = "model", "choice"  # a field of the dictionary that only folders of one model have, or of any choice
GAP = 1e-6
PACKAGES = ("corridors", "pulp", "highspy", "numpy", "scipy", "pandas", "networkx")

NOT_TIMED: Mapping[str, float] = MappingProxyType({})

type OnStep = Callable[[str], None]  # is told the name of each step as it begins


def _quiet(_: str) -> None:
    """Say nothing about progress."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The answer in the user's terms: `summary` and one table for each name in `TABLES`.

    Tables are pandas frames with mass in kt a year, distance in km, time in hours, money in USD, emissions in
    kg CO2e per t; `datapackage.json` of a written plan describes every column. `beside` is how corridors differ from
    the linear plan (`planning.beside_linear`), where shippers choose and both were planned: no folder has it.
    """

    summary: Mapping[str, Any]
    flows: pd.DataFrame
    handlings: pd.DataFrame
    usage: pd.DataFrame
    routes: pd.DataFrame
    corridors: pd.DataFrame
    borders: pd.DataFrame
    bottlenecks: pd.DataFrame
    unserved: pd.DataFrame
    beside: pd.DataFrame | None = None

    @property
    def model(self) -> str:
        """How its freight finds its ways, one of `text.choices.CHOICES`."""
        return str(self.summary.get(MODEL, CHOICES[0]))

    def write(self, folder: Path, *, force: bool = False) -> None:
        """Write the plan folder, all or nothing; see `output.new_folder` for what may be replaced.

        Raises
        ------
        OutputError
            If the folder exists without `force` or cannot be written.
        """
        files = {f"{name}.csv": csv_text(getattr(self, name), exact=EXACT.get(name, ())) for name in TABLES}
        files[DICTIONARY] = dictionary(self.model)
        digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        digests[SUMMARY] = digest_of(self.summary, digests)
        files[SUMMARY] = json.dumps({**self.summary, DIGESTS: digests}, indent=2, ensure_ascii=False) + "\n"
        with new_folder(Path(folder), force=force) as work:
            for name, text in files.items():
                (work / name).write_text(text, encoding="utf-8", newline="")


def digest_of(summary: Mapping[str, Any], digests: Mapping[str, str]) -> str:
    """Return the SHA-256 of a summary, with the digests of the other files, as JSON with sorted keys and no blanks."""
    others = {name: digest for name, digest in digests.items() if name != SUMMARY}
    text = json.dumps({**summary, DIGESTS: others}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def plan(network: Network, *, progress: OnStep = _quiet, **options: Unpack[PlanOptions]) -> Plan:
    """Plan the year's freight at least cost, with proof.

    Parameters
    ----------
    network
        The virtual network of a data package.
    progress
        Called with the name of each step as it begins.
    options
        ``objective``, ``carbon_price``, ``co2_budget``, ``minimum_share`` (a mapping), ``method``, ``time_limit`` and
        ``intervals``, as in `planning.settings.PlanSettings`. `summary` has why the method ended as ``termination``.

    Raises
    ------
    DataError
        If the demand does not fit the network, or a price, a budget or a time is not a finite number of 0 or more.
    SolverError
        If the solver ends without an answer.
    CertificateError
        If the answer is not proven to be within a relative gap of 1e-6 of the optimum (or, where the method ended
        before that, to keep every rule).
    """
    return plan_with(network, PlanSettings().having(**options), progress)


def plan_with(
    network: Network, settings: PlanSettings, progress: OnStep = _quiet, memory: Memory | None = None
) -> Plan:
    """Plan the year's freight with these settings, as `plan` does with its keyword arguments.

    `memory` keeps what plans of shippers who choose have in common, for the next one; the tables are the same without.
    """
    clock = _Clock(progress)
    clock.start("posing the problem")
    freight = formulate(network, settings)
    if settings.chooses:
        from corridors.planning import choosing  # brings the solvers of choice, which a linear plan does not need

        chosen = choosing.choose(freight, settings, clock.start, memory)
        clock.start("reading the answer")
        made = plan_of_choice(chosen, settings, clock.seconds)
        return made if chosen.linear is None else replace(made, beside=beside(freight, chosen.linear, chosen))
    clock.start("solving")
    solution = solve(freight.problem, settings.method, ranging_count=settings.intervals, time_limit=settings.time_limit)
    clock.start("proving")
    solution, certificate = _proved(freight, solution)
    clock.start("reading the answer")
    return plan_of(freight, solution, certificate, settings, clock.seconds)


def formulate(network: Network, settings: PlanSettings = USUAL) -> Freight:
    """Return the very problem that `plan` solves, bounds included.

    Year and running figures are the network's: those of the settings are what it was built with.

    Raises
    ------
    DataError
        If the demand does not fit the network.
    """
    price = settings.carbon_price
    freight = pose(network, settings.objective, 0.0 if price is None else price)
    if settings.co2_budget is not None:
        freight = with_co2_budget(freight, settings.co2_budget)
    for place, share in settings.minimum_share:
        freight = with_minimum_share(freight, place, share)
    return freight


def _proved(freight: Freight, solution: FlowSolution) -> tuple[FlowSolution, Certificate]:
    """Demand the proof of an answer, without those ends of prices that are not proved."""
    stopped = math.inf if solution.status == "feasible" else None  # its gap says how far it can be off
    certificate = certify(freight.problem, solution, tolerance=GAP, allowed_gap=stopped)
    if any(certificate.unproved):
        solution = leave_out(solution, certificate)
        certificate = certify(freight.problem, solution, tolerance=GAP, allowed_gap=stopped)
    return solution, require(certificate)


def plan_of(
    freight: Freight,
    solution: FlowSolution,
    certificate: Certificate,
    settings: PlanSettings = USUAL,
    seconds: Mapping[str, float] = NOT_TIMED,
) -> Plan:
    """Return a certified answer as a plan; the settings are those by which its problem was formulated.

    `seconds` has what each step took, by its name.
    """
    routes, left = results.routes(freight, solution), reasons(freight, solution)
    gaps = Gaps(certificate.primal_objective, certificate.bound, certificate.gap, certificate.widest_gap)
    summary = (
        _proof(freight, solution.termination, gaps)
        | {"certificate": _residuals(certificate)}
        | totals(freight, routes, left)
        | _made_with(freight, solution, settings, seconds)
    )
    tight = with_queues(freight, results.bottlenecks(freight, solution), solution.arc_flow(freight.problem))
    return Plan(summary, routes=routes, bottlenecks=tight, unserved=left, **_carried(freight, solution, tight))


def plan_of_choice(chosen: Chosen, settings: PlanSettings, seconds: Mapping[str, float] = NOT_TIMED) -> Plan:
    """Return a proved answer of shippers who choose as a plan, as `plan_of` does that of one hand."""
    freight, solution, proof = chosen.freight, chosen.as_flow(), chosen.certificate
    routes = choice_tables.with_ways(freight, results.routes(freight, solution), chosen)
    left = choice_tables.left(freight, chosen)
    gaps = Gaps(proof.primal_objective, proof.bound, proof.gap, proof.widest_gap)
    summary = (
        {MODEL: settings.choice}
        | {name: getattr(settings, name) for name in CHOOSING}
        | _proof(freight, solution.termination, gaps)
        | {"certificate": _residuals(proof) | {"missing": len(proof.missing)}}
        | choice_tables.told(freight, chosen)
        | totals(freight, routes, left)
        | _made_with(freight, solution, settings, seconds)
    )
    tight = choice_tables.with_waiting(freight, results.bottlenecks(freight, solution), chosen)
    tight = with_queues(freight, tight, solution.arc_flow(freight.problem))
    scarce = replace(solution, resource_price=chosen.rent)  # of a corridor's price, waiting is no scarcity
    return Plan(summary, routes=routes, bottlenecks=tight, unserved=left, **_carried(freight, scarce, tight))


def _carried(freight: Freight, solution: FlowSolution, tight: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables of what arcs carry."""
    kt = results.arc_kt(freight, solution)
    return {
        "flows": results.flows(freight, kt),
        "handlings": results.handlings(freight, kt),
        "usage": results.usage(freight, kt),
        "corridors": corridors(freight, solution, kt),
        "borders": borders(freight, solution, tight),
    }


class Gaps(NamedTuple):
    """What a certificate found: cost, bound, and the relative gaps of the whole and of the cheapest demands."""

    primal: float
    bound: float
    gap: float
    widest: float


def _proof(freight: Freight, termination: str, gaps: Gaps) -> dict[str, Any]:
    in_usd = UNITS[freight.objective] == "USD"
    return {
        "status": "optimal" if max(gaps.gap, gaps.widest) <= GAP else "feasible",
        "termination": termination,
        "objective": freight.objective,
        "unit": UNITS[freight.objective],
        "objective_value": gaps.primal,
        "bound_value": gaps.bound,
        "objective_usd": gaps.primal if in_usd else None,
        "bound_usd": gaps.bound if in_usd else None,
        "gap": gaps.gap,
    }


def _residuals(certificate: Certificate | ChoiceCertificate) -> dict[str, Any]:
    return {
        "demand_residual": certificate.worst_demand_residual,
        "capacity_residual": certificate.worst_capacity_residual,
    }


def _made_with(
    freight: Freight, solution: FlowSolution, settings: PlanSettings, seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Return the part of a summary that says with what and how a plan was made."""
    steps = dict(seconds) | {f"solving, {step}": time for step, time in solution.seconds.items()}
    bounds = {"co2_budget": settings.co2_budget, "minimum_share": dict(settings.minimum_share)}
    return bounds | _origin(freight, solution.method, steps)


def _origin(freight: Freight, method: str, seconds: Mapping[str, float]) -> dict[str, Any]:
    network, problem = freight.network, freight.problem
    return {
        "year": network.year,
        "running": network.running,
        "carbon_price": freight.carbon_price,
        "scenario": network.dataset.scenario,
        "scenarios": [{"name": name, "digest": digest} for name, digest in network.dataset.scenarios],
        "method": method,
        "data_digest": network.dataset.digest,
        "size": {
            "vertices": len(network.vertices),
            "arcs": len(network.arcs),
            "demands": problem.demand_count,
            "classes": problem.class_count,
            "resources": problem.resource_count,
        },
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "seconds": {step: round(time, 3) for step, time in seconds.items()},
    }


@cache
def _version(package: str) -> str:
    return version(package)


class _Clock:
    """Times the steps of a plan and tells each as it begins."""

    def __init__(self, progress: OnStep) -> None:
        self._progress = progress
        self._begun: list[tuple[str, float]] = []

    def start(self, step: str) -> None:
        self._progress(step)
        self._begun.append((step, time.perf_counter()))

    @property
    def seconds(self) -> dict[str, float]:
        ends = [begun for _, begun in self._begun[1:]] + [time.perf_counter()]
        return {step: end - begun for (step, begun), end in zip(self._begun, ends, strict=True)}


def dictionary(model: str = CHOICES[0]) -> str:
    """Return the dictionary of a plan folder, kept beside the code.

    A field that only folders of one model have says so there, as `OF_MODEL`; here it does not.
    """
    made = json.loads((Path(__file__).parent / "plan.datapackage.json").read_text(encoding="utf-8"))
    kept = ("", CHOICES[0] if model == CHOICES[0] else CHOICE)
    for table in made["resources"]:
        fields = [(field.pop(OF_MODEL, ""), field) for field in table["schema"]["fields"]]
        table["schema"]["fields"] = [field for of, field in fields if of in kept]
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
