"""Several scenarios planned beside the base, as a notebook holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.notebook import html
from corridors.notebook.networks import KT_PER_MT
from corridors.planning import scenario_runs

if TYPE_CHECKING:
    import pandas as pd

    from corridors.notebook.differences import Difference
    from corridors.notebook.plans import Plan


@dataclass(frozen=True, eq=False, repr=False)
class Runs:
    """Scenarios beside the base; `corridors.run` gives them.

    Attributes
    ----------
    cases
        Each scenario, after the bases that they are compared with, with its plan or why it has none.
    plans
        By the scenarios' names; those without a plan are missing.
    """

    cases: tuple[scenario_runs.Case, ...]
    plans: Mapping[str, Plan]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each case: totals, `cost_change` relative to its `base`, `status`, and `why` it failed if so."""
        return scenario_runs.headline(self.cases)

    @property
    def comparison(self) -> pd.DataFrame:
        """One long table: totals, corridors and bottlenecks that differ from its base."""
        return scenario_runs.comparison(self.cases)

    @property
    def differences(self) -> dict[str, Difference]:
        """What moved from its base to each scenario."""
        pairs = {case.name: case.base for case in self.cases if case.name != case.base}
        plans = self.plans
        return {name: plans[name].against(plans[base]) for name, base in pairs.items() if {name, base} <= plans.keys()}

    def __repr__(self) -> str:
        """Return one line."""
        return f"<Runs: {', '.join(case.name for case in self.cases)}>"

    def _repr_html_(self) -> str:
        head = self.table
        columns = ["scenario", "base", "year", "to base", "Mt served", "Mt left", "bn tkm", "days", "Mt CO2e"]
        failed = head[head["status"] == "failed"]
        without = [html.sentence(f"{row.scenario} was not planned: {row.why}") for row in rows(failed)]
        return html.block(
            html.table(columns, [_line(row) for row in rows(head)], right=range(2, 9)),
            *without,
            html.sentence("to base: change of what is minimised"),
        )


def _line(row: Any) -> list[str]:
    if row.status == "failed":
        return [row.scenario, row.base, *[""] * 6, "not planned"]
    change = "–" if row.cost_change != row.cost_change else f"{row.cost_change:+.2%}"
    return [
        row.scenario,
        row.base,
        f"{row.year:.0f}",
        change,
        html.number(row.kt_served / KT_PER_MT, 1),
        html.number(row.kt_unserved / KT_PER_MT, 1),
        html.number(row.t_km / 1e9, 1),
        html.number(row.days_mean, 2),
        html.number(row.t_co2e / 1e6, 2),
    ]
