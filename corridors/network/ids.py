"""How rows and their places are called in files. `corridors.text.names` says these names in words."""

from __future__ import annotations


def at_place(terminal: str, place: str) -> str:
    """Return the name of a row for every place of `terminals.csv` where it is about one of them."""
    return f"{terminal}@{place}"


def of_pool(pool: str) -> str:
    """Return the name of a pool as a limited resource."""
    return f"pool:{pool}"


def of_border(country: str, other: str, mode: str) -> str:
    """Return the name of a row of `borders.csv`."""
    return f"border:{country}-{other}:{mode}"
