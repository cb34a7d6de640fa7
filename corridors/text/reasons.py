"""Why something could not be, in the reader's language.

Plans and comparisons give their reasons as English sentences, as their files hold them. Each is one of `FORMS` with its
places filled; it is read back and said anew. What is none of them stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from corridors.text.language import LANGUAGES, later

if TYPE_CHECKING:
    from corridors.planning.difference import Unlike
    from corridors.text.language import Language
    from corridors.text.names import Names

FORMS = (
    later("no open way that avoids {avoid} for {commodity} from {origin} to {destination}"),
    later("no open way for {commodity} from {origin} to {destination}"),
    later("the cheapest way costs {cost} {unit}/t, its shippers pay at most {price}"),
    later("the capacity left would cost more than the {price} {unit}/t that its shippers pay"),
    later("full: {resources}"),
    later("{resources}, {mt} Mt together, full"),
    later("{resources}, {mt} Mt, full"),
    later("{resources}, closed"),
    later("{commodity} does not go by {modes}"),
    later("no way by {modes} meets its conditions"),
)
THEN = "; "  # between what is full and what is closed
NUMBER = r"[\d,.]+"


def differing_terms(found: Iterable[Unlike], say: Language) -> Iterator[str]:
    """Say, in one sentence, that two plans were made with different years or other terms, if they were."""
    named = {"year": say("year"), "running": say("running"), "carbon_price": say("carbon price"),
             "objective": say("objective")}  # fmt: skip
    told = [f"{named[one.what]} {say.term(str(one.before))} > {say.term(str(one.after))}" for one in found]
    if told:
        yield say("Not the same in both plans, and so a part of every change: {what}.", what=", ".join(told))


def of_other_years(summary: Mapping[str, Any], say: Language) -> Iterator[str]:
    """Say what a plan leaves out of the demand because it is of other years, and of which years its own figures are.

    Nothing is said where all rows of the demand are of one year. `summary` is that of a plan, or holds as much of it:
    `year`, `demand_years` and `left_out`.
    """
    for one in summary.get("left_out", ()):
        told = {"of": one["year"], "year": summary["year"], "kt": say.number(one["kt"], 1)}
        if one["why"] == "later":
            yield say.many("{n} demand of {of} ({kt} kt) is left out: it is later than {year}.",
                           "{n} demands of {of} ({kt} kt) are left out: they are later than {year}.",
                           one["demands"], **told)  # fmt: skip
        else:
            yield say.many("{n} demand of {of} ({kt} kt) is replaced by a figure nearer to {year}.",
                           "{n} demands of {of} ({kt} kt) are replaced by figures nearer to {year}.",
                           one["demands"], **told)  # fmt: skip
    planned = summary.get("demand_years", ())
    if len(planned) > 1:
        listed = ", ".join(f"{one['year']}: {say.number(one['kt'] / 1000, 1)}" for one in planned)
        yield say("Freight planned, Mt by the year of its figure: {listed}.", listed=listed)


@dataclass(frozen=True, eq=False)
class Reasons:
    """Says reasons anew; `resources` are the limited resources that they may name, by their English names."""

    names: Names
    resources: Mapping[str, str]

    def say(self, reason: str) -> str:
        """Give a reason in the reader's language."""
        if self.names.say.code == LANGUAGES[0]:
            return reason
        parts = [self._said(part) for part in reason.split(THEN)]
        if None not in parts:
            return THEN.join(filter(None, parts))
        return self._said(reason) or reason

    def _said(self, reason: str) -> str | None:
        for form in FORMS:
            found = re.fullmatch(_pattern(form), reason)
            if found:
                values = {place: self._values[place](text) for place, text in found.groupdict().items()}
                return self.names.say(form, **values)
        return None

    @cached_property
    def _values(self) -> dict[str, Callable[[str], str]]:
        """How each place of a form is filled in the reader's language."""
        names, say = self.names, self.names.say
        return {
            "avoid": lambda text: ", ".join(say.country(one) for one in text.split(";")),
            "commodity": names.commodity, "origin": names.place, "destination": names.place, "unit": say.term,
            "cost": lambda text: say.number(_number(text)), "price": lambda text: say.number(_number(text)),
            "mt": lambda text: say.number(_number(text), 1), "resources": self._listed,
            "modes": lambda text: ", ".join(say.term(mode) for mode in re.split(", | or ", text)),
        }  # fmt: skip

    def _listed(self, text: str) -> str:
        """Name resources: the longest English names first, as one may be part of another."""
        pattern = "|".join(map(re.escape, sorted(self.resources, key=len, reverse=True)))
        found = re.findall(pattern, text) if pattern else []
        if _joined(found) != text and THEN.join(found) != text:
            return text
        return ", ".join(self.names.resource(self.resources[one], one) for one in found)


def _joined(found: Iterable[str]) -> str:
    *others, last = [*found] or [""]
    return " and ".join(filter(None, [", ".join(others), last]))


def _pattern(form: str) -> str:
    """Give the regular expression of a form: numbers where numbers go, anything else elsewhere."""
    parts = re.split(r"\{(\w+)\}", form)
    texts, places = parts[::2], parts[1::2]
    inside = {"cost": NUMBER, "price": NUMBER, "mt": NUMBER, "unit": r"\w[\w ]*", "commodity": r"\w+"}
    groups = [f"(?P<{place}>{inside.get(place, '.+')})" for place in places]
    return "".join(re.escape(text) + group for text, group in zip(texts, [*groups, ""], strict=True))


def _number(text: str) -> float:
    return float(text.replace(",", ""))
