"""Inputs made, handed in and counted; what was found is told with the words that make it again."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fuzz.doors import DOORS
from fuzz.trial import Finding, Trial, clock

SHARES = {"packages": 350, "scenarios": 350, "networks": 500, "plans": 300, "sweeps": 150, "options": 350}


@dataclass
class Tally:
    """What came of a door's inputs."""

    door: str
    inputs: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def distinct(self) -> dict[tuple[str, str], list[Finding]]:
        """Return the findings by what they are."""
        found: dict[tuple[str, str], list[Finding]] = {}
        for one in self.findings:
            found.setdefault((one.kind, one.where), []).append(one)
        return found

    def line(self) -> str:
        """Return the figures of the door."""
        ended = ", ".join(f"{number} {how}" for how, number in sorted(self.outcomes.items()))
        kinds = ", ".join(
            f"{number} {kind}" for kind, number in sorted(Counter(one.kind for one in self.findings).items())
        )
        return (
            f"{self.door}: {self.inputs} inputs in {self.seconds:.0f} s (longest {self.longest:.1f} s); "
            f"commands: {ended}; found: {kinds or 'nothing'}"
        )


def attempt(door: str, seed: int, number: int, keep: Path | None = None) -> Trial:
    """Make one input and hand it in; `keep` is a folder in which its own stays if something is found."""
    folder = Path(tempfile.mkdtemp(prefix="corridors-fuzz-")).resolve()
    trial = Trial(door, number, Random(f"{door} {seed} {number}"), folder)  # noqa: S311 - the same every time
    try:
        DOORS[door](trial)
        if keep is not None and trial.findings:
            shutil.copytree(
                folder, keep / f"{door}-{seed}-{number}", symlinks=True, ignore=_special, dirs_exist_ok=True
            )
    finally:
        shutil.rmtree(folder)
    return trial


def _special(folder: str, names: Sequence[str]) -> list[str]:
    """Name what cannot be copied: pipes, sockets, devices."""
    paths = (Path(folder) / name for name in names)
    return [path.name for path in paths if not (path.is_symlink() or path.is_dir() or path.is_file())]


def hunt(
    door: str, seed: int, numbers: Iterable[int], keep: Path | None = None, tell: Callable[[Trial], None] | None = None
) -> Tally:
    """Make the inputs of a door with these numbers and hand them in."""
    tally, begun = Tally(door), clock()
    for number in numbers:
        before = clock()
        trial = attempt(door, seed, number, keep)
        tally.longest = max(tally.longest, clock() - before)
        tally.inputs += 1
        tally.outcomes += trial.outcomes
        tally.findings += trial.findings
        if tell is not None:
            tell(trial)
    tally.seconds = clock() - begun
    return tally


def main() -> None:
    """Run by hand: figures by door, and each distinct finding with what makes it again."""
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ.pop("LANGUAGE", None)
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Hand strangers' inputs in by the thousand."
    )
    parser.add_argument("--door", choices=list(DOORS), action="append", help="which; may be repeated [default: all]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, help="inputs a door [default: the shares of the slow test]")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the number of the first input")
    parser.add_argument("--only", type=int, help="this input alone")
    parser.add_argument("--keep", type=Path, help="a folder for what the findings were made with")
    parser.add_argument("--all", action="store_true", help="tell every finding, not one of a kind")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    failed = False
    for door in given.door or DOORS:
        numbers = range(given.first, given.first + (given.count or SHARES[door]))
        tally = hunt(door, given.seed, [given.only] if given.only is not None else numbers, given.keep)
        print(tally.line(), flush=True)
        for findings in tally.distinct().values():
            for one in findings if given.all else findings[:1]:
                print(f"  [{len(findings)}x] {one}")
                print(f"    python -m tests.fuzz --door {door} --seed {given.seed} --only {one.number}", flush=True)
        failed = failed or bool(tally.findings)
    raise SystemExit(failed)
