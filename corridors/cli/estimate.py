"""`corridors estimate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from corridors.cli.options import Output, choice_options, data_option, running_option, year_option
from corridors.cli.streams import echo
from corridors.cli.sweep_options import Sweeping, sweep_options, watching
from corridors.text.choices import ASKED_TABLES, CHOICES, ESTIMATE_TABLES

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation import EstimationOptions, EstimationResult
    from corridors.estimation.results import EstimateTables
    from corridors.estimation.rounds import Round
    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language

LEFT_OUT = "left_out.csv"
YEARS = 1900, 2200


@click.command()
@data_option()
@click.option(
    "--observations",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Counts in the form of observations.csv, instead of the data package's own.",
)
@click.option(
    "--free",
    multiple=True,
    metavar="GROUP",
    help="What is estimated, all else stays as it is: shares, tau, constants, tariffs, totals (those that nobody "
    "counted), speeds, borders; several with commas, or repeated. [default: the first four]",
)
@click.option(
    "--use",
    multiple=True,
    metavar="USE",
    help="The counts to estimate from, by their use: fit, input, test; several with commas. [default: fit,input]",
)
@year_option()
@running_option()
@choice_options()["nests"]
@click.option(
    "--leave-out",
    "groups",
    multiple=True,
    metavar="GROUP|all",
    help="Test instead: leave a group of counts out, estimate from the others, and put what that foretells beside "
    "it; may be repeated, and all does so with every group in turn. The estimate from all counts is made first, once "
    "in each process.",
)
@click.option(
    "--years",
    multiple=True,
    metavar="YEAR",
    help="Lay the estimate on these years, plan each, and put the model beside what was counted there, with 95 % "
    "intervals; several with commas, or repeated.",
)
@click.option(
    "--elasticities",
    is_flag=True,
    help="Tell how freight by rail and lorry answers the railway's tariff and hours at home and the rates of the deep "
    "sea, with 95 % intervals by draws from the posterior.",
)
@click.option("--top", type=click.IntRange(1), default=12, show_default=True, help="How many rows of text in a table.")
@click.option(
    "--table",
    "printed",
    type=click.Choice((*ESTIMATE_TABLES, *ASKED_TABLES)),
    default=ESTIMATE_TABLES[1],
    show_default=True,
    help="Which table CSV has, unless groups are left out.",
)
@sweep_options("CSV has the table that --table names; JSON and Excel (xlsx) all.")
def estimate(
    folder: Path | None,
    observations: Path | None,
    free: tuple[str, ...],
    use: tuple[str, ...],
    year: int | None,
    running: str,
    nests: str,
    groups: tuple[str, ...],
    years: tuple[str, ...],
    elasticities: bool,
    top: int,
    printed: str,
    how: Sweeping,
    to: Output,
) -> None:
    """Estimate what the data only judge, from what was counted.

    Shares of totals, how sharply shippers choose, what modes and crossings cost beyond their tariff and hours, and
    tariffs are fitted to the counts of a year, each held to its band in provenance.csv; totals stay exact. Says how
    near the model comes before and after, what moved, what the counts do not tell, and on which counts it rests. With
    --out DIR, DIR/package is the data package with the estimates in it, to plan with; the old one stays as it is.

    \b
    corridors estimate --out estimate
    corridors plan --data estimate/package --choice logit
    corridors estimate --leave-out all --workers 2 --out left-out
    corridors estimate --years 2019,2023,2025 --elasticities --out years
    """  # noqa: D301 - click wants the character, not its spelling
    if not groups and (how.workers > 1 or how.cluster is not None):
        raise click.UsageError("an estimate is made in this process: --workers and --cluster go with --leave-out.")
    words = _words(free), _words(use)
    if groups and (years or elasticities):
        raise click.UsageError("--leave-out is a test of its own: ask for years and elasticities without it.")
    asked = Asked(_years(years), elasticities)
    if printed in ASKED_TABLES and not getattr(asked, printed):
        raise click.UsageError(f"--table {printed} needs --{printed}.")
    if groups:
        _tested(folder, observations, words, (year, running, nests), groups, how, to)
        return
    _estimated(folder, observations, words, (year, running, nests), asked, top, printed, how, to)


class Asked(NamedTuple):
    """What is asked for beside the estimate itself."""

    years: tuple[int, ...]
    elasticities: bool


def _years(given: tuple[str, ...]) -> tuple[int, ...]:
    """Return the years of `--years`."""
    found = []
    for word in _words(given):
        if not (word.isdigit() and YEARS[0] <= int(word) <= YEARS[1]):
            raise click.UsageError(f"--years: found {word!r}, expected years from {YEARS[0]} to {YEARS[1]}.")
        found.append(int(word))
    return tuple(sorted(found))


def _planning(year: int, say: Language) -> str:
    return say("planning {year} with the estimated parameters", year=year)


def _more(
    result: EstimationResult,
    asked: Asked,
    counts: pd.DataFrame | None,
    check: Callable[[], None],
    tell: Callable[[int], None],
) -> dict[str, pd.DataFrame]:
    """Return the tables that are asked for beside those of every estimate."""
    from corridors.estimation import elasticities, years

    def told(year: int) -> None:
        check()
        tell(year)

    found = {}
    if asked.years:
        found["years"] = years.foretold(result, asked.years, told, counts)
    if asked.elasticities:
        found["elasticities"] = elasticities.elasticities(result, check=check)
    check()
    return found


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of an option that may be repeated, each of which may be several with commas."""
    return tuple(dict.fromkeys(word.strip() for one in given for word in one.split(",")))


