"""The virtual network of a year, what moving over it costs, and the best route under rules."""

from corridors.network.network import NOT_A_STOP, Arc, Network, Resource, Vertex, build

__all__ = ["NOT_A_STOP", "Arc", "Network", "Resource", "Vertex", "build"]
