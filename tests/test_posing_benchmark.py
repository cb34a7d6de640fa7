"""What the benchmark of posing measures: so many copies of the tables, each a network of its own."""

from pathlib import Path

import pytest
from benched import of
from small import small_dataset

from corridors import tables
from corridors.models import columns
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem

beside, posing, report, run = of("beside"), of("posing"), of("report"), of("run")


def cost_of(problem: FlowProblem) -> float:
    return certify(problem, columns.solve(problem)).primal_objective


@pytest.mark.parametrize("copies", [1, 3])
def test_copies_of_tables_are_sound_and_pose_as_many_problems_side_by_side(tmp_path: Path, copies: int) -> None:
    dataset = tables.read(small_dataset(tmp_path / "small"))
    copied = posing.tiled(dataset, copies)
    assert [str(fault) for fault in copied.faults()] == []
    one, several = posing.posed(dataset), posing.posed(copied)
    assert (several.arc_count, several.demand_count) == (copies * one.arc_count, copies * one.demand_count)
    assert cost_of(several) == pytest.approx(copies * cost_of(one), rel=1e-9)


def test_rows_of_posing_are_a_table_of_the_page_and_need_not_be_there() -> None:
    rows = posing.measure(rounds=1, copies=2)
    assert [row["case"] for row in rows] == ["embedded", "2 copies"]
    assert rows[1]["size"] == 2 * rows[0]["size"]
    about = run.machine() | {"quick": True, "minutes": 1}
    text = report.markdown(rows, about, beside.known())
    assert "## From tables to a problem" in text
    assert f"| 2 copies | {rows[1]['size']} |" in text
    assert "## From tables to a problem" not in report.markdown([], about, beside.known())
