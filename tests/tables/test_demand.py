"""The freight of the base year is what its script makes of published totals, and adds up to them."""

from __future__ import annotations

import csv
import importlib.util
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

DATA = Path(__file__).parents[2] / "corridors" / "data"
SCRIPT = DATA / "demand.py"
INPUTS = ("datapackage.json", "totals.csv", "splits.csv", "provenance.csv")
type Row = dict[str, str]

# Published figures, kt a year
PUBLISHED = {
    "rail_transit": 27_400,
    "rail_transit_cn": 15_300,
    "kz_cn_rail": 32_000,
    "kz_cn_rail_export": 13_700,
    "cn_kz_rail": 3_000,
    "ru_ca_rail": 11_283,
    "ru_ir_tm_rail": 817,
    "rail_export": 83_200,
    "rail_import": 20_200,
    "coal_export": 26_500,
    "grain_export": 8_100,
    "flour_export": 2_400,
    "titr": 4_500,
    "oil_cpc": 63_010,
    "oil_atyrau_samara": 8_640,
    "oil_ru_cn": 9_979,
    "oil_kz_cn": 1_200,
    "oil_aktau_makhachkala": 1_920,
    "oil_aktau_baku": 1_440,
    "oil_refineries": 17_440,
    "gas_ca_china": 24_920,
    "gas_ru_uz": 3_920,
    "road_transit": 5_000,
    "road_kz_world": 8_800,
    "air_kz": Decimal("170.04"),
    "rail_domestic_all": 172_300,
}

# A control total and the totals that it is made of
PARTS = {
    "rail_transit": ("rail_transit_cn", "rail_transit_other"),
    "rail_transit_cn": ("cn_eu_rail_kz", "titr_cn_eu_containers", "cn_ru_rail", "cn_ca_rail"),
    "rail_transit_other": ("ru_ca_rail", "ru_ir_tm_rail"),
    "kz_cn_rail": ("kz_cn_rail_export", "cn_kz_rail", "rail_transit_cn"),
    "kz_cn_rail_export": ("kz_cn_grain", "kz_cn_ores", "kz_cn_other"),
    "cn_eu_containers": ("cn_eu_land", "cn_eu_sea"),
    "titr_containers": ("titr_cn_eu_containers", "titr_kz_containers"),
    "kz_uz_rail_export": ("kz_uz_grain", "kz_uz_coal", "kz_uz_other"),
    "oil_cpc": ("oil_cpc_kz", "oil_cpc_ru"),
    "oil_cpc_kz": ("oil_cpc_tengiz", "oil_cpc_karachaganak", "oil_cpc_kashagan"),
    "road_transit": ("road_transit_cn_eu", "road_transit_cn_ru", "road_transit_cn_ca", "road_transit_ru_ca"),
}


