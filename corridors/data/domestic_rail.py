"""Make the shares of domestic rail freight in splits.csv: coal by pit and power plant, ores, oil products, grain.

    python corridors/data/domestic_rail.py            renew the rows of totals rail_dom_* in the folder of this script
    python corridors/data/domestic_rail.py DIR        renew them in another data package
    python corridors/data/domestic_rail.py --check    say whether the rows are what their sources give; exit 1 if not

Domestic freight is published by goods, not by pairs of stations. domestic_rail.toml holds what is known or judged:
pairs of a chain of works, and margins. Margins are laid over pairs by entropy, T_ij = A_i O_i B_j D_j exp(-d_ij / L),
with A and B from alternate balancing (Sinkhorn; Wilson, Entropy in Urban and Regional Modelling, 1970) and d the
shortest way by rail within the country in the base year. No count of a line or of a frontier is used. Reads
domestic_rail.toml, totals.csv, links.csv, splits.csv, provenance.csv and datapackage.json; writes splits.csv and
provenance.csv. Run demand.py after it. Only the standard library and freight_shares.py beside it.
"""

from __future__ import annotations

import json
import math
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridors.data import freight_shares as shared
else:
    import freight_shares as shared  # beside this script, which runs without being installed

PREFIX, SOURCE = "rail_dom_", "rail_od_script"
ROUNDS = 400  # of balancing; the margins are then met to less than a tonne
RESERVATION = {"coal": 200, "ores_metals": 300, "grain": 300, "oil_products": 250, "other_bulk": 250}  # USD/t, assumed
NOTHING_KT = 0.5  # what balancing leaves of a cell that its margins do not need
PLACES = Decimal("1e-12")
BANDS = {"derived": ("0.8", "1.25"), "known": ("0.6", "1.5"), "split": ("0.4", "2.0")}  # times the share


class Distances(shared.Ways):
    """Shortest ways by rail within the country, km, in the base year."""

    def __init__(self, links: Iterable[Mapping[str, str]], home: str, year: int) -> None:
        super().__init__(
            (row["from_node"], row["to_node"], float(row["km"]))
            for row in links
            if row["mode"] == "rail" and row["country"] == home and int(row["year_open"] or year) <= year
        )


def masses(side: Mapping[str, Any], book: Mapping[str, Any]) -> dict[str, float]:
    """Return the weight of each station of a margin: as listed, or people times a factor of the region."""
    if "factor" not in side:
        return {name: float(weight) for name, weight in side.items()}
    found: dict[str, float] = {}
    for region, factor in book["factors"][side["factor"]].items():
        stations = book["regions"][region]["stations"]
        if side["main_station_only"]:
            stations = {max(stations, key=stations.__getitem__): 1.0}
        for name, share in stations.items():
            found[name] = found.get(name, 0.0) + book["regions"][region]["people"] * factor * share
    for name, weight in side.get("plus", {}).items():
        found[name] = found.get(name, 0.0) + weight
    return found


def balanced(cells: shared.Cells, margins: tuple[dict[str, float], dict[str, float]]) -> shared.Cells:
    """Return cells scaled so that they have the margins, by turns over origins and destinations."""
    made = dict(cells)
    for _ in range(ROUNDS):
        for side, margin in enumerate(margins):
            sums: dict[str, float] = {}
            for pair, value in made.items():
                sums[pair[side]] = sums.get(pair[side], 0.0) + value
            made = {pair: value * margin[pair[side]] / sums[pair[side]] for pair, value in made.items()}
    return made


def spread(block: Mapping[str, Any], book: Mapping[str, Any], ways: Distances) -> shared.Cells:
    """Return the cells of a block of margins, kt; small ones are left out, but the largest of each station."""
    sides = []
    for name in ("origins", "destinations"):
        weights = masses(block[name], book)
        whole = sum(weights.values())
        sides.append({station: weight / whole * block["kt"] for station, weight in weights.items()})
    margins = (sides[0], sides[1])
    seed: shared.Cells = {}
    for start in margins[0]:
        for end in margins[1]:
            km = ways.km(start, end)
            if block["nearest_km"] <= km < math.inf:
                seed[start, end] = math.exp(-km / block["length_km"])
    first = balanced(seed, margins)
    kept = {pair for pair, value in first.items() if value >= book["smallest_kt"]}
    for side in (0, 1):
        for station in margins[side]:
            own = [pair for pair in first if pair[side] == station]
            if own and kept.isdisjoint(own):
                kept.add(max(own, key=lambda pair: (first[pair], pair)))
    made = balanced({pair: value for pair, value in seed.items() if pair in kept}, margins)
    made = {pair: value for pair, value in made.items() if value >= NOTHING_KT}
    whole = sum(made.values())
    return {pair: value * block["kt"] / whole for pair, value in made.items()}


