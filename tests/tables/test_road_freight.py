"""The shares of lorry freight are what their script makes of margins, mean hauls, gravity and lengths of roads."""

from __future__ import annotations

import csv
import shutil
import tomllib
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from beside_data import DATA, loaded, read, run

TABLES = ("totals.csv", "nodes.csv", "links.csv", "splits.csv", "provenance.csv")
LINE = {"mode": "road", "year_open": ""}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return loaded("road_freight", monkeypatch)


@pytest.fixture
def book() -> dict[str, Any]:
    return tomllib.loads((DATA / "road_freight.toml").read_text(encoding="utf-8"))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in ("datapackage.json", "road_freight.toml", *TABLES):
        shutil.copy(DATA / name, tmp_path)
    return tmp_path


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        out = csv.DictWriter(lines, rows[0], lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def test_the_script_makes_the_committed_rows_byte_for_byte(package: Path, book: dict[str, Any]) -> None:
    gone = {"road_dom_bulk", "road_kz_rus", "road_tr_ca"}
    write(package / "splits.csv", [row for row in read(package / "splits.csv") if row["total"] not in gone])
    done = run("road_freight", package)
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("splits.csv", "provenance.csv"):
        assert (package / name).read_bytes() == (DATA / name).read_bytes(), name
    assert run("road_freight", "--check", package).returncode == 0


def test_the_check_finds_a_share_that_was_changed_and_mends_nothing(package: Path) -> None:
    rows = read(package / "splits.csv")
    row = next(row for row in rows if row["split"] == "MINSK-ALMATY:general")
    row["share"] = "0.096214"
    write(package / "splits.csv", rows)
    before = (package / "splits.csv").read_bytes()
    done = run("road_freight", "--check", package)
    assert done.returncode == 1
    assert done.stdout.startswith("splits.csv: not what")
    assert (package / "splits.csv").read_bytes() == before


def test_the_order_of_rows_in_the_tables_read_changes_no_share(package: Path) -> None:
    for name in ("links.csv", "nodes.csv"):
        rows = read(package / name)
        write(package / name, sorted(rows, key=lambda row: zlib.crc32(repr(row).encode())))
    assert run("road_freight", "--check", package).returncode == 0


def test_all_tonnes_have_the_counted_mean_haul_and_each_zone_its_margin(
    script: ModuleType, book: dict[str, Any]
) -> None:
    ways = script.roads(read(DATA / "links.csv"), book["sea_factor"], 2024)
    classes = script.classes(book, ways)
    km, counted = script.hauls(book, ways), book["counted"]
    kt = sum(sum(cells.values()) for cells in classes)
    kt_km = sum(value * km[pair] for cells in classes for pair, value in cells.items())
    assert kt / 1000 + counted["foreign_mt"] == pytest.approx(counted["mt"], rel=1e-9)
    abroad = counted["foreign_mt"] * counted["foreign_km"] / 1000
    assert kt_km / 1e6 + abroad == pytest.approx(counted["bn_tkm"], rel=1e-9)
    for cells, one in zip(classes, book["class"], strict=True):
        mass, made = script.masses(book)[one["mass"]], sum(cells.values())
        for side in (0, 1):
            for zone, part in mass.items():
                own = sum(value for pair, value in cells.items() if pair[side] == zone)
                assert own / made == pytest.approx(part, rel=1e-9), (one["commodity"], zone)


def test_domestic_cells_have_the_form_of_least_information(script: ModuleType) -> None:
    places = {"P": 0, "Q": 100, "R": 400}
    km = {(one, two): float(abs(places[one] - places[two]) or 20) for one in places for two in places}
    cells = script.at_mean(km, {"P": 500.0, "Q": 300.0, "R": 200.0}, 90.0)

    def rate(one: str, two: str) -> float:
        odds = cells[one, one] * cells[two, two] / (cells[one, two] * cells[two, one])
        return float(script.math.log(odds)) / (km[one, two] + km[two, one] - km[one, one] - km[two, two])

    assert script.mean_haul(cells, km) == pytest.approx(90)
    assert rate("P", "Q") == pytest.approx(rate("Q", "R"))
    assert rate("P", "Q") == pytest.approx(rate("P", "R"))


def test_a_mean_haul_that_no_matrix_has_is_refused(script: ModuleType) -> None:
    km = {("P", "P"): 20.0, ("P", "Q"): 100.0, ("Q", "P"): 100.0, ("Q", "Q"): 20.0}
    with pytest.raises(ValueError, match=r"mean haul of 10\.0 km"):
        script.at_mean(km, {"P": 1.0, "Q": 1.0}, 10.0)


def test_small_cells_join_the_largest_of_their_origin_or_of_its_country(script: ModuleType) -> None:
    country = {"P": "AAA", "Q": "AAA", "X": "BBB", "Y": "BBB"}
    units = {("P", "X"): 600, ("P", "Y"): 90, ("Q", "X"): 80, ("X", "P"): 70, ("Y", "P"): 60, ("X", "Q"): 100}
    made = script.joined(units, 120, country)
    assert made == {("P", "X"): 600 + 90 + 80, ("X", "Q"): 100 + 70 + 60}
    assert script.joined(units, 1, country) == units


def test_shares_are_whole_millionths_that_add_up_and_ties_go_by_order(script: ModuleType) -> None:
    assert script.millionths({("P", "X"): 1.0, ("P", "Y"): 1.0, ("P", "Z"): 1.0}) == {
        ("P", "X"): 333_334,
        ("P", "Y"): 333_333,
        ("P", "Z"): 333_333,
    }


def test_the_shares_of_a_total_are_one_and_a_quarter_avoids_where_it_is_said(book: dict[str, Any]) -> None:
    rows = [row for row in read(DATA / "splits.csv") if row["total"] in book["avoiding"]["totals"]]
    pairs = {(row["total"], row["origin"], row["destination"]) for row in rows}
    for total, start, end in pairs:
        own = [row for row in rows if (row["total"], row["origin"], row["destination"]) == (total, start, end)]
        shares = {row["avoid"]: float(row["share"]) for row in own}
        assert set(shares) == {"", "RUS;IRN"}
        assert shares["RUS;IRN"] == pytest.approx(sum(shares.values()) / 4, abs=0.6e-6)
    for total in book["avoiding"]["totals"]:
        assert sum(float(row["share"]) for row in rows if row["total"] == total) == pytest.approx(1, abs=1e-12)


def test_a_road_that_opens_later_shortens_nothing_and_a_ferry_counts_for_more(script: ModuleType) -> None:
    old = {**LINE, "from_node": "P", "to_node": "X", "km": "900"}
    new = {**old, "km": "400", "year_open": "2027"}
    sea = {**LINE, "from_node": "X", "to_node": "Y", "km": "200", "mode": "ferry"}
    rail = {**LINE, "from_node": "P", "to_node": "Y", "km": "10", "mode": "rail"}
    links = [old, new, sea, rail]
    assert script.roads(links, 1.5, 2024).km("Y", "P") == 900 + 300
    assert script.roads(links, 1.5, 2027).km("P", "Y") == 400 + 300


def test_lengths_that_change_a_little_leave_a_matrix_to_be_made(package: Path) -> None:
    links = read(package / "links.csv")
    for row in links:
        row["km"] = str(round(float(row["km"]) * (1.004 if row["mode"] == "road" else 1), 3))
    write(package / "links.csv", links)
    assert run("road_freight", "--check", package).returncode == 1
    assert run("road_freight", package).returncode == 0
    shares = {row["split"]: float(row["share"]) for row in read(DATA / "splits.csv") if row["total"] == "road_dom_bulk"}
    new = {row["split"]: float(row["share"]) for row in read(package / "splits.csv") if row["total"] == "road_dom_bulk"}
    assert max(abs(new[split] - shares[split]) for split in new.keys() & shares.keys()) < 0.001


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("mt = 343.1", "mt = 330.1", "road_dom_bulk"),
        ('"Aktobe" = 0.95', '"Aktobe" = 0.94', "region Aktobe"),
        ("MINSK = 9.2", "MNISK = 9.2", "place MNISK"),
        ('total = "road_kz_blr"', 'total = "road_kz_bel"', "total road_kz_bel"),
    ],
)
def test_a_margin_that_fits_no_table_is_refused_in_one_sentence(package: Path, was: str, now: str, told: str) -> None:
    book = (package / "road_freight.toml").read_text(encoding="utf-8")
    assert was in book
    (package / "road_freight.toml").write_text(book.replace(was, now), encoding="utf-8")
    done = run("road_freight", package)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert (package / "splits.csv").read_bytes() == (DATA / "splits.csv").read_bytes()
