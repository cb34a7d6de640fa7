"""Words for the codes of data packages and plans: modes, units, statuses. English here, the rest in the catalogues."""

_AS_WRITTEN = (
    # modes and cargo
    "rail, road, air, deep_sea, short_sea, ferry, tanker, oil_pipeline, gas_pipeline, container, bulk",
    "oil, gas, general",
    # what is done at a place, what can be closed
    "link, terminal, corridor, country",
    # trades
    "transit, export, import, domestic, elsewhere",
    # where a number comes from, under which conditions it holds
    "observed, recalled, derived, assumed, calibrated, estimated, typical, best",
    # what is minimised
    "generalised, cost, time, emissions",
    # how freight finds its ways, whose waiting counts, what makes a way
    "linear, logit, network, none, equilibrium, optimum, frontiers, chain",
    # how a solution ended, what became of a reference and its kinds
    "optimal, feasible, infeasible, unproven, pass, fail, not_covered, capacity, claim, count, distance",
    "speed, equilibrium, optimum",
    # what was counted, and what for
    "crossing, mode, pair, commodity, port, market, wait, fit, test, input",
    # units
    "USD, USD/t, USD/TEU, USD/FEU, USD/km, USD/tkm, t, kt, Mt, TEU, FEU, km, km/h, km/day, mm, h, tkm",
    "mtkm, days, degrees, t CO2e, kt CO2e, kg CO2e, kg CO2e/t, g CO2e/tkm, t/TEU, units/kt, number, x",
    "0 or 1, calendar year, million USD, share of capacity, the objective's unit, unit",
    "unit of the number, unit of the parameter, trains/day",
)

TERMS = {code: code.replace("_", " ") for line in _AS_WRITTEN for code in line.split(", ")} | {
    "*": "all cargo",
    "1": "share",
    "share": "share",
    "factor": "factor",
    "addend": "addend",
    "caspian": "Caspian",
    "load": "loading",
    "unload": "unloading",
    "tranship": "transhipment",
    "gauge": "gauge change",
    "border": "border crossing",
    "M tkm": "million tkm",
    "million t km/year": "million tkm a year",
    "t h": "tonne-hours",
    "USD/t/day": "USD/t a day",
    "t/year per unit": "t a year for each unit",
    "runs/year per unit": "runs a year for each unit",
    "kt/year": "kt a year",
    "kt_year": "kt a year",
    "teu_year": "TEU a year",
    "bcm_year": "bcm a year",
    "train_pairs": "train pairs",
    "train_pairs_day": "train pairs a day",
    "lorries_day": "lorries a day",
    "flights_day": "flights a day",
    "kteu": "thousand TEU",
    "lorries": "lorries",
    "trains": "trains",
    "trains_day": "trains a day",
    "wagons": "wagons",
    "wagons_day": "wagons a day",
    "vehicles": "vehicles",
    "vehicles_day": "vehicles a day",
    "other_year": "another year",
    "capacity_unit": "unit of capacity",
    # what of the model a published figure is held against
    "km_per_day": "km a day",
    "corridor_km": "length of corridors",
    "days_with_ends": "days with loading and unloading",
    "usd_per_t": "USD/t",
    # the totals of two plans held against each other
    "objective_value": "objective",
    "usd_freight": "freight bill",
    "kt_demanded": "demanded",
    "kt_served": "served",
    "kt_unserved": "not served",
    "t_km": "work",
    "days_mean": "mean time",
    "t_co2e": "emissions",
    "kt transit": "transit",
    "kt export": "export",
    "kt import": "import",
    "kt domestic": "domestic",
    "kt elsewhere": "elsewhere",
    # what answers a price, and which
    "transit by rail": "transit by rail",
    "containers in transit by rail": "containers in transit by rail",
    "exports by rail": "exports by rail",
    "imports by rail": "imports by rail",
    "freight within the country by rail": "freight within the country by rail",
    "all freight by rail": "all freight by rail",
    "lorries over the frontiers": "lorries over the frontiers",
    "lorries within the country": "lorries within the country",
    "tariff of the railway at home": "tariff of the railway at home",
    "hours by rail at home": "hours by rail at home",
    "rates of the deep sea": "rates of the deep sea",
}
