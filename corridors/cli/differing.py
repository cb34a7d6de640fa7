"""What moved between two plans, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridors.cli.tabular import table
from corridors.frames import rows

if TYPE_CHECKING:
    import pandas as pd

    from corridors.difference import Difference

TITLES = {
    "corridors": "Corridors (mean kt)", "links": "Links (kt)",
    "modes": "Modes (million tkm)", "unserved": "Not served (kt)",
}  # fmt: skip
SMALL = 1e-3
LARGE = 1e4


def figure(value: float) -> str:
    """Give a number as a person reads it: whole from ten thousand on, else four digits."""
    if value != value:
        return "-"
    if abs(value) < SMALL:
        return "0"
    return f"{value:,.0f}" if abs(value) >= LARGE else f"{value:,.4g}" if abs(value) < LARGE / 10 else f"{value:,.0f}"


def signed(value: float) -> str:
    """Give a change with its sign."""
    return f"+{figure(value)}" if value > 0 else figure(value)


def totals(difference: Difference) -> None:
    """Print both plans' totals."""
    lines = [
        [f"{row.measure}, {row.unit}" if row.unit and row.unit not in row.measure else row.measure,
         *_figures(row)] for row in rows(difference.totals)
    ]  # fmt: skip
    table("Totals", ["", "before", "after", "change"], lines, right=(1, 2, 3))


def shifts(difference: Difference, most: int) -> None:
    """Print what moved from where to where."""
    lines = [[row.from_way, row.to_way, figure(row.kt)] for row in rows(difference.shifts.head(most))]
    if lines:
        table("From where to where",
              ["from", "to", "kt"], lines, right=(2,))  # fmt: skip


def moved(difference: Difference, part: str, most: int) -> None:
    """Print the figures of a part that changed most."""
    frame: pd.DataFrame = getattr(difference, part)
    if len(frame):
        lines = [[f"{row.name} {getattr(row, 'where', '')}".strip(), *_figures(row)] for row in rows(frame.head(most))]
        table(TITLES[part], ["", "before", "after", "change"], lines, right=(1, 2, 3))


def bottlenecks(difference: Difference, most: int) -> None:
    """Print the resources whose use or price changed, those worth most first."""
    frame = difference.bottlenecks
    lines = []
    for name in list(dict.fromkeys(frame["name"]))[:most]:
        mine = frame[frame["name"] == name]
        by = {row.measure: row for row in rows(mine)}
        used, price = by.get("utilisation"), by.get("shadow_price_low")
        lines.append([mine["where"].iloc[0], *(_pair(used, "{:.0%}")), *(_pair(price, "{:,.0f}"))])
    if lines:
        columns = ["bottleneck", "used before", "after", "one more unit saves, before", "after"]
        table("Bottlenecks that changed", columns, lines, right=(1, 2, 3, 4))


def _figures(row: Any) -> list[str]:
    return [figure(row.before), figure(row.after), signed(row.change)]


def _pair(row: Any, form: str) -> list[str]:
    return ["same", "same"] if row is None else [form.format(row.before), form.format(row.after)]
