"""Proofs of many like problems, quick where what a search knew at its end is enough."""

from __future__ import annotations

from corridors.models.certificate import Certificate, certify, require
from corridors.models.columns.solution import ColumnsSolution
from corridors.models.problem import FlowProblem


def prove(
    problem: FlowProblem, solution: ColumnsSolution, tolerance: float = 1e-6, *, allowed_gap: float | None = None
) -> Certificate:
    """Prove an answer, with its last search's potentials for a guess, and where they do not do, without.

    They are those of the last prices, and the best bound may be that of earlier ones: a guess that is too low proves
    less, never more.

    Parameters
    ----------
    problem, solution, tolerance, allowed_gap
        As of `certify`.

    Raises
    ------
    CertificateError
        If the answer is not proved.
    KeyboardInterrupt
        If the user interrupted the method: who proves many answers has no use for the best of one so far.
    """
    if solution.termination == "interrupted":
        raise KeyboardInterrupt
    if solution.state is not None:
        quick = certify(problem, solution, tolerance, allowed_gap=allowed_gap, guess=solution.state.potentials)
        if quick.holds:
            return quick
    return require(certify(problem, solution, tolerance, allowed_gap=allowed_gap))
