"""What a module's table of symbols names is in the module, and a module that multiplies matrices has a table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / "corridors" / "models"
RULE = re.compile(r"^=+(?: +=+){2}$")


def rows(docstring: str) -> list[tuple[str, str, str]]:
    """Return the rows of the tables of symbols in a docstring: symbol, name and shape."""
    found = []
    lines = docstring.splitlines()
    rules = [number for number, line in enumerate(lines) if RULE.match(line)]
    for top, head, bottom in zip(rules, rules[1:], rules[2:], strict=False):
        if lines[top + 1].startswith("symbol") and head == top + 2:
            second, third = (one.start() for one in list(re.finditer(r"=+", lines[top]))[1:])
            for line in lines[head + 1 : bottom]:
                assert line[second - 2 : second] == line[third - 2 : third] == "  ", f"out of its column: {line}"
            found += [(line[:second], line[second:third], line[third:]) for line in lines[head + 1 : bottom]]
    return found


def named(tree: ast.Module) -> set[str]:
    """Return every name that a module's code uses or gives."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg | ast.keyword):
            found.add(node.arg or "")
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def missing(source: str) -> list[str]:
    """Return the names in a module's tables that are not in its code."""
    tree = ast.parse(source)
    known = named(tree)
    return [
        name
        for _, cell, _ in rows(ast.get_docstring(tree) or "")
        for code in re.findall(r"``([^`]+)``", cell)
        for name in re.findall(r"[A-Za-z_]\w*", code.split("[")[0])
        if name not in known
    ]


def multiplies(source: str) -> bool:
    """Tell whether code has a product of matrices."""
    return any(isinstance(node, ast.MatMult) for node in ast.walk(ast.parse(source)))


FILES = sorted(MODELS.rglob("*.py"))
ALGEBRA = [path for path in FILES if multiplies(path.read_text(encoding="utf-8"))]


def short(path: Path) -> str:
    return path.relative_to(MODELS).as_posix()


@pytest.mark.parametrize("path", FILES, ids=short)
def test_names_in_tables_of_symbols_are_names_in_the_module(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert missing(source) == []
    for symbol, name, shape in rows(ast.get_docstring(ast.parse(source)) or ""):
        assert ":math:`" in symbol, (symbol, name)
        assert "``" in name, (symbol, name)
        assert re.fullmatch(r"\([\w *+,]*\)(, \([\w *+,]*\))*", shape.strip()), (symbol, shape)


@pytest.mark.parametrize("path", ALGEBRA, ids=short)
def test_a_module_that_multiplies_matrices_has_a_table_of_symbols(path: Path) -> None:
    assert rows(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")


TABLE = '''"""Title.

=========  ===========  =====
symbol     name         shape
=========  ===========  =====
:math:`x`  ``flow[p]``  (P,)
=========  ===========  =====
"""

'''


def test_a_name_that_is_gone_is_found() -> None:
    assert missing(f"{TABLE}cost = 1\n") == ["flow"]
    assert missing(f"{TABLE}def use(flow):\n    return flow\n") == []
