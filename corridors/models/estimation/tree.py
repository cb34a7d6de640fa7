r"""The choice of every demand as a tree of levels, and its derivatives: at given values of the routes.

Level by level, from routes up to demands, items :math:`i` with values :math:`I_i` are chosen among in groups :math:`g`
at a scale :math:`\theta` (Ben-Akiva & Lerman 1985, chapter 10); at the top the outside option is one more item, with
the penalty for its value:

.. math::

   I_g = -\frac{1}{\theta} \ln \sum_{i \in g} e^{-\theta I_i}, \qquad q_i = e^{-\theta (I_i - I_g)}, \qquad
   X_i = q_i X_{g(i)}, \qquad X_k = d_k

For a figure :math:`m = \sum_p w_p x_p` the mean weights go up and the derivatives come down, so that one sweep gives
all of them (reverse differentiation; Griewank & Walther 2008):

.. math::

   \begin{aligned}
   \bar w_g &= \sum_{i \in g} q_i \bar w_i, \qquad m = \sum_k d_k \bar w_k, \\
   a_i = \frac{\partial m}{\partial I_i} &= q_i a_{g(i)} - \theta X_i (\bar w_i - \bar w_{g(i)}), \qquad
   a_k = 0, \\
   \frac{\partial m}{\partial \ln \theta} &= \sum_g \Bigl[ a_g \sum_{i \in g} q_i (I_i - I_g)
     - \theta \sum_{i \in g} X_i (\bar w_i - \bar w_g)(I_i - I_g) \Bigr]
   \end{aligned}

=====================  =============  ==========
symbol                 name           shape
=====================  =============  ==========
:math:`g(i)`           ``group``      (I,)
:math:`\theta`         ``scale``      (K,)
:math:`q_i`            ``share``      (I,)
:math:`X_i`            ``flow``       (I,)
:math:`I_i - I_g`      ``depth``      (I,)
:math:`d_k`            ``amount``     (K,)
:math:`w_p`            ``weights``    (P, n)
:math:`\bar w_i`       ``mean``       (I, n)
:math:`a_i`            ``slope``      (I, n)
=====================  =============  ==========
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.choice.layout import layout_of
from corridors.models.choice.problem import ChoiceProblem


@dataclass(frozen=True, eq=False)
class Level:
    """Which items are chosen among together.

    Attributes
    ----------
    group
        The group of each item, numbered from 0 without gaps in the order of the items, (I,).
    chooser
        The demand of each group, counted among those that have a route, (G,).
    scale
        How sharply each demand chooses here, (K,).
    """

    group: IntArray
    chooser: IntArray
    scale: FloatArray

    @cached_property
    def start(self) -> IntArray:
        """The first item of each group, (G,)."""
        found: IntArray = np.flatnonzero(np.diff(self.group, prepend=-1))
        return found

    @cached_property
    def scale_by_item(self) -> FloatArray:
        """The scale at which each item is chosen, (I,)."""
        found: FloatArray = self.scale[self.chooser][self.group]
        return found

    @cached_property
    def sums(self) -> UsageArray:
        """The matrix that adds items up by their groups, (G, I)."""
        return _sums(self.group, self.start.size)

    def weighed_sums(self, weight: FloatArray) -> UsageArray:
        """Return the matrix that adds items up by their groups, each with a weight, (I,): (G, I)."""
        sums = self.sums
        return sparse.csr_array((weight, sums.indices, sums.indptr), shape=sums.shape)

    @cached_property
    def sums_by_chooser(self) -> UsageArray:
        """The matrix that adds groups up by their demands, (K, G)."""
        return _sums(self.chooser, self.scale.size)


def levels_of(problem: ChoiceProblem) -> tuple[Level, ...]:
    """Return the levels of a problem's choice, from that of routes up to that with the outside option."""
    layout = layout_of(problem)
    whole = np.arange(layout.demand.size)
    of_way, of_route = problem.way_scale[layout.demand], problem.route_scale[layout.demand]
    routes = Level(layout.way, layout.chooser, of_route)
    groups, of_group = layout.groups, problem.group_scale
    if groups is None or of_group is None:
        return routes, Level(layout.chooser, whole, of_way)
    ways = Level(groups.group, groups.chooser, of_group[layout.demand])
    return routes, ways, Level(groups.chooser, whole, of_way)


@dataclass(frozen=True, eq=False)
class Slopes:
    """Derivatives of n figures: by values of routes, (P, n), and by figures of the K demands, (K, n).

    Attributes
    ----------
    cost, penalty, amount
        By the value of each route and of each outside option, and by each amount.
    ln_scale
        By the logarithm of each scale, level by level, from routes up.
    """

    cost: FloatArray
    penalty: FloatArray
    amount: FloatArray
    ln_scale: tuple[FloatArray, ...]

    def plus(self, others: Slopes, times: FloatArray) -> Slopes:
        """Return the derivatives of these figures, each with F other ones so many times, (F, n), added to it."""
        scales = zip(self.ln_scale, others.ln_scale, strict=True)
        return Slopes(
            cost=self.cost + others.cost @ times,
            penalty=self.penalty + others.penalty @ times,
            amount=self.amount + others.amount @ times,
            ln_scale=tuple(mine + other @ times for mine, other in scales),
        )


