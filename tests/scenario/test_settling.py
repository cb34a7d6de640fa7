"""What scenarios and projects make of capacities holds in every year, and days of opening go with what they open."""

from __future__ import annotations

from pathlib import Path

import pytest
import small

from corridors import network, scenario, tables
from corridors.errors import ScenarioError
from corridors.tables.dataset import Dataset

GATE = "rail:EASTGATE-DRYPASS"


@pytest.fixture
def dated(folder: Path) -> Path:
    """Return the small package with capacities of 2022 and of 2027."""
    small.extend(
        folder,
        "capacities",
        f"""
        table     key            year capacity
        links     {GATE}         2022 9
        links     {GATE}         2027 30
        terminals gauge:EASTGATE 2022 5
        pools     pass|2024      2025 20
        """,
    )
    return folder


def limits(dataset: Dataset, year: int) -> dict[str, float]:
    return {one.resource: one.capacity for one in network.build(dataset, year).resources}


def applied(folder: Path, tmp_path: Path, table: str, *lines: str) -> Dataset:
    text = "\n".join(["[[change]]", f'table = "{table}"', *lines])
    (tmp_path / "change.toml").write_text(text + "\n", encoding="utf-8")
    return scenario.apply(tables.read(folder), [str(tmp_path / "change.toml")]).dataset


@pytest.mark.parametrize(
    ("how", "capacity"),
    [
        ("close = true", 0),
        ("set = { capacity = 16 }", 16),  # the figure of the base year, now of every year
        ("scale = { capacity = 1.5 }", 24),
    ],
)
def test_what_a_scenario_writes_holds_in_every_year(dated: Path, tmp_path: Path, how: str, capacity: float) -> None:
    dataset = applied(dated, tmp_path, "links", f'where = {{ link = "{GATE}" }}', how)
    assert [limits(dataset, year)[GATE] for year in (2022, 2024, 2028)] == [capacity] * 3
    assert limits(dataset, 2022)["gauge:EASTGATE"] == 5  # of others nothing was said


def test_a_column_that_is_no_capacity_leaves_the_years_alone(dated: Path, tmp_path: Path) -> None:
    dataset = applied(dated, tmp_path, "links", f'where = {{ link = "{GATE}" }}', "set = { passenger = 2 }")
    assert [limits(dataset, year)[GATE] for year in (2022, 2024, 2028)] == [7, 14, 28]


def test_a_project_s_capacity_holds_in_every_year(dated: Path, tmp_path: Path) -> None:
    dataset = applied(dated, tmp_path, "projects", 'where = { project = "crane" }', "apply = true")
    assert [limits(dataset, year)["gauge:EASTGATE"] for year in (2022, 2024)] == [22, 22]
    dataset = applied(dated, tmp_path, "links", 'where = { link = "rail:DRYPASS-MIDTOWN:two" }', "close = true")
    assert limits(dataset, 2022)[GATE] == 9


def test_a_scenario_may_write_the_figure_of_one_year(dated: Path, tmp_path: Path) -> None:
    dataset = applied(dated, tmp_path, "capacities", "where = { year = 2027 }", "scale = { capacity = 2 }")
    assert [limits(dataset, year)[GATE] for year in (2022, 2024, 2028)] == [9, 16, 60]


def test_what_is_opened_is_there_from_the_first_day(dated: Path, tmp_path: Path) -> None:
    small.edit(dated, "links", 5, opened="2026-09-30", pool="")
    two = "rail:DRYPASS-MIDTOWN:two"
    dataset = applied(dated, tmp_path, "links", f'where = {{ link = "{two}" }}', "open = true")
    assert [limits(dataset, year)[two] for year in (2024, 2026)] == [40, 40]


@pytest.mark.parametrize("first", ["2024", "2023"])
def test_an_opened_pool_is_there_all_year_whatever_else_opened_in_it(folder: Path, tmp_path: Path, first: str) -> None:
    day = "2024-12-31" if first == "2024" else "2023-12-31"
    small.edit(folder, "pools", 2, year_open=first, opened=day)
    small.edit(folder, "pools", 3, opened="2026-09-30")
    dataset = applied(folder, tmp_path, "pools", "where = { year_open = 2026 }", "open = true")
    now = 14 / 366 if first == "2024" else 14
    assert [limits(dataset, year)["pool:pass"] for year in (2024, 2026)] == [now + 36, 14 + 36]


def test_another_year_of_opening_needs_another_day(folder: Path, tmp_path: Path) -> None:
    small.edit(folder, "links", 5, opened="2026-09-30")
    where = 'where = { link = "rail:DRYPASS-MIDTOWN:two" }'
    with pytest.raises(ScenarioError, match="a day of year_open"):
        applied(folder, tmp_path, "links", where, "set = { year_open = 2025 }")
    dataset = applied(folder, tmp_path, "links", where, 'set = { year_open = 2025, opened = "2025-07-01" }')
    assert limits(dataset, 2025)["rail:DRYPASS-MIDTOWN:two"] == 40 * (184 / 365)
