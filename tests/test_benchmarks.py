"""What is measured is what it says: generated problems, yardsticks, ratios, fits and tables."""

import ast
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from benched import FOLDER, of
from instances import BENCH as PUBLISHED

from corridors.models import arcs, scaling
from corridors.models.arcs.grouping import groups_of
from corridors.models.certificate import certify
from corridors.models.columns import solver as columns
from corridors.models.problem import FlowProblem

cases, generated, measure, table = of("cases"), of("generated"), of("measure"), of("table")
instances, report, yardsticks = of("instances"), of("report"), of("yardsticks")
beside, peer, process = of("beside"), of("peer"), of("process")


def same(one: FlowProblem, other: FlowProblem) -> bool:
    arrays = ("tail", "head", "cost", "origin", "destination", "class_", "amount", "penalty", "capacity")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays) and (
        abs(one.usage - other.usage).nnz == 0
    )


def once(wall: float, cpu: float, status: str = "ok") -> dict[str, Any]:
    """Return what a child says of a solve of so many seconds."""
    shape = {"size": 10, "demands": 4, "base_mib": 70.0, "peak_mib": 80.0}
    return shape | measure.verdict(5.0, 0.0, (), None) | {"steps": {"total": (wall, cpu)}, "status": status}


def row(case: str, method: str, seconds: float, size: int = 10, series: str = "published") -> dict[str, Any]:
    time = {"step": "total", "seconds": seconds, "cpu_seconds": seconds, "runs": 1}
    return {"series": series, "case": case, "method": method, "size": size, "demands": 4, "status": "ok"} | time


def test_a_mesh_is_the_same_every_time_and_another_with_another_seed() -> None:
    assert same(generated.mesh(5), generated.mesh(5))
    assert not same(generated.mesh(5), generated.mesh(5, seed=1))


def test_a_mesh_can_serve_everything_and_a_moderate_share_of_its_capacities_binds() -> None:
    problem = generated.mesh(8)
    solution, _ = yardsticks.run("arrays", problem)
    assert certify(problem, solution).holds
    assert solution.unserved.sum() == 0
    assert 0.02 < (solution.resource_price > 1e-9).mean() < 0.3


def test_nodes_of_the_meshes_double() -> None:
    nodes = np.array(cases.SIDES) ** 2
    assert nodes[1:] / nodes[:-1] == pytest.approx(2, rel=0.12)


def test_tiles_are_the_same_every_time_and_one_problem() -> None:
    base = generated.with_penalty(generated.mesh(4), 3)
    problem = generated.tiles(3, base=base)
    assert same(problem, generated.tiles(3, base=base))
    assert problem.node_count == 3 * base.node_count
    assert same(generated.tiles(1, base=base), base)
    between = problem.origin // base.node_count != problem.destination // base.node_count
    assert between.sum() == 2 * generated.LINKING_DEMANDS
    solution, _ = yardsticks.run("arrays", problem)
    assert certify(problem, solution).holds


def test_a_shared_resource_is_used_by_every_copy() -> None:
    base = generated.mesh(4)
    problem = generated.tiles(3, base=base)
    shared = problem.usage[3 * base.resource_count :]
    assert shared.shape[0] == generated.SHARED
    copies = shared.tocoo().coords[1] // base.arc_count
    assert sorted(set(copies.tolist())) == [0, 1, 2]


def test_arrays_are_the_program_of_arcs() -> None:
    problem = generated.mesh(4)
    scaled = scaling.in_units(problem, scaling.units_of(problem))
    program, _ = yardsticks.arc_program(scaled, groups_of(scaled))
    stated = arcs.build(scaled).program
    assert (program.num_col_, program.num_row_) == (stated.numVariables(), stated.numConstraints())
    objectives = {
        method: certify(problem, yardsticks.run(method, problem)[0]).primal_objective for method in ("arcs", "arrays")
    }
    assert objectives["arrays"] == pytest.approx(objectives["arcs"], rel=1e-9)


def test_steps_of_a_yardstick_add_up() -> None:
    _, clock = yardsticks.run("arcs", generated.mesh(3))
    assert set(clock.steps) == {"build", "solve", "total"}
    assert clock.steps["total"][0] == clock.steps["build"][0] + clock.steps["solve"][0]


