"""A plan that carries nothing is exported all the same."""

import csv
from pathlib import Path

import pytest
from small import edit

from corridors import export, network, planning, tables


@pytest.mark.parametrize("form", ["gmns", "geojson"])
def test_a_plan_that_carries_nothing_is_exported(folder: Path, tmp_path: Path, form: str) -> None:
    for row in range(2, 6):
        edit(folder, "demand", row, reservation_usd_per_t="0.01")
    net = network.build(tables.read(folder))
    made = planning.plan(net, intervals=0)
    assert made.routes.empty
    export.write(made, net, form, tmp_path / "out")
    written = {path.stem for path in (tmp_path / "out").iterdir()}
    if form == "gmns":
        assert {"link", "node", "demand", "geometry"} <= written
        with (tmp_path / "out" / "geometry.csv").open(encoding="utf-8") as stream:
            assert len(list(csv.DictReader(stream))) == 9
    else:
        assert {"links", "places", "routes", "unserved"} <= written
