"""Make demand.csv: divide control totals into yearly freight between places, with the sources of each figure.

    python corridors/data/demand.py            make demand.csv in the folder of this script
    python corridors/data/demand.py DIR        make it in another data package
    python corridors/data/demand.py --check    say whether demand.csv is what its sources give; exit 1 if not

Freight between places is not published; totals are. Each row of splits.csv is a share of a row of totals.csv,
and kt = total x share in exact decimals, so the rows of a total add up to it. A total without shares is an
observed flow that a plan is held against. A figure that rests on an assumption is assumed; its range is the
product of its factors' ranges. Reads datapackage.json, totals.csv, splits.csv and provenance.csv; writes
demand.csv and the rows of provenance.csv for table `demand`, both or neither. Only the standard library.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

STATUSES = ("assumed", "estimated", "calibrated", "recalled", "derived")  # weakest first, none observed
TOLERANCE = Decimal("1e-9")  # by which the shares of a total may miss 1

type Row = dict[str, str]
type Origins = dict[tuple[str, str, str], Row]  # by table, key, column


class DemandError(ValueError):
    """A table that the demand is made from is missing or wrong, or a file cannot be written."""


def make(folder: Path) -> dict[str, str]:
    """Return the texts of demand.csv and provenance.csv that the other tables of `folder` ask for.

    Raises
    ------
    DemandError
        If a table or a number is missing or wrong, or the shares of a total do not add up to 1.
    """
    try:
        dictionary = json.loads(_ordinary(folder / "datapackage.json").read_text(encoding="utf-8-sig"))
        fields = {table["name"]: table["schema"]["fields"] for table in dictionary["resources"]}
        totals = {row["total"]: row for row in _read(folder, "totals")}
        splits, provenance = _read(folder, "splits"), _read(folder, "provenance")
        rests_on = {(row["table"], row["key"], row["column"]): row for row in provenance}
        _check(totals, splits)
        demand, own = [], []
        for split in splits:
            row, notes = _divide(totals[split["total"]], split, str(dictionary["base_year"]), rests_on)
            demand.append(row)
            own += notes
        at = max((i for i, r in enumerate(provenance, 1) if r["table"] in {"splits", "demand"}), default=0)
        before, after = ([r for r in p if r["table"] != "demand"] for p in (provenance[:at], provenance[at:]))
        made = {"demand": demand, "provenance": [*before, *own, *after]}
        return {f"{name}.csv": _text([f["name"] for f in fields[name]], rows) for name, rows in made.items()}
    except KeyError as error:
        raise DemandError(f"a table, a column or a row of provenance is missing: {error}.") from error
    except DemandError:
        raise
    except (OSError, csv.Error, ValueError, RecursionError) as error:
        raise DemandError(f"a table cannot be read: {error}.") from error


def _read(folder: Path, table: str) -> list[Row]:
    with _ordinary(folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, restval=""))


def _ordinary(path: Path) -> Path:
    """See that a path is no named pipe, which would never end, and no device."""
    if path.exists() and not path.is_file():
        raise DemandError(f"{path} is no ordinary file.")
    return path


def _text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _number(text: str, where: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or number < 0:
        raise DemandError(f"{where}: '{text}' is not a number of 0 or more.")
    return number


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _check(totals: dict[str, Row], splits: Sequence[Row]) -> None:
    whole: dict[str, Decimal] = {}
    seen = set()
    for split in splits:
        total, key = split["total"], f"{split['total']}|{split['split']}"
        if total not in totals:
            raise DemandError(f"splits.csv, {key}: there is no total '{total}' in totals.csv.")
        if key in seen:
            raise DemandError(f"splits.csv, {key}: the row occurs twice.")
        seen.add(key)
        whole[total] = whole.get(total, Decimal(0)) + _number(split["share"], f"splits.csv, {key}, share")
    for total, shares in whole.items():
        if abs(shares - 1) > TOLERANCE:
            raise DemandError(f"splits.csv: the shares of '{total}' add up to {_plain(shares)}, not to 1.")


def _divide(total: Row, split: Row, year: str, rests_on: Origins) -> tuple[Row, list[Row]]:
    """Return the demand row of a split, and the rows of provenance of its numbers."""
    key, name = f"{split['total']}|{split['split']}", f"{split['total']}:{split['split']}"
    kt, share = _number(total["kt"], f"totals.csv, {total['total']}, kt"), Decimal(split["share"])
    row = {**split, "demand": name, "kt": _plain(kt * share), "year": year}
    whole, part = rests_on["totals", total["total"], "kt"], rests_on["splits", key, "share"]
    weakest = next((s for s in STATUSES if s in {whole["status"], part["status"]}), "derived")
    ends = {}
    for end in ("low", "high"):
        where = f"provenance.csv, {key}, {end}"
        product = _number(whole[end] or str(kt), where) * _number(part[end] or str(share), where)
        ends[end] = _plain(product) if whole[end] or part[end] else ""
    note = "total x share" if total["year"] == year else f"total x share; the total is of {total['year']}"
    base = {"status": "derived", "low": "", "high": "", "note": "base year of the data package"}
    columns = {
        "kt": {"status": weakest, **ends, "source": part["source"], "note": note},
        "reservation_usd_per_t": rests_on["splits", key, "reservation_usd_per_t"],
        "year": {**base, "source": whole["source"]},
    }
    return row, [{**r, "table": "demand", "key": name, "column": column} for column, r in columns.items()]


def save(folder: Path, texts: dict[str, str]) -> None:
    """Write the texts to files of `folder`: all of them, or, if one cannot be written, none."""
    drafts = {folder / name: folder / f"{name}.part" for name in texts}
    old = {path: path.read_bytes() for path in drafts if path.exists()}
    try:
        for path, draft in drafts.items():
            draft.write_bytes(texts[path.name].encode("utf-8"))
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        for path in drafts:
            if path not in old:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != old[path]:
                path.write_bytes(old[path])
        raise DemandError(f"nothing was changed, for a file cannot be written: {error}.") from error
    finally:
        for draft in drafts.values():
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives 0, 1 if a check found a difference, 2 if a table is wrong."""
    parser = argparse.ArgumentParser(description="Make demand.csv from totals.csv and splits.csv.")
    here = Path(__file__).resolve().parent
    parser.add_argument("folder", nargs="?", type=Path, default=here, metavar="DIR", help="the data package")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if demand.csv is stale")
    chosen = parser.parse_args(arguments)
    folder: Path = chosen.folder
    try:
        texts = make(folder)
        held = {name: (folder / name).read_bytes() if (folder / name).exists() else None for name in texts}
        stale = [name for name, text in texts.items() if held[name] != text.encode("utf-8")]
        if not chosen.check:
            save(folder, texts)
    except DemandError as error:
        print(f"demand.py: {error}", file=sys.stderr)
        return 2
    if chosen.check and stale:
        print(f"{' and '.join(stale)}: not what totals.csv and splits.csv give; run demand.py to renew it.")
        return 1
    print("demand.csv is what totals.csv and splits.csv give.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
