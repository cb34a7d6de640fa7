"""Road networks with delays are read as their files say, and refused in one sentence where they cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from networks import GMNS, NET, PLANAR, TRIPS, gmns, put, tntp

from corridors.errors import DataError
from corridors.exchange import open_problem
from corridors.exchange.assigning import Wanted, assign, flow_table
from corridors.exchange.road_classes import road_classes
from corridors.exchange.road_opening import open_roads
from corridors.exchange.roads import RoadClass

TOLLED = NET.replace("1 3 10 1 1 0.15 4 0 0 1", "1 3 10 1 1 0.15 4 0 7 1")


def refused(path: Path, **factors: object) -> str:
    with pytest.raises(DataError) as caught:
        open_roads(path, **factors)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 500
    return said


def test_a_tntp_network_has_its_delays_and_its_closed_zones(tmp_path: Path) -> None:
    roads = open_roads(tntp(tmp_path))
    problem = roads.problem
    assert problem.node_count == 4
    assert problem.passable.tolist() == [False, False, True, True]
    costs = problem.costs
    assert costs.free_time.tolist() == [1, 1, 1, 1, 50, 1]
    assert costs.at(np.full(6, 20.0)) == pytest.approx(costs.free_time * (1 + 0.15 * 2**4))
    assert roads.origins == ["1", "1", "3"]
    assert roads.links == ["1", "2", "3", "4", "5", "6"]
    assert roads.notices == ()


def test_factors_of_the_file_and_of_the_user(tmp_path: Path) -> None:
    asked = open_roads(tntp(tmp_path, TOLLED), toll_factor=2, distance_factor=0.5)
    assert asked.problem.costs.fixed.tolist() == [14.5, *[0.5] * 5]
    assert any("2 x toll + 0.5 x length" in notice for notice in asked.notices)
    silent = open_roads(tntp(tmp_path, TOLLED))
    assert not silent.problem.costs.fixed.any()
    assert any("tolls of 1 link are not read" in notice for notice in silent.notices)
    own = open_roads(tntp(tmp_path, "<TOLL FACTOR> 3\n" + TOLLED), toll_factor=2)
    assert own.problem.costs.fixed.tolist() == [21, 0, 0, 0, 0, 0]
    assert any("its own <TOLL FACTOR> of 3 holds" in notice for notice in own.notices)


def test_a_capacity_of_0_is_one_where_nothing_crowds(tmp_path: Path) -> None:
    flat = NET.replace("1 3 10 1 1 0.15 4 0 0 1", "1 3 0 1 1 0 4 0 0 1")
    assert open_roads(tntp(tmp_path, flat)).problem.costs.slope[0] == 0
    empty = NET.replace("1 3 10 1 1 0.15 4 0 0 1", "1 3 0 1 0 0.15 4 0 0 1")
    assert open_roads(tntp(tmp_path, empty)).problem.costs.slope[0] == 0
    said = refused(tntp(tmp_path, NET.replace("3 2 10 1 1 0.15", "3 2 0 1 1 0.15")))
    assert "line 9" in said
    assert "a capacity (column 3) above 0" in said


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("0.15 4 0 0 1 ;\n3 2", "-0.15 4 0 0 1 ;\n3 2", "a B (column 6)"),
        ("0.15 4 0 0 1 ;\n3 2", "0.15 -4 0 0 1 ;\n3 2", "a power (column 7)"),
        ("0.15 4 0 0 1 ;\n3 2", "0.15 x 0 0 1 ;\n3 2", "finite number"),
        ("1 3 10 1 1", "1 3 10 1 -1", "a free flow time"),
        ("<NUMBER OF LINKS> 6", "<NUMBER OF LINKS> 7", "link 7 of 7"),
    ],
)
def test_a_wrong_link_is_named_by_its_line(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert words in refused(tntp(tmp_path, NET.replace(before, after, 1)))


def test_links_without_delays_are_for_another_command(tmp_path: Path) -> None:
    short = "\n".join(" ".join(line.split()[:5]) + " ;" if line[:1].isdigit() else line for line in NET.splitlines())
    path = tntp(tmp_path, short + "\n")
    assert open_problem(path).arc_count == 6
    assert "corridors solve takes times as constant" in refused(path)
    assert "corridors solve reads other formats" in refused(put(tmp_path / "planar", PLANAR))
    assert "a TNTP trip table" in refused(tmp_path / "town_trips.tntp")


def test_what_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert "absent" in refused(tmp_path / "absent")
    assert "an empty file" in refused(put(tmp_path / "blank", ""))
    folder = tmp_path / "folder"
    folder.mkdir()
    assert "none of these" in refused(folder)
    tntp(folder)
    assert open_roads(folder).problem.tail.size == 6


def test_a_gmns_network_has_the_delays_of_its_columns(tmp_path: Path) -> None:
    link = (
        "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes,vdf_alpha,vdf_beta,vdf_fftt,toll\n"
        "a,A,B,false,30,60,50,2,0.5,2,,4\nb,B,C,true,60,60,40,,,,30,\nc,B,D,1,90,60,,1,1,1,,\nd,C,D,1,1,60,9,0,1,1,,\n"
    )
    roads = open_roads(gmns(tmp_path, link=link), toll_factor=0.25, distance_factor=0.01)
    assert roads.links[:4] == ["a", "b", "c", "a"]
    assert roads.links[4:] == [""] * 4  # of the zone with two nodes
    costs = roads.problem.costs
    assert costs.free_time.tolist() == [0.5, 0.5, 1.5, 0.5, 0, 0, 0, 0]
    assert costs.fixed[:4].tolist() == pytest.approx([1.3, 0.6, 0.9, 1.3])
    assert costs.capacity[:4].tolist() == [100, 40, np.inf, 100]
    assert costs.steepness[:4].tolist() == [0.5, 0.15, 0, 0.5]
    assert costs.power[:4].tolist() == [2, 4, 1, 2]
    said = " ".join(roads.notices)
    for words in ("time on 1 link grows by 0.15", "1 link read both ways", "1 link without a lane", "0.25 x toll"):
        assert words in said
    assert "not read: toll" not in said
    assert "vdf" not in said


def test_a_gmns_network_without_delays_takes_those_of_the_bureau(tmp_path: Path) -> None:
    roads = open_roads(gmns(tmp_path))
    assert any("time on 3 links grows by 0.15 x (flow / capacity)^4" in notice for notice in roads.notices)
    made = assign(roads, Wanted(gap=1e-9))
    assert made.status == "equilibrium"
    table = flow_table("town", roads, made.solution)
    assert table.link.tolist() == ["1", "2", "3", "1"]
    assert table.flow.tolist()[0] == pytest.approx(70)
    assert table.flow.tolist()[1] + table.flow.tolist()[2] == pytest.approx(70)


def test_a_wrong_delay_of_gmns_is_named_by_its_cell(tmp_path: Path) -> None:
    link = GMNS["link.csv"].replace("lanes\n", "lanes,vdf_alpha\n").replace(",2\n", ",2,high\n")
    link = link.replace(",40,\n", ",40,,\n").replace("60,,1\n", "60,,1,\n")
    said = refused(gmns(tmp_path, link=link))
    assert "line 2, column vdf_alpha" in said
    assert "'high'" in said


def test_trips_that_no_path_can_take_are_named_by_their_zones(tmp_path: Path) -> None:
    trips = TRIPS.replace("1 : 5.0; 2 : 3.0;", "1 : 5.0; 2 : 3.0;\nOrigin 2\n 1 : 2.0;").replace("> 12", "> 14")
    net = NET.replace("2 4 10 1 1 0.15 4 0 0 1 ;\n", "").replace("<NUMBER OF LINKS> 6", "<NUMBER OF LINKS> 5")
    roads = open_roads(tntp(tmp_path, net, trips))
    with pytest.raises(DataError, match=r"no path leads where 2 trips want to go: 2 > 1 \(2\)"):
        assign(roads, Wanted())


def test_answers_say_what_they_are(tmp_path: Path) -> None:
    roads = open_roads(tntp(tmp_path))
    best = assign(roads, Wanted(principle="optimum", gap=1e-9))
    assert best.status == "optimum"
    assert best.total == pytest.approx(best.objective)
    # 3 trips on each of 1 > 3 > 2, 4 on the slow link of the only way from 3 to 4
    assert best.total == pytest.approx(6 * (1 + 0.15 * 0.3**4) + 4 * 50 * (1 + 0.15 * 0.4**4))
    table = flow_table("town", roads, best.solution)
    assert list(table.columns) == ["from_node", "to_node", "flow", "cost", "external_cost", "price", "link", "file"]
    assert table.flow.tolist() == pytest.approx([3, 3, 0, 0, 4, 0])
    assert table.external_cost[0] == pytest.approx(4 * 0.15 * 0.3**4)
    assert (table.cost * table.flow).sum() == pytest.approx(best.total)


# --- classes of trips

TRUCKS = "<NUMBER OF ZONES> 4\n<TOTAL OD FLOW> 6\n<END OF METADATA>\nOrigin 1\n2 : 6;\n"


def test_classes_have_tables_factors_and_sizes_of_their_own(tmp_path: Path) -> None:
    path, trucks = tntp(tmp_path, TOLLED), put(tmp_path / "trucks.tntp", TRUCKS)
    asked = (RoadClass("car", toll=2.0), RoadClass("truck", trips=trucks, distance=0.5, pcu=2.5))
    roads = open_roads(path, toll_factor=1, classes=asked)
    problem = roads.problem
    assert problem.class_of.tolist() == [0, 0, 0, 1]
    assert problem.class_fixed.tolist() == [[14, 0, 0, 0, 0, 0], [7.5, *[0.5] * 5]]
    assert not problem.costs.fixed.any()
    assert problem.amount.tolist() == [5, 3, 4, 15]
    assert roads.vehicles.tolist() == [5, 3, 4, 6]
    assert roads.origins == ["1", "1", "3", "1"]
    first, second = roads.notices
    assert "class car: 12 trips; each costs its time + 2 x toll" in first
    assert "class truck: 6 trips, each 2.5 passenger cars; each costs its time + 1 x toll + 0.5 x length" in second


def test_what_a_class_says_of_itself_holds_above_what_the_file_says(tmp_path: Path) -> None:
    path = tntp(tmp_path, "<TOLL FACTOR> 3\n" + TOLLED)
    said = open_roads(path, classes=[RoadClass("car", toll=0.0)])
    assert not said.problem.class_fixed.any()
    assert open_roads(path, classes=[RoadClass("car")]).problem.class_fixed[0, 0] == 21
    silent = open_roads(tntp(tmp_path, TOLLED), classes=[RoadClass("car")])
    assert any("not read, as nothing says what they are worth to class car" in one for one in silent.notices)


def test_one_class_is_what_factors_are_bit_for_bit(tmp_path: Path) -> None:
    path = tntp(tmp_path, TOLLED)
    plain = assign(open_roads(path, toll_factor=0.3, distance_factor=0.7), Wanted())
    classed = assign(open_roads(path, classes=[RoadClass("all", toll=0.3, distance=0.7)]), Wanted())
    assert (plain.solution.origin_flow != classed.solution.origin_flow).nnz == 0
    assert classed.objective == pytest.approx(plain.objective, rel=1e-14)


def test_flows_of_classes_are_in_their_own_vehicles(tmp_path: Path) -> None:
    path, trucks = tntp(tmp_path, TOLLED), put(tmp_path / "trucks.tntp", TRUCKS)
    asked = (RoadClass("car", toll=2.0), RoadClass("truck", trips=trucks, toll=0.0, pcu=2.5))
    roads = open_roads(path, classes=asked)
    made = assign(roads, Wanted(gap=1e-9))
    assert made.status == "equilibrium"
    table = flow_table("town", roads, made.solution)
    assert list(table.columns)[-4:] == ["flow_car", "cost_car", "flow_truck", "cost_truck"]
    assert (table.flow_car + 2.5 * table.flow_truck).tolist() == pytest.approx(table.flow.tolist())
    assert table.flow_truck[0] == pytest.approx(6)
    assert (table.cost_car - table.cost).tolist() == pytest.approx([14, 0, 0, 0, 0, 0])
    assert made.total == pytest.approx(
        (table.flow_car * table.cost_car + 2.5 * table.flow_truck * table.cost_truck).sum()
    )


def test_trips_of_a_class_that_no_path_can_take_are_counted_in_vehicles(tmp_path: Path) -> None:
    net = NET.replace("3 2 10 1 1", "3 4 10 1 1")
    trips = "<NUMBER OF ZONES> 4\n<END OF METADATA>\nOrigin 3\n4 : 4;\n"
    path, trucks = tntp(tmp_path, net, trips), put(tmp_path / "trucks.tntp", TRUCKS)
    roads = open_roads(path, classes=[RoadClass("car"), RoadClass("truck", trips=trucks, pcu=2.5)])
    with pytest.raises(DataError, match=r"6 trips want to go: 1 > 2 \(6\)"):
        assign(roads, Wanted())


def test_classes_of_a_gmns_network_read_its_demand_and_tables_like_it(tmp_path: Path) -> None:
    link = GMNS["link.csv"].replace("lanes\n", "lanes,toll\n").replace(",2\n", ",2,4\n")
    link = link.replace(",40,\n", ",40,,\n").replace("60,,1\n", "60,,1,\n")
    folder = gmns(tmp_path, link=link)
    trucks = put(tmp_path / "trucks.csv", "o_zone_id,d_zone_id,volume,time_period\n1,2,8,am\n")
    asked = (RoadClass("truck", trips=trucks, toll=0.25, pcu=3.0), RoadClass("car", distance=0.01))
    roads = open_roads(folder, classes=asked)
    problem = roads.problem
    assert problem.class_of.tolist() == [0, 1, 1, 1]
    assert problem.amount.tolist() == [24, 70, 5, 6]
    assert problem.class_fixed[:, 0] == pytest.approx([1.0, 0.3])
    assert roads.destinations == ["2", "2", "2", "1"]
    said = " ".join(roads.notices)
    assert "class truck: 8 trips, each 3 passenger cars; each costs its time + 0.25 x toll" in said
    assert "not read: toll" not in said
    made = assign(roads, Wanted(gap=1e-9))
    table = flow_table("town", roads, made.solution)
    assert table.flow_truck[0] == pytest.approx(8)
    assert table.flow_car[0] == pytest.approx(70)


def test_classes_share_a_demand_whose_rows_name_them(tmp_path: Path) -> None:
    demand = "o_zone_id,d_zone_id,volume,mode_type\n1,2,70,car\n1,2,8,truck\n1,1,6,car\n"
    folder = gmns(tmp_path, demand=demand)
    asked = (RoadClass("truck", pcu=3.0), RoadClass("car", distance=0.01))
    roads = open_roads(folder, classes=asked)
    assert roads.problem.class_of.tolist() == [0, 0, 0, 1, 1, 1]
    assert roads.problem.amount.tolist() == [0, 24, 0, 70, 0, 6]
    said = " ".join(roads.notices)
    assert "class truck: 8 trips, each 3 passenger cars" in said
    assert "class car: 76 trips; each costs its time + 0.01 x length" in said
    assert "mode_type" not in said
    assert assign(roads, Wanted(gap=1e-9)).status == "equilibrium"
    assert "not read: mode_type" in " ".join(open_roads(folder).notices)
    said = refused(folder, classes=asked[:1])
    assert "line 2, column mode_type: found 'car', expected a class of its trips: truck" in said


def test_classes_that_would_take_the_same_trips_are_refused(tmp_path: Path) -> None:
    asked, words = (RoadClass("a"), RoadClass("b")), "found no trips of the classes a and b"
    assert words in refused(tntp(tmp_path), classes=asked)
    roads = tmp_path / "roads"
    roads.mkdir()
    said = refused(gmns(roads), classes=asked)
    assert words in said
    assert "column user_class" in said


def test_a_wrong_table_of_a_class_is_named(tmp_path: Path) -> None:
    path = tntp(tmp_path)
    assert "absent.tntp" in refused(path, classes=[RoadClass("car", trips=tmp_path / "absent.tntp")])
    wrong = put(tmp_path / "wrong.tntp", TRUCKS.replace("2 : 6", "9 : 6"))
    assert "wrong.tntp, line 5" in refused(path, classes=[RoadClass("car", trips=wrong)])
    roads = tmp_path / "roads"
    roads.mkdir()
    table = put(tmp_path / "table.csv", "o_zone_id,d_zone_id,volume\n1,7,8\n")
    assert "table.csv, line 2, column d_zone_id" in refused(gmns(roads), classes=[RoadClass("car", trips=table)])
    headless = put(tmp_path / "headless.csv", "from,to,volume\n1,7,8\n")
    assert "headless.csv, line 1" in refused(gmns(roads), classes=[RoadClass("car", trips=headless)])


def test_classes_without_trips_beside_the_network_need_none_there(tmp_path: Path) -> None:
    path, trucks = tntp(tmp_path), put(tmp_path / "trucks.tntp", TRUCKS)
    (tmp_path / "town_trips.tntp").unlink()
    assert open_roads(path, classes=[RoadClass("truck", trips=trucks)]).problem.amount.tolist() == [6]
    assert "no trip table beside it" in refused(path, classes=[RoadClass("car")])


def test_classes_are_read_from_words() -> None:
    car, truck = road_classes(["car", "truck, trips=a, b.tntp, toll=0.02,distance=4e-2, pcu=2.5"])
    assert car == RoadClass("car")
    assert truck == RoadClass("truck", Path("a, b.tntp"), 0.02, 0.04, 2.5)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["car,tol=3"], "found 'tol', expected trips, toll, distance, pcu"),
        (["car,toll=1,toll=2"], "found toll twice"),
        (["car,toll=-1"], "found toll=-1, expected a number of 0 or more"),
        (["car,distance=nan"], "found distance=nan"),
        (["car,toll=2,5"], "found toll=2,5"),
        (["car,pcu=0"], "found pcu=0, expected a number above 0"),
        (["car,pcu=inf"], "found pcu=inf"),
        (["car,trips="], "found no file after trips="),
        ([""], "found the name ''"),
        (["=x"], "found the name '=x'"),
        (["two words"], "found the name 'two words'"),
        (["a", "A,trips=x"], "found two classes A"),
    ],
)
def test_words_that_are_no_class_are_refused_in_one_sentence(texts: list[str], words: str) -> None:
    with pytest.raises(DataError) as caught:
        road_classes(texts)
    said = str(caught.value)
    assert words in said
    assert said.startswith("--class")
    assert "\n" not in said
    assert len(said) < 300


def test_trips_of_a_class_belong_to_one_network() -> None:
    assert road_classes(["car,toll=1"], networks=2) == (RoadClass("car", toll=1.0),)
    with pytest.raises(DataError, match="found 2 networks, expected one"):
        road_classes(["car,trips=x"], networks=2)
