"""GMNS networks: what their files say is read, refused or named, and nothing is guessed in silence."""

from pathlib import Path

import numpy as np
import pytest
from networks import GMNS, cost_of, gmns, put, same, sentence

from corridors.exchange import Instance, open_instance, open_problem, with_reservation
from corridors.exchange.proving import answer
from corridors.models import arcs

NODE = "node_id,x_coord,y_coord,zone_id\n1,{},{},1\n2,{},{},2\n"
LINK = "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes\n{}"
DEMAND = "o_zone_id,d_zone_id,volume\n1,2,50\n"
KM = "long_length,speed\nkm,kph\n"
DEGREES = (76.9, 43.2, 77.9, 43.2)  # 81.2 km apart
METRES = (500000, 4800000, 560000, 4800000)  # 60 km


def files(folder: Path, config: str | None = KM, link: str | None = None, at: tuple[float, ...] = DEGREES) -> Path:
    put(folder / "node.csv", NODE.format(*at))
    put(folder / "link.csv", link or LINK.format("a,1,2,1,60,60,100,1\n"))
    put(folder / "demand.csv", DEMAND)
    if config is not None:
        put(folder / "config.csv", config)
    return folder


def said(path: Path) -> str:
    return "\n".join(open_instance(path).notices)


def test_a_network_that_says_everything_is_read_without_a_word(tmp_path: Path) -> None:
    made = open_instance(files(tmp_path))
    assert isinstance(made, Instance)
    assert made.notices == ()
    assert made.problem.cost.tolist() == [[1]]
    assert (made.nodes, made.links) == (["1", "2"], ["a"])
    assert (made.origins, made.destinations) == (["1"], ["2"])


# --- names of files and columns


@pytest.mark.parametrize("name", ["Node.csv", "NODE.CSV", "Node.csv.gz", "NODE.CSV.GZ"])
def test_capitals_in_names_do_not_matter(tmp_path: Path, name: str) -> None:
    plain = open_problem(files(tmp_path))
    content = (tmp_path / "node.csv").read_bytes()
    (tmp_path / "node.csv").unlink()
    named = put(tmp_path / name, content, pack=name.lower().endswith("gz"))
    (tmp_path / "link.csv").rename(tmp_path / "LINK.csv")
    (tmp_path / "demand.csv").rename(tmp_path / "Demand.CSV")
    (tmp_path / "config.csv").rename(tmp_path / "Config.csv")
    assert same(open_problem(tmp_path), plain)
    assert same(open_problem(named), plain)


def test_capitals_in_a_data_package_do_not_matter(folder: Path) -> None:
    plain = open_problem(folder)
    (folder / "links.csv").rename(folder / "Links.CSV")
    (folder / "datapackage.json").rename(folder / "DataPackage.json")
    assert same(open_problem(folder), plain)


@pytest.mark.parametrize("other", ["Link.csv", "link.csv.gz", "LINK.CSV.GZ"])
def test_a_table_that_is_there_twice_is_refused(tmp_path: Path, other: str) -> None:
    files(tmp_path)
    put(tmp_path / other, LINK.format("a,1,2,1,90,60,100,1\n"), pack=other.lower().endswith("gz"))
    words = sentence(tmp_path)
    assert f"{other}" in words
    assert "expected one link.csv" in words


@pytest.mark.parametrize("twice", ["length", "Length", " LENGTH ", '"length"', "capacity", "link_id"])
def test_a_column_that_is_there_twice_is_refused(tmp_path: Path, twice: str) -> None:
    files(tmp_path, link=f"{LINK.format('').strip()},{twice}\na,1,2,1,60,60,100,1,60000\n")
    words = sentence(tmp_path)
    for word in ("link.csv, line 1", "2 columns", twice.strip('" ').lower()):
        assert word in words, words


@pytest.mark.parametrize("table", ["node", "demand", "config"])
def test_so_it_is_in_every_table(tmp_path: Path, table: str) -> None:
    path = files(tmp_path) / f"{table}.csv"
    lines = path.read_text().splitlines()
    put(path, "\n".join(f"{line},{line}" for line in lines) + "\n")
    assert "2 columns" in sentence(tmp_path)


