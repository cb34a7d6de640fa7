"""Make the shares of freight on lorries in splits.csv: between zones of the country, trade and transit.

    python corridors/data/road_freight.py            renew the rows of the totals that road_freight.toml names
    python corridors/data/road_freight.py DIR        renew them in another data package
    python corridors/data/road_freight.py --check    say whether the rows are what their sources give; exit 1 if not

Of lorry freight tonnes and tonne-kilometres are published, not pairs of places. Domestic freight is laid over zones by
entropy (Wilson, Entropy in Urban and Regional Modelling, 1970), T_ij = A_i A_j exp(-r d_ij), as no direction is known;
d is the shortest way by road in the base year or, inside a zone, a mean haul. A comes from balancing that keeps the
matrix symmetric (Knight, Ruiz and Ucar, 2014); r gives all tonnes of a class the mean haul that is counted or judged.
Cells inside zones stay out of the network.
Trade and transit are laid by gravity, T_ij = k M_i N_j / d_ij^g. Shares are whole millionths of a total; then small
cells join large ones, and of some rows a part avoids a country. Reads road_freight.toml, totals.csv, nodes.csv,
links.csv, splits.csv, provenance.csv and datapackage.json; writes splits.csv and provenance.csv. Run demand.py after
it. Only the standard library and freight_shares.py beside it.
"""

from __future__ import annotations

import json
import math
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridors.data import freight_shares as shared
else:
    import freight_shares as shared  # beside this script, which runs without being installed

WHOLE = 1_000_000  # parts of a total that shares are counted in
BALANCED, HAULED = 1e-12, 1e-11  # how near, as a part, margins and the mean haul must be
ROUNDS, TRIALS = 1000, 40  # of balancing, and of the search for a rate
STEEPEST = 1.0  # rate per km with which freight hardly leaves a place
TIE = 1e-4  # millionths: what is nearer is a tie, settled by name and not by the last digits of a sum

type Book = Mapping[str, Any]
type Units = dict[shared.Pair, int]  # millionths of a total


def roads(links: Iterable[Mapping[str, str]], sea_factor: float, year: int) -> shared.Ways:
    """Return the shortest ways by road and ferry, km, in the base year; a km by ferry counts for several."""
    factor = {"road": 1.0, "ferry": sea_factor}
    return shared.Ways(
        (row["from_node"], row["to_node"], float(row["km"]) * factor[row["mode"]])
        for row in links
        if row["mode"] in factor and int(row["year_open"] or year) <= year
    )


def masses(book: Book) -> dict[str, dict[str, float]]:
    """Return the parts of each zone, by the name of the mass: people, and the root of people times product."""
    people, product = dict.fromkeys(book["zones"], 0.0), dict.fromkeys(book["zones"], 0.0)
    for zone, regions in book["zones"].items():
        for region, part in regions.items():
            product[zone] += part * book["regions"][region]["product"]
            people[zone] += part * book["regions"][region]["product"] / book["regions"][region]["a_head"]
    both = {zone: math.sqrt(people[zone] * product[zone]) for zone in people}
    named = {"people": people, "people and product": both}
    return {name: {zone: one / sum(mass.values()) for zone, one in mass.items()} for name, mass in named.items()}


def hauls(book: Book, ways: shared.Ways) -> shared.Cells:
    """Return the km between zones that a road joins, and inside them."""
    inside = book["inside"]
    cells = {(start, end): ways.km(start, end) for start in sorted(book["zones"]) for end in sorted(book["zones"])}
    cells |= {(zone, zone): float(inside["km_at"].get(zone, inside["km"])) for zone in book["zones"]}
    return {pair: km for pair, km in cells.items() if km < math.inf}


def mean_haul(cells: shared.Cells, km: shared.Cells) -> float:
    """Return the km of the mean tonne."""
    return sum(value * km[pair] for pair, value in cells.items()) / sum(cells.values())


def balanced(cells: shared.Cells, margin: Mapping[str, float]) -> shared.Cells:
    """Return symmetric cells scaled so that origins and destinations have the margin.

    Each round scales both sides by the root of margin over sum. An error that turns over the sides (Sinkhorn) leave
    nearly as it was, as between groups of zones far apart, is halved here.
    """
    made = dict(cells)
    for _ in range(ROUNDS):
        sums = dict.fromkeys(margin, 0.0)
        for (start, _end), value in made.items():
            sums[start] += value
        if all(abs(value / margin[zone] - 1) < BALANCED for zone, value in sums.items()):
            return made
        root = {zone: math.sqrt(margin[zone] / value) for zone, value in sums.items()}
        made = {pair: value * (root[pair[0]] * root[pair[1]]) for pair, value in made.items()}
    raise ValueError("the margins of the zones cannot be met with these kilometres")


