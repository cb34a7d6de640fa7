"""Layers for maps hold the figures of the plan: read back by geopandas, by GDAL and by sqlite."""

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
from exported import KAZAKH, Case, close, planned, table
from small import append, edit, read_rows, small_dataset, write_table

from corridors import export, network, planning, tables
from corridors.cli.export import LAYERS
from corridors.export import features
from corridors.export.metadata import about


def ends(line) -> list[tuple[float, float]]:  # type: ignore[no-untyped-def]
    parts = list(getattr(line, "geoms", [line]))
    return [parts[0].coords[0], parts[-1].coords[-1]]


def at(case: Case) -> dict[str, tuple[float, float]]:
    nodes = case.network.dataset["nodes"]
    return {row.node: (round(row.lon, 6), round(row.lat, 6)) for row in nodes.itertuples()}


def test_every_layer_has_its_rows_and_is_in_wgs_84(case: Case, layer) -> None:  # type: ignore[no-untyped-def]
    open_links = {arc.id for arc in case.network.arcs if arc.kind == "move"}
    rows = [len(open_links), len(case.network.dataset["nodes"]), len(case.plan.routes), len(case.plan.unserved)]
    for name, count in zip(LAYERS, rows, strict=True):
        frame = layer(name)
        assert (len(frame), frame.crs) == (count, "EPSG:4326"), name
        assert count > 0
        assert frame.geometry.is_valid.all()
        assert frame.geometry.geom_type.nunique() == 1, "programs want one kind of shape in a layer"
        assert frame.total_bounds[0] >= -180
        assert frame.total_bounds[2] <= 180


def test_freight_on_links_is_that_of_the_plan(case: Case, layer) -> None:  # type: ignore[no-untyped-def]
    frame, flows = layer("links").set_index("link"), case.plan.flows
    close(frame["kt"].sum(), flows["kt"].sum())
    close(frame["kt"], frame["kt_forward"] + frame["kt_backward"])
    for commodity, kt in flows.groupby("commodity")["kt"].sum().items():
        close(frame[f"kt_{commodity}"].sum(), kt)
    begin = case.network.dataset["links"].set_index("link")["from_node"]
    for row in flows.groupby(["link", "from_node"], as_index=False)["kt"].sum().itertuples():
        close(frame.loc[row.link, "kt_forward" if begin[row.link] == row.from_node else "kt_backward"], row.kt)


def test_freight_at_places_on_routes_and_left_is_that_of_the_plan(case: Case, layer) -> None:  # type: ignore[no-untyped-def]
    places, handled = layer("places").set_index("node"), case.plan.handlings
    for kind, done in features.KINDS.items():
        close(places[f"kt_{done}"].sum(), handled["kt"][handled["kind"] == kind].sum())
    loaded = handled[handled["kind"] == "load"].groupby("node")["kt"].sum()
    close(places.loc[loaded.index, "kt_loaded"], loaded)
    close(layer("routes")["kt"].sum(), case.plan.summary["kt_served"])
    close(layer("routes")["days"] * 24, case.plan.routes["hours"])
    close(layer("unserved")["kt"].sum(), case.plan.summary["kt_unserved"])
    assert list(layer("unserved")["why"]) == list(case.plan.unserved["why"])


def test_use_and_prices_are_those_of_the_bottlenecks(case: Case, layer) -> None:  # type: ignore[no-untyped-def]
    frame, limits = layer("links").set_index("link"), case.plan.bottlenecks.set_index("resource")
    own = [link for link in frame.index if link in limits.index]
    for column in ("capacity", "used", "utilisation", "shadow_price_low", "shadow_price_high"):
        close(frame.loc[own, column], limits.loc[own, column])
    assert list(frame.loc[own, "capacity_unit"]) == list(limits.loc[own, "unit"])
    assert frame.loc[own, "utilisation"].max() == pytest.approx(1)
    free = frame.drop(index=own)
    assert free[["capacity", "utilisation"]].isna().all(axis=None), "no limit is a missing value"
    pooled = frame.loc["rail:DRYPASS-MIDTOWN"]
    assert pooled["pool_utilisation"] == pytest.approx(limits.loc["pool:pass", "utilisation"])
    assert pooled["utilisation_max"] == max(pooled["utilisation"], pooled["pool_utilisation"])


