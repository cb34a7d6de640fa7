r"""What a tonne pays on each arc: money, hours, emissions, and the generalised cost made of them.

Generalised cost = tariff and charges + value of time x time + carbon price x emissions, per tonne
(Button 2010, Transport Economics, ch. 5):

.. math::

   c_{ga} = m_{ga} + \frac{v_g}{24}\, h_a + \frac{\kappa}{1000}\, e_{ga}

with :math:`m` in USD/t, :math:`v` in USD per tonne and day, :math:`h` in hours, :math:`\kappa` in USD per tonne of CO2e
and :math:`e` in kg CO2e/t. Everything is per commodity, because tariffs, values of time and
the load of a container differ between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import DataError
from corridors.frames import rows
from corridors.text.choices import OBJECTIVES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.network.network import Arc, Network

HOURS_PER_DAY = 24.0
KG_PER_T = 1000.0
G_PER_KG = 1000.0
UNITS = {"generalised": "USD", "cost": "USD", "time": "t h", "emissions": "kg CO2e"}


@dataclass(frozen=True, eq=False)
class Costs:
    """Per tonne, for each commodity (rows) and arc (columns).

    Attributes
    ----------
    commodities
        Names of the rows.
    usd
        Tariff and charges, USD/t, shape (commodities, arcs).
    hours
        Time, h, shape (arcs,).
    kgco2e
        Emissions well to wheel, kg CO2e/t, shape (commodities, arcs).
    allowed
        Whether the commodity may use the arc, shape (commodities, arcs).
    usd_per_t_day
        Value of time, USD per tonne and day, shape (commodities,).
    """

    commodities: tuple[str, ...]
    usd: NDArray[np.float64]
    hours: NDArray[np.float64]
    kgco2e: NDArray[np.float64]
    allowed: NDArray[np.bool_]
    usd_per_t_day: NDArray[np.float64]

    def generalised(self, carbon_price: float = 0.0) -> NDArray[np.float64]:
        """Give the generalised cost, USD/t; `carbon_price` in USD per tonne of CO2e."""
        time = np.outer(self.usd_per_t_day, self.hours) / HOURS_PER_DAY
        return self.usd + time + carbon_price * self.kgco2e / KG_PER_T

    def objective(self, name: str, carbon_price: float = 0.0) -> NDArray[np.float64]:
        """Give what the model minimises, per tonne, in the unit of `UNITS[name]` per tonne.

        Raises
        ------
        DataError
            If there is no such objective.
        """
        if name == "generalised":
            return self.generalised(carbon_price)
        if name == "cost":
            return self.usd + carbon_price * self.kgco2e / KG_PER_T
        if name == "time":
            return np.broadcast_to(self.hours, self.usd.shape).copy()
        if name == "emissions":
            return self.kgco2e.copy()
        raise DataError(f"there is no objective '{name}': choose one of {', '.join(OBJECTIVES)}")


def price(network: Network) -> Costs:
    """Price every arc of a network for every commodity of its data package."""
    table = network.dataset["commodities"]
    fares = _Fares(network)
    figures = [(arc.km, arc.hours, arc.usd_per_t, arc.usd_per_teu) for arc in network.arcs]
    km, hours, usd_per_t, usd_per_teu = np.array(figures, dtype=np.float64).reshape(-1, 4).T
    place, places = _coded((arc.mode, arc.country) for arc in network.arcs)
    scope, scopes = _coded((arc.mode, arc.cargo) for arc in network.arcs)
    usd, allowed = [], []
    for good in rows(table):
        modes = set(good.modes.split(";"))
        may = [mode in modes and (not cargo or good.cargo in cargo) for mode, cargo in scopes]
        allowed.append(np.array(may, dtype=np.bool_)[scope])
        per_teu = 1.0 / good.t_per_teu if good.t_per_teu > 0 else 0.0
        fare = np.array([fares.usd_per_tkm(*one, good.cargo, per_teu) for one in places])
        usd.append(km * fare[place] + usd_per_t + usd_per_teu * per_teu)
    kgco2e = np.tile(fares.kgco2e_per_t, (len(table), 1))
    days = table["usd_per_t_day"].to_numpy(dtype=np.float64)
    return Costs(tuple(table["commodity"]), np.array(usd), hours.copy(), kgco2e, np.array(allowed), days)


def _coded[T](values: Iterable[T]) -> tuple[NDArray[np.int64], list[T]]:
    """Give each value's number and the different values in the order of their numbers."""
    known: dict[T, int] = {}
    numbers = [known.setdefault(value, len(known)) for value in values]
    return np.array(numbers, dtype=np.int64), list(known)


class _Fares:
    """Tariffs and emission factors by mode and country, the most specific row first."""

    def __init__(self, network: Network) -> None:
        dataset = network.dataset
        modes = dataset["modes"]
        modes = modes[modes["running"] == network.running]
        self._usual = dict(zip(modes["mode"], modes["usd_per_tkm"], strict=True))
        self._tariffs = {
            (row.mode, row.cargo, row.country): (row.usd_per_km, row.per) for row in rows(dataset["tariffs"])
        }
        grams = dict(zip(modes["mode"], modes["gco2e_per_tkm"], strict=True))
        special: Mapping[Any, float] = {
            (row.mode, row.country): row.gco2e_per_tkm for row in rows(dataset["emissions"])
        }
        moves = [arc for arc in network.arcs if arc.kind == "move"]
        self.places = {(arc.mode, arc.country) for arc in moves}
        factor = {place: special.get(place, grams[place[0]]) / G_PER_KG for place in self.places}
        self.kgco2e_per_t = np.array([_emitted(arc, factor) for arc in network.arcs], dtype=np.float64)

    def usd_per_tkm(self, mode: str, country: str, cargo: str, teu_per_t: float) -> float:
        """Give the tariff of a cargo group on a mode in a country, USD per tonne-kilometre."""
        for group, land in ((cargo, country), (cargo, ""), ("*", country), ("*", "")):
            if (mode, group, land) in self._tariffs:
                rate, per = self._tariffs[mode, group, land]
                return float(rate * teu_per_t) if per == "TEU" else float(rate)
        return float(self._usual[mode])


def _emitted(arc: Arc, factor: Mapping[tuple[str, str], float]) -> float:
    return arc.kgco2e_per_t + (arc.km * factor[arc.mode, arc.country] if arc.kind == "move" else 0.0)
