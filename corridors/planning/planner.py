"""A year's freight plan: from the virtual network to tables whose optimality is proven.

`plan` poses the problem, has it solved, demands its certificate and reads the answer; a `Plan` is frozen and
writes itself as a folder of CSV files that can be checked without this program.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.errors import DataError
from corridors.models.certificate import Certificate, certify, leave_out, require
from corridors.models.methods import METHODS, solve
from corridors.network.costs import UNITS
from corridors.output import csv_text, new_folder
from corridors.planning import results
from corridors.planning.freight import Freight, pose, with_co2_budget, with_minimum_share
from corridors.planning.summary import CORRIDOR_COLUMNS, totals
from corridors.planning.unserved import reasons

if TYPE_CHECKING:
    from corridors.models.problem import FlowSolution
    from corridors.network.network import Network

TABLES = ("flows", "handlings", "usage", "routes", "corridors", "bottlenecks", "unserved")
SUMMARY = "summary.json"
DICTIONARY = "datapackage.json"
DIGESTS = "sha256"  # of every file, in the summary
EXACT = {  # columns from which all others follow, written in all their digits
    "routes": ("kt",), "unserved": ("kt",), "bottlenecks": ("shadow_price_low", "shadow_price_high", "shadow_price"),
}  # fmt: skip
GAP = 1e-6
PACKAGES = ("corridors", "pulp", "highspy", "numpy", "scipy", "pandas", "networkx")

type Progress = Callable[[str], None]


def _quiet(_: str) -> None:
    """Say nothing about progress."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The answer in the user's terms: `summary` and one table for each name in `TABLES`.

    Tables are pandas frames with mass in kt a year, distance in km, time in hours, money in USD, emissions in
    kg CO2e per t; `datapackage.json` of a written plan describes every column.
    """

    summary: Mapping[str, Any]
    flows: pd.DataFrame
    handlings: pd.DataFrame
    usage: pd.DataFrame
    routes: pd.DataFrame
    corridors: pd.DataFrame
    bottlenecks: pd.DataFrame
    unserved: pd.DataFrame

    def write(self, folder: Path, *, force: bool = False) -> None:
        """Write the plan folder, all or nothing; see `output.new_folder` for what may be replaced.

        Raises
        ------
        OutputError
            If the folder exists without `force` or cannot be written.
        """
        files = {f"{name}.csv": csv_text(getattr(self, name), exact=EXACT.get(name, ())) for name in TABLES}
        files[DICTIONARY] = dictionary()
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


def plan(
    network: Network,
    *,
    objective: str = "generalised",
    carbon_price: float = 0.0,
    method: str = METHODS[0],
    time_limit: float | None = None,
    co2_budget: float | None = None,
    minimum_share: Mapping[str, float] | None = None,
    intervals: int = 10,
    progress: Progress = _quiet,
) -> Plan:
    """Plan the year's freight at least cost, with proof.

    Parameters
    ----------
    network
        The virtual network of a data package.
    objective
        What is minimised: generalised cost, money, time or emissions (`network.costs.OBJECTIVES`).
    carbon_price
        USD per tonne of CO2e, added to money.
    method
        How it is solved (`models.methods.METHODS`); the optimum is the same.
    time_limit
        Seconds of solving after which the best plan so far will do; its status is then ``feasible``, and its gap
        says how far from the optimum it can be at most. `summary` has why the method ended as ``termination``.
    co2_budget
        The most that may be emitted, tonnes of CO2e a year.
    minimum_share
        For places (ids), the least share of all freight carried that changes its mode there.
    intervals
        For how many of the dearest resources the shadow price is given as an interval.
    progress
        Called with the name of each step as it begins.

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
    not_negative("seconds", time_limit=time_limit)
    clock = _Clock(progress)
    clock.start("posing the problem")
    freight = posed(network, objective, carbon_price, co2_budget, minimum_share)
    clock.start("solving")
    solution = solve(freight.problem, method, ranging_count=intervals, time_limit=time_limit)
    clock.start("proving")
    solution, certificate = _proved(freight, solution)
    clock.start("reading the answer")
    return read(freight, solution, certificate, clock.seconds, co2_budget, minimum_share)


def _proved(freight: Freight, solution: FlowSolution) -> tuple[FlowSolution, Certificate]:
    """Demand the proof of an answer, without those ends of prices that are not proved."""
    stopped = math.inf if solution.status == "feasible" else None  # its gap says how far it can be off
    certificate = certify(freight.problem, solution, tolerance=GAP, allowed_gap=stopped)
    if any(certificate.unproved):
        solution = leave_out(solution, certificate)
        certificate = certify(freight.problem, solution, tolerance=GAP, allowed_gap=stopped)
    return solution, require(certificate)


