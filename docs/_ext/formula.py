"""Formulas from the docstrings of the code that states them, so that a page never holds a copy of its own.

    ```{formula} corridors.models.columns.master
    ```

shows the ``.. math::`` blocks of a module's or a function's docstring.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARK = ".. math::"


def found(name: str) -> object:
    """Return the module or what a module has of this full name.

    Raises
    ------
    ImportError, AttributeError
        If there is nothing of the name.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, rest = name.rpartition(".")
        return getattr(importlib.import_module(module), rest)


def formulas(thing: object) -> list[str]:
    """Return the formulas of a docstring, in LaTeX."""
    lines = (inspect.getdoc(thing) or "").splitlines()
    made = []
    for number, line in enumerate(lines):
        if line.strip() != MARK:
            continue
        indent = len(line) - len(line.lstrip())
        rest = lines[number + 1 :]
        end = next(
            (n for n, one in enumerate(rest) if one.strip() and len(one) - len(one.lstrip()) <= indent), len(rest)
        )
        made.append(textwrap.dedent("\n".join(rest[:end])).strip())
    return made


class Formula(SphinxDirective):
    """The formulas of one docstring."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Show them."""
        name = self.arguments[0]
        try:
            thing = found(name)
        except (ImportError, AttributeError) as error:
            raise self.error(f"there is no {name}: {error}") from error
        source = inspect.getsourcefile(thing)  # type: ignore[arg-type]
        if source:
            self.env.note_dependency(source)
        texts = formulas(thing)
        if not texts:
            raise self.error(f"the docstring of {name} has no formula")
        made = [nodes.math_block(text, text, number=None, label=None, **{"no-wrap": False}) for text in texts]
        for node in made:
            self.set_source_info(node)
        note = nodes.paragraph("", "", nodes.Text("As stated in "), nodes.literal(name, name), classes=["stated"])
        return [*made, note]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("formula", Formula)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
