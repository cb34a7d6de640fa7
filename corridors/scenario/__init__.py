"""Scenarios: named changes of tables, read from TOML, applied in order and accounted for."""

from corridors.scenario.application import Applied, apply
from corridors.scenario.lookup import FOLDER, JOINT, chain, find, listed, parts
from corridors.scenario.scenario import DEAREST, INTEGERS, KEYS, LARGEST, NAME, SUFFIX, YEARS, Scenario, read

__all__ = [
    "DEAREST",
    "FOLDER",
    "INTEGERS",
    "JOINT",
    "KEYS",
    "LARGEST",
    "NAME",
    "SUFFIX",
    "YEARS",
    "Applied",
    "Scenario",
    "apply",
    "chain",
    "find",
    "listed",
    "parts",
    "read",
]