def test_the_exponent_of_known_growth_is_found() -> None:
    assert table.growth((size, 0.01 * size**1.5) for size in (10, 20, 40, 80)) == pytest.approx(1.5)
    assert table.growth([(10, 1.0), (20, 2.0)]) is None
    rows = [row(f"mesh{size}", "columns", size**1.5, size, "meshes") for size in (10, 20, 40)]
    (fitted,) = table.growth_rows(rows)
    assert fitted["ratio"] == pytest.approx(2**1.5)


def test_what_is_compiled_by_default_counts_for_the_growth_of_compiled() -> None:
    plain = [row(f"mesh{size}", "columns", size**2.0, size, "meshes") for size in (10, 20)]
    large = [row(f"mesh{size}", "columns", 3.0 * size, size, "meshes") | {"note": table.COMPILED} for size in (40, 80)]
    small = [row(f"mesh{size}", "compiled", 3.0 * size, size, "meshes") for size in (10, 20)]
    fitted = {one["method"]: one for one in table.growth_rows([*plain, *small, *large])}
    assert fitted["compiled"]["ratio"] == pytest.approx(2)
    assert [fitted[method]["runs"] for method in ("columns", "compiled")] == [4, 4]


def test_seconds_are_medians_and_ratios_are_of_the_same_round() -> None:
    rounds = {"columns": [once(1, 1), once(2, 2), once(1, 1)], "arcs": [once(10, 10), once(40, 20)]}
    ours, theirs = table.case_rows("published", "one", rounds)
    assert (ours["seconds"], ours["ratio"], ours["runs"]) == (1, 1, 3)
    assert (theirs["seconds"], theirs["ratio"], theirs["cpu_ratio"]) == (25, 15, 10)


def test_a_wrong_answer_says_so_and_counts_for_nothing() -> None:
    off = measure.verdict(100.0, 0.0, (), 101.0)
    assert off["status"].startswith("wrong: it differs from the published optimum")
    assert measure.verdict(100.0, 0.5, ("The gap is open.",), None)["status"] == "wrong: The gap is open."
    (bad,) = table.case_rows("published", "one", {"columns": [once(1, 1) | off]})
    assert not table.is_total(bad)
    assert "**wrong: columns**" in page([bad])


def test_a_method_without_a_time_keeps_its_reason() -> None:
    (none,) = table.case_rows("published", "one", {"arcs": [{"status": "stopped after 3 s"}]})
    assert "one, arcs: stopped after 3 s." in page([none])


def test_results_are_written_and_read_back(tmp_path: Path) -> None:
    rows = table.case_rows("published", "one", {"columns": [once(1.25, 1.0)]})
    table.write(tmp_path / "results.csv", rows)
    (found,) = table.read(tmp_path / "results.csv")
    assert tuple(found) == table.FIELDS
    assert (found["case"], found["seconds"], found["size"], found["optimum"]) == ("one", 1.25, 10, None)


def page(rows: list[dict[str, Any]], **about: Any) -> str:
    """Return the report of a run on this machine."""
    text: str = report.markdown(rows, of("run").machine() | {"quick": True, "minutes": 1} | about, beside.known())
    return text


def test_a_public_code_that_was_not_measured_is_scaled_by_arcs_in_the_same_run() -> None:
    rows = [row("planar100", "arcs", 2.2), row("planar100", "columns", 0.1), row("grid6", "columns", 0.033)]
    rows.append(row("grid6", "compiled", 0.0165))
    factor = beside.scale(rows, beside.known())
    assert factor == pytest.approx(0.5)
    times = beside.scaled(rows, beside.known(), factor)
    assert times["grid6"]["peer path"] == pytest.approx(0.165)
    assert beside.ratio(times["grid6"], "columns") == pytest.approx(0.2)
    assert beside.ratio(times["grid6"], "compiled") == pytest.approx(0.1)
    assert beside.ratio(times["planar50"], "columns") is None
    text = page(rows)
    assert "| instance | peer path, scaled |" in text
    assert "`columns` / faster peer, geometric mean over planar100, grid6" in text
    assert "`compiled` / faster peer, geometric mean over grid6: **0.10**; the worst: 0.10 (grid6)" in text
    assert beside.scale([], beside.known()) is None
    assert "Here it was not measured, nor was `arcs`" in page([])


