"""Tables as CSV files: what is known to be sound is parsed, and written so that it reads back the same."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd

from corridors.tables.schema import fields, is_numeric, number_text


def parsed(table: str, data: bytes) -> pd.DataFrame:
    """Parse the bytes of a table that is known to be sound."""
    types = {column: np.float64 if is_numeric(field) else str for column, field in fields(table).items()}
    blank = {column: [""] for column, kind in types.items() if kind is np.float64}
    frame = pd.read_csv(io.BytesIO(data), dtype=types, na_values=blank, keep_default_na=False)
    return frame[list(types)]


def cells(name: str, frame: pd.DataFrame) -> list[list[str]]:
    """Return the rows of a table as text, as its file has them."""
    columns = [
        [number_text(value) for value in frame[column].tolist()] if is_numeric(field) else frame[column].tolist()
        for column, field in fields(name).items()
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def csv_text(name: str, frame: pd.DataFrame) -> str:
    """Return a table as its file has it: a header, LF line ends, numbers as short as they read back exactly."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([list(fields(name)), *cells(name, frame)])
    return stream.getvalue()
