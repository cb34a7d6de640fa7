"""`corridors uncertainty` says what it draws from the posterior of an estimate, in every form and language."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from posterior import RUN, estimated
from small import edit

from corridors.cli import main


def run(*arguments: object, language: str = "en") -> Result:
    chosen = ["--lang", language, "uncertainty", "--samples", "2", "--indices", "none", "--quiet"]
    return CliRunner().invoke(main, [*chosen, *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return estimated(tmp_path_factory.mktemp("data") / "package")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", f"5 figures are drawn together from the posterior of an estimate ({RUN}), others from bands."),
        ("ru", f"5 показателей берутся вместе из апостериорного распределения оценки ({RUN})"),
        ("kk", f"5 көрсеткіш бағалаудың апостериорлық үлестірімінен ({RUN}) бірге"),
    ],
)
def test_the_text_says_what_comes_from_the_posterior(folder: Path, language: str, words: str) -> None:
    assert words in run("--data", folder, language=language).stdout


def test_tables_and_the_folder_name_the_estimate(folder: Path, tmp_path: Path) -> None:
    told = json.loads(run("--data", folder, "--format", "json", "--out", tmp_path / "out").stdout)
    assert told["posterior"] == {"estimates": RUN, "figures": 5}
    assert told["groups"][-1]["group"] == "posterior of the estimate"
    identity = json.loads((tmp_path / "out" / "sweep.json").read_text(encoding="utf-8"))["identity"]
    assert (identity["posterior"], identity["posterior_figures"]) == (RUN, 5)
    run("--data", folder, "-o", tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx", read_only=True)
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert RUN in cells


def test_a_number_that_changed_since_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    made = estimated(tmp_path / "changed")
    edit(made, "tariffs", 2, usd_per_km="0.45")
    result = run("--data", made)
    assert result.exit_code == 2, result.output
    assert "usd_per_km of tariffs 'rail:container' at 0.45, expected 0.4" in result.stderr
    assert "Traceback" not in result.output
