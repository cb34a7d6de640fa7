"""Each block of the arc formulation is, word for word, what its golden file says.

After a change that is meant, ``UPDATE_GOLDEN=1 pytest tests/models/test_golden_lp.py`` writes the files anew: read
the difference before keeping it.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from corridors.models.arcs import formulation as arcs
from corridors.models.arcs.formulation import ArcModel
from corridors.models.problem import FlowProblem

GOLDEN = Path(__file__).parent / "golden"
BLOCKS: dict[str, Callable[[ArcModel], None]] = {
    name: block for name, block in inspect.getmembers(arcs, inspect.isfunction) if name.startswith("add_")
}


def mine_to_ports() -> FlowProblem:
    """Return coal and grain from two places to two ports, by a railway that they share and a road for grain.

    It has what each block must get right: demands that share a flow, parallel arcs, arcs closed to a class, a
    resource that classes use differently, one that nothing can use, and a demand that must be served.
    """
    return FlowProblem(
        node_count=4,
        tail=np.array([0, 1, 1, 1, 2]),
        head=np.array([1, 2, 2, 3, 3]),
        cost=np.array([[2.0, 4.0, np.inf, 7.0, 1.0], [3.0, 5.0, 6.0, np.inf, 0.0]]),
        origin=np.array([0, 0, 1]),
        destination=np.array([2, 3, 3]),
        class_=np.array([0, 0, 1]),
        amount=np.array([30.0, 20.0, 10.0]),
        penalty=np.array([50.0, np.inf, 8.5]),
        capacity=np.array([25.0, 12.0, 5.0]),
        usage=sparse.csr_array(
            ([0.5, 0.5, 2.0, 1.0, 1.0, 1.0], ([0, 0, 0, 1, 1, 2], [1, 3, 6, 4, 9, 8])), shape=(3, 10)
        ),
        node_names=("Mine", "Junction", "West port", "East port"),
        arc_names=(
            "rail:Mine-Junction",
            "rail:Junction-West",
            "road:Junction-West",
            "rail:Junction-East",
            "coast",
        ),
        class_names=("coal", "grain"),
        demand_names=("coal-west", "coal-east", "grain-east"),
        resource_names=("train paths", "berths", "bridge"),
    )


def check(name: str, model: ArcModel, folder: Path) -> None:
    written = folder / f"{name}.lp"
    model.program.writeLP(str(written))
    golden = GOLDEN / f"{name}.lp"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(written.read_text(encoding="utf-8"), encoding="utf-8")
    assert written.read_text(encoding="utf-8") == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BLOCKS)
def test_the_block_is_as_its_golden_file_says(name: str, tmp_path: Path) -> None:
    model = arcs.declare(mine_to_ports())
    BLOCKS[name](model)
    check(name, model, tmp_path)


def test_the_whole_is_as_its_golden_file_says(tmp_path: Path) -> None:
    check("build", arcs.build(mine_to_ports()), tmp_path)


def test_every_block_has_a_golden_file_and_every_golden_file_a_block() -> None:
    assert {path.stem for path in GOLDEN.glob("*.lp")} == {*BLOCKS, "build"}


def test_build_puts_every_block_in(monkeypatch: pytest.MonkeyPatch) -> None:
    added = []
    for name in BLOCKS:
        monkeypatch.setattr(arcs, name, lambda _, name=name: added.append(name))
    arcs.build(mine_to_ports())
    assert sorted(added) == sorted(BLOCKS)
