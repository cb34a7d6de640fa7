"""The errors that the package raises, each also a builtin, each one sentence for a person.

Everything that a user can cause is a `CorridorsError`, so a program that calls the package catches one class
and shows ``str(error)``; anything else that escapes is a fault of the package.
"""

import os
import shlex
import sys
from pathlib import Path


class CorridorsError(Exception):
    """The base of every error of this package; its text is a whole sentence that says what to do."""

    def __str__(self) -> str:
        """Return the sentence as it was written (`KeyError` would put it in quotation marks)."""
        return self.args[0] if len(self.args) == 1 and isinstance(self.args[0], str) else super().__str__()


class DataError(CorridorsError, ValueError):
    """A table, a row or a cell is not what the data dictionary asks for."""


class NameUnknown(DataError, KeyError):  # noqa: N818 - reads as a sentence
    """A name given by the user (a place, a link, a corridor, a commodity) is not in the data."""


class ScenarioError(CorridorsError, ValueError):
    """A scenario's file cannot be read, or one of its changes does not fit the data."""


class ProblemError(CorridorsError, ValueError):
    """The arrays handed over do not make a flow problem or a flow solution."""


class SolverError(CorridorsError, RuntimeError):
    """The solver ended without the answer that was asked of it."""


class CertificateError(CorridorsError, RuntimeError):
    """An answer was given whose optimality the certificate does not confirm."""


class ClusterError(CorridorsError, RuntimeError):
    """The processes or the cluster that a sweep runs on do not answer, or are not fit for it."""


class OutputError(CorridorsError, OSError):
    """A file or a folder of results cannot be written where it was asked for."""


class ExtraMissing(CorridorsError, ImportError):  # noqa: N818 - reads as a sentence
    """A command needs packages that come with an extra alone, and they are not installed."""


def extra_missing(what: str, extra: str, instead: str) -> ExtraMissing:
    """Say what needs an extra, which command installs it into the Python that runs, and what does without it."""
    quote = '"' if os.name == "nt" else "'"
    python = Path(sys.executable)
    if python.is_relative_to(here := Path.cwd()):
        python = python.relative_to(here)
    command = f"{shlex.quote(str(python))} -m pip install {quote}corridors[{extra}]{quote}"
    return ExtraMissing(f"{what} needs packages that are not installed here: type {command}, or {instead}")
