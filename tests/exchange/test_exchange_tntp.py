"""TNTP networks: a wrong cell is named by its column, factors count, and what is not read is said."""

from pathlib import Path

import numpy as np
import pytest
from networks import NET, PLANAR, TRIPS, cost_of, put, same, sentence, tntp

from corridors.exchange import open_instance, open_problem, with_reservation
from corridors.exchange.proving import answer

LINK = "3 2 10 1 1 0.15 4 0 0 1 ;"  # line 9
COLUMNS = ["init node", "term node", "capacity", "length", "free flow time", "b", "power"]


def said(path: Path) -> str:
    return "\n".join(open_instance(path).notices)


def with_tag(tag: str, value: str, net: str = NET) -> str:
    return net.replace("<NUMBER OF LINKS>", f"<{tag}> {value}\n<NUMBER OF LINKS>")


@pytest.mark.parametrize("cell", ["inf", "Inf", "-inf", "+INF", "infinity", "nan", "NaN"])
@pytest.mark.parametrize("number", range(1, 8))
def test_what_is_no_finite_number_is_named_with_its_column(tmp_path: Path, cell: str, number: int) -> None:
    cells = LINK.split()
    column, cells[number - 1] = COLUMNS[number - 1], cell
    words = sentence(tntp(tmp_path, NET.replace(LINK, " ".join(cells))))
    place = f"town_net.tntp, line 9, {column} (column {number}): found {cell}, expected a finite number"
    assert place in words, words


@pytest.mark.parametrize("line", ["\t3\t2 10 1 inf 0.15 4 0 0 1;", "   3 2 10 1 inf 0.15 4 0 0 1 ; ", "3 2 10 1 inf;"])
def test_white_space_and_missing_columns_do_not_hide_it(tmp_path: Path, line: str) -> None:
    words = sentence(tntp(tmp_path, NET.replace(LINK, line)))
    assert "line 9, free flow time (column 5): found inf, expected a finite number" in words, words


@pytest.mark.parametrize("cell", ["ten", "1,5", "0x1F", "1_0", "'5'", "1e"])
def test_what_is_no_number_is_named_with_its_column_and_line(tmp_path: Path, cell: str) -> None:
    words = sentence(tntp(tmp_path, NET.replace(LINK, f"3 2 10 1 {cell} 0.15 4 0 0 1 ;")))
    for word in ("line 9, free flow time (column 5)", cell, "link 2 of 6"):
        assert word in words, words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1 2 inf 10", "line 4, cost (column 3): found inf, expected a finite number"),
        ("1 nan 5 10", "line 4, head (column 2): found nan"),
        ("1 2 5 -inf", "line 4, capacity (column 4): found -inf"),
    ],
)
def test_so_it_is_in_planar_files(tmp_path: Path, row: str, words: str) -> None:
    assert words in sentence(put(tmp_path / "a", PLANAR.replace("1 2 5 10", row)))
    assert "demand (column 3): found inf" in sentence(put(tmp_path / "b", PLANAR.replace("1 3 7", "1 3 inf")))


# --- factors and other metadata


def test_toll_and_distance_factors_count_and_are_said(tmp_path: Path) -> None:
    net = NET.replace(LINK, "3 2 10 4 1 0.15 4 0 20 1 ;")
    plain = open_problem(tntp(tmp_path, net))
    net = with_tag("TOLL FACTOR", "0.5", with_tag("DISTANCE FACTOR", "0.25", net))
    path = tntp(tmp_path, net)
    cost = open_problem(path).cost[0]
    lengths = np.array([1, 4, 1, 1, 1, 1])
    assert (cost - plain.cost[0]).tolist() == (0.25 * lengths + 0.5 * np.array([0, 20, 0, 0, 0, 0])).tolist()
    assert "free flow time + 0.5 x toll + 0.25 x length" in said(path)
    assert cost_of(open_problem(path)) == 3 * (1.25 + 1 + 1 + 10) + 4 * 50.25


@pytest.mark.parametrize("value", ["0", "0.0", "0.00e0"])
def test_factors_of_zero_change_nothing_and_need_no_word(tmp_path: Path, value: str) -> None:
    path = tntp(tmp_path, with_tag("TOLL FACTOR", value, with_tag("DISTANCE FACTOR", value)))
    assert said(path) == ""
    assert open_problem(path).cost[0].tolist() == [1, 1, 1, 1, 50, 1]


@pytest.mark.parametrize("value", ["", "half", "-1", "inf", "nan", "1e999"])
@pytest.mark.parametrize("tag", ["TOLL FACTOR", "DISTANCE FACTOR"])
def test_a_factor_that_is_none_is_refused(tmp_path: Path, tag: str, value: str) -> None:
    words = sentence(tntp(tmp_path, with_tag(tag, value)))
    for word in ("line 4", f"<{tag}>", "a finite number of 0 or more"):
        assert word in words, words


def test_tolls_without_a_column_are_refused(tmp_path: Path) -> None:
    net = "\n".join(line.split(" 0.15")[0] + " ;" if " 0.15" in line else line for line in NET.splitlines())
    assert said(tntp(tmp_path, net)) == ""
    assert "a toll of each link (column 9)" in sentence(tntp(tmp_path, with_tag("TOLL FACTOR", "1", net)))


def test_tolls_of_which_nobody_says_what_they_are_worth_are_said_to_be_left_out(tmp_path: Path) -> None:
    assert "the tolls of 1 link are not read" in said(tntp(tmp_path, NET.replace(LINK, "3 2 10 1 1 0.15 4 0 20 1 ;")))


def test_metadata_that_are_not_known_are_named(tmp_path: Path) -> None:
    path = tntp(tmp_path, with_tag("CAPACITY PERIOD", "2"), "<PEAK SHARE> 0.1\n" + TRIPS)
    assert "town_net.tntp: not read: <CAPACITY PERIOD>" in said(path)
    assert "town_trips.tntp: not read: <PEAK SHARE>" in said(path)


@pytest.mark.parametrize("tag", ["NUMBER OF NODES", "FIRST THRU NODE", "number of nodes"])
def test_metadata_that_are_there_twice_are_refused(tmp_path: Path, tag: str) -> None:
    words = sentence(tntp(tmp_path, with_tag(tag, "2")))
    assert f"<{tag.upper()}> once" in words, words


@pytest.mark.parametrize(("first", "right"), [("1", True), ("5", True), ("6", False), ("999999", False)])
def test_a_first_thru_node_beyond_the_nodes_is_refused(tmp_path: Path, first: str, right: bool) -> None:
    path = tntp(tmp_path, NET.replace("<FIRST THRU NODE> 3", f"<FIRST THRU NODE> {first}"))
    if right:
        assert open_problem(path).node_count == 4 + int(first) - 1
    else:
        assert "line 3" in sentence(path)


def test_pairs_that_are_there_twice_are_added_up_and_said(tmp_path: Path) -> None:
    path = tntp(tmp_path, trips=TRIPS.replace("2 : 3.0;", "2 : 1.0; 2 : 2.0;"))
    assert "1 entry is for a pair of zones that has one already" in said(path)
    assert cost_of(open_problem(path)) == 3 * 2 + 4 * 50


def test_a_network_that_says_everything_is_read_without_a_word(tmp_path: Path) -> None:
    made = open_instance(tntp(tmp_path))
    assert made.notices == ()
    assert made.nodes == ["1", "2", "3", "4", "1", "2"]
    assert made.links == ["1", "2", "3", "4", "5", "6"]
    assert (made.origins[1], made.destinations[1]) == ("1", "2")


# --- zones, capacities and the two files


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
