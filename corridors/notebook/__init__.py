"""The package as a notebook uses it: load a network, plan it, compare ways, run scenarios, read plans back.

``import corridors as co`` gives these functions as `co.load`, `co.plan` and so on. What they give shows itself in a
notebook, hands out pandas frames that are yours to change, and has the field's names for everything else. Whatever
goes wrong by what was asked is a `corridors.errors.CorridorsError`, whose text says what to do.
"""

from corridors.notebook.api import compare, load, plan, read, run, scenarios
from corridors.notebook.comparisons import Comparison
from corridors.notebook.differences import Difference
from corridors.notebook.networks import Network
from corridors.notebook.plans import Plan
from corridors.notebook.scenario_runs import Runs

__all__ = ["Comparison", "Difference", "Network", "Plan", "Runs", "compare", "load", "plan", "read", "run", "scenarios"]
