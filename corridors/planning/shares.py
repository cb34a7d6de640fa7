"""By which probability shippers would choose each of a few offered means: a multinomial logit (McFadden 1974)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corridors.errors import DataError
from corridors.frames import rows

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset

ANY = "*"


def shares(dataset: Dataset, commodity: str, costs: Sequence[float], tau: float | None = None) -> list[float]:
    """Return the probability of each of several means, by what a tonne costs by them.

    Parameters
    ----------
    dataset
        Whose `choice.csv` says how sharply shippers of the commodity choose.
    commodity
        The class of freight.
    costs
        Generalised costs, above 0, USD per tonne.
    tau
        How sharply they choose, in place of what the data say.

    Raises
    ------
    DataError
        If neither `tau` nor the data say how sharply they choose.
    """
    sharp = tau_of(dataset, commodity) if tau is None else tau
    least = min(costs, default=1.0)
    weights = [math.exp(-sharp * (cost / least - 1)) for cost in costs]
    return [weight / math.fsum(weights) for weight in weights]


def tau_of(dataset: Dataset, commodity: str) -> float:
    """Return tau of a commodity by the most specific row of `choice.csv`, as `planning.behaviour` takes it."""
    cargo = dict(zip(dataset["commodities"]["commodity"], dataset["commodities"]["cargo"], strict=True))[commodity]
    known = {(row.cargo, row.commodity): float(row.tau) for row in rows(dataset["choice"])}
    for scope in ((cargo, commodity), (ANY, commodity), (cargo, ANY), (ANY, ANY)):
        if scope in known:
            return known[scope]
    raise DataError(f"choice.csv has no row for cargo '{cargo}', to which '{commodity}' belongs: add one, or give tau")
