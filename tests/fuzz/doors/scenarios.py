"""Scenarios: whatever a file says, it is refused in a sentence or planned; and what closes something saves nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from small import SCHEMAS

from fuzz import mutate, seeds, values
from fuzz.doors import packages
from fuzz.trial import Ran, Trial, inside

KEYS = ("name", "title", "why", "sources", "extends", "year", "running", "carbon_price", "x")
CLOSING = ("close", "add_avoid")
PICKS: dict[str, tuple[str, ...]] = {
    "links": ('{ link = "rail:MIDTOWN-LANDING" }', '{ mode = "rail" }', '{ from_country = "AAA" }', "{ km = 1350 }"),
    "terminals": ('{ kind = "tranship" }', '{ node = "LANDING" }', '{ kind = "border" }'),
    "pools": ('{ pool = "pass" }',),
    "borders": ('{ mode = "road" }', '{ country_a = "*" }'),
    "corridors": ('{ corridor = "R1" }',),
    "nodes": ('{ node = "MIDTOWN" }', '{ country = "BBB" }'),
    "demand": (
        '{ commodity = "grain" }',
        '{ origin_country = "AAA" }',
        '{ demand = ["transit:west", "transit:east"] }',
    ),
    "commodities": ('{ cargo = "bulk" }',),
    "modes": ('{ mode = "rail", running = "typical" }',),
    "tariffs": ('{ per = "TEU" }',),
    "projects": ('{ project = "crane" }', '{ project = ["crane", "widening", "track"] }'),
    "emissions": ('{ mode = "rail" }',),
    "loads": ('{ commodity = "*" }',),
    "choice": ('{ cargo = "bulk" }', '{ commodity = "*" }'),
    "delays": ('{ delay = "line" }', '{ kind = "move" }'),
}
FITTING = {
    "add_avoid": ("demand",),
    "apply": ("projects",),
    "undo": ("projects",),
    "open": ("links", "terminals", "pools"),
    "close": ("links", "terminals", "pools", "borders", "corridors", "nodes"),
    "scale": (
        *("links", "terminals", "demand", "demand", "modes", "tariffs", "commodities", "pools", "emissions"),
        "loads",
        "choice",
        "delays",
    ),
}
SAMPLE = """name = "sample"
title = "A sample"
why = "To see."
sources = ["invented"]

[[change]]
table = "links"
where = { mode = "road" }
scale = { km = 1.1 }

