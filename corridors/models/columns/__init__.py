"""Column generation: paths priced by shortest paths, in a master problem with only the rows that bind."""

from corridors.models.columns.solution import ColumnsSolution
from corridors.models.columns.solver import solve

__all__ = ["ColumnsSolution", "solve"]
