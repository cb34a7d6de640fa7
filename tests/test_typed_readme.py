"""README's commands can be typed in one folder, in their order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typing_in import ROOT, Step, type_in

NOT_OURS = ("solve planar100.gz", "assign SiouxFalls_net.tntp")  # networks of others, that the reader has
SHORTER = {"--kind link": "--kind country", "--samples 256": "--samples 16"}  # of what takes minutes
SCENARIO = "title = 'Mine'\n[[change]]\ntable = 'links'\nwhere = { link = 'rail:DOSTYK-AKTOGAY' }\nclose = true\n"


@pytest.mark.slow
def test_the_commands_of_readme_can_be_typed_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "my-scenario.toml").write_text(SCENARIO, encoding="utf-8")
    type_in(Step("Makefile", "corridors", "plan --out plan --force"), tmp_path)
    typed = shortened = 0
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        if (found := re.match(r"    corridors (.*)", line)) and not found[1].startswith(NOT_OURS):
            words = re.split(r"\s{2,}|\s#", found[1])[0]
            for long, short in SHORTER.items():
                shortened += long in words
                words = words.replace(long, short)
            type_in(Step("README.md", "corridors", words), tmp_path)
            typed += 1
    assert typed > 15
    assert shortened == len(SHORTER)
