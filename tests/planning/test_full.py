"""What is called full takes all its capacity, in plans, on maps, on the terminal and in conclusions alike."""

import pandas as pd
import pytest

from corridors.planning.summary import FULL, own_trade, tight, trade
from corridors.report.map_layers import CLASSES, load_class


@pytest.mark.parametrize("utilisation", [0.9995, 0.9997, 0.99999])
def test_what_has_room_for_more_is_not_full(utilisation: float) -> None:
    assert load_class(utilisation) == "nearly full"
    priced = pd.DataFrame({"utilisation": [utilisation], "shadow_price_low": [1.0], "shadow_price_high": [2.0]})
    assert tight(priced).empty


@pytest.mark.parametrize("utilisation", [FULL, 1.0 - 1e-9, 1.0, 1.0 + 1e-7])
def test_what_is_at_its_capacity_to_the_rounding_of_a_plan_is_full(utilisation: float) -> None:
    assert load_class(utilisation) == CLASSES[-1] == "full"
    priced = pd.DataFrame({"utilisation": [utilisation], "shadow_price_low": [1.0], "shadow_price_high": [2.0]})
    assert len(tight(priced)) == 1


def test_a_trade_is_told_by_its_ends_and_else_by_what_it_passes() -> None:
    country = {"A": "AAA", "B": "BBB", "H": "HHH", "I": "HHH"}
    cases = {("H", "I"): "domestic", ("H", "A"): "export", ("A", "H"): "import", ("A", "B"): "elsewhere"}
    for (origin, destination), expected in cases.items():
        assert trade("HHH", country, origin, destination, [origin, destination]) == expected
    assert trade("HHH", country, "A", "B", ["A", "H", "B"]) == "transit"
    assert own_trade(begins=False, ends=False) == ""
