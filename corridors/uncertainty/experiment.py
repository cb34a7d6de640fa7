"""What is known of a plan when its parameters are not: intervals, probable conclusions, and what to measure next.

Every sample is the data package with all uncertain parameters drawn (`corridors.uncertainty.distribution`), from bands
or from the posterior of an estimate (`corridors.uncertainty.posterior`), solved anew
from the undisturbed plan, certified, and read (`corridors.uncertainty.outputs`). Samples are a scrambled Sobol'
sequence (Owen 1998) in the groups' parts, so that a few hundred tell what thousands of random ones would;
`corridors.uncertainty.sensitivity` adds the runs that tell the groups apart. All of them are the tasks of one
`corridors.sweep`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from scipy.stats import qmc

from corridors import scenario, sweep, tables
from corridors.errors import DataError
from corridors.models import columns
from corridors.models.proof import prove
from corridors.network.pairs import ODPair, usual_pairs
from corridors.network.revaluation import revalued
from corridors.planning.freight import Freight
from corridors.planning.planner import formulate
from corridors.planning.scenario_runs import built, undisturbed
from corridors.planning.settings import USUAL, PlanSettings
from corridors.sweep.tasks import is_figure
from corridors.text.choices import RANKINGS
from corridors.uncertainty import posterior as posteriors
from corridors.uncertainty import sensitivity
from corridors.uncertainty.distribution import COVERAGE, Distribution, joint
from corridors.uncertainty.outputs import Outputs
from corridors.uncertainty.parameters import CORRELATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.planning.rechoosing import Standing
    from corridors.tables.dataset import Dataset


SAMPLE = "sample"
CERTAIN = (
    "provenance.csv has no band for any figure that this plan uses, so nothing is uncertain: "
    "fill in low and high around at least one of them"
)


@dataclass(frozen=True)
class UncertaintySettings:
    """What a run is about; `settings_for` makes them.

    Attributes
    ----------
    data
        A folder of a data package, None for the embedded one.
    scenarios
        Applied to the data first, in order: names or paths.
    digest
        Of the data so changed: other data are refused.
    plan
        With what every plan is made; nothing in it is left to the scenarios any more.
    samples, seed
        How many samples, and which.
    correlation
        Between two parameters of a group.
    coverage
        Where it differs from `uncertainty.distribution.COVERAGE`: statuses, and the shares of samples that their bands
        hold.
    ranking, size
        How the groups are ranked, and how many trajectories or base points that takes.
    pairs
        Between which places the means are compared.
    posterior
        The runs of whose posterior numbers are drawn, and how many numbers; blank and 0 if none are.
    """

    data: str | None
    scenarios: tuple[str, ...]
    digest: str
    plan: PlanSettings
    samples: int
    seed: int
    correlation: float
    coverage: tuple[tuple[str, float], ...]
    ranking: str
    size: int
    pairs: tuple[ODPair, ...]
    posterior: tuple[str, int] = ("", 0)

    def identity(self) -> dict[str, Any]:
        """Return all that the rows depend on, as JSON."""
        return (
            {
                "data": self.digest,
                "samples": self.samples,
                "seed": self.seed,
                "year": self.plan.year,
                "running": self.plan.running,
                "together": self.correlation,
                "inside": self.coverage,
                "method": self.ranking,
                "size": self.size,
                "pairs": [asdict(pair) for pair in self.pairs],
            }
            | self._posterior()
            | self.plan.departures()
        )

    def _posterior(self) -> dict[str, Any]:
        """Return what is drawn from the posterior of an estimate, and of which; nothing where nothing is."""
        runs, figures = self.posterior
        return {"posterior": runs, "posterior_figures": figures} if figures else {}


@dataclass(frozen=True, eq=False)
class Shared:
    """What all samples have in common: the undisturbed plan and how it is changed and read.

    Attributes
    ----------
    settings
        What the run is about.
    distribution
        Of the uncertain parameters.
    freight, base
        The undisturbed problem, on the tables that parameters and arcs are numbered by, and its answer.
    standing
        That answer to go on from, where shippers choose; else None.
    outputs, measured
        What is measured, and what it is in the undisturbed plan, shape (outputs,).
    factors
        The design by which the groups are ranked, shape (runs, groups).
    """

    settings: UncertaintySettings
    distribution: Distribution
    freight: Freight
    base: FlowSolution
    standing: Standing | None
    outputs: Outputs
    measured: NDArray[np.float64]
    factors: NDArray[np.float64]

    @property
    def dataset(self) -> Dataset:
        """The undisturbed tables."""
        return self.freight.network.dataset

    def point(self, task: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the point of a task in the unit cube, shape (groups,): it depends on seed and number alone."""
        if task["design"] != SAMPLE:
            return sensitivity.point(task["design"], self.factors, task["number"])
        random = np.random.default_rng(self.settings.seed)
        sequence = qmc.Sobol(self.distribution.dimension, scramble=True, rng=random)
        if task["number"]:
            sequence.fast_forward(task["number"])
        return np.asarray(sequence.random(1)[0], dtype=np.float64)

    def problem(self, task: Mapping[str, Any]) -> Freight:
        """Return the problem of a task: the data with all uncertain parameters drawn, formulated like the base."""
        values = self.distribution.sample(self.point(task))
        drawn = revalued(self.freight.network, self.distribution.changed(self.dataset, values))
        return formulate(drawn, self.settings.plan)


