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
# # Your own country
#
# From an empty folder to a proven plan, on a small real network: the copper of Zambia's Copperbelt and of Katanga,
# its neighbour across the border, and the six ways by which it reaches the sea. Nothing in the program knows a place,
# a corridor or a price, so another country is a folder of tables, and no code.
#
# At the end you have a data package of 23 places and 39 links in which **every number says where it comes from**, a
# first plan with its certificate, three events played through, and a list of what the model got right and wrong
# beside published figures. Read it once, then do the same with your own tables.
#
# Numbers here are of four kinds, and the difference matters more than any result:
#
# | status | means |
# |---|---|
# | `observed` | a published figure that was read, with its address |
# | `recalled` | known from memory; to be looked up before anybody signs |
# | `derived` | computed from other figures, the way it was done being stated |
# | `assumed` | a judgement, with how far it may lie off |

# %% [markdown]
# ## Tools
#
# Everything is written below the folder `copper`; a second run begins afresh. The commands are those of a terminal:
# `run("data tables")` is `corridors data tables`. The tables are typed here so that the page is complete; you may as
# well type them in Excel and save them as CSV.

# %%
import json
import os
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path

import pandas as pd
from geographiclib.geodesic import Geodesic

import corridors as co

WORK = Path("copper")
DATA = WORK / "zambia"
shutil.rmtree(WORK, ignore_errors=True)
WORK.mkdir()
pd.set_option("display.width", 150, "display.max_columns", 20, "display.precision", 1, "display.max_colwidth", 70)


def run(command: str, ends: int = 0) -> None:
    """Run `corridors COMMAND`, print all that it says, and stop here if its exit code is another than `ends`."""
    words = [sys.executable, "-m", "corridors", *shlex.split(command)]
    plain = {name: value for name, value in os.environ.items() if "COLOR" not in name}  # notebooks ask for colours
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=plain)
    print(f"$ corridors {command}", done.stdout, sep="\n", end="")
    if done.returncode != ends:
        raise RuntimeError(f"exit code {done.returncode} where {ends} was expected")


def rows(text: str) -> pd.DataFrame:
    """Read a table typed with bars between its columns; every cell stays the text that was typed."""
    typed = pd.read_csv(StringIO(text.strip()), sep="|", dtype=str, keep_default_na=False)
    return typed.rename(columns=str.strip).map(str.strip)


def save(table: str, frame: pd.DataFrame) -> None:
    """Write a table into the data package; columns that were not typed stay blank."""
    path = DATA / f"{table}.csv"
    columns = pd.read_csv(path, nrows=0).columns
    frame.reindex(columns=columns, fill_value="").to_csv(path, index=False)


def describe(**said: str | int) -> dict:
    """Write into datapackage.json what is said of the package as a whole, and give all that it says now."""
    path = DATA / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8")) | said
    path.write_text(json.dumps(package, indent=2), encoding="utf-8")
    return package


# %% [markdown]
# ## 1. An empty data package
#
# A data package is a folder of CSV files. What its tables are:

# %%
run("data tables")

# %% [markdown]
# Eight of them are required; the rest are there when you want shared limits, named corridors, or sources. We begin
# with all of them, empty: every file has its header, so nobody has to know the columns by heart. (`corridors data
# init DIR` without `--empty` copies the embedded package instead.)

# %%
run(f"data init {DATA} --empty")
run(f"data check {DATA}")

# %% [markdown]
# `datapackage.json` in that folder describes every column with its unit. A few lines of it are ours to fill: what the
# package is called, the year that money and network are of and, later on, whose country it is and what to compare
# where nobody says.

# %%
package = describe(title="Copper of the Copperbelt and Katanga", base_year=2024)

# %% [markdown]
# ## 2. Places
#
# Mines' towns, junctions, frontiers, ports, and two ends of the world: Shanghai stands for Asia, Rotterdam for Europe
# and America.

# %%
nodes = rows("""
node         | name_en          | country | lat    | lon    | kind
KOLWEZI      | Kolwezi          | COD     | -10.72 | 25.47  | city
LUBUMBASHI   | Lubumbashi       | COD     | -11.66 | 27.48  | city
KASUMBALESA  | Kasumbalesa      | COD     | -12.26 | 27.80  | border_road
SOLWEZI      | Solwezi          | ZMB     | -12.17 | 26.39  | city
KITWE        | Kitwe            | ZMB     | -12.82 | 28.21  | city
NDOLA        | Ndola            | ZMB     | -12.97 | 28.63  | city
KAPIRI       | Kapiri Mposhi    | ZMB     | -13.97 | 28.68  | city
LUSAKA       | Lusaka           | ZMB     | -15.42 | 28.28  | city
LIVINGSTONE  | Livingstone      | ZMB     | -17.85 | 25.86  | city
NAKONDE      | Nakonde          | ZMB     | -9.33  | 32.76  | border_road
DAR          | Dar es Salaam    | TZA     | -6.82  | 39.29  | seaport
HARARE       | Harare           | ZWE     | -17.83 | 31.05  | city
BULAWAYO     | Bulawayo         | ZWE     | -20.15 | 28.58  | city
BEIRA        | Beira            | MOZ     | -19.83 | 34.84  | seaport
KAZUNGULA    | Kazungula        | BWA     | -17.80 | 25.27  | border_road
JOHANNESBURG | Johannesburg     | ZAF     | -26.20 | 28.05  | city
DURBAN       | Durban           | ZAF     | -29.87 | 31.03  | seaport
KATIMA       | Katima Mulilo    | NAM     | -17.50 | 24.27  | border_road
WALVIS       | Walvis Bay       | NAM     | -22.95 | 14.50  | seaport
LUAU         | Luau             | AGO     | -10.70 | 22.23  | border_rail
LOBITO       | Lobito           | AGO     | -12.36 | 13.55  | seaport
SHANGHAI     | Shanghai         | CHN     | 31.20  | 121.90 | seaport
ROTTERDAM    | Rotterdam        | NLD     | 51.95  | 4.10   | seaport
""")
save("nodes", nodes)
package = describe(home_country="ZMB")  # what export, import and transit refer to: a country of nodes.csv
run(f"data check {DATA}")

# %% [markdown]
# ## 3. Modes
#
# Each mode has two sets of running figures, `typical` and `best`, and the check asks for both. We plan with
# `typical`; `best` takes the good end of each band. Prices are for tonne-kilometres: 1.80 USD a kilometre for a
# container on the road from Dar es Salaam (Central Corridor observatory, 2019), with 27 t on the lorry, make 0.067
# USD/tkm. For rail and sea we found no price that could be used and say so: assumed.

# %%
modes = rows("""
mode     | running | speed_kmh | speed_factor | usd_per_tkm | gco2e_per_tkm
road     | typical | 18        | 1            | 0.067       | 90
road     | best    | 25        | 1.3          | 0.06        | 75
rail     | typical | 12.5      | 1            | 0.045       | 28
rail     | best    | 25        | 1.33         | 0.035       | 22
deep_sea | typical | 22        | 1            | 0.004       | 12
deep_sea | best    | 30        | 1.3          | 0.003       | 8
""")
save("modes", modes)

