"""In which language the command line speaks: asked for by `--lang`, or else by the environment; help in it, too."""

from __future__ import annotations

import copy
import gettext
import inspect
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from corridors.cli.streams import answering
from corridors.text.language import DOMAIN, LANGUAGES, LOCALE, Language, language, usual
from corridors.text.progress import logging

VERBOSE = "--verbose"
OPTION, VARIABLE = "--lang", "CORRIDORS_LANG"
UNTOUCHED = "\b\n"  # click's mark of a paragraph whose lines stay as they are


def lang_option() -> click.Option:
    """Return `--lang`. Its value is read by `asked`, before anything is parsed, so that help and errors know it."""
    return click.Option(
        [OPTION],
        type=click.Choice(LANGUAGES),
        envvar=VARIABLE,
        expose_value=False,
        help="The language of what is printed: English, Russian or Kazakh. [default: the environment's]",
    )


def verbose_option() -> click.Option:
    """Return `--verbose`, with which a command logs its steps."""
    return click.Option(
        [VERBOSE],
        is_flag=True,
        expose_value=False,
        callback=_log,
        help="Log each step on standard error, with the seconds that it took.",
    )


def _log(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        ctx.with_resource(logging(speaking(ctx)))


def asked(arguments: Sequence[str]) -> Language:
    """Return the language that a command line asks for, or CORRIDORS_LANG, or else that of the environment."""
    found = os.environ.get(VARIABLE)
    for place, one in enumerate(arguments):
        if one == "--":
            break
        name, equals, value = one.partition("=")
        if name == OPTION:
            found = value if equals else next(iter(arguments[place + 1 :]), None)
    return language(found) if found in LANGUAGES else usual()


def speaking(ctx: click.Context) -> Language:
    """Return the language of a command that runs; where nobody has asked for one, the environment's."""
    return ctx.find_object(Language) or usual()


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a help text, which is what is translated; lines are joined unless they must stay."""
    parts = inspect.cleandoc(text).split("\n\n")
    return [part if part.startswith(UNTOUCHED) else " ".join(part.split()) for part in parts]


def texts(command: click.Command) -> Iterator[str]:
    """Yield the texts of a command's help, those of the commands in it and their options."""
    for text in (command.help, command.short_help, command.epilog, *(_help(one) for one in command.params)):
        if text:
            yield from (one.removeprefix(UNTOUCHED) for one in paragraphs(text))
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from texts(one)


def in_language[C: click.Command](command: C, say: Language) -> C:
    """Return a copy of a command, and of those in it, whose help is in a language, with `--lang` among its options.

    What it echoes is the answer, and nothing else is (`streams.answering`).
    """
    told = copy.copy(command)
    told.callback = answering(command.callback) if command.callback is not None else None
    told.help, told.short_help, told.epilog = (_said(say, one) for one in (told.help, told.short_help, told.epilog))
    known = {name for one in command.params for name in one.opts}
    added = [one for one in (lang_option(), verbose_option()) if not known & {*one.opts}]
    if isinstance(command, click.Group):
        added = [one for one in added if VERBOSE not in one.opts]  # the command in it has it
    told.params = [_option(say, one) for one in (*command.params, *added)]
    if isinstance(told, click.Group):
        told.commands = {name: in_language(one, say) for name, one in told.commands.items()}
    return told


def _option(say: Language, option: click.Parameter) -> Any:
    told: Any = copy.copy(option)
    if _help(option):
        told.help = _said(say, _help(option))
    return told


def _help(option: click.Parameter) -> str | None:
    return getattr(option, "help", None)


def _said(say: Language, text: str | None) -> str | None:
    if not text:
        return text
    marks = (UNTOUCHED if one.startswith(UNTOUCHED) else "" for one in paragraphs(text))
    return "\n\n".join(mark + say(one.removeprefix(mark)) for mark, one in zip(marks, paragraphs(text), strict=True))


@contextmanager
def words_of_click(say: Language) -> Iterator[None]:
    """Let click say its own words (Usage, Options, Error) in a language.

    It takes them from gettext, which goes by the process's text domain and by the environment; both are put back.
    """
    domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = say.code
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before
