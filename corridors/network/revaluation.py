"""The same network with other figures, without being built anew.

Other speeds, waits, prices and capacities change no vertex and no arc, only what the arcs cost and the resources hold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from corridors.network.valuation import arc_figures, capacities

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.tables.dataset import Dataset


def revalued(network: Network, dataset: Dataset) -> Network:
    """Return what `network.build` returns for the same data with other figures, in a fraction of its time.

    Parameters
    ----------
    network
        What was built of the data before.
    dataset
        Its tables with other numbers: rows, places, modes, dates and blanks are the same.
    """
    dataset = dataset.ordered()  # as the rows were numbered
    figures = arc_figures(dataset, network.running, network.arcs.table, network.arcs.row)
    limits = capacities(dataset, network.year, [(one.table, one.rows) for one in network.resources])
    resources = tuple(
        one._replace(capacity=limit) for one, limit in zip(network.resources, limits.tolist(), strict=True)
    )
    return replace(network, dataset=dataset, arcs=replace(network.arcs, **figures._asdict()), resources=resources)
