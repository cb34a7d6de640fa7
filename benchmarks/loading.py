"""What loading the compiled loops takes: ``python -m benchmarks.loading`` prints wall and CPU seconds as JSON.

A process of its own, in which all else is loaded already. The first time on a machine they are compiled as well, and
kept in the folder that NUMBA_CACHE_DIR names, or else beside their sources.
"""

from __future__ import annotations

import json

from benchmarks import measure, yardsticks


def load() -> dict[str, float]:
    """Warm the compiled loops up twice, of which the first time loads them: by how much it took longer."""
    measure.warm_up("columns", compiled=False)
    clock = yardsticks.Clock()
    for step in ("first", "again"):
        with clock.step(step):
            measure.warm_up("compiled", compiled=True)
    first, again = clock.steps["first"], clock.steps["again"]
    return {"wall": first[0] - again[0], "cpu": first[1] - again[1]}


if __name__ == "__main__":
    print(json.dumps(load()))
