"""What the benchmark of counts measures: sound rows of every kind, as many as are asked for, beside as many paths."""

from benched import of

from corridors import tables

beside, counting, report, run = of("beside"), of("counting"), of("report"), of("run")


def test_the_counts_are_sound_and_of_every_kind_that_they_name() -> None:
    dataset = tables.read()
    made = counting.counted(dataset, 40)
    assert len(made) == 40
    assert set(made["kind"]) == set(counting.KINDS)
    assert [str(fault) for fault in dataset.with_table("observations", made).faults()] == []


def test_rows_of_counting_are_a_table_of_the_page_and_need_not_be_there() -> None:
    rows = counting.measure(rounds=1, count=8, paths=300)
    assert [row["step"] for row in rows] == ["operator", "matrix"]
    assert all(row["size"] >= 300 and row["cpu_seconds"] > 0 for row in rows)
    about = run.machine() | {"quick": True, "minutes": 1}
    text = report.markdown(rows, about, beside.known())
    assert "## Counts beside paths" in text
    assert f"| 8 counts | matrix | {rows[1]['size']} |" in text
    assert "## Counts beside paths" not in report.markdown([], about, beside.known())