def posed(
    network: Network,
    objective: str = "generalised",
    carbon_price: float = 0.0,
    co2_budget: float | None = None,
    minimum_share: Mapping[str, float] | None = None,
) -> Freight:
    """Give the very problem that `plan` solves, bounds included; parameters and errors are as there."""
    not_negative("USD per tonne of CO2e", carbon_price=carbon_price)
    not_negative("tonnes of CO2e a year", co2_budget=co2_budget)
    freight = pose(network, objective, carbon_price)
    if co2_budget is not None:
        freight = with_co2_budget(freight, co2_budget)
    for place, share in (minimum_share or {}).items():
        freight = with_minimum_share(freight, place, share)
    return freight


def not_negative(unit: str, **given: float | None) -> None:
    """Refuse what is below 0 or no number; None is nothing said.

    Raises
    ------
    DataError
        If one is, by the name that it is given under.
    """
    for name, value in given.items():
        if value is not None and not 0 <= value < math.inf:
            raise DataError(f"{name}: found {value!r}, expected {unit}, a finite number of 0 or more")


def read(
    freight: Freight,
    solution: FlowSolution,
    certificate: Certificate,
    seconds: Mapping[str, float],
    co2_budget: float | None = None,
    minimum_share: Mapping[str, float] | None = None,
) -> Plan:
    """Read a certified answer as a plan; the bounds are those with which it was `posed`."""
    kt = results.arc_kt(freight, solution)
    used = results.usage(freight, kt)
    routes = results.routes(freight, solution)
    left = reasons(freight, solution)
    tight = results.bottlenecks(freight, solution)
    lines = results.corridors(freight, solution, kt)[list(CORRIDOR_COLUMNS)]
    steps = dict(seconds) | {f"solving, {step}": time for step, time in solution.seconds.items()}
    summary = (
        _proof(freight, solution, certificate)
        | totals(freight, routes, left)
        | {"co2_budget": co2_budget, "minimum_share": dict(minimum_share or {})}
        | _origin(freight, solution.method, steps)
    )
    flows, handled = results.flows(freight, kt), results.handlings(freight, kt)
    return Plan(summary, flows, handled, used, routes, lines, tight, left)


def _proof(freight: Freight, solution: FlowSolution, certificate: Certificate) -> dict[str, Any]:
    in_usd = UNITS[freight.objective] == "USD"
    primal, bound = certificate.primal_objective, certificate.bound
    return {
        "status": "optimal" if max(certificate.gap, certificate.widest_gap) <= GAP else "feasible",
        "termination": solution.termination,
        "objective": freight.objective, "unit": UNITS[freight.objective],
        "objective_value": primal, "bound_value": bound,
        "objective_usd": primal if in_usd else None, "bound_usd": bound if in_usd else None,
        "gap": certificate.gap,
        "certificate": {
            "demand_residual": certificate.worst_demand_residual,
            "capacity_residual": certificate.worst_capacity_residual,
        },
    }  # fmt: skip


def _origin(freight: Freight, method: str, seconds: Mapping[str, float]) -> dict[str, Any]:
    network = freight.network
    return {
        "year": network.year, "running": network.running, "carbon_price": freight.carbon_price,
        "scenario": network.dataset.scenario,
        "scenarios": [{"name": name, "digest": digest} for name, digest in network.dataset.scenarios],
        "method": method, "data_digest": network.dataset.digest,
        "size": {
            "vertices": len(network.vertices), "arcs": len(network.arcs), "demands": freight.problem.demand_count,
            "classes": freight.problem.class_count, "resources": freight.problem.resource_count,
        },
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "seconds": {step: round(time, 3) for step, time in seconds.items()},
    }  # fmt: skip


class _Clock:
    """Times the steps of a plan and tells each as it begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._begun: list[tuple[str, float]] = []

    def start(self, step: str) -> None:
        self._progress(step)
        self._begun.append((step, time.perf_counter()))

    @property
    def seconds(self) -> dict[str, float]:
        ends = [begun for _, begun in self._begun[1:]] + [time.perf_counter()]
        return {step: end - begun for (step, begun), end in zip(self._begun, ends, strict=True)}


def dictionary() -> str:
    """Return the dictionary of the plan folder, kept beside the code."""
    return (Path(__file__).parent / "plan.datapackage.json").read_text(encoding="utf-8")
