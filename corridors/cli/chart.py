"""`corridors chart`."""

from __future__ import annotations

from pathlib import Path

import click

from corridors.cli.language import speaking
from corridors.cli.options import data_option, shown_plan
from corridors.cli.streams import echo
from corridors.report import CHARTS

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("plan", type=FOLDER)
@click.argument("name", metavar=f"[{'|'.join(CHARTS)}]")
@click.option(
    "-o",
    "--output",
    "out",
    type=FOLDER,
    metavar="FILE",
    help="Where to write it: .png, .svg, .html, .json. [default: the chart's name with .png]",
)
@click.option("--against", type=FOLDER, metavar="PLAN2", help="The other plan folder, for the chart of changes.")
@data_option()
@shown_plan()
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.pass_context
def chart(
    ctx: click.Context,
    plan: Path,
    name: str,
    out: Path | None,
    against: Path | None,
    folder: Path | None,
    scenarios: tuple[str, ...],
    force: bool,
) -> None:
    """Write one picture of a plan as PNG, SVG, HTML or its Vega-Lite specification (JSON).

    PLAN is a folder that corridors plan --out wrote. HTML needs no network; PNG and SVG are drawn without a browser.
    """
    from corridors import report
    from corridors.output import refuse_file
    from corridors.planning import plan_folder
    from corridors.planning.difference import unlike
    from corridors.report import files
    from corridors.text.reasons import differing_terms

    say = speaking(ctx)
    name = report.find(name)
    file = out or Path(f"{name}.png")
    files.check_suffix(file)
    refuse_file(file, force=force)
    wanted = [plan] if against is None else [plan, against]
    (made, network), *others = plan_folder.all_proven(wanted, folder, scenarios)
    other = others[0][0] if others else None
    drawn = report.draw(name, made, network, say, other)
    files.save(drawn, file, say, force=force)
    for sentence in () if other is None else differing_terms(unlike(other, made), say):
        echo(sentence)
    echo(say("Written to {path}", path=click.format_filename(file)))
