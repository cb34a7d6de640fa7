"""Plan folders of older forms: what they lack, and how it is read from what they have.

They had no codes of reasons, no queues at bottlenecks, or no through-freight of corridors and no borders.csv. Codes are
read from sentences; the rest follows from the answer, and is computed once it is proved (`proving.completed`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

from corridors.planning import at_borders, on_corridors, planner
from corridors.planning.queues import QUEUES
from corridors.text.choices import CHOICES
from corridors.text.reasons import CODE, FORMS, NAMED, VALUES, Reason

REASONS = (CODE, VALUES)
BORDERS = "borders"
THROUGH = (*on_corridors.NEW, BORDERS)  # these came together


def forms(model: str) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Yield the dictionaries that folders of a model have had, today's first, each with what it lacks of today's."""
    today = planner.dictionary(model)
    oldest = [(), REASONS] if model == CHOICES[0] else [()]
    for parts in product(((), THROUGH), ((), QUEUES), oldest):
        lacking = tuple(name for part in parts for name in part)
        yield _without(json.loads(today), lacking), lacking


def _without(dictionary: dict[str, Any], lacking: Collection[str]) -> dict[str, Any]:
    """Return the dictionary of plans that lack some columns and tables of today's."""
    dictionary["resources"] = [table for table in dictionary["resources"] if table["name"] not in lacking]
    for table in dictionary["resources"]:
        fields = table["schema"]["fields"]
        fields[:] = [field for field in fields if field["name"] not in lacking]
        for field in fields:
            if table["name"] == "corridors" and field["name"] == "kt" and BORDERS in lacking:
                field["description"] = "Mean load over its length, both directions"
    return dictionary


def filled(held: dict[str, pd.DataFrame], lacking: Collection[str]) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder with what an older one lacks: reasons as read, the rest blank."""
    made = dict(held)
    if REASONS[0] in lacking:
        made["unserved"] = _with_reasons(made["unserved"], made["bottlenecks"])
    if QUEUES[0] in lacking:
        made["bottlenecks"] = made["bottlenecks"].assign(**dict.fromkeys(QUEUES, math.nan))
    if BORDERS in lacking:
        table = made["corridors"]
        blank = dict.fromkeys(on_corridors.NEW, math.nan) | {"mean_kt": table["kt"]}
        made["corridors"] = table.assign(**blank)[list(on_corridors.COLUMNS)]
        made[BORDERS] = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in at_borders.KINDS.items()})
    return made


def _with_reasons(unserved: pd.DataFrame, bottlenecks: pd.DataFrame) -> pd.DataFrame:
    """Return what an older plan left, with the reasons that its sentences give; blank where one gives none."""
    resource = dict(zip(bottlenecks["where"], bottlenecks["resource"], strict=True))
    found = [reason_in(sentence, resource) for sentence in unserved["why"]]
    columns = {CODE: [one.code if one else "" for one in found], VALUES: [one.text if one else "" for one in found]}
    order = [*unserved.columns[:-1], *REASONS, unserved.columns[-1]]
    return unserved.assign(**columns)[order].astype(dict.fromkeys(REASONS, object))


_LONGEST = 10_000  # characters of a sentence: a longer one is no plan's, and takes long to search
_FIGURE = r"[\d,]+(?:\.\d+)?"
_INSIDE = {"cost": _FIGURE, "price": _FIGURE, "unit": r"\w[\w ]*", "commodity": r"\S+"}
_CUT = re.compile(
    rf"(?:(?P<full>.+), (?P<mt>{_FIGURE}) Mt(?: together)?, full)?(?:(?(full); |)(?P<closed>.+), closed)?", re.DOTALL
)


def reason_in(sentence: str, resource: Mapping[str, str]) -> Reason | None:
    """Return the reason in a sentence of an older plan, or None if the sentence is none of those that plans had.

    Parameters
    ----------
    sentence
        The column `why` of its unserved.csv.
    resource
        The limited resources by their names in words.
    """
    if len(sentence) > _LONGEST:
        return None
    for code, form in FORMS.items():
        if found := re.fullmatch(_pattern(form), sentence):
            return _read(code, found.groupdict(), resource)
    found = _CUT.fullmatch(sentence)
    told = {name: text for name, text in found.groupdict().items() if text is not None} if found else {}
    code = {("full", "mt"): "capacity_full", ("closed",): "capacity_closed"}.get(tuple(told), "capacity_full_or_closed")
    return _read(code, told, resource)


def _pattern(form: str) -> str:
    """Return the regular expression of a form: figures where they go, anything else elsewhere."""
    texts = re.split(r"\{(\w+)\}", form)
    groups = [f"(?P<{name}>{_INSIDE.get(name, '.+')})" for name in texts[1::2]]
    return "".join(re.escape(text) + group for text, group in zip(texts[::2], [*groups, ""], strict=True))


def _read(code: str, told: Mapping[str, str], resource: Mapping[str, str]) -> Reason | None:
    """Return a reason of its parts in words, or None if one of them is not known."""
    values = []
    for name in NAMED[code]:
        text = told.get(name, "")
        if name in ("resources", "full", "closed"):
            text = ";".join(_resources(text, resource))
        elif name in ("cost", "price", "mt"):
            text = text.replace(",", "")
        if not text:
            return None
        values.append(f"{name}={text}")
    try:
        return Reason.read(code, "|".join(values))
    except ValueError:
        return None


def _resources(text: str, resource: Mapping[str, str]) -> Iterable[str]:
    """Return the resources that a list in words names: the longest names first, as one may be part of another."""
    pattern = "|".join(map(re.escape, sorted(resource, key=len, reverse=True)))
    found = re.findall(pattern, text) if pattern else []
    *others, last = found or [""]
    listed = " and ".join(filter(None, [", ".join(others), last]))
    return [resource[one] for one in found] if text in (listed, "; ".join(found)) else []
