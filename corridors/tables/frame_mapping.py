"""The tables of a data package as a read-only mapping, parsed and put in order when they are looked at first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from corridors.errors import NameUnknown
from corridors.suggest import did_you_mean
from corridors.tables.csv_files import parsed
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
        if isinstance(frame, bytes):
            frame = self._frames[table] = parsed(table, frame)
        return frame.copy(deep=False)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the tables, in the dictionary's order."""
        return iter(self._frames)

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(self._frames)


class Ordered(Frames):
    """The same tables with their rows in the order of their keys, each put in order at its first look."""

    def __init__(self, given: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(dict.fromkeys(given))  # type: ignore[arg-type]  # not looked at yet
        self.given = given

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table in the order of its keys: text by code point, numbers by size."""
        check_name(table)
        if self._frames[table] is None:
            self._frames[table] = _in_order(table, self.given[table])
        return super().__getitem__(table)


def _in_order(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    names = list(zip(*(frame[column].tolist() for column in key_columns(table)), strict=True))
    order = sorted(range(len(names)), key=names.__getitem__)
    return frame.take(order).reset_index(drop=True)
