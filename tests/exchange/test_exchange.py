"""Other people's networks: every format is read as it is meant, and what is damaged is said in one sentence."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from instances import bench, published
from networks import NET, PLANAR, TRIPS, packed, put, read_or_said, same, sentence, tntp
from small import edit

from corridors.exchange import numbers, open_problem, planar, with_reservation
from corridors.exchange.numbers import Text
from corridors.exchange.proving import answer


@pytest.mark.parametrize("name", ["a", "a.gz", "a.txt", "demanding.dat"])
@pytest.mark.parametrize("pack", [False, True])
def test_gzip_is_known_by_its_first_bytes_whatever_the_name(tmp_path: Path, name: str, pack: bool) -> None:
    plain = open_problem(put(tmp_path / "plain", PLANAR))
    assert same(open_problem(put(tmp_path / name, PLANAR, pack=pack)), plain)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b" \n\t\n", "white space"),
        (b"\x00\xff\x80PK", "expected a planar or grid file"),
        (b"<html><body>", "expected a planar or grid file"),
        (b"\x1f\x8b", "gzip"),
        (packed(PLANAR.encode())[:-9], "breaks off"),
        (packed(PLANAR.encode())[:12] + b"\xff" * 40, "damaged gzip"),
        (packed(PLANAR.encode())[:-8] + b"\0" * 8, "damaged gzip"),
        (packed(b""), "an empty file"),
        (packed(packed(b"1")), "expected a planar"),
    ],
)
def test_junk_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in sentence(put(tmp_path / "junk", content))


def test_what_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert "No such file" in sentence(tmp_path / "absent")
    assert "none of these" in sentence(tmp_path)


def test_too_much_text_is_refused_before_it_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "LARGEST", 1000)
    for pack in (False, True):
        assert "than 1,000 bytes" in sentence(put(tmp_path / "large", b"1\n" * 600, pack=pack))


SEEDS = [PLANAR.encode(), packed(PLANAR.encode()), NET.encode(), TRIPS.encode()]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw bytes: any at all, or a sound file with some of them changed."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=300))
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        place, size = draw(st.integers(0, len(data))), draw(st.integers(0, 9))
        data = (
            data[:place] + draw(st.binary(max_size=9) | st.from_regex(rb"[0-9.e+: ;\n-]{0,9}")) + data[place + size :]
        )
    return data


@given(damaged(), st.sampled_from(["a", "town_net.tntp", "town_trips.tntp"]))
@example(b"1\n0\n0\n", "a")
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_a_reader_fail_but_by_a_sentence(tmp_path: Path, data: bytes, name: str) -> None:
    tntp(tmp_path)
    put(tmp_path / name, data)
    assert read_or_said(tmp_path / ("a" if name == "a" else "town_net.tntp"))


# --- data packages


def test_a_data_package_is_read_as_plan_reads_it(folder: Path) -> None:
    from corridors import network, tables
    from corridors.planning.freight import pose

    wanted = pose(network.build(tables.read(folder))).problem
    assert same(open_problem(folder), wanted)
    assert same(open_problem(folder / "datapackage.json"), wanted)
    for path in folder.glob("*.csv"):
        put(folder / f"{path.name}.gz", path.read_bytes(), pack=True)
        path.unlink()
    assert same(open_problem(folder), wanted)
    assert same(with_reservation(wanted, 1.0), wanted)  # its demands have their own prices


def test_a_damaged_data_package_is_one_sentence(folder: Path) -> None:
    edit(folder, "links", 2, km="far")
    for _ in range(2):
        said = sentence(folder)
        for words in (str(folder), "links.csv", "row 2", "column km", "far"):
            assert words in said, said
        links = folder / "links.csv"
        put(links, packed(links.read_bytes()))


# --- published instances


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("planar", "planar30"),
        ("planar", "planar50"),
        ("grid", "grid1"),
        ("grid", "grid2"),
        ("grid", "grid3"),
        ("liner", "Baltic_base"),
    ],
)
def test_published_instances_reach_their_optima(family: str, name: str) -> None:
    problem, optimum = published(family, name)
    made = answer(problem, "arcs")
    assert made.status == "optimal"
    assert made.objective == pytest.approx(optimum, rel=1e-6)
    assert same(planar.read(Text(Path(name), planar.write(problem).encode())), problem)


def test_sioux_falls_is_read_whole() -> None:
    path = bench("tntp", "SiouxFalls_net.tntp")
    problem = open_problem(path)
    assert (problem.node_count, problem.arc_count, problem.demand_count) == (24, 76, 528)
    assert problem.amount.sum() == 360600
    assert answer(problem, "arcs").status == "infeasible"
    priced = answer(with_reservation(problem, 60), "arcs")
    assert priced.status == "optimal"
    with (path.parent / "SiouxFalls_net.tntp").open(encoding="utf-8") as file:
        first = next(row for row in csv.reader(file, delimiter="\t") if row[1:3] == ["1", "2"])
    assert problem.capacity[0] == float(first[3])
