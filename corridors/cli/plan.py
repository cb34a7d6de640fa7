"""`corridors plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.errors import Interrupted
from corridors.cli.options import (
    Finite,
    Output,
    Settings,
    carbon_price_option,
    choice_options,
    data_option,
    method_option,
    named_shares,
    objective_option,
    output_options,
    plan_options,
    running_option,
    scenario_option,
    year_option,
)
from corridors.cli.streams import echo
from corridors.errors import DataError

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.planning.planner import Plan
    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset

T_PER_MT = 1e6
STOPPED = "stopped before the proof; the best plan so far is above, with its gap, and nothing was written"


@click.command()
@data_option()
@scenario_option()
@plan_options(
    objective=objective_option(),
    carbon_price=carbon_price_option(default=0.0, show_default=True),
    year=year_option(),
    running=running_option(),
    **choice_options(),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the plan folder here: every table as CSV, and summary.json.",
)
@click.option("--force", is_flag=True, help="Replace the plan folder, or the file of -o, if it is there.")
@method_option()
@click.option(
    "--time-limit",
    type=Finite(0, min_open=True),
    metavar="SECONDS",
    help="Stop solving then, with the best plan so far and its proven gap.",
)
@click.option(
    "--co2-budget",
    "mt_co2e",
    type=Finite(0),
    metavar="MT",
    help="The most that may be emitted, million tonnes of CO2e a year, with its price.",
)
@click.option(
    "--min-share",
    "shares",
    multiple=True,
    metavar="PLACE=SHARE",
    help="The least share of all freight that changes its mode at a place: aktau=0.02.",
)
@click.option(
    "--write-lp",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the linear problem itself (.mps or .lp) for another solver.",
)
@click.option("--air", is_flag=True, help="Print corridors, frontiers and bottlenecks in the air, too.")
@click.option("--quiet", is_flag=True, help="No progress.")
@output_options(
    "CSV has the corridors; JSON the summary, corridors, borders, bottlenecks and what is left; Excel (xlsx) all.",
    force=False,
)
def plan(
    folder: Path | None,
    scenarios: tuple[str, ...],
    settings: Settings,
    out: Path | None,
    force: bool,
    method: str,
    time_limit: float | None,
    mt_co2e: float | None,
    shares: tuple[str, ...],
    write_lp: Path | None,
    air: bool,
    quiet: bool,
    to: Output,
) -> None:
    """Plan a year's freight at least cost, with proof.

    Prints what is carried and what is not, the through-freight of each corridor, the balance at the borders, the
    tightest bottlenecks with what a little more of each is worth, and the modes. With --out DIR writes everything as a
    folder of CSV files, which other commands read; with -o FILE.xlsx everything as one Excel workbook. With --choice
    logit shippers choose by probability, under the same hard capacities, and corridors stand beside those of the linear
    plan; with --assign equilibrium crowded places cost time.
    """
    from corridors.cli import keeping
    from corridors.text.progress import steps

    new = True
    with steps(to.say, quiet=quiet) as step:
        step(to.say("reading the data"))
        from corridors import planning, scenario, tables
        from corridors.planning import scenario_runs

        applied = scenario.apply(tables.read(folder), scenarios)
        chosen = settings().having(
            co2_budget=None if mt_co2e is None else mt_co2e * T_PER_MT,
            minimum_share=_shares(applied.dataset, shares),
            method=method,
            time_limit=time_limit,
        )
        chosen = chosen.under(applied)
        if write_lp is not None and chosen.chooses:
            raise DataError("--write-lp writes the linear problem, and shippers who choose have another: leave out one")
        if out is not None:
            how = {} if chosen.chooses else {"method": method}
            keeping.refuse(out, keeping.about(applied, chosen) | how, force=force)
        net = scenario_runs.built(applied, chosen)
        if write_lp is not None:
            step(to.say("writing the linear problem"))
            _write_problem(net, chosen, write_lp)
        made = planning.plan_with(net, chosen, step)
        interrupted = made.summary["termination"] == "interrupted"
        if out is not None and not interrupted:
            step(to.say("writing the plan"))
            new = keeping.write(made, out, force=force)
    _deliver(made, applied.dataset, to.seen() if interrupted else to, air=air)
    if out is not None and not interrupted and to.form == "text":
        echo("\n" + keeping.told(out, to.say, new=new))
    if interrupted:
        raise Interrupted(STOPPED)


def _write_problem(net: Network, settings: PlanSettings, file: Path) -> None:
    from corridors import planning
    from corridors.exchange import programs

    programs.write(planning.formulate(net, settings).problem, file)


def _shares(dataset: Dataset, shares: tuple[str, ...]) -> dict[str, float]:
    """Read PLACE=SHARE options."""
    from corridors.tables.places import find_place

    wanted: dict[str, float] = {}
    for name, share in named_shares("--min-share", shares, "PLACE", "aktau=0.02"):
        place = find_place(dataset, name)
        if place in wanted:
            raise DataError(f"--min-share {name}: {place} has a share already; give one for each place")
        wanted[place] = share
    return wanted


def _deliver(made: Plan, dataset: Dataset, to: Output, *, air: bool) -> None:
    from corridors.cli.plan_text import glance
    from corridors.cli.tables import Answer, deliver
    from corridors.sheets import answers
    from corridors.sheets.sheet import PLAN, records, sheet_of
    from corridors.text.names import Names

    deliver(
        Answer(
            text=lambda: glance(made, Names(dataset, to.say), air=air),
            book=lambda: answers.of_plan(made, dataset, to.say),
            csv=lambda: sheet_of("corridors", made.corridors, PLAN),
            document=lambda: (
                dict(made.summary)
                | {name: records(getattr(made, name)) for name in answers.FIRST}
                | ({} if made.beside is None else {"beside_linear": records(made.beside)})
            ),
        ),
        to,
    )
