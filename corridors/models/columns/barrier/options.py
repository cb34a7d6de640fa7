"""The options of the barrier, each with its unit and its reason. None of them changes an answer, only the way to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BarrierOptions:
    r"""When prices are first looked for inside, and how.

    A *pair* is a column with its reduced cost, a resource with its price, or one with what its price is below the
    overflow cost. At the centre for a weight :math:`w` of the barrier the product of each pair is :math:`w`, so that
    the gap is :math:`w` times the number of pairs.

    Attributes
    ----------
    from_overdrawn
        Resources overdrawn if all demands take their cheapest path, from which on the barrier saves time: with fewer,
        the simplex method finds their prices at once.
    nearly_full
        Of a capacity: a resource that is used more has a price of its own in the barrier.
    handover_gap
        Relative gap: from there the simplex method takes over, unless less is asked for in the end.
    rounds, steps
        At most so many weights of the barrier, each with so many steps of Newton's method and one search for columns.
    first_weight
        Of the objective: the gap that the first weight stands for. Also of the median cost of a path: the first prices.
    fastest, slowest
        Of the last weight: the next one is between these two.
    weight_for_gap
        Of the gap: the next weight stands for so much of it.
    centred, near_centre
        Times the pairs: with a squared Newton decrement up to `centred` the weight may fall; one up to `near_centre` is
        near enough to the centre to stop.
    most_columns
        Of a demand: its cheapest ones take part.
    worst_column
        Times the weight: what it may cost a demand to take a column; a dearer one would carry next to nothing.
    highest_price
        Of the overflow cost: where prices start at most, well inside.
    step_to_boundary
        Of the way to the boundary: how far a step of Newton's method goes at most.
    armijo
        Of the gain that a step promises: what it must bring (Armijo 1966).
    halvings, shorter
        A step that brings less is divided by `shorter`, at most `halvings` times.
    root_steps, root
        At most so many steps of Newton's method for the root of a demand, until it is right to so much, relative.
    lift
        Of the diagonal: what is added to a singular system.
    coupled
        Of its own barrier: a resource whose flows weigh less stands alone in the compiled normal equations.
    tight
        Of a capacity: a resource with less to spare at the end gets a row in the master.
    widest_flow
        Of an amount: a demand whose widest column carries less gets a row.
    cheap
        Relative to what a demand pays: columns that are dearer by more do not enter the master.
    """

    from_overdrawn: int = 25
    nearly_full: float = 0.8
    handover_gap: float = 1e-3
    rounds: int = 14
    steps: int = 5
    first_weight: float = 0.05
    fastest: float = 0.05
    slowest: float = 0.5
    weight_for_gap: float = 0.3
    centred: float = 10.0
    near_centre: float = 0.1
    most_columns: int = 5
    worst_column: float = 1e4
    highest_price: float = 0.9
    step_to_boundary: float = 0.9
    armijo: float = 1e-4
    halvings: int = 12
    shorter: float = 3.0
    root_steps: int = 12
    root: float = 1e-9
    lift: float = 1e-8
    coupled: float = 0.3
    tight: float = 0.1
    widest_flow: float = 0.9
    cheap: float = 0.1


BARRIER = BarrierOptions()
