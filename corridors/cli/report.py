"""`corridors report`."""

from __future__ import annotations

from pathlib import Path

import click

from corridors.cli.language import speaking
from corridors.cli.options import data_option, shown_plan
from corridors.cli.streams import echo

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("plan", type=FOLDER)
@click.option("--against", type=FOLDER, metavar="PLAN2", help="Another plan folder: tell what changed from it to PLAN.")
@click.option(
    "-o",
    "--output",
    "out",
    type=FOLDER,
    metavar="FILE",
    help="Where to write the page. [default: here, the plan's name with .html]",
)
@data_option()
@shown_plan()
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.pass_context
def report(
    ctx: click.Context,
    plan: Path,
    against: Path | None,
    out: Path | None,
    folder: Path | None,
    scenarios: tuple[str, ...],
    force: bool,
    quiet: bool,
) -> None:
    """Write a plan as one HTML page for people who decide: map, bottlenecks, sea or rail, how far to believe it.

    PLAN is a folder that corridors plan --out wrote. The page opens in any browser without a network or a server,
    prints to A4 and holds everything that it shows; --lang writes it in English, Russian or Kazakh.
    """
    from corridors.output import new_file, refuse_file
    from corridors.text.progress import steps

    say = speaking(ctx)
    file = out or Path(f"{plan.resolve().name}.html")
    refuse_file(file, force=force)
    with steps(say, quiet=quiet) as step:
        step(say("reading the plan"))
        from corridors.planning import plan_folder

        wanted = [plan] if against is None else [plan, against]
        (made, network), *others = plan_folder.all_proven(wanted, folder, scenarios)
        other = others[0][0] if others else None
        step(say("drawing"))
        from corridors.report import page

        new_file(file, page.write_up(made, network, say, other).encode(), force=force)
    echo(say("Written to {path}", path=click.format_filename(file)))
