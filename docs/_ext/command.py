"""Commands, files and programs in the text, run when the site is built: what a page shows is what came out.

The directives of one page share a scratch folder, in the order in which they stand::

    ```{corridors} plan --out plan        runs `corridors plan --out plan` and shows what it prints
    :lines: 12                            the first twelve lines of it (``12-20``: those)
    :from: Corridors                      beginning with the first line that has this
    :exit: 2                              the exit code that is expected, 0 if not given
    ```

    ```{written} my.toml                  writes what stands in it into the scratch folder, and shows it
    ```

    ```{shown} plan/flows.csv             shows a file of the scratch folder; takes :lines: and :from:
    ```

    ```{python}                           runs what stands in it in the scratch folder, shows it and what it prints
    ```

Anything unexpected (another exit code, no output where some is shown) is an error of the build.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

COLUMNS = 100
PLAIN_TERMINAL = {
    "COLUMNS": str(COLUMNS),
    "LINES": "60",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PYTHONUTF8": "1",
    "PYTHONWARNINGS": "error",
    "LC_ALL": "C.UTF-8",
}
SECONDS = 300
OMITTED = "..."


class ShownOutput(SphinxDirective):
    """What the directives of this module have in common."""

    def folder(self) -> Path:
        """Return the scratch folder of the page."""
        made = scratch(self.env, self.env.docname)
        made.mkdir(parents=True, exist_ok=True)
        return made

    def run_here(self, words: Sequence[str]) -> str:
        """Run a program in the scratch folder, and return what it prints on both its outputs."""
        environment = os.environ | PLAIN_TERMINAL
        done = subprocess.run(  # the words stand in the documentation
            words,
            cwd=self.folder(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        expected = self.options.get("exit", 0)
        if done.returncode != expected:
            said = "\n".join(done.stdout.splitlines()[-12:])
            raise self.error(f"{shlex.join(words)} ended with {done.returncode}, not {expected}:\n{said}")
        if expected == 0 and "Traceback (most recent call last)" in done.stdout:
            raise self.error(f"{shlex.join(words)} complains:\n{done.stdout[-2000:]}")
        return done.stdout.replace(f"{self.folder().resolve()}{os.sep}", "")

    def part(self, text: str) -> str:
        """Return the lines that are asked for, with dots for those left out."""
        lines = [line.rstrip() for line in text.strip("\n").splitlines()]
        start = 0
        if "from" in self.options:
            found = [number for number, line in enumerate(lines) if self.options["from"] in line]
            if not found:
                raise self.error(f"no line has {self.options['from']!r}:\n{text[:2000]}")
            start = found[0]
        first, last = self.options.get("lines", (1, len(lines)))
        chosen = lines[start + first - 1 : start + last]
        if not any(chosen):
            raise self.error(f"nothing is left to show of:\n{text[:2000]}")
        more = start + last < len(lines)
        return "\n".join(chosen + ([OMITTED] if more else []))

    def block(self, text: str, language: str, kind: str) -> nodes.literal_block:
        """Return a block of literal text."""
        made = nodes.literal_block(text, text, language=language, classes=[kind])
        self.set_source_info(made)
        return made


def _lines(text: str | None) -> tuple[int, int]:
    first, _, last = (text or "").strip().rpartition("-")
    return int(first or 1), int(last)


SHOWN = {"lines": _lines, "from": directives.unchanged_required}


class Command(ShownOutput):
    """A command of the program with what it prints."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = SHOWN | {"exit": directives.nonnegative_int, "silent": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Run it and show it."""
        said = self.run_here([sys.executable, "-m", "corridors", *shlex.split(self.arguments[0])])
        asked = f"$ corridors {self.arguments[0]}"
        if "silent" in self.options:
            return [self.block(asked, "console", "command")]
        return [self.block(f"{asked}\n{self.part(said)}", "console", "command")]


class Written(ShownOutput):
    """A file that the reader writes, and that the commands after it read."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"language": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Write it and show it."""
        name, text = self.arguments[0], "\n".join(self.content) + "\n"
        target = self.folder() / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        shown = self.block(text.rstrip("\n"), self.options.get("language", target.suffix.lstrip(".") or "text"), "file")
        return [nodes.paragraph("", "", nodes.literal(name, name), classes=["file-name"]), shown]


class Shown(ShownOutput):
    """A file that a command wrote."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = SHOWN | {"language": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Read it and show it."""
        name = self.arguments[0]
        try:
            text = (self.folder() / name).read_text(encoding="utf-8")
        except OSError as error:
            raise self.error(f"{name} cannot be read: {error.strerror}") from error
        shown = self.block(self.part(text), self.options.get("language", "text"), "file")
        return [nodes.paragraph("", "", nodes.literal(name, name), classes=["file-name"]), shown]


class Program(ShownOutput):
    """A Python program with what it prints."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = SHOWN | {"exit": directives.nonnegative_int, "silent": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Run it and show it."""
        text = "\n".join(self.content)
        script = self.folder() / ".program.py"
        script.write_text(text + "\n", encoding="utf-8")
        said = self.run_here([sys.executable, script.name])
        shown: list[nodes.Node] = [self.block(text, "python", "program")]
        if "silent" not in self.options:
            shown.append(self.block(self.part(said), "text", "output"))
        return shown


def scratch(env: BuildEnvironment, docname: str) -> Path:
    """Return the folder in which a page's commands run."""
    return Path(env.doctreedir).parent / f"{Path(env.doctreedir).name}-scratch" / docname


def _begin(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let every page begin with an empty folder."""
    shutil.rmtree(scratch(app.env, docname), ignore_errors=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives."""
    for name, directive in (("corridors", Command), ("written", Written), ("shown", Shown), ("python", Program)):
        app.add_directive(name, directive)
    app.connect("source-read", _begin)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
