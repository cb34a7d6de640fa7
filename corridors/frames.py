"""Rows of a pandas frame, without importing pandas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Give a table's rows as named tuples; typed as anything, because a cell's type is the dictionary's affair."""
    return frame.itertuples(index=False)
