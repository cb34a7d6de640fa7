r"""An answer of choice and its dual weighed anew, demand by demand and resource by resource.

With :math:`v_p = c_p + \sum_r A_{rp} \mu_r` and the log-sums :math:`S_k` of these, the value :math:`z` of any answer is
above the dual :math:`D(\mu)` by

.. math::

   \begin{aligned}
   z - D(\mu) &= \sum_k \text{loss}_k + \sum_r \text{idle}_r \\
   \text{loss}_k &= \sum_{p \in k} v_p x_p + \text{pen}_k u_k
     + \frac{1}{\theta^1_k} \Bigl[ \sum_{w \in k} X_w \ln \frac{X_w}{d_k} + u_k \ln \frac{u_k}{d_k} \Bigr]
     + \frac{1}{\theta^2_k} \sum_{p \in k} x_p \ln \frac{x_p}{X_{w(p)}} - d_k S_k \\
   \text{idle}_r &= \Phi_r(y_r) + \Psi_r(\mu_r) - \mu_r y_r
   \end{aligned}

(where ways have groups, these stand in place of the ways, and there is one more sum of entropies, of ways in groups,
:math:`\frac{1}{\theta^g_k} \sum_{w \in k} X_w \ln \frac{X_w}{X_{g(w)}}`), and no term is negative for an answer that
serves each demand within the capacities: the first because the log-sum is the least of what stands before it (Gibbs),
the second by Fenchel's inequality (Rockafellar 1970, section 12). Each :math:`\text{loss}_k` is the divergence of the
demand's shares from its choice at the prices, in money.

==================  ==============  ======
symbol              name            shape
==================  ==============  ======
:math:`x_p`         ``flow``        (P,)
:math:`u_k`         ``left``        (D,)
:math:`X_w`         ``together``    (W,)
:math:`X_g`         ``together``    (G,)
:math:`v_p`         ``priced``      (P,)
:math:`S_k`         ``logsum``      (D,)
:math:`\mu_r`       ``price``       (R,)
:math:`y_r`         ``use``         (R,)
:math:`b_r`         ``capacity``    (R,)
:math:`z`           ``objective``   ()
:math:`D(\mu)`      ``bound``       ()
==================  ==============  ======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.bound import Relaxation
from corridors.models.choice.delay import Delay
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.gap import PRICED, ROUNDING, relative_gap, widest_gap
from corridors.models.slackness import Count, overdrawn

_HALVINGS = 64  # of the share of a capacity: as many as a number has digits
_HARDLY = 2.0**-44  # of an amount


@dataclass(frozen=True, eq=False)
class Weighing:
    """What an answer is worth, and what its prices prove.

    Attributes
    ----------
    objective, bound
        Value of the answer, and what no answer over the listed routes is worth less than.
    gap, widest_gap
        By how much the value, with what residuals are worth, is above the bound, relative to the value; and the same
        for the cheapest demands (`corridors.models.gap.widest_gap`), relative to the money that these pay and the
        spread of their tastes, which is ``1 / way_scale`` a tonne: in that their entropy is counted.
    worth
        What residuals are worth at most.
    rounding
        By how much the last digits of the sums can be wrong.
    priced
        What a tonne pays on each route at the prices, (P,).
    logsum
        Of each demand at the prices, (D,).
    share_apart
        By how much a share of each demand, on a route or left, is apart from its choice at the prices, at most, (D,).
    """

    objective: float
    bound: float
    gap: float
    widest_gap: float
    worth: float
    rounding: float
    priced: FloatArray
    logsum: FloatArray
    share_apart: FloatArray


@dataclass(frozen=True, eq=False)
class _Demands:
    """Figure, value, the least value at the prices, and loss of each demand, and the size of all added up, (D,)."""

    figure: FloatArray
    value: FloatArray
    least: FloatArray
    loss: FloatArray
    gross: FloatArray


def weigh(problem: ChoiceProblem, solution: ChoiceSolution, counted: Count, relaxed: Relaxation) -> Weighing:
    """Weigh an answer whose arrays fit the problem and whose costs are finite.

    Parameters
    ----------
    problem, solution, counted
        What was asked, the answer, and what it carries, takes and costs.
    relaxed
        The relaxation of the flow problem at the prices: what arcs cost there.
    """
    flow = problem.flow
    class_ = flow.class_[problem.routes.demand[counted.path]]
    priced = _sums(counted.path, relaxed.cost[class_, counted.arc], problem.routes.size)
    logsum, choice = _choice(problem, priced)
    demands = _demands(problem, solution, counted, priced, logsum)
    waiting, conjugate = _resources(problem, counted.use, relaxed.price)
    spent = relaxed.price * counted.use
    idle, held = waiting + conjugate - spent, waiting + np.abs(conjugate) + np.abs(spent)
    objective = float(np.sum(demands.value) + np.sum(waiting))
    bound = float(np.sum(demands.least) - np.sum(conjugate))
    rounding = ROUNDING * float(
        np.sum(demands.gross) + np.sum(waiting) + np.sum(held) + _last_digits(problem, solution)
    )
    missed = flow.amount - counted.carried - solution.unserved
    worth = _worth(problem, counted, relaxed.price, np.abs(logsum) + 1 / problem.way_scale, missed)
    widest = _widest(problem, solution, demands, worth[0], idle + worth[1], held)
    return Weighing(
        objective=objective,
        bound=bound,
        gap=relative_gap(objective + float(worth[0].sum() + worth[1].sum()), bound, rounding),
        worth=float(worth[0].sum() + worth[1].sum()),
        widest_gap=widest,
        rounding=rounding,
        priced=priced,
        logsum=logsum,
        share_apart=_share_apart(problem, solution, choice),
    )


def _choice(problem: ChoiceProblem, priced: FloatArray) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
    """Return the log-sum of each demand, (D,), and the shares of its routes, (P,), and of what stays, (D,)."""
    flow, owner = problem.flow, problem.routes.demand
    one, total = problem.way_scale, -problem.way_scale * flow.penalty
    # of the members of a level, routes at first: utility and demand; of each route its member and the share in this
    utility, sharp = -problem.route_scale[owner] * priced, problem.route_scale
    member, log_share = np.arange(priced.size), np.zeros_like(priced)
    with np.errstate(invalid="ignore"):  # a demand with no way at all and no outside option: nothing to share
        for nest, above in _levels(problem):
            within = np.full(_count(nest), -np.inf)
            np.logaddexp.at(within, nest, utility)
            log_share += (utility - within[nest])[member]
            of_nest = np.zeros(within.size, dtype=np.int64)
            of_nest[nest] = owner
            utility, owner, member = above[of_nest] / sharp[of_nest] * within, of_nest, nest[member]
            sharp = above
        np.logaddexp.at(total, owner, utility)
        stays = np.nan_to_num(np.exp(-one * flow.penalty - total), nan=1.0)
        share = np.exp(log_share) * np.exp((utility - total[owner])[member])
    return -total / one, (np.nan_to_num(share, nan=0.0), stays)


def _levels(problem: ChoiceProblem) -> list[tuple[IntArray, FloatArray]]:
    """Return the nest of each member, and the scale of each demand at which it chooses among these, level by level.

    First of the routes the ways, then of the ways the groups, where they have any.
    """
    if problem.group is None or problem.group_scale is None:
        return [(problem.way, problem.way_scale)]
    return [(problem.way, problem.group_scale), (problem.group, problem.way_scale)]


def _count(nest: IntArray) -> int:
    return int(nest[-1]) + 1 if nest.size else 0


def _demands(
    problem: ChoiceProblem, solution: ChoiceSolution, counted: Count, priced: FloatArray, logsum: FloatArray
) -> _Demands:
    flow, owner, amount = problem.flow, problem.routes.demand, problem.flow.amount
    carried, left = np.maximum(solution.route_flow, 0), np.maximum(solution.unserved, 0)
    moves, stays = carried > 0, left > 0
    stayed = left * np.where(stays, flow.penalty, 0)
    money = _sums(owner, carried * np.where(moves, counted.path_cost, 0), amount.size) + stayed
    paid = _sums(owner, carried * np.where(moves, priced, 0), amount.size) + stayed
    spread = _spread(problem, carried, left)
    least = amount * np.where(amount > 0, logsum, 0)
    taste = amount / problem.way_scale
    gross = np.abs(money) + np.abs(paid) + np.abs(spread) + np.abs(least) + taste
    return _Demands(money + taste, money + spread, least, paid + spread - least, gross)


def _last_digits(problem: ChoiceProblem, solution: ChoiceSolution) -> float:
    """Return what amounts would be worth that stayed where hardly anything stays: that is a difference of amounts.

    Its last digits are those of the amount, and they are paid for as the first tonnes that stay are: with the penalty
    and, by the entropy, the logarithm of a share of so many digits.
    """
    flow = problem.flow
    hardly = (solution.unserved > 0) & (solution.unserved <= _HARDLY * flow.amount)
    each = flow.amount[hardly] * (flow.penalty[hardly] - np.log(2.0**-52) / problem.way_scale[hardly])
    return float(each.sum())


def _spread(problem: ChoiceProblem, carried: FloatArray, left: FloatArray) -> FloatArray:
    """Return the entropy of what is carried, (P,), and left, (D,), in money, by demand, (D,)."""
    owner, sharp, amount = problem.routes.demand, problem.route_scale, problem.flow.amount
    spread, member = np.zeros(amount.size), carried
    for nest, above in _levels(problem):
        together = _sums(nest, member, _count(nest))
        spread += _sums(owner, _share_log(member, together[nest]), amount.size) / sharp
        of_nest = np.zeros(together.size, dtype=np.int64)
        of_nest[nest] = owner
        member, owner, sharp = together, of_nest, above
    return spread + (_sums(owner, _share_log(member, amount[owner]), amount.size) + _share_log(left, amount)) / sharp


def _share_log(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return the part times the logarithm of its share, (n,): 0 where there is no part."""
    found = np.zeros_like(part)
    some = part > 0
    with np.errstate(divide="ignore"):
        found[some] = part[some] * (np.log(part[some]) - np.log(whole[some]))
    return found


