"""`corridors uncertainty`."""

from __future__ import annotations

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
    named_shares,
    objective_option,
    plan_options,
    running_option,
    scenario_option,
    year_option,
)
from corridors.cli.streams import echo
from corridors.cli.sweep_options import Sweeping, for_other_processes, sweep_options, sweeping
from corridors.errors import DataError
from corridors.text.choices import RANKINGS, UNCERTAINTY_TABLES

if TYPE_CHECKING:
    from corridors.network.pairs import ODPair
    from corridors.tables.dataset import Dataset
    from corridors.uncertainty.results import UncertaintyResults


@click.command()
@data_option()
@scenario_option()
@click.option(
    "--samples",
    type=click.IntRange(1, 10_000_000),
    default=256,
    show_default=True,
    metavar="N",
    help="How often all uncertain figures are drawn; powers of two spread best.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Which draws: the same seed gives the same bytes.",
)
@plan_options(
    objective=objective_option(),
    carbon_price=carbon_price_option(),
    year=year_option(),
    running=running_option(),
    **choice_options(),
)
@click.option(
    "--indices",
    "ranking",
    type=click.Choice(RANKINGS),
    default=RANKINGS[0],
    show_default=True,
    help="How figures are ranked: elementary effects, shares of variance (far dearer), or not.",
)
@click.option(
    "--trajectories",
    type=click.IntRange(2, 10_000),
    metavar="N",
    help="For morris: how many. [default: what three times the samples pay for, 2 to 20]",
)
@click.option(
    "--together",
    "correlation",
    type=Finite(0, 1),
    default=0.5,
    show_default=True,
    metavar="R",
    help="Correlation between the errors of figures of one group.",
)
@click.option(
    "--inside",
    "shares",
    multiple=True,
    metavar="STATUS=SHARE",
    help="The share of draws that bands of a status hold, such as assumed=0.8; may be repeated.",
)
@click.option(
    "--between",
    "places",
    nargs=2,
    multiple=True,
    metavar="PLACE PLACE",
    help="Compare sea, rail and the rest here; may be repeated. [default: as the references do]",
)
@click.option(
    "--table",
    "printed",
    type=click.Choice(UNCERTAINTY_TABLES),
    default=UNCERTAINTY_TABLES[0],
    show_default=True,
    help="Which table CSV has.",
)
@sweep_options("CSV has the table that --table names; JSON and Excel (xlsx) all.")
def uncertainty(
    folder: Path | None,
    scenarios: tuple[str, ...],
    samples: int,
    seed: int,
    settings: Settings,
    ranking: str,
    trajectories: int | None,
    correlation: float,
    shares: tuple[str, ...],
    places: tuple[tuple[str, str], ...],
    printed: str,
    how: Sweeping,
    to: Output,
) -> None:
    """Say how sure a plan is, and which figures to measure next.

    Draws every uncertain figure from its band in provenance.csv, and what was estimated from counts from the
    posterior of the estimate; plans anew with proof, and gives an interval for every headline and a probability for
    every conclusion; ranks the groups of figures by what they do to a headline.
    With --out the runs go to DIR as they come, so that the same command goes on after an interruption, and the
    tables are written beside them.

    \b
    corridors uncertainty --samples 1024 --workers 4 --out sure
    corridors uncertainty --between xian alat --format csv --table conclusions
    """  # noqa: D301 - click wants the character, not its spelling
    from corridors import tables
    from corridors import uncertainty as runs
    from corridors.uncertainty import results

    dataset = tables.read(folder)
    chosen = runs.settings_for(
        dataset,
        settings(),
        data=None if folder is None else str(folder.resolve()),
        scenarios=for_other_processes(scenarios),
        samples=samples,
        seed=seed,
        correlation=correlation,
        coverage=_coverage(shares),
        ranking=ranking,
        trajectories=trajectories,
        pairs=[_between(dataset, *pair) for pair in places],
    )
    with sweeping(to.say, runs.sweep_of(chosen), how) as rows:
        made = results.read(runs.prepare(chosen), rows)
    if how.out is not None:
        made.write(how.out)
    _deliver(made, dataset, to, printed, how.out)


def _coverage(shares: tuple[str, ...]) -> dict[str, float]:
    """Read STATUS=SHARE options."""
    found: dict[str, float] = {}
    for status, share in named_shares("--inside", shares, "STATUS", "assumed=0.8"):
        if status in found:
            raise DataError(f"--inside {status}: it has a share already; give one for each status")
        found[status] = share
    return found


def _between(dataset: Dataset, origin: str, destination: str) -> ODPair:
    from corridors.network.pairs import ODPair
    from corridors.tables.places import find_place

    return ODPair(find_place(dataset, origin), find_place(dataset, destination), dataset.usual_commodity)


def _deliver(made: UncertaintyResults, dataset: Dataset, to: Output, printed: str, out: Path | None) -> None:
    from corridors.cli.tables import Answer, deliver
    from corridors.cli.uncertainty_text import show
    from corridors.sheets import answers
    from corridors.sheets.sheet import records, sheet_of
    from corridors.text.names import Names

    say = to.say
    if made.failed:
        message = say(
            "{failed} of {all} runs failed: {reasons}",
            failed=made.failed,
            all=made.runs,
            reasons=" ".join(made.reasons),
        )
        echo(say("Warning: {message}", message=message), err=True)
    about: dict[str, Any] = {
        "samples": made.samples,
        "runs": made.runs,
        "failed": made.failed,
        "reasons": list(made.reasons),
    }
    if made.estimated:
        about["posterior"] = {"estimates": made.estimates, "figures": made.estimated}
    answer = Answer(
        text=lambda: show(made, Names(dataset, say)),
        book=lambda: answers.of_uncertainty(made, dataset),
        csv=lambda: sheet_of(printed, getattr(made, printed)),
        document=lambda: about | {name: records(getattr(made, name)) for name in UNCERTAINTY_TABLES},
    )
    deliver(answer, to)
    if out is not None and to.form == "text":
        echo("\n" + say("Written to {path}", path=click.format_filename(out)))
