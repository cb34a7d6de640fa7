"""Answers as text, CSV, JSON or Excel, printed or in a file; text is for people: aligned, never wider than need be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from corridors.cli import streams
from corridors.cli.streams import captured, echo
from corridors.output import new_file, printable

if TYPE_CHECKING:
    from corridors.cli.options import Output
    from corridors.sheets.sheet import Book, Sheet

UNBOUNDED = 100_000  # characters: a file or a pipe takes what its widest row needs
ENCODINGS = {"csv": "utf-8-sig"}  # of files: Excel takes CSV for UTF-8 only with a byte-order mark


@dataclass(frozen=True)
class Answer:
    """What a command answers, in every form that it can be asked for; only what is asked for is made.

    Attributes
    ----------
    text
        Prints it for people.
    book
        Gives all its tables.
    csv
        Gives the table that CSV has, where that is not the book's first.
    document
        Gives what JSON has, where that is not the rows of the book's first table.
    """

    text: Callable[[], None]
    book: Callable[[], Book]
    csv: Callable[[], Sheet] | None = None
    document: Callable[[], Any] | None = None


def deliver(answer: Answer, to: Output) -> None:
    """Write an answer where and how it is asked for."""
    if to.path is not None:
        new_file(to.path, _bytes(answer, to), force=to.force)
        echo(to.say("Written to {path}", path=click.format_filename(to.path)))
    elif to.form == "xlsx":
        echo(_excel(answer, to), nl=False)
    elif to.form == "text":
        answer.text()
    else:
        echo(_written(answer, to.form), nl=False, exact=True)


def _bytes(answer: Answer, to: Output) -> bytes:
    if to.form == "xlsx":
        return _excel(answer, to)
    return _written(answer, to.form).encode(ENCODINGS.get(to.form, "utf-8"), "replace")


def _written(answer: Answer, form: str) -> str:
    from corridors.sheets.sheet import csv_of, json_of, records

    if form == "csv":
        return csv_of(answer.csv() if answer.csv else answer.book().sheets[0])
    if form == "json":
        return json_of(answer.document() if answer.document else records(answer.book().sheets[0].frame)) + "\n"
    with captured() as kept:
        answer.text()
        return kept.getvalue()


def _excel(answer: Answer, to: Output) -> bytes:
    from corridors.sheets.excel import excel

    return excel(answer.book().made_by(to.command))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print a table; `right` are the positions of the columns set to the right."""
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    def shown(cell: str) -> Text:  # as it is: none of it is markup or obeyed by a terminal
        return Text(printable(cell, lines=False))

    console = Console(file=streams.stream(), width=streams.columns() or UNBOUNDED, highlight=False)
    grid = Table(
        title=shown(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=0, pad_edge=False
    )
    for number, column in enumerate(columns):
        if number not in right:
            grid.add_column(shown(column), overflow="fold")
            continue
        widest = max((cell_len(printable(row[number], lines=False)) for row in rows), default=0)
        grid.add_column(shown(column), justify="right", overflow="fold", min_width=widest)  # its title may wrap
    for row in rows:
        grid.add_row(*map(shown, row))
    with console.capture() as kept:
        console.print(grid)
    file = streams.stream()  # by ourselves: rich ends the process with 1 where nobody reads the pipe any more
    file.write(kept.get())
    file.flush()
