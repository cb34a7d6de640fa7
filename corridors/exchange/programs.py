"""A flow problem as a linear program in a file, for other solvers: MPS or LP, written by PuLP."""

from __future__ import annotations

import os
from pathlib import Path

import pulp

from corridors.errors import OutputError
from corridors.models.arcs.formulation import build
from corridors.models.problem import FlowProblem
from corridors.output import filling


def write(problem: FlowProblem, path: str | os.PathLike[str]) -> None:
    """Write the formulation of a problem to a file that other solvers read.

    Parameters
    ----------
    problem
        In whose own units everything stands.
    path
        Ends in ``.mps`` or ``.lp``, which decides the format. An existing file is replaced, once the new one
        is whole. Figures have 12 digits.

    Raises
    ------
    OutputError
        If the name ends otherwise, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() not in (".mps", ".lp"):
        raise OutputError(f"{target} ends in neither .mps nor .lp; give it one of the two.")
    program = build(problem).program
    try:
        with filling(target, force=True) as part:
            if target.suffix.lower() == ".mps":
                program.writeMPS(str(part))
            else:
                program.writeLP(str(part))
    except pulp.PulpError as error:
        raise OutputError(f"{target} could not be written: {error}.") from error
