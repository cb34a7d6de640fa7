"""Data dictionaries from the `datapackage.json` that the program itself reads.

    ```{dictionary} corridors/data/datapackage.json
    :prefix: data
    ```

gives a section for each table with its key and its columns: type, unit, constraints, description. A page can refer to
a table with ``{ref}`data-links` ``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sphinx.application import Sphinx

HEADINGS = ("column", "type", "unit", "must be", "is")
WIDTHS = (20, 10, 12, 24, 34)
SAID = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "minLength": "{} letters or more",
    "unique": "unlike all others",
}


FINITE = {"smallest": "0, or at least {:g}", "largest": "at most {}, or inf"}


class Dictionary(SphinxDirective):
    """Every table and column of a data package."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"prefix": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Make a section for each table."""
        path = Path(self.env.srcdir).parent / self.arguments[0]
        self.env.note_dependency(str(path))
        package = json.loads(path.read_text(encoding="utf-8"))
        return [self._section(table, self.options.get("prefix", "table")) for table in package["resources"]]

    def _section(self, table: Mapping[str, Any], prefix: str) -> nodes.section:
        name = f"{prefix}-{table['name']}"
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        self.state.document.note_explicit_target(section, section)
        section += nodes.title("", "", nodes.literal(table["path"], table["path"]))
        for text in (table.get("title"), table.get("description")):
            if text:
                section += nodes.paragraph(text, text, support_smartquotes=False)
        section += _columns(table["schema"]["fields"])
        section += _keys(table["schema"])
        return section


def _columns(fields: Sequence[Mapping[str, Any]]) -> nodes.table:
    made = nodes.table(classes=["dictionary"])
    group = nodes.tgroup(cols=len(HEADINGS))
    group += [nodes.colspec(colwidth=width) for width in WIDTHS]
    group += nodes.thead("", _row([nodes.Text(heading) for heading in HEADINGS]))
    body = nodes.tbody()
    for field in fields:
        values = (field["type"] + (" list" if field.get("list") else ""), field.get("unit", ""), _must(field))
        texts = [nodes.Text(value) for value in (*values, field["description"])]
        body += _row([nodes.literal(field["name"], field["name"]), *texts])
    group += body
    made += group
    return made


def _row(cells: Iterable[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell, support_smartquotes=False)) for cell in cells))


def _must(field: Mapping[str, Any]) -> str:
    """Say a column's constraints in words."""
    constraints = dict(field.get("constraints", {}))
    said = ["given"] if constraints.pop("required", False) else []
    if "enum" in constraints:
        said.append("one of " + ", ".join(str(value) or '""' for value in constraints.pop("enum")))
    pattern = constraints.pop("pattern", None)
    if pattern is not None:
        said.append(field.get("form", f"like {pattern}"))
    said += [SAID[name].format(value) for name, value in constraints.items() if value is not False]
    said += [words.format(field[name]) for name, words in FINITE.items() if name in field]
    return "; ".join(said)


def _keys(schema: Mapping[str, Any]) -> nodes.bullet_list:
    said = []
    key = schema.get("primaryKey", [])
    if key:
        said.append(f"Key: {', '.join([key] if isinstance(key, str) else key)}.")
    for other in schema.get("foreignKeys", []):
        here, there = other["fields"], other["reference"]["fields"]
        names = [", ".join([one] if isinstance(one, str) else one) for one in (here, there)]
        where = other["reference"]["resource"] or "the same table"
        said.append(f"{names[0]} must be in {where}, {names[1]}.")
    return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph(text, text)) for text in said))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("dictionary", Dictionary)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
