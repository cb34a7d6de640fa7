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
# # Sea or rail, Berlin - Lianyungang
#
# Days, kilometres, money and CO2 between the same two places by each means of transport; which cargo is better off on
# the train; and what the best case that planners speak of would ask of ships and trains.

# %%
import altair as alt
import pandas as pd
from IPython.display import Markdown

import corridors as co

ENDS = "Berlin", "Lianyungang"
KM_PER_NAUTICAL_MILE = 1.852
alt.renderers.enable("png")  # pictures that need no network; "default" gives interactive ones
pd.options.display.float_format = "{:,.1f}".format

# %% [markdown]
# ## Today's practice

# %%
typical = co.load()
now = co.compare(typical, *ENDS)
now

# %%
now.chart()

# %%
by = now.table.set_index("means")
sea, rail = by.loc["sea"], by.loc["rail"]
Markdown(
    f"By rail the box is there in {rail['days']:.1f} days instead of {sea['days']:.1f}, over "
    f"{rail['km'] / sea['km']:.0%} of the distance. It pays "
    f"{rail['usd_per_feu'] - sea['usd_per_feu']:,.0f} USD more per 40-foot container "
    f"({rail['usd_per_t'] / sea['usd_per_t'] - 1:+.0%}), and emits "
    f"{rail['kgco2e_per_t'] / sea['kgco2e_per_t'] - 1:+.0%} CO2e per tonne."
)

# %% [markdown]
# ## Leg by leg: where the hours go
#
# A ship loses its days moving; a train loses its hours at frontiers and changes of gauge.

# %%
HOURS = ["hours_moving", "hours_border", "hours_gauge", "hours_handling"]
now.legs[now.legs["means"].isin(["sea", "rail"])].drop(columns=["leg"])

# %%
spent = now.legs.groupby("means")[HOURS].sum().loc[["sea", "rail"]]
shares = spent.div(spent.sum(axis=1), axis=0)
Markdown(
    "; ".join(
        f"by {means}, {1 - share['hours_moving']:.0%} of {spent.loc[means].sum():,.0f} hours are spent standing"
        for means, share in shares.iterrows()
    ).capitalize()
    + "."
)

# %% [markdown]
# ## Whose cargo should take the train?
#
# Rail costs more money and less time, so there is a value of time at which both cost the same:
#
# $$ v^* = \frac{p_{rail} - p_{sea}}{t_{sea} - t_{rail}} $$
#
# in USD per tonne and day. Cargo whose day is worth more goes by rail. A container's price is shared by the tonnes in
# it, so each class has its own break-even; `cargo_value` is the price of a tonne at which an interest of 10 % a year
# alone makes up `break_even`.

# %%
classes = typical.dataset["commodities"].query("cargo == 'container'").set_index("commodity")
INTEREST = 0.10


def break_even(network: co.Network, commodity: str) -> pd.Series:
    """Return the value of time at which sea and rail cost the same, USD/t a day, and who wins at the class's own."""
    means = co.compare(network, *ENDS, commodity).table.set_index("means").loc[["sea", "rail"]]
    dearer, slower = means["usd_per_t"].diff().iloc[-1], -means["days"].diff().iloc[-1]
    at = dearer / slower
    own = classes.loc[commodity, "usd_per_t_day"]
    return pd.Series(
        {
            "usd_per_t_day": own,
            "break_even": at,
            "cargo_value": at * 365 / INTEREST,
            "cheaper in all": means["generalised_usd_per_t"].idxmin(),
        }
    )


today = pd.DataFrame({one: break_even(typical, one) for one in classes.index}).T
today

# %%
winners = today.index[today["cheaper in all"] == "rail"]
Markdown(
    f"Of {len(classes)} classes of containers, {', '.join(winners)} are better off by rail. The answer hangs on the "
    f"value of time, which nobody "
    "publishes: look it up before relying on it (`corridors data source commodities container_mid usd_per_t_day`)."
)

# %% [markdown]
# ## And the carbon?
#
# Ships emit less per tonne-kilometre, and sail further. A carbon price closes the gap in money between rail and sea
# at

