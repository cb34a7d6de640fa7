"""The small data package with counts and an estimate of which every covariance is known by hand."""

from __future__ import annotations

import math
from pathlib import Path

from estimable import estimable
from small import edit, extend, read_rows, write_table

RUN = "estimate_0123456789ab"
# The shares of transit are 0.75 and 0.25; 1 / (n s) is the squared prior_sd with n = 1 / 0.03.
POSTERIOR = """
    parameter   table     key                column     kind   estimate prior_sd   sd          total
    west        demand    transit:west       kt         share  0.02     0.2        0.082       transit
    east        demand    transit:east       kt         share  -0.063   0.34641016 0.246       transit
    tau         choice    container|*        tau        factor 0.3      0.4        0.2         .
    sea         constants by:sea             usd_per_t  addend 1        5          3.231099    .
    tariff      tariffs   rail:container     usd_per_km factor 0        0.2        0.2         .
    tariff      tariffs   rail:container:BBB usd_per_km factor 0        0.2        0.2         .
"""
DIRECTIONS = """
    direction parameter loading     shrink
    1         west      0.3         0.3
    1         east      -0.51961524 0.3
    1         sea       0.8         0.3
    2         tau       1           0.5
"""
SEA = ("constants", "by:sea", "usd_per_t")
TARIFFS = [("tariffs", key, "usd_per_km") for key in ("rail:container", "rail:container:BBB")]
TAU = ("choice", "container|*", "tau")
SHARES = [("demand", key, "kt") for key in ("transit:west", "transit:east")]
SD = dict.fromkeys(TARIFFS, 0.2) | {TAU: 0.2}


def estimated(folder: Path) -> Path:
    """Write the estimable package with a posterior, and its numbers as `estimated`; give its folder."""
    made = estimable(folder)
    extend(made, "posterior", POSTERIOR)
    extend(made, "posterior_directions", DIRECTIONS)
    edit(made, "constants", 2, usd_per_t="1")
    extend(made, "sources", f"source citation url\n{RUN} invented .")
    told = read_rows(made, "provenance")
    values = {place: _value(made, place) for place in SD}
    for row in told:
        place = row["table"], row["key"], row["column"]
        if place in SD:
            reach = math.exp(1.6448536 * SD[place])
            ends = values[place] / reach, values[place] * reach
        elif place == SEA:
            ends = 1 - 1.6448536 * 3.231099, 1 + 1.6448536 * 3.231099
        elif place in SHARES:
            ends = float(row["low"]), float(row["high"])
        else:
            continue
        row |= {"status": "estimated", "source": RUN, "low": f"{ends[0]:.6g}", "high": f"{ends[1]:.6g}"}
    write_table(made, "provenance", told)
    return made


def _value(folder: Path, place: tuple[str, str, str]) -> float:
    """Return a number of the small package."""
    table, key, column = place
    names = {"tariffs": ("tariff",), "choice": ("cargo", "commodity")}[table]
    for row in read_rows(folder, table):
        if "|".join(row[name] for name in names) == key:
            return float(row[column])
    raise LookupError(place)
