r"""What a tonne pays on each arc: money, hours, emissions, and the generalised cost made of them.

Generalised cost = tariff and charges + value of time x time + carbon price x emissions + constants, per tonne
(Button 2010, Transport Economics, ch. 5; constants of alternatives: Ben-Akiva & Lerman 1985):

.. math::

   p_{ga} = \max\Bigl(0,\ m_{ga} + \frac{v_g}{24}\, h_a + \frac{\kappa}{1000}\, e_{ga}\Bigr), \qquad
   c_{ga} = \begin{cases}
     p_{ga} + \alpha_{ga} & \alpha_{ga} \ge 0 \\
     p_{ga} \exp(\alpha_{ga} / p_{ga}) & \alpha_{ga} < 0
   \end{cases}

with :math:`m` in USD/t, :math:`v` in USD per tonne and day, :math:`h` in hours, :math:`\kappa` in USD/t of CO2e,
:math:`e` in kg CO2e/t and :math:`\alpha` in USD/t (`constants.csv`: what a mode or a crossing costs beyond the rest).
Everything is per commodity, because tariffs, values of time and the load of a container differ between them.

A constant below 0 takes away what it says while that is little beside :math:`p`, and never all of it: engines need
costs of 0 or more, and a cost that is cut off at 0 has a kink there, at which estimation of constants jams.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import DataError
from corridors.frames import rows
from corridors.network.arcs import LOAD, TRANSHIP
from corridors.network.numbering import coded
from corridors.network.passing import Passing
from corridors.tables.observed import EVERY
from corridors.text.choices import OBJECTIVES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.network.network import Network

HOURS_PER_DAY = 24.0
KG_PER_T = 1000.0
BOARDED = "mode"  # the kind of constant that is paid when freight comes to a mode
G_PER_KG = 1000.0
_NOTHING_LEFT = 700.0  # of an exponent: beyond it there are no numbers
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
    constant
        What shippers see beyond money and time, USD/t, which only the generalised cost has, shape (commodities, arcs).
    """

    commodities: tuple[str, ...]
    usd: NDArray[np.float64]
    hours: NDArray[np.float64]
    kgco2e: NDArray[np.float64]
    allowed: NDArray[np.bool_]
    usd_per_t_day: NDArray[np.float64]
    constant: NDArray[np.float64]

    def generalised(self, carbon_price: float = 0.0) -> NDArray[np.float64]:
        """Return the generalised cost, USD/t, at least 0; `carbon_price` in USD per tonne of CO2e."""
        return with_constants(self.plain(carbon_price), self.constant)

    def plain(self, carbon_price: float = 0.0) -> NDArray[np.float64]:
        """Return the generalised cost without constants, USD/t; below 0 where a tariff is."""
        time = np.outer(self.usd_per_t_day, self.hours) / HOURS_PER_DAY
        return self.usd + time + carbon_price * self.kgco2e / KG_PER_T

    def objective(self, name: str, carbon_price: float = 0.0) -> NDArray[np.float64]:
        """Return what the model minimises, per tonne, in the unit of `UNITS[name]` per tonne.

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


def with_constants(plain: NDArray[np.float64], constant: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return generalised costs, of 0 or more, of costs without constants and the constants, arrays of one shape."""
    least = np.maximum(plain, 0.0)
    found: NDArray[np.float64] = least * np.exp(_relative(least, constant)) + np.maximum(constant, 0.0)
    return found


