"""Charts as Vega-Lite, and what may stand in a page."""

from __future__ import annotations

import json
from textwrap import wrap
from typing import TYPE_CHECKING, Any, cast

import altair as alt

from corridors.report.style import CONFIG

if TYPE_CHECKING:
    from corridors.text.language import Language

LINES = "split(datum.label, '\\n')"  # an axis's labels as the lines that `in_lines` made of them

type Drawing = alt.Chart | alt.LayerChart


def layered(*layers: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    """Lay charts over one another, the first at the bottom."""
    return cast(alt.LayerChart, alt.layer(*layers))  # facets, the other kind that it can give, are not used here


def dressed[D: Drawing](chart: D, say: Language) -> D:
    """Return a chart its fonts, colours and the language's marks in numbers."""
    chart.config = CONFIG | {"locale": {"number": say.marks()}}
    return chart


def specification(chart: Drawing, say: Language) -> dict[str, Any]:
    """Return a chart as Vega-Lite with the language's marks in its numbers.

    Its data are put in last, for Altair would look at every number of them.
    """
    bare = chart.copy(deep=False)
    data = {} if chart.datasets is alt.Undefined else chart.datasets
    bare.datasets = alt.Undefined
    found: dict[str, Any] = bare.to_dict(validate=False)  # every part was checked as it was made
    found["datasets"] = found.get("datasets", {}) | data
    found["config"] = CONFIG | {"locale": {"number": say.marks()}}
    return found


def in_lines(text: str, letters: int = 34) -> str:
    """Return a text broken into lines of at most so many letters, for labels that none may cut off."""
    return "\n".join(wrap(text, letters))


def without_legends(spec: dict[str, Any]) -> dict[str, Any]:
    """Take the legends out of a specification, in place, and return it: for a page that has its own."""
    for channel in spec.get("encoding", {}).values():
        if isinstance(channel, dict) and "legend" in channel:
            channel["legend"] = None
    for layer in spec.get("layer", ()):
        without_legends(layer)
    return spec


def script_safe(value: Any) -> str:
    """Return a value as JSON that may stand inside a script element: nothing in it ends one or begins another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
