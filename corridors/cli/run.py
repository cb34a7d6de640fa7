"""`corridors run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.errors import Interrupted
from corridors.cli.options import OBJECTIVES, Output, data_option, output_options, year_option

if TYPE_CHECKING:
    import pandas as pd

    from corridors.language import Language
    from corridors.naming import Names
    from corridors.runs import Case
    from corridors.tables import Dataset

MOST = 6
COMPARISON = "comparison.csv"


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@data_option()
@click.option("--objective", type=click.Choice(OBJECTIVES), default="generalised", show_default=True,
              help="What to minimise: money and time's worth, money, time, or emissions.")  # fmt: skip
@click.option("--carbon-price", type=click.FloatRange(0, 1e5), metavar="USD",
              help="A price per tonne of CO2e for all. [default: what each scenario says, or 0]")  # fmt: skip
@year_option()
@click.option("--running", metavar="typical|best", help="For all. [default: what each scenario says, or typical]")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
              help="Write a plan folder for the base and each scenario here, and comparison.csv.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace plan folders, or the file of -o, that are there.")
@click.option("--quiet", is_flag=True, help="No progress.")
@output_options("CSV is one long table, as comparison.csv; Excel (xlsx) has a sheet for each.", force=False)
def run(
    scenarios: tuple[str, ...],
    folder: Path | None,
    objective: str,
    carbon_price: float | None,
    year: int | None,
    running: str | None,
    out: Path | None,
    force: bool,
    quiet: bool,
    to: Output,
) -> None:
    """Plan several scenarios and compare them with the base.

    A SCENARIO is a name (corridors scenarios lists them), the path of a TOML file, or several joined by +, applied in
    order. One that cannot be planned says why in its row. With --year all are planned for that year, so that
    scenarios of a later year are compared with the same network.
    """
    from corridors.progress import steps

    with steps(to.say, quiet=quiet) as step:
        step(to.say("reading the data"))
        from corridors import runs, tables

        dataset = tables.read(folder)
        ready = runs.prepared(dataset, scenarios)
        if out is not None:
            _refuse(out, list(ready), force=force)
        cases = []
        for case in runs.planned(ready, runs.Terms(objective, year, running, carbon_price), step):
            cases.append(case)
            _keep(case, out, force=force)
        if out is not None:
            from corridors.output import csv_text, new_file

            new_file(out / COMPARISON, csv_text(runs.comparison(cases)).encode(), force=True)
    _deliver(cases, dataset, to)
    if out is not None and to.form == "text":
        click.echo(to.say("Written to {path}", path=click.format_filename(out)))


def _refuse(out: Path, names: list[str], *, force: bool) -> None:
    """Say before any work what cannot be written."""
    from corridors.errors import OutputError
    from corridors.output import refuse_file, refuse_folder

    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is not a folder; choose another folder")
    for name in names:
        refuse_folder(out / name, force=force)
    refuse_file(out / COMPARISON, force=force)


def _keep(case: Case, out: Path | None, *, force: bool) -> None:
    if case.plan is None:
        return
    if case.plan.summary["termination"] == "interrupted":
        raise Interrupted(
            f"stopped before the proof of '{case.name}'; what was planned before it is written, if asked for"
        )
    if out is not None:
        case.plan.write(out / case.name, force=force)


def _deliver(cases: list[Case], dataset: Dataset, to: Output) -> None:
    from corridors import books
    from corridors.cli.tabular import Answer, deliver
    from corridors.naming import Names

    answer = Answer(
        text=lambda: _text(cases, Names(dataset, to.say)),
        book=lambda: books.of_runs(cases, dataset),
        csv=lambda: books.whole_runs(cases),
        document=lambda: _document(cases),
    )
    deliver(answer, to)


def _document(cases: list[Case]) -> list[dict[str, Any]]:
    from corridors import runs
    from corridors.sheets import records

    against = runs.differences(cases)
    told = records(runs.headline(cases))
    for row in told:
        if found := against.get(row["scenario"]):
            row |= {part: records(getattr(found, part)) for part in ("corridors", "bottlenecks", "shifts")}
    return told


def _text(cases: list[Case], names: Names) -> None:
    from corridors import runs
    from corridors.cli import differing
    from corridors.cli.tabular import table
    from corridors.frames import rows

    say = names.say
    unit = next((case.plan.summary["unit"] for case in cases if case.plan is not None), "")
    head = runs.headline(cases)
    columns = [say("scenario"), say("year"), say("bn {unit}", unit=say.term(unit)), say("to base"), say("Mt served"),
               say("Mt left"), say("bn tkm"), say("days"), say("Mt CO2e")]  # fmt: skip
    table(say("Scenarios"), columns, [_headline(row, say) for row in rows(head)], right=tuple(range(1, 9)))
    for row in rows(head[head["status"] == "failed"]):
        click.echo(say("{what} was not planned: {why}", what=row.scenario, why=row.why))
    for name, found in runs.differences(cases).items():
        click.echo(say("{scenario}, against {base}", scenario=name, base=cases[0].name) + "\n")
        differing.moved(found, "corridors", MOST, say, names)
        differing.bottlenecks(found, MOST, say, names)
        differing.shifts(found, MOST, say, names)
        differing.moved(found, "unserved", MOST, say, names)
    _unlike(head, say)


def _headline(row: Any, say: Language) -> list[str]:
    if row.status == "failed":
        return [row.scenario, *[""] * 7, say("not planned")]
    return [
        row.scenario, f"{row.year:.0f}", say.number(row.objective_value / 1e9, 3), say.format(row.cost_change, "+.2%"),
        say.number(row.kt_served / 1e3, 1), say.number(row.kt_unserved / 1e3, 1), say.number(row.t_km / 1e9, 1),
        say.number(row.days_mean or 0, 2), say.number(row.t_co2e / 1e6, 2),
    ]  # fmt: skip


def _unlike(head: pd.DataFrame, say: Language) -> None:
    """Say where a scenario's year is not the base's: then it is not alone in what differs."""
    from corridors.frames import rows

    first, base = head["scenario"].iloc[0], head["year"].iloc[0]
    for row in rows(head):
        if row.year == row.year and row.year != base:
            click.echo(
                say("{scenario} is of {year}, {base} of {base_year}: --year {year} plans both on the same network.",
                    scenario=row.scenario, year=f"{row.year:.0f}", base=first, base_year=f"{base:.0f}")
            )  # fmt: skip
