"""Options that several commands share."""

from __future__ import annotations

import functools
import math
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from corridors.cli.language import speaking
from corridors.cli.streams import stream
from corridors.errors import DataError, OutputError
from corridors.models.methods import METHODS
from corridors.output import refuse_file
from corridors.text.choices import ASSIGNMENTS, CHOICES, NESTS, OBJECTIVES, TYPICAL
from corridors.text.language import Language, usual

if TYPE_CHECKING:
    from corridors.planning.settings import PlanSettings

UNDER = "Plan under a scenario (corridors scenarios lists them) or a TOML file; may be repeated, in order."
DATA_VARIABLE, WORKERS_VARIABLE = "CORRIDORS_DATA", "CORRIDORS_WORKERS"
FORMATS = {"text": ".txt", "csv": ".csv", "json": ".json", "xlsx": ".xlsx"}

CARBON_PRICE = "A price per tonne of CO2e, added to the money."

type Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
type Settings = Callable[[], PlanSettings]


class Finite(click.FloatRange):
    """A number in a range; NaN, which no comparison refuses, and infinity are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


def named_shares(option: str, texts: Sequence[str], what: str, example: str) -> list[tuple[str, float]]:
    """Read the values of an option such as PLACE=SHARE.

    Raises
    ------
    DataError
        If one is none; the sentence says what was found and expected.
    """
    found = []
    for text in texts:
        name, _, share = text.rpartition("=")
        try:
            number = float(share)
        except ValueError:
            number = math.nan
        if not name.strip() or not math.isfinite(number):
            decimal = "; decimals have a point, not a comma" if re.fullmatch(r"\s*\d*,\d+\s*", share) else ""
            raise DataError(f"{option} {text}: expected {what}=SHARE with a share such as {example}{decimal}")
        found.append((name, number))
    return found


def data_option() -> Decorator:
    """Add `--data DIR|FILE.xlsx`, the data package to read."""
    return click.option(
        "--data",
        "folder",
        type=click.Path(path_type=Path),
        envvar=DATA_VARIABLE,
        metavar="DIR|FILE.xlsx",
        help="A data package to read instead of the embedded one: a folder (corridors data init DIR makes a copy) or "
        "an Excel workbook (corridors data init -o FILE.xlsx).",
    )


def year_option() -> Decorator:
    """Add `--year`, which links are open."""
    return click.option(
        "--year",
        type=click.IntRange(1900, 2200),
        help="The year of the network: what opens later is left out. [default: the data's base year]",
    )


def running_option() -> Decorator:
    """Add `--running`, the set of running figures."""
    return click.option(
        "--running",
        default=TYPICAL,
        show_default=True,
        metavar="typical|best",
        help="Speeds and waits: today's practice, or the national strategy's best conditions.",
    )


def objective_option() -> Decorator:
    """Add `--objective`, what is minimised."""
    return click.option(
        "--objective",
        type=click.Choice(OBJECTIVES),
        default=OBJECTIVES[0],
        show_default=True,
        help="What to minimise: money and time's worth, money, time, or emissions.",
    )


def carbon_price_option(text: str = CARBON_PRICE, **more: Any) -> Decorator:
    """Add `--carbon-price`; it has no default, so that a scenario may say, unless the command shows one."""
    return click.option("--carbon-price", type=Finite(0, 1e5), metavar="USD", help=text, **more)


def method_option() -> Decorator:
    """Add `--method`, how it is solved."""
    return click.option(
        "--method",
        type=click.Choice(METHODS),
        default=METHODS[0],
        show_default=True,
        help="Column generation, or the arc formulation in PuLP that it is checked against.",
    )


def tau_option() -> Decorator:
    """Add `--tau`, how sharply shippers choose."""
    return click.option(
        "--tau",
        type=Finite(0, min_open=True),
        metavar="NUMBER",
        help="How sharply all shippers choose: near 0 by chance, the larger the nearer to the linear plan. "
        "[default: the data's, by cargo]",
    )


def choice_options() -> dict[str, Decorator]:
    """Return `--choice`, `--assign`, `--tau` and `--nests`, whether and how shippers choose, for `plan_options`."""
    return {
        "choice": click.option(
            "--choice",
            type=click.Choice(CHOICES),
            default=CHOICES[0],
            show_default=True,
            help="How freight finds its ways: the optimum of one hand (linear), shippers who choose among listed "
            "routes by probability (logit), or among all routes at once (network).",
        ),
        "assign": click.option(
            "--assign",
            type=click.Choice(ASSIGNMENTS),
            default=ASSIGNMENTS[0],
            show_default=True,
            help="With --choice logit: let places that crowd cost time. Each shipper pays the time that it waits "
            "(equilibrium), or also the time that it makes others wait (optimum).",
        ),
        "tau": tau_option(),
        "nests": click.option(
            "--nests",
            type=click.Choice(NESTS),
            default=NESTS[0],
            show_default=True,
            help="With --choice logit: what makes two routes one way. Modes, frontiers and ports at home (frontiers), "
            "modes alone (chain), or nothing (none).",
        ),
    }


def plan_options(**options: Decorator) -> Decorator:
    """Add options of a plan, each by its name in `PlanSettings`; the command takes `settings: Settings`.

    Calling `settings()` makes the `PlanSettings`; what the user did not write is left to the scenarios, or the usual.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def called(**given: Any) -> Any:
            ctx = click.get_current_context()
            values = {name: given.pop(name) for name in options}
            written_by_user = {name: value for name, value in values.items() if written(ctx, name)}

            def settings() -> PlanSettings:
                from corridors.planning.settings import PlanSettings  # brings pandas, after the first word of progress

                return PlanSettings(**written_by_user)

            return command(settings=settings, **given)

        whole: Callable[..., Any] = called
        for option in reversed(options.values()):
            whole = option(whole)
        return whole

    return add


