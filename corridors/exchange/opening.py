"""Which format a file or a folder of somebody else is in, and the problem that it holds.

What to name, by format:

* planar and grid (`planar`): the file
* TNTP (`tntp`): ``NAME_net.tntp``, with ``NAME_trips.tntp`` beside it
* GMNS (`gmns`): the folder of ``node.csv``, ``link.csv`` and ``demand.csv``, or one of them
* own data packages (`datapackage`): the folder, or its ``datapackage.json``

Any file may be gzipped, whatever its name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from corridors.errors import DataError, ProblemError
from corridors.exchange.instances import Instance
from corridors.exchange.numbers import Text, called, fault, read_bytes
from corridors.models.problem import FlowProblem

_FORMATS = (
    "a planar or grid file (it begins with a number), a TNTP network (<TAG> ...), a GMNS folder or a data package"
)
_TABLES = re.compile(r"(?i)(nodes?|links?|demand|config|terminals)\.csv(\.gz)?|datapackage\.json(\.gz)?")


def open_problem(path: Path | str) -> FlowProblem:
    """Read the problem of an instance, as `open_instance` does."""
    return open_instance(path).problem


def open_instance(path: Path | str) -> Instance:
    """Read an instance of linear multicommodity minimum-cost flow in any format that is known here.

    Parameters
    ----------
    path
        A file or a folder; the format is recognised by what is in it, and by names where several files make
        an instance. In foreign formats every demand must be served; `with_reservation` changes that.

    Raises
    ------
    DataError
        If it is in no known format, or damaged. One sentence: file, line, found, expected, what to do.
    """
    path = Path(path)
    try:
        return _open_folder(path, path) if path.is_dir() else _open_file(path)
    except ProblemError as error:
        raise DataError(f"{called(path)}: {error}") from error
    except OSError as error:
        place = called(Path(error.filename)) if isinstance(error.filename, str) else called(path)
        raise DataError(f"{place}: {error.strerror or error}; check the name and the permissions") from error


def with_reservation(problem: FlowProblem, price: float) -> FlowProblem:
    """Let every demand that must be served be left for a price, in the problem's unit of cost per unit of flow.

    Demands that have a reservation price already keep it.
    """
    return replace(problem, penalty=np.where(np.isinf(problem.penalty), price, problem.penalty))


def _open_folder(folder: Path, named: Path) -> Instance:
    names = {path.name.lower().removesuffix(".gz") for path in folder.iterdir()}
    if names & {"node.csv", "link.csv"}:
        from corridors.exchange.gmns import read  # each format brings packages that the others do not need

        return read(folder)
    if names & {"datapackage.json", "nodes.csv", "links.csv"}:
        from corridors.exchange.datapackage import read as read_package

        return Instance(read_package(folder))
    networks = [path for path in sorted(folder.iterdir()) if re.fullmatch(r"(?i).*_net\.tntp(\.gz)?", path.name)]
    if len(networks) == 1 and named == folder:
        return _open_file(networks[0])
    found = f"{len(networks)} TNTP networks" if networks and named == folder else "none of these"
    advice = "name one of the networks" if networks else "name a file or folder of this kind"
    raise fault(named, found, _FORMATS, advice)


def _open_file(path: Path) -> Instance:
    data = read_bytes(path)
    text = Text(path, data)
    if not data.strip():
        raise fault(path, "nothing but white space" if data else "an empty file", _FORMATS, "restore the file")
    first = data.lstrip().partition(b"\n")[0]
    if re.fullmatch(r"(?i).*_trips\.tntp(\.gz)?", path.name):
        raise fault(path, "a TNTP trip table", "the network that it belongs to", "name the file NAME_net.tntp")
    if re.search(r"(?i)\.tntp(\.gz)?$", path.name) or re.match(rb"<[A-Z ]++>", first):
        from corridors.exchange.tntp import read

        return read(text)
    if _TABLES.fullmatch(path.name):
        return _open_folder(path.parent, path)
    if re.match(rb"[+-]?[\d.]", first):
        from corridors.exchange.planar import read as read_planar

        return Instance(read_planar(text))
    raise text.fault(0, _FORMATS, "name a file of this kind")
