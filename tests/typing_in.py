"""What a page of the documentation has its reader type, typed in a folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from forked import ended

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"(```+)\{(corridors|written|python)\}\s*(.*)")
OPTION = re.compile(r":(\w+):\s*(.*)")


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
    """Do what a step says: commands in a fork of a Python that has imported them, `make plan` in one of its own."""
    environment = os.environ | {"PYTHONUTF8": "1", "COLUMNS": "100"}
    if step.kind == "written":
        (folder / step.argument).write_text(step.text, encoding="utf-8")
        return
    expected = int(step.options.get("exit", 0))
    if step.kind != "python" and step.page != "Makefile":
        temporary = folder.with_name(f"{folder.name}-temporary") / "files"
        temporary.mkdir(parents=True, exist_ok=True)
        _, code, said = ended(shlex.split(step.argument), folder, temporary, seconds=3600)
        assert code == expected, f"{step.page}: {step.argument}\n{said[-2000:]}"
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
    assert done.returncode == expected, f"{step.page}: {step.argument or step.text}\n{done.stderr[-2000:]}"
