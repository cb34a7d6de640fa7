"""The units of a GMNS network: those that config.csv names, compared with how far apart the nodes are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridors.errors import DataError
from corridors.exchange.csv_tables import CsvTable, find
from corridors.exchange.numbers import called, fault, shown
from corridors.models.arrays import FloatArray, IntArray

CONFIG = "config.csv"
_KM = {
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), 1.0),
    **dict.fromkeys(("mi", "mile", "miles"), 1.609344),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 0.001),
    **dict.fromkeys(("ft", "foot", "feet"), 0.0003048),
}
_KM_PER_HOUR = {
    **dict.fromkeys(
        ("kph", "kmh", "km/h", "kmph", "km/hr", "km/hour", "kilometers per hour", "kilometres per hour"), 1.0
    ),
    **dict.fromkeys(("mph", "mi/h", "mi/hr", "mile/h", "miles/hour", "miles per hour"), 1.609344),
    **dict.fromkeys(("m/s", "mps", "meters per second", "metres per second"), 3.6),
    **dict.fromkeys(("ft/s", "fps", "feet per second"), 1.09728),
}
_LIKELY = {"kilometres": 1.0, "miles": 1.609344, "metres": 0.001, "feet": 0.0003048}
_FAR_KM = 0.05  # apart: nearer nodes are too near to compare a rounded length with
_WRONG = 100.0  # times the distance: no way winds so, and the next unit is a thousand times as long
_DETOUR = 2.5  # times the distance, or as much less where coordinates are rough
_STRAIGHTER = 0.9  # times the distance: no way is shorter
_ENOUGH = 10  # links: of fewer the shape of the land may be the cause
_SLOWEST_HOURS = 48.0  # on one link; more than that is another unit rather than a road
_ADD_CONFIG = f"add {CONFIG} with the columns long_length and speed, such as meters and kph"
_SPREAD = 0.1  # of the ratios of lengths to distances: less than this is a unit, not a landscape


@dataclass(frozen=True)
class Units:
    """What is said of the units: kilometres in a unit of length and km/h in one of speed, None where nothing is."""

    km: float | None = None
    km_per_hour: float | None = None
    crs: str = ""

    @property
    def hours(self) -> float:
        """The hours that one unit of length takes at one unit of speed; 1 where nothing is said."""
        return self.km / self.km_per_hour if self.km and self.km_per_hour else 1.0


def units_of(folder: Path) -> Units:
    """Read the units that config.csv names.

    Raises
    ------
    DataError
        If it names one that is not known, or only that of length or only that of speed.
    """
    path = find(folder, CONFIG)
    if path is None:
        return Units()
    config = CsvTable(path)
    if len(config) > 1:
        raise fault(path, f"{len(config)} rows", "one", "leave the row that is true", config.lines[1])
    known: list[float | None] = []
    for column, units in (("long_length", _KM), ("speed", _KM_PER_HOUR)):
        cell = " ".join(config.cells(column)[0].lower().split()) if len(config) else ""
        if cell and cell not in units:
            raise config.fault(0, column, f"one of {', '.join(units)}", "write the unit so")
        known.append(units.get(cell))
    for column, unit, other in (("long_length", known[0], known[1]), ("speed", known[1], known[0])):
        if unit is None and other is not None:
            advice = "name the units of length and of speed, both or neither"
            raise config.fault(0, column, "a unit, as the other one is named", advice)
    return Units(known[0], known[1], config.cells("crs")[0] if len(config) else "")


@dataclass(frozen=True, eq=False)
class Roads:
    """What is compared: the lengths and hours of links, (links,), their ends, and where the nodes are."""

    nodes: CsvTable
    links: CsvTable
    tail: IntArray
    head: IntArray
    length: FloatArray
    hours: FloatArray


def units_doubted(roads: Roads, units: Units) -> Iterator[str]:
    """Say what is taken for granted of the units, and which lengths do not fit the coordinates of their nodes.

    Raises
    ------
    DataError
        If nothing names the units, and lengths look like metres or feet, by the coordinates or by the days that a
        link would take.
    """
    try:
        apart = _apart_km(roads, units.crs)
    except ValueError as error:
        yield f"{called(roads.nodes.path)}: {error}, so that lengths cannot be compared with coordinates"
        apart = np.full(len(roads.links), np.nan)
    with np.errstate(invalid="ignore"):
        some = np.flatnonzero((apart > _FAR_KM) & (roads.length > 0))
    per_km = roads.length[some] / apart[some]
    if units.km is None:
        looks = _likely(float(np.median(per_km))) if some.size else None
        if looks in ("metres", "feet"):
            raise _no_units(roads, int(some[0]), float(apart[some[0]]), looks)
        if roads.hours.size:
            yield _taken_for_granted(roads, looks)
    ratio = per_km * (units.km or 1.0)
    wrong = np.flatnonzero((ratio > _WRONG) | (ratio < 1 / _WRONG))
    if wrong.size:
        yield _not_fitting(roads, some[wrong], apart)
    elif units.km is not None and some.size >= _ENOUGH:
        low, middle, high = np.quantile(ratio, (0.25, 0.5, 0.75))
        looks = _likely(float(np.median(per_km)))
        if middle < _STRAIGHTER and (high - low) < _SPREAD * middle:
            place = called(roads.links.path)
            yield f"{place}: lengths are {middle:.3g} of the distances of their nodes; they look like {looks}"


def _not_fitting(roads: Roads, wrong: IntArray, apart: FloatArray) -> str:
    one, more = int(wrong[0]), wrong.size - 1
    looks = _likely(float(roads.length[one] / apart[one]))
    place = f"{called(roads.links.path)}, line {roads.links.lines[one]}, column length"
    found = f"{roads.length[one]:.10g} does not fit the coordinates of its nodes, which are {apart[one]:.4g} km apart"
    others = f"; {more} more of {len(roads.links)} do not" if more else ""
    return f"{place}: {found}" + (f"; it looks like {looks}" if looks else "") + others


def _taken_for_granted(roads: Roads, looks: str | None) -> str:
    slowest = int(np.argmax(roads.hours))
    if roads.hours[slowest] > _SLOWEST_HOURS:
        expected = f"a length in the unit of free_speed: at that the link takes {roads.hours[slowest]:.6g} h"
        raise roads.links.fault(slowest, "length", f"{expected}, and nothing names the units", _ADD_CONFIG)
    place = called(roads.links.path)
    by_coordinates = f" (by the coordinates lengths look like {looks})" if looks else ""
    return (
        f"{place}: nothing names the units, so length / free_speed is taken as hours{by_coordinates}; the slowest link "
        f"(line {roads.links.lines[slowest]}) then takes {roads.hours[slowest]:.6g} h; {_ADD_CONFIG}"
    )


def _no_units(roads: Roads, row: int, apart: float, looks: str) -> DataError:
    expected = (
        f"its length in the unit of free_speed, as its nodes are {apart:.4g} km apart and nothing names the units"
    )
    return roads.links.fault(row, "length", expected, f"it looks like {looks}: {_ADD_CONFIG}")


def _likely(per_km: float) -> str | None:
    """Return the unit of which a road has about so many to a kilometre as the crow flies; None if none fits."""
    if not per_km > 0:
        return None
    off = {name: abs(np.log(per_km * km)) for name, km in _LIKELY.items()}
    nearest = min(off, key=lambda name: off[name])
    return nearest if off[nearest] < np.log(_DETOUR) else None


def _apart_km(roads: Roads, crs: str) -> FloatArray:
    """Return how far the ends of each link are apart in km, (links,), NaN where nothing tells."""
    x, y = (_coordinates(roads.nodes.cells(column)) for column in ("x_coord", "y_coord"))
    if not (np.isfinite(x) & np.isfinite(y)).any():
        return np.full(roads.tail.size, np.nan)
    degrees, metres = _system(crs, x, y)
    starts, ends = (x[roads.tail], y[roads.tail]), (x[roads.head], y[roads.head])
    if not degrees:
        return np.hypot(ends[0] - starts[0], ends[1] - starts[1]) * metres / 1000
    from pyproj import Geod  # heavy, and only networks with coordinates need it

    known = np.isfinite(starts[0] + starts[1] + ends[0] + ends[1])
    apart = np.full(roads.tail.size, np.nan)
    inverse = Geod(ellps="WGS84").inv(starts[0][known], starts[1][known], ends[0][known], ends[1][known])
    apart[known] = np.asarray(inverse[2]) / 1000
    return apart


def _system(crs: str, x: FloatArray, y: FloatArray) -> tuple[bool, float]:
    """Return whether coordinates are degrees, and how many metres a unit of them is if not."""
    if not crs:  # degrees if they can be, or else metres
        return bool(np.nanmax(np.abs(x)) <= 180 and np.nanmax(np.abs(y)) <= 90), 1.0
    from pyproj import CRS  # heavy, and only networks with coordinates need it
    from pyproj.exceptions import CRSError

    try:
        known = CRS.from_user_input(crs)
    except CRSError as error:
        raise ValueError(f"the coordinate system {shown(crs)} of {CONFIG} is not known") from error
    if known.is_geographic and not (np.nanmax(np.abs(x)) <= 180 and np.nanmax(np.abs(y)) <= 90):
        raise ValueError(f"the coordinates are no degrees, as the system {shown(crs)} has")
    return known.is_geographic, 1.0 if known.is_geographic else float(known.axis_info[0].unit_conversion_factor)


def _coordinates(cells: Sequence[str]) -> FloatArray:
    """Return a column of coordinates, (nodes,), NaN where a cell has none."""
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        try:
            values[row] = float(cell) if cell else np.nan
        except ValueError:
            continue
    return np.where(np.isfinite(values), values, np.nan)
