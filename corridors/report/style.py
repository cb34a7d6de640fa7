"""Colours that people with any colour vision tell apart, light on a white page and in grey print."""

from typing import Any

INK = "#1d2733"
SEA = "#e9f0f5"
LAND = "#f4f3ee"
LOADS = {
    "no limit given": "#7d8794",
    "under half full": "#8cbce0",
    "half to four fifths full": "#3a78b4",
    "nearly full": "#e08a1e",
    "full": "#8c1141",
}
FULL_COLOUR = LOADS["full"]
UNSERVED = "#000000"
CORRIDOR = "#234d2f"  # names of corridors
SPENT = {"moving": "#3a78b4", "border": "#e08a1e", "gauge": "#8c1141", "handling": "#9aa3ad"}
STATUS = {
    "observed": "#1f5f8b",
    "recalled": "#6ba3c8",
    "derived": "#b9cfdd",
    "calibrated": "#e0b46a",
    "estimated": "#8d6cab",
    "assumed": "#c9622c",
}
VERDICT = {"pass": "#1f5f8b", "fail": "#c9622c"}
RIBBONS = ("#3a78b4", "#e08a1e", "#5b9a8b", "#8c1141", "#7d6aa8", "#9aa3ad", "#b58b3b", "#4f6d7a", "#c06c84", "#6b8e23")
RIM: dict[str, Any] = {"stroke": "#ffffff", "strokeWidth": 3, "strokeJoin": "round", "opacity": 0.8, "aria": False}
CONFIG: dict[str, Any] = {
    "background": "#ffffff",
    "font": "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Arial, sans-serif",
    "view": {"stroke": None},
    "title": {"anchor": "start", "fontSize": 15, "color": INK, "offset": 12},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#dfe4ea",
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelOverlap": True,
    },
    "axisY": {"labelLimit": 0},
    "legend": {
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": "normal",
        "labelLimit": 240,
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
}
