"""Routes a year's freight over transit corridors at least cost, and proves each plan optimal.

Nothing heavy is imported before it is used: ``from corridors import tables, network, planning`` where needed.
"""

__all__ = ["costs", "errors", "names", "network", "output", "planning", "references", "routes", "tables"]
