"""`corridors solve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.errors import WRONG_INPUT, Interrupted
from corridors.cli.options import Finite, Output, output_options
from corridors.cli.rows import FlowsFile, Row, RowTable
from corridors.cli.streams import echo
from corridors.errors import CorridorsError
from corridors.models.methods import METHODS
from corridors.output import csv_text
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.exchange import Instance
    from corridors.exchange.proving import Answer as Solved
    from corridors.text.language import Language

COLUMNS = ("file", "status", "objective", "bound", "gap", "seconds", "iterations")
HEADER = (
    later("file"),
    later("status"),
    later("objective"),
    later("bound"),
    later("gap"),
    later("seconds"),
    later("iterations"),
)
STATUSES = ("optimal", "feasible", "infeasible", "unproven")
ROWS = RowTable(
    "answers", COLUMNS, HEADER, STATUSES, forms=(".12g", ".12g", ".1e", ".3f", "d"), widths=(10, 18, 18, 9, 10, 12)
)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="Column generation, or the arc formulation in PuLP that it is checked against.",
)
@click.option(
    "--unserved",
    type=Finite(min=0, max=1e30),
    metavar="PRICE",
    help="Let demand be left for a price a unit, where the file has none.",
)
@click.option(
    "--flows",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write flows, paths and prices of what is proved optimal into this CSV file too, in the ids of the network.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@output_options()
@click.pass_context
def solve(
    ctx: click.Context,
    files: tuple[Path, ...],
    method: str,
    unserved: float | None,
    flows: Path | None,
    quiet: bool,
    to: Output,
) -> None:
    """Solve other people's networks, with proof.

    \b
    FILE is an instance of linear multicommodity minimum-cost flow, gzipped or not:
      planar, grid    a text file: nodes, arcs, commodities, then a line for each
      TNTP            NAME_net.tntp, with NAME_trips.tntp beside it
      GMNS            a folder with node.csv, link.csv and demand.csv
      data package    a folder, as for: corridors plan --data

    Prints a row for each: optimal (proved to a relative gap of 1e-6), infeasible (proved that not everything
    can be served), feasible (a plan with a wider gap) or unproven; then its cost, the bound that no plan is
    below, their gap, the seconds of solving and the method's iterations. A file that cannot be read or solved
    is named on standard error, the others are solved, and the exit code is 2.

    What is taken for granted or not read of a network is said on standard error, and so is why one is infeasible:
    which demands have no way, and which links are too small. JSON has the same, as notices and why.
    """  # noqa: D301 - click wants the character, not its spelling
    rows: list[Row] = []
    failed = interrupted = False
    tell = ROWS.teller(to, files)
    keep = _Flows(flows, to)
    for path in files:
        try:
            row, interrupted = _solved(path, method, unserved, to.say, keep, quiet=quiet)
        except (CorridorsError, MemoryError) as error:
            none_left = f"{click.format_filename(path)}: there is not enough memory; solve it elsewhere"
            _complain(to.say("Error: {message}", message=str(error) or none_left))
            failed = True
            continue
        except KeyboardInterrupt:
            interrupted = True
            break
        failed = failed or row["status"] == "unproven"
        rows.append(row)
        tell(row)
        if interrupted:
            break
    ROWS.deliver(rows, files, to)
    failed = not keep.write(STATUSES[0]) or failed
    if interrupted:
        raise Interrupted(f"interrupted; {len(rows)} of {len(files)} are {'written' if to.path else 'printed'}")
    if failed:
        ctx.exit(WRONG_INPUT)


class _Flows(FlowsFile):
    """What `--flows` asks for of solved networks."""

    def take(self, name: str, instance: Instance, made: Solved) -> None:
        """Take the flows of an answer if it is proved optimal, and say so if it is not."""
        if self.path is None:
            return
        if made.status != "optimal" or made.solution is None:
            message = f"{name}: it has no flows to write, as it is {made.status}"
            _complain(self._to.say("Warning: {message}", message=message))
            return
        from corridors.exchange.flows import table

        self.add(csv_text(table(name, instance, made.solution), numbers=str))


def _solved(
    path: Path, method: str, unserved: float | None, say: Language, keep: _Flows, *, quiet: bool
) -> tuple[Row, bool]:
    """Read, solve and prove one instance; give its row, and whether the user cut its solving short."""
    from corridors.text.progress import steps

    name = click.format_filename(path)
    with steps(say, quiet=quiet) as step:
        step(say("reading {file}", file=name))
        from corridors.errors import SolverError
        from corridors.exchange import open_instance, why, with_reservation
        from corridors.exchange.proving import answer

        instance = open_instance(path)
        if unserved is not None:
            instance = replace(instance, problem=with_reservation(instance.problem, unserved))
        step(say("solving {file}", file=name))
        try:
            made = answer(instance.problem, method)
        except SolverError as error:
            raise SolverError(f"{name}: {error}") from error
    if made.status in ("feasible", "unproven"):
        message = f"{name}: the answer is not proved optimal. {' '.join(made.reasons)}"
        warning = say("Warning: {message}", message=message)
        _complain(warning if made.status == "feasible" else say("Error: {message}", message=message))
    for notice in instance.notices:
        _complain(say("Warning: {message}", message=notice))
    keep.take(name, instance, made)
    figures = (made.objective, made.bound, made.gap, round(made.seconds, 6), made.iterations)
    row: dict[str, Any] = dict(zip(COLUMNS, (name, made.status, *figures), strict=True))
    if made.why is not None:
        row["why"] = why.document(instance, made.why)
        _complain(say("Warning: {message}", message=f"{name}: infeasible: {why.sentence(instance, made.why)}"))
    if instance.notices:
        row["notices"] = list(instance.notices)
    return row, made.stopped


def _complain(sentence: str) -> None:
    echo(sentence, err=True)
