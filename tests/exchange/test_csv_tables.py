"""Tables of GMNS networks: found by any of them, packed or not, and what is damaged is said in one sentence."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import GMNS, gmns, put, read_or_said, same, sentence

from corridors.exchange import open_problem


def test_gmns_is_found_by_any_of_its_tables_and_packed(tmp_path: Path) -> None:
    plain = open_problem(gmns(tmp_path))
    packed = tmp_path / "packed"
    packed.mkdir()
    put(packed / "node.csv.gz", GMNS["node.csv"], pack=True)
    put(packed / "link.csv", GMNS["link.csv"], pack=True)
    put(packed / "demand.csv", GMNS["demand.csv"])
    for path in (tmp_path / "link.csv", tmp_path / "node.csv", packed, packed / "node.csv.gz"):
        assert same(open_problem(path), plain)


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        ("link", "2,B,C", "2,B,E", ["link.csv, line 3, column to_node_id", "'E'"]),
        ("link", "30,60", "far,60", ["line 2, column length", "'far'"]),
        ("link", "30,60", "30,0", ["line 2, column free_speed", "above 0"]),
        ("link", "30,60", ",60", ["line 2, column length", "a blank"]),
        ("link", "30,60", "1e300,1e-300", ["line 2, column free_speed", "finite time"]),
        ("link", "true,60", "maybe,60", ["line 3, column directed", "'maybe'"]),
        ("link", "free_speed", "speed", ["line 1", "free_speed too"]),
        ("link", "2,B,C,true", "2,B,C", ["line 3", "7 cells", "8"]),
        ("link", "60,40", "60,-40", ["line 3, column capacity"]),
        ("node", "B,1", "A,1", ["node.csv, line 3, column node_id", "no other node"]),
        ("demand", "1,2,70", "1,9,70", ["demand.csv, line 2, column d_zone_id", "'9'"]),
        ("demand", "1,2,70", "1,2,NaN", ["column volume", "a blank"]),
        ("demand", "1,2,70", '1,2,"70', ["a broken row"]),
    ],
)
def test_damaged_gmns_is_one_sentence(tmp_path: Path, table: str, old: str, new: str, words: list[str]) -> None:
    said = sentence(gmns(tmp_path, **{table: GMNS[f"{table}.csv"].replace(old, new)}))
    for word in words:
        assert word in said, said


@pytest.mark.parametrize("table", sorted(GMNS))
def test_a_missing_or_unreadable_gmns_table_is_one_sentence(tmp_path: Path, table: str) -> None:
    gmns(tmp_path)
    put(tmp_path / table, b"")
    assert table in sentence(tmp_path)
    put(tmp_path / table, b"\xff\xfe")
    assert "UTF-8" in sentence(tmp_path)
    (tmp_path / table).unlink()
    assert f"no {table}" in sentence(tmp_path)


@given(st.sampled_from(sorted(GMNS)), st.binary(max_size=60), st.integers(0, 200), st.integers(0, 9))
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_the_gmns_reader_fail_but_by_a_sentence(
    tmp_path: Path, name: str, data: bytes, place: int, size: int
) -> None:
    gmns(tmp_path)
    whole = GMNS[name].encode()
    put(tmp_path / name, whole[:place] + data + whole[place + size :])
    assert read_or_said(tmp_path)
