"""Column generation: paths priced by shortest paths, in a master problem with only the rows that bind."""

from corridors.models.columns.solver import ColumnsSolution, solve

__all__ = ["ColumnsSolution", "solve"]
