"""What a closure diverts is a list of corridors with their gains, written for programs and for people."""

import numpy as np
import pytest

from corridors.stress import diversion
from corridors.stress.diversion import Gain


def test_gains_are_those_of_the_corridors_that_grow_most() -> None:
    more = np.array([0.4, 20.0, -5.0, 3000.4, 20.0, 1.0])
    found = diversion.gains(("R1", "R2", "R3", "R4", "R5", "R6"), more)
    assert found == [Gain("R4", 3000.4), Gain("R2", 20.0), Gain("R5", 20.0)]
    assert diversion.written(found) == "R4=3000;R2=20;R5=20"
    assert diversion.sentence(found) == "R4 +3,000 kt; R2 +20 kt; R5 +20 kt"
    assert diversion.read("R4=3000;R2=20") == [Gain("R4", 3000.0), Gain("R2", 20.0)]
    assert diversion.read("") == []
    assert diversion.read("A=B=7") == [Gain("A=B", 7.0)]


@pytest.mark.parametrize("text", ["R1", "R1=", "R1=many", "R1=3,000", "R1=3.5", ";", "R1=3;"])
def test_what_was_not_written_as_gains_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"gain|float"):
        diversion.read(text)
