"""Every notebook runs from top to bottom in a folder of its own, complains of nothing, and shows something."""

import os
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.py"))
TIMEOUT = 300  # seconds of a cell; a notebook takes some 20


def executed(text: str, folder: Path) -> nbformat.NotebookNode:
    """Execute a notebook given as percent text, in `folder`, with the Python that runs the tests."""
    notebook = jupytext.reads(text, fmt="py:percent")
    NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def outputs(notebook: nbformat.NotebookNode) -> list[Any]:
    """Return everything that the cells put out."""
    return [one for cell in notebook.cells if cell.cell_type == "code" for one in cell.outputs]


def mimes(notebook: nbformat.NotebookNode) -> set[str]:
    """Return the kinds of what is shown."""
    return {mime for one in outputs(notebook) for mime in one.get("data", {})}


@pytest.mark.slow
@pytest.mark.skipif("CORRIDORS_SITE" in os.environ, reason="that site has run them: test_docs says what came out")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_tables_and_pictures(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    notebook = executed(text, tmp_path)
    assert [one["text"] for one in outputs(notebook) if one.get("name") == "stderr"] == []
    assert "text/html" in mimes(notebook)
    if "alt.Chart(" in text or ".chart(" in text:
        assert "image/png" in mimes(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_not_to_believe_and_has_no_absolute_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ---\n# jupyter:")
    assert re.search(r"^# ## .*believe$", text, re.MULTILINE)
    assert not re.search(r"""["'(\s](/|[A-Z]:\\)[\w.]+[/\\]""", text)
