"""Layers: tables with a shape for every row and a description for every column, on the places of a network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corridors.errors import DataError
from corridors.export.great_circles import along
from corridors.frames import rows

if TYPE_CHECKING:
    import pandas as pd

    from corridors.export.great_circles import Line
    from corridors.geodesy import Point
    from corridors.network.network import Network


class Column(NamedTuple):
    """A column of a layer: its name, unit ("" if none) and description."""

    name: str
    unit: str
    description: str


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer: rows with a shape each, longitude and latitude in degrees of WGS 84.

    Attributes
    ----------
    name, title
        What files call it, and people.
    columns
        In the order of `frame`'s, which holds no infinities; what is not known or not limited is missing.
    lines, points
        The shape of each row: one of the two is empty.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    lines: Sequence[Line] = ()
    points: Sequence[Point] = ()

    @property
    def geometry_type(self) -> str:
        """The one type that all shapes of the layer have, as GeoJSON calls it."""
        if self.points:
            return "Point"
        return "MultiLineString" if any(len(line) > 1 for line in self.lines) else "LineString"


class Atlas:
    """Where the places and links of a network are, and what the places are called."""

    def __init__(self, network: Network) -> None:
        nodes, links = network.dataset["nodes"], network.dataset["links"]
        degrees = zip(nodes["lon"].tolist(), nodes["lat"].tolist(), strict=True)
        self.point: dict[str, Point] = dict(zip(nodes["node"], degrees, strict=True))
        self.name: dict[str, str] = dict(zip(nodes["node"], nodes["name_en"], strict=True))
        classes = network.dataset["commodities"]
        self.commodity: dict[str, str] = dict(zip(classes["commodity"], classes["name_en"], strict=True))
        self._ends = {row.link: (row.from_node, row.to_node) for row in rows(links)}
        self._through: dict[str, list[Point]] = {}
        for row in rows(network.dataset["shapes"].sort_values(["link", "seq"])):
            self._through.setdefault(row.link, []).append((row.lon, row.lat))

    def straight(self, start: str, end: str) -> Line:
        """Return the great circle from place to place."""
        return along([_known(self.point, start), _known(self.point, end)])

    def line(self, links: Iterable[str], start: str) -> Line:
        """Return the line along links from a place, each from where the last ended.

        A link goes through its points of shapes.csv, and along great circles between them.

        Raises
        ------
        DataError
            If the data package has no such link or place.
        """
        way, here = [_known(self.point, start)], start
        for link in links:
            begin, end = _known(self._ends, link)
            points = [self.point[begin], *self._through.get(link, ()), self.point[end]]
            way.extend(points[::-1] if here == end else points)
            here = begin if here == end else end
        return along(way)

    def names(self, places: Iterable[str]) -> list[str]:
        """Return the English names of places; errors are as for `line`."""
        return [_known(self.name, place) for place in places]


def _known[T](table: Mapping[str, T], name: str) -> T:
    if name not in table:
        raise DataError(f"the plan names '{name}', which its data package does not have; it was changed: plan anew")
    return table[name]


def tidy(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Return the columns in order and typed, also without rows; blanks and infinities are missing values."""
    frame = frame[[column.name for column in columns]].reset_index(drop=True)
    for column in columns:
        values = frame[column.name]
        if column.unit and values.dtype.kind != "i":  # a column with a unit is of numbers
            frame[column.name] = values.astype(np.float64).replace([np.inf, -np.inf], np.nan)
        elif not column.unit and values.dtype.kind != "b":
            frame[column.name] = values.astype(object).where(values.notna() & (values != ""), None)
    return frame
