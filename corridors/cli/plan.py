"""`corridors plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.options import OBJECTIVES, data_option, format_option, running_option, year_option

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.plan import Plan


@click.command()
@data_option()
@click.option("--objective", type=click.Choice(OBJECTIVES), default="generalised", show_default=True,
              help="What to minimise: money and time's worth, money, time, or emissions.")  # fmt: skip
@click.option("--carbon-price", type=click.FloatRange(0, 1e5), default=0.0, show_default=True, metavar="USD",
              help="A price per tonne of CO2e, added to the money.")  # fmt: skip
@year_option()
@running_option()
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the plan folder here.")
@click.option("--force", is_flag=True, help="Replace an existing plan folder.")
@click.option("--write-lp", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the linear problem itself (.mps or .lp) for another solver.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress.")
@format_option("text", "json")
def plan(
    folder: Path | None,
    objective: str,
    carbon_price: float,
    year: int | None,
    running: str,
    out: Path | None,
    force: bool,
    write_lp: Path | None,
    quiet: bool,
    form: str,
) -> None:
    """Plan a year's freight at least cost, with proof.

    Prints what is served and what is not, what each corridor carries, the tightest bottlenecks with what one
    more unit of them would save, and the modes; with --out writes everything as CSV files.
    """
    from corridors.cli.progress import steps

    if out is not None:
        from corridors.output import refuse_folder

        refuse_folder(out, force=force)
    with steps(quiet=quiet) as step:
        step("reading the data")
        from corridors import network, tables
        from corridors import plan as planning

        net = network.build(tables.read(folder), year, running)
        if write_lp is not None:
            step("writing the linear problem")
            _write_problem(net, objective, carbon_price, write_lp)
        made = planning.plan(net, objective=objective, carbon_price=carbon_price, progress=step)
        if out is not None:
            step("writing the plan")
            made.write(out, force=force)
    _print(made, form, out)


def _write_problem(net: Network, objective: str, carbon_price: float, path: Path) -> None:
    from corridors.models import arcs
    from corridors.models.freight import pose

    arcs.write(pose(net, objective, carbon_price).problem, path)


def _print(made: Plan, form: str, out: Path | None) -> None:
    if form == "json":
        import json

        tables: dict[str, Any] = {
            name: json.loads(getattr(made, name).to_json(orient="records", double_precision=12))
            for name in ("corridors", "bottlenecks", "unserved")
        }
        click.echo(json.dumps(dict(made.summary) | tables, ensure_ascii=False, indent=2))
        return
    from corridors.cli.glance import glance

    glance(made)
    if out is not None:
        click.echo(f"\nWritten to {out}")