def test_lines_begin_and_end_at_their_places(case: Case, layer) -> None:  # type: ignore[no-untyped-def]
    place = at(case)
    for name, begin, end in (
        ("links", "from_node", "to_node"),
        *((one, "origin", "destination") for one in LAYERS[2:]),
    ):
        for row in layer(name).itertuples():
            assert ends(row.geometry) == [place[getattr(row, begin)], place[getattr(row, end)]], name
    for row in layer("places").itertuples():
        assert (row.geometry.x, row.geometry.y) == place[row.node]


def test_routes_pass_their_places_in_order_and_follow_the_shapes_of_links(case: Case, layer) -> None:  # type: ignore[no-untyped-def]
    place = at(case)
    bent = 0
    for row in layer("routes").itertuples():
        points = [one for part in getattr(row.geometry, "geoms", [row.geometry]) for one in part.coords]
        passed = iter(points)
        assert all(place[node] in passed for node in row.nodes.split(" > "))
        if "rail:DRYPASS-MIDTOWN" in row.links.split(";"):
            bent += (75, 47) in points
    assert bent, "a point of shapes.csv lies on the routes over its link"


def test_a_leg_over_the_pacific_is_cut_at_the_antimeridian(layer) -> None:  # type: ignore[no-untyped-def]
    far = layer("links").set_index("link").loc["deep_sea:HARBOUR-far"].geometry
    west, east = far.geoms
    assert west.bounds[0] > 0 > east.bounds[2], "nothing is drawn the wrong way round the globe"
    assert (west.coords[-1][0], east.coords[0][0]) == (180, -180)
    assert west.coords[-1][1] == east.coords[0][1]


def test_letters_survive(layer) -> None:  # type: ignore[no-untyped-def]
    assert KAZAKH in set(layer("places")["name_kk"])


def test_what_looks_like_a_formula_stays_text_in_layers_and_gets_an_apostrophe_in_csv(
    case: Case, tmp_path: Path
) -> None:
    """Data packages refuse such names; other programs' data need not come that way."""
    dataset = tables.read(case.data)
    for name in ("nodes", "links", "demand"):
        dataset = dataset.with_table(name, dataset[name].replace({"FAR": "=1+1", "Far": "=cmd|'/C calc'!A0"}))
    net = network.build(dataset)
    plan = planning.plan(net)
    export.write(plan, net, "gpkg", tmp_path / "plan.gpkg")
    export.write(plan, net, "geojson", tmp_path / "layers")
    export.write(plan, net, "gmns", tmp_path / "network")
    for file, name in ((tmp_path / "plan.gpkg", "places"), (tmp_path / "layers" / "places.geojson", None)):
        places = geopandas.read_file(file, layer=name).set_index("node")
        assert places.loc["=1+1", "name_en"] == "=cmd|'/C calc'!A0"
    for path in (tmp_path / "network").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                assert not any(cell.startswith(("=", "@", "+")) for cell in row), path.name
    assert "'=1+1" in set(table(tmp_path / "network", "node")["node"])


def test_corridors_of_a_link_are_named(layer) -> None:  # type: ignore[no-untyped-def]
    frame = layer("links").set_index("link")
    assert tuple(frame.loc["rail:EASTGATE-DRYPASS", ["corridors", "corridor_names"]]) == ("R1", "East - West")
    assert pd.isna(frame.loc["deep_sea:HARBOUR-LANDING", "corridors"])


def test_capacities_say_whether_they_are_observed_and_by_whom(tmp_path: Path) -> None:
    data = small_dataset(tmp_path / "data")
    case = planned(data, tmp_path / "plan")
    export.write(case.plan, case.network, "geojson", tmp_path / "links.geojson")
    frame = geopandas.read_file(tmp_path / "links.geojson").set_index("link")
    assert tuple(frame.loc["road:DRYPASS-MIDTOWN", ["capacity_status", "capacity_source"]]) == ("assumed", "invented")


def test_the_capacity_of_a_line_is_what_freight_has_in_the_year(folder: Path, tmp_path: Path) -> None:
    edit(folder, "links", 3, passenger="6.5")
    append(folder, "capacities", table="links", key="rail:MIDTOWN-LANDING", year="2023", capacity="21")
    append(folder, "total_years", total="transit", year="2023", kt="3000")
    built = network.build(tables.read(folder), 2023)
    export.write(planning.plan(built), built, "geojson", tmp_path / "links.geojson")
    frame = geopandas.read_file(tmp_path / "links.geojson").set_index("link")["capacity"]
    assert tuple(frame[["rail:EASTGATE-DRYPASS", "rail:MIDTOWN-LANDING"]]) == (9.5, 21)


