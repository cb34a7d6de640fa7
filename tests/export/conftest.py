"""A plan and its exports, made once for each test module."""

from pathlib import Path

import geopandas
import pytest
from exported import Case, planned, tight

from corridors import export


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Plan the small data package so that every layer has rows."""
    root = tmp_path_factory.mktemp("export")
    return planned(tight(root / "data"), root / "plan")


@pytest.fixture(scope="module")
def package(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the plan as a GeoPackage."""
    path = tmp_path_factory.mktemp("gpkg") / "plan.gpkg"
    export.write(case.plan, case.network, "gpkg", path)
    return path


@pytest.fixture(scope="module")
def folder_of_layers(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the plan as a folder of GeoJSON layers."""
    path = tmp_path_factory.mktemp("geojson") / "layers"
    export.write(case.plan, case.network, "geojson", path)
    return path


@pytest.fixture(params=["gpkg", "geojson"])
def layer(request: pytest.FixtureRequest, package: Path, folder_of_layers: Path):  # type: ignore[no-untyped-def]
    """Return what reads a layer of one format or the other."""
    if request.param == "gpkg":
        return lambda name: geopandas.read_file(package, layer=name)
    return lambda name: geopandas.read_file(folder_of_layers / f"{name}.geojson")


@pytest.fixture(scope="module")
def gmns(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the plan as a GMNS network."""
    path = tmp_path_factory.mktemp("gmns") / "network"
    export.write(case.plan, case.network, "gmns", path)
    return path
