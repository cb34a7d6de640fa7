"""Tables as people take them along: what a column is called, measured in and means, in whatever form it is written.

A `Sheet` is a frame with its dictionary; a `Book` is the sheets of one answer with where they came from. `csv_of` and
`json_of` write them as text; `sheets.excel.excel` as an Excel workbook.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.output import csv_text
from corridors.text.choices import CHOICES

if TYPE_CHECKING:
    import pandas as pd

    from corridors.sheets.cover import Cover
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language

type About = list[tuple[str, Any]]  # what a figure of the origin is called, and the figure

PLAN, ANSWERS = "planning/plan.datapackage.json", "sheets/answers.datapackage.json"  # beside what they describe
ESTIMATE = "estimation/estimate.datapackage.json"
LINEAR, CHOICE, OF_MODEL = CHOICES[0], "choice", "model"  # which plans have a field of the dictionary, if not all
OWN_UNIT = "the objective's unit"
LABELS = {
    "kt": "freight",
    "km": "length",
    "hours": "time",
    "days": "time",
    "mtkm": "work",
    "usd_per_t": "cost",
    "usd_per_feu": "cost of a 40-foot container",
    "kgco2e_per_t": "emissions",
    "extra_usd": "extra cost",
    "t_co2e": "emissions",
    "t_km": "work",
    "generalised_usd_per_t": "generalised cost",
    "name_en": "name",
    "mtkm_at_home": "work at home",
    "kt_mainly": "freight mainly by it",
    "shadow_price_usd_per_t": "scarcity",
    "usd_per_percent": "worth of one per cent",
    "usd_per_t_day": "value of a day",
    "queue_days": "queue",
    "kt_served": "freight served",
    "kt_unserved": "freight left",
    "days_mean": "mean time",
    "extra_days": "extra time",
    "lat": "latitude",
    "lon": "longitude",
    "units_per_kt": "units needed",
    "through_kt": "through-freight",
    "touching_kt": "freight that touches it",
    "mean_kt": "mean load",
    "revenue_usd": "revenue",
    "teu": "containers",
    "vehicles_day": "loaded trains or lorries",
    "capacity_day": "most a day",
    "limit_crossings": "crossings that share the limit",
    "wait_hours": "time to cross",
}
ENDINGS = (  # of a column's name, which its unit says already
    "_usd_per_tkm",
    "_usd_per_t_day",
    "_usd_per_teu",
    "_usd_per_t",
    "_gco2e_per_tkm",
    "_kgco2e_per_t",
    "_kmh",
    "_mm",
    "_kt",
)
UNITS = {
    "kt/year": "kt a year",
    "million t km/year": "million t km a year",
    "units/kt": "units per kt",
    "share of capacity": "% of capacity",
    "t/year per unit": "t a year per unit",
    "USD/t/day": "USD per t and day",
    "share": "%",
    "USD/year": "USD a year",
    "TEU/year": "TEU a year",
    "t CO2e/year": "t CO2e a year",
    "1/day": "a day",
    "1": "",
    "unit": "see unit",
    "capacity_unit": "see capacity unit",
    "unit of the number": "",
}
FORMATS = {  # how a spreadsheet shows a number of this unit; its value stays whole
    "kt/year": "#,##0.0",
    "million t km/year": "#,##0.0",
    "km": "#,##0",
    "h": "#,##0.0",
    "days": "#,##0.0",
    "USD": "#,##0",
    "USD/t": "#,##0.00",
    "USD/FEU": "#,##0",
    "kg CO2e/t": "#,##0.0",
    "USD a year": "#,##0",
    "USD/year": "#,##0",
    "TEU/year": "#,##0",
    "t CO2e/year": "#,##0",
    "1/day": "#,##0.0",
    "t CO2e a year": "#,##0",
    "t km a year": "#,##0",
    "units/kt": "#,##0.000000",
    "calendar year": "0",
    "mixed": "#,##0.00",
    "relative": "0.0E+00",
    "count": "#,##0",
    "mm": "0",
}
PERCENT = "0.0%"
PLAIN = "General"


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Attributes
    ----------
    name
        As in the frame, in CSV and in JSON.
    label, unit
        As people read them, without and with the measure; "" where there is none.
    meaning
        What stands in it, in a sentence.
    shown
        How a spreadsheet shows its numbers (an Excel number format).
    status
        Whether it says how well a figure is founded: observed, assumed and so on.
    """

    name: str
    label: str = ""
    unit: str = ""
    meaning: str = ""
    shown: str = PLAIN
    status: bool = False

    @property
    def header(self) -> str:
        """Return the label with the unit behind it."""
        label = self.label or self.name
        return f"{label} ({self.unit})" if self.unit else label


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table with its dictionary.

    Attributes
    ----------
    name, title
        What it is called: shortly, and in words.
    frame
        Its rows; NaN and None are missing, inf is no limit.
    columns
        One for each column of the frame, in order.
    digits
        How CSV writes a number; 12 digits unless something else is given.
    """

    name: str
    title: str
    frame: pd.DataFrame
    columns: Sequence[Column]
    digits: str | Callable[[Any], str] = field(default="%.12g", repr=False)


@dataclass(frozen=True)
class Book:
    """The sheets of one answer, where they came from, and the paragraphs of the notice that goes with the data."""

    title: str
    sheets: Sequence[Sheet]
    about: About
    notice: Sequence[str] = ()
    cover: Cover | None = None
    say: Language | None = None  # the language of a workbook's headers and of its last sheet; English without

    def made_by(self, command: str) -> Book:
        """Return the same book with the command and the program that made it on top of where it comes from."""
        return replace(
            self, about=[("command", command), ("program", f"corridors {version('corridors')}"), *self.about]
        )


def sheet_of(
    name: str,
    frame: pd.DataFrame,
    dictionary: str = ANSWERS,
    *,
    unit: str = "",
    like: str = "",
    statuses: Sequence[str] = (),
    model: str = LINEAR,
) -> Sheet:
    """Return a frame as a sheet, described by one of our dictionaries.

    Parameters
    ----------
    name
        What the sheet is called.
    frame
        Its rows.
    dictionary
        The file beside this module that describes it.
    unit
        What "the objective's unit" is here.
    like
        The dictionary's table, where it is called otherwise than the sheet.
    statuses
        Columns that say how well a figure is founded, where the dictionary does not say so.
    model
        Of a plan: some of its columns mean something else where shippers choose.
    """
    resource = described(dictionary)[like or name]
    of = LINEAR if model == LINEAR else CHOICE
    fields = {one["name"]: one for one in resource["schema"]["fields"] if one.get(OF_MODEL, of) == of}
    given = [fields.get(str(column), {"name": str(column)}) for column in frame.columns]
    columns = [column_of({"status": one["name"] in statuses} | one, unit) for one in given]
    return Sheet(name, resource.get("title", name), frame, columns)


@cache
def described(dictionary: str = ANSWERS) -> dict[str, dict[str, Any]]:
    """Return the tables that a dictionary beside this module describes, by name."""
    package = json.loads((Path(__file__).parents[1] / dictionary).read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


def column_of(entry: Mapping[str, Any], own: str = "") -> Column:
    """Return a column as a field of a Frictionless dictionary describes it; `own` is the unit of the objective."""
    name, unit = entry["name"], entry.get("unit", "")
    if unit == OWN_UNIT:
        unit = f"{own} a year" if own else unit
    share = unit.startswith("share")
    called = UNITS.get(unit, "" if unit in ("mixed", "relative", "count", "calendar year", "0 or 1") else unit)
    return Column(
        name,
        label_of(entry),
        f"% of {unit.removeprefix('share of ')}" if share and unit not in UNITS else called,
        entry.get("description", ""),
        PERCENT if share else FORMATS.get(unit, PLAIN),
        entry.get("status", False),
    )


def label_of(entry: Mapping[str, Any]) -> str:
    """Return what people call a column: its title, or its name in words without the unit."""
    name = entry["name"]
    ending = next((one for one in ENDINGS if entry.get("unit") and name.endswith(one)), "")
    return str(entry.get("title") or LABELS.get(name) or name.removesuffix(ending).replace("_", " "))


def about_data(dataset: Dataset) -> About:
    """Return what tells a data package, with its scenario, from others."""
    return [
        ("data package", dataset.title or dataset.path.name),
        ("data digest (SHA-256)", dataset.digest),
        ("scenario", dataset.scenario),
        *((f"scenario {name}, digest", digest) for name, digest in dataset.scenarios),
    ]


def about_plan(summary: Mapping[str, Any]) -> About:
    """Return what tells a plan from others, and how far it is proven, from its summary."""
    keys = {
        "year": "year",
        "running": "running figures",
        "objective": "least",
        "carbon_price": "carbon price (USD/t)",
        "model": "model",
        "assign": "waiting",
        "tau": "tau of all cargo",
        "nests": "ways by",
        "objective_is": "objective: what it is",
        "proof": "certificate: proved",
        "method": "method",
        "status": "certificate: status",
        "gap": "certificate: relative gap",
        "objective_value": "certificate: objective",
        "bound_value": "certificate: no plan is below",
        "unit": "unit of the objective",
    }
    return [(label, summary[key]) for key, label in keys.items() if summary.get(key) is not None]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows for JSON: None where a value is missing or infinite, which JSON does not know."""
    return [
        {str(name): None if isinstance(cell, float) and not math.isfinite(cell) else cell for name, cell in row.items()}
        for row in frame.to_dict(orient="records")
    ]


def csv_of(sheet: Sheet) -> str:
    """Return a sheet as CSV: the columns' names, LF line ends, no formulas, blank where a value is missing."""
    return csv_text(sheet.frame, sheet.digits)


def json_of(document: Any) -> str:
    """Return a document as JSON for people and programs."""
    return json.dumps(document, ensure_ascii=False, indent=2)
