"""`corridors completion`: what a shell needs to complete commands, options and file names."""

from __future__ import annotations

import click

from corridors.cli.streams import echo

VARIABLE = "_CORRIDORS_COMPLETE"  # by which a shell asks the program itself
SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what SHELL needs to complete the words of this program with the key Tab.

    Add one line to the file that your shell reads when it starts:

    \b
      eval "$(corridors completion bash)"       ~/.bashrc
      eval "$(corridors completion zsh)"        ~/.zshrc
      corridors completion fish | source        ~/.config/fish/config.fish
    """  # noqa: D301 - click wants the character, not its spelling
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is not None:
        echo(found(click.get_current_context().find_root().command, {}, "corridors", VARIABLE).source(), exact=True)