# In Katanga lorries are dearer: the most specific row of tariffs.csv goes before the mode's price.
tariffs = rows("""
tariff   | mode | cargo | country | usd_per_km | per
road-COD | road | *     | COD     | 0.12       | t
""")
save("tariffs", tariffs)

# %% [markdown]
# How much a unit of capacity carries in a year stands in one table: a lorry a day is 365 lorries of 27 t (the load of
# copper that reporters saw in Lubumbashi).

# %%
loads = rows("""
capacity_unit | commodity | t_per_unit_year
lorries_day   | *         | 9855
kt_year       | *         | 1000
""")
save("loads", loads)

# %% [markdown]
# ## 4. Links, and what an error looks like
#
# A link is a stretch in one mode. Where a length was published it is typed; where not, the cell stays blank for now
# and gets the great circle between its ends times 1.25 on the road and 1.3 on rails. That factor is ours, and so
# these lengths are `derived`, with the great circle as their lower end. `capacity` must be given: `inf` says in so
# many words that there is no limit that we know of.
#
# **The limits are the weakest numbers of the whole table.** Frontiers have figures for lorries a day. For railways
# and for copper in Beira we found only what was carried, and take that as the limit; it is a lower end, and its band
# is wide.

# %%
links = rows("""
from_node    | to_node      | mode | country | km   | speed_kmh | capacity | capacity_unit | name_en
KOLWEZI      | LUBUMBASHI   | road | COD     | 320  |           | inf      |               |
LUBUMBASHI   | KASUMBALESA  | road | COD     | 80   |           | inf      |               |
KASUMBALESA  | KITWE        | road | ZMB     |      |           | 450      | lorries_day   | Frontier at Kasumbalesa
LUBUMBASHI   | NDOLA        | road | COD     |      | 9         | 50       | lorries_day   | Dirt road by Sakania and Mokambo
SOLWEZI      | KITWE        | road | ZMB     | 23   |           | inf      |               |
KITWE        | NDOLA        | road | ZMB     | 60   |           | inf      |               |
NDOLA        | KAPRI        | road | ZMB     |      |           | inf      |               |
KAPIRI       | LUSAKA       | road | ZMB     |      |           | inf      |               |
KAPIRI       | NAKONDE      | road | ZMB     |      |           | inf      |               |
NAKONDE      | DAR          | road | TZA     | 925  |           | 300      | lorries_day   | Frontier at Nakonde-Tunduma
LUSAKA       | HARARE       | road | ZWE     |      |           | 200      | lorries_day   | Frontier at Chirundu
HARARE       | BEIRA        | road | MOZ     | 559  |           | inf      |               |
HARARE       | JOHANNESBURG | road | ZAF     |      |           | inf      |               |
LUSAKA       | LIVINGSTONE  | road | ZMB     |      |           | inf      |               |
LIVINGSTONE  | KAZUNGULA    | road | ZMB     |      |           | 125      | lorries_day   | Bridge at Kazungula
KAZUNGULA    | JOHANNESBURG | road | BWA     |      |           | inf      |               |
JOHANNESBURG | DURBAN       | road | ZAF     | 570  |           | inf      |               |
LIVINGSTONE  | KATIMA       | road | ZMB     | 211  |           | 60       | lorries_day   | Frontier at Katima Mulilo
KATIMA       | WALVIS       | road | NAM     | 1300 |           | inf      |               |
KITWE        | NDOLA        | rail | ZMB     |      |           | 1020     | kt_year       | Zambia Railways Kitwe - Ndola
NDOLA        | KAPIRI       | rail | ZMB     |      |           | 1020     | kt_year       | Zambia Railways Ndola - Kapiri Mposhi
LUBUMBASHI   | NDOLA        | rail | COD     |      |           | 100      | kt_year       | Railway by Sakania
KAPIRI       | NAKONDE      | rail | ZMB     | 889  | 12.9      | 400      | kt_year       | TAZARA in Zambia
NAKONDE      | DAR          | rail | TZA     | 971  | 12.9      | 400      | kt_year       | TAZARA in Tanzania
KAPIRI       | LIVINGSTONE  | rail | ZMB     |      |           | 1020     | kt_year       | Zambia Railways to the south
LIVINGSTONE  | BULAWAYO     | rail | ZWE     |      |           | 300      | kt_year       | Railway by Victoria Falls
BULAWAYO     | DURBAN       | rail | ZAF     |      |           | 300      | kt_year       | Railway Bulawayo - Durban
KOLWEZI      | LUAU         | rail | COD     | 450  | 4.7       | 200      | kt_year       | Lobito line in Katanga
LUAU         | LOBITO       | rail | AGO     | 1289 | 13.4      | 200      | kt_year       | Lobito line in Angola
""")
links["link"] = links["mode"] + ":" + links["from_node"] + "-" + links["to_node"]
links = links.assign(hours_fixed="0", usd_per_t="0", both_ways="1")
links["gauge_mm"] = links["mode"].map({"rail": "1067"}).fillna("")  # the Cape gauge everywhere: no change of gauge here
measured = links[links["km"] != ""]["link"].tolist()  # typed, not computed

PLACE = nodes.set_index("node")[["lon", "lat"]].astype(float)
ROUND_ABOUT = {"road": 1.25, "rail": 1.3}


def apart_km(start: list[float], end: list[float]) -> float:
    """Return the length of the great circle between two places, each a longitude and a latitude."""
    return Geodesic.WGS84.Inverse(start[1], start[0], end[1], end[0])["s12"] / 1000


def way_km(row: pd.Series) -> str:
    """Return the typed length of a link, or the great circle times the factor of its mode."""
    if row["km"] or row["to_node"] not in PLACE.index:
        return row["km"] or "100"
    start, end = (PLACE.loc[row[column]].tolist() for column in ("from_node", "to_node"))
    return f"{apart_km(start, end) * ROUND_ABOUT[row['mode']]:.0f}"


first_try = links.assign(km=links.apply(way_km, axis=1))
save("links", first_try)
run(f"data check {DATA}", ends=2)

# %% [markdown]
# Two slips, found by the check: a place misspelt, and a length with a digit missing, which no road can have. Each
# fault is one sentence: file, row as a spreadsheet counts, column, what was found, what was expected, what to do.
# Both are corrected where they were typed (and then Kapiri Mposhi is as far from Ndola as it should be).

# %%
links["to_node"] = links["to_node"].replace("KAPRI", "KAPIRI")
links["link"] = links["mode"] + ":" + links["from_node"] + "-" + links["to_node"]
links.loc[links["link"] == "road:SOLWEZI-KITWE", "km"] = "230"
links["km"] = links.apply(way_km, axis=1)

# %% [markdown]
# The sea: great circles from cape to cape. In 2024 container lines sailed round Africa and not through the Red Sea,
# so that is the way to Rotterdam here, from Dar es Salaam, too.

