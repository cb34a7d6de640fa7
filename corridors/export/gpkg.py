"""Layers as one GeoPackage, which QGIS, ArcGIS, R and Python open: layers, tables `columns` and `about`, and styles.

Styles are in the table `layer_styles`, where QGIS keeps them and looks for them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.errors import OutputError, extra_missing
from corridors.export.great_circles import wkt
from corridors.export.metadata import columns
from corridors.export.qml import qml
from corridors.export.sld import sld
from corridors.export.styles import styles
from corridors.output import TemporaryFolder

if TYPE_CHECKING:
    from corridors.export.layers import Layer

WGS_84 = "EPSG:4326"
GEOMETRY = "geom"  # what the column of shapes is called


def require() -> None:
    """See that GeoPackages can be written here.

    Raises
    ------
    ExtraMissing
        If the packages of the extra `gis` are not installed.
    """
    try:
        import geopandas  # noqa: F401 - optional
        import pyogrio  # noqa: F401 - optional
    except ImportError as error:
        raise extra_missing("a GeoPackage", "gis", "use --to geojson") from error


def package(layers: Sequence[Layer], about: Mapping[str, Any]) -> bytes:
    """Return the layers and the tables that describe them as a GeoPackage.

    Raises
    ------
    OutputError
        If the optional packages are not installed, or they cannot write it.
    """
    require()
    import pyogrio  # optional, and heavy
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

    told = [(key, one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)) for key, one in about.items()]
    tables = {"columns": columns(layers), "about": pd.DataFrame(told, columns=["key", "value"])}
    with TemporaryFolder() as folder:
        path = folder / "export.gpkg"
        try:
            for layer in layers:
                _write_layer(layer, path)
            for name, table in tables.items():
                pyogrio.write_dataframe(table, path, layer=name, driver="GPKG")
            _describe(layers, path)
            _style(layers, path)
            _see_that_it_is_whole({one.name: one.frame for one in layers} | tables, path)
            return path.read_bytes()
        except (DataSourceError, DataLayerError, FeatureError, sqlite3.Error, OSError) as error:
            raise OutputError(
                f"the GeoPackage cannot be written in {folder.parent} ({error}); make room, or name another folder for "
                "temporary files with TMPDIR"
            ) from error


def _see_that_it_is_whole(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Raise `sqlite3.DatabaseError` if rows are missing: a full disk is not always said by those who write."""
    with closing(sqlite3.connect(path)) as base:
        for name, table in tables.items():
            count = base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names are ours
            if count != len(table):
                raise sqlite3.DatabaseError(f"{name} has {count} rows instead of {len(table)}")
        fault = base.execute("PRAGMA quick_check").fetchone()[0]
        if fault != "ok":
            raise sqlite3.DatabaseError(str(fault))


def _write_layer(layer: Layer, path: Path) -> None:
    import geopandas
    import pyogrio

    kind = layer.geometry_type
    if layer.points:
        geometry = geopandas.points_from_xy(*zip(*layer.points, strict=True), crs=WGS_84)
    else:
        geometry = geopandas.GeoSeries.from_wkt([wkt(line, kind) for line in layer.lines], crs=WGS_84)
    frame = geopandas.GeoDataFrame(layer.frame, geometry=geometry, crs=WGS_84)
    pyogrio.write_dataframe(
        frame,
        path,
        layer=layer.name,
        driver="GPKG",
        geometry_type=kind,
        layer_options={"IDENTIFIER": layer.name, "DESCRIPTION": layer.title, "GEOMETRY_NAME": GEOMETRY},
    )


def _describe(layers: Sequence[Layer], path: Path) -> None:
    """Add units and descriptions to the columns, as GeoPackage's schema extension has them and QGIS shows them."""
    told = [
        (layer.name, column.name, f"{column.description} ({column.unit})" if column.unit else column.description)
        for layer in layers
        for column in layer.columns
    ]
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_SCHEMA)
        base.executemany("INSERT INTO gpkg_data_columns (table_name, column_name, description) VALUES (?, ?, ?)", told)


def _style(layers: Sequence[Layer], path: Path) -> None:
    """Add the styles of the layers, the first of each as its default, dated as the layers are."""
    kind = {layer.name: layer.geometry_type for layer in layers}
    default: set[str] = set()
    told = []
    for one in styles(layers):
        first = one.layer not in default
        default.add(one.layer)
        looks = qml(one, kind[one.layer]), sld(one, kind[one.layer])
        told.append((one.layer, GEOMETRY, one.name, *looks, first, one.description, one.layer))
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_STYLES)
        base.executemany(_STYLED, told)


# What QGIS makes: its columns and their types, registered as a table of attributes.
_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
  SELECT 'layer_styles', 'attributes', 'layer_styles', 'Styles of the layers', max(last_change), 0 FROM gpkg_contents;
"""
_STYLED = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
  styleSLD, useAsDefault, description, owner, update_time)
  SELECT '', '', ?, ?, ?, ?, ?, ?, ?, '', last_change FROM gpkg_contents WHERE table_name = ?
"""

# OGC 12-128r19, annexes C and F.9: what a GeoPackage with described columns has.
_SCHEMA = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) VALUES
  ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec/#extension_schema', 'read-write'),
  ('gpkg_data_column_constraints', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec/#extension_schema',
   'read-write');
"""
