"""`corridors export`."""

from __future__ import annotations

from pathlib import Path

import click

from corridors.cli.language import speaking
from corridors.cli.options import data_option, shown_plan, written
from corridors.cli.streams import echo

FORMATS = ["geojson", "gpkg", "gmns"]
LAYERS = ["links", "places", "routes", "unserved"]
SUFFIXES = {".geojson": "geojson", ".gpkg": "gpkg"}


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--to", "form", type=click.Choice(FORMATS), help="The format; may be left out if -o ends in .geojson or .gpkg."
)
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Where to write. [default: here, the plan's name with .gpkg, -geojson or -gmns]",
)
@click.option(
    "--layer",
    type=click.Choice(LAYERS),
    default=LAYERS[0],
    show_default=True,
    help="The layer of a single .geojson file.",
)
@data_option()
@shown_plan()
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@click.pass_context
def export(
    ctx: click.Context,
    plan: Path,
    form: str | None,
    out: Path | None,
    layer: str,
    folder: Path | None,
    scenarios: tuple[str, ...],
    force: bool,
) -> None:
    """Write a plan for QGIS and transport tools. PLAN is a folder that corridors plan --out wrote.

    \b
    gpkg      one GeoPackage with all layers: links, places, routes, unserved (needs: pip install 'corridors[gis]')
    geojson   a folder with a .geojson file for each layer; or one layer, if -o ends in .geojson
    gmns      a folder in the General Modeling Network Specification, which corridors solve reads, too

    Layers are in WGS 84. Every figure is one of the plan's tables; units and descriptions of the columns come with
    the export, and so does the notice whom to name as the data's source.
    """  # noqa: D301 - click wants the character, not its spelling
    form = _format(form, out)
    from corridors import export as exporting
    from corridors.planning import plan_folder

    if written(ctx, "layer") and (form != "geojson" or out is None or not exporting.is_file(form, out)):
        raise click.UsageError("--layer is for a single file: name one with -o FILE.geojson")
    path = out or Path(f"{plan.resolve().name}{'.gpkg' if form == 'gpkg' else f'-{form}'}")
    exporting.refuse(form, path, force=force)
    read, network = plan_folder.proven(plan, folder, scenarios)
    counts = exporting.write(read, network, form, path, layer=layer, force=force)
    say = speaking(ctx)
    told = ", ".join(f"{name} {say.number(count)}" for name, count in counts.items())
    echo(say("Written to {path}: {counts}", path=click.format_filename(path), counts=told))


def _format(form: str | None, out: Path | None) -> str:
    """Return the format that is asked for, by its name or by the file's."""
    meant = SUFFIXES.get(out.suffix.lower()) if out is not None else None
    if form is None and meant is None:
        raise click.UsageError(f"say which format: --to {'|'.join(FORMATS)}, or -o FILE.geojson or FILE.gpkg")
    if form is not None and meant not in (None, form):
        raise click.UsageError(f"--to {form} does not fit -o {out}: leave one of them out, or make them agree")
    if form == "gpkg" and out is not None and meant is None:
        raise click.UsageError(f"-o {out}: end the name of a GeoPackage in .gpkg, or other programs do not know it")
    return form or str(meant)
