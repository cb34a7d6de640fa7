"""Write both tables of statuses in the embedded SOURCES.md anew: ``python tools/statuses.py [--check] [--counts]``.

The first counts the numbers of each table by status, the second says how much of the spread of the headlines comes from
the numbers of each status (`corridors.uncertainty.statuses`), which takes some CPU minutes. With ``--check`` nothing is
written, and the exit code is 1 if a table is not what it would be; with ``--counts`` the second table is left alone.
"""

import sys
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from corridors import tables
from corridors.tables.dataset import Dataset
from corridors.uncertainty import prepare, settings_for
from corridors.uncertainty.statuses import ALL, COST, influence

PAGE = tables.embedded() / "SOURCES.md"
SAMPLES, SEED = 64, 0
HEADLINES = {  # what is measured, its name in the table, the unit there, and how many of its own units that is
    COST: ("Cost of the year", "bn USD", 1e9),
    "rail:transit:2024": ("Transit by rail", "Mt", 1e3),
    "rail:transit:boxes:2024": ("Boxes in transit by rail", "thousand TEU", 1.0),
    "boxes:china-eu:2024": ("Boxes China to the EU by rail over Kazakhstan", "thousand TEU", 1.0),
    "rail:turnover:2024": ("Turnover of the railway", "bn tkm", 1e3),
    "caspian:2024": ("Middle Corridor over the Caspian", "Mt", 1e3),
    "dostyk:rail:2024-04": ("Rail over Dostyk, January to April", "Mt", 1e3),
    "altynkol:rail:2024": ("Rail over Altynkol", "Mt", 1e3),
}
COUNTS, WEIGHTED = "| table |", "| headline |"  # how the header rows of the two tables begin


def counts(dataset: Dataset) -> list[str]:
    """Return the lines of the table of numbers by table and status."""
    told = dataset["provenance"]
    found = Counter(zip(told["table"].tolist(), told["status"].tolist(), strict=True))
    statuses = sorted({status for _, status in found})
    lines = [_row([COUNTS.strip("| "), *statuses, "all"]), "|---|" + "---:|" * (len(statuses) + 1)]
    for table in sorted({table for table, _ in found}):
        figures = [found[table, status] for status in statuses]
        lines.append(_row([table, *(f"{one:,}" for one in [*figures, sum(figures)])]))
    whole = [sum(found[key] for key in found if key[1] == status) for status in statuses]
    return [*lines, _row([f"**{one}**" for one in ["all", *(f"{one:,}" for one in [*whole, sum(whole)])]])]


def weighted(dataset: Dataset) -> list[str]:
    """Return the lines of the table of what each status does to the headlines."""
    settings = settings_for(dataset, samples=SAMPLES, seed=SEED, ranking="none")
    names = [name for name in HEADLINES if name != COST]
    return table_of(dataset, influence(prepare(settings), names, _tell))


def table_of(dataset: Dataset, found: pd.DataFrame) -> list[str]:
    """Return the lines of the weighted table by the rows of `influence`: shares of numbers first, then of spreads."""
    told = dataset["provenance"]["status"].value_counts()
    statuses = sorted(told.index)
    first = found[found["headline"] == COST].set_index("status")["drawn"]
    drawn = [int(first.get(status, 0)) for status in statuses]
    lines = [_row([WEIGHTED.strip("| "), "in the plan", "spread", *statuses]), "|---|" + "---:|" * (len(statuses) + 2)]
    lines.append(_row(["*numbers*", f"{told.sum():,}", "", *_percent([int(told[one]) for one in statuses])]))
    lines.append(_row(["*numbers that are drawn*", f"{first[ALL]:,}", "", *_percent(drawn)]))
    for name, (title, unit, own) in HEADLINES.items():
        mine = found[found["headline"] == name].set_index("status")
        value, spread = float(mine["value"].iloc[0]), float(mine["spread"][ALL])
        shares = [f"{100 * float(mine['share'].get(status, 0.0)):.0f} %" for status in statuses]
        lines.append(_row([title, f"{value / own:,.1f} {unit}", f"{spread / value:.0%}".replace("%", " %"), *shares]))
    return lines


def _percent(figures: Sequence[int]) -> list[str]:
    """Return each figure as a share of their sum."""
    return [f"{100 * one / sum(figures):.0f} %" for one in figures]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _tell(done: int, total: int) -> None:
    print(f"\r{done} of {total} plans", end="" if done < total else "\n", file=sys.stderr, flush=True)


def replaced(page: str, begins: str, lines: Sequence[str]) -> str:
    """Return a page in which other lines stand for the table whose header row begins so.

    Raises
    ------
    ValueError
        If the page has no such table.
    """
    old = page.splitlines()
    start = next((number for number, line in enumerate(old) if line.startswith(begins)), -1)
    if start < 0:
        raise ValueError(f"{PAGE.name}: no table begins with '{begins}'")
    end = next((number for number in range(start, len(old)) if not old[number].startswith("|")), len(old))
    return "\n".join([*old[:start], *lines, *old[end:]]) + "\n"


def page_of(dataset: Dataset, page: str, *, all_tables: bool = True) -> str:
    """Return the page with its tables made anew."""
    page = replaced(page, COUNTS, counts(dataset))
    return replaced(page, WEIGHTED, weighted(dataset)) if all_tables else page


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - {"--check", "--counts"}:
        sys.exit(f"{', '.join(sorted(unknown))}: only --check and --counts are known")
    before = PAGE.read_text(encoding="utf-8")
    after = page_of(tables.read(), before, all_tables="--counts" not in sys.argv)
    if "--check" not in sys.argv:
        PAGE.write_text(after, encoding="utf-8")
    elif after != before:
        sys.exit(f"{PAGE.name}: its tables are not those of the package; run python tools/statuses.py")
