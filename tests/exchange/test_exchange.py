"""Other people's networks: every format is read as it is meant, and what is damaged is said in one sentence."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from instances import bench, published, shared_resources, single_origin
from small import edit

from corridors.errors import DataError, ProblemError
from corridors.exchange import numbers, open_problem, planar, with_reservation
from corridors.exchange.numbers import Text
from corridors.exchange.proving import answer
from corridors.models import arcs
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem

PLANAR = "4\n3\n2\n1 2 5 10\n2 3 0 -1\n1 3 9 2.5\n1 3 7\n4 4 3\n"

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 6
<END OF METADATA>

~ init term capacity length time b power speed toll type ;
1 3 10 1 1 0.15 4 0 0 1 ;
3 2 10 1 1 0.15 4 0 0 1 ;
2 4 10 1 1 0.15 4 0 0 1 ;
4 1 10 1 1 0.15 4 0 0 1 ;
3 4 10 1 50 0.15 4 0 0 1 ;
4 3 10 1 1 0.15 4 0 0 1 ;
"""
TRIPS = """<NUMBER OF ZONES> 4
<TOTAL OD FLOW> 12
<END OF METADATA>

Origin 1
1 : 5.0; 2 : 3.0;
Origin 3
4 : 4.0; 3 : 0.0;
"""

GMNS = {
    "node.csv": "node_id,x_coord,y_coord,zone_id\nA,0,0,1.0\nB,1,0,\nC,2,0,2.0\nD,2,1,2.0\n",
    "link.csv": (
        "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes\n"
        "1,A,B,false,30,60,50,2\n2,B,C,true,60,60,40,\n3,B,D,1,90,60,,1\n"
    ),
    "demand.csv": "o_zone_id,d_zone_id,volume\n1,2,70\n2,2,5\n1,1,6\n",
}


def packed(data: bytes) -> bytes:
    """Give the bytes packed, the same whenever it is done."""
    return gzip.compress(data, mtime=0)


def put(path: Path, content: str | bytes, *, pack: bool = False) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(packed(data) if pack else data)
    return path


def tntp(folder: Path, net: str = NET, trips: str = TRIPS) -> Path:
    put(folder / "town_trips.tntp", trips)
    return put(folder / "town_net.tntp", net)


def gmns(folder: Path, **changed: str) -> Path:
    for name, content in (GMNS | {f"{name}.csv": content for name, content in changed.items()}).items():
        put(folder / name, content)
    return folder


def sentence(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        open_problem(path)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 500
    return said


def read_or_said(path: Path) -> bool:
    """Tell whether a file is read, or refused in one line; any other error escapes."""
    try:
        return isinstance(open_problem(path), FlowProblem)
    except DataError as error:
        return "\n" not in str(error)


def same(one: FlowProblem, other: FlowProblem) -> bool:
    names = ("tail", "head", "cost", "origin", "destination", "class_", "amount", "penalty", "capacity")
    return (
        one.node_count == other.node_count
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)
        and one.usage.shape == other.usage.shape
        and (one.usage != other.usage).nnz == 0
    )


def cost_of(problem: FlowProblem) -> float:
    solution = arcs.solve(problem)
    certificate = certify(problem, solution)
    assert certificate.holds, certificate.reasons
    return certificate.primal_objective


# --- planar


def test_planar_is_read_as_it_says(tmp_path: Path) -> None:
    problem = open_problem(put(tmp_path / "a", PLANAR))
    assert problem.node_count == 4
    assert problem.tail.tolist() == [0, 1, 0]
    assert problem.cost.tolist() == [[5, 0, 9]]
    assert problem.capacity.tolist() == [10, 2.5]
    assert problem.usage.toarray().tolist() == [[1, 0, 0], [0, 0, 1]]
    assert np.isinf(problem.penalty).all()
    assert cost_of(problem) == 7 * 5


@pytest.mark.parametrize("name", ["a", "a.gz", "a.txt", "demanding.dat"])
@pytest.mark.parametrize("pack", [False, True])
def test_gzip_is_known_by_its_first_bytes_whatever_the_name(tmp_path: Path, name: str, pack: bool) -> None:
    plain = open_problem(put(tmp_path / "plain", PLANAR))
    assert same(open_problem(put(tmp_path / name, PLANAR, pack=pack)), plain)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace("\n", "\r\n"),
        lambda data: data.replace(" ", "\t "),
        lambda data: "\ufeff" + data,
        lambda data: data.replace("\n", "\n\n  \n"),
        lambda data: data.rstrip("\n"),
        lambda data: data.replace("10", "1.0e1").replace("4 4", "4.0 +4"),
    ],
)
def test_white_space_and_ways_of_writing_do_not_matter(tmp_path: Path, change: Callable[[str], str]) -> None:
    assert same(open_problem(put(tmp_path / "b", change(PLANAR))), open_problem(put(tmp_path / "a", PLANAR)))