# %%
CAPES = {
    "aceh": (95.0, 6.2),
    "singapore": (103.9, 1.2),
    "sunda": (105.0, -6.2),
    "karimata": (108.7, -2.5),
    "vietnam": (110.5, 10.5),
    "taiwan strait": (119.3, 24.3),
    "madagascar north": (49.6, -11.6),
    "madagascar south": (46.5, -27.5),
    "channel": (41.5, -16.5),
    "natal": (31.7, -30.5),
    "good hope": (18.2, -34.9),
    "agulhas": (20.5, -35.5),
    "palmas": (-8.5, 3.8),
    "dakar": (-17.9, 14.8),
    "ushant": (-6.0, 48.8),
    "dover": (1.6, 51.0),
}
CHINA_SEA, NORTH = ["vietnam", "taiwan strait", "SHANGHAI"], ["dakar", "ushant", "dover", "ROTTERDAM"]
MALACCA, SUNDA = ["aceh", "singapore", *CHINA_SEA], ["madagascar south", "sunda", "karimata", *CHINA_SEA]
CAPE = ["agulhas", "good hope", *NORTH]
WAYS = {
    "DAR": (MALACCA, ["channel", "natal", *CAPE]),
    "BEIRA": (["madagascar north", *MALACCA], ["natal", *CAPE]),
    "DURBAN": (SUNDA, CAPE),
    "WALVIS": (["good hope", "agulhas", *SUNDA], NORTH),
    "LOBITO": (["good hope", "agulhas", *SUNDA], ["palmas", *NORTH]),
}


def sea_km(port: str, way: list[str]) -> str:
    """Add up the great circles from a port along a way."""
    points = [PLACE.loc[stop].tolist() if stop in PLACE.index else CAPES[stop] for stop in [port, *way]]
    return f"{sum(map(apart_km, points, points[1:])):.0f}"


sea = pd.DataFrame(
    [(port, way[-1], "deep_sea", "INT", sea_km(port, way), "inf") for port, ways in WAYS.items() for way in ways],
    columns=["from_node", "to_node", "mode", "country", "km", "capacity"],
).assign(hours_fixed="0", usd_per_t="0", both_ways="0")  # outwards only: this network has no imports
sea["link"] = sea["mode"] + ":" + sea["from_node"] + "-" + sea["to_node"]
save("links", pd.concat([links, sea]).fillna(""))

# Maps draw a link along the great circle, unless shapes.csv has points for it.
stops = [
    (f"deep_sea:{port}-{way[-1]}", number, CAPES[stop][1], CAPES[stop][0])
    for port, ways in WAYS.items()
    for way in ways
    for number, stop in enumerate(way[:-1], start=1)
]
save("shapes", pd.DataFrame(stops, columns=["link", "seq", "lat", "lon"]))
run(f"data check {DATA}")
sea[["link", "km"]]

# %% [markdown]
# ## 5. Freight
#
# Two classes: cathodes (metal) and concentrate (about 45% copper, in bags). A class says what it may travel on and
# what a day's time of a tonne is worth: copper stood at about 9,150 USD/t in 2024, and 10% interest a year make 2.5
# USD a day for metal, 1.0 for concentrate.

# %%
commodities = rows("""
commodity   | name_en            | cargo   | modes              | usd_per_t_day
cathode     | Copper cathodes    | general | road;rail;deep_sea | 2.5
concentrate | Copper concentrate | bulk    | road;rail;deep_sea | 1
""")
save("commodities", commodities)
package = describe(default_commodity="cathode", default_origin="KOLWEZI", default_destination="SHANGHAI")

# %% [markdown]
# Origin-destination figures are hardly ever published. Totals are: so we keep the two apart. `totals.csv` has what
# was published (in the unit it was published in) and the tonnes that move; `splits.csv` has our shares; demand is
# their product, and its status `derived`.

# %%
totals = rows("""
total     | name_en                                            | kt   | year | published | unit
drc-china | Refined copper from the DRC imported by China       | 1480 | 2024 | 1.48      | Mt
drc-rest  | Other refined copper exported by the DRC           | 1183 | 2024 |           |
kamoa     | Concentrate of Kamoa-Kakula, gross weight          | 971  | 2024 | 437.061   | kt copper
zambia    | Copper produced in Zambia, nearly all exported     | 820.676 | 2024 | 820.676 | kt
""")
splits = rows("""
total     | split              | origin     | destination | commodity   | share | reservation_usd_per_t
drc-china | lualaba            | KOLWEZI    | SHANGHAI    | cathode     | 0.75  | 700
drc-china | haut-katanga       | LUBUMBASHI | SHANGHAI    | cathode     | 0.25  | 700
drc-rest  | lualaba-west       | KOLWEZI    | ROTTERDAM   | cathode     | 0.45  | 700
drc-rest  | haut-katanga-west  | LUBUMBASHI | ROTTERDAM   | cathode     | 0.15  | 700
drc-rest  | lualaba-asia       | KOLWEZI    | SHANGHAI    | cathode     | 0.3   | 700
drc-rest  | haut-katanga-asia  | LUBUMBASHI | SHANGHAI    | cathode     | 0.1   | 700
kamoa     | smelters           | KOLWEZI    | SHANGHAI    | concentrate | 1     | 450
zambia    | north-western-asia | SOLWEZI    | SHANGHAI    | cathode     | 0.42  | 700
zambia    | north-western-west | SOLWEZI    | ROTTERDAM   | cathode     | 0.18  | 700
zambia    | copperbelt-asia    | KITWE      | SHANGHAI    | cathode     | 0.28  | 700
zambia    | copperbelt-west    | KITWE      | ROTTERDAM   | cathode     | 0.12  | 700
""")
demand = splits.merge(totals[["total", "kt", "year"]], on="total")
demand["demand"] = demand["total"] + ":" + demand["split"]
demand["kt"] = (demand["share"].astype(float) * demand["kt"].astype(float)).round(1).astype(str)
for table, frame in (("totals", totals), ("splits", splits), ("demand", demand)):
    save(table, frame)
run(f"data check {DATA}", ends=2)

# %% [markdown]
# The check has found something true: our lorries and trains end at the quay, for nothing says yet that a tonne can
# change from road or rail to a ship.
#
# ## 6. Changes: loading, transhipment, frontiers
#
# A `*` row holds wherever no row names the place. `reservation_usd_per_t` above is what a shipper pays at most; what
# costs more, waiting included, stays unserved, and the plan then says why.

