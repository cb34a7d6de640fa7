"""Layers as GeoJSON (RFC 7946): a file for each, numbers as numbers, null where nothing is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.export.metadata import columns
from corridors.output import csv_text

if TYPE_CHECKING:
    from corridors.export.layers import Layer


def collection(layer: Layer, about: Mapping[str, Any]) -> bytes:
    """Return a layer as a FeatureCollection, a feature a line; `about` and the columns are members beside it."""
    told = [column._asdict() for column in layer.columns]
    head = {"type": "FeatureCollection", "name": layer.name, "title": layer.title, "about": about, "columns": told}
    features = ",\n".join(_text(feature) for feature in _features(layer))
    return f'{_text(head)[:-1]}, "features": [\n{features}\n]}}\n'.encode()


def write_collections(layers: Sequence[Layer], about: Mapping[str, Any], folder: Path) -> None:
    """Write each layer into a folder, with `columns.csv` and `summary.json`."""
    for layer in layers:
        (folder / f"{layer.name}.geojson").write_bytes(collection(layer, about))
    (folder / "columns.csv").write_text(csv_text(columns(layers)), encoding="utf-8", newline="")
    text = json.dumps(about, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8", newline="")


def _features(layer: Layer) -> Iterator[dict[str, Any]]:
    kind = layer.geometry_type
    names = [column.name for column in layer.columns]
    cells = [layer.frame[name].astype(object).tolist() for name in names]
    for values, shape in zip(zip(*cells, strict=True), layer.points or layer.lines, strict=True):
        told = {name: None if pd.isna(value) else value for name, value in zip(names, values, strict=True)}
        place = shape[0] if kind == "LineString" else shape
        yield {"type": "Feature", "geometry": {"type": kind, "coordinates": place}, "properties": told}


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
