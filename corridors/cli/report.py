"""`corridors report`."""

from __future__ import annotations

from pathlib import Path

import click

from corridors.cli.language import speaking
from corridors.cli.options import data_option, shown_plan
from corridors.cli.streams import echo

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("plans", type=FOLDER, nargs=-1, required=True, metavar="PLAN...")
@click.option("--against", type=FOLDER, metavar="PLAN2", help="Another plan folder: tell what changed from it to PLAN.")
@click.option(
    "-o",
    "--output",
    "out",
    type=FOLDER,
    metavar="FILE",
    help="Where to write it: .html, or .pdf. [default: here, the first plan's name with .html]",
)
@click.option("--summary", is_flag=True, help="Of a PDF: two sheets a plan, the finding and what is behind it.")
@data_option()
@shown_plan()
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.pass_context
def report(
    ctx: click.Context,
    plans: tuple[Path, ...],
    against: Path | None,
    out: Path | None,
    summary: bool,
    folder: Path | None,
    scenarios: tuple[str, ...],
    force: bool,
    quiet: bool,
) -> None:
    """Write plans as one HTML page for people who decide: finding, map, bottlenecks, how far to believe it.

    PLAN is a folder that corridors plan --out wrote; several are shown by a switch, the first one at first. The page
    opens in any browser without a network or a server, prints to A4 and holds everything that it shows; --lang writes
    it in English, Russian or Kazakh. A file that ends in .pdf is printed by a browser that is installed (Chromium,
    Chrome or Edge), with charts drawn beforehand.
    """
    from corridors.output import new_file, refuse_file
    from corridors.report import printing
    from corridors.text.progress import steps

    say = speaking(ctx)
    file = out or Path(f"{plans[0].resolve().name}.html")
    suffix = printing.suffix_of(file, summary=summary)
    refuse_file(file, force=force)
    with steps(say, quiet=quiet) as step:
        step(say("reading the plan"))
        from corridors.planning import plan_folder

        wanted = [*plans] if against is None else [*plans, against]
        found = plan_folder.all_proven(wanted, folder, scenarios)
        other = None if against is None else found.pop()[0]
        step(say("drawing"))
        from corridors.report import page, paper

        shown = [page.Planned(*one, path.resolve().name) for path, one in zip(plans, found, strict=True)]
        if suffix == printing.PDF:
            content = paper.write(shown, say, other, summary=summary)
        else:
            content = page.write_several(shown, say, other).encode()
        new_file(file, content, force=force)
    echo(say("Written to {path}", path=click.format_filename(file)))