class Tasks(Sequence[dict[str, Any]]):
    """The tasks, made when they are asked for: first the samples, then the runs of the indices."""

    def __init__(self, samples: int, ranking: str, runs: int) -> None:
        self._samples, self._ranking, self._runs = samples, ranking, runs

    def __len__(self) -> int:
        """Return how many there are."""
        return self._samples + self._runs

    @overload
    def __getitem__(self, position: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, position: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, position: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        """Return a task, or some."""
        if isinstance(position, slice):
            return [self[one] for one in range(*position.indices(len(self)))]
        if not -len(self) <= position < len(self):
            raise IndexError(position)
        number = position % len(self)
        if number < self._samples:
            return {"design": SAMPLE, "number": number}
        return {"design": self._ranking, "number": number - self._samples}


def settings_for(
    dataset: Dataset,
    plan: PlanSettings = USUAL,
    *,
    samples: int,
    data: str | None = None,
    scenarios: Sequence[str] = (),
    seed: int = 0,
    correlation: float = CORRELATION,
    coverage: Mapping[str, float] | None = None,
    ranking: str = RANKINGS[0],
    trajectories: int | None = None,
    pairs: Sequence[ODPair] = (),
) -> UncertaintySettings:
    """Return the settings of a run, with the data package's own where none are given.

    Parameters
    ----------
    dataset
        What is in the folder `data`, or in the embedded package where that is None.
    plan
        With what every plan is made.
    scenarios
        Changes to the data, by name or path, in order.
    samples, seed, correlation, coverage, ranking, pairs
        As in `UncertaintySettings`.
    trajectories
        How many trajectories or base points the ranking takes; None is what goes with so many samples.

    Raises
    ------
    DataError
        If a number is out of its range, nothing is uncertain, or a posterior does not fit the data.
    ScenarioError
        If a scenario cannot be applied.
    """
    _refuse(samples, correlation, coverage or {}, ranking)
    applied = scenario.apply(dataset, scenarios)
    plan = plan.under(applied)
    changed = built(applied, plan).dataset  # names what is wrong before anything is made of it
    distribution = joint(changed, *_network_of(plan), posterior=posteriors.read(dataset), chooses=plan.chooses)
    if not distribution.dimension:
        raise DataError(CERTAIN)
    size = sensitivity.size_of(ranking, samples, distribution.dimension) if trajectories is None else trajectories
    return UncertaintySettings(
        data=data,
        scenarios=tuple(scenarios),
        digest=changed.digest,
        plan=plan,
        samples=samples,
        seed=seed,
        correlation=correlation,
        coverage=tuple(sorted((coverage or {}).items())),
        ranking=ranking,
        size=size,
        pairs=tuple(pairs) or usual_pairs(applied.dataset),
        posterior=distribution.posterior,
    )


def _refuse(samples: int, correlation: float, coverage: Mapping[str, float], ranking: str) -> None:
    """Refuse numbers that are out of their range."""
    if samples < 1 or not 0 <= correlation <= 1 or ranking not in RANKINGS:
        raise DataError(
            f"1 sample or more, a correlation between 0 and 1 and one of {', '.join(RANKINGS)} "
            f"are needed; {samples}, {correlation} and {ranking} were given"
        )
    for status, share in coverage.items():
        if status not in COVERAGE or not 0 < share < 1:
            raise DataError(
                f"the share that bands hold is between 0 and 1, for one of {', '.join(COVERAGE)}; "
                f"{status}={share} was given"
            )


def _network_of(plan: PlanSettings) -> tuple[int, str]:
    """Return the year and the running figures of settled settings."""
    if plan.year is None or plan.running is None:
        raise DataError("year and running figures are still open: make the settings with settings_for")
    return plan.year, plan.running


@lru_cache(maxsize=1)
def prepare(settings: UncertaintySettings) -> Shared:
    """Read the data and plan them as they are.

    Raises
    ------
    DataError
        If the folder holds other data here.
    CertificateError
        If the undisturbed plan is not proved.
    """
    original = tables.read(settings.data)
    freight = undisturbed(original, settings.scenarios, settings.plan)
    dataset = freight.network.dataset  # parameters and arcs are numbered by the rows of the network's own tables
    if dataset.digest != settings.digest:
        raise DataError(f"{settings.data}: the data are not those that the run began with; start it anew")
    stands, solution, cost = _undisturbed(freight, settings.plan)
    outputs = Outputs(freight, solution, settings.pairs)
    distribution = joint(
        dataset,
        *_network_of(settings.plan),
        settings.correlation,
        settings.seed,
        COVERAGE | dict(settings.coverage),
        original if settings.scenarios else None,
        posterior=posteriors.read(original),
        chooses=settings.plan.chooses,
    )
    return Shared(
        settings=settings,
        distribution=distribution,
        freight=freight,
        base=solution,
        standing=stands,
        outputs=outputs,
        measured=outputs.measure(freight, solution, cost),
        factors=sensitivity.design(settings.ranking, settings.size, distribution.dimension, settings.seed),
    )


def _undisturbed(freight: Freight, plan: PlanSettings) -> tuple[Standing | None, FlowSolution, float]:
    """Return the undisturbed answer, to go on from where shippers choose, and what it costs."""
    if not plan.chooses:
        solution = columns.solve(freight.problem)
        return None, solution, prove(freight.problem, solution).primal_objective
    from corridors.planning import rechoosing  # brings the models of choice, which samples of one hand do not need

    stands = rechoosing.standing(freight, plan)
    return stands, stands.chosen.as_flow(), stands.chosen.worth()


def answer(shared: Shared, freight: Freight) -> tuple[FlowSolution, float, float]:
    """Return the certified answer of a sample, what it costs, and its gap."""
    if shared.standing is not None:
        from corridors.planning import rechoosing  # as above

        chosen = rechoosing.drawn(shared.standing, freight, shared.settings.plan)
        return chosen.as_flow(), chosen.worth(), abs(chosen.certificate.gap)
    solution = columns.solve(freight.problem, start=shared.base)
    proof = prove(freight.problem, solution)
    return solution, proof.primal_objective, proof.gap


def solve(shared: Shared, task: Mapping[str, Any]) -> dict[str, Any]:
    """Draw, formulate, solve, certify and read one sample.

    Raises
    ------
    SolverError, CertificateError
        If there is no answer, or none that is proved.
    """
    freight = shared.problem(task)
    solution, cost, gap = answer(shared, freight)
    measured = shared.outputs.measure(freight, solution, cost)
    return {"gap": gap, "headlines": [None if math.isnan(one) else one for one in measured.tolist()]}


def sweep_of(settings: UncertaintySettings) -> sweep.Sweep:
    """Return the sweep of all runs."""
    shared = prepare(settings)
    tasks = Tasks(settings.samples, settings.ranking, len(shared.factors))
    sound = partial(_sound, len(shared.outputs.list))
    return sweep.Sweep("uncertainty", settings.identity(), prepare, (settings,), solve, tasks, sound)


def _sound(count: int, row: Mapping[str, Any]) -> bool:
    """Tell whether the values of a row are of the kinds that `solve` returns: a gap and so many outputs."""
    if set(row) != {"gap", "headlines"} or not is_figure(row["gap"]):
        return False
    found = row["headlines"]
    return isinstance(found, list) and len(found) == count and all(one is None or is_figure(one) for one in found)