def test_columns_without_a_name_do_not_count(tmp_path: Path) -> None:
    files(tmp_path, link=f"{LINK.format('').strip()},,\na,1,2,1,60,60,100,1,,\n")
    assert cost_of(open_problem(tmp_path)) == 50


# --- units


@pytest.mark.parametrize("config", ["long_length,speed\nmeters,\n", "long_length,speed\n,kph\n", "long_length\nm\n"])
def test_units_named_by_half_are_refused(tmp_path: Path, config: str) -> None:
    words = sentence(files(tmp_path, config))
    for word in ("config.csv, line 2, column", "a blank", "both or neither"):
        assert word in words, words


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("long_length,speed\nverst,kph\n", ["column long_length", "'verst'"]),
        ("long_length,speed\nkm,knots\n", ["column speed", "'knots'"]),
        ("long_length,speed\nkm,kph\nmiles,mph\n", ["line 3", "2 rows"]),
    ],
)
def test_units_that_are_not_known_or_not_one_are_refused(tmp_path: Path, config: str, words: list[str]) -> None:
    found = sentence(files(tmp_path, config))
    for word in ["config.csv", *words]:
        assert word in found, found


@pytest.mark.parametrize(
    ("config", "length", "speed"),
    [("meters,kph", 60000, 60), ("Kilometers, KM/H", 60, 60), ("miles,mph", 60, 60), ("feet,ft/s", 88, 88 / 3600)],
)
def test_units_that_are_named_are_used(tmp_path: Path, config: str, length: float, speed: float) -> None:
    link = LINK.format(f"a,1,2,1,{length},{speed},100,1\n")
    assert cost_of(open_problem(files(tmp_path, f"long_length,speed\n{config}\n", link))) == pytest.approx(50)


@pytest.mark.parametrize("config", [None, "long_length,speed\n", "long_length,speed\n,\n", "dataset_name\nx\n"])
def test_units_that_nobody_names_are_said(tmp_path: Path, config: str | None) -> None:
    words = said(files(tmp_path, config))
    for word in ("link.csv", "nothing names the units", "line 2", "takes 1 h", "add config.csv"):
        assert word in words, words
    assert open_problem(tmp_path).cost.tolist() == [[1]]


@pytest.mark.parametrize("at", [DEGREES, METRES, ("", "", "", "")])
def test_metres_beside_kilometres_an_hour_are_refused_unless_named(tmp_path: Path, at: tuple[float, ...]) -> None:
    words = sentence(files(tmp_path, None, LINK.format("a,1,2,1,60000,60,100,1\n"), at))
    for word in ("link.csv, line 2, column length", "'60000'", "config.csv", "long_length and speed"):
        assert word in words, words
    assert ("looks like metres" in words) == (at[0] != "")
    assert cost_of(open_problem(files(tmp_path, "long_length,speed\nm,kph\n", None, at))) == pytest.approx(50 / 1000)


@pytest.mark.parametrize(
    ("length", "looks"), [(81200, "metres"), (0.0812, None), (266400, "feet"), (60, None), (81.2, None), (162, None)]
)
def test_a_length_that_does_not_fit_the_coordinates_is_named_with_its_unit(
    tmp_path: Path, length: float, looks: str | None
) -> None:
    words = said(files(tmp_path, KM, LINK.format(f"a,1,2,1,{length},60,100,1\nb,2,1,1,81.2,60,100,1\n")))
    if looks is None and length > 1:
        assert words == ""
    else:
        for word in ("link.csv, line 2, column length", "81.2", "km apart", f"looks like {looks}" if looks else "fit"):
            assert word in words, words


@pytest.mark.parametrize(
    ("unit", "length", "looks"), [("km", 50.5, "miles"), ("km", 81.2, None), ("miles", 50.5, None), ("km", 99, None)]
)
def test_miles_called_kilometres_are_shorter_than_the_straight_line(
    tmp_path: Path, unit: str, length: float, looks: str | None
) -> None:
    rows = "".join(f"{n},{1 + n % 2},{2 - n % 2},1,{length + n / 10},60,100,1\n" for n in range(12))
    words = said(files(tmp_path, f"long_length,speed\n{unit},kph\n", LINK.format(rows)))
    assert ("look like miles" in words) == (looks is not None), words


