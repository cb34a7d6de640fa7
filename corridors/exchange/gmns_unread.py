"""What a GMNS network says and the problem made of it does not: named, so that nobody takes it for read.

Only what may change an answer is named; names, geometry, widths and the like are passed over without a word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from corridors.exchange.csv_tables import CsvTable, find
from corridors.exchange.numbers import called, many

_TABLES = {
    **dict.fromkeys(("movement.csv", "movement_tod.csv"), "turns"),
    **dict.fromkeys(("link_tod.csv", "time_set_definitions.csv"), "times of day"),
    **dict.fromkeys(("segment.csv", "segment_tod.csv"), "what differs along a link"),
    **dict.fromkeys(("lane.csv", "lane_tod.csv", "segment_lane.csv", "segment_lane_tod.csv"), "single lanes"),
    **dict.fromkeys(("signal_controller.csv", "signal_phase_mvmt.csv", "signal_timing_plan.csv"), "signals"),
}
_TELLING = re.compile(  # columns of links whose names say that they change a time, a cost, a capacity or a direction
    r"toll|allowed_uses?|(ab|ba)_.*|.*_(ab|ba)|.*_toll\w*|toll_\w*|\w*cost\w*|\w*fftt\w*|free_flow_time|\w*travel_time|vdf_\w+"
    r"|\w*impedance\w*|\w*penalty\w*|capacity_\w+|\w+_capacity|lanes_\w+|speed_limit|bidirectional|two_?way|one_?way|direction"
)
_TURNED = re.compile(r"bidirectional|two_?way|one_?way|direction")
_NOTHING = re.compile(r"[+-]?0*\.?0*")
_DEMAND = ("time_period", "period", "use", "mode", "mode_type", "agent_type", "vehicle_type")


def unread(folder: Path, links: CsvTable, demand: CsvTable, read: Collection[str] = ()) -> Iterator[str]:
    """Yield a sentence for each table and column that is there, may change the answer and is not `read`."""
    there = {name: what for name, what in _TABLES.items() if find(folder, name) is not None}
    if there:
        what = ", ".join(dict.fromkeys(there.values()))
        yield f"{called(folder)}: not read, although there is something about {what}: {', '.join(there)}"
    for sheet, wanted in ((links, _TELLING.fullmatch), (demand, _DEMAND.__contains__)):
        telling = [column for column in sheet.columns if wanted(column) and column not in read]
        if sheet is links and "directed" not in links:  # then a column of directions is a fault of its own
            telling = [column for column in telling if not _TURNED.fullmatch(column)]
        rows = {column: sum(not _NOTHING.fullmatch(cell) for cell in sheet.cells(column)) for column in telling}
        named = [f"{column} ({many(count, 'row')})" for column, count in rows.items() if count]
        if named:
            yield f"{called(sheet.path)}: not read: {', '.join(named)}"


def turned(links: CsvTable) -> str | None:
    """Return the column of a name of its own that tells which links lead both ways; None if there is none."""
    return next((column for column in links.columns if _TURNED.fullmatch(column)), None)
