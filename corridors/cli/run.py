"""`corridors run`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli import keeping
from corridors.cli.errors import Interrupted
from corridors.cli.options import (
    Output,
    Settings,
    carbon_price_option,
    choice_options,
    data_option,
    objective_option,
    output_options,
    plan_options,
    year_option,
)
from corridors.cli.streams import echo

if TYPE_CHECKING:
    from corridors.planning.scenario_runs import Case
    from corridors.planning.settings import PlanSettings
    from corridors.scenario.application import Applied
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language
    from corridors.text.names import Names

MOST = 6
COMPARISON = "comparison.csv"


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@data_option()
@plan_options(
    objective=objective_option(),
    carbon_price=carbon_price_option("A price per tonne of CO2e for all. [default: what each scenario says, or 0]"),
    year=year_option(),
    running=click.option(
        "--running", metavar="typical|best", help="For all. [default: what each scenario says, or typical]"
    ),
    **choice_options(),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a plan folder for the base and each scenario here, and comparison.csv.",
)
@click.option("--force", is_flag=True, help="Replace plan folders, or the file of -o, that are there.")
@click.option("--quiet", is_flag=True, help="No progress.")
@output_options("CSV is one long table, as comparison.csv; Excel (xlsx) has a sheet for each.", force=False)
def run(
    scenarios: tuple[str, ...],
    folder: Path | None,
    settings: Settings,
    out: Path | None,
    force: bool,
    quiet: bool,
    to: Output,
) -> None:
    """Plan several scenarios and compare them with the base.

    A SCENARIO is a name (corridors scenarios lists them), the path of a TOML file, or several joined by +, applied in
    order. One that cannot be planned says why in its row. A scenario that asks for another year, other running figures
    or a carbon price is compared with a base of the same, such as base-2030, which is planned beside it.
    """
    from corridors.text.progress import steps

    with steps(to.say, quiet=quiet) as step:
        step(to.say("reading the data"))
        from corridors import tables
        from corridors.planning import scenario_runs

        dataset = tables.read(folder)
        chosen = settings()
        ready = scenario_runs.prepared(dataset, scenarios, chosen)
        if out is not None:
            _refuse(out, ready, chosen, force=force)
        cases, again = [], []
        for case in scenario_runs.planned(ready, chosen, step):
            cases.append(case)
            again += [] if _keep(case, out, force=force) else [case.name]
        if out is not None:
            from corridors.output import csv_text, new_file

            new_file(out / COMPARISON, csv_text(scenario_runs.comparison(cases)).encode(), force=True)
    _deliver(cases, dataset, to)
    if out is not None and to.form == "text":
        echo(to.say("Written to {path}", path=click.format_filename(out)))
        for name in again:
            echo(keeping.told(out / name, to.say, new=False))


def _refuse(out: Path, ready: Mapping[str, Applied], settings: PlanSettings, *, force: bool) -> None:
    """Say before any work what cannot be written, or would be lost."""
    from corridors.errors import OutputError
    from corridors.output import refuse_file

    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is not a folder; choose another folder")
    for name, applied in ready.items():
        keeping.refuse(out / name, keeping.about(applied, settings), force=force)
    refuse_file(out / COMPARISON, force=force or _compares(out / COMPARISON))


def _compares(file: Path) -> bool:
    """Tell whether a file is such a comparison: the plans beside it say all that is in it, and it may be replaced."""
    from corridors.files import read_bytes

    try:
        return read_bytes(file, inside=file.parent).startswith(b"scenario,base,section,")
    except OSError:
        return False


def _keep(case: Case, out: Path | None, *, force: bool) -> bool:
    """Write a plan, if it is asked for; return False where it stands there already."""
    if case.plan is None:
        return True
    if case.plan.summary["termination"] == "interrupted":
        raise Interrupted(
            f"stopped before the proof of '{case.name}'; what was planned before it is written, if asked for"
        )
    return out is None or keeping.write(case.plan, out / case.name, force=force)


def _deliver(cases: list[Case], dataset: Dataset, to: Output) -> None:
    from corridors.cli.tables import Answer, deliver
    from corridors.sheets import answers
    from corridors.text.names import Names

    answer = Answer(
        text=lambda: _text(cases, Names(dataset, to.say)),
        book=lambda: answers.of_runs(cases, dataset),
        csv=lambda: answers.whole_runs(cases),
        document=lambda: _document(cases),
    )
    deliver(answer, to)


def _document(cases: list[Case]) -> list[dict[str, Any]]:
    from corridors.planning import scenario_runs
    from corridors.sheets.sheet import records

    against = scenario_runs.differences(cases)
    told = records(scenario_runs.headline(cases))
    for row in told:
        if found := against.get(row["scenario"]):
            row |= {part: records(getattr(found, part)) for part in ("corridors", "bottlenecks", "shifts")}
    return told


def _text(cases: list[Case], names: Names) -> None:
    from corridors.cli import difference_text
    from corridors.cli.tables import table
    from corridors.frames import rows
    from corridors.planning import scenario_runs

    say = names.say
    unit = next((case.plan.summary["unit"] for case in cases if case.plan is not None), "")
    head = scenario_runs.headline(cases)
    columns = [
        say("scenario"),
        say("base"),
        say("year"),
        say("bn {unit}", unit=say.term(unit)),
        say("to base"),
        say("Mt served"),
        say("Mt left"),
        say("bn tkm"),
        say("days"),
        say("Mt CO2e"),
    ]
    table(say("Scenarios"), columns, [_headline(row, say) for row in rows(head)], right=tuple(range(2, 10)))
    for row in rows(head[head["status"] == "failed"]):
        echo(say("{what} was not planned: {why}", what=row.scenario, why=row.why))
    _left_out(cases, say)
    base = {case.name: case.base for case in cases}
    for name, found in scenario_runs.differences(cases).items():
        echo(say("{scenario}, against {base}", scenario=name, base=base[name]) + "\n")
        for part in ("borders", "corridors"):
            difference_text.moved(found, part, MOST, say, names)
        difference_text.bottlenecks(found, MOST, say, names)
        difference_text.shifts(found, MOST, say, names)
        difference_text.moved(found, "unserved", MOST, say, names)


def _headline(row: Any, say: Language) -> list[str]:
    if row.status == "failed":
        return [row.scenario, row.base, *[""] * 7, say("not planned")]
    change = "" if row.cost_change != row.cost_change else say.format(row.cost_change, "+.2%")
    return [
        row.scenario,
        row.base,
        f"{row.year:.0f}",
        say.number(row.objective_value / 1e9, 3),
        change,
        say.number(row.kt_served / 1e3, 1),
        say.number(row.kt_unserved / 1e3, 1),
        say.number(row.t_km / 1e9, 1),
        say.number(row.days_mean or 0, 2),
        say.number(row.t_co2e / 1e6, 2),
    ]


def _left_out(cases: list[Case], say: Language) -> None:
    """Say what the plans leave out of the demand, of other years, those of which it is the same together."""
    from corridors.text.reasons import of_other_years

    alike: dict[str, list[str]] = {}
    for case in cases:
        for sentence in () if case.plan is None else of_other_years(case.plan.summary, say):
            alike.setdefault(sentence, []).append(case.name)
    for sentence, named in alike.items():
        echo(f"{', '.join(named)}: {sentence}")
    if alike:
        echo("")
