r"""One-sided prices proved: what a little more of a resource saves, the low end, and a little less costs, the high end.

The least cost :math:`z(b)` as a function of the capacities is convex, and if the bound at prices :math:`\mu` closes the
gap at :math:`b`, then :math:`-\mu` is a subgradient of it there (Gal 1986):

.. math::

   z(b') \ge z(b) - \mu^\top (b' - b) \quad \text{for every } b'

So every such price lies between the ends. An end is proved by an optimum at the capacity :math:`b_r + h` or
:math:`b_r - h` whose prices :math:`\mu` close the gap there and at :math:`b`: then :math:`z` is straight between the
two, with the slope :math:`-\mu_r`. Both gaps are counted term by term (`corridors.models.slackness`), as the change of
the cost is far below the last digits of the cost itself. Two ends need no such optimum: the low end of a resource
without a price is 0, and so is the high end if the resource is not full.

======================  ==================  ======
symbol                  name                shape
======================  ==================  ======
:math:`b_r`             ``capacity``        (R,)
:math:`\mu_r`           ``resource_price``  (R,)
======================  ==================  ======
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.bound import Relaxation, moved
from corridors.models.problem import FlowProblem, FlowSolution, PriceEnd
from corridors.models.slackness import Count, count, residuals, slackness

_OPEN = 1e-6  # of price times step: what either gap may be
_SAME = 1e-8  # relative: prices that differ by less are equal
_ROUNDED = 1e-9  # relative: residuals of an optimum at a changed capacity, which may be as small as a step
_SPARE = 2.0**-40  # of the capacity: more to spare than this is no rounding

type Sound = Callable[[FlowProblem, Sequence[FlowSolution]], bool]


def wrong_ends(problem: FlowProblem, solution: FlowSolution) -> list[str]:
    """Say which ends of prices are impossible: not finite, below 0, or on the wrong side of the price."""
    low, high, price = solution.price_low, solution.price_high, np.maximum(solution.resource_price, 0)
    for name, ends in (("price_low", low), ("price_high", high)):
        if ends.shape != price.shape:
            return [f"The answer's {name} has the shape {ends.shape}, but {price.shape} was expected."]
    sides = (
        ("low", np.isinf(low) | (low < 0) | (low > price * (1 + _SAME)), low),
        ("high", np.isinf(high) | (high < price * (1 - _SAME)), high),
    )
    names = problem.resource_names
    return [
        f"The {what} price of resource {called(names, r)} is {ends[r]:.6g} beside its price of {price[r]:.6g}: "
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
        An answer that is proved optimal, and what it carries, takes and costs.
    relaxed
        The relaxation at its prices, with its trees.
    sound
        Tells whether the paths of some answers are paths.
    """
    known = [one for one in solution.ends if 0 <= one.resource < problem.resource_count]
    proofs = {(one.resource, one.capacity > problem.capacity[one.resource]): one for one in known}
    found: tuple[list[int], list[int]] = [], []
    asked: list[tuple[int, int, PriceEnd]] = []
    for side, ends in enumerate((solution.price_low, solution.price_high)):
        for r in np.flatnonzero(~np.isnan(ends)).tolist():
            if ends[r] == 0 and _is_zero(problem, solution, counted, r, side):
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


def _is_zero(problem: FlowProblem, solution: FlowSolution, counted: Count, resource: int, side: int) -> bool:
    """Tell whether an end of 0 is proved by the answer itself."""
    if side == 0:
        return bool(solution.resource_price[resource] <= 0)
    return bool(counted.use[resource] < problem.capacity[resource] * (1 - _SPARE))


def _is_of(problem: FlowProblem, proof: PriceEnd, end: float) -> bool:
    """Tell whether a proof is of this end: its prices can be prices, and its capacity is another one."""
    price = proof.answer.resource_price
    if price.shape != (problem.resource_count,) or not (np.isfinite(price) & (price >= 0)).all():
        return False
    another = 0 <= proof.capacity < np.inf and proof.capacity != problem.capacity[proof.resource]
    return bool(another and abs(price[proof.resource] - end) <= _SAME * price[proof.resource])


class _Prover:
    """Checks proofs of the ends of one answer's prices, and keeps the relaxations at prices that come again."""

    def __init__(self, problem: FlowProblem, solution: FlowSolution, counted: Count, relaxed: Relaxation) -> None:
        self._problem, self._solution, self._counted, self._relaxed = problem, solution, counted, relaxed
        self._known = {relaxed.price.tobytes(): relaxed}
        self._use = solution.path_use(problem)

    def proves(self, proof: PriceEnd) -> bool:
        """Tell whether the least cost is straight between the problem's capacity and that of a proof."""
        problem, answer, r = self._problem, proof.answer, proof.resource
        capacity = problem.capacity.copy()
        capacity[r] = proof.capacity
        changed = copy(problem)  # `replace` would check all arrays again
        object.__setattr__(changed, "capacity", capacity)
        does = count(problem, answer)
        beyond, over = residuals(changed, answer, does)
        residual = max(np.abs(beyond).max(initial=0), over.max(initial=0))
        if residual > _ROUNDED or min(answer.path_flow.min(initial=0), answer.unserved.min(initial=0)) < 0:
            return False
        relaxed = self._at(answer.resource_price)
        allowed = _OPEN * answer.resource_price[r] * abs(proof.capacity - problem.capacity[r])
        for at, one, counted in ((problem, self._solution, self._counted), (changed, answer, does)):
            slack = slackness(at, one, counted, relaxed)
            if not float(slack.loss.sum() + slack.idle.sum()) <= allowed:
                return False
        return True

    def _at(self, price: FloatArray) -> Relaxation:
        """Return the relaxation at some prices, searched again where it proves less than the answer's own paths pay."""
        key = price.tobytes()
        if key not in self._known:
            wanted = self._problem.penalty.copy()
            np.minimum.at(wanted, self._solution.path_demand, self._counted.path_cost + self._use @ price)
            self._known[key] = moved(self._problem, self._relaxed, price, wanted)
        return self._known[key]


def called(names: tuple[str, ...], number: int) -> str:
    """Return the number of something, with its name where it has one."""
    return f"{number} ({names[number]})" if names else str(number)
