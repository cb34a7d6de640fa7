"""What stands where a plan is to be written: the same plan is used again, and another is named before it is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.errors import OutputError
from corridors.files import read_bytes
from corridors.output import TemporaryFolder, refuse_folder

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.planning.settings import PlanSettings
    from corridors.scenario.application import Applied
    from corridors.text.language import Language

SUMMARY = "summary.json"
NOT_THE_PLAN = ("seconds", "versions", "sha256")  # of a summary: they differ where the plan does not
HELP = "choose another folder, or replace it with --force"


def about(applied: Applied, settings: PlanSettings) -> dict[str, Any]:
    """Return what a plan's summary says of that which it is made of and with; None of what it does not say."""
    from corridors.planning.settings import CHOOSING, MODEL

    own = settings.under(applied)
    return {
        "data_digest": applied.dataset.digest,
        "scenario": applied.dataset.scenario,
        "objective": own.objective,
        "running": own.running,
        "carbon_price": own.carbon_price,
        "year": own.year,
        MODEL: own.choice if own.chooses else None,
    } | {name: getattr(own, name) if own.chooses else None for name in CHOOSING}


def refuse(folder: Path, wanted: Mapping[str, Any], *, force: bool) -> None:
    """Refuse to write a plan where another stands, before any work.

    Raises
    ------
    OutputError
        If the folder holds something else than a plan with these settings, without `force`; it says what.
    """
    if force or not _holds(folder):
        refuse_folder(folder, force=force)
        return
    there = _summary(folder)
    if there is None:
        raise OutputError(f"{folder} exists already and holds no plan; choose another folder")
    differ = [
        f"{name.replace('_', ' ')} {there.get(name)} there, {value} here"
        for name, value in wanted.items()
        if name != "data_digest" and there.get(name) != value
    ]
    if there.get("data_digest") != wanted["data_digest"] and there.get("scenario") == wanted["scenario"]:
        differ.append("other data")
    if differ or there.get("data_digest") != wanted["data_digest"]:
        raise _lost(folder, there, "; ".join(differ) or "other data")


def write(made: Plan, folder: Path, *, force: bool) -> bool:
    """Write a plan's folder; return False where that very plan stands there already, which then stays.

    Raises
    ------
    OutputError
        If another stands there, without `force`, or it cannot be written.
    """
    if force or not _holds(folder):
        made.write(folder, force=force)
        return True
    with TemporaryFolder() as place:
        made.write(place / "plan")
        names = {path.name for path in (place / "plan").iterdir()}
        others = {path.name for path in folder.iterdir()}
        differ = sorted(names ^ others) or [
            name for name in sorted(names) if _content(place / "plan", name) != _content(folder, name)
        ]
    if differ:
        raise _lost(folder, _summary(folder) or {}, f"{', '.join(differ)} differ{'s' if len(differ) == 1 else ''}")
    return False


def told(folder: Path, say: Language, *, new: bool) -> str:
    """Say where a plan is, and whether it was there before."""
    path = click.format_filename(folder)
    if new:
        return say("Written to {path}", path=path)
    return say("{path} holds this very plan already; it stays as it is", path=path)


def _holds(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and any(folder.iterdir())


def _summary(folder: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(read_bytes(folder / SUMMARY, inside=folder))
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and "data_digest" in told else None


def _content(folder: Path, name: str) -> Any:
    """Return what of a file must be the same in the same plan; None if it cannot be read."""
    try:
        data = read_bytes(folder / name, inside=folder)
        if name != SUMMARY:
            return data
        return {key: value for key, value in json.loads(data).items() if key not in NOT_THE_PLAN}
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def _lost(folder: Path, there: Mapping[str, Any], differs: str) -> OutputError:
    """Return the error that names what would be lost."""
    about = [f"scenario {there.get('scenario', 'unknown')}", f"year {there.get('year', 'unknown')}"]
    served = there.get("kt_served")
    if isinstance(served, int | float):
        about.append(f"{served:,.0f} kt served")
    written = datetime.fromtimestamp((folder / SUMMARY).stat().st_mtime) if (folder / SUMMARY).exists() else None
    about += [f"written {written:%Y-%m-%d %H:%M}"] if written else []
    return OutputError(f"{folder} holds another plan, which would be lost ({', '.join(about)}; {differs}); {HELP}")
