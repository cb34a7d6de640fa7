"""The virtual network as a notebook holds it: with what its scenarios ask for, and what the caller said."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from corridors import network
from corridors.notebook import html
from corridors.planning.scenario_runs import Terms
from corridors.tables.dataset import BASE

if TYPE_CHECKING:
    import pandas as pd

KT_PER_MT = 1000.0
ANY = Terms()


@dataclass(frozen=True, eq=False, repr=False)
class Network(network.Network):
    """A `corridors.network.Network` that shows itself, and remembers how it was loaded.

    Attributes
    ----------
    carbon_price
        What its scenarios ask for, USD per tonne of CO2e; 0 if they do not.
    chosen
        The scenarios that it was loaded with, as they were named.
    said
        The year and the running figures that the caller asked for, None where scenarios may say.
    """

    carbon_price: float = 0.0
    chosen: tuple[str, ...] = ()
    said: Terms = ANY

    def scorecard(self) -> pd.DataFrame:
        """Hold the model against published figures, one row for each, with pass, fail or not covered.

        Columns are those of `planning.validation.COLUMNS`: `value`, `low`, `high` and `model` in `unit`; `deviation` is
        model / published - 1.
        """
        from corridors.planning.validation import scorecard

        return scorecard(self.dataset)

    def __repr__(self) -> str:
        """Give one line: what it is, of which year, and how large."""
        return (f"<Network of {self.year}, {self.running} running, {_called(self)}: {len(self.vertices)} vertices, "
                f"{len(self.arcs)} arcs, {len(self.resources)} limited resources>")  # fmt: skip

    def _repr_html_(self) -> str:
        data = self.dataset
        asked = data["demand"]["kt"].sum() / KT_PER_MT
        rows = [
            ("places", f"{len(data['nodes']):,}"),
            *((f"links by {mode}", f"{count:,}") for mode, count in data["links"]["mode"].value_counts().items()),
            ("limited resources", f"{len(self.resources):,}"),
            ("demands", f"{len(data['demand']):,}, {html.number(asked, 1)} Mt a year"),
        ]
        title = f"{data.title or data.path.name}: network of {self.year}, {self.running} running, {_called(self)}"
        return html.block(html.heading(title), html.table(["", ""], rows, right=(1,)))


def kept(built: network.Network, carbon_price: float = 0.0, chosen: tuple[str, ...] = (), said: Terms = ANY) -> Network:
    """Give a network as a notebook holds it; one that is so already stays what it is."""
    if isinstance(built, Network):
        return built
    own = {field.name: getattr(built, field.name) for field in fields(network.Network)}
    return Network(**own, carbon_price=carbon_price, chosen=chosen, said=said)


def _called(one: network.Network) -> str:
    return "no scenario" if one.dataset.scenario == BASE else f"scenario {one.dataset.scenario}"
