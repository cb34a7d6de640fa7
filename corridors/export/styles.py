"""How layers look on a map: rules by which features are drawn and named, for whatever format a map program reads.

Colours tell modes, widths freight; bottlenecks have a red edge. Colours are told apart with any colour vision (Okabe
and Ito, 2008, darkened for thin lines).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corridors.planning.summary import FULL

if TYPE_CHECKING:
    from corridors.export.layers import Layer

RED, GREY, INK = "#d7191c", "#9aa3ad", "#1d2733"
DASH = (3.0, 1.5)
MODES = {  # colour, and lengths of dashes and gaps in mm
    "rail": ("#1d3f72", ()),
    "road": ("#b8651b", ()),
    "air": ("#7d8794", DASH),
    "deep_sea": ("#008f8a", ()),
    "short_sea": ("#00a3c4", ()),
    "caspian": ("#0072b2", ()),
    "ferry": ("#0072b2", DASH),
    "tanker": ("#6a8f00", DASH),
    "oil_pipeline": ("#5b3f8c", (5.0, 1.0, 1.0, 1.0)),
    "gas_pipeline": ("#b0569b", (5.0, 1.0, 1.0, 1.0)),
}
OTHERS = ("#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31", "#4f6d7a", "#d55e00", "#6b8e23")  # in turn
AIR = "air"
LOADS = (  # from which share of a limit, what it is called, colour
    (0.0, "under half full", "#8cbce0"),
    (0.5, "half to four fifths full", "#3a78b4"),
    (0.8, "nearly full", "#e08a1e"),
    (FULL, "full", "#8c1141"),
)
LINE, POINT = (0.25, 4.0), (1.6, 7.0)  # mm: widths of lines and diameters of points, from no freight to the most
EDGE = 1.4  # mm by which the edge of a bottleneck is wider
TIPS = {
    "links": (("name", ""), ("mode", ""), ("kt", "kt"), ("capacity", "capacity_unit"), ("utilisation_max", "%")),
    "places": (("name_en", ""), ("country", ""), ("kt_handled", "kt")),
    "routes": (
        *(("origin_name", ""), ("destination_name", ""), ("commodity_name", "")),
        *(("kt", "kt"), ("days", "days"), ("usd_per_t", "USD/t")),
    ),
    "unserved": (("origin_name", ""), ("destination_name", ""), ("commodity_name", ""), ("kt", "kt"), ("why", "")),
}
LARGEST = 20  # places that are named at every scale
NEAR, NEARER = 9e6, 3e6  # places with freight are named from 1 : NEAR, all others drawn and named from 1 : NEARER
NAMES = {"name_en": "Names in English", "name_ru": "Названия по-русски", "name_kk": "Атаулары қазақша"}


class Condition(NamedTuple):
    """What a feature must be: a relation (=, <>, <, <=, >, >=, or like with % for anything) of a column to a value."""

    column: str
    relation: str
    value: float | str


class Size(NamedTuple):
    """A width or diameter in mm that grows with the square root of a column, from `least` at 0 to `most` at `full`."""

    least: float
    most: float
    column: str = ""
    full: float = 1.0

    def at(self, value: float) -> float:
        """Return the size at a value of the column."""
        return self.least + (self.most - self.least) * float(np.sqrt(max(value, 0.0) / self.full))


class Rule(NamedTuple):
    """How features that pass every test are drawn.

    Attributes
    ----------
    label
        What the legend calls them.
    size, colour, dash
        Their width or diameter, their colour as #rrggbb, and lengths of dashes and gaps in mm.
    shown
        Whether they are drawn before somebody ticks the rule in the legend.
    farthest
        They are drawn at scales from 1 : farthest; 0 is at every scale.
    above
        Whether they lie over the rules that are not.
    """

    label: str
    tests: tuple[Condition, ...]
    size: Size
    colour: str
    dash: tuple[float, ...] = ()
    shown: bool = True
    farthest: float = 0.0
    above: bool = True


class Naming(NamedTuple):
    """Which features are named, how large (points), and from which scale (as in `Rule`)."""

    label: str
    tests: tuple[Condition, ...]
    points: float
    colour: str = INK
    farthest: float = 0.0


class Style(NamedTuple):
    """A look of a layer: the first of a layer is the one that programs open it with."""

    layer: str
    name: str
    description: str
    rules: tuple[Rule, ...]
    names: tuple[Naming, ...] = ()
    named: str = ""  # the column that names are in, and `otherwise` that for rows where it is blank
    otherwise: str = ""
    tip: tuple[tuple[str, str], ...] = ()  # what is told of a feature that is pointed at: columns, and their units


SOME = Condition("kt", ">", 0.0)


def styles(layers: Sequence[Layer]) -> list[Style]:
    """Return the styles of the layers of a plan, the default of each layer first."""
    made = {"links": _links, "places": _places, "routes": _routes, "unserved": _unserved}
    found = [style for layer in layers if layer.name in made for style in made[layer.name](layer)]
    return [style._replace(tip=TIPS[style.layer]) for style in found]


def _links(layer: Layer) -> Iterator[Style]:
    yield _flows(layer)
    yield _full(layer)


def _flows(layer: Layer) -> Style:
    size = Size(*LINE, "kt", _most(layer, "kt"))
    edge = size._replace(least=size.least + EDGE, most=size.most + EDGE)
    modes = _modes(layer)
    by_land, by_air = _not_air(modes), (Condition("mode", "=", AIR),)
    full, none = Condition("utilisation_max", ">=", FULL), Condition("kt", "=", 0.0)
    below = [
        Rule(label, (full, Condition(price, ">", 0.0), SOME, *by_land), edge, RED, above=False)
        for label, price in (
            ("bottleneck: more capacity is worth money", "shadow_price_high"),
            ("bottleneck of a limit shared with others", "pool_shadow_price_high"),
        )
    ]
    below.append(Rule("carries nothing", (none, *by_land), Size(0.15, 0.15), GREY, farthest=NEAR, above=False))
    if AIR in modes:
        below.append(Rule("air, full", (full, SOME, *by_air), edge, RED, shown=False, above=False))
        below.append(Rule("air, carries nothing", (none, *by_air), Size(0.1, 0.1), GREY, shown=False, above=False))
    moving = [
        Rule(mode.replace("_", " "), (Condition("mode", "=", mode), SOME), size, colour, dash, shown=mode != AIR)
        for mode, (colour, dash) in modes.items()
    ]
    told = "Colour is the mode, width the freight in both directions; a red edge is a bottleneck."
    return Style(layer.name, "Flows", told, (*moving, *below))


def _full(layer: Layer) -> Style:
    size = Size(*LINE, "kt", _most(layer, "kt"))
    carries = (SOME, *_not_air(_modes(layer)))
    ends = [*(low for low, _, _ in LOADS[1:]), np.inf]
    loads = [
        Rule(label, (Condition("utilisation_max", ">=", low), *_below(high), *carries), size, colour)
        for (low, label, colour), high in zip(LOADS, ends, strict=True)
    ]
    rest = Rule("no limit given", carries, size, GREY, above=False)
    told = "Colour is the use of the fuller of a link's own and shared limits, width the freight."
    return Style(layer.name, "How full", told, (*loads, rest))


def _below(high: float) -> tuple[Condition, ...]:
    return (Condition("utilisation_max", "<", high),) if np.isfinite(high) else ()


def _not_air(modes: dict[str, tuple[str, tuple[float, ...]]]) -> tuple[Condition, ...]:
    return (Condition("mode", "<>", AIR),) if AIR in modes else ()


def _modes(layer: Layer) -> dict[str, tuple[str, tuple[float, ...]]]:
    """Return colour and dashes of the layer's modes, those that are known first, in their order."""
    there = sorted({str(mode) for mode in layer.frame["mode"]})
    new = [mode for mode in there if mode not in MODES]
    known = {mode: look for mode, look in MODES.items() if mode in there}
    return known | {mode: (OTHERS[number % len(OTHERS)], ()) for number, mode in enumerate(new)}


