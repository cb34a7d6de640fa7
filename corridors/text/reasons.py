"""Why something could not be: a code with named values, the English sentence in files, and the same in any language.

A `Reason` is what the program works with. Files hold it twice: as a code and its values, which are read back, and as
an English sentence, which is made of them and read by people alone. `Reasons` says it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from corridors.text.language import LANGUAGES, later

if TYPE_CHECKING:
    from corridors.planning.difference import Unlike
    from corridors.text.language import Language
    from corridors.text.names import Names

type Value = str | float | tuple[str, ...]

CODE, VALUES = "reason", "reason_values"  # the columns that hold a reason beside its sentence, `why`
FULL = later("{resources}, {mt} Mt, full")
FULL_TOGETHER = later("{resources}, {mt} Mt together, full")
CLOSED = later("{resources}, closed")
FORMS: Mapping[str, str] = {
    "no_path": later("no open way for {commodity} from {origin} to {destination}"),
    "no_path_avoiding": later("no open way that avoids {avoid} for {commodity} from {origin} to {destination}"),
    "above_reservation_price": later("the cheapest way costs {cost} {unit}/t, its shippers pay at most {price}"),
    "scarcity_above_reservation_price": later(
        "the capacity left would cost more than the {price} {unit}/t that its shippers pay"
    ),
    "left_by_choice": later(
        "left by choice: the cheapest way costs {cost} {unit}/t at the plan's prices, its shippers pay at most {price}"
    ),
    "bound_reached": later("full: {resources}"),
    "mode_not_allowed": later("{commodity} does not go by {modes}"),
    "conditions_not_met": later("no way by {modes} meets its conditions"),
}
NAMED: Mapping[str, tuple[str, ...]] = {  # the values of each code, in the order in which they are written
    "no_path": ("commodity", "origin", "destination"),
    "no_path_avoiding": ("avoid", "commodity", "origin", "destination"),
    "above_reservation_price": ("cost", "price", "unit"),
    "scarcity_above_reservation_price": ("price", "unit"),
    "left_by_choice": ("cost", "price", "unit"),
    "bound_reached": ("resources",),
    "capacity_full": ("full", "mt"),
    "capacity_closed": ("closed",),
    "capacity_full_or_closed": ("full", "mt", "closed"),
    "mode_not_allowed": ("commodity", "modes"),
    "conditions_not_met": ("modes",),
}
DECIMALS = {"cost": 0, "price": 0, "mt": 1}  # of the values that are numbers
LISTS = frozenset({"avoid", "modes", "resources", "full", "closed"})  # values that are several ids
JOINTS = {"no_path_avoiding": ";", "bound_reached": "; ", "mode_not_allowed": " or ", "conditions_not_met": ", "}
THEN = "; "  # between what is full and what is closed
BETWEEN_VALUES, BETWEEN_IDS = "|", ";"  # neither is in an id of a data package


@dataclass(frozen=True)
class Reason:
    """Why something could not be.

    Attributes
    ----------
    code
        One of `NAMED`.
    values
        By name, those that `NAMED` lists: a `cost` and a `price` per tonne in `unit`, `mt` (million tonnes a year), ids
        of a commodity and of places, and tuples of ids of countries (`avoid`), modes and resources.
    """

    code: str
    values: Mapping[str, Value]

    @classmethod
    def read(cls, code: str, text: str) -> Self:
        """Read a reason as files hold it.

        Raises
        ------
        ValueError
            If there is no such code, or its values are not all there as `text` writes them.
        """
        pairs = [one.partition("=")[::2] for one in text.split(BETWEEN_VALUES)]
        if tuple(name for name, _ in pairs) == NAMED.get(code):
            with suppress(ValueError):  # of what is no number
                made = cls(code, {name: _value(name, value) for name, value in pairs})
                if made.text == text:
                    return made
        raise ValueError(f"found {code[:40]!r} with {text[:80]!r}, expected the code of a reason with its values")

    @property
    def text(self) -> str:
        """The values as files hold them: ``name=value``, separated by ``|``, several ids by ;, numbers rounded."""
        return BETWEEN_VALUES.join(f"{name}={_written(name, self.values[name])}" for name in NAMED[self.code])

    def alike(self, other: Reason) -> bool:
        """Tell whether another is the same, but for one in the last digit of a number that was rounded."""
        if self.code != other.code:
            return False
        pairs = ((name, one, other.values[name]) for name, one in self.values.items())
        return all(one == two or _near(name, one, two) for name, one, two in pairs)

    def parts(self) -> Iterator[tuple[str, Mapping[str, Value]]]:
        """Yield the texts that the sentence is made of, each with what goes into its places."""
        full, closed = self.values.get("full"), self.values.get("closed")
        if isinstance(full, tuple):
            yield FULL_TOGETHER if len(full) > 1 else FULL, {"resources": full, "mt": self.values["mt"]}
        if isinstance(closed, tuple):
            yield CLOSED, {"resources": closed}
        if self.code in FORMS:
            yield FORMS[self.code], self.values

    def sentence(self, where: Mapping[str, str] | None = None) -> str:
        """Return the English sentence that files have; `where` has resources in words, by their ids."""
        filled = (
            form.format(**{name: self._in_files(name, value, where or {}) for name, value in values.items()})
            for form, values in self.parts()
        )
        return THEN.join(filled)

    def _in_files(self, name: str, value: Value, where: Mapping[str, str]) -> str:
        if not isinstance(value, tuple):
            return value if isinstance(value, str) else f"{value:,.{DECIMALS[name]}f}"
        words = [where.get(one, one) for one in value] if name == "resources" else list(value)
        if self.code in JOINTS:
            return JOINTS[self.code].join(words)
        return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _value(name: str, text: str) -> Value:
    if name in LISTS:
        return tuple(text.split(BETWEEN_IDS))
    return float(text) if name in DECIMALS else text


def _written(name: str, value: Value) -> str:
    if isinstance(value, tuple):
        return BETWEEN_IDS.join(value)
    return value if isinstance(value, str) else f"{value:.{DECIMALS[name]}f}"


def _near(name: str, one: Value, other: Value) -> bool:
    if not isinstance(one, float) or not isinstance(other, float):
        return False
    return abs(round(one, DECIMALS[name]) - round(other, DECIMALS[name])) <= 1.001 * 10.0 ** -DECIMALS[name]


@dataclass(frozen=True, eq=False)
class Reasons:
    """Says reasons in the reader's language.

    Attributes
    ----------
    names
        What things are called in that language.
    where
        The limited resources in English words, by their ids.
    """

    names: Names
    where: Mapping[str, str]

    def say(self, reason: Reason) -> str:
        """Return a reason in the reader's language: in English it is the sentence that files have."""
        if self.names.say.code == LANGUAGES[0]:
            return reason.sentence(self.where)
        return THEN.join(
            self.names.say(form, **{name: self._words[name](value) for name, value in values.items()})
            for form, values in reason.parts()
        )

    def of(self, row: Any) -> str:
        """Say why a row of a plan's `unserved` was not carried; its sentence where an older plan gives no reason."""
        return self.say(Reason.read(row.reason, row.reason_values)) if row.reason else str(row.why)

    @cached_property
    def _words(self) -> dict[str, Callable[[Any], str]]:
        """How each value is said in the reader's language."""
        names, say = self.names, self.names.say
        return {
            "avoid": lambda ids: ", ".join(map(say.country, ids)),
            "modes": lambda ids: ", ".join(map(say.term, ids)),
            "resources": lambda ids: ", ".join(names.resource(one, self.where.get(one, one)) for one in ids),
            "commodity": names.commodity,
            "origin": names.place,
            "destination": names.place,
            "unit": say.term,
        } | {name: lambda value, digits=digits: say.number(value, digits) for name, digits in DECIMALS.items()}


