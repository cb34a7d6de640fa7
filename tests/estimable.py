"""The small data package with counts, and with bands of what is estimated from them."""

from __future__ import annotations

from pathlib import Path

from small import append, edit, observed, read_rows, small_dataset, write_table

BANDS = {  # by table, key and column: low and high
    ("choice", "container|*", "tau"): ("10", "40"),
    ("choice", "bulk|*", "tau"): ("8", "28"),
    ("choice", "*|*", "tau"): ("5", "20"),
    ("tariffs", "rail:container", "usd_per_km"): ("0.3", "0.55"),
    ("tariffs", "rail:container:BBB", "usd_per_km"): ("0.35", "0.7"),
    ("demand", "transit:west", "kt"): ("2300", "3600"),
    ("demand", "transit:east", "kt"): ("600", "1700"),
    ("splits", "transit|west", "share"): ("0.575", "0.9"),
    ("splits", "transit|east", "share"): ("0.15", "0.425"),
}
COUNTS = {  # by observation: value and standard deviation, near what the small package's shippers choose
    "port": ("1300", "150"),
    "a-c": ("1100", "150"),
    "main": ("3300", "300"),
    "main:work": ("34000", "3000"),
    "rail": ("6900", "400"),
    "rail:half": ("3400", "200"),
    "lorries": ("13500", "2000"),
    "grain": ("5800", "600"),
    "rail:work": ("8500", "1500"),
}
CONSTANT = {"constant": "by:sea", "kind": "mode", "mode": "deep_sea", "cargo": "*", "usd_per_t": "0"}


def estimable(folder: Path) -> Path:
    """Write the small data package with counts of 2024, bands, and a constant of the sea; give its folder."""
    made = observed(small_dataset(folder))
    counts = [row for row in read_rows(made, "observations") if row["observation"] in COUNTS]
    for row in counts:
        row["value"], row["sd"] = COUNTS[row["observation"]]
    write_table(made, "observations", counts)
    edit(made, "choice", 3, elasticity="")
    write_table(made, "constants", [CONSTANT | {"sd_usd_per_t": "20"}])
    place = {"table": "constants", "key": "by:sea", "column": "usd_per_t"}
    append(made, "provenance", **place, status="assumed", low="-30", high="30", source="invented")
    told = [
        row
        for row in read_rows(made, "provenance")
        if row["column"] != "elasticity" and (row["table"] != "observations" or row["key"] in COUNTS)
    ]
    for row in told:
        exact = (
            (COUNTS[row["key"]][0],) * 2
            if row["table"] == "observations"
            else (row.get("low", ""), row.get("high", ""))
        )
        row["low"], row["high"] = BANDS.get((row["table"], row["key"], row["column"]), exact)
    write_table(made, "provenance", told)
    return made