def at_mean(km: shared.Cells, margin: Mapping[str, float], wanted: float) -> shared.Cells:
    """Return the balanced cells exp(-rate km) with the mean haul wanted, km; secants in logarithms find the rate."""
    rate, before = 1.0 / wanted, (math.inf, 0.0)
    for _ in range(TRIALS):
        if rate > STEEPEST:
            break
        cells = balanced({pair: math.exp(-rate * one) for pair, one in km.items()}, margin)
        miss = math.log(mean_haul(cells, km) / wanted)
        if abs(miss) < HAULED:
            return cells
        slope = (miss - before[1]) / (math.log(rate) - before[0]) or -0.5  # the first has none before it
        before = math.log(rate), miss
        rate *= math.exp(max(-1.0, min(1.0, -miss / slope)))
    raise ValueError(f"no rate gives a mean haul of {wanted:.1f} km: change mean_km, share or km inside zones")


def classes(book: Book, ways: shared.Ways) -> list[shared.Cells]:
    """Return the kt of each class of domestic freight, inside zones and between; together they have what is counted."""
    counted, km, parts, found = book["counted"], hauls(book, ways), masses(book), []
    mt = counted["mt"] - counted["foreign_mt"]
    bn_tkm = counted["bn_tkm"] - counted["foreign_mt"] * counted["foreign_km"] / 1000
    first, last = book["class"]
    rest = {"share": 1 - first["share"]}
    rest["mean_km"] = (bn_tkm / mt * 1000 - first["share"] * first["mean_km"]) / rest["share"]
    for one in (first, last | rest):
        margin = {zone: part * mt * one["share"] * 1000 for zone, part in parts[one["mass"]].items()}
        found.append(at_mean(km, margin, one["mean_km"]))
    return found


def domestic(book: Book, ways: shared.Ways) -> dict[str, shared.Cells]:
    """Return by total the kt between zones."""
    found: dict[str, shared.Cells] = {}
    for one, cells in zip(book["class"], classes(book, ways), strict=True):
        for pair, value in sorted(cells.items()):
            if pair[0] != pair[1]:
                part = "near" if set(pair) <= set(book["inside"]["near"]) else "far"
                found.setdefault(one["totals"][part], {})[pair] = value
    return found


def trade(
    book: Book, ways: shared.Ways, kt: Mapping[str, float], country: Mapping[str, str]
) -> dict[str, shared.Cells]:
    """Return by total the kt of trade and transit: gravity over pairs, each with a part in either direction."""
    home, places = masses(book)["people and product"], book["places"]
    zones = {zone: mass for zone, mass in home.items() if zone not in book["gravity"]["without"]}
    abroad = {code: {one: mass for one, mass in places.items() if country[one] == code} for code in country.values()}
    pairs = [(one["total"], abroad.get(one["country"], {}), zones, one["inward"]) for one in book["trade"]]
    for one in book["transit"]:
        sides = [{k: v for code in one[side] for k, v in abroad.get(code, {}).items()} for side in ("from", "to")]
        pairs.append((one["total"], *sides, one["onward"]))
    found = {}
    for total, starts, ends, part in pairs:
        cells = _gravity(starts, ends, kt[total], book, ways)
        if not cells:
            raise ValueError(f"{total}: no road joins its places; mend links.csv or road_freight.toml")
        found[total] = {
            pair: value * share
            for (start, end), value in cells.items()
            for pair, share in (((start, end), part), ((end, start), 1 - part))
        }
    return found


def _gravity(
    starts: Mapping[str, float], ends: Mapping[str, float], kt: float, book: Book, ways: shared.Ways
) -> shared.Cells:
    """Return the kt of pairs in both directions together, those left out given to the others, in proportion."""
    far = {(start, end): ways.km(start, end) for start in sorted(starts) for end in sorted(ends)}
    pull = {
        (start, end): starts[start] * ends[end] * km ** -book["gravity"]["gamma"]
        for (start, end), km in far.items()
        if 0 < km < math.inf
    }
    whole, smallest = sum(pull.values()), max(book["smallest_kt"], book["smallest_share"] * kt)
    kept = {pair: one for pair, one in pull.items() if one / whole * kt >= smallest or one == max(pull.values())}
    return {pair: one / sum(kept.values()) * kt for pair, one in kept.items()}


def millionths(cells: shared.Cells) -> Units:
    """Return the parts of cells in all of them, in whole millionths that add up (method of largest remainders)."""
    whole = sum(cells.values())
    exact = {pair: value / whole * WHOLE for pair, value in cells.items()}
    made = {pair: int(value + TIE) for pair, value in exact.items()}
    first = sorted(exact, key=lambda pair: -round((exact[pair] - made[pair]) / TIE))
    for pair in first[: WHOLE - sum(made.values())]:
        made[pair] += 1
    return made


def joined(units: Units, smallest: float, country: Mapping[str, str]) -> Units:
    """Return units without cells smaller than that, each put to the largest of its origin, the greater ones first.

    Where an origin has none, its cells go to the largest of its country; the first cell of a country without any
    becomes its largest.
    """
    kept = {pair: unit for pair, unit in units.items() if unit >= smallest}
    for pair in sorted((one for one in units if one not in kept), key=lambda one: -units[one]):
        same = [one for one in kept if one[0] == pair[0]]
        near = same or [one for one in kept if country[one[0]] == country[pair[0]]] or [pair]
        target = max(near, key=lambda one: kept.get(one, 0))
        kept[target] = kept.get(target, 0) + units[pair]
    return kept


