"""Constants: what a mode or a crossing costs beyond tariff and hours, in the generalised cost alone."""

from pathlib import Path

import numpy as np
import pytest
import small

from corridors import network, planning, tables
from corridors.network.costs import constants, price
from corridors.network.network import Network
from corridors.network.revaluation import revalued

HEADER = "constant kind mode where cargo direction usd_per_t sd_usd_per_t"


def built(folder: Path, lines: str = "") -> Network:
    if lines:
        small.extend(folder, "constants", f"{HEADER}\n{lines}")
    return network.build(tables.read(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = small.small_dataset(tmp_path / "small")
    (made / "provenance.csv").unlink()
    return made


def paid(net: Network) -> dict[str, set[tuple[str, float]]]:
    """Return where each commodity pays: kind and row of the arc, and how much."""
    found = constants(net)
    names = net.dataset["commodities"]["commodity"].tolist()
    arcs = list(net.arcs)
    return {
        name: {(f"{arcs[at].kind} {arcs[at].id}", float(found[row, at])) for at in np.flatnonzero(found[row])}
        for row, name in enumerate(names)
    }


def test_a_mode_is_paid_where_freight_comes_to_it(folder: Path) -> None:
    net = built(folder, "rail mode rail . bulk . 4 5")
    onto = {"load load:rail", *(f"tranship tranship:{place}" for place in ("HARBOUR", "LANDING", "MIDTOWN"))}
    assert paid(net)["grain"] == {(arc, 4) for arc in onto}
    assert paid(net)["general"] == set()
    arcs = net.arcs
    found = constants(net)[list(net.dataset["commodities"]["commodity"]).index("grain")]
    assert set(arcs.mode[found > 0]) == {"rail"}


def test_a_crossing_is_paid_on_the_way_that_is_meant(folder: Path) -> None:
    net = built(folder, "gate crossing rail DRYPASS * AAA>BBB -3 5")
    assert paid(net)["grain"] == {("move rail:EASTGATE-DRYPASS", -3)}
    assert (constants(net) != 0).sum() == len(net.dataset["commodities"]) * 1  # one way of one link


def test_rows_that_fit_one_step_add_up(folder: Path) -> None:
    net = built(folder, "one crossing . rail:EASTGATE-DRYPASS * . 3 5\ntwo crossing rail DRYPASS bulk . 2 5")
    assert paid(net)["grain"] == {("move rail:EASTGATE-DRYPASS", 5)}
    assert paid(net)["general"] == {("move rail:EASTGATE-DRYPASS", 3)}


def test_it_counts_in_the_generalised_cost_alone_and_never_below_nothing(folder: Path) -> None:
    plain, dear = price(built(folder)), price(built(folder, "gate crossing . DRYPASS * . -9 5"))
    for name in ("cost", "time", "emissions"):
        assert np.array_equal(plain.objective(name, 20), dear.objective(name, 20))
    expected = np.maximum(plain.generalised(20) + dear.constant, 0.0)
    assert np.array_equal(dear.generalised(20), expected)
    assert (dear.unbounded(20) < 0).any()


def test_nothing_known_changes_nothing(folder: Path) -> None:
    plain, known = price(built(folder)), price(built(folder, "rail mode rail . * . 0 5"))
    assert np.array_equal(plain.generalised(3.7), known.generalised(3.7))


def test_another_constant_is_a_revaluation(folder: Path) -> None:
    net = built(folder, "gate crossing . DRYPASS * . 1 5")
    dataset = net.dataset.with_table("constants", net.dataset["constants"].assign(usd_per_t=7.0))
    anew = price(network.build(dataset)).generalised()
    assert np.array_equal(price(revalued(net, dataset)).generalised(), anew)


def test_the_linear_plan_pays_it(folder: Path) -> None:
    free = planning.plan(built(folder)).summary
    dear = planning.plan(built(folder, "rail mode rail . * . 2 5")).summary
    assert dear["objective_value"] > free["objective_value"]
