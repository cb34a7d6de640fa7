"""A plan's workbook as people read it: a cover first, names beside ids, rail before the rest, in their language."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.frames import rows
from corridors.planning.summary import tight
from corridors.sheets.cover import Chart, Cover, Figure, Part
from corridors.sheets.sheet import Book, Column, Sheet
from corridors.sheets.words import TITLES
from corridors.tables.dataset import BASE
from corridors.text.names import Names
from corridors.text.reasons import Reasons

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language

# In the order in which people ask for them: rail, road, the sea, pipelines, then what a package has besides; air last.
MODES = ("rail", "road", "ferry", "short_sea", "deep_sea", "tanker", "oil_pipeline", "gas_pipeline")
LAST = "air"
CODES = frozenset({"mode", "from_mode", "to_mode", "kind", "status", "unit"})  # columns that hold words for codes
SHOWN = 12  # bars of a chart
LONGEST_BAR = 44  # characters of its label
FIRST_WORD = re.compile(r"\w*")  # of several modes
ROUNDING = 1e-15  # gaps below this are the arithmetic's own
DIGITS = "#,##0.##"


def dressed(book: Book, plan: Plan, dataset: Dataset, say: Language) -> Book:
    """Return the book of a plan with a cover, names beside ids and rail first, to be written in a language."""
    return _Dress(plan, dataset, say).book(book)


class _Dress:
    """What a plan's workbook is told with."""

    def __init__(self, plan: Plan, dataset: Dataset, say: Language) -> None:
        self.plan, self.dataset, self.say = plan, dataset, say
        self.names = Names(dataset, say)
        self.one = plan.summary

    def book(self, book: Book) -> Book:
        sheets = [self._sheet(sheet) for sheet in book.sheets]
        return replace(book, sheets=sheets, cover=self._cover(), say=self.say)

    # ---- sheets

    def _sheet(self, sheet: Sheet) -> Sheet:
        """Return a sheet with its rows by mode, names beside ids, and the words for codes."""
        frame = self._by_mode(sheet.frame).reset_index(drop=True)
        columns: list[Column] = []
        values: dict[str, Any] = {}
        for place, column in enumerate(sheet.columns):
            cells = frame.iloc[:, place]
            columns.append(self._shown(column, cells))
            values[column.name] = self._said(column.name, frame, cells)
            name = self._naming.get(column.name)
            if name and not (column.name == "resource" and "where" in frame):
                label = f"{column.label or column.name}: name"
                columns.append(Column(f"{column.name}_name", label, meaning="What it is called."))
                known = {one: name(one) for one in set(cells)}
                values[f"{column.name}_name"] = [known[one] for one in cells]
        title = TITLES.get(sheet.name, sheet.title)
        return replace(sheet, title=title, frame=pd.DataFrame(values, index=frame.index), columns=columns)

    def _said(self, name: str, frame: pd.DataFrame, cells: pd.Series) -> Any:
        """Return the cells of a column in the reader's language; English keeps the codes, as CSV has them."""
        if name == "name_en":
            return [self._in_language.get(one, one) for one in cells]
        if name == "where" and "resource" in frame:
            return list(map(self.names.resource, frame["resource"], cells))
        if name == "why" and "reason" in frame:
            return list(map(Reasons(self.names, self._where).of, rows(frame)))
        if name == "figure":
            return [self._label(one) for one in cells]
        if name == "unit" and "figure" in frame:
            return list(map(self.say, cells))
        if name in CODES and self.say.code != "en":
            return [self.say.term(one) if isinstance(one, str) else one for one in cells]
        return cells

    def _label(self, label: str) -> str:
        """Return the label of a figure of the summary, which may be that of one trade."""
        whole, parted, trade = label.partition(": ")
        return self.say(whole) + (parted and parted + self.say.term(trade))

    @staticmethod
    def _shown(column: Column, cells: pd.Series) -> Column:
        """Return a column whose numbers have thousands parted, where its unit does not say how they are shown."""
        plain = column.shown == "General" and cells.dtype.kind == "f"
        return replace(column, shown=DIGITS) if plain else column

    @cached_property
    def _naming(self) -> dict[str, Callable[[str], str]]:
        places = dict.fromkeys(("origin", "destination", "from_node", "to_node", "node"), self.names.place)
        return {
            **places,
            "link": self.names.link,
            "commodity": self.names.commodity,
            "resource": lambda one: self.names.resource(one, self._where.get(one, one)),
        }

    @cached_property
    def _where(self) -> dict[str, str]:
        found = self.plan.bottlenecks
        return dict(zip(found["resource"], found["where"], strict=True))

    @cached_property
    def _in_language(self) -> dict[str, str]:
        """The names of corridors by their English ones."""
        listed: list[Any] = self.dataset["corridors"].to_dict("records")
        return {row["name_en"]: self.say.name(row) for row in listed}

    def _by_mode(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows in the order of their modes; within one they stay as they are."""
        column = next((one for one in ("mode", "from_mode", "modes") if one in frame), None)
        if column is not None:
            modes = [FIRST_WORD.match(str(one))[0] for one in frame[column]]  # type: ignore[index]
            if column == "from_mode":
                modes = [one or other for one, other in zip(modes, frame["to_mode"], strict=True)]
        elif "resource" in frame and "usd_per_percent" not in frame:  # bottlenecks stay in the order of their worth
            modes = [self._modes.get(one, "") for one in frame["resource"]]
        else:
            return frame
        return frame.iloc[sorted(range(len(frame)), key=list(map(_rank, modes)).__getitem__)]

    @cached_property
    def _modes(self) -> dict[str, str]:
        """The modes of links."""
        links = self.dataset["links"]
        return dict(zip(links["link"], links["mode"], strict=True))

    # ---- cover

    def _cover(self) -> Cover:
        say, one = self.say, self.one
        title = say.name(
            {"name_en": self.dataset.title, "name_ru": self.dataset.title_ru, "name_kk": self.dataset.title_kk}
        )
        subtitle = say("Freight plan of {year}, {running} running", year=one["year"], running=say.term(one["running"]))
        if one["scenario"] != BASE:
            subtitle += say(", scenario {name}", name=one["scenario"])
        parts = [
            Part(say("In figures"), list(self._figures())),
            Part(say("Certificate"), list(self._certificate())),
            Part(say("Data"), list(self._data())),
        ]
        return Cover(title or self.dataset.path.name, subtitle, list(self._sentences()), parts, [*self._charts()])

    def _sentences(self) -> Iterator[str]:
        """Yield what was found, in a few sentences made of the plan's own figures."""
        say, one = self.say, self.one
        share = one["kt_served"] / one["kt_demanded"] if one["kt_demanded"] else 1.0
        yield say(
            "{served} Mt of {demanded} Mt a year are carried ({share}), for {usd} bn USD.",
            served=say.number(one["kt_served"] / 1000, 1),
            demanded=say.number(one["kt_demanded"] / 1000, 1),
            share=say.percent(share, 1),
            usd=say.number(one["usd_freight"] / 1e9, 2),
        )
        found = tight(self.plan.bottlenecks)
        if found.empty:
            yield say("No bottleneck: a little more capacity would save nothing anywhere.")
            return
        first = found.iloc[0]
        yield say(
            "The dearest bottleneck is {where}: one per cent more of it would save {value} {unit} a year.",
            where=self.names.resource(first["resource"], first["where"]),
            value=say.number(_scaled(float(first["usd_per_percent"])), 2),
            unit=self._million(),
        )

    def _million(self) -> str:
        return self.say("million {unit}", unit=self.say.term(self.one["unit"]))

    def _figures(self) -> Iterator[Figure]:
        say, one = self.say, self.one
        yield Figure(say("freight carried"), one["kt_served"] / 1000, say("Mt a year"))
        yield Figure(say("freight left"), one["kt_unserved"] / 1000, say("Mt a year"))
        for trade, kt in one["kt_by_trade"].items():
            if kt:
                yield Figure(f"  {say.term(trade)}", kt / 1000, say("Mt a year"))
        yield Figure(say("work"), one["t_km"] / 1e9, say("bn tkm a year"))
        yield Figure(say("freight bill"), one["usd_freight"] / 1e9, say("bn USD a year"))
        yield Figure(say("emissions, well to wheel"), one["t_co2e"] / 1e6, say("Mt CO2e a year"))
        if one.get("days_mean"):
            yield Figure(say("mean time of a tonne"), one["days_mean"], say("days"))

    def _certificate(self) -> Iterator[Figure]:
        say, one = self.say, self.one
        yield Figure(say("status"), say.term(one["status"]))
        unit = say("{unit} a year", unit=say.term(one["unit"]))
        yield Figure(say("relative gap"), max(one["gap"], ROUNDING), say("proven"), "0.0E+00")
        yield Figure(say("objective"), one["objective_value"], unit, "#,##0")
        if one.get("bound_value") is not None:
            yield Figure(say("no plan is below"), one["bound_value"], unit, "#,##0")

    def _data(self) -> Iterator[Figure]:
        say = self.say
        yield Figure(say("data digest (SHA-256)"), self.dataset.digest)
        yield Figure(say("scenario"), self.dataset.scenario)
        for name, digest in self.dataset.scenarios:
            yield Figure(say("digest of {name}", name=name), digest)

    def _charts(self) -> Iterator[Chart]:
        say = self.say
        corridors = self.plan.corridors
        through = bool((corridors["through_kt"] > 0).any())  # none runs all of a corridor that has no section
        heading = say("Corridors by through-freight") if through else say("Corridors by work")
        by, measure = ("through_kt", say("Mt a year")) if through else ("mtkm", say("bn tkm a year"))
        busy = corridors[(corridors["mode"] != LAST) & (corridors[by] > 0)].nlargest(SHOWN, by)
        named = [self.names.corridor(one) for one in busy["corridor"]]
        yield _chart(heading, measure, named, busy[by] / 1000)
        found = tight(self.plan.bottlenecks).head(SHOWN)
        where = [self.names.resource(*pair) for pair in zip(found["resource"], found["where"], strict=True)]
        measure = say("one per cent more saves, {unit} a year", unit=self._million())
        yield _chart(say("Bottlenecks"), measure, where, found["usd_per_percent"] / 1e6)


def _chart(heading: str, measure: str, labels: Sequence[str], values: pd.Series) -> Chart:
    cut = [one if len(one) <= LONGEST_BAR else one[: LONGEST_BAR - 1] + "…" for one in labels]
    told = [pair for pair in zip(cut, map(float, values), strict=True) if math.isfinite(pair[1])]
    return Chart(heading, measure, [label for label, _ in told], [value for _, value in told])


def _scaled(usd: float) -> float:
    return usd / 1e6


def _rank(mode: str) -> int:
    """Return the place of a mode among others."""
    if mode in MODES:
        return MODES.index(mode)
    return len(MODES) + (mode == LAST)
