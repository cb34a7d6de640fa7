"""How the command line says that something went wrong."""

from __future__ import annotations

import click

WRONG_INPUT = 2
INTERRUPTED = 130


class Sentence(click.ClickException):
    """An error said in one sentence on standard error, without a traceback."""

    exit_code = WRONG_INPUT


class Interrupted(Sentence):
    """The user stopped the command."""

    exit_code = INTERRUPTED
