"""Colours that people with any eyes can tell from the background and from each other."""

from __future__ import annotations

import math

import pytest

from ui.modes import MODES, Mode
from ui.palette import MUTED, SURFACE, TEXT, colour, see_through

LOOKS = ("light", "dark")
# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TOLD_APART = 15
"""CIE76 distance from which areas side by side are clearly different."""


def linear(hex_colour: str) -> list[float]:
    parts = [int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    lights = [
        sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) + 0.05
        for c in (one, other)
    ]
    return max(lights) / min(lights)


def lab(hex_colour: str, eyes: str) -> tuple[float, float, float]:
    seen = [
        min(1.0, max(0.0, sum(w * p for w, p in zip(row, linear(hex_colour), strict=True))))
        for row in EYES[eyes]
    ]
    white = (0.95047, 1.0, 1.08883)
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    x, y, z = (
        _lightness(sum(w * p for w, p in zip(row, seen, strict=True)) / at_white)
        for row, at_white in zip(to_xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _lightness(part: float) -> float:
    return part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.number)
def test_every_segment_stands_out_from_the_background(mode: Mode, look: str) -> None:
    for segment in mode.segments:
        assert contrast(colour(mode.number, segment, look), SURFACE[look]) >= 3


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.number)
def test_segments_of_a_mode_are_told_apart(mode: Mode, look: str, eyes: str) -> None:
    colours = [lab(colour(mode.number, segment, look), eyes) for segment in mode.segments]
    for i, one in enumerate(colours):
        for other in colours[i + 1 :]:
            assert math.dist(one, other) >= TOLD_APART


@pytest.mark.parametrize("look", LOOKS)
def test_words_are_legible(look: str) -> None:
    assert contrast(TEXT[look], SURFACE[look]) >= 7
    assert contrast(MUTED[look], SURFACE[look]) >= 4.5


def test_a_colour_can_be_made_see_through() -> None:
    assert see_through("#0069e6", 0.5) == "rgba(0,105,230,0.5)"
