"""Routes a year's freight over transit corridors at least cost, and proves each plan optimal.

In a notebook, ``import corridors as co`` and then `co.load`, `co.plan`, `co.compare`, `co.run`, `co.scenarios` and
`co.read` (see `corridors.notebook`). Nothing heavy is imported before it is used, by these or by
``from corridors import tables, network, planning``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridors.errors import CorridorsError
    from corridors.notebook.api import compare, load, plan, read, run, scenarios
    from corridors.notebook.comparisons import Comparison
    from corridors.notebook.differences import Difference
    from corridors.notebook.networks import Network
    from corridors.notebook.plans import Plan
    from corridors.notebook.scenario_runs import Runs

__all__ = [
    "Comparison",
    "CorridorsError",
    "Difference",
    "Network",
    "Plan",
    "Runs",
    "compare",
    "load",
    "plan",
    "read",
    "run",
    "scenarios",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    home = "errors" if name == "CorridorsError" else "notebook"
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
