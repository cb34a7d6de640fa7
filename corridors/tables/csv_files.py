"""Tables as CSV files: what is known to be sound is parsed, and written so that it reads back the same."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd

from corridors.tables.schema import fields, is_needed, is_numeric, number_text


def parse(table: str, data: bytes) -> pd.DataFrame:
    """Parse the bytes of a table that is known to be sound."""
    types = {column: np.float64 if is_numeric(field) else str for column, field in fields(table).items()}
    blank = {column: [""] for column, kind in types.items() if kind is np.float64}
    frame = pd.read_csv(io.BytesIO(data), dtype=types, na_values=blank, keep_default_na=False)
    return with_optional(table, frame)[list(types)]


def with_optional(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the optional columns that it lacks, blank."""
    for column, field in fields(table).items():
        if column not in frame and not is_needed(field):
            frame = frame.assign(**{column: np.nan if is_numeric(field) else ""})
    return frame


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
