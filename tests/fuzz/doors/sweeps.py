"""Sweep folders: going on in one that was changed ends in the bytes of a clean run, or refuses and changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

from fuzz import mutate, seeds
from fuzz.trial import Ran, Trial, difference, inside, snapshot

JUNK = (
    *(b"", b"{}", b"[]", b"null", b'{"task": 1e999}', b'{"task": true}', b'{"task": "0"}', b'{"task": 0.5}'),
    *(b"\xff\xfe", b"[" * 100_000),
)


def attempt(trial: Trial) -> None:
    """Change a sweep's folder, and go on in it, or begin another sweep there."""
    rng = trial.rng
    kind, words, package = rng.choice(
        (("stress", seeds.STRESS, "data"),) * 3 + (("uncertainty", seeds.UNCERTAINTY, "sure"),)
    )
    mutate.copy(seeds.base() / kind, seeds.begin(trial, package) / "sweep")
    folder = trial.folder / "sweep"
    said = [_change(trial, folder)]
    strangers = {}
    if rng.random() < 0.35:
        said.append(f"and {_plant(trial, folder)}")
        strangers = {
            path: snapshot(path) for path in folder.iterdir() if path.name not in snapshot(seeds.base() / kind)
        }
    trial.change = "; ".join(said)
    other = rng.random() < 0.2
    if other:
        words = (*words, *(("--year", "2025") if rng.random() < 0.5 else ("--running", "best")))
        words = (*words, "--force") if rng.random() < 0.5 else words
    before = snapshot(folder)
    with inside(trial.folder):
        ran = trial.run(*words, "--out", "sweep", changes=("sweep",))
    _judge(trial, ran, before, None if other else snapshot(seeds.base() / kind))
    for path, there in strangers.items():
        if not path.name.endswith(".new") and snapshot(path) != there:
            trial.wrong("a user's file is lost", path.name)


def _judge(trial: Trial, ran: Ran, before: dict[str, object], clean: dict[str, object] | None) -> None:
    after = snapshot(trial.folder / "sweep")
    if ran.code == 2 and after != before:
        trial.wrong("refused, and changed", difference(after, before))
    if ran.code == 0 and clean is not None and (wrong := [name for name in clean if after.get(name) != clean[name]]):
        trial.wrong("other results than a clean run", ", ".join(wrong))


def _change(trial: Trial, folder: Path) -> str:
    rng = trial.rng
    file = folder / rng.choice(
        ("rows.jsonl",) * 4 + ("sweep.json",) * 2 + tuple(path.name for path in sorted(folder.iterdir()))
    )
    data, which = file.read_bytes(), rng.random()
    if which < 0.15:
        return f"{file.name}: {mutate.replaced(rng, file, trial.folder / 'outside' / 'secret.txt')}"
    if which < 0.35:
        said, changed = mutate.broken(rng, data)
    elif which < 0.4:
        said, changed, _ = mutate.rewritten(rng, data)
    elif file.suffix == ".jsonl":
        said, changed = _rows(trial, data)
    elif file.suffix == ".json":
        said, _, changed = mutate.document(rng, data)
    else:
        said, changed = mutate.table(rng, data)
    file.write_bytes(changed)
    return f"{file.name}: {said}"


def _rows(trial: Trial, data: bytes) -> tuple[str, bytes]:
    """Change whole rows: what a crash, another program or a person may leave."""
    rng, lines = trial.rng, data.splitlines(keepends=True)
    one, other = rng.sample(range(len(lines)), 2)
    how = rng.choice(
        ("drop", "twice", "order", "swap", "document", "document", "junk", "empty rows", "shorter", "extra")
    )
    match how:
        case "drop":
            del lines[one]
        case "twice":
            lines.insert(other, lines[one])
        case "order":
            rng.shuffle(lines)
        case "swap":
            first, second = (json.loads(lines[number]) for number in (one, other))
            task = first["task"], second["task"]
            first["task"], second["task"] = task[1], task[0]
            lines[one], lines[other] = (_line(row) for row in (first, second))
        case "document":
            how, _, changed = mutate.document(rng, lines[one])
            try:
                lines[one] = _line(json.loads(changed))
            except (ValueError, RecursionError):  # what no program would write
                lines[one] = changed.replace(b"\n", b" ") + b"\n"
        case "junk":
            lines.insert(one, rng.choice(JUNK) + b"\n")
        case "empty rows":
            lines = [_line({"task": number}) for number in range(len(lines))]
        case "shorter":
            row = json.loads(lines[one])
            lines[one] = _line(dict(rng.sample(sorted(row.items(), key=str), len(row) // 2)) | {"task": row["task"]})
        case "extra":
            lines.append(_line(json.loads(lines[one]) | {"task": len(lines)}))
    return how, b"".join(lines)


def _line(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=True).encode() + b"\n"


def _plant(trial: Trial, folder: Path) -> str:
    """Put files of the user's own into the folder, or links where the program writes."""
    how = trial.rng.choice(("notes.txt", "photos", ".hidden", "link", "rows.jsonl.new", "sweep.json.new", "a table"))
    secret = trial.folder / "outside" / "secret.txt"
    match how:
        case "photos":
            (folder / "photos").mkdir()
            (folder / "photos" / "a.jpg").write_bytes(b"\xff\xd8")
        case "link":
            os.symlink(secret.parent, folder / "elsewhere")
        case "rows.jsonl.new" | "sweep.json.new":
            (folder / how).symlink_to(secret)
        case "a table":
            (folder / "thesis.csv").write_text("a,b\n1,2\n")
        case _:
            (folder / how).write_text("mine\n")
    return f"{how} planted"
