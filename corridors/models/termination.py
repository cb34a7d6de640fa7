"""What a run of column generation tells on its way, and how it can end without a proof."""

from __future__ import annotations

from dataclasses import dataclass

from corridors.errors import SolverError


@dataclass(frozen=True)
class Progress:
    """How far a run has come: objective and bound in its own units, the gap relative."""

    iteration: int
    objective: float
    bound: float
    gap: float
    columns: int
    rows: int
    seconds: float


class Infeasible(Exception):  # noqa: N818 - it is an answer, not an error
    """What must be served cannot be."""


class OutOfTime(Exception):  # noqa: N818 - it is an answer, not an error
    """The time is over."""


class Stalled(Exception):  # noqa: N818 - it is an answer, not an error
    """No column is better and the gap is still open, by rounding."""


class NoOptimum(SolverError):  # noqa: N818 - says what happened
    """The linear solver did not come to an end; its figures may be too far apart."""


class Dearer(Exception):  # noqa: N818 - a signal
    """Ways out are still used: they must cost more, or there is no plan."""
