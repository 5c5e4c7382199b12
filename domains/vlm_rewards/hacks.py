"""Pictures of what a model was wrong about: frames that earned a reward and do not show the goal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

MOST, COLUMNS = 8, 4
SCALE, LINE, GAP = 4, 14, 8
"""Pixels of a pixel, of a line of words, between frames."""


class Hack(NamedTuple):
    """A frame that was rewarded for nothing."""

    frame: NDArray[np.uint8]
    """(height, width, 3)."""
    goal: str
    chance: float
    """How likely the model found it."""


def keep(hacks: Sequence[Hack], file: Path) -> None:
    """Draw those that the model was surest of, one for each goal first; no file where there are none."""
    best = sorted(hacks, key=lambda one: -one.chance)
    first = list({one.goal: one for one in reversed(best)}.values())
    rest = [one for one in best if all(one is not other for other in first)]
    chosen = [*sorted(first, key=lambda one: -one.chance), *rest][:MOST]
    if chosen:
        sheet(chosen).save(file)


def sheet(hacks: Sequence[Hack]) -> Image.Image:
    """Frames side by side, each with its goal and chance beneath."""
    height, width = (side * SCALE for side in hacks[0].frame.shape[:2])
    rows = -(-len(hacks) // COLUMNS)
    across, down = width + GAP, height + 2 * LINE + GAP
    picture = Image.new("RGB", (COLUMNS * across + GAP, rows * down + GAP), "white")
    pen = ImageDraw.Draw(picture)
    for place, hack in enumerate(hacks):
        left, top = GAP + place % COLUMNS * across, GAP + place // COLUMNS * down
        picture.paste(Image.fromarray(hack.frame).resize((width, height), Image.Resampling.NEAREST), (left, top))
        pen.text((left, top + height), f"“{hack.goal.removeprefix('the robot is ')}”", "black")
        pen.text((left, top + height + LINE), f"p = {hack.chance:.3f}, and it is not", "black")
    return picture
