"""Charts are legible with any colour vision: their colours stay apart when seen as dichromats see them."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from corridors.report import style

# Machado, Oliveira & Fernandes 2009, severity 1, for linear RGB
SEEN = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ @ np.ones(3)
APART = 10.0  # CIE 1976 colour difference; 2.3 is just noticeable
TEXT = 4.5  # WCAG 2.2, contrast of text


def linear(colour: str) -> NDArray[np.float64]:
    rgb = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour: str, vision: str) -> NDArray[np.float64]:
    xyz = TO_XYZ @ np.clip(SEEN[vision] @ linear(colour), 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", SEEN)
@pytest.mark.parametrize("name", ["LOADS", "STATUS", "SPENT", "VERDICT"])
def test_colours_of_a_legend_stay_apart(name: str, vision: str) -> None:
    colours = getattr(style, name)
    for one, other in combinations(colours, 2):
        difference = float(np.linalg.norm(lab(colours[one], vision) - lab(colours[other], vision)))
        assert difference > APART, f"{one} and {other}: {difference:.1f}"


def test_a_fuller_line_is_darker_or_warmer_and_prints_apart_in_grey() -> None:
    light = {name: lab(colour, "usual")[0] for name, colour in style.LOADS.items()}
    assert light["under half full"] > light["half to four fifths full"] > light["full"]
    assert light["nearly full"] > light["full"] + 20


@pytest.mark.parametrize("ground", ["#ffffff", style.SEA, style.LAND])
def test_words_can_be_read_on_every_ground(ground: str) -> None:
    dark, light = sorted(float((TO_XYZ @ linear(colour))[1]) for colour in (style.INK, ground))
    assert (light + 0.05) / (dark + 0.05) > TEXT
