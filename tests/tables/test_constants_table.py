"""The table of constants: what a stranger may write there."""

from pathlib import Path

import pytest
import small
from faults import faults

ROW = {"constant": "gate", "kind": "crossing", "where": "DRYPASS", "cargo": "*", "usd_per_t": "0", "sd_usd_per_t": "5"}
CELLS = [
    ({"kind": "place"}, "kind", "one of mode, crossing"),
    ({"where": ""}, "where", "for kind crossing"),
    ({"where": "DRYPAS"}, "where", "did you mean DRYPASS"),
    ({"mode": "train"}, "mode", "a mode of modes.csv"),
    ({"kind": "mode"}, "mode", "a mode for kind mode"),
    ({"kind": "mode", "mode": "rail"}, "where", "a blank cell for kind mode"),
    ({"cargo": "boxes"}, "cargo", "one of *, container"),
    ({"direction": "AAA-BBB"}, "direction", "FROM>TO"),
    ({"direction": "AAA>ZZZ"}, "direction", "places of nodes.csv"),
    ({"where": "rail:EASTGATE-DRYPASS", "direction": "MIDTOWN>LANDING"}, "direction", "a direction of it"),
    ({"usd_per_t": ""}, "usd_per_t", "a number"),
    ({"usd_per_t": "inf"}, "usd_per_t", "a finite number"),
    ({"usd_per_t": "-20000"}, "usd_per_t", "at least -10000"),
    ({"sd_usd_per_t": "0"}, "sd_usd_per_t", "at least 1e-06"),
]


@pytest.mark.parametrize(("cells", "column", "words"), CELLS)
def test_a_wrong_cell_is_named(folder: Path, cells: dict[str, str], column: str, words: str) -> None:
    small.append(folder, "constants", **(ROW | cells))
    named = [one for one in faults(folder) if (one.file, one.column) == ("constants.csv", column)]
    assert named, "\n".join(map(str, faults(folder)))
    assert words in str(named[0])


def test_a_constant_below_nothing_is_sound(folder: Path) -> None:
    small.append(folder, "constants", **(ROW | {"usd_per_t": "-3", "direction": "AAA>BBB"}))
    band = {"status": "assumed", "low": "-9", "high": "9", "source": "invented"}
    small.append(folder, "provenance", table="constants", key="gate", column="usd_per_t", **band)
    assert faults(folder) == []