def test_a_public_code_that_was_measured_is_taken_as_it_was() -> None:
    rows = [row("grid6", "columns", 0.3), row("grid6", "compiled", 0.1), row("planar100", "arcs", 2.2)]
    rows += [row("grid6", "peer path", 0.4) | {"error": -3e-6}, row("grid6", "peer tree", 0.2) | {"error": 1e-9}]
    text = page(rows, peer="Built by hand.")
    said = " ".join(text.split())
    assert "| grid6 | 0.400 | 0.200 | 0.300 | 0.100 | 1.50 | 0.500 |" in text
    assert "`columns` / faster peer, geometric mean over grid6: **1.50**; the worst: 1.50 (grid6)" in text
    assert "Built by hand. Its answers are off by up to 3e-06 (grid6, peer path)" in said
    assert "| right; peer path off by -3e-06 |" in text
    assert "scaled" not in text
    assert "scaled by" in page([*rows[:3], row("grid6", "peer path", 0.4) | {"status": "failed: exit code 1"}])


def test_the_page_says_what_changed_since_it_was_measured() -> None:
    assert "\n\nThe network grew.\n\n" in page([], since="The network grew.")


def test_the_page_that_is_kept_is_that_of_the_results_beside_it() -> None:
    about = json.loads((FOLDER / "machine.json").read_text(encoding="utf-8"))
    written = (FOLDER.parent / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert report.markdown(table.read(FOLDER / "results.csv"), about, beside.known()) == written


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a published case of one arc and one demand, with its optimum."""
    monkeypatch.setattr(cases, "BENCH", tmp_path)
    (tmp_path / "planar").mkdir()
    with gzip.open(tmp_path / "planar" / "tiny.gz", "wt", encoding="utf-8") as stream:
        stream.write("2\n1\n1\n1 2 3 10\n1 2 5\n")
    (tmp_path / "optima.csv").write_text("instance,optimum\ntiny,15.0\n", encoding="utf-8")
    return cases.Case("published", "tiny", "planar")


def script(folder: Path, text: str) -> list[str]:
    """Return the command of a small program."""
    file = folder / "a program"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return [str(file)]


def test_a_public_code_is_run_on_one_thread_and_its_answer_compared(tiny: Any, tmp_path: Path) -> None:
    said = "echo instance,formulation,objective,lower_bound,optimal; echo $1,$5,15.00015,15,1"
    noted = script(tmp_path, f'echo "$OPENBLAS_NUM_THREADS $@" > "{tmp_path}/words"; {said}')
    found = peer.measure(noted, tiny, "peer tree", 60)
    words = (tmp_path / "words").read_text(encoding="utf-8").strip()
    assert words == f"1 {tiny.file} --threads 1 --formulation tree"
    assert (found["status"], found["size"], found["demands"], found["objective"]) == ("ok", 1, 1, 15.00015)
    assert found["error"] == pytest.approx(1e-5)
    assert found["gap"] == pytest.approx(1e-5, rel=1e-4)
    assert all(second >= 0 for second in found["steps"]["total"])
    (measured,) = table.case_rows("published", "tiny", {"peer tree": [found]})
    assert table.is_total(measured)  # off by its own tolerance, but that is what it is measured at
    assert table.faults([measured]) == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("exit 3", "failed: exit code 3"),
        ("kill -9 $$", "failed: exit code -9"),
        ("sleep 60", "stopped after 0 s"),
        ("echo objective,optimal; echo 7,0", "failed: it says that it found no optimum"),
        ("echo Hello.", "ok"),
    ],
)
def test_a_public_code_that_fails_is_a_row_with_its_status(tiny: Any, tmp_path: Path, text: str, status: str) -> None:
    found = peer.measure(script(tmp_path, text), tiny, "peer path", 0.3 if "sleep" in text else 60)
    assert found["status"] == status
    assert found.get("objective") is None


def test_a_run_goes_on_where_there_is_no_public_code(tiny: Any, tmp_path: Path) -> None:
    run = of("run").Run(cases.QUICK_RUN, (), [str(tmp_path / "none")])
    run.case(tiny)
    assert [(row["method"], row["status"]) for row in run.rows] == [
        (method, "failed: No such file or directory") for method in cases.PEERS
    ]
    assert table.faults(run.rows) == []
    assert str(tmp_path) not in page(run.rows)
    assert "tiny, peer path: failed: No such file or directory." in page(run.rows)


def test_only_published_planar_and_grid_instances_are_for_the_public_code() -> None:
    asked = {case.family for case in cases.all_cases() if case.for_peers}
    assert asked == {"planar", "grid"}


_WARMED_UP = """
from benchmarks import generated, measure, yardsticks
measure.warm_up("compiled", compiled=True)
from corridors.models.columns.barrier import kernels as summing
from corridors.models.pricing import kernels as growing
def compiled():
    loops = {**vars(growing), **vars(summing)}
    return {name: list(loop.signatures) for name, loop in loops.items() if hasattr(loop, "signatures")}
before = compiled()
yardsticks.run("compiled", generated.mesh(12))
yardsticks.run("compiled", generated.tiles(2, base=generated.with_penalty(generated.mesh(8), 3)))
yardsticks.run("compiled", generated.embedded())
print(sum(map(len, before.values())) > 0, compiled() == before)
"""


@pytest.mark.slow
def test_nothing_is_compiled_within_the_clocks() -> None:
    pytest.importorskip("numba")
    done = subprocess.run(
        [sys.executable, "-c", _WARMED_UP], cwd=FOLDER.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]


def test_what_is_compiled_by_default_is_not_measured_again() -> None:
    pytest.importorskip("numba")
    case = cases.named("mesh8")
    with mock.patch.object(columns, "_LARGE", 1):
        assert measure.measure(case, "compiled")["status"].startswith("left out")
        found = measure.measure(case, "columns")
    assert (found["status"], found["note"]) == ("ok", table.COMPILED)
    assert "note" not in measure.measure(case, "columns")
    assert measure.measure(case, "compiled")["status"] == "ok"
    text = page(table.case_rows("meshes", "mesh8", {"columns": [found]}))
    assert "only large problems use them, here mesh8." in " ".join(text.split())


def test_what_loading_takes_is_said() -> None:
    loading = {"series": "loading", "case": "numba", "method": "compiled", "status": "ok"}
    rows = [loading | {"step": step, "seconds": seconds} for step, seconds in (("first", 7.5), ("again", 0.42))]
    assert "takes a process 0.42 s, wall clock, and 7.5 s the first time" in " ".join(page(rows).split())
    assert "what it takes was not measured here" in " ".join(page([]).split())


def test_sioux_falls_is_read_whole() -> None:
    if not PUBLISHED.is_dir():
        pytest.skip(f"the folder of published instances is not here: {PUBLISHED}")
    problem = instances.load(cases.named("SiouxFalls"))
    assert (problem.node_count, problem.arc_count, problem.demand_count) == (24, 76, 528)
    assert problem.amount.sum() == 360600


def test_zones_that_may_not_be_passed_are_split(tmp_path: Path) -> None:
    net, trips = tmp_path / "a_net.tntp", tmp_path / "a_trips.tntp"
    links = "".join(f"\t{a}\t{b}\t10\t1\t{time}\t;\n" for a, b, time in ((1, 2, 1), (2, 3, 1), (1, 3, 9)))
    net.write_text(f"<NUMBER OF NODES> 3\n<FIRST THRU NODE> 3\n<END OF METADATA>\n~ head ;\n{links}", encoding="utf-8")
    trips.write_text("<END OF METADATA>\nOrigin 1\n 3 : 4.0; 2 : 1.0;\n", encoding="utf-8")
    problem = instances.tntp(net, trips)
    solution, _ = yardsticks.run("arrays", problem)
    assert certify(problem, solution).primal_objective == pytest.approx(4 * 9 + 1)  # not by way of zone 2


def test_the_process_that_starts_the_measurements_stays_small() -> None:
    code = "import sys, benchmarks.run; print([name for name in ('numpy', 'scipy', 'pandas') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_whole_process_is_measured_and_a_failing_one_is_no_measurement() -> None:
    wall, cpu, peak, output = process.run([sys.executable, "-c", "print(sum(range(10**6)))"])
    assert wall > 0
    assert cpu > 0
    assert peak > 1
    assert output == "499999500000\n"
    with pytest.raises(subprocess.CalledProcessError):
        process.run([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(subprocess.TimeoutExpired):
        process.run(["sh", "-c", "sleep 60 & sleep 60"], limit=0.2)  # with all that it started


def test_every_case_has_its_own_name_and_what_is_left_out_is_a_case() -> None:
    names = [case.name for case in cases.all_cases()]
    assert len(names) == len(set(names))
    assert {case for _, case in cases.LEFT_OUT} <= set(names)
    assert set(names) >= cases.QUICK


def test_the_plot_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    rows = [row(f"mesh{size}", "columns", size / 10, size, "meshes") for size in (10, 20, 40)]
    of("plot").draw([*rows, row("grid1", "arcs", 0.5)], tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text(encoding="utf-8").startswith("<svg")


def test_its_modules_and_functions_stay_readable() -> None:
    for path in sorted(FOLDER.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"
