"""Sweeps give the same bytes whatever happens on the way, in real processes that are really killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import sweeping_tasks
from click.testing import CliRunner
from sweeping_tasks import squares

from corridors import sweep
from corridors.errors import ClusterError, OutputError, ProblemError, SolverError
from corridors.sweep import cluster as dask_cluster
from corridors.sweep import store
from corridors.sweep.sweep import Sweep, SweepProgress
from corridors.text import progress
from corridors.text.language import language

TESTS = Path(__file__).parents[1]
DASK = Path(sys.executable).with_name("dask")
MANY, SHORT = 60, 0.02  # tasks, seconds each: long enough to be killed in the middle


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows(one: Sweep, **how: Any) -> list[dict[str, Any]]:
    with sweep.run(one, **how) as made:
        return list(made)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the folder of a sweep that nothing happened to, in one process."""
    folder = tmp_path_factory.mktemp("sweeps") / "undisturbed"
    sweep.run(squares(MANY), folder)
    return contents(folder)


def lines_in(folder: Path) -> int:
    path = folder / "rows.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def wait_for(what: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def workers_of(pid: int) -> list[psutil.Process]:
    return [one for one in psutil.Process(pid).children() if any("spawn_main" in part for part in one.cmdline())]


def command(folder: Path, *options: object, seconds: float = SHORT) -> list[str]:
    script = str(TESTS / "sweeping_tasks.py")
    return [sys.executable, script, str(MANY), str(seconds), "--out", str(folder), *map(str, options)]


def test_rows_hold_their_task_and_come_in_its_order() -> None:
    made = rows(squares(5))
    assert [row["task"] for row in made] == [0, 1, 2, 3, 4]
    assert made[3]["x"] == 3 / 7
    assert made[3]["y"] == (3 / 7) ** 2


