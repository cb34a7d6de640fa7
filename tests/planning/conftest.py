"""What several tests of plans start from."""

from pathlib import Path

import pytest

from corridors import network, planning, tables


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a plan of the embedded data, which no test changes."""
    plan = tmp_path_factory.mktemp("embedded") / "plan"
    planning.plan(network.build(tables.read(None)), intervals=0).write(plan)
    return plan
