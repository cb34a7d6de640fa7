"""Reasons are codes with values, said in the reader's language; the sentences of older plans are read as such."""

from pathlib import Path

import pytest
from small import add_demand, edit

from corridors import network, planning, tables
from corridors.frames import rows
from corridors.network import routes
from corridors.network.costs import price
from corridors.planning import older_plans
from corridors.text.language import language
from corridors.text.names import Names
from corridors.text.reasons import NAMED, Reason, Reasons

RESOURCES = {
    "rail:DOSTYK-AKTOGAY": "Dostyk - Aktogay (rail)",
    "unknown:AKTOGAY": "Aktogay, border road",
    "pool:unknown": "Dostyk, transfer between gauges",
    "bound:co2e": "emissions budget",
}
REASONS = [
    (
        "no_path",
        "commodity=grain|origin=ALMATY|destination=DOSTYK",
        "no open way for grain from ALMATY to DOSTYK",
        "нет открытого пути для груза «Зерно»: Алматы – Достык",
    ),
    (
        "no_path_avoiding",
        "avoid=RUS;CHN|commodity=coal|origin=ALMATY|destination=DOSTYK",
        "no open way that avoids RUS;CHN for coal from ALMATY to DOSTYK",
        "(Россия, Китай) для груза «Уголь»",
    ),
    (
        "above_reservation_price",
        "cost=1234|price=900|unit=USD",
        "the cheapest way costs 1,234 USD/t, its shippers pay at most 900",
        "стоит 1\xa0234 долл. США/т",
    ),
    (
        "scarcity_above_reservation_price",
        "price=40|unit=t h",
        "the capacity left would cost more than the 40 t h/t that its shippers pay",
        "40 тонно-часов/т",
    ),
    (
        "bound_reached",
        "resources=rail:DOSTYK-AKTOGAY;bound:co2e",
        "full: Dostyk - Aktogay (rail); emissions budget",
        "загружено полностью: Достык - Актогай (железная дорога), предел выбросов",
    ),
    (
        "capacity_full",
        "full=rail:DOSTYK-AKTOGAY|mt=16.0",
        "Dostyk - Aktogay (rail), 16.0 Mt, full",
        "Достык - Актогай (железная дорога): 16,0 млн т",
    ),
    (
        "capacity_full_or_closed",
        "full=pool:unknown;rail:DOSTYK-AKTOGAY|mt=16.0|closed=unknown:AKTOGAY",
        "Dostyk, transfer between gauges and Dostyk - Aktogay (rail), 16.0 Mt together, full; "
        "Aktogay, border road, closed",
        "Dostyk, transfer between gauges, Достык - Актогай (железная дорога): вместе 16,0 млн т, "
        "загружены полностью; Aktogay, border road: закрыто",
    ),
    (
        "capacity_closed",
        "closed=rail:DOSTYK-AKTOGAY;unknown:AKTOGAY;pool:unknown",
        "Dostyk - Aktogay (rail), Aktogay, border road and Dostyk, transfer between gauges, closed",
        "Достык - Актогай (железная дорога), Aktogay, border road, Dostyk, transfer between gauges: закрыто",
    ),
    (
        "left_by_choice",
        "cost=286|price=300|unit=USD",
        "left by choice: the cheapest way costs 286 USD/t at the plan's prices, its shippers pay at most 300",
        "самый дешёвый путь стоит 286 долл. США/т в ценах плана",
    ),
    (
        "mode_not_allowed",
        "commodity=grain|modes=air;road",
        "grain does not go by air or road",
        "груз «Зерно» так не возят: воздух, автодорога",
    ),
    (
        "conditions_not_met",
        "modes=ferry;rail",
        "no way by ferry, rail meets its conditions",
        "условиям: паром, железная дорога",
    ),
]


def reasons_in(code: str) -> Reasons:
    return Reasons(Names(tables.read(None), language(code)), RESOURCES)