# %%
terminals = rows("""
terminal           | kind     | node   | from_mode | to_mode  | cargo | hours | usd_per_t | capacity | capacity_unit | both_ways
load:road          | load     | *      |           | road     | *     | 24    | 5         | inf      |               | 0
unload:road        | unload   | *      | road      |          | *     | 24    | 5         | inf      |               | 0
load:rail          | load     | *      |           | rail     | *     | 48    | 6         | inf      |               | 0
unload:rail        | unload   | *      | rail      |          | *     | 48    | 6         | inf      |               | 0
unload:deep_sea    | unload   | *      | deep_sea  |          | *     | 72    | 8         | inf      |               | 0
tranship:NDOLA     | tranship | NDOLA  | road      | rail     | *     | 48    | 6         | inf      |               | 1
tranship:KAPIRI    | tranship | KAPIRI | road      | rail     | *     | 48    | 6         | inf      |               | 1
tranship:KOLWEZI   | tranship | KOLWEZI| road      | rail     | *     | 48    | 6         | inf      |               | 1
tranship:DAR       | tranship | DAR    | road      | deep_sea | *     | 168   | 15        | inf      |               | 1
tranship:DAR:rail  | tranship | DAR    | rail      | deep_sea | *     | 168   | 15        | inf      |               | 1
tranship:BEIRA     | tranship | BEIRA  | road      | deep_sea | *     | 168   | 15        | 500      | kt_year       | 1
tranship:DURBAN    | tranship | DURBAN | road      | deep_sea | *     | 240   | 15        | inf      |               | 1
tranship:DURBAN:rl | tranship | DURBAN | rail      | deep_sea | *     | 240   | 15        | inf      |               | 1
tranship:WALVIS    | tranship | WALVIS | road      | deep_sea | *     | 120   | 15        | inf      |               | 1
tranship:LOBITO    | tranship | LOBITO | rail      | deep_sea | *     | 240   | 15        | inf      |               | 1
""")
save("terminals", terminals)

borders = rows("""
country_a | country_b | mode     | hours | usd_per_t
COD       | ZMB       | road     | 40.5  | 15
TZA       | ZMB       | road     | 24    | 3
ZMB       | ZWE       | road     | 21    | 3
MOZ       | ZWE       | road     | 8.5   | 3
ZAF       | ZWE       | road     | 24    | 7.4
BWA       | ZMB       | road     | 24    | 3
BWA       | ZAF       | road     | 22.5  | 3
NAM       | ZMB       | road     | 12    | 3
TZA       | ZMB       | rail     | 0     | 0
AGO       | COD       | rail     | 0     | 0
*         | *         | rail     | 24    | 3
*         | *         | deep_sea | 0     | 0
""")
save("borders", borders)
run(f"data check {DATA}")

# %% [markdown]
# ## 7. Names for corridors, and means to compare
#
# Both tables are optional. A corridor is a list of links; a means is a way that people speak of, given by modes and a
# place it passes.

# %%
corridors = rows("""
corridor | mode | name_en
TAZARA   | rail | TAZARA, Kapiri Mposhi - Dar es Salaam
LOBITO   | rail | Lobito line, Kolwezi - Lobito
TANZAM   | road | Tanzam highway, Kapiri Mposhi - Dar es Salaam
NORTH    | road | North-South, Kolwezi - Kasumbalesa - Kapiri Mposhi
BEIRA    | road | Beira corridor, Lusaka - Beira
WALVIS   | road | Walvis Bay corridor, Livingstone - Walvis Bay
KAZUNG   | road | By Kazungula, Livingstone - Durban
""")
members = rows("""
corridor | links
TAZARA   | rail:KAPIRI-NAKONDE rail:NAKONDE-DAR
LOBITO   | rail:KOLWEZI-LUAU rail:LUAU-LOBITO
TANZAM   | road:KAPIRI-NAKONDE road:NAKONDE-DAR
NORTH    | road:KOLWEZI-LUBUMBASHI road:LUBUMBASHI-KASUMBALESA road:KASUMBALESA-KITWE road:KITWE-NDOLA road:NDOLA-KAPIRI
BEIRA    | road:LUSAKA-HARARE road:HARARE-BEIRA
WALVIS   | road:LIVINGSTONE-KATIMA road:KATIMA-WALVIS
KAZUNG   | road:LIVINGSTONE-KAZUNGULA road:KAZUNGULA-JOHANNESBURG road:JOHANNESBURG-DURBAN
""")
members = members.assign(link=members["links"].str.split()).explode("link")
members["seq"] = members.groupby("corridor").cumcount() + 1
means = rows("""
means  | name_en                  | modes              | via_modes | via_nodes
dar    | Lorry to Dar es Salaam   | road;deep_sea      | road      | DAR
tazara | TAZARA to Dar es Salaam  | road;rail;deep_sea | rail      | DAR
lobito | Train to Lobito          | rail;road;deep_sea | rail      | LOBITO
beira  | Lorry to Beira           | road;deep_sea      | road      | BEIRA
durban | Lorry to Durban          | road;deep_sea      | road      | DURBAN
walvis | Lorry to Walvis Bay      | road;deep_sea      | road      | WALVIS
""")
for table, frame in (("corridors", corridors), ("corridor_links", members), ("means", means)):
    save(table, frame)
run(f"data check {DATA}")

# %% [markdown]
# ## 8. What to hold the model against
#
# Published figures that were **not** used to set a number belong into `references.csv`, before anybody looks at a
# result. The band is ours: 10% for a length, about 30% for a time.

# %%
references = rows("""
reference              | kind     | origin     | destination | what                                     | value | unit | low  | high | year | modes | commodity | measure | note
km:LUBUMBASHI-DAR      | distance | LUBUMBASHI | DAR         | Lubumbashi - Dar es Salaam, road         | 2000  | km   | 1800 | 2200 | 2022 | road  | cathode   | km |
km:KOLWEZI-DURBAN      | distance | KOLWEZI    | DURBAN      | Durban - Kamoa-Kakula, road              | 3300  | km   | 2970 | 3630 | 2020 | road  | cathode   | km |
km:SOLWEZI-WALVIS      | distance | SOLWEZI    | WALVIS      | Solwezi - Walvis Bay, road               | 2300  | km   | 2070 | 2530 |      | road  | cathode   | km | the published journey may have taken another road, by Mongu
km:LUBUMBASHI-WALVIS   | distance | LUBUMBASHI | WALVIS      | Walvis Bay - Ndola - Lubumbashi, road    | 2500  | km   | 2250 | 2750 | 2017 | road  | cathode   | km |
days:KITWE-WALVIS      | time     | KITWE      | WALVIS      | Walvis Bay - Copperbelt, usual turnaround | 5.5  | days | 4    | 7    | 2022 | road  | cathode   | days | lent its time to the speed of lorries
days:SOLWEZI-WALVIS    | time     | SOLWEZI    | WALVIS      | Solwezi - Walvis Bay, road               | 7     | days | 5    | 9    |      | road  | cathode   | days |
days:KOLWEZI-DAR       | time     | KOLWEZI    | DAR         | Kolwezi - Dar es Salaam, road            | 14    | days | 10   | 18   | 2024 | road  | cathode   | days | queues are longer than the waits in the tables
days:KOLWEZI-DURBAN    | time     | KOLWEZI    | DURBAN      | Kolwezi - Durban, road                   | 25    | days | 18   | 32   | 2024 | road  | cathode   | days | queues are longer than the waits in the tables
""").assign(covered="1", running="typical")
save("references", references)

