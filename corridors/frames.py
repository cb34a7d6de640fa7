"""Rows of a pandas frame, without importing pandas."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Give a table's rows as named tuples; typed as anything, because a cell's type is the dictionary's affair."""
    return frame.itertuples(index=False)


def indexed_rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Give the rows with their `Index`, as `itertuples` does, twenty times as fast for text."""
    columns = (frame[column].tolist() for column in frame.columns)
    return map(_row_type(tuple(frame.columns))._make, zip(frame.index.tolist(), *columns, strict=True))


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", ("Index", *columns))
