"""Uncertain parameters: samples of them, what comes of each, and which of them matter."""

from corridors.uncertainty.experiment import (
    SAMPLE,
    Shared,
    Tasks,
    UncertaintySettings,
    prepare,
    settings_for,
    solve,
    sweep_of,
)

__all__ = ["SAMPLE", "Shared", "Tasks", "UncertaintySettings", "prepare", "settings_for", "solve", "sweep_of"]
