"""`corridors stress`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import data_option, format_option, running_option, scenario_option, written, year_option
from corridors.cli.sweeping import folder_options, sweep_options, watching

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.interdiction import Worst
    from corridors.stress import Base, Setting

KINDS = ["link", "terminal", "border", "corridor", "country"]
TABLE = "stress.csv"
BILLION, MILLION = 1e9, 1e6
PAUSE = 2.0  # seconds between two lines of progress
PROVEN = 2e-6
MANY = 3


@click.command()
@data_option()
@scenario_option()
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS),
              help="What to close; may be repeated. [default: all; with --k link, terminal and border]")  # fmt: skip
@click.option("--k", "count", type=click.IntRange(1, MANY), default=1, show_default=True,
              help="Look for so many closures that are worst together, and prove that none are worse.")  # fmt: skip
@click.option("--capacity", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True, metavar="SHARE",
              help="Leave a share of every capacity instead of closing: 0.5 is half.")  # fmt: skip
@click.option("--carbon-price", type=click.FloatRange(0, 1e5), metavar="USD", help="A price per tonne of CO2e.")
@year_option()
@running_option()
@click.option("--time-limit", type=click.FloatRange(0), metavar="SECONDS",
              help="With --k: stop here, with what is proven by then.")  # fmt: skip
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="How many rows of text.")
@folder_options()
@sweep_options()
@format_option("text", "csv", "json")
@click.pass_context
def stress(
    ctx: click.Context,
    folder: Path | None,
    scenarios: tuple[str, ...],
    kinds: tuple[str, ...],
    count: int,
    capacity: float,
    carbon_price: float | None,
    year: int | None,
    running: str,
    time_limit: float | None,
    top: int,
    out: Path | None,
    force: bool,
    form: str,
    workers: int,
    cluster: str | None,
    quiet: bool,
) -> None:
    """Close everything in turn, and see what it costs.

    Every link, terminal, border crossing, corridor and country of the data is closed, one at a time, and the year
    planned again, with proof: what it costs more in USD a year, more days for a tonne that is carried, kt left, and
    which corridors take over. With --k 2, the two closures that are worst together, proven to be the worst.
    corridors stress --kind border --capacity 0.5 leaves every border half its capacity, and corridors stress --k 2
    --kind link looks for the two links that hurt most.
    """
    from corridors.stress import TOGETHER, Setting

    if count > 1 and (workers > 1 or cluster is not None):
        raise click.UsageError("--k is solved in this process: leave out --workers and --cluster.")
    if count > 1 and capacity > 0:
        raise click.UsageError("--k closes: leave out --capacity.")
    usual = KINDS if count == 1 else TOGETHER
    setting = Setting(
        data=None if folder is None else str(folder.resolve()), scenarios=_resolved(scenarios), year=year,
        running=running if written(ctx, "running") else None,
        carbon_price=carbon_price, kinds=tuple(kinds or usual), capacity=capacity,
    )  # fmt: skip
    if count > 1:
        _together(setting, count, time_limit, out, force=force, quiet=quiet, form=form)
        return
    from corridors import stress as stressing

    with watching(quiet=quiet) as told:
        frame, base = stressing.stress(setting, out, workers=workers, cluster=cluster, progress=told, force=force)
    if out is not None:
        from corridors.output import csv_text

        work = out / f".{TABLE}"
        work.write_text(csv_text(frame), encoding="utf-8", newline="")
        work.replace(out / TABLE)
    _print(frame, base, form, top, out)


def _resolved(scenarios: tuple[str, ...]) -> tuple[str, ...]:
    """Give paths of files that other processes find, too."""
    return tuple(str(Path(one).resolve()) if Path(one).suffix == ".toml" and Path(one).is_file() else one
                 for one in scenarios)  # fmt: skip


def _together(
    setting: Setting, count: int, time_limit: float | None, out: Path | None, *, force: bool, quiet: bool, form: str
) -> None:
    import json

    from corridors import stress as stressing
    from corridors.cli.progress import steps
    from corridors.output import csv_text, new_folder, refuse_folder

    if out is not None:
        refuse_folder(out, force=force)
    with steps(quiet=quiet) as step:
        step("planning undisturbed")
        last = [0.0]

        def told(far: stressing.TogetherProgress) -> None:
            import time

            if time.monotonic() - last[0] > PAUSE:
                last[0] = time.monotonic()
                step(f"{far.solved} sets solved; the worst costs {far.cost / BILLION:,.3f} bn USD, "
                     f"no other more than {far.most / BILLION:,.3f}")  # fmt: skip

        row, worst, base = stressing.together(setting, count, time_limit=time_limit, progress=told)
    frame = stressing.ranked([row])
    if out is not None:
        proof = {
            "usd": worst.cost, "no_set_costs_more_than_usd": worst.most, "gap": worst.gap,
            "sets": worst.sets, "solved": worst.solved, "undisturbed_usd": base.figures.usd,
        }  # fmt: skip
        with new_folder(out, force=force) as work:
            (work / TABLE).write_text(csv_text(frame), encoding="utf-8", newline="")
            (work / "proof.json").write_text(json.dumps(proof, indent=2) + "\n", encoding="utf-8")
    _print(frame, base, form, 1, out)
    if form == "text":
        _proof(worst)


def _proof(worst: Worst) -> None:
    of = f"{worst.solved:,} of {worst.sets + 1:,} sets solved"
    if worst.gap <= PROVEN:
        click.echo(f"Proven: nothing else costs more to close together ({of}, relative gap {worst.gap:.0e}).")
    else:
        more = (worst.most - worst.cost) / BILLION
        click.echo(f"Not proven in the time: another set may cost {more:,.3f} bn USD more ({of}, gap {worst.gap:.1%}).")


def _print(frame: pd.DataFrame, base: Base, form: str, top: int, out: Path | None) -> None:
    from corridors.output import csv_text

    if form == "csv":
        click.echo(csv_text(frame), nl=False)
    elif form == "json":
        import json

        click.echo(json.dumps(frame.to_dict(orient="records"), ensure_ascii=False, indent=2))
    else:
        _text(frame, base, top)
        if out is not None:
            click.echo(f"Written to {out}")


def _text(frame: pd.DataFrame, base: Base, top: int) -> None:
    from corridors.cli.tabular import table
    from corridors.frames import rows

    was = base.figures
    click.echo(f"Undisturbed: {was.usd / BILLION:,.3f} bn USD a year, {was.days:.2f} days for a tonne, "
               f"{was.unserved_kt / 1000:,.1f} Mt left\n")  # fmt: skip
    lines = [
        [row.kind, row.closed, f"{row.extra_usd / MILLION:,.1f}", f"{row.extra_days:+.2f}",
         f"{row.extra_unserved_kt / 1000:,.2f}", row.taken_over_by]
        for row in rows(frame[(frame["extra_usd"] > 0) & (frame["failed"] == "")].head(top))
    ]  # fmt: skip
    what = "Closed" if base.setting.capacity == 0 else f"Down to {base.setting.capacity:.0%} of capacity"
    table(what, ["kind", "closed", "extra M USD", "days", "more Mt left", "taken over by"], lines, right=(2, 3, 4))
    costly = int((frame["extra_usd"] > 0).sum())
    shown = f"; the dearest {len(lines)} are shown (--top, or --format csv for all)" if costly > len(lines) else ""
    click.echo(f"{costly:,} of {len(frame):,} closures cost anything{shown}.")
    for row in rows(frame[frame["failed"] != ""].head(top)):
        click.echo(f"{row.kind} {row.closed} was not planned: {row.failed}")
