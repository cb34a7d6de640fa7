"""Sweeps that tests run: in a module of their own, because worker processes import it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np

from corridors.cli.options import Output
from corridors.cli.sweep_options import Sweeping, sweep_options, sweeping
from corridors.errors import SolverError
from corridors.sweep.sweep import Sweep


class Squares(Sequence[dict[str, Any]]):
    """Tasks that are made when they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < self.count:
            raise IndexError(number)
        return {"x": number / 7}


def shared(seconds: float, failing: tuple[int, ...] = ()) -> dict[str, Any]:
    return {"matrix": np.random.default_rng(1).random((40, 40)), "seconds": seconds, "failing": failing}


def square(shared: Mapping[str, Any], task: Mapping[str, Any]) -> dict[str, Any]:
    try:
        time.sleep(shared["seconds"])
    except KeyboardInterrupt:  # as the engine does, which then gives the best plan so far
        return {"y": "interrupted"}
    number = round(task["x"] * 7)
    if number in shared["failing"]:
        raise SolverError(f"The solver ended without an answer for {number}.")
    matrix = shared["matrix"]
    return {"y": task["x"] ** 2, "z": float(np.linalg.solve(matrix, matrix[0] * task["x"]).sum()), "name": "Ақтау"}


def squares(count: int, seconds: float = 0.0, failing: tuple[int, ...] = ()) -> Sweep:
    return Sweep(
        "squares", {"count": count, "failing": list(failing)}, shared, (seconds, failing), square, Squares(count)
    )


def nothing() -> None:
    """Prepare nothing."""


def wrong(_shared: Any, task: Mapping[str, Any]) -> dict[str, Any]:
    """Fail in every way that a row can."""
    match task["how"]:
        case "fault":
            raise ZeroDivisionError("division by zero")
        case "not a number":
            return {"y": float("nan")}
        case "not json":
            return {"y": object()}
    return {"y": 1}


def deadly(_shared: Any, task: Mapping[str, Any]) -> dict[str, Any]:
    """End the process in which one of the tasks is solved, as a crash in a library does."""
    if task["dies"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"y": 1}


def unprepared() -> None:
    raise SolverError("The base plan cannot be made.")


@click.command()
@click.argument("count", type=int)
@click.argument("seconds", type=float)
@sweep_options()
def main(count: int, seconds: float, how: Sweeping, to: Output) -> None:
    """Run a sweep as the commands do."""
    with sweeping(to.say, squares(count, seconds), how) as results:
        click.echo(f"{len(results)} rows, {results.failures} failed")


if __name__ == "__main__":
    main()
