"""`corridors solve`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.errors import WRONG_INPUT, Interrupted
from corridors.cli.options import Finite, Output, output_options
from corridors.cli.streams import echo
from corridors.errors import CorridorsError, OutputError
from corridors.models.methods import METHODS
from corridors.output import csv_text, new_file, refuse_file, safe_text
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.exchange import Instance
    from corridors.exchange.proving import Answer as Solved
    from corridors.sheets.sheet import Sheet
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
WIDTHS = (10, 18, 18, 9, 10, 12)

type Row = Mapping[str, Any]


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
    tell = _teller(to, files)
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
    _deliver(rows, files, to)
    failed = not keep.write() or failed
    if interrupted:
        raise Interrupted(f"interrupted; {len(rows)} of {len(files)} are {'written' if to.path else 'printed'}")
    if failed:
        ctx.exit(WRONG_INPUT)


class _Flows:
    """What `--flows` asks for, collected as networks are solved; nothing is written before the end.

    Raises
    ------
    OutputError
        If the file cannot be written, before anything is solved.
    """

    def __init__(self, path: Path | None, to: Output) -> None:
        self._path, self._to = path, to
        self._tables: list[str] = []
        if path is None:
            return
        if path.suffix.lower() != ".csv":
            raise OutputError(f"{path}: flows are written as CSV, but the name does not end in .csv; end it so")
        if to.path is not None and path.absolute() == to.path.absolute():
            raise OutputError(f"{path} is asked for by --flows and by --output; give one of them another name")
        refuse_file(path, force=to.force)

    def add(self, name: str, instance: Instance, made: Solved) -> None:
        """Take the flows of an answer if it is proved optimal, and say so if it is not."""
        if self._path is None:
            return
        if made.status != "optimal" or made.solution is None:
            message = f"{name}: it has no flows to write, as it is {made.status}"
            _complain(self._to.say("Warning: {message}", message=message))
            return
        from corridors.exchange.flows import table

        self._tables.append(csv_text(table(name, instance, made.solution), numbers=str))

    def write(self) -> bool:
        """Write the file; give whether there was anything to write, if it was asked for."""
        if self._path is None:
            return True
        if not self._tables:
            _complain(
                self._to.say("Error: {message}", message=f"{self._path} is not written: nothing is proved optimal")
            )
            return False
        text = self._tables[0] + "".join(one.partition("\n")[2] for one in self._tables[1:])
        new_file(self._path, text.encode("utf-8", "replace"), force=self._to.force)
        _complain(self._to.say("Written to {path}", path=click.format_filename(self._path)))
        return True


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
    keep.add(name, instance, made)
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


def _at_once(to: Output) -> bool:
    """Tell whether rows are printed as they come."""
    return to.path is None and to.form in ("text", "csv")


def _teller(to: Output, files: tuple[Path, ...]) -> Callable[[Row], None]:
    """Return a function that prints a row, the first under the header; it prints none where all come at the end."""
    if not _at_once(to):
        return lambda _: None
    lines = _csv_lines if to.form == "csv" else _text_lines(files, to.say)
    told: list[Row] = []

    def tell(row: Row) -> None:
        header, line = lines(row)
        for text in (line,) if told else (header, line):
            echo(text)
        told.append(row)

    return tell


def _deliver(rows: list[Row], files: tuple[Path, ...], to: Output) -> None:
    """Write what was not printed as it came; no file of nothing."""
    if _at_once(to) or not (rows or to.path is None):
        return
    from corridors.cli.tables import Answer, deliver
    from corridors.sheets import answers

    def text() -> None:
        tell = _teller(Output("text", say=to.say), files)
        for row in rows:
            tell(row)

    deliver(Answer(text, book=lambda: answers.of_table(_sheet(rows)), document=lambda: rows), to)


def _sheet(rows: list[Row]) -> Sheet:
    import pandas as pd

    from corridors.sheets.sheet import sheet_of

    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    sheet = sheet_of("answers", frame.astype(dict.fromkeys(COLUMNS[2:-1], "float64")))
    return replace(sheet, digits=str)  # every digit, as where rows are printed as they come


def _csv_lines(row: Row) -> tuple[str, str]:
    """Return the header and the line of a row."""
    import csv
    import io

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    cells = (row[name] for name in COLUMNS)
    writer.writerows([COLUMNS, [safe_text(cell) if isinstance(cell, str) else cell for cell in cells]])
    header, _, line = stream.getvalue().partition("\n")
    return header, line.removesuffix("\n")


def _text_lines(files: tuple[Path, ...], say: Language) -> Callable[[Row], tuple[str, str]]:
    """Return a function that makes the header and the line of a row, as wide as the longest of the files' names."""
    header = [say(one) for one in HEADER]
    name = max(len(click.format_filename(path)) for path in files)
    statuses = [len(say.term(one)) for one in STATUSES]
    widths = [name, max(WIDTHS[0], *statuses, len(header[1]))]
    widths += [max(room, len(one) + 1) for room, one in zip(WIDTHS[1:], header[2:], strict=True)]
    return lambda row: (_text_line(header, widths), _text_line(_texts(row, say), widths))


def _texts(row: Row, say: Language) -> Sequence[str]:
    figures = [("objective", ".12g"), ("bound", ".12g"), ("gap", ".1e"), ("seconds", ".3f"), ("iterations", "d")]
    written = ("-" if row[name] is None else say.format(row[name], form) for name, form in figures)
    return (row["file"], say.term(row["status"]), *written)


def _text_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, status, *figures = cells
    right = (f"{cell:>{room}}" for cell, room in zip(figures, widths[2:], strict=True))
    return f"{name:<{widths[0]}}  {status:<{widths[1]}}" + "".join(right)
