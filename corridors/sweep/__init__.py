"""Many changed problems: the order of work, their rows on disk, and the processes that solve them."""

from corridors.sweep.sweep import Progress, Stopped, Sweep, run

__all__ = ["Progress", "Stopped", "Sweep", "run"]
