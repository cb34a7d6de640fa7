"""The arc formulation, stated as in textbooks: the reference for the other method."""

from corridors.models.arcs.formulation import (
    ArcModel,
    add_flow_conservation,
    add_objective,
    add_resource_limits,
    build,
    declare,
)
from corridors.models.arcs.solver import solve

__all__ = [
    "ArcModel",
    "add_flow_conservation",
    "add_objective",
    "add_resource_limits",
    "build",
    "declare",
    "solve",
]
