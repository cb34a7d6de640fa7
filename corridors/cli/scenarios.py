"""`corridors scenarios`: list them, show one."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.options import Output, data_option, output_options
from corridors.cli.streams import echo

if TYPE_CHECKING:
    from corridors.scenario.application import Applied
    from corridors.scenario.scenario import Scenario
    from corridors.sheets.sheet import Book
    from corridors.text.language import Language

WIDTH = 100


@click.group(invoke_without_command=True)
@data_option()
@output_options()
@click.pass_context
def scenarios(ctx: click.Context, folder: Path | None, to: Output) -> None:
    """List the scenarios of the data package, or show one."""
    if ctx.invoked_subcommand is not None:
        return
    from corridors import scenario, tables
    from corridors.cli.tables import Answer, deliver

    found = [{"name": one.name, "title": one.title} for one in scenario.listed(folder or tables.embedded())]
    deliver(Answer(text=lambda: _listed(found, to.say), book=lambda: _book("scenario_list", found)), to)


@scenarios.command()
@click.argument("name", metavar="NAME|FILE")
@data_option()
@output_options("CSV and Excel (xlsx) have the changes; JSON all.")
def show(name: str, folder: Path | None, to: Output) -> None:
    """Say why a scenario is there, where its figures come from, and how many rows each change touches."""
    from corridors import scenario, tables
    from corridors.cli.tables import Answer, deliver

    dataset = tables.read(folder)
    line = scenario.chain(dataset.path, [name])
    applied = scenario.apply(dataset, [name])
    changes = [
        {
            "scenario": one.name,
            "change": number,
            "table": change.table,
            "action": change.action,
            "rows": effect.rows,
            "altered": ";".join(f"{table} {count}" for table, count in effect.altered.items()),
            "where": change.picks() if change.action != "add" else "",
        }
        for number, (one, change, effect) in enumerate(applied.effects, start=1)
    ]
    answer = Answer(
        text=lambda: _text(line, applied, changes, to.say),
        book=lambda: _book("scenario_changes", changes, applied),
        document=lambda: _document(line, applied, changes),
    )
    deliver(answer, to)


def _text(line: list[Scenario], applied: Applied, changes: list[dict[str, Any]], say: Language) -> None:
    one = line[-1]
    echo(f"{one.name}: {one.title}")
    if one.why:
        echo("\n" + textwrap.fill(one.why, WIDTH))
    for source in one.sources:
        echo(textwrap.fill(source, WIDTH, initial_indent="  - ", subsequent_indent="    "))
    asked = {
        say("year"): applied.year,
        say("running"): applied.running and say.term(applied.running),
        say("carbon price"): applied.carbon_price,
    }
    told = [f"{key} {value}" for key, value in asked.items() if value is not None]
    if told:
        echo("\n" + say("Planned with: {terms}", terms=", ".join(told)))
    if len(line) > 1:
        echo("\n" + say("Applied after: {scenarios}", scenarios=", ".join(other.name for other in line[:-1])))
    from corridors.cli.tables import table

    echo("")
    if changes:
        rows = [[str(row[key]) for key in ("change", "action", "table", "where", "rows", "altered")] for row in changes]
        columns = ["", say("action"), say("table"), say("rows where"), say("rows"), say("altered")]
        table(say("Changes"), columns, rows, right=(0, 4))
    else:
        echo(say("No table is changed."))


def _document(line: list[Scenario], applied: Applied, changes: list[dict[str, Any]]) -> dict[str, Any]:
    one = line[-1]
    chain = [{"name": name, "digest": digest} for name, digest in applied.dataset.scenarios]
    return {
        "name": one.name,
        "title": one.title,
        "why": one.why,
        "sources": list(one.sources),
        "year": applied.year,
        "running": applied.running,
        "carbon_price": applied.carbon_price,
        "scenarios": chain,
        "changes": changes,
    }


def _listed(found: list[dict[str, Any]], say: Language) -> None:
    if not found:
        echo(say("The data package has no scenarios."))
    wide = max((len(one["name"]) for one in found), default=0)
    for one in found:
        echo(f"{one['name']:{wide}}  {one['title']}")


def _book(name: str, found: list[dict[str, Any]], applied: Applied | None = None) -> Book:
    import pandas as pd

    from corridors.sheets import answers
    from corridors.sheets.sheet import described, sheet_of

    columns = [one["name"] for one in described()[name]["schema"]["fields"]]
    sheet = sheet_of(name, pd.DataFrame(found, columns=columns))
    return answers.of_table(sheet, None if applied is None else applied.dataset)
