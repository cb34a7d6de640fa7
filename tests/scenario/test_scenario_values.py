"""Scenarios with values, keys and steps that make no sense end in one sentence, whatever a plan would make of them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import small
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors import scenario, tables
from corridors.cli import main
from corridors.errors import CorridorsError, ScenarioError
from corridors.tables import schema
from corridors.uncertainty import distribution

DIGITS = "9" * 400
LINK = "where = { link = 'rail:MIDTOWN-LANDING' }"


def change(table: str, action: str, where: str = "where = 'all'") -> str:
    return f"[[change]]\ntable = '{table}'\n{where}\n{action}\n"


def refused(folder: Path, text: str) -> str:
    """Return the sentence with which a scenario is refused, at the command line, too."""
    path = folder / "odd.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorridorsError) as caught:
        scenario.apply(tables.read(folder), [str(path)])
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert len(sentence) < 12_000
    return sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (change("links", f"set = {{ capacity = {DIGITS} }}"), "change[1].set.capacity: found '9999"),
        (change("links", f"scale = {{ capacity = {DIGITS} }}"), "change[1].scale.capacity"),
        (change("links", f"set = {{ capacity = -{DIGITS} }}"), "at most 19 digits"),
        (change("links", "close = true", f"where = {{ km = [{DIGITS}] }}"), "change[1].where.km[1]"),
        (f"year = {DIGITS}{DIGITS * 12}", "this is not TOML"),
        (f"year = {DIGITS}", "year: found '9999"),
        (f"title = 0x{'f' * 5000}", "title: found a number of thousands of digits"),
        (f"carbon_price = {DIGITS}", "carbon_price: found '9999"),
        ("carbon_price = 1e300", "0 or more and at most 100000;"),
        ("carbon_price = inf", "0 or more"),
        (f"{'[' * 5000}", "this is not TOML"),
        (f"a = {'[' * 100_000}", "this is not TOML"),
        (f"a = {'{a=' * 100_000}", "this is not TOML"),
        ('title = "\\u001b[31mred"', "title: found '\\x1b[31mred', expected plain text"),
        ('title = "a\\u202eb"', "title: found 'a\\x202eb'"),
        ('title = "a\\nb"', "expected plain text in one line"),
        (f"title = '{'a' * 2000}'", "expected plain text in one line"),
        (f"extends = '{'a' * 5000}.toml'", "is not there"),
        (f"extends = '{'a' * 5000}+b'", "there is no scenario 'aaaa"),
        ('why = "bell\\u0007"', "why: found 'bell\\x07'"),
        ('"\\u001b" = 1', "found the key '\\x1b', expected plain text"),
        ('"" = 1', "found the key '', expected only name"),
        (change("links", 'set = { "" = 1 }'), "found a column '', expected one of"),
        (change("", "close = true"), "found table ''"),
        (change("demand", "set = { kt = 1e300 }"), "found 1e+300, expected at most 1000000"),
        (change("demand", "scale = { kt = 1e300 }"), "expected at most 1000000"),
        (change("demand", "scale = { kt = 1e-300 }"), "expected 0, or at least 1e-06"),
        (change("links", "set = { speed_kmh = 1e-300 }"), "expected at least 0.1"),
        (change("demand", "scale = { kt = 1e300 }") * 2, "a multiple too large for any number"),
        (change("pools", "scale = { capacity = 1e300 }") * 2, "a multiple too large for any number"),
        (change("links", "set = { capacity = 1e10 }", LINK), "at most 1000000000; correct the cell, and no limit is"),
        (
            change("projects", "set = { change = '*2' }") + change("projects", "apply = true"),
            "project track, step 1, column column: found a blank cell, expected a column of numbers of links.csv",
        ),
        (change("projects", "set = { change = '' }") + change("projects", "apply = true"), "column change: found a"),
        (change("projects", "set = { change = 'x' }") + change("projects", "undo = true"), "column change: found 'x'"),
        (
            change("projects", f"set = {{ change = '*{DIGITS}' }}", "where = { project = 'crane' }")
            + change("projects", "apply = true"),
            "becomes too large",
        ),
        (change("projects", "set = { table = 'nodes' }") + change("projects", "apply = true"), "column key: found"),
        (change("projects", "set = { table = 'nope' }") + change("projects", "apply = true"), "column table: found"),
        (change("projects", "set = { key = 'nope' }") + change("projects", "apply = true"), "column key: found 'nope'"),
        (change("projects", "set = { column = 'nope' }") + change("projects", "apply = true"), "column column: found"),
        (
            change("projects", "set = { table = 'nodes', key = 'HARBOUR', change = 'open' }")
            + change("projects", "apply = true"),
            "a table with a column year_open",
        ),
        (change("demand", "set = { origin = 'NOWHERE' }") + change("demand", "add_avoid = ['BBB']"), "add_avoid"),
        (change("links", "set = { from_node = 'NOWHERE' }") + change("borders", "close = true"), "last change"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(folder: Path, text: str, words: str) -> None:
    assert words in refused(folder, text)


@pytest.mark.parametrize(
    "text", [change("demand", "set = { kt = 1e300 }"), f"year = {DIGITS}", f"title = 0x{'f' * 5000}"]
)
def test_the_command_line_ends_with_two_and_writes_nothing(folder: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text, encoding="utf-8")
    words = ["plan", "--data", str(folder), "--scenario", str(path), "--out", str(tmp_path / "p"), "--quiet"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert not (tmp_path / "p").exists()


def test_a_package_whose_project_opens_what_cannot_open_is_named(folder: Path) -> None:
    small.edit(folder, "projects", 2, table="nodes", key="HARBOUR", column="lat", change="open")
    with pytest.raises(
        CorridorsError, match=r"projects.csv, row 2, column table: found 'nodes', expected a table with"
    ):
        tables.read(folder)


def test_a_link_without_limit_is_closed_or_it_is_said_what_lacks(folder: Path) -> None:
    loads = small.read_rows(folder, "loads")
    small.write_table(folder, "loads", [row | {"commodity": "grain"} for row in loads if row["commodity"] != "*"])
    for name in ("links", "terminals", "pools"):
        rows = [row | {"capacity": "inf", "capacity_unit": ""} for row in small.read_rows(folder, name)]
        small.write_table(folder, name, rows)
    assert "a row with commodity *" in refused(folder, change("links", "close = true"))


def test_a_scenario_with_a_joint_in_its_name_is_found_by_it(folder: Path) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "a+b.toml").write_text("name = 'both'\n", encoding="utf-8")
    assert [one.name for one in scenario.chain(folder, ["a+b"])] == ["both"]


def test_letters_are_composed_as_in_the_tables(folder: Path) -> None:
    small.edit(folder, "links", 8, name_en="É")
    text = change("links", "scale = { capacity = 2 }", "where = { name_en = 'E\u0301' }")
    (folder / "nfd.toml").write_text(text, encoding="utf-8")
    applied = scenario.apply(tables.read(folder), [str(folder / "nfd.toml")])
    assert [effect.rows for _, _, effect in applied.effects] == [1]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=st.sampled_from(["change", "column", "key", "table"]), value=st.text(max_size=6) | st.just("capacity"))
def test_no_rewritten_project_makes_a_scenario_fail(folder: Path, column: str, value: str) -> None:
    said = json.dumps(value.encode("utf-8", "replace").decode())
    text = change("projects", f"set = {{ {column} = {said} }}") + change("projects", "apply = true")
    (folder / "odd.toml").write_text(text, encoding="utf-8")
    with suppress(ScenarioError):  # and nothing else
        scenario.apply(tables.read(folder), [str(folder / "odd.toml")])


def test_draws_stay_within_what_the_dictionary_allows(tmp_path: Path) -> None:
    folder = small.small_dataset(tmp_path / "package")
    wide = {"low": "0.000000000001", "high": "1000000000000"}
    rows = small.read_rows(folder, "provenance")
    small.write_table(folder, "provenance", [row | (wide if float(row["low"]) > 0 else {}) for row in rows])
    dataset = tables.read(folder)
    made = distribution.joint(dataset, 2024, "typical")
    for z in (-np.inf, np.inf):
        changed = made.changed(dataset, made.at(np.full(len(made.parameters), z)))
        for name in {*made.parameters["table"]}:
            for column, field in schema.fields(name).items():
                if schema.is_numeric(field) and "enum" not in field["constraints"]:
                    least, most = schema.limits(field)
                    values = changed[name][column].to_numpy()
                    values = values[np.isfinite(values) & (values != 0)]
                    assert ((values >= least) & (values <= most)).all(), (name, column)
