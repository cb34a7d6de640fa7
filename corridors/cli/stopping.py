"""What stops a command from outside: Ctrl-C, a request to end (SIGTERM) and a terminal that goes (SIGHUP).

All three unwind the command as Ctrl-C does, so that temporary files and other processes end with it. A signal that
comes while a module is being imported waits until that is done: an import that is torn ends in any error or in none.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

WORDS = {"SIGINT": "interrupted", "SIGTERM": "asked to end", "SIGHUP": "the terminal is gone"}
_IMPORTS = "<frozen importlib._bootstrap>"  # the file that code of the import system says it comes from
_AGAIN = 0.01  # seconds until a signal that had to wait is heard again


class Signalled(KeyboardInterrupt):
    """One of the signals of `WORDS`; whoever is fit for Ctrl-C is fit for it."""


class Listener:
    """Turns signals into `Signalled` and remembers the last."""

    def __init__(self) -> None:
        self.heard: int | None = None

    @property
    def code(self) -> int | None:
        """Return the exit code that tells a shell which signal was heard; None if there was none."""
        return None if self.heard is None else 128 + self.heard

    @property
    def word(self) -> str:
        """Say in a word what was heard."""
        return WORDS["SIGINT" if self.heard is None else signal.Signals(self.heard).name]

    def hear(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        self.heard = number
        if hasattr(signal, "setitimer") and _importing(frame):
            self.wait()
            return
        raise Signalled

    def wait(self) -> None:
        """Have the last signal heard again in a moment."""
        signal.signal(signal.SIGALRM, lambda _, frame: self.hear(self.heard or signal.SIGINT, frame))
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)

    def lost(self, before: Any, fault: Any) -> None:
        """Hear a signal again that came where nothing can be raised, as while an object is taken away."""
        if isinstance(fault.exc_value, Signalled) and hasattr(signal, "setitimer"):
            self.wait()
        else:
            before(fault)


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTS:
            return True
        frame = frame.f_back
    return False


@contextmanager
def listening(*, for_good: bool) -> Iterator[Listener]:
    """Listen to the signals of `WORDS`, but for those that the process was told to ignore (`nohup`).

    Parameters
    ----------
    for_good
        Whether this is the process's whole life: then the signals end it after the block, without a word.
    """
    listener = Listener()
    if threading.current_thread() is not threading.main_thread():
        yield listener
        return
    numbers = [getattr(signal, name) for name in WORDS if hasattr(signal, name)]
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {one: signal.signal(one, listener.hear) for one in numbers if signal.getsignal(one) in usual}
    hook = sys.unraisablehook
    sys.unraisablehook = lambda fault: listener.lost(hook, fault)
    try:
        yield listener
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = hook
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if for_good else handler)