# %% [markdown]
# ## 9. Where every number comes from
#
# So far the check says "no provenance given". As soon as `provenance.csv` has a row, the check wants one for every
# number: its status, its source and, for what was assumed or recalled, how low and how high it may lie. With a
# hundred numbers nobody types that; we write statements, the particular before the general, and spread them over the
# tables. `x0.8` is four fifths of the number, `-0.1` a tenth less, anything else is the bound itself.

# %%
sources = rows("""
source       | citation | url
afp          | AFP, Highway nightmare: DR Congo's export route for high-value metals, 11 March 2022 | https://www.taipeitimes.com/News/world/archives/2022/03/11/2003774596
macig        | MACIG, Logistics and transport in Zambia, August 2015 | https://macigindaba.com/2015/08/18/logistics-and-transport-in-zambia-landlocked-or-land-linked/
timeszm      | Times of Zambia, Kitwe could be cut off without Kafue Bridge, 22 May 2015 | https://www.times.co.zm/?p=59798
logcluster   | Logistics Cluster, Zambia border crossing of Nakonde/Tunduma | https://d10.dlca.logcluster.org/2313-zambia-border-crossing-nakondetunduma-one-stop
lusakatimes  | Lusaka Times, Tunduma-Nakonde one stop border post, 6 October 2019 | https://www.lusakatimes.com/2019/10/06/president-lungu-and-tanzanian-president-magufuli-commission-the-tunduma-nakonde-one-stop-border-post/
citizen      | The Citizen, Inside efforts to alleviate congestion at Tunduma-Nakonde, 2024 | https://thecitizen.co.tz/tanzania/news/national/inside-efforts-to-alleviate-congestion-at-tunduma-nakonde-one-stop-border-post-4822304
xinhua2025   | Xinhua, About 1,400 trucks stranded on Zambia-DRC border, 9 January 2025 | https://bignewsnetwork.com/news/274925153/about-1400-trucks-stranded-on-zambia-drc-border
futuremedia  | Future Media, Kazungula Bridge to open today, 10 May 2021 | https://www.futuremedia.com.na/kazungula-bridge-to-open-today/
globaltrack  | Globaltrack by Infrastructure News, Cross-border waiting times, two weeks of May 2016 | http://infrastructurenews.co.za/2016/05/30/cross-border-waiting-times/
focus        | Focus on Transport, How corruption and neglect are killing Southern Africa's key trade route, 2025 | https://focusontransport.co.za/how-corruption-and-neglect-are-killing-southern-africas-key-trade-route
dailynews    | Daily News (Zimbabwe), Traders urged to utilise Beira Corridor, 12 August 2014 | https://www.dailynews.co.zw/articles/2014/08/12/traders-urged-to-utilise-beira-corridor
twomonkeys   | Two Monkeys (travellers), Day 37: Katima Mulilo - Livingstone | https://twomonkeys.in/day-37-katima-mulilo-livingstone
wikipedia    | Wikipedia, TAZARA Railway, route map with kilometres (read in a copy) | https://en.wikipedia.org/wiki/TAZARA_Railway
chinadaily   | China Daily, China to help upgrade rail link in Africa, 25 July 2025 (read in a copy) | http://www.chinadaily.com.cn/a/202507/25/WS6882e20aa310ad07b5d91ea2.html
xinhua2018   | Xinhua, Tanzania-Zambia railway appeals for more funding, 21 June 2018 (read in a copy) |
zrl          | Lusaka Times, Zambia Railways transport 1 million tonnes of cargo in 2020, 25 July 2021 | https://www.lusakatimes.com/2021/07/25/zambia-railways-transport-1m-tonnes-of-cargo/
ivanhoe      | Mining and Construction Africa, Ivanhoe Mines ships first copper concentrate by rail to Angola, 2024 | https://miningandconstructionafrica.com/index.php/2024/05/02/ivanhoe-mines-ships-first-copper-concentrate-by-rail-to-angola/
sis          | SIS Inspections, Africa's copper: the best trade route?, December 2025 | https://sisinspections.com/blog/africas-copper-the-best-trade-route
lobito       | ANGOP by allAfrica, 2 January 2024: Lobito Atlantic Railway aims at over 200,000 t in the year | https://fr.allafrica.com/stories/202401020337.html
ecofin       | Ecofin Agency, Lobito corridor: DRC sends first copper shipment to the US, August 2024 | http://ecofinagency.com/mining/2608-45807-lobito-corridor-drc-sends-first-copper-shipment-to-the-us
cornelder    | Lusa by SAPO, October 2021: Cornelder on copper through Beira in 2018-2020 | https://www.sapo.pt/noticias/economia/porto-mocambicano-da-beira-reativa-carga-de_61693cf320c5cc29cb016663
ccttfa       | Central Corridor Transport Observatory 2019, by allAfrica, 11 December 2020 | https://allafrica.com/stories/202012110082.html
brenthurst   | Brenthurst Foundation, by DD Customs Law: copper from Solwezi to Walvis Bay, undated | http://www.ddcustomslaw.com/index.php?view=article&id=673
dsv          | DSV, Keeping the copper producing wheels turning in the DRC, September 2020 | https://www.dsv.com/en-za/about-dsv/press/news/za/2020/09/keeping-the-copper-producing-wheels-turning-in-the-drc
wbcg         | Freight News: Walvis Bay Corridor Group on lengths and turnaround, 2017 and 2022 | https://www.freightnews.co.za/article/inhumane-conditions-waiting-truckers-slated
sarpn        | Southern African News, Poor system impedes Dar corridor, 26 November 2012 | https://southernafrican.news/2012/11/26/poor-system-impedes-dar-corridoras-money-pours-to-bankroll-improvement/
miningtech   | Mining Technology, China's copper imports from Congo climb by 71% in 2024 | https://mining-technology.com/news/chinas-copper-imports-congo
bankable     | Bankable, DR Congo exported record 3.1 million tonnes in 2024, 11 March 2025 | https://bankable.africa/en/mining/1103-888-copper-dr-congo-exported-record-3-1-million-tonnes-in-2024
zambiamon    | Zambia Monitor, Copper output surged by 12% in 2024, 22 January 2025 | https://zambiamonitor.com/mine-minister-kabuswe-speaks-on-state-of-mining-industry-in-zambia-claims-copper-output-surged-by-12-in-2024-video
memory       | Recalled by the authors of this page; look it up before you rely on it |
computed     | Computed in this notebook |
judgement    | Judgement of the authors of this page |
""")
save("sources", sources)

