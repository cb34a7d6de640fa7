"""What stops a command from outside: Ctrl-C, a request to end (SIGTERM) and a terminal that goes (SIGHUP).

All three unwind the command as Ctrl-C does, so that temporary files and other processes end with it. A signal that
comes while a module is being imported waits until that is done: an import that is torn ends in any error or in none.
One that comes where nothing can be raised, as in a callback from C or while an object is taken away, is heard again.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import click

from corridors.cli.errors import Carried
from corridors.output.leftovers import make_beside, remove
from corridors.output.temporary import TemporaryFolder

WORDS = {"SIGINT": "interrupted", "SIGTERM": "asked to end", "SIGHUP": "the terminal is gone"}
_IMPORTS = "<frozen importlib._bootstrap>"  # the file that code of the import system says it comes from
_COMMAND = click.Group.invoke.__code__  # below it a command runs, and `cli.Commands` takes what it raises past click
_AGAIN = 0.001  # seconds until a signal that had to wait is heard again


class Signalled(KeyboardInterrupt):
    """One of the signals of `WORDS`; whoever is fit for Ctrl-C is fit for it."""


class Listener:
    """Turns signals into `Signalled` and remembers the last."""

    def __init__(self) -> None:
        self.heard: int | None = None
        self.over = False  # then a signal is remembered and raises nothing

    @property
    def code(self) -> int | None:
        """Return the exit code that tells a shell which signal was heard; None if there was none."""
        return None if self.heard is None else 128 + self.heard

    @property
    def word(self) -> str:
        """Say in a word what was heard."""
        return WORDS["SIGINT" if self.heard is None else signal.Signals(self.heard).name]

    @property
    def echoed(self) -> bool:
        """Whether a terminal shows ^C at the end of its line."""
        return self.heard == signal.SIGINT and sys.stderr.isatty()

    def hear(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: by `Signalled` in a command, and by one that click lets pass outside it."""
        self.heard = number
        running = set(_running(frame))
        if self.over:
            return
        if hasattr(signal, "setitimer") and _unfit(running):
            self.wait()
            return
        raise Signalled if _COMMAND in running else Carried(Signalled())

    def wait(self) -> None:
        """Have the last signal heard again in a moment."""
        signal.signal(signal.SIGALRM, lambda _, frame: self.hear(self.heard or signal.SIGINT, frame))
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)

    def lost(self, error: BaseException | None, tell: Callable[[], Any]) -> None:
        """Hear a signal again whose error is on its way to nowhere; any other error is told.

        Parameters
        ----------
        error
            As Python hands it to `sys.unraisablehook`, and C that prints errors and forgets them (Cython does both) to
            `sys.excepthook`.
        tell
            Tells of it as usual.
        """
        if isinstance(error, Signalled | Carried) and hasattr(signal, "setitimer"):
            self.wait()
        else:
            tell()


def _running(frame: FrameType | None) -> Iterator[CodeType]:
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


_WHOLE = {one.__code__ for one in (Listener.lost, make_beside, remove, TemporaryFolder.__init__)}  # ends if it begins


def _unfit(running: set[CodeType]) -> bool:
    """Tell whether code runs that must not be torn: an import, or what is of `_WHOLE`."""
    return not _WHOLE.isdisjoint(running) or any(one.co_filename == _IMPORTS for one in running)


@contextmanager
def listening(listener: Listener, *, for_good: bool) -> Iterator[None]:
    """Listen to the signals of `WORDS`, but for those that the process was told to ignore (`nohup`).

    Parameters
    ----------
    listener
        Hears them.
    for_good
        Whether this is the process's whole life: then the signals end it after the block, without a word.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = (signal.SIG_DFL, signal.default_int_handler)
    numbers = [getattr(signal, name) for name in WORDS if hasattr(signal, name)]
    before = {one: signal.getsignal(one) for one in numbers if signal.getsignal(one) in usual}
    raised, unraised = sys.excepthook, sys.unraisablehook
    try:
        sys.excepthook = lambda kind, error, trace: listener.lost(error, lambda: raised(kind, error, trace))
        sys.unraisablehook = lambda fault: listener.lost(fault.exc_value, lambda: unraised(fault))
        for one in before:
            signal.signal(one, listener.hear)
        yield
    finally:
        listener.over = True
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.excepthook, sys.unraisablehook = raised, unraised
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if for_good else handler)
