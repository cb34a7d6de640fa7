"""Formulas as MathML, made when the site is built: browsers draw it themselves, without a script or a network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

_log = logging.getLogger(__name__)
_OUTER = {"aligned": "align*"}  # the converter knows only the one that stands by itself
_LEFT_OVER = re.compile(r">\s*(\\[A-Za-z]+|&)<")  # a command that the converter does not know stays as it was written


def mathml(formula: str, *, display: bool) -> str:
    """Return a LaTeX formula as a `math` element.

    Raises
    ------
    ExtensionError
        If a part of it cannot be converted.
    """
    for inner, outer in _OUTER.items():
        formula = formula.replace(f"{{{inner}}}", f"{{{outer}}}")
    try:
        made: str = convert(formula, display="block" if display else "inline")
    except Exception as error:  # the converter raises whatever it meets
        raise ExtensionError(f"the formula {formula!r} cannot be converted: {error!r}") from error
    unknown = _LEFT_OVER.search(made)
    if unknown:
        raise ExtensionError(f"the formula {formula!r} has a command that is not known: {unknown.group()[1:]}")
    return made


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(f'<span class="math">{_said(node, display=False)}</span>')
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_said(node, display=True) + "</div>\n")
    raise nodes.SkipNode


def _said(node: nodes.Element, *, display: bool) -> str:
    try:
        return mathml(node.astext(), display=display)
    except ExtensionError as error:
        _log.warning("%s", error, location=node)
        return ""


def _nothing(self: HTML5Translator, node: nodes.Element) -> None:
    """Close nothing: everything was written on the way in."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the renderer `mathml`; `html_math_renderer` chooses it."""
    app.add_html_math_renderer("mathml", (_inline, _nothing), (_block, _nothing))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
