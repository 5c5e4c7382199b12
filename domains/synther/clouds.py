"""Rows as clouds of points, side by side: what was learned from, what was made of it, and what there really is."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
from numpy.typing import NDArray

from wunderkammer.learners.experience import Transitions

SIDE, GAP, LINE = 240, 24, 34
MOST = 1200
"""Points of a cloud."""
DOT, INK, RULE = "#2f4a86", "#1b1a17", "#d8d2c4"
SHARES = (0.005, 0.995)
"""What is drawn of the range of the last cloud; what lies outside is put on the border."""


def clouds(found: Mapping[str, Transitions]) -> str:
    """SVG: one cloud for each; the last, which is the real one, sets the scale. Across and up are the two first
    principal directions of the real rows' observations, the same for all."""
    real = list(found.values())[-1].observation
    middle, deviation = real.mean(0), np.where(real.std(0) > 1e-6, real.std(0), 1.0)
    _, _, directions = np.linalg.svd((real - middle) / deviation, full_matrices=False)
    plane = {name: ((one.observation - middle) / deviation) @ directions[:2].T for name, one in found.items()}
    flat = list(plane.values())[-1]
    low, high = np.quantile(flat, SHARES[0], axis=0), np.quantile(flat, SHARES[1], axis=0)
    parts = [_cloud(name, _some(points), low, high, place) for place, (name, points) in enumerate(plane.items())]
    width = GAP + len(parts) * (SIDE + GAP)
    box = f'viewBox="0 0 {width} {SIDE + LINE + GAP}" font-family="sans-serif" font-size="12"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {box}>', *parts, "</svg>"])


def _some(points: NDArray[np.floating]) -> NDArray[np.floating]:
    """From everywhere: the first rows of a replay are those of somebody who had learned nothing."""
    return points[np.linspace(0, len(points) - 1, min(len(points), MOST)).astype(int)]


def _cloud(
    name: str, points: NDArray[np.floating], low: NDArray[np.floating], high: NDArray[np.floating], place: int
) -> str:
    size = np.where(high - low > 1e-9, high - low, 1.0)
    at = np.clip((points - low) / size, 0, 1) * SIDE
    dots = "".join(f"M{x:.0f} {SIDE - y:.0f}h.01" for x, y in at)
    return (
        f'<g transform="translate({GAP + place * (SIDE + GAP)} {LINE})">'
        f'<text y="-10" fill="{INK}">{escape(name)}</text>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="{RULE}"/>'
        f'<path d="{dots}" stroke="{DOT}" stroke-width="2.4" stroke-linecap="round" stroke-opacity="0.35"/></g>'
    )
