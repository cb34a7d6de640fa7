"""A dataset is what its files say, never changes, and comes back from disk as it was written."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from corridors import tables
from corridors.errors import DataError, NameUnknown, OutputError
from corridors.tables import schema
from corridors.tables.metadata import Metadata


@pytest.fixture
def dataset(folder: Path) -> tables.Dataset:
    return tables.read(folder)


# ---- the dictionary


def test_the_dictionary_is_a_sound_frictionless_package() -> None:
    descriptor = json.loads((tables.embedded() / "datapackage.json").read_text(encoding="utf-8"))
    package = frictionless.Package.from_descriptor(descriptor)
    assert [resource.name for resource in package.resources] == list(tables.dictionary())
    assert descriptor["profile"] == "tabular-data-package"
    assert descriptor["licenses"][0]["name"] == "ODbL-1.0"
    assert isinstance(descriptor["base_year"], int)


@pytest.mark.parametrize("table", list(tables.dictionary()))
def test_an_embedded_table_has_every_column_of_its_key(table: str) -> None:
    """The standard asks for them, also for one that a file may lack."""
    header = (tables.embedded() / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0]
    assert set(tables.key_columns(table)) <= set(header.split(","))


@pytest.mark.parametrize("table", list(tables.dictionary()))
def test_every_column_is_described_and_every_number_has_a_unit(table: str) -> None:
    fields = tables.fields(table)
    for field in fields.values():
        assert field["type"] in {"string", "number", "integer"}
        assert field["description"]
        assert bool(field.get("unit")) == tables.is_numeric(field), field["name"]
    for column in tables.key_columns(table):
        assert fields[column].get("optional") or fields[column]["constraints"]["required"]
    assert tables.dictionary()[table]["path"] == f"{table}.csv"


def test_a_table_with_optional_columns_says_so_as_the_standard_does() -> None:
    for name, table in tables.dictionary().items():
        optional = any(field.get("optional") for field in tables.fields(name).values())
        assert (table["schema"].get("fieldsMatch") == "superset") == optional, name


def test_what_the_dictionary_refers_to_is_there() -> None:
    for table in tables.dictionary():
        for field, sources in schema.references(table):
            for source, column in sources:
                assert column in tables.fields(source), (table, field["name"])


# ---- reading


def test_text_and_numbers_have_their_types(dataset: tables.Dataset) -> None:
    for name in tables.dictionary():
        frame = dataset[name]
        assert list(frame.columns) == list(tables.fields(name))
        assert frame.index.equals(pd.RangeIndex(len(frame)))
        for column, field in tables.fields(name).items():
            if tables.is_numeric(field):
                assert frame[column].dtype == np.float64
            else:
                assert all(isinstance(cell, str) for cell in frame[column])
    links = dataset["links"].set_index("link")
    assert links.loc["rail:EASTGATE-DRYPASS", "km"] == 12.0
    assert links.loc["deep_sea:HARBOUR-LANDING", "capacity"] == np.inf
    assert np.isnan(links.loc["road:STEPPE-MIDTOWN", "speed_kmh"])
    assert links.loc["road:STEPPE-MIDTOWN", "pool"] == ""


def test_the_package_says_its_base_year_and_home(folder: Path) -> None:
    said = {"base_year": 2030, "home_country": "BBB", "default_commodity": "grain", "title": "Small"}
    (folder / "datapackage.json").write_text(json.dumps(said), encoding="utf-8")
    dataset = tables.read(str(folder))
    assert (dataset.base_year, dataset.home_country, dataset.default_commodity, dataset.title) == tuple(said.values())


def test_without_datapackage_json_only_the_base_year_is_assumed(folder: Path) -> None:
    (folder / "datapackage.json").unlink()
    dataset = tables.read(folder)
    assert dataset.base_year == schema.descriptor()["base_year"]
    assert (dataset.home_country, dataset.default_commodity, dataset.title) == ("", "", "")


def test_the_embedded_package_is_read_by_default() -> None:
    dataset = tables.read()
    assert dataset.path == tables.embedded()
    assert dataset.base_year == schema.descriptor()["base_year"]
    assert dataset.home_country in set(dataset["nodes"]["country"])
    assert len(dataset["links"]) > 0


def test_the_first_fault_is_raised_and_the_others_are_counted(folder: Path) -> None:
    small.edit(folder, "links", 3, km="far", speed_kmh="fast")
    with pytest.raises(DataError, match=r"links\.csv, row 3, column km: found 'far'") as caught:
        tables.read(folder)
    assert re.search(r"\(… and 1 more: run `corridors data check \S+package`\)$", str(caught.value))
    assert str(folder) in str(caught.value)
    small.edit(folder, "links", 3, speed_kmh="30")
    with pytest.raises(DataError) as caught:
        tables.read(folder)
    assert "more" not in str(caught.value)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: found No such file or directory, expected a folder with nodes\.csv"):
        tables.read(tmp_path / "nowhere")


def test_an_unknown_table_is_answered_with_the_nearest(dataset: tables.Dataset) -> None:
    with pytest.raises(NameUnknown, match=r"no table 'link'.*links"):
        dataset["link"]
    with pytest.raises(NameUnknown):
        dataset.with_table("link", dataset["links"])


# ---- nothing changes a dataset


def test_a_frame_may_be_changed_without_changing_the_dataset(dataset: tables.Dataset) -> None:
    before = dataset.digest
    frame = dataset["links"]
    frame.loc[0, "km"] = 1.0
    frame["capacity"] = 0.0
    whole = dataset.tables["links"]
    whole["km"] *= 2
    assert dataset["links"].loc[0, "km"] == 4100.0
    assert dataset["links"].loc[0, "capacity"] == 20.0
    assert dataset.digest == before


def test_the_dataset_itself_cannot_be_changed(dataset: tables.Dataset) -> None:
    with pytest.raises(FrozenInstanceError):
        dataset.base_year = 2030  # type: ignore[misc]
    with pytest.raises(TypeError):
        dataset.tables["links"] = dataset["nodes"]  # type: ignore[index]


def test_with_table_gives_a_new_dataset_and_leaves_the_old(dataset: tables.Dataset) -> None:
    frame = dataset["links"]
    frame.loc[0, "capacity"] = np.inf
    changed = dataset.with_table("links", frame)
    frame.loc[0, "capacity"] = 1.0
    assert changed["links"].loc[0, "capacity"] == np.inf
    assert dataset["links"].loc[0, "capacity"] == 20.0
    assert changed.digest != dataset.digest
    assert changed["nodes"].equals(dataset["nodes"])


def test_with_table_makes_order_types_and_blanks_right(dataset: tables.Dataset) -> None:
    frame = dataset["modes"].iloc[::-1].astype({"speed_kmh": int})
    frame["running"] = frame["running"].astype(object)
    changed = dataset.with_table("modes", frame[reversed(frame.columns)])["modes"]
    assert list(changed.columns) == list(tables.fields("modes"))
    assert changed["speed_kmh"].dtype == np.float64
    nodes = dataset["nodes"].astype({"icao": object})
    nodes.loc[0, "icao"] = None
    assert dataset.with_table("nodes", nodes)["nodes"].loc[0, "icao"] == ""


def test_with_table_refuses_other_columns_and_text_for_numbers(dataset: tables.Dataset) -> None:
    with pytest.raises(DataError, match="it differs in: km"):
        dataset.with_table("links", dataset["links"].drop(columns="km"))
    with pytest.raises(DataError, match="table links, column km: expected numbers"):
        dataset.with_table("links", dataset["links"].assign(km="far"))


def test_faults_of_a_changed_dataset_are_named_as_on_disk(dataset: tables.Dataset) -> None:
    assert dataset.faults() == []
    frame = dataset["links"]
    frame.loc[1, "capacity"] = -5.0
    frame.loc[2, "from_node"] = "NOWHERE"
    named = [(f.file, f.row, f.column) for f in dataset.with_table("links", frame).faults()]
    assert ("links.csv", 3, "capacity") in named
    assert ("links.csv", 4, "from_node") in named
    assert not [file for file, _, _ in named if file == "provenance.csv"]


# ---- digest and disk


def test_equal_data_have_equal_digests(folder: Path, dataset: tables.Dataset, tmp_path: Path) -> None:
    assert re.fullmatch("[0-9a-f]{64}", dataset.digest)
    assert tables.read(small.small_dataset(tmp_path / "again")).digest == dataset.digest
    assert dataset.with_table("links", dataset["links"]).digest == dataset.digest
    small.edit(folder, "modes", 2, speed_kmh="41")
    small.write_table(folder, "provenance", [])
    assert tables.read(folder).digest != dataset.digest


def test_the_base_year_is_part_of_the_digest(folder: Path, dataset: tables.Dataset) -> None:
    (folder / "datapackage.json").write_text('{"base_year": 2025}', encoding="utf-8")
    assert tables.read(folder).digest != dataset.digest


def test_a_written_dataset_reads_back_the_same(dataset: tables.Dataset, tmp_path: Path) -> None:
    dataset.write(tmp_path / "deep" / "copy")
    again = tables.read(tmp_path / "deep" / "copy")
    assert again.digest == dataset.digest
    assert all(again[name].equals(dataset[name]) for name in tables.dictionary())
    frictionless.Package.from_descriptor(str(tmp_path / "deep" / "copy" / "datapackage.json"))


def test_the_embedded_dataset_survives_writing(tmp_path: Path) -> None:
    dataset = tables.read()
    dataset.write(tmp_path / "copy")
    again = tables.read(tmp_path / "copy")
    assert all(again[name].equals(dataset[name]) for name in tables.dictionary())
    assert (again.home_country, again.default_commodity) == (dataset.home_country, dataset.default_commodity)


def test_writing_is_all_or_nothing_and_replaces_nothing(dataset: tables.Dataset, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(OutputError):
        dataset.write(tmp_path / "full")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        dataset.write(tmp_path / "file" / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "full", "package"]
    (tmp_path / "empty").mkdir()
    dataset.write(tmp_path / "empty")
    assert tables.read(tmp_path / "empty").digest == dataset.digest


def test_a_dataset_travels_to_another_process(dataset: tables.Dataset) -> None:
    again = pickle.loads(pickle.dumps(dataset))  # noqa: S301 - our own bytes
    assert again.digest == dataset.digest
    assert again["links"].equals(dataset["links"])


@given(value=st.floats(allow_nan=False, allow_infinity=True))
def test_numbers_are_written_so_that_they_read_back_exactly(value: float) -> None:
    text = tables.number_text(value)
    assert float(text) == value
    assert not text.endswith(".0")


def test_a_blank_number_is_written_blank() -> None:
    assert tables.number_text(float("nan")) == ""
    assert tables.number_text(2024.0) == "2024"
    assert tables.number_text(float("inf")) == "inf"


def test_the_command_line_starts_without_the_tables() -> None:
    code = "import sys, corridors, corridors.cli, corridors.cli.data; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_embedded_package_is_sealed_and_reads_the_same_as_when_checked() -> None:
    sealed = tables.read()
    checked = tables.read(tables.embedded())
    assert (tables.embedded() / tables.SEAL).read_text(encoding="utf-8").strip() == tables.seal_of(checked)
    assert checked.digest == sealed.digest
    for name in checked.tables:
        pd.testing.assert_frame_equal(sealed[name], checked[name])
    for setting in Metadata._fields:
        assert getattr(sealed, setting) == getattr(checked, setting)


def test_an_embedded_package_that_was_changed_is_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    shutil.copytree(tables.embedded(), folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr("corridors.tables.dataset.embedded", lambda: folder)
    text = (folder / "links.csv").read_text(encoding="utf-8")
    (folder / "links.csv").write_text(text.replace(",309,", ",-309,", 1), encoding="utf-8")
    with pytest.raises(DataError, match="-309"):
        tables.read()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"home_country": "KAZ"', '"home_country": "nowhere"', "home_country: found 'nowhere', expected a country"),
        ('"default_commodity": "container_mid"', '"default_commodity": "x"', "default_commodity"),
        ('"default_origin": "BERLIN"', '"default_origin": "ATLANTIS"', "default_origin"),
        ('"base_year": 2024', '"base_year": 20240', "base_year"),
        ('"title": "Kaz', '"title": "\\u001bKaz', "title"),
    ],
)
def test_the_seal_covers_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(tables.embedded(), folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr("corridors.tables.dataset.embedded", lambda: folder)
    text = (folder / "datapackage.json").read_text(encoding="utf-8")
    assert old in text
    (folder / "datapackage.json").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=words):
        tables.read()


@pytest.mark.parametrize("setting", ["home_country", "default_commodity", "default_origin", "default_destination"])
def test_every_setting_that_figures_depend_on_is_part_of_the_digest(folder: Path, setting: str) -> None:
    before = tables.read(folder).digest
    value = {"home_country": "AAA", "default_commodity": "grain"}.get(setting, "HARBOUR")
    (folder / "datapackage.json").write_text(json.dumps({"base_year": 2024, setting: value}), encoding="utf-8")
    assert tables.read(folder).digest != before


def test_titles_licences_and_credits_travel_with_a_written_dataset(folder: Path, tmp_path: Path) -> None:
    said = {"base_year": 2024, "title": "A", "title_ru": "Б", "title_kk": "Ә"}
    licences = [{"title": "Some licence 1.0", "path": "https://example.org/licence"}, {"name": "Other"}, "MIT", 5]
    sources = [{"title": "© Somebody", "path": "https://example.org/us"}, {"title": "Another"}, {}, "they"]
    package = said | {"licenses": licences, "sources": sources}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    dataset = tables.read(folder)
    assert (dataset.title_ru, dataset.title_kk) == ("Б", "Ә")
    assert dataset.licences == ("Some licence 1.0 https://example.org/licence", "Other")
    assert dataset.credits == ("© Somebody https://example.org/us", "Another")
    dataset.write(tmp_path / "copy")
    again = tables.read(tmp_path / "copy")
    copy = frictionless.Package.from_descriptor(str(tmp_path / "copy" / "datapackage.json"))
    assert [one.get("title") for one in copy.licenses] == ["Some licence 1.0", "Other"]
    assert copy.sources == sources[:2]
    assert again.credits == dataset.credits
    assert (again.title, again.title_ru, again.title_kk, again.licences) == ("A", "Б", "Ә", dataset.licences)


@pytest.mark.slow
def test_the_embedded_package_is_sound_to_frictionless() -> None:
    report = frictionless.Package.from_descriptor(str(tables.embedded() / "datapackage.json")).validate()
    assert [error.message for task in report.tasks for error in task.errors] == []