[[change]]
table = "demand"
where = "all"
set = { reservation_usd_per_t = 500 }
"""
RAWS = (
    *("0", "-1", "1", "2", "1.5", "1e300", "-1e300", "1e999", "inf", "+inf", "-inf", "nan", "9" * 400),
    *("9" * 5000, "0x" + "f" * 400, "0x" + "f" * 5000, "0b" + "1" * 400, "0o7", "1_000", "true", "false"),
    *("[]", "{}", "[1, 'a']", "[[[]]]", "{a = 1}", "''", "' '", "'*2'", "'=5'", "'open'", "'1e300'", "'nan'"),
    *("'RUS'", "['RUS']", "['BBB']", "['BBB', 'x']", "['']", "2024-01-01", "2024-01-01T00:00:00Z"),
    *("07:32:00", "9999-12-31", r'"\u0000"', r'"\u001b[31mred"', r'"\u202egpj"', r'"\ud800"', "'''\na\n'''"),
    *("[" * 300 + "]" * 300, "[" * 20_000 + "]" * 20_000, "{a=" * 500 + "1" + "}" * 500),
    *("'" + "x" * 100_000 + "'", "1e-320", "1e15", "1e9"),
)


def attempt(trial: Trial) -> None:
    """Write a scenario, list it and plan with it."""
    folder = seeds.begin(trial, "data")
    rng, file = trial.rng, folder / "scenario.toml"
    closing = False
    which = rng.random()
    if which < 0.8:
        text, closing = _written(trial)
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        trial.change = text
    elif which < 0.94:
        name, data = (
            mutate.broken(rng, SAMPLE.encode()) if rng.random() < 0.7 else mutate.rewritten(rng, SAMPLE.encode())[:2]
        )
        file.write_bytes(data)
        trial.change = f"{name}: {data[:400]!r}"
    else:
        file.write_text(SAMPLE)
        trial.change = mutate.replaced(rng, file, folder / "outside" / "secret.txt")
    with inside(folder):
        if rng.random() < 0.3:
            trial.run("scenarios", "show", "scenario.toml", "--data", "data")
        ran = trial.run(
            "plan", "--data", "data", "--scenario", "scenario.toml", "--quiet", "--format", "json", "--out", "made"
        )
        _judge(trial, ran, closing=closing)
        if rng.random() < 0.1:
            trial.run("run", "scenario.toml", "--data", "data", "--quiet", "--format", "json")


def _written(trial: Trial) -> tuple[str, bool]:
    """Write a scenario of one to three changes; says, too, whether it does nothing but close."""
    rng = trial.rng
    head = "".join(f"{key} = {_value(trial)}\n" for key in KEYS if rng.random() < 0.02)
    changes = [_change(trial) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    plain = not head and all(action in CLOSING for action, _ in changes)
    return head + "".join(text for _, text in changes), plain


def _change(trial: Trial) -> tuple[str, str]:
    rng = trial.rng
    table = rng.choice(sorted(PICKS))
    action = rng.choice(
        (
            "close",
            "close",
            "open",
            "set",
            "set",
            "set",
            "scale",
            "scale",
            "scale",
            "add",
            "add_avoid",
            "add_avoid",
            "apply",
            "undo",
        )
    )
    if rng.random() < 0.85:
        table = rng.choice(FITTING.get(action, (table,)))
    fields = {field["name"]: field["type"] for field in SCHEMAS[table]["fields"]}
    columns, numeric = list(fields), [name for name, kind in fields.items() if kind != "string"]
    where = rng.choice(('"all"', *PICKS[table]))
    if rng.random() < 0.04:
        where = rng.choice((f"{{ {rng.choice(columns)} = {_value(trial)} }}", _value(trial), "{}"))
    match action:
        case "set" | "scale":
            column = rng.choice(numeric if numeric and rng.random() < 0.8 else columns)
            value = f"{{ {column} = {_value(trial, number=column in numeric and rng.random() < 0.93)} }}"
        case "add":
            value = (
                f"[{{ {', '.join(f'{name} = {_value(trial)}' for name in rng.sample(columns, len(columns) // 2))} }}]"
            )
        case "add_avoid":
            value = rng.choice(('["BBB"]', '["DDD"]', '["AAA", "CCC"]', '["ZZZ"]', _value(trial)))
        case _:
            value = "true" if rng.random() < 0.97 else _value(trial)
    lines = [f'table = "{table}"', f"where = {where}", f"{action} = {value}"]
    if action == "add":
        del lines[1]
    if rng.random() < 0.05:
        lines.append(rng.choice((*lines, 'where_not = { mode = "rail" }', "year = 2030")))
    return action, "[[change]]\n" + "\n".join(lines) + "\n"


def _value(trial: Trial, *, number: bool = False) -> str:
    rng = trial.rng
    if number:
        return (
            values.number(rng)
            if rng.random() < 0.3
            else f"{rng.choice((0, 0.5, 1, 2, 30)) * 10.0 ** rng.randint(-3, 4):g}"
        )
    return rng.choice(RAWS) if rng.random() < 0.7 else json.dumps(values.cell(rng))


def _judge(trial: Trial, ran: Ran, *, closing: bool) -> None:
    made = Path("made")
    if (ran.code == 0) != (made / "summary.json").is_file() or (ran.code != 0 and made.exists()):
        trial.found("half-written", "plan", f"exit code {ran.code}, {[path.name for path in made.glob('*')]}")
    if ran.code != 0:
        return
    document: dict[str, Any] = ran.document()
    packages.sums(trial, document)
    usual = packages.usual()["objective_value"]
    if closing and document["objective_value"] < usual * (1 - 2e-6):
        trial.wrong("closing saves money", f"{document['objective_value']} instead of {usual}")
