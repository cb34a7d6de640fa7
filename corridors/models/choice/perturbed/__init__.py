"""Shippers who spread over the arcs of the whole network, without a list of routes: perturbed utility."""

from corridors.models.choice.perturbed.solution import PerturbedSolution
from corridors.models.choice.perturbed.solver import solve

__all__ = ["PerturbedSolution", "solve"]
