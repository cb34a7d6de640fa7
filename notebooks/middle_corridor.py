# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The Middle Corridor: what holds it back?
#
# The Trans-Caspian route is planned to grow many times over, and money goes into ports and ships. Before asking how
# much capacity it needs, ask whether capacity is what it lacks: today, and when the way through Russia is shut.

# %%
import tempfile
from pathlib import Path

import altair as alt
import pandas as pd
from IPython.display import Markdown

import corridors as co

BOATS = ["caspian", "ferry"]  # dry cargo ships and train ferries
PORTS = ["AKTAU_PORT", "AKTAU_CONTAINERS", "KURYK_PORT", "ALAT_PORT", "ALAT_CONTAINERS"]
NORTH_SHUT = "russia-transit-stopped"
alt.renderers.enable("png")  # pictures that need no network; "default" gives interactive ones
pd.options.display.float_format = "{:,.2f}".format

# %%
network = co.load()
plan = co.plan(network)
plan.corridors[plan.corridors["mode"] == "rail"]

# %% [markdown]
# ## What crosses the sea, and what it takes
#
# The fullest link of a corridor may be shared with others. What belongs to this route alone are ships and ports:
# every limit that a tonne meets between the two shores.


# %%
def crossing(made: co.Plan) -> pd.DataFrame:
    """Return every limited resource that freight across the Caspian takes, the fullest first."""
    boats = made.flows[made.flows["mode"].isin(BOATS)]["resources"]
    quays = made.handlings.query("from_mode in @BOATS or to_mode in @BOATS")["resources"]
    names = {name for one in pd.concat([boats, quays]) for name in one.split(";") if name}
    found = made.bottlenecks[made.bottlenecks["resource"].isin(names)]
    columns = ["where", "unit", "capacity", "used", "utilisation", "shadow_price_low", "shadow_price_high", "status"]
    return found.sort_values("utilisation", ascending=False)[columns].reset_index(drop=True)


def crossed(made: co.Plan) -> float:
    """Return the kt a year that cross the Caspian by dry cargo ship and ferry."""
    return float(made.flows[made.flows["mode"].isin(BOATS)]["kt"].sum())


crossing(plan)

# %%
first = crossing(plan).iloc[0]
priced = crossing(plan).query("shadow_price_high > 0")
Markdown(
    f"{crossed(plan) / 1000:.1f} Mt cross. The fullest limit is {first['where']}, at {first['utilisation']:.0%}; "
    + (
        "**none has a price**: more ships and quays would change nothing in this plan."
        if priced.empty
        else f"{len(priced)} of them have a price."
    )
)

# %% [markdown]
# ## So it is not capacity: what then?
#
# Two ways for one container from China to Europe, on an empty network:

# %%
ways = co.compare(network, "Lianyungang", "Berlin")
by = ways.table.set_index("means").loc[["rail", "middle_corridor"]]
north, middle = by.loc["rail"], by.loc["middle_corridor"]
by

# %%
kinds = {
    "hours_moving": "moving",
    "hours_border": "at frontiers",
    "hours_gauge": "changing gauge",
    "hours_handling": "handling",
}
hours = ways.legs.groupby("means")[list(kinds)].sum().loc[["rail", "middle_corridor"]].rename(columns=kinds)
hours

# %%
legs = ways.legs[ways.legs["means"] == "middle_corridor"]
legs.drop(columns=["means", "kgco2e_per_t"])

# %%
more = hours.loc["middle_corridor"] - hours.loc["rail"]
Markdown(
    f"The Middle Corridor is {middle['km'] / north['km'] - 1:.0%} longer to Berlin, takes "
    f"{middle['days'] - north['days']:.1f} days more and costs "
    f"{middle['usd_per_feu'] - north['usd_per_feu']:,.0f} USD more per 40-foot container. Of the {more.sum():,.0f} "
    f"hours more, "
    f"{more['moving']:,.0f} are spent moving and {more.drop('moving').sum():,.0f} standing. No quay removes the "
    f"kilometres. To draw even, the route would "
    f"have to be {middle['generalised_usd_per_t'] - north['generalised_usd_per_t']:,.0f} USD/t cheaper in money and "
    f"time's worth; sea and ferry terminals "
    f"together cost {legs[legs['mode'].isin(BOATS)]['usd_per_t'].sum():,.0f} USD/t, crossing included."
)

# %% [markdown]
# ## And when the north is shut?
#
# In `russia-transit-stopped` nothing passes Russia that does not begin or end there.

# %%
shut = co.plan(co.load(scenarios=NORTH_SHUT))
crossing(shut)

