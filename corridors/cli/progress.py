"""Progress on standard error: a spinner on a terminal, plain lines elsewhere, nothing if asked to be quiet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def steps(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function that is told the name of each step as it begins."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        from rich.console import Console  # only a terminal needs it

        with Console(stderr=True).status("starting") as status:
            yield lambda step: status.update(f"{step} ...")
    else:
        yield lambda step: print(f"{step} ...", file=sys.stderr, flush=True)
