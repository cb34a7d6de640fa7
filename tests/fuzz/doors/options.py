"""The command line: every command with every option that it has, and values that nobody should take."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import click

from corridors.cli import COMMANDS, main
from fuzz import seeds, values
from fuzz.trial import Trial, inside

OUTPUTS = ("out", "path", "write_lp", "output", "file")
SKIPPED = ("cluster", "help")  # would go out and look for a machine
LIGHT = {
    "samples": ("1", "2", "4"),
    "trajectories": ("2", "3"),
    "workers": ("1",),
    "count": ("1", "2"),
    "time_limit": ("0.01", "5"),
    "method": ("columns", "arcs", "none", "morris"),
}
SOUND: dict[str, tuple[str, ...]] = {
    "folder": ("data",),
    "plan": ("plan",),
    "before": ("plan",),
    "after": ("plan",),
    "against": ("plan",),
    "files": ("net.txt",),
    "scenarios": ("scenario.toml",),
    "scenario": ("scenario.toml",),
    "table": ("links", "nodes", "demand", "provenance"),
    "key": ("HARBOUR", "rail:MIDTOWN-LANDING", "rail|typical", "harbor"),
    "column": ("km", "lat", "capacity"),
    "origin": ("HARBOUR", "haven", "LANDING"),
    "destination": ("LANDING", "STEPPE"),
    "places": ("HARBOUR LANDING",),
    "conditions": ("mode=rail", "km=12", "node=HARBOUR"),
    "shares": ("MIDTOWN=0.01", "assumed=0.8"),
    "name": ("map", "bottlenecks"),
    "running": ("typical", "best"),
    "commodity": ("grain",),
    "year": ("2024", "2026"),
    "layer": ("links",),
}
PATHS = (
    *("data", "plan", "nothing", "notes.txt", "pipe", "/dev/zero", "/dev/null", "circle", "link-to-data", ""),
    *(".", "..", "-", "x" * 300, "a\nb", values.ESCAPE, values.BIDI, "data/nodes.csv", "data/"),
    *("data/nodes.csv/x", "circle/x", "\udcff", "Ақтау", "file:///etc/passwd", "http://localhost/x", "~"),
    *("$HOME", "*", "plan/summary.json", "outside/secret.txt", "net.txt", "%s"),
)
PLACES = (
    *("o.csv", "o.json", "o.xlsx", "o.txt", "o.html", "o.mps", "o.lp", "o.geojson", "o.svg", "o"),
    *("deep/er/o.csv", "kept.csv", "pipe", "/dev/full", "/dev/null", "data", "plan", "x" * 300 + ".csv"),
    *("a\nb.csv", values.ESCAPE + ".csv", "", ".", "..", "circle", "circle/o.csv", "kept.csv/o.csv"),
    *("/proc/o.csv", "/dev/null/o.csv", "link-to-data", "\udcff.csv", "Ақтау.csv", "o.CSV", "o.csv ", "-"),
    *("=x.csv", "link-out.csv"),
)
FINE = 10  # of these can be written
PAIRS = (
    *("=", "==", "a=", "=a", "HARBOUR", "HARBOUR=", "HARBOUR=x", "HARBOUR=nan", "HARBOUR=inf", "HARBOUR=2"),
    *("HARBOUR=-1", "=0,5", "HARBOUR=0,5", "nowhere=0.5", "HARBOUR=1e-400", "HARBOUR=0.5=0.5", "aktau"),
    *("assumed=2", "assumed=nan", "x=0.5", "km=nan", "km=", "km=a", "mode=", "mod=rail", "=rail"),
    *("MIDTOWN=1", "LANDING=0.999999"),
)


def attempt(trial: Trial) -> None:
    """Call a command with some of its options."""
    folder = seeds.begin(trial, "data", "plan")
    _furnish(folder)
    words, changes = _words(trial)
    trial.change = "values of options"
    with inside(folder):
        kept = Path("kept.csv").read_bytes()
        ran = trial.run(*words, changes=changes)
        if "--force" not in words and Path("kept.csv").read_bytes() != kept:
            trial.found("input changed", "kept.csv", "without --force")
        if ran.code == 2 and (left := sorted(path.name for path in Path().iterdir() if path.name.startswith("o."))):
            trial.found("half-written", words[0], ", ".join(left))


def _furnish(folder: Path) -> None:
    (folder / "net.txt").write_text("3\n3\n1\n1 2 1 5\n2 3 1 5\n1 3 4 9\n1 3 7\n")
    (folder / "scenario.toml").write_text(
        '[[change]]\ntable = "links"\nwhere = { mode = "road" }\nscale = { km = 1.1 }\n'
    )
    (folder / "notes.txt").write_text("mine\n")
    (folder / "kept.csv").write_text("mine\n")
    os.mkfifo(folder / "pipe")
    (folder / "circle").symlink_to("circle")
    (folder / "link-to-data").symlink_to("data")
    (folder / "link-out.csv").symlink_to("outside/secret.txt")


@cache
def commands() -> dict[tuple[str, ...], list[click.Parameter]]:
    """Return every command by its words, with its parameters."""
    found: dict[tuple[str, ...], list[click.Parameter]] = {}
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)  # type: ignore[attr-defined]
        inner = (
            {(name, one): each for one, each in command.commands.items()}
            if isinstance(command, click.Group)
            else {(name,): command}
        )
        found |= {words: [one for one in each.params if one.name not in SKIPPED] for words, each in inner.items()}
    return found


def _words(trial: Trial) -> tuple[list[str], tuple[str, ...]]:
    """Draw the words of a command, and the names of the inputs that its words allow it to change."""
    rng = trial.rng
    command = rng.choice(list(commands()))
    words, changes = list(command), []
    for parameter in commands()[command]:
        needed = isinstance(parameter, click.Argument) and parameter.required
        data = parameter.name == "folder" and command != ("data", "init")
        if not (needed or data or rng.random() < 0.16):
            continue
        value = _value(trial, parameter, command)
        if parameter.name in OUTPUTS or command == ("data", "init"):
            changes.append(value)
        if isinstance(parameter, click.Argument):
            words.append(value)
        elif getattr(parameter, "is_flag", False):
            words.append(parameter.opts[0])
        elif parameter.name == "places":
            words += [parameter.opts[0], *[*value.split(" ", 1), "LANDING"][:2]]
        else:
            words += [parameter.opts[0], value]
    if any(parameter.name == "quiet" for parameter in commands()[command]) and "--quiet" not in words:
        words.append("--quiet")
    if command[0] == "uncertainty" and "--samples" not in words:
        words += ["--samples", "2"]
    if rng.random() < 0.03:
        words.insert(
            rng.randrange(len(words) + 1),
            rng.choice(("--help", "-h", "--version", "--nonsense", "-", "--", "", "--lang=xx", "--=")),
        )
    return words, tuple(changes) if "--force" in words else ()


def _value(trial: Trial, parameter: click.Parameter, command: tuple[str, ...]) -> str:
    rng, name = trial.rng, str(parameter.name)
    usual = 0.7 if isinstance(parameter, click.Argument) or name == "folder" else 0.45
    kind: Any = parameter.type
    output = name in OUTPUTS or command == ("data", "init")
    if name in SOUND and not output and rng.random() < usual:
        return rng.choice(SOUND[name])
    if name in LIGHT:
        return (
            rng.choice(LIGHT[name])
            if rng.random() < 0.5
            else rng.choice(("0", "-1", "x", "nan", "", "1.5", "1e400", "inf", "9" * 5000))
        )
    if isinstance(kind, click.Choice):
        return str(rng.choice(list(kind.choices))) if rng.random() < 0.8 else rng.choice(values.TEXTS[:12])
    if isinstance(kind, click.Path):
        return rng.choice(PLACES[: FINE if rng.random() < 0.4 else None] if output else PATHS)
    if kind.name in ("integer", "float", "integer range", "float range"):
        if rng.random() < 0.4:
            return str(getattr(kind, "min", None) or 1)
        return values.number(rng)
    pool = rng.choice((values.TEXTS, PAIRS, PAIRS, PATHS, values.NUMBERS))
    return rng.choice(pool).replace("\0", "")
