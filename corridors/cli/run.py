"""`corridors run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.errors import Interrupted
from corridors.cli.options import OBJECTIVES, data_option, format_option, year_option

if TYPE_CHECKING:
    import pandas as pd

    from corridors.runs import Case

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
@click.option("--force", is_flag=True, help="Replace existing plan folders.")
@click.option("--quiet", is_flag=True, help="No progress.")
@format_option("text", "csv", "json")
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
    form: str,
) -> None:
    """Plan several scenarios and compare them with the base.

    A SCENARIO is a name (corridors scenarios lists them), the path of a TOML file, or several joined by +, applied in
    order. One that cannot be planned says why in its row. With --year all are planned for that year, so that
    scenarios of a later year are compared with the same network.
    """
    from corridors.cli.progress import steps

    with steps(quiet=quiet) as step:
        step("reading the data")
        from corridors import runs, tables

        ready = runs.prepared(tables.read(folder), scenarios)
        if out is not None:
            _refuse(out, list(ready), force=force)
        cases = []
        for case in runs.planned(ready, runs.Terms(objective, year, running, carbon_price), step):
            cases.append(case)
            _keep(case, out, force=force)
        if out is not None:
            _write(out / COMPARISON, runs.comparison(cases))
    _print(cases, form)
    if out is not None and form == "text":
        click.echo(f"Written to {out}")


def _refuse(out: Path, names: list[str], *, force: bool) -> None:
    """Say before any work what cannot be written."""
    from corridors.errors import OutputError
    from corridors.output import refuse_folder

    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is not a folder; choose another folder")
    for name in names:
        refuse_folder(out / name, force=force)
    if (out / COMPARISON).exists() and not force:
        raise OutputError(f"{out / COMPARISON} exists already; choose another folder, or replace it with --force")


def _keep(case: Case, out: Path | None, *, force: bool) -> None:
    if case.plan is None:
        return
    if case.plan.summary["status"] != "optimal":
        raise Interrupted(
            f"stopped before the proof of '{case.name}'; what was planned before it is written, if asked for"
        )
    if out is not None:
        case.plan.write(out / case.name, force=force)


def _write(path: Path, frame: pd.DataFrame) -> None:
    from corridors.output import csv_text

    work = path.with_name(f".{path.name}")
    work.write_text(csv_text(frame), encoding="utf-8", newline="")
    work.replace(path)


def _print(cases: list[Case], form: str) -> None:
    from corridors import runs
    from corridors.output import csv_text

    if form == "csv":
        click.echo(csv_text(runs.comparison(cases)), nl=False)
    elif form == "json":
        _json(cases)
    else:
        _text(cases)


def _json(cases: list[Case]) -> None:
    import json

    from corridors import runs

    against = runs.differences(cases)
    told = json.loads(runs.headline(cases).to_json(orient="records", double_precision=12))
    for row in told:
        if found := against.get(row["scenario"]):
            for part in ("corridors", "bottlenecks", "shifts"):
                row[part] = json.loads(getattr(found, part).to_json(orient="records", double_precision=12))
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


def _text(cases: list[Case]) -> None:
    from corridors import runs
    from corridors.cli import differing
    from corridors.cli.tabular import table
    from corridors.frames import rows

    unit = next((case.plan.summary["unit"] for case in cases if case.plan is not None), "")
    head = runs.headline(cases)
    columns = ["scenario", "year", f"bn {unit}", "to base", "Mt served", "Mt left", "bn tkm", "days", "Mt CO2e"]
    table("Scenarios", columns, [_headline(row) for row in rows(head)], right=tuple(range(1, 9)))
    for row in rows(head[head["status"] == "failed"]):
        click.echo(f"{row.scenario} was not planned: {row.why}")
    for name, found in runs.differences(cases).items():
        click.echo(f"{name}, against {cases[0].name}\n")
        differing.moved(found, "corridors", MOST)
        differing.bottlenecks(found, MOST)
        differing.shifts(found, MOST)
        differing.moved(found, "unserved", MOST)
    _unlike(head)


def _headline(row: Any) -> list[str]:
    if row.status == "failed":
        return [row.scenario, *[""] * 7, "not planned"]
    return [
        row.scenario, f"{row.year:.0f}", f"{row.objective_value / 1e9:,.3f}", f"{row.cost_change:+.2%}",
        f"{row.kt_served / 1e3:,.1f}", f"{row.kt_unserved / 1e3:,.1f}", f"{row.t_km / 1e9:,.1f}",
        f"{row.days_mean or 0:.2f}", f"{row.t_co2e / 1e6:,.2f}",
    ]  # fmt: skip


def _unlike(head: pd.DataFrame) -> None:
    """Say where a scenario's year is not the base's: then it is not alone in what differs."""
    from corridors.frames import rows

    base = head["year"].iloc[0]
    for row in rows(head):
        if row.year == row.year and row.year != base:
            click.echo(f"{row.scenario} is of {row.year:.0f}, {head['scenario'].iloc[0]} of {base:.0f}: "
                       f"--year {row.year:.0f} plans both on the same network.")  # fmt: skip
