"""Charts drawn without a browser, by vl-convert; heavy, so that it is loaded only where a picture is asked for."""

from __future__ import annotations

from typing import Any

from corridors.errors import extra_missing


def png(spec: dict[str, Any], scale: float, what: str, instead: str) -> bytes:
    """Draw a chart as PNG; parameters and errors as of `svg`, and how many pixels it has for each of the chart's."""
    return bytes(_drawn_by(what, instead).vegalite_to_png(spec, scale=scale))


def svg(spec: dict[str, Any], what: str, instead: str) -> str:
    """Draw a chart as SVG.

    Parameters
    ----------
    spec
        The chart as Vega-Lite.
    what, instead
        What the picture is for, and what to do where the extra is missing, for the error's sentence.

    Raises
    ------
    ExtraMissing
        If the extra `pictures` is not installed.
    """
    return str(_drawn_by(what, instead).vegalite_to_svg(spec))


def _drawn_by(what: str, instead: str) -> Any:
    try:
        import vl_convert  # a browser's engine: heavy, and only pictures need it
    except ImportError as error:
        raise extra_missing(what, "pictures", instead) from error
    return vl_convert