def test_geojson_is_strict_json_of_rfc_7946(folder_of_layers: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    for name in LAYERS:
        text = (folder_of_layers / f"{name}.geojson").read_text(encoding="utf-8")
        made = json.loads(text, parse_constant=refuse)
        assert "crs" not in made, "RFC 7946 knows WGS 84 only"
        assert (made["type"], made["name"]) == ("FeatureCollection", name)
        assert [column["name"] for column in made["columns"]] == list(made["features"][0]["properties"])
        for feature in made["features"]:
            assert set(feature) == {"type", "geometry", "properties"}
            for number in np.asarray(flat(feature["geometry"]["coordinates"])):
                assert round(number, 6) == number


def flat(values: object) -> list[float]:
    return [one for value in values for one in flat(value)] if isinstance(values, list) else [values]  # type: ignore[list-item]


def test_every_column_is_described_with_its_unit(package: Path, folder_of_layers: Path) -> None:
    told = pyogrio.read_dataframe(package, layer="columns")
    with (folder_of_layers / "columns.csv").open(encoding="utf-8", newline="") as stream:
        assert [(row["layer"], row["column"]) for row in csv.DictReader(stream)] == list(
            zip(told["layer"], told["column"], strict=True)
        )
    for name in LAYERS:
        fields = set(pyogrio.read_info(package, layer=name)["fields"])
        assert fields == set(told["column"][told["layer"] == name])
    unit = told.set_index(["layer", "column"])["unit"]
    assert unit["links", "kt"] == "kt/year"
    with closing(sqlite3.connect(package)) as base:
        shown = dict(base.execute("SELECT column_name, description FROM gpkg_data_columns WHERE table_name = 'links'"))
    assert shown["kt"] == "freight moved, both directions (kt/year)"


def test_an_export_says_which_plan_it_shows_and_whom_to_name(case: Case, package: Path, folder_of_layers: Path) -> None:
    (case.data / "LICENSE.md").write_text("Name the sources.", encoding="utf-8")
    told = pyogrio.read_dataframe(package, layer="about").set_index("key")["value"]
    summary = json.loads((folder_of_layers / "summary.json").read_text(encoding="utf-8"))
    assert told["data_digest"] == summary["data_digest"] == case.plan.summary["data_digest"]
    assert told["status"] == summary["status"] == "optimal"
    assert float(told["gap"]) == summary["gap"] == case.plan.summary["gap"]
    assert about(case.plan, case.network.dataset)["attribution"] == "Name the sources."
    own = about(case.plan, tables.read())
    assert "Open Data Commons Open Database License" in own["licence"]
    assert "OpenStreetMap" in own["attribution"]
    assert own["credit"] == "© OpenStreetMap contributors https://www.openstreetmap.org/copyright"


def test_a_layer_without_rows_keeps_its_columns_types(tmp_path: Path, folder: Path) -> None:
    for row in range(2, 6):
        edit(folder, "demand", row, kt="1", reservation_usd_per_t="5000")
    case = planned(folder, tmp_path / "plan")
    assert not len(case.plan.unserved)
    export.write(case.plan, case.network, "gpkg", tmp_path / "plan.gpkg")
    about = pyogrio.read_info(tmp_path / "plan.gpkg", layer="unserved")
    types = dict(zip(about["fields"], about["dtypes"], strict=True))
    assert (about["features"], types["kt"], types["why"]) == (0, "float64", "object")
    export.write(case.plan, case.network, "geojson", tmp_path / "left.geojson", layer="unserved")
    assert json.loads((tmp_path / "left.geojson").read_text(encoding="utf-8"))["features"] == []


def test_commodities_that_differ_in_capitals_only_have_columns_of_their_own(tmp_path: Path, folder: Path) -> None:
    rows = read_rows(folder, "commodities")
    write_table(folder, "commodities", [*rows, rows[1] | {"commodity": "GRAIN"}, rows[1] | {"commodity": "forward"}])
    case = planned(folder, tmp_path / "plan")
    names = [column.name for column in features.layers(case.plan, case.network)[0].columns]
    assert len({name.lower() for name in names}) == len(names)
    assert {"kt_GRAIN", "kt_grain_", "kt_forward", "kt_forward_"} <= set(names)