@given(single_origin(), st.floats(1e-300, 1e300))
@settings(deadline=None)
def test_planar_written_and_read_again_is_the_same(problem: FlowProblem, factor: float) -> None:
    scaled = FlowProblem.single_class(
        node_count=problem.node_count,
        tail=problem.tail,
        head=problem.head,
        cost=problem.cost[0] * factor,
        arc_capacity=np.where(np.arange(problem.arc_count) % 3 == 0, np.inf, problem.tail / 3),
        origin=problem.origin,
        destination=problem.destination,
        amount=problem.amount / 7,
    )
    for one in (problem, scaled):
        assert same(planar.read(Text(Path("written"), planar.write(one).encode())), one)


@given(shared_resources())
@settings(deadline=None, max_examples=30)
def test_what_planar_cannot_say_is_not_written(problem: FlowProblem) -> None:
    with pytest.raises(ProblemError, match="planar format"):
        planar.write(problem)


@pytest.mark.parametrize(
    ("line", "new", "words"),
    [
        (1, "x", ["line 1", "'x'"]),
        (1, "4.5", ["line 1", "a count"]),
        (1, "0", ["line 1", "a count"]),
        (1, "999999999999999999", ["line 1", "at most"]),
        (2, "9999999999999999999999", ["line 7", "'1 3 7'", "arc 4 of"]),
        (2, "2", ["line 6", "no more than 2"]),
        (2, "4", ["line 7", "arc 4 of 4"]),
        (3, "1e300", ["line 9", "the end of the file", "commodity 3"]),
        (3, "1", ["line 8", "no more than 1"]),
        (4, "1 2 5 ten", ["line 4", "'1 2 5 ten'", "four numbers"]),
        (4, "1 2 5 1_0", ["line 4", "four numbers"]),
        (4, "1 2 nan 10", ["line 4", "four numbers"]),
        (5, "2 3 -1 4", ["line 5", "a cost (column 3)", "0 or more"]),
        (5, "2 3 1e999 4", ["line 5", "a cost (column 3)", "finite"]),
        (5, "2 5 0 4", ["line 5", "a head (column 2)", "from 1 to 4"]),
        (5, "2.5 3 0 4", ["line 5", "a tail (column 1)"]),
        (6, "1 3 9", ["line 6", "'1 3 9'", "arc 3 of 3"]),
        (7, "0 3 7", ["line 7", "an origin (column 1)"]),
        (8, "4 4 -3", ["line 8", "a demand (column 3)"]),
        (8, "4 4 3 1", ["line 8", "commodity 2 of 2"]),
        (8, "4 4 3\nmore", ["line 9", "'more'", "the end of the file"]),
    ],
)
def test_a_damaged_planar_file_is_one_sentence_with_its_line(
    tmp_path: Path, line: int, new: str, words: list[str]
) -> None:
    lines = PLANAR.splitlines()
    lines[line - 1] = new
    said = sentence(put(tmp_path / "damaged", "\n".join(lines) + "\n"))
    for word in ["damaged", "found", "expected", ";", *words]:
        assert word in said, said


@given(st.integers(0, len(PLANAR) - 3))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_planar_file_cut_anywhere_is_not_taken_for_a_whole_one(tmp_path: Path, size: int) -> None:
    assert sentence(put(tmp_path / "cut", PLANAR[:size]))


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
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_a_reader_fail_but_by_a_sentence(tmp_path: Path, data: bytes, name: str) -> None:
    tntp(tmp_path)
    put(tmp_path / name, data)
    assert read_or_said(tmp_path / ("a" if name == "a" else "town_net.tntp"))


@given(st.sampled_from(sorted(GMNS)), st.binary(max_size=60), st.integers(0, 200), st.integers(0, 9))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_the_gmns_reader_fail_but_by_a_sentence(
    tmp_path: Path, name: str, data: bytes, place: int, size: int
) -> None:
    gmns(tmp_path)
    whole = GMNS[name].encode()
    put(tmp_path / name, whole[:place] + data + whole[place + size :])
    assert read_or_said(tmp_path)


# --- TNTP


def test_zones_of_tntp_are_not_passed_through(tmp_path: Path) -> None:
    problem = open_problem(tntp(tmp_path))
    # 1 - 3 - 2 for three trips; 3 - 4 takes the slow link, for the way by zone 2 is closed; 1 - 1 stays
    assert cost_of(problem) == 3 * 2 + 4 * 50
    open_zones = open_problem(tntp(tmp_path, NET.replace("<FIRST THRU NODE> 3", "<FIRST THRU NODE> 1")))
    assert cost_of(open_zones) == 3 * 2 + 4 * 2


def test_capacities_of_tntp_are_hard_and_a_price_lets_demand_be_left(tmp_path: Path) -> None:
    crowded = TRIPS.replace("2 : 3.0", "2 : 13.0").replace("> 12", "> 22")
    problem = open_problem(tntp(tmp_path, trips=crowded))
    assert answer(problem, "arcs").status == "infeasible"
    assert cost_of(with_reservation(problem, 100)) == 10 * 2 + 3 * 100 + 4 * 50


