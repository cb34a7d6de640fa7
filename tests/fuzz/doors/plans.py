"""Plan folders: whoever reads one that was changed refuses it, or gives the very answer of the sound one."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from corridors.cli import COMMANDS
from corridors.planning.planner import TABLES
from fuzz import mutate, seeds
from fuzz.trial import Ran, Trial, difference, inside, snapshot

UNPROVABLE = ("seconds", "versions", "method", "termination")  # of the summary: how it was made
DATA = ("--data", "data")
READERS: dict[str, tuple[str, ...]] = {
    "diff": ("diff", "plan", "before", *DATA, "--format", "json"),
    "diff text": ("diff", "before", "plan", *DATA),
    "links": ("export", "plan", *DATA, "-o", "out/links.geojson"),
    "routes": ("export", "plan", *DATA, "-o", "out/routes.geojson", "--layer", "routes"),
    "gmns": ("export", "plan", *DATA, "-o", "out/gmns", "--to", "gmns"),
    "chart": ("chart", "plan", "bottlenecks", *DATA, "-o", "out/chart.json"),
    "report": ("report", "plan", *DATA, "-o", "out/page.html", "--quiet"),
    "verify": ("verify", "plan", *DATA),
    "verify json": ("verify", "plan", *DATA, "--format", "json"),
}
WEIGHTS = {"diff": 3, "report": 2, "links": 2, "verify": 4, "verify json": 2}


def attempt(trial: Trial) -> None:
    """Change a plan folder, and have it read."""
    folder = seeds.begin(trial, "data", "plan") / "plan"
    mutate.copy(seeds.base() / "plan", trial.folder / "before")
    trial.change, provable = _change(trial, folder)
    known = [name for name, words in READERS.items() if words[0] in COMMANDS]
    name = trial.rng.choices(known, [WEIGHTS.get(one, 1) for one in known])[0]
    with inside(trial.folder):
        ran = trial.run(*READERS[name])
        _judge(trial, name, ran, provable=provable)


def _judge(trial: Trial, name: str, ran: Ran, *, provable: bool) -> None:
    made = snapshot(Path("out"))
    if ran.code != 0 and made[""] is not None and len(made) > 1:
        trial.found("half-written", READERS[name][0], ", ".join(made))
    if ran.code == 0 and provable:
        said, written = usual(name)
        if ran.stdout != said:
            trial.wrong(f"{name}: another answer", f"{_first(said, ran.stdout)}")
        elif made != written:
            trial.wrong(f"{name}: another file", difference(made, written))


def _first(one: str, other: str) -> str:
    """Return the first lines that differ."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"{a.strip()} became {b.strip()}" for a, b in pairs if a != b), "lines are missing or too many")


@cache
def usual(name: str) -> tuple[str, dict[str, object]]:
    """Return what a reader prints and writes of the sound plan."""
    import shutil
    import tempfile

    from click.testing import CliRunner

    from corridors.cli import main

    with tempfile.TemporaryDirectory() as place, inside(Path(place)):
        for one, other in (("data", "data"), ("plan", "plan"), ("plan", "before")):
            shutil.copytree(seeds.base() / one, other)
        done = CliRunner().invoke(main, list(READERS[name]))
        assert done.exit_code == 0, done.stderr
        return done.stdout, snapshot(Path("out"))


def _change(trial: Trial, folder: Path) -> tuple[str, bool]:
    """Change the folder; say how, and whether an accepting reader must give the same answer."""
    rng = trial.rng
    file = folder / rng.choice(["summary.json"] * 5 + ["datapackage.json", *(f"{name}.csv" for name in TABLES)])
    data, which = file.read_bytes(), rng.random()
    if which < 0.1:
        return f"{file.name}: {mutate.replaced(rng, file, trial.folder / 'outside' / 'secret.txt')}", True
    if which < 0.2:
        return _tampered(trial, folder), True
    if which < 0.28:
        said, changed, _ = mutate.rewritten(rng, data)
    elif which < 0.4:
        said, changed = mutate.broken(rng, data)
    elif file.suffix == ".json":
        said, path, changed = mutate.document(rng, data)
        file.write_bytes(changed)
        return f"{file.name}: {said}", not (path and path[0] in UNPROVABLE)
    else:
        said, changed = mutate.table(rng, data, harmless=rng.random() < 0.1)
    file.write_bytes(changed)
    return f"{file.name}: {said}", not (file.name == "summary.json" and _about_making(data, changed))


def _about_making(before: bytes, after: bytes) -> bool:
    """Tell whether two summaries differ only in how the plan was made."""
    try:
        one, other = (json.loads(data) for data in (before, after))
        return {**one, **dict.fromkeys(UNPROVABLE)} == {**other, **dict.fromkeys(UNPROVABLE)}
    except (ValueError, TypeError, RecursionError):
        return False


def _tampered(trial: Trial, folder: Path) -> str:
    """Change several files so that they fit each other, as somebody would who wants to be believed."""
    rng, factor = trial.rng, trial.rng.choice((0.5, 0.9, 1.001, 2, 10))
    how = rng.choice(("kt", "cost", "less left", "tables of another plan"))
    summary = json.loads((folder / "summary.json").read_text())
    if how == "kt":
        for name in ("flows", "routes", "usage", "handlings", "corridors", "unserved"):
            _scale(folder / f"{name}.csv", ("kt", "mtkm", "units"), factor)
        for key in ("kt_demanded", "kt_served", "kt_unserved", "t_km"):
            summary[key] *= factor
    elif how == "cost":
        _scale(folder / "routes.csv", ("usd_per_t", "generalised_usd_per_t"), factor)
        for key in ("objective_value", "bound_value", "objective_usd", "bound_usd", "usd_freight"):
            summary[key] *= factor
    elif how == "less left":
        _scale(folder / "unserved.csv", ("kt",), factor)
        change = summary["kt_unserved"] * (1 - factor)
        summary["kt_unserved"] -= change
        summary["kt_served"] += change
    else:
        for name in ("flows", "usage"):
            data = (folder / f"{name}.csv").read_text().splitlines(keepends=True)
            (folder / f"{name}.csv").write_text("".join([data[0], *data[2:], data[1]]))
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return f"tampered: {how} times {factor}"


def _scale(file: Path, columns: tuple[str, ...], factor: float) -> None:
    cells = mutate.read_cells(file.read_bytes())
    for column in [number for number, name in enumerate(cells[0]) if name in columns]:
        for row in cells[1:]:
            if re.fullmatch(r"[\d.e+-]+", row[column]):
                row[column] = f"{float(row[column]) * factor:.12g}"
    file.write_bytes(mutate.write_cells(cells))
