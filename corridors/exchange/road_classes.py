"""Classes of trips on a road network: what each is worth in tolls and distance, how much room it takes, its trips.

A class is named at the command line, ``NAME,trips=FILE,toll=TIME,distance=TIME,pcu=NUMBER``. Neither format of road
networks has classes of its own: the TNTP format has one trip table a network, and the General Modeling Network
Specification no demand, so each class names its own table in the network's format, or takes that beside it. Where
a GMNS demand.csv has a column of classes, classes that name no table take its rows of their name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corridors.errors import DataError
from corridors.exchange.numbers import called, shown
from corridors.exchange.roads import RoadClass
from corridors.models.arrays import FloatArray, IntArray

_FORM = "NAME,trips=FILE,toll=TIME,distance=TIME,pcu=NUMBER"
_KEYS = ("trips", "toll", "distance", "pcu")
_PART = re.compile(r",(?=\s*\w+=)")  # names of files may have commas
_NAME = re.compile(r"\w[\w-]{0,29}")
_MOST = 1e12


def road_classes(texts: Sequence[str], networks: int = 1) -> tuple[RoadClass, ...]:
    """Read classes as the command line has them, for so many networks.

    Raises
    ------
    DataError
        If one is none, or two are named alike, or trips would be of several networks. One sentence: found, expected,
        what to do.
    """
    made = [_class(text) for text in texts]
    names = [one.name.lower() for one in made]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise DataError(f"{_place(texts[place])}: found two classes {made[place].name}, expected one; rename one")
    tables = [text for text, one in zip(texts, made, strict=True) if one.trips is not None]
    if tables and networks > 1:
        raise DataError(
            f"{_place(tables[0])}: found {networks} networks, expected one for its trips; assign one at a time"
        )
    return tuple(made)


def refuse_shared(path: Path, classes: Sequence[RoadClass], how: str = "") -> None:
    """Raise a `DataError` if several classes would take the same trips, those of a network, whole."""
    own = [one.name for one in classes if one.trips is None]
    if len(own) > 1:
        found = f"found no trips of the classes {' and '.join(own[:2])}, expected them of all but one"
        raise DataError(f"{called(path)}: {found}, which takes the network's own; add trips=FILE{how}")


def _place(text: str) -> str:
    return f"--class {shown(text)[1:-1]}"


def _class(text: str) -> RoadClass:
    name, *parts = (part.strip() for part in _PART.split(text))
    if not _NAME.fullmatch(name):
        expected = f"a name of letters, digits, _ and -, at most 30, as in {_FORM}"
        raise DataError(f"{_place(text)}: found the name {shown(name)}, expected {expected}; correct it")
    given: dict[str, str] = {}
    for part in parts:
        key, _, value = part.partition("=")
        if key not in _KEYS or key in given:
            found = f"{key} twice" if key in given else shown(key)
            raise DataError(f"{_place(text)}: found {found}, expected {', '.join(_KEYS)}, each once; correct it")
        given[key] = value.strip()
    if given.get("trips") == "":
        raise DataError(f"{_place(text)}: found no file after trips=, expected a table of trips; name it")
    return RoadClass(
        name=name,
        trips=Path(given["trips"]) if "trips" in given else None,
        toll=_number(text, given, "toll"),
        distance=_number(text, given, "distance"),
        pcu=_number(text, given, "pcu") or 1.0,
    )


def _number(text: str, given: dict[str, str], key: str) -> float | None:
    """Return the number of a key, None if it is not there."""
    if key not in given:
        return None
    try:
        number = float(given[key])
    except ValueError:
        number = math.nan
    above = key == "pcu"
    if not (0 < number <= _MOST if above else 0 <= number <= _MOST):
        expected = f"a number {'above 0' if above else 'of 0 or more'} and at most {_MOST:.0e}"
        raise DataError(f"{_place(text)}: found {key}={given[key]}, expected {expected}; correct it")
    return number


def class_trips(classes: Sequence[RoadClass], amounts: Sequence[FloatArray]) -> tuple[FloatArray, IntArray]:
    """Return the trips of all classes, one table after another, in passenger-car units, and of which class each is."""
    units = [amount * one.pcu for one, amount in zip(classes, amounts, strict=True)]
    return np.concatenate(units), np.repeat(np.arange(len(classes)), [amount.size for amount in amounts])


def told_of(one: RoadClass, amount: FloatArray, terms: Sequence[str]) -> str:
    """Say what a class is, for a notice."""
    cars = "" if one.pcu == 1 else f", each {one.pcu:.10g} passenger cars"
    trips = f"{amount.sum():.10g} trip{'' if amount.sum() == 1 else 's'}"
    return f"class {one.name}: {trips}{cars}; each costs its time{''.join(f' + {t}' for t in terms)}"
