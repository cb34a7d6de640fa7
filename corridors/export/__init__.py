"""A plan for other programs: geographic layers as GeoJSON or GeoPackage, and the network in GMNS.

`features` says what is shown on a map, `geojson` and `gpkg` write that; `gmns` writes the network for transport tools;
`trails` finds the arcs behind a plan's routes. Outputs appear whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.errors import OutputError
from corridors.files import read_text
from corridors.output import new_file, new_folder, refuse_file, refuse_folder

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.planning.planner import Plan

__all__ = ["FORMATS", "refuse", "write"]

FORMATS = ("geojson", "gpkg", "gmns")
FIRST_LAYER = "links"
ONE_LAYER = (".geojson", ".json")  # how the name of a GeoJSON file ends
MARK = "export"


def refuse(form: str, path: Path, *, force: bool = False) -> None:
    """Raise `OutputError` if a format cannot be written to a path; asked before long work, and again after."""
    if is_file(form, path):
        refuse_file(path, force=force)
    else:
        refuse_folder(path, force=force)
        _refuse_plan(path)
    if form == "gpkg":
        from corridors.export.gpkg import require  # optional packages

        require()


def is_file(form: str, path: Path) -> bool:
    """Tell whether an export is one file, or else a folder."""
    return form == "gpkg" or (form == "geojson" and path.suffix.lower() in ONE_LAYER)


def write(
    plan: Plan, network: Network, form: str, path: Path, *, layer: str = FIRST_LAYER, force: bool = False
) -> Mapping[str, int]:
    """Write a plan in a format, whole or not at all; give the number of features or rows by layer or table.

    Parameters
    ----------
    plan, network
        A plan, and the network that it was made on (`planning.plan_folder.rebuilt`).
    form
        One of `FORMATS`.
    path
        A file for ``gpkg``; for ``geojson`` a file of one layer if it ends in .geojson, or else a folder of all;
        a folder for ``gmns``.
    layer
        The layer of a single GeoJSON file, one of `features.NAMES`.
    force
        Replace what is there, if an earlier export or an empty folder.

    Raises
    ------
    OutputError
        If the path is taken or cannot be written, or packages for the format are not installed.
    DataError
        If the plan does not fit the network.
    """
    from corridors.export.features import layers
    from corridors.export.geojson import collection, write_collections
    from corridors.export.gmns import write_network
    from corridors.export.gpkg import package
    from corridors.export.metadata import about  # all of these bring pandas, which is not needed to refuse

    refuse(form, path, force=force)
    told = {MARK: form} | about(plan, network.dataset)
    if form == "gmns":
        with new_folder(path, force=force) as work:
            return write_network(plan, network, told, work)
    made = layers(plan, network)
    if form == "gpkg":
        new_file(path, package(made, told), force=force)
    elif is_file(form, path):
        made = tuple(one for one in made if one.name == layer)
        new_file(path, collection(made[0], told), force=force)
    else:
        with new_folder(path, force=force) as work:
            write_collections(made, told, work)
    return {one.name: len(one.frame) for one in made}


def _refuse_plan(folder: Path) -> None:
    """Raise `OutputError` for a folder that holds a plan, which `output.new_folder` would replace with force."""
    try:
        told = json.loads(read_text(folder / "summary.json", inside=folder))
    except FileNotFoundError:
        return
    except (OSError, ValueError, RecursionError):
        told = {}
    if not isinstance(told, dict) or MARK not in told:
        raise OutputError(f"{folder} holds no export, so --force does not replace it; choose another folder")