@dataclass(frozen=True, eq=False)
class Choice:
    """What is chosen at some values of the routes.

    Attributes
    ----------
    levels
        From routes up.
    amount
        Of each demand, (K,).
    share, depth, flow
        Of the items of each level: the share in the group, by how much the value is above the group's (0 where nothing
        is chosen), and the tonnes.
    left, left_depth
        The share of the outside option and its depth, (K,).
    """

    levels: tuple[Level, ...]
    amount: FloatArray
    share: tuple[FloatArray, ...]
    depth: tuple[FloatArray, ...]
    flow: tuple[FloatArray, ...]
    left: FloatArray
    left_depth: FloatArray

    @classmethod
    def at(cls, levels: tuple[Level, ...], value: FloatArray, penalty: FloatArray, amount: FloatArray) -> Choice:
        """Choose at values of the routes, (P,), of the outside options, (K,), and amounts, (K,); ``inf`` is closed."""
        nothing = np.full(0, np.inf)
        shares, depths = [], []
        for level in levels:
            outside = penalty if level is levels[-1] else nothing
            value, share, depth, stay = _chosen(level, value, outside)
            shares.append(share)
            depths.append(depth)
        left, left_depth = stay
        flows, whole = [], amount
        for level, share in zip(reversed(levels), reversed(shares), strict=True):
            whole = share * whole[level.group]
            flows.append(whole)
        return cls(levels, amount, tuple(shares), tuple(depths), tuple(reversed(flows)), left, left_depth)

    @property
    def route_flow(self) -> FloatArray:
        """Tonnes on each route, (P,)."""
        return self.flow[0]

    def cost_slope(self, weights: FloatArray) -> FloatArray:
        """Return the derivatives of figures with some weights on the routes, (P, n), by the routes' values, (P, n)."""
        slope = None
        for number, mean, above in self._downward(weights):
            slope = self._items(number, self._spread(number, mean, above), slope)
        return weights if slope is None else slope

    def slopes(self, weights: FloatArray) -> Slopes:
        """Return all derivatives of figures with some weights on the routes, (P, n)."""
        slope, scales = None, []
        penalty = amount = np.empty((0, weights.shape[1]))
        for number, mean, above in self._downward(weights):
            level, depth = self.levels[number], self.depth[number]
            spread = self._spread(number, mean, above)
            sharp = level.sums_by_chooser @ (level.weighed_sums(depth) @ spread)
            if slope is None:
                amount = above
                penalty = (level.scale * self.amount * self.left)[:, None] * above
                sharp -= (self.amount * self.left * self.left_depth)[:, None] * above
                found = -level.scale[:, None] * sharp
            else:
                within = level.sums @ (self.share[number] * depth)
                found = level.sums_by_chooser @ (within[:, None] * slope) - level.scale[:, None] * sharp
            scales.append(found)
            slope = self._items(number, spread, slope)
        cost = weights if slope is None else slope
        return Slopes(cost, penalty, amount, tuple(reversed(scales)))

    def _downward(self, weights: FloatArray) -> list[tuple[int, FloatArray, FloatArray]]:
        """Return each level's number, the mean weights of its items and of its groups, from the top down."""
        found, mean = [], weights
        for number, level in enumerate(self.levels):
            above = level.weighed_sums(self.share[number]) @ mean
            found.append((number, mean, above))
            mean = above
        return found[::-1]

    def _spread(self, number: int, mean: FloatArray, above: FloatArray) -> FloatArray:
        """Return by how much a level's items weigh more than their groups, in all their tonnes, (I, n)."""
        found: FloatArray = above.take(self.levels[number].group, axis=0)
        np.subtract(mean, found, out=found)  # in place, as below: such arrays are larger than the caches
        found *= self.flow[number][:, None]
        return found

    def _items(self, number: int, spread: FloatArray, slope: FloatArray | None) -> FloatArray:
        """Return the derivatives by the values of a level's items from those by its groups' (none at the top).

        The array of spreads is overwritten.
        """
        level = self.levels[number]
        spread *= -level.scale_by_item[:, None]
        if slope is not None:
            whole = slope.take(level.group, axis=0)
            whole *= self.share[number][:, None]
            spread += whole
        return spread


def _chosen(
    level: Level, value: FloatArray, outside: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, tuple[FloatArray, FloatArray]]:
    """Return the groups' values, the items' shares and depths, and both of the outside option where there is one."""
    if not value.size:
        return outside, value, value, (np.ones_like(outside), np.zeros_like(outside))
    scale = level.scale[level.chooser]
    best = np.minimum.reduceat(value, level.start)
    best = np.minimum(best, outside) if outside.size else best
    best = np.where(np.isfinite(best), best, 0.0)
    weight = np.exp(level.scale_by_item * (best[level.group] - value))
    stay = np.exp(scale * (best - outside)) if outside.size else np.zeros_like(best)
    total = np.add.reduceat(weight, level.start) + stay
    with np.errstate(divide="ignore"):
        group_value = best - np.log(total) / scale
    each = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    share, left = weight * each[level.group], stay * each
    with np.errstate(invalid="ignore"):
        depth = np.where(share > 0, value - group_value[level.group], 0.0)
        left_depth = np.where(left > 0, (outside if outside.size else best) - group_value, 0.0)
    return group_value, share, depth, (left, left_depth)


def _sums(owner: IntArray, count: int) -> UsageArray:
    start = np.searchsorted(owner, np.arange(count + 1))
    return sparse.csr_array((np.ones(owner.size), np.arange(owner.size), start), shape=(count, owner.size))
