"""The virtual network as a notebook holds it: with its scenarios, and what they and the caller ask for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from corridors import network
from corridors.notebook import html
from corridors.planning.settings import USUAL, PlanSettings
from corridors.tables.dataset import BASE

if TYPE_CHECKING:
    import pandas as pd

KT_PER_MT = 1000.0


@dataclass(frozen=True, eq=False, repr=False)
class Network(network.Network):
    """A `corridors.network.Network` that shows itself, and remembers how it was loaded.

    Attributes
    ----------
    chosen
        The scenarios that it was loaded with, as they were named.
    settings
        The year and the running figures that the caller asked for, None where scenarios may say, and the carbon price
        that its scenarios ask for.
    """

    chosen: tuple[str, ...] = ()
    settings: PlanSettings = USUAL

    @property
    def carbon_price(self) -> float:
        """What its scenarios ask for, USD per tonne of CO2e; 0 if they do not."""
        asked = self.settings.carbon_price
        return 0.0 if asked is None else asked

    def scorecard(self) -> pd.DataFrame:
        """Hold the model against published figures, one row for each, with pass, fail or not covered.

        Columns are those of `planning.validation.COLUMNS`: `value`, `low`, `high` and `model` in `unit`; `deviation` is
        model / published - 1.
        """
        from corridors.planning.validation import scorecard

        return scorecard(self.dataset)

    def __repr__(self) -> str:
        """Return one line: what it is, of which year, and how large."""
        size = f"{len(self.vertices)} vertices, {len(self.arcs)} arcs, {len(self.resources)} limited resources"
        return f"<Network of {self.year}, {self.running} running, {_called(self)}: {size}>"

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


def kept(built: network.Network, settings: PlanSettings = USUAL, chosen: tuple[str, ...] = ()) -> Network:
    """Return a network as a notebook holds it; one that is so already stays what it is."""
    if isinstance(built, Network):
        return built
    own = {field.name: getattr(built, field.name) for field in fields(network.Network)}
    return Network(**own, chosen=chosen, settings=settings)


def _called(one: network.Network) -> str:
    return "no scenario" if one.dataset.scenario == BASE else f"scenario {one.dataset.scenario}"