@pytest.mark.parametrize(
    ("crs", "at", "words"),
    [
        ("EPSG:32643", METRES, ""),
        ("EPSG:4326", DEGREES, ""),
        ("EPSG:2263", tuple(x / 0.3048 for x in METRES), ""),
        ("EPSG:4326", METRES, "no degrees"),
        ("my own", DEGREES, "'my own'"),
    ],
)
def test_coordinates_are_read_as_their_system_has_them(
    tmp_path: Path, crs: str, at: tuple[float, ...], words: str
) -> None:
    config = f"long_length,speed,crs\nkm,kph,{crs}\n"
    found = said(files(tmp_path, config, None, at))
    assert words in found if words else found == ""


# --- directions


@pytest.mark.parametrize("cell", ["0", "false", "FALSE", "False", "f", "no", "0.0", " 0 "])
def test_a_link_that_is_not_directed_is_two_ways(tmp_path: Path, cell: str) -> None:
    files(tmp_path, link=LINK.format(f"a,2,1,{cell},60,60,100,1\n"))
    assert cost_of(open_problem(tmp_path)) == 50


OLD = "link_id,from_node_id,to_node_id,dir_flag,length,free_speed,capacity,lanes\n"


@pytest.mark.parametrize("cell", ["0", "0.0"])
def test_an_undirected_link_of_the_old_form_is_two_ways_and_so_it_is_said(tmp_path: Path, cell: str) -> None:
    made = open_instance(files(tmp_path, link=f"{OLD}a,2,1,{cell},60,60,100,1\n"))
    assert cost_of(made.problem) == 50
    assert made.links == ["a", "a"]
    assert "no column directed; 1 link with a dir_flag of 0 read both ways" in "\n".join(made.notices)


def test_links_of_which_nothing_tells_their_direction_are_said_to_be_read_one_way(tmp_path: Path) -> None:
    files(tmp_path, link="from_node_id,to_node_id,length,free_speed,capacity,lanes\n1,2,60,60,100,1\n")
    assert "no column directed; all links are read one way" in said(tmp_path)


@pytest.mark.parametrize("column", ["bidirectional", "oneway", "one_way", "two_way", "direction"])
def test_directions_told_in_a_way_of_its_own_are_refused(tmp_path: Path, column: str) -> None:
    words = sentence(files(tmp_path, link=OLD.replace("dir_flag", column) + "a,1,2,1,60,60,100,1\n"))
    for word in ("link.csv, line 1", column, "the column directed"):
        assert word in words, words


@pytest.mark.parametrize("cell", ["2", "both", "true"])
def test_a_dir_flag_that_is_none_is_refused(tmp_path: Path, cell: str) -> None:
    assert "column dir_flag" in sentence(files(tmp_path, link=f"{OLD}a,1,2,{cell},60,60,100,1\n"))


# --- what is taken for granted, and what is not read


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("toll", "2.5"),
        ("allowed_uses", "bike"),
        ("ab_capacity", "900"),
        ("BA_toll", "1"),
        ("vdf_fftt", "3"),
        ("travel_time", "12"),
        ("speed_limit", "90"),
    ],
)
def test_columns_that_may_change_the_answer_are_named(tmp_path: Path, column: str, cell: str) -> None:
    header = f"{LINK.format('').strip()},{column}\n"
    words = said(files(tmp_path, link=f"{header}a,1,2,1,60,60,100,1,{cell}\nb,2,1,1,60,60,100,1,{cell}\n"))
    assert f"link.csv: not read: {column.lower()} (2 rows)" in words
    assert said(files(tmp_path, link=f"{header}a,1,2,1,60,60,100,1,\n")) == ""
    assert said(files(tmp_path, link=f"{header}a,1,2,1,60,60,100,1,0\n")) == ""


@pytest.mark.parametrize("column", ["name", "geometry", "jurisdiction", "parent_link_id", "row_width", "my_own"])
def test_columns_that_change_nothing_are_not_named(tmp_path: Path, column: str) -> None:
    assert said(files(tmp_path, link=f"{LINK.format('').strip()},{column}\na,1,2,1,60,60,100,1,9\n")) == ""