def _resources(problem: ChoiceProblem, use: FloatArray, price: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what waiting is worth at each resource, and the conjugate of that at the price, (R,)."""
    capacity, delay = problem.flow.capacity, problem.delay
    if delay is None:
        return np.zeros_like(use), capacity * price
    full = capacity > 0
    share = np.where(full, np.maximum(use, 0) / np.where(full, capacity, 1), 0.0)
    best = _halved(delay, price)
    return capacity * _area(delay, share), capacity * (price * best - _area(delay, best))


def _halved(delay: Delay, price: FloatArray) -> FloatArray:
    """Return the share of each capacity at which waiting costs the price, (R,), at most 1: by halving."""
    low, high = np.zeros_like(price), np.ones_like(price)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        straight = delay.linear_share * middle
        below = delay.coefficient * ((1 - delay.linear_share) * np.power(middle, delay.power) + straight) < price
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(price < delay.coefficient, low, 1.0)


def _area(delay: Delay, share: FloatArray) -> FloatArray:
    """Return the area below the waiting up to a share, (R,)."""
    curved = np.power(share, delay.power) * share / (1 + delay.power)
    flat = np.square(share) / 2
    return delay.coefficient * (curved + delay.linear_share * (flat - curved))


def _worth(
    problem: ChoiceProblem, counted: Count, price: FloatArray, rate: FloatArray, missed: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return what is missed of each demand, (D,), and overdrawn of each resource, (R,), is worth at most."""
    with np.errstate(invalid="ignore"):
        lost = np.where(missed != 0, rate * np.abs(missed), 0.0)
    return lost, price * overdrawn(problem.flow, counted)


def _widest(
    problem: ChoiceProblem,
    solution: ChoiceSolution,
    demands: _Demands,
    missed: FloatArray,
    idle: FloatArray,
    held: FloatArray,
) -> float:
    """Return the widest gap of the cheapest demands: what a resource is idle by is laid on those that take it."""
    size = demands.figure.size
    loss = np.abs(demands.loss) + missed
    loss = np.where(loss > PRICED * demands.gross, loss, 0.0)
    idle = np.where(np.abs(idle) > PRICED * held, np.abs(idle), 0.0)
    some = np.flatnonzero(idle)
    if some.size:
        takes = abs(solution.as_flow(problem, "choice").path_use(problem.flow).T.tocsr()[some])
        taken = takes @ np.abs(solution.route_flow)
        much = taken > 1e-100 * (takes @ problem.flow.amount[problem.routes.demand])
        each = np.divide(idle[some], taken, out=np.zeros_like(taken), where=much)
        loss = loss + _sums(problem.routes.demand, (takes.T @ each) * np.abs(solution.route_flow), size)
        idle = np.where(much, 0.0, idle[some])
    return widest_gap(demands.figure, loss, idle)


def _share_apart(problem: ChoiceProblem, solution: ChoiceSolution, choice: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Return how far shares are apart from the choice at the prices, at most, by demand, (D,)."""
    amount, owner = problem.flow.amount, problem.routes.demand
    some = amount > 0
    apart = np.where(some, np.abs(solution.unserved / np.where(some, amount, 1) - choice[1]), 0.0)
    route = np.abs(solution.route_flow / np.where(some, amount, 1)[owner] - choice[0])
    np.maximum.at(apart, owner[some[owner]], route[some[owner]])
    return apart


def _sums(group: IntArray, value: FloatArray, count: int) -> FloatArray:
    found = np.bincount(group, value, count)
    return found.astype(np.float64, copy=False)  # of nothing numpy makes integers
