"""Rows of figures, one for each file that a command is given: printed as they come, or written when all are there."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.options import Output
from corridors.cli.streams import echo
from corridors.errors import OutputError
from corridors.output import new_file, refuse_file, safe_text

if TYPE_CHECKING:
    from corridors.sheets.sheet import Sheet
    from corridors.text.language import Language

type Row = Mapping[str, Any]


@dataclass(frozen=True)
class RowTable:
    """What rows are like: a file, a status and figures.

    Attributes
    ----------
    sheet
        What the dictionary of answers calls the table.
    columns, header
        Their names, and what people read above them.
    statuses
        All that there are.
    forms, widths
        How each figure is written for people, and in how many characters at least, the status first.
    """

    sheet: str
    columns: tuple[str, ...]
    header: tuple[str, ...]
    statuses: tuple[str, ...]
    forms: tuple[str, ...]
    widths: tuple[int, ...]

    def teller(self, to: Output, files: tuple[Path, ...]) -> Callable[[Row], None]:
        """Return a function that prints a row, the first under the header; none where all come at the end."""
        if not at_once(to):
            return lambda _: None
        lines = self._csv_lines if to.form == "csv" else self._text_lines(files, to.say)
        told: list[Row] = []

        def tell(row: Row) -> None:
            header, line = lines(row)
            for text in (line,) if told else (header, line):
                echo(text)
            told.append(row)

        return tell

    def deliver(self, rows: list[Row], files: tuple[Path, ...], to: Output) -> None:
        """Write what was not printed as it came; no file of nothing."""
        if at_once(to) or not (rows or to.path is None):
            return
        from corridors.cli.tables import Answer, deliver
        from corridors.sheets import answers

        def text() -> None:
            tell = self.teller(Output("text", say=to.say), files)
            for row in rows:
                tell(row)

        deliver(Answer(text, book=lambda: answers.of_table(self._sheet(rows)), document=lambda: rows), to)

    def _sheet(self, rows: list[Row]) -> Sheet:
        import pandas as pd

        from corridors.sheets.sheet import sheet_of

        frame = pd.DataFrame(rows, columns=list(self.columns))
        sheet = sheet_of(self.sheet, frame.astype(dict.fromkeys(self.columns[2:-1], "float64")))
        return replace(sheet, digits=str)  # every digit, as where rows are printed as they come

    def _csv_lines(self, row: Row) -> tuple[str, str]:
        """Return the header and the line of a row."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        cells = (row[name] for name in self.columns)
        writer.writerows([self.columns, [safe_text(cell) if isinstance(cell, str) else cell for cell in cells]])
        header, _, line = stream.getvalue().partition("\n")
        return header, line.removesuffix("\n")

    def _text_lines(self, files: tuple[Path, ...], say: Language) -> Callable[[Row], tuple[str, str]]:
        """Return a function that makes the header and the line of a row, as wide as the longest of the files' names."""
        header = [say(one) for one in self.header]
        name = max(len(click.format_filename(path)) for path in files)
        statuses = [len(say.term(one)) for one in self.statuses]
        widths = [name, max(self.widths[0], *statuses, len(header[1]))]
        widths += [max(room, len(one) + 1) for room, one in zip(self.widths[1:], header[2:], strict=True)]
        return lambda row: (_text_line(header, widths), _text_line(self._texts(row, say), widths))

    def _texts(self, row: Row, say: Language) -> Sequence[str]:
        figures = zip(self.columns[2:], self.forms, strict=True)
        written = ("-" if row[name] is None else say.format(row[name], form) for name, form in figures)
        return (row["file"], say.term(row["status"]), *written)


class FlowsFile:
    """The CSV file that `--flows` asks for, collected as networks are solved; nothing is written before the end.

    Raises
    ------
    OutputError
        If the file cannot be written, before anything is solved.
    """

    def __init__(self, path: Path | None, to: Output) -> None:
        self.path, self._to = path, to
        self._tables: list[str] = []
        if path is None:
            return
        if path.suffix.lower() != ".csv":
            raise OutputError(f"{path}: flows are written as CSV, but the name does not end in .csv; end it so")
        if to.path is not None and path.absolute() == to.path.absolute():
            raise OutputError(f"{path} is asked for by --flows and by --output; give one of them another name")
        refuse_file(path, force=to.force)

    def add(self, table: str) -> None:
        """Take a table as CSV; all have the same header."""
        self._tables.append(table)

    def write(self, proved: str) -> bool:
        """Write the file; give whether there was anything to write, if it was asked for: what is `proved`."""
        if self.path is None:
            return True
        if not self._tables:
            message = f"{self.path} is not written: nothing is proved {proved}"
            echo(self._to.say("Error: {message}", message=message), err=True)
            return False
        text = self._tables[0] + "".join(one.partition("\n")[2] for one in self._tables[1:])
        new_file(self.path, text.encode("utf-8", "replace"), force=self._to.force)
        echo(self._to.say("Written to {path}", path=click.format_filename(self.path)), err=True)
        return True


def at_once(to: Output) -> bool:
    """Tell whether rows are printed as they come."""
    return to.path is None and to.form in ("text", "csv")


def _text_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, status, *figures = cells
    right = (f"{cell:>{room}}" for cell, room in zip(figures, widths[2:], strict=True))
    return f"{name:<{widths[0]}}  {status:<{widths[1]}}" + "".join(right)
