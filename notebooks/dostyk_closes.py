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
# # Dostyk closes
#
# Dostyk is the older of the two railway crossings between Kazakhstan and China, and in 2024 the busier, by the counts
# and by the plan. What happens to the freight when it is shut for a year, how much the other crossing can take, and
# what half a closure costs.

# %%
import altair as alt
import pandas as pd
from IPython.display import Markdown

import corridors as co

alt.renderers.enable("png")  # pictures that need no network; "default" gives interactive ones
pd.options.display.float_format = "{:,.2f}".format

# %%
network = co.load()
ONE, OTHER = "dostyk-closed", "altynkol-closed"
known = co.scenarios().set_index("name")
Markdown("\n\n".join(f"**{known.loc[name, 'title']}.** {known.loc[name, 'why']}" for name in (ONE, OTHER)))

# %% [markdown]
# ## One closed, the other, both

# %%
several = co.run(network, [ONE, OTHER, f"{ONE}+{OTHER}"])
several

# %%
base, closed, other, both = several.plans.values()


def extra(made: co.Plan) -> float:
    """Return what a plan costs more than the base, bn USD a year."""
    return (made.summary["objective_value"] - base.summary["objective_value"]) / 1e9


Markdown(
    f"Without Dostyk the year costs {extra(closed):.2f} bn USD more, without Altynkol {extra(other):.2f} bn, without "
    f"both {extra(both):.2f} bn: "
    f"{extra(both) / (extra(closed) + extra(other)):.1f} times the sum, for each is the other's way out. "
    f"{both.summary['kt_unserved'] / 1000:.1f} Mt stay behind then."
)

# %%
both.unserved[["origin", "destination", "commodity", "kt", "why"]]

# %% [markdown]
# ## Where it goes

# %%
moved = closed.against(base)
moved

# %%
closed.chart("changes", against=base)

# %%
moved.shifts.head(10)

# %% [markdown]
# A mode tells more than a place: what the year's work looks like, by mode.

# %%
moved.modes[["name", "before", "after", "change", "unit"]]

# %%
road = moved.modes.set_index("name")["change"].get("road", 0.0)
share = (closed.summary["t_co2e"] - base.summary["t_co2e"]) / base.summary["t_co2e"]
Markdown(
    f"Lorries do {road:+,.0f} million tkm, CO2e changes by {share:+.1%}, and the mean tonne is "
    f"{(closed.summary['days_mean'] - base.summary['days_mean']) * 24:.1f} hours longer under way."
)

# %% [markdown]
# ## What is full then
#
# The price of the neighbouring crossing says what its next train pair would be worth while Dostyk is shut.

# %%
tight = closed.bottlenecks.query(
    "utilisation > 0.9995 and shadow_price_high > 0 and not where.str.contains('air', regex=False)"
)
tight = tight[["where", "unit", "capacity", "status", "shadow_price_low", "shadow_price_high"]]
tight

# %%
before = base.bottlenecks.set_index("where").loc[tight["where"], ["utilisation", "shadow_price_high"]]
before.rename(columns={"utilisation": "utilisation before", "shadow_price_high": "price before"})

# %% [markdown]
# ## Who pays
#
# Money and time's worth of what each trade moves, base against closed, for the flows that pay most more. Prices are
# what the plan's routes cost, not what is asked on the market when everybody wants another way.


# %%
def bill(made: co.Plan) -> pd.Series:
    """Return the generalised cost of each origin, destination and commodity, M USD a year."""
    routes = made.routes
    cost = routes["kt"] * routes["generalised_usd_per_t"] / 1000
    return cost.groupby([routes["origin"], routes["destination"], routes["commodity"]]).sum()


dearer = (bill(closed) - bill(base)).fillna(0.0).sort_values(ascending=False)
dearer.rename("M USD a year more").head(10).reset_index()

# %%
Markdown(
    f"Ten of {len(dearer)} flows bear {dearer.head(10).sum() / dearer.sum():.0%} of it. {int((dearer < -0.01).sum())} "
    f"pay less: they were moved aside before, "
    "and have room now."
)

# %% [markdown]
# ## Half a closure
#
# Wind, quarantine or full yards take a part of a crossing. Here its capacity goes down step by step, line and
# transfer together; lorries go on.

# %%
LINE, TRANSFER = "rail:DOSTYK-ALASHANKOU", "DOSTYK_TRANSFER"


def with_share(share: float) -> co.Plan:
    """Plan with a share of the crossing's capacity."""
    data = network.dataset
    for table, key, name in (("links", "link", LINE), ("pools", "pool", TRANSFER)):
        frame = data[table]
        frame.loc[frame[key] == name, "capacity"] *= share
        data = data.with_table(table, frame)
    return co.plan(co.load(data), progress=False)


steps = pd.DataFrame({"share left": [1.0, 0.8, 0.6, 0.4, 0.2, 0.0]})
steps["bn USD a year more"] = [extra(with_share(share)) for share in steps["share left"]]
steps

# %%
alt.Chart(steps, width=420, height=240).mark_line(point=True).encode(
    alt.X("share left:Q", axis=alt.Axis(format="%"), scale=alt.Scale(reverse=True)), alt.Y("bn USD a year more:Q")
)

# %%
cost = steps["bn USD a year more"]
assert cost.diff().dropna().ge(-1e-9).all(), "less capacity can never cost less"
Markdown(
    f"The first fifth lost costs {cost.iloc[1] * 1000:,.0f} M USD, the last {cost.diff().iloc[-1] * 1000:,.0f} M: "
    "what is lost last is dearest, for the ways round fill up."
)

# %% [markdown]
# ## What not to believe
#
# * **Everybody knows on the first day, for the whole year.** A plan has no surprise and no queue; a closure of two
#   weeks costs less in all and more a day.
# * **The neighbours take what they are offered.** Ways by Mongolia and Siberia are in the network with capacities
#   that are largely assumed.
# * **Contracts, insurance and the two gauges' wagons** do not move as freely as tonnes do here.
#
# ## What to try next
#
# * `base.worst_closures(["border"])`: every crossing closed in turn, the dearest first; `left=0.5` halves them
#   instead.
# * `co.run(co.load(year=2026), [...])`: the second track from Dostyk is open then.
# * `corridors stress --k 2 --kind border`: the two that are worst together, proven.