# %%
closes = (rail["usd_per_t"] - sea["usd_per_t"]) / (sea["kgco2e_per_t"] - rail["kgco2e_per_t"]) * 1000
Markdown(
    f"**{closes:,.0f} USD per tonne of CO2e**."
    if closes > 0
    else "no carbon price at all: rail does not both cost more and emit less."
)

# %% [markdown]
# ## The best case, and what it asks for
#
# `running="best"` holds the national strategy's best case: the same tariffs, faster running and shorter waits.

# %%
best = co.load(running="best")
then = co.compare(best, *ENDS)
pd.concat({"typical": now.table.set_index("means"), "best": then.table.set_index("means")}, axis=1)[
    [(when, what) for what in ("days", "km", "usd_per_t") for when in ("typical", "best")]
]


# %%
def pace(made: co.Comparison) -> pd.DataFrame:
    """Return the speed under way of the sea leg in knots, and km a day of the train from end to end."""
    legs = made.legs
    ship = legs[legs["mode"] == "deep_sea"].iloc[0]
    train = made.table.set_index("means").loc["rail"]
    return pd.DataFrame(
        {
            "km at sea": [ship["km"]],
            "knots under way": [ship["km"] / ship["hours_moving"] / KM_PER_NAUTICAL_MILE],
            "train, km a day": [train["km"] / train["days"]],
            "train, hours standing": [legs[legs["means"] == "rail"][HOURS[1:]].sum().sum()],
        }
    )


paces = pd.concat({"typical": pace(now), "best": pace(then)}).droplevel(1)
paces

# %%
fast = then.table.set_index("means")
ship = then.legs[then.legs["mode"] == "deep_sea"].iloc[0]
stood = -paces["train, hours standing"].diff().iloc[-1] / ((rail["days"] - fast.loc["rail", "days"]) * 24)
Markdown(
    f"{fast.loc['sea', 'days']:.1f} days by sea ask for {paces.loc['best', 'knots under way']:.1f} knots all the way "
    f"over {ship['km']:,.0f} km, against "
    f"{paces.loc['typical', 'knots under way']:.1f} in today's practice. No liner runs so fast today: the fuel of a "
    f"day grows "
    f"with about the cube of the speed. Yet the emissions per tonne-kilometre of the two cases are the same in the "
    f"data, so the "
    f"best case flatters the ship. {fast.loc['rail', 'days']:.1f} days by rail ask for "
    f"{paces.loc['best', 'train, km a day']:,.0f} km a day "
    f"({paces.loc['typical', 'train, km a day']:,.0f} typically) and {paces.loc['best', 'train, hours standing']:.0f} "
    f"hours standing instead of "
    f"{paces.loc['typical', 'train, hours standing']:.0f}: {stood:.0%} of the time won is won at frontiers and in "
    f"yards."
)

# %% [markdown]
# In the best case rail loses much of its lead, for the ship gains more days than the train does:

# %%
best_case = pd.DataFrame({one: break_even(best, one) for one in classes.index}).T
pd.concat(
    {"typical": today["break_even"], "best": best_case["break_even"], "own": classes["usd_per_t_day"]}, axis=1
).astype(float)

# %% [markdown]
# ## What not to believe
#
# * **The best case proves nothing about itself.** Its speeds are calibrated on this very pair of places, so that the
#   strategy's days come out. Which figures are calibrated and which assumed, the data say:

# %%
told = typical.dataset["provenance"]
speeds = told[(told["table"] == "modes") & told["column"].isin(["speed_kmh", "speed_factor"])]
speeds[speeds["key"].str.match("rail|deep_sea")][["key", "column", "status", "low", "high", "source"]]

# %% [markdown]
# * **Prices are a year's averages.** Freight by sea multiplies and falls back within a few years, and the break-even
#   moves with it: put your own price in.
# * **These are routes on an empty network.** What they cost when everybody wants them is in the plan: its bottlenecks
#   add their price.
#
# ## What to try next
#
# * Other ends: `co.compare(typical, "Duisburg", "Chongqing")`; places may be named in English, Russian or Kazakh.
# * The sea without Suez: `co.compare(co.load(scenarios="suez-closed"), *ENDS)`.
# * `typical.scorecard()`: published distances and times beside the model's.
