"""The data package as an immutable `Dataset`: read, changed into new ones, written.

A data package is a folder of CSV files in the form that the embedded `datapackage.json` states (Frictionless
Data, tabular data package), once for all packages: see `fields` for columns, units and constraints.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from corridors.errors import DataError
from corridors.output import new_folder
from corridors.tables import rules, validation
from corridors.tables.column_rules import column_faults
from corridors.tables.csv_files import csv_text, with_optional
from corridors.tables.faults import Fault
from corridors.tables.frame_mapping import Frames, Ordered, check_name
from corridors.tables.metadata import PACKAGE, Metadata, metadata_of
from corridors.tables.parsing import digest_of
from corridors.tables.recent import Recent
from corridors.tables.schema import EMBEDDED, descriptor, dictionary, fields, is_numeric

SEAL = "checked.sha256"
FIGURED = ("base_year", "home_country", "default_commodity", "default_origin", "default_destination")
BASE = "base"  # what tables are called that no scenario changed


@dataclass(frozen=True, eq=False)
class Dataset:
    """The tables of a data package.

    Text columns hold str, "" where blank; number columns hold float64, NaN where blank, in the unit that
    `fields(table)[column]["unit"]` names, with inf only where the dictionary allows "no limit". A table that
    is optional and was not there has no rows.

    Attributes
    ----------
    path
        The folder or the workbook that it was read from.
    tables
        Every table of the dictionary; `dataset["links"]` is short for `dataset.tables["links"]`.
    base_year
        The calendar year whose money and network the tables describe.
    home_country
        The country (ISO 3166 alpha-3) that domestic, import, export and transit refer to; "" if not stated.
    default_commodity
        The class of freight to compare where none is asked for; "" if not stated.
    title
        What the data package is called; "" if not stated.
    default_origin, default_destination
        The places between which reports compare the means of transport; "" if not stated.
    title_ru, title_kk
        The title in Russian and in Kazakh; "" if not stated.
    licences
        The licences that its descriptor names, each with its address.
    credits
        Whom maps and exports have to name, each with an address: the sources that its descriptor names.
    hashes
        SHA-256 of each table as it was read, line ends made equal; a changed table has none until asked for.
    scenario
        What the tables show: "base", or the scenarios that were asked for, joined by "+".
    scenarios
        The name and the SHA-256 of every scenario that changed them, in order.
    unchanged
        The data before any scenario, None of data that none changed.
    """

    path: Path
    tables: Mapping[str, pd.DataFrame]
    base_year: int
    home_country: str
    default_commodity: str
    title: str
    default_origin: str
    default_destination: str
    title_ru: str
    title_kk: str
    licences: tuple[str, ...]
    credits: tuple[str, ...]
    hashes: Mapping[str, str]
    scenario: str = BASE
    scenarios: tuple[tuple[str, str], ...] = ()
    unchanged: Dataset | None = field(default=None, repr=False)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table as a frame of its own.

        Raises
        ------
        NameUnknown
            If the dictionary has no such table.
        """
        return self.tables[table]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every setting that figures depend on and every table, in the dictionary's order.

        Rows count as they were given. Titles, licences, credits and the notice change no figure.
        """
        parts = [json.dumps([getattr(self, setting) for setting in FIGURED])]
        for name in self.tables:
            digest = self.hashes.get(name) or hashlib.sha256(csv_text(name, self._given[name]).encode()).hexdigest()
            parts.append(f"{name} {digest}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def usual_commodity(self) -> str:
        """The class of freight to compare where none is asked for: the default, or else the first in the alphabet.

        "" if there is none.
        """
        return self.default_commodity or min(self.tables["commodities"]["commodity"].tolist(), default="")

    @property
    def _given(self) -> Mapping[str, pd.DataFrame]:
        """The tables in the order of rows in which they were given."""
        return self.tables.given if isinstance(self.tables, Ordered) else self.tables

    def ordered(self) -> Dataset:
        """Return the same data with the rows of every table in the order of their keys, from which all numbers come.

        Whoever numbers places, links, demands or figures by their rows does so on ordered data: then the order in which
        rows were typed decides nothing, also where several answers are equally good. The digest is that of the data
        as given, and `write` writes them so.
        """
        if isinstance(self.tables, Ordered):
            return self
        return replace(self, tables=self.tables.ordered if isinstance(self.tables, Frames) else Ordered(self.tables))

    def as_given(self) -> Dataset:
        """Return the same data with the rows of every table in the order in which they were given."""
        return replace(self, tables=self._given)

    def with_table(self, name: str, frame: pd.DataFrame) -> Dataset:
        """Return a new dataset with another table in place of one; the columns' order and types are made right.

        Optional columns that the frame lacks are blank.

        The rules across tables are not applied: ask `faults` once, after the last change.

        Raises
        ------
        DataError
            If the columns are not those of the dictionary, or a number column holds something else.
        """
        check_name(name)
        frame = with_optional(name, frame)
        if sorted(map(str, frame.columns)) != sorted(fields(name)):
            odd = ", ".join(sorted({*map(str, frame.columns)} ^ {*fields(name)})) or "a column twice"
            raise DataError(f"table {name} is to have the columns {', '.join(fields(name))}; it differs in: {odd}")
        columns = {}
        for column, described in fields(name).items():
            try:
                columns[column] = _typed(frame[column], number=is_numeric(described))
            except (TypeError, ValueError) as error:
                raise DataError(f"table {name}, column {column}: expected numbers; {error}") from error
        changed = pd.DataFrame(columns).reset_index(drop=True)
        hashes = {table: digest for table, digest in self.hashes.items() if table != name}
        tables = {table: changed if table == name else self._given[table] for table in dictionary()}
        return replace(self, tables=Frames(tables), hashes=hashes)

    def faults(self) -> list[Fault]:
        """Return what breaks the dictionary or a rule, but for provenance, which is about the data as read.

        Tables that are as they were read, which have a hash, were found sound then.
        """
        frames = {name: self.tables[name] for name in dictionary() if name != "provenance"}
        numbered = {name: frame.set_axis(frame.index + 2) for name, frame in frames.items()}
        changed = {name: frame for name, frame in numbered.items() if name not in self.hashes}
        across = rules.apply_all(numbered, self.base_year, changed)
        return validation.in_order([*column_faults(changed), *across])

    def write(self, folder: Path | str) -> None:
        """Write the tables and their dictionary into a new or empty folder, all or nothing.

        The provenance is written as it was read: numbers changed since then need their rows changed, too.

        Raises
        ------
        OutputError
            If the folder holds something or cannot be written.
        """
        about = {"title": self.title, "base_year": self.base_year, "home_country": self.home_country}
        usual = ("default_commodity", "default_origin", "default_destination", "title_ru", "title_kk")
        about |= {setting: getattr(self, setting) for setting in usual}
        package = {"profile": "tabular-data-package", "name": "data-package", **about}
        package = {key: value for key, value in package.items() if value != ""}
        if self.licences:
            package["licenses"] = [_licence(one) for one in self.licences]
        if self.credits:
            package["sources"] = [_source(one) for one in self.credits]
        package["resources"] = descriptor()["resources"]
        with new_folder(Path(folder)) as work:
            for name, frame in self._given.items():
                (work / f"{name}.csv").write_text(csv_text(name, frame), encoding="utf-8", newline="")
            text = json.dumps(package, ensure_ascii=False, indent=2)
            (work / PACKAGE).write_text(text + "\n", encoding="utf-8", newline="")


def _licence(text: str) -> dict[str, str]:
    """Return a licence as a descriptor has it: with its address, or with a name of its own (Frictionless)."""
    title, _, path = text.rpartition(" ")
    if title and "/" in path:
        return {"title": title, "path": path}
    return {"name": re.sub("[^-A-Za-z0-9._]+", "-", text), "title": text}


def _source(text: str) -> dict[str, str]:
    """Return a source as a descriptor has it: its title, and its address where it has one (Frictionless)."""
    title, _, path = text.rpartition(" ")
    return {"title": title, "path": path} if title and "/" in path else {"title": text}


def _typed(column: pd.Series, *, number: bool) -> pd.Series:
    if number:
        return column.astype(np.float64)
    return column.astype(object).where(column.notna(), "").astype(str)


def embedded() -> Path:
    """Return the folder of the data package that comes with the program."""
    return EMBEDDED


def empty(base_year: int | None = None) -> Dataset:
    """Return a data package without a row, every table with all its columns: what another country begins with.

    Parameters
    ----------
    base_year
        The calendar year whose money and network the tables are going to describe; None takes that of the embedded
        data package.
    """
    year = metadata_of(descriptor()).base_year if base_year is None else base_year
    frames = {name: (",".join(fields(name)) + "\n").encode() for name in dictionary()}
    return Dataset(Path(), Frames(frames), *Metadata(year), hashes={})


def seal_of(dataset: Dataset) -> str:
    """Return the digest of all that was found sound: the settings, the tables, and the dictionary that judged them."""
    judged = digest_of((dataset.path / PACKAGE).read_bytes())
    return hashlib.sha256(f"{judged} {dataset.digest}".encode()).hexdigest()


_SEALED: Recent[Frames] = Recent()


def _sealed() -> Dataset | None:
    """Return the embedded data package without checking it anew, if it is byte for byte what was checked last.

    `tools/seal.py` checks it and writes the digest; a package that was changed since is read like any other.
    """
    path = embedded()
    try:
        data = {name: (path / f"{name}.csv").read_bytes() for name in dictionary()}
        package = json.loads((path / PACKAGE).read_text(encoding="utf-8"))
        hashes = {name: digest_of(one) for name, one in data.items()}
        same = tuple(data.values())
        frames = _SEALED.get(same) or _SEALED.keep(same, Frames(data), sum(map(len, same)))  # parsed once
        dataset = Dataset(path, frames, *metadata_of(package), hashes=hashes)
        return dataset if seal_of(dataset) == (path / SEAL).read_text(encoding="utf-8").strip() else None
    except (OSError, ValueError, AttributeError):
        return None  # what is amiss is said when it is checked


def read(folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Read a data package, a folder or an Excel workbook, and check it; the embedded one if none is given.

    Raises
    ------
    DataError
        If anything is wrong: the first fault is named, and how many others there are.
    """
    if folder is None and (sealed := _sealed()) is not None:
        return sealed
    path = embedded() if folder is None else Path(folder)
    loaded = validation.load(path)
    if loaded.faults:
        first, others = loaded.faults[0], len(loaded.faults) - 1
        where = "" if first.file == str(path) else f"{path}: "
        more = f" (… and {others} more: run `corridors data check {shlex.quote(str(path))}`)" if others else ""
        raise DataError(f"{where}{first}{more}")
    return Dataset(path, loaded.tables, *loaded.metadata, hashes=loaded.hashes)
