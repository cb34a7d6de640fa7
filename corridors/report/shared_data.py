"""What the plans of one page have in common stands in it once: charts' specifications, and the data in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from corridors.report.projection import countries

if TYPE_CHECKING:
    from corridors.geodesy import Point

WAYS = "lines"  # the map's data with the ways of links, told of a link alike in most plans
LAND = "land"  # its borders


class Pool:
    """Values of a page, each once; what is put in again is known by its JSON."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[str, int] = {}

    def place(self, value: Any) -> int:
        """Put a value in, if it is not there yet, and return its place."""
        key = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if key not in self._known:
            self._known[key] = len(self.values)
            self.values.append(value)
        return self._known[key]

    def chart(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Put a chart in, and return the places of its specification and of its data by name."""
        bare = {name: value for name, value in spec.items() if name != "datasets"}
        data = spec.get("datasets", {})
        return {"spec": self.place(bare), "data": {name: self.place(packed(value)) for name, value in data.items()}}


def packed(value: Any) -> Any:
    """Return rows that have the same columns as `{"columns": ..., "rows": ...}`, without the names in each; else as is.

    The page's script unpacks them.
    """
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[0], dict):
        return value
    columns = list(value[0])
    if any(not isinstance(one, dict) or list(one) != columns for one in value):
        return value
    return {"columns": columns, "rows": [list(one.values()) for one in value]}


def join_ways(specs: Sequence[Mapping[str, Any]]) -> None:
    """Let maps share the ways of all their links, where plans tell of a link the same; else each keeps its own."""
    ways: dict[str, Any] = {}
    for spec in specs:
        for one in spec["datasets"][WAYS]:
            if ways.setdefault(one["link"], one) != one:
                return
    joined = [ways[link] for link in sorted(ways)]
    for spec in specs:
        spec["datasets"][WAYS] = joined


def join_land(specs: Sequence[Mapping[str, Any]], points: Sequence[Point]) -> None:
    """Let several maps share the borders around all that any of them shows, given as points."""
    if len(specs) > 1:
        land = countries(points)
        for spec in specs:
            spec["datasets"][LAND] = land