def known(block: Mapping[str, Any]) -> list[tuple[shared.Pair, float, str]]:
    """Return the pairs of a block with their kt and status: fixed ones as they are, the others scaled to its total."""
    fixed = sum(one["kt"] for one in block["pairs"] if one.get("fixed"))
    free = sum(one["kt"] for one in block["pairs"] if not one.get("fixed"))
    scale = (block["kt"] - fixed) / free if free else 1.0
    return [
        ((one["from"], one["to"]), one["kt"] * (1.0 if one.get("fixed") else scale), one.get("status", "assumed"))
        for one in block["pairs"]
    ]


def shares(book: Mapping[str, Any], ways: Distances) -> dict[str, dict[tuple[str, str, str], tuple[Decimal, str, str]]]:
    """Return by total, and by origin, destination and commodity: the share, what it rests on, and its blocks."""
    kt: dict[str, dict[tuple[str, str, str], float]] = {}
    rests: dict[tuple[str, str, str, str], set[str]] = {}
    blocks: dict[tuple[str, str, str, str], set[str]] = {}
    parts = [
        (block, [(pair, value, "split") for pair, value in spread(block, book, ways).items()])
        for block in book["split"]
    ]
    parts += [
        (block, [(p, v, "derived" if s == "derived" else "known") for p, v, s in known(block)])
        for block in book["known"]
    ]
    for block, cells in parts:
        for pair, value, ground in cells:
            key = (*pair, str(block["commodity"]))
            own = kt.setdefault(block["total"], {})
            own[key] = own.get(key, 0.0) + value
            rests.setdefault((block["total"], *key), set()).add(ground)
            blocks.setdefault((block["total"], *key), set()).add(block["block"])
    found: dict[str, dict[tuple[str, str, str], tuple[Decimal, str, str]]] = {}
    for total in sorted(kt):
        whole = sum(kt[total].values())
        part = {key: (Decimal(value) / Decimal(whole)).quantize(PLACES) for key, value in sorted(kt[total].items())}
        largest = max(part, key=lambda key: (part[key], key))
        part[largest] += 1 - sum(part.values())
        found[total] = {
            key: (
                share,
                next(one for one in ("split", "known", "derived") if one in rests[(total, *key)]),
                "; ".join(sorted(blocks[(total, *key)])),
            )
            for key, share in part.items()
        }
    return found


def rows_of(book: Mapping[str, Any], ways: Distances) -> tuple[list[shared.Row], list[shared.Row]]:
    """Return the rows of splits.csv and those of provenance.csv."""
    splits: list[shared.Row] = []
    provenance: list[shared.Row] = []
    for total, part in shares(book, ways).items():
        for (start, end, commodity), (share, ground, blocks) in part.items():
            split, price = f"{start}-{end}:{commodity}", RESERVATION[commodity]
            row = {"total": total, "split": split, "origin": start, "destination": end, "commodity": commodity}
            row |= {"share": f"{share.normalize():f}", "reservation_usd_per_t": str(price), "avoid": ""}
            splits.append(row)
            status, prices = "derived" if ground == "derived" else "assumed", (str(price * 2 // 3), str(price * 3 // 2))
            provenance += shared.stated(row, status, BANDS[ground], SOURCE, blocks, prices)
    return splits, provenance


def make(folder: Path) -> dict[str, str]:
    """Return the texts of splits.csv and provenance.csv that domestic_rail.toml and links.csv ask for."""
    book = tomllib.loads((folder / "domestic_rail.toml").read_text(encoding="utf-8"))
    dictionary = json.loads((folder / "datapackage.json").read_text(encoding="utf-8-sig"))
    tables = {name: shared.read(folder / f"{name}.csv") for name in ("totals", "links", "splits", "provenance")}
    wanted: dict[str, float] = {}
    for block in (*book["known"], *book["split"]):
        wanted[block["total"]] = wanted.get(block["total"], 0.0) + block["kt"]
    for row in tables["totals"]:
        if row["total"].startswith(PREFIX) and abs(float(row["kt"]) - wanted.get(row["total"], 0.0)) > 1:
            raise ValueError(
                f"domestic_rail.toml has {wanted.get(row['total'], 0.0):g} kt of {row['total']}, "
                f"totals.csv {row['kt']}: make them agree"
            )
    ways = Distances(tables["links"], dictionary["home_country"], int(dictionary["base_year"]))
    splits, provenance = rows_of(book, ways)
    return shared.renewed(tables, splits, provenance, lambda total: total.startswith(PREFIX))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives 0, 1 if a check found a difference, 2 if a table is wrong."""
    return shared.run(Path(__file__), "domestic rail freight", make, arguments)


if __name__ == "__main__":
    sys.exit(main())
