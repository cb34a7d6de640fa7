"""The tutorial with all how-to pages can be typed in one folder, in the order of the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typing_in import DOCS, Step, steps, type_in


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
