"""Which format a road network of somebody else is in: those of `corridors.exchange.opening` that have roads.

* TNTP (`corridors.exchange.tntp_roads`): ``NAME_net.tntp``, with ``NAME_trips.tntp`` beside it
* GMNS (`corridors.exchange.gmns_roads`): the folder of ``node.csv``, ``link.csv`` and ``demand.csv``, or one of them
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from corridors.errors import DataError, ProblemError
from corridors.exchange.numbers import Text, called, fault, read_bytes
from corridors.exchange.roads import Factors, RoadClass, RoadNetwork

_FORMATS = "a TNTP network (NAME_net.tntp) or a GMNS folder (node.csv, link.csv, demand.csv)"
_TABLES = re.compile(r"(?i)(node|link|demand|config)\.csv(\.gz)?")
_NETWORK = re.compile(r"(?i).*_net\.tntp(\.gz)?")


def open_roads(
    path: Path | str,
    *,
    toll_factor: float | None = None,
    distance_factor: float | None = None,
    classes: Sequence[RoadClass] = (),
) -> RoadNetwork:
    """Read a road network with its delays and its trips.

    Parameters
    ----------
    path
        A file or a folder; the format is recognised by what is in it.
    toll_factor, distance_factor
        What a unit of toll and of length cost, in the network's unit of time, where its files do not say.
    classes
        The classes of its trips; none where all pay the same.

    Raises
    ------
    DataError
        If it is in no format that has roads, or damaged. One sentence: file, line, found, expected, what to do.
    """
    path, factors = Path(path), Factors(toll_factor, distance_factor, tuple(classes))
    try:
        return _folder(path, factors) if path.is_dir() else _file(path, factors)
    except ProblemError as error:
        raise DataError(f"{called(path)}: {error}") from error
    except OSError as error:
        place = called(Path(error.filename)) if isinstance(error.filename, str) else called(path)
        raise DataError(f"{place}: {error.strerror or error}; check the name and the permissions") from error


def _folder(folder: Path, factors: Factors) -> RoadNetwork:
    there = sorted(folder.iterdir())
    if {path.name.lower().removesuffix(".gz") for path in there} & {"node.csv", "link.csv"}:
        from corridors.exchange.gmns_roads import read  # each format brings what the other does not need

        return read(folder, factors)
    networks = [path for path in there if _NETWORK.fullmatch(path.name)]
    if len(networks) == 1:
        return _file(networks[0], factors)
    found = f"{len(networks)} TNTP networks" if networks else "none of these"
    raise fault(
        folder, found, _FORMATS, "name one of the networks" if networks else "name a file or folder of this kind"
    )


def _file(path: Path, factors: Factors) -> RoadNetwork:
    if _TABLES.fullmatch(path.name):
        return _folder(path.parent, factors)
    text = Text(path, read_bytes(path))
    first = text.data.lstrip().partition(b"\n")[0]
    if re.fullmatch(r"(?i).*_trips\.tntp(\.gz)?", path.name):
        raise fault(path, "a TNTP trip table", "the network that it belongs to", "name the file NAME_net.tntp")
    if re.search(r"(?i)\.tntp(\.gz)?$", path.name) or re.match(rb"<[A-Z ]++>", first):
        from corridors.exchange.tntp_roads import read

        return read(text, factors)
    if not first:
        raise fault(path, "an empty file", _FORMATS, "restore the file")
    linear = "name a file of this kind; corridors solve reads other formats, which have no delays"
    raise text.fault(0, _FORMATS, linear)
