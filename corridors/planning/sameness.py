"""Whether what is written is what is recomputed, figure by figure and word by word."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corridors.output import safe_text
from corridors.planning.results import ORDER_DIGITS
from corridors.text.reasons import CODE, VALUES, Reason

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SAME = 1e-11  # relative: tables have 12 digits, the last of them rounded
_RESIDUAL = 1e-7  # of a relative residual: the rounding of sums; a tenth of what any may be
_TURNOVER = 1e-12  # of all that is added up to a use
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_LOOSE = {"gap": SAME, "certificate, demand_residual": _RESIDUAL, "certificate, capacity_residual": _RESIDUAL}


class Difference(NamedTuple):
    """The largest relative difference, and where the first is that is too large; "" if none is."""

    worst: float
    where: str


def same_table(name: str, found: pd.DataFrame, expected: pd.DataFrame, turnover: Mapping[str, float]) -> Difference:
    """Compare a table of a plan with the one that was recomputed, cell by cell and in its order.

    Parameters
    ----------
    name
        Of the table.
    found, expected
        With the same columns.
    turnover
        What is added up to the use of each resource, without signs.
    """
    if len(found) != len(expected):
        return Difference(math.inf, f"{name}.csv: found {len(found)} rows, expected {len(expected)}")
    slack = np.zeros(len(found))
    if name == "bottlenecks":  # whose order is that of figures, so rows as good as alike may stand either way
        rank = expected.reset_index().set_index("resource")["index"].reindex(found["resource"]).to_numpy()
        expected = expected.iloc[rank.astype(np.int64)].reset_index(drop=True)
        if wrong := _disorder(expected, rank):
            return Difference(math.inf, f"{name}.csv, row {wrong + 2}: found below a row that it comes before")
        slack = np.array([turnover[one] for one in found["resource"]]) * _TURNOVER
    worst = 0.0
    for column in expected.columns:
        one, other = found[column], expected[column]
        if other.dtype.kind in "fiu":
            loose = slack if column in ("used", "utilisation") else 0.0
            off = _off(one.to_numpy(dtype=np.float64), other.to_numpy(dtype=np.float64), loose)
            worst = max(worst, float(off.max(initial=0)))
            wrong_rows = np.flatnonzero(~(off <= SAME))
        elif column == VALUES:
            wrong_rows = np.flatnonzero(~_alike_reasons(found, expected))
        else:
            pairs = zip(one.tolist(), other.tolist(), strict=True)
            wrong_rows = np.flatnonzero([a != b and not _alike(a, b) for a, b in pairs])
        for row in wrong_rows[:1].tolist():
            told = f"found {_shown(one.iloc[row])}, expected {_shown(other.iloc[row])}"
            key = f"{found.columns[0]} {found.iloc[row, 0]!r} (row {row + 2})"
            return Difference(worst, f"{name}.csv, {key}, column {column}: {told}")
    return Difference(worst, "")


def _disorder(ranked: pd.DataFrame, rank: NDArray[np.int64]) -> int:
    """Return the first row (from 0) that stands behind one that it comes before, or 0 where none does."""
    low, high = (ranked[f"shadow_price_{end}"].fillna(ranked["shadow_price"]) for end in ("low", "high"))
    keys = (low * ranked["capacity"], ranked["utilisation"], high * ranked["capacity"])
    figures = np.column_stack([key.to_numpy(dtype=np.float64) for key in keys])
    for row in np.flatnonzero(np.diff(rank) < 0).tolist():
        one, other = figures[row], figures[row + 1]
        # alike to all digits that count, they stand in the order of their names
        tied = one[0] == other[0] and one[2] == other[2] and abs(one[1] - other[1]) < 10.0**-ORDER_DIGITS / 2
        near_the_edge = round(one[1], ORDER_DIGITS) != round(other[1], ORDER_DIGITS)
        if not tied or not near_the_edge:
            return row + 1
    return 0


def _off(found: NDArray[np.float64], expected: NDArray[np.float64], slack: Any = 0.0) -> NDArray[np.float64]:
    """Return by how much figures are off, relative to the larger; inf where one is missing or not finite."""
    gone = np.isnan(found) & np.isnan(expected)
    with np.errstate(invalid="ignore"):
        off = np.maximum(np.abs(found - expected) - slack, 0.0)
    scale = np.maximum(np.abs(found), np.abs(expected))
    relative = np.divide(off, scale, out=np.zeros_like(off), where=scale != 0)
    return np.where(gone, 0.0, np.where(np.isnan(relative), np.inf, relative))


def _alike_reasons(found: pd.DataFrame, expected: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows have the same reason, ids and all; its numbers may differ by one of their last digit."""
    one, other = (
        [Reason.read(*told) for told in zip(frame[CODE], frame[VALUES], strict=True)] for frame in (found, expected)
    )
    return np.array([a.alike(b) for a, b in zip(one, other, strict=True)], dtype=np.bool_)


def _alike(found: object, expected: object) -> bool:
    """Tell whether two texts are one; numbers that were rounded in them may differ by one of their last digit."""
    one, other = safe_text(str(found)), safe_text(str(expected))
    if one == other:
        return True
    if _NUMBER.sub("#", one) != _NUMBER.sub("#", other) or " " not in other:
        return False  # what is no sentence is an id, and has no rounding
    return all(
        abs(float(a.replace(",", "")) - float(b.replace(",", ""))) <= 1.001 * 10.0 ** -len(b.partition(".")[2])
        and len(a.partition(".")[2]) == len(b.partition(".")[2])
        for a, b in zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    )


def same_summary(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Difference:
    """Compare a summary with the one that was recomputed, part by part."""
    worst = 0.0
    for name, one, other in _pairs("", found, expected):
        if _figure(one) and _figure(other):
            off = float(_off(np.array([float(one)]), np.array([float(other)]))[0])
            if name in _LOOSE:
                off = 0.0 if abs(one - other) <= _LOOSE[name] else math.inf
            worst = max(worst, off)
            if off <= SAME:
                continue
        elif type(one) is type(other) and one == other:
            continue
        return Difference(worst, f"summary.json, {name}: found {_shown(one)}, expected {_shown(other)}")
    return Difference(worst, "")


def _pairs(name: str, found: Any, expected: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the innermost parts of both with their names; what only one of them has is None in the other."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key in {**expected, **found}:
            missing = key not in found or key not in expected
            one, other = found.get(key), expected.get(key)
            inner = f"{name}, {key}" if name else str(key)
            if missing:
                yield inner, "nothing" if key not in found else one, "nothing" if key not in expected else other
            else:
                yield from _pairs(inner, one, other)
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for number, (one, other) in enumerate(zip(found, expected, strict=True), start=1):
            yield from _pairs(f"{name}, {number}", one, other)
    else:
        yield name, found, expected


def _figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
