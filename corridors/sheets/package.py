"""A data package as an Excel workbook to work in, which `--data` reads: a sheet a table, and what helps to fill it.

An analyst changes a number and at once where it comes from, so both stand in one row: after each column of numbers come
its status, low, high, source and note, folded away under the + above the column, and the number's cell has the colour
of its status. A sheet of its own, as in the folder, would have each number's origin twenty thousand rows away from it.
Names stand beside ids, as formulas that follow what is typed; reading passes over them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from corridors.errors import OutputError
from corridors.sheets.excel import MOST_ROWS, SAFE
from corridors.tables import metadata, workbook
from corridors.tables.csv_files import cells
from corridors.tables.metadata import Metadata
from corridors.tables.schema import (
    Field,
    dictionary,
    fields,
    is_numeric,
    key_columns,
    keys,
    references,
)
from corridors.tables.workbook import CREDIT, LICENCE, NAME, NOTICE_SHEET, ORIGIN, PACKAGE_SHEET, PROVENANCE, SEPARATOR
from corridors.tables.xlsx import letters

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language

ROOM = 1000  # rows below the last one that have lists to choose from, too
NARROW, WIDE = 9, 44  # characters
GUIDE_WIDTH, LINE = 110, 15  # characters; points
SEEN = 500  # rows that a column's width is judged by
LONGEST_LIST = 250  # characters of a list that stands in the rule itself
GUIDE, LISTS = "guide", "lists"
COLOURS = {  # of a number, by its status
    "observed": "#FFFFFF",
    "recalled": "#FFF2CC",
    "derived": "#DDEBF7",
    "assumed": "#FCE4D6",
    "calibrated": "#E2EFDA",
    "estimated": "#E2EFDA",
}


def package_workbook(dataset: Dataset, notice: str, say: Language) -> bytes:
    """Return a data package as the bytes of a workbook.

    Parameters
    ----------
    dataset
        The package.
    notice
        The licence and attribution that go with it.
    say
        The language of the notes, the names beside ids and the first sheet.

    Raises
    ------
    OutputError
        If a table has more rows than a worksheet holds.
    """
    import xlsxwriter  # only who asks for Excel waits for it

    longest = max(dictionary(), key=lambda name: len(dataset[name]))
    if len(dataset[longest]) > MOST_ROWS and longest != PROVENANCE:
        raise OutputError(f"{longest} has {len(dataset[longest]):,} rows, an Excel sheet holds {MOST_ROWS:,}")
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, SAFE) as made:
        made.worksheet_class = _exact()
        made.set_properties({"title": dataset.title})
        _Package(made, dataset, notice, say).write()
    return stream.getvalue()


@cache
def _exact() -> type[Worksheet]:
    """Return the class of worksheets whose numbers keep all their digits; xlsxwriter itself writes 16 of up to 17."""
    from xlsxwriter.worksheet import Worksheet

    class Exact(Worksheet):  # type: ignore[misc]
        def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
            given = "".join(f' {name}="{value}"' for name, value in attributes)
            self.fh.write(f"<c{given}><v>{number!r}</v></c>")

    return Exact


@dataclass(frozen=True)
class _Column:
    """A column of a sheet: its header, the dictionary's field, and of which column it says the name or the origin."""

    header: str
    field: Field
    of: str = ""
    what: str = ""

    @property
    def is_name(self) -> bool:
        return self.what == NAME

    @property
    def is_origin(self) -> bool:
        return self.what in ORIGIN