def differing_terms(found: Iterable[Unlike], say: Language) -> Iterator[str]:
    """Say, in one sentence, that two plans were made with different years or other terms, if they were."""
    named = {
        "year": say("year"),
        "running": say("running"),
        "carbon_price": say("carbon price"),
        "objective": say("objective"),
        "model": say("model"),
        "assign": say("waiting"),
        "tau": say("tau"),
        "nests": say("ways by"),
    }
    told = [f"{named[one.what]} {_term(one.before, say)} > {_term(one.after, say)}" for one in found]
    if told:
        yield say("Not the same in both plans, and so a part of every change: {what}.", what=", ".join(told))


def _term(value: object, say: Language) -> str:
    return say("the data's") if value is None else say.term(str(value))


def of_other_years(summary: Mapping[str, Any], say: Language) -> Iterator[str]:
    """Say what a plan leaves out of the demand because it is of other years, and of which years its own figures are.

    Nothing is said where all rows of the demand are of one year. `summary` is that of a plan, or holds as much of it:
    `year`, `demand_years` and `left_out`.
    """
    for one in summary.get("left_out", ()):
        told = {"of": one["year"], "year": summary["year"], "kt": say.number(one["kt"], 1)}
        if one["why"] == "later":
            yield say.many(
                "{n} demand of {of} ({kt} kt) is left out: it is later than {year}.",
                "{n} demands of {of} ({kt} kt) are left out: they are later than {year}.",
                one["demands"],
                **told,
            )
        else:
            yield say.many(
                "{n} demand of {of} ({kt} kt) is replaced by a figure nearer to {year}.",
                "{n} demands of {of} ({kt} kt) are replaced by figures nearer to {year}.",
                one["demands"],
                **told,
            )
    planned = summary.get("demand_years", ())
    begun = any(one["year"] == summary["year"] for one in planned)  # of which others have no figure
    for one in planned:
        if one["year"] > summary["year"] or (begun and one["year"] < summary["year"]):
            yield say.many(
                "{n} demand ({mt} Mt) has no figure of {year}: that of {of} stands for it.",
                "{n} demands ({mt} Mt) have no figure of {year}: those of {of} stand for them.",
                one["demands"],
                mt=say.number(one["kt"] / 1000, 1),
                year=summary["year"],
                of=one["year"],
            )
    if len(planned) > 1:
        listed = ", ".join(f"{one['year']}: {say.number(one['kt'] / 1000, 1)}" for one in planned)
        yield say("Freight planned, Mt by the year of its figure: {listed}.", listed=listed)
