"""What the loss of a link, a terminal, a corridor or a country costs."""

from corridors.stress.study import (
    COLUMNS,
    TOGETHER,
    Base,
    Figures,
    Setting,
    TogetherProgress,
    identity,
    prepare,
    ranked,
    solve,
    stress,
    together,
)

__all__ = [
    "COLUMNS",
    "TOGETHER",
    "Base",
    "Figures",
    "Setting",
    "TogetherProgress",
    "identity",
    "prepare",
    "ranked",
    "solve",
    "stress",
    "together",
]
