"""Ways in which somebody may change a plan folder, each by its name, and what makes the digests fit again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corridors.planning.planner import DIGESTS, SUMMARY, digest_of

type Rows = list[dict[str, str]]
type Tampering = Callable[[Path], None]


def fix_digests(folder: Path) -> None:
    """Make every digest that of the file as it is now, as a careful forger does."""
    file = folder / SUMMARY
    summary = json.loads(file.read_text(encoding="utf-8"))
    digests = summary.pop(DIGESTS)
    for name in digests:
        if name != SUMMARY:
            digests[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    digests[SUMMARY] = digest_of(summary, digests)
    file.write_text(json.dumps({**summary, DIGESTS: digests}, indent=2, ensure_ascii=False), encoding="utf-8")


def table(name: str, change: Callable[[Rows], Any]) -> Tampering:
    """Change the rows of a table."""

    def tamper(folder: Path) -> None:
        file = folder / f"{name}.csv"
        reader = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
        columns, lines = list(reader.fieldnames or ()), list(reader)
        change(lines)
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)

    return tamper


def cell(name: str, column: str, change: Callable[[str], str] | str, **where: str) -> Tampering:
    """Change a cell of the first row that is where it should be, and has something in the column."""

    def one(lines: Rows) -> None:
        row = next(r for r in lines if r[column] and all(r[key] == value for key, value in where.items()))
        row[column] = change if isinstance(change, str) else change(row[column])

    return table(name, one)


def of_cut(change: Callable[[str], str]) -> Tampering:
    """Change the values of the first reason that names full resources."""
    return cell("unserved", "reason_values", change, reason="capacity_full")


def times(factor: float) -> Callable[[str], str]:
    return lambda cell: repr(float(cell) * factor)


def summary(**changes: Any) -> Tampering:
    """Change figures of the summary: to a value, or by a function of what is there."""

    def tamper(folder: Path) -> None:
        file = folder / SUMMARY
        read = json.loads(file.read_text(encoding="utf-8"))
        for name, change in changes.items():
            inner = read
            *outer, last = name.split("__")
            for part in outer:
                inner = inner[part]
            inner[last] = change(inner[last]) if callable(change) else change
        file.write_text(json.dumps(read, indent=2, ensure_ascii=False), encoding="utf-8")

    return tamper


def both(*tamperings: Tampering) -> Tampering:
    def tamper(folder: Path) -> None:
        for one in tamperings:
            one(folder)

    return tamper


def content(name: str, change: Callable[[bytes], bytes]) -> Tampering:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes())) and None  # type: ignore[func-returns-value]


def swap(lines: Rows) -> None:
    lines[0], lines[1] = lines[1], lines[0]


def swap_cells(column: str) -> Callable[[Rows], None]:
    def change(lines: Rows) -> None:
        other = next(line for line in lines if line[column] != lines[0][column])
        lines[0][column], other[column] = other[column], lines[0][column]

    return change


def half_and_half(lines: Rows) -> None:
    """Move freight between two routes of one demand, so that every demand still balances."""
    lines[0]["kt"] = repr(float(lines[0]["kt"]) / 2)
    lines.insert(1, dict(lines[0]))


def as_link(folder: Path) -> None:
    outside = folder.parent / "elsewhere.csv"
    shutil.move(folder / "flows.csv", outside)
    (folder / "flows.csv").symlink_to(outside)


def as_pipe(folder: Path) -> None:
    (folder / "routes.csv").unlink()
    os.mkfifo(folder / "routes.csv")


def as_folder(folder: Path) -> None:
    (folder / "usage.csv").unlink()
    (folder / "usage.csv").mkdir()


def lie_everywhere(folder: Path) -> None:
    """Serve ten times the freight in the summary and in every table, as evenly as can be."""
    for name in ("flows", "handlings", "usage", "routes"):
        table(name, lambda lines: [line.update(kt=repr(float(line["kt"]) * 10)) for line in lines])(folder)
    summary(kt_served=lambda kt: kt * 10, kt_demanded=lambda kt: kt * 10, t_km=lambda t: t * 10)(folder)


FULL = {"resource": "rail:MIDTOWN-LANDING"}  # of the plan that is tampered with: the only resource with a price


# name: what is done. Each is tried as it is, and again with digests that fit.
def raise_low_ends(lines: Rows) -> None:
    """Put the high end of the price of what is full in the place of its low end."""
    for line in lines:
        if line["resource"] in FULL.values():
            line["shadow_price_low"] = line["shadow_price_high"]


def double_prices(lines: Rows) -> None:
    """Double every price of what is full, and what follows from it."""
    for line in lines:
        for column in line:
            if line[column] and (column.startswith("shadow_price") or column == "usd_per_percent"):
                line[column] = repr(2 * float(line[column]))


TAMPERINGS: dict[str, Tampering] = {
    "kt served": summary(kt_served=lambda kt: kt * 10),
    "kt left": summary(kt_unserved=0.0),
    "kt demanded": summary(kt_demanded=lambda kt: kt + 1),
    "objective": summary(objective_value=lambda usd: usd * 0.9),
    "objective in USD": summary(objective_usd=lambda usd: usd * 0.9),
    "bound": summary(bound_value=lambda usd: usd * (1 - 1e-8)),
    "bound far above": summary(bound_value=lambda usd: usd * 5),
    "objective and bound": summary(objective_value=lambda usd: usd * 0.99, bound_value=lambda usd: usd * 0.99),
    "gap": summary(gap=0.3),
    "status": summary(status="feasible"),
    "unknown status": summary(status="proven"),
    "capacity residual": summary(certificate__capacity_residual=9e9),
    "demand residual": summary(certificate__demand_residual=0.5),
    "emissions": summary(t_co2e=lambda t: t / 2),
    "freight work": summary(t_km=lambda t: t * 1.001),
    "freight bill": summary(usd_freight=lambda usd: usd - 1e3),
    "hours": summary(hours_mean=1.0),
    "days": summary(days_mean=1.0),
    "trade": summary(kt_by_trade__transit=lambda kt: kt + 100),
    "mode": summary(modes__rail__mtkm=lambda work: work * 2),
    "a mode that is not there": summary(modes__balloon={"kt_mainly": 1.0, "mtkm": 1.0, "mtkm_at_home": 0.0}),
    "another objective": summary(objective="cost"),
    "carbon price": summary(carbon_price=50.0),
    "co2 budget": summary(co2_budget=1e9),
    "minimum share": summary(minimum_share={"MIDTOWN": 0.01}),
    "share that is text": summary(minimum_share={"MIDTOWN": "much"}),
    "year": summary(year=2027),
    "running": summary(running="best"),
    "data digest": summary(data_digest="0" * 64),
    "scenario": summary(scenario="something"),
    "scenarios": summary(scenarios=[{"name": "x", "digest": "0"}]),
    "home country": summary(home_country="BBB"),
    "size": summary(size__arcs=7),
    "unit": summary(unit="EUR"),
    "version that is a number": summary(versions__corridors=1),
    "no version": summary(versions={}),
    "seconds that are text": summary(seconds={"solving": "long"}),
    "control character in a version": summary(versions__corridors="1\x1b[2J"),
    "control character in a name": summary(minimum_share={"\x1b[2J": 0.1}),
    "nested lists": summary(scenarios=[[[[[[[[[[]]]]]]]]]]),
    "a figure that none has": summary(kt_saved=1e6),
    "huge number": summary(kt_served=10**400),
    "true for a number": summary(kt_served=True),
    "NaN": content(SUMMARY, lambda text: text.replace(b'"kt_served": ', b'"kt_served": NaN, "was": ', 1)),
    "infinity": content(SUMMARY, lambda text: text.replace(b'"gap": ', b'"gap": 1e999, "was": ', 1)),
    "a name twice": content(SUMMARY, lambda text: text.replace(b'"gap": ', b'"gap": 0.0, "gap": ', 1)),
    "flow": cell("flows", "kt", times(1 + 1e-9)),
    "flow's length": cell("flows", "km", times(2)),
    "flow's link": cell("flows", "link", "rail:X"),
    "flow turned round": table(
        "flows", lambda lines: lines[0].update(from_node=lines[0]["to_node"], to_node=lines[0]["from_node"])
    ),
    "flow's resources": cell("flows", "resources", ""),
    "flows swapped": table("flows", swap),
    "flow dropped": table("flows", lambda lines: lines.pop()),
    "flow repeated": table("flows", lambda lines: lines.append(dict(lines[-1]))),
    "handling": cell("handlings", "kt", times(1.5)),
    "handling's place": cell("handlings", "node", "MIDTOWN"),
    "handling dropped": table("handlings", lambda lines: lines.pop(0)),
    "handling's gauge": cell("handlings", "from_gauge_mm", "1000"),
    "usage": cell("usage", "kt", times(0.5)),
    "usage per kt": cell("usage", "units_per_kt", times(0.5)),
    "usage's units": cell("usage", "units", times(0.5)),
    "usage dropped": table("usage", lambda lines: lines.pop()),
    "overflow": cell("routes", "kt", "1e308"),
    "route's kt": cell("routes", "kt", times(0.5)),
    "route's kt a little": cell("routes", "kt", times(1 + 1e-7)),
    "route's demand": cell("routes", "demand", "grain:export"),
    "unknown demand": cell("routes", "demand", "nobody"),
    "demand that moves a terminal": cell("routes", "demand", "\x1b[2Jx"),
    "demand over two lines": cell("routes", "demand", "a\nb"),
    "resource over two lines": cell("bottlenecks", "resource", "a\nb"),
    "route's km": cell("routes", "km", times(0.9)),
    "route's hours": cell("routes", "hours", times(0.9)),
    "route's money": cell("routes", "usd_per_t", times(0.9)),
    "route's cost": cell("routes", "generalised_usd_per_t", times(0.9)),
    "route's emissions": cell("routes", "kgco2e_per_t", times(0.9)),
    "route's nodes": cell("routes", "nodes", "HARBOUR > LANDING"),
    "route's modes": cell("routes", "modes", "air"),
    "route's steps": cell("routes", "steps", "load:rail"),
    "route's links": cell("routes", "links", "rail:X"),
    "route's commodity": cell("routes", "commodity", "gold"),
    "routes swapped": table("routes", swap),
    "kt swapped between routes": table("routes", swap_cells("kt")),
    "route dropped": table("routes", lambda lines: lines.pop()),
    "route repeated": table("routes", lambda lines: lines.append(dict(lines[-1]))),
    "route cut in two": table("routes", half_and_half),
    "negative flow": cell("routes", "kt", lambda kt: "-" + kt),
    "corridor's kt": cell("corridors", "kt", times(3), corridor="R1"),
    "corridor's work": cell("corridors", "mtkm", times(3), corridor="R1"),
    "corridor's use": cell("corridors", "utilisation", "0.01"),
    "corridor's price": cell("corridors", "shadow_price_usd_per_t", "77"),
    "corridor's name": cell("corridors", "name_en", "The golden road"),
    "corridors swapped": table("corridors", swap),
    "capacity": cell("bottlenecks", "capacity", times(2), **FULL),
    "used": cell("bottlenecks", "used", times(0.5), **FULL),
    "utilisation": cell("bottlenecks", "utilisation", "0.2", **FULL),
    "price": cell("bottlenecks", "shadow_price", times(1.2), **FULL),
    "low end above": cell("bottlenecks", "shadow_price_low", times(3), **FULL),
    "low end below nothing": cell("bottlenecks", "shadow_price_low", "-7", **FULL),
    "low end too low": cell("bottlenecks", "shadow_price_low", times(0.5), **FULL),
    "high end": cell("bottlenecks", "shadow_price_high", "123e9", **FULL),
    "low end is the high one": table("bottlenecks", raise_low_ends),
    "all prices twice": table("bottlenecks", double_prices),
    "worth of one per cent": cell("bottlenecks", "usd_per_percent", times(10), **FULL),
    "where": cell("bottlenecks", "where", "Nowhere", **FULL),
    "status of a capacity": table("bottlenecks", lambda lines: lines[0].update(status="observed\x1b[31m")),
    "bottlenecks swapped": table("bottlenecks", swap),
    "idle bottlenecks swapped": table("bottlenecks", lambda lines: lines.append(lines.pop(-4))),
    "bottleneck dropped": table("bottlenecks", lambda lines: lines.pop(0)),
    "bottleneck repeated": table("bottlenecks", lambda lines: lines.append(dict(lines[0]))),
    "unknown resource": cell("bottlenecks", "resource", "rail:NOWHERE"),
    "kt left of a demand": cell("unserved", "kt", times(0.5)),
    "why": cell("unserved", "why", "nobody wanted it"),
    "reason": cell("unserved", "reason", "no_path"),
    "reason that is none": cell("unserved", "reason", "nobody_wanted_it"),
    "no reason": table("unserved", lambda lines: lines[0].update(reason="", reason_values="")),
    "another sound reason": table(
        "unserved",
        lambda lines: lines[0].update(reason="scarcity_above_reservation_price", reason_values="price=100|unit=USD"),
    ),
    "resource of a reason": of_cut(lambda text: text.replace("rail:", "road:")),
    "amount of a reason": of_cut(lambda text: text.replace("mt=", "mt=1")),
    "figure of a reason that is none": of_cut(lambda text: text.replace("mt=", "mt=many")),
    "what is full": table(
        "unserved", lambda lines: [line.update(why=line["why"].replace(" Mt, full", "9 Mt, full")) for line in lines]
    ),
    "left dropped": table("unserved", lambda lines: lines.pop()),
    "left repeated": table("unserved", lambda lines: lines.append(dict(lines[0]))),
    "text for a number": cell("flows", "kt", "much"),
    "formula": cell("flows", "kt", "=1+1"),
    "NaN in a table": cell("flows", "kt", "nan"),
    "infinity in a table": cell("routes", "kt", "inf"),
    "400 digits": cell("routes", "kt", "9" * 400),
    "digits of another script": cell("routes", "kt", "\u0661\u0662"),
    "blank for a number": cell("flows", "kt", ""),
    "renamed column": content("usage.csv", lambda text: text.replace(b"units_per_kt", b"units_a_kt", 1)),
    "added column": content("flows.csv", lambda text: text.replace(b"\n", b",more\n")),
    "swapped columns": content("corridors.csv", lambda text: text.replace(b"mean_kt,kt", b"kt,mean_kt", 1)),
    "ragged row": content("flows.csv", lambda text: text + b"1,2,3\n"),
    "control character": cell("unserved", "why", lambda why: why + "\x1b[2J"),
    "NUL": content("routes.csv", lambda text: text + b"\0"),
    "not UTF-8": content("routes.csv", lambda text: text.replace(b"rail", b"r\xffil", 1)),
    "quotation mark": content("routes.csv", lambda text: text + b'"'),
    "empty table": content("routes.csv", lambda _: b""),
    "no rows": content("routes.csv", lambda text: text.splitlines(keepends=True)[0]),
    "dictionary": content("datapackage.json", lambda text: text.replace(b"kt/year", b"t/year")),
    "no dictionary": content("datapackage.json", lambda _: b"{}"),
    "deep JSON": content("datapackage.json", lambda _: b"[" * 100_000),
    "a lie in every place": lie_everywhere,
    "link": as_link,
    "pipe": as_pipe,
    "folder for a file": as_folder,
}
# What cannot be had with a fitting digest: files that are none, and JSON that reading it puts right.
NO_DIGEST = ("link", "pipe", "folder for a file", "a name twice")
