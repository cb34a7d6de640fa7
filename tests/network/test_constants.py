"""Constants: what a mode or a crossing costs beyond tariff and hours, in the generalised cost alone."""

from pathlib import Path

import numpy as np
import pytest
import small
from hypothesis import example, given
from hypothesis import strategies as st

from corridors import network, planning, tables
from corridors.network.costs import constants, price, slopes, with_constants
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


def test_it_counts_in_the_generalised_cost_alone(folder: Path) -> None:
    plain, dear = price(built(folder)), price(built(folder, "gate crossing . DRYPASS * . 9 5"))
    for name in ("cost", "time", "emissions"):
        assert np.array_equal(plain.objective(name, 20), dear.objective(name, 20))
    assert np.array_equal(dear.generalised(20), plain.generalised(20) + dear.constant)


def test_below_zero_it_takes_what_it_says_of_much_and_never_all(folder: Path) -> None:
    plain, cheap = price(built(folder)), price(built(folder, "gate crossing . DRYPASS * . -9 5"))
    before, after = plain.generalised(20), cheap.generalised(20)
    meant = (cheap.constant < 0) & (before > 0)
    assert meant.any()
    assert (after[meant] > 0).all()
    assert (after[meant] < before[meant]).all()
    assert np.array_equal(after[~meant], before[~meant])
    assert after[meant] == pytest.approx(before[meant] * np.exp(-9 / before[meant]))
    much = np.full(3, 1e6)
    assert with_constants(much, np.array([-9.0, 0.0, 9.0])) == pytest.approx([1e6 - 9, 1e6, 1e6 + 9], rel=1e-9)


@given(st.floats(0, 100), st.floats(-1e4, 100))
@example(0.0, -1.0)
@example(1e-300, -1e4)
@example(3.0, 0.0)
def test_the_cost_with_a_constant_has_no_kink(rest: float, constant: float) -> None:
    plain, alpha = np.array([rest]), np.array([constant])
    by_rest, by_constant = slopes(plain, alpha)
    assert with_constants(plain, alpha) >= 0
    assert with_constants(plain, alpha) >= np.maximum(plain + alpha, 0) * (1 - 1e-12)
    if rest < 1e-2:
        return
    step = 1e-6 * max(rest, 1.0)
    for slope, along in ((by_rest, (step, 0)), (by_constant, (0, step))):
        for side in (1, -1):
            there = with_constants(plain + side * along[0], alpha + side * along[1])
            found = side * (there - with_constants(plain, alpha)) / step
            assert found == pytest.approx(slope, abs=1e-2 * max(1.0, step / rest))


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