@dataclass(frozen=True)
class Output:
    """Where an answer goes, in which of `FORMATS` and, as text, in which language; without a path to standard output.

    `command` is what the user typed, for tables that tell where they come from.
    """

    form: str
    path: Path | None = None
    force: bool = False
    command: str = ""
    say: Language = field(default_factory=usual)

    def seen(self) -> Output:
        """Return where an answer goes that must be seen, as it is not good enough to be kept."""
        return replace(self, path=None, form="text" if self.path or self.form == "xlsx" else self.form)


def output_options(tables: str = "", *, force: bool = True) -> Decorator:
    """Add `--format`, `--output` and, unless the command has its own, `--force`; the command takes a `to: Output`.

    `tables` says which of an answer's tables each format has, if not all. What cannot be written is refused before any
    work.
    """
    options = [
        click.option(
            "--format",
            "form",
            type=click.Choice(list(FORMATS)),
            help=f"How to write it.{tables and f' {tables}'} [default: as FILE ends, or text]",
        ),
        click.option(
            "-o",
            "--output",
            "path",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write what is printed into this file instead: .txt, .csv, .json or .xlsx.",
        ),
    ]
    if force:
        options.append(click.option("--force", is_flag=True, help="Replace FILE if it is there."))

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def called(*, form: str | None, path: Path | None, **given: Any) -> Any:
            replaced = given.pop("force") if force else given["force"]
            ctx = click.get_current_context()
            to = Output(_form(form, path), path, replaced, _typed(ctx), speaking(ctx))
            if path is not None:
                refuse_file(path, force=replaced)
            return command(to=to, **given)

        for option in reversed(options):
            called = option(called)
        return called

    return add


def _form(form: str | None, path: Path | None) -> str:
    """Return the format: as the user says, or as the file's name ends, or text; Excel is nothing for a terminal."""
    if form == "xlsx" and path is None and stream().isatty():
        raise OutputError("an Excel workbook cannot be shown here: write it with -o FILE.xlsx, or redirect the output")
    if form is not None or path is None:
        return form or "text"
    by_suffix = {suffix: name for name, suffix in FORMATS.items()}
    if path.suffix.lower() not in by_suffix:
        raise OutputError(f"{path}: the name ends in none of {', '.join(by_suffix)}; end it so, or add --format")
    return by_suffix[path.suffix.lower()]


def _typed(ctx: click.Context) -> str:
    """Return the command with what the user wrote of its options, as a shell reads it."""
    words = [part for one in _options(ctx) for part in one]
    names = ctx.command_path.split()[1:]
    return shlex.join(["corridors", *names, *words])


def _options(ctx: click.Context) -> Iterator[list[str]]:
    """Yield the words of each argument and option that the user wrote."""
    for parameter in ctx.command.get_params(ctx):
        value = ctx.params.get(parameter.name or "")
        if not written(ctx, parameter.name or "") or value is None:
            continue
        several = parameter.multiple or parameter.nargs == -1
        for one in value if several else [value]:
            words = [str(word) for word in (one if isinstance(one, tuple) else [one])]
            if isinstance(parameter, click.Argument):
                yield words
            else:
                yield [max(parameter.opts, key=len), *([] if getattr(parameter, "is_flag", False) else words)]


def scenario_option(text: str = UNDER) -> Decorator:
    """Add `--scenario`, changes to the data; `text` is its help."""
    return click.option(
        "--scenario",
        "scenarios",
        multiple=True,
        metavar="NAME|FILE",
        help=text,
    )


def shown_plan() -> Decorator:
    """Add `--scenario`, the files behind a plan that is there already."""
    return click.option(
        "--scenario",
        "scenarios",
        multiple=True,
        metavar="NAME|FILE",
        help="The plan's scenario files, where they do not come with its data package; in order.",
    )


def written(ctx: click.Context, option: str) -> bool:
    """Tell whether the user wrote an option, or its value is the usual one."""
    return ctx.get_parameter_source(option) not in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None)
