"""What the benchmark of choice over the whole network measures: proved answers, each beside its yardstick."""

import pytest
from benched import of

perturbed = of("perturbed")


@pytest.mark.slow
def test_rows_are_proved_and_have_ratios_to_their_yardsticks(monkeypatch: pytest.MonkeyPatch) -> None:
    taus = perturbed.TAU[:: len(perturbed.TAU) - 1]  # the least and the greatest: each is solved five times
    monkeypatch.setattr(perturbed, "TAU", taus)
    rows = perturbed.measure(rounds=1)
    assert len(rows) == 4 * len(taus) == 8
    assert {row["status"] for row in rows} == {"ok"}
    for row in rows:
        assert row["cpu_seconds"] > 0
        assert ("ratio" in row) == (row["step"] != perturbed.YARDSTICK)
        if row["step"] == perturbed.HOT:
            assert row["note"].endswith(perturbed.COLD)
