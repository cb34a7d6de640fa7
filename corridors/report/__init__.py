"""Plans shown: charts, maps, and one page that needs no network.

Nothing heavy is imported here; `drawing` imports what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.errors import DataError
from corridors.suggest import find_one
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.planning.planner import Plan
    from corridors.report.context import Subject
    from corridors.report.vegalite import Drawing
    from corridors.text.language import Language

__all__ = ["CHARTS", "draw", "drawing", "find"]

CHARTS = {
    "map": later("Corridors: tonnes and utilisation"),
    "home-map": later("Corridors at home: tonnes and utilisation"),
    "corridors": later("What the corridors carry"),
    "bottlenecks": later("What bottlenecks are worth"),
    "comparison": later("Sea, rail, road and air between two places"),
    "flows": later("From country to country, and by what"),
    "modes": later("The work of each mode"),
    "scorecard": later("The model beside published figures"),
    "assumptions": later("Where the data are assumed"),
    "changes": later("What changed against another plan"),
}


def find(name: str) -> str:
    """Return the one of `CHARTS` that is meant.

    Raises
    ------
    NameUnknown
        If there is none; the nearest are named.
    """
    return find_one(CHARTS, name, "chart", "a report")


def draw(name: str, plan: Plan, network: Network, say: Language, against: Plan | None = None) -> Drawing:
    """Draw one of `CHARTS` as an Altair chart, titled.

    Parameters
    ----------
    name
        A key of `CHARTS`.
    plan, network
        A plan, and the network that it was made on.
    say
        The language of its words and numbers.
    against
        The other plan, for ``changes``.

    Raises
    ------
    NameUnknown
        If there is no such chart.
    DataError
        If ``changes`` is asked for without another plan.
    """
    name = find(name)
    if name == "changes" and against is None:
        raise DataError("the chart 'changes' compares two plans: give the other one, too (--against)")
    from corridors.report.context import Subject

    return drawing(name, Subject(plan, network, say), against)


def drawing(name: str, subject: Subject, against: Plan | None = None) -> Drawing:
    """Draw one of `CHARTS` of a subject; see `draw`."""
    from corridors.report.charts import DRAWN_BY, changes

    chart = DRAWN_BY[name](subject) if against is None or name != "changes" else changes(subject, against)
    chart.description = subject.say(CHARTS[name])  # set, not by `properties`: that copies the whole map
    if not isinstance(chart.title, str):
        chart.title = chart.description
    return chart