# %%
tight = crossing(shut).query("shadow_price_high > 0")
rail = shut.against(plan).shifts.iloc[0]
Markdown(
    f"The year costs {shut.summary['objective_value'] / plan.summary['objective_value'] - 1:.0%} more. "
    f"{crossed(shut) / 1000:.1f} Mt cross the Caspian "
    f"instead of {crossed(plan) / 1000:.1f}, and {len(tight)} of its limits have a price now, most of all "
    f"{tight.iloc[0]['where']}. "
    f"Yet the largest single shift, {rail['kt'] / 1000:,.1f} Mt, goes from {rail['from_way']} to {rail['to_way']}."
)

# %% [markdown]
# ## What would more capacity bring?
#
# A scenario of your own is a few lines of TOML. This one multiplies all dry cargo ships, ferries, and the ports of
# Aktau, Kuryk and Baku.


# %%
def larger(factor: float, folder: Path) -> str:
    """Write a scenario in which ships and ports across the Caspian can take so many times as much."""
    boats = ", ".join(f'"{mode}"' for mode in BOATS)
    ports = ", ".join(f'"{pool}"' for pool in PORTS)
    change = '[[change]]\ntable = "{}"\nwhere = {}\nwhere_not = {{ capacity = inf }}\nscale = {{ capacity = {} }}\n'
    path = folder / f"caspian-{factor:g}.toml"
    path.write_text(
        change.format("links", f"{{ mode = [{boats}] }}", factor)
        + change.format("pools", f"{{ pool = [{ports}] }}", factor)
        + change.format("terminals", f'{{ kind = "tranship", from_mode = "rail", to_mode = [{boats}] }}', factor)
    )
    return str(path)


found, plans = [], {}
with tempfile.TemporaryDirectory() as folder:
    for world, base, before in (("today", plan, ()), ("no transit through Russia", shut, (NORTH_SHUT,))):
        for factor in (1.0, 1.5, 2.0, 4.0):
            made = co.plan(co.load(scenarios=[*before, larger(factor, Path(folder))]), progress=False)
            saved = base.summary["objective_value"] - made.summary["objective_value"]
            found.append((world, factor, saved / 1e6, crossed(made)))
            plans[world, factor] = made
growth = pd.DataFrame(found, columns=["world", "capacity, times", "M USD a year saved", "kt across"])
growth

# %%
alt.Chart(growth, width=420, height=240).mark_line(point=True).encode(
    alt.X("capacity, times:Q"), alt.Y("M USD a year saved:Q"), alt.Color("world:N", title=None)
)

# %% [markdown]
# With the north shut and the Caspian at its largest, these limits on land and water still have a price, those first
# where one per cent more is worth most:

# %%
relieved = plans["no transit through Russia", growth["capacity, times"].max()].bottlenecks
relieved = relieved[(relieved["shadow_price_high"] > 0) & ~relieved["unit"].str.startswith("flights")]
relieved[["where", "capacity", "unit", "status", "shadow_price_low", "shadow_price_high", "usd_per_percent"]]

# %%
most = growth[growth["capacity, times"] == growth["capacity, times"].max()].set_index("world")
cost = (shut.summary["objective_value"] - plan.summary["objective_value"]) / 1e6
calm, crisis = most.loc["today"], most.loc["no transit through Russia"]
assert calm["M USD a year saved"] < 1, "then capacity pays today, and the text below is to be written anew"
assert crisis["M USD a year saved"] < 0.05 * cost, "then capacity is a good insurance, and so is the text"
Markdown(
    f"With {calm['capacity, times']:.0f} times the capacity, {calm['M USD a year saved']:,.1f} M USD a year are saved "
    f"today, and "
    f"{crisis['M USD a year saved']:,.0f} M when the north is shut: {crisis['M USD a year saved'] / cost:.1%} of what "
    f"that costs. Capacity on the "
    "Caspian is an insurance, and a small part of one; it is not what decides whether China's trade with Europe comes "
    "this way."
)

# %% [markdown]
# ## What not to believe
#
# * **Port and ship capacities are mostly assumed** (column `status`), and a price of zero is only as firm as they
#   are. `corridors uncertainty` varies them.
# * **Reliability is not in a plan.** Storms, waiting for a ship to fill, and the fear of sanctions move shippers;
#   here a tonne minds only mean hours and money.
# * **Some shippers avoid Russia already**: the column `avoid` of demand.csv says which, and is an assumption.
# * **Which port the boxes take, the plan gets wrong**: they were counted on the feeder from Aktau, and it sends them by
#   the ferry from Kuryk, which costs a little less.
# * `russia-transit-stopped` forbids Kazakhstan's own trains by Iletsk, too, which are a sixth of its cost.
# * All of the saving is counted, whosever it is: not the ports' income.
#
# ## What to try next
#
# * `low-caspian`: the sea falls, and ships carry half. `co.run(network, ["low-caspian"])`.
# * Shorter waits instead of more capacity: `set = { hours = 24 }` on the rows of terminals.csv at the ports, then
#   compare again.
# * Projects of the table `projects.csv` by name: `table = "projects"`, `where = { project = "P17" }`, `apply = true`.
