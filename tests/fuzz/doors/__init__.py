"""The doors: a module for each, whose `attempt` makes an input of a trial, hands it in and judges the answers."""

from fuzz.doors import networks, options, packages, plans, scenarios, sweeps

DOORS = {
    "packages": packages.attempt,
    "scenarios": scenarios.attempt,
    "networks": networks.attempt,
    "plans": plans.attempt,
    "sweeps": sweeps.attempt,
    "options": options.attempt,
}
