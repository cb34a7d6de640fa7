"""Flows between countries as a Sankey diagram: origin, main mode, destination."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import altair as alt
import numpy as np

from corridors.frames import rows
from corridors.report.map_layers import KT_PER_MT
from corridors.report.style import INK, RIBBONS, RIM
from corridors.report.vegalite import layered

if TYPE_CHECKING:
    from corridors.report.context import Subject

MOST = 12  # countries on each side; the others are taken together
OTHERS = "*"
GAP = 0.006  # between two blocks, of the diagram's height
BEND = 20  # points of a ribbon's edge
WIDTH, HEIGHT = 820, 520
WIDE = 0.02  # half a block's width, of the way from column to column
LEAST = 0.028  # the height that a name needs, of the diagram's
ROOM = 0.45  # for the names on both sides

type Flows = dict[tuple[str, str, str], float]


@dataclass
class _Block:
    """A country or a mode: an upright bar from `bottom`, as high as its tonnes."""

    column: int
    name: str
    kt: float = 0.0
    bottom: float = 0.0
    high: float = 0.0


class _Ribbon(NamedTuple):
    """What goes from one block to another by a mode."""

    start: _Block
    end: _Block
    mode: str
    kt: float


def flows(subject: Subject) -> Flows:
    """Return kt a year by origin country, main mode (by km) and destination country."""
    km = {link: (row.mode, row.km) for link, row in subject.links.items()}
    found: Flows = {}
    for row in rows(subject.plan.routes):
        run: dict[str, float] = {}
        for link in filter(None, row.links.split(";")):
            mode, length = km[link]
            run[mode] = run.get(mode, 0.0) + length
        if run:
            ends = (subject.places[row.origin]["country"], subject.places[row.destination]["country"])
            key = (ends[0], max(run, key=lambda one: (run[one], one)), ends[1])
            found[key] = found.get(key, 0.0) + float(row.kt)
    return _largest(_largest(found, 0), 2)


def _largest(found: Flows, side: int) -> Flows:
    """Keep the largest countries of a side and take the others together."""
    kt: dict[str, float] = {}
    for key, amount in found.items():
        kt[key[side]] = kt.get(key[side], 0.0) + amount
    kept = set(sorted(kt, key=lambda one: -kt[one])[:MOST])
    merged: Flows = {}
    for key, amount in found.items():
        parts = [one if place != side or one in kept else OTHERS for place, one in enumerate(key)]
        new = (parts[0], parts[1], parts[2])
        merged[new] = merged.get(new, 0.0) + amount
    return merged


def draw(subject: Subject) -> alt.LayerChart:
    """Draw the diagram; a ribbon's height is tonnes."""
    found = flows(subject)
    blocks = _blocks(found)
    colours = _colours(blocks)
    x = alt.X("x:Q", scale=alt.Scale(domain=[-ROOM, 2 + ROOM]), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    tip = [alt.Tooltip("name:N", title=subject.say("flow")), alt.Tooltip("tonnes:N", title=subject.say("a year"))]
    shade = alt.Color("mode:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None)
    told = alt.LookupData(alt.NamedData("told"), key="ribbon", fields=["mode", "name", "tonnes"])
    ribbons = alt.Chart(alt.NamedData("ribbons")).transform_lookup(lookup="ribbon", from_=told).mark_area(opacity=0.55)
    bars = alt.Chart(alt.NamedData("blocks"))
    layers = [
        ribbons.encode(x=x, y=y, y2="y2:Q", detail="ribbon:N", color=shade, tooltip=tip),
        bars.mark_rect(fill=INK).encode(x=x, x2="x2:Q", y=y, y2="y2:Q", tooltip=tip),
    ]
    sides: list[tuple[int, Literal["left", "right"], int, str]]
    sides = [(0, "right", -5, "x:Q"), (1, "left", 5, "x2:Q"), (2, "left", 5, "x2:Q")]
    for side, align, dx, at in sides:
        words = bars.transform_filter(f"datum.column == {side}").encode(
            x=alt.X(at, axis=None), y=alt.Y("centre:Q", axis=None), text="label:N"
        )
        layers.append(words.mark_text(align=align, dx=dx, **RIM))
        layers.append(words.mark_text(align=align, dx=dx, color=INK))
    chart = layered(*layers)
    chart = chart.properties(width=WIDTH, height=HEIGHT)
    drawn = _ribbons(blocks, found)
    chart.datasets = {
        "ribbons": _points(drawn),
        "told": _told(subject, drawn),
        "blocks": [_bar(subject, block) for block in blocks.values()],
    }
    return chart


def _blocks(found: Flows) -> dict[tuple[int, str], _Block]:
    """Stack the blocks of each column between 0 and 1, the largest on top, none too low for its name."""
    blocks: dict[tuple[int, str], _Block] = {}
    for key, kt in found.items():
        for column, name in enumerate(key):
            blocks.setdefault((column, name), _Block(column, name)).kt += kt
    stacks = [[block for block in blocks.values() if block.column == side] for side in range(3)]
    share = min((_share(stack) for stack in stacks if stack), default=1.0)
    for stack in stacks:
        top = 1.0
        for block in sorted(stack, key=lambda one: (one.name == OTHERS, -one.kt)):
            block.high = block.kt * share
            slot = max(block.high, LEAST)
            block.bottom = top - (slot + block.high) / 2
            top -= slot + GAP
    return blocks


def _share(column: list[_Block]) -> float:
    """Return the height of a kt at which a column fills the diagram: the low blocks take their least height first."""
    room, heights = 1.0 - GAP * (len(column) - 1), sorted(block.kt for block in column)
    share = room / sum(heights)
    for low in range(len(heights)):
        share = (room - LEAST * low) / sum(heights[low:])
        if heights[low] * share >= LEAST:
            break
    return share


def _ribbons(blocks: dict[tuple[int, str], _Block], found: Flows) -> list[_Ribbon]:
    joined: dict[tuple[tuple[int, str], tuple[int, str], str], float] = {}
    for (origin, mode, destination), kt in found.items():
        for start, end in (((0, origin), (1, mode)), ((1, mode), (2, destination))):
            joined[start, end, mode] = joined.get((start, end, mode), 0.0) + kt
    return [_Ribbon(blocks[start], blocks[end], mode, kt) for (start, end, mode), kt in joined.items()]


def _points(ribbons: list[_Ribbon]) -> list[dict[str, Any]]:
    """Return the edges of all ribbons: a smooth step, 3 t^2 - 2 t^3, from one block to the next.

    At each block the ribbons lie in the order of the blocks at their other ends, so that few cross.
    """
    leave = _tops(ribbons, lambda one: one.start, lambda one: one.end)
    arrive = _tops(ribbons, lambda one: one.end, lambda one: one.start)
    t = np.linspace(0.0, 1.0, BEND)
    found = []
    for number, one in enumerate(ribbons):
        high = one.kt * one.start.high / one.start.kt
        top = leave[number] + (arrive[number] - leave[number]) * (3 * t**2 - 2 * t**3)
        x = one.start.column + WIDE + t * (1 - 2 * WIDE)
        found += [
            {"ribbon": number, "x": round(float(a), 3), "y": round(float(b), 4), "y2": round(float(b - high), 4)}
            for a, b in zip(x, top, strict=True)
        ]
    return found


def _told(subject: Subject, ribbons: list[_Ribbon]) -> list[dict[str, Any]]:
    """Return the mode, the tonnes and the name of each ribbon."""
    return [
        {
            "ribbon": number,
            "mode": one.mode,
            "tonnes": _tonnes(subject, one.kt),
            "name": f"{_name(subject, one.start)} – {_name(subject, one.end)}",
        }
        for number, one in enumerate(ribbons)
    ]


def _tops(
    ribbons: list[_Ribbon], here: Callable[[_Ribbon], _Block], there: Callable[[_Ribbon], _Block]
) -> dict[int, float]:
    """Return the upper edge of each ribbon at the block of one of its ends."""
    used: dict[int, float] = {}
    tops = {}
    for number in sorted(range(len(ribbons)), key=lambda one: -there(ribbons[one]).bottom):
        block = here(ribbons[number])
        before = used.get(id(block), 0.0)
        tops[number] = block.bottom + block.high - before
        used[id(block)] = before + ribbons[number].kt * block.high / block.kt
    return tops


def _bar(subject: Subject, block: _Block) -> dict[str, Any]:
    tonnes = _tonnes(subject, block.kt)
    return {
        "x": block.column - WIDE,
        "x2": block.column + WIDE,
        "column": block.column,
        "y": round(block.bottom, 5),
        "y2": round(block.bottom + block.high, 5),
        "centre": round(block.bottom + block.high / 2, 5),
        "name": _name(subject, block),
        "tonnes": tonnes,
        "label": f"{_name(subject, block)}  {tonnes}",
    }


def _name(subject: Subject, block: _Block) -> str:
    if block.name == OTHERS:
        return subject.say("other countries")
    return subject.say.term(block.name) if block.column == 1 else subject.say.country(block.name)


def _tonnes(subject: Subject, kt: float) -> str:
    return subject.say("{mt} Mt", mt=subject.say.number(kt / KT_PER_MT, 1))


def _colours(blocks: dict[tuple[int, str], _Block]) -> dict[str, str]:
    modes = sorted((block for block in blocks.values() if block.column == 1), key=lambda one: -one.kt)
    return {block.name: RIBBONS[number % len(RIBBONS)] for number, block in enumerate(modes)}
