"""Progress as it suits where the code runs: a terminal, a notebook, or a program that nobody looks at.

A notebook gets one line that is rewritten in place, so that what is saved holds no more than its last state; and
neither it nor a log hears of what is over within a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from corridors.text import progress
from corridors.text.language import LANGUAGES, language

if TYPE_CHECKING:
    from corridors.sweep.sweep import SweepProgress

PATIENCE = 1.0  # seconds
_SAY = language(LANGUAGES[0])  # of this package and its docstrings; charts and reports have their own


@contextmanager
def steps(*, shown: bool = True) -> Iterator[Callable[[str], None]]:
    """Yield a function that is told the name of each step as it begins."""
    if shown and _notebook():
        with _line() as line:
            yield lambda step: line.tell(f"{step} ...")
        return
    with progress.steps(_SAY, quiet=not shown) as tell:
        yield tell if sys.stderr.isatty() else _late(tell)


@contextmanager
def counting(*, shown: bool = True) -> Iterator[Callable[[SweepProgress], None]]:
    """Yield a function that is told how far a sweep is."""
    if shown and _notebook():
        with _line() as line:
            yield lambda far: line.tell(progress.sentence(_SAY, far))
        return
    with progress.counting(_SAY, quiet=not shown) as tell:
        yield tell if sys.stderr.isatty() else _late(tell)


def _late[T](tell: Callable[[T], None]) -> Callable[[T], None]:
    """Tell only now and then, and nothing of what is over soon."""
    again = time.monotonic() + PATIENCE

    def told(what: T) -> None:
        nonlocal again
        if time.monotonic() >= again:
            again = time.monotonic() + progress.PLAIN_SECONDS
            tell(what)

    return told


def _notebook() -> bool:
    """Tell whether a notebook's kernel runs this; IPython is then imported already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


class _Line:
    """One line of a notebook's output, rewritten in place; it appears once there is something to wait for."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._handle: Any = None

    def tell(self, text: str) -> None:
        """Show a text in place of the last one."""
        from IPython.display import display  # there is a kernel, so there is IPython

        if self._handle is not None:
            self._handle.update({"text/plain": text}, raw=True)
        elif time.monotonic() - self._begun > PATIENCE:
            self._handle = display({"text/plain": text}, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def end(self) -> None:
        """Leave how long it took."""
        if self._handle is not None:
            self.tell(f"took {progress.duration(_SAY, time.monotonic() - self._begun)}")


@contextmanager
def _line() -> Iterator[_Line]:
    line = _Line()
    yield line
    line.end()