def shares(book: Book, tables: Mapping[str, list[shared.Row]], year: int) -> dict[str, Units]:
    """Return by total the shares of pairs, in the order of totals.csv."""
    country = {row["node"]: row["country"] for row in tables["nodes"]}
    kt = {row["total"]: float(row["kt"]) for row in tables["totals"]}
    _check_names(book, country, kt)
    ways = roads(tables["links"], book["sea_factor"], year)
    cells = domestic(book, ways)
    for total, own in cells.items():
        if abs(sum(own.values()) / kt[total] - 1) > book["agreement"]:
            raise ValueError(
                f"road_freight.toml and links.csv give {sum(own.values()):.1f} kt of {total}, "
                f"totals.csv {kt[total]:g}: make them agree"
            )
        cells[total] = {pair: value for pair, value in own.items() if value >= book["smallest_kt"]}
    cells |= trade(book, ways, kt, country)
    return {
        total: joined(millionths(cells[total]), book["joined_kt"] / kt[total] * WHOLE, country)
        for total in kt
        if total in cells
    }


def totals_of(book: Book) -> dict[str, tuple[str, list[int], str]]:
    """Return the totals that this script divides, each with its commodity, prices and what its shares rest on."""
    found = {}
    for one in book["class"]:
        for part, total in one["totals"].items():
            found[total] = one["commodity"], one["price"][part], "entropy over zones"
    own = book["gravity"]
    for one in (*book["trade"], *book["transit"]):
        found[one["total"]] = own["commodity"], own["price"], "gravity by people and product"
    return found


def _check_names(book: Book, nodes: Iterable[str], kt: Iterable[str]) -> None:
    """Raise ValueError if a place or a total is in no table, or the parts of a region are not all of it."""
    for kind, names, known in (
        ("place", (*book["zones"], *book["places"]), set(nodes)),
        ("total", totals_of(book), set(kt)),
    ):
        for name in names:
            if name not in known:
                raise ValueError(f"{kind} {name} of road_freight.toml is not in {kind.replace('place', 'node')}s.csv")
    for region in book["regions"]:
        parts = sum(zone.get(region, 0) for zone in book["zones"].values())
        if abs(parts - 1) > 1e-9:
            raise ValueError(f"the zones of road_freight.toml have {parts:g} of region {region}, not 1")


def _parts(total: str, units: Units, book: Book) -> Iterator[tuple[shared.Pair, int, bool]]:
    """Yield pairs with their millionths, in two rows where some shippers avoid a country."""
    own = book["avoiding"]
    for pair, unit in units.items():
        part = round(unit * own["part"]) if total in own["totals"] else 0
        yield pair, unit - part, False
        if part:
            yield pair, part, True


def rows_of(book: Book, found: Mapping[str, Units]) -> tuple[list[shared.Row], list[shared.Row]]:
    """Return the rows of splits.csv and those of provenance.csv."""
    splits: list[shared.Row] = []
    provenance: list[shared.Row] = []
    own, about = book["avoiding"], totals_of(book)
    for total, units in found.items():
        commodity, (price, low, high), ground = about[total]
        for (start, end), unit, avoiding in _parts(total, units, book):
            split = (
                "-".join((f"{start}-{end}:{commodity}:avoid", *own["avoid"]))
                if avoiding
                else f"{start}-{end}:{commodity}"
            )
            row = {"total": total, "split": split, "origin": start, "destination": end, "commodity": commodity}
            row |= {"share": f"{(Decimal(unit) / WHOLE).normalize():f}", "reservation_usd_per_t": str(price)}
            splits.append(row | {"avoid": ";".join(own["avoid"]) if avoiding else ""})
            source, note = (own["source"], own["note"]) if avoiding else (book["source"], ground)
            provenance += shared.stated(
                row, "assumed", (book["band"][0], book["band"][1]), source, note, (str(low), str(high))
            )
    return splits, provenance


def make(folder: Path) -> dict[str, str]:
    """Return the texts of splits.csv and provenance.csv that road_freight.toml and links.csv ask for."""
    book = tomllib.loads((folder / "road_freight.toml").read_text(encoding="utf-8"))
    dictionary = json.loads((folder / "datapackage.json").read_text(encoding="utf-8-sig"))
    names = ("totals", "nodes", "links", "splits", "provenance")
    tables = {name: shared.read(folder / f"{name}.csv") for name in names}
    splits, provenance = rows_of(book, shares(book, tables, int(dictionary["base_year"])))
    return shared.renewed(tables, splits, provenance, totals_of(book).__contains__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives 0, 1 if a check found a difference, 2 if a table is wrong."""
    return shared.run(Path(__file__), "freight on lorries", make, arguments)


if __name__ == "__main__":
    sys.exit(main())
