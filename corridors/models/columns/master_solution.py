r"""What the master of column generation ends with: an optimum, and where it stopped.

================  ============  ======
symbol            name          shape
================  ============  ======
:math:`x_p`       ``flow``      (P,)
:math:`\mu_r`     ``price``     (R,)
:math:`d_k`       ``amount``    (D,)
================  ============  ======
"""

from __future__ import annotations

from dataclasses import dataclass

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.columns import tolerances
from corridors.models.columns.pool import Pool


@dataclass(frozen=True, eq=False)
class Basis:
    """Where a master stopped, in numbers of the pool, the resources and the demands.

    Attributes
    ----------
    key
        The key column of each demand, (D,); negative for demands without columns.
    column, column_status
        The explicit columns, and the solver's status of each.
    row, row_status
        The rows: resource ``r`` as ``r``, demand ``k`` as ``-1 - k``, with the solver's status of each.
    """

    key: IntArray
    column: IntArray
    column_status: IntArray
    row: IntArray
    row_status: IntArray


@dataclass(frozen=True, eq=False)
class MasterSolution:
    """An optimum of the master.

    Attributes
    ----------
    column, flow
        The columns that carry something, key columns among them, with their tonnes a year.
    price
        Of each resource, (R,), at least 0.
    objective
        What the columns cost, without overflow.
    overflow
        What the overflow variables carry in all; a plan has 0.
    """

    column: IntArray
    flow: FloatArray
    price: FloatArray
    objective: float
    overflow: float

    @property
    def uses_overflow(self) -> bool:
        """Whether resources are overdrawn, so that this is no plan."""
        return self.overflow > tolerances.TOLERANCES.overflow

    def carried(self, pool: Pool, amount: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the columns of demands that carry more than rounding leaves of 0, and their tonnes.

        Parameters
        ----------
        pool
            The columns.
        amount
            Of each demand, (D,). A demand of nothing has no column, whatever the solver leaves on one.
        """
        demand = pool.demand[self.column]
        carries = (demand >= 0) & (amount[demand] > 0) & (self.flow > tolerances.TOLERANCES.dust * amount[demand])
        return self.column[carries], self.flow[carries]
