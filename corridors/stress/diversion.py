"""Where a closure diverts freight to: the corridors that gain, as a list, in files, and in an English sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST = 3  # corridors that are named
LEAST_KT = 1.0  # that a corridor must gain to be named
BETWEEN = ";"  # which no id of a data package has


class Gain(NamedTuple):
    """A corridor, and the kt a year by which its mean load grows."""

    corridor: str
    kt: float


def gains(corridors: Sequence[str], more: NDArray[np.float64]) -> list[Gain]:
    """Return the corridors that gain most, the first of equal ones first; `more` is kt a year, (corridors,)."""
    order = np.argsort(-more, kind="stable")[:MOST].tolist()
    return [Gain(corridors[row], float(more[row])) for row in order if more[row] >= LEAST_KT]


def written(found: Sequence[Gain]) -> str:
    """Return gains as files hold them: corridor=kt, whole kt, separated by ;."""
    return BETWEEN.join(f"{one.corridor}={one.kt:.0f}" for one in found)


def read(text: str) -> list[Gain]:
    """Return the gains that `written` wrote.

    Raises
    ------
    ValueError
        If it did not.
    """
    pairs = [one.rpartition("=")[::2] for one in filter(None, text.split(BETWEEN))]
    found = [Gain(corridor, float(kt)) for corridor, kt in pairs]
    if written(found) != text:
        raise ValueError(f"{text!r} names no corridors with what they gain")
    return found


def sentence(found: Sequence[Gain]) -> str:
    """Return gains in the English words of files: R1 +3,000 kt; R2 +20 kt."""
    return "; ".join(f"{one.corridor} +{one.kt:,.0f} kt" for one in found)
