"""`corridors data`: look at, check and copy data packages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors import suggest
from corridors.cli.data_init import init
from corridors.cli.options import DATA_VARIABLE, Output, data_option, output_options
from corridors.cli.references import references
from corridors.cli.streams import echo
from corridors.errors import DataError
from corridors.output import printable
from corridors.text.language import LANGUAGES, language, later

# pandas and the rules are imported by the commands that need them, so that help comes at once

if TYPE_CHECKING:
    import pandas as pd

    from corridors.cli.tables import Answer
    from corridors.sheets.sheet import Sheet
    from corridors.tables.dataset import Dataset
    from corridors.tables.schema import Tables
    from corridors.tables.validation import Loaded
    from corridors.text.language import Language

FAULTS_FOUND = 2
UNIT_COLUMNS = ("capacity_unit", "unit")  # the row itself names the unit
SOURCE_COLUMNS = ["column", "value", "unit", "status", "low", "high", "source", "citation", "note"]
TABLE_COLUMNS = [later("table"), later("required"), later("description")]
FIELD_COLUMNS = [later("column"), later("type"), later("unit"), later("required"), later("description")]
REQUIRED = {"yes": later("yes"), "no": later("no"), "key": later("key")}


@click.group()
def data() -> None:
    """Look at, check and copy data packages."""


data.add_command(references)
data.add_command(init)


@data.command()
@click.argument(
    "folder", type=click.Path(path_type=Path), required=False, envvar=DATA_VARIABLE, metavar="[DIR|FILE.xlsx]"
)
@output_options()
@click.pass_context
def check(ctx: click.Context, folder: Path | None, to: Output) -> None:
    """Name every fault of a data package, one a line.

    Ends with exit code 2 if there is any, with 0 and one line of summary if there is none. More lines say which tables
    that a plan needs have no row yet, which demand of other years a plan of the base year leaves out, and what the
    tables lack of the home country. A workbook (corridors data init -o FILE.xlsx) is told by sheet and cell. Without
    DIR, the embedded data package is checked.
    """
    from corridors import tables
    from corridors.cli.tables import deliver
    from corridors.tables import faults, validation

    folder = folder or tables.embedded()
    loaded = validation.load(folder)
    columns = list(faults.Fault.__annotations__)
    rows = [list(asdict(fault).values()) for fault in loaded.faults]

    def text() -> None:
        for fault in loaded.faults:
            echo(printable(str(fault), lines=False))
        if not loaded.faults:
            echo(printable(_summary(folder, loaded.frames, to.say), lines=False))
            if lacking := validation.unfilled(loaded.frames):
                echo(
                    to.say(
                        "not yet enough for a plan: no rows in {tables}; fill them in this order",
                        tables=", ".join(lacking),
                    )
                )
            for notice in (*_of_other_years(loaded, to.say), *_of_home_country(loaded, to.say)):
                echo(notice)

    deliver(_answer(_sheet("faults", columns, rows), text=text), to)
    if loaded.faults:
        count = to.say.many("{folder}: {n} fault", "{folder}: {n} faults", len(loaded.faults), folder=folder)
        echo(printable(count, lines=False), err=True)
        ctx.exit(FAULTS_FOUND)


def _of_other_years(loaded: Loaded, say: Language) -> Iterator[str]:
    """Say what a plan of the base year leaves out of the demand: sound, and perhaps not meant."""
    from corridors.planning.years import left_out
    from corridors.text.reasons import of_other_years

    year = loaded.metadata.base_year
    rest = [one._asdict() for one in left_out(loaded.frames["demand"], year)]
    return of_other_years({"year": year, "left_out": rest}, say)


def _of_home_country(loaded: Loaded, say: Language) -> Iterator[str]:
    """Say what the tables lack of the home country: sound, and perhaps another country's data under its name."""
    from corridors.cli.home_country import told

    return told(loaded.frames, loaded.metadata.home_country, say)


