"""Problems of estimation that the tests share: a linear model, and a small network whose limits bind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from choosing import grouped, random_network, with_all_routes
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.arrays import BoolArray, FloatArray, UsageArray
from corridors.models.choice.layout import layout_of
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.solver import solve
from corridors.models.estimation.low_rank import LowRankNormal
from corridors.models.estimation.prior import Prior
from corridors.models.estimation.response import Response


@dataclass
class Linear:
    """A model whose figures are linear in factors on shares and in normal coordinates, and where it was asked."""

    matrix: FloatArray
    prior: Prior
    asked: int = 0

    @dataclass
    class At:
        """Its figures at a point."""

        value: FloatArray
        slope: FloatArray

        def jacobian(self) -> FloatArray:
            """Return the derivatives."""
            return self.slope

    def at(self, q: FloatArray) -> At:
        """Return the figures at a point; a share's part is in proportion to it."""
        self.asked += 1
        share = self.prior.is_share
        shares = self.prior.shares(q)
        value = self.matrix @ np.where(share, shares, q)
        return self.At(value, self.matrix * np.where(share, shares, 1.0))


def fine(problem: ChoiceProblem, start: FloatArray | None = None) -> FloatArray:
    """Return the flows of routes with nearly all digits, close to those of the method."""
    solution = solve(problem, start=start, gap=1e-10)
    flow = Response.of(problem, solution).route_flow
    assert np.abs(flow - solution.route_flow).max(initial=0) < 1e-3 * max(
        1.0, float(problem.flow.amount.max(initial=0))
    )
    return flow


