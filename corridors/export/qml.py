"""Styles in QML, in which QGIS keeps the look of a layer: rules, symbols and names (QGIS 3.16 and newer read it)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

if TYPE_CHECKING:
    from corridors.export.styles import Condition, Naming, Rule, Size, Style

VERSION = "3.22.0"
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
EXPRESSION = "3"  # the type of a property that is an expression
WHITE = "#ffffff"


def qml(style: Style, geometry: str) -> str:
    """Return a style as QML; `geometry` is what the layer has: Point, LineString or MultiLineString."""
    parts = "Symbology|Labeling|MapTips"
    top = Element("qgis", version=VERSION, styleCategories=parts, labelsEnabled=str(int(bool(style.names))))
    kind = {"type": "RuleRenderer", "symbollevels": "1", "forceraster": "0", "enableorderby": "0"}
    renderer = SubElement(top, "renderer-v2", kind)
    rules = SubElement(renderer, "rules", key=_key(style, ""))
    symbols = SubElement(renderer, "symbols")
    for number, rule in enumerate(style.rules):
        told = {"key": _key(style, rule.label), "symbol": str(number), "label": rule.label}
        told |= _where(rule.tests) | _scale(rule.farthest) | {"checkstate": str(int(rule.shown))}
        SubElement(rules, "rule", told)
        _symbol(symbols, str(number), rule, point=geometry == "Point")
    if style.names:
        labelling = SubElement(top, "labeling", type="rule-based")
        named = SubElement(labelling, "rules", key=_key(style, "names"))
        for naming in style.names:
            told = {"key": _key(style, f"names {naming.label}"), "description": naming.label}
            one = SubElement(named, "rule", told | _where(naming.tests) | _scale(naming.farthest))
            _text(one, style, naming)
    if style.tip:
        SubElement(top, "previewExpression").text = f'"{style.tip[0][0]}"'
        SubElement(top, "mapTip").text = "<br>".join(_told(column, unit) for column, unit in style.tip)
    indent(top)
    return DOCTYPE + tostring(top, encoding="unicode") + "\n"


def _told(column: str, unit: str) -> str:
    """Return what a tip tells of a column: nothing where it is blank, numbers rounded, a unit or the column of it."""
    number = f'format_number(100 * "{column}", 0)' if unit == "%" else f'format_number("{column}", 1)'
    after = f'"{unit}"' if unit.endswith("_unit") else f"'{unit}'"
    return f"[% coalesce({number} || ' ' || {after}, '') %]" if unit else f"[% coalesce(\"{column}\", '') %]"


def expression(tests: Sequence[Condition]) -> str:
    """Return tests as QGIS writes conditions, "" if there are none."""
    return " AND ".join(f'"{one.column}" {one.relation.upper()} {_literal(one.value)}' for one in tests)


def _literal(value: float | str) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(float(value))


def _key(style: Style, part: str) -> str:
    """Return an identifier that is the same whenever it is made."""
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, f'{style.layer}/{style.name}/{part}')}}}"


def _where(tests: Sequence[Condition]) -> dict[str, str]:
    return {"filter": expression(tests)} if tests else {}


def _scale(farthest: float) -> dict[str, str]:
    return {"scalemaxdenom": f"{farthest:.0f}", "scalemindenom": "0"} if farthest else {}


def _symbol(symbols: Element, name: str, rule: Rule, *, point: bool) -> None:
    """Add what a rule draws: a line, or a disc with a white rim."""
    kind, layer = ("marker", "SimpleMarker") if point else ("line", "SimpleLine")
    symbol = SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    told = {"class": layer, "enabled": "1", "locked": "0", "pass": str(int(rule.above))}
    drawn = SubElement(symbol, "layer", told)
    _options(drawn, _disc(rule) if point else _line(rule))
    if rule.size.column:
        _defined(drawn, "size" if point else "outlineWidth", rule.size)


def _line(rule: Rule) -> dict[str, str]:
    dash = {"use_custom_dash": "1", "customdash": ";".join(f"{one:g}" for one in rule.dash), "customdash_unit": "MM"}
    return {
        "line_color": _rgba(rule.colour),
        "line_style": "solid",
        "line_width": f"{rule.size.least:g}",
        "line_width_unit": "MM",
        "capstyle": "flat" if rule.dash else "round",
        "joinstyle": "round",
    } | (dash if rule.dash else {})


def _disc(rule: Rule) -> dict[str, str]:
    return {
        "name": "circle",
        "color": _rgba(rule.colour),
        "outline_color": _rgba(WHITE),
        "outline_style": "solid",
        "outline_width": "0.2",
        "outline_width_unit": "MM",
        "size": f"{rule.size.least:g}",
        "size_unit": "MM",
    }


def _options(parent: Element, told: Mapping[str, str]) -> None:
    """Add properties twice, as QGIS does: as options, and as its versions before 3.18 read them."""
    options = SubElement(parent, "Option", type="Map")
    for name, value in told.items():
        SubElement(options, "Option", name=name, type="QString", value=value)
    for name, value in told.items():
        SubElement(parent, "prop", k=name, v=value)


def _defined(parent: Element, what: str, size: Size) -> None:
    """Add a size that the figures of a feature define."""
    grown = f'{size.least:g} + {size.most - size.least:g} * sqrt(coalesce("{size.column}", 0) / {size.full!r})'
    top = SubElement(SubElement(parent, "data_defined_properties"), "Option", type="Map")
    SubElement(top, "Option", name="name", type="QString", value="")
    one = SubElement(SubElement(top, "Option", name="properties", type="Map"), "Option", name=what, type="Map")
    SubElement(one, "Option", name="active", type="bool", value="true")
    SubElement(one, "Option", name="expression", type="QString", value=grown)
    SubElement(one, "Option", name="type", type="int", value=EXPRESSION)
    SubElement(top, "Option", name="type", type="QString", value="collection")


def _text(rule: Element, style: Style, naming: Naming) -> None:
    """Add how features are named: beside their points, with a white edge."""
    settings = SubElement(rule, "settings", calloutType="simple")
    told = {
        "fieldName": f'coalesce("{style.named}", "{style.otherwise}")',
        "isExpression": "1",
        "fontSize": f"{naming.points:g}",
        "fontSizeUnit": "Point",
        "textColor": _rgba(naming.colour),
        "namedStyle": "Regular",
    }
    text = SubElement(settings, "text-style", told)
    rim = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": _rgba(WHITE)}
    SubElement(text, "text-buffer", rim | {"bufferOpacity": "0.85", "bufferJoinStyle": "128"})
    SubElement(settings, "placement", placement="6", dist="1", distUnits="MM", priority=f"{naming.points:.0f}")


def _rgba(colour: str) -> str:
    """Return a colour #rrggbb as QGIS writes it."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"
