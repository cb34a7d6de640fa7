"""What the benchmark of choice measures: ratios within a run, of answers that are certified."""

import pytest
from benched import of

beside, choice, report, run = of("beside"), of("choice"), of("report"), of("run")


@pytest.mark.slow
def test_rows_of_choice_are_a_table_of_the_page_and_need_not_be_there() -> None:
    rows = choice.measure(1, (20.0,))
    assert {row["status"] for row in rows} == {"ok"}
    ratios = {row["step"]: row.get("cpu_ratio") for row in rows}
    assert ratios[choice.YARDSTICK] is None
    assert all(ratios[step] > 0 for step in ("choice, gap 1e-6, cold", "a capacity, hot", "with waiting, cold"))
    rows = [row | {"ratio": row.get("ratio"), "cpu_ratio": row.get("cpu_ratio")} for row in rows]
    about = run.machine() | {"quick": True, "minutes": 1}
    assert "| embedded, tau 20 | choice, gap 1e-6, cold |" in report.markdown(rows, about, beside.known())
    assert "## Choice under capacities" not in report.markdown([], about, beside.known())
