"""Places are found by what people call them."""

from pathlib import Path

import pytest
from small import edit

from corridors import tables
from corridors.errors import NameUnknown
from corridors.suggest import did_you_mean, find_one, plain
from corridors.tables.dataset import Dataset
from corridors.tables.places import find_place


@pytest.fixture
def dataset(folder: Path) -> Dataset:
    edit(folder, "nodes", 2, name_ru="Гавань", name_kk="Айлақ")
    edit(folder, "nodes", 3, name_en="East'gate (dry port)")
    return tables.read(folder)


@pytest.mark.parametrize(
    "name", ["HARBOUR", "harbour", " Harbour ", "Гавань", "гавань", "айлақ", "Haven", "port east", "harb"]
)
def test_a_place_is_found_by_id_name_alias_and_beginning_in_any_language(dataset: Dataset, name: str) -> None:
    assert find_place(dataset, name) == "HARBOUR"


@pytest.mark.parametrize("name", ["eastgate", "East'gate", "EASTGATE", "east gate (dry port)"])
def test_accents_marks_and_brackets_do_not_matter(dataset: Dataset, name: str) -> None:
    assert find_place(dataset, name) == "EASTGATE"


def test_a_miss_names_the_nearest(dataset: Dataset) -> None:
    with pytest.raises(NameUnknown, match=r"no place is called 'landign'; did you mean Landing"):
        find_place(dataset, "landign")


def test_a_name_of_several_places_asks_which(folder: Path) -> None:
    edit(folder, "nodes", 3, name_en="Twin")
    edit(folder, "nodes", 4, name_en="Twin")
    with pytest.raises(NameUnknown, match="may be any of DRYPASS, EASTGATE"):
        find_place(tables.read(folder), "twin")


@pytest.mark.parametrize("name", ["", "  ", "'", "qqqqqqqq"])
def test_nothing_like_a_name_is_a_plain_miss(dataset: Dataset, name: str) -> None:
    with pytest.raises(NameUnknown, match="no place is called"):
        find_place(dataset, name)


def test_plain_joins_scripts_and_accents() -> None:
    assert plain("Xi'an") == plain("xian")
    assert plain("Małaszewicze") == plain("MAŁASZEWICZE")
    assert plain("São Paulo") == "saopaulo"


def test_one_of_a_list_is_found_without_case_and_misses_name_the_nearest() -> None:
    assert find_one(["container_mid", "grain"], "Container-Mid", "commodity", "commodities.csv") == "container_mid"
    with pytest.raises(NameUnknown, match=r"commodities.csv has no commodity 'grian'; did you mean grain"):
        find_one(["container_mid", "grain"], "grian", "commodity", "commodities.csv")
    assert did_you_mean("zzzz", ["grain"]) == ""


def test_an_exact_id_wins_over_every_name(folder: Path) -> None:
    edit(folder, "nodes", 3, name_en="Harbour", aliases="HARBOUR;LANDING")
    dataset = tables.read(folder)
    assert find_place(dataset, "HARBOUR") == "HARBOUR"
    assert find_place(dataset, "LANDING") == "LANDING"
    with pytest.raises(NameUnknown, match="may be any of EASTGATE, HARBOUR: give one of these ids instead"):
        find_place(dataset, "Harbour")


def test_each_of_the_ids_that_an_ambiguous_name_lists_is_taken(folder: Path) -> None:
    edit(folder, "nodes", 3, name_en="Harbour")
    dataset = tables.read(folder)
    with pytest.raises(NameUnknown) as caught:
        find_place(dataset, "harbour")
    listed = str(caught.value).partition("any of ")[2].partition(":")[0].split(", ")
    assert [find_place(dataset, one) for one in listed] == listed


def test_one_of_a_list_is_the_exact_one_and_several_alike_are_asked_for() -> None:
    known = ["grain-1", "grain1", "GRAIN1", "*", "-"]
    assert [find_one(known, one, "commodity", "commodities.csv") for one in known] == known
    with pytest.raises(NameUnknown, match="several called 'Grain_1', grain-1, grain1, GRAIN1: give one of these"):
        find_one(known, "Grain_1", "commodity", "commodities.csv")
    with pytest.raises(NameUnknown, match=r"has no commodity '\+'"):
        find_one(known, "+", "commodity", "commodities.csv")
