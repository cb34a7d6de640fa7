"""Planar and grid files: read as they say, written and read again, and never half of one taken for the whole."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from instances import shared_resources, single_origin
from networks import PLANAR, cost_of, put, same, sentence

from corridors.errors import ProblemError
from corridors.exchange import open_problem, planar
from corridors.exchange.numbers import Text
from corridors.models.problem import FlowProblem


def test_planar_is_read_as_it_says(tmp_path: Path) -> None:
    problem = open_problem(put(tmp_path / "a", PLANAR))
    assert problem.node_count == 4
    assert problem.tail.tolist() == [0, 1, 0]
    assert problem.cost.tolist() == [[5, 0, 9]]
    assert problem.capacity.tolist() == [10, 2.5]
    assert problem.usage.toarray().tolist() == [[1, 0, 0], [0, 0, 1]]
    assert np.isinf(problem.penalty).all()
    assert cost_of(problem) == 7 * 5


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace("\n", "\r\n"),
        lambda data: data.replace(" ", "\t "),
        lambda data: "\ufeff" + data,
        lambda data: data.replace("\n", "\n\n  \n"),
        lambda data: data.rstrip("\n"),
        lambda data: data.replace("10", "1.0e1").replace("4 4", "4.0 +4"),
    ],
)
def test_white_space_and_ways_of_writing_do_not_matter(tmp_path: Path, change: Callable[[str], str]) -> None:
    assert same(open_problem(put(tmp_path / "b", change(PLANAR))), open_problem(put(tmp_path / "a", PLANAR)))


@given(single_origin(), st.floats(1e-300, 1e300))
@settings(deadline=None)
def test_planar_written_and_read_again_is_the_same(problem: FlowProblem, factor: float) -> None:
    scaled = FlowProblem.single_class(
        node_count=problem.node_count,
        tail=problem.tail,
        head=problem.head,
        cost=problem.cost[0] * factor,
        arc_capacity=np.where(np.arange(problem.arc_count) % 3 == 0, np.inf, problem.tail / 3),
        origin=problem.origin,
        destination=problem.destination,
        amount=problem.amount / 7,
    )
    for one in (problem, scaled):
        assert same(planar.read(Text(Path("written"), planar.write(one).encode())), one)


@given(shared_resources())
@settings(deadline=None, max_examples=30)
def test_what_planar_cannot_say_is_not_written(problem: FlowProblem) -> None:
    one_for_all = problem.class_count == 1 and np.isfinite(problem.cost).all()
    assume(problem.resource_count or not one_for_all or np.isfinite(problem.penalty).any())  # the rest it can say
    with pytest.raises(ProblemError, match="planar format"):
        planar.write(problem)


@pytest.mark.parametrize(
    ("line", "new", "words"),
    [
        (1, "x", ["line 1", "'x'"]),
        (1, "4.5", ["line 1", "a count"]),
        (1, "0", ["line 1", "a count"]),
        (1, "999999999999999999", ["line 1", "at most"]),
        (2, "9999999999999999999999", ["line 7", "'1 3 7'", "arc 4 of"]),
        (2, "2", ["line 6", "no more than 2"]),
        (2, "4", ["line 7", "arc 4 of 4"]),
        (3, "1e300", ["line 9", "the end of the file", "commodity 3"]),
        (3, "1", ["line 8", "no more than 1"]),
        (4, "1 2 5 ten", ["line 4", "'1 2 5 ten'", "four numbers"]),
        (4, "1 2 5 1_0", ["line 4", "four numbers"]),
        (4, "1 2 nan 10", ["line 4", "four numbers"]),
        (5, "2 3 -1 4", ["line 5", "a cost (column 3)", "0 or more"]),
        (5, "2 3 1e999 4", ["line 5", "a cost (column 3)", "finite"]),
        (5, "2 5 0 4", ["line 5", "a head (column 2)", "from 1 to 4"]),
        (5, "2.5 3 0 4", ["line 5", "a tail (column 1)"]),
        (6, "1 3 9", ["line 6", "'1 3 9'", "arc 3 of 3"]),
        (7, "0 3 7", ["line 7", "an origin (column 1)"]),
        (8, "4 4 -3", ["line 8", "a demand (column 3)"]),
        (8, "4 4 3 1", ["line 8", "commodity 2 of 2"]),
        (8, "4 4 3\nmore", ["line 9", "'more'", "the end of the file"]),
    ],
)
def test_a_damaged_planar_file_is_one_sentence_with_its_line(
    tmp_path: Path, line: int, new: str, words: list[str]
) -> None:
    lines = PLANAR.splitlines()
    lines[line - 1] = new
    said = sentence(put(tmp_path / "damaged", "\n".join(lines) + "\n"))
    for word in ["damaged", "found", "expected", ";", *words]:
        assert word in said, said


@given(st.integers(0, len(PLANAR) - 3))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_planar_file_cut_anywhere_is_not_taken_for_a_whole_one(tmp_path: Path, size: int) -> None:
    assert sentence(put(tmp_path / "cut", PLANAR[:size]))
