"""What is known of a plan when its figures are not: intervals, probabilities of conclusions, and what to measure next.

Every sample is the data package with all uncertain figures drawn (`corridors.uncertainty.distribution`), solved anew
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

from corridors import network, sweep, tables
from corridors.errors import DataError
from corridors.models import columns
from corridors.models.proof import prove
from corridors.network.pairs import ODPair, usual_pairs
from corridors.network.revaluation import revalued
from corridors.planning.freight import Freight, pose
from corridors.sweep.tasks import is_figure
from corridors.uncertainty import sensitivity
from corridors.uncertainty.distribution import INSIDE, Draws, draws
from corridors.uncertainty.outputs import Headlines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset


SAMPLE = "sample"


@dataclass(frozen=True)
class Options:
    """What a run is about.

    Attributes
    ----------
    samples, seed
        How many draws, and which.
    year, running
        Of the network, as in `network.build`.
    together
        Correlation between two figures of a group.
    inside
        Where they differ from `uncertainty.distribution.INSIDE`: statuses, and the shares of the draws that
        their bands hold.
    method, size
        How the groups are ranked, and how many trajectories or base points that takes.
    pairs
        Between which places the means are compared.
    """

    samples: int
    seed: int
    year: int
    running: str
    together: float
    inside: tuple[tuple[str, float], ...]
    method: str
    size: int
    pairs: tuple[ODPair, ...]


@dataclass(frozen=True, eq=False)
class Shared:
    """What all samples have in common: the undisturbed plan and how it is changed and read."""

    dataset: Dataset
    draws: Draws
    freight: Freight
    base: columns.ColumnsSolution
    headlines: Headlines
    measured: NDArray[np.float64]
    factors: NDArray[np.float64]
    options: Options

    def point(self, task: Mapping[str, Any]) -> NDArray[np.float64]:
        """Give the point of a task: it depends on the seed and its number alone."""
        if task["design"] != SAMPLE:
            return sensitivity.point(task["design"], self.factors, task["number"])
        sequence = qmc.Sobol(self.draws.dimension, scramble=True, rng=np.random.default_rng(self.options.seed))
        if task["number"]:
            sequence.fast_forward(task["number"])
        return np.asarray(sequence.random(1)[0], dtype=np.float64)


class Tasks(Sequence[dict[str, Any]]):
    """The tasks, made when they are asked for: first the samples, then the runs of the indices."""

    def __init__(self, samples: int, method: str, runs: int) -> None:
        self._samples, self._method, self._runs = samples, method, runs

    def __len__(self) -> int:
        """Give how many there are."""
        return self._samples + self._runs

    @overload
    def __getitem__(self, position: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, position: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, position: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        """Give a task, or some."""
        if isinstance(position, slice):
            return [self[one] for one in range(*position.indices(len(self)))]
        if not -len(self) <= position < len(self):
            raise IndexError(position)
        number = position % len(self)
        if number < self._samples:
            return {"design": SAMPLE, "number": number}
        return {"design": self._method, "number": number - self._samples}


def options(
    dataset: Dataset,
    *,
    samples: int,
    seed: int = 0,
    year: int | None = None,
    running: str = "typical",
    together: float = 0.5,
    inside: Mapping[str, float] | None = None,
    method: str = "morris",
    trajectories: int | None = None,
    pairs: Sequence[ODPair] = (),
) -> Options:
    """Give the options of a run, with the data package's own where none are given.

    Raises
    ------
    DataError
        If a number is out of its range.
    """
    if samples < 1 or not 0 <= together <= 1 or method not in sensitivity.METHODS:
        raise DataError(f"1 sample or more, a correlation between 0 and 1 and one of {', '.join(sensitivity.METHODS)} "
                        f"are needed; {samples}, {together} and {method} were given")  # fmt: skip
    for status, share in (inside or {}).items():
        if status not in INSIDE or not 0 < share < 1:
            raise DataError(f"the share that bands hold is between 0 and 1, for one of {', '.join(INSIDE)}; "
                            f"{status}={share} was given")  # fmt: skip
    wanted = dataset.base_year if year is None else year
    base = network.build(dataset, wanted, running)  # names what is wrong before anything is made of it
    drawn = draws(base.dataset, wanted, running)
    if drawn.figures.empty:
        raise DataError("provenance.csv has no band for any figure that this plan uses, so nothing is uncertain: "
                        "fill in low and high around at least one of them")  # fmt: skip
    dimension = drawn.dimension
    size = sensitivity.size_of(method, samples, dimension) if trajectories is None else trajectories
    return Options(
        samples,
        seed,
        wanted,
        running,
        together,
        tuple(sorted((inside or {}).items())),
        method,
        size,
        tuple(pairs) or usual_pairs(dataset),
    )


@lru_cache(maxsize=1)
def prepare(folder: str | None, digest: str, chosen: Options) -> Shared:
    """Read the data and plan them as they are.

    Raises
    ------
    DataError
        If the folder holds other data here.
    CertificateError
        If the undisturbed plan is not proved.
    """
    dataset = tables.read(folder)
    if dataset.digest != digest:
        raise DataError(f"{folder}: the data are not those that the run began with; start it anew")
    base = network.build(dataset, chosen.year, chosen.running)
    dataset = base.dataset  # figures, arcs and draws are numbered by the rows of the network's own tables
    freight = pose(base)
    solution = columns.solve(freight.problem)
    proof = prove(freight.problem, solution)
    headlines = Headlines(freight, solution, chosen.pairs)
    measured = headlines.measure(freight, solution, proof.primal_objective)
    drawn = draws(dataset, chosen.year, chosen.running, chosen.together, chosen.seed, INSIDE | dict(chosen.inside))
    factors = sensitivity.design(chosen.method, chosen.size, drawn.dimension, chosen.seed)
    return Shared(dataset, drawn, freight, solution, headlines, measured, factors, chosen)


def solve(shared: Shared, task: Mapping[str, Any]) -> dict[str, Any]:
    """Draw, pose, solve, certify and read one sample.

    Raises
    ------
    SolverError, CertificateError
        If there is no answer, or none that is proved.
    """
    values = shared.draws.values(shared.point(task))
    freight = pose(revalued(shared.freight.network, shared.draws.changed(shared.dataset, values)))
    solution = columns.solve(freight.problem, start=shared.base)
    proof = prove(freight.problem, solution)
    measured = shared.headlines.measure(freight, solution, proof.primal_objective)
    return {"gap": proof.gap, "headlines": [None if math.isnan(one) else one for one in measured.tolist()]}


def sweep_of(folder: str | None, dataset: Dataset, chosen: Options) -> sweep.Sweep:
    """Give the sweep of all runs."""
    shared = prepare(folder, dataset.digest, chosen)
    identity = {"data": dataset.digest, **asdict(chosen)}
    tasks = Tasks(chosen.samples, chosen.method, len(shared.factors))
    sound = partial(_sound, len(shared.headlines.list))
    return sweep.Sweep("uncertainty", identity, prepare, (folder, dataset.digest, chosen), solve, tasks, sound)


def _sound(count: int, row: Mapping[str, Any]) -> bool:
    """Tell whether the values of a row are of the kinds that `solve` gives: a gap and so many figures."""
    if set(row) != {"gap", "headlines"} or not is_figure(row["gap"]):
        return False
    found = row["headlines"]
    return isinstance(found, list) and len(found) == count and all(one is None or is_figure(one) for one in found)
