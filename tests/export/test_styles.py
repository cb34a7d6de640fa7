"""A GeoPackage brings its look: QGIS's table of styles, whose rules share out the features of each layer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import pytest
from exported import Case

from corridors.export.features import layers
from corridors.export.qml import expression, qml
from corridors.export.sld import sld
from corridors.export.styles import MODES, Condition, Size, Style, styles

SE, OGC = "{http://www.opengis.net/se}", "{http://www.opengis.net/ogc}"
COLUMNS = [
    *("id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML"),
    *("styleSLD", "useAsDefault", "description", "owner", "ui", "update_time"),
]


def looks(package: Path) -> list[dict[str, object]]:
    with closing(sqlite3.connect(package)) as base:
        base.row_factory = sqlite3.Row
        return [dict(row) for row in base.execute("SELECT * FROM layer_styles ORDER BY id")]


@pytest.fixture(scope="module")
def made(case: Case) -> list[Style]:
    return styles(layers(case.plan, case.network))


def test_the_table_is_as_qgis_makes_it_and_is_registered(package: Path) -> None:
    with closing(sqlite3.connect(package)) as base:
        assert [row[1] for row in base.execute("PRAGMA table_info(layer_styles)")] == COLUMNS
        kind, when = base.execute(
            "SELECT data_type, last_change FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchone()
        shapes = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    assert (kind, len(when)) == ("attributes", 24)
    for row in looks(package):
        assert (row["f_table_catalog"], row["f_table_schema"]) == ("", ""), "QGIS asks for empty texts"
        assert row["f_geometry_column"] == shapes[str(row["f_table_name"])]
        assert len(str(row["styleName"])) <= 30
    assert "layer_styles" in set(geopandas.list_layers(package)["name"])


def test_every_layer_has_one_look_to_open_with(package: Path) -> None:
    found = looks(package)
    for layer in ("links", "places", "routes", "unserved"):
        mine = [row for row in found if row["f_table_name"] == layer]
        assert [row["useAsDefault"] for row in mine] == [1] + [0] * (len(mine) - 1), layer
    assert [row["styleName"] for row in found if row["f_table_name"] == "places"] == [
        "Names in English",
        "Названия по-русски",
        "Атаулары қазақша",
    ]


def _chosen(rule: ElementTree.Element, package: Path, layer: str) -> set[int]:
    """Return the features of a layer that pass a rule's filter: SQLite reads the conditions as QGIS does."""
    with closing(sqlite3.connect(package)) as base:
        where = rule.get("filter") or "1"
        return {row[0] for row in base.execute(f'SELECT fid FROM "{layer}" WHERE {where}')}  # noqa: S608 - our own


def _rules(row: dict[str, object], of: str) -> Iterator[ElementTree.Element]:
    top = ElementTree.fromstring(str(row["styleQML"]).partition("\n")[2])  # noqa: S314 - our own
    yield from top.find(of).findall("rule")  # type: ignore[union-attr]


def test_rules_of_qgis_draw_every_link_once_by_mode_or_as_idle(package: Path) -> None:
    flows = next(row for row in looks(package) if row["styleName"] == "Flows")
    frame = geopandas.read_file(package, layer="links", fid_as_index=True)
    drawn: dict[int, list[str]] = {}
    for rule in _rules(flows, "renderer-v2/rules"):
        label = str(rule.get("label"))
        for fid in _chosen(rule, package, "links"):
            drawn.setdefault(fid, []).append(label)
    for fid, row in frame.iterrows():
        labels = [one for one in drawn.get(fid, ()) if "bottleneck" not in one and one != "air, full"]
        wanted = row["mode"].replace("_", " ") if row["kt"] > 0 else "carries nothing"
        assert [one.removeprefix("air, ") for one in labels] == [wanted]
    tight = frame[(frame["utilisation_max"] >= 1 - 1e-6) & (frame["shadow_price_high"] > 0) & (frame["kt"] > 0)]
    tight = tight[tight["mode"] != "air"]
    assert {fid for fid, labels in drawn.items() if "bottleneck: more capacity is worth money" in labels} == {
        *tight.index
    }
    assert len(tight) > 0


