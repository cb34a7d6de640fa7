"""`corridors solve --flows`, and what is said of networks: figures follow from the file alone, reasons are named."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from instances import bench
from networks import GMNS, NET, PLANAR, TRIPS, gmns, put, tntp
from solving import METHODS, run

SHARED = (
    "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity\n"
    "=a,A,B,false,30,60,100\n-2,B,C,true,60,60,40\n3,B,D,1,90,60,\n"
)


def recomputed(table: pd.DataFrame) -> tuple[float, float]:
    """Return the cost and the bound by the table alone."""
    link, demand = (table[table.kind == kind] for kind in ("link", "demand"))
    limited = table[table.kind.isin(["link", "resource"]) & table.capacity.notna()]
    cost = (link.flow * link.cost).sum() + (demand.unserved * demand.penalty).sum()
    return cost, (demand.amount * demand.price).sum() - (limited.capacity * limited.price).sum()


def solved(path: Path, *files: object, method: str = "columns", code: int = 0) -> tuple[pd.DataFrame, list[dict]]:
    result = run(*files, "--flows", path, "--format", "json", "--quiet", method=method)
    assert result.exit_code == code, result.output
    assert str(path) in result.stderr
    return pd.read_csv(path, dtype=dict.fromkeys(("id", "from", "to", "nodes", "links"), str)), json.loads(
        result.stdout
    )


@pytest.mark.parametrize("method", METHODS)
def test_cost_and_bound_follow_from_the_file_alone(tmp_path: Path, folder: Path, method: str) -> None:
    roads = tmp_path / "roads"
    roads.mkdir()
    files = [put(tmp_path / "a", PLANAR), tntp(tmp_path), gmns(roads, link=SHARED), folder]
    table, rows = solved(tmp_path / "flows.csv", *files, method=method)
    assert list(dict.fromkeys(table.file)) == [str(path) for path in files]
    for row in rows:
        cost, bound = recomputed(table[table.file == row["file"]])
        assert cost == pytest.approx(row["objective"], rel=1e-12)
        assert bound == pytest.approx(row["bound"], rel=1e-9)


def test_paths_add_up_to_links_and_demands(tmp_path: Path) -> None:
    table, _ = solved(tmp_path / "flows.csv", put(tmp_path / "a", PLANAR), tntp(tmp_path))
    for _, one in table.groupby("file"):
        link, path, demand = (one[one.kind == kind] for kind in ("link", "path", "demand"))
        steps = path.assign(id=path.links.str.split(" > ")).explode("id").groupby("id").flow.sum()
        flows = link.set_index("id").flow
        assert steps.reindex(flows.index, fill_value=0).to_numpy() == pytest.approx(flows.to_numpy())
        served = path.groupby(["from", "to"]).flow.sum()
        wanted = demand.groupby(["from", "to"]).flow.sum()
        assert served.to_numpy() == pytest.approx(wanted[wanted > 0].to_numpy())
        costs = path.merge(link[["id", "cost"]], left_on="links", right_on="id", suffixes=("", "_link"))
        assert (costs.cost == costs.cost_link).all()  # of paths that are one link


def test_ids_are_those_of_the_network_and_no_formulas(tmp_path: Path) -> None:
    table, _ = solved(tmp_path / "flows.csv", gmns(tmp_path, link=SHARED))
    link, path, resource = (table[table.kind == kind] for kind in ("link", "path", "resource"))
    assert link[["id", "from", "to"]].to_numpy().tolist() == [
        ["'=a", "A", "B"],
        ["'-2", "B", "C"],
        ["3", "B", "D"],
        ["'=a", "B", "A"],
    ]
    assert sorted(path.nodes.fillna("")) == ["", "A", "A > B > C", "A > B > D"]
    assert set(path["from"]) == {"1", "2"}  # zones
    assert resource.id.tolist() == ["'=a"]  # both ways of it share one capacity
    assert link.flow.tolist() == [70, 40, 30, 0]
    assert link.capacity.fillna(-1).tolist() == [-1, 40, -1, -1]
    zones = table[table.kind == "demand"]
    assert zones[["from", "to", "amount"]].to_numpy().tolist() == [["1", "2", 70], ["2", "2", 5], ["1", "1", 6]]


def test_the_split_zones_of_tntp_have_one_number(tmp_path: Path) -> None:
    table, _ = solved(tmp_path / "flows.csv", tntp(tmp_path))
    path = table[table.kind == "path"]
    assert sorted(path.nodes) == ["1", "1 > 3 > 2", "3 > 4"]
    assert sorted(path.links.fillna("")) == ["", "1 > 2", "5"]


def test_what_may_be_left_is_in_the_file_with_its_price(tmp_path: Path) -> None:
    crowded = tntp(tmp_path, NET, TRIPS.replace("2 : 3.0", "2 : 13.0").replace("> 12", "> 22"))
    table, rows = solved(tmp_path / "flows.csv", crowded, "--unserved", 100)
    assert recomputed(table)[0] == pytest.approx(rows[0]["objective"])
    left = table[(table.kind == "demand") & (table.unserved > 0)]
    assert left[["from", "to", "flow", "unserved", "penalty", "price"]].to_numpy().tolist() == [
        ["1", "2", 10, 3, 100, 100]
    ]
    tight = table[(table.kind == "link") & (table.price > 0)]
    assert (tight.flow == tight.capacity).all()


def test_only_what_is_proved_optimal_is_written(tmp_path: Path) -> None:
    good = put(tmp_path / "good", PLANAR)
    bad = put(
        tmp_path / "bad", PLANAR.replace("1 3 7", "1 3 700").replace("1 3 9 2.5", "1 3 9 2").replace("0 -1", "0 3")
    )
    table, rows = solved(tmp_path / "flows.csv", bad, good)
    assert [row["status"] for row in rows] == ["infeasible", "optimal"]
    assert set(table.file) == {str(good)}
    result = run(bad, "--flows", tmp_path / "none.csv", "--quiet")
    assert result.exit_code == 2
    assert "none.csv is not written" in result.stderr
    assert not (tmp_path / "none.csv").exists()


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("flows.txt", [], "does not end in .csv"),
        ("there.csv", [], "exists already"),
        ("same.csv", ["-o", "same.csv"], "give one of them another name"),
        ("folder.csv", [], "not an ordinary file"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, more: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "there.csv", "mine")
    (tmp_path / "folder.csv").mkdir()
    before = sorted(path.name for path in tmp_path.iterdir())
    result = run("absent", "--flows", name, *more)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "absent" not in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "there.csv").read_text() == "mine"
    assert run(put(tmp_path / "a", PLANAR), "--flows", "there.csv", "--force").exit_code == 0
    assert pd.read_csv("there.csv").kind.iloc[0] == "link"


def test_a_published_instance_comes_back_from_its_file(tmp_path: Path) -> None:
    table, rows = solved(tmp_path / "flows.csv", bench("planar", "planar30.gz"))
    cost, bound = recomputed(table)
    assert cost == pytest.approx(44350624, rel=1e-6)
    assert cost == pytest.approx(rows[0]["objective"], rel=1e-12)
    assert bound == pytest.approx(rows[0]["bound"], rel=1e-9)


# --- what is said


def why(*files: object) -> tuple[dict, str]:
    result = run(*files, "--format", "json", "--quiet", method="columns")
    (row,) = json.loads(result.stdout)
    assert row["status"] == "infeasible"
    return row["why"], result.stderr


def test_demands_without_a_way_are_named(tmp_path: Path) -> None:
    found, said = why(put(tmp_path / "a", PLANAR.replace("4 4 3", "4 1 3")))
    assert found == {"no_way": [{"origin": "4", "destination": "1", "amount": 3}], "cut": None}
    assert "no way for 1 demand (3): 4 > 1 (3)" in said


def test_the_overfull_cut_is_named_by_its_links(tmp_path: Path) -> None:
    cut = {"links": [{"link": "1", "from": "1", "to": "3", "capacity": 10, "weight": 1}], "capacity": 10, "demand": 13}
    crowded = tntp(tmp_path, NET, TRIPS.replace("2 : 3.0", "2 : 13.0").replace("> 12", "> 22"))
    found, said = why(crowded)
    assert found["no_way"] == []
    assert found["cut"] == cut | {"out_of": ["1"], "demands": [{"origin": "1", "destination": "2", "amount": 13}]}
    assert "13 must leave and 10 can, by the 1 limited link out of 1: 1, 1 > 3 (capacity 10)" in said


def test_a_demand_without_a_way_does_not_hide_what_is_overfull(tmp_path: Path) -> None:
    changed = PLANAR.replace("4\n3\n2\n", "4\n3\n3\n").replace("1 3 7", "1 3 70").replace("2 3 0 -1", "2 3 0 9")
    found, _ = why(put(tmp_path / "a", changed + "4 1 3\n"))
    assert [one["destination"] for one in found["no_way"]] == ["1"]
    assert (found["cut"]["capacity"], found["cut"]["demand"], found["cut"]["into"]) == (11.5, 70, ["3"])


def test_links_of_gmns_are_named_by_their_ids(tmp_path: Path) -> None:
    found, _ = why(gmns(tmp_path, demand="o_zone_id,d_zone_id,volume\n1,2,170\n"))
    assert found["cut"]["links"] == [{"link": "1", "from": "A", "to": "B", "capacity": 100, "weight": 1}]
    assert found["cut"]["demands"] == [{"origin": "1", "destination": "2", "amount": 170}]


def test_reasons_and_notices_leave_tables_as_they_are(tmp_path: Path) -> None:
    crowded = tntp(tmp_path, NET, TRIPS.replace("2 : 3.0", "2 : 13.0").replace("> 12", "> 22"))
    roads = tmp_path / "roads"
    roads.mkdir()
    result = run(crowded, gmns(roads), "--format", "csv", "--quiet")
    table = pd.read_csv(io.StringIO(result.stdout))
    assert list(table.status) == ["infeasible", "optimal"]
    assert table.shape == (2, 7)
    assert "infeasible: 13 must leave" in result.stderr
    assert "nothing names the units" in result.stderr


def test_notices_are_in_json_too_and_only_where_there_are_any(tmp_path: Path) -> None:
    plain = put(tmp_path / "a", PLANAR)
    roads = tmp_path / "roads"
    roads.mkdir()
    link = GMNS["link.csv"].replace("lanes\n", "lanes,toll\n").replace(",2\n", ",2,5\n")
    link = link.replace(",40,\n", ",40,,0\n").replace("60,,1\n", "60,,1,\n")
    result = run(plain, gmns(roads, link=link), "--format", "json", "--quiet")
    first, second = json.loads(result.stdout)
    assert "notices" not in first
    assert any("not read: toll (1 row)" in notice for notice in second["notices"])
    assert all(notice in result.stderr for notice in second["notices"])
