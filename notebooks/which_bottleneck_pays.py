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
# # Which bottleneck pays?
#
# A plan gives every full resource a shadow price: what a little more of it would save a year. This notebook reads the
# prices, checks them by planning anew, shows how far they reach, and sets them beside what projects cost.

# %%
import tempfile
from pathlib import Path

import altair as alt
import pandas as pd
from IPython.display import Markdown

import corridors as co

alt.renderers.enable("png")  # pictures that need no network; "default" gives interactive ones
pd.options.display.float_format = "{:,.2f}".format

# %%
network = co.load()
plan = co.plan(network, intervals=20)

# %% [markdown]
# ## Prices are intervals
#
# The least cost as a function of a capacity is convex and made of straight pieces. Inside a piece there is one price;
# at a kink there are two: `low` is what a little more saves, `high` what a little less costs. Which to use depends on
# the question, and one figure in between answers neither.

# %%
full = plan.bottlenecks.query("utilisation > 0.9995 and shadow_price_high > 0")
full = full[["resource", "where", "unit", "capacity", "status", "shadow_price_low", "shadow_price_high"]]
full.drop(columns="resource")

# %%
kinks = full[full["shadow_price_high"] > 1.01 * full["shadow_price_low"]]
Markdown(
    f"{len(kinks)} of {len(full)} stand at a kink; at {(kinks['shadow_price_low'] == 0).sum()} of them more would save "
    f"nothing at all."
)

# %% [markdown]
# ## The prices hold: planned anew
#
# Each of these is a link. A hundredth of a unit more must save a hundredth of `low`, a hundredth less must cost a
# hundredth of `high`.

# %%
A_LITTLE = 0.01


def cost_with(more: float, resource: str) -> float:
    """Return the least cost of the year with so many units more of a link's capacity, USD."""
    links = network.dataset["links"]
    links.loc[links["link"] == resource, "capacity"] += more
    return co.plan(co.load(network.dataset.with_table("links", links)), intervals=0, progress=False).summary[
        "objective_value"
    ]


BASE = plan.summary["objective_value"]
checked = full[full["resource"].isin(network.dataset["links"]["link"])].head(3).copy()
checked["a little more saves"] = [(BASE - cost_with(A_LITTLE, one)) / A_LITTLE for one in checked["resource"]]
checked["a little less costs"] = [(cost_with(-A_LITTLE, one) - BASE) / A_LITTLE for one in checked["resource"]]
for row in checked.to_dict("records"):
    exact = 1e-4 * max(row["shadow_price_high"], 1.0)
    assert abs(row["a little more saves"] - row["shadow_price_low"]) <= exact, row
    assert abs(row["a little less costs"] - row["shadow_price_high"]) <= exact, row
checked[["where", "shadow_price_low", "a little more saves", "shadow_price_high", "a little less costs"]]

# %% [markdown]
# ## How far a price reaches
#
# A whole unit is more than a little: a train pair a day is hundreds of thousands of tonnes a year. The saving grows
# ever more slowly, and stops where something else is full. The dashed line is the price times the units.

# %%
first = full.iloc[0]
reach = pd.DataFrame({"units more": [0.0, 0.5, 0.75, 1.0, 2.0, 4.0]})
reach["saved"] = [(BASE - cost_with(units, first["resource"])) / 1e6 for units in reach["units more"]]
reach["at the price"] = reach["units more"] * first["shadow_price_low"] / 1e6
reach

# %%
lines = alt.Chart(reach, width=420, height=240, title=first["where"]).encode(
    alt.X("units more:Q", title=f"more {first['unit']}")
)
saved = lines.mark_line(point=True).encode(alt.Y("saved:Q", title="M USD a year"))
saved + lines.transform_filter("datum['units more'] <= 1").mark_line(strokeDash=[4, 4]).encode(alt.Y("at the price:Q"))

# %%
assert (reach["saved"] <= reach["at the price"] + 1e-3).all(), "no finite step saves more than its price says"
assert reach["saved"].is_monotonic_increasing or reach["saved"].diff().min() > -1e-3, (
    "more capacity can never cost more"
)
whole, most = reach.set_index("units more").loc[1.0, "saved"], reach["saved"].max()
Markdown(
    f"The price says {first['shadow_price_low'] / 1e6:.1f} M USD a year for one unit ({first['unit']}); a whole one "
    f"saves {whole:.1f} M, and no number of them more "
    f"than {most:.1f} M. **A shadow price is for choosing where to look; for deciding, plan with the project built.**"
)

# %% [markdown]
# ## Beside what it costs
#
# `projects.csv` says what each project changes and costs. These touch a line beside a full one, between the same two
# places. Each is applied as if finished, and the year planned anew: as it was, and with the neighbouring crossing
# shut.

# %%
JAM = "altynkol-closed"
links, projects = network.dataset["links"].set_index("link"), network.dataset["projects"]
ends = {link: (row["mode"], *sorted((row["from_node"], row["to_node"]))) for link, row in links.iterrows()}
tight = {ends[resource] for resource in full["resource"] if resource in ends}
beside = projects[projects["key"].map(ends).isin(tight)]["project"].unique()
about = projects[projects["project"].isin(beside)].groupby("project")
about = about.agg(name=("name_en", "first"), musd=("musd", "sum"), ready=("year_finish", "max"))


def saved_by(project: str, before: str = "") -> float:
    """Return what a project saves a year, M USD, after another scenario if one is named."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{project}.toml"
        path.write_text(f'[[change]]\ntable = "projects"\nwhere = {{ project = "{project}" }}\napply = true\n')
        first = [before] if before else []
        without, built = (co.plan(co.load(scenarios=chosen), progress=False) for chosen in (first, [*first, path]))
    return (without.summary["objective_value"] - built.summary["objective_value"]) / 1e6


about["M USD a year saved"] = [saved_by(project) for project in about.index]
about["years to earn it back"] = about["musd"] / about["M USD a year saved"]
about[f"saved with {JAM}"] = [saved_by(project, JAM) for project in about.index]
about

# %%
said = [
    f"**{row['name']}** would have saved {row['M USD a year saved']:,.1f} M USD in {plan.summary['year']} and cost "
    f"{row['musd']:,.0f} M: "
    f"{row['years to earn it back']:,.0f} years, without interest, at that year's freight. With {JAM} it saves "
    f"{row[f'saved with {JAM}']:,.1f} M."
    for row in about.to_dict("records")
]
Markdown("\n\n".join(said) or "No project touches a full line.")

# %% [markdown]
# A project may save more than any number of units of the full resource, for it changes more than one thing: a second
# track is faster, too, and goes on beyond the full stretch. So neither the price nor the units times the price stand
# for a project; a plan with it does.

# %% [markdown]
# ## What not to believe
#
# * **A price stands on its capacity.** Of the full resources above these have capacities that nobody observed:

# %%
full[full["status"] != "observed"][["where", "status", "shadow_price_high"]]

# %% [markdown]
# * **Savings are the whole economy's**, foreign shippers' among them: not a railway's income, and no toll recovers
#   all of it.
# * **Prices cannot be added up.** Two full lines in a row have one bottleneck's worth between them.
# * **One year, one demand.** Where demand is uncertain, so is the price; `corridors uncertainty` says how much.
#
# ## What to try next
#
# * Demand of 2030: `co.plan(co.load(scenarios="world-bank-2030"))`, and the prices again.
# * `plan.worst_closures(["link"])`: not what more would save, but what losing it all would cost.
