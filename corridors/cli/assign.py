"""`corridors assign`."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.errors import WRONG_INPUT, Interrupted
from corridors.cli.options import Finite, Output, output_options
from corridors.cli.rows import FlowsFile, Row, RowTable
from corridors.cli.streams import echo
from corridors.errors import CorridorsError
from corridors.output import csv_text
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.exchange.assigning import Assigned, Wanted
    from corridors.exchange.roads import RoadNetwork
    from corridors.models.assignment.solver import Progress
    from corridors.text.language import Language

COLUMNS = ("file", "status", "objective", "bound", "gap", "total", "seconds", "iterations")
HEADER = (
    later("file"),
    later("status"),
    later("objective"),
    later("bound"),
    later("gap"),
    later("total"),
    later("seconds"),
    later("iterations"),
)
STATUSES = ("equilibrium", "optimum", "feasible", "infeasible", "unproven")
ROWS = RowTable(
    "assignments",
    COLUMNS,
    HEADER,
    STATUSES,
    forms=(".12g", ".12g", ".1e", ".12g", ".3f", "d"),
    widths=(11, 18, 18, 9, 18, 10, 12),
)
_BETWEEN = 2.0  # seconds between two lines of progress


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--optimum", is_flag=True, help="Let all together pay least, instead of each taking its cheapest path.")
@click.option(
    "--hard-capacities",
    "hard",
    is_flag=True,
    help="Let no link carry more than its capacity: links that would have a price that trips pay, too.",
)
@click.option(
    "--gap",
    type=Finite(min=1e-13, max=1),
    default=1e-6,
    show_default=True,
    help="How much more than by cheapest paths trips may pay, relative to what they pay.",
)
@click.option(
    "--toll-factor",
    type=Finite(min=0, max=1e12),
    metavar="TIME",
    help="What a unit of toll costs, in the network's unit of time, where the file does not say.",
)
@click.option(
    "--distance-factor",
    type=Finite(min=0, max=1e12),
    metavar="TIME",
    help="What a unit of length costs, in the network's unit of time, where the file does not say.",
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="NAME,KEY=VALUE,...",
    help="A class of trips, once for each: its trips=FILE, toll= and distance= factors, pcu=, how many cars one is.",
)
@click.option("--time-limit", type=Finite(min=0), metavar="SECONDS", help="Take the flows that are there by then.")
@click.option(
    "--flows",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the flow and the cost of every link of what is proved into this CSV file too.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@output_options()
@click.pass_context
def assign(
    ctx: click.Context,
    files: tuple[Path, ...],
    optimum: bool,
    hard: bool,
    gap: float,
    toll_factor: float | None,
    distance_factor: float | None,
    classes: tuple[str, ...],
    time_limit: float | None,
    flows: Path | None,
    quiet: bool,
    to: Output,
) -> None:
    """Assign trips to roads that crowd, with proof.

    \b
    FILE is a road network with delays on its links, gzipped or not:
      TNTP            NAME_net.tntp, with NAME_trips.tntp beside it
      GMNS            a folder with node.csv, link.csv and demand.csv

    Time on a link is free time x (1 + B x (flow / capacity) ^ power). A trip costs its time, and its toll and its
    length as their factors say. In the equilibrium nobody has a cheaper path; in the optimum all together pay least.

    Trips may be of several classes, as cars and trucks, which take the same time on a link and value tolls and
    distances differently: --class truck,trips=truck_trips.tntp,toll=0.02,distance=0.04,pcu=2.5 for each. One may leave
    trips= out and take the network's own. What all pay counts each vehicle as its passenger cars.

    Prints a row for each: equilibrium or optimum (proved to the gap), feasible (sound flows with a wider gap),
    infeasible (proved that the trips do not fit into hard capacities) or unproven; then what is minimised (the sum of
    the integrals of costs, or in the optimum what all pay), the bound that no flows are below, the relative gap, what
    all trips pay in total, the seconds of solving and the method's iterations. The gap is computed anew from the flows,
    by another method. A file that cannot be read or assigned is named on standard error, the others are assigned, and
    the exit code is 2.

    The first run on a machine compiles the method, which takes some ten seconds; it needs corridors[fast].
    """  # noqa: D301 - click wants the character, not its spelling
    from corridors.exchange.assigning import Wanted
    from corridors.exchange.road_classes import road_classes

    asked = road_classes(classes, networks=len(files))
    wanted = Wanted(
        principle="optimum" if optimum else "equilibrium",
        gap=gap,
        hard=hard,
        time_limit=math.inf if time_limit is None else time_limit,
        toll_factor=toll_factor,
        distance_factor=distance_factor,
        classes=asked,
    )
    keep = _Flows(flows, to)
    rows, failed, interrupted = _all(files, wanted, keep, to, quiet=quiet)
    ROWS.deliver(rows, files, to)
    failed = not keep.write(wanted.principle) or failed
    if interrupted:
        raise Interrupted(f"interrupted; {len(rows)} of {len(files)} are {'written' if to.path else 'printed'}")
    if failed:
        ctx.exit(WRONG_INPUT)


def _all(
    files: tuple[Path, ...], wanted: Wanted, keep: _Flows, to: Output, *, quiet: bool
) -> tuple[list[Row], bool, bool]:
    """Assign one network after another, and print the row of each; give the rows, and whether one failed.

    And whether the user interrupted it.
    """
    rows: list[Row] = []
    failed = False
    tell = ROWS.teller(to, files)
    method = _Method(to.say)
    for path in files:
        try:
            row, interrupted = _assigned(path, wanted, method, keep, quiet=quiet)
        except (CorridorsError, MemoryError) as error:
            none_left = f"{click.format_filename(path)}: there is not enough memory; assign it elsewhere"
            _complain(to.say("Error: {message}", message=str(error) or none_left))
            failed = True
            continue
        except KeyboardInterrupt:
            return rows, failed, True
        failed = failed or row["status"] == "unproven"
        rows.append(row)
        tell(row)
        if interrupted:
            return rows, failed, True
    return rows, failed, False


class _Flows(FlowsFile):
    """What `--flows` asks for of assigned networks."""

    def take(self, name: str, roads: RoadNetwork, made: Assigned) -> None:
        """Take the flows of an answer if it is proved, and say so if it is not."""
        if self.path is None:
            return
        if made.status in ("feasible", "infeasible", "unproven"):
            message = f"{name}: it has no flows to write, as it is {made.status}"
            _complain(self._to.say("Warning: {message}", message=message))
            return
        from corridors.exchange.assigning import flow_table

        self.add(csv_text(flow_table(name, roads, made.solution), numbers=str))


class _Method:
    """The compiled method, which the first network that can be read loads for all."""

    def __init__(self, say: Language) -> None:
        self.say = say
        self._loaded = False

    def load(self, step: Callable[[str], None]) -> None:
        """Say that it is loaded, and load it; the second time there is nothing to say or to do."""
        if self._loaded:
            return
        from corridors.models.assignment.solver import prepare

        step(self.say("loading the method, which is compiled the first time"))
        prepare()
        self._loaded = True


def _assigned(path: Path, wanted: Wanted, method: _Method, keep: _Flows, *, quiet: bool) -> tuple[Row, bool]:
    """Read, assign and prove one network; give its row, and whether the user cut it short."""
    from corridors.text.progress import steps

    say = method.say
    name = click.format_filename(path)
    with steps(say, quiet=quiet) as step:
        step(say("reading {file}", file=name))
        from corridors.exchange.assigning import assign as assigned
        from corridors.exchange.road_opening import open_roads

        roads = open_roads(
            path, toll_factor=wanted.toll_factor, distance_factor=wanted.distance_factor, classes=wanted.classes
        )
        method.load(step)
        step(say("assigning {file}", file=name))
        told = 0.0

        def tell(far: Progress) -> None:
            nonlocal told
            if far.seconds < told + _BETWEEN:
                return
            told = far.seconds
            step(say("assigning {file}, gap {gap}", file=name, gap=say.format(far.gap, ".1e")))

        try:
            made = assigned(roads, wanted, tell=tell)
        except CorridorsError as error:
            raise type(error)(f"{name}: {error}") from error
    if made.status == "infeasible":
        _complain(say("Warning: {message}", message=f"{name}: infeasible. {made.reasons[0]}"))
    elif made.status in ("feasible", "unproven"):
        message = f"{name}: the answer is not proved. {' '.join(made.reasons)}"
        warning = say("Warning: {message}", message=message)
        _complain(warning if made.status == "feasible" else say("Error: {message}", message=message))
    for notice in roads.notices:
        _complain(say("Warning: {message}", message=notice))
    keep.take(name, roads, made)
    figures = (made.objective, made.bound, made.gap, made.total, round(made.seconds, 6), made.iterations)
    row: dict[str, Any] = dict(zip(COLUMNS, (name, made.status, *figures), strict=True))
    if roads.notices:
        row["notices"] = list(roads.notices)
    return row, made.termination == "interrupted"


def _complain(sentence: str) -> None:
    echo(sentence, err=True)
