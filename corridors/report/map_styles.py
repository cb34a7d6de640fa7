"""How the map tells modes apart without colour: by the line's pattern, so that it reads in black and white, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.text.language import Language

UNNAMED = ("fix", "waypoint")  # kinds of places that nobody looks for
OVERFLIGHT = "overflight"  # on the map: by air, over the home country between other countries
IDLE = later("no freight in this plan")
RAIL, ROAD, AIR = "rail", "road", "air"
PIPELINE, SHIP = later("pipeline"), later("ship")
PATTERNS = {  # lengths of dashes and gaps, pixels; none is an unbroken line
    RAIL: [],
    ROAD: [9, 3],
    PIPELINE: [3, 2],
    SHIP: [14, 3, 3, 3],
    AIR: [2, 6],
}
IDLE_PATTERN = [1, 3]


def pattern(mode: str) -> str:
    """Return the one of `PATTERNS` that a mode is drawn with; what is neither on land, in a pipe nor by air, sails."""
    if mode.endswith(PIPELINE):
        return PIPELINE
    return AIR if mode == OVERFLIGHT else mode if mode in PATTERNS else SHIP


def pattern_name(mode: str, say: Language) -> str:
    """Name the pattern of a mode."""
    named = pattern(mode)
    return say(named) if named in (PIPELINE, SHIP) else say.term(named)


def mode_name(mode: str, say: Language) -> str:
    """Name a mode as the map's controls have it."""
    return say("flights over, between others") if mode == OVERFLIGHT else say.term(mode)
