"""Other people's networks as flow problems, a module for each format, and their answers in the ids of their files."""

from corridors.exchange.instances import Instance
from corridors.exchange.opening import open_instance, open_problem, with_reservation

__all__ = ["Instance", "open_instance", "open_problem", "with_reservation"]
