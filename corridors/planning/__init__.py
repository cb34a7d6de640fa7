"""From a network to proven tables: a year's freight posed, solved, certified, read and written."""

from corridors.planning.planner import (
    DICTIONARY,
    DIGESTS,
    EXACT,
    GAP,
    PACKAGES,
    SUMMARY,
    TABLES,
    Plan,
    Progress,
    dictionary,
    digest_of,
    not_negative,
    plan,
    posed,
    read,
)

__all__ = [
    "DICTIONARY",
    "DIGESTS",
    "EXACT",
    "GAP",
    "PACKAGES",
    "SUMMARY",
    "TABLES",
    "Plan",
    "Progress",
    "dictionary",
    "digest_of",
    "not_negative",
    "plan",
    "posed",
    "read",
]
