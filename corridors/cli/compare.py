"""`corridors compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import (
    Output,
    data_option,
    output_options,
    running_option,
    scenario_option,
    tau_option,
    written,
    year_option,
)
from corridors.cli.streams import echo
from corridors.errors import DataError
from corridors.text.choices import CHOICES

if TYPE_CHECKING:
    from corridors.network.routes import Comparison, Route
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language
    from corridors.text.names import Names


@click.command()
@click.argument("origin")
@click.argument("destination")
@data_option()
@scenario_option("Compare under a scenario (corridors scenarios lists them) or a TOML file; may be repeated, in order.")
@click.option("--commodity", metavar="NAME", help="The class of freight. [default: the data's usual one]")
@year_option()
@running_option()
@click.option(
    "--choice",
    type=click.Choice(CHOICES[:2]),
    default=CHOICES[0],
    show_default=True,
    help="With logit, say by which probability shippers would choose each means, by its generalised cost.",
)
@tau_option()
@output_options("CSV has the legs; JSON and Excel (xlsx) all.")
def compare(
    origin: str,
    destination: str,
    folder: Path | None,
    scenarios: tuple[str, ...],
    commodity: str | None,
    year: int | None,
    running: str,
    choice: str,
    tau: float | None,
    to: Output,
) -> None:
    """Compare the best route by each means between two places.

    Places may be named in English, Russian or Kazakh, with or without accents: xian, Xi'an and Сиань are one.
    Days, km, money and emissions come leg by leg, with time split into moving, border, gauge and handling.
    """
    from corridors import network, scenario, suggest, tables
    from corridors.cli.tables import Answer, deliver
    from corridors.network import routes
    from corridors.network.costs import price
    from corridors.sheets import answers
    from corridors.tables import places
    from corridors.text.names import Names

    applied = scenario.apply(tables.read(folder), scenarios)
    dataset = applied.dataset
    start, end = (places.find_place(dataset, name) for name in (origin, destination))
    known, usual = dataset["commodities"]["commodity"], dataset.usual_commodity
    wanted = suggest.find_one(known, commodity or usual, "commodity", "commodities.csv")
    if tau is not None and choice == CHOICES[0]:
        raise DataError("--tau is of shippers who choose: ask for --choice logit with it, or leave it out")
    conditions = running if written(click.get_current_context(), "running") else applied.running or running
    net = network.build(dataset, applied.year if year is None else year, conditions)
    made = routes.compare(net, price(net), start, end, wanted)
    share = _shares(made, dataset, tau) if choice != CHOICES[0] else {}
    answer = Answer(
        text=lambda: _text(made, Names(dataset, to.say), share),
        book=lambda: answers.of_comparison(made, dataset, net.year, share),
        csv=lambda: answers.legs_of(made),
        document=lambda: made.as_dict() | ({"probability": share} if share else {}),
    )
    deliver(answer, to)


def _shares(made: Comparison, dataset: Dataset, tau: float | None) -> dict[str, float]:
    """Return by which probability shippers would choose each means that has a way."""
    from corridors.planning.shares import shares

    costs = [route.generalised_usd_per_t for route in made.routes]
    return dict(zip((route.means for route in made.routes), shares(dataset, made.commodity, costs, tau), strict=True))


def _text(made: Comparison, names: Names, share: dict[str, float]) -> None:
    from corridors.cli.tables import table
    from corridors.text.reasons import Reasons

    say = names.say
    if not made.routes and not made.unavailable:
        echo(
            say(
                "means.csv has no rows: add a row for each way to compare, such as by rail or by sea "
                "(corridors data tables means explains the columns)."
            )
        )
        return
    rows = [
        [
            names.means(route.means),
            say.number(route.days, 1),
            say.number(route.km),
            say.number(route.usd_per_t),
            "-" if route.usd_per_feu is None else say.number(route.usd_per_feu),
            say.number(route.kgco2e_per_t),
            *([say.percent(share[route.means], 1)] if share else []),
        ]
        for route in made.routes
    ]
    title = say(
        "{places}, {commodity}, {running} running",
        places=names.between(made.origin, made.destination),
        commodity=names.commodity(made.commodity),
        running=say.term(made.running),
    )
    units = [say.term(unit) for unit in ("days", "km", "USD/t", "USD/FEU", "kg CO2e/t")]
    if rows:
        columns = [say("by"), *units, *([say("by choice")] if share else [])]
        table(title, columns, rows, right=tuple(range(1, len(columns))))
    else:
        echo(f"{title}: " + say("no means has a way.") + "\n")
    for route in made.routes:
        _legs(route, names)
    reasons = Reasons(names, {})
    for one, reason in made.reasons.items():
        echo(f"{names.means(one)}: {reasons.say(reason)}.")


def _legs(route: Route, names: Names) -> None:
    from corridors.cli.tables import table

    say, rows = names.say, []
    for leg in route.legs:
        hours = [leg.hours.get(what, 0.0) for what in ("moving", "border", "gauge", "handling")]
        rows.append(
            [
                names.place(leg.origin),
                names.place(leg.destination),
                say.term(leg.mode),
                say.number(leg.km),
                *(say.number(one) if one else "" for one in hours),
                say.number(leg.usd_per_t),
            ]
        )
    title = say("{means} (hours by what they are spent on)", means=names.means(route.means))
    table(title, _columns(say), rows, right=(3, 4, 5, 6, 7, 8))


def _columns(say: Language) -> list[str]:
    spent = say("moving"), say("border"), say("gauge"), say("handling")
    return [say("from"), say("to"), say("mode"), say.term("km"), *spent, say.term("USD/t")]
