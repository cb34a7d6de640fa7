"""`corridors solve`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from corridors.cli.errors import WRONG_INPUT, Interrupted
from corridors.cli.options import format_option
from corridors.errors import CorridorsError
from corridors.models.methods import METHODS

COLUMNS = ("file", "status", "objective", "bound", "gap", "seconds", "iterations")
WIDTHS = (10, 18, 18, 9, 10, 12)

type Row = Mapping[str, Any]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True,
              help="Column generation, or the arc formulation in PuLP that it is checked against.")  # fmt: skip
@click.option("--unserved", type=click.FloatRange(min=0, max=1e30), metavar="PRICE",
              help="Let demand be left for a price a unit, where the file has none.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress.")
@format_option("text", "json", "csv")
@click.pass_context
def solve(
    ctx: click.Context, files: tuple[Path, ...], method: str, unserved: float | None, quiet: bool, form: str
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
    """  # noqa: D301 - click wants the character, not its spelling
    rows: list[Row] = []
    failed = interrupted = False
    tell = _teller(form, files)
    for path in files:
        try:
            row, interrupted = _solved(path, method, unserved, quiet=quiet)
        except (CorridorsError, MemoryError) as error:
            _complain(str(error) or f"{click.format_filename(path)}: there is not enough memory; solve it elsewhere")
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
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    if interrupted:
        raise Interrupted(f"interrupted; {len(rows)} of {len(files)} are printed")
    if failed:
        ctx.exit(WRONG_INPUT)


def _solved(path: Path, method: str, unserved: float | None, *, quiet: bool) -> tuple[Row, bool]:
    """Read, solve and prove one instance; give its row, and whether the user cut its solving short."""
    from corridors.cli.progress import steps

    name = click.format_filename(path)
    with steps(quiet=quiet) as step:
        step(f"reading {name}")
        from corridors.errors import SolverError
        from corridors.exchange import open_problem, with_reservation
        from corridors.exchange.answers import answer

        problem = open_problem(path)
        if unserved is not None:
            problem = with_reservation(problem, unserved)
        step(f"solving {name}")
        try:
            made = answer(problem, method)
        except SolverError as error:
            raise SolverError(f"{name}: {error}") from error
    if made.status in ("feasible", "unproven"):
        word = "Warning" if made.status == "feasible" else "Error"
        _complain(f"{name}: the answer is not proved optimal. {' '.join(made.reasons)}", word)
    figures = (made.objective, made.bound, made.gap, round(made.seconds, 6), made.iterations)
    return dict(zip(COLUMNS, (name, made.status, *figures), strict=True)), made.stopped


def _complain(sentence: str, word: str = "Error") -> None:
    click.echo(f"{word}: {sentence}", err=True)


def _teller(form: str, files: tuple[Path, ...]) -> Callable[[Row], None]:
    """Give what prints a row as soon as it is there; the first has the header above it."""
    if form == "json":
        return lambda _: None
    width = max(len(click.format_filename(path)) for path in files)
    line = _csv_line if form == "csv" else lambda cells: _text_line(cells, width)
    told: list[Row] = []

    def tell(row: Row) -> None:
        if not told:
            click.echo(line(COLUMNS))
        told.append(row)
        click.echo(line(_texts(row) if form == "text" else tuple(row.values())))

    return tell


def _texts(row: Row) -> tuple[str, ...]:
    figures = [("objective", ".12g"), ("bound", ".12g"), ("gap", ".1e"), ("seconds", ".3f"), ("iterations", "d")]
    written = ("-" if row[name] is None else format(row[name], form) for name, form in figures)
    return (row["file"], row["status"], *written)


def _text_line(cells: tuple[Any, ...], width: int) -> str:
    name, status, *figures = cells
    right = (f"{cell:>{room}}" for cell, room in zip(figures, WIDTHS[1:], strict=True))
    return f"{name:<{width}}  {status:<{WIDTHS[0]}}" + "".join(right)


def _csv_line(cells: tuple[Any, ...]) -> str:
    from corridors.output import safe_text

    stream = io.StringIO()
    safe = [safe_text(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(stream, lineterminator="").writerow(safe)
    return stream.getvalue()