statements = rows("""
table     | key                          | column       | status   | low   | high  | source      | note
nodes     | *                            | l*           | recalled | -0.1  | +0.1  | memory      | from maps
modes     | road*typical                 | speed_kmh    | assumed  | 12    | 25    | judgement   | 430 km a day with rests; Walvis Bay - Copperbelt took 5 to 6 days (Freight News 2022)
modes     | rail*typical                 | speed_kmh    | assumed  | 8     | 25    | zrl         | half of the 25 km/h at which goods trains run, for stops
modes     | deep_sea*typical             | speed_kmh    | assumed  | 18    | 30    | dsv         | with calls; a project ship took 35 days for 8,418 nautical miles
modes     | road*                        | usd_per_tkm  | derived  | 0.05  | 0.09  | ccttfa      | 1.80 USD a km and container / 27 t; best: assumed
modes     | rail*                        | usd_per_tkm  | assumed  | 0.025 | 0.07  | judgement   | below the road, as Lobito promises its customers
modes     | deep_sea*                    | usd_per_tkm  | assumed  | 0.002 | 0.008 | judgement   | containers that would go back empty
modes     | *                            | gco2e_per_tkm| recalled | x0.6  | x1.6  | memory      | order of the defaults of the GLEC framework
modes     | *                            | speed_*      | assumed  | x0.7  | x1.4  | judgement   | the good end of the band of typical running
tariffs   | road-COD                     | usd_per_km   | assumed  | 0.067 | 0.2   | judgement   | tolls and waits make Katanga the dearest stretch; no price was found
loads     | lorries_day*                 | t_per_*      | derived  | 9855  | 12410 | afp         | 365 x 27 t; Brenthurst speaks of 34 t
loads     | kt_year*                     | t_per_*      | derived  |       |       | computed    | by definition
links     | road:KOLWEZI-LUBUMBASHI      | km           | derived  | 290   | 350   | afp         | 400 km Kolwezi - Kasumbalesa less 80 km
links     | road:LUBUMBASHI-KASUMBALESA  | km           | observed | 75    | 95    | afp         |
links     | road:SOLWEZI-KITWE           | km           | observed | 210   | 240   | macig       |
links     | road:KITWE-NDOLA             | km           | observed | 55    | 65    | timeszm     |
links     | road:NAKONDE-DAR             | km           | observed | 900   | 950   | logcluster  |
links     | road:HARARE-BEIRA            | km           | observed | 550   | 600   | dailynews   |
links     | road:JOHANNESBURG-DURBAN     | km           | recalled | 555   | 630   | memory      |
links     | road:LIVINGSTONE-KATIMA      | km           | observed | 190   | 220   | twomonkeys  |
links     | road:KATIMA-WALVIS           | km           | recalled | 1200  | 1400  | memory      |
links     | rail:KAPIRI-NAKONDE          | km           | derived  | 885   | 893   | wikipedia   | 1,860 km less 971 km
links     | rail:NAKONDE-DAR             | km           | observed | 969   | 973   | wikipedia   |
links     | rail:KOLWEZI-LUAU            | km           | observed | 440   | 460   | ivanhoe     |
links     | rail:LUAU-LOBITO             | km           | observed | 1280  | 1350  | ivanhoe     |
links     | road:*                       | km           | derived  | x0.8  | x1.2  | computed    | great circle x 1.25
links     | rail:*                       | km           | derived  | x0.76 | x1.2  | computed    | great circle x 1.3
links     | deep_sea:*                   | km           | derived  | x0.97 | x1.1  | computed    | great circles from cape to cape
links     | rail:KOLWEZI-LUAU            | speed_kmh    | derived  | 2.3   | 9.4   | sis         | 450 km in 4 days, frontier included; 4 to 8 days were reported
links     | rail:LUAU-LOBITO             | speed_kmh    | derived  | 10    | 34    | sis         | 1,289 km in 4 days; a test train took 38 hours
links     | rail:*                       | speed_kmh    | derived  | 11    | 15.5  | xinhua2018  | 1,860 km in 5 to 7 days, frontier included
links     | road:*                       | speed_kmh    | assumed  | 5     | 18    | judgement   | a dirt road
links     | *                            | hours_fixed  | assumed  | 0     | 24    | judgement   | waits stand at frontiers and terminals
links     | *                            | usd_per_t    | assumed  | 0     | 10    | judgement   | tolls are in the price of the road
links     | road:KASUMBALESA-KITWE       | capacity     | derived  | 250   | 750   | xinhua2025  | cleared a day into the DRC; as many are taken to come out
links     | road:LUBUMBASHI-NDOLA        | capacity     | assumed  | 10    | 200   | judgement   | mostly empty lorries use it
links     | road:NAKONDE-DAR             | capacity     | derived  | 175   | 1500  | lusakatimes | half of over 600 a day (2019); half of 350 (Logistics Cluster), half of 3,000 at the weighbridge (The Citizen 2024)
links     | road:LUSAKA-HARARE           | capacity     | assumed  | 100   | 400   | judgement   | no figure was found for Chirundu
links     | road:LIVINGSTONE-KAZUNGULA   | capacity     | derived  | 54    | 400   | futuremedia | half of the 250 a day that were expected of the bridge
links     | road:LIVINGSTONE-KATIMA      | capacity     | assumed  | 30    | 150   | judgement   | no figure was found for Katima Mulilo
links     | rail:LUBUMBASHI-NDOLA        | capacity     | assumed  | 20    | 500   | judgement   | the three railways agreed on through trains in 2013
links     | rail:KITWE-NDOLA             | capacity     | derived  | 500   | 5000  | zrl         | what Zambia Railways carried in 2020, taken as its limit
links     | rail:KAPIRI-NAKONDE          | capacity     | derived  | 200   | 1200  | chinadaily  | what TAZARA carried, taken as its limit
links     | rail:NAKONDE-DAR             | capacity     | derived  | 200   | 1200  | chinadaily  | what TAZARA carried, taken as its limit
links     | rail:KOLWEZI-LUAU            | capacity     | derived  | 10    | 450   | lobito      | what the operator hoped to carry in 2024, taken as its limit
links     | rail:LUAU-LOBITO             | capacity     | derived  | 10    | 450   | lobito      | what the operator hoped to carry in 2024, taken as its limit
links     | rail:NDOLA-KAPIRI            | capacity     | derived  | 500   | 5000  | zrl         | what Zambia Railways carried in 2020, taken as its limit
links     | rail:KAPIRI-LIVINGSTONE      | capacity     | derived  | 500   | 5000  | zrl         | what Zambia Railways carried in 2020, taken as its limit
links     | rail:*                       | capacity     | assumed  | 100   | 2000  | judgement   |
links     | *                            | capacity     | assumed  | 400   | inf   | judgement   | no limit is known
terminals | tranship:BEIRA               | capacity     | derived  | 500   | 1500  | cornelder   | copper handled in 2020, taken as the limit
terminals | tranship:DAR*                | hours        | derived  | 72    | 360   | sarpn       | 6.3 to 8 days in port for goods of the DRC and Zambia in 2012
terminals | tranship:LOBITO              | hours        | assumed  | 48    | 384   | judgement   | the first concentrate waited 16 days for a ship
terminals | *                            | hours        | assumed  | x0.3  | x1.5  | judgement   | two weeks off Durban in November 2023
terminals | *                            | usd_per_t    | assumed  | x0.5  | x2    | judgement   |
terminals | *                            | capacity     | assumed  | 100   | inf   | judgement   | no limit is known
borders   | COD*ZMB*road                 | hours        | derived  | 12    | 240   | globaltrack | mean of two weeks, both sides; up to 10 days in 2022 (Freight News)
borders   | TZA*ZMB*road                 | hours        | observed | 18    | 101   | logcluster  | "waiting time is one day"; 18 and 101 hours in the two weeks of Globaltrack
borders   | BWA*ZMB*road                 | hours        | assumed  | 4     | 96    | judgement   | since the bridge
borders   | NAM*ZMB*road                 | hours        | assumed  | 4     | 48    | judgement   |
borders   | *road                        | hours        | derived  | x0.5  | x1.5  | globaltrack | mean of two weeks, both sides
borders   | ZAF*ZWE*road                 | usd_per_t    | derived  | 5     | 10    | focus       | 200 USD a crossing / 27 t
borders   | *                            | hours        | assumed  | 0     | 72    | judgement   | for TAZARA and Lobito it is in the speed of the line
borders   | *                            | usd_per_t    | assumed  | 0     | 30    | judgement   |
commodities | *                          | usd_per_*    | assumed  | x0.4  | x2    | memory      | 9,150 USD/t recalled for 2024, at 10% a year
totals    | drc-china                    | kt           | observed |       |       | miningtech  |
totals    | drc-rest                     | kt           | derived  | 900   | 1400  | bankable    | 3,100 kt exported less 1,480 and 437
totals    | kamoa                        | kt           | derived  | 870   | 1100  | bankable    | 437.061 kt of copper at 45%
totals    | zambia                       | kt           | observed |       |       | zambiamon   |
totals    | drc-china                    | published    | observed |       |       | miningtech  |
totals    | kamoa                        | published    | observed |       |       | bankable    |
totals    | zambia                       | published    | observed |       |       | zambiamon   |
splits    | drc*                         | share        | assumed  | x0.7  | x1.3  | judgement   | Lualaba has most of the mines; where the rest goes is not published
splits    | kamoa*                       | share        | assumed  | 0.6   | 1     | judgement   | some of it is smelted at Kolwezi
splits    | zambia*                      | share        | assumed  | x0.6  | x1.6  | judgement   | sold to Switzerland, which says nothing of where it goes
splits    | *                            | reservation* | assumed  | x0.8  | x3    | judgement   | copper at 9,150 USD/t bears far more than it pays
references | km:LUBUMBASHI-DAR           | value        | observed |       |       | afp         |
references | km:KOLWEZI-DURBAN           | value        | observed |       |       | dsv         |
references | *SOLWEZI-WALVIS             | value        | observed |       |       | brenthurst  |
references | *WALVIS                     | value        | observed |       |       | wbcg        |
references | *                           | value        | observed |       |       | ecofin      |
references | *                           | [lh]*        | assumed  | x0.8  | x1.2  | judgement   | our band
demand    | *                            | kt           | derived  |       |       | computed    | total x share
demand    | *                            | reservation* | assumed  | x0.8  | x3    | judgement   | as in splits
*         | *                            | year         | derived  |       |       | computed    | year of the figure
""")


