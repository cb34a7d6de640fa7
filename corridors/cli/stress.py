"""`corridors stress`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.options import (
    Finite,
    Output,
    Settings,
    carbon_price_option,
    choice_options,
    data_option,
    plan_options,
    running_option,
    scenario_option,
    year_option,
)
from corridors.cli.streams import echo
from corridors.cli.sweep_options import Sweeping, for_other_processes, sweep_options, watching
from corridors.text.choices import CLOSURE_KINDS, COMBINED_KINDS

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.interdiction import SearchProgress, Worst
    from corridors.stress.study import Base, StressSettings
    from corridors.text.language import Language
    from corridors.text.names import Names

TABLE = "stress.csv"
BILLION, MILLION = 1e9, 1e6
PAUSE = 2.0  # seconds between two lines of progress
PROVEN = 2e-6
MANY = 3
JOINT = " + "  # between closures that are worst together


@click.command()
@data_option()
@scenario_option()
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(CLOSURE_KINDS),
    help="What to close; may be repeated. [default: all; with --k link, terminal and border]",
)
@click.option(
    "--k",
    "count",
    type=click.IntRange(1, MANY),
    default=1,
    show_default=True,
    help="Look for so many closures that are worst together, and prove that none are worse.",
)
@click.option(
    "--capacity",
    type=Finite(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    metavar="SHARE",
    help="Leave a share of every capacity instead of closing: 0.5 is half.",
)
@plan_options(
    carbon_price=carbon_price_option("A price per tonne of CO2e."),
    year=year_option(),
    running=running_option(),
    **choice_options(),
)
@click.option(
    "--time-limit", type=Finite(0), metavar="SECONDS", help="With --k: stop here, with what is proven by then."
)
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="How many rows of text.")
@sweep_options()
def stress(
    folder: Path | None,
    scenarios: tuple[str, ...],
    kinds: tuple[str, ...],
    count: int,
    capacity: float,
    settings: Settings,
    time_limit: float | None,
    top: int,
    how: Sweeping,
    to: Output,
) -> None:
    """Close everything in turn, and see what it costs.

    Every link, terminal, border crossing, corridor and country of the data is closed, one at a time, and the year
    planned again, with proof: what it costs more in USD a year, more days for a tonne that is carried, kt left, and
    which corridors take over. With --k 2, the two closures that are worst together, proven to be the worst.
    corridors stress --kind border --capacity 0.5 leaves every border half its capacity, and corridors stress --k 2
    --kind link looks for the two links that hurt most.
    """
    from corridors.stress.study import StressSettings

    if count > 1 and (how.workers > 1 or how.cluster is not None):
        raise click.UsageError("--k is solved in this process: leave out --workers and --cluster.")
    if count > 1 and capacity > 0:
        raise click.UsageError("--k closes: leave out --capacity.")
    usual = CLOSURE_KINDS if count == 1 else COMBINED_KINDS
    chosen = StressSettings(
        data=None if folder is None else str(folder.resolve()),
        scenarios=for_other_processes(scenarios),
        plan=settings(),
        kinds=tuple(kinds or usual),
        capacity=capacity,
    )
    if count > 1:
        _worst(chosen, count, time_limit, how, to)
        return
    from corridors import stress as stressing

    with watching(to.say, how) as told:
        frame, base = stressing.stress(
            chosen, how.out, workers=how.workers, cluster=how.cluster, progress=told, force=how.force
        )
    if how.out is not None:
        from corridors.output import csv_text
        from corridors.sweep.store import keep

        keep(how.out, TABLE, csv_text(frame).encode())
    _deliver(frame, base, to, top, how.out)


def _worst(settings: StressSettings, count: int, time_limit: float | None, how: Sweeping, to: Output) -> None:
    """Find the closures that are worst together, and write them with their proof."""
    from corridors import stress as stressing
    from corridors.output import refuse_folder
    from corridors.text.progress import steps

    if how.out is not None:
        refuse_folder(how.out, force=how.force)
    with steps(to.say, quiet=how.quiet) as step:
        step(to.say("planning undisturbed"))
        told = _told(step, to.say)
        row, worst, base = stressing.worst_combination(settings, count, time_limit=time_limit, progress=told)
    frame = stressing.ranked([row])
    if how.out is not None:
        _write(frame, worst, base, how.out, force=how.force)
    _deliver(frame, base, to, 1, how.out, worst)


def _told(step: Callable[[str], None], say: Language) -> Callable[[SearchProgress], None]:
    """Return a function that tells now and then how far the search for the worst is."""
    last = 0.0

    def told(far: SearchProgress) -> None:
        nonlocal last
        if time.monotonic() - last > PAUSE:
            last = time.monotonic()
            step(
                say(
                    "{solved} sets solved; the worst costs {cost} bn USD, no other more than {most}",
                    solved=far.solved,
                    cost=say.number(far.cost / BILLION, 3),
                    most=say.number(far.most / BILLION, 3),
                )
            )

    return told


def _write(frame: pd.DataFrame, worst: Worst, base: Base, out: Path, *, force: bool) -> None:
    """Write the closures that are worst together, and what proves it, into a folder."""
    from corridors.output import csv_text, new_folder

    proof = {
        "usd": worst.cost,
        "no_set_costs_more_than_usd": worst.most,
        "gap": worst.gap,
        "sets": worst.sets,
        "solved": worst.solved,
        "undisturbed_usd": base.figures.usd,
    }
    with new_folder(out, force=force) as work:
        (work / TABLE).write_text(csv_text(frame), encoding="utf-8", newline="")
        (work / "proof.json").write_text(json.dumps(proof, indent=2) + "\n", encoding="utf-8")


def _proof(worst: Worst, say: Language) -> None:
    of = say("{solved} of {all} sets solved", solved=say.number(worst.solved), all=say.number(worst.sets + 1))
    if worst.gap <= PROVEN:
        echo(
            say(
                "Proven: nothing else costs more to close together ({of}, relative gap {gap}).",
                of=of,
                gap=say.format(worst.gap, ".0e"),
            )
        )
        return
    more = say.number((worst.most - worst.cost) / BILLION, 3)
    echo(
        say(
            "Not proven in the time: another set may cost {usd} bn USD more ({of}, gap {gap}).",
            usd=more,
            of=of,
            gap=say.percent(worst.gap, 1),
        )
    )


def _deliver(
    frame: pd.DataFrame, base: Base, to: Output, top: int, out: Path | None, worst: Worst | None = None
) -> None:
    from corridors.cli.tables import Answer, deliver
    from corridors.sheets import answers
    from corridors.text.names import Names

    def text() -> None:
        _text(frame, base, top, Names(base.freight.network.dataset, to.say))
        if out is not None:
            echo(to.say("Written to {path}", path=click.format_filename(out)))
        if worst is not None:
            _proof(worst, to.say)

    deliver(Answer(text, book=lambda: answers.of_closures(frame, base, worst)), to)


def _text(frame: pd.DataFrame, base: Base, top: int, names: Names) -> None:
    from corridors.cli.tables import table
    from corridors.frames import rows

    say, was = names.say, base.figures
    echo(
        say(
            "Undisturbed: {usd} bn USD a year, {days} days for a tonne, {left} Mt left",
            usd=say.number(was.usd / BILLION, 3),
            days=say.number(was.days, 2),
            left=say.number(was.unserved_kt / 1000, 1),
        )
        + "\n"
    )
    lines = [
        [
            _kind(row.kind, say),
            names.closure(row.kind, row.closed),
            say.number(row.extra_usd / MILLION, 1),
            say.format(row.extra_days, "+.2f"),
            say.number(row.extra_unserved_kt / 1000, 2),
            _takers(row, say),
        ]
        for row in rows(frame[(frame["extra_usd"] > 0) & (frame["failed"] == "")].head(top))
    ]
    left = base.settings.capacity
    what = say("Closed") if left == 0 else say("Down to {share} of capacity", share=say.percent(left))
    columns = [say("kind"), say("closed"), say("extra M USD"), say("days"), say("more Mt left"), say("taken over by")]
    table(what, columns, lines, right=(2, 3, 4))
    costly = int((frame["extra_usd"] > 0).sum())
    shown = say("; the dearest {n} are shown (--top, or --format csv for all)", n=len(lines))
    echo(
        say(
            "{costly} of {all} closures cost anything{shown}.",
            costly=say.number(costly),
            all=say.number(len(frame)),
            shown=shown if costly > len(lines) else "",
        )
    )
    for row in rows(frame[frame["failed"] != ""].head(top)):
        closed = f"{_kind(row.kind, say)} {names.closure(row.kind, row.closed)}"
        echo(say("{what} was not planned: {why}", what=closed, why=row.failed))


def _kind(kind: str, say: Language) -> str:
    """Name the kinds of one closure, or of several together."""
    return JOINT.join(say.term(one) for one in kind.split(JOINT))


def _takers(row: Any, say: Language) -> str:
    """Write which corridors took over, and how much: R1 +3,000 kt."""
    from corridors.stress import diversion

    gains = diversion.read(row.diverted_to)
    return "; ".join(f"{one.corridor} +{say.number(one.kt)} {say.term('kt')}" for one in gains)
