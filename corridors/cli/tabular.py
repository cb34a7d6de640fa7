"""Tables for people: aligned columns, numbers to the right, never wider than they need to be."""

from __future__ import annotations

import sys
from collections.abc import Sequence

PIPE_WIDTH = 160


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print a table; `right` are the positions of the columns set to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    grid = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
    for number, column in enumerate(columns):
        figure = number in right
        grid.add_column(column, justify="right" if figure else "left", overflow="fold", no_wrap=figure)
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    console.print(grid)