def test_two_workers_write_the_same_bytes_as_one_process(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    sweep.run(squares(MANY, SHORT), tmp_path / "two", workers=2)
    assert contents(tmp_path / "two") == undisturbed


def test_a_killed_worker_changes_nothing(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    killed = []

    def kill() -> None:
        wait_for(lambda: lines_in(tmp_path / "killed") >= 5)
        worker = workers_of(os.getpid())[0]
        worker.kill()
        killed.append(lines_in(tmp_path / "killed"))

    killer = threading.Thread(target=kill)
    killer.start()
    sweep.run(squares(MANY, 5 * SHORT), tmp_path / "killed", workers=2)
    killer.join()
    assert 5 <= killed[0] < MANY - 5
    assert contents(tmp_path / "killed") == undisturbed


@pytest.mark.slow
def test_ctrl_c_at_any_moment_says_one_sentence(tmp_path: Path) -> None:
    """Some of the moments are those in which a pipe is read or written, with buffers that an error would tear."""
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        line = [sys.executable, str(TESTS / "sweeping_tasks.py"), "4000", "0", "--out", str(folder), "--workers", "2"]
        with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
            wait_for(lambda folder=folder: lines_in(folder) >= 5)
            time.sleep(attempt / 50)
            os.killpg(running.pid, signal.SIGINT)
            _, said = running.communicate()
        assert running.returncode == 130
        assert said.splitlines()[-1].startswith("Error: interrupted after ")
        assert "Exception ignored" not in said


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(
    tmp_path: Path, undisturbed: dict[str, bytes], workers: int
) -> None:
    folder = tmp_path / "stopped"
    line = command(folder, "--workers", workers, seconds=5 * SHORT)
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        wait_for(lambda: lines_in(folder) >= 5)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the workers too
        _, said = running.communicate()
    assert running.returncode == 130
    kept = lines_in(folder)
    assert 5 <= kept < MANY
    assert said.splitlines()[-1] == f"Error: interrupted after {kept} of {MANY}; the same command goes on from there"
    assert "Traceback" not in said
    assert "interrupted" not in (folder / "rows.jsonl").read_text(encoding="utf-8")
    told: list[SweepProgress] = []
    sweep.run(squares(MANY), folder, progress=told.append)
    assert told[0].resumed == told[0].done == kept
    assert contents(folder) == undisturbed


def test_a_crash_leaves_no_processes_and_the_same_command_goes_on(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    folder = tmp_path / "crashed"
    line = command(folder, "--workers", 2, seconds=5 * SHORT)
    with subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as running:
        wait_for(lambda: lines_in(folder) >= 5)
        workers = workers_of(running.pid)
        running.kill()
    assert len(workers) == 2
    assert psutil.wait_procs(workers, timeout=20)[1] == []
    assert 5 <= lines_in(folder) < MANY
    done = subprocess.run(command(folder, "--quiet"), capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (f"{MANY} rows, 0 failed\n", "")
    assert contents(folder) == undisturbed


@pytest.mark.parametrize(
    "torn", [b"", b"\n", b"{}\n", b'{"task": 3}\n', b'{"task": 99}\n', b"\0\0\0", b'{"task": 31, "x']
)
def test_what_a_crash_tore_is_cut_off(tmp_path: Path, undisturbed: dict[str, bytes], torn: bytes) -> None:
    whole = undisturbed["rows.jsonl"].splitlines(keepends=True)
    (tmp_path / "sweep.json").write_bytes(undisturbed["sweep.json"])
    (tmp_path / "rows.jsonl").write_bytes(b"".join([*whole[40:], *whole[:20], torn]))
    (tmp_path / "rows.jsonl.new").write_bytes(b"half")
    told: list[SweepProgress] = []
    sweep.run(squares(MANY), tmp_path, progress=told.append)
    assert told[0].resumed == 40
    assert contents(tmp_path) == undisturbed


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_that_fails_is_a_row_that_says_why(workers: int) -> None:
    with sweep.run(squares(6, 0, (2, 4)), workers=workers) as made:
        found = list(made)
        assert made.failures == 2
    assert found[2] == {"task": 2, "x": 2 / 7, "failed": "The solver ended without an answer for 2."}
    assert [row["task"] for row in found if "failed" in row] == [2, 4]


def test_a_fault_of_the_program_is_a_row_too() -> None:
    ways = [{"how": how} for how in ("fault", "not a number", "not json", "well")]
    said = [row.get("failed") for row in rows(Sweep("w", {}, sweeping_tasks.nothing, (), sweeping_tasks.wrong, ways))]
    assert said[0] == "a fault of this program: ZeroDivisionError: division by zero"
    assert "nan" in said[1]
    assert "TypeError" in said[2]
    assert said[3] is None


def test_a_task_that_kills_every_worker_is_a_row_and_harms_no_other() -> None:
    tasks = [{"dies": number == 3} for number in range(8)]
    one = Sweep("deadly", {}, sweeping_tasks.nothing, (), sweeping_tasks.deadly, tasks)
    found = rows(one, workers=2)
    assert [row.get("y") for row in found] == [1, 1, 1, None, 1, 1, 1, 1]
    assert "died" in found[3]["failed"]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_cannot_be_prepared_is_said_once(tmp_path: Path, workers: int) -> None:
    one = Sweep("base", {}, sweeping_tasks.unprepared, (), sweeping_tasks.wrong, [{"how": "well"}] * 3)
    with pytest.raises(SolverError, match="base plan cannot be made"):
        sweep.run(one, tmp_path / "base", workers=workers)
    sweep.run(squares(3), tmp_path / "base")  # no row is there, so the folder is free for a better command


def test_a_folder_of_another_sweep_is_refused_and_says_what_differs(tmp_path: Path) -> None:
    sweep.run(squares(3), tmp_path)
    with pytest.raises(OutputError, match=r"another sweep \(tasks 3 there, 4 here; count 3 there, 4 here\).*--force"):
        sweep.run(squares(4), tmp_path)
    assert len(sweep.run(squares(4), tmp_path, force=True)) == 4
    assert sorted(contents(tmp_path)) == ["rows.jsonl", "sweep.json"]


def test_force_goes_on_with_the_same_sweep(tmp_path: Path) -> None:
    sweep.run(squares(3), tmp_path)
    told: list[SweepProgress] = []
    sweep.run(squares(3), tmp_path, force=True, progress=told.append)
    assert told[0].resumed == 3


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, force: bool) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(OutputError, match="holds something else"):
        sweep.run(squares(3), tmp_path, force=force)
    assert list(contents(tmp_path)) == ["thesis.tex"]
    with pytest.raises(OutputError, match="not a folder"):
        sweep.run(squares(3), tmp_path / "thesis.tex", force=force)


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with (
        store.opened(tmp_path, {"kind": "", "digest": "", "identity": {}}, 1),
        pytest.raises(OutputError, match="by another run"),
    ):
        sweep.run(squares(3), tmp_path)


def test_a_temporary_folder_is_removed() -> None:
    with sweep.run(squares(2)) as made:
        assert made.folder.is_dir()
    assert not made.folder.exists()


def test_no_workers_are_refused() -> None:
    with pytest.raises(ProblemError, match="1 worker or more"):
        sweep.run(squares(2), workers=0)


def test_one_process_needs_no_cluster_software() -> None:
    code = (
        "import sys, sweeping_tasks as t\nfrom corridors import sweep\n"
        "with sweep.run(t.squares(3)) as made: assert len(list(made)) == 3\n"
        "assert not {'distributed', 'dask', 'rich', 'pandas', 'multiprocessing'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=TESTS)


def test_processes_of_this_machine_need_no_cluster_software_and_a_cluster_says_what_it_needs() -> None:
    code = (
        "import sys\nsys.modules['distributed'] = None  # as where it is not installed\n"
        "import sweeping_tasks as t\nt.main()"
    )
    words = [sys.executable, "-c", code, "6", "0", "--quiet"]
    done = subprocess.run([*words, "--workers", "2"], capture_output=True, text=True, check=False, cwd=TESTS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "6 rows, 0 failed\n", "")
    done = subprocess.run(
        [*words, "--cluster", "tcp://127.0.0.1:9"], capture_output=True, text=True, check=False, cwd=TESTS
    )
    assert "-m pip install 'corridors[cluster]', or use the processors of this machine with --workers" in done.stderr


def test_memory_does_not_grow_with_the_number_of_tasks() -> None:
    peaks = []
    for count in (200, 200, 2000):  # the first time fills caches
        tracemalloc.start()
        with sweep.run(squares(count)) as made:
            assert sum(1 for _ in made) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] - peaks[1] < 100_000  # rows of 2,000 tasks are 300,000 bytes on disk, and more as objects


@contextmanager
def cluster() -> Iterator[str]:
    """Start a scheduler and two workers as somebody does who has several machines; give the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    where = {**os.environ, "PYTHONPATH": str(TESTS)}
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--dashboard-address", ":0"],
        *[["worker", address, "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]] * 2,
    ]
    with ExitStack() as stack:
        for one in commands:
            process = stack.enter_context(subprocess.Popen([str(DASK), *one], env=where, stderr=subprocess.DEVNULL))
            stack.callback(process.terminate)
        yield address


@pytest.mark.slow
def test_a_cluster_started_apart_writes_the_same_bytes(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    with cluster() as address:
        done = subprocess.run(
            command(tmp_path / "apart", "--cluster", address), capture_output=True, text=True, check=True, timeout=120
        )
        sweep.run(squares(MANY), tmp_path / "again", cluster=address)
    assert done.stdout == f"{MANY} rows, 0 failed\n"
    assert contents(tmp_path / "apart") == contents(tmp_path / "again") == undisturbed


def test_a_scheduler_that_does_not_answer_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "_CONNECT", 0.5)
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        sweep.run(squares(3), cluster="tcp://127.0.0.1:9")


def test_the_options_exclude_each_other_in_any_order() -> None:
    options = ["--workers", "2"], ["--cluster", "tcp://127.0.0.1:9"]
    for first, second in (options, options[::-1]):
        result = CliRunner().invoke(sweeping_tasks.main, ["3", "0", *first, *second])
        assert result.exit_code == 2
        assert "give one of them" in result.stderr


def test_progress_counts_and_tells_the_rate_and_the_time_left() -> None:
    say = language("en")
    assert progress.sentence(say, SweepProgress(412, 2000, 2, 0, 33.1, 47.9)) == (
        "412 of 2000 (20%), 33.1 a second, 48 s left, 2 failed"
    )
    assert progress.sentence(say, SweepProgress(3, 9, 0, 0, 0.1, 7503)) == "3 of 9 (33%), 6.0 a minute, 2 h 5 min left"
    assert progress.sentence(say, SweepProgress(4, 9, 0, 4, 0.0, None)) == "4 of 9 (44%), done before"
    assert progress.sentence(say, SweepProgress(0, 0, 0, 0, 0.0, 0.0)) == "0 of 0 (100%)"
    assert progress.sentence(language("ru"), SweepProgress(3, 9, 0, 0, 0.1, 200)) == (
        "3 из 9 (33\N{NO-BREAK SPACE}%), 6,0 в минуту, осталось 3 мин 20 с"
    )


def test_progress_is_plain_lines_where_there_is_no_terminal(tmp_path: Path) -> None:
    said = subprocess.run(command(tmp_path / "a"), capture_output=True, text=True, check=True).stderr.splitlines()
    assert said[0].startswith(f"0 of {MANY} (0%)")
    assert said[-1].startswith(f"{MANY} of {MANY} (100%)")
    assert len(said) <= 4
    assert subprocess.run(command(tmp_path / "b", "--quiet"), capture_output=True, check=True).stderr == b""


def test_progress_is_a_bar_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(tmp_path / "a"), stderr=theirs, stdout=subprocess.DEVNULL) as running:
        os.close(theirs)
        parts = []
        with suppress(OSError):  # what a terminal gives to read when nobody writes to it any more
            while part := os.read(ours, 100_000):
                parts.append(part)
    os.close(ours)
    said = b"".join(parts).decode()
    assert running.returncode == 0
    assert f"{MANY} of {MANY} (100%)" in said
    assert "a second" in said


def test_the_manifest_says_what_was_swept(undisturbed: dict[str, bytes]) -> None:
    read = json.loads(undisturbed["sweep.json"])
    assert read["kind"] == "squares"
    assert read["tasks"] == MANY
    assert read["identity"] == {"count": MANY, "failing": []}
