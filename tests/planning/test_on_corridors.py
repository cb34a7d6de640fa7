"""What corridors carry, recomputed from the plan's CSV files and the data's tables with nothing of the package."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
import recompute
from small import edit

from corridors import network, planning, tables
from corridors.tables.schema import EMBEDDED


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def pairs_of(data: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Return of each link its mode and its two places: what lies beside it has the same."""
    return {one["link"]: (one["mode"], frozenset((one["from_node"], one["to_node"]))) for one in table(data, "links")}


def freight_of(data: Path, plan: Path) -> dict[str, tuple[float, float]]:
    """Return the through-freight of each corridor, and what touches it, from the ways of routes.csv."""
    pair = pairs_of(data)
    members: dict[str, list[str]] = defaultdict(list)
    for row in table(data, "corridor_links"):
        members[row["corridor"]].append(row["link"])
    found = {}
    for row in table(data, "corridors"):
        own = {pair[link] for link in members[row["corridor"]]}
        section, via = (
            {pair[link] for link in (row.get(name) or "").split(";") if link} for name in ("section", "via")
        )
        through = touching = 0.0
        for route in table(plan, "routes"):
            used = {pair[link] for link in route["links"].split(";") if link}
            runs = bool(used & section) if section else own <= used
            through += float(route["kt"]) * (runs and (not via or bool(used & via)))
            touching += float(route["kt"]) * bool(used & (own | section))
        found[row["corridor"]] = through, touching
    return found


def test_through_freight_and_what_touches_follow_from_the_routes(embedded: Path) -> None:
    expected = freight_of(EMBEDDED, embedded)
    for row in recompute.read(embedded, "corridors"):
        through, touching = expected[row["corridor"]]
        assert float(row["through_kt"]) == pytest.approx(through, rel=1e-9, abs=1e-6)
        assert float(row["touching_kt"]) == pytest.approx(touching, rel=1e-9, abs=1e-6)
        assert row["kt"] == row["mean_kt"]
    assert 1000 < expected["R6"][0] < 0.1 * expected["R6"][1]  # what crosses the sea is no mean load of shared lines


def test_work_emissions_and_revenue_follow_from_the_flows(embedded: Path) -> None:
    pair, moved = pairs_of(EMBEDDED), defaultdict(float)
    for row in recompute.read(embedded, "flows"):
        moved[pair[row["link"]]] += float(row["kt"])
    km = {row["link"]: float(row["km"]) for row in table(EMBEDDED, "links")}
    work: dict[str, float] = defaultdict(float)
    for row in table(EMBEDDED, "corridor_links"):
        work[row["corridor"]] += moved[pair[row["link"]]] * km[row["link"]]
    rate = {row["mode"]: float(row["gco2e_per_tkm"]) for row in table(EMBEDDED, "emissions") if row["country"] == "KAZ"}
    for row in recompute.read(embedded, "corridors"):
        assert float(row["mtkm"]) * 1000 == pytest.approx(work[row["corridor"]], rel=1e-9, abs=1e-6)
        if row["corridor"] in ("R1", "R4", "R6"):  # all their links are at home; a line beside one may be longer
            assert float(row["t_co2e"]) == pytest.approx(float(row["mtkm"]) * rate["rail"], rel=1e-2)
            assert 0.01 < float(row["revenue_usd"]) / float(row["mtkm"]) / 1e6 < 0.05  # a railway's tariff, USD/tkm


def by_rail(folder: Path) -> None:
    """Make time dear, so that boxes go by land."""
    edit(folder, "commodities", 2, usd_per_t_day="100")
    edit(folder, "demand", 2, reservation_usd_per_t="9000")


def test_without_a_section_through_freight_runs_all_of_a_corridor(folder: Path, tmp_path: Path) -> None:
    by_rail(folder)
    planning.plan(network.build(tables.read(folder))).write(tmp_path / "plan")
    found = {row["corridor"]: float(row["through_kt"]) for row in recompute.read(tmp_path / "plan", "corridors")}
    whole = {name: pytest.approx(through) for name, (through, _) in freight_of(folder, tmp_path / "plan").items()}
    assert found == whole
    assert found["R1"] > 0


@pytest.mark.parametrize(
    ("section", "via"), [("rail:EASTGATE-DRYPASS", ""), ("rail:EASTGATE-DRYPASS", "rail:MIDTOWN-LANDING")]
)
def test_a_section_is_asked_for_and_what_goes_by_the_other_links(
    folder: Path, tmp_path: Path, section: str, via: str
) -> None:
    edit(folder, "corridors", 2, section=section, via=via)
    by_rail(folder)
    planning.plan(network.build(tables.read(folder))).write(tmp_path / "plan")
    row = recompute.read(tmp_path / "plan", "corridors")
    through, touching = freight_of(folder, tmp_path / "plan")["R1"]
    assert {one["corridor"]: float(one["through_kt"]) for one in row}["R1"] == pytest.approx(through)
    assert 0 < through <= touching


def test_a_section_that_is_not_open_yet_has_no_through_freight(folder: Path) -> None:
    edit(folder, "corridors", 2, section="rail:DRYPASS-MIDTOWN:two")
    edit(folder, "links", 5, from_node="EASTGATE", km="1100")  # beside no other
    by_rail(folder)
    made = planning.plan(network.build(tables.read(folder), 2024)).corridors.set_index("corridor")
    later = planning.plan(network.build(tables.read(folder), 2026)).corridors.set_index("corridor")
    assert made.loc["R1", "through_kt"] == 0
    assert later.loc["R1", "through_kt"] > 0


def test_a_section_of_an_unknown_link_is_a_fault_in_its_cell(folder: Path) -> None:
    edit(folder, "corridors", 2, section="rail:EASTGATE-DRYPASS;rail:NOWHERE")
    with pytest.raises(Exception, match=r"corridors\.csv.*section.*rail:NOWHERE"):
        tables.read(folder)
