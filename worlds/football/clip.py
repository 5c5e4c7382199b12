"""A match as a moving picture, and two from the same level side by side."""

from __future__ import annotations

import io

import imageio.v3 as imageio
import numpy as np
from numpy.typing import NDArray

from wunderkammer.worlds.football import picture
from wunderkammer.worlds.football.match import Trace

MS_PER_STEP, LAST_MS = 80, 1500
GAP = 8
"""Pixels between two matches side by side."""
Frames = NDArray[np.uint8]


def frames(trace: Trace) -> Frames:
    """(1 + steps, height, width, 3): the beginning, then what was after each step."""
    moments = zip(trace.place, trace.heading, trace.down, trace.ball, trace.air, strict=True)
    return np.stack([picture.draw(*moment) for moment in moments])


def gif(trace: Trace) -> bytes:
    """An animated GIF that plays for ever and rests on the end."""
    return encode(frames(trace))


def side_by_side(first: Trace, second: Trace) -> bytes:
    """Two matches in one GIF, the first above; the shorter waits at its end for the other."""
    shown = [frames(first), frames(second)]
    most = max(map(len, shown))
    longer = [np.concatenate([own, np.repeat(own[-1:], most - len(own), axis=0)]) for own in shown]
    gap = np.full((most, GAP, *shown[0].shape[2:]), 255, np.uint8)
    return encode(np.concatenate([longer[0], gap, longer[1]], axis=1))


def encode(shown: Frames) -> bytes:
    """Pictures as a GIF."""
    out = io.BytesIO()
    durations = [MS_PER_STEP] * (len(shown) - 1) + [LAST_MS]
    imageio.imwrite(out, shown, extension=".gif", duration=durations, loop=0)
    return out.getvalue()
