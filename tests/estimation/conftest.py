"""A small data package with counts, bands and constants, to estimate from."""

from __future__ import annotations

from pathlib import Path

import pytest
import small

from corridors import tables
from corridors.tables.dataset import Dataset

BANDS = {  # of what provenance.csv gives a wide band: factors of low and high
    ("demand", "kt"): (0.4, 2.5),
    ("totals", "kt"): (0.8, 1.25),  # which leaves a share 0.5 to 2
    ("choice", "tau"): (0.5, 2.0),
    ("tariffs", "usd_per_km"): (0.7, 1.4),
    ("modes", "usd_per_tkm"): (0.7, 1.4),
    ("modes", "speed_kmh"): (0.8, 1.25),
    ("borders", "hours"): (0.5, 2.0),
}
CONSTANTS = """
    constant kind     mode     where                 cargo direction usd_per_t sd_usd_per_t
    sea      mode     deep_sea .                     *     .         0         10
    gate     crossing rail     rail:EASTGATE-DRYPASS *     .         0         5
    gate:out crossing rail     DRYPASS               *     BBB>AAA   0         5
"""


def estimated_from(folder: Path) -> Path:
    """Write the small package with counts, bands, constants and no elasticity; give its folder."""
    small.observed(small.small_dataset(folder))
    small.extend(folder, "constants", CONSTANTS)
    small.edit(folder, "choice", 3, elasticity="")
    told = small.read_rows(folder, "provenance")
    told = [row for row in told if (row["table"], row["column"]) != ("choice", "elasticity")]
    for row in told:
        low, high = BANDS.get((row["table"], row["column"]), (1.0, 1.0))
        row["low"], row["high"] = (str(float(row[end]) * by) for end, by in (("low", low), ("high", high)))
    for name in ("sea", "gate", "gate:out"):
        band = {"status": "assumed", "low": "-9", "high": "9", "source": "invented"}
        told.append({"table": "constants", "key": name, "column": "usd_per_t", **band})
    small.write_table(folder, "provenance", told)
    return folder


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Return a small data package that can be estimated."""
    return tables.read(estimated_from(tmp_path / "package"))


@pytest.fixture(scope="session")
def shared_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Return the same for tests that estimate from it once for all."""
    return tables.read(estimated_from(tmp_path_factory.mktemp("shared") / "package"))
