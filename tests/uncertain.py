"""The small data package with uncertain figures, and runs over it."""

from __future__ import annotations

from pathlib import Path

from small import read_rows, small_dataset, write_table

from corridors import sweep, tables
from corridors import uncertainty as runs
from corridors.uncertainty import results as uncertainty_results

Z80, Z90, Z95 = 1.2815515655, 1.6448536270, 1.9599639845  # standard normal: 80, 90 and 95 % lie between minus and plus

LOADING = ("terminals", "load:rail", "usd_per_t")
HANDLING = ("terminals", "load:rail", "kgco2e_per_t")
SPEED = ("links", "rail:HARBOUR-EASTGATE", "speed_kmh")
DEMAND = ("demand", "grain:export", "kt")

type Place = tuple[str, str, str]


def package(folder: Path, bands: dict[Place, tuple[str, str, str]]) -> Path:
    """Write the small data package with some uncertain figures: status, low, high."""
    made = small_dataset(folder)
    rows = read_rows(made, "provenance")
    for row in rows:
        found = bands.get((row["table"], row["key"], row["column"]))
        if found is not None:
            row["status"], row["low"], row["high"] = found
    write_table(made, "provenance", rows)
    return made


def shared_of(folder: Path | None, **chosen: object) -> runs.Shared:
    """Prepare what all samples of a run share."""
    dataset = tables.read(folder)
    data = None if folder is None else str(folder)
    made = runs.settings_for(dataset, **{"data": data, "samples": 8, "ranking": "none", **chosen})  # type: ignore[arg-type]
    return runs.prepare(made)


def found_in(folder: Path | None, out: Path | None = None, **chosen: object) -> uncertainty_results.UncertaintyResults:
    """Run all samples and read the results."""
    shared = shared_of(folder, **chosen)
    with sweep.run(runs.sweep_of(shared.settings), out) as results:
        return uncertainty_results.read(shared, results)
