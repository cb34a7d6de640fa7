"""How an iterative method tells how far it is, and why it can end without an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from corridors.errors import SolverError


@dataclass(frozen=True)
class Iteration:
    """How far column generation is after an iteration.

    Attributes
    ----------
    iteration
        Its number, from 1.
    objective, bound
        What the incumbent costs, and what no plan costs less than, in the problem's own unit of money.
    gap
        Between the two, relative to the objective.
    columns, rows
        Of the pool and of the master.
    seconds
        Since the method began.
    """

    iteration: int
    objective: float
    bound: float
    gap: float
    columns: int
    rows: int
    seconds: float


class Monitor:
    """Counts iterations, tells somebody of each, and knows when the time is over.

    Parameters
    ----------
    deadline
        By `time.perf_counter`.
    tell
        Is told of every iteration.
    """

    def __init__(self, deadline: float = float("inf"), tell: Callable[[Iteration], None] | None = None) -> None:
        self.deadline, self.iterations = deadline, 0
        self._tell, self._began = tell, time.perf_counter()

    @property
    def seconds_left(self) -> float:
        """How much of the time is left; below 0 when it is over."""
        return self.deadline - time.perf_counter()

    def count(self, objective: float, bound: float, gap: float, columns: int, rows: int) -> None:
        """Count an iteration and tell of it; the parameters are those of `Iteration`."""
        self.iterations += 1
        if self._tell is not None:
            seconds = time.perf_counter() - self._began
            self._tell(Iteration(self.iterations, objective, bound, gap, columns, rows, seconds))


class TimeLimit(Exception):  # noqa: N818 - the user asked for it
    """The time is over in the middle of something that has no answer yet."""


class NoOptimum(SolverError):  # noqa: N818 - says what happened
    """The linear solver did not come to an end; its figures may be too far apart."""
