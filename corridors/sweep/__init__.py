"""Many changed problems: the order of work, their rows on disk, and the processes that solve them."""

from corridors.sweep.sweep import Stopped, Sweep, SweepProgress, run

__all__ = ["Stopped", "Sweep", "SweepProgress", "run"]
