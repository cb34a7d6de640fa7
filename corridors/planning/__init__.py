"""From a network to proven tables: a year's freight formulated, solved, certified, read and written."""

from corridors.planning.planner import (
    DICTIONARY,
    DIGESTS,
    EXACT,
    GAP,
    PACKAGES,
    SUMMARY,
    TABLES,
    OnStep,
    Plan,
    dictionary,
    digest_of,
    formulate,
    plan,
    plan_of,
    plan_with,
)
from corridors.planning.settings import PlanOptions, PlanSettings

__all__ = [
    "DICTIONARY",
    "DIGESTS",
    "EXACT",
    "GAP",
    "PACKAGES",
    "SUMMARY",
    "TABLES",
    "OnStep",
    "Plan",
    "PlanOptions",
    "PlanSettings",
    "dictionary",
    "digest_of",
    "formulate",
    "plan",
    "plan_of",
    "plan_with",
]