def _asked(
    words: tuple[tuple[str, ...], tuple[str, ...]], plan: tuple[int | None, str, str]
) -> tuple[PlanSettings, EstimationOptions]:
    """Return with what plans are made, and what is estimated from what."""
    from corridors.estimation import EstimationOptions
    from corridors.planning.settings import PlanSettings

    year, running, nests = plan
    free, use = words
    usual = EstimationOptions()
    options = EstimationOptions(free=free or usual.free, use=use or usual.use)
    return PlanSettings(choice=CHOICES[1], year=year, running=running, nests=nests), options


def _estimated(
    folder: Path | None,
    observations: Path | None,
    words: tuple[tuple[str, ...], tuple[str, ...]],
    plan: tuple[int | None, str, str],
    asked: Asked,
    top: int,
    printed: str,
    how: Sweeping,
    to: Output,
) -> None:
    """Estimate, write what was found, and print it."""
    from corridors.output import refuse_folder
    from corridors.text.progress import steps

    if how.out is not None:
        refuse_folder(how.out, force=how.force)
    with steps(to.say, quiet=how.quiet) as step:
        step(to.say("reading the data"))
        from corridors import estimation, tables
        from corridors.estimation import folder as kept
        from corridors.estimation import results
        from corridors.sweep.interrupt import Interrupt
        from corridors.tables.observation_files import read_observations

        settings, options = _asked(words, plan)
        dataset = tables.read(folder)
        counts = None if observations is None else read_observations(observations, dataset)
        _warn(dataset, to.say)
        if asked.years:
            from corridors.estimation import years

            years.check(dataset, asked.years, counts)
        step(to.say("listing routes"))
        with Interrupt() as interrupt:
            told = _rounds(step, interrupt.check, to.say)
            result = estimation.estimate(dataset, settings, options, told, counts)
            interrupt.check()
            more = _more(result, asked, counts, interrupt.check, lambda one: step(_planning(one, to.say)))
        found = replace(results.tables_of(result), **more)
        if how.out is not None:
            step(to.say("writing the estimated data package"))
            kept.write(result, found, how.out, force=how.force)
    _deliver(result, found, to, top, printed, how.out)


