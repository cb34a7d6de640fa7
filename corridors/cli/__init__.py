"""The command line: parse, call, print. No arithmetic, and nothing heavy is imported before it is used."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from corridors.cli.completion import VARIABLE
from corridors.cli.errors import Carried, carried, exit_code, refuse_words
from corridors.cli.language import asked, in_language, speaking, words_of_click
from corridors.cli.stopping import Listener, listening
from corridors.cli.streams import separated
from corridors.output import clear_temporary
from corridors.suggest import did_you_mean

COMMANDS = {
    "plan": ("corridors.cli.plan", "plan", "Plan a year's freight at least cost, with proof."),
    "run": ("corridors.cli.run", "run", "Plan several scenarios and compare them with the base."),
    "diff": ("corridors.cli.diff", "diff", "Tell what moved between two plan folders."),
    "report": ("corridors.cli.report", "report", "Write a plan as one page for people who decide."),
    "chart": ("corridors.cli.chart", "chart", "Write one picture of a plan."),
    "verify": ("corridors.cli.verify", "verify", "Prove a plan folder anew, and every figure in it."),
    "export": ("corridors.cli.export", "export", "Write a plan for QGIS and transport tools."),
    "stress": ("corridors.cli.stress", "stress", "Close everything in turn, or find the worst closures together."),
    "scenarios": ("corridors.cli.scenarios", "scenarios", "List the scenarios, or show one."),
    "compare": ("corridors.cli.compare", "compare", "Compare sea, rail, road and air between two places."),
    "uncertainty": ("corridors.cli.uncertainty", "uncertainty", "Say how sure a plan is, and what to measure next."),
    "estimate": ("corridors.cli.estimate", "estimate", "Estimate what the data only judge, from what was counted."),
    "solve": ("corridors.cli.solve", "solve", "Solve other people's networks, with proof."),
    "assign": ("corridors.cli.assign", "assign", "Assign trips to roads that crowd, with proof."),
    "data": ("corridors.cli.data", "data", "Look at, check and copy data packages."),
    "completion": ("corridors.cli.completion", "completion", "Complete this program's words in a shell."),
}


class Commands(click.Group):
    """A group that imports a command only when it is called, says errors in sentences, and has every command speak."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **how: Any) -> Any:
        """Run the command line, in the language that it asks for; without `args` it is that of the process.

        Ends the process with an exit code, unless it is not to stand alone: then errors are raised.
        """
        if VARIABLE in os.environ and args is None:
            return super().main(args, "corridors", VARIABLE)  # a shell asks, and nothing runs
        words = sys.argv[1:] if args is None else args
        say = asked(words)

        def run() -> Any:
            try:
                with words_of_click(say):
                    told: Any = super(Commands, in_language(self, say))
                    return told.main(args, *rest, standalone_mode=False, obj=say, **how)
            except Carried as one:
                raise one.error from None

        if not standalone_mode:
            return run()

        listener = Listener()

        def alone() -> Any:
            with listening(listener, for_good=args is None):
                refuse_words(words)
                with separated(for_good=args is None):
                    return run()

        with words_of_click(say):
            code = exit_code(alone, listener)
        sys.exit(code)

    def make_context(self, *given: Any, **named: Any) -> click.Context:
        """Read the options, or print the help that they ask for."""
        with carried():
            return super().make_context(*given, **named)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is called; what killed runs left among the temporary files goes first."""
        with carried():
            clear_temporary()
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and put it into the user's language; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return in_language(command, speaking(ctx))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin as a word does, without importing any."""
        say = speaking(ctx)
        found = [CompletionItem(name, help=say(line)) for name, (_, _, line) in COMMANDS.items()]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [one for one in found if one.value.startswith(incomplete)] + options

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called; a wrong name says what may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            meant = did_you_mean(args[0], COMMANDS) or "."
            raise click.UsageError(error.message.rstrip(".") + meant, ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from `COMMANDS`, without importing them."""
        say = speaking(ctx)
        with formatter.section(say("Commands")):
            formatter.write_dl([(name, say(line)) for name, (_, _, line) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="corridors", prog_name="corridors")
def main() -> None:
    """Route a year's freight over transit corridors at least cost, and prove it.

    The embedded data package is Kazakhstan's: its rail, road and air corridors, the Caspian, the deep sea and
    the pipelines, and the ways past the country.

    \b
    Start with:
      corridors plan                            the year's plan, its bottlenecks and their prices
      corridors compare berlin lianyungang      sea or rail, leg by leg
      corridors run dostyk-closed suez-closed   what if
      corridors data references                 the model beside published figures
      corridors data init -o my.xlsx            the data as an Excel workbook, for --data my.xlsx

    CORRIDORS_DATA, CORRIDORS_LANG and CORRIDORS_WORKERS stand for --data, --lang and --workers where these are not
    given.
    """  # noqa: D301 - click wants the character, not its spelling
