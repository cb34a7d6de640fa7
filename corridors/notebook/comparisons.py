"""The best ways between two places by each means of transport, as a notebook holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from corridors.frames import rows
from corridors.network import routes
from corridors.notebook import html
from corridors.sheets import answers
from corridors.text.language import language as language_of
from corridors.text.language import usual
from corridors.text.names import Names

if TYPE_CHECKING:
    import altair as alt

    from corridors.network.network import Network

FIGURES = ("days", "km", "usd_per_t", "usd_per_feu", "kgco2e_per_t", "generalised_usd_per_t")
_SHOWN = ("days", "km", "USD/t", "USD/FEU", "kg CO2e/t")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The best route by each means between two places; `corridors.compare` gives one.

    Attributes
    ----------
    found
        The routes themselves, and why a means has none (`found.unavailable`).
    network
        What they were sought on.
    """

    found: routes.Comparison
    network: Network

    @property
    def table(self) -> pd.DataFrame:
        """A row for each means: days, km, USD/t, USD per 40-foot container, kg CO2e/t, generalised USD/t.

        `usd_per_feu` is blank (NaN) for goods that do not go in containers.
        """
        found = [{"means": one.means} | {name: getattr(one, name) for name in FIGURES} for one in self.found.routes]
        frame = pd.DataFrame(found, columns=["means", *FIGURES])
        return frame.astype(dict.fromkeys(FIGURES, float))

    @property
    def legs(self) -> pd.DataFrame:
        """A row for each leg of each route: km, hours by what they are spent on, USD/t, kg CO2e/t."""
        return answers.legs_of(self.found).frame.copy()

    def chart(self) -> alt.LayerChart | alt.FacetChart:
        """Draw days against money, a point for each means."""
        import altair as alt  # half a second, and only charts need it

        from corridors.report.style import CONFIG

        frame = self.table.assign(by=[self._means[one] for one in self.table["means"]])
        across = alt.X("days:Q", title="days")
        up = alt.Y("usd_per_t:Q", title="USD/t")
        base = alt.Chart(frame, title=self._title, width=420, height=280).encode(across, up)
        points = base.mark_point(filled=True, size=90).encode(
            alt.Color("kgco2e_per_t:Q", title="kg CO2e/t"), tooltip=["by", *FIGURES]
        )
        drawn = alt.layer(points, base.mark_text(dx=8, align="left").encode(text="by:N"))
        drawn.config = CONFIG
        return drawn

    def timeline(self, language: str | None = None) -> alt.LayerChart:
        """Draw each means as a bar of days, leg after leg, by what they are spent on.

        `language` is the code of its texts; None is that of the environment, or else English.
        """
        from corridors.report.timeline import timeline
        from corridors.report.vegalite import dressed  # half a second, and only charts need it

        names = Names(self.network.dataset, usual() if language is None else language_of(language))
        return dressed(timeline(names, [self.found]), names.say)

    @property
    def _means(self) -> dict[str, str]:
        means = self.network.dataset["means"]
        return dict(zip(means["means"], means["name_en"], strict=True))

    @property
    def _title(self) -> str:
        nodes = self.network.dataset["nodes"]
        called = dict(zip(nodes["node"], nodes["name_en"], strict=True))
        ends = f"{called[self.found.origin]} – {called[self.found.destination]}"
        return f"{ends}, {self.found.commodity}, {self.found.running} running"

    def __repr__(self) -> str:
        """Return one line."""
        return f"<Comparison {self._title}: {', '.join(route.means for route in self.found.routes)}>"

    def _repr_html_(self) -> str:
        lines = [
            [
                self._means[row.means],
                html.number(row.days, 1),
                *(html.number(getattr(row, name)) for name in ("km", "usd_per_t", "usd_per_feu", "kgco2e_per_t")),
            ]
            for row in rows(self.table)
        ]
        without = [html.sentence(f"{self._means[one]}: {why}.") for one, why in self.found.unavailable.items()]
        grid = html.table(["by", *_SHOWN], lines, right=range(1, 6))
        return html.block(html.heading(self._title), grid, *without)
