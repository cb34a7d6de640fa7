"""Reasons that plans and comparisons give in English are said in the reader's language, or stay as they are."""

from pathlib import Path

import pytest
from small import add_demand, edit

from corridors import network, planning, tables
from corridors.network import routes
from corridors.network.costs import price
from corridors.text.language import language
from corridors.text.names import Names
from corridors.text.reasons import Reasons

RESOURCES = {
    "Dostyk - Aktogay (rail)": "rail:DOSTYK-AKTOGAY",
    "Aktogay, border road": "unknown:AKTOGAY",
    "Dostyk, transfer between gauges": "pool:unknown",
}


def said(reason: str, code: str = "ru") -> str:
    return Reasons(Names(tables.read(None), language(code)), RESOURCES).say(reason)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("no open way for grain from ALMATY to DOSTYK", "нет открытого пути для груза «Зерно»: Алматы – Достык"),
        ("no open way that avoids RUS;CHN for coal from ALMATY to DOSTYK", "(Россия, Китай) для груза «Уголь»"),
        ("the cheapest way costs 1,234 USD/t, its shippers pay at most 900", "стоит 1\xa0234 долл. США/т"),
        ("the capacity left would cost more than the 40 t h/t that its shippers pay", "40 тонно-часов/т"),
        ("full: Dostyk - Aktogay (rail)", "загружено полностью: Достык - Актогай (железная дорога)"),
        ("Dostyk - Aktogay (rail), 16.0 Mt, full", "Достык - Актогай (железная дорога): 16,0 млн т"),
        (
            "Dostyk, transfer between gauges and Dostyk - Aktogay (rail), 16.0 Mt together, full; "
            "Aktogay, border road, closed",
            "Dostyk, transfer between gauges, Достык - Актогай (железная дорога): вместе 16,0 млн т, "
            "загружены полностью; Aktogay, border road: закрыто",
        ),
        ("grain does not go by air", "груз «Зерно» так не возят: воздух"),
        ("no way by ferry, rail meets its conditions", "условиям: паром, железная дорога"),
        ("something else, 3 Mt", "something else, 3 Mt"),
        ("something else; Dostyk - Aktogay (rail), closed", "something else; Dostyk - Aktogay (rail): закрыто"),
    ],
)
def test_reasons_are_said_in_russian(reason: str, words: str) -> None:
    assert words in said(reason)


def test_english_reasons_stay_as_files_have_them() -> None:
    assert said("full: Dostyk - Aktogay (rail)", "en") == "full: Dostyk - Aktogay (rail)"


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
        Names(dataset, language("ru")), dict(zip(plan.bottlenecks["where"], plan.bottlenecks["resource"], strict=True))
    )
    for why in plan.unserved["why"]:
        assert reasons.say(why) != why
        assert not {"full", "closed", "shippers"} & set(reasons.say(why).replace(",", " ").split())


def test_every_reason_of_comparisons_is_known(folder: Path) -> None:
    dataset = tables.read(folder)
    net = network.build(dataset)
    reasons, found = Reasons(Names(dataset, language("kk")), {}), set()
    for commodity in dataset["commodities"]["commodity"]:
        made = routes.compare(net, price(net), "EASTGATE", "STEPPE", commodity)
        found |= set(made.unavailable.values())
    assert found
    assert [why for why in found if reasons.say(why) == why] == []
