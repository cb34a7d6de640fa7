"""`corridors data`: look at, check and copy data packages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors import nearest
from corridors.cli.options import data_option, format_option
from corridors.cli.references import references
from corridors.errors import DataError, OutputError

# pandas and the rules are imported by the commands that need them, so that help comes at once

if TYPE_CHECKING:
    import pandas as pd

    from corridors.tables import Dataset

FAULTS_FOUND = 2
UNIT_COLUMNS = ("capacity_unit", "unit")  # the row itself names the unit
NEGATIVE = re.compile(r"-[0-9.e+-]+")
NOT_COPIED = ("__pycache__", ".*", "*.pyc")
SOURCE_COLUMNS = ["column", "value", "unit", "status", "low", "high", "source", "citation", "note"]


@click.group()
def data() -> None:
    """Look at, check and copy data packages."""


data.add_command(references)


@data.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
@format_option("text", "json", "csv")
@click.pass_context
def check(ctx: click.Context, folder: Path | None, form: str) -> None:
    """Name every fault of a data package, one a line.

    Ends with exit code 2 if there is any, with 0 and one line of summary if there is none. Without DIR, the
    embedded data package is checked.
    """
    from corridors import checking, tables

    folder = folder or tables.embedded()
    loaded = checking.load(folder, structure=True)
    if form == "text":
        for fault in loaded.faults:
            click.echo(str(fault))
    else:
        _print_rows(form, checking.Fault.__annotations__, [list(asdict(fault).values()) for fault in loaded.faults])
    if loaded.faults:
        click.echo(f"{folder}: {len(loaded.faults)} fault{'s' * (len(loaded.faults) > 1)}", err=True)
        ctx.exit(FAULTS_FOUND)
    if form == "text":
        click.echo(_summary(folder, loaded.frames))


def _summary(folder: Path, frames: dict[str, pd.DataFrame]) -> str:
    told = len(frames["provenance"])
    rows = sum(len(frame) for name, frame in frames.items() if name not in ("provenance", "sources"))
    provenance = f"{told:,} numbers with provenance" if told else "no provenance given"
    filled = sum(not frame.empty for frame in frames.values())
    return f"{folder}: sound; {filled} tables, {rows:,} rows, {provenance}"


@data.command()
@click.argument("table")
@click.option("--where", "conditions", multiple=True, metavar="COLUMN=VALUE", help="Only these rows; may be repeated.")
@data_option()
@format_option("text", "csv", "json")
def show(table: str, conditions: tuple[str, ...], folder: Path | None, form: str) -> None:
    """Print a table, or the rows of it where COLUMN is VALUE (in a list: holds VALUE)."""
    from corridors import tables

    tables.check_name(table)
    frame = tables.read(folder)[table]
    for condition in conditions:
        frame = frame[_where(table, frame, condition)]
    columns = tables.fields(table)
    numeric = [tables.is_numeric(field) for field in columns.values()]
    rows: list[list[Any]] = list(tables.cells(table, frame))
    if form == "json":
        rows = [[_json(cell, number) for cell, number in zip(row, numeric, strict=True)] for row in rows]
    elif form == "text":
        kept = [place for place in range(len(columns)) if not rows or any(row[place] for row in rows)]
        rows = [[row[place] for place in kept] for row in rows]
        columns = {name: columns[name] for place, name in enumerate(columns) if place in kept}
    _print_rows(form, columns, rows)


def _where(table: str, frame: pd.DataFrame, condition: str) -> list[bool]:
    """Say which rows hold a condition COLUMN=VALUE."""
    from corridors import tables

    given, equals, value = condition.partition("=")
    if not equals:
        raise DataError(f"--where '{condition}' is not COLUMN=VALUE: write for instance --where mode=rail")
    column = nearest.find_one(tables.fields(table), given, "column", f"{table}.csv")
    field = tables.fields(table)[column]
    cells = frame[column].tolist()
    if not tables.is_numeric(field):
        return [value == cell or (bool(field.get("list")) and value in cell.split(";")) for cell in cells]
    try:
        wanted = tables.number_text(float(value)) if value else ""
    except ValueError as error:
        raise DataError(
            f"--where '{condition}': column {column} holds numbers; give one, or nothing for blank"
        ) from error
    return [tables.number_text(cell) == wanted for cell in cells]


def _json(cell: str, number: bool) -> str | float | None:
    """Give a cell for JSON, which knows no infinity."""
    if not number or cell == "inf":
        return cell
    return json.loads(cell) if cell else None


@data.command()
@click.argument("table")
@click.argument("key")
@click.argument("column", required=False)
@data_option()
@format_option("text", "csv", "json")
def source(table: str, key: str, column: str | None, folder: Path | None, form: str) -> None:
    """Tell where the numbers of a row come from: value, unit, status, band, citation.

    KEY is the first column of TABLE; where several columns make the key, join them with |. For instance:

    \b
      corridors data source nodes ALMATY
      corridors data source modes "rail|typical" speed_kmh
    """  # noqa: D301 - click wants the character, not its spelling
    from corridors import tables

    tables.check_name(table)
    dataset = tables.read(folder)
    key, rows = _sources(dataset, table, key, column)
    if form != "text":
        _print_rows(form, SOURCE_COLUMNS, rows)
        return
    click.echo(f"{table} {key}")
    for name, value, unit, status, low, high, _, citation, note in rows:
        band = f", {low} to {high}" if low or high else ""
        click.echo(f"  {name} = {value}{f' {unit}' if unit != '1' else ''}: {status or 'no source given'}{band}")
        for line in filter(None, (citation, note)):
            click.echo(f"    {line}")


def _sources(dataset: Dataset, table: str, key: str, column: str | None) -> tuple[str, list[list[str]]]:
    """Give the key as the data write it, and a row of `SOURCE_COLUMNS` for each number."""
    from corridors import tables

    frame = dataset[table]
    known = tables.keys(table, frame)
    key = key if key in known else nearest.find_one(known, key, "row", f"{table}.csv")
    texts = dict(zip(tables.fields(table), tables.cells(table, frame)[known.index(key)], strict=True))
    numeric = [name for name, field in tables.fields(table).items() if tables.is_numeric(field)]
    if column:
        column = nearest.find_one(tables.fields(table), column, "column", f"{table}.csv")
        if column not in numeric:
            raise DataError(f"column {column} of {table}.csv holds text; only numbers have a source")
    citations = dict(zip(dataset["sources"]["source"], dataset["sources"]["citation"], strict=True))
    told = {}
    for row in tables.cells("provenance", dataset["provenance"]):
        origin = dict(zip(tables.fields("provenance"), row, strict=True))
        if (origin["table"], origin["key"]) == (table, key):
            cited = citations.get(origin["source"], "")
            told[origin["column"]] = [
                *(origin[part] for part in ("status", "low", "high", "source")),
                cited,
                origin["note"],
            ]
    rows = []
    for name in [column] if column else numeric:
        field = tables.fields(table)[name]
        unit = texts[field["unit"]] if field["unit"] in UNIT_COLUMNS else field["unit"]
        if name in told or column or (texts[name] and field.get("provenance", True)):
            rows.append([name, texts[name], unit, *told.get(name, [""] * 6)])
    return key, rows


@data.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def init(folder: Path) -> None:
    """Copy the embedded data package into DIR, a new or empty folder, to be changed there."""
    import shutil

    from corridors import tables
    from corridors.output import new_folder

    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise OutputError(f"{folder} exists already and is no empty folder; choose another")
    with new_folder(folder) as work:
        ignored = shutil.ignore_patterns(*NOT_COPIED)
        shutil.copytree(tables.embedded(), work, ignore=ignored, copy_function=shutil.copyfile, dirs_exist_ok=True)
    click.echo(f"{folder}: a copy of the embedded data package. Change it, then:")
    click.echo(f"  corridors data check {folder}")
    click.echo(f"  corridors plan --data {folder}")


@data.command("tables")
@click.argument("table", required=False)
@format_option("text", "csv", "json")
def tables_(table: str | None, form: str) -> None:
    """List the tables of a data package, or the columns of TABLE with their units."""
    from corridors import tables

    if table is None:
        described = tables.dictionary().items()
        rows = [[name, "no" if entry.get("optional") else "yes", entry["description"]] for name, entry in described]
        _print_rows(form, ["table", "required", "description"], rows)
        return
    tables.check_name(table)
    key, rows = tables.key_columns(table), []
    for name, field in tables.fields(table).items():
        required = "key" if name in key else "yes" if field.get("constraints", {}).get("required") else "no"
        rows.append([name, field["type"], field.get("unit", ""), required, field["description"]])
    _print_rows(form, ["column", "type", "unit", "required", "description"], rows)


def _print_rows(form: str, header: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as aligned text, as CSV that no spreadsheet runs, or as JSON objects."""
    from corridors.output import safe_text

    columns = list(header)
    if form == "json":
        click.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
    elif form == "csv":
        stream = io.StringIO()
        safe = ([safe_text(cell) if _is_text(cell) else cell for cell in row] for row in rows)
        csv.writer(stream, lineterminator="\n").writerows([columns, *safe])
        click.echo(stream.getvalue(), nl=False)
    else:
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
        for row in [columns, *rows]:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _is_text(cell: Any) -> bool:
    """Whether a cell is text that a spreadsheet might run; a negative number is none."""
    return isinstance(cell, str) and not NEGATIVE.fullmatch(cell)