def read(folder: Path, table: str) -> list[Row]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(folder: Path, table: str, rows: list[Row]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as lines:
        out = csv.DictWriter(lines, rows[0], lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demand_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the data package without anything that the script makes."""
    for name in INPUTS:
        shutil.copy(DATA / name, tmp_path)
    write(tmp_path, "provenance", [row for row in read(DATA, "provenance") if row["table"] != "demand"])
    return tmp_path


@pytest.fixture(scope="module")
def kt() -> dict[str, Decimal]:
    return {row["total"]: Decimal(row["kt"]) for row in read(DATA, "totals")}


def test_the_script_makes_the_committed_demand_byte_for_byte(package: Path) -> None:
    done = run(package)
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("demand.csv", "provenance.csv"):
        assert (package / name).read_bytes() == (DATA / name).read_bytes(), name
    once = contents(package)
    assert run(package).returncode == 0
    assert contents(package) == once, "making it again changes nothing"


def test_the_check_tells_fresh_from_stale_and_changes_nothing(package: Path) -> None:
    assert run("--check", package).returncode == 1
    assert not (package / "demand.csv").exists()
    assert run(package).returncode == 0
    assert run(package, "--check").returncode == 0
    rows = read(package, "demand")
    rows[0]["kt"] = "1"
    write(package, "demand", rows)
    before = contents(package)
    done = run(package, "--check")
    assert done.returncode == 1
    assert done.stdout.startswith("demand.csv: not what")
    assert contents(package) == before


def test_the_rows_of_each_total_add_up_to_it_exactly(kt: dict[str, Decimal]) -> None:
    shares: dict[str, Decimal] = {}
    for row in read(DATA, "splits"):
        shares[row["total"]] = shares.get(row["total"], Decimal(0)) + Decimal(row["share"])
    assert shares == dict.fromkeys(shares, Decimal(1))
    made: dict[str, Decimal] = {}
    for row in read(DATA, "demand"):
        made[row["total"]] = made.get(row["total"], Decimal(0)) + Decimal(row["kt"])
    assert made == {total: kt[total] for total in shares}


@pytest.mark.parametrize("total", PUBLISHED)
def test_the_total_is_the_published_figure(total: str, kt: dict[str, Decimal]) -> None:
    assert kt[total] == PUBLISHED[total]


@pytest.mark.parametrize("total", PARTS)
def test_the_total_is_the_sum_of_its_parts(total: str, kt: dict[str, Decimal]) -> None:
    assert sum(kt[part] for part in PARTS[total]) == kt[total]


def test_exports_add_up_over_all_rows_that_leave_the_country(kt: dict[str, Decimal]) -> None:
    country = {row["node"]: row["country"] for row in read(DATA, "nodes")}
    leaving = {"coal": Decimal(0), "grain": Decimal(0)}
    for row in read(DATA, "demand"):
        if country[row["origin"]] == "KAZ" != country[row["destination"]] and row["commodity"] in leaving:
            leaving[row["commodity"]] += Decimal(row["kt"])
    assert abs(leaving["coal"] - kt["coal_export"]) < 1
    assert abs(leaving["grain"] - kt["grain_export"] - kt["flour_export"]) < 1


def test_the_middle_corridor_adds_up(kt: dict[str, Decimal]) -> None:
    grain = [Decimal(r["kt"]) for r in read(DATA, "demand") if r["total"] == "grain_other" and r["avoid"]]
    lorries_gross = Decimal("27.0") * Decimal("23.9")
    parts = kt["oil_aktau_baku"] + kt["titr_containers"] + kt["titr_other"] + sum(grain) + lorries_gross
    assert abs(parts - kt["titr"]) < 1


def test_domestic_rail_is_the_sum_of_its_goods(kt: dict[str, Decimal]) -> None:
    assert sum(value for total, value in kt.items() if total.startswith("rail_dom_")) == kt["rail_domestic_all"]


def test_rail_exports_and_imports_add_up_to_what_was_carried(kt: dict[str, Decimal]) -> None:
    country = {row["node"]: row["country"] for row in read(DATA, "nodes")}
    by_road_and_pipe = ("road", "oil", "gas", "air")
    carried = {"export": Decimal(0), "import": Decimal(0)}
    for row in read(DATA, "demand"):
        home = (country[row["origin"]] == "KAZ", country[row["destination"]] == "KAZ")
        if home[0] != home[1] and not row["total"].startswith(by_road_and_pipe):
            carried["export" if home[0] else "import"] += Decimal(row["kt"])
    tengiz_by_rail = kt["oil_aktau_baku"] * Decimal("0.76")
    assert abs(carried["export"] + tengiz_by_rail - kt["rail_export"]) < kt["rail_export"] / 50
    assert abs(carried["import"] - kt["rail_import"]) < kt["rail_import"] / 50


def test_no_row_of_the_demand_is_called_observed_and_what_rests_on_an_assumption_is_assumed() -> None:
    status = {(r["table"], r["key"], r["column"]): r["status"] for r in read(DATA, "provenance")}
    for row in read(DATA, "splits"):
        total = status["totals", row["total"], "kt"]
        share = status["splits", f"{row['total']}|{row['split']}", "share"]
        made = status["demand", f"{row['total']}:{row['split']}", "kt"]
        assert made != "observed"
        assert (made == "assumed") == ("assumed" in {total, share}), row


def test_ranges_multiply_and_every_number_is_within_its_range(package: Path) -> None:
    assert run(package).returncode == 0
    numbers = {row["demand"]: row for row in read(package, "demand")}
    ranges = [row for row in read(package, "provenance") if row["table"] == "demand" and row["low"]]
    assert ranges
    for row in ranges:
        value = Decimal(numbers[row["key"]][row["column"]])
        assert Decimal(row["low"]) <= value <= Decimal(row["high"]), row


def test_the_rest_of_the_provenance_keeps_its_rows_and_order(package: Path) -> None:
    others = (package / "provenance.csv").read_text(encoding="utf-8").splitlines()
    assert run(package).returncode == 0
    after = (package / "provenance.csv").read_text(encoding="utf-8").splitlines()
    assert [line for line in after if not line.startswith("demand,")] == others


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("splits", "share", "0.5", "add up to"),
        ("splits", "share", "much", "'much' is not a number"),
        ("splits", "total", "nowhere", "there is no total 'nowhere'"),
        ("totals", "kt", "-1", "'-1' is not a number of 0 or more"),
        ("provenance", "key", "lost", "is missing"),
    ],
)
def test_a_wrong_table_is_refused_in_one_sentence_and_nothing_is_written(
    package: Path, table: str, column: str, value: str, said: str
) -> None:
    rows = read(package, table)
    wrong = next(row for row in rows if "cn_ru_rail" in (row.get("total"), row.get("key")))
    for row in rows if table == "provenance" else [wrong]:
        row[column] = value
    write(package, table, rows)
    before = contents(package)
    done = run(package)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert contents(package) == before


def test_a_missing_table_is_named(package: Path) -> None:
    (package / "splits.csv").unlink()
    done = run(package)
    assert done.returncode == 2
    assert "splits.csv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["datapackage.json", "totals.csv", "splits.csv", "provenance.csv"])
def test_a_pipe_in_place_of_a_table_does_not_hang(package: Path, name: str) -> None:
    (package / name).unlink()
    os.mkfifo(package / name)
    done = run(package)
    assert done.returncode == 2
    assert f"{name} is no ordinary file" in done.stderr


def test_both_files_are_written_or_neither(package: Path, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(package)
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == "provenance.csv":
            raise PermissionError("the file is open elsewhere")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(module.DemandError, match="nothing was changed"):
        module.save(package, module.make(package))
    assert contents(package) == before
