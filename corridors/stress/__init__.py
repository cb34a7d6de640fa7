"""What the loss of a link, a terminal, a corridor or a country costs."""

from corridors.stress.study import (
    COLUMNS,
    Base,
    Figures,
    StressSettings,
    identity,
    prepare,
    ranked,
    solve,
    stress,
    worst_combination,
)

__all__ = [
    "COLUMNS",
    "Base",
    "Figures",
    "StressSettings",
    "identity",
    "prepare",
    "ranked",
    "solve",
    "stress",
    "worst_combination",
]
