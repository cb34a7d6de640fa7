"""The virtual network of a year, what moving over it costs, and the best route under rules."""

from corridors.network.arcs import Arc, Arcs
from corridors.network.builder import build
from corridors.network.network import Network, Resource, Vertex
from corridors.network.stops import NOT_A_STOP

__all__ = ["NOT_A_STOP", "Arc", "Arcs", "Network", "Resource", "Vertex", "build"]