def _warn(dataset: Dataset, say: Language) -> None:
    """Warn where counts may count twice."""
    if len(dataset["posterior"]):
        message = say(
            "the data package holds estimates already (posterior.csv): counts that they were fitted to count twice now"
        )
        echo(say("Warning: {message}", message=message), err=True)


def _rounds(step: Callable[[str], None], check: Callable[[], None], say: Language) -> Callable[[Round], None]:
    """Return a function that is told each round of an estimate, and says how far it is unless it was interrupted."""

    def told(one: Round) -> None:
        check()
        step(
            say(
                "{steps} steps, routes listed {n} times: {share} of counts near, objective {objective}, gain {gain}",
                steps=one.steps,
                n=one.listed,
                share=say.percent(one.within),
                objective=say.number(one.objective, 3),
                gain=say.format(one.to_gain, ".1e"),
            )
        )

    return told


def _deliver(
    result: EstimationResult, found: EstimateTables, to: Output, top: int, printed: str, out: Path | None
) -> None:
    from corridors.cli.tables import Answer, deliver
    from corridors.estimation.folder import PACKAGE, summary
    from corridors.sheets import answers
    from corridors.sheets.sheet import ESTIMATE, records, sheet_of

    told, dataset = summary(result, found), result.parameters.dataset
    answer = Answer(
        text=lambda: _show(found, told, to.say, top),
        book=lambda: answers.of_estimate(found, told, dataset),
        csv=lambda: sheet_of(printed, found.each()[printed], ESTIMATE),
        document=lambda: {"summary": told} | {name: records(frame) for name, frame in found.each().items()},
    )
    deliver(answer, to)
    if out is not None and to.form == "text":
        echo("\n" + to.say("Written to {path}", path=click.format_filename(out)))
        package = click.format_filename(out / PACKAGE)
        echo(to.say("Plan with it: corridors plan --data {package} --choice logit", package=package))


def _show(found: EstimateTables, told: Mapping[str, Any], say: Language, top: int) -> None:
    """Print an estimate, and what was asked for beside it."""
    from corridors.cli import estimate_text, estimate_years_text

    estimate_text.show(found, told, say, top)
    if found.years is not None:
        estimate_years_text.show_years(found.years, say, top)
    if found.elasticities is not None:
        estimate_years_text.show_elasticities(found.elasticities, say)


def _tested(
    folder: Path | None,
    observations: Path | None,
    words: tuple[tuple[str, ...], tuple[str, ...]],
    plan: tuple[int | None, str, str],
    groups: tuple[str, ...],
    how: Sweeping,
    to: Output,
) -> None:
    """Leave groups of counts out in turn, and print what the others foretell of them."""
    from corridors.estimation.cross_validation import LeavingSettings, cross_validate

    settings, options = _asked(words, plan)
    data, counts = (None if one is None else str(one.resolve()) for one in (folder, observations))
    chosen = LeavingSettings(data, counts, settings, options, groups)
    with watching(to.say, how) as told:
        frame = cross_validate(
            chosen, how.out, workers=how.workers, cluster=how.cluster, progress=told, force=how.force
        )
    if how.out is not None:
        from corridors.output import csv_text
        from corridors.sweep.store import keep

        keep(how.out, LEFT_OUT, csv_text(frame).encode())
    _deliver_left_out(frame, folder, to, how.out)


def _deliver_left_out(frame: pd.DataFrame, folder: Path | None, to: Output, out: Path | None) -> None:
    from corridors import tables
    from corridors.cli.estimate_text import show_left_out
    from corridors.cli.tables import Answer, deliver
    from corridors.sheets import answers

    def text() -> None:
        show_left_out(frame, to.say)
        if out is not None:
            echo(to.say("Written to {path}", path=click.format_filename(out)))

    deliver(Answer(text, book=lambda: answers.of_left_out(frame, tables.read(folder))), to)
