"""Seconds on two clocks, of things that are done again and again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Seconds(NamedTuple):
    """Seconds on the clock and of the processor, or how many times as long they are."""

    wall: float
    cpu: float

    def divided_by(self, other: Seconds) -> Seconds:
        """Return how many times as long this took as another thing."""
        return Seconds(self.wall / other.wall, self.cpu / other.cpu)


@dataclass
class Times:
    """Wall and CPU seconds of one kind of thing, one after another."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def median(self) -> Seconds:
        """The medians on both clocks."""
        return Seconds(statistics.median(self.wall), statistics.median(self.cpu))

    def measure(self, action: Callable[[], Any]) -> Any:
        """Do it, and note how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = action()
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)
        return result
