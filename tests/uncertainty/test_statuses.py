"""What numbers of a status do to the headlines is what drawing them alone does, and the page of sources says it."""

import itertools
import re
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small import observed
from uncertain import DEMAND, HANDLING, LOADING, SPEED, package, shared_of

from corridors import network, planning, tables
from corridors.errors import CertificateError, DataError
from corridors.planning.counted import beside
from corridors.uncertainty import prepare, settings_for, statuses

TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "statuses.py"))
PAGE = (tables.embedded() / "SOURCES.md").read_text(encoding="utf-8")
BANDS = {
    LOADING: ("assumed", "2", "4.5"),
    HANDLING: ("observed", "0.5", "2"),
    SPEED: ("recalled", "40", "60"),
    DEMAND: ("derived", "5000", "8000"),
}


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    return observed(package(tmp_path / "counted", BANDS))


def test_shares_add_up_and_what_cannot_move_a_headline_has_none(counted: Path) -> None:
    found = statuses.influence(shared_of(counted, samples=4), [])
    cost = found[found["headline"] == statuses.COST].set_index("status")
    assert cost["share"].sum() == pytest.approx(1)
    assert cost.loc["observed", ["spread", "share"]].tolist() == [0, 0]  # emissions cost nothing
    assert (cost.loc[["assumed", "derived"], "share"] > 0).all()
    assert cost["drawn"].to_dict() == {"assumed": 1, "derived": 1, "observed": 1, "recalled": 1, statuses.ALL: 4}
    assert cost["failed"].sum() == 0
    assert np.isnan(cost.loc[statuses.ALL, "share"])


def test_a_status_is_drawn_while_all_others_stand_still(counted: Path) -> None:
    """Cost is linear in what loading costs, so the spread is the tonnes loaded times that of the drawn charges."""
    shared = shared_of(counted, samples=4)
    found = statuses.influence(shared, []).set_index("status")
    row = shared.distribution.parameters["status"].tolist().index("assumed")
    points = [shared.point({"design": "sample", "number": one}) for one in range(4)]
    charges = [shared.distribution.sample(point)[row] for point in points]
    low, high = np.percentile(charges, (statuses.LOWER, statuses.UPPER))
    arcs = shared.freight.network.arcs
    charged = shared.dataset["terminals"]["terminal"].tolist().index(LOADING[1])
    loaded = (arcs.table == "terminals") & (arcs.row == charged)
    tonnes = shared.base.arc_flow(shared.freight.problem)[:, loaded].sum()
    assert found.loc["assumed", "spread"] == pytest.approx(tonnes * (high - low) / 2)


def test_a_headline_is_the_figure_beside_the_count(counted: Path) -> None:
    net = network.build(tables.read(counted))
    told = beside(planning.plan(net), net).dropna(subset="model").set_index("observation")["model"]
    shared = shared_of(counted, samples=1)
    headlines = statuses.Headlines.of(shared, told.index.tolist())
    found = dict(zip(headlines.names, headlines.measure(shared.freight, shared.base, 7.0), strict=True))
    assert found == pytest.approx({statuses.COST: 7.0, **told.to_dict()})
    assert (told > 0).any()


def test_an_observation_that_is_not_there_is_one_sentence(counted: Path) -> None:
    with pytest.raises(DataError, match=r"observations.csv: found no row 'nowhere', expected one for each headline"):
        statuses.influence(shared_of(counted, samples=2), ["nowhere"])


def test_a_sample_without_a_proven_answer_is_counted_and_left_out(
    counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, solved, calls = shared_of(counted, samples=2), statuses.answer, []

    def failing(*given: object) -> object:
        calls.append(given)
        if len(calls) == 1:
            raise CertificateError("no proof")
        return solved(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(statuses, "answer", failing)
    found = statuses.influence(shared, []).set_index("status")
    assert found["failed"].tolist() == [1, 0, 0, 0, 0]
    assert found["spread"].notna().all()


def test_the_page_of_sources_has_the_counts_that_the_tool_makes() -> None:
    assert TOOL["page_of"](tables.read(), PAGE, all_tables=False) == PAGE


def test_the_tool_refuses_a_page_without_the_table() -> None:
    with pytest.raises(ValueError, match="no table begins"):
        TOOL["replaced"]("# Empty\n", TOOL["COUNTS"], ["| table |"])


def test_a_status_of_the_package_that_nothing_draws_has_a_column_of_nothing() -> None:
    rows = [(name, status, 3, 10.0, 1.0, 1.0, 0) for name in TOOL["HEADLINES"] for status in ("assumed", statuses.ALL)]
    lines = TOOL["table_of"](tables.read(), pd.DataFrame(rows, columns=statuses.COLUMNS))
    assert lines[0].startswith("| headline | in the plan | spread | assumed | calibrated |")
    assert lines[-1] == "| Rail over Altynkol | 0.0 Mt | 10 % | 100 % | 0 % | 0 % | 0 % | 0 % |"


@pytest.mark.slow
def test_the_page_of_sources_has_the_weights_that_the_tool_makes() -> None:
    """Within two points of a share: where plans of one cost differ, another machine may take the other.

    The two statuses that weigh most are drawn anew, and everything at once: values, spreads, and the shares of the two
    in what both do. What is left for the others is the rest of the page's own sum.
    """
    dataset, heavy = tables.read(), ("assumed", "derived")
    settings = settings_for(dataset, samples=TOOL["SAMPLES"], seed=TOOL["SEED"], ranking="none")
    names = [name for name in TOOL["HEADLINES"] if name != statuses.COST]
    found = statuses.influence(prepare(settings), names, among=heavy)
    made, written = (cells_of(lines) for lines in (TOOL["table_of"](dataset, found), PAGE.splitlines()))
    assert list(made) == list(written)
    assert len(written) == len(TOOL["HEADLINES"]) + 2
    for title, row in made.items():
        page = written[title]
        if title == "*numbers*":
            assert row == page
            continue
        if title.startswith("*numbers"):
            assert row["in the plan"] == page["in the plan"]
            drawn = found[found["headline"] == statuses.COST].set_index("status")["drawn"]
            shares = 100 * drawn / drawn[statuses.ALL]
            assert [number(page[status]) for status in heavy] == pytest.approx(shares[list(heavy)].tolist(), abs=0.51)
            continue
        assert re.sub(r"[\d.,]+", "", row["in the plan"]) == re.sub(r"[\d.,]+", "", page["in the plan"])
        assert number(row["in the plan"]) == pytest.approx(number(page["in the plan"]), rel=0.02)
        assert number(row["spread"]) == pytest.approx(number(page["spread"]), abs=2)
        shares = [number(cell) for cell in list(page.values())[2:]]
        assert sum(shares) == pytest.approx(100, abs=3)
        both = sum(number(page[status]) for status in heavy)
        assert both > 75
        for status in heavy:
            assert number(row[status]) == pytest.approx(100 * number(page[status]) / both, abs=2.5), title


def cells_of(lines: list[str]) -> dict[str, dict[str, str]]:
    """Return the weighted table among some lines: the cells of each row by the words of the header."""
    start = next(number for number, line in enumerate(lines) if line.startswith(TOOL["WEIGHTED"]))
    head, _, *body = itertools.takewhile(lambda line: line.startswith("|"), lines[start:])
    words = [word.strip() for word in head.strip("| ").split("|")]
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in body]
    return {title: dict(zip(words[1:], cells, strict=True)) for title, *cells in rows}


def number(cell: str) -> float:
    """Return the number that a cell begins with."""
    return float(cell.split()[0].replace(",", ""))
