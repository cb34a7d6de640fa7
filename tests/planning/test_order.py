"""The order in which rows and columns were typed decides nothing: the same data, the same plan to the byte."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from commands import run
from small import add_demand, append, cells_of, edit, small_dataset

from corridors import network, planning, scenario, tables
from corridors.network import costs, routes
from corridors.network.pairs import usual_pairs
from corridors.planning import validation
from corridors.stress import closures
from corridors.uncertainty import distribution

SEEDS = (1, 2, 3)
OF_THE_RUN = ("seconds", "data_digest")  # of the clock, and of the bytes of the files


def shuffled(source: Path, target: Path, seed: int) -> Path:
    """Copy a data package with the rows and the columns of every table in another order."""
    shutil.copytree(source, target)
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    for file in sorted(target.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            head, *body = csv.reader(lines)
        order = list(range(len(head)))
        chance.shuffle(order)
        chance.shuffle(body)
        with file.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, lineterminator="\n").writerows([row[place] for place in order] for row in [head, *body])
    return target


def contents(plan: Path) -> dict[str, bytes]:
    """Return a plan folder's files, without what is no part of the answer."""
    found = {file.name: file.read_bytes() for file in plan.iterdir()}
    summary = json.loads(found["summary.json"])
    for part in OF_THE_RUN:
        del summary[part]
    del summary["sha256"]["summary.json"]  # of what was just left out, too
    return found | {"summary.json": json.dumps(summary).encode()}


def planned(data: Path, out: Path, wanted: Sequence[str] = (), method: str = "columns") -> dict[str, bytes]:
    net = network.build(scenario.apply(tables.read(data), wanted).dataset)
    planning.plan(net, method=method).write(out)
    return contents(out)


@pytest.fixture
def tied(tmp_path: Path) -> Path:
    """Return the small data package with twins of a line, a terminal and a demand, so that many plans cost the same."""
    folder = small_dataset(tmp_path / "tied")
    for table in ("provenance", "sources"):
        (folder / f"{table}.csv").unlink()
    rail = cells_of(
        "from_node=MIDTOWN to_node=LANDING mode=rail country=CCC gauge_mm=1520 km=4900 speed_kmh=45 hours_fixed=0 "
        "capacity=30 usd_per_t=0 both_ways=1 capacity_unit=train_pairs_day"
    )
    for name in ("rail:A-TWIN", "rail:Z-TWIN", "rail:m-twin"):
        append(folder, "links", link=name, **rail)
    edit(folder, "links", 6, capacity="3")  # so that one line is not enough
    terminal = cells_of(
        "kind=tranship node=MIDTOWN from_mode=rail to_mode=road cargo=* hours=12 hours_best=8 usd_per_t=4 "
        "kgco2e_per_t=2 capacity=200 capacity_unit=kt_year both_ways=1"
    )
    edit(folder, "terminals", 10, capacity="500")
    for name in ("tranship:A-TWIN", "tranship:Z-TWIN"):
        append(folder, "terminals", terminal=name, **terminal)
    for name in ("a-twin", "z-twin"):
        add_demand(folder, name, "MIDTOWN-LANDING", "grain", kt=30000, penalty=250)
    return folder


@pytest.mark.parametrize("method", ["columns", "arcs"])
def test_a_plan_is_the_same_bytes_whatever_the_order_of_rows_and_columns(
    tied: Path, tmp_path: Path, method: str
) -> None:
    first = planned(tied, tmp_path / "plan", method=method)
    assert b"TWIN" in first["flows.csv"]  # or nothing was tied
    for seed in SEEDS:
        mixed = shuffled(tied, tmp_path / str(seed), seed)
        assert planned(mixed, tmp_path / f"plan-{seed}", method=method) == first


def test_the_order_of_independent_changes_decides_nothing(tied: Path, tmp_path: Path) -> None:
    parts = {
        "closed": "table = 'links'\nwhere = { link = 'road:DRYPASS-MIDTOWN' }\nclose = true",
        "avoiding": "table = 'demand'\nwhere = { demand = 'transit:west' }\nadd_avoid = ['DDD']",
        "shunning": "table = 'demand'\nwhere = { demand = 'transit:west' }\nadd_avoid = ['BBB']",
        "more": "table = 'demand'\nadd = [{ demand = 'm', origin = 'MIDTOWN', destination = 'LANDING', "
        "commodity = 'grain', kt = 1, reservation_usd_per_t = 250, year = 2024 }]",
        "most": "table = 'demand'\nadd = [{ demand = 'b', origin = 'MIDTOWN', destination = 'LANDING', "
        "commodity = 'grain', kt = 1, reservation_usd_per_t = 250, year = 2024 }]",
    }
    for name, change in parts.items():
        (tmp_path / f"{name}.toml").write_text(f"[[change]]\n{change}\n", encoding="utf-8")
    wanted = [str(tmp_path / f"{name}.toml") for name in parts]
    one, other = (planned(tied, tmp_path / out, order) for out, order in (("a", wanted), ("b", wanted[::-1])))
    del one["summary.json"], other["summary.json"]  # which name the scenarios in their order
    assert one == other


