"""The package as a notebook uses it: load a network, plan it, compare ways, run scenarios, read plans back.

``import corridors as co`` gives these functions as `co.load`, `co.plan` and so on. What they give shows itself in a
notebook, hands out pandas frames that are yours to change, and has the field's names for everything else. Whatever
goes wrong by what was asked is a `corridors.errors.CorridorsError`, whose text says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import pandas as pd

from corridors import network, planning, scenario, suggest, tables
from corridors.errors import DataError, ScenarioError
from corridors.network import routes
from corridors.network.costs import price
from corridors.notebook import progress as reporting
from corridors.notebook.comparisons import Comparison
from corridors.notebook.differences import Difference
from corridors.notebook.networks import Network, kept
from corridors.notebook.plans import Plan
from corridors.notebook.scenario_runs import Runs
from corridors.planning import plan_folder, scenario_runs
from corridors.planning.settings import INTERVALS, USUAL
from corridors.tables import places
from corridors.text.choices import ASSIGNMENTS, CHOICES, NESTS, OBJECTIVES

__all__ = ["Comparison", "Difference", "Network", "Plan", "Runs", "compare", "load", "plan", "read", "run", "scenarios"]


class ChoiceOptions(TypedDict, total=False):
    """How shippers choose: the fields of `planning.PlanSettings` by these names."""

    choice: str
    assign: str
    tau: float | None
    nests: str


type Data = Path | str | tables.Dataset | None
type Scenarios = str | Path | Sequence[str | Path]


def load(
    data: Data = None, *, scenarios: Scenarios = (), year: int | None = None, running: str | None = None
) -> Network:
    """Build the virtual network of a data package, under scenarios if any are named.

    Parameters
    ----------
    data
        The folder of a data package, or a `tables.Dataset`; None is the embedded one.
    scenarios
        By name or by the path of a TOML file, applied in order.
    year
        What opens later is left out; None is what the scenarios say, or the data's base year.
    running
        The set of running figures, ``"typical"`` or ``"best"``; None is what the scenarios say, or typical.

    Raises
    ------
    DataError
        If the data package is not sound, or has no such running figures.
    ScenarioError
        If there is no such scenario (the nearest names are given), or one does not fit the data.

    Examples
    --------
    >>> import corridors as co
    >>> network = co.load(scenarios="dostyk-closed")
    >>> network.dataset.scenario, network.year, network.running
    ('dostyk-closed', 2024, 'typical')
    >>> co.load(scenarios="dostik-closed")
    Traceback (most recent call last):
    ...
    corridors.errors.ScenarioError: there is no scenario 'dostik-closed'; did you mean dostyk-closed, ...?
    """
    said = planning.PlanSettings(year=year, running=running)
    chosen = _chosen(scenarios)
    applied = scenario.apply(_dataset(data), chosen)
    net = scenario_runs.built(applied, said)
    return kept(net, replace(said, carbon_price=said.under(applied).carbon_price), chosen)


def plan(
    network: network.Network,
    *,
    objective: str = OBJECTIVES[0],
    carbon_price: float | None = None,
    co2_budget: float | None = None,
    minimum_share: Mapping[str, float] | None = None,
    time_limit: float | None = None,
    intervals: int = INTERVALS,
    progress: bool = True,
    **choice: Unpack[ChoiceOptions],
) -> Plan:
    """Plan the year's freight over a network at least cost, with proof.

    Parameters
    ----------
    network
        From `load`, or any `corridors.network.Network`.
    objective
        What is minimised: ``"generalised"`` (money and time's worth), ``"cost"``, ``"time"`` or ``"emissions"``.
    carbon_price
        USD per tonne of CO2e, added to money; None is what the network's scenarios ask for, or 0.
    co2_budget
        The most that may be emitted, tonnes of CO2e a year.
    minimum_share
        For places, by any name, the least share of all freight carried that changes its mode there.
    time_limit
        Seconds of solving after which the best plan so far will do, with its proven gap.
    intervals
        For how many of the dearest resources the shadow price is given as an interval.
    progress
        Whether to say what is being done, where that takes longer than a second.
    choice
        ``choice="logit"``, ``assign``, ``tau`` and ``nests``: how shippers choose (`planning.PlanSettings`).

    Raises
    ------
    DataError
        If there is no such objective, a number is below 0, or the demand does not fit the network.
    NameUnknown
        If no place is called as in `minimum_share`; the nearest names are given.
    SolverError, CertificateError
        If the solver ends without an answer, or with one not proven to a relative gap of 1e-6.

    Examples
    --------
    >>> import corridors as co
    >>> plan = co.plan(co.load(scenarios="dostyk-closed"), carbon_price=50)
    >>> plan.summary["scenario"], plan.summary["carbon_price"]
    ('dostyk-closed', 50)
    """
    held = kept(network)
    wanted = suggest.find_one(OBJECTIVES, objective, "objective", "a plan")
    shares = {places.find_place(held.dataset, place): share for place, share in (minimum_share or {}).items()}
    usd_per_t = held.carbon_price if carbon_price is None else carbon_price
    asked = held.settings.having(objective=wanted, co2_budget=co2_budget, minimum_share=shares, **_known(choice))
    settings = replace(asked, time_limit=time_limit, intervals=intervals, carbon_price=usd_per_t)
    with reporting.steps(shown=progress) as step:
        return Plan(planning.plan_with(held, settings, step), held)


def read(folder: Path | str, data: Path | str | None = None, scenarios: Scenarios = ()) -> Plan:
    """Read a plan folder back, with the network that it was planned on, and prove it anew.

    Parameters
    ----------
    folder
        What `Plan.write` or ``corridors plan --out`` wrote.
    data
        The folder of its data package; None is the embedded one.
    scenarios
        Its scenarios in order, by name or by file, where they do not come with the data package.

    Raises
    ------
    DataError
        If the folder holds no plan, the tables are not those that it was made from, or a figure is not what it is
        when it is recomputed.
    ScenarioError
        If a scenario cannot be applied.

    Examples
    --------
    >>> import tempfile, corridors as co
    >>> plan = co.plan(co.load())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plan.write(folder, force=True)
    ...     again = co.read(folder)
    >>> again.summary == plan.summary
    True
    """
    given = _chosen(scenarios)
    made, network = plan_folder.proven(folder, data, given)
    settings = planning.PlanSettings(carbon_price=made.summary["carbon_price"])
    return Plan(made, kept(network, settings, given or _asked(made)))


def compare(network: network.Network, origin: str, destination: str, commodity: str | None = None) -> Comparison:
    """Compare the best route by each means of transport between two places.

    Parameters
    ----------
    network
        From `load`.
    origin, destination
        Places by any name of theirs, in any language of the data, with or without accents.
    commodity
        The class of freight; None is the data's usual one.

    Raises
    ------
    NameUnknown
        If there is no such place or commodity; the nearest names are given.

    Examples
    --------
    >>> import corridors as co
    >>> ways = co.compare(co.load(), "berlin", "Ляньюньган")
    >>> ways.table["means"].tolist()
    ['sea', 'rail', 'rail_avoiding_kz', 'middle_corridor', 'road', 'air']
    >>> by = ways.table.set_index("means")
    >>> bool(by.loc["rail", "days"] < by.loc["sea", "days"])
    True
    """
    held = kept(network)
    data = held.dataset
    start, end = (places.find_place(data, name) for name in (origin, destination))
    known = data["commodities"]["commodity"]
    wanted = suggest.find_one(known, commodity or data.usual_commodity, "commodity", "commodities.csv")
    return Comparison(routes.compare(held, price(held), start, end, wanted), held)


def scenarios(data: Path | str | None = None) -> pd.DataFrame:
    """List the scenarios of a data package, the embedded one if none is named: name, title and why.

    Raises
    ------
    DataError
        If there is no such folder.
    ScenarioError
        If a scenario's file is faulty.

    Examples
    --------
    >>> import corridors as co
    >>> "dostyk-closed" in co.scenarios()["name"].tolist()
    True
    """
    folder = tables.embedded() if data is None else Path(data)
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; give the folder of a data package")
    found = scenario.listed(folder)
    return pd.DataFrame([(one.name, one.title, one.why) for one in found], columns=["name", "title", "why"])


def run(
    data: Network | Data = None,
    scenarios: Scenarios = (),
    *,
    objective: str = OBJECTIVES[0],
    carbon_price: float | None = None,
    progress: bool = True,
    **choice: Unpack[ChoiceOptions],
) -> Runs:
    """Plan several scenarios, each by itself, beside a base of the same year, running figures and carbon price.

    Parameters
    ----------
    data
        A network from `load`, whose year and running figures then hold for all where the caller gave them; or what
        `load` takes as data.
    scenarios
        By name or by the path of a TOML file; "a+b" is a and then b.
    objective, carbon_price, choice
        As of `plan`, for all.
    progress
        Whether to say what is being done.

    Raises
    ------
    DataError
        If the network has scenarios of its own, or the data package is not sound.
    ScenarioError
        If there is no such scenario, or one does not fit the data.

    Examples
    --------
    >>> import corridors as co
    >>> found = co.run(co.load(), ["dostyk-closed"])
    >>> found.table["scenario"].tolist()
    ['base', 'dostyk-closed']
    >>> bool(found.table["cost_change"].iloc[1] > 0)
    True
    """
    said = data.settings if isinstance(data, Network) else USUAL
    if isinstance(data, Network) and data.chosen:
        raise DataError(
            f"this network has scenarios already ({data.dataset.scenario}): load it without, and name several "
            "together as 'a+b'"
        )
    dataset = data.dataset if isinstance(data, Network) else _dataset(data)
    wanted = suggest.find_one(OBJECTIVES, objective, "objective", "a plan")
    settings = replace(said, objective=wanted, carbon_price=carbon_price).having(**_known(choice))
    with reporting.steps(shown=progress) as step:
        ready = scenario_runs.prepared(dataset, _chosen(scenarios), settings)
        cases = tuple(scenario_runs.planned(ready, settings, step))
    plans = {}
    asked = iter(_chosen(scenarios))  # the bases come before them
    for case in cases:
        chosen = () if case.name == case.base else (next(asked),)
        if case.plan is not None:
            one = case.plan.summary
            built = network.build(ready[case.name].dataset, one["year"], one["running"])
            plans[case.name] = Plan(case.plan, kept(built, replace(said, carbon_price=one["carbon_price"]), chosen))
    return Runs(cases, plans)


def _known(choice: ChoiceOptions) -> ChoiceOptions:
    """Return how shippers choose, each word as it stands among those that there are."""
    found = choice.copy()
    if "choice" in choice:
        found["choice"] = suggest.find_one(CHOICES, choice["choice"], "choice", "a plan")
    if "assign" in choice:
        found["assign"] = suggest.find_one(ASSIGNMENTS, choice["assign"], "assign", "a plan")
    if "nests" in choice:
        found["nests"] = suggest.find_one(NESTS, choice["nests"], "nests", "a plan")
    return found


def _chosen(wanted: Scenarios) -> tuple[str, ...]:
    """Return scenarios as texts; one alone need not be put into a list."""
    several = wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]
    for one in several:
        if not isinstance(one, str | Path):
            raise ScenarioError(f"found {one!r} among the scenarios, expected names or paths of TOML files")
    return tuple(str(one) for one in several)


def _asked(made: planning.Plan) -> tuple[str, ...]:
    one = made.summary["scenario"]
    return () if one == tables.BASE else (one,)


def _dataset(data: Data) -> tables.Dataset:
    return data if isinstance(data, tables.Dataset) else tables.read(data)
