"""The tolerances of column generation, each with its unit and its reason.

Amounts and money are in the units of `corridors.models.scaling`, where amounts run up to about 1e5 and costs of arcs
are about 100. `corridors.models.columns.barrier.options` has those of the barrier.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerances:
    """What counts as rounding.

    Attributes
    ----------
    feasibility
        Of the linear solver, absolute: below its default of 1e-7, as plans are certified to the last digits.
    improvement
        Relative to what a demand pays: a path that is not cheaper by more is not new. Sums of a hundred terms are right
        to about 1e-13, so this is above rounding and far below any gap.
    overflow
        Units of all resources together that overflow variables may carry in a plan: twice `feasibility`, which a
        solver may leave of a variable that should be 0.
    row_excess
        Relative to an amount or a capacity: what a demand or a resource without a row in the master may be overdrawn
        by, the last digits of a sum (2 ** -44 is 6e-14).
    dust
        Relative to the amount of a demand: flows up to this are what rounding leaves of 0.
    cycling
        Relative to all amounts: tonnes up to this on cycles are rounding; more say that no plan is optimal.
    price_discounts
        Relative: tried one after the other on prices of resources that some arc gives back, until a cycle that is known
        costs nothing but rounding.
    unserved_gap
        The relative gap to which the least that must be left unserved is found.
    """

    feasibility: float = 1e-9
    improvement: float = 1e-11
    overflow: float = 2e-9
    row_excess: float = 2.0**-44
    dust: float = 1e-11
    cycling: float = 1e-9
    price_discounts: tuple[float, ...] = (0.0, 1e-10, 1e-9, 1e-8, 1e-7)
    unserved_gap: float = 1e-9


TOLERANCES = Tolerances()
