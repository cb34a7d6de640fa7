"""docs/benchmarks.svg: time by instance and method, and how it grows with size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from benchmarks.cases import METHODS
from benchmarks.table import COMPILED, Row, is_total

COLOURS = ("#0b6e4f", "#e0a021", "#c8553d", "#5f7fa8")  # of the methods, in their order
SHAPES = ("circle", "diamond", "square", "triangle-up")


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw the results; the file's ending decides the format.

    Only answers that were right are drawn.
    """
    totals = [row for row in rows if is_total(row) and row["method"] in METHODS]
    charts = [_instances([row for row in totals if row["series"] == "published"])]
    charts += [_series(totals, "tiles", "Embedded network, tiled"), _series(totals, "meshes", "Generated meshes")]
    picture = alt.hconcat(*charts).configure_view(stroke=None).configure_axis(gridColor="#e4e4e4")
    picture.configure(font="sans-serif", background="white").save(str(path))


def _encodings() -> dict[str, Any]:
    methods = list(METHODS)
    scale = alt.Scale(domain=methods, range=list(COLOURS))
    shapes = alt.Scale(domain=methods, range=list(SHAPES))
    return {
        "color": alt.Color("method:N", scale=scale, title=None, legend=alt.Legend(orient="top")),
        "shape": alt.Shape("method:N", scale=shapes, title=None, legend=alt.Legend(orient="top")),
    }


def _values(rows: Sequence[Row]) -> alt.Data:
    keys = ("case", "method", "size", "cpu_seconds")
    return alt.Data(values=[{key: row[key] for key in keys} for row in rows])


def _instances(rows: Sequence[Row]) -> alt.Chart:
    """Return published instances as lines of points, the slowest below."""
    slowest = {row["case"]: max(r["cpu_seconds"] for r in rows if r["case"] == row["case"]) for row in rows}
    order = sorted(slowest, key=lambda case: slowest[case])
    time = alt.X("cpu_seconds:Q", scale=alt.Scale(type="log"), title="CPU seconds", axis=alt.Axis(format="~g"))
    return (
        alt.Chart(_values(rows), title="Published instances", width=300, height=18 * max(len(order), 1))
        .mark_point(filled=True, size=60, opacity=0.9)
        .encode(x=time, y=alt.Y("case:N", sort=order, title=None, axis=alt.Axis(grid=True)), **_encodings())
    )


def _series(rows: Sequence[Row], series: str, title: str) -> alt.Chart:
    """Return a series that grows, both axes logarithmic; lines meet where `columns` is compiled by default."""
    rows = [row for row in rows if row["series"] == series]
    rows += [row | {"method": "compiled"} for row in rows if row.get("note") == COMPILED]
    size = alt.X(
        "size:Q", scale=alt.Scale(type="log", nice=False, padding=12), title="arcs", axis=alt.Axis(format="~s")
    )
    seconds = alt.Y("cpu_seconds:Q", scale=alt.Scale(type="log"), title="CPU seconds", axis=alt.Axis(format="~g"))
    return (
        alt.Chart(_values(rows), title=title, width=240, height=324)
        .mark_line(point=alt.OverlayMarkDef(filled=True, size=60))
        .encode(x=size, y=seconds, **_encodings())
    )