def test_tntp_is_found_by_its_folder_and_packed(tmp_path: Path) -> None:
    plain = open_problem(tntp(tmp_path))
    assert same(open_problem(tmp_path), plain)
    packed = tmp_path / "packed"
    packed.mkdir()
    put(packed / "town_net.tntp.gz", NET, pack=True)
    put(packed / "town_trips.tntp.gz", TRIPS, pack=True)
    assert same(open_problem(packed / "town_net.tntp.gz"), plain)
    assert same(open_problem(packed), plain)


@pytest.mark.parametrize(
    ("net", "trips", "words"),
    [
        (("<END OF METADATA>", ""), None, ["net.tntp", "no <END OF METADATA>"]),
        (("<NUMBER OF NODES> 4", ""), None, ["no <NUMBER OF NODES>"]),
        (("NODES> 4", "NODES> four"), None, ["line 2", "whole number"]),
        (("NODES> 4", "NODES> 3"), None, ["line 11", "an init node", "from 1 to 3"]),
        (("NODES> 4", "NODES> 99999999999"), None, ["at most"]),
        (("2 4 10", "2 5 10"), None, ["line 10", "a term node", "from 1 to 4"]),
        (("LINKS> 6", "LINKS> 5"), None, ["line 13", "the end of the file after 5 links"]),
        (("LINKS> 6", "LINKS> 7"), None, ["the end of the file", "link 7 of 7"]),
        (("3 2 10 1 1", "3 2 ten 1 1"), None, ["line 9", "link 2 of 6"]),
        (("3 2 10 1 1", "3 2 -10 1 1"), None, ["line 9", "a capacity (column 3)"]),
        (("3 2 10 1 1", "3 2 10 1 -1"), None, ["line 9", "a free flow time (column 5)"]),
        (None, ("2 : 3.0;", "2 : 3.0"), ["trips.tntp", "line 6", "'2 : 3.0'"]),
        (None, ("2 : 3.0;", "2 : three;"), ["line 6", "'2 : three;'"]),
        (None, ("2 : 3.0;", "9 : 3.0;"), ["line 6", "'9 : 3.0;'", "zones from 1 to 4"]),
        (None, ("2 : 3.0;", "2 : -3.0;"), ["line 6", "0 or more"]),
        (None, ("Origin 3", "Origin 7"), ["line 7", "zones from 1 to 4"]),
        (None, ("Origin 3\n4 : 4.0; 3 : 0.0;\n", ""), ["line 2", "sum of the trips, 8"]),
        (None, ("FLOW> 12", "FLOW> many"), ["line 2", "a number"]),
        (None, ("ZONES> 4", "ZONES> 5"), ["5 zones", "at most the 4 nodes"]),
    ],
)
def test_damaged_tntp_is_one_sentence(
    tmp_path: Path, net: tuple[str, str] | None, trips: tuple[str, str] | None, words: list[str]
) -> None:
    said = sentence(tntp(tmp_path, NET.replace(*net) if net else NET, TRIPS.replace(*trips) if trips else TRIPS))
    for word in words:
        assert word in said, said


def test_a_network_without_its_trips_is_one_sentence(tmp_path: Path) -> None:
    alone = tntp(tmp_path)
    assert "the network that it belongs to" in sentence(tmp_path / "town_trips.tntp")
    (tmp_path / "town_trips.tntp").unlink()
    assert "town_trips.tntp" in sentence(alone)
    assert "NAME_net.tntp" in sentence(put(tmp_path / "town.tntp", NET))


def test_one_of_several_networks_must_be_named(tmp_path: Path) -> None:
    tntp(tmp_path)
    put(tmp_path / "village_net.tntp", NET)
    assert "2 TNTP networks" in sentence(tmp_path)


# --- GMNS


def test_gmns_is_read_as_it_says(tmp_path: Path) -> None:
    problem = open_problem(gmns(tmp_path))
    # A - B takes half an hour and 100 vehicles; B - C an hour and 40; B - D 1.5 hours: 40 by C, 30 by D
    assert cost_of(problem) == pytest.approx(70 * 0.5 + 40 * 1 + 30 * 1.5)
    assert problem.capacity.tolist() == [100, 40]


def test_both_ways_of_an_undirected_link_share_its_capacity(tmp_path: Path) -> None:
    nodes = "node_id,x_coord,y_coord\n1,0,0\n2,1,0\n"
    link = "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes\n1,1,2,{},60,60,10,1\n"
    demand = "o_zone_id,d_zone_id,volume\n1,2,7\n2,1,7\n"
    problem = open_problem(gmns(tmp_path, node=nodes, link=link.format("false"), demand=demand))
    assert problem.usage.toarray().tolist() == [[1, 1]]
    assert answer(problem, "arcs").status == "infeasible"
    left = with_reservation(problem, 100)
    assert arcs.solve(left).arc_flow(left).sum() == pytest.approx(10)


def test_gmns_units_are_those_of_its_config(tmp_path: Path) -> None:
    plain = open_problem(gmns(tmp_path))
    put(tmp_path / "config.csv", "long_length,speed\nkm,mph\n")
    assert open_problem(tmp_path).cost[0, 0] == pytest.approx(plain.cost[0, 0] / 1.609344)
    put(tmp_path / "config.csv", "long_length,speed\nverst,mph\n")
    assert "'verst'" in sentence(tmp_path)


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