def bound(rule: str, number: str) -> str:
    """Return a bound as a number: x0.8 times the number, -0.1 or +0.1 from it, or the bound itself."""
    if rule[:1] in ("x", "-", "+"):
        value = float(number) * float(rule[1:]) if rule[0] == "x" else float(number) + float(rule)
        return f"{value:.10g}"
    return rule


def told() -> pd.DataFrame:
    """Return a row of provenance for every number of every table, from the first statement that fits it."""
    resources = {one["name"]: one["schema"] for one in package["resources"]}
    found = []
    for table, schema in resources.items():
        if table in ("provenance", "sources"):
            continue
        fields = [field for field in schema["fields"] if field["type"] != "string" and field.get("provenance", True)]
        typed = pd.read_csv(DATA / f"{table}.csv", dtype=str, keep_default_na=False)
        for _, row in typed.iterrows():
            parts = [row[column] for column in schema["primaryKey"]]
            key = "|".join(parts).removesuffix("|")  # a blank last part is left out
            for column in (field["name"] for field in fields):
                fits = [
                    one
                    for one in statements.to_dict("records")
                    if row[column]
                    and fnmatchcase(table, one["table"])
                    and fnmatchcase(key, one["key"])
                    and fnmatchcase(column, one["column"])
                ]
                for one in fits[:1]:
                    band = {side: bound(one[side], row[column]) for side in ("low", "high")}
                    found.append(one | band | {"table": table, "key": key, "column": column})
    return pd.DataFrame(found)


save("provenance", told())
run(f"data check {DATA}")

# %% [markdown]
# Of the figures that a plan stands on, places aside, about a third was read, recalled or computed. Two thirds are our
# judgement, though half of these are zeros and `inf`. A plan is no better than that; and of any number it
# can be asked:

# %%
run(f"data source links road:NAKONDE-DAR capacity --data {DATA}")
told().groupby(["table", "status"]).size().unstack(fill_value=0)

# %% [markdown]
# ## 10. The first plan, and its certificate

# %%
network = co.load(DATA)
plan = co.plan(network, progress=False)
plan.write(WORK / "plan")
plan

# %% [markdown]
# The certificate is computed from the problem and the answer alone, apart from the solver: demand and limits are
# kept, and the cost of the plan equals a lower bound that no plan can beat. It proves that the answer is right **for
# these tables**. Of the tables it says nothing.

# %%
plan.certificate

# %% [markdown]
# Through which ports, in kt a year?


# %%
def by_port(one: co.notebook.Plan) -> pd.DataFrame:
    """Return the kt a year through each port, and to where."""
    routes = one.routes
    port = routes["nodes"].str.split(" > ").str[-2].rename("port")  # where the ship sailed is the last place but one
    return pd.crosstab(port, routes["destination"], routes["kt"], aggfunc="sum", margins=True).fillna(0)


by_port(plan)

# %% [markdown]
# What is full, and what is a little more of it worth? A shadow price is the rate at which a little more of a limit
# saves, in USD a year per unit: per kt a year, per lorry a day. The Lobito line is full in Angola and in Katanga alike: more on one side
# alone saves nothing, on both it saves 150,000 USD for every kt, which is why its price is an interval that begins at
# 0, and stands beside one of the two.

# %%
full = plan.bottlenecks.query("utilisation > 0.7")
full[["where", "unit", "capacity", "used", "shadow_price_low", "shadow_price_high", "status"]]

# %%
plan.map()

# %% [markdown]
# ## 11. The ways of one tonne
#
# From Kolwezi to Shanghai, each way by itself, without looking at limits:

# %%
co.compare(network, "kolwezi", "shanghai").table

# %% [markdown]
# ## 12. What if?
#
# A scenario is a few changes in a TOML file beside the data. Two of these happened; the third is planned.