class _Package:
    """Writes the sheets of a data package."""

    def __init__(self, made: Workbook, dataset: Dataset, notice: str, say: Language) -> None:
        self.made, self.dataset, self.notice, self.say = made, dataset, notice, say
        head = {"bold": True, "valign": "top", "bottom": 1, "bg_color": "#E8EDF2"}
        self.head = made.add_format(head)
        self.beside = made.add_format({**head, "bold": False, "italic": True, "font_color": "#7F7F7F"})
        self.grey = made.add_format({"italic": True, "font_color": "#7F7F7F"})
        self.text, self.bold = made.add_format({"num_format": "@"}), made.add_format({"bold": True})
        self.wrapped = made.add_format({"text_wrap": True, "valign": "top"})
        self.colours = {status: made.add_format({"bg_color": colour}) for status, colour in COLOURS.items()}
        self.lists: dict[tuple[str, ...], str] = {}  # ranges of the hidden sheet, by their values

    def write(self) -> None:
        """Write all sheets: what this is, the package as a whole, its tables, its notice."""
        self._write_guide()
        self._write_package()
        for name in dictionary():
            if name != PROVENANCE:
                self._write_table(name)
        if self.notice:
            page = self.made.add_worksheet(NOTICE_SHEET)
            page.set_column(0, 0, 120, self.text)
            for row, line in enumerate(self.notice.splitlines()):
                page.write_string(row, 0, line)
        self._write_lists()

    def _write_guide(self) -> None:
        say = self.say
        page = self.made.add_worksheet(GUIDE)
        page.set_column(0, 0, 24)
        page.set_column(1, 1, GUIDE_WIDTH, self.wrapped)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.write_string(0, 0, self.say.name(_titles(self.dataset)) or say("Data package"), self.bold)
        lines = [
            say("Each sheet is a table of the data package; the note on a column's name says what stands in it."),
            say("Change the cells and save, then type: corridors data check FILE.xlsx"),
            say("The + above a column of numbers opens where each number comes from; its colour is its status."),
            say("Columns that end in ': name' are worked out and not read; those that begin with # are your own."),
            say("A blank cell is not given; inf is no limit; several values in a cell are separated by ;."),
        ]
        for row, line in enumerate(lines, start=1):
            page.write_string(row, 1, line)
        row = len(lines) + 2
        for status, meaning in _statuses(say):
            page.write_string(row, 0, status, self.colours.get(status))
            page.write_string(row, 1, meaning)
            row += 1
        row += 1
        for name, table in dictionary().items():
            if name != PROVENANCE:
                page.write_url(row, 0, f"internal:'{name}'!A1", string=name)
                meaning = meaning_of(table, say)
                page.write_string(row, 1, meaning)
                page.set_row(row, LINE * (1 + len(meaning) // (GUIDE_WIDTH - 5)))  # not every program finds it itself
                row += 1

    def _write_package(self) -> None:
        page = self.made.add_worksheet(PACKAGE_SHEET)
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 90, self.text)
        page.write_row(0, 0, [workbook.SETTING, workbook.VALUE], self.head)
        settings = [(name, getattr(self.dataset, name)) for name in Metadata._fields if name not in metadata.LISTS]
        settings += [(LICENCE, one) for one in self.dataset.licences]
        settings += [(CREDIT, one) for one in self.dataset.credits]
        for row, (name, value) in enumerate(settings, start=1):
            page.write_string(row, 0, name)
            if isinstance(value, int):
                page.write_number(row, 1, value)
            elif value:
                page.write_string(row, 1, value)
        page.freeze_panes(1, 1)

    def _write_table(self, name: str) -> None:
        columns = list(self._columns(name))
        frame = self.dataset.as_given()[name]
        page = self.made.add_worksheet(name)
        page.outline_settings(symbols_right=False)
        rows = cells(name, frame)
        texts = (
            dict(zip(fields(name), zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(fields(name), ())
        )
        row_keys = keys(name, frame) if rows else []
        for place, column in enumerate(columns):
            page.write_string(0, place, column.header, self.beside if column.of else self.head)
            if column.is_origin:
                values = [self._origins.get((name, key, column.of), _NONE)[column.what] for key in row_keys]
            elif column.is_name:
                named = self._names(column.field)
                values = [named.get(one, "") for one in texts[column.of]]
            else:
                values = list(texts[column.header])
            self._write_column(page, name, columns, place, values)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.freeze_panes(1, next(place for place, one in enumerate(columns) if not one.of) + 1)
        page.autofilter(0, 0, len(rows), len(columns) - 1)

    def _columns(self, name: str) -> Iterator[_Column]:
        """Yield the columns of a sheet: those of the table, with names beside ids and origins beside numbers."""
        told = fields(PROVENANCE)
        for header, one in fields(name).items():
            yield _Column(header, one)
            if self._named(name, header):
                yield _Column(f"{header}{SEPARATOR}{NAME}", self._named(name, header), header, NAME)
            if is_numeric(one) and one.get("provenance", True):
                for what in ORIGIN:
                    yield _Column(f"{header}{SEPARATOR}{what}", told[what], header, what)

    def _named(self, table: str, column: str) -> Field:
        """Return the column of another table that names what a column refers to, with its table; {} if none does."""
        for one, sources in references(table):
            if one["name"] == column and len(sources) == 1 and not one.get("list"):
                of = sources[0][0]
                if of != table and sources[0][1] == key_columns(of)[0] and "name_en" in fields(of):
                    frame = self.dataset[of]
                    own = f"name_{self.say.code}"
                    whole = own in frame and bool((frame[own] != "").all())
                    return {**fields(of)[own if whole else "name_en"], "table": of}
        return {}

    def _names(self, one: Field) -> Mapping[str, str]:
        frame = self.dataset[one["table"]]
        return dict(zip(frame[key_columns(one["table"])[0]], frame[one["name"]], strict=True))

    @cached_property
    def _origins(self) -> dict[tuple[str, str, str], dict[str, str]]:
        """Where each number comes from, by table, key and column."""
        columns = list(fields(PROVENANCE))
        told = (dict(zip(columns, row, strict=True)) for row in cells(PROVENANCE, self.dataset.as_given()[PROVENANCE]))
        return {(one["table"], one["key"], one["column"]): one for one in told}

    def _write_column(
        self, page: Worksheet, table: str, columns: Sequence[_Column], place: int, values: Sequence[str]
    ) -> None:
        """Write the cells of a column, its width, its note, and what may be chosen in it."""
        column = columns[place]
        number = is_numeric(column.field) and not column.is_name
        width = max(NARROW, len(column.header) + 4, *(min(len(one), WIDE) + 1 for one in values[:SEEN]), 0)
        shown = None if number else self.grey if column.is_name else self.text
        page.set_column(place, place, width, shown, {"level": 1, "hidden": True} if column.is_origin else {})
        if column.is_name:
            self._write_names(page, columns, place, values)
            return
        for row, value in enumerate(values, start=1):
            if number and value and value != "inf":
                page.write_number(row, place, float(value))
            elif value:
                page.write_string(row, place, value, None if number else shown)
        if not column.is_origin or column.what == ORIGIN[0]:
            note = self._note(table, column)
            page.write_comment(0, place, note, {"x_scale": 2, "y_scale": 0.4 + len(note) / 90, "author": ""})
        self._offer(page, PROVENANCE if column.is_origin else table, column.field, place, len(values))
        if columns[place + 1 : place + 2] and columns[place + 1].is_origin and not column.of and values:
            self._colour(page, place, len(values))

    def _write_names(self, page: Worksheet, columns: Sequence[_Column], place: int, values: Sequence[str]) -> None:
        """Write the names beside ids, as formulas that hold what they come to."""
        one = columns[place].field
        table = one["table"]
        sought, given = (
            letters(list(self._places(table)).index(name)) for name in (key_columns(table)[0], one["name"])
        )
        of = letters(next(at for at, other in enumerate(columns) if other.header == columns[place].of))
        for row, value in enumerate(values, start=1):
            found = f"INDEX({table}!${given}:${given},MATCH({of}{row + 1},{table}!${sought}:${sought},0))"
            page.write_formula(row, place, f'=IFERROR({found}&"","")', self.grey, value)

    def _places(self, table: str) -> list[str]:
        """Return the headers of a sheet."""
        return [one.header for one in self._columns(table)]

    def _note(self, table: str, column: _Column) -> str:
        """Return what the note on a header says: the measure, the meaning, and whether it must be filled in."""
        one, say = column.field, self.say
        lines = [meaning_of(one, say)]
        if unit := one.get("unit", ""):
            lines.insert(0, f"[{say.term(unit)}]")
        if one.get("constraints", {}).get("required") and not column.is_origin:
            lines.append(say("to be filled in"))
        if (words := one.get("constraints", {}).get("enum")) and not column.is_origin:
            lines.append(say("one of {words}", words=", ".join(map(str, words))))
        return "\n".join(lines)

    def _offer(self, page: Worksheet, table: str, one: Field, place: int, rows: int) -> None:
        """Offer what may be chosen in a column, in its rows and below them."""
        rule: dict[str, Any] | None = None
        if words := one.get("constraints", {}).get("enum"):
            if len(",".join(map(str, words))) <= LONGEST_LIST:
                rule = {"source": words}
        elif not one.get("list"):
            for field, sources in references(table):
                if field["name"] == one["name"]:
                    rule = self._among(sources, one.get("also", []))
        if rule is not None:
            page.data_validation(
                1, place, min(rows + ROOM, MOST_ROWS), place, {"validate": "list", "error_type": "warning", **rule}
            )

    def _among(self, sources: Sequence[tuple[str, str]], also: Sequence[str]) -> dict[str, Any]:
        """Return the list of what stands in columns of other tables, or of values that were there."""
        if len(sources) == 1 and not also and not fields(sources[0][0])[sources[0][1]].get("list"):
            table, column = sources[0]
            if key_columns(table) == [column]:  # each once, and what is added is offered, too
                at = letters(self._places(table).index(column))
                return {"source": f"=OFFSET({table}!${at}$2,0,0,MAX(1,COUNTA({table}!${at}:${at})-1),1)"}
        values = {one for table, column in sources for cell in self.dataset[table][column] for one in cell.split(";")}
        found = (*also, *sorted(values - {"", *also}))
        if found not in self.lists:
            at = letters(len(self.lists))
            self.lists[found] = f"={LISTS}!${at}$1:${at}${max(len(found), 1)}"
        return {"source": self.lists[found]}

    def _write_lists(self) -> None:
        page = self.made.add_worksheet(LISTS)
        for place, values in enumerate(self.lists):
            for row, value in enumerate(values):
                page.write_string(row, place, value)
        page.hide()

    def _colour(self, page: Worksheet, place: int, rows: int) -> None:
        """Give each number the colour of its status, whatever that becomes."""
        beside = letters(place + 1)
        for status, shown in self.colours.items():
            page.conditional_format(
                1, place, rows, place, {"type": "formula", "criteria": f'=${beside}2="{status}"', "format": shown}
            )


_NONE: dict[str, str] = dict.fromkeys(ORIGIN, "")


def meaning_of(entry: Mapping[str, Any], say: Language) -> str:
    """Return what a table or a column of the dictionary is, in a language."""
    return say.meaning(entry["description"])


def _titles(dataset: Dataset) -> dict[str, str]:
    return {"name_en": dataset.title, "name_ru": dataset.title_ru, "name_kk": dataset.title_kk}


def _statuses(say: Language) -> Iterator[tuple[str, str]]:
    """Yield what each status of a number means."""
    for one in say.meaning(fields(PROVENANCE)["status"]["description"]).split("; "):
        status, _, meaning = one.partition(": ")
        yield status, meaning