def test_air_is_off_until_it_is_ticked_and_places_are_named_by_scale(package: Path) -> None:
    found = looks(package)
    flows = next(row for row in found if row["styleName"] == "Flows")
    shown = {rule.get("label"): rule.get("checkstate") for rule in _rules(flows, "renderer-v2/rules")}
    assert shown["rail"] == "1"
    assert all(state == "0" for label, state in shown.items() if str(label).startswith("air"))
    places = next(row for row in found if row["f_table_name"] == "places")
    scales = [float(rule.get("scalemaxdenom", "inf")) for rule in _rules(places, "labeling/rules")]
    assert scales == sorted(scales, reverse=True)
    assert scales[0] == float("inf") > scales[1] > scales[2]


def test_widths_grow_with_freight(package: Path, made: list[Style]) -> None:
    flows = next(row for row in looks(package) if row["styleName"] == "Flows")
    most = float(geopandas.read_file(package, layer="links")["kt"].max())
    size = next(style for style in made if style.name == "Flows").rules[0].size
    grown = f'sqrt(coalesce("kt", 0) / {most!r})'
    assert grown in str(flows["styleQML"]).replace("&quot;", '"')
    assert size.at(0) == size.least < size.at(most / 2) < size.at(most) == size.most


def test_descriptors_of_other_programs_draw_the_same_features(made: list[Style], package: Path) -> None:
    """Rules of an SLD stand once for each class of size; what is not shown is left out, unless it is all there is."""
    for style in made:
        text = sld(style, "Point" if style.layer == "places" else "LineString")
        top = ElementTree.fromstring(text.partition("\n")[2])  # noqa: S314 - our own
        named = [one.findtext(f"{SE}Name") for one in top.iter(f"{SE}Rule")]
        shown = [rule for rule in style.rules if rule.shown] or style.rules
        drawn = len(list(top.iter(f"{SE}LineSymbolizer"))) + len(list(top.iter(f"{SE}PointSymbolizer")))
        assert drawn == sum(3 if rule.size.column else 1 for rule in shown)
        assert {rule.label for rule in shown} <= set(named)
        columns = {one.text for one in top.iter(f"{OGC}PropertyName")}
        assert columns <= set(geopandas.read_file(package, layer=style.layer).columns)


def test_modes_that_nobody_foresaw_get_colours_of_their_own(case: Case) -> None:
    links = layers(case.plan, case.network)[0]
    modes = sorted(set(links.frame["mode"]))
    links.frame["mode"] = links.frame["mode"].map({mode: f"{mode}'s & <new>" for mode in modes})
    style = styles([links])[0]
    colours = [rule.colour for rule in style.rules if rule.label.endswith("<new>")]
    assert len(colours) == len(set(colours)) == len(modes)
    assert not {look for look, _ in MODES.values()} & set(colours)
    ElementTree.fromstring(qml(style, "LineString").partition("\n")[2])  # noqa: S314 - our own
    ElementTree.fromstring(sld(style, "LineString").partition("\n")[2])  # noqa: S314 - our own


def test_a_tip_names_columns_that_the_layer_has(case: Case, made: list[Style]) -> None:
    columns = {layer.name: {column.name for column in layer.columns} for layer in layers(case.plan, case.network)}
    for style in made:
        assert style.tip
        told = {column for column, _ in style.tip} | {unit for _, unit in style.tip if unit.endswith("_unit")}
        assert told <= columns[style.layer]
        assert qml(style, "LineString").count("[%") == len(style.tip)


def test_conditions_quote_what_they_compare() -> None:
    tests = (Condition("name", "=", "Ust'-Luga"), Condition("kt", ">=", 1.5), Condition("kind", "not like", "fix%"))
    assert expression(tests) == "\"name\" = 'Ust''-Luga' AND \"kt\" >= 1.5 AND \"kind\" NOT LIKE 'fix%'"
    assert Size(1.0, 3.0, "kt", 4.0).at(1.0) == 2.0


def test_the_same_plan_has_the_same_styles(case: Case, made: list[Style]) -> None:
    again = styles(layers(case.plan, case.network))
    assert [qml(one, "Point") for one in again] == [qml(one, "Point") for one in made]
