"""A plan at a glance: what an analyst reads on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridors.cli.tabular import table
from corridors.frames import rows
from corridors.tables import BASE

if TYPE_CHECKING:
    import pandas as pd

    from corridors.planning import Plan

TIGHTEST = 10
LISTED_AIR = 8
LISTED_UNSERVED = 8
FULL = 0.9995
ROUNDING = 1e-15  # gaps below this are the arithmetic's own
SAME = 0.005  # ends of a price interval nearer than this are shown as one figure


def glance(plan: Plan) -> None:
    """Print the summary of a plan."""
    _headline(plan)
    _corridors(plan.corridors, plan.summary["unit"])
    _bottlenecks(plan)
    _modes(plan)
    _unserved(plan.unserved)


def _headline(plan: Plan) -> None:
    one = plan.summary
    share = one["kt_served"] / one["kt_demanded"] if one["kt_demanded"] else 1.0
    under = "" if one["scenario"] == BASE else f", scenario {one['scenario']}"
    click.echo(f"Freight of {one['year']}, {one['running']} running, least {one['objective']}{under}"
               f" ({one['size']['demands']} demands, {one['size']['arcs']} arcs)")  # fmt: skip
    served, demanded, left = (one[f"kt_{what}"] / 1000 for what in ("served", "demanded", "unserved"))
    click.echo(f"  served      {served:10,.1f} Mt of {demanded:,.1f} Mt ({share:.1%}), {left:,.1f} Mt left")
    trades = ", ".join(f"{trade} {kt / 1000:,.1f}" for trade, kt in one["kt_by_trade"].items() if kt)
    click.echo(f"              {trades} Mt")
    click.echo(f"  work        {one['t_km'] / 1e9:10,.1f} bn tkm; freight bill {one['usd_freight'] / 1e9:,.2f} bn USD;"
               f" {one['t_co2e'] / 1e6:,.2f} Mt CO2e; {one['days_mean'] or 0:.1f} days on average")  # fmt: skip
    gap = max(one["gap"], ROUNDING)
    proof = f"proven to a relative gap of {gap:.0e}"
    if one["status"] != "optimal":
        proof = f"STOPPED EARLY: a better plan may exist, by at most {gap:.2%} of this"
    click.echo(f"  objective   {one['objective_value']:,.6g} {one['unit']}, {proof}\n")


def _corridors(corridors: pd.DataFrame, unit: str) -> None:
    air = corridors[corridors["mode"] == "air"]
    shown = corridors[corridors["mode"] != "air"]
    busy = air[air["kt"] > 0].sort_values("kt", ascending=False)
    lines = [_corridor(row) for row in [*rows(shown), *rows(busy.head(LISTED_AIR))]]
    columns = ["", "corridor", "mode", "mean kt", "M tkm", "fullest link", f"scarcity {unit}/t"]
    table("Corridors (mean load over their length)", columns, lines, right=(3, 4, 5, 6))
    if len(air):
        click.echo(f"{len(busy)} of {len(air)} air corridors carry {busy['mtkm'].sum():,.0f} M tkm; "
                   "corridors.csv lists all.\n")  # fmt: skip


def _corridor(row: Any) -> list[str]:
    return [
        row.corridor, row.name_en, row.mode, f"{row.kt:,.0f}", f"{row.mtkm:,.0f}", f"{row.utilisation:.0%}",
        f"{row.shadow_price_usd_per_t:,.2f}",
    ]  # fmt: skip


def _bottlenecks(plan: Plan) -> None:
    full, priced = plan.bottlenecks["utilisation"] >= FULL, plan.bottlenecks["shadow_price_high"] > 0
    tight = plan.bottlenecks[full & priced].head(TIGHTEST)
    lines = []
    for row in rows(tight):
        low, high = row.shadow_price_low, row.shadow_price_high
        price = f"{high:,.0f}" if high - low <= SAME * max(high, 1.0) else f"{low:,.0f} - {high:,.0f}"
        lines.append([row.where, f"{row.capacity:,.6g} {row.unit}", row.status, price])
    columns = ["full", "capacity", "which is", f"one more unit saves, {plan.summary['unit']} a year"]
    table(f"The {len(lines)} tightest bottlenecks", columns, lines, right=(1, 3))


def _modes(plan: Plan) -> None:
    modes = plan.summary["modes"]
    work = sum(one["mtkm"] for one in modes.values()) or 1.0
    lines = [
        [
            mode,
            f"{one['kt_mainly']:,.0f}",
            f"{one['mtkm']:,.0f}",
            f"{one['mtkm'] / work:.1%}",
            f"{one['mtkm_at_home']:,.0f}",
        ]
        for mode, one in modes.items()
    ]
    home = plan.summary["home_country"]
    columns = ["mode", "kt mainly by it", "M tkm", "share", f"M tkm in {home}"]
    table("Modes", columns, lines, right=(1, 2, 3, 4))


def _unserved(unserved: pd.DataFrame) -> None:
    if not len(unserved):
        click.echo("Everything is served.")
        return
    worst = unserved.sort_values("kt", ascending=False).head(LISTED_UNSERVED)
    lines = [[f"{row.origin} - {row.destination}", row.commodity, f"{row.kt:,.1f}", row.why] for row in rows(worst)]
    table(f"Not served ({len(unserved)} demands; the largest)", ["demand", "commodity", "kt", "why"], lines, right=(2,))
