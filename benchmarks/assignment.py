"""Traffic assignment beside public codes: ``python -m benchmarks.assignment [--rounds N] [--tap TAP] [--peer PYTHON]``.

Prints a table of CPU seconds to relative gaps of 1e-6 and 1e-10 on the published road networks. ``TAP`` is the program
of tap-b (C, Dial's Algorithm B), ``PYTHON`` an interpreter that has AequilibraE, whose bi-conjugate Frank-Wolfe runs
once. Reading networks and, of ours, loading or compiling the method are not counted; of tap-b, what a run takes that
ends after its first iteration, reading and all, is taken off. The codes take turns; seconds are the median of rounds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import process
from benchmarks.cases import BENCH, ROOT, THREADS
from benchmarks.text import figure, table
from benchmarks.times import Times
from corridors.exchange.road_opening import open_roads
from corridors.exchange.roads import RoadNetwork
from corridors.models.assignment.certificate import certify
from corridors.models.assignment.solver import prepare, solve

NETWORKS = ("SiouxFalls", "Anaheim", "Barcelona", "Winnipeg", "Chicago-Sketch")
FACTORS = {"Chicago-Sketch": (0.02, 0.04)}  # toll and distance, in the README of the network
GAPS = (1e-6, 1e-10)
PEER_GAP, PEER_LIMIT = 1e-6, 1800.0


def network_file(name: str) -> Path:
    """Return the file of a published network."""
    plain = BENCH / "tntp" / f"{name}_net.tntp"
    return plain if plain.is_file() else plain.with_name(f"{name}_net.tntp.gz")


def load(name: str) -> RoadNetwork:
    """Read a published network, with the factors that its README gives."""
    toll, distance = FACTORS.get(name, (None, None))
    return open_roads(network_file(name), toll_factor=toll, distance_factor=distance)


def measure(name: str, gap: float, times: Times) -> dict[str, Any]:
    """Assign a network once, and prove it: what is known of the answer, with the seconds noted."""
    problem = load(name).problem
    solution = times.measure(lambda: solve(problem, gap=gap))
    proof = certify(problem, solution, gap)
    status = "ok" if proof.holds else f"wrong: {' '.join(proof.reasons)}"
    return {"iterations": solution.iterations, "gap": proof.gap, "objective": proof.objective, "status": status}


def tap(program: str, name: str, gap: float) -> float:
    """Return the CPU seconds of tap-b, on copies of a network's files in a folder of its own."""
    toll, distance = FACTORS.get(name, (0.0, 0.0))
    tags = f"<TOLL FACTOR> {toll}\n<DISTANCE FACTOR> {distance}\n"
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("net", "trips"):
            path = network_file(name)
            data = path.with_name(path.name.replace("_net", f"_{kind}")).read_bytes()
            text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode()
            Path(folder, f"{kind}.tntp").write_text(tags + text if kind == "net" else text)
        whole, begun = (_tap(program, folder, until) for until in (gap, 1.0))
    return whole - begun


def _tap(program: str, folder: str, gap: float) -> float:
    """Return the CPU seconds of one run of tap-b, from its start to its end."""
    asked = {"NETWORK FILE": "net.tntp", "TRIPS FILE": "trips.tntp", "FILE PATH": f"{folder}/"}
    asked |= {"CONVERGENCE GAP": str(gap), "FLOWS FILE": f"{folder}/flows.txt", "NUMBER OF THREADS": "1"}
    parameters = Path(folder, "parameters.txt")
    parameters.write_text("".join(f"<{tag}> {value}\n" for tag, value in asked.items()))
    return process.run(["env", "-C", folder, program, str(parameters)]).cpu  # it writes a log where it is


def peer(python: str, name: str) -> dict[str, Any]:
    """Return what AequilibraE says of a network: CPU and wall seconds, iterations and gap."""
    problem = load(name).problem
    zones = int(max(problem.origin.max(), problem.destination.max())) + 1
    trips = np.zeros((zones, zones))
    np.add.at(
        trips, (problem.origin[problem.moving], problem.destination[problem.moving]), problem.amount[problem.moving]
    )
    costs = problem.costs
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.npz")
        np.savez(
            path,
            tail=problem.tail,
            head=problem.head,
            zones=zones,
            closed=not problem.passable.all(),
            trips=trips,
            fixed=costs.fixed,
            time=np.maximum(costs.free_time, 1e-6),  # nor a time of 0
            steepness=costs.steepness,
            capacity=costs.capacity,
            power=np.maximum(costs.power, 1.0),  # it takes no power of 0, which some links have that never crowd
        )
        done = subprocess.run(
            [python, str(ROOT / "benchmarks" / "assignment_peer.py"), str(path), str(PEER_GAP)],
            capture_output=True,
            text=True,
            timeout=PEER_LIMIT,
            check=True,
            env=os.environ | dict.fromkeys(THREADS, "1"),
        )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main() -> int:
    """Measure all networks, and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.assignment", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tap", metavar="PROGRAM")
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    asked = parser.parse_args()
    begun = time.perf_counter()
    prepare()
    print(f"the method was loaded in {time.perf_counter() - begun:.1f} s", file=sys.stderr)
    lines = [row(name, asked.rounds, asked.tap, asked.peer) for name in asked.networks]
    head = ["network", "links", "1e-6", "1e-10", "1e-10 / 1e-6", "tap-b 1e-6", "tap-b / ours", "bfw 1e-6", "bfw / ours"]
    print(table([*head, "gap", "answers"], lines))
    return int(any(line[-1] != "ok" for line in lines))


def row(name: str, rounds: int, program: str | None, python: str | None) -> list[str]:
    """Measure a network, the codes in turn, and return its cells."""
    ours, theirs, found = {gap: Times() for gap in GAPS}, [], {}
    for _ in range(rounds):
        for gap in GAPS:
            found[gap] = measure(name, gap, ours[gap])
        if program:
            theirs.append(tap(program, name, GAPS[0]))
    low, high = (ours[gap].median.cpu for gap in GAPS)
    other = float(np.median(theirs)) if theirs else None
    slow = peer(python, name)["cpu"] if python else None
    ratios = [high / low, other, other / low if other else None, slow, slow / low if slow else None]
    wrong = [one["status"] for one in found.values() if one["status"] != "ok"]
    cells = [figure(one) if one is not None else "–" for one in (low, high, *ratios)]
    return [name, str(load(name).problem.tail.size), *cells, f"{found[GAPS[1]]['gap']:.1e}", (wrong or ["ok"])[0]]


if __name__ == "__main__":
    sys.exit(main())
