"""How the command line says that something went wrong: in one sentence, and with an exit code."""

from __future__ import annotations

import errno
import io
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.streams import complain
from corridors.errors import CorridorsError
from corridors.output import printable

if TYPE_CHECKING:
    from corridors.cli.stopping import Listener

FAULT = 1  # of the program
WRONG_INPUT = 2
INTERRUPTED = 130
BROKEN_PIPE = 141  # as a shell says it of whoever writes to a pipe that nobody reads any more
DEBUG = "CORRIDORS_DEBUG"


class Sentence(click.ClickException):
    """An error said in one sentence on standard error, without a traceback."""

    exit_code = WRONG_INPUT

    def format_message(self) -> str:
        """Return the sentence in one line of characters that a terminal shows and does not obey."""
        return printable(self.message, lines=False)


class Interrupted(Sentence):
    """The user stopped the command."""

    exit_code = INTERRUPTED


class Fault(Sentence):
    """The program did what it should not."""

    exit_code = FAULT


class Carried(BaseException):
    """An error on its way past click, which would answer it itself."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def carried() -> Iterator[None]:
    """Carry Ctrl-C and the errors of the system past click."""
    try:
        yield
    except (KeyboardInterrupt, OSError) as error:
        raise Carried(error) from error


def refuse_words(words: Sequence[str]) -> None:
    """Raise `click.UsageError` for an argument that can mean nothing, to whatever command it goes."""
    for word in words:
        if "\0" in word:
            raise click.UsageError("an argument has a NUL in it, which no name and no number has")
        if not word or (word.startswith("--") and word.find("=") == len(word) - 1):
            raise click.UsageError(f"an argument is empty{word and f' ({word})'}; give it a value, or leave it out")


def exit_code(command: Callable[[], Any], listener: Listener) -> int:
    """Run a command and return its exit code; whatever goes wrong is said in a sentence.

    What a user can cause ends with 2, a signal with 128 and its number, a pipe that nobody reads any more as a shell
    says it, and a fault of the program with 1.
    """
    try:
        code = command()
        return code if isinstance(code, int) else 0
    except BaseException as error:  # noqa: BLE001 - the last place where anything can be said
        told = _told(error, listener)
    if told is None:
        return BROKEN_PIPE
    with io.StringIO() as words:
        if listener.echoed:
            words.write("\n")
        told.show(words)
        complain(words.getvalue().rstrip("\n"))
    return told.exit_code if listener.code is None else listener.code


def _told(error: BaseException, listener: Listener) -> click.ClickException | None:
    """Return what is to be said of an error; None if nobody reads any more."""
    if isinstance(error, click.ClickException):
        return error
    if listener.heard is not None or isinstance(error, KeyboardInterrupt | click.Abort):
        # a signal may come out of a library as any other error
        return Interrupted(f"{listener.word}; what was to be written is there whole or not at all")
    if isinstance(error, CorridorsError):
        return Sentence(str(error))
    if isinstance(error, OSError):
        if error.errno == errno.EPIPE:
            return None
        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        return Sentence(f"{place}{error.strerror or error}; check the path and the space on the disk")
    if isinstance(error, UnicodeEncodeError):
        letter = ascii(error.object[error.start])
        return Sentence(f"the output's encoding, {error.encoding}, has no {letter}: set PYTHONUTF8=1")
    if isinstance(error, MemoryError):
        return Sentence("there is not enough memory; ask for less at a time, or run it on a larger machine")
    return _fault(error)


def _fault(error: BaseException) -> click.ClickException:
    """Return what is said of an error that no user should be able to cause."""
    if os.environ.get(DEBUG):
        complain("".join(traceback.format_exception(error)).rstrip("\n"))
    return Fault(
        f"a fault of this program ({type(error).__name__}: {error}); please report it where you have it from, with the "
        f"command and what it prints with {DEBUG}=1"
    )
