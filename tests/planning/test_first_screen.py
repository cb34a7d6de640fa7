"""Every figure that a plan prints first is recomputed here from the CSV files of its folder, by tables of csv alone."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
import recompute
from commands import run

from corridors.text.amounts import amount
from corridors.text.language import language

MT, BN = 1e3, 1e9  # kt in a Mt
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("first") / "plan"
    done = run("plan", "--out", folder, "--quiet")
    assert done.exit_code == 0, done.output
    return folder, done.stdout.splitlines()


def figures(text: str) -> list[float]:
    return [float(one.replace(",", "")) for one in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)]


def line_of(lines: list[str], start: str) -> str:
    return next(line for line in lines if line.strip().startswith(start))


def section(lines: list[str], title: str) -> list[str]:
    """Return the rows of a table by its title: what follows its rule, to the next empty line."""
    first = next(n for n, line in enumerate(lines) if line.startswith(title))
    rule = next(n for n in range(first, len(lines)) if "───" in lines[n])
    end = next(n for n in range(rule, len(lines)) if not lines[n].strip())
    return lines[rule + 1 : end]


def total(folder: Path, column: str) -> float:
    rows = recompute.read(folder, "routes")
    return sum(float(row["kt"]) * 1000 * float(row[column]) for row in rows)


def test_the_headline_is_that_of_the_routes(printed: tuple[Path, list[str]]) -> None:
    folder, lines = printed
    routes = recompute.read(folder, "routes")
    served = sum(float(row["kt"]) for row in routes) / MT
    left = sum(float(row["kt"]) for row in recompute.read(folder, "unserved")) / MT
    share = 100 * served / (served + left)
    assert figures(line_of(lines, "carried")) == pytest.approx([served, served + left, share, left], abs=0.05)
    tkm, usd, co2 = total(folder, "km") / BN, total(folder, "usd_per_t") / BN, total(folder, "kgco2e_per_t") / 1e9
    days = total(folder, "hours") / served / 1e6 / 24
    assert figures(line_of(lines, "work").replace("CO2e", "")) == pytest.approx([tkm, usd, co2, days], abs=0.051)
    minimised = total(folder, "generalised_usd_per_t") / BN  # nothing is left, so that no reservation price is paid
    assert left == 0
    assert figures(line_of(lines, "minimised"))[0] == pytest.approx(minimised, abs=0.05)


def test_each_row_of_corridors_is_that_of_its_file(printed: tuple[Path, list[str]]) -> None:
    folder, lines = printed
    told = {row["corridor"]: row for row in recompute.read(folder, "corridors")}
    shown = [line for line in section(lines, "Corridors") if re.match(r" [A-Z]\d", line)]
    assert len(shown) == sum(row["mode"] != "air" for row in told.values())
    for line in shown:
        row = told[line.split()[0]]
        expected = [
            float(row["mean_kt"]) / MT,
            float(row["mtkm"]) / 1000,
            100 * float(row["utilisation"]),
            float(row["shadow_price_usd_per_t"]),
        ]
        assert figures(line)[-4:] == pytest.approx(expected, abs=0.51)
        assert f"{float(row['through_kt']) / MT:.1f} " in line


def test_each_row_of_the_frontier_is_the_sum_of_its_two_directions(printed: tuple[Path, list[str]]) -> None:
    folder, lines = printed
    kt: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in recompute.read(folder, "borders"):
        if "KAZ" in (row["from_country"], row["to_country"]) and row["mode"] != "air":
            kt[row["crossing"], row["mode"]][row["to_country"] == "KAZ"] += float(row["kt"])
    busiest = sorted(kt.values(), key=lambda both: -sum(both))
    shown = section(lines, "Over the frontier")
    for line, both in zip(shown, busiest, strict=False):
        told = [one / MT for one in both if one > 0]
        cells = re.sub(r"\S*-1\b", "", line)  # Iletsk-1 is a name
        assert figures(cells)[: len(told)] == pytest.approx(told, abs=0.051)
    rest = [sum(both[way] for both in busiest[len(shown) :]) / MT for way in (0, 1)]
    used = sum(sum(both) > 0 for both in busiest)
    assert figures(line_of(lines, f"{used - len(shown)} more crossings")) == pytest.approx(
        [used - len(shown), *rest], abs=0.051
    )


def test_each_row_of_bottlenecks_is_that_of_its_file_but_for_those_in_the_air(
    printed: tuple[Path, list[str]],
) -> None:
    folder, lines = printed
    flown = {
        one
        for row in recompute.read(folder, "flows")
        for one in row["resources"].split(";")
        if one and row["mode"] == "air"
    }
    tight = [
        row
        for row in recompute.read(folder, "bottlenecks")
        if float(row["utilisation"]) > 1 - 1e-6 and float(row["shadow_price_high"] or "inf") > 0
    ]
    ground = [row for row in tight if row["resource"] not in flown]
    shown = section(lines, "The ")
    assert len(shown) == len(ground)
    for line, row in zip(shown, ground, strict=True):
        assert row["where"].split(",")[0] in line
        told = [float(row[f"shadow_price_{end}"] or "nan") for end in ("low", "high")]
        assert any(amount(one, language("en")) in line for one in told if one > 0) or not any(one > 0 for one in told)
    assert any(f"{len(tight) - len(ground)} more are in the air" in line for line in lines)


def test_each_mode_has_what_uses_it_on_any_leg(printed: tuple[Path, list[str]]) -> None:
    folder, lines = printed
    used: dict[str, float] = defaultdict(float)
    for row in recompute.read(folder, "routes"):
        for mode in set(row["modes"].split(" > ")):
            used[mode] += float(row["kt"])
    work: dict[str, float] = defaultdict(float)
    for row in recompute.read(folder, "flows"):
        work[row["mode"]] += float(row["kt"]) * float(row["km"]) / 1e6
    shown = section(lines, "Modes")
    modes = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["modes"]
    assert len(shown) == len(modes) == len(work)
    for line, mode in zip(shown, modes, strict=True):
        assert figures(line)[:2] == pytest.approx([used[mode] / MT, work[mode]], abs=0.051)
    assert used["ferry"] > 10 * modes["ferry"]["kt_mainly"]  # what crosses a sea has most of its way elsewhere


def test_readme_shows_what_the_command_prints(printed: tuple[Path, list[str]]) -> None:
    _, lines = printed
    text = (
        README.read_text(encoding="utf-8").split("## What comes out", 1)[1].split("```text\n", 1)[1].split("```", 1)[0]
    )
    said = " ".join(" ".join(lines).split())
    compared = 0
    for line in text.splitlines():
        words = " ".join(re.sub(r"^ R6 \.\.\. \(Middle Corridor\)", "", line).split())
        if words and words != "...":
            assert words in said, words
            compared += 1
    assert compared > 12
