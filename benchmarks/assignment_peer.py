"""AequilibraE on one network, once: ``PYTHON assignment_peer.py NETWORK.npz GAP`` prints what it took as JSON.

For an interpreter that has it; nothing of ours is imported. Its bi-conjugate Frank-Wolfe, on one processor.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pandas as pd


def main(path: str, gap: float) -> None:
    """Assign the network, and print seconds, iterations and the gap that it says."""
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    of = np.load(path)
    count, zones = of["tail"].size, np.arange(1, int(of["zones"]) + 1)
    columns = {name: of[name] for name in ("capacity", "time", "steepness", "power", "fixed")}
    ends = {"link_id": np.arange(1, count + 1), "a_node": of["tail"] + 1, "b_node": of["head"] + 1}
    graph = Graph()
    graph.network = pd.DataFrame({**ends, "direction": np.ones(count, dtype=int), **columns})
    graph.prepare_graph(zones)
    graph.set_graph("time")
    graph.set_blocked_centroid_flows(bool(of["closed"]))
    trips = AequilibraeMatrix()
    trips.create_empty(zones=zones.size, matrix_names=["trips"], memory_only=True)
    trips.index = zones
    trips.matrices[:, :, 0] = of["trips"]
    trips.computational_view(["trips"])
    cars = TrafficClass("cars", graph, trips)
    if of["fixed"].any():
        cars.set_fixed_cost("fixed")
    assignment = TrafficAssignment()
    assignment.set_classes([cars])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "steepness", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("time")
    assignment.set_algorithm("bfw")
    assignment.max_iter, assignment.rgap_target = 100_000, gap
    assignment.set_cores(1)
    wall, cpu = time.perf_counter(), time.process_time()
    assignment.execute()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    told = assignment.report()
    print(json.dumps({"cpu": cpu, "wall": wall, "iterations": len(told), "gap": float(told.rgap.iloc[-1])}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
