"""The tables of a data package as a read-only mapping, parsed and put in order when they are looked at first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import pandas as pd

from corridors.errors import NameUnknown
from corridors.suggest import did_you_mean
from corridors.tables.csv_files import parse
from corridors.tables.schema import dictionary, key_columns


def check_name(table: str) -> None:
    """Raise `NameUnknown` if the dictionary has no such table."""
    if table not in dictionary():
        raise NameUnknown(f"there is no table '{table}'{did_you_mean(table, dictionary())}")


class Frames(Mapping[str, pd.DataFrame]):
    """Frames by table, read-only: each look returns a frame of its own, which may be changed without harm.

    A table may also be given as the bytes of its file, which are parsed at the first look.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame | bytes]) -> None:
        self._frames = dict(frames)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table; its values are copied only when they are written to."""
        check_name(table)
        frame = self._frames[table]
        if not isinstance(frame, pd.DataFrame):
            frame = self._frames[table] = self._made(table, frame)
        return frame.copy(deep=False)

    def _made(self, table: str, given: bytes) -> pd.DataFrame:
        """Make the frame of a table at its first look."""
        return parse(table, given)

    @cached_property
    def ordered(self) -> Ordered:
        """The same tables in the order of their keys, put in order once for all who ask."""
        return Ordered(self)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the tables, in the dictionary's order."""
        return iter(self._frames)

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(self._frames)


class Ordered(Frames):
    """The same tables with their rows in the order of their keys, each put in order at its first look."""

    def __init__(self, given: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(dict.fromkeys(given, b""))  # nothing is parsed or put in order yet
        self.given = given

    def _made(self, table: str, given: bytes) -> pd.DataFrame:
        """Put a table in the order of its keys: text by code point, numbers by size."""
        return _in_order(table, self.given[table])


def _in_order(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    names = list(zip(*(frame[column].tolist() for column in key_columns(table)), strict=True))
    order = sorted(range(len(names)), key=names.__getitem__)
    return frame.take(order).reset_index(drop=True)
