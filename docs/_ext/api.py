"""The reference of the Python API: what autodoc and napoleon cannot read of the docstrings by themselves."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAliasType

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from docutils.parsers.rst.states import Inliner
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_UNDERLINE = re.compile(r"-{3,}$")
_TOGETHER = re.compile(r"(\w+)(, \w+)+$")
_NAME = re.compile(r"^(:\w+ \w+)_:")  # a name that ends with an underscore, which would make it a link
_OURS = "corridors"
_COLON = "\ue000"  # stands for a colon while napoleon reads


def split_attributes(lines: list[str]) -> list[str]:
    """Give each of several attributes that are described together, as ``low, high``, a description of its own.

    Napoleon does so for parameters, and takes all but the last for a type where they are attributes.
    """
    made: list[str] = []
    inside, number = False, 0
    while number < len(lines):
        line, ahead = lines[number], lines[number + 1] if number + 1 < len(lines) else ""
        if _UNDERLINE.match(ahead):
            inside = line.strip() == "Attributes"
        number += 1
        if not (inside and _TOGETHER.match(line)):
            made.append(line)
            continue
        text = []
        while number < len(lines) and (not lines[number].strip() or lines[number].startswith(" ")):
            text.append(lines[number])
            number += 1
        for name in line.split(", "):
            made += [name, *text]
    return made


@cache
def imported(module: str) -> dict[str, str]:
    """Give the full names of what a module of ours imports by name, also where only a type checker does."""
    try:
        spec = find_spec(module) if module else None
    except ModuleNotFoundError:  # a name in a module
        spec = None
    if spec is None or spec.origin is None:
        return {}
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    }


def full_name(module: str, name: str) -> str:
    """Give where a name that a module uses was defined; the name itself if it was not imported."""
    head, _, rest = name.partition(".")
    known = imported(module).get(head)
    if known is None:
        return name
    where, _, what = known.rpartition(".")
    found = full_name(where, what) if where.startswith(_OURS) else known
    found = known if found == what else found
    if rest and rest in imported(found):  # a name that a package's face hands on
        return full_name(found, rest)
    return f"{found}.{rest}" if rest else found


def modules(pattern: str) -> Iterator[str]:
    """Give the module of a name, or with ``.*`` behind it the package and all that is in it."""
    name = pattern.removesuffix(".*")
    yield name
    if name != pattern:
        for one in pkgutil.iter_modules(import_module(name).__path__, f"{name}."):
            yield one.name


class Modules(SphinxDirective):
    """Several modules, each in a section of its own: ``.. modules:: corridors.tables corridors.report.*``."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Document them."""
        return [self._section(name) for pattern in self.arguments[0].split() for name in modules(pattern)]

    def _section(self, name: str) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(f"in-{name}")], names=[f"in {name}"])
        self.state.document.note_implicit_target(section, section)
        section += nodes.title("", "", nodes.literal(name, name))
        lines = [f".. automodule:: {name}", "   :members:", "   :ignore-module-all:", ""]
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, section)
        return section


def _read(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Say to napoleon what it would misread."""
    lines[:] = split_attributes(lines)
    if what in ("attribute", "property") and lines:
        lines[0] = lines[0].replace(": ", _COLON)  # what comes before it is no type


def _mended(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Mend what napoleon made."""
    lines[:] = [_NAME.sub(r"\1\\_:", line.replace(_COLON, ": ").replace("np.bool_", "np.bool")) for line in lines]


def _signed(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, gives: str | None
) -> tuple[str | None, str | None]:
    """Write a dataclass's signature so that it can be read: what makes a field's default is no expression."""
    return (signature and signature.replace("<factory>", "..."), gives)


def _kept(app: Sphinx, what: str, name: str, thing: object, skip: bool, options: object) -> bool | None:
    """Document the names of types, which have no docstrings."""
    if not isinstance(thing, TypeAliasType) or name.startswith("_"):
        return None
    return thing.__module__ != app.env.current_document.autodoc_module


def _resolve(app: Sphinx, doctree: nodes.document) -> None:
    """Let every name in a signature mean what it means in its module, and nothing of the same name elsewhere."""
    for node in doctree.findall(pending_xref):
        module, name = node.get("py:module"), node.get("reftarget", "")
        if node.get("refdomain") != "py" or not module:
            continue
        found = full_name(module, name)
        own = f"{module}.{name}"
        if found == name and "." not in name and own in app.env.domains.python_domain.objects:
            found = own
        node["reftarget"] = found


def _said(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, options: object = None, content: object = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Link what stands in single backticks if it is documented; it need not be."""
    env: BuildEnvironment = inliner.document.settings.env
    where = {key: env.ref_context.get(key) for key in ("py:module", "py:class")}
    shown = nodes.literal(text, text, classes=["xref", "py"])
    node = pending_xref(
        "", shown, refdomain="py", reftype="obj", reftarget=text, refdoc=env.docname, maybe=True,
        refexplicit=False, **where,
    )  # fmt: skip
    return [node], []


def _missing(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.Element) -> nodes.Element | None:
    """Find `module.name` of ours in single backticks; show without a link what was never promised to have one."""
    if not node.get("maybe"):
        return None
    domain = env.domains.python_domain
    whole = f"{_OURS}.{node['reftarget']}"
    if whole in domain.objects:
        return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", whole, node, shown)
    return shown


def setup(app: Sphinx) -> dict[str, Any]:
    """Read docstrings before napoleon does, and look names up where they are used."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", _read, priority=100)
    app.connect("autodoc-process-docstring", _mended, priority=900)
    app.connect("autodoc-process-signature", _signed)
    app.connect("autodoc-skip-member", _kept)
    app.connect("doctree-read", _resolve)
    app.connect("missing-reference", _missing)
    app.add_role("named", _said)
    app.add_directive("modules", Modules)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
