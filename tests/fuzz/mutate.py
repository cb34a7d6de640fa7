"""Sound files made unsound, or written in another way that means the same: bytes, tables, documents, kinds of file."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from fuzz import values

type Cells = list[list[str]]

RAW = "@@raw:"  # a string of a document that is written without its quotation marks: what `json` cannot write
DOCUMENTS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, -0.0, 1e300, 10**400, [], {}, [[]], {"": {}}, [1, "a"], "", "x", "0"),
    *("nowhere", values.ESCAPE, values.BIDI, "\x00", "x" * 100_000, "=1+1", "../x", f"{RAW}NaN@@"),
    *(f"{RAW}Infinity@@", f"{RAW}-Infinity@@", f"{RAW}1e999@@", f"{RAW}{'9' * 5000}@@"),
    *(f"{RAW}{'[' * 5000}{']' * 5000}@@", f"{RAW}{'[' * 200_000}@@", "\ud800"),
)


def broken(rng: Random, data: bytes) -> tuple[str, bytes]:
    """Change some of the bytes."""
    how = rng.choice(("flip", "cut", "insert", "remove", "repeat", "twice", "zeros", "noise"))
    place, size = rng.randrange(len(data) + 1), rng.randint(1, 12)
    match how:
        case "flip":
            changed = bytearray(data or b"\0")
            for _ in range(rng.randint(1, 4)):
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            return how, bytes(changed)
        case "cut":
            return how, data[:place]
        case "insert":
            return how, data[:place] + rng.randbytes(size) + data[place:]
        case "remove":
            return how, data[:place] + data[place + size * 4 :]
        case "repeat":
            return how, data[:place] + data[max(0, place - size * 6) : place] + data[place:]
        case "twice":
            return how, data + data
        case "zeros":
            return how, data[:place] + bytes(size * 40) + data[place:]
    return how, rng.randbytes(rng.randint(0, 300))


def rewritten(rng: Random, data: bytes) -> tuple[str, bytes, bool]:
    """Write text in another way: its name, the bytes, and whether they still mean the same to anybody."""
    text = data.decode()
    ways: list[tuple[str, bytes, bool]] = [
        ("crlf", text.replace("\n", "\r\n").encode(), True),
        ("bom", codecs.BOM_UTF8 + data, True),
        ("no last line end", text.rstrip("\n").encode(), True),
        ("cr", text.replace("\n", "\r").encode(), False),
        ("two boms", codecs.BOM_UTF8 * 2 + data, False),
        ("utf-16", text.encode("utf-16"), False),
        ("utf-16 without bom", text.encode("utf-16-le"), False),
        ("utf-32", text.encode("utf-32"), False),
        ("gzipped", gzip.compress(data, mtime=0), False),
        ("cp1251", (text + "Ақтау и Баку\n").encode("cp1251", "replace"), False),
        ("semicolons", text.replace(",", ";").encode(), False),
        ("tabs", text.replace(",", "\t").encode(), False),
    ]
    return rng.choice(ways)


# --- tables


def read_cells(data: bytes) -> Cells:
    """Read CSV as rows of cells, the header first."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def write_cells(cells: Cells) -> bytes:
    """Write rows of cells as CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(cells)
    return stream.getvalue().encode("utf-8", "surrogatepass")


def _replace(rng: Random, cells: Cells) -> str:
    row, column = rng.randrange(1, len(cells)), rng.randrange(len(cells[0]))
    before = cells[row][column]
    cells[row][column] = values.rewritten(rng, before) if before and rng.random() < 0.4 else values.cell(rng)
    return f"{cells[0][column]} of row {row + 1}: {before!r} becomes {cells[row][column][:60]!r}"


def _column(rng: Random, cells: Cells) -> str:
    column, value = rng.randrange(len(cells[0])), values.cell(rng)
    for row in cells[1:]:
        row[column] = value
    return f"all of {cells[0][column]} becomes {value[:60]!r}"


def _swap_cells(rng: Random, cells: Cells) -> str:
    column = rng.randrange(len(cells[0]))
    one, other = rng.randrange(1, len(cells)), rng.randrange(1, len(cells))
    cells[one][column], cells[other][column] = cells[other][column], cells[one][column]
    return f"{cells[0][column]} of rows {one + 1} and {other + 1} swapped"


def _drop_row(rng: Random, cells: Cells) -> str:
    row = rng.randrange(1, len(cells))
    return f"row {row + 1} dropped: {','.join(cells.pop(row))[:60]!r}"


def _repeat_row(rng: Random, cells: Cells) -> str:
    row = rng.randrange(1, len(cells))
    cells.insert(rng.randint(1, len(cells)), list(cells[row]))
    return f"row {row + 1} repeated"


def _ragged(rng: Random, cells: Cells) -> str:
    row = rng.randrange(len(cells))
    cells[row] = cells[row][:-1] if rng.random() < 0.5 else [*cells[row], values.cell(rng)]
    return f"row {row + 1} has {len(cells[row])} cells"


def _no_rows(_: Random, cells: Cells) -> str:
    del cells[1:]
    return "no rows"


def _drop_column(rng: Random, cells: Cells) -> str:
    column = rng.randrange(len(cells[0]))
    gone = [row.pop(column) for row in cells]
    return f"column {gone[0]} dropped"


def _repeat_column(rng: Random, cells: Cells) -> str:
    column, value = rng.randrange(len(cells[0])), values.cell(rng)
    for number, row in enumerate(cells):
        row.append(row[column] if number == 0 or rng.random() < 0.5 else value)
    return f"column {cells[0][column]} repeated"


def _rename_column(rng: Random, cells: Cells) -> str:
    column = rng.randrange(len(cells[0]))
    before = cells[0][column]
    cells[0][column] = rng.choice(
        (before.upper(), f" {before}", before + "x", "", rng.choice(cells[0]), values.cell(rng))
    )
    return f"column {before} called {cells[0][column][:60]!r}"


def _shuffle_rows(rng: Random, cells: Cells) -> str:
    rows = cells[1:]
    rng.shuffle(rows)
    cells[1:] = rows
    return "rows in another order"


def _shuffle_columns(rng: Random, cells: Cells) -> str:
    order = rng.sample(range(len(cells[0])), len(cells[0]))
    cells[:] = [[row[column] for column in order] for row in cells]
    return "columns in another order"


HARMLESS: tuple[Callable[[Random, Cells], str], ...] = (_shuffle_rows, _shuffle_columns)
HARMFUL: tuple[Callable[[Random, Cells], str], ...] = (
    *(_replace,) * 8,
    *(_column, _swap_cells, _drop_row, _repeat_row, _ragged, _drop_column, _repeat_column, _rename_column),
    _no_rows,
)


def table(rng: Random, data: bytes, *, harmless: bool = False) -> tuple[str, bytes]:
    """Change a CSV table; `harmless` changes only its order."""
    cells = read_cells(data)
    ways = HARMLESS if harmless else HARMFUL
    if len(cells) < 2:
        ways = (_repeat_column, _drop_column, _rename_column)
    said = rng.choice(ways)(rng, cells)
    return said, write_cells(cells)


# --- documents


def dumped(document: Any) -> bytes:
    """Write JSON, with the raw parts that are in it as they are."""
    text = json.dumps(document, indent=2)
    while (begin := text.find(f'"{RAW}')) >= 0:
        end = text.index('@@"', begin)
        text = text[:begin] + text[begin + len(RAW) + 1 : end] + text[end + 3 :]
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [path] + [place for key, value in inner for place in _places(value, (*path, key))]


def document(rng: Random, data: bytes) -> tuple[str, tuple[Any, ...], bytes]:
    """Change a JSON document; gives what was done, where, and the bytes."""
    whole = {"": json.loads(data)}
    path = ("", *rng.choice(_places(whole[""])))
    parent: Any = whole
    for key in path[:-1]:
        parent = parent[key]
    key, before = path[-1], parent[path[-1]]
    match rng.choice(("replace", "replace", "tweak", "tweak", "remove", "rename", "repeat")):
        case "remove" if len(path) > 1:
            del parent[key]
            said = "removed"
        case "rename" if len(path) > 1 and isinstance(parent, dict):
            parent[str(key) + rng.choice(("x", " ", "\u200b"))] = parent.pop(key)
            said = "renamed"
        case "repeat" if len(path) > 1 and isinstance(parent, dict):
            parent["@@twice@@"] = rng.choice(DOCUMENTS)
            text = dumped(whole[""]).replace(b'"@@twice@@"', json.dumps(key).encode())
            return f"{'/'.join(map(str, path[1:]))} twice", path[1:], text
        case "tweak" if isinstance(before, int | float) and not isinstance(before, bool):
            parent[key] = rng.choice((before * 10, before / 10, -before, before + 1, before * 1.001))
            said = f"{before!r} becomes {parent[key]!r}"
        case _:
            parent[key] = rng.choice(DOCUMENTS)
            said = f"{str(before)[:40]!r} becomes {str(parent[key])[:40]!r}"
    return f"{'/'.join(map(str, path[1:]))}: {said}", path[1:], dumped(whole[""])


# --- kinds of file


def replaced(rng: Random, path: Path, outside: Path) -> str:
    """Put something else than a file of its own at a path; `outside` is a file that nobody may show or change."""
    data = path.read_bytes()
    kinds = ("folder", "link out", "link in", "broken link", "circle", "pipe", "device", "socket")
    how = rng.choice(("missing", "empty", *kinds, "capitals", "large"))
    path.unlink()
    match how:
        case "empty":
            path.write_bytes(b"")
        case "folder":
            path.mkdir()
        case "link out":
            path.symlink_to(outside)
        case "link in":
            path.with_name("elsewhere").write_bytes(data)
            path.symlink_to("elsewhere")
        case "broken link":
            path.symlink_to("nothing-there")
        case "circle":
            path.symlink_to(path.name)
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "socket":
            _socket(path)
        case "capitals":
            path.with_name(path.name.upper()).write_bytes(data)
        case "large":
            with path.open("wb") as file:
                file.write(data)
                file.truncate(2**28 + 2**20)
    return how


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # addresses of sockets are short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def copy(one: Path, other: Path) -> Path:
    """Copy a folder, whatever is in it."""
    shutil.copytree(one, other, symlinks=True)
    return other
