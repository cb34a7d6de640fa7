"""Standard output is the answer's alone: whatever a library prints, from Python or from C, goes to standard error.

HiGHS, GDAL and others print where they like. So the command line takes file descriptor 1 for itself when it starts and
puts standard error in its place, for this process and for those that it starts. What the user is to read goes out
through `echo`, the one door, which also takes the power over a terminal out of texts that a stranger wrote.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any, TextIO

import click

from corridors.errors import OutputError
from corridors.output import printable

INPUT, OUTPUT, ERROR = range(3)  # file descriptors
_answer: ContextVar[TextIO | None] = ContextVar("answer", default=None)


@contextmanager
def separated(*, for_good: bool) -> Iterator[None]:
    """Let `sys.stdout` lead where file descriptor 1 led, and that to standard error.

    Where something else than the process's own standard output is written to (a test's, a notebook's), nothing is
    done.

    Parameters
    ----------
    for_good
        Whether this is the process's whole life. Then descriptor 1 is not given back, so that what libraries have in
        their buffers, and what they print when the interpreter ends, does not land behind the answer either.

    Raises
    ------
    OutputError
        If standard output is closed.
    OSError
        If what was printed cannot be written.
    """
    before = sys.stdout
    if before is not sys.__stdout__ or (before is not None and _number(before) != OUTPUT):
        yield
        return
    if OUTPUT in _fill() or before is None:
        raise OutputError("standard output is closed; send it to a file, or to /dev/null")
    if not for_good:
        _flush_c()
    before.flush()
    own = open(os.dup(OUTPUT), "w", encoding=before.encoding, errors=before.errors)  # noqa: SIM115
    os.dup2(ERROR, OUTPUT)
    sys.stdout = own
    try:
        yield
        own.flush()
    finally:
        sys.stdout = before
        if not for_good:
            _flush_c()
            os.dup2(own.fileno(), OUTPUT)
        with suppress(OSError):  # either it was flushed, or another error is on its way
            own.close()


def _number(stream: TextIO) -> int:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return -1


def _fill() -> set[int]:
    """Open the null device where a standard descriptor is closed: the next file opened would take its place."""
    closed = set()
    for number in (INPUT, OUTPUT, ERROR):
        try:
            os.fstat(number)
        except OSError:
            closed.add(number)
            null = os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
            os.set_inheritable(null, True)
    if sys.stderr is None:
        sys.stderr = open(ERROR, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    return closed


def _flush_c() -> None:
    """Empty the buffers of C's standard streams."""
    import ctypes  # only a program that goes on after the command needs it

    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)


def answering[**P, T](command: Callable[P, T]) -> Callable[P, T]:
    """Let what a command echoes be the answer, and what is printed meanwhile by others go to standard error."""

    @wraps(command)
    def called(*given: P.args, **named: P.kwargs) -> T:
        if _answer.get() is not None:  # a command that calls another
            return command(*given, **named)
        with _leading(sys.stdout), redirect_stdout(sys.stderr):
            return command(*given, **named)

    return called


@contextmanager
def captured() -> Iterator[io.StringIO]:
    """Keep what is echoed in the block instead of printing it."""
    with io.StringIO() as kept, _leading(kept):
        yield kept


@contextmanager
def _leading(stream: TextIO) -> Iterator[None]:
    token = _answer.set(stream)
    try:
        yield
    finally:
        _answer.reset(token)


def stream() -> TextIO:
    """Return where the answer goes."""
    return _answer.get() or sys.stdout


def echo(text: str | bytes = "", *, nl: bool = True, err: bool = False, exact: bool = False) -> None:
    """Print a text for people, or bytes for a program; none of it has power over a terminal.

    Parameters
    ----------
    text
        Text with control characters is printed with their escapes (`output.printable`).
    nl
        Whether a new line follows.
    err
        Print to standard error.
    exact
        For CSV and JSON: leave it as it is, unless it goes to a terminal.
    """
    file: Any = sys.stderr if err else stream()
    if isinstance(text, str) and not (exact and not file.isatty()):
        text = printable(text)
    click.echo(text, file=file, nl=nl, color=True)  # of codes for colours none are taken out


def complain(sentence: str) -> None:
    """Print a sentence to standard error; one that nobody can read any more is no second fault."""
    with suppress(OSError, ValueError):
        echo(sentence, err=True)


def columns() -> int | None:
    """Return the width of the terminal that the answer goes to; None if it is none or does not say."""
    if not stream().isatty():
        return None
    with suppress(ValueError):
        return int(os.environ.get("COLUMNS", "")) or None
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream().fileno()).columns or None
    return None
