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
# # From all-or-nothing to choice
#
# The linear plan is the optimum of one hand: of two routes that cost nearly the same, the dearer gets nothing. Real
# shippers differ, and know different things, so freight spreads. This notebook takes the same year step by step from
# the one to the other: shares by probability, then a dearer tariff, then places that crowd.

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
linear = co.plan(network, progress=False)

# %% [markdown]
# ## All or nothing
#
# Where nothing is full, all of a demand takes its cheapest route.

# %%
per_demand = linear.routes.groupby("demand")["kt"].agg(["size", "sum"])
one = per_demand["size"] == 1
Markdown(
    f"{one.sum()} of {len(per_demand)} demands that are carried take one single route: {one.mean():.0%} of demands, "
    f"{per_demand.loc[one, 'sum'].sum() / per_demand['sum'].sum():.0%} of the tonnes."
)

# %% [markdown]
# ## Choice
#
# `choice="logit"` gives each listed route a probability. Routes that a person would call one way (the same chain of
# modes, through the same frontiers and ports of the home country) share a nest: they compete with each other first.
# `tau` says how sharply people choose: a way that costs 10 % of the cheapest more gets the odds `exp(-tau / 10)`
# against it. Capacities stay hard, and the answer is proved as the linear one is.

# %%
TAUS = (5, 10, 20)
choice = {tau: co.plan(network, choice="logit", tau=tau, progress=False) for tau in TAUS}
for tau, plan in choice.items():
    assert plan.summary["gap"] <= 1e-6, f"tau {tau} is not proved"


# %%
def several_ways(plan, least: float = 0.05) -> tuple[float, float]:
    """Return the shares of demands, and of tonnes, of which at least two ways have more than 5 %."""
    ways = plan.routes.groupby(["demand", "way"])["probability"].sum()
    several = (ways > least).groupby("demand").sum() > 1
    kt = plan.routes.groupby("demand")["kt"].sum()
    return several.mean(), kt[several].sum() / kt.sum()


spread = pd.DataFrame([(tau, *several_ways(plan)) for tau, plan in choice.items()])
spread.columns = ["tau", "demands with several ways", "tonnes of them"]
spread

# %% [markdown]
# One demand shows it best: the one that the linear plan sends over one route, and choice over most.

# %%
MIDDLE = choice[TAUS[1]]
effective = MIDDLE.routes.groupby(["demand", "way"])["probability"].sum().pow(2).groupby("demand").sum()
spread_most = effective[effective.index.isin(per_demand.index[one])].idxmin()
shown = MIDDLE.routes[MIDDLE.routes["demand"] == spread_most].head(8)
shown[["demand", "way", "kt", "probability", "km", "hours", "generalised_usd_per_t"]]

# %% [markdown]
# ## The corridors, side by side
#
# As tau grows, the plan comes back to the linear one: that is its limit.

# %%
side = linear.corridors.set_index("corridor")[["name_en", "mode", "kt"]].rename(columns={"kt": "linear"})
for tau in sorted(TAUS, reverse=True):
    side[f"tau {tau}"] = choice[tau].corridors.set_index("corridor")["kt"]
side[side["mode"] != "air"]

# %% [markdown]
# ## A dearer tariff
#
# Rail in Kazakhstan costs 10 % more a kilometre. The elasticity is the change in per cent for each per cent.

# %%
TARIFF = """
name = "ktz-tariff-10"
title = "Rail tariffs in Kazakhstan are 10 % higher"

[[change]]
table = "tariffs"
where = { mode = "rail", country = "KAZ" }
scale = { usd_per_km = 1.1 }

[[change]]
table = "tariffs"
add = [
    { tariff = "rail-general-KAZ", mode = "rail", cargo = "general", country = "KAZ", usd_per_km = 0.10417, per = "t" },
]
"""
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "ktz-tariff-10.toml"
    path.write_text(TARIFF)
    dearer = co.load(scenarios=path)

# %%
links = network.dataset["links"]
HOME = set(links.loc[(links["mode"] == "rail") & (links["country"] == "KAZ"), "link"])
country = network.dataset["nodes"].set_index("node")["country"]


def outcomes(plan) -> dict[str, float]:
    """Return rail transit, containers in it, and the work of the home railway of a plan."""
    routes = plan.routes
    home_rail = routes["links"].str.split(";").map(lambda taken: not HOME.isdisjoint(taken))
    through = home_rail & (routes["origin"].map(country) != "KAZ") & (routes["destination"].map(country) != "KAZ")
    boxes = through & routes["commodity"].str.startswith("container")
    flows = plan.flows[plan.flows["link"].isin(HOME)]
    return {
        "rail transit, kt": routes.loc[through, "kt"].sum(),
        "containers in it, kt": routes.loc[boxes, "kt"].sum(),
        "railway's work, M t km": (flows["kt"] * flows["km"]).sum() / 1e3,
    }


def elasticity(before, after) -> dict[str, float]:
    """Return the elasticity of each outcome with respect to the tariff."""
    old, new = outcomes(before), outcomes(after)
    return {name: (new[name] / old[name] - 1) / 0.1 for name in old}


rows = {"linear": elasticity(linear, co.plan(dearer, progress=False))}
for tau, plan in choice.items():
    rows[f"tau {tau}"] = elasticity(plan, co.plan(dearer, choice="logit", tau=tau, progress=False))
elasticities = pd.DataFrame(rows).T
elasticities

# %%
assert (elasticities.drop(index="linear") <= 0).all().all(), "a dearer railway gains nothing"
alt.Chart(
    elasticities.reset_index(names="model").melt("model", var_name="of", value_name="elasticity"),
    width=180,
    height=220,
).mark_bar().encode(
    alt.X("model:N", sort=list(elasticities.index), title=None),
    alt.Y("elasticity:Q"),
    alt.Column("of:N", title=None),
)

# %% [markdown]
# ## Places that crowd
#
# `assign="equilibrium"` lets time grow with use: each shipper meets the mean waiting time. `assign="optimum"` charges
# each also for what it makes the others wait. Under either, a full place is still full: beyond it there is a price.

# %%
crowded = {
    assign: co.plan(network, choice="logit", tau=TAUS[1], assign=assign, progress=False)
    for assign in ("equilibrium", "optimum")
}
queues = crowded["equilibrium"].bottlenecks
queues.nlargest(8, "waiting_hours")[["where", "unit", "utilisation", "waiting_hours", "shadow_price"]]

# %%
side = pd.DataFrame({"no waiting": MIDDLE.corridors.set_index("corridor")["kt"]})
for assign, plan in crowded.items():
    side[assign] = plan.corridors.set_index("corridor")["kt"]
lines = network.dataset["corridors"].set_index("corridor")["mode"]
side[lines != "air"]

# %% [markdown]
# ## What not to believe
#
# * **tau is assumed until it is estimated from counts.** Its band is in `choice.csv` and its provenance; three values
#   are shown above because one would look like knowledge.
# * **Probabilities are over the listed routes.** The certificate says whether a cheaper one is missing, not whether a
#   dear one is.
# * **The freight itself is that of `demand.csv`**: where no elasticity is given it shrinks only towards its reservation
#   price.
#
# ## What to try next
#
# * `co.plan(network, choice="network")`: perturbed utility on the arcs, which needs no list of routes.
# * `co.plan(network, choice="logit", nests="chain")`: what the nests matter.
