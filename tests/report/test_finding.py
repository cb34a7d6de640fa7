"""The finding is one sentence made from a plan's figures by rules, in every language."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from small import add_demand, edit, observed

from corridors import network, planning, tables
from corridors.planning import difference
from corridors.planning.planner import Plan
from corridors.report import judging
from corridors.report.context import Subject
from corridors.report.finding import finding, known_capacity
from corridors.text.amounts import amount
from corridors.text.language import LANGUAGES, language


def subject(folder: Path, code: str = "en") -> Subject:
    net = network.build(tables.read(folder))
    return Subject(planning.plan(net), net, language(code))


def squeezed(folder: Path) -> Path:
    """Ask for more grain than a line takes, so that it is a bottleneck and freight is left."""
    add_demand(folder, "more", "MIDTOWN-LANDING", "grain", kt=90000, penalty=400)
    return folder


def test_what_is_left_behind_comes_first_with_its_figures(folder: Path) -> None:
    made = subject(squeezed(folder))
    one = made.plan.summary
    left, asked = (f"{one[name] / 1000:,.1f}" for name in ("kt_unserved", "kt_demanded"))
    assert finding(made).startswith(f"{left} of {asked} Mt asked for are not carried; ")


def test_the_bottleneck_is_the_one_of_which_one_percent_is_worth_most(folder: Path) -> None:
    first = subject(squeezed(folder))
    worth = first.tight["usd_per_percent"]
    assert (worth > 0).any(), "the small package has a bottleneck"
    object.__setattr__(first.plan, "bottlenecks", first.plan.bottlenecks.assign(status="observed"))
    made = Subject(first.plan, first.network, first.say)
    row = made.tight.loc[worth.idxmax()]
    said = finding(made)
    assert made.names.resource(row["resource"], row["where"]) in said
    assert f"{amount(row['usd_per_percent'], made.say)} USD" in said


def test_an_assumed_capacity_is_no_finding(folder: Path) -> None:
    made = subject(squeezed(folder))
    limits = made.plan.bottlenecks.assign(status="assumed")
    object.__setattr__(made.plan, "bottlenecks", limits)
    guessed = Subject(made.plan, made.network, made.say)
    assert not known_capacity(guessed.tight).any()
    said = finding(guessed)
    assert "would be" in said
    assert "the figure is assumed" in said
    assert "would save" not in said


def test_without_a_bottleneck_it_says_so(folder: Path) -> None:
    made = subject(folder)
    object.__setattr__(made.plan, "bottlenecks", made.plan.bottlenecks.iloc[:0])
    assert "no capacity is both full and worth widening" in finding(Subject(made.plan, made.network, made.say)).lower()


def test_it_says_how_sure_it_is_by_counts_that_were_kept_back(folder: Path) -> None:
    assert finding(subject(folder)).endswith("; the model meets 2 of 2 published figures.")
    said = finding(subject(observed(folder)))
    assert said.endswith("the model meets 2 of 2 published figures and 1 of 4 counts kept back to test it.")


def changed(
    folder: Path, kt: dict[str, float], table: str = "corridors", key: str = "corridor", column: str = "mean_kt"
) -> tuple[Subject, difference.Difference]:
    """Return a plan, and how it differs from one of which some rows of a table have so much more or less."""
    made = subject(folder)
    now = getattr(made.plan, table)
    before = Plan(**{name: getattr(made.plan, name) for name in made.plan.__dataclass_fields__})
    moved = now[column] - now[key].map(kt).fillna(0.0)
    object.__setattr__(before, table, now.assign(**{column: moved}))
    return made, difference.compare(before, made.plan)


def test_the_largest_change_is_told_and_ties_as_ties(folder: Path) -> None:
    names = subject(folder).plan.corridors["corridor"].tolist()
    one, other = names[:2]
    made, found = changed(folder, {one: -700.0, other: 300.0})
    said = finding(made, found, "base 2024").split("; ")[1]
    assert said.startswith(f"against base 2024 most changes at {made.names.corridor(one)}: by -0.70 Mt")
    made, found = changed(folder, {one: 300.0, other: 300.0})
    said = finding(made, found, "base 2024")
    assert "against base 2024 most changes alike at " in said
    assert ": +0.30 Mt a year" in said
    assert made.names.corridor(one) in said
    assert made.names.corridor(other) in said
    made, found = changed(folder, {})
    assert "; against base 2024 nothing changes at a frontier or on a corridor; " in finding(made, found, "base 2024")


def test_a_change_at_the_frontier_goes_before_one_on_a_corridor(folder: Path) -> None:
    table = subject(folder).plan.borders
    crossing = table.loc[table["kt"].idxmax()]
    made, found = changed(folder, {crossing["from_node"]: 100.0}, "borders", "from_node", "kt")
    corridor = made.plan.corridors["corridor"].iloc[0]
    _, other = changed(folder, {corridor: 900.0})
    both = dataclasses.replace(found, corridors=other.corridors)
    said = finding(made, both, "base 2024")
    assert f"{crossing['name_en']} ({crossing['mode']})" in said
    assert "+0.10 Mt" in said
    assert made.names.corridor(corridor) not in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_one_sentence_in_every_language(folder: Path, code: str) -> None:
    said = finding(subject(squeezed(observed(folder)), code))
    assert said.endswith(".")
    assert said[0].isupper() or said[0].isdigit()
    assert said.count("; ") == 2
    assert "{" not in said
    if code != "en":
        assert "bottleneck" not in said


def test_less_money_is_better_more_freight_is_no_worse(folder: Path) -> None:
    made, found = changed(folder, {})
    measures = ["usd_freight", "t_co2e", "kt_served", "kt_unserved", "t_km", "kt transit"]
    rows = [("total", one, "", 10.0, 12.0, 2.0) for one in measures]
    more = pd.DataFrame(rows, columns=found.totals.columns)
    object.__setattr__(found, "totals", more)
    assert judging.verdicts(found) == ["worse", "worse", "better", "worse", "", ""]
    object.__setattr__(found, "totals", more.assign(after=8.0, change=-2.0))
    assert judging.verdicts(found) == ["better", "better", "worse", "better", "", ""]
    object.__setattr__(found, "totals", more.assign(after=10.0, change=0.0))
    assert set(judging.verdicts(found)) == {""}
    assert made.plan is not None


def test_text_of_a_finding_may_hold_braces(folder: Path) -> None:
    edit(folder, "nodes", 3, name_en="{worth}{0}")
    assert finding(subject(squeezed(folder)))
