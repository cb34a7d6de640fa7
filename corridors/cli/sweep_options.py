"""What the commands that sweep share: where it is solved, how far it is, and what Ctrl-C leaves."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from corridors.cli.errors import Interrupted
from corridors.cli.options import WORKERS_VARIABLE, Decorator, output_options

if TYPE_CHECKING:
    from corridors.sweep.store import Results
    from corridors.sweep.sweep import Sweep, SweepProgress
    from corridors.text.language import Language


@dataclass(frozen=True)
class Sweeping:
    """Where a sweep is kept and solved, as the options say.

    Attributes
    ----------
    out, force
        The folder of its rows, and whether it may take the place of another sweep; None keeps nothing.
    workers, cluster
        So many processes of this machine, or the address of a Dask scheduler.
    quiet
        Whether nothing is said about progress.
    """

    out: Path | None
    force: bool
    workers: int
    cluster: str | None
    quiet: bool


def sweep_options(tables: str = "") -> Decorator:
    """Add `--out`, `--force`, `--workers`, `--cluster`, `--quiet` and those of `output_options`.

    The command takes `how: Sweeping` and `to: Output`; `tables` says which of an answer's tables each format has.
    """
    options = (
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Write everything here as it comes; after an interruption the same command goes on.",
        ),
        click.option("--force", is_flag=True, help="Replace another sweep that is in the folder, or the file of -o."),
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            envvar=WORKERS_VARIABLE,
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

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def called(**given: Any) -> Any:
            how = Sweeping(**{field.name: given.pop(field.name) for field in fields(Sweeping)})
            how = how if how.cluster is None else replace(how, workers=1)
            return command(how=how, **given)

        whole = output_options(tables, force=False)(called)
        for option in reversed(options):
            whole = option(whole)
        return whole

    return add


@contextmanager
def watching(say: Language, how: Sweeping) -> Iterator[Callable[[SweepProgress], None]]:
    """Yield what `sweep.run` takes as its `progress`; if it is interrupted, end with a sentence on what is kept."""
    from corridors.sweep.sweep import Stopped
    from corridors.text.progress import counting

    try:
        with counting(say, quiet=how.quiet) as told:
            yield told
    except Stopped as stop:
        raise Interrupted(str(stop)) from None


@contextmanager
def sweeping(say: Language, sweep: Sweep, how: Sweeping) -> Iterator[Results]:
    """Run a sweep as the options say and yield its results, closed after the block."""
    from corridors.sweep.sweep import run

    with watching(say, how) as told:
        results = run(sweep, how.out, workers=how.workers, cluster=how.cluster, progress=told, force=how.force)
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
    typed = ctx.get_parameter_source("workers") is not ParameterSource.ENVIRONMENT  # there it is only what is usual
    if given.get("cluster") is not None and given.get("workers", 1) > 1 and typed:
        raise click.UsageError("--workers starts processes here and --cluster uses another's; give one of them.")
    return value