def test_networks_routes_closures_draws_and_scores_do_not_know_the_order_of_rows(tied: Path, tmp_path: Path) -> None:
    one, other = (tables.read(folder) for folder in (tied, shuffled(tied, tmp_path / "mixed", 5)))
    nets = [network.build(data, 2026) for data in (one, other)]
    assert nets[0].vertices == nets[1].vertices
    assert list(nets[0].arcs) == list(nets[1].arcs)
    assert nets[0].resources == nets[1].resources
    assert [*map(list, nets[0].resource_arcs)] == [*map(list, nets[1].resource_arcs)]
    made = [routes.compare(net, costs.price(net), "HARBOUR", "LANDING", "container_high") for net in nets]
    assert made[0] == made[1]
    assert usual_pairs(one) == usual_pairs(other)
    assert one.usual_commodity == other.usual_commodity == "container_high"
    for first, second in zip(*(closures.closures(net) for net in nets), strict=True):
        assert (first.kind, first.name, first.where) == (second.kind, second.name, second.where)
        np.testing.assert_array_equal(first.arcs, second.arcs)
    assert validation.scorecard(one).equals(validation.scorecard(other))


def test_a_draw_of_uncertain_figures_does_not_know_the_order_of_rows(tmp_path: Path) -> None:
    folder = small_dataset(tmp_path / "small")
    told = (folder / "provenance.csv").read_text(encoding="utf-8").splitlines()
    with (folder / "provenance.csv").open("w", encoding="utf-8", newline="") as out:
        wide = [line.split(",") for line in told[1:]]
        for line in wide:
            value = float(line[4])
            line[4:6] = [str(value * 0.8), str(value * 1.25)] if 0 < value < 1e9 and line[2] == "kt" else line[4:6]
        out.write("\n".join([told[0], *(",".join(line) for line in wide)]) + "\n")
    nets = [network.build(tables.read(one)) for one in (folder, shuffled(folder, tmp_path / "mixed", 3))]
    drawn = [distribution.joint(net.dataset, 2024, "typical") for net in nets]
    assert drawn[0].groups == drawn[1].groups
    assert drawn[0].parameters.equals(drawn[1].parameters)
    values = [one.sample(np.full(one.dimension, 0.3)) for one in drawn]
    np.testing.assert_array_equal(*values)
    demand = [one.changed(net.dataset, value)["demand"] for one, net, value in zip(drawn, nets, values, strict=True)]
    assert demand[0].equals(demand[1])


def test_a_data_package_keeps_the_order_of_its_rows_for_whoever_shows_or_writes_it(tied: Path, tmp_path: Path) -> None:
    mixed = tables.read(shuffled(tied, tmp_path / "mixed", 1))
    net = network.build(mixed)
    assert net.dataset["links"]["link"].tolist() == sorted(mixed["links"]["link"])
    assert mixed["links"]["link"].tolist() != sorted(mixed["links"]["link"])
    assert net.dataset.digest == mixed.digest
    net.dataset.write(tmp_path / "again")
    assert tables.read(tmp_path / "again")["links"].equals(mixed["links"])
    close = "[[change]]\ntable = 'links'\nwhere = { mode = 'road' }\nclose = true\n"
    (tmp_path / "closed.toml").write_text(close, encoding="utf-8")
    closed = [scenario.apply(data, [str(tmp_path / "closed.toml")]).dataset for data in (mixed, net.dataset)]
    assert closed[0].digest == closed[1].digest
    built = network.build(tables.read(tied)).dataset
    with_one = built.with_table("links", built["links"])
    with_one.write(tmp_path / "with-one")
    assert tables.read(tmp_path / "with-one").digest == with_one.digest
    changed = mixed.with_table("links", mixed["links"].iloc[::-1])
    assert changed.ordered().digest == changed.digest


@pytest.mark.slow
def test_the_embedded_plan_and_its_scenarios_are_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    source = tmp_path / "data"
    assert run("data", "init", source).exit_code == 0
    seeds = SEEDS[:1]  # each is another whole package; the small one is shuffled several times
    mixed = [shuffled(source, tmp_path / f"mixed-{seed}", seed) for seed in seeds]
    for wanted in ([], ["world-bank-2030"], ["russia-transit-stopped"]):
        name = "-".join(["plan", *wanted])
        first = planned(source, tmp_path / name, wanted)
        for seed, folder in zip(seeds, mixed, strict=True):
            assert planned(folder, tmp_path / f"{name}-{seed}", wanted) == first


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["compare", "lianyungang", "berlin", "--format", "json"],
        ["stress", "--kind", "country", "--format", "csv", "--quiet"],
        ["stress", "--k", "2", "--kind", "country", "--format", "csv", "--quiet"],
        ["uncertainty", "--samples", "3", "--format", "csv", "--quiet"],
        ["data", "references", "--format", "csv"],
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_answers_about_the_embedded_data_are_the_same_bytes_whatever_the_order(
    tmp_path: Path, command: list[str]
) -> None:
    source = tmp_path / "data"
    assert run("data", "init", source).exit_code == 0
    told = [run(*command, "--data", one) for one in (source, shuffled(source, tmp_path / "mixed", 1))]
    assert [one.exit_code for one in told] == [0, 0]
    assert told[0].stdout == told[1].stdout != ""
