r"""The ends of prices proved: what a little more of a resource saves, and what a little less costs.

The least cost :math:`z(b)` as a function of the capacities is convex, and prices :math:`\mu` whose bound closes the gap
at :math:`b` are a subgradient of it (Gal 1986):

.. math::

   z(b') \ge z(b) - \mu^\top (b' - b) \quad \text{for every } b'

So any such price lies between the ends, and an end is proved by an optimum beside :math:`b`, with capacity
:math:`b_r + h` or :math:`b_r - h`, whose prices :math:`\mu` close the gap at both: then :math:`z` is straight between
the two, with the slope :math:`-\mu_r`. Both gaps are counted term by term (`corridors.models.slackness`), as the change
of the cost is far below the last digits of the cost itself. Two ends need no optimum of their own: the low one of a
resource without a price is 0, and so is the high one if it has room to spare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.bound import Relaxation, moved
from corridors.models.problem import FlowProblem, FlowSolution, PriceEnd
from corridors.models.slackness import Count, count, residuals, slackness

_OFF = 1e-6  # of price times step: what the two gaps may be
_SAME = 1e-8  # relative: prices that differ by less are one
_ROUNDED = 1e-9  # relative: residuals of an optimum beside, whose capacity may be as small as a step; they are priced
_SPARE = 2.0**-40  # of the capacity: room to spare that is no rounding

type Sound = Callable[[FlowProblem, Sequence[FlowSolution]], bool]


def wrong_ends(problem: FlowProblem, solution: FlowSolution) -> list[str]:
    """Say which ends of prices cannot be: not finite, below 0, or on the wrong side of the price."""
    low, high, price = solution.price_low, solution.price_high, np.maximum(solution.resource_price, 0)
    for name, ends in (("price_low", low), ("price_high", high)):
        if ends.shape != price.shape:
            return [f"The answer's {name} has the shape {ends.shape}, but {price.shape} was expected."]
    sides = (
        ("low", np.isinf(low) | (low < 0) | (low > price * (1 + _SAME)), low),
        ("high", np.isinf(high) | (high < price * (1 - _SAME)), high),
    )
    return [
        f"The {what} price of resource {_called(problem, r)} is {ends[r]:.6g} beside its price of {price[r]:.6g}: "
        "0 <= low <= price <= high was expected, all finite."
        for what, wrong, ends in sides
        for r in np.flatnonzero(wrong)[:1].tolist()
    ]


def unproved_ends(
    problem: FlowProblem, solution: FlowSolution, counted: Count, relaxed: Relaxation, sound: Sound
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the resources whose low and whose high prices are given and not proved.

    Parameters
    ----------
    problem, solution, counted
        An answer that is proved optimal, and what it does.
    relaxed
        The relaxation at its prices, with its trees.
    sound
        Tells whether the paths of some answers are paths.
    """
    proofs = {(one.resource, one.capacity > problem.capacity[one.resource]): one for one in solution.ends
              if 0 <= one.resource < problem.resource_count}  # fmt: skip
    found: tuple[list[int], list[int]] = [], []
    asked: list[tuple[int, int, PriceEnd]] = []
    for side, ends in enumerate((solution.price_low, solution.price_high)):
        for r in np.flatnonzero(~np.isnan(ends)).tolist():
            if ends[r] == 0 and _is_nothing(problem, solution, counted, r, side):
                continue
            proof = proofs.get((r, side == 0))
            if proof is not None and _is_of(problem, proof, ends[r]):
                asked.append((side, r, proof))
            else:
                found[side].append(r)
    if asked:
        prover = _Prover(problem, solution, counted, relaxed)
        readable = sound(problem, [proof.answer for _, _, proof in asked])
        for side, r, proof in asked:
            if not (readable and prover.proves(proof)):
                found[side].append(r)
    return tuple(found[0]), tuple(found[1])


def _is_nothing(problem: FlowProblem, solution: FlowSolution, counted: Count, resource: int, side: int) -> bool:
    """Tell whether an end of 0 is proved by the answer itself."""
    if side == 0:
        return bool(solution.resource_price[resource] <= 0)
    return bool(counted.use[resource] < problem.capacity[resource] * (1 - _SPARE))


def _is_of(problem: FlowProblem, proof: PriceEnd, end: float) -> bool:
    """Tell whether a proof is of this end: its prices can be prices, and it stands beside the capacity."""
    price = proof.answer.resource_price
    if price.shape != (problem.resource_count,) or not (np.isfinite(price) & (price >= 0)).all():
        return False
    beside = 0 <= proof.capacity < np.inf and proof.capacity != problem.capacity[proof.resource]
    return bool(beside and abs(price[proof.resource] - end) <= _SAME * price[proof.resource])


class _Prover:
    """Checks proofs of the ends of one answer's prices, with what is known of it."""

    def __init__(self, problem: FlowProblem, solution: FlowSolution, counted: Count, relaxed: Relaxation) -> None:
        self._problem, self._solution, self._counted, self._relaxed = problem, solution, counted, relaxed
        self._known = {relaxed.price.tobytes(): relaxed}
        self._use = solution.path_use(problem)

    def proves(self, proof: PriceEnd) -> bool:
        """Tell whether the least cost is straight between the capacity that there is and that of a proof."""
        problem, answer, r = self._problem, proof.answer, proof.resource
        capacity = problem.capacity.copy()
        capacity[r] = proof.capacity
        beside = copy(problem)
        object.__setattr__(beside, "capacity", capacity)
        does = count(problem, answer)
        beyond, over = residuals(beside, answer, does)
        off = max(np.abs(beyond).max(initial=0), over.max(initial=0))
        if off > _ROUNDED or min(answer.path_flow.min(initial=0), answer.unserved.min(initial=0)) < 0:
            return False
        relaxed = self._at(answer.resource_price)
        allowed = _OFF * answer.resource_price[r] * abs(proof.capacity - problem.capacity[r])
        for at, one, counted in ((problem, self._solution, self._counted), (beside, answer, does)):
            slack = slackness(at, one, counted, relaxed)
            if not float(slack.loss.sum() + slack.idle.sum()) <= allowed:
                return False
        return True

    def _at(self, price: FloatArray) -> Relaxation:
        """Return the relaxation at some prices, searched where the answer's own paths pay more than is known."""
        key = price.tobytes()
        if key not in self._known:
            wanted = self._problem.penalty.copy()
            np.minimum.at(wanted, self._solution.path_demand, self._counted.path_cost + self._use @ price)
            self._known[key] = moved(self._problem, self._relaxed, price, wanted)
        return self._known[key]


def _called(problem: FlowProblem, resource: int) -> str:
    return f"{resource} ({problem.resource_names[resource]})" if problem.resource_names else str(resource)