def _summary(folder: Path, frames: Tables, say: Language) -> str:
    told = len(frames["provenance"])
    rows = sum(len(frame) for name, frame in frames.items() if name not in ("provenance", "sources"))
    sourced = say("no provenance given")
    if told:
        sourced = say.many("{n} number with provenance", "{n} numbers with provenance", told)
    filled = sum(not frame.empty for frame in frames.values())
    return say(
        "{folder}: sound; {tables}, {rows}, {provenance}",
        folder=folder,
        provenance=sourced,
        tables=say.many("{n} table", "{n} tables", filled),
        rows=say.many("{n} row", "{n} rows", rows),
    )


@data.command()
@click.argument("table")
@click.option("--where", "conditions", multiple=True, metavar="COLUMN=VALUE", help="Only these rows; may be repeated.")
@data_option()
@output_options()
def show(table: str, conditions: tuple[str, ...], folder: Path | None, to: Output) -> None:
    """Print a table, or the rows of it where COLUMN is VALUE (in a list: holds VALUE)."""
    from corridors import tables
    from corridors.cli.filters import holding, nothing
    from corridors.cli.tables import deliver

    tables.check_name(table)
    dataset = tables.read(folder)
    frame = dataset[table]
    for condition in conditions:
        frame = frame[holding(table, frame, condition)]
    if conditions and frame.empty:
        echo(nothing(table, dataset[table], conditions, to.say), err=True)
    columns = tables.fields(table)
    rows = tables.cells(table, frame)
    numeric = [tables.is_numeric(field) for field in columns.values()]
    document = [
        {name: _json(cell, number) for name, cell, number in zip(columns, row, numeric, strict=True)} for row in rows
    ]
    deliver(_answer(_of_data(table, frame), rows, dataset=dataset, document=document), to)


def _of_data(table: str, frame: pd.DataFrame) -> Sheet:
    """Return rows of a table of a data package as a sheet, whose CSV is as the table's own file."""
    from corridors import tables
    from corridors.sheets.sheet import Sheet, column_of

    columns = [
        column_of(field | {"status": table == "provenance" and name == "status"})
        for name, field in tables.fields(table).items()
    ]
    return Sheet(table, tables.dictionary()[table].get("title", table), frame, columns, tables.number_text)


def _json(cell: str, number: bool) -> str | float | None:
    """Return a cell for JSON, which knows no infinity."""
    if not number or cell == "inf":
        return cell
    return json.loads(cell) if cell else None


@data.command()
@click.argument("table")
@click.argument("key")
@click.argument("column", required=False)
@data_option()
@output_options()
def source(table: str, key: str, column: str | None, folder: Path | None, to: Output) -> None:
    """Tell where the numbers of a row come from: value, unit, status, band, citation.

    KEY is the first column of TABLE; where several columns make the key, join them with |. For instance:

    \b
      corridors data source nodes ALMATY
      corridors data source modes "rail|typical" speed_kmh
    """  # noqa: D301 - click wants the character, not its spelling
    from corridors import tables
    from corridors.cli.tables import deliver

    tables.check_name(table)
    dataset = tables.read(folder)
    key, rows = _sources(dataset, table, key, column)
    document = [dict(zip(SOURCE_COLUMNS, row, strict=True)) for row in rows]

    def text() -> None:
        _told(f"{table} {key}", rows, to.say)

    deliver(_answer(_numbers(rows), text=text, dataset=dataset, document=document), to)


def _numbers(rows: Sequence[Sequence[str]]) -> Sheet:
    """Return the numbers of a row with their sources as a sheet, in which they are numbers."""
    from dataclasses import replace

    import pandas as pd

    from corridors.tables.schema import number_text

    sheet = _sheet("source", SOURCE_COLUMNS, rows)
    numbers = {name: pd.to_numeric(sheet.frame[name].replace("", None)) for name in ("value", "low", "high")}
    return replace(sheet, frame=sheet.frame.assign(**numbers), digits=number_text)


def _told(title: str, rows: Sequence[Sequence[str]], say: Language) -> None:
    echo(title)
    for name, value, unit, status, low, high, _, citation, note in rows:
        band = ", " + say("{low} to {high}", low=low, high=high) if low or high else ""
        of = f" {say.term(unit)}" if unit != "1" else ""
        echo(f"  {name} = {value}{of}: {say.term(status) if status else say('no source given')}{band}")
        for line in filter(None, (citation, note)):
            echo(f"    {line}")


