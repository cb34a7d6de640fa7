"""The structure holds: imports point one way, nothing heavy at start-up, modules and functions of readable size."""

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import networkx as nx
import pytest
from heavy import HEAVY

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "corridors"
# The folders of which modules and functions have a limit.
READABLE = ("corridors", "tests", "benchmarks", "tools", "docs/_ext")
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "data" not in path.relative_to(PACKAGE).parts[:1])
FLOORS = [  # each imports only what stands below it, and no two of one floor need each other
    {"errors", "frames", "files", "suggest", "geodesy"},
    {"output"},
    {"models", "text"},
    {"tables", "sweep"},
    {"scenario", "network"},
    {"planning"},
    {"stress", "uncertainty", "exchange", "export"},
    {"estimation"},
    {"report", "sheets"},
    {"notebook", "cli"},
]


def module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(one) for one in FILES}


@cache
def imports(path: Path, *, typing_too: bool) -> frozenset[str]:
    """Return the modules of ours that a file imports, at its top or anywhere."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set()
    if not typing_too:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                skipped |= {id(child) for child in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("corridors"):
            for name in node.names:  # a module of a package, or a name of a module
                inside = f"{node.module}.{name.name}"
                found.add(inside if inside in MODULES else str(node.module))
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names if name.name.startswith("corridors")}
    return frozenset(found & MODULES)


def test_there_is_no_cycle_of_imports() -> None:
    graph = nx.DiGraph()
    for path in FILES:
        graph.add_edges_from((module(path), other) for other in imports(path, typing_too=False) if other != "corridors")
    assert list(nx.simple_cycles(graph)) == []


def test_imports_point_one_way() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    between = nx.DiGraph()
    for path in FILES:
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if own in {"__init__", "__main__"}:
            continue
        assert own in floor, f"{own} has no floor: give it one"
        for other in imports(path, typing_too=False):
            name = [*other.split("."), ""][1]
            if name and name != own:
                assert floor[name] <= floor[own], f"{module(path)} imports {other}"
                between.add_edge(own, name)
    assert list(nx.simple_cycles(between)) == []


def test_the_mathematics_stands_by_itself() -> None:
    for path in (PACKAGE / "models").rglob("*.py"):
        others = {name for name in imports(path, typing_too=True) if not f"{name}.".startswith("corridors.models.")}
        assert others <= {"corridors.errors"}, f"{module(path)} imports {others}"


def test_the_architecture_page_has_the_same_floors_and_names_what_is_there() -> None:
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    floors = [set(re.findall(r"`(\w+)`", line)) for line in re.findall(r"^ +\d+\. (.*)$", text, re.MULTILINE)]
    assert floors == FLOORS
    for packages, what in re.findall(r"^\| (`[^|]*) \| (.*) \|$", text, re.MULTILINE):
        places = [PACKAGE / name for name in re.findall(r"`([\w/]+)`", packages)]
        assert all(place.is_dir() or place.with_suffix(".py").exists() for place in places), packages
        named = re.findall(r"`([a-z_]+/?)`", what) if len(places) == 1 else []
        for name in named:
            assert any((place / name).is_dir() or list(place.rglob(f"{name}.py")) for place in places), (packages, name)


def test_the_top_holds_packages_and_few_leaves() -> None:
    beside = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    assert len(beside) <= 12, beside


def test_faces_hide_no_module() -> None:
    """A name that a package's face holds and a module of the same name would be one attribute."""
    for face in PACKAGE.rglob("__init__.py"):
        modules = {path.stem for path in face.parent.glob("*.py")}
        tree = ast.parse(face.read_text(encoding="utf-8"))
        held = {one.asname or one.name for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names}
        held |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert not held & modules, face


@pytest.mark.parametrize("folder", READABLE)
def test_modules_and_functions_stay_readable(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files, folder
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"


def test_no_test_module_imports_another() -> None:
    """What several tests need is a plain module of tests/, or a fixture of a conftest.py."""
    for path in TESTS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = [one.name for one in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            parts = {part for name in named for part in name.split(".")}
            assert not any(part.startswith("test_") or part == "conftest" for part in parts), f"{path}: {named}"


def test_test_modules_differ_in_name() -> None:
    """Folders of tests are no packages, so that a module is known by its name alone."""
    alike = Counter(
        path.stem for path in TESTS if "fuzz" not in path.relative_to(ROOT).parts and path.name != "conftest.py"
    )
    assert [name for name, count in alike.items() if count > 1] == []


@pytest.mark.parametrize("command", ["--help", "--version"])
def test_nothing_heavy_is_imported_before_it_is_used(command: str) -> None:
    code = (
        "import sys\nfrom corridors.cli import main\n"
        f"try: main(['{command}'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_code_names_no_place_and_no_corridor() -> None:
    nodes = (PACKAGE / "data" / "nodes.csv").read_text(encoding="utf-8").splitlines()[1:]
    places = {line.split(",")[0] for line in nodes} - {"ATA", "AST"}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in places, f"{path}: {node.value}"


def test_commands_print_by_the_one_door() -> None:
    for path in (PACKAGE / "cli").glob("*.py"):
        if path.name != "streams.py":
            text = path.read_text(encoding="utf-8")
            assert not any(word in text for word in ("click.echo", "click.secho", " print(", "sys.stdout")), (
                f"{path}: use streams.echo"
            )
