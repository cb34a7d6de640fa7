"""Foreign networks: an answer is the optimum of what the file says, found apart, and both methods agree on it."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

from fuzz import exact, foreign, mutate, seeds
from fuzz.exact import Whole
from fuzz.trial import Ran, Trial, inside

PROOF = 1e-6
CLOSE = 3e-6  # two proved answers, or one beside another program's
FLOATS = 1e-5
ROUNDING = 1e-14
NAMED = {"planar": "net/net.txt", "tntp": "net/x_net.tntp", "gmns": "net"}


def attempt(trial: Trial) -> None:
    """Write a network, sound or changed, and solve it by both methods."""
    rng = trial.rng
    whole, form = _drawn(trial), rng.choice(("planar", "planar", "tntp", "gmns"))
    net = seeds.begin(trial) / "net"
    net.mkdir()
    for name, text in foreign.WRITERS[form](whole).items():
        (net / name).write_text(text)
    sound = rng.random() < 0.4
    trial.change = f"{form}, sound" if sound else f"{form}, {_change(trial, net)}"
    if rng.random() < 0.15:
        said = _packed(trial, net)
        trial.change, sound = trial.change + said, sound and "and" not in said
    price = rng.choice((0, 1, 50, 10**3, 10**6, 10**8)) if sound and rng.random() < 0.4 else None
    left = () if price is None else ("--unserved", f"{price}e{whole.cost_power}")
    with inside(trial.folder):
        rows = {
            method: _row(trial.run("solve", NAMED[form], "--method", method, "--quiet", "--format", "json", *left))
            for method in ("columns", "arcs")
        }
        for method, row in rows.items():
            _proof(trial, method, row)
        _agree(trial, rows["columns"], rows["arcs"])
        if form != "planar":
            hard = ("--hard-capacities",) if trial.number % 3 == 0 else ()
            _assigned(trial, _row(trial.run("assign", NAMED[form], "--quiet", "--format", "json", *hard)))
        if sound:
            _exact(trial, whole, rows, price)
        elif any(row is not None for row in rows.values()):
            _reading(trial, form, net, rows)


def _drawn(trial: Trial) -> Whole:
    """Draw a network in whole numbers; one of its figures may be far larger than the rest."""
    rng = trial.rng
    nodes, several = rng.randint(2, 9), rng.random() < 0.3
    huge = rng.choice((1, 1, 1, 10**6, 10**9, 10**12))
    arcs = []
    for number in range(rng.randint(1, 28)):
        tail, head = rng.randrange(nodes), rng.randrange(nodes)
        if number < nodes - 1 and rng.random() < 0.9:
            tail, head = number, number + 1
        limit = None if several or rng.random() < 0.3 else rng.randint(0, 12)
        arcs.append([tail, head, rng.choice((0, rng.randint(1, 9), rng.randint(1, 400))), limit])
    demands = [
        [rng.randrange(nodes), rng.randrange(nodes), rng.randint(0, 15)]
        for _ in range(rng.randint(2, 6) if several else 1)
    ]
    match rng.randrange(4):
        case 0:
            rng.choice(arcs)[2] *= huge
        case 1 if not several:
            demands[0][2] = demands[0][2] * huge + rng.choice((0, 0, 1, 3))
            for arc in arcs:
                arc[3] = arc[3] if arc[3] is None or rng.random() < 0.3 else arc[3] * huge
        case 1:
            rng.choice(demands)[2] *= huge
        case 2 if not several:
            arc = rng.choice(arcs)
            arc[3] = None if arc[3] is None else arc[3] * huge
    powers = (0, 0) if rng.random() < 0.6 else (rng.randint(-10, 8), rng.randint(-8, 8))
    return Whole(nodes, tuple(map(tuple, arcs)), tuple(map(tuple, demands)), *powers)  # type: ignore[arg-type]


def _change(trial: Trial, net: Path) -> str:
    rng = trial.rng
    file = rng.choice(sorted(net.iterdir()))
    data, which = file.read_bytes(), rng.random()
    if which < 0.12:  # the file that is named itself may be a link to anywhere
        outside = "open.txt" if file.name in ("net.txt", "x_net.tntp") else "secret.txt"
        return f"{file.name}: {mutate.replaced(rng, file, trial.folder / 'outside' / outside)}"
    if which < 0.22:
        said, changed, _ = mutate.rewritten(rng, data)
    elif which < 0.45:
        said, changed = mutate.broken(rng, data)
    elif file.suffix == ".csv":
        said, changed = mutate.table(rng, data)
    else:
        said, changed = _words(trial, data)
    file.write_bytes(changed)
    return f"{file.name}: {said}"


def _words(trial: Trial, data: bytes) -> tuple[str, bytes]:
    """Change a word or a line of a file of numbers."""
    from fuzz import values

    rng, lines = trial.rng, data.decode().split("\n")
    row = rng.randrange(len(lines) - 1)
    match rng.choice(("word", "word", "word", "line away", "line twice", "lines swapped")):
        case "line away":
            said = f"line {row + 1} away: {lines.pop(row)}"
        case "line twice":
            lines.insert(rng.randrange(len(lines)), lines[row])
            said = f"line {row + 1} twice"
        case "lines swapped":
            other = rng.randrange(len(lines) - 1)
            lines[row], lines[other] = lines[other], lines[row]
            said = f"lines {row + 1} and {other + 1} swapped"
        case _:
            words = lines[row].split(" ")
            place = rng.randrange(len(words))
            before, words[place] = (
                words[place],
                values.rewritten(rng, words[place]) if rng.random() < 0.3 else values.number(rng),
            )
            lines[row] = " ".join(words)
            said = f"line {row + 1}: {before!r} becomes {words[place][:60]!r}"
    return said, "\n".join(lines).encode("utf-8", "surrogatepass")


def _packed(trial: Trial, net: Path) -> str:
    """Pack what is an ordinary file, whole or damaged."""
    files = [
        path
        for path in sorted(net.iterdir())
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 10**6
    ]
    if not files:
        return ""
    file = trial.rng.choice(files)
    data, said = gzip.compress(file.read_bytes(), mtime=0), "gzipped"
    if trial.rng.random() < 0.3:
        how, data = mutate.broken(trial.rng, data)
        said = f"gzipped and {how}"
    file.write_bytes(data)
    return f", {file.name} {said}"


def _row(ran: Ran) -> dict[str, Any] | None:
    """Return the row of an answer that is given as one."""
    if ran.code != 0:
        return None
    (row,) = ran.document()
    return dict(row)


def _proof(trial: Trial, method: str, row: dict[str, Any] | None) -> None:
    if row is None or row["status"] == "infeasible":
        return
    objective, bound, gap = row["objective"], row["bound"], row["gap"]
    if row["status"] not in ("optimal", "feasible") or objective is None or bound is None:
        trial.wrong(f"{method}: no answer, and exit code 0", str(row))
    elif objective < bound - PROOF * abs(bound):
        trial.wrong(f"{method}: below its bound", str(row))
    elif row["status"] == "optimal" and not (
        gap <= PROOF and abs(objective - bound) <= 2 * PROOF * max(abs(objective), abs(bound))
    ):
        trial.wrong(f"{method}: optimal without proof", str(row))


def _assigned(trial: Trial, row: dict[str, Any] | None) -> None:
    """Hold an assignment against its own proof."""
    if row is None or row["status"] == "infeasible":
        return
    objective, bound, gap, total = (row[key] for key in ("objective", "bound", "gap", "total"))
    if row["status"] not in ("equilibrium", "feasible") or None in (objective, bound, gap, total):
        trial.wrong("assign: no answer, and exit code 0", str(row))
    elif objective < bound - PROOF * abs(bound) or total < objective * (1 - PROOF):
        trial.wrong("assign: below its bound", str(row))
    elif row["status"] == "equilibrium" and not gap <= PROOF:
        trial.wrong("assign: equilibrium without proof", str(row))


def _agree(trial: Trial, one: dict[str, Any] | None, other: dict[str, Any] | None) -> None:
    if one is None or other is None:
        return
    proved = ("optimal", "infeasible")
    if one["status"] in proved and other["status"] in proved:
        if one["status"] != other["status"]:
            trial.wrong("the methods disagree", f"{one} and {other}")
        elif one["status"] == "optimal" and not _near(one["objective"], other["objective"], CLOSE):
            trial.wrong("the methods' optima differ", f"{one['objective']} and {other['objective']}")


def _near(one: float, other: float, within: float) -> bool:
    return abs(one - other) <= within * max(abs(one), abs(other))


def _exact(trial: Trial, whole: Whole, rows: dict[str, dict[str, Any] | None], price: int | None) -> None:
    """Hold the answers for a sound network against the exact optimum, beside what nobody can avoid."""
    optimum = whole.optimum(price)
    moderate = max([1, *(arc[2] for arc in whole.arcs), price or 0, *(one[2] for one in whole.demands)]) < 10**6
    best, unavoidable = (math.nan, math.nan) if optimum is None else map(float, optimum)
    within = CLOSE * (best - unavoidable) + ROUNDING * best
    for method, row in rows.items():
        if row is None:
            if moderate:
                trial.wrong(f"{method}: a sound network is not solved", f"the optimum is {best}")
        elif row["status"] == "infeasible" or optimum is None:
            if (row["status"] == "infeasible") != (optimum is None):
                trial.wrong(f"{method}: wrongly {row['status']}", f"the optimum is {best}, not {row}")
        elif row["status"] == "optimal" and abs(row["objective"] - best) > within:
            trial.wrong(
                f"{method}: not the optimum", f"{row['objective']} instead of {best}, {unavoidable} unavoidable"
            )
        elif row["objective"] < best - within or row["bound"] > best + within:
            trial.wrong(f"{method}: the exact optimum is outside", f"{best}: {row}")


def _reading(trial: Trial, form: str, net: Path, rows: dict[str, dict[str, Any] | None]) -> None:
    """Hold the answers for a changed network against a reading of it that is not the program's."""
    try:
        instance = foreign.READERS[form](net)
    except (ValueError, KeyError, IndexError, TypeError, OSError, EOFError) as error:
        trial.wrong(f"{form}: read, where another reader cannot", f"{type(error).__name__}: {error}")
        return
    best = exact.judged(instance)
    for method, row in rows.items():
        if row is None or best is None:
            continue
        if isinstance(best, str) or row["status"] == "infeasible":
            if row["status"] != best:
                trial.wrong(f"{form}, {method}: wrongly {row['status']}", f"{best} by another program, {row}")
        elif row["status"] == "optimal" and abs(row["objective"] - best) > FLOATS * max(abs(best), 1e-12):
            trial.wrong(f"{form}, {method}: not the optimum", f"{row['objective']} instead of {best}")
