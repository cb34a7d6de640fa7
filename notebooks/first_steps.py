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
# # First steps
#
# From the embedded data package to a proven plan, its bottlenecks, a what-if, and a folder of CSV files. Every figure
# in the text below is computed where it stands, so it stays true when the data change.

# %%
import tempfile
from pathlib import Path

import altair as alt
import pandas as pd
from IPython.display import Markdown

import corridors as co

alt.renderers.enable("png")  # pictures that need no network; "default" gives interactive ones
pd.options.display.float_format = "{:,.2f}".format

# %% [markdown]
# ## The network
#
# `co.load()` reads the embedded data package; `co.load("my-folder")` reads yours. Terminals, gauges and frontiers are
# part of the network: a tonne that changes from train to ship pays for it in money, hours and CO2e.

# %%
network = co.load()
network

# %% [markdown]
# ## The plan
#
# Every demand goes where its generalised cost (money, and time at the cargo's own value) is least, within all
# capacities together.

# %%
plan = co.plan(network)
plan

# %% [markdown]
# The proof is computed apart from the solver, from the problem and the answer alone: `bound_value` is what no plan
# can beat.

# %%
plan.certificate

# %%
summary = plan.summary
rail = summary["modes"]["rail"]
Markdown(
    f"Of {summary['kt_demanded'] / 1000:,.0f} Mt a year, {summary['kt_served'] / summary['kt_demanded']:.1%} are "
    f"served. Rail does "
    f"{rail['mtkm'] / sum(one['mtkm'] for one in summary['modes'].values()):.0%} of the work. A tonne is under way for "
    f"{summary['days_mean']:.1f} days on average."
)

# %% [markdown]
# ## Tables
#
# All results are pandas frames, and copies: change them as you like. The corridors with the most work:

# %%
plan.corridors.nlargest(8, "mtkm")

# %% [markdown]
# A shadow price is what the next bit of a full resource would save a year. It is an interval where the plan has a
# kink: the low end is what a little more would save, the high end what a little less would cost.

# %%
full = plan.bottlenecks.query("utilisation > 0.9995 and shadow_price_high > 0")
full[["where", "capacity", "unit", "status", "shadow_price_low", "shadow_price_high"]]

# %% [markdown]
# Where does one flow go? Ask `routes`, here for the largest flow of containers that goes by rail:

# %%
boxes = plan.routes[plan.routes["commodity"].str.startswith("container") & plan.routes["modes"].str.contains("rail")]
largest = boxes.loc[boxes["kt"].idxmax(), "demand"]
boxes[boxes["demand"] == largest][
    ["origin", "destination", "commodity", "kt", "modes", "km", "hours", "usd_per_t", "nodes"]
]

# %% [markdown]
# ## Pictures

# %%
plan.map()

# %%
plan.chart("bottlenecks")

# %% [markdown]
# `plan.charts` lists the others.

# %%
plan.charts

# %% [markdown]
# ## What if
#
# Scenarios are named changes to tables, each with its reasons and sources. They come with the data package:

# %%
co.scenarios()[["name", "title"]]

# %%
several = co.run(network, ["suez-closed", "ktz-tariff-20"])
several

# %%
several.differences["ktz-tariff-20"]

# %% [markdown]
# ## Keep it
#
# A plan folder is CSV files that any spreadsheet opens, with a dictionary of every column. Read back, it is the same
# plan, on the same network: the digest of the tables is compared.

# %%
with tempfile.TemporaryDirectory() as folder:
    plan.write(Path(folder) / "plan")
    print(*sorted(path.name for path in (Path(folder) / "plan").iterdir()), sep="\n")
    again = co.read(Path(folder) / "plan")
assert again.summary == plan.summary
again

# %% [markdown]
# ## What not to believe
#
# * **Origins and destinations are made up of totals.** Totals are counted or derived, the split between places is
#   stated and assumed. But for the load of a train at Dostyk, nothing is fitted to what was counted on a line:
#   `plan.counts()` shows what comes out.
# * **A plan is the least that the freight could cost**, everybody taken together. Shippers do not move together, and
#   contracts hold.
# * **A price is as good as its capacity.** The column `status` says which capacities are observed and which assumed:

# %%
Markdown(f"{(full['status'] == 'observed').sum()} of the {len(full)} full resources above have an observed capacity.")

# %% [markdown]
# ## What to try next
#
# * `co.plan(network, carbon_price=100)`, `objective="emissions"`, `co.load(running="best")`, `co.load(year=2026)`:
#   then `new.against(plan)`.
# * `network.scorecard()`: the model beside published figures, with pass or fail.
# * The other notebooks: `sea_or_rail`, `middle_corridor`, `dostyk_closes`, `which_bottleneck_pays`,
#   `from_all_or_nothing_to_choice`, `your_own_country`.
