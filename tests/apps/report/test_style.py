"""The style sheet: its scale is readable for everyone, in light and in dark."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from wunderkammer.apps.report.grid import STEPS

STYLE = files("wunderkammer.apps.report").joinpath("style.css").read_text("utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\n\s*\}", STYLE, re.DOTALL)[:2]
INK = "#14130f"


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("block", "sign"), [(LIGHT, -1), (DARK, 1)], ids=["light", "dark"])
def test_lightness_alone_orders_the_scale(block: str, sign: int) -> None:
    steps = [luminance(colours(block)[f"q{i}"]) for i in range(STEPS)]
    assert [sign * s for s in steps] == sorted(sign * s for s in steps)
    ratios = [contrast(colours(block)[f"q{i}"], colours(block)[f"q{i + 1}"]) for i in range(STEPS - 1)]
    assert min(ratios) > 1.15  # neighbours differ without any hue


@pytest.mark.parametrize("block", [LIGHT, DARK], ids=["light", "dark"])
def test_words_on_colours_and_on_paper_are_readable(block: str) -> None:
    found = colours(block)
    for step in range(STEPS):
        word = INK if step in (4, 5) else found["on-low"] if step < 4 else found["on-high"]
        assert contrast(found[f"q{step}"], word) >= 4.5, step
    for word in ("ink", "soft", "accent", "warm"):
        assert contrast(found["paper"], found[word]) >= 4.5, word


def test_every_step_has_a_class() -> None:
    assert re.findall(r"\.q(\d) \{ --q", STYLE) == [str(i) for i in range(STEPS)]