def _sources(dataset: Dataset, table: str, key: str, column: str | None) -> tuple[str, list[list[str]]]:
    """Return the key as the data write it, and a row of `SOURCE_COLUMNS` for each number."""
    from corridors import tables

    frame = dataset[table]
    known = tables.keys(table, frame)
    key = key if key in known else suggest.find_one(known, key, "row", f"{table}.csv")
    texts = dict(zip(tables.fields(table), tables.cells(table, frame)[known.index(key)], strict=True))
    numeric = [name for name, field in tables.fields(table).items() if tables.is_numeric(field)]
    if column:
        column = suggest.find_one(tables.fields(table), column, "column", f"{table}.csv")
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


@data.command("tables")
@click.argument("table", required=False)
@output_options()
def tables_(table: str | None, to: Output) -> None:
    """List the tables of a data package, or the columns of TABLE with their units."""
    from corridors import tables
    from corridors.cli.tables import deliver

    if table is None:
        described = tables.dictionary().items()
        rows = [[name, "no" if entry.get("optional") else "yes", entry["description"]] for name, entry in described]
        meant = [to.say.meaning(entry["description"]) for _, entry in described]
        deliver(_dictionary("tables", TABLE_COLUMNS, rows, meant, to.say), to)
        return
    tables.check_name(table)
    key, rows, english = tables.key_columns(table), [], language(LANGUAGES[0])
    for name, field in tables.fields(table).items():
        required = "key" if name in key else "yes" if field.get("constraints", {}).get("required") else "no"
        rows.append([name, field["type"], field.get("unit", ""), required, _described(field, english)])
    meant = [_described(field, to.say) for field in tables.fields(table).values()]
    deliver(_dictionary("columns", FIELD_COLUMNS, rows, meant, to.say), to)


def _described(field: dict[str, Any], say: Language) -> str:
    """Return what a column is and, of one with a few allowed words, which, unless its description has them all."""
    words, meant = field.get("constraints", {}).get("enum", ()), say.meaning(field["description"])
    if field["type"] != "string" or all(word in field["description"] for word in words):
        return meant
    return f"{meant}; {say('one of {words}', words=', '.join(words))}"


def _dictionary(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[str]], meant: Sequence[str], say: Language
) -> Answer:
    """Return a part of the dictionary as an answer: as text in the reader's language, what is `meant` last."""
    required = columns.index("required")
    told = [[*row[:-1], one] for row, one in zip(rows, meant, strict=True)]
    said = [[*row[:required], say(REQUIRED[row[required]]), *row[required + 1 :]] for row in told]
    return _answer(_sheet(name, columns, rows), text=lambda: _aligned([say(one) for one in columns], said))


def _sheet(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sheet:
    import pandas as pd

    from corridors.sheets.sheet import sheet_of

    return sheet_of(name, pd.DataFrame(rows, columns=list(columns)))


def _answer(
    sheet: Sheet,
    rows: Sequence[Sequence[str]] = (),
    *,
    text: Callable[[], None] | None = None,
    dataset: Dataset | None = None,
    document: list[dict[str, Any]] | None = None,
) -> Answer:
    """Return one table as an answer; as text it is its rows, aligned, unless something else is told."""
    from corridors.cli.tables import Answer
    from corridors.sheets import answers

    return Answer(
        text or (lambda: _aligned(sheet.frame.columns, rows)),
        book=lambda: answers.of_table(sheet, dataset),
        document=None if document is None else lambda: document,
    )


def _aligned(names: Iterable[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of cells, without the columns that are blank in all of them."""
    shown = ([printable(cell, lines=False) for cell in row] for row in rows)
    columns = [(name, *cells) for name, *cells in zip(names, *shown, strict=True) if any(cells) or not rows]
    widths = [max(map(len, column)) for column in columns]
    for row in zip(*columns, strict=True):
        echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
