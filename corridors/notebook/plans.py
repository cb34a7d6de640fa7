"""A plan as a notebook holds it: frames to work with, pictures, and what moved against another plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors import output, planning, report, tables
from corridors.errors import DataError
from corridors.frames import rows
from corridors.notebook import html
from corridors.notebook import progress as reporting
from corridors.notebook.differences import Difference
from corridors.notebook.networks import KT_PER_MT, Network
from corridors.planning import difference
from corridors.planning.summary import ends, tight
from corridors.suggest import find_one
from corridors.text.choices import CHOICES

if TYPE_CHECKING:
    from corridors.report.vegalite import Drawing
    from corridors.stress.study import StressSettings
    from corridors.text.language import Language

EXCEL = "xlsx"
LISTED = 5
PROOF = ("status", "unit", "objective_value", "bound_value", "gap")
_ROUNDING = 1e-15  # gaps below this are the arithmetic's own


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """A proven plan and the network that it was made on; `corridors.plan` and `corridors.read` give one.

    Every frame is a copy of your own: changing it changes no plan. Mass is in kt a year, distance in km, time in
    hours, money in USD, emissions in kg CO2e per tonne; `datapackage.json` of a written plan describes every column.

    Attributes
    ----------
    made
        The plan itself.
    network
        What it was planned on.

    Examples
    --------
    >>> import corridors as co
    >>> plan = co.plan(co.load())
    >>> plan.certificate["status"], plan.certificate["gap"] < 1e-6
    ('optimal', True)
    >>> float(plan.unserved["kt"].sum())
    0.0
    >>> plan.corridors[["corridor", "mode", "kt"]].columns.tolist()
    ['corridor', 'mode', 'kt']
    """

    made: planning.Plan
    network: Network

    @property
    def summary(self) -> dict[str, Any]:
        """Totals, proof and origin of the plan, as `summary.json` holds them."""
        return deepcopy(dict(self.made.summary))

    @property
    def certificate(self) -> dict[str, Any]:
        """What was proved, recomputed from the problem and the answer apart from the solver.

        `objective_value` and `bound_value` in `unit`, the relative `gap` between the two, and the worst relative
        residual of any demand and of any capacity.
        """
        return {key: self.made.summary[key] for key in PROOF} | dict(self.made.summary["certificate"])

    @property
    def flows(self) -> pd.DataFrame:
        """Moves: kt by link, direction and commodity."""
        return self.made.flows.copy()

    @property
    def handlings(self) -> pd.DataFrame:
        """Loading, unloading, transhipment, gauge changes and frontiers: kt by place and commodity."""
        return self.made.handlings.copy()

    @property
    def usage(self) -> pd.DataFrame:
        """What each commodity takes of each limited resource: kt, units per kt, units."""
        return self.made.usage.copy()

    @property
    def routes(self) -> pd.DataFrame:
        """Every route that carries freight: kt, places, modes, km, hours, USD/t, kg CO2e/t."""
        return self.made.routes.copy()

    @property
    def corridors(self) -> pd.DataFrame:
        """Every corridor, used or not: kt of through-freight and of its mean load, million tkm, its fullest link."""
        return self.made.corridors.copy()

    @property
    def borders(self) -> pd.DataFrame:
        """Every crossing of a frontier by direction: kt, TEU, vehicles a day, its fullest limit, hours."""
        return self.made.borders.copy()

    @property
    def bottlenecks(self) -> pd.DataFrame:
        """Every limited resource: capacity, use, and what a little more is worth, and a little less, per unit."""
        return self.made.bottlenecks.copy()

    @property
    def beside_linear(self) -> pd.DataFrame | None:
        """Every corridor in the linear plan and where shippers choose, and why they differ; None of a linear plan.

        A plan that was read from a folder has none either, as a folder holds one plan.
        """
        return None if self.made.beside is None else self.made.beside.copy()

    @property
    def unserved(self) -> pd.DataFrame:
        """What was not carried, kt by demand, and why."""
        return self.made.unserved.copy()

    @property
    def charts(self) -> dict[str, str]:
        """The names of the charts that `chart` draws, with their titles in English."""
        return dict(report.CHARTS)

    def chart(self, name: str, *, language: str | None = None, against: Plan | None = None) -> Drawing:
        """Draw a chart; in a notebook it is shown where it is the last word of a cell.

        Parameters
        ----------
        name
            One of `charts`.
        language
            The code of the language of its texts and numbers; None is that of the environment, or else English.
        against
            Another plan, for the chart ``changes``: what changed from it to this one.

        Raises
        ------
        NameUnknown
            If there is no such chart (the nearest names are given) or language.
        DataError
            If ``changes`` is asked for without another plan.

        Notes
        -----
        The chart brings its fonts and number marks as `config`, which Altair allows on a whole only: before putting
        it into another chart, set its ``config`` to ``altair.Undefined``.

        Examples
        --------
        >>> import corridors as co
        >>> plan = co.plan(co.load())
        >>> plan.chart("bottlenecks").to_dict()["title"]
        'What bottlenecks are worth'
        """
        from corridors.report.vegalite import dressed

        say = _language(language)
        drawn = report.draw(name, self.made, self.network, say, against.made if against is not None else None)
        return dressed(drawn, say)

    def map(self, *, home: bool = False, language: str | None = None) -> Drawing:
        """Draw the map of the plan: tonnes and utilisation of every corridor's links; with `home`, the home country."""
        return self.chart("home-map" if home else "map", language=language)

    def report(
        self, file: Path | str, *, language: str | None = None, against: Plan | None = None, force: bool = False
    ) -> None:
        """Write the plan as one HTML page that needs no network.

        Parameters
        ----------
        file
            Where to; an existing file is replaced only with `force`.
        language
            The code of the language of the page; None is that of the environment, or else English.
        against
            Another plan: the page then tells what changed from it to this one.

        Raises
        ------
        OutputError
            If the file exists without `force` or cannot be written.
        """
        from corridors.report.page import write_up  # a template and every chart

        output.refuse_file(Path(file), force=force)
        page = write_up(self.made, self.network, _language(language), against.made if against is not None else None)
        output.new_file(Path(file), page.encode(), force=force)

    def export(self, path: Path | str, form: str | None = None, *, layer: str = "links", force: bool = False) -> None:
        """Write the plan for other programs: Excel, QGIS, transport tools.

        Parameters
        ----------
        path
            A file or a folder; an existing one is replaced only with `force`.
        form
            ``"xlsx"``, ``"geojson"``, ``"gpkg"`` or ``"gmns"``; None goes by the ending of the path.
        layer
            The layer of a single .geojson file: links, places, routes or unserved.
        force
            Replace an earlier export.

        Raises
        ------
        NameUnknown
            If there is no such format.
        OutputError
            If the path is taken or cannot be written, or packages for the format are not installed.
        """
        from corridors import export
        from corridors.sheets import answers, excel

        path = Path(path)
        wanted = find_one((EXCEL, *export.FORMATS), form or path.suffix.removeprefix("."), "format", "an export")
        if wanted == EXCEL:
            output.refuse_file(path, force=force)
            book = answers.of_plan(self.made, self.network.dataset)
            output.new_file(path, excel.excel(book), force=force)
        else:
            export.write(self.made, self.network, wanted, path, layer=layer, force=force)

    def write(self, folder: Path | str, *, force: bool = False) -> None:
        """Write the plan folder, all or nothing; with `force`, in place of an older plan.

        Raises
        ------
        OutputError
            If the folder exists without `force` or cannot be written.
        """
        self.made.write(Path(folder), force=force)

    def against(self, other: Plan) -> Difference:
        """Tell what moved from another plan to this one.

        Examples
        --------
        >>> import corridors as co
        >>> base = co.plan(co.load())
        >>> bool(base.against(base).shifts.empty)
        True
        """
        found = difference.compare(other.made, self.made)
        parts = {field.name: getattr(found, field.name) for field in fields(difference.Difference)}
        return Difference(**parts, before=_called(other), after=_called(self))

    def worst_closures(
        self, kinds: Sequence[str] = ("corridor",), *, left: float = 0.0, workers: int = 1, progress: bool = True
    ) -> pd.DataFrame:
        """Close everything of some kinds in turn and plan anew, the dearest first.

        Parameters
        ----------
        kinds
            Some of link, terminal, border, corridor, country.
        left
            What is left of the capacity, 0 (closed) to 1.
        workers
            Processes of this machine.
        progress
            Whether to say how far it is.

        Returns
        -------
        pandas.DataFrame
            A row for each closure (`stress.COLUMNS`): `extra_usd` a year; `extra_days`, of the mean tonne carried;
            `extra_unserved_kt`; the corridors that gain most; and the proven relative gap of its plan.

        Raises
        ------
        DataError
            If the plan minimises something else than generalised cost, there is no such kind, or the network's tables
            are not those of a folder and its scenarios, from which each process reads them.

        Examples
        --------
        >>> import corridors as co
        >>> worst = co.plan(co.load()).worst_closures(["corridor"])
        >>> bool(worst["extra_usd"].is_monotonic_decreasing)
        True
        """
        from corridors import stress

        settings = self._stress_settings(tuple(kinds), left)
        with reporting.counting(shown=progress) as tell:
            return stress.stress(settings, workers=workers, progress=tell)[0]

    def _stress_settings(self, kinds: tuple[str, ...], left: float) -> StressSettings:
        from corridors import scenario, stress

        data, chosen = self.network.dataset, self.network.chosen
        plan = planning.PlanSettings.of(self.made.summary)
        settings = stress.StressSettings(str(data.path), chosen, plan, kinds, left)
        if scenario.apply(tables.read(data.path), chosen).dataset.digest != data.digest:
            raise DataError(
                "the tables of this network were changed in memory, and closures are planned from a folder: write them "
                "with network.dataset.write(folder), load that folder, and plan it"
            )
        return settings

    def counts(self) -> pd.DataFrame:
        """Hold the plan against what was counted, one row for each observation of the data package.

        `value`, `sd` and `model` in `unit`; `deviation` is model / value - 1, `sds` how many standard deviations the
        model is above the count. Those of another year than the plan's have no model, and the verdict ``other_year``.

        Examples
        --------
        >>> import corridors as co
        >>> counts = co.plan(co.load()).counts()
        >>> sorted(set(counts["use"]))
        ['fit', 'input', 'test']
        """
        from corridors.planning import counted

        return counted.beside(self.made, self.network)

    def __repr__(self) -> str:
        """Return one line: what was planned, what is served, what it costs and how well it is proven."""
        one = self.made.summary
        cost = f"{one['objective_value']:,.6g} {one['unit']}"
        return f"<Plan of {_called(self)}: {_served(one)} served, {cost}, {one['status']}, gap {_gap(one)}>"

    def _repr_html_(self) -> str:
        title = f"Freight of {_called(self)}"
        full = tight(self.made.bottlenecks)
        found = [html.heading(title), html.table(["", ""], _headline(self.made), right=(1,))]
        if len(full):
            found.append(html.heading("Tightest bottlenecks"))
            found.append(_bottlenecks(full.head(LISTED), self.made.summary["unit"]))
        return html.block(*found)


