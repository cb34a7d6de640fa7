"""What is measured: every case, what is left out of it and why, and how long anything may take.

Standard library only: the process that starts the measurements stays small, because on Linux a child's peak memory
starts from that of the process that started it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT.parent / "shared" / "bench"  # the published instances: never part of this repository

METHODS = ("columns", "compiled", "arcs", "arrays")
PEERS = ("peer path", "peer tree")  # the public code, by its formulations

TOLERANCE = 1e-6  # relative: an answer is right up to this

PUBLISHED = {
    "planar": ("planar30", "planar50", "planar80", "planar100", "planar300"),
    "grid": ("grid1", "grid2", "grid3", "grid4", "grid6", "grid7", "grid8"),
    "liner": ("Baltic_base", "WAF_base", "Med_base", "Med_high", "Pacific_base", "Pacific_low"),
    "tntp": ("SiouxFalls",),
}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # recorded; set for the peer alone

SIDES = (8, 11, 16, 23, 32, 45)  # of the generated grids: nodes double from one to the next
COPIES = (1, 4, 16, 64)  # of the embedded network

QUICK = frozenset(
    (
        *("planar30", "planar50", "planar80", "planar100", "grid1", "grid3", "Baltic_base", "Med_base", "SiouxFalls"),
        *("mesh8", "mesh11", "mesh16", "tiles1"),
    )
)

# What is not run, and why: judged by the next smaller case. Everything else is run, within the limits below.
LEFT_OUT: dict[tuple[str, str], str] = {
    ("arcs", "planar300"): "502,320 flow variables: minutes",
    ("arcs", "grid8"): "821,887 flow variables: minutes",
    ("arrays", "grid8"): "821,887 flow variables: minutes",
    ("arcs", "tiles4"): "1,528,948 flow variables: minutes",
    ("arcs", "tiles16"): "16,233,006 flow variables: hours, and many GiB",
    ("arrays", "tiles16"): "16,233,006 flow variables: hours, and many GiB",
    ("arcs", "tiles64"): "more than 60 million flow variables",
    ("arrays", "tiles64"): "more than 60 million flow variables",
    ("arcs", "mesh23"): "1,487,200 flow variables: minutes",
    ("arcs", "mesh32"): "5,672,427 flow variables: an hour or so",
    ("arrays", "mesh32"): "5,672,427 flow variables: an hour or so",
    ("arcs", "mesh45"): "more than 20 million flow variables",
    ("arrays", "mesh45"): "more than 20 million flow variables",
}


@dataclass(frozen=True)
class Effort:
    """How much time a run may take.

    Attributes
    ----------
    minutes
        Of the whole run. What would begin later is skipped, what still runs is stopped.
    limit
        Seconds that one measurement may take.
    patience
        Seconds after which a method is not repeated on a case.
    rounds
        How often each method is measured on each case, if patience allows.
    closures, cold
        Closures that are planned hot, and how many of them are planned cold as well.
    starts
        How often each whole process is started.
    copies
        Of the embedded tables, posed as one data package.
    """

    minutes: float
    limit: float
    patience: float
    rounds: int
    closures: int
    cold: int
    starts: int
    copies: int


FULL_RUN = Effort(minutes=25, limit=180, patience=30, rounds=3, closures=100, cold=10, starts=9, copies=64)
QUICK_RUN = Effort(minutes=4, limit=30, patience=3, rounds=3, closures=20, cold=4, starts=3, copies=4)


@dataclass(frozen=True)
class Case:
    """One problem: a published instance, a generated mesh or the embedded network tiled.

    Attributes
    ----------
    series
        ``published``, ``meshes`` or ``tiles``.
    name
        Unique.
    family
        The folder of a published instance.
    scale
        The side of a mesh, or the number of copies.
    """

    series: str
    name: str
    family: str = ""
    scale: int = 0

    @property
    def for_peers(self) -> bool:
        """Return whether the public code reads it."""
        return self.family in ("planar", "grid")

    @property
    def optimum(self) -> float | None:
        """The published optimum, if there is one."""
        file = BENCH / "optima.csv"
        if not self.family or not file.is_file():
            return None
        with file.open(encoding="utf-8", newline="") as stream:
            return {row["instance"]: float(row["optimum"]) for row in csv.DictReader(stream)}.get(self.name)

    @property
    def file(self) -> Path | None:
        """The file of a published instance."""
        if not self.family:
            return None
        name = f"{self.name}_net.tntp" if self.family == "tntp" else f"{self.name}.gz"
        return BENCH / self.family / name


def all_cases() -> Iterator[Case]:
    """Yield every case, small ones first in each series, the longest series last."""
    for family, names in PUBLISHED.items():
        for name in names:
            yield Case("published", name, family)
    for copies in COPIES:
        yield Case("tiles", f"tiles{copies}", scale=copies)
    for side in SIDES:
        yield Case("meshes", f"mesh{side}", scale=side)


def named(name: str) -> Case:
    """Return the case of this name.

    Raises
    ------
    KeyError
        If there is none.
    """
    return {case.name: case for case in all_cases()}[name]
