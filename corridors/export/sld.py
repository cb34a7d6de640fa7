"""Styles as Styled Layer Descriptors (OGC 05-078r4, 05-077r4), which GeoServer, MapServer and ArcGIS take beside QGIS.

They know no width that a figure gives: each rule stands there once for each class of the figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from corridors.export.styles import Condition, Size

if TYPE_CHECKING:
    from corridors.export.styles import Naming, Rule, Style

NAMESPACES = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc",
}
CLASSES = (0.04, 0.25)  # of the most: where the classes of a size end
PIXELS = 1 / 0.28  # a millimetre on the standard's pixels of 0.28 mm
RELATIONS = {
    "=": "EqualTo",
    "<>": "NotEqualTo",
    "<": "LessThan",
    "<=": "LessThanOrEqualTo",
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqualTo",
}


def sld(style: Style, geometry: str) -> str:
    """Return a style as SLD; `geometry` is what the layer has: Point, LineString or MultiLineString."""
    top = Element("StyledLayerDescriptor", {"version": "1.1.0", **NAMESPACES})
    layer = SubElement(top, "NamedLayer")
    SubElement(layer, "se:Name").text = style.layer
    user = SubElement(layer, "UserStyle")
    SubElement(user, "se:Name").text = style.name
    SubElement(SubElement(user, "se:Description"), "se:Abstract").text = style.description
    shown = [rule for rule in style.rules if rule.shown] or style.rules  # nobody can tick a rule of an SLD
    for above in (False, True):  # what is drawn first lies below
        rules = [rule for rule in shown if rule.above is above]
        names = style.names if above else ()
        if rules or names:
            features = SubElement(user, "se:FeatureTypeStyle")
            for rule in rules:
                for tests, size in _classes(rule.size):
                    one = _rule(features, rule.label, (*rule.tests, *tests), rule.farthest)
                    _mark(one, rule, size) if geometry == "Point" else _stroke(one, rule, size)
            for naming in names:
                _label(_rule(features, naming.label, naming.tests, naming.farthest), style.named, naming)
    indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(top, encoding="unicode") + "\n"


def _classes(size: Size) -> Iterator[tuple[tuple[Condition, ...], float]]:
    """Yield the classes of a size: tests, and the size in the middle of each."""
    if not size.column:
        yield (), size.least
        return
    ends = [0.0, *(size.full * share for share in CLASSES), size.full]
    for number, (low, high) in enumerate(pairwise(ends)):
        lower = (Condition(size.column, ">", low),) if number else ()
        upper = (Condition(size.column, "<=", high),) if number < len(CLASSES) else ()
        yield (*lower, *upper), size.at((low + high) / 2)


def _rule(features: Element, label: str, tests: Sequence[Condition], farthest: float) -> Element:
    rule = SubElement(features, "se:Rule")
    SubElement(rule, "se:Name").text = label
    if tests:
        within = SubElement(rule, "ogc:Filter")
        all_of = SubElement(within, "ogc:And") if len(tests) > 1 else within
        for test in tests:
            _condition(all_of, test)
    if farthest:
        SubElement(rule, "se:MaxScaleDenominator").text = f"{farthest:.0f}"
    return rule


def _condition(parent: Element, test: Condition) -> None:
    if test.relation.endswith("like"):
        within = SubElement(parent, "ogc:Not") if test.relation.startswith("not") else parent
        one = SubElement(within, "ogc:PropertyIsLike", wildCard="%", singleChar="_", escapeChar="!")
    else:
        one = SubElement(parent, f"ogc:PropertyIs{RELATIONS[test.relation]}")
    SubElement(one, "ogc:PropertyName").text = test.column
    SubElement(one, "ogc:Literal").text = test.value if isinstance(test.value, str) else repr(float(test.value))


def _stroke(parent: Element, rule: Rule, mm: float) -> None:
    stroke = SubElement(SubElement(parent, "se:LineSymbolizer"), "se:Stroke")
    told = {"stroke": rule.colour, "stroke-width": f"{mm * PIXELS:.2f}", "stroke-linejoin": "round"}
    if rule.dash:
        told["stroke-dasharray"] = " ".join(f"{one * PIXELS:.1f}" for one in rule.dash)
    for name, value in told.items():
        SubElement(stroke, "se:SvgParameter", name=name).text = value


def _mark(parent: Element, rule: Rule, mm: float) -> None:
    graphic = SubElement(SubElement(parent, "se:PointSymbolizer"), "se:Graphic")
    mark = SubElement(graphic, "se:Mark")
    SubElement(mark, "se:WellKnownName").text = "circle"
    SubElement(SubElement(mark, "se:Fill"), "se:SvgParameter", name="fill").text = rule.colour
    SubElement(SubElement(mark, "se:Stroke"), "se:SvgParameter", name="stroke").text = "#ffffff"
    SubElement(graphic, "se:Size").text = f"{mm * PIXELS:.2f}"


def _label(parent: Element, column: str, naming: Naming) -> None:
    text = SubElement(parent, "se:TextSymbolizer")
    SubElement(SubElement(text, "se:Label"), "ogc:PropertyName").text = column
    font = SubElement(text, "se:Font")
    SubElement(font, "se:SvgParameter", name="font-size").text = f"{naming.points * 0.3528 * PIXELS:.1f}"
    halo = SubElement(text, "se:Halo")
    SubElement(halo, "se:Radius").text = "2"
    SubElement(SubElement(halo, "se:Fill"), "se:SvgParameter", name="fill").text = "#ffffff"
    SubElement(SubElement(text, "se:Fill"), "se:SvgParameter", name="fill").text = naming.colour
