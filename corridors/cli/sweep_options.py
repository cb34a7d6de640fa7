"""What the commands that sweep share: where it is solved, how far it is, and what Ctrl-C leaves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.errors import Interrupted
from corridors.cli.options import Decorator

if TYPE_CHECKING:
    from corridors.sweep.store import Results
    from corridors.sweep.sweep import Sweep, SweepProgress
    from corridors.text.language import Language


def sweep_options() -> Decorator:
    """Add `--workers`, `--cluster` and `--quiet`."""
    return _all(
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            default=1,
            show_default=True,
            metavar="N",
            callback=_either,
            help="Solve in so many processes of this machine; the results are the same.",
        ),
        click.option(
            "--cluster",
            metavar="ADDRESS",
            callback=_either,
            help="Solve on the workers of a Dask scheduler, such as tcp://host:8786, instead.",
        ),
        click.option("--quiet", is_flag=True, help="No progress."),
    )


def folder_options() -> Decorator:
    """Add `--out` and `--force`, for what a sweep writes."""
    return _all(
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Write everything here as it comes; after an interruption the same command goes on.",
        ),
        click.option("--force", is_flag=True, help="Replace another sweep that is in the folder, or the file of -o."),
    )


@contextmanager
def watching(say: Language, *, quiet: bool = False) -> Iterator[Callable[[SweepProgress], None]]:
    """Yield what `sweep.run` takes as its `progress`; if it is interrupted, end with a sentence on what is kept."""
    from corridors.sweep.sweep import Stopped
    from corridors.text.progress import counting

    try:
        with counting(say, quiet=quiet) as told:
            yield told
    except Stopped as stop:
        raise Interrupted(str(stop)) from None


@contextmanager
def sweeping(
    say: Language, sweep: Sweep, out: Path | None, *, workers: int, cluster: str | None, force: bool, quiet: bool
) -> Iterator[Results]:
    """Run a sweep as the options say and yield its results, closed after the block."""
    from corridors.sweep.sweep import run

    with watching(say, quiet=quiet) as told:
        results = run(sweep, out, workers=workers, cluster=cluster, progress=told, force=force)
    with results:
        yield results


def for_other_processes(scenarios: tuple[str, ...]) -> tuple[str, ...]:
    """Return scenarios with the paths of files made absolute, so that other processes find them, too."""
    return tuple(
        str(Path(one).resolve()) if Path(one).suffix == ".toml" and os.path.isfile(one) else one for one in scenarios
    )


def _either(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Refuse both options together, whichever is read first."""
    given = {**ctx.params, parameter.name: value}
    if given.get("cluster") is not None and given.get("workers", 1) > 1:
        raise click.UsageError("--workers starts processes here and --cluster uses another's; give one of them.")
    return value


def _all(*options: Decorator) -> Decorator:
    """Add several options at once, in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add
