"""Uncertain figures: samples of them, what comes of each, and which of them matter."""

from corridors.uncertainty.experiment import SAMPLE, Options, Shared, Tasks, options, prepare, solve, sweep_of

__all__ = ["SAMPLE", "Options", "Shared", "Tasks", "options", "prepare", "solve", "sweep_of"]
