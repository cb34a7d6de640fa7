"""Ctrl-C and its kin, remembered where an engine would take them for the wish to have the best answer so far."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

_STOPS = ("SIGINT", "SIGTERM", "SIGHUP")  # where somebody handles them


class Interrupt:
    """Remembers Ctrl-C and its kin: the engine takes them for the wish to have the best so far, which is no row."""

    def __init__(self) -> None:
        self._pressed = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():  # the only one that is told of signals
            for number in (getattr(signal, name, None) for name in _STOPS):
                if number is not None and callable(signal.getsignal(number)):
                    self._before[number] = signal.signal(number, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._pressed = True
        self._before[number](number, frame)

    def check(self) -> None:
        """Stop if Ctrl-C was pressed and somebody has caught it."""
        if self._pressed:
            raise KeyboardInterrupt
