"""Plan folders of the older form, whose reasons are sentences alone, are read and proved as those of today."""

import csv
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
import tampering
from small import append, edit, small_dataset

from corridors import network, planning, tables
from corridors.errors import DataError
from corridors.frames import rows
from corridors.planning import plan_folder

COLUMNS = ("reason", "reason_values")
QUEUES = ("usd_per_t_day", "queue_days")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small_dataset(tmp_path_factory.mktemp("older") / "small")
    (folder / "provenance.csv").unlink()
    (folder / "sources.csv").unlink()
    for row in (4, 6):
        edit(folder, "links", row, capacity="1")
    edit(folder, "links", 8, capacity="100")
    append(
        folder,
        "demand",
        demand="boxes",
        origin="EASTGATE",
        destination="MIDTOWN",
        commodity="container_high",
        kt="5000",
        reservation_usd_per_t="250",
        year="2024",
    )
    append(
        folder,
        "demand",
        demand="poor",
        origin="EASTGATE",
        destination="MIDTOWN",
        commodity="container_high",
        kt="5",
        reservation_usd_per_t="1",
        year="2024",
    )
    return folder


def older(folder: Path, table: str = "unserved", columns: tuple[str, ...] = COLUMNS) -> None:
    """Take columns out of a plan folder, as if it had been written before there were any: the codes of reasons."""
    file = folder / f"{table}.csv"
    lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
    kept = [column for column in lines[0] if column not in columns]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, kept, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    text = (folder / "datapackage.json").read_text(encoding="utf-8")
    for column in columns:
        text, count = re.subn(rf',\s*{{\s*"name": "{column}",[^}}]*}}', "", text)
        assert count == 1
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    tampering.fix_digests(folder)