def strict(seed: int) -> tuple[ChoiceProblem, ChoiceSolution]:
    """Return a problem of any kind, some of whose limits bind, and its answer; costs and scales may move both ways."""
    for number in range(seed, seed + 10_000, 1000):
        flow = random_network(number, gives=number % 3 == 0, must_serve=number % 4 == 1)
        limit = np.where(flow.capacity > 0, np.maximum(flow.capacity / 2.7 + 0.037, 0.6), 0.0)
        flow = replace(flow, capacity=limit, cost=flow.cost + 0.1)
        tau, nesting = (1.0, 3.0, 8.0)[number % 3], (1.01, 2.0, 3.0)[number // 3 % 3]
        problem = with_all_routes(flow, tau=tau, nesting=nesting, seed=number, most=8)
        problem = grouped(problem, (1.0 + nesting) / 2, number) if number % 2 else problem
        try:
            solution = solve(problem, gap=1e-10)
        except ProblemError:
            continue  # what must be served cannot be
        if not limit.size or (solution.resource_price[limit > 0] > 0).any():
            return problem, solution
    raise AssertionError(f"no limit binds from {seed} on")


def figures_of(problem: ChoiceProblem, seed: int, count: int = 5) -> UsageArray:
    """Return random weights of routes, (count, P), about half of them 0."""
    random = np.random.default_rng(seed)
    shape = (count, problem.routes.size)
    return sparse.csr_array(random.random(shape) * (random.random(shape) < 0.5))


def central(
    changed: Callable[[float], ChoiceProblem], weights: UsageArray, start: FloatArray, step: float = 2e-6
) -> FloatArray:
    """Return the central difference of figures of a problem that changes with a number, solved anew."""
    ahead, behind = (weights @ fine(changed(one), start) for one in (step, -step))
    found: FloatArray = (ahead - behind) / (2 * step)
    return found


@dataclass
class Network:
    """A network with limits: tau, factors on the costs of two parts of it, a constant on one, shares of one total.

    The coordinates are ln tau, ln of the two factors, the constant, and one for each demand's share.
    """

    problem: ChoiceProblem
    weights: UsageArray
    part: BoolArray
    paid: FloatArray
    last: FloatArray | None = None

    @classmethod
    def random(cls, seed: int, count: int = 8) -> Network:
        """Return a network whose limits bind, with some figures that are counted."""
        random = np.random.default_rng(seed)
        nodes, arcs, demands = 5, 16, 4
        base = random_network(seed)
        tail, head = random.integers(0, nodes, (2, arcs))
        tail[:nodes], head[:nodes] = np.arange(nodes), np.roll(np.arange(nodes), -1)
        origin = random.integers(0, nodes, demands)
        flow = replace(
            base,
            node_count=nodes,
            tail=tail,
            head=head,
            cost=random.uniform(2.0, 8.0, (1, arcs)),
            origin=origin,
            destination=(origin + random.integers(1, nodes, demands)) % nodes,
            class_=np.zeros(demands, dtype=np.int64),
            amount=random.uniform(2.0, 8.0, demands),
            penalty=np.full(demands, 40.0),
            capacity=np.array([2.5, 3.0]),
            usage=sparse.csr_array(1.0 * (random.random((2, arcs)) < 0.3)),
        )
        problem = with_all_routes(flow, tau=4.0, nesting=2.0, seed=seed, most=12)
        passes = sparse.csr_array(1.0 * (random.random((count, arcs)) < 0.3))
        return cls(
            problem=problem,
            weights=sparse.csr_array(problem.routes.use(layout_of(problem).step, sparse.csr_array(passes.T)).T),
            part=random.random(arcs) < 0.5,
            paid=1.0 * (random.random(arcs) < 0.3),
        )

    @property
    def prior(self) -> Prior:
        """What is believed: factors within some tens of percent, shares by about a fifth."""
        demands = self.problem.flow.demand_count
        share = self.problem.flow.amount / self.problem.flow.amount.sum()
        group = np.concatenate((np.full(4, -1), np.zeros(demands, dtype=np.int64)))
        sd = np.concatenate(([0.4, 0.15, 0.15, 0.5], np.ones(demands)))
        return Prior(sd, group, np.concatenate((np.ones(4), share)), np.array([demands / 0.04]))

    def truth(self, random: np.random.Generator) -> FloatArray:
        """Return parameters as they are believed to be."""
        prior = self.prior
        none = np.zeros((prior.size, 0))
        origin = np.zeros(prior.size)
        found: FloatArray = LowRankNormal(prior, origin, 1 / prior.curvature(origin), none, np.zeros(0)).sample(
            random, 1
        )
        return found[0]

    def changed(self, q: FloatArray) -> ChoiceProblem:
        """Return the problem at a point."""
        flow, sharp = self.problem.flow, np.exp(q[0])
        factor = np.where(self.part, np.exp(q[1]), np.exp(q[2]))
        shares = self.prior.shares(q)[4:]
        return replace(
            self.problem,
            flow=replace(flow, cost=flow.cost * factor + q[3] * self.paid, amount=flow.amount.sum() * shares),
            way_scale=self.problem.way_scale * sharp,
            route_scale=self.problem.route_scale * sharp,
        )

    def at(self, q: FloatArray) -> NetworkAt:
        """Return the figures at a point, from the prices of the last one."""
        changed = self.changed(q)
        solution = solve(changed, start=self.last, gap=1e-9)
        self.last = solution.resource_price
        return NetworkAt(self, q, changed, Response.of(changed, solution))


@dataclass
class NetworkAt:
    """The figures of a network at a point."""

    network: Network
    q: FloatArray
    problem: ChoiceProblem
    response: Response

    @property
    def value(self) -> FloatArray:
        """The figures."""
        found: FloatArray = self.network.weights @ self.response.route_flow
        return found

    def jacobian(self) -> FloatArray:
        """Return their derivatives by the coordinates."""
        network, flow = self.network, self.problem.flow
        found = self.response.adjoint(network.weights)
        first = network.problem.flow.cost
        parts = (
            first * np.where(network.part, np.exp(self.q[1]), 0.0),
            first * np.where(network.part, 0.0, np.exp(self.q[2])),
        )
        layout = layout_of(self.problem)
        costs = [layout.cost_of(replace(flow, cost=one)) for one in (*parts, network.paid[None, :])]
        scales = (found.ln_way_scale + found.ln_route_scale).sum(axis=1)
        return np.column_stack((scales, *(found.cost @ one for one in costs), found.amount * flow.amount))
