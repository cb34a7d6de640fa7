"""`corridors compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import data_option, format_option, running_option, year_option

if TYPE_CHECKING:
    from corridors.routes import Comparison, Route
    from corridors.tables import Dataset


@click.command()
@click.argument("origin")
@click.argument("destination")
@data_option()
@click.option("--commodity", metavar="NAME", help="The class of freight. [default: the data's usual one]")
@year_option()
@running_option()
@format_option("text", "json", "csv")
def compare(
    origin: str, destination: str, folder: Path | None, commodity: str | None, year: int | None, running: str, form: str
) -> None:
    """Compare the best route by each means between two places.

    Places may be named in English, Russian or Kazakh, with or without accents: xian, Xi'an and Сиань are one.
    Days, km, money and emissions come leg by leg, with time split into moving, border, gauge and handling.
    """
    from corridors import names, nearest, network, routes, tables
    from corridors.costs import price

    dataset = tables.read(folder)
    start, end = (names.find_place(dataset, name) for name in (origin, destination))
    usual = dataset.default_commodity or dataset["commodities"]["commodity"].iloc[0]
    wanted = nearest.find_one(dataset["commodities"]["commodity"], commodity or usual, "commodity", "commodities.csv")
    net = network.build(dataset, year, running)
    made = routes.compare(net, price(net), start, end, wanted)
    if form == "json":
        import json

        click.echo(json.dumps(made.as_dict(), ensure_ascii=False, indent=2))
    elif form == "csv":
        _csv(made)
    else:
        _text(made, dataset)


def _csv(made: Comparison) -> None:
    import pandas as pd

    from corridors.output import csv_text

    found = [
        {"means": route.means, "leg": number} | leg.as_dict()
        for route in made.routes
        for number, leg in enumerate(route.legs, start=1)
    ]
    columns = ["means", "leg", "from", "to", "mode", "km", "hours_moving", "hours_border", "hours_gauge",
               "hours_handling", "usd_per_t", "kgco2e_per_t"]  # fmt: skip
    click.echo(csv_text(pd.DataFrame(found, columns=columns)), nl=False)


def _text(made: Comparison, dataset: Dataset) -> None:
    from corridors.cli.tabular import table

    called = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["name_en"], strict=True))
    means = dict(zip(dataset["means"]["means"], dataset["means"]["name_en"], strict=True))
    rows = [
        [means[route.means], f"{route.days:.1f}", f"{route.km:,.0f}", f"{route.usd_per_t:,.0f}",
         "-" if route.usd_per_feu is None else f"{route.usd_per_feu:,.0f}", f"{route.kgco2e_per_t:,.0f}"]
        for route in made.routes
    ]  # fmt: skip
    title = f"{called[made.origin]} - {called[made.destination]}, {made.commodity}, {made.running} running"
    table(title, ["by", "days", "km", "USD/t", "USD/FEU", "kg CO2e/t"], rows, right=(1, 2, 3, 4, 5))
    for route in made.routes:
        _legs(means[route.means], route, called)
    for one, why in made.unavailable.items():
        click.echo(f"{means[one]}: {why}.")


def _legs(title: str, route: Route, called: dict[str, str]) -> None:
    from corridors.cli.tabular import table

    rows = []
    for leg in route.legs:
        hours = [leg.hours.get(what, 0.0) for what in ("moving", "border", "gauge", "handling")]
        rows.append([called[leg.origin], called[leg.destination], leg.mode, f"{leg.km:,.0f}",
                     *(f"{one:,.0f}" if one else "" for one in hours), f"{leg.usd_per_t:,.0f}"])  # fmt: skip
    columns = ["from", "to", "mode", "km", "moving", "border", "gauge", "handling", "USD/t"]
    table(f"{title} (hours by what they are spent on)", columns, rows, right=(3, 4, 5, 6, 7, 8))