# %%
SCENARIOS = {
    "kasumbalesa-250": """
title = "Kasumbalesa clears 250 lorries a day"
why = "In January 2025 the DRC cut the lorries that it cleared from 450 to 250 a day. Here for a whole year."
sources = ["Xinhua, 9 January 2025 (observed); a whole year: assumed"]

[[change]]
table = "links"
where = { link = "road:KASUMBALESA-KITWE" }
set = { capacity = 250 }
""",
    "dar-closed": """
title = "The port of Dar es Salaam is closed"
why = "In autumn 2025 it was, for days, amid unrest. Here for a whole year, which nobody expects."
sources = [
    "Mining.com, African copper exports to China disrupted amid Tanzania unrest, 2025 (observed)",
    "A whole year: assumed",
]

[[change]]
table = "nodes"
where = { node = "DAR" }
close = true
""",
    "tazara-renewed": """
title = "TAZARA renewed"
why = "Its head spoke of 2.4 Mt a year after four years. Only its own line is renewed here, not those that lead to it."
sources = ["China Daily, 25 July 2025 (observed)"]

[[change]]
table = "links"
where = { link = ["rail:KAPIRI-NAKONDE", "rail:NAKONDE-DAR"] }
set = { capacity = 2400 }
""",
}
(DATA / "scenarios").mkdir()
for name, text in SCENARIOS.items():
    (DATA / "scenarios" / f"{name}.toml").write_text(text.lstrip(), encoding="utf-8")
run(f"scenarios --data {DATA}")

# %%
runs = co.run(network, list(SCENARIOS), progress=False)
runs

# %% [markdown]
# In kt a year, port by port:

# %%
pd.concat({name: by_port(one)["All"] for name, one in runs.plans.items()}, axis=1).fillna(0)

# %% [markdown]
# **Kasumbalesa at 250 lorries a day**: not everything gets out. What is left says why, as a cut: the ways out that
# are full, named together. It is the concentrate that stays, for it bears least.

# %%
left = runs.plans["kasumbalesa-250"].unserved
print(*left["why"].unique(), sep="\n")
left[["origin", "destination", "commodity", "kt"]]

# %% [markdown]
# **Dar es Salaam closed**: Durban takes nearly all of it. Traders did turn to Durban then, and to Walvis Bay and
# Beira, which in our tables are full already; the frontiers at Kazungula, Chirundu and Katima Mulilo fill up, and
# some concentrate stays in the mines. **TAZARA renewed**: it fills, taking the freight from the lorries on the Tanzam
# highway beside it and not from other ports, and Zambia Railways, which leads to it, is full as well.

# %%
renewed = runs.plans["tazara-renewed"].bottlenecks.query("utilisation > 0.999 and shadow_price_high > 0")
renewed[["where", "unit", "capacity", "shadow_price_low", "shadow_price_high"]]

# %% [markdown]
# ## 13. Beside published figures

# %%
run(f"data references --data {DATA}")

# %%
ports = by_port(plan)
solwezi = {port: co.compare(network, "solwezi", port).table.set_index("means") for port in ("dar", "walvis")}
of_all = ports["All"] / ports.loc["All", "All"]
to_china = ports["SHANGHAI"] / ports.loc["All", "SHANGHAI"]
beside = {
    "of all copper, through Dar es Salaam": ("70% (2022)", f"{of_all['DAR']:.0%}"),
    "of that to China, through Dar es Salaam": ("two thirds (2025)", f"{to_china['DAR']:.0%}"),
    "of all copper, through Durban": ("at most 6% (2022)", f"{of_all.get('DURBAN', 0):.0%}"),
    "lorry Solwezi - Dar es Salaam, USD/t": ("150 to 170", f"{solwezi['dar'].loc['dar', 'usd_per_t']:.0f}"),
    "lorry Solwezi - Walvis Bay, USD/t": ("130", f"{solwezi['walvis'].loc['walvis', 'usd_per_t']:.0f}"),
}
pd.DataFrame(beside, index=["published", "model"]).T

# %% [markdown]
# The shares of 2022 are those of the [hauliers' federation
# FESARTA](https://www.freightnews.co.za/article/dar-es-salaam-bags-lions-share-copperbelt-bulk-freight), that of 2025
# is [one trader's
# estimate](https://www.mining.com/web/african-copper-exports-to-china-disrupted-amid-tanzania-unrest), the prices are
# those of the Brenthurst Foundation, undated.
#
# Lengths come near, but for one that may describe another road. **Times do not**: the model's lorries reach Dar es
# Salaam in 8 days and Durban in 11, the published ones in 14 and 25. Queues and papers cost more than the waits in
# our tables, which are means of two weeks in 2016, and Durban is worse off than the model thinks. Prices agree to Dar
# es Salaam and are far too high to Walvis Bay.
#
# That 71% go through Dar es Salaam, near the published 70%, is **no proof of anything**: the other ports have limits
# that we took from what they carried, or assumed, so what is left is nearly given. Where the model was free, it went
# wrong: nothing by Durban, all that can by Beira. A published study of these corridors found the same of Beira when
# only mean times are counted, and Durban ahead once it counted how far times vary ([Journal of Advanced
# Transportation, 2023](https://preview.hindawi.com/journals/jat/2023/6336630)).
#
# ## 14. How sure, and what to find out next
#
# The bands of `provenance.csv` are drawn at random, all together, and each draw is planned and proved:

# %%
SURE = WORK / "sure"
run(f"uncertainty --data {DATA} --samples 64 --between kolwezi shanghai --quiet --out {SURE} -o {WORK / 'sure.txt'}")
intervals = pd.read_csv(SURE / "intervals.csv").set_index("headline")
wanted = intervals.index.str.startswith("corridor:") | intervals.index.isin(["served", "days"])
intervals.loc[wanted, ["unit", "base", "p05", "median", "p95"]]

# %% [markdown]
# The plan is one point in wide intervals. What widens them most, for the Tanzam highway: `mu_star` is by how many kt the
# highway's freight moves when all figures of a group move through their bands, and `conf` how well that is known. With
# so few draws the order is rough; that the charges and limits of frontiers stand above all lengths is not.

# %%
indices = pd.read_csv(SURE / "indices.csv")
indices[indices["headline"] == "corridor: TANZAM"].nlargest(8, "mu_star")[["group", "mu_star", "conf"]]

# %% [markdown]
# ## 15. What to believe
#
# * **That the plan is the cheapest for these tables**: yes, proven.
# * **Which limits meet which**: mostly. That Kasumbalesa, the dirt road, the railway by Sakania and the Lobito line
#   together are all ways out of Katanga is geography; that a renewed TAZARA waits for Zambia Railways follows from
#   what the latter carried in 2020, which is a lower end.
# * **Shares of ports and USD**: not yet. They hang on limits that nobody publishes and on prices that were assumed.
# * **What the model cannot tell**: who owns which mine and whom it sells to; contracts, containers and empty lorries
#   going back; theft, strikes, rain; imports, which share frontiers and trains with copper; Nacala and the other
#   small ways; how times vary from week to week.
#
# For another country: `corridors data init my-country --empty`, places and links first, `corridors data check
# my-country` after every table, and a word of provenance with every number from the first day on. What a colleague
# cannot trace, you will not be able to sign.
