"""The linear problem as a file for other solvers: whole or not at all, with names that can be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from instances import two_ways

from corridors.errors import OutputError
from corridors.exchange import programs


@pytest.mark.parametrize("suffix", [".mps", ".lp", ".MPS"])
def test_writing_replaces_the_file_and_leaves_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"problem{suffix}"
    path.write_text("old", encoding="utf-8")
    programs.write(two_ways(), path)
    assert "flow.n0.c0.a0" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_another_kind_or_where_none_can_be_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"neither \.mps nor \.lp"):
        programs.write(two_ways(), tmp_path / "problem.txt")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        programs.write(two_ways(), tmp_path / "file" / "problem.lp")


def test_names_in_the_file_are_readable_safe_and_all_different(tmp_path: Path) -> None:
    problem = replace(
        two_ways(),
        node_names=("Порт", "Aktau | sea"),
        arc_names=("ship:A-B", "ship:A/B"),
        class_names=("x" * 200,),
        demand_names=("grain, 2024",),
        resource_names=("berths [Aktau]",),
    )
    path = tmp_path / "named.lp"
    programs.write(problem, path)
    text = path.read_text(encoding="utf-8")
    assert text.isascii()
    for name in ("ship_A_B", "ship_A_B_1", "unserved.grain_2024", "limit.berths_Aktau", "n0." + "x" * 26):
        assert name in text
