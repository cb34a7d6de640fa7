"""The shares of domestic rail freight are what their script makes of margins, known pairs and lengths of lines."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from beside_data import DATA, loaded, read, run

INPUTS = ("datapackage.json", "domestic_rail.toml", "totals.csv", "links.csv", "splits.csv", "provenance.csv")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return loaded("domestic_rail", monkeypatch)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in INPUTS:
        shutil.copy(DATA / name, tmp_path)
    return tmp_path


def test_the_script_makes_the_committed_shares_byte_for_byte(package: Path) -> None:
    rows = [row for row in read(package / "splits.csv") if not row["total"].startswith("rail_dom_coal")]
    with (package / "splits.csv").open("w", encoding="utf-8", newline="") as lines:
        out = csv.DictWriter(lines, rows[0], lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    assert run("domestic_rail", "--check", package).returncode == 1
    done = run("domestic_rail", package)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("domestic_rail", "--check", package).returncode == 0
    for name in ("splits.csv", "provenance.csv"):
        assert (package / name).read_bytes() == (DATA / name).read_bytes(), name


def test_a_margin_that_is_not_the_total_is_refused_in_one_sentence(package: Path) -> None:
    book = (package / "domestic_rail.toml").read_text(encoding="utf-8")
    (package / "domestic_rail.toml").write_text(book.replace("kt = 65300", "kt = 65200"), encoding="utf-8")
    done = run("domestic_rail", package)
    assert done.returncode == 2
    assert "rail_dom_coal" in done.stderr
    assert done.stderr.count("\n") == 1


def test_margins_laid_by_entropy_are_met_and_nearer_pairs_get_more(script: ModuleType) -> None:
    lines = [
        {"mode": "rail", "country": "AAA", "year_open": "", "from_node": start, "to_node": end, "km": km}
        for start, end, km in (("P", "X", "100"), ("P", "Y", "500"), ("Q", "X", "500"), ("Q", "Y", "100"))
    ]
    ways = script.Distances(lines, "AAA", 2024)
    assert ways.km("P", "Q") == 600
    block = {
        "kt": 1000,
        "length_km": 300,
        "nearest_km": 50,
        "origins": {"P": 0.7, "Q": 0.3},
        "destinations": {"X": 0.5, "Y": 0.5},
    }
    cells = script.spread(block, {"smallest_kt": 1}, ways)
    assert cells["P", "X"] + cells["P", "Y"] == pytest.approx(700)
    assert cells["P", "X"] + cells["Q", "X"] == pytest.approx(500)
    odds = cells["P", "X"] * cells["Q", "Y"] / (cells["P", "Y"] * cells["Q", "X"])
    assert odds == pytest.approx(2.718281828 ** ((500 + 500 - 100 - 100) / 300))


def test_a_line_that_opens_later_shortens_nothing(script: ModuleType) -> None:
    line = {"mode": "rail", "country": "AAA", "from_node": "P", "to_node": "X"}
    old, new = {**line, "km": "900", "year_open": ""}, {**line, "km": "400", "year_open": "2027"}
    assert script.Distances([old, new], "AAA", 2024).km("P", "X") == 900
    assert script.Distances([old, new], "AAA", 2027).km("P", "X") == 400
