"""Rules across tables: every one is registered, in the order of the module, and the first fault of a cell is shown."""

import inspect
from pathlib import Path

from small import edit, small_dataset

from corridors.tables import rules, year_rules
from corridors.tables.faults import cell_fault
from corridors.tables.validation import check, in_order


def test_every_rule_is_registered_in_the_order_of_the_module() -> None:
    written = [one for name, one in inspect.getmembers(rules, inspect.isfunction) if name.startswith("check_")]
    assert len(written) > 10
    assert sorted(written, key=lambda one: one.__code__.co_firstlineno) == rules.RULES
    of_years = [one for name, one in inspect.getmembers(year_rules, inspect.isfunction) if name.startswith("check_")]
    assert sorted(of_years, key=lambda one: one.__code__.co_firstlineno) == list(year_rules.CHECKS)


def test_a_rule_needs_the_tables_that_its_parameters_name() -> None:
    assert list(rules.apply_all({}, 2024)) == []


def test_the_first_fault_of_a_cell_is_shown_and_that_of_a_whole_row_hides_those_inside() -> None:
    first, second = (cell_fault("links", 4, "km", found, "a length", "correct it") for found in ("'x'", "'y'"))
    whole = cell_fault("links", 3, "", "a blank row", "a row of data", "delete the row")
    inside = cell_fault("links", 3, "km", "a blank cell", "a number", "fill it in")
    assert in_order([first, second, inside, whole]) == [whole, first]


def test_an_unknown_place_is_named_before_what_follows_from_it(tmp_path: Path) -> None:
    """The line has no place at one end, so that it has no length to compare, and a demand loses its path."""
    folder = small_dataset(tmp_path / "small")
    edit(folder, "links", 0, from_node="NOWHERE")
    columns = [(fault.file, fault.column) for fault in check(folder) if fault.file == "links.csv"]
    assert columns == [("links.csv", "from_node")]