@pytest.mark.parametrize(("code", "values", "sentence", "words"), REASONS, ids=[one[0] for one in REASONS])
def test_a_reason_is_a_code_with_values_and_a_sentence_in_each_language(
    code: str, values: str, sentence: str, words: str
) -> None:
    reason = Reason.read(code, values)
    assert reason.text == values
    assert reason.sentence(RESOURCES) == reasons_in("en").say(reason) == sentence
    assert words in reasons_in("ru").say(reason)
    assert reasons_in("kk").say(reason) not in (sentence, reasons_in("ru").say(reason))


def test_every_code_is_tried() -> None:
    assert {code for code, *_ in REASONS} == set(NAMED)


@pytest.mark.parametrize(("code", "values", "sentence", "words"), REASONS, ids=[one[0] for one in REASONS])
def test_a_sentence_of_an_older_plan_is_read_as_its_reason(code: str, values: str, sentence: str, words: str) -> None:
    found = older_plans.reason_in(sentence, {where: resource for resource, where in RESOURCES.items()})
    if code in ("mode_not_allowed", "conditions_not_met"):  # of comparisons, which no folder holds
        return
    assert found is not None
    assert (found.code, found.text) == (code, values)
    assert words in reasons_in("ru").say(found)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "something else",
        "something else, 3 Mt",
        "something else; Dostyk - Aktogay (rail), closed",
        "full: nothing known",
        "the cheapest way costs , USD/t, its shippers pay at most 900",
        ", 3 Mt, full" * 5000,
    ],
)
def test_a_sentence_that_no_plan_had_gives_no_reason(sentence: str) -> None:
    assert older_plans.reason_in(sentence, {where: resource for resource, where in RESOURCES.items()}) is None


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("", ""),
        ("no_way", "commodity=grain"),
        ("no_path", ""),
        ("no_path", "commodity=grain|origin=ALMATY"),
        ("capacity_full", "mt=16.0|full=a"),
        ("capacity_full", "full=a|mt=16"),
        ("capacity_full", "full=a|mt=many"),
        ("capacity_full", "full=a|mt=16.0|closed=b"),
        ("above_reservation_price", "cost=1,234|price=900|unit=USD"),
    ],
)
def test_what_is_no_reason_is_refused(code: str, values: str) -> None:
    with pytest.raises(ValueError, match="reason"):
        Reason.read(code, values)


def test_reasons_are_alike_to_one_in_the_last_digit_of_what_was_rounded() -> None:
    one = Reason("capacity_full", {"full": ("a1",), "mt": 3.1})
    assert one.alike(Reason("capacity_full", {"full": ("a1",), "mt": 3.2}))
    assert not one.alike(Reason("capacity_full", {"full": ("a1",), "mt": 3.3}))
    assert not one.alike(Reason("capacity_full", {"full": ("a2",), "mt": 3.1}))
    assert not one.alike(Reason("capacity_closed", {"closed": ("a1",)}))


def test_every_reason_of_plans_is_known(folder: Path) -> None:
    for row in (4, 6):
        edit(folder, "links", row, capacity="1")
    edit(folder, "links", 8, capacity="100")
    add_demand(folder, "boxes", "EASTGATE-MIDTOWN", "container_high", kt=5000, penalty=250)
    add_demand(folder, "poor", "EASTGATE-MIDTOWN", "container_high", kt=5, penalty=1)
    dataset = tables.read(folder)
    plan = planning.plan(network.build(dataset))
    assert len(plan.unserved) > 2
    reasons = Reasons(
        Names(dataset, language("ru")), dict(zip(plan.bottlenecks["resource"], plan.bottlenecks["where"], strict=True))
    )
    for row in rows(plan.unserved):
        assert reasons.of(row) != row.why
        assert not {"full", "closed", "shippers"} & set(reasons.of(row).replace(",", " ").split())


def test_every_reason_of_comparisons_is_known(folder: Path) -> None:
    dataset = tables.read(folder)
    net = network.build(dataset)
    reasons, found = Reasons(Names(dataset, language("kk")), {}), []
    for commodity in dataset["commodities"]["commodity"]:
        made = routes.compare(net, price(net), "EASTGATE", "STEPPE", commodity)
        found += made.reasons.values()
        assert made.unavailable == {means: one.sentence() for means, one in made.reasons.items()}
    assert found
    assert [one for one in found if reasons.say(one) == one.sentence()] == []
