"""`corridors data init`: a data package to be changed, as a folder of CSV files or as an Excel workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.language import speaking
from corridors.errors import DataError, OutputError

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language

NOT_COPIED = ("__pycache__", ".*", "*.pyc")
WORKBOOK = ".xlsx"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE.xlsx",
    help="Write an Excel workbook instead of a folder: a sheet a table, lists to choose from, where each number comes "
    "from beside it, and names beside ids.",
)
@click.option("--force", is_flag=True, help="Replace FILE.xlsx if it is there.")
@click.option(
    "--data",
    "origin",
    type=click.Path(path_type=Path),
    metavar="DIR|FILE.xlsx",
    help="The data package to copy, instead of the embedded one: so a folder becomes a workbook, and a workbook a "
    "folder.",
)
@click.option("--empty", is_flag=True, help="Every table with its columns and no row, to begin another country with.")
@click.option("--title", metavar="TEXT", help="With --empty: what the data package is called.")
@click.option(
    "--base-year",
    type=click.IntRange(1900, 2200),
    help="With --empty: the year whose money and network it describes. [default: that of the embedded one]",
)
@click.option(
    "--home-country",
    metavar="CODE",
    help="With --empty: the country that export, import and transit refer to, ISO 3166 alpha-3.",
)
@click.pass_context
def init(
    ctx: click.Context,
    folder: Path | None,
    path: Path | None,
    force: bool,
    origin: Path | None,
    empty: bool,
    title: str | None,
    base_year: int | None,
    home_country: str | None,
) -> None:
    """Copy the embedded data package into DIR, a new or empty folder, or into a workbook, to be changed there."""
    about = any(one is not None for one in (title, base_year, home_country))
    target = _target(folder, path, force)
    if not empty and about:
        raise click.UsageError("--title, --base-year and --home-country are of an empty data package: add --empty")
    if empty and origin is not None:
        raise click.UsageError("--empty and --data contradict one another: leave one of them out")
    say = speaking(ctx)
    begun = _begun(title or "", base_year, home_country or "") if empty else None
    if target.suffix.lower() == WORKBOOK:
        _write_workbook(begun, origin, target, say, force=force)
    else:
        _write_folder(begun, origin, target)
    _tell(target, say, empty=empty)


def _target(folder: Path | None, path: Path | None, force: bool) -> Path:
    """Return what is to be written, which must not be there."""
    from corridors.output import refuse_file

    if (folder is None) == (path is None):
        raise click.UsageError("give a new folder, DIR, or a workbook, -o FILE.xlsx")
    if path is not None and path.suffix.lower() != WORKBOOK:
        raise OutputError(f"{path}: the name does not end in {WORKBOOK}; end it so, or leave out -o for a folder")
    target = path or folder or Path()
    if target.suffix.lower() == WORKBOOK:
        refuse_file(target, force=force)
    elif target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise OutputError(f"{target} exists already and is no empty folder; choose another")
    return target


def _write_workbook(begun: Dataset | None, origin: Path | None, path: Path, say: Language, *, force: bool) -> None:
    from corridors import tables  # with pandas, which help does not wait for
    from corridors.output import new_file
    from corridors.sheets.package import package_workbook
    from corridors.tables.licence import attribution

    dataset = begun or tables.read(origin)
    notice = "" if begun is not None else attribution(dataset.path)
    new_file(path, package_workbook(dataset, notice, say), force=force)


def _write_folder(begun: Dataset | None, origin: Path | None, folder: Path) -> None:
    from corridors import tables
    from corridors.estimation.package import write_package  # with its notice and its scenarios

    if begun is not None:
        begun.write(folder)
    elif origin is not None:
        write_package(tables.read(origin), folder)
    else:
        _copy_embedded(folder)


def _tell(target: Path, say: Language, *, empty: bool) -> None:
    """Say what was written, and what comes next."""
    from corridors.cli.streams import echo

    if empty:
        echo(say("{folder}: a data package with every table and no row. Fill it, then:", folder=target))
    else:
        echo(say("{folder}: a copy of the data package. Change it, then:", folder=target))
    echo(f"  corridors data check {target}")
    echo(f"  corridors plan --data {target}")


def _begun(title: str, base_year: int | None, home_country: str) -> Dataset:
    """Return a data package without a row that knows what it is about."""
    import re
    from dataclasses import replace

    from corridors import tables

    code = tables.fields("nodes")["country"]
    if home_country and not re.fullmatch(code["constraints"]["pattern"], home_country):
        raise DataError(f"--home-country: found '{home_country}', expected {code['form']}")
    return replace(tables.empty(base_year), title=title, home_country=home_country)


def _copy_embedded(folder: Path) -> None:
    import shutil

    from corridors import tables
    from corridors.output import new_folder

    with new_folder(folder) as work:
        ignored = shutil.ignore_patterns(*NOT_COPIED)
        shutil.copytree(tables.embedded(), work, ignore=ignored, copy_function=shutil.copyfile, dirs_exist_ok=True)
