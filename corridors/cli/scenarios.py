"""`corridors scenarios`: list them, show one."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.options import data_option, format_option

if TYPE_CHECKING:
    from corridors.scenario import Applied, Scenario

WIDTH = 100


@click.group(invoke_without_command=True)
@data_option()
@format_option("text", "csv", "json")
@click.pass_context
def scenarios(ctx: click.Context, folder: Path | None, form: str) -> None:
    """List the scenarios of the data package, or show one."""
    if ctx.invoked_subcommand is not None:
        return
    from corridors import scenario, tables

    found = scenario.listed(folder or tables.embedded())
    _print([{"name": one.name, "title": one.title} for one in found], form)


@scenarios.command()
@click.argument("name", metavar="NAME|FILE")
@data_option()
@format_option("text", "csv", "json")
def show(name: str, folder: Path | None, form: str) -> None:
    """Say why a scenario is there, where its figures come from, and how many rows each change touches."""
    from corridors import scenario, tables

    dataset = tables.read(folder)
    line = scenario.chain(dataset.path, [name])
    applied = scenario.apply(dataset, [name])
    changes = [
        {"scenario": one.name, "change": number, "table": change.table, "action": change.action,
         "rows": effect.rows, "altered": ";".join(f"{table} {count}" for table, count in effect.altered.items()),
         "where": change.picks() if change.action != "add" else ""}
        for number, (one, change, effect) in enumerate(applied.effects, start=1)
    ]  # fmt: skip
    if form == "csv":
        _print(changes, form)
    elif form == "json":
        _json(line, applied, changes)
    else:
        _text(line, applied, changes)


def _text(line: list[Scenario], applied: Applied, changes: list[dict[str, Any]]) -> None:
    one = line[-1]
    click.echo(f"{one.name}: {one.title}")
    if one.why:
        click.echo("\n" + textwrap.fill(one.why, WIDTH))
    for source in one.sources:
        click.echo(textwrap.fill(source, WIDTH, initial_indent="  - ", subsequent_indent="    "))
    asked = {"year": applied.year, "running": applied.running, "carbon price": applied.carbon_price}
    said = [f"{key} {value}" for key, value in asked.items() if value is not None]
    if said:
        click.echo(f"\nPlanned with: {', '.join(said)}")
    if len(line) > 1:
        click.echo(f"\nApplied after: {', '.join(other.name for other in line[:-1])}")
    from corridors.cli.tabular import table

    click.echo("")
    if changes:
        rows = [[str(row[key]) for key in ("change", "action", "table", "where", "rows", "altered")] for row in changes]
        columns = ["", "action", "table", "rows where", "rows", "altered"]
        table("Changes", columns, rows, right=(0, 4))
    else:
        click.echo("No table is changed.")


def _json(line: list[Scenario], applied: Applied, changes: list[dict[str, Any]]) -> None:
    import json

    one = line[-1]
    chain = [{"name": name, "digest": digest} for name, digest in applied.dataset.scenarios]
    told = {
        "name": one.name, "title": one.title, "why": one.why, "sources": list(one.sources), "year": applied.year,
        "running": applied.running, "carbon_price": applied.carbon_price, "scenarios": chain, "changes": changes,
    }  # fmt: skip
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


def _print(found: list[dict[str, Any]], form: str) -> None:
    if form == "json":
        import json

        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif form == "csv":
        import pandas as pd

        from corridors.output import csv_text

        click.echo(csv_text(pd.DataFrame(found)), nl=False)
    elif not found:
        click.echo("The data package has no scenarios.")
    else:
        wide = max(len(one["name"]) for one in found)
        for one in found:
            click.echo(f"{one['name']:{wide}}  {one['title']}")
