"""Strangers' inputs, 2,000 of them, always the same: no traceback, no hang, no wrong answer taken for a right one."""

import sys

import pytest
from fuzz.doors import DOORS
from fuzz.hunt import SHARES, hunt

SEED, PART = 10, 50
PARTS = [(door, first) for door in DOORS for first in range(0, SHARES[door], PART)]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")


def test_the_shares_are_2000_inputs_over_every_door() -> None:
    assert set(SHARES) == set(DOORS)
    assert sum(SHARES.values()) == len(PARTS) * PART == 2000


@pytest.mark.slow
@pytest.mark.parametrize(("door", "first"), PARTS, ids=[f"{door}-{first}" for door, first in PARTS])
def test_nothing_is_found(door: str, first: int) -> None:
    tally = hunt(door, SEED, range(first, first + PART))
    told = [f"[{len(found)}x] {found[0]}" for found in tally.distinct().values()]
    again = f"python -m tests.fuzz --door {door} --seed {SEED} --only NUMBER"
    assert not told, "\n".join([tally.line(), *told, again])
    assert {"accepted", "refused"} <= set(tally.outcomes), "the inputs of a door are sound and unsound ones"
