"""Rows of frames are those of pandas."""

import pandas as pd

from corridors import tables
from corridors.frames import indexed_rows, rows


def test_rows_are_those_of_pandas_in_every_table() -> None:
    dataset = tables.read()
    for name, frame in dataset.tables.items():
        some = frame.iloc[::7]
        for made, expected in (
            (rows(some), some.itertuples(index=False)),
            (indexed_rows(some), some.itertuples()),
        ):
            found, wanted = list(made), list(expected)
            assert [one._fields for one in found] == [one._fields for one in wanted], name
            assert [list(map(repr, one)) for one in found] == [list(map(repr, one)) for one in wanted], name


def test_columns_that_python_cannot_name_are_numbered() -> None:
    frame = pd.DataFrame({"from": ["a"], "to": [2.5]})
    assert next(rows(frame)) == ("a", 2.5)
    assert next(rows(frame)).to == 2.5
    assert next(rows(frame))._0 == "a"
