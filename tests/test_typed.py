"""What the documentation shows can be typed: README, and the tutorial with all how-to pages, each in one folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"(```+)\{(corridors|written|python)\}\s*(.*)")
OPTION = re.compile(r":(\w+):\s*(.*)")
NOT_OURS = ("solve planar100.gz", "assign SiouxFalls_net.tntp")  # networks of others, that the reader has
SCENARIO = "title = 'Mine'\n[[change]]\ntable = 'links'\nwhere = { link = 'rail:DOSTYK-AKTOGAY' }\nclose = true\n"


@dataclass
class Step:
    """Something that a reader types: a command, a file or a program."""

    page: str
    kind: str
    argument: str
    text: str = ""
    options: dict[str, str] = field(default_factory=dict)


def steps(page: Path) -> Iterator[Step]:
    """Yield what the site's own directives run, in the order of the page."""
    step, fence = None, ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if step is None:
            if found := FENCE.match(line):
                fence = found[1]
                step = Step(page.name, found[2], found[3])
        elif line.strip() == fence:
            yield step
            step = None
        elif not step.text and (option := OPTION.fullmatch(line)):
            step.options[option[1]] = option[2]
        else:
            step.text += line + "\n"


def type_in(step: Step, folder: Path) -> None:
    environment = os.environ | {"PYTHONUTF8": "1", "COLUMNS": "100"}
    if step.kind == "written":
        (folder / step.argument).write_text(step.text, encoding="utf-8")
        return
    program = ["-c", step.text] if step.kind == "python" else ["-m", "corridors", *shlex.split(step.argument)]
    done = subprocess.run(
        [sys.executable, *program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    expected = int(step.options.get("exit", 0))
    assert done.returncode == expected, f"{step.page}: {step.argument or step.text}\n{done.stderr[-2000:]}"


def pages() -> list[Path]:
    """Return the tutorial and the how-to pages in the order in which the site lists them."""
    listed = re.findall(r"^(\w[\w-]*)$", (DOCS / "howto" / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    found = [DOCS / "howto" / f"{name}.md" for name in listed if (DOCS / "howto" / f"{name}.md").is_file()]
    assert {one.stem for one in found} | {"index"} == {path.stem for path in (DOCS / "howto").glob("*.md")}
    return [DOCS / "tutorial.md", *found]


@pytest.mark.slow
def test_the_tutorial_and_the_how_to_pages_can_be_typed_in_one_folder_after_make_plan(tmp_path: Path) -> None:
    type_in(Step("Makefile", "corridors", "plan --out plan --force"), tmp_path)
    for page in pages():
        for step in steps(page):
            type_in(step, tmp_path)


@pytest.mark.slow
def test_the_commands_of_readme_can_be_typed_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "my-scenario.toml").write_text(SCENARIO, encoding="utf-8")
    type_in(Step("Makefile", "corridors", "plan --out plan --force"), tmp_path)
    typed = 0
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        if (found := re.match(r"    corridors (.*)", line)) and not found[1].startswith(NOT_OURS):
            type_in(Step("README.md", "corridors", re.split(r"\s{2,}|\s#", found[1])[0]), tmp_path)
            typed += 1
    assert typed > 15