@pytest.mark.parametrize(
    "name", ["link_tod.csv", "Movement.csv", "segment.csv", "lane.csv.gz", "signal_controller.csv"]
)
def test_tables_that_may_change_the_answer_are_named(tmp_path: Path, name: str) -> None:
    put(files(tmp_path) / name, "link_id\na\n")
    assert "not read, although there is something about" in said(tmp_path)
    assert name.lower().removesuffix(".gz") in said(tmp_path)


@pytest.mark.parametrize("column", ["use", "time_period", "mode"])
def test_kinds_of_demand_are_named(tmp_path: Path, column: str) -> None:
    put(files(tmp_path) / "demand.csv", f"o_zone_id,d_zone_id,volume,{column}\n1,2,50,car\n")
    assert f"demand.csv: not read: {column} (1 row)" in said(tmp_path)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,1,2,1,60,60,100,\n", "1 link with a capacity for each lane and no number of lanes; one is taken"),
        ("a,1,2,1,60,60,,1\n", "1 link of 1 without a capacity, taken to have no limit"),
        ("a,1,2,1,60,60,100,1\na,2,1,1,60,60,100,1\n", "1 link with the link_id of another one"),
    ],
)
def test_what_is_taken_for_granted_of_links_is_said(tmp_path: Path, row: str, words: str) -> None:
    assert words in said(files(tmp_path, link=LINK.format(row)))


def test_a_link_of_no_lanes_is_closed_whatever_its_capacity(tmp_path: Path) -> None:
    rows = "a,1,2,1,60,60,,0\nb,1,2,1,90,60,100,1\nc,1,2,1,60,60,70,0\n"
    problem = open_problem(files(tmp_path, link=LINK.format(rows)))
    assert problem.capacity.tolist() == [0, 100, 0]
    assert cost_of(problem) == 75


def test_zones_of_several_nodes_are_said(tmp_path: Path) -> None:
    assert "1 zone with several nodes, of which each trip takes the best: '2'" in said(gmns(tmp_path))


def test_nodes_taken_for_zones_are_said(tmp_path: Path) -> None:
    put(files(tmp_path) / "node.csv", "node_id\n1\n2\n")
    assert "no column zone_id" in said(tmp_path)


def test_ids_of_zones_and_links_are_kept(tmp_path: Path) -> None:
    made = open_instance(gmns(tmp_path))
    assert made.nodes == ["A", "B", "C", "D", "", ""]
    assert made.links[:4] == ["1", "2", "3", "1"]
    assert set(made.links[4:]) == {""}
    assert (made.origins, made.destinations) == (["1", "2", "1"], ["2", "2", "1"])
    put(tmp_path / "link.csv", GMNS["link.csv"].replace("link_id,", "x,"))
    assert open_instance(tmp_path).links[:4] == ["1", "2", "3", "1"]
    assert np.isfinite(made.problem.cost).all()


# --- ways of writing


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data.replace(b"\n", b"\n\n  \n"),
        lambda data: data.replace(b",", b" , "),
        lambda data: data.rstrip(b"\n"),
        lambda data: data.split(b"\n", 1)[0].upper() + b"\n" + data.split(b"\n", 1)[1],
    ],
)
def test_ways_of_writing_do_not_matter(tmp_path: Path, change: object) -> None:
    plain = open_instance(files(tmp_path))
    for name in ("node", "link", "demand", "config"):
        put(tmp_path / f"{name}.csv", change((tmp_path / f"{name}.csv").read_bytes()))  # type: ignore[operator]
    made = open_instance(tmp_path)
    assert same(made.problem, plain.problem)
    assert (made.notices, made.links) == (plain.notices, plain.links)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251"])
def test_other_encodings_are_one_sentence(tmp_path: Path, encoding: str) -> None:
    text = f"{LINK.format('').strip()},name\na,1,2,1,60,60,100,1,Дорога\n"
    assert "UTF-8" in sentence(put(files(tmp_path) / "link.csv", text.encode(encoding)))


# --- three links, solved by hand


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