@pytest.mark.parametrize("how", [{}, {"co2_budget": 1e6}, {"objective": "time"}], ids=str)
def test_a_plan_without_codes_is_proven_and_has_the_reasons_of_one_with_them(
    package: Path, tmp_path: Path, how: dict[str, object]
) -> None:
    planning.plan(network.build(tables.read(package)), **how).write(tmp_path / "plan")  # type: ignore[arg-type]
    today = plan_folder.read(tmp_path / "plan").unserved
    older(tmp_path / "plan")
    assert not {*COLUMNS} & {
        *(tmp_path / "plan" / "unserved.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
    }
    made, _ = plan_folder.proven(tmp_path / "plan", package)
    assert len(today) > 1
    assert made.unserved.to_dict("records") == today.to_dict("records")
    made.write(tmp_path / "again")
    assert plan_folder.verified(tmp_path / "again", package).holds


@pytest.mark.parametrize("choice", ["linear", "logit"])
def test_a_plan_without_queues_is_proven_and_has_those_of_one_with_them(
    package: Path, tmp_path: Path, choice: str
) -> None:
    planning.plan(network.build(tables.read(package)), choice=choice).write(tmp_path / "plan")
    today, _ = plan_folder.proven(tmp_path / "plan", package)
    older(tmp_path / "plan", "bottlenecks", QUEUES)
    assert plan_folder.read(tmp_path / "plan").bottlenecks["queue_days"].isna().all()
    made, _ = plan_folder.proven(tmp_path / "plan", package)
    assert (made.bottlenecks["queue_days"] > 0).any()
    pd.testing.assert_frame_equal(made.bottlenecks, today.bottlenecks, rtol=1e-9)
    if choice == "linear":
        older(tmp_path / "plan")
        oldest, _ = plan_folder.proven(tmp_path / "plan", package)
        pd.testing.assert_frame_equal(oldest.bottlenecks, today.bottlenecks, rtol=1e-9)


@pytest.mark.parametrize("choice", ["linear", "logit"])
def test_a_plan_without_borders_and_through_freight_is_proven_and_has_those_of_one_with_them(
    package: Path, tmp_path: Path, choice: str
) -> None:
    planning.plan(network.build(tables.read(package)), choice=choice).write(tmp_path / "plan")
    today, _ = plan_folder.proven(tmp_path / "plan", package)
    older_than_borders(tmp_path / "plan")
    bare = plan_folder.read(tmp_path / "plan")
    assert bare.borders.empty
    assert bare.corridors["through_kt"].isna().all()
    assert bare.corridors["mean_kt"].tolist() == today.corridors["mean_kt"].tolist()
    made, _ = plan_folder.proven(tmp_path / "plan", package)
    pd.testing.assert_frame_equal(made.corridors, today.corridors, rtol=1e-9)
    pd.testing.assert_frame_equal(made.borders, today.borders, rtol=1e-9, check_dtype=False)
    made.write(tmp_path / "again")
    assert plan_folder.verified(tmp_path / "again", package).holds


def test_borders_of_a_plan_of_today_may_not_be_missing(package: Path, tmp_path: Path) -> None:
    planning.plan(network.build(tables.read(package))).write(tmp_path / "plan")
    (tmp_path / "plan" / "borders.csv").unlink()
    with pytest.raises(DataError, match=r"holds no borders\.csv"):
        plan_folder.read(tmp_path / "plan")
    summary = json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    del summary["sha256"]["borders.csv"]
    (tmp_path / "plan" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(DataError, match=r"found no sound sha256, borders\.csv"):
        plan_folder.read(tmp_path / "plan")


def older_than_borders(folder: Path) -> None:
    """Make a plan folder one of before there were through-freight and borders."""
    older(folder, "corridors", ("through_kt", "touching_kt", "mean_kt", "t_co2e", "revenue_usd"))
    (folder / "borders.csv").unlink()
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    described["resources"] = [one for one in described["resources"] if one["name"] != "borders"]
    table = next(one for one in described["resources"] if one["name"] == "corridors")
    mean = next(one for one in table["schema"]["fields"] if one["name"] == "kt")
    mean["description"] = "Mean load over its length, both directions"
    (folder / "datapackage.json").write_text(json.dumps(described, indent=2, ensure_ascii=False), encoding="utf-8")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    del summary["sha256"]["borders.csv"]
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    tampering.fix_digests(folder)


def test_a_sentence_that_was_changed_is_still_found(package: Path, tmp_path: Path) -> None:
    planning.plan(network.build(tables.read(package))).write(tmp_path / "plan")
    older(tmp_path / "plan")
    tampering.cell("unserved", "why", "nobody wanted it")(tmp_path / "plan")
    tampering.fix_digests(tmp_path / "plan")
    assert next(rows(plan_folder.read(tmp_path / "plan").unserved)).reason == ""
    with pytest.raises(DataError, match=r"unserved\.csv: .*column why: found 'nobody wanted it'"):
        plan_folder.proven(tmp_path / "plan", package)


def test_codes_without_the_dictionary_that_describes_them_are_refused(package: Path, tmp_path: Path) -> None:
    planning.plan(network.build(tables.read(package))).write(tmp_path / "plan")
    table = (tmp_path / "plan" / "unserved.csv").read_bytes()
    older(tmp_path / "plan")
    (tmp_path / "plan" / "unserved.csv").write_bytes(table)
    tampering.fix_digests(tmp_path / "plan")
    with pytest.raises(DataError, match="found a column 'reason', which no plan has"):
        plan_folder.read(tmp_path / "plan")


def test_the_dictionary_is_json_as_before(package: Path, tmp_path: Path) -> None:
    planning.plan(network.build(tables.read(package))).write(tmp_path / "plan")
    older(tmp_path / "plan")
    fields = json.loads((tmp_path / "plan" / "datapackage.json").read_text(encoding="utf-8"))["resources"][-1]["schema"]
    assert [field["name"] for field in fields["fields"]] == [
        "demand",
        "origin",
        "destination",
        "commodity",
        "avoid",
        "kt",
        "why",
    ]