def _headline(made: planning.Plan) -> list[tuple[str, str]]:
    one = made.summary
    share = one["kt_served"] / one["kt_demanded"] if one["kt_demanded"] else 1.0
    trades = ", ".join(f"{trade} {kt / KT_PER_MT:,.1f}" for trade, kt in one["kt_by_trade"].items() if kt)
    proof = f"proven to a relative gap of {_gap(one)}"
    if one["status"] != "optimal":
        proof = f"STOPPED EARLY: a better plan may exist, by at most {one['gap']:.2%}"
    return [
        ("served", f"{_served(one)} ({share:.1%})"),
        ("of it, Mt", trades),
        ("work", f"{one['t_km'] / 1e9:,.1f} bn tkm"),
        ("freight bill", f"{one['usd_freight'] / 1e9:,.2f} bn USD"),
        ("emissions", f"{one['t_co2e'] / 1e6:,.2f} Mt CO2e"),
        ("mean time", f"{html.number(one['days_mean'], 1)} days"),
        (f"least {one['objective']}", f"{one['objective_value']:,.0f} {one['unit']}, {proof}"),
    ]


def _served(summary: Mapping[str, Any]) -> str:
    return f"{summary['kt_served'] / KT_PER_MT:,.1f} of {summary['kt_demanded'] / KT_PER_MT:,.1f} Mt"


def _gap(summary: Mapping[str, Any]) -> str:
    return f"{max(summary['gap'], _ROUNDING):.0e}"


def _bottlenecks(full: pd.DataFrame, unit: str) -> str:
    term = _language("en").term
    lines = [
        [row.where, f"{row.capacity:,.6g} {term(row.unit)}", row.status, _price(row), _queue(row)] for row in rows(full)
    ]
    columns = ["full", "capacity", "which is", f"a little more saves, {unit} a year per unit", "queue in days"]
    return html.table(columns, lines, right=(1, 3, 4))


def _queue(row: Any) -> str:
    return "" if math.isnan(row.queue_days) else f"{row.queue_days:,.1f}"


def _price(row: Any) -> str:
    return " – ".join(map(html.number, ends(row.shadow_price_low, row.shadow_price_high)))


def _called(one: Plan) -> str:
    summary = one.made.summary
    under = "" if summary["scenario"] == tables.BASE else f", {summary['scenario']}"
    chooses = "" if one.made.model == CHOICES[0] else f", by choice ({one.made.model})"
    return f"{summary['year']}, {summary['running']} running{under}{chooses}"


def _language(code: str | None) -> Language:
    from corridors.text import language

    return language.usual() if code is None else language.language(code)
