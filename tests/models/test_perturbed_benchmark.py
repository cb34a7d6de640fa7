"""What the benchmark of choice over the whole network measures: proved answers, each beside its yardstick."""

import pytest
from benched import of

perturbed = of("perturbed")


@pytest.mark.slow
def test_rows_are_proved_and_have_ratios_to_their_yardsticks() -> None:
    rows = perturbed.measure(rounds=1)
    assert len(rows) == 4 * len(perturbed.TAU)
    assert {row["status"] for row in rows} == {"ok"}
    for row in rows:
        assert row["cpu_seconds"] > 0
        assert ("ratio" in row) == (row["step"] != perturbed.YARDSTICK)
        if row["step"] == perturbed.HOT:
            assert row["note"].endswith(perturbed.COLD)
