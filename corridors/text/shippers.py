"""By which model freight finds its ways, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.text.language import Language

NESTS = {
    "frontiers": later("modes, frontiers and ports at home make a way"),
    "chain": later("the chain of modes makes a way"),
    "none": later("every route is a way of its own"),
}
ASSIGNS = {
    "none": later("Crowded places cost no time."),
    "equilibrium": later("Each shipper pays the time that it waits at crowded places (user equilibrium)."),
    "optimum": later("Each shipper pays the time that it waits, and that it makes others wait (system optimum)."),
}


def of_model(summary: Mapping[str, Any], say: Language) -> Iterator[str]:
    """Say how shippers choose and whose waiting they pay for, by a plan's summary; nothing of a linear plan."""
    if "model" not in summary:
        return
    one = summary
    sharp = say("tau as the data have it") if one["tau"] is None else say("tau {tau}", tau=say.format(one["tau"], "g"))
    if one["model"] == "logit":
        yield say(
            "Shippers choose by probability among {routes} routes in {ways} ways (nested logit, {sharp}; {nests}).",
            routes=say.number(one["routes"]),
            ways=say.number(one["ways"]),
            sharp=sharp,
            nests=say(NESTS[one["nests"]]),
        )
        yield say(ASSIGNS[one["assign"]])
    else:
        yield say("Shippers choose among all routes of the network at once (perturbed utility, {sharp}).", sharp=sharp)
