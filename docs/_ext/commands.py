"""The reference of the command line, from the commands themselves.

    ```{commands} corridors.cli:main
    :prog: corridors
    ```

gives a section for each command with its usage, its help and every argument and option.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any, ClassVar

import click
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

AS_LAID_OUT = "\b"  # what click wants before a paragraph whose lines are to stay as they are
LINE = 88


def leaves(command: click.Command, ctx: click.Context) -> Iterator[click.Context]:
    """Yield a context for a command and all below it."""
    yield ctx
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            if below is not None:
                yield from leaves(below, click.Context(below, ctx, name))


class Commands(SphinxDirective):
    """Every command below one, with every option."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"prog": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Make the sections."""
        module, _, name = self.arguments[0].partition(":")
        top: click.Command = getattr(importlib.import_module(module), name)
        start = click.Context(top, None, self.options.get("prog", name))
        start.terminal_width = start.max_content_width = LINE
        return [self._section(ctx) for ctx in leaves(top, start)]

    def _section(self, ctx: click.Context) -> nodes.section:
        path = ctx.command_path
        section = nodes.section(ids=[nodes.make_id(path)], names=[path])
        self.state.document.note_implicit_target(section, section)
        section += nodes.title("", "", nodes.literal(path, path))
        usage = re.sub(r"\s*\n\s*", " ", ctx.command.get_usage(ctx).removeprefix("Usage: "))
        section += nodes.literal_block(usage, usage, language="text", classes=["usage"])
        section += list(_help(ctx.command))
        options = [_option(one, ctx) for one in ctx.command.get_params(ctx)]
        section += nodes.definition_list("", *(one for one in options if one is not None), classes=["options"])
        return section


def _help(command: click.Command) -> Iterator[nodes.Node]:
    """Yield the paragraphs of a command's help, laid out as on the terminal."""
    for text in re.split(r"\n\s*\n", (command.help or "").strip()):
        if text.startswith(AS_LAID_OUT):
            laid = text.removeprefix(AS_LAID_OUT).strip("\n")
            yield nodes.literal_block(laid, laid, language="text")
        else:
            said = " ".join(text.split())
            yield nodes.paragraph(said, said, support_smartquotes=False)


def _option(one: click.Parameter, ctx: click.Context) -> nodes.definition_list_item | None:
    record = one.get_help_record(ctx)
    if isinstance(one, click.Argument):
        term = one.make_metavar(ctx)
        what = " or ".join(one.type.choices) if isinstance(one.type, click.Choice) else ""
        record = (one.human_readable_name.upper() if what else term, f"one of {what}" if what else "")
        if not what:
            return None  # the usage and the help say it
    if record is None:
        return None
    signs, text = record[0], " ".join(record[1].split())
    names = [sign for sign in (*one.opts, *one.secondary_opts) if sign.startswith("-")]
    ids = [nodes.make_id(f"{ctx.command_path} {names[-1]}")] if names else []
    term = nodes.term("", "", nodes.literal(signs, signs), ids=ids)
    return nodes.definition_list_item(
        "", term, nodes.definition("", nodes.paragraph(text, text, support_smartquotes=False))
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("commands", Commands)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