def slopes(
    plain: NDArray[np.float64], constant: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the derivatives of `with_constants` by the costs without constants, and by the constants."""
    relative = _relative(np.maximum(plain, 0.0), constant)
    left = np.exp(relative)
    return np.where(plain > 0, left * (1.0 - relative), 0.0), left


def _relative(least: NDArray[np.float64], constant: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return constants below 0 relative to the rest, at least so far below that nothing is left of it, others as 0."""
    found = np.full(constant.shape, -_NOTHING_LEFT)
    np.divide(constant, least, out=found, where=(constant < 0) & (least * _NOTHING_LEFT > -constant))
    return np.where(constant < 0, found, 0.0)


def price(network: Network) -> Costs:
    """Return what every arc of a network costs every commodity of its data package."""
    table, arcs = network.dataset["commodities"], network.arcs
    fares = _Fares(network)
    moves = np.flatnonzero(arcs.is_move)
    km = arcs.km[moves]
    place, places = coded(zip(arcs.mode[moves].tolist(), arcs.country[moves].tolist(), strict=True))
    mode, modes = coded(arcs.mode.tolist())
    usd, allowed = np.empty((len(table), len(arcs))), np.empty((len(table), len(arcs)), dtype=np.bool_)
    for row, good in enumerate(rows(table)):
        own = good.modes.split(";")
        allowed[row] = np.array([one in own for one in modes], dtype=np.bool_)[mode]
        allowed[row] &= np.array([not groups or good.cargo in groups for groups in arcs.cargo.values])[arcs.cargo.code]
        teu_per_t = 1.0 / good.t_per_teu if good.t_per_teu > 0 else 0.0
        usd[row] = arcs.usd_per_t + arcs.usd_per_teu * teu_per_t
        fare = np.array(
            [fares.usd_per_tkm(*one, good.cargo, good.commodity, teu_per_t) for one in places], dtype=np.float64
        )
        usd[row, moves] += km * fare[place]
    factor = np.array([fares.kgco2e_per_tkm(*one) for one in places], dtype=np.float64)
    kgco2e = arcs.kgco2e_per_t.copy()
    kgco2e[moves] += km * factor[place]
    days = table["usd_per_t_day"].to_numpy(dtype=np.float64)
    every_kgco2e = np.tile(kgco2e, (len(table), 1))
    return Costs(tuple(table["commodity"]), usd, arcs.hours.copy(), every_kgco2e, allowed, days, constants(network))


def constants(network: Network) -> NDArray[np.float64]:
    """Return what each commodity pays on each arc by `constants.csv`, USD/t, (commodities, arcs)."""
    table, arcs = network.dataset["commodities"], network.arcs
    found = np.zeros((len(table), len(arcs)))
    told = network.dataset["constants"]
    told = told[told["usd_per_t"] != 0]
    if told.empty:
        return found
    for row, pays, on in passages(network, told):
        found[np.ix_(pays, on)] += row.usd_per_t
    return found


def passages(network: Network, told: pd.DataFrame) -> Iterator[tuple[Any, NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield rows of `constants.csv`, each with the commodities that pay it, (commodities,), and where, (arcs,)."""
    arcs = network.arcs
    cargo, passing = network.dataset["commodities"]["cargo"].to_numpy(), Passing(network)
    boards = (arcs.kind == LOAD) | (arcs.kind == TRANSHIP)
    for row in rows(told):
        on = boards if row.kind == BOARDED else passing.passing(row.where)
        on = on & passing.by_modes(row.mode) if row.mode else on
        on = on & passing.along(row.direction) if row.direction else on
        yield row, np.ones(cargo.size, dtype=np.bool_) if row.cargo == EVERY else cargo == row.cargo, on


class _Fares:
    """Tariffs and emission factors by mode and country, the most specific row first."""

    def __init__(self, network: Network) -> None:
        dataset = network.dataset
        modes = dataset["modes"]
        modes = modes[modes["running"] == network.running]
        self._usual = dict(zip(modes["mode"], modes["usd_per_tkm"], strict=True))
        self._tariffs = {
            (row.mode, row.cargo, row.commodity, row.country): (row.usd_per_km, row.per)
            for row in rows(dataset["tariffs"])
        }
        self._grams: dict[str, float] = dict(zip(modes["mode"], modes["gco2e_per_tkm"], strict=True))
        self._own_grams: dict[tuple[str, str], float] = {
            (row.mode, row.country): row.gco2e_per_tkm for row in rows(dataset["emissions"])
        }

    def usd_per_tkm(self, mode: str, country: str, cargo: str, commodity: str, teu_per_t: float) -> float:
        """Return the tariff of a commodity of a cargo group on a mode in a country, USD per tonne-kilometre."""
        for group, good in ((cargo, commodity), (cargo, ""), ("*", "")):
            for land in (country, ""):
                if (mode, group, good, land) in self._tariffs:
                    rate, per = self._tariffs[mode, group, good, land]
                    return float(rate * teu_per_t) if per == "TEU" else float(rate)
        return float(self._usual[mode])

    def kgco2e_per_tkm(self, mode: str, country: str) -> float:
        """Return the emissions of a mode in a country, kg CO2e per tonne-kilometre."""
        return float(self._own_grams.get((mode, country), self._grams[mode]) / G_PER_KG)