def _places(layer: Layer) -> Iterator[Style]:
    handled = layer.frame["kt_handled"].sort_values(ascending=False).tolist()
    large = max(handled[min(LARGEST, len(handled)) - 1] if handled else 0.0, 1e-6)
    some, none = Condition("kt_handled", ">", 0.0), Condition("kt_handled", "=", 0.0)
    no_fix = (Condition("kind", "not like", "fix%"), Condition("kind", "not like", "crossing%"))
    rules = (
        Rule("handles freight", (some,), Size(*POINT, "kt_handled", _most(layer, "kt_handled")), INK),
        Rule("handles none", (none, *no_fix), Size(1.2, 1.2), GREY, farthest=NEARER, above=False),
        Rule(
            "point of air routes",
            (none, Condition("kind", "like", "fix%")),
            Size(0.8, 0.8),
            GREY,
            shown=False,
            above=False,
        ),
    )
    names = (
        Naming("most freight", (Condition("kt_handled", ">=", large),), 10.0),
        Naming("freight", (some, Condition("kt_handled", "<", large)), 8.0, farthest=NEAR),
        Naming("others", (none, *no_fix), 7.0, "#5a6673", farthest=NEARER),
    )
    for column, name in NAMES.items():
        told = "Size is the freight handled; smaller places are named as the map comes nearer."
        yield Style("places", name, told, rules, names, column, "name_en" if column != "name_en" else "node")


def _routes(layer: Layer) -> Iterator[Style]:
    size = Size(0.3, 3.0, "kt", _most(layer, "kt"))
    classes = sorted({*zip(layer.frame["commodity"], layer.frame["commodity_name"], strict=True)})
    rules = tuple(
        Rule(name, (Condition("commodity", "=", one),), size, OTHERS[number % len(OTHERS)], shown=False)
        for number, (one, name) in enumerate(classes)
    )
    told = "Routes lie over one another: tick a class of freight in the legend to see its routes."
    if rules:
        yield Style("routes", "By class of freight", told, rules)


def _unserved(layer: Layer) -> Iterator[Style]:
    size = Size(0.4, 3.0, "kt", _most(layer, "kt"))
    rule = Rule("freight left behind", (), size, "#000000", (1.0, 1.0))
    yield Style("unserved", "Freight left", "Straight lines from origin to destination.", (rule,))


def _most(layer: Layer, column: str) -> float:
    """Return the largest figure of a column, 1 if there is none above 0."""
    most = float(layer.frame[column].max()) if len(layer.frame) else 0.0
    return most if most > 0 else 1.0
