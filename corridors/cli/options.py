"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

OBJECTIVES = ["generalised", "cost", "time", "emissions"]

type Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def data_option() -> Decorator:
    """Add `--data DIR`, the data package to read."""
    return click.option(
        "--data", "folder", type=click.Path(path_type=Path), metavar="DIR",
        help="A data package to read instead of the embedded one (make a copy with: corridors data init DIR).",
    )  # fmt: skip


def year_option() -> Decorator:
    """Add `--year`, which links are open."""
    return click.option(
        "--year", type=click.IntRange(1900, 2200),
        help="The year of the network: what opens later is left out. [default: the data's base year]",
    )  # fmt: skip


def running_option() -> Decorator:
    """Add `--running`, the set of running figures."""
    return click.option(
        "--running", default="typical", show_default=True, metavar="typical|best",
        help="Speeds and waits: today's practice, or the national strategy's best conditions.",
    )  # fmt: skip


def format_option(*formats: str) -> Decorator:
    """Add `--format`; the first is the default."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print it."
    )


def scenario_option() -> Decorator:
    """Add `--scenario`, changes to the data."""
    return click.option(
        "--scenario", "scenarios", multiple=True, metavar="NAME|FILE",
        help="Plan under a scenario (corridors scenarios lists them) or a TOML file; may be repeated, in order.",
    )  # fmt: skip


def written(ctx: click.Context, option: str) -> bool:
    """Tell whether the user wrote an option, or its value is the usual one."""
    return ctx.get_parameter_source(option) not in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None)


def said[T](ctx: click.Context, option: str, value: T, scenario: T | None) -> T:
    """Give what counts: what the user wrote, or else what the scenario says, or else the usual value."""
    return value if written(ctx, option) or scenario is None else scenario
